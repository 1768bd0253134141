#include "cli/commands.h"

#include "base/confine.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "main/ingest.h"
#include "main/signals.h"
#include "packet/link.h"
#include "packet/rare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct option_def ingest_options[] = {
    { "prefix", OPTION_TEXT, "PREFIXES",
      "The sensor's own addresses (in place of sensor.prefix); packets from them are ours" },
    { "filter", OPTION_TEXT, "EXPRESSION", "Count only frames that this capture filter selects (pcap-filter)" },
    { "again", OPTION_FLAG, NULL, "Count the content again, even where it is already in" },
    { 0 },
};

static const struct column columns[] = {
    { "file", COLUMN_TEXT, "File", 0, false },
    { "packets", COLUMN_INT, "Packets", 0, false },
    { "flows", COLUMN_INT, "Flows", 0, false },
    { "first", COLUMN_TIME, "First", 0, false },
    { "last", COLUMN_TIME, "Last", 0, false },
    { "duplicate", COLUMN_BOOL, "Already in", 0, false },
    { "warnings", COLUMN_LIST, "Warnings", 0, true },
};

static void show_row(struct out *o, const struct ingest_file *f)
{
    char text[INTAKE_WARNINGS][128];
    const char *warning[INTAKE_WARNINGS];
    for (size_t i = 0; i < f->warnings; i++)
        warning[i] = ingest_warning_text(&f->warning[i], text[i], sizeof text[i]);
    out_text(o, f->name);
    out_count(o, f->packets);
    out_count(o, f->flows);
    if (f->last) {
        out_time(o, f->first);
        out_time(o, f->last);
    } else {
        out_null(o);
        out_null(o);
    }
    out_bool(o, f->duplicate);
    out_list(o, warning, f->warnings);
}

/* Says what went wrong with a file; whether anything did. */
static bool say_file(const struct ingest_file *f)
{
    if (f->error)
        say_error(f->name, errno_text(f->error), f->error == -ENOENT ? "check the name" : NULL);
    if (f->refused[0])
        say_error(f->name, f->refused, NULL);
    if (f->died)
        say_error(f->name, "its reader ended before the file did; nothing of it was kept",
                  "try it again, and report the file if it happens again");
    for (size_t i = 0; i < f->warnings; i++) {
        char text[128];
        say_warning(f->name, ingest_warning_text(&f->warning[i], text, sizeof text),
                    "what could be read was counted");
    }
    if (f->duplicate)
        say_warning(f->name, "this content was counted before", "use --again to count it again");
    return f->error || f->died || f->refused[0] || f->warnings;
}

/* What this machine does not offer to hold readers in with, said once. */
static void say_confined(const struct ingest *in)
{
    unsigned confined = CONFINED_ALL;
    char missing[128], why[160];
    for (size_t i = 0; i < in->n; i++)
        if (!in->file[i].error && !in->file[i].died)
            confined &= in->file[i].confined;
    confine_missing(confined, missing, sizeof missing);
    snprintf(why, sizeof why, "files were read without %s", missing);
    if (missing[0])
        say_warning("confinement", why, "see teiten doctor");
}

static int show(const struct cli *cli, const struct ingest *in)
{
    struct out o;
    bool trouble = false;
    cli_rows(cli, &o, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < in->n; i++)
        if (!in->file[i].error && !in->file[i].died && !in->file[i].refused[0])
            show_row(&o, &in->file[i]);
    int err = cli_rows_end(&o);
    for (size_t i = 0; i < in->n; i++)
        trouble |= say_file(&in->file[i]);
    say_confined(in);
    return err ? err : trouble ? CLI_TROUBLE : CLI_DONE;
}

static int keep_up(struct store *s, const struct cli *cli)
{
    struct keep keep = { .zone = cli_zone(cli) };
    int more;
    while ((more = store_upkeep(s, &keep, cli->now)) > 0 && !signals_stop)
        ;
    return more < 0 ? more : 0;
}

/* Whether it is an expression is known before any file is read; of link types the commonest stands for all. */
static int take_filter(const struct cli *cli, struct setup *setup)
{
    const char *text = cli_value(cli, "filter");
    struct filter *f;
    char why[160];
    if (!text)
        return 0;
    if (strlen(text) >= sizeof setup->filter)
        return cli_usage(cli, "--filter", "is too long");
    int err = filter_compile(&f, text, LINK_ETHERNET, why, sizeof why);
    if (err > 0)
        return cli_usage(cli, text, why);
    if (err < 0)
        return cli_trouble("--filter", err, NULL);
    filter_free(f);
    text_copy(setup->filter, sizeof setup->filter, text);
    return 0;
}

static size_t worker_count(const struct cli *cli)
{
    int64_t wanted = conf_int(&cli->conf, CONF_SENSOR_WORKERS);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return wanted > 0 ? (size_t)wanted : cores > 0 ? (size_t)cores : 1;
}

static int ingest_files(const struct cli *cli, struct store *s, const struct prefix_list *prefix)
{
    struct sensor sensor;
    int err = sensor_prepare(&sensor, s, &cli->conf, prefix);
    if (err)
        return cli_trouble("ingest", err, NULL);
    if (sensor.labels_off[0] && cli->format == OUT_TABLE)
        say_warning("p0f labels are off", sensor.labels_off, "install Debian's p0f package");
    int code = take_filter(cli, &sensor.setup);
    if (code) {
        sensor_release(&sensor);
        return code;
    }
    struct ingest in = { .store = s,
                         .sensor = &sensor,
                         .n = cli->n_arguments,
                         .workers = worker_count(cli),
                         .again = cli_flag(cli, "again"),
                         .bar = true };
    in.file = calloc(in.n, sizeof *in.file);
    for (size_t i = 0; in.file && i < in.n; i++)
        in.file[i].name = cli->arguments[i];
    err = in.file ? ingest_run(&in) : -ENOMEM;
    if (!err)
        err = keep_up(s, cli);
    if (err == -EINTR) {
        say_error("ingest", "stopped", "files that were not whole are not kept; run it again");
        code = CLI_TROUBLE;
    } else {
        code = err ? cli_trouble(cli_state_dir(cli), err, store_why(s)) : show(cli, &in);
    }
    free(in.file);
    sensor_release(&sensor);
    return code;
}

int cmd_ingest(struct cli *cli)
{
    struct prefix_list prefix = { 0 };
    int code = commands_prefixes(cli, &prefix);
    if (code)
        return code;
    if (cli_state_make(cli))
        return CLI_TROUBLE;
    signals_catch();
    struct store *s;
    code = commands_open_store(cli, STORE_WRITE, &s);
    if (!code) {
        code = ingest_files(cli, s, cli_value(cli, "prefix") ? &prefix : NULL);
        store_close(s);
    }
    prefix_list_release(&prefix);
    return code;
}
