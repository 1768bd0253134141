#include "cli/sessions.h"

#include "base/time.h"
#include "main/signals.h"

#include <stdio.h>

/* clang-format off */
const struct option_def sessions_options[] = {
    SESSION_FILTER_OPTIONS,
    { "limit", OPTION_INT, "N", "At most N rows (else 20; 0: all)" },
    { 0 },
};

const char sessions_details[] =
    "A row a session at the trap, the newest first: who, where, as which device, whether a log-in was\n"
    "accepted, how many lines were typed and downloads begun, and what the client's Telnet said of\n"
    "itself (its negotiation in hexadecimal, its terminal). protocol is what was said first at a port\n"
    "that no service is behind (service other); null where nothing was said, and elsewhere. end is null while it is open. 'teiten\n"
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
    { "protocol", COLUMN_TEXT, "Protocol", 0, false },
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
    char id[SESSION_NAME];
    out_text(o, session_name(f->id, id));
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
    out_text(o, f->protocol[0] ? f->protocol : NULL);
    out_text(o, f->persona);
    out_bool(o, f->logged_in);
    out_count(o, f->commands);
    out_count(o, f->downloads);
    out_text(o, f->client[0] ? f->client : NULL);
    return 0;
}

int cmd_sessions(struct cli *cli)
{
    struct session_filter f;
    struct prefix within;
    struct store *s;
    struct out o;
    int code = sessions_filter(cli, LIMIT, &f, &within);
    f.deadline = time_mono() + ASK_S * NS_A_S;
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
