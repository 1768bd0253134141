#include "cli/follow.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "main/signals.h"

#include <errno.h>
#include <stdio.h>

/* clang-format off */
const struct option_def tail_options[] = {
    { "source", OPTION_TEXT, "PREFIX", "Only sources in this prefix" },
    { "persona", OPTION_TEXT, "ID", "Only with this persona" },
    { "port", OPTION_INT, "PORT", "Only to this port" },
    { "from", OPTION_TIME, "TIME", "Also what was told since then (else: from now on)" },
    { 0 },
};
/* clang-format on */

const char tail_details[] =
    "Shows what happens at the trap, a line an event, within a second: the time, the session, who, as which device,\n"
    "and the event with its fields. It ends when it is told to (Ctrl-C). --json prints a JSON object a line, as in\n"
    "events[] of 'teiten session', with the session and its source. TIME is as 'teiten sessions --help' tells.";

enum { LINE_MOST = 1 << 20 };

struct tail {
    struct store *store;
    bool json;
    struct session_facts facts; /* whose events are told */
    uint64_t skip, left;        /* of its events: shown before; to be shown */
    bool unwritten;
};

static void put_line(struct buf *b, const struct tail *t, const struct session_event *e)
{
    char time[TIME_TEXT], id[SESSION_NAME], source[ADDR_TEXT];
    buf_print(b, "%s %s %s ", time_text_us(e->time, time), session_name(e->session, id),
              t->facts.source.family ? addr_text(&t->facts.source, source) : "-");
    session_words(b, t->facts.persona);
    buf_print(b, " %s", session_type_name(e->type));
    session_fields(b, e);
    buf_u8(b, '\n');
}

static int put_json(struct buf *b, const struct tail *t, const struct session_event *e)
{
    struct session_event with = *e;
    with.has &= ~(UINT64_C(1) << FIELD_CONTENT);
    if (!session_has(&with, FIELD_SOURCE) && t->facts.source.family)
        session_set_address(&with, FIELD_SOURCE, &t->facts.source);
    return session_json_line(b, &with);
}

static int take_event(void *context, const struct session_event *e)
{
    struct tail *t = context;
    struct buf b;
    if (t->skip) {
        t->skip--;
        return 0;
    }
    if (!t->left)
        return 0;
    t->left--;
    buf_init(&b, LINE_MOST);
    int err = 0;
    if (t->json)
        err = put_json(&b, t, e);
    else
        put_line(&b, t, e);
    if (!err && buf_ok(&b) && fwrite(b.data, 1, b.len, stdout) != b.len) {
        err = errno ? -errno : -EIO;
        t->unwritten = true;
    }
    buf_release(&b);
    return err;
}

static int take_session(void *context, const struct session_facts *facts, uint64_t shown)
{
    struct tail *t = context;
    t->facts = *facts;
    t->skip = shown;
    t->left = facts->events - shown;
    TRY(store_session_events(t->store, facts->id, take_event, t));
    if (fflush(stdout) == 0)
        return 0;
    t->unwritten = true;
    return errno ? -errno : -EIO;
}

int cmd_tail(struct cli *cli)
{
    struct follow f = { .skip = !cli_value(cli, "from") };
    struct tail t = { .json = cli->format == OUT_JSON };
    struct prefix within;
    if (cli->format == OUT_CSV)
        return cli_usage(cli, "--csv", "does not fit events, which have fields of their own; --json does");
    int code = sessions_filter(cli, 0, &f.filter, &within);
    if (!code)
        code = commands_open_store(cli, STORE_READ, &t.store);
    if (code)
        return code;
    f.store = t.store;
    f.newest = (f.skip ? time_now() : f.filter.since) * US_A_S;
    signals_catch();
    int err = follow_on(&f, take_session, &t);
    if (t.unwritten)
        code = err == -EPIPE ? CLI_DONE : cli_trouble("standard output", err, NULL);
    else if (err && !signals_stop)
        code = sessions_failed(cli, t.store, err);
    follow_release(&f);
    store_close(t.store);
    return code;
}
