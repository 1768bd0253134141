#include "cli/sessions.h"

#include "base/time.h"
#include "main/signals.h"

#include <stdio.h>

/* clang-format off */
const struct option_def sessions_options[] = {
    { "source", OPTION_TEXT, "PREFIX", "Only sources in this prefix" },
    { "user", OPTION_TEXT, "NAME", "Only where this user name was tried, with --password together" },
    { "password", OPTION_TEXT, "WORD", "Only where this password was tried" },
    { "command", OPTION_TEXT, "TEXT", "Only where a line that was typed has this text in it" },
    { "persona", OPTION_TEXT, "ID", "Only with this persona" },
    { "port", OPTION_INT, "PORT", "Only to this port" },
    { "from", OPTION_TIME, "TIME", "Only those that began then or later" },
    { "to", OPTION_TIME, "TIME", "Only those that began before" },
    { "limit", OPTION_INT, "N", "At most N rows (else 20; 0: all)" },
    { 0 },
};

const char sessions_details[] =
    "A row a session at the trap, the newest first: who, where, as which device, whether a log-in was\n"
    "accepted, how many lines were typed and downloads begun, and what the client's Telnet said of\n"
    "itself (its negotiation in hexadecimal, its terminal). end is null while it is open. 'teiten\n"
    "session ID' tells one in full, 'teiten replay ID' shows it.\n"
    "TIME is an instant (2026-03-01T12:00:00Z), a day (2026-03-01), a time in report.zone\n"
    "(\"2026-03-01 12:00\"), now, or an age: 90m, 24h, 7d.";

static const struct column columns[] = {
    { "id", COLUMN_TEXT, "Session", 0, false },
    { "start", COLUMN_TIME, "Start", 0, false },
    { "end", COLUMN_TIME, "End", 0, true },
    { "source", COLUMN_TEXT, "Source", 0, false },
    { "source_port", COLUMN_INT, NULL, 0, true },
    { "destination", COLUMN_TEXT, "Destination", 0, false },
    { "destination_port", COLUMN_INT, "Port", 0, false },
    { "service", COLUMN_TEXT, "Service", 0, false },
    { "persona", COLUMN_TEXT, "Persona", 0, false },
    { "logged_in", COLUMN_BOOL, "Logged in", 0, false },
    { "commands", COLUMN_INT, "Commands", 0, false },
    { "downloads", COLUMN_INT, "Downloads", 0, false },
    { "client", COLUMN_TEXT, "Client", 0, true },
};
/* clang-format on */

enum { LIMIT = 20, ASK_S = 60 };

static void put_addr(struct out *o, const struct addr *a)
{
    char text[ADDR_TEXT];
    out_text(o, a->family ? addr_text(a, text) : NULL);
}

static int put_row(void *context, const struct session_facts *f)
{
    struct out *o = context;
    char id[SESSION_ID];
    out_text(o, session_id_text(f->id, id));
    out_time(o, f->start / US_A_S);
    if (f->end)
        out_time(o, f->end / US_A_S);
    else
        out_null(o);
    put_addr(o, &f->source);
    out_int(o, f->source_port);
    put_addr(o, &f->destination);
    out_int(o, f->destination_port);
    out_text(o, f->service);
    out_text(o, f->persona);
    out_bool(o, f->logged_in);
    out_count(o, f->commands);
    out_count(o, f->downloads);
    out_text(o, f->client[0] ? f->client : NULL);
    return 0;
}

static int read_filter(const struct cli *cli, struct session_filter *f, struct prefix *within)
{
    const char *source = cli_value(cli, "source");
    int64_t port = cli_int(cli, "port", -1), limit = cli_int(cli, "limit", LIMIT);
    *f = (struct session_filter){ .user = cli_value(cli, "user"),
                                  .password = cli_value(cli, "password"),
                                  .command = cli_value(cli, "command"),
                                  .persona = cli_value(cli, "persona"),
                                  .port = port > UINT16_MAX ? UINT16_MAX + 1 : (int)port,
                                  .since = cli_time(cli, "from", 0),
                                  .until = cli_time(cli, "to", 0),
                                  .limit = (size_t)limit,
                                  .deadline = time_mono() + ASK_S * NS_A_S,
                                  .cancel = &signals_stop };
    if (source && prefix_parse(source, within))
        return cli_usage(cli, source, "is no address or prefix (as 192.0.2.0/24)");
    f->source = source ? within : NULL;
    if (f->until && f->since >= f->until)
        return cli_usage(cli, "--from", "is not before --to");
    return CLI_DONE;
}

int cmd_sessions(struct cli *cli)
{
    struct session_filter f;
    struct prefix within;
    struct store *s;
    struct out o;
    int code = read_filter(cli, &f, &within);
    if (!code)
        code = commands_open_store(cli, STORE_READ, &s);
    if (code)
        return code;
    signals_catch();
    cli_rows(cli, &o, columns, sizeof columns / sizeof columns[0]);
    int err = store_sessions(s, &f, put_row, &o);
    uint64_t n = o.rows;
    code = cli_rows_end(&o);
    if (err)
        code = sessions_failed(cli, s, err);
    else if (!code && cli->format == OUT_TABLE && n == 0)
        puts("No such session is kept.");
    else if (!code && cli->format == OUT_TABLE && n == f.limit)
        printf("\nThe first %zu; --limit 0 shows all.\n", f.limit);
    store_close(s);
    return code;
}
