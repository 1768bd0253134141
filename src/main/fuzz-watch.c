/*
 * A compromised sense against the supervisor: u8 options, then the bytes that it writes, in pieces,
 * as the supervisor's loop takes them. Whatever comes, what is shown and what was shed is never
 * more than whole deltas told, the store can still be asked, and nothing but the worker itself ends
 * by it.
 */
#include "base/own.h"
#include "base/time.h"
#include "main/fuzz-store.h"
#include "main/ledger.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    UPKEEP_PIECES = 8,
    HELD_TINY = 100,
    HELD_SMALL = 1000,
    HELD_MUCH = 1 << 24,
};

enum option {
    STUCK = 1, /* the store is left alone until the worker is at its end */
    TINY = 2,
    SMALL = 4,
    FIXED = 8,     /* a prefix is observed by all workers */
    PIECES = 0xe0, /* how much of it comes at once: 32 << n bytes */
};

/* Packets in whole deltas of the bytes, as far as they are records. */
static uint64_t packets_told(const uint8_t *data, size_t size)
{
    uint64_t whole = 0, half = 0;
    struct rd r = rd_init(data, size);
    while (rd_left(&r)) {
        struct run_end e;
        struct rd record = rd_sub(&r, rd_le32(&r));
        uint8_t type = rd_u8(&record);
        if (!rd_ok(&record))
            break;
        if (type == RECORD_RUN_END && record_get_run_end(record, &e) == 0)
            half += e.packets;
        if (type == RECORD_COMMIT) {
            whole += half;
            half = 0;
        }
    }
    return whole;
}

struct scene {
    struct watch watch;
    struct ledger ledger;
    int sense; /* its end of the channel */
    bool bad;  /* what it told made no sense */
};

static void begin(struct scene *s, uint8_t options)
{
    int pair[2];
    *s = (struct scene){ .sense = -1 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        abort();
    s->sense = pair[1];
    watch_init(&s->watch, 0, "fuzz0");
    channel_init(&s->watch.worker.channel, pair[0]);
    s->watch.running = true;
    s->watch.intake = (struct intake){ .store = store, .sensor = sensor };
    s->ledger = (struct ledger){
        .store = store,
        .cover = { .n = 1, .fixed = options & FIXED ? 256 : 0, .part[0].addresses = 1 },
        .keep = { .minutes = 3650 * INT64_C(86400), .flows = 3650 * INT64_C(86400), .zone = "UTC" },
        .held_most = options & TINY    ? HELD_TINY
                     : options & SMALL ? HELD_SMALL
                                       : HELD_MUCH,
        /* Any time is sound here, so that more is stored. */
        .clock = { 0, INT64_MAX / 2 },
        .clock_due = UINT64_MAX,
        .stuck = options & STUCK,
        .retry = options & STUCK ? UINT64_MAX : 0,
    };
}

static void end(struct scene *s)
{
    if (s->watch.running)
        watch_bury(&s->watch);
    close(s->sense);
    watch_release(&s->watch);
}

static void store_all(struct scene *s)
{
    struct watch *bad;
    if (ledger_store(&s->ledger, &s->watch, 1, &bad))
        abort();
    s->bad |= bad != NULL;
}

/* One round of the supervisor's loop; false once the worker is to be buried. */
static bool serve(struct scene *s)
{
    int got = watch_serve(&s->watch);
    assert(got == 0 || got == 1 || got == -EPROTO);
    s->bad |= got < 0;
    ledger_shed(&s->ledger, &s->watch, 1);
    store_all(s);
    return got == 0 && !s->bad;
}

static void play(struct scene *s, const uint8_t *data, size_t size, size_t piece)
{
    bool more = true;
    for (size_t at = 0; more && at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        if (write(s->sense, data + at, n) != (ssize_t)n)
            abort();
        more = serve(s);
    }
    close(s->sense);
    s->sense = -1;
    while (more)
        more = serve(s);
    watch_bury(&s->watch);
    s->ledger.retry = 0;
    do
        store_all(s);
    while (ledger_behind(&s->ledger, &s->watch, 1));
}

/* Hostile chunks were shown: merging them may find them damaged, which ends this store. */
static void keep_up(struct ledger *l)
{
    for (unsigned i = 0; i < UPKEEP_PIECES; i++)
        if (!ledger_keep_up(l))
            break;
    if (l->upkeep_failed)
        inputs = FUZZ_INPUTS;
}

static void ask(void)
{
    struct sensor_facts *sensors;
    struct exposure exposure;
    size_t n;
    if (store_sensors(store, &sensors, &n) || store_exposure(store, 0, time_now(), &exposure))
        abort();
    free(sensors);
    assert(exposure.address_seconds >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene s;
    if (size < 1 || size > 1 << 16)
        return 0;
    need_store();
    uint64_t told = packets_told(data + 1, size - 1), before = facts().packets;
    begin(&s, data[0]);
    play(&s, data + 1, size - 1, (size_t)32 << (data[0] >> 5));
    uint64_t shown = facts().packets - before;
    assert(shown + s.ledger.shed_all <= told);
    if (!s.bad)
        assert(shown + s.ledger.shed_all == told);
    ask();
    if (shown)
        keep_up(&s.ledger);
    end(&s);
    return 0;
}
