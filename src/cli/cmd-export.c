#include "cli/follow.h"

#include "base/array.h"
#include "base/log.h"
#include "base/time.h"
#include "export/cowrie.h"
#include "main/signals.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const struct option_def export_options[] = {
    SESSION_FILTER_OPTIONS,
    { "limit", OPTION_INT, "N", "At most the first N sessions (else all)" },
    { "follow", OPTION_FLAG, NULL, "Then go on with what comes, until it is told to stop; from now on without --from" },
    { 0 },
};
/* clang-format on */

const char export_details[] =
    "Writes what is kept to standard output, in a form that others read. cowrie: sessions as the JSON lines of Cowrie,\n"
    "for which dashboards and rules exist: its event ids and their attributes, one session after the other as they\n"
    "began. sensor is sensor.name, outfile a made file's SHA-256, ttylog the session, which 'teiten replay' takes. A\n"
    "session that is open has no line of its end. --json and --csv are refused: the form is the lines' own.\n"
    "--follow writes the lines of an event within a second, those of several sessions among each other; only --source,\n"
    "--persona, --port and --from go with it.\n"
    "TIME is as 'teiten sessions --help' tells.";

enum { LINES_MOST = 4 << 20 /* of an event */ };

struct numbers {
    uint64_t *v;
    size_t n, room;
};

/* Only the numbers at first: who reads our lines may be slow, and a question must not last. */
static int add_number(void *context, const struct session_facts *f)
{
    struct numbers *x = context;
    TRY(ARRAY_ROOM(x->v, x->room, x->n + 1));
    x->v[x->n++] = f->id;
    return 0;
}

struct lines {
    struct store *store;
    struct cowrie c;
    struct buf b;
    const char *sensor;
    uint64_t skip, left; /* events of the session: written before, to be written */
    bool unwritten; /* standard output does not take them */
};

static int put_lines(void *context, const struct session_event *e)
{
    struct lines *l = context;
    int err = cowrie_put(&l->c, &l->b, l->sensor, e);
    bool before = l->skip > 0, told = e->type != SESSION_SPOKEN;
    l->skip -= before && told;
    if (!before && l->left == 0)
        l->b.len = 0; /* it was not there when its session was looked at */
    l->left -= !before && told && l->left;
    if (!err && !before && l->b.len && fwrite(l->b.data, 1, l->b.len, stdout) != l->b.len) {
        err = errno ? -errno : -EIO;
        l->unwritten = true;
    }
    buf_reset(&l->b);
    return err;
}

static int write_cowrie(struct cli *cli, struct store *s, const struct numbers *x)
{
    struct lines l = { .left = UINT64_MAX, .sensor = conf_text(&cli->conf, CONF_SENSOR_NAME) };
    int err = 0;
    buf_init(&l.b, LINES_MOST);
    for (size_t i = 0; !err && i < x->n; i++) {
        cowrie_begin(&l.c);
        err = signals_stop ? -EINTR : store_session_told(s, x->v[i], put_lines, &l);
    }
    buf_release(&l.b);
    if (!err && fflush(stdout)) {
        err = errno ? -errno : -EIO;
        l.unwritten = true;
    }
    if (l.unwritten)
        return err == -EPIPE ? CLI_DONE : cli_trouble("standard output", err, NULL);
    return err == -EINTR ? CLI_TROUBLE : err ? sessions_failed(cli, s, err) : CLI_DONE;
}

/* All of the session, for a line may tell of what came long before. */
static int follow_cowrie(void *context, const struct session_facts *facts, uint64_t shown)
{
    struct lines *l = context;
    cowrie_begin(&l->c);
    l->skip = shown;
    l->left = facts->events - shown;
    TRY(store_session_told(l->store, facts->id, put_lines, l));
    if (fflush(stdout) == 0)
        return 0;
    l->unwritten = true;
    return errno ? -errno : -EIO;
}

static int follow_lines(struct cli *cli, struct store *s, const struct session_filter *filter)
{
    bool past = cli_value(cli, "from") != NULL;
    struct follow f = { .store = s, .filter = *filter, .skip = !past, .newest = (past ? filter->since : time_now()) * US_A_S };
    struct lines l = { .store = s, .sensor = conf_text(&cli->conf, CONF_SENSOR_NAME) };
    buf_init(&l.b, LINES_MOST);
    int err = follow_on(&f, follow_cowrie, &l), code = CLI_DONE;
    if (l.unwritten)
        code = err == -EPIPE ? CLI_DONE : cli_trouble("standard output", err, NULL);
    else if (err && !signals_stop)
        code = sessions_failed(cli, s, err);
    buf_release(&l.b);
    follow_release(&f);
    return code;
}

int cmd_export(struct cli *cli)
{
    struct session_filter f;
    struct prefix within;
    struct store *s;
    struct numbers x = { .n = 0 };
    const char *form = cli->arguments[0];
    if (strcmp(form, "cowrie") != 0)
        return cli_usage(cli, form, "is no form of an export (cowrie)");
    if (cli->format != OUT_TABLE)
        return cli_usage(cli, cli->format == OUT_JSON ? "--json" : "--csv", "does not go with a form of others'");
    static const char *const whole[] = { "user", "password", "command", "to", "limit" };
    for (size_t i = 0; cli_flag(cli, "follow") && i < sizeof whole / sizeof whole[0]; i++)
        if (cli_value(cli, whole[i]))
            return cli_usage(cli, whole[i], "does not go with --follow");
    int code = sessions_filter(cli, 0, &f, &within);
    f.oldest_first = true;
    if (!code)
        code = commands_open_store(cli, STORE_READ, &s);
    if (code)
        return code;
    signals_catch();
    if (cli_flag(cli, "follow")) {
        code = follow_lines(cli, s, &f);
        store_close(s);
        return code;
    }
    int err = store_sessions(s, &f, add_number, &x);
    code = err ? sessions_failed(cli, s, err) : write_cowrie(cli, s, &x);
    free(x.v);
    store_close(s);
    return code;
}
