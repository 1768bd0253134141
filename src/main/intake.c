#include "main/intake.h"

#include <stdlib.h>

enum { PERIODS_MAX = 1 << 16 };

void intake_release(struct intake *in)
{
    free(in->pending);
    in->pending = NULL;
    in->pending_n = 0;
}

/* Live it is not the intake's. */
static int take_ready(struct intake *in, struct rd r, bool first)
{
    if (!in->ingest || !first)
        return -EPROTO;
    return record_get_ready(r, &in->ready) ? -EPROTO : 0;
}

static int take_run(struct intake *in, struct rd r)
{
    if (in->run || record_get_run(r, &in->hour))
        return -EPROTO;
    in->run_flows = in->run_packets = 0;
    return store_run_begin(in->store, in->sensor, in->ingest, in->hour, &in->run);
}

static int take_chunk(struct intake *in, struct rd r)
{
    struct run_chunk c;
    if (!in->run || record_get_chunk(r, &c) || c.hour != in->hour)
        return -EPROTO;
    in->run_flows += c.flows;
    in->run_packets += c.packets;
    TRY(store_run_chunk(in->store, in->run, &c));
    return in->ingest ? store_commit_due(in->store) : 0;
}

static int take_run_end(struct intake *in, struct rd r)
{
    struct run_end e;
    /* Packets that made no flow are in the run's packets, but in no chunk. */
    if (!in->run || record_get_run_end(r, &e) || e.flows != in->run_flows ||
        e.packets < in->run_packets)
        return -EPROTO;
    struct run_blobs b = { .flows = e.flows,
                           .packets = e.packets,
                           .totals = e.totals.p,
                           .totals_n = rd_left(&e.totals),
                           .minutes = e.minutes.p,
                           .minutes_n = rd_left(&e.minutes),
                           .census = e.census.p,
                           .census_n = rd_left(&e.census) };
    TRY(store_run_end(in->store, in->run, &b));
    in->run = 0;
    in->flows += e.flows;
    return in->ingest ? store_commit_due(in->store) : 0;
}

static int take_coverage(struct intake *in, struct rd r)
{
    struct record_coverage v;
    if (!in->ingest || record_get_coverage(r, &v)) /* live it is main/cover.c's */
        return -EPROTO;
    if (in->pending_n == PERIODS_MAX)
        return 0;
    struct record_coverage *p = realloc(in->pending, (in->pending_n + 1) * sizeof *p);
    if (!p)
        return -ENOMEM;
    in->pending = p;
    in->pending[in->pending_n++] = v;
    return 0;
}

static int take_warning(struct intake *in, struct rd r)
{
    struct record_warning v;
    if (record_get_warning(r, &v))
        return -EPROTO;
    if (in->warnings < INTAKE_WARNINGS)
        in->warning[in->warnings++] = v;
    return 0;
}

static int take_commit(struct intake *in, struct rd r)
{
    struct record_commit commit;
    if (in->ingest || in->run || record_get_commit(r, &commit))
        return -EPROTO;
    return store_commit(in->store);
}

static int take_end(struct intake *in, struct rd r)
{
    if (!in->ingest || in->run || record_get_end(r, &in->end))
        return -EPROTO;
    in->ended = true;
    in->packets = in->end.packets;
    return 0;
}

int intake_record(struct intake *in, uint8_t type, struct rd r)
{
    if (in->ended)
        return -EPROTO;
    bool first = !in->begun;
    in->begun = true;
    switch (type) {
    case RECORD_READY:
        return take_ready(in, r, first);
    case RECORD_RUN:
        return take_run(in, r);
    case RECORD_CHUNK:
        return take_chunk(in, r);
    case RECORD_RUN_END:
        return take_run_end(in, r);
    case RECORD_COVERAGE:
        return take_coverage(in, r);
    case RECORD_PROGRESS:
        return record_get_progress(r, &in->progress) ? -EPROTO : 0;
    case RECORD_WARNING:
        return take_warning(in, r);
    case RECORD_COMMIT:
        return take_commit(in, r);
    case RECORD_END:
        return take_end(in, r);
    default:
        return -EPROTO;
    }
}

int intake_finish(struct intake *in)
{
    for (size_t i = 0; i < in->pending_n; i++) {
        const struct record_coverage *v = &in->pending[i];
        struct coverage c = { .start = v->start,
                              .end = v->end,
                              .addresses = in->addresses ? in->addresses : in->end.destinations,
                              .estimated = in->addresses == 0,
                              .dark = in->dark,
                              .packets = v->packets,
                              .drops = v->drops };
        int64_t id;
        TRY(store_coverage_add(in->store, in->sensor, in->ingest, &c, &id));
    }
    return 0;
}
