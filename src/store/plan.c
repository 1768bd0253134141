#include "store/plan.h"

#include "store/set.h"

#include <stdlib.h>

enum { PROBED_HOURS = 24 * 366 };

struct sieve sieve_make(const struct question *q)
{
    unsigned access = 1u << KIND_ACCESS;
    return (struct sieve){ .packet_kinds = q->kinds ? q->kinds : access | 1u << KIND_OTHER,
                           .source_kinds = q->kinds ? q->kinds : access,
                           .proto = q->proto,
                           .port = q->port,
                           .fingerprint = q->fingerprint,
                           .within = q->within };
}

bool sieve_is_plain(const struct sieve *v)
{
    return v->fingerprint < 0 && !v->within;
}

bool sieve_takes_service(const struct sieve *v, uint32_t scope)
{
    return scope_is_service(scope) && (v->packet_kinds >> head_kind(scope) & 1) &&
           (v->proto < 0 || (int)head_proto(scope) == v->proto) &&
           (v->port < 0 || head_port(scope) == v->port);
}

/* ---- units ---- */

static int add_unit(struct plan *p, const struct unit *u)
{
    struct unit *unit = realloc(p->unit, (p->n + 1) * sizeof *unit);
    if (!unit)
        return -ENOMEM;
    p->unit = unit;
    p->unit[p->n++] = *u;
    return 0;
}

/* Days whose totals are there and which lie inside; then hours that no such day holds. */
static const char units_sql[] =
    "WITH d AS (SELECT start, end FROM day WHERE start >= ?1 AND end <= ?2 AND NOT ?3"
    " AND instr(?4, ','||start||',')=0)"
    " SELECT start, end, 1, EXISTS (SELECT 1 FROM cleaned WHERE flows AND hour >= start/3600"
    " AND hour < end/3600) FROM d UNION ALL"
    " SELECT DISTINCT hour*3600, hour*3600+3600, 0, 0 FROM run WHERE state=1 AND hour >= ?1/3600"
    " AND hour < (?2+3599)/3600 AND NOT EXISTS"
    " (SELECT 1 FROM d WHERE d.start <= hour*3600 AND d.end > hour*3600) ORDER BY 1";

static int check_cleaned(struct store *s, int64_t from, int64_t to, bool hours_only)
{
    struct stmt *q = db_stmt(s->db, "SELECT max(hour) FROM cleaned c WHERE flows AND hour >= ?1/3600"
                                    " AND hour < (?2+3599)/3600 AND (?3 OR NOT EXISTS"
                                    " (SELECT 1 FROM day d WHERE d.start >= ?1 AND d.end <= ?2"
                                    " AND d.start <= c.hour*3600 AND d.end > c.hour*3600))");
    db_bind_int(q, 1, from);
    db_bind_int(q, 2, to);
    db_bind_int(q, 3, hours_only);
    int row = db_step(s->db, q);
    bool cleaned = row == 1 && !db_is_null(q, 0);
    db_done(q);
    if (row < 0)
        return row;
    return cleaned ? store_refuse(s, "flows of this period were cleaned; days as a whole are kept") : 0;
}

/* Sets hold IPv4 only; this tells where that is all. */
static int look_for_v6(struct store *s, struct unit *u)
{
    struct stmt *q = db_stmt(s->db, "SELECT 1 FROM run r JOIN chunk c ON c.run=r.id AND c.family=6"
                                    " WHERE r.state=1 AND r.hour >= ?1 AND r.hour < ?2 LIMIT 1");
    db_bind_int(q, 1, u->start / HOUR_SECONDS);
    db_bind_int(q, 2, u->end / HOUR_SECONDS);
    int row = db_step(s->db, q);
    db_done(q);
    u->v6 = row == 1 || is_damage(row); /* maybe: whoever looks closer will see */
    return row < 0 && !is_damage(row) ? row : 0;
}

/* Hours that cannot be read are left out; so are those of a day that is damaged itself, where not all of its
 * hours are kept any more. */
static bool is_left_out(struct store *s, const struct unit *u)
{
    bool hour = !u->day && damage_has_hour(s, u->start);
    if (hour)
        damage_leave_out(s, u->start, false, true);
    return hour || (!u->day && damage_is_in(s, u->start, u->end));
}

static int list_units(struct plan *p, struct store *s, int64_t from, int64_t to, bool hours_only)
{
    struct buf days;
    buf_init(&days, 1 << 16);
    damage_days_text(s, &days);
    struct stmt *q = db_stmt(s->db, units_sql);
    db_bind_int(q, 1, from);
    db_bind_int(q, 2, to);
    db_bind_int(q, 3, hours_only);
    db_bind_text(q, 4, buf_ok(&days) ? (const char *)days.data : "");
    buf_release(&days);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        struct unit u = { .start = row < 0 ? 0 : db_int(q, 0),
                          .end = row < 0 ? 0 : db_int(q, 1),
                          .day = row > 0 && db_int(q, 2) != 0,
                          .gone = row > 0 && db_int(q, 3) != 0 };
        if (row < 0 || !is_left_out(s, &u))
            err = row < 0 ? row : add_unit(p, &u);
    }
    db_done(q);
    return err;
}

/* Damaged days inside whose hours are not all kept: nothing else tells of them. */
static int leave_out_days(struct store *s, int64_t from, int64_t to)
{
    for (size_t i = 0; i < s->lost_n; i++) {
        struct lost *x = &s->lost[i];
        if (!x->day || x->start < from || x->end > to)
            continue;
        struct stmt *q = db_stmt(s->db, "SELECT 1 FROM cleaned WHERE flows AND hour >= ?1/3600"
                                        " AND hour < ?2/3600 LIMIT 1");
        db_bind_int(q, 1, x->start);
        db_bind_int(q, 2, x->end);
        int row = db_step(s->db, q);
        db_done(q);
        TRY(row);
        if (row == 1)
            damage_leave_out(s, x->start, true, true);
    }
    return 0;
}

/* Where the list of hours is damaged itself: each hour looked for alone. */
static int probe_hours(struct plan *p, struct store *s, int64_t from, int64_t to)
{
    p->n = 0;
    if (to - from > PROBED_HOURS * INT64_C(3600))
        return -EUCLEAN;
    for (int64_t at = from - from % HOUR_SECONDS; at < to; at += HOUR_SECONDS) {
        size_t n = 0;
        int64_t run;
        const struct unit u = { .start = at, .end = at + HOUR_SECONDS };
        int err = damage_of_hour(s, at, hour_runs(s, (uint32_t)(at / HOUR_SECONDS), &n, &run));
        if (err && !is_damage(err))
            return err;
        if (err || damage_has_hour(s, at))
            damage_leave_out(s, at, false, true);
        else if (n)
            TRY(add_unit(p, &u));
    }
    return 0;
}

static int find_units(struct plan *p, struct store *s, int64_t from, int64_t to, bool hours_only)
{
    int err = check_cleaned(s, from, to, hours_only);
    if (!err)
        err = leave_out_days(s, from, to);
    return err ? err : list_units(p, s, from, to, hours_only);
}

int plan_make(struct plan *ret, struct store *s, int64_t from, int64_t to, bool hours_only)
{
    struct plan p = { 0 };
    int err = find_units(&p, s, from, to, hours_only);
    if (is_damage(err) && !hours_only) { /* without days, then */
        p.n = 0;
        err = find_units(&p, s, from, to, true);
    }
    if (is_damage(err))
        err = probe_hours(&p, s, from, to);
    for (size_t i = 0; !err && i < p.n; i++)
        if (p.unit[i].day)
            err = look_for_v6(s, &p.unit[i]);
    if (err)
        plan_release(&p);
    else
        *ret = p;
    return err;
}

void plan_release(struct plan *p)
{
    free(p->unit);
    *p = (struct plan){ 0 };
}

static int day_summary(struct store *s, int64_t start, struct totals *totals, struct census *census)
{
    struct stmt *q = db_stmt(s->db, "SELECT totals, census FROM day WHERE start=?");
    db_bind_int(q, 1, start);
    int row = db_step(s->db, q), err = row < 0 ? row : row == 0 ? -EUCLEAN : 0;
    size_t n;
    if (!err && totals) {
        const void *data = db_blob(q, 0, &n);
        err = totals_decode(totals, s->zstd, data, n);
    }
    if (!err && census) {
        const void *data = db_blob(q, 1, &n);
        err = census_decode(census, s->zstd, data, n);
    }
    db_done(q);
    return err > 0 ? -EUCLEAN : err;
}

int unit_summary(struct store *s, const struct unit *u, struct totals *totals, struct census *census)
{
    if (u->day)
        return damage_of_day(s, u->start, u->end, day_summary(s, u->start, totals, census));
    int err = hour_summary(s, (uint32_t)(u->start / HOUR_SECONDS), totals, census);
    return damage_of_hour(s, u->start, err);
}

/* ---- hosts ---- */

/* The day whose census covers an hour, if it was worked out: 1. */
static int day_of(struct store *s, int64_t hour_start, int64_t *ret_start, int64_t *ret_end)
{
    struct stmt *q = db_stmt(s->db, "SELECT start, end FROM day WHERE start <= ?1 ORDER BY start DESC"
                                    " LIMIT 1");
    db_bind_int(q, 1, hour_start);
    int row = db_step(s->db, q);
    if (row == 1) {
        *ret_start = db_int(q, 0);
        *ret_end = db_int(q, 1);
    }
    db_done(q);
    return row == 1 ? *ret_end > hour_start : row;
}

static int unit_meets(struct store *s, const struct unit *u, const struct prefix *within, bool *ret)
{
    struct census c = { 0 };
    int err = unit_summary(s, u, NULL, &c);
    *ret = !err && census_meets(&c, within);
    census_release(&c);
    return err;
}

int plan_keep_hours_of(struct plan *p, struct store *s, const struct prefix *within)
{
    struct unit day = { .day = true };
    bool in_day = false, in_hour;
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct unit u = p->unit[i];
        if (u.start >= day.end || u.start < day.start) {
            int found = day_of(s, u.start, &day.start, &day.end);
            TRY(found);
            in_day = true;
            if (found && !damage_has_day(s, day.start))
                TRY(unit_meets(s, &day, within, &in_day));
            else if (!found)
                day.start = day.end = 0;
        }
        if (!in_day)
            continue;
        TRY(unit_meets(s, &u, within, &in_hour));
        if (in_hour)
            p->unit[kept++] = u;
    }
    p->n = kept;
    return 0;
}

/* ---- flows ---- */

struct scan {
    const struct sieve *v;
    struct census census; /* of the hour, where fingerprints are asked for */
    passed_fn fn;
    void *context;
};

static bool passes(const struct scan *c, const struct merge *m, const struct flow *f)
{
    const struct sieve *v = c->v;
    if (!sieve_takes_service(v, head_service(flow_head(f))))
        return false;
    if (!v->within && v->fingerprint < 0)
        return true;
    struct addr a = merge_address(m, flow_source(f));
    if (v->within && !prefix_has(v->within, &a))
        return false;
    if (v->fingerprint < 0)
        return true;
    const struct source_class *cl = census_find(&c->census, &a);
    return cl && class_has_fingerprint(cl, (unsigned)v->fingerprint);
}

/* The keys that can pass: all of a protocol, or of one port of it. */
static void narrow(const struct sieve *v, struct span *span)
{
    if (v->proto < 0)
        return;
    uint16_t low = v->port < 0 ? 0 : (uint16_t)v->port, high = v->port < 0 ? UINT16_MAX : low;
    span->first = (uint64_t)head_make((enum proto)v->proto, low, 0, 0, 0) << 32;
    span->last = (uint64_t)head_make((enum proto)v->proto, high, (enum kind)7, 7, 127) << 32 | UINT32_MAX;
}

static int scan_flows(struct store *s, struct scan *c, const struct span *span)
{
    struct merge *m;
    TRY(merge_open(&m, s, span));
    struct passed p = { .merge = m, .hour = span->hour };
    struct flow f;
    int more;
    while ((more = merge_next(m, &f, &p.dest)) == 1) {
        if (!passes(c, m, &f))
            continue;
        p.flow = &f;
        more = c->fn(c->context, &p);
        if (more < 0)
            break;
    }
    merge_close(m);
    return more < 0 ? more : 0;
}

static int scan_part(struct store *s, uint32_t hour, const struct sieve *v, unsigned how, bool only_v6,
                     passed_fn fn, void *context)
{
    struct scan c = { .v = v, .fn = fn, .context = context };
    struct span span = { .hour = hour,
                         .level = EVERY_LEVEL,
                         .last = UINT64_MAX,
                         .how = how,
                         .family = only_v6 ? 6 : 0 };
    narrow(v, &span);
    int err = v->fingerprint >= 0 ? hour_summary(s, hour, NULL, &c.census) : 0;
    if (!err)
        err = scan_flows(s, &c, &span);
    census_release(&c.census);
    return damage_of_hour(s, (int64_t)hour * HOUR_SECONDS, err);
}

int scan_hour(struct store *s, uint32_t hour, const struct sieve *v, unsigned how, passed_fn fn,
              void *context)
{
    return scan_part(s, hour, v, how, false, fn, context);
}

/* ---- sources ---- */

struct picking {
    const struct sieve *v;
    struct bag *bag;
};

static int pick_source(void *context, const struct passed *p)
{
    struct picking *k = context;
    if (!(k->v->source_kinds >> head_kind(flow_head(p->flow)) & 1))
        return 0;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    return bag_add(k->bag, &a);
}

/* A day's set of a service, if there is one: 1. */
static int add_day_set(struct store *s, int64_t start, uint32_t scope, struct bag *bag)
{
    struct stmt *q = db_stmt(s->db, "SELECT blob FROM day_sources WHERE start=? AND scope=?");
    db_bind_int(q, 1, start);
    db_bind_int(q, 2, scope);
    int row = db_step(s->db, q);
    uint32_t *source = NULL;
    size_t n, count = 0;
    int err = row < 0 ? row : 0;
    if (row == 1) {
        const void *data = db_blob(q, 0, &n);
        err = set_decode(data, n, &source, &count);
    }
    db_done(q);
    for (size_t i = 0; !err && i < count; i++)
        err = bag_add_v4(bag, source[i]);
    free(source);
    return err > 0 ? -EUCLEAN : err ? err : row;
}

static int add_from_census(struct store *s, const struct unit *u, const struct sieve *v,
                           struct bag *bag)
{
    struct census c = { 0 };
    int err = unit_summary(s, u, NULL, &c);
    bool *wanted = calloc(c.class_n + 1, sizeof *wanted);
    if (!err && !wanted)
        err = -ENOMEM;
    for (size_t i = 0; !err && i < c.class_n; i++)
        wanted[i] = v->proto >= 0 ? c.classes[i].protos >> v->proto & 1
                                  : (c.classes[i].kinds & v->source_kinds) != 0;
    for (size_t i = 0; !err && i < c.v4_n; i++)
        if (wanted[c.v4_class[i]])
            err = bag_add_v4(bag, c.v4[i]);
    for (size_t i = 0; !err && i < c.v6_n; i++)
        if (wanted[c.v6_class[i]])
            err = bag_add_v6(bag, c.v6[i]);
    free(wanted);
    census_release(&c);
    return err;
}

static int add_from_flows(struct store *s, const struct unit *u, const struct sieve *v, bool only_v6,
                          struct bag *bag)
{
    struct picking k = { v, bag };
    for (int64_t at = u->start; at < u->end; at += HOUR_SECONDS) {
        if (damage_has_hour(s, at)) {
            damage_leave_out(s, at, false, false);
            return SOURCES_GONE;
        }
        TRY(scan_part(s, (uint32_t)(at / HOUR_SECONDS), v, CHUNK_NO_DESTS, only_v6, pick_source, &k));
    }
    return 0;
}

static bool is_one_kind(unsigned kinds)
{
    return __builtin_popcount(kinds) == 1;
}

int unit_set(struct store *s, const struct unit *u, const struct sieve *v, struct bag *bag)
{
    if (!u->day || !sieve_is_plain(v) || v->port < 0 || v->proto < 0 || !is_one_kind(v->source_kinds))
        return 0;
    enum kind kind = (enum kind)__builtin_ctz(v->source_kinds);
    uint32_t scope = head_make((enum proto)v->proto, (uint16_t)v->port, kind, 0, 0);
    int found = add_day_set(s, u->start, scope, bag);
    if (is_damage(found)) /* the flows may tell all the same */
        return 0;
    if (found == 1 && u->v6) {
        int err = add_from_flows(s, u, v, true, bag);
        return err < 0 ? err : err == SOURCES_GONE ? SET_LOST : 1;
    }
    return found;
}

int unit_sources(struct store *s, const struct unit *u, const struct sieve *v, struct bag *bag)
{
    bool accesses = v->source_kinds == 1u << KIND_ACCESS;
    if (sieve_is_plain(v) && v->port < 0 && (v->proto < 0 || accesses))
        return add_from_census(s, u, v, bag);
    int found = unit_set(s, u, v, bag);
    if (found)
        return found < 0 ? found : found == SET_LOST ? SOURCES_GONE : 0;
    return u->gone ? SOURCES_GONE : add_from_flows(s, u, v, false, bag);
}
