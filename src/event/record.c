#include "event/record.h"

#include <stdlib.h>

/* No worker counts further; so many sums of these stay sums in SQL, whose numbers have 63 bits. */
#define COUNT_MAX (UINT64_C(1) << 48)

enum { HOUR_LAST = UINT32_MAX / 2 };

void setup_release(struct setup *s)
{
    prefix_list_release(&s->own);
    free(s->nat);
    *s = (struct setup){ 0 };
}

int record_put_setup(struct channel *c, const struct setup *s)
{
    size_t at = channel_begin(c, RECORD_SETUP);
    struct buf *b = &c->out;
    buf_u8(b, s->live);
    buf_u8(b, s->dark);
    buf_le32(b, s->block_kib);
    buf_le32(b, s->blocks);
    buf_le32(b, s->addresses);
    buf_le64(b, (uint64_t)s->clock_offset);
    buf_le64(b, s->first_block);
    buf_le64(b, (uint64_t)s->observed_until);
    buf_part(b, s->filter, strlen(s->filter));
    prefix_list_put(b, &s->own);
    buf_varint(b, s->nat_n);
    for (size_t i = 0; i < s->nat_n; i++) {
        buf_le32(b, s->nat[i].inside);
        buf_le32(b, s->nat[i].outside);
    }
    buf_varint(b, s->udp_answering_n);
    for (size_t i = 0; i < s->udp_answering_n; i++)
        buf_le16(b, s->udp_answering[i]);
    buf_part(b, s->label, s->label_n);
    return channel_end(c, at);
}

static int get_nat(struct rd *r, struct setup *s)
{
    uint64_t n = rd_varint(r);
    if (n > SETUP_NAT)
        return 1;
    s->nat = calloc((size_t)n + 1, sizeof *s->nat);
    if (!s->nat)
        return -ENOMEM;
    for (; s->nat_n < n; s->nat_n++) {
        s->nat[s->nat_n].inside = rd_le32(r);
        s->nat[s->nat_n].outside = rd_le32(r);
    }
    return 0;
}

static int get_ports(struct rd *r, struct setup *s)
{
    uint64_t n = rd_varint(r);
    if (n > SETUP_PORTS)
        return 1;
    for (; s->udp_answering_n < n; s->udp_answering_n++)
        s->udp_answering[s->udp_answering_n] = rd_le16(r);
    return 0;
}

static int get_labels(struct rd *r, struct setup *s)
{
    struct rd labels = rd_part(r);
    s->label_n = rd_left(&labels);
    if (s->label_n > MARK_LABELS - 1)
        return 1;
    rd_copy(&labels, s->label, s->label_n);
    for (size_t i = 0; i < s->label_n; i++)
        if (s->label[i] >= MARK_LABELS)
            return 1;
    return 0;
}

int record_get_setup(struct rd r, struct setup *ret)
{
    struct setup s = { 0 };
    s.live = rd_u8(&r) != 0;
    s.dark = rd_u8(&r) != 0;
    s.block_kib = rd_le32(&r);
    s.blocks = rd_le32(&r);
    s.addresses = rd_le32(&r);
    s.clock_offset = (int64_t)rd_le64(&r);
    s.first_block = rd_le64(&r);
    s.observed_until = (int64_t)rd_le64(&r);
    struct rd filter = rd_part(&r);
    if (rd_left(&filter) >= SETUP_FILTER)
        return 1;
    rd_copy(&filter, s.filter, rd_left(&filter));
    int err = prefix_list_get(&r, SETUP_PREFIXES, &s.own);
    if (!err)
        err = get_nat(&r, &s);
    if (!err)
        err = get_ports(&r, &s);
    if (!err)
        err = get_labels(&r, &s);
    if (!err && (!rd_done(&r) || s.clock_offset < -SETUP_OFFSET || s.clock_offset > SETUP_OFFSET))
        err = 1;
    if (err)
        setup_release(&s);
    else
        *ret = s;
    return err;
}

int record_put_run(struct channel *c, uint32_t hour)
{
    size_t at = channel_begin(c, RECORD_RUN);
    buf_le32(&c->out, hour);
    return channel_end(c, at);
}

int record_get_run(struct rd r, uint32_t *ret_hour)
{
    uint32_t hour = rd_le32(&r);
    if (!rd_done(&r) || hour > HOUR_LAST)
        return 1;
    *ret_hour = hour;
    return 0;
}

int record_put_chunk(struct channel *c, const struct run_chunk *chunk)
{
    size_t at = channel_begin(c, RECORD_CHUNK);
    struct buf *b = &c->out;
    buf_u8(b, chunk->family);
    buf_le32(b, chunk->hour);
    buf_le32(b, chunk->flows);
    buf_le64(b, chunk->packets);
    buf_le64(b, chunk->first);
    buf_le64(b, chunk->last);
    buf_put(b, chunk->data, chunk->n);
    return channel_end(c, at);
}

int record_get_chunk(struct rd r, struct run_chunk *ret)
{
    struct run_chunk c = { 0 };
    c.family = rd_u8(&r);
    c.hour = rd_le32(&r);
    c.flows = rd_le32(&r);
    c.packets = rd_le64(&r);
    c.first = rd_le64(&r);
    c.last = rd_le64(&r);
    c.n = rd_left(&r);
    c.data = rd_take(&r, c.n);
    if (!rd_done(&r) || (c.family != 4 && c.family != 6) || c.flows == 0 || c.flows > CHUNK_FLOWS ||
        c.first > c.last || c.packets < c.flows || c.packets > (uint64_t)c.flows * UINT32_MAX)
        return 1;
    *ret = c;
    return 0;
}

int record_put_run_end(struct channel *c, uint64_t flows, uint64_t packets, const struct buf *totals,
                       const struct buf *minutes, const struct buf *census)
{
    size_t at = channel_begin(c, RECORD_RUN_END);
    buf_le64(&c->out, flows);
    buf_le64(&c->out, packets);
    buf_part(&c->out, totals->data, totals->len);
    buf_part(&c->out, minutes->data, minutes->len);
    buf_part(&c->out, census->data, census->len);
    return channel_end(c, at);
}

int record_get_run_end(struct rd r, struct run_end *ret)
{
    struct run_end e = { 0 };
    e.flows = rd_le64(&r);
    e.packets = rd_le64(&r);
    e.totals = rd_part(&r);
    e.minutes = rd_part(&r);
    e.census = rd_part(&r);
    if (!rd_done(&r) || e.flows > e.packets || e.packets > COUNT_MAX)
        return 1;
    *ret = e;
    return 0;
}

int record_put_coverage(struct channel *c, const struct record_coverage *v)
{
    size_t at = channel_begin(c, RECORD_COVERAGE);
    buf_le64(&c->out, (uint64_t)v->start);
    buf_le64(&c->out, (uint64_t)v->end);
    buf_le64(&c->out, v->packets);
    buf_le64(&c->out, v->drops);
    return channel_end(c, at);
}

int record_get_coverage(struct rd r, struct record_coverage *ret)
{
    struct record_coverage v;
    v.start = (int64_t)rd_le64(&r);
    v.end = (int64_t)rd_le64(&r);
    v.packets = rd_le64(&r);
    v.drops = rd_le64(&r);
    if (!rd_done(&r) || v.start < 0 || v.end < v.start || v.end > HOUR_SECONDS * (INT64_C(1) + HOUR_LAST) ||
        v.packets > COUNT_MAX || v.drops > COUNT_MAX)
        return 1;
    *ret = v;
    return 0;
}

int record_put_progress(struct channel *c, const struct record_progress *v)
{
    size_t at = channel_begin(c, RECORD_PROGRESS);
    buf_le64(&c->out, v->position);
    buf_le64(&c->out, v->packets);
    return channel_end(c, at);
}

int record_get_progress(struct rd r, struct record_progress *ret)
{
    struct record_progress v;
    v.position = rd_le64(&r);
    v.packets = rd_le64(&r);
    if (!rd_done(&r))
        return 1;
    *ret = v;
    return 0;
}

int record_put_warning(struct channel *c, const struct record_warning *v)
{
    size_t at = channel_begin(c, RECORD_WARNING);
    buf_le32(&c->out, v->code);
    buf_le64(&c->out, v->offset);
    buf_le64(&c->out, (uint64_t)v->amount);
    return channel_end(c, at);
}

int record_get_warning(struct rd r, struct record_warning *ret)
{
    struct record_warning v;
    v.code = rd_le32(&r);
    v.offset = rd_le64(&r);
    v.amount = (int64_t)rd_le64(&r);
    if (!rd_done(&r))
        return 1;
    *ret = v;
    return 0;
}

int record_put_commit(struct channel *c, const struct record_commit *v)
{
    size_t at = channel_begin(c, RECORD_COMMIT);
    buf_le64(&c->out, v->sequence);
    buf_le64(&c->out, v->block);
    return channel_end(c, at);
}

int record_get_commit(struct rd r, struct record_commit *ret)
{
    struct record_commit v;
    v.sequence = rd_le64(&r);
    v.block = rd_le64(&r);
    if (!rd_done(&r))
        return 1;
    *ret = v;
    return 0;
}

int record_put_end(struct channel *c, const struct record_end *v)
{
    size_t at = channel_begin(c, RECORD_END);
    buf_put(&c->out, v->digest, sizeof v->digest);
    buf_le64(&c->out, v->packets);
    buf_le64(&c->out, v->destinations);
    buf_u8(&c->out, v->destinations_exact);
    return channel_end(c, at);
}

int record_get_end(struct rd r, struct record_end *ret)
{
    struct record_end v;
    rd_copy(&r, v.digest, sizeof v.digest);
    v.packets = rd_le64(&r);
    v.destinations = rd_le64(&r);
    v.destinations_exact = rd_u8(&r) != 0;
    if (!rd_done(&r) || v.destinations > INT64_MAX)
        return 1;
    *ret = v;
    return 0;
}

int record_put_ready(struct channel *c, const struct record_ready *v)
{
    size_t at = channel_begin(c, RECORD_READY);
    buf_le32(&c->out, v->confined);
    return channel_end(c, at);
}

int record_get_ready(struct rd r, struct record_ready *ret)
{
    struct record_ready v = { .confined = rd_le32(&r) };
    if (!rd_done(&r))
        return 1;
    *ret = v;
    return 0;
}

int record_put_session(struct channel *c, const struct session_event *e)
{
    size_t at = channel_begin(c, RECORD_SESSION);
    session_put(&c->out, e);
    return channel_end(c, at);
}

int record_get_session(struct rd r, struct session_event *ret)
{
    return session_get(r, ret);
}
