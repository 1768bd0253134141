/*
 * The lists of `teiten top` that are about sessions.
 */
#include "cli/ask.h"
#include "cli/sessions.h"

#include <stdio.h>
#include <string.h>

static const struct column columns[] = {
    { "name", COLUMN_TEXT, NULL, 0, false },      { "count", COLUMN_INT, NULL, 0, false },
    { "sources", COLUMN_INT, NULL, 0, false },    { "rank", COLUMN_INT, NULL, 0, false },
    { "previous", COLUMN_INT, NULL, 0, false },   { "previous_rank", COLUMN_INT, NULL, 0, false },
};
static const struct column table[] = {
    { "rank", COLUMN_INT, "Rank", 0, false },     { "was", COLUMN_TEXT, "Was", 0, false },
    { "count", COLUMN_INT, "Count", 0, false },   { "previous", COLUMN_INT, "Before", 0, false },
    { "sources", COLUMN_INT, "Sources", 0, false }, { "name", COLUMN_TEXT, "Name", 0, false },
};

static const struct {
    const char *word, *title;
} topics[SESSION_TOPICS] = {
    [TOP_CREDENTIALS] = { "credentials", "User/password pairs that were tried" },
    [TOP_COMMANDS] = { "commands", "Lines that were typed" },
    [TOP_DOWNLOADS] = { "downloads", "Addresses of downloads" },
    [TOP_PERSONAS] = { "personas", "Personas by sessions" },
    [TOP_UNKNOWN] = { "unknown-commands", "Commands that the device does not have" },
    [TOP_ENTRIES] = { "entries", "Known ways in that requests by HTTP named" },
    [TOP_PROTOCOLS] = { "protocols", "Protocols that were spoken at ports that no service is behind" },
    [TOP_DATAGRAMS] = { "datagrams", "What datagrams of exchanges were" },
    [TOP_CPUS] = { "cpus", "CPUs of the programs that came" },
    [TOP_FAMILIES] = { "families", "Families of the programs that came, and groups of those that are alike" },
    [TOP_DISTRIBUTORS] = { "distributors", "Servers that programs came from" },
};

bool top_sessions_find(const char *word, enum session_topic *ret)
{
    for (unsigned i = 0; i < SESSION_TOPICS; i++)
        if (strcmp(word, topics[i].word) == 0) {
            *ret = (enum session_topic)i;
            return true;
        }
    return false;
}

struct rows {
    struct out out;
    bool begun, is_table;
    const bool *compared;
    const struct cli *cli;
};

static void begin(struct rows *r)
{
    if (r->begun)
        return;
    r->begun = true;
    if (r->is_table)
        cli_rows(r->cli, &r->out, table, sizeof table / sizeof table[0]);
    else
        cli_rows(r->cli, &r->out, columns, sizeof columns / sizeof columns[0]);
}

static void put_known(struct out *o, bool known, uint64_t n)
{
    if (known)
        out_count(o, n);
    else
        out_null(o);
}

static void put_table(struct rows *r, const struct session_named *n, const char *name)
{
    char was[24] = "new";
    if (n->previous_rank)
        snprintf(was, sizeof was, "(%llu)", (unsigned long long)n->previous_rank);
    out_count(&r->out, n->rank);
    out_text(&r->out, *r->compared ? was : NULL);
    out_count(&r->out, n->count);
    put_known(&r->out, *r->compared, n->previous);
    out_count(&r->out, n->sources);
    out_text(&r->out, name);
}

static int put_row(void *context, const struct session_named *n)
{
    struct rows *r = context;
    struct buf b;
    buf_init(&b, 1 << 16);
    session_text(&b, n->name, n->n);
    buf_u8(&b, 0);
    const char *name = buf_ok(&b) ? (const char *)b.data : "";
    begin(r);
    if (r->is_table) {
        put_table(r, n, name);
    } else {
        out_text(&r->out, name);
        out_count(&r->out, n->count);
        out_count(&r->out, n->sources);
        out_count(&r->out, n->rank);
        put_known(&r->out, *r->compared, n->previous);
        put_known(&r->out, *r->compared && n->previous_rank, n->previous_rank);
    }
    int err = buf_status(&b);
    buf_release(&b);
    return err;
}

static int answer(struct ask *ask, enum session_topic topic)
{
    bool compared = false;
    struct rows r = { .is_table = ask->cli->format == OUT_TABLE, .compared = &compared, .cli = ask->cli };
    struct period before = period_previous(&ask->period, ask->q.zone);
    const struct session_top t = { .topic = topic,
                                   .before = before.from,
                                   .from = ask->period.from,
                                   .to = ask->period.to,
                                   .limit = ask->q.limit,
                                   .deadline = ask->q.deadline,
                                   .cancel = ask->q.cancel };
    if (r.is_table)
        ask_heading(ask, topics[topic].title);
    int err = store_session_top(ask->store, &t, &compared, put_row, &r);
    if (!r.is_table && !err)
        begin(&r);
    uint64_t n = r.begun ? r.out.rows : 0;
    int code = r.begun ? cli_rows_end(&r.out) : CLI_DONE;
    if (err)
        return ask_failed(ask, err);
    if (r.is_table && n == 0)
        puts("Nothing of this was met.");
    if (r.is_table && ask->q.limit && n >= ask->q.limit)
        printf("\nThe first %zu; --limit 0 shows all.\n", ask->q.limit);
    if (r.is_table && n && !compared)
        puts("\nOf the equal period before no sessions are kept: no comparison.");
    return code;
}

int top_sessions(struct cli *cli, enum session_topic topic)
{
    static const char *const packets[] = { "--proto", "--port", "--kind", "--fingerprint", "--source" };
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++)
        if (cli_value(cli, packets[i] + 2))
            return cli_usage(cli, packets[i], "goes with lists of packets only");
    struct ask ask;
    int code = ask_begin(&ask, cli, ASK_SOURCES, STEP_HOUR, false);
    if (!code)
        code = answer(&ask, topic);
    ask_end(&ask);
    return code;
}
