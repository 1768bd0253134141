#include "cli/ask.h"

#include "base/confine.h"
#include "base/json.h"
#include "base/time.h"

#include <stdlib.h>

const char status_details[] =
    "Sensors with what they observed, the programs of 'teiten observe', drops, the size of the store, and from\n"
    "when on it answers. observe tells of its programs every few seconds; where it did not for 20 seconds, the\n"
    "store being stuck or observe having been killed, there is no news since then.\n"
    "--json prints one object: sensors[], workers[], store{}, drops{}. Of workers[], running is null without\n"
    "news, queue is bytes that wait for the store, memory is resident bytes, at is when that was told, confined\n"
    "is whether all that is to hold a reader of packets in does, and missing is what does not. Of the trap's,\n"
    "sessions is how many came since observe began, open how many are there, refused how many were over what one\n"
    "source or network may have, shed how many made room for others, failed how many found no descriptor, unsaid\n"
    "bytes of transcripts that were left out because the store was slow. datagrams is how many came (probes, logins,\n"
    "commands and others of them), answered how many were sent, unanswered how many would have been but for what\n"
    "their network may be sent, untold how many are in no session, lost how many the kernel had no room for.\n"
    "--csv is refused: these are several tables.";

enum { FRESH_SECONDS = 20 /* what the supervisor told before that may be long over */, NEWS_TEXT = 64 };

/* clang-format off */
static const struct column sensor_columns[] = {
    { "name", COLUMN_TEXT, "Sensor", 0, false },
    { "addresses", COLUMN_INT, "Addresses", 0, false },
    { "estimated", COLUMN_BOOL, "Estimated", 0, false },
    { "mode", COLUMN_TEXT, "Mode", 0, false },
    { "first", COLUMN_TIME, "First", 0, false },
    { "last", COLUMN_TIME, "Last", 0, false },
    { "packets", COLUMN_INT, "Packets", 0, false },
    { "drops", COLUMN_INT, "Drops", 0, false },
};

static const struct column worker_columns[] = {
    { "name", COLUMN_TEXT, "Program", 0, false },
    { "interface", COLUMN_TEXT, "Interface", 0, false },
    { "pid", COLUMN_INT, "Process", 0, false },
    { "running", COLUMN_TEXT, "Running", 0, false },
    { "started", COLUMN_TIME, "Started", 0, false },
    { "restarts", COLUMN_INT, "Restarts", 0, false },
    { "queue", COLUMN_INT, "Queue", 0, false },
    { "packets", COLUMN_INT, "Packets", 0, false },
    { "drops", COLUMN_INT, "Drops", 0, false },
    { "memory", COLUMN_INT, "Memory", 0, false },
};

static const struct column trap_columns[] = {
    { "pid", COLUMN_INT, "Trap", 0, false },
    { "sessions", COLUMN_INT, "Sessions", 0, false },
    { "open", COLUMN_INT, "Open", 0, false },
    { "refused", COLUMN_INT, "Refused", 0, false },
    { "shed", COLUMN_INT, "Shed", 0, false },
    { "failed", COLUMN_INT, "Failed", 0, false },
    { "unsaid", COLUMN_INT, "Unsaid bytes", 0, false },
    { "datagrams", COLUMN_INT, "Datagrams", 0, false },
    { "answered", COLUMN_INT, "Answered", 0, false },
    { "unanswered", COLUMN_INT, "Unanswered", 0, false },
    { "untold", COLUMN_INT, "Untold", 0, false },
    { "lost", COLUMN_INT, "Lost", 0, false },
};
/* clang-format on */

struct status {
    struct store_facts facts;
    struct sensor_facts *sensor; /* owned */
    size_t n;
    struct worker_facts *worker; /* owned */
    size_t workers;
    int64_t now;
    struct exposure exposure; /* of all that is stored */
    uint64_t packets, drops;
};

static int find_status(struct store *s, int64_t now, struct status *ret)
{
    struct status t = { .now = now };
    TRY(store_facts(s, &t.facts));
    TRY(store_exposure(s, t.facts.first, t.facts.last + 1, &t.exposure));
    TRY(store_workers(s, &t.worker, &t.workers));
    int err = store_sensors(s, &t.sensor, &t.n);
    if (err) {
        free(t.worker);
        return err;
    }
    for (size_t i = 0; i < t.n; i++) {
        t.packets += t.sensor[i].coverage.packets;
        t.drops += t.sensor[i].coverage.drops;
    }
    *ret = t;
    return 0;
}

static const char *mode_name(const struct coverage *c)
{
    return c->dark ? "dark" : "trap";
}

static bool is_news(const struct status *t, const struct worker_facts *w)
{
    return w->at > t->now - FRESH_SECONDS;
}

static const char *running_text(const struct status *t, const struct worker_facts *w, char text[static NEWS_TEXT])
{
    char at[TIME_TEXT];
    if (is_news(t, w))
        return w->pid ? "yes" : "no";
    snprintf(text, NEWS_TEXT, "no news since %s", time_text(w->at, at));
    return text;
}

static double address_days(const struct status *t)
{
    return t->exposure.address_seconds / 86400;
}

/* ---- JSON ---- */

static void put_time(struct json *j, const char *key, int64_t when)
{
    if (when)
        json_time(j, key, when);
    else
        json_nothing(j, key);
}

static void put_sensor(struct json *j, const struct sensor_facts *f)
{
    json_open_object(j, NULL);
    json_text(j, "name", f->name);
    json_count(j, "addresses", f->coverage.addresses);
    json_bool(j, "estimated", f->coverage.estimated);
    json_text(j, "mode", mode_name(&f->coverage));
    put_time(j, "first", f->coverage.start);
    put_time(j, "last", f->coverage.end);
    json_count(j, "packets", f->coverage.packets);
    json_count(j, "drops", f->coverage.drops);
    json_close(j);
}

/* Only readers of packets tell it, once they are ready. */
static void put_confined(struct json *j, const struct worker_facts *w)
{
    char missing[128];
    if (!w->confined) {
        json_nothing(j, "confined");
        json_nothing(j, "missing");
        return;
    }
    confine_missing(w->confined, missing, sizeof missing);
    json_bool(j, "confined", !missing[0]);
    json_text(j, "missing", missing);
}

static bool is_trap(const struct worker_facts *w)
{
    return strcmp(w->name, "trap") == 0;
}

static void put_visitors(struct json *j, const struct trap_counts *n)
{
    json_count(j, "sessions", n->accepted);
    json_count(j, "open", n->open);
    json_count(j, "refused", n->refused);
    json_count(j, "shed", n->shed);
    json_count(j, "failed", n->failed);
    json_count(j, "unsaid", n->unsaid);
    json_count(j, "datagrams", n->datagrams);
    json_count(j, "probes", n->probes);
    json_count(j, "logins", n->logins);
    json_count(j, "commands", n->commands);
    json_count(j, "others", n->others);
    json_count(j, "answered", n->answered);
    json_count(j, "unanswered", n->unanswered);
    json_count(j, "untold", n->untold);
    json_count(j, "lost", n->lost);
}

static void put_worker(struct json *j, const struct status *t, const struct worker_facts *w)
{
    json_open_object(j, NULL);
    json_text(j, "name", w->name);
    json_text(j, "interface", w->interface[0] ? w->interface : NULL);
    json_int(j, "pid", w->pid);
    if (is_news(t, w))
        json_bool(j, "running", w->pid != 0);
    else
        json_nothing(j, "running");
    put_time(j, "started", w->started);
    json_count(j, "restarts", w->restarts);
    json_count(j, "queue", w->queue);
    json_count(j, "packets", w->packets);
    json_count(j, "drops", w->drops);
    json_count(j, "memory", w->memory);
    put_time(j, "at", w->at);
    put_confined(j, w);
    if (is_trap(w))
        put_visitors(j, &w->trap);
    json_close(j);
}

static void put_store(struct json *j, const struct status *t, const char *state)
{
    const struct store_facts *f = &t->facts;
    json_open_object(j, "store");
    json_text(j, "state", state);
    json_count(j, "bytes", f->bytes);
    json_count(j, "free_bytes", f->free_bytes);
    json_count(j, "packets", f->packets);
    json_count(j, "flows", f->flows);
    json_count(j, "chunks", f->chunks);
    json_count(j, "runs", f->runs);
    json_count(j, "files", f->files);
    json_count(j, "damaged_hours", f->damaged_hours);
    json_number(j, "address_days", address_days(t), 3);
    put_time(j, "first", f->first);
    put_time(j, "last", f->last);
    put_time(j, "flows_from", f->flows_from ? f->flows_from : f->first);
    put_time(j, "minutes_from", f->minutes_from ? f->minutes_from : f->first);
    json_close(j);
}

static int show_json(const struct status *t, const char *state)
{
    struct json j;
    json_begin_object(&j);
    json_open_list(&j, "sensors");
    for (size_t i = 0; i < t->n; i++)
        put_sensor(&j, &t->sensor[i]);
    json_close(&j);
    json_open_list(&j, "workers");
    for (size_t i = 0; i < t->workers; i++)
        put_worker(&j, t, &t->worker[i]);
    json_close(&j);
    put_store(&j, t, state);
    json_open_object(&j, "drops");
    json_count(&j, "packets", t->drops);
    double all = (double)t->packets + (double)t->drops;
    json_number(&j, "share", all > 0 ? (double)t->drops / all : 0, 6);
    json_close(&j);
    int err = json_write_pretty(&j, stdout);
    json_release(&j);
    return err ? cli_trouble("standard output", err, NULL) : CLI_DONE;
}

/* ---- for people ---- */

static int show_sensors(const struct cli *cli, const struct status *t)
{
    struct out o;
    cli_rows(cli, &o, sensor_columns, sizeof sensor_columns / sizeof sensor_columns[0]);
    for (size_t i = 0; i < t->n; i++) {
        const struct coverage *c = &t->sensor[i].coverage;
        out_text(&o, t->sensor[i].name);
        out_count(&o, c->addresses);
        out_bool(&o, c->estimated);
        out_text(&o, mode_name(c));
        out_time(&o, c->start);
        out_time(&o, c->end);
        out_count(&o, c->packets);
        out_count(&o, c->drops);
    }
    return cli_rows_end(&o);
}

static int show_workers(const struct cli *cli, const struct status *t)
{
    struct out o;
    char news[NEWS_TEXT];
    puts("");
    cli_rows(cli, &o, worker_columns, sizeof worker_columns / sizeof worker_columns[0]);
    for (size_t i = 0; i < t->workers; i++) {
        const struct worker_facts *w = &t->worker[i];
        out_text(&o, w->name);
        out_text(&o, w->interface[0] ? w->interface : NULL);
        if (w->pid)
            out_int(&o, w->pid);
        else
            out_null(&o);
        out_text(&o, running_text(t, w, news));
        if (w->started)
            out_time(&o, w->started);
        else
            out_null(&o);
        out_count(&o, w->restarts);
        out_count(&o, w->queue);
        out_count(&o, w->packets);
        out_count(&o, w->drops);
        out_count(&o, w->memory);
    }
    return cli_rows_end(&o);
}

static int show_visitors(const struct cli *cli, const struct status *t)
{
    struct out o;
    puts("");
    cli_rows(cli, &o, trap_columns, sizeof trap_columns / sizeof trap_columns[0]);
    for (size_t i = 0; i < t->workers; i++) {
        const struct worker_facts *w = &t->worker[i];
        if (!is_trap(w))
            continue;
        out_int(&o, w->pid);
        out_count(&o, w->trap.accepted);
        out_count(&o, w->trap.open);
        out_count(&o, w->trap.refused);
        out_count(&o, w->trap.shed);
        out_count(&o, w->trap.failed);
        out_count(&o, w->trap.unsaid);
        out_count(&o, w->trap.datagrams);
        out_count(&o, w->trap.answered);
        out_count(&o, w->trap.unanswered);
        out_count(&o, w->trap.untold);
        out_count(&o, w->trap.lost);
    }
    return cli_rows_end(&o);
}

static bool has_trap(const struct status *t)
{
    bool has = false;
    for (size_t i = 0; i < t->workers; i++)
        has |= is_trap(&t->worker[i]);
    return has;
}

/* In the largest unit of which there are two: a few minutes are no "0.0 days". */
static void show_observed(const struct status *t)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = { { "days", 86400 }, { "hours", 3600 }, { "minutes", 60 }, { "seconds", 1 } };
    double v = t->exposure.address_seconds;
    size_t i = 0;
    while (i < 3 && v < 2 * units[i].seconds)
        i++;
    printf("%-14s %.1f %s of one address%s\n", "Observed", v / units[i].seconds, units[i].name,
           t->exposure.estimated ? ", estimated" : "");
}

/* What this machine does not offer to hold readers in with, once for all of them. */
static void show_confined(const struct status *t)
{
    unsigned confined = CONFINED_ALL;
    char missing[128];
    for (size_t i = 0; i < t->workers; i++)
        if (t->worker[i].confined)
            confined &= t->worker[i].confined;
    confine_missing(confined, missing, sizeof missing);
    if (missing[0])
        printf("\nPackets and visitors are read without %s; see 'teiten doctor'.\n", missing);
}

static void show_store(const struct cli *cli, const struct status *t)
{
    const struct store_facts *f = &t->facts;
    printf("\n%-14s %s/teiten.db\n", "Store", cli_state_dir(cli));
    fact_count("Size", f->bytes, " bytes");
    fact_count("Free in it", f->free_bytes, " bytes");
    fact_count("Packets", f->packets, "");
    fact_count("Flows", f->flows, "");
    fact_count("Files", f->files, "");
    show_observed(t);
    fact_count("Drops", t->drops, " packets");
    if (f->damaged_hours)
        fact_count("Damaged", f->damaged_hours, " hours that cannot be read; see 'teiten verify'");
    fact_time("Observed to", f->last);
    fact_time("Flows from", f->flows_from ? f->flows_from : f->first);
    fact_time("Minutes from", f->minutes_from ? f->minutes_from : f->first);
}

static int show_table(const struct cli *cli, const struct status *t)
{
    if (t->n) {
        int code = show_sensors(cli, t);
        if (code)
            return code;
    } else {
        puts("No sensor has counted anything yet.");
    }
    if (t->workers) {
        int code = show_workers(cli, t);
        if (code)
            return code;
        code = has_trap(t) ? show_visitors(cli, t) : CLI_DONE;
        if (code)
            return code;
        show_confined(t);
    }
    show_store(cli, t);
    return CLI_DONE;
}

int cmd_status(struct cli *cli)
{
    struct store *s;
    struct status t;
    if (cli->format == OUT_CSV)
        return cli_usage(cli, "--csv", "does not fit a status, which is no table; --json does");
    int code = commands_open_store(cli, STORE_READ, &s);
    if (code)
        return code;
    int err = find_status(s, cli->now, &t);
    if (err) {
        code = cli_trouble(cli_state_dir(cli), err, store_why(s));
    } else {
        code = cli->format == OUT_JSON ? show_json(&t, cli_state_dir(cli)) : show_table(cli, &t);
        free(t.sensor);
        free(t.worker);
    }
    store_close(s);
    return code;
}
