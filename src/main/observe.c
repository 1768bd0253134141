#include "main/observe.h"

#include "base/log.h"
#include "base/own.h"
#include "base/time.h"
#include "main/delta.h"
#include "main/signals.h"
#include "main/worker.h"
#include "packet/ring.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum {
    POLL_MS = 500,
    RETRY_S = 3,          /* between attempts at a store that has no room */
    HELD_MOST = 64 << 20, /* bytes of deltas that wait for it */
    BACKOFF_MOST_S = 60,
    STEADY_S = 60,        /* a worker that lived this long is well again */
    UPKEEP_S = 5,         /* between looks whether there is something to do */
    UPKEEP_TROUBLE_S = 60,
    HOUR_S = 3600,
    DROPS_S = 60,         /* between lines about drops */
    STOP_S = 10,          /* for workers to hand over their last delta */
    FUTURE_S = 3600,      /* a worker's clock is ours */
};

#define NS_A_S UINT64_C(1000000000)

struct watch {
    size_t number;
    const struct observe_interface *interface;
    struct worker worker;
    struct intake intake;
    struct delta delta;
    bool running;
    uint64_t began, due; /* time_mono() of its last start, and of the next */
    unsigned backoff;    /* seconds; 0: well */
    unsigned restarts;
    uint64_t flows;      /* over all lives */
};

/* Counters of the hourly line. */
struct tally {
    uint64_t packets, drops, flows;
    unsigned restarts;
};

struct run {
    struct observe *o;
    struct watch watch[OBSERVE_INTERFACES];
    struct cover cover;
    uint64_t retry; /* time_mono(): until then the store is left alone; 0: it is well */
    bool stuck;     /* that was said, and not taken back */
    uint64_t upkeep, hour, drops_due;
    uint64_t drops_said;
    bool upkeep_failed;
    struct tally told;
};

static bool is_past(uint64_t when)
{
    return time_mono() >= when;
}

static uint64_t in_seconds(unsigned n)
{
    return time_mono() + n * NS_A_S;
}

/* ---- workers ---- */

static int send_setup(struct run *r, struct watch *w)
{
    struct setup setup = r->o->sensor->setup; /* its lists stay the sensor's */
    setup.live = true;
    setup.clock_offset = r->o->clock_offset;
    TRY(record_put_setup(&w->worker.channel, &setup));
    return channel_flush(&w->worker.channel);
}

/* A ring of its own for each life of a worker: what a dead one left unread was not observed. */
static int start(struct run *r, struct watch *w)
{
    const struct observe *o = r->o;
    struct ring_options options = { .interface = w->interface->name,
                                    .ignore_outgoing = o->sensor->setup.dark,
                                    .promiscuous = o->promiscuous };
    auto_fd int ring = ring_make(&options);
    if (ring < 0)
        return ring;
    if (lseek(o->sensor->signatures, 0, SEEK_SET) < 0 && errno != ESPIPE)
        return -errno;
    int fd[] = { ring, o->sensor->signatures };
    TRY(worker_start(&w->worker, "teiten-sense", fd, 2));
    int err = send_setup(r, w);
    if (err) {
        worker_kill(&w->worker);
        return err;
    }
    w->intake = (struct intake){ .store = o->store, .sensor = o->sensor->number };
    w->running = true;
    w->began = time_mono();
    return 0;
}

/* A worker that dies again and again is tried less and less often, and spoken of once. */
static void plan_restart(struct watch *w, const char *why)
{
    if (w->backoff && w->began && time_mono() - w->began >= STEADY_S * NS_A_S)
        w->backoff = 0;
    if (!w->backoff)
        log_error("sense-died", LOG_TEXT("interface", w->interface->name), LOG_TEXT("why", why),
                  LOG_TEXT("what-now", "it is started again"));
    w->backoff = w->backoff ? w->backoff * 2 : 1;
    if (w->backoff > BACKOFF_MOST_S)
        w->backoff = BACKOFF_MOST_S;
    w->due = in_seconds(w->backoff);
}

static void mourn(struct run *r, struct watch *w, const char *why)
{
    bool clean;
    worker_end(&w->worker, &clean);
    w->running = false;
    delta_cut(&w->delta);
    cover_leave(&r->cover, w->number);
    if (!signals_stop)
        plan_restart(w, why);
}

static void kill_off(struct run *r, struct watch *w, const char *why)
{
    worker_kill(&w->worker);
    mourn(r, w, why);
}

static void restart_due(struct run *r)
{
    for (size_t i = 0; i < r->o->n; i++) {
        struct watch *w = &r->watch[i];
        if (w->running || !is_past(w->due))
            continue;
        w->began = 0;
        int err = start(r, w);
        if (err)
            plan_restart(w, errno_text(err));
        else
            w->restarts++;
    }
}

/* ---- records ---- */

static int say_worker_warning(const struct watch *w, struct rd record)
{
    struct record_warning v;
    if (record_get_warning(record, &v))
        return -EPROTO;
    if (v.code == WARNING_INTERFACE_DOWN)
        log_warning("interface-down", LOG_TEXT("interface", w->interface->name));
    return 0;
}

/* What lies ready on a worker's channel is held. */
static void serve(struct run *r, struct watch *w)
{
    int got = channel_fill(&w->worker.channel);
    if (got == -EAGAIN)
        return;
    if (got <= 0) {
        mourn(r, w, got ? errno_text(got) : "it ended");
        return;
    }
    uint8_t type;
    struct rd record;
    while ((got = channel_next(&w->worker.channel, &type, &record)) == 1) {
        int err = type == RECORD_WARNING ? say_worker_warning(w, record)
                  : type == RECORD_READY ? 0
                                         : delta_hold(&w->delta, type, record);
        if (err) {
            got = err;
            break;
        }
    }
    if (got < 0)
        kill_off(r, w, "it spoke nonsense");
}

static int wait_workers(struct run *r, int wait)
{
    struct pollfd p[OBSERVE_INTERFACES];
    struct watch *of[OBSERVE_INTERFACES];
    nfds_t n = 0;
    for (size_t i = 0; i < r->o->n; i++)
        if (r->watch[i].running) {
            p[n] = (struct pollfd){ .fd = r->watch[i].worker.channel.fd, .events = POLLIN };
            of[n++] = &r->watch[i];
        }
    if (poll(p, n, wait) < 0)
        return errno == EINTR ? 0 : -errno;
    for (nfds_t i = 0; i < n; i++)
        if (p[i].revents)
            serve(r, of[i]);
    return 0;
}

/* ---- the store ---- */

static bool is_passing(int err)
{
    return err == -ENOSPC || err == -EDQUOT || err == -EBUSY || err == -EIO;
}

static size_t waiting(const struct run *r)
{
    size_t sum = 0;
    for (size_t i = 0; i < r->o->n; i++)
        sum += delta_waiting(&r->watch[i].delta);
    return sum;
}

/* The store cannot be written now: said once, tried again, for as long as what waits can be held. */
static int bear_trouble(struct run *r, int err)
{
    if (!is_passing(err) || waiting(r) > HELD_MOST) {
        log_error("store-failed", LOG_ERRNO(err), LOG_INT("lost-bytes", waiting(r)));
        return err;
    }
    if (!r->stuck)
        log_error("store-stuck", LOG_ERRNO(err),
                  LOG_TEXT("what-now", "counts are held in memory, and tried again every few seconds"));
    r->stuck = true;
    r->retry = in_seconds(RETRY_S);
    return 0;
}

static void note_success(struct run *r)
{
    r->retry = 0;
    if (r->stuck && waiting(r) == 0) {
        log_info("store-well", LOG_INT("packets", r->cover.packets));
        r->stuck = false;
    }
}

/* 1 where a delta was stored or dropped, 0 where the store gave trouble that passes. */
static int store_one(struct run *r, struct watch *w)
{
    struct delta_target target = { .intake = &w->intake,
                                   .cover = &r->cover,
                                   .part = w->number,
                                   .latest = time_now() + r->o->clock_offset + FUTURE_S };
    uint64_t flows = w->intake.flows;
    int err = delta_store(&w->delta, &target);
    if (err == -EPROTO) {
        if (w->running)
            kill_off(r, w, "its records make no sense");
        return 1;
    }
    if (err)
        return bear_trouble(r, err);
    w->flows += w->intake.flows - flows;
    if (!w->running)
        cover_leave(&r->cover, w->number);
    note_success(r);
    return 1;
}

/* Every whole delta, the workers in turn. */
static int store_ready(struct run *r)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < r->o->n; i++) {
            if (!delta_ready(&r->watch[i].delta))
                continue;
            int stored = store_one(r, &r->watch[i]);
            if (stored <= 0)
                return stored;
            more = true;
        }
    }
    return 0;
}

static int store_deltas(struct run *r)
{
    if (r->retry && !is_past(r->retry) && waiting(r) <= HELD_MOST)
        return 0;
    return store_ready(r);
}

/* One piece of upkeep, while nothing waits; trouble with it is no reason to stop counting. */
static bool keep_up(struct run *r)
{
    if (r->retry || !is_past(r->upkeep))
        return false;
    int more = store_upkeep(r->o->store, &r->o->keep, time_now() + r->o->clock_offset);
    if (more < 0 && !r->upkeep_failed)
        log_error("upkeep-failed", LOG_ERRNO(more), LOG_TEXT("store", store_why(r->o->store)));
    r->upkeep_failed = more < 0;
    if (more <= 0)
        r->upkeep = in_seconds(more < 0 ? UPKEEP_TROUBLE_S : UPKEEP_S);
    return more > 0;
}

/* ---- the log ---- */

static struct tally tally_now(const struct run *r)
{
    struct tally t = { .packets = r->cover.packets, .drops = r->cover.drops };
    for (size_t i = 0; i < r->o->n; i++) {
        t.flows += r->watch[i].flows;
        t.restarts += r->watch[i].restarts;
    }
    return t;
}

static void say_counters(struct run *r, const char *event)
{
    struct tally now = tally_now(r);
    log_info(event, LOG_INT("packets", now.packets - r->told.packets),
             LOG_INT("flows", now.flows - r->told.flows), LOG_INT("drops", now.drops - r->told.drops),
             LOG_INT("restarts", now.restarts - r->told.restarts), LOG_INT("held-bytes", waiting(r)));
}

static void say_hourly(struct run *r)
{
    if (!is_past(r->hour))
        return;
    say_counters(r, "hour");
    r->told = tally_now(r);
    r->hour = in_seconds(HOUR_S);
}

static void say_drops(struct run *r)
{
    if (r->cover.drops == r->drops_said || !is_past(r->drops_due))
        return;
    log_warning("kernel-drops", LOG_INT("drops", r->cover.drops - r->drops_said),
                LOG_INT("packets", r->cover.packets),
                LOG_TEXT("what-now", "packets came faster than they were read; rates tell of it"));
    r->drops_said = r->cover.drops;
    r->drops_due = in_seconds(DROPS_S);
}

/* Of the whole sensor, as far as a signed number goes. */
static uint64_t address_count(const struct observe *o)
{
    uint64_t n = prefix_list_size(&o->sensor->setup.own);
    return n > INT64_MAX ? INT64_MAX : n;
}

static void say_started(const struct run *r)
{
    const struct sensor *s = r->o->sensor;
    for (size_t i = 0; i < r->o->n; i++)
        log_info("capture", LOG_TEXT("interface", r->watch[i].interface->name),
                 LOG_INT("worker", r->watch[i].worker.pid));
    log_info("started", LOG_INT("interfaces", r->o->n),
             LOG_INT("addresses", address_count(r->o)),
             LOG_TEXT("mode", s->setup.dark ? "dark" : "trap"),
             LOG_TEXT("p0f", s->labels_off[0] ? "off" : "on"),
             LOG_INT("clock-offset", r->o->clock_offset));
    if (s->labels_off[0])
        log_warning("p0f-off", LOG_TEXT("why", s->labels_off));
}

/* ---- from start to stop ---- */

static int start_all(struct run *r)
{
    struct observe *o = r->o;
    for (size_t i = 0; i < o->n; i++) {
        int err = start(r, &r->watch[i]);
        if (err) {
            o->trouble = o->interface[i].name;
            return err;
        }
    }
    say_started(r);
    return 0;
}

static int run_workers(struct run *r)
{
    bool busy = false;
    while (!signals_stop) {
        TRY(wait_workers(r, busy ? 0 : POLL_MS));
        TRY(store_deltas(r));
        restart_due(r);
        say_drops(r);
        say_hourly(r);
        busy = keep_up(r);
    }
    return 0;
}

static size_t running(const struct run *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->o->n; i++)
        n += r->watch[i].running;
    return n;
}

/* Workers are told to end, hand over what they hold, and end; all of it is stored. */
static int stop_workers(struct run *r)
{
    uint64_t end = in_seconds(STOP_S);
    for (size_t i = 0; i < r->o->n; i++)
        if (r->watch[i].running)
            shutdown(r->watch[i].worker.channel.fd, SHUT_WR);
    while (running(r) && !is_past(end)) {
        TRY(wait_workers(r, POLL_MS));
        TRY(store_deltas(r));
    }
    int err = store_ready(r);
    if (!err && r->retry)
        err = -ENOSPC;
    if (!err && running(r))
        err = -ETIMEDOUT;
    if (err)
        log_error("stopped-with-loss", LOG_ERRNO(err), LOG_INT("lost-bytes", waiting(r)));
    return err;
}

static void release(struct run *r)
{
    for (size_t i = 0; i < r->o->n; i++) {
        if (r->watch[i].running)
            worker_kill(&r->watch[i].worker);
        intake_release(&r->watch[i].intake);
        delta_release(&r->watch[i].delta);
    }
}

static void set_up(struct run *r, struct observe *o)
{
    r->o = o;
    r->cover.n = o->n;
    r->cover.row.dark = o->sensor->setup.dark;
    r->cover.fixed = o->together ? address_count(o) : 0;
    for (size_t i = 0; i < o->n; i++) {
        r->watch[i] = (struct watch){ .number = i, .interface = &o->interface[i] };
        delta_init(&r->watch[i].delta);
        r->cover.part[i].addresses = o->interface[i].addresses;
    }
    r->hour = in_seconds(HOUR_S);
}

int observe_run(struct observe *o)
{
    struct run *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    set_up(r, o);
    int err = start_all(r);
    if (!err) {
        err = run_workers(r);
        if (!err)
            err = stop_workers(r);
        r->told = (struct tally){ 0 };
        say_counters(r, "stopped");
    }
    release(r);
    free(r);
    return err;
}
