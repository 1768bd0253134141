#include "cli/ask.h"

#include "cli/bar.h"
#include "cli/sessions.h"
#include "trend/series.h"
#include "trend/top.h"

#include <math.h>
#include <string.h>

/* clang-format off */
const struct option_def top_options[] = {
    ASK_PERIOD_OPTIONS, ASK_SERVICE_OPTIONS, ASK_KIND_OPTION, ASK_FINGERPRINT_OPTION,
    ASK_SOURCE_OPTION, ASK_LIMIT_OPTION,
    { 0 },
};

const char top_details[] =
    "The greatest by accesses, beside the equally long period before. previous is what was counted\n"
    "then, previous_rank its rank; both are null where that period was not observed or is kept no\n"
    "more, and the rank where the row was not there. change compares the rates per observed address\n"
    "and day of both periods, as a share: 0.5 is half as much again.\n\n"
    "credentials, commands, downloads, personas, unknown-commands (what was typed that the device does\n"
    "not have), protocols (what was said first at ports that no service is behind), entries (known ways in\n"
    "that were asked for by HTTP) and datagrams (what those of exchanges at 53413/UDP were) are of sessions\n"
    "at the trap: how often, from how many sources. cpus, families (groups of those that are alike where no\n"
    "rule names one) and distributors are of the programs that came. They take --from, --to and --limit. A name's count is\n"
    "exact; so is its previous one.\n\n"
    ASK_PERIOD_DETAILS "\n" ASK_COUNT_DETAILS "\n" ASK_FINGERPRINT_DETAILS;

static const struct column port_columns[] = {
    { "proto", COLUMN_TEXT, NULL, 0, false },
    { "port", COLUMN_INT, NULL, 0, false },
    { "accesses", COLUMN_INT, NULL, 0, false },
    { "packets", COLUMN_INT, NULL, 0, false },
    { "sources", COLUMN_INT, NULL, 0, false },
    { "rank", COLUMN_INT, NULL, 0, false },
    { "previous", COLUMN_INT, NULL, 0, false },
    { "previous_rank", COLUMN_INT, NULL, 0, false },
    { "change", COLUMN_REAL, NULL, 4, false },
    { "per_address_day", COLUMN_REAL, NULL, 6, false },
    { "estimated", COLUMN_BOOL, NULL, 0, false },
};

static const struct column name_columns[] = {
    { "name", COLUMN_TEXT, NULL, 0, false },
    { "accesses", COLUMN_INT, NULL, 0, false },
    { "packets", COLUMN_INT, NULL, 0, false },
    { "sources", COLUMN_INT, NULL, 0, false },
    { "rank", COLUMN_INT, NULL, 0, false },
    { "previous", COLUMN_INT, NULL, 0, false },
    { "previous_rank", COLUMN_INT, NULL, 0, false },
    { "change", COLUMN_REAL, NULL, 4, false },
    { "per_address_day", COLUMN_REAL, NULL, 6, false },
    { "estimated", COLUMN_BOOL, NULL, 0, false },
};

static const struct column table_columns[] = {
    { "rank", COLUMN_INT, "Rank", 0, false },
    { "before", COLUMN_TEXT, "Was", 0, false },
    { "name", COLUMN_TEXT, "Name", 0, false },
    { "counted", COLUMN_INT, "Accesses", 0, false },
    { "change", COLUMN_TEXT, "Change", 0, false },
    { "sources", COLUMN_INT, "Sources", 0, false },
    { "per_address_day", COLUMN_REAL, "Per address and day", 2, false },
    { "bar", COLUMN_TEXT, "", 0, false },
};
/* clang-format on */

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])
enum { TABLE = LENGTH(table_columns), NAME_AT = 2, COUNTED_AT = 3, SOURCES_AT = 5, BAR_AT = 7 };
enum { REST = 88, BAR_MOST = 30, BAR_LEAST = 6 };

struct topic {
    const char *word;
    enum store_topic topic;
    const char *heading; /* over the names */
    const char *title;   /* over the table */
};

static const struct topic topics[] = {
    { "ports", ASK_SERVICES, "Port", "Ports" },
    { "sources", ASK_SOURCES, "Source", "Sources" },
    { "fingerprints", ASK_FINGERPRINTS, "Fingerprint", "Fingerprints" },
};

enum { NAME_TEXT = 160 };

static const char *name_of(struct ask *ask, const struct answer *a, char text[static NAME_TEXT])
{
    switch (ask->q.topic) {
    case ASK_SERVICES:
        return service_text(a->proto, a->port, ask->q.kinds, text);
    case ASK_SOURCES:
        return addr_text(&a->source, text);
    default:
        return ask_fingerprint_name(ask, a->fingerprint);
    }
}

static void put_sources(struct out *o, const struct ask *ask, const struct answer *a)
{
    if (ask->q.topic == ASK_SOURCES)
        out_int(o, 1);
    else if (a->sources == ANSWER_UNKNOWN)
        out_null(o);
    else
        out_int(o, a->sources);
}

static void put_previous(struct out *o, const struct top *top, const struct top_row *row)
{
    if (top->compared)
        out_count(o, row->previous);
    else
        out_null(o);
    if (row->previous_rank)
        out_count(o, row->previous_rank);
    else
        out_null(o);
    out_real(o, row->change);
}

static void put_row(struct out *o, struct ask *ask, const struct top *top, const struct top_row *row)
{
    char text[NAME_TEXT];
    if (ask->q.topic == ASK_SERVICES) {
        out_text(o, proto_name(row->answer.proto));
        out_int(o, row->answer.port);
    } else {
        out_text(o, name_of(ask, &row->answer, text));
    }
    out_count(o, row->answer.accesses);
    out_count(o, row->answer.packets);
    put_sources(o, ask, &row->answer);
    out_count(o, row->rank);
    put_previous(o, top, row);
    out_real(o, row->per_address_day);
    out_bool(o, top->exposure.estimated);
}

static int show_rows(struct ask *ask, const struct top *top)
{
    struct out o;
    bool ports = ask->q.topic == ASK_SERVICES;
    cli_rows(ask->cli, &o, ports ? port_columns : name_columns,
             ports ? LENGTH(port_columns) : LENGTH(name_columns));
    for (size_t i = 0; i < top->n; i++)
        put_row(&o, ask, top, &top->row[i]);
    return cli_rows_end(&o);
}

/* ---- for people ---- */

static void put_before(struct out *o, const struct top *top, const struct top_row *row)
{
    char text[24] = "";
    if (row->previous_rank)
        snprintf(text, sizeof text, "(%zu)", row->previous_rank);
    out_text(o, !top->compared ? NULL : row->previous_rank ? text : "new");
}

static void put_change(struct out *o, double change)
{
    char text[32];
    if (!isfinite(change))
        out_null(o);
    else if (change < 9.995) {
        snprintf(text, sizeof text, "%+.0f %%", change * 100);
        out_text(o, text);
    } else {
        snprintf(text, sizeof text, "x %.0f", change + 1);
        out_text(o, text);
    }
}

static void put_bar(struct out *o, double share, unsigned width)
{
    struct buf bar;
    buf_init(&bar, 512);
    bar_share(&bar, share, width, screen_utf8(), false);
    buf_u8(&bar, '\0');
    out_text(o, buf_ok(&bar) ? (const char *)bar.data : "");
    buf_release(&bar);
}

static void put_table_row(struct out *o, struct ask *ask, const struct top *top,
                          const struct top_row *row, unsigned width)
{
    char text[NAME_TEXT];
    double most = (double)top->row[0].counted;
    out_count(o, row->rank);
    put_before(o, top, row);
    out_text(o, name_of(ask, &row->answer, text));
    out_count(o, row->counted);
    put_change(o, row->change);
    put_sources(o, ask, &row->answer);
    out_real(o, row->per_address_day);
    put_bar(o, most > 0 ? (double)row->counted / most : 0, width);
}

static int show_table(struct ask *ask, const struct top *top, const struct topic *topic)
{
    struct column shown[TABLE];
    struct out o;
    unsigned screen = screen_width(stdout);
    unsigned width = screen > REST + BAR_LEAST ? screen - REST : BAR_LEAST;
    width = width > BAR_MOST ? BAR_MOST : width;
    memcpy(shown, table_columns, sizeof shown);
    shown[NAME_AT].heading = topic->heading;
    shown[SOURCES_AT].hide = ask->q.topic == ASK_SOURCES;
    shown[BAR_AT].hide = screen == 0;
    if (!counts_accesses(&ask->q))
        shown[COUNTED_AT].heading = "Packets";
    ask_heading(ask, topic->title);
    if (top->n) {
        cli_rows(ask->cli, &o, shown, TABLE);
        for (size_t i = 0; i < top->n; i++)
            put_table_row(&o, ask, top, &top->row[i], width);
        int code = cli_rows_end(&o);
        if (code)
            return code;
    }
    ask_remarks(ask, &top->exposure, top->n);
    if (top->n && !top->compared)
        puts("\nThe equal period before was not observed or is kept no more: no comparison.");
    return CLI_DONE;
}

static const struct topic *find_topic(const char *word)
{
    for (size_t i = 0; i < LENGTH(topics); i++)
        if (strcmp(word, topics[i].word) == 0)
            return &topics[i];
    return NULL; /* the table of commands checks the word */
}

static int answer(struct ask *ask, const struct topic *topic)
{
    struct top top;
    ask->q.bare = topic->topic == ASK_SOURCES; /* of its rows neither is shown */
    struct period before = period_previous(&ask->period, ask->q.zone);
    int err = top_ask(&top, ask->store, &ask->q, &before);
    if (err)
        return ask_failed(ask, err);
    int code = ask->cli->format == OUT_TABLE ? show_table(ask, &top, topic) : show_rows(ask, &top);
    top_release(&top);
    return code;
}

int cmd_top(struct cli *cli)
{
    enum session_topic of_sessions;
    if (top_sessions_find(cli->arguments[0], &of_sessions))
        return top_sessions(cli, of_sessions);
    const struct topic *topic = find_topic(cli->arguments[0]);
    if (!topic)
        return cli_usage(cli, cli->arguments[0], "is no list");
    if (topic->topic == ASK_FINGERPRINTS && cli_flag(cli, "kind"))
        return cli_usage(cli, "--kind", "does not go with fingerprints, which accesses alone have");
    struct ask ask;
    int code = ask_begin(&ask, cli, topic->topic, STEP_HOUR, false);
    if (!code)
        code = answer(&ask, topic);
    ask_end(&ask);
    return code;
}
