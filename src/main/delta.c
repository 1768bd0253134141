#include "main/delta.h"

void delta_init(struct delta *d)
{
    *d = (struct delta){ 0 };
    buf_init(&d->held, DELTA_MOST);
}

void delta_release(struct delta *d)
{
    buf_release(&d->held);
    d->whole = d->at = 0;
}

/* What was stored gives way to what comes. */
static void make_room(struct delta *d)
{
    if (d->at == 0)
        return;
    memmove(d->held.data, d->held.data + d->at, d->held.len - d->at);
    d->held.len -= d->at;
    d->whole -= d->at;
    d->at = 0;
}

int delta_hold(struct delta *d, uint8_t type, struct rd record)
{
    if (d->at == d->whole || d->at > DELTA_MOST / 2)
        make_room(d);
    size_t n = rd_left(&record), before = d->held.len;
    buf_le32(&d->held, (uint32_t)n + 1);
    buf_u8(&d->held, type);
    buf_put(&d->held, record.p, n);
    if (!buf_ok(&d->held)) {
        d->held.len = before;
        d->held.bad = false;
        return -EPROTO;
    }
    if (type == RECORD_COMMIT)
        d->whole = d->held.len;
    return 0;
}

void delta_cut(struct delta *d)
{
    d->held.len = d->whole;
}

size_t delta_waiting(const struct delta *d)
{
    return d->held.len - d->at;
}

bool delta_ready(const struct delta *d)
{
    return d->at < d->whole;
}

static int take_coverage(const struct delta_target *t, struct rd record)
{
    struct record_coverage v;
    if (record_get_coverage(record, &v) || v.end > t->latest)
        return -EPROTO;
    return cover_add(t->cover, t->intake->store, t->intake->sensor, t->part, &v,
                     t->drops);
}

static int take_record(const struct delta_target *t, uint8_t type, struct rd record)
{
    return type == RECORD_COVERAGE ? take_coverage(t, record) : intake_record(t->intake, type, record);
}

static int next_record(struct rd *r, uint8_t *ret_type, struct rd *ret)
{
    uint32_t n = rd_le32(r);
    *ret = rd_sub(r, n);
    *ret_type = rd_u8(ret);
    return rd_ok(ret) && rd_ok(r) ? 0 : -EPROTO;
}

/* Whether this delta is the first in the life of a worker. */
static int begins_life(struct rd r, bool *ret)
{
    struct record_commit commit;
    struct rd record;
    uint8_t type = 0;
    while (type != RECORD_COMMIT)
        TRY(next_record(&r, &type, &record));
    if (record_get_commit(record, &commit))
        return -EPROTO;
    *ret = commit.sequence == 1;
    return 0;
}

/* Up to and with the COMMIT, which intake turns into the store's. */
static int take_delta(struct delta *d, const struct delta_target *t, size_t *ret_n)
{
    struct rd r = rd_init(d->held.data + d->at, d->whole - d->at);
    struct rd record;
    uint8_t type = 0;
    bool begins;
    TRY(begins_life(r, &begins));
    if (begins)
        cover_renew(t->cover, t->part);
    while (type != RECORD_COMMIT) {
        TRY(next_record(&r, &type, &record));
        TRY(take_record(t, type, record));
    }
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
        return 0;
    }
    store_rollback(t->intake->store);
    *t->intake = intake;
    *t->cover = cover;
    if (err == -EPROTO)
        d->at = d->whole = d->held.len = 0;
    return err;
}
