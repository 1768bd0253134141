#include "cli/ask.h"

#include "base/time.h"
#include "cli/bar.h"
#include "trend/series.h"

#include <string.h>

/* clang-format off */
const struct option_def series_options[] = {
    { "every", OPTION_CHOICE, "minute|hour|day", "Length of a step (else hour; day past 7 days)" },
    ASK_PERIOD_OPTIONS, ASK_SERVICE_OPTIONS, ASK_KIND_OPTION, ASK_FINGERPRINT_OPTION,
    ASK_SOURCE_OPTION,
    { "limit", OPTION_INT, "N", "The last N steps only (else all; 0: all)" },
    { 0 },
};

const char series_details[] =
    "A row a step: accesses, packets, distinct sources, and accesses per day per observed address.\n"
    "A step in which nothing was observed is a gap, not 0. Distinct sources are not kept by minute.\n"
    "Days are cut in report.zone; without --from they go back 30 days.\n\n"
    ASK_PERIOD_DETAILS "\n" ASK_COUNT_DETAILS "\n" ASK_FINGERPRINT_DETAILS;

static const struct column columns[] = {
    { "time", COLUMN_TIME, NULL, 0, false },
    { "accesses", COLUMN_INT, NULL, 0, false },
    { "packets", COLUMN_INT, NULL, 0, false },
    { "sources", COLUMN_INT, NULL, 0, false },
    { "per_address_day", COLUMN_REAL, NULL, 6, false },
    { "estimated", COLUMN_BOOL, NULL, 0, false },
};

static const struct column table_columns[] = {
    { "time", COLUMN_TEXT, "Time (UTC)", 0, false },
    { "accesses", COLUMN_INT, "Accesses", 0, false },
    { "packets", COLUMN_INT, "Packets", 0, false },
    { "sources", COLUMN_INT, "Sources", 0, false },
    { "per_address_day", COLUMN_REAL, "Per address and day", 1, false },
    { "bar", COLUMN_TEXT, "", 0, false },
};
static const struct column day_columns[] = { { "time", COLUMN_TEXT, "Day", 0, false } };
/* clang-format on */

enum { COLUMNS = sizeof columns / sizeof columns[0], REST = 76, BAR_MOST = 40, BAR_LEAST = 6 };

static void put_counts(struct out *o, const struct series_row *row)
{
    if (!row->observed) {
        for (int i = 0; i < 4; i++)
            out_null(o);
        return;
    }
    out_count(o, row->accesses);
    out_count(o, row->packets);
    if (row->sources == ANSWER_UNKNOWN)
        out_null(o);
    else
        out_int(o, row->sources);
    out_real(o, row->per_address_day);
}

/* "2026-03-01 12:00", or of a day its date. */
static void put_when(struct out *o, const struct ask *ask, int64_t when)
{
    char text[TIME_TEXT];
    if (ask->q.step == STEP_DAY) {
        time_day_text(when, ask->q.zone, text);
    } else {
        time_text(when, text);
        text[strlen("2026-03-01")] = ' ';
        text[strlen("2026-03-01T12:00")] = '\0';
    }
    out_text(o, text);
}

static void put_bar(struct out *o, double value, double most, unsigned width)
{
    struct buf bar;
    buf_init(&bar, 512);
    bar_share(&bar, most > 0 ? value / most : 0, width, screen_utf8(), false);
    buf_u8(&bar, '\0');
    out_text(o, buf_ok(&bar) ? (const char *)bar.data : "");
    buf_release(&bar);
}

/* What the bars show: counts, which are there for every observed step. */
static double height(const struct ask *ask, const struct series_row *row)
{
    return row->observed ? (double)(counts_accesses(&ask->q) ? row->accesses : row->packets) : 0;
}

static int show_table(const struct ask *ask, const struct series *s, size_t first)
{
    struct column shown[COLUMNS];
    struct out o;
    double most = 0;
    unsigned screen = screen_width(stdout);
    unsigned width = screen > REST + BAR_LEAST ? screen - REST : BAR_LEAST;
    width = width > BAR_MOST ? BAR_MOST : width;
    memcpy(shown, table_columns, sizeof shown);
    if (ask->q.step == STEP_DAY)
        shown[0] = day_columns[0];
    shown[COLUMNS - 1].hide = screen == 0;
    for (size_t i = first; i < s->n; i++)
        if (height(ask, &s->row[i]) > most)
            most = height(ask, &s->row[i]);
    ask_heading(ask, "Counted");
    cli_rows(ask->cli, &o, shown, COLUMNS);
    for (size_t i = first; i < s->n; i++) {
        put_when(&o, ask, s->row[i].time);
        put_counts(&o, &s->row[i]);
        put_bar(&o, height(ask, &s->row[i]), most, width);
    }
    int code = cli_rows_end(&o);
    if (!code)
        ask_remarks(ask, &s->exposure, s->n);
    return code;
}

static int show_rows(const struct ask *ask, const struct series *s, size_t first)
{
    struct out o;
    cli_rows(ask->cli, &o, columns, COLUMNS);
    for (size_t i = first; i < s->n; i++) {
        out_time(&o, s->row[i].time);
        put_counts(&o, &s->row[i]);
        out_bool(&o, s->row[i].estimated);
    }
    return cli_rows_end(&o);
}

static int chosen_step(const struct cli *cli)
{
    const char *every = cli_value(cli, "every");
    for (int step = STEP_MINUTE; every && step <= STEP_DAY; step++)
        if (strcmp(every, step_name((enum store_step)step)) == 0)
            return step;
    return -1;
}

int cmd_series(struct cli *cli)
{
    struct ask ask;
    struct series series;
    int code = ask_begin(&ask, cli, ASK_SERIES, chosen_step(cli), false);
    if (!code) {
        int err = series_ask(&series, ask.store, &ask.q);
        if (err) {
            code = ask_failed(&ask, err);
        } else {
            size_t limit = (size_t)cli_int(cli, "limit", 0);
            size_t first = limit && limit < series.n ? series.n - limit : 0;
            code = cli->format == OUT_TABLE ? show_table(&ask, &series, first)
                                            : show_rows(&ask, &series, first);
            series_release(&series);
        }
    }
    ask_end(&ask);
    return code;
}
