/*
 * u8 options, then a stream of records as a worker sends them, through the channel's framing into the
 * store: whatever comes, nothing half is ever shown, and upkeep over what was shown does no harm.
 */
#include "base/own.h"
#include "main/fuzz-store.h"
#include "main/intake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECES = 8, LIVE = 1 };

/* What whole runs hold that are not shown yet, and that are. */
struct tally {
    uint64_t runs, flows, packets;
};

static int take(struct intake *in, uint8_t type, struct rd r, struct tally *waiting, struct tally *shown)
{
    struct run_end e;
    if (type == RECORD_RUN_END && record_get_run_end(r, &e) == 0) {
        waiting->flows += e.flows;
        waiting->packets += e.packets;
        waiting->runs++;
    }
    int err = intake_record(in, type, r);
    if (!err && type == RECORD_COMMIT) {
        shown->runs += waiting->runs;
        shown->flows += waiting->flows;
        shown->packets += waiting->packets;
        *waiting = (struct tally){ 0 };
    }
    return err;
}

/* All records of the bytes; whether they are whole. */
static bool take_all(struct intake *in, const uint8_t *data, size_t size, struct tally *waiting,
                     struct tally *shown)
{
    struct channel c;
    channel_init(&c, -1);
    buf_put(&c.in, data, size);
    int err = 0, got;
    uint8_t type;
    struct rd r;
    while (!err && (got = channel_next(&c, &type, &r)) != 0)
        err = got < 0 ? got : take(in, type, r, waiting, shown);
    channel_release(&c);
    return !err && in->ended;
}

static void finish(struct intake *in, bool whole)
{
    static const uint8_t digest[16];
    if (in->ingest && whole) {
        if (intake_finish(in) || store_ingest_flip(store, in->ingest, digest, true))
            abort();
        return;
    }
    store_rollback(store);
    if (in->ingest && store_ingest_drop(store, in->ingest))
        abort();
}

/* Hostile chunks were shown: merging them may find them damaged, which ends this store. */
static void keep_up(void)
{
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" };
    int more = 1;
    for (unsigned i = 0; more == 1 && i < PIECES; i++)
        more = store_upkeep(store, &keep, 1800000000);
    if (more < 0)
        inputs = FUZZ_INPUTS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    need_store();
    struct setup setup;
    if (record_get_setup(rd_init(data + 1, size - 1), &setup) == 0)
        setup_release(&setup);
    struct store_facts before = facts();
    struct intake in = { .store = store, .sensor = sensor };
    if (!(data[0] & LIVE) && store_ingest_begin(store, sensor, "fuzz", &in.ingest))
        abort();
    struct tally waiting = { 0 }, shown = { 0 };
    bool whole = take_all(&in, data + 1, size - 1, &waiting, &shown);
    finish(&in, whole);
    if (in.ingest && whole)
        shown = waiting;
    struct store_facts after = facts();
    assert(after.runs == before.runs + shown.runs);
    assert(after.flows == before.flows + shown.flows);
    assert(after.packets == before.packets + shown.packets);
    assert(after.files == before.files + (in.ingest && whole));
    intake_release(&in);
    if (shown.runs)
        keep_up();
    return 0;
}
