#include "main/delta.h"

#include "main/shed.h"

void delta_init(struct delta *d)
{
    *d = (struct delta){ 0 };
    buf_init(&d->held, DELTA_MOST);
}

static void delta_forget(struct delta *d)
{
    d->held.len = d->whole = d->at = d->last = 0;
    d->shedding = false;
}

void delta_release(struct delta *d)
{
    buf_release(&d->held);
    delta_forget(d);
}

/* What was stored gives way to what comes. */
static void make_room(struct delta *d)
{
    if (d->at == 0)
        return;
    memmove(d->held.data, d->held.data + d->at, d->held.len - d->at);
    d->held.len -= d->at;
    d->whole -= d->at;
    d->last = d->last > d->at ? d->last - d->at : 0;
    d->shed_from = d->shed_from > d->at ? d->shed_from - d->at : 0;
    d->at = 0;
}

int delta_hold(struct delta *d, uint8_t type, struct rd record)
{
    if (type == RECORD_SHED || (type == RECORD_RUN && ++d->runs > DELTA_RUNS))
        return -EPROTO;
    if (d->at == d->whole || d->at > DELTA_MOST / 2)
        make_room(d);
    size_t before = d->held.len;
    held_put(&d->held, type, record);
    if (!buf_ok(&d->held)) {
        d->held.len = before;
        d->held.bad = false;
        return -EPROTO;
    }
    if (type == RECORD_COMMIT) {
        d->last = d->whole;
        d->whole = d->held.len;
        d->runs = 0;
    }
    return 0;
}

void delta_cut(struct delta *d)
{
    d->held.len = d->whole;
    d->runs = 0;
}

size_t delta_waiting(const struct delta *d)
{
    return d->held.len - d->at;
}

bool delta_ready(const struct delta *d)
{
    return d->at < d->whole;
}

/* What comes behind the whole deltas, half a one, stays. */
static void replace_whole(struct delta *d, size_t from, const struct buf *small)
{
    size_t half = d->held.len - d->whole;
    memcpy(d->held.data + from, small->data, small->len);
    memmove(d->held.data + from + small->len, d->held.data + d->whole, half);
    d->whole = from + small->len;
    d->held.len = d->whole + half;
}

int delta_shed(struct delta *d, uint64_t *ret_lost)
{
    *ret_lost = 0;
    /* Its periods and COMMIT are what remains, and those it had: it only ever gets smaller by this. */
    if (d->last < d->at || d->last == d->whole)
        return 0;
    size_t from = d->shedding && d->shed_from >= d->at ? d->shed_from : d->last;
    struct buf small;
    buf_init(&small, DELTA_MOST);
    uint64_t lost;
    int err = shed_deltas(rd_init(d->held.data + from, d->whole - from), &small, &lost);
    if (!err && small.len <= d->whole - from) {
        replace_whole(d, from, &small);
        *ret_lost = lost;
        d->shedding = true;
        d->shed_from = from;
        d->last = d->whole; /* the next one begins here */
    }
    buf_release(&small);
    return err;
}

static int take_coverage(const struct delta_target *t, struct rd record)
{
    struct record_coverage v;
    if (record_get_coverage(record, &v) || v.end > t->latest)
        return -EPROTO;
    /* A period may be older where it is the one that was told of before. */
    if (v.start < t->earliest && v.start != t->cover->part[t->part].last.start)
        return -EPROTO;
    return cover_add(t->cover, t->intake->store, t->intake->sensor, t->part, &v, t->drops);
}

/* What is said of an hour undoes the totals of its day, so it is no day of long ago. */
static bool is_hour_sound(const struct delta_target *t, struct rd record)
{
    uint32_t hour;
    if (record_get_run(record, &hour))
        return false;
    int64_t start = (int64_t)hour * HOUR_SECONDS;
    return start + HOUR_SECONDS > t->earliest && start <= t->latest;
}

static bool is_event_sound(const struct delta_target *t, struct rd record)
{
    struct session_event e;
    return record_get_session(record, &e) == 0 && e.time / 1000000 >= t->earliest && e.time / 1000000 <= t->latest;
}

static int take_record(const struct delta_target *t, uint8_t type, struct rd record)
{
    switch (type) {
    case RECORD_COVERAGE:
        return take_coverage(t, record);
    case RECORD_SHED:
        cover_shed(t->cover, rd_le64(&record));
        return 0;
    case RECORD_RUN:
        if (!is_hour_sound(t, record))
            return -EPROTO;
        break;
    case RECORD_SESSION:
        if (!is_event_sound(t, record))
            return -EPROTO;
        break;
    default:
        break;
    }
    return intake_record(t->intake, type, record);
}

/* Whether this delta is the first in the life of a worker. */
static int begins_life(struct rd r, bool *ret)
{
    struct record_commit commit;
    struct rd record;
    uint8_t type = 0;
    while (type != RECORD_COMMIT)
        if (!held_next(&r, &type, &record))
            return -EPROTO;
    if (record_get_commit(record, &commit))
        return -EPROTO;
    *ret = commit.sequence == 1;
    return 0;
}

/* Up to and with the COMMIT, which intake turns into the store's. */
static int take_delta(struct delta *d, const struct delta_target *t, size_t *ret_n)
{
    struct rd r = rd_init(d->held.data + d->at, d->whole - d->at);
    uint8_t type = 0;
    bool begins;
    TRY(begins_life(r, &begins));
    if (begins)
        cover_renew(t->cover, t->part);
    while (type != RECORD_COMMIT) {
        struct rd record;
        if (!held_next(&r, &type, &record))
            return -EPROTO;
        TRY(take_record(t, type, record));
    }
    cover_settle(t->cover);
    *ret_n = d->whole - d->at - rd_left(&r);
    return 0;
}

int delta_store(struct delta *d, const struct delta_target *t)
{
    struct intake intake = *t->intake;
    struct cover cover = *t->cover;
    size_t n = 0;
    int err = take_delta(d, t, &n);
    if (!err) {
        d->at += n;
        d->shedding = false;
        return 0;
    }
    store_rollback(t->intake->store);
    *t->intake = intake;
    *t->cover = cover;
    if (err == -EPROTO)
        delta_forget(d);
    return err;
}
