/*
 * A day whole: its totals, its census, and the source sets of its larger services, from its hours.
 */
#include "store/evidence.h"
#include "store/inside.h"

#include "base/array.h"
#include "store/set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOURS_MAX = 26, /* of a day when clocks are set back, and one to spare */
    SET_SOURCES = 1024,
    BEST = 128,
    SET_MAX = 64 << 20,
};

/* Source sets are kept of services with many sources, and of those with the most packets. */
struct best {
    uint64_t packets;
    uint32_t scope;
    struct buf set;
};

/* One hour on its way through the day: its totals lead, service by service, and its flows follow. */
struct lane {
    uint32_t hour;
    struct totals totals;
    size_t total_at;
    struct keys *keys; /* IPv4 */
    struct chunk_keys *chunk;
    size_t run_at, flow_at; /* in chunk */
    uint32_t *map;          /* from the hour's sources to the day's */
    size_t sources;         /* of the hour: length of map */
};

/* An IPv6 source of a service. */
struct v6_source {
    uint32_t scope;
    uint8_t addr[16];
};

/* IPv4 sources are their numbers in the day's census: a service's are marked in a bitmap. */
struct day {
    struct store *s;
    int64_t start;
    struct lane lane[HOURS_MAX];
    uint32_t next[HOURS_MAX]; /* scope of each lane's next total; UINT32_MAX: none */
    size_t lanes;
    struct totals totals;
    struct census census;
    uint64_t *seen; /* a bit for each IPv4 source of the day; all clear between services */
    uint32_t *v4;   /* numbers of the service's sources, as they were first seen */
    size_t v4_n;
    struct v6_source *v6; /* of all services; sorted, each once */
    size_t v6_n, v6_room, v6_at;
    struct best best[BEST];
};

/* Without a branch: whether a source is new is not to be foretold. */
static void keep_sources(struct day *d, const uint32_t *number, size_t n)
{
    uint64_t *seen = d->seen;
    uint32_t *to = d->v4 + d->v4_n;
    for (size_t i = 0; i < n; i++) {
        uint64_t *word = &seen[number[i] / 64], bit = UINT64_C(1) << (number[i] % 64);
        *to = number[i];
        to += !(*word & bit);
        *word |= bit;
    }
    d->v4_n = (size_t)(to - d->v4);
}

/* ---- IPv6: seldom much, so all of it at once ---- */

static int keep_v6(struct day *d, const struct merge *m, const struct flow *f)
{
    TRY(ARRAY_ROOM(d->v6, d->v6_room, d->v6_n + 1));
    struct addr a = merge_address(m, flow_source(f));
    struct v6_source *x = &d->v6[d->v6_n++];
    x->scope = head_service(flow_head(f));
    memcpy(x->addr, a.bytes, 16);
    return 0;
}

static int by_scope_and_address(const void *a, const void *b)
{
    const struct v6_source *x = a, *y = b;
    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    return memcmp(x->addr, y->addr, 16);
}

static int gather_v6(struct day *d)
{
    for (size_t i = 0; i < d->lanes; i++) {
        struct span span = { .hour = d->lane[i].hour,
                             .level = EVERY_LEVEL,
                             .last = UINT64_MAX,
                             .how = CHUNK_COUNTS,
                             .family = 6 };
        struct merge *m;
        struct flow f;
        const uint32_t *dest;
        TRY(merge_open(&m, d->s, &span));
        int more;
        while ((more = merge_next(m, &f, &dest)) == 1)
            if ((more = keep_v6(d, m, &f)) < 0)
                break;
        merge_close(m);
        TRY(more);
    }
    if (d->v6_n)
        qsort(d->v6, d->v6_n, sizeof *d->v6, by_scope_and_address);
    return 0;
}

/* Distinct IPv6 sources of a service; services are asked for in order. */
static uint64_t count_v6(struct day *d, uint32_t scope)
{
    uint64_t n = 0;
    for (; d->v6_at < d->v6_n && d->v6[d->v6_at].scope <= scope; d->v6_at++) {
        const struct v6_source *x = &d->v6[d->v6_at];
        n += x->scope == scope && (d->v6_at == 0 || by_scope_and_address(x - 1, x) != 0);
    }
    return n;
}

/* ---- services ---- */

/* The lane's next total; most services of a wide scan are met in few hours, so scopes stand side by side. */
static void step_lane(struct day *d, size_t lane)
{
    const struct lane *l = &d->lane[lane];
    d->next[lane] = l->total_at < l->totals.n ? l->totals.item[l->total_at].scope : UINT32_MAX;
}

/* The least service that any hour's totals have next. */
static bool next_service(const struct day *d, uint32_t *ret_scope)
{
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < d->lanes; i++)
        least = d->next[i] < least ? d->next[i] : least;
    *ret_scope = least;
    return least != UINT32_MAX && scope_is_service(least);
}

/* Sources of an hour as the day's. They come from a worker: checked. A chunk at a time, since the map is looked
 * up all over: loads that wait for nothing but memory go side by side. */
static int translate(struct day *d, const struct lane *l)
{
    uint32_t *source = l->chunk->source;
    for (size_t i = 0; i < l->chunk->n; i++) {
        if (source[i] >= l->sources) {
            snprintf(d->s->why, sizeof d->s->why, "a run of hour %u is damaged", (unsigned)l->hour);
            return -EUCLEAN;
        }
        source[i] = l->map[source[i]];
    }
    return 0;
}

static int next_keys(struct day *d, struct lane *l)
{
    int more = keys_next(l->keys, &l->chunk);
    l->run_at = l->flow_at = 0;
    if (more <= 0)
        l->chunk = NULL;
    else
        TRY(translate(d, l));
    return more;
}

/* The lane's sources of a service. */
static int take_flows(struct day *d, struct lane *l, uint32_t scope)
{
    for (;;) {
        if (!l->chunk || l->run_at == l->chunk->runs) {
            int more = next_keys(d, l);
            if (more <= 0)
                return more;
        }
        for (; l->run_at < l->chunk->runs; l->run_at++) {
            const struct head_run *run = &l->chunk->run[l->run_at];
            if (head_service(run->head) > scope)
                return 0;
            if (head_service(run->head) == scope)
                keep_sources(d, l->chunk->source + l->flow_at, run->flows);
            l->flow_at += run->flows;
        }
    }
}

/* The service's IPv4 sources as bytes; one with many IPv6 sources is answered from its flows. */
static int encode_set(const struct day *d, struct buf *b)
{
    uint32_t *source = malloc(2 * d->v4_n * sizeof *source);
    if (!source)
        return -ENOMEM;
    for (size_t i = 0; i < d->v4_n; i++)
        source[i] = d->census.v4[d->v4[i]];
    sort_u32(source, source + d->v4_n, d->v4_n);
    int err = set_encode(source, d->v4_n, b);
    free(source);
    return err;
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

static int take_service(struct day *d, uint32_t scope)
{
    uint64_t packets = 0, bytes = 0;
    d->v4_n = 0;
    for (size_t i = 0; i < d->lanes; i++) {
        if (d->next[i] != scope)
            continue;
        struct lane *l = &d->lane[i];
        packets += l->totals.item[l->total_at].packets;
        bytes += l->totals.item[l->total_at].bytes;
        l->total_at++;
        step_lane(d, i);
        if (!scope_is_tally(scope))
            TRY(take_flows(d, l, scope));
    }
    for (size_t i = 0; i < d->v4_n; i++)
        d->seen[d->v4[i] / 64] = 0;
    TRY(totals_add(&d->totals, scope, packets, bytes, d->v4_n + count_v6(d, scope)));
    return keep_set(d, scope, packets);
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

/* Wide totals of all hours add up; their distinct sources come from the census. */
static int take_wide(struct day *d)
{
    struct totals sums = { 0 };
    int err = 0;
    for (size_t i = 0; !err && i < d->lanes; i++)
        for (size_t j = 0; !err && j < d->lane[i].totals.n; j++) {
            const struct total *x = &d->lane[i].totals.item[j];
            if (!scope_is_service(x->scope))
                err = totals_add(&sums, x->scope, x->packets, x->bytes, 0);
        }
    totals_settle(&sums);
    for (size_t i = 0; !err && i < sums.n; i++)
        err = totals_add(&d->totals, sums.item[i].scope, sums.item[i].packets, sums.item[i].bytes,
                         wide_sources(&d->census, sums.item[i].scope));
    totals_release(&sums);
    return err;
}

/* The hours' censuses become the day's, and their sources its numbers. */
static int take_hours(struct day *d)
{
    struct census hour[HOURS_MAX] = { 0 };
    uint32_t *map[HOURS_MAX] = { 0 };
    int err = 0;
    for (size_t i = 0; !err && i < d->lanes; i++) {
        d->lane[i].hour = (uint32_t)(d->start / HOUR_SECONDS) + (uint32_t)i;
        err = hour_summary(d->s, d->lane[i].hour, &d->lane[i].totals, &hour[i]);
    }
    if (!err)
        err = census_unite(hour, d->lanes, &d->census, map);
    for (size_t i = 0; i < d->lanes; i++) {
        d->lane[i].map = map[i];
        d->lane[i].sources = hour[i].v4_n;
        census_release(&hour[i]);
    }
    d->seen = calloc(d->census.v4_n / 64 + 1, sizeof *d->seen);
    d->v4 = malloc((d->census.v4_n + 1) * sizeof *d->v4);
    return err ? err : d->seen && d->v4 ? 0 : -ENOMEM;
}

static int open_lanes(struct day *d)
{
    for (size_t i = 0; i < d->lanes; i++)
        TRY(keys_open(&d->lane[i].keys, d->s, d->lane[i].hour));
    return gather_v6(d);
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
    if (!err)
        err = evidence_day(d->s, d->start);
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

/* Those of a call that was killed, or had to give way: not each of them is among ours. */
static int drop_sets(struct day *d)
{
    TRY(store_begin(d->s));
    struct stmt *q = db_stmt(d->s->db, "DELETE FROM day_sources WHERE start=?1"
                                       " AND NOT EXISTS (SELECT 1 FROM day WHERE start=?1)");
    db_bind_int(q, 1, d->start);
    TRY(db_run(d->s->db, q));
    return store_commit(d->s);
}

/* An hour that was set aside before it was merged never will be. */
static int check_set_aside(struct day *d)
{
    struct stmt *q = db_stmt(d->s->db, "SELECT 1 FROM damaged WHERE hour >= ?1 AND hour < ?2 LIMIT 1");
    db_bind_int(q, 1, d->start / HOUR_SECONDS);
    db_bind_int(q, 2, d->start / HOUR_SECONDS + (int64_t)d->lanes);
    int row = db_step(d->s->db, q);
    db_done(q);
    return row == 1 ? -EUCLEAN : row;
}

static int take_services(struct day *d)
{
    uint32_t scope;
    TRY(drop_sets(d));
    for (size_t i = 0; i < d->lanes; i++)
        step_lane(d, i);
    while (next_service(d, &scope))
        TRY(take_service(d, scope));
    TRY(take_wide(d));
    totals_settle(&d->totals);
    TRY(write_best(d));
    return store_commit(d->s);
}

static void free_day(struct day *d)
{
    for (size_t i = 0; i < d->lanes; i++) {
        keys_close(d->lane[i].keys);
        free(d->lane[i].map);
        totals_release(&d->lane[i].totals);
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
    int64_t before = 0, after = 0;
    bool merged;
    int err = look_at_runs(d, &merged, &before);
    if (!err && !merged)
        err = check_set_aside(d);
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
    if (err == -EUCLEAN) { /* flows of such a file look like damage, too */
        store_rollback(s);
        int looked = look_at_runs(d, &merged, &after);
        err = looked ? looked : before == after ? -EUCLEAN : 0;
    }
    free_day(d);
    return err ? err : store_commit(s);
}
