#include "cli/ask.h"

#include "base/time.h"
#include "cli/sources.h"
#include "trend/top.h"

/* clang-format off */
const struct option_def host_options[] = {
    ASK_PERIOD_OPTIONS, ASK_SERVICE_OPTIONS, ASK_KIND_OPTION, ASK_FINGERPRINT_OPTION,
    ASK_LIMIT_OPTION,
    { 0 },
};

const char host_details[] =
    "What an address, or any address of a prefix, was seen doing as a source: accesses, backscatter\n"
    "and other packets, when, to how many sensor addresses, with which fingerprints, and, in the\n"
    "table, to which ports. Without --from all that is kept is asked. Nothing seen is no trouble:\n"
    "a sentence says so, --json gives [], and the exit code is 0. By port as JSON: teiten top ports\n"
    "--source PREFIX. sessions counts those at the trap; a source of sessions alone has a row, too,\n"
    "but where --proto, --kind or --fingerprint ask for packets. 'teiten sessions --source PREFIX'\n"
    "lists them.\n"
    ASK_SOURCE_DETAILS "\n" ASK_PERIOD_DETAILS "\n" ASK_FINGERPRINT_DETAILS;

static const struct column port_columns[] = {
    { "port", COLUMN_TEXT, "Port", 0, false },
    { "accesses", COLUMN_INT, "Accesses", 0, false },
    { "packets", COLUMN_INT, "Packets", 0, false },
    { "sources", COLUMN_INT, "Sources", 0, false },
};
/* clang-format on */

static int show_ports(struct ask *ask)
{
    struct answers *answers;
    struct answer a;
    struct out o;
    char text[SERVICE_TEXT];
    ask->q.topic = ASK_SERVICES;
    int err = store_ask(ask->store, &ask->q, &answers);
    if (err)
        return ask_failed(ask, err);
    bool more = answers_next(answers, &a);
    if (!more) { /* sessions alone */
        answers_free(answers);
        return CLI_DONE;
    }
    puts("");
    cli_rows(ask->cli, &o, port_columns, sizeof port_columns / sizeof port_columns[0]);
    for (; more; more = answers_next(answers, &a)) {
        out_text(&o, service_text(a.proto, a.port, ask->q.kinds, text));
        out_count(&o, a.accesses);
        out_count(&o, a.packets);
        if (a.sources == ANSWER_UNKNOWN)
            out_null(&o);
        else
            out_int(&o, a.sources);
    }
    answers_free(answers);
    return cli_rows_end(&o);
}

static int show_table(struct ask *ask, struct seen_sessions *sessions, const char *host)
{
    char from[TIME_TEXT], to[TIME_TEXT];
    size_t n;
    int code = sources_show(ask, sessions, &n);
    if (code)
        return code;
    time_text(ask->period.from, from);
    time_text(ask->period.to, to);
    if (n == 0) {
        printf("%s has not been seen from %s to %s.\n", host, from, to);
        return CLI_DONE;
    }
    code = show_ports(ask);
    if (code)
        return code;
    if (ask->q.limit && n >= ask->q.limit)
        printf("\nThe first %zu; --limit 0 shows all.\n", n);
    printf("\n%s has been seen. Asked: %s to %s.\n", host, from, to);
    return CLI_DONE;
}

int cmd_host(struct cli *cli)
{
    struct ask ask;
    struct prefix host;
    char text[ADDR_TEXT];
    size_t n;
    if (prefix_parse(cli->arguments[0], &host))
        return cli_usage(cli, cli->arguments[0], "is no address or prefix (as 192.0.2.0/24)");
    struct seen_sessions sessions = { .n = 0 };
    bool single = host.bits == (host.addr.family == 4 ? 32 : 128);
    int code = ask_begin(&ask, cli, ASK_SOURCES, STEP_HOUR, true);
    ask.q.within = &host;
    if (!cli_flag(cli, "kind"))
        ask.q.kinds = 1u << KIND_ACCESS | 1u << KIND_BACKSCATTER | 1u << KIND_OTHER;
    if (!code) {
        int err = sources_sessions(&ask, !cli_value(cli, "from") && !cli_value(cli, "to"), &sessions);
        code = err ? ask_failed(&ask, err) : CLI_DONE;
    }
    if (!code)
        code = cli->format != OUT_TABLE ? sources_show(&ask, &sessions, &n)
                                        : show_table(&ask, &sessions, single ? addr_text(&host.addr, text)
                                                                             : prefix_text(&host, text));
    seen_sessions_release(&sessions);
    ask_end(&ask);
    return code;
}
