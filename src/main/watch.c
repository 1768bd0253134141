#include "main/watch.h"

#include "base/confine.h"
#include "base/log.h"
#include "base/time.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LAST_WORDS_MS = 500,
    LEAVE_MS = 200,       /* for one that has closed its channel */
    FRUITLESS_SKIP = 3, /* lives that told of no block: the next one gives up what the ring holds */
    FRUITLESS_RING = 5, /* and then it has a new ring */
    WARN_S = 10,        /* between warnings: a worker may repeat itself as it likes */
};

void watch_init(struct watch *w, size_t number, const char *interface)
{
    *w = (struct watch){ .number = number, .ring = -1 };
    memcpy(w->interface, interface, strnlen(interface, IF_NAMESIZE - 1));
    delta_init(&w->delta);
}

void watch_release(struct watch *w)
{
    watch_take_ring(w);
    intake_release(&w->intake);
    delta_release(&w->delta);
}

/* ---- its ring ---- */

void watch_give_ring(struct watch *w, int fd, int64_t since)
{
    w->ring = fd;
    w->observed_until = since;
    w->fruitless = 0;
}

/* What it has folded is worth a moment. */
static void hear_out(struct watch *w)
{
    uint64_t end = time_mono() + LAST_WORDS_MS * (NS_A_S / 1000), now;
    struct pollfd p = { .fd = w->worker.channel.fd, .events = POLLIN };
    shutdown(p.fd, SHUT_WR);
    while ((now = time_mono()) < end && poll(&p, 1, (int)((end - now) / (NS_A_S / 1000)) + 1) > 0)
        if (watch_serve(w))
            break;
    watch_kill(w);
}

void watch_take_ring(struct watch *w)
{
    if (w->running)
        hear_out(w);
    if (w->ring < 0)
        return;
    (void)!ring_stats(w->ring, &w->stats);
    uint64_t told = w->packets + w->given_up;
    w->stats.drops += w->stats.packets > told ? w->stats.packets - told : 0;
    w->stats.packets = told;
    close(w->ring);
    w->ring = -1;
    w->first_block = 0;
    w->observed_until = 0;
}

bool watch_ring_serves(const struct watch *w)
{
    return ring_check(w->ring) == 0 && w->fruitless < FRUITLESS_RING;
}

/* ---- starting ---- */

static int send_setup(struct watch *w, const struct watch_start *how)
{
    struct setup setup = how->sensor->setup; /* its lists stay the sensor's */
    setup.live = true;
    setup.clock_offset = how->clock_offset;
    setup.first_block = w->fruitless >= FRUITLESS_SKIP ? RING_GIVE_UP : w->first_block;
    setup.observed_until = w->observed_until;
    TRY(record_put_setup(&w->worker.channel, &setup));
    return channel_flush(&w->worker.channel);
}

int watch_start(struct watch *w, const struct watch_start *how)
{
    int fd[] = { w->ring, how->sensor->signatures };
    TRY(worker_start(&w->worker, how->sense, fd, 2));
    int err = send_setup(w, how);
    if (err && err != -EPIPE) { /* one that is dead by now is found so at the channel's end, as any other */
        worker_kill(&w->worker);
        return err;
    }
    w->intake = (struct intake){ .store = how->store, .sensor = how->sensor->number };
    w->running = true;
    w->ready = false;
    restart_began(&w->restart);
    w->started = time_now();
    w->fruitless++; /* until it tells of a block */
    return 0;
}

void watch_plan_restart(struct watch *w, const char *why)
{
    if (restart_plan(&w->restart, w->fruitless == 0 || w->blameless))
        log_error("sense-died", LOG_TEXT("interface", w->interface), LOG_TEXT("why", why),
                  LOG_TEXT("what-now", "it is started again"));
}

/* ---- what it says ---- */

static int take_warning(struct watch *w, struct rd record)
{
    struct record_warning v;
    if (record_get_warning(record, &v))
        return -EPROTO;
    uint64_t now = time_mono();
    if (v.code == WARNING_INTERFACE_DOWN && now >= w->quiet_until) {
        log_warning("interface-down", LOG_TEXT("interface", w->interface));
        w->quiet_until = now + WARN_S * NS_A_S;
    }
    return 0;
}

static int take_ready(struct watch *w, struct rd record)
{
    struct record_ready v;
    if (w->ready || record_get_ready(record, &v))
        return -EPROTO;
    w->ready = true;
    w->confined = v.confined;
    return 0;
}

static uint64_t grown(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* A worker may say what it likes, but the store's numbers have a sign. */
static uint64_t sum_of(uint64_t sum, uint64_t more)
{
    return more < INT64_MAX - sum ? sum + more : INT64_MAX;
}

/* A period grows, and its counters with it. */
static void note_period(struct watch *w, const struct record_coverage *v)
{
    bool same = w->told.start == v->start && w->told.packets <= v->packets; /* see main/cover.c */
    w->packets = sum_of(w->packets, grown(v->packets, same ? w->told.packets : 0));
    w->given_up = sum_of(w->given_up, grown(v->drops, same ? w->told.drops : 0));
    w->told = *v;
}

/* What the next worker has to know is noted on the way. */
static int take_delta(struct watch *w, uint8_t type, struct rd record)
{
    struct record_coverage period;
    struct record_commit commit;
    if (type == RECORD_COVERAGE && record_get_coverage(record, &period) == 0)
        note_period(w, &period);
    TRY(delta_hold(&w->delta, type, record));
    if (type != RECORD_COMMIT)
        return 0;
    if (record_get_commit(record, &commit))
        return -EPROTO;
    if (commit.block != w->first_block)
        w->fruitless = 0;
    w->first_block = commit.block;
    w->observed_until = w->told.end;
    return 0;
}

static int take_record(struct watch *w, uint8_t type, struct rd record)
{
    switch (type) {
    case RECORD_WARNING:
        return take_warning(w, record);
    case RECORD_READY:
        return take_ready(w, record);
    default:
        return take_delta(w, type, record);
    }
}

int watch_serve(struct watch *w)
{
    uint8_t type;
    struct rd record;
    int got = channel_fill(&w->worker.channel);
    if (got == -EAGAIN)
        return 0;
    if (got <= 0)
        return 1;
    while ((got = channel_next(&w->worker.channel, &type, &record)) == 1)
        if (take_record(w, type, record))
            return -EPROTO;
    return got;
}

/* ---- its end ---- */

static void leave(struct watch *w)
{
    w->running = false;
    delta_cut(&w->delta);
    w->told = (struct record_coverage){ 0 };
}

const char *watch_bury(struct watch *w)
{
    int status = worker_end(&w->worker, LEAVE_MS);
    w->blameless = worker_was_killed(status);
    if (w->blameless && w->fruitless)
        w->fruitless--;
    leave(w);
    return worker_status_text(status);
}

void watch_kill(struct watch *w)
{
    worker_kill(&w->worker);
    w->blameless = false; /* by us, for what it did */
    leave(w);
}
