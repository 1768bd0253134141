/*
 * A day whole: its totals, its census, and the source sets of its larger services, from its hours.
 */
#include "store/inside.h"

#include "event/bits.h"

#include <stdlib.h>
#include <string.h>

enum { HOURS_MAX = 26 /* of a day when clocks are set back, and one to spare */, SET_SOURCES = 1024, BEST = 128, SET_MAX = 64 << 20 };

/* Source sets are kept of services with many sources, and of those with the most packets. */
struct best {
    uint64_t packets;
    uint32_t scope;
    struct buf set;
};

/* One hour's flows on their way through the day. */
struct lane {
    struct merge *merge;
    struct flow flow;
    uint8_t family; /* of flow; 0: no more */
    uint32_t *map;  /* from the hour's sources to the day's */
    size_t sources; /* of the hour: length of map */
};

/* IPv4 sources are their numbers in the day's census: a service's are marked in a bitmap. */
struct day {
    struct store *s;
    int64_t start;
    struct lane lane[HOURS_MAX];
    size_t lanes;
    struct totals totals;
    struct census census;
    uint64_t *seen; /* a bit for each IPv4 source of the day; all clear between services */
    uint32_t *v4;   /* numbers of the service's sources, as they were first seen */
    size_t v4_n;
    uint8_t (*v6)[16];
    size_t v6_n, v6_room;
    struct best best[BEST];
};

static int lane_next(struct lane *l)
{
    const uint32_t *dest;
    int more = merge_next(l->merge, &l->flow, &dest);
    TRY(more);
    l->family = more ? merge_family(l->merge) : 0;
    return 0;
}

static void keep_v4(struct day *d, uint32_t number)
{
    uint64_t *word = &d->seen[number / 64], bit = UINT64_C(1) << (number % 64);
    if (!(*word & bit))
        d->v4[d->v4_n++] = number;
    *word |= bit;
}

static int keep_v6(struct day *d, const struct lane *l)
{
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

/* The service's IPv4 sources as bytes; one with many IPv6 sources is answered from its flows. */
static int encode_set(const struct day *d, struct buf *b)
{
    uint32_t *step = malloc(2 * d->v4_n * sizeof *step);
    if (!step)
        return -ENOMEM;
    for (size_t i = 0; i < d->v4_n; i++)
        step[i] = d->census.v4[d->v4[i]];
    sort_u32(step, step + d->v4_n, d->v4_n);
    for (size_t i = d->v4_n; i-- > 1;)
        step[i] -= step[i - 1] + 1;
    buf_varint(b, d->v4_n);
    bits_pack(b, step, d->v4_n);
    free(step);
    return buf_status(b);
}

/* A set counts only with its day's row, which is written last. */
static int write_set(struct day *d, uint32_t scope, const struct buf *b)
{
    TRY(store_begin(d->s));
    struct stmt *q = db_stmt(d->s->db, "INSERT OR REPLACE INTO day_sources VALUES(?, ?, ?)");
    db_bind_int(q, 1, d->start);
    db_bind_int(q, 2, scope);
    db_bind_blob(q, 3, b->data, b->len);
    TRY(db_run(d->s->db, q));
    d->s->written += b->len;
    return store_commit_due(d->s);
}

static int keep_best(struct day *d, uint32_t scope, uint64_t packets)
{
    struct best *least = &d->best[0];
    for (size_t i = 1; i < BEST; i++)
        if (d->best[i].packets < least->packets)
            least = &d->best[i];
    if (packets <= least->packets)
        return 0;
    least->packets = packets;
    least->scope = scope;
    buf_reset(&least->set);
    return encode_set(d, &least->set);
}

static int keep_set(struct day *d, uint32_t scope, uint64_t packets)
{
    if (d->v4_n == 0)
        return 0;
    if (d->v4_n < SET_SOURCES)
        return keep_best(d, scope, packets);
    struct buf b;
    buf_init(&b, SET_MAX);
    int err = encode_set(d, &b);
    if (!err)
        err = write_set(d, scope, &b);
    buf_release(&b);
    return err;
}

static int write_best(struct day *d)
{
    for (size_t i = 0; i < BEST; i++)
        if (d->best[i].packets)
            TRY(write_set(d, d->best[i].scope, &d->best[i].set));
    return 0;
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
            if (family == 4)
                keep_v4(d, flow_source(&l->flow));
            else
                TRY(keep_v6(d, l));
            TRY(lane_next(l));
        }
    }
    for (size_t i = 0; i < d->v4_n; i++)
        d->seen[d->v4[i] / 64] = 0;
    d->v6_n = unique_v6(d->v6, d->v6_n);
    TRY(totals_add(&d->totals, scope, packets, bytes, d->v4_n + d->v6_n));
    return keep_set(d, scope, packets);
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
        return head_kind(scope) == KIND_ACCESS ? census_count_proto(c, (enum proto)head_port(scope)) : 0;
    case SCOPE_FINGERPRINT:
        return census_count_fingerprint(c, head_port(scope));
    default:
        return 0;
    }
}

static int take_sums(struct day *d, const struct totals *sums)
{
    for (size_t i = 0; i < sums->n; i++)
        TRY(totals_add(&d->totals, sums->item[i].scope, sums->item[i].packets, sums->item[i].bytes,
                       wide_sources(&d->census, sums->item[i].scope)));
    return 0;
}

/* The hours' censuses become the day's, and their sources its numbers. */
static int take_hours(struct day *d)
{
    struct totals sums = { 0 };
    struct census hour[HOURS_MAX] = { 0 };
    uint32_t *map[HOURS_MAX] = { 0 };
    int err = 0;
    for (size_t i = 0; !err && i < d->lanes; i++)
        err = add_hour(d, (uint32_t)(d->start / HOUR_SECONDS) + (uint32_t)i, &sums, &hour[i]);
    if (!err)
        err = census_unite(hour, d->lanes, &d->census, map);
    totals_settle(&sums);
    if (!err)
        err = take_sums(d, &sums);
    for (size_t i = 0; i < d->lanes; i++) {
        d->lane[i].map = map[i];
        d->lane[i].sources = hour[i].v4_n;
        census_release(&hour[i]);
    }
    totals_release(&sums);
    d->seen = calloc(d->census.v4_n / 64 + 1, sizeof *d->seen);
    d->v4 = malloc((d->census.v4_n + 1) * sizeof *d->v4);
    return err ? err : d->seen && d->v4 ? 0 : -ENOMEM;
}

static int open_lanes(struct day *d)
{
    for (size_t i = 0; i < d->lanes; i++) {
        struct lane *l = &d->lane[i];
        struct span all = { .hour = (uint32_t)(d->start / HOUR_SECONDS) + (uint32_t)i,
                            .level = EVERY_LEVEL,
                            .last = UINT64_MAX,
                            .how = CHUNK_COUNTS,
                            .map = l->map,
                            .map_n = l->sources };
        TRY(merge_open(&l->merge, d->s, &all));
        TRY(lane_next(l));
    }
    return 0;
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

/* The shown runs of the day: whether no hour has several (those are merged first), and a number that tells
 * one set of runs from another. */
static int look_at_runs(struct day *d, bool *ret_merged, int64_t *ret_stamp)
{
    struct stmt *q = db_stmt(d->s->db, "SELECT count(*)=count(DISTINCT hour), total(id*(hour%97+1)) FROM run"
                                       " WHERE state=1 AND hour >= ?1 AND hour < ?2");
    db_bind_int(q, 1, d->start / HOUR_SECONDS);
    db_bind_int(q, 2, d->start / HOUR_SECONDS + (int64_t)d->lanes);
    int row = db_step(d->s->db, q);
    if (row == 1) {
        *ret_merged = db_int(q, 0) != 0;
        *ret_stamp = db_int(q, 1);
    }
    db_done(q);
    return row < 0 ? row : 0;
}

static int take_services(struct day *d)
{
    uint8_t family;
    uint32_t scope = 0;
    while (next_service(d, &family, &scope))
        TRY(take_service(d, family, scope));
    totals_settle(&d->totals);
    TRY(write_best(d));
    return store_commit(d->s);
}

static void free_day(struct day *d)
{
    for (size_t i = 0; i < d->lanes; i++) {
        merge_close(d->lane[i].merge);
        free(d->lane[i].map);
    }
    for (size_t i = 0; i < BEST; i++)
        buf_release(&d->best[i].set);
    totals_release(&d->totals);
    census_release(&d->census);
    free(d->seen);
    free(d->v4);
    free(d->v6);
    free(d);
}

int day_derive(struct store *s, int64_t start, int64_t end, const char *zone)
{
    struct day *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->s = s;
    d->start = start;
    for (size_t i = 0; i < BEST; i++)
        buf_init(&d->best[i].set, SET_MAX);
    d->lanes = (size_t)((end - start) / HOUR_SECONDS);
    d->lanes = d->lanes < HOURS_MAX ? d->lanes : HOURS_MAX;
    int64_t before, after;
    bool merged;
    int err = look_at_runs(d, &merged, &before);
    if (!err && merged) {
        err = take_hours(d);
        if (!err)
            err = open_lanes(d);
        if (!err)
            err = take_services(d);
        if (!err)
            err = store_begin(s);
        /* A file that was shown meanwhile makes this stale; the day will be asked for again. */
        if (!err)
            err = look_at_runs(d, &merged, &after);
        if (!err && before == after)
            err = write_day(d, end, zone);
    }
    free_day(d);
    return err ? err : store_commit(s);
}
