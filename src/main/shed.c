#include "main/shed.h"

#include "event/record.h"

enum { PERIODS_MOST = 16 }; /* of deltas in a row; more come of a clock gone wild */

struct remains {
    struct record_coverage period[PERIODS_MOST];
    size_t n;
    uint64_t lost, lost_before; /* packets */
    struct rd commit;
};

void held_put(struct buf *b, uint8_t type, struct rd record)
{
    size_t n = rd_left(&record);
    buf_le32(b, (uint32_t)n + 1);
    buf_u8(b, type);
    buf_put(b, record.p, n);
}

bool held_next(struct rd *held, uint8_t *ret_type, struct rd *ret)
{
    if (rd_left(held) == 0)
        return false;
    *ret = rd_sub(held, rd_le32(held));
    *ret_type = rd_u8(ret);
    return rd_ok(held) && rd_ok(ret);
}

/* What was told of a period before it grew. */
static bool is_grown(const struct record_coverage *before, const struct record_coverage *now)
{
    return before->start == now->start && before->packets <= now->packets;
}

/* A period that grew takes the place of what was told of it before. */
static void keep_period(struct remains *k, struct rd record)
{
    struct record_coverage v;
    if (record_get_coverage(record, &v))
        return;
    if (k->n && (is_grown(&k->period[k->n - 1], &v) || k->n == PERIODS_MOST))
        k->n--;
    k->period[k->n++] = v;
}

static void keep(struct remains *k, uint8_t type, struct rd record)
{
    struct run_end e;
    if (type == RECORD_COVERAGE)
        keep_period(k, record);
    else if (type == RECORD_SHED)
        k->lost_before += rd_le64(&record);
    else if (type == RECORD_RUN_END && record_get_run_end(record, &e) == 0)
        k->lost += e.packets;
    else if (type == RECORD_COMMIT)
        k->commit = record;
}

/* Nothing where nothing was lost: what is left of a silent delta is no longer than it was. */
static void put_lost(struct buf *b, uint64_t packets)
{
    if (!packets)
        return;
    buf_le32(b, 9);
    buf_u8(b, RECORD_SHED);
    buf_le64(b, packets);
}

static void put_periods(struct buf *b, const struct remains *k)
{
    struct channel c; /* its buffer alone: records look there as they are held */
    channel_init(&c, -1);
    for (size_t i = 0; i < k->n; i++)
        b->bad |= record_put_coverage(&c, &k->period[i]) != 0;
    buf_put(b, c.out.data, c.out.len);
    channel_release(&c);
}

int shed_deltas(struct rd deltas, struct buf *ret, uint64_t *ret_lost)
{
    struct remains k = { .n = 0 };
    uint8_t type;
    struct rd record;
    while (held_next(&deltas, &type, &record))
        keep(&k, type, record);
    put_lost(ret, k.lost + k.lost_before);
    put_periods(ret, &k);
    held_put(ret, RECORD_COMMIT, k.commit);
    *ret_lost = k.lost;
    return buf_ok(ret) ? 0 : -ENOMEM;
}
