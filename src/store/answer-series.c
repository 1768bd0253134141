#include "store/asking.h"

#include "base/time.h"

#include <string.h>

/* The scope whose total already holds the distinct sources asked for; false where none does. */
static bool sources_scope(const struct sieve *v, uint32_t *ret)
{
    unsigned kinds = v->source_kinds;
    if (!sieve_is_plain(v) || __builtin_popcount(kinds) != 1)
        return false;
    enum kind kind = (enum kind)__builtin_ctz(kinds);
    if (v->port >= 0 && v->proto >= 0)
        *ret = head_make((enum proto)v->proto, (uint16_t)v->port, kind, 0, 0);
    else if (v->port < 0 && v->proto < 0)
        *ret = scope_kind(kind);
    else if (v->port < 0 && kind == KIND_ACCESS)
        *ret = scope_proto((enum proto)v->proto, kind);
    else
        return false;
    return true;
}

/* Packets by kind, or by protocol and kind: what the wide totals hold. */
static void count_wide(const struct sieve *v, const struct totals *t, struct answer *row)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        uint32_t scope = v->proto < 0 ? scope_kind((enum kind)kind)
                                      : scope_proto((enum proto)v->proto, (enum kind)kind);
        const struct total *x = v->packet_kinds >> kind & 1 ? totals_find(t, scope) : NULL;
        if (!x)
            continue;
        row->packets += x->packets;
        if (kind == KIND_ACCESS)
            row->accesses += x->packets;
    }
}

static int count_unit(struct asking *k, const struct unit *u, struct answer *row, uint64_t *ret_sources,
                      bool *ret_known)
{
    struct totals t = { .want = TOTALS_WIDE };
    if (k->v.port >= 0 && k->v.proto >= 0) {
        t.want = TOTALS_BETWEEN;
        t.first = head_make((enum proto)k->v.proto, (uint16_t)k->v.port, 0, 0, 0);
        t.last = t.first | 7u << 10;
    } else if (k->v.port >= 0) {
        t.want = TOTALS_ALL;
    }
    int err = unit_summary(k->s, u, &t, NULL);
    if (t.want == TOTALS_WIDE)
        count_wide(&k->v, &t, row);
    for (size_t i = 0; !err && t.want != TOTALS_WIDE && i < t.n; i++)
        asking_count_total(&k->v, &t.item[i], row);
    uint32_t scope;
    *ret_known = !err && sources_scope(&k->v, &scope);
    const struct total *x = *ret_known ? totals_find(&t, scope) : NULL;
    *ret_sources = x ? x->sources : 0;
    totals_release(&t);
    return err;
}

struct counting {
    struct answer *row;
    struct bag bag;
    unsigned source_kinds;
};

static int count_passed(void *context, const struct passed *p)
{
    struct counting *c = context;
    asking_count_flow(p->flow, c->row);
    if (!(c->source_kinds >> head_kind(flow_head(p->flow)) & 1))
        return 0;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    return bag_add(&c->bag, &a);
}

/* One step from flows: where sources are chosen. */
static int step_from_flows(struct asking *k, const struct plan *p, struct answer *row)
{
    struct counting c = { .row = row, .source_kinds = k->v.source_kinds };
    int err = 0;
    for (size_t i = 0; !err && i < p->n; i++)
        err = scan_hour(k->s, (uint32_t)(p->unit[i].start / HOUR_SECONDS), &k->v, CHUNK_NO_DESTS,
                        count_passed, &c);
    uint64_t n = 0;
    if (!err)
        err = bag_count(&c.bag, &n);
    row->sources = (int64_t)n;
    bag_release(&c.bag);
    return err;
}

static int step_from_totals(struct asking *k, const struct plan *p, struct answer *row)
{
    struct bag bag = { 0 };
    uint64_t sources = 0;
    bool known = p->n == 0;
    int err = 0;
    for (size_t i = 0; !err && i < p->n; i++)
        err = count_unit(k, &p->unit[i], row, &sources, &known);
    if (!err && asking_has_sources(&k->v) && (p->n > 1 || !known)) {
        for (size_t i = 0; !err && i < p->n; i++)
            err = unit_sources(k->s, &p->unit[i], &k->v, &bag);
        if (!err)
            err = bag_count(&bag, &sources);
    }
    bool told = asking_has_sources(&k->v) && err != SOURCES_GONE;
    row->sources = told ? (int64_t)sources : ANSWER_UNKNOWN;
    bag_release(&bag);
    return err == SOURCES_GONE ? 0 : err;
}

static int ask_step(struct asking *k, const struct plan *p, int64_t start, int64_t end)
{
    struct answer row = { .time = start, .end = end };
    TRY(sieve_is_plain(&k->v) ? step_from_totals(k, p, &row) : step_from_flows(k, p, &row));
    row.lost = damage_is_in(k->s, start, end);
    return asking_add(k->a, &row);
}

static int64_t step_end(const struct question *q, int64_t start)
{
    if (q->step == STEP_HOUR)
        return start + HOUR_SECONDS;
    return store_whole_hour(time_day_next(time_day_start(start, q->zone), q->zone));
}

/* The units of the whole that lie in a step, from number *at on; false where one reaches out of it, as a day
 * that was cut in another zone does. */
static bool units_of_step(const struct plan *all, size_t *at, int64_t end, struct plan *ret)
{
    bool inside = true;
    *ret = (struct plan){ .unit = all->unit + *at };
    for (; *at < all->n && all->unit[*at].start < end; ++*at) {
        inside &= all->unit[*at].end <= end;
        ret->n++;
    }
    return inside;
}

/* A step by a plan of its own. */
static int ask_step_alone(struct asking *k, int64_t start, int64_t end)
{
    struct plan p;
    int err = plan_make(&p, k->s, start, end, !sieve_is_plain(&k->v));
    if (err)
        return err;
    err = ask_step(k, &p, start, end);
    plan_release(&p);
    return err;
}

static int ask_steps(struct asking *k)
{
    struct plan all, step;
    size_t unit = 0;
    int64_t end;
    bool hours = k->q->step == STEP_HOUR || !sieve_is_plain(&k->v);
    int err = plan_make(&all, k->s, k->q->from, k->q->to, hours);
    if (err)
        return err;
    for (int64_t at = k->q->from; !err && at < k->q->to; at = end) {
        end = step_end(k->q, at);
        end = end > k->q->to ? k->q->to : end;
        err = asking_check_time(k);
        if (!err)
            err = units_of_step(&all, &unit, end, &step) ? ask_step(k, &step, at, end)
                                                         : ask_step_alone(k, at, end);
    }
    plan_release(&all);
    return err;
}

static int check_minutes(struct asking *k)
{
    if (!sieve_is_plain(&k->v))
        return store_refuse(k->s, "minutes are kept by port and kind, not by source; ask by hour");
    struct stmt *q = db_stmt(k->s->db, "SELECT count(*) FROM cleaned WHERE minutes AND hour >= ?1/3600"
                                       " AND hour < (?2+3599)/3600");
    db_bind_int(q, 1, k->q->from);
    db_bind_int(q, 2, k->q->to);
    int row = db_step(k->s->db, q);
    int64_t cleaned = row == 1 ? db_int(q, 0) : 0;
    db_done(q);
    if (row < 0)
        return row;
    return cleaned ? store_refuse(k->s, "minutes of this period were cleaned; ask by hour or day") : 0;
}

static int add_minute_rows(struct asking *k, const struct minutes *m, int64_t hour_start, bool lost)
{
    struct answer row[60];
    memset(row, 0, sizeof row);
    for (size_t i = 0; i < m->n; i++) {
        struct total t = { .scope = m->item[i].scope, .packets = m->item[i].packets };
        asking_count_total(&k->v, &t, &row[m->item[i].minute]);
    }
    for (int i = 0; i < 60; i++) {
        row[i].time = hour_start + i * 60;
        row[i].end = row[i].time + 60;
        row[i].sources = ANSWER_UNKNOWN;
        row[i].lost = lost;
        if (row[i].time >= k->q->from && row[i].time < k->q->to)
            TRY(asking_add(k->a, &row[i]));
    }
    return 0;
}

static int ask_minutes(struct asking *k)
{
    int err = check_minutes(k);
    for (int64_t hour = k->q->from / HOUR_SECONDS; !err && hour * HOUR_SECONDS < k->q->to; hour++) {
        struct minutes m = { 0 };
        bool lost = damage_has_hour(k->s, hour * HOUR_SECONDS);
        err = asking_check_time(k);
        if (lost)
            damage_leave_out(k->s, hour * HOUR_SECONDS, false, true);
        if (!err && !lost)
            err = damage_of_hour(k->s, hour * HOUR_SECONDS,
                                 hour_minutes(k->s, (uint32_t)hour, EVERY_LEVEL, &m));
        if (!err)
            err = add_minute_rows(k, &m, hour * HOUR_SECONDS, lost);
        minutes_release(&m);
    }
    return err;
}

int ask_series(struct asking *k)
{
    return k->q->step == STEP_MINUTE ? ask_minutes(k) : ask_steps(k);
}
