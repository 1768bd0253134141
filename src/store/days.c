/*
 * A day whole: its totals, its census, and the source sets of its larger services, from its hours.
 */
#include "store/inside.h"

#include "event/bits.h"

#include <stdlib.h>
#include <string.h>

enum { HOURS_MAX = 26 /* of a day when clocks are set back, and one to spare */, SET_SOURCES = 1024 };

/* One hour's flows on their way through the day. */
struct lane {
    struct merge *merge;
    struct flow flow;
    uint8_t family; /* of flow; 0: no more */
};

struct day {
    struct store *s;
    int64_t start;
    struct lane lane[HOURS_MAX];
    size_t lanes;
    struct totals totals;
    struct census census;
    uint32_t *v4, *scratch;
    size_t v4_n, v4_room;
    uint8_t (*v6)[16];
    size_t v6_n, v6_room;
};

static int lane_next(struct lane *l)
{
    const uint32_t *dest;
    int more = merge_next(l->merge, &l->flow, &dest);
    TRY(more);
    l->family = more ? merge_family(l->merge) : 0;
    return 0;
}

static int open_lanes(struct day *d, int64_t end)
{
    for (int64_t at = d->start; at < end && d->lanes < HOURS_MAX; at += HOUR_SECONDS) {
        struct lane *l = &d->lane[d->lanes];
        struct span all = { .hour = (uint32_t)(at / HOUR_SECONDS),
                            .level = EVERY_LEVEL,
                            .last = UINT64_MAX,
                            .how = CHUNK_COUNTS };
        TRY(merge_open(&l->merge, d->s, &all));
        d->lanes++;
        TRY(lane_next(l));
    }
    return 0;
}

static int keep_source(struct day *d, const struct lane *l)
{
    if (l->family == 4) {
        if (d->v4_n == d->v4_room) {
            size_t room = d->v4_room ? d->v4_room * 2 : 4096;
            uint32_t *p = realloc(d->v4, room * sizeof *p);
            if (p)
                d->v4 = p;
            uint32_t *q = p ? realloc(d->scratch, room * sizeof *q) : NULL;
            if (!q)
                return -ENOMEM;
            d->scratch = q;
            d->v4_room = room;
        }
        d->v4[d->v4_n++] = flow_source(&l->flow);
        return 0;
    }
    if (d->v6_n == d->v6_room) {
        size_t room = d->v6_room ? d->v6_room * 2 : 4096;
        uint8_t(*p)[16] = realloc(d->v6, room * sizeof *p);
        if (!p)
            return -ENOMEM;
        d->v6 = p;
        d->v6_room = room;
    }
    struct addr a = merge_address(l->merge, flow_source(&l->flow));
    memcpy(d->v6[d->v6_n++], a.bytes, 16);
    return 0;
}

/* The least service that any lane has next, IPv4 before IPv6. */
static bool next_service(const struct day *d, uint8_t *ret_family, uint32_t *ret_scope)
{
    *ret_family = 0;
    for (size_t i = 0; i < d->lanes; i++) {
        const struct lane *l = &d->lane[i];
        uint32_t scope = head_service(flow_head(&l->flow));
        if (l->family && (!*ret_family || l->family < *ret_family ||
                          (l->family == *ret_family && scope < *ret_scope))) {
            *ret_family = l->family;
            *ret_scope = scope;
        }
    }
    return *ret_family != 0;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static size_t unique_v6(uint8_t (*v)[16], size_t n)
{
    if (n == 0)
        return 0;
    qsort(v, n, 16, by_bytes);
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (memcmp(v[i], v[kept - 1], 16) != 0)
            memcpy(v[kept++], v[i], 16);
    return kept;
}

/* IPv4 sources only: a service with many IPv6 sources is answered from its flows. A set counts only with its
 * day's row, which is written last. */
static int keep_set(struct day *d, uint32_t scope)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    buf_varint(&b, d->v4_n);
    for (size_t i = d->v4_n; i-- > 1;)
        d->v4[i] -= d->v4[i - 1] + 1;
    bits_pack(&b, d->v4, d->v4_n);
    int err = buf_status(&b);
    if (!err)
        err = store_begin(d->s);
    if (!err) {
        struct stmt *q = db_stmt(d->s->db, "INSERT OR REPLACE INTO day_sources VALUES(?, ?, ?)");
        db_bind_int(q, 1, d->start);
        db_bind_int(q, 2, scope);
        db_bind_blob(q, 3, b.data, b.len);
        err = db_run(d->s->db, q);
    }
    buf_release(&b);
    d->s->written += d->v4_n * 3;
    return err ? err : store_commit_due(d->s);
}

static int take_service(struct day *d, uint8_t family, uint32_t scope)
{
    uint64_t packets = 0, bytes = 0;
    d->v4_n = d->v6_n = 0;
    for (size_t i = 0; i < d->lanes; i++) {
        struct lane *l = &d->lane[i];
        while (l->family == family && head_service(flow_head(&l->flow)) == scope) {
            packets += l->flow.packets;
            bytes += l->flow.bytes;
            TRY(keep_source(d, l));
            TRY(lane_next(l));
        }
    }
    sort_u32(d->v4, d->scratch, d->v4_n);
    d->v4_n = sort_unique_u32(d->v4, d->v4_n);
    d->v6_n = unique_v6(d->v6, d->v6_n);
    TRY(totals_add(&d->totals, scope, packets, bytes, d->v4_n + d->v6_n));
    return d->v4_n >= SET_SOURCES ? keep_set(d, scope) : 0;
}

/* Totals that no flow of the day's own pass makes. */
static bool comes_from_hours(uint32_t scope)
{
    return !scope_is_service(scope) || scope_is_tally(scope);
}

/* Tallies and fingerprints' accesses add up over the hours; distinct sources come from the census. */
static int add_hour(struct day *d, uint32_t hour, struct totals *sums, struct census *ret)
{
    struct totals t = { 0 };
    int err = hour_summary(d->s, hour, &t, ret);
    for (size_t i = 0; !err && i < t.n; i++)
        if (comes_from_hours(t.item[i].scope))
            err = totals_add(sums, t.item[i].scope, t.item[i].packets, t.item[i].bytes, 0);
    totals_release(&t);
    return err;
}

static uint64_t wide_sources(const struct census *c, uint32_t scope)
{
    switch (scope >> 29) {
    case SCOPE_KIND:
        return census_count_kind(c, head_kind(scope));
    case SCOPE_PROTO:
        return census_count_proto(c, (enum proto)head_port(scope));
    case SCOPE_FINGERPRINT:
        return census_count_fingerprint(c, head_port(scope));
    default:
        return 0;
    }
}

static int take_hours(struct day *d)
{
    struct totals sums = { 0 };
    struct census hour[HOURS_MAX] = { 0 };
    int err = 0;
    for (size_t i = 0; !err && i < d->lanes; i++)
        err = add_hour(d, (uint32_t)(d->start / HOUR_SECONDS) + (uint32_t)i, &sums, &hour[i]);
    if (!err)
        err = census_unite(hour, d->lanes, &d->census);
    totals_settle(&sums);
    for (size_t i = 0; !err && i < sums.n; i++)
        err = totals_add(&d->totals, sums.item[i].scope, sums.item[i].packets, sums.item[i].bytes,
                         wide_sources(&d->census, sums.item[i].scope));
    for (size_t i = 0; i < d->lanes; i++)
        census_release(&hour[i]);
    totals_release(&sums);
    return err;
}

static int write_day(struct day *d, int64_t end, const char *zone)
{
    struct buf totals, census;
    buf_init(&totals, 64 << 20);
    buf_init(&census, 256 << 20);
    int err = totals_encode(&d->totals, d->s->zstd, &totals);
    if (!err)
        err = census_encode(&d->census, d->s->zstd, &census);
    if (!err)
        err = store_begin(d->s);
    if (!err) {
        struct stmt *q = db_stmt(d->s->db, "INSERT OR REPLACE INTO day VALUES(?, ?, ?, ?, ?)");
        db_bind_int(q, 1, d->start);
        db_bind_int(q, 2, end);
        db_bind_text(q, 3, zone ? zone : "UTC");
        db_bind_blob(q, 4, totals.data, totals.len);
        db_bind_blob(q, 5, census.data, census.len);
        err = db_run(d->s->db, q);
    }
    buf_release(&totals);
    buf_release(&census);
    return err;
}

int day_derive(struct store *s, int64_t start, int64_t end, const char *zone)
{
    struct day *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->s = s;
    d->start = start;
    int err = open_lanes(d, end);
    if (!err)
        err = take_hours(d);
    uint8_t family;
    uint32_t scope = 0;
    while (!err && next_service(d, &family, &scope))
        err = take_service(d, family, scope);
    if (!err)
        err = store_commit(s);
    totals_settle(&d->totals);
    if (!err)
        err = write_day(d, end, zone);
    for (size_t i = 0; i < d->lanes; i++)
        merge_close(d->lane[i].merge);
    totals_release(&d->totals);
    census_release(&d->census);
    free(d->v4);
    free(d->scratch);
    free(d->v6);
    free(d);
    return err ? err : store_commit(s);
}
