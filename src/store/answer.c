#include "store/plan.h"

#include "base/hash.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

enum { DESTINATION_ROWS = 100000 }; /* sources whose distinct destinations are gathered, at most */

struct answers {
    struct answer *row;
    size_t n, room, at;
};

void answers_free(struct answers *a)
{
    if (!a)
        return;
    free(a->row);
    free(a);
}

int answers_next(struct answers *a, struct answer *ret)
{
    if (a->at == a->n)
        return 0;
    *ret = a->row[a->at++];
    return 1;
}

static int add_row(struct answers *a, const struct answer *row)
{
    if (a->n == a->room) {
        size_t room = a->room ? a->room * 2 : 256;
        struct answer *p = realloc(a->row, room * sizeof *p);
        if (!p)
            return -ENOMEM;
        a->row = p;
        a->room = room;
    }
    a->row[a->n++] = *row;
    return 0;
}

/* A question on its way. */
struct asking {
    struct store *s;
    const struct question *q;
    struct sieve v;
    struct answers *a;
};

static int check_time(const struct asking *k)
{
    bool late = (k->q->deadline && time_mono() > k->q->deadline) || (k->q->cancel && *k->q->cancel);
    return late ? -ETIMEDOUT : 0;
}

/* Packets of a service's total, by what the question counts. */
static void count_total(const struct sieve *v, const struct total *t, struct answer *row)
{
    if (!sieve_takes_service(v, t->scope))
        return;
    row->packets += t->packets;
    if (head_kind(t->scope) == KIND_ACCESS)
        row->accesses += t->packets;
}

static void count_flow(const struct flow *f, struct answer *row)
{
    row->packets += f->packets;
    if (head_kind(flow_head(f)) == KIND_ACCESS)
        row->accesses += f->packets;
}

/* Kinds whose packets make flows; the others are only tallied, without their sources. */
enum { KINDS_WITH_SOURCES = 1u << KIND_ACCESS | 1u << KIND_BACKSCATTER | 1u << KIND_OTHER };

static bool has_sources(const struct sieve *v)
{
    return (v->source_kinds & KINDS_WITH_SOURCES) != 0;
}

/* ---- order ---- */

static int falling(uint64_t a, uint64_t b)
{
    return (a < b) - (a > b);
}

static int by_accesses(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;
    int order = falling(x->accesses, y->accesses);
    if (!order)
        order = falling(x->packets, y->packets);
    if (!order)
        order = (int)x->proto - (int)y->proto;
    if (!order)
        order = (int)x->port - (int)y->port;
    if (!order)
        order = (int)x->fingerprint - (int)y->fingerprint;
    return order ? order : addr_cmp(&x->source, &y->source);
}

static int by_packets(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;
    int order = falling(x->packets, y->packets);
    return order ? order : by_accesses(a, b);
}

/* Best first, no more than asked for. */
static void rank_rows(struct asking *k)
{
    struct answers *a = k->a;
    if (a->n)
        qsort(a->row, a->n, sizeof *a->row,
              k->q->order == ORDER_PACKETS ? by_packets : by_accesses);
    if (k->q->limit && a->n > k->q->limit)
        a->n = k->q->limit;
}

/* ---- series ---- */

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
    struct totals t = { .only_wide = k->v.port < 0 };
    int err = unit_summary(k->s, u, &t, NULL);
    if (t.only_wide)
        count_wide(&k->v, &t, row);
    for (size_t i = 0; !err && !t.only_wide && i < t.n; i++)
        count_total(&k->v, &t.item[i], row);
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
    count_flow(p->flow, c->row);
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
    if (!err && has_sources(&k->v) && (p->n > 1 || !known)) {
        for (size_t i = 0; !err && i < p->n; i++)
            err = unit_sources(k->s, &p->unit[i], &k->v, &bag);
        if (!err)
            err = bag_count(&bag, &sources);
    }
    bool told = has_sources(&k->v) && err != SOURCES_GONE;
    row->sources = told ? (int64_t)sources : ANSWER_UNKNOWN;
    bag_release(&bag);
    return err == SOURCES_GONE ? 0 : err;
}

static int ask_step(struct asking *k, int64_t start, int64_t end)
{
    struct answer row = { .time = start, .end = end };
    bool plain = sieve_is_plain(&k->v);
    struct plan p;
    int err = plan_make(&p, k->s, start, end, !plain);
    if (err)
        return err;
    err = plain ? step_from_totals(k, &p, &row) : step_from_flows(k, &p, &row);
    plan_release(&p);
    return err ? err : add_row(k->a, &row);
}

static int64_t step_end(const struct question *q, int64_t start)
{
    if (q->step == STEP_HOUR)
        return start + HOUR_SECONDS;
    return store_whole_hour(time_day_next(time_day_start(start, q->zone), q->zone));
}

static int ask_steps(struct asking *k)
{
    int64_t end;
    int err = 0;
    for (int64_t at = k->q->from; !err && at < k->q->to; at = end) {
        end = step_end(k->q, at);
        err = check_time(k);
        if (!err)
            err = ask_step(k, at, end > k->q->to ? k->q->to : end);
    }
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

static int add_minute_rows(struct asking *k, const struct minutes *m, int64_t hour_start)
{
    struct answer row[60];
    memset(row, 0, sizeof row);
    for (size_t i = 0; i < m->n; i++) {
        struct total t = { .scope = m->item[i].scope, .packets = m->item[i].packets };
        count_total(&k->v, &t, &row[m->item[i].minute]);
    }
    for (int i = 0; i < 60; i++) {
        row[i].time = hour_start + i * 60;
        row[i].end = row[i].time + 60;
        row[i].sources = ANSWER_UNKNOWN;
        if (row[i].time >= k->q->from && row[i].time < k->q->to)
            TRY(add_row(k->a, &row[i]));
    }
    return 0;
}

static int ask_minutes(struct asking *k)
{
    int err = check_minutes(k);
    for (int64_t hour = k->q->from / HOUR_SECONDS; !err && hour * HOUR_SECONDS < k->q->to; hour++) {
        struct minutes m = { 0 };
        err = check_time(k);
        if (!err)
            err = merge_minutes(k->s, (uint32_t)hour, EVERY_LEVEL, &m);
        if (!err)
            err = add_minute_rows(k, &m, hour * HOUR_SECONDS);
        minutes_release(&m);
    }
    return err;
}

/* ---- services ---- */

/* Rows by service, from sorted totals. */
static int add_services(struct asking *k, const struct totals *t, struct totals *sums)
{
    for (size_t i = 0; i < t->n; i++)
        if (sieve_takes_service(&k->v, t->item[i].scope))
            TRY(totals_add(sums, t->item[i].scope, t->item[i].packets, 0, t->item[i].sources));
    return 0;
}

struct summing {
    struct totals *sums;
};

static int sum_passed(void *context, const struct passed *p)
{
    struct summing *c = context;
    uint32_t scope = head_service(flow_head(p->flow));
    struct totals *t = c->sums;
    if (t->n && t->item[t->n - 1].scope == scope) {
        t->item[t->n - 1].packets += p->flow->packets;
        return 0;
    }
    return totals_add(t, scope, p->flow->packets, 0, 0);
}

static int sum_unit(struct asking *k, const struct unit *u, struct totals *sums)
{
    struct totals t = { 0 };
    int err;
    if (sieve_is_plain(&k->v)) {
        err = unit_summary(k->s, u, &t, NULL);
        if (!err)
            err = add_services(k, &t, sums);
    } else {
        struct summing c = { sums };
        err = scan_hour(k->s, (uint32_t)(u->start / HOUR_SECONDS), &k->v, CHUNK_NO_DESTS, sum_passed, &c);
    }
    totals_release(&t);
    totals_settle(sums);
    return err;
}

/* Kinds of one port stand side by side in the sorted totals: one row of them. */
static int rows_of_services(struct asking *k, const struct totals *sums)
{
    for (size_t i = 0, j; i < sums->n; i = j) {
        uint32_t scope = sums->item[i].scope;
        struct answer row = { .proto = head_proto(scope),
                              .port = head_port(scope),
                              .sources = ANSWER_UNKNOWN };
        for (j = i; j < sums->n && (sums->item[j].scope ^ scope) >> 13 == 0; j++) {
            count_total(&k->v, &sums->item[j], &row);
            if (has_sources(&k->v) && k->v.source_kinds == 1u << head_kind(sums->item[j].scope))
                row.sources = (int64_t)sums->item[j].sources;
        }
        if (k->q->kinds || row.accesses)
            TRY(add_row(k->a, &row));
    }
    return 0;
}

/*
 * The distinct sources of each row, where adding up would count some twice. From a day come sets; where a
 * row has none there, and from hours, all rows are served by one scan of the flows.
 */
struct row_sources {
    const struct sieve *v;
    uint32_t *row_of; /* by protocol and port: the row + 1 */
    struct bag *bag;  /* by row */
    bool *had;        /* by row: this unit's set was there */
    bool *gone;       /* by row: what would tell is no longer kept */
};

enum { PORTS = 1 << 19 };

static uint32_t port_index(enum proto proto, uint16_t port)
{
    return (uint32_t)proto << 16 | port;
}

static int take_row_source(void *context, const struct passed *p)
{
    struct row_sources *c = context;
    uint32_t head = flow_head(p->flow);
    uint32_t row = c->row_of[port_index(head_proto(head), head_port(head))];
    if (!row || c->had[row - 1] || !(c->v->source_kinds >> head_kind(head) & 1))
        return 0;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    return bag_add(&c->bag[row - 1], &a);
}

static int add_unit_sources(struct asking *k, const struct unit *u, struct row_sources *c)
{
    bool all = true;
    for (size_t i = 0; i < k->a->n; i++) {
        struct sieve v = k->v;
        v.proto = (int)k->a->row[i].proto;
        v.port = k->a->row[i].port;
        int found = unit_set(k->s, u, &v, &c->bag[i]);
        TRY(found);
        c->had[i] = found == 1;
        c->gone[i] |= u->gone && !c->had[i];
        all &= c->had[i] || u->gone;
    }
    for (int64_t at = u->start; !all && at < u->end; at += HOUR_SECONDS)
        TRY(scan_hour(k->s, (uint32_t)(at / HOUR_SECONDS), &k->v, CHUNK_COUNTS, take_row_source, c));
    return 0;
}

static int count_row_sources(struct asking *k, const struct plan *p)
{
    size_t n = k->a->n;
    struct row_sources c = { .v = &k->v,
                             .row_of = calloc(PORTS, sizeof *c.row_of),
                             .bag = calloc(n + 1, sizeof *c.bag),
                             .had = calloc(n + 1, sizeof *c.had),
                             .gone = calloc(n + 1, sizeof *c.gone) };
    int err = c.row_of && c.bag && c.had && c.gone ? 0 : -ENOMEM;
    for (size_t i = 0; !err && i < n; i++)
        c.row_of[port_index(k->a->row[i].proto, k->a->row[i].port)] = (uint32_t)i + 1;
    for (size_t i = 0; !err && i < p->n; i++) {
        err = check_time(k);
        if (!err)
            err = add_unit_sources(k, &p->unit[i], &c);
    }
    for (size_t i = 0; !err && i < n; i++) {
        uint64_t sources;
        err = bag_count(&c.bag[i], &sources);
        k->a->row[i].sources = c.gone[i] ? ANSWER_UNKNOWN : (int64_t)sources;
    }
    for (size_t i = 0; c.bag && i < n; i++)
        bag_release(&c.bag[i]);
    free(c.row_of);
    free(c.bag);
    free(c.had);
    free(c.gone);
    return err;
}

/* One unit's totals of one kind know their sources; everything else is counted. */
static int count_sources(struct asking *k, const struct plan *p)
{
    bool known = sieve_is_plain(&k->v) && p->n == 1 && __builtin_popcount(k->v.source_kinds) == 1;
    return known ? 0 : count_row_sources(k, p);
}

static int ask_services(struct asking *k)
{
    struct plan p;
    struct totals sums = { 0 };
    int err = plan_make(&p, k->s, k->q->from, k->q->to, !sieve_is_plain(&k->v));
    if (err)
        return err;
    for (size_t i = 0; !err && i < p.n; i++) {
        err = check_time(k);
        if (!err)
            err = sum_unit(k, &p.unit[i], &sums);
    }
    if (!err)
        err = rows_of_services(k, &sums);
    rank_rows(k);
    if (!err)
        err = count_sources(k, &p);
    totals_release(&sums);
    plan_release(&p);
    return err;
}

/* ---- sources ---- */

/* Sources met: rows, and their places by address (open addressing, doubled when half full). */
struct sources {
    struct source {
        struct answer row;
        struct bag dests; /* of the rows that are shown */
    } *item;
    size_t n, room;
    struct place {
        uint32_t item; /* from 1; 0: empty */
        uint32_t check; /* the hash's upper half: spares a look at most of the rows */
    } *place;
    size_t places;
};

static struct place *find_place(const struct sources *t, const struct addr *a, uint32_t *ret_check)
{
    uint64_t hash = hash64(a, sizeof *a, 0);
    size_t at = hash & (t->places - 1);
    *ret_check = (uint32_t)(hash >> 32);
    for (; t->place[at].item; at = (at + 1) & (t->places - 1))
        if (t->place[at].check == *ret_check && addr_cmp(&t->item[t->place[at].item - 1].row.source, a) == 0)
            break;
    return &t->place[at];
}

/* NULL where the address was not met. */
static struct source *find_source(const struct sources *t, const struct addr *a)
{
    uint32_t check;
    const struct place *place = t->places ? find_place(t, a, &check) : NULL;
    return place && place->item ? &t->item[place->item - 1] : NULL;
}

static int grow_places(struct sources *t)
{
    size_t places = t->places ? t->places * 2 : 1024;
    struct place *more = calloc(places, sizeof *more);
    if (!more)
        return -ENOMEM;
    free(t->place);
    t->place = more;
    t->places = places;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t check;
        struct place *place = find_place(t, &t->item[i].row.source, &check);
        *place = (struct place){ (uint32_t)i + 1, check };
    }
    return 0;
}

static int grow_items(struct sources *t)
{
    size_t room = t->room ? t->room * 2 : 256;
    struct source *more = room <= UINT32_MAX ? realloc(t->item, room * sizeof *more) : NULL;
    if (!more)
        return -ENOMEM;
    t->item = more;
    t->room = room;
    return 0;
}

/* Finds a source's row, or begins it; *ret is valid until the next call. */
static int meet_source(struct sources *t, const struct addr *a, struct source **ret)
{
    uint32_t check;
    if (t->n * 2 >= t->places)
        TRY(grow_places(t));
    struct place *place = find_place(t, a, &check);
    if (!place->item) {
        if (t->n == t->room)
            TRY(grow_items(t));
        t->item[t->n] = (struct source){ .row.source = *a };
        *place = (struct place){ (uint32_t)++t->n, check };
    }
    *ret = &t->item[place->item - 1];
    return 0;
}

static void note_times(struct answer *row, const struct passed *p)
{
    int64_t base = (int64_t)p->hour * HOUR_SECONDS;
    int64_t first = base + p->flow->first, last = base + p->flow->last;
    row->first = row->packets == 0 || first < row->first ? first : row->first;
    row->last = last > row->last ? last : row->last;
}

static int take_source(void *context, const struct passed *p)
{
    struct sources *t = context;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    struct source *x;
    TRY(meet_source(t, &a, &x));
    note_times(&x->row, p);
    count_flow(p->flow, &x->row);
    return 0;
}

static int take_dests(void *context, const struct passed *p)
{
    struct sources *t = context;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    struct source *x = find_source(t, &a);
    if (!x)
        return 0;
    for (uint32_t i = 0; i < p->flow->dests; i++) {
        struct addr d = merge_address(p->merge, p->dest[i]);
        TRY(bag_add(&x->dests, &d));
    }
    return 0;
}

static void free_sources(struct sources *t)
{
    for (size_t i = 0; i < t->n; i++)
        bag_release(&t->item[i].dests);
    free(t->item);
    free(t->place);
}

static int scan_all(struct asking *k, const struct plan *p, unsigned how, passed_fn fn, void *context)
{
    for (size_t i = 0; i < p->n; i++) {
        TRY(check_time(k));
        TRY(scan_hour(k->s, (uint32_t)(p->unit[i].start / HOUR_SECONDS), &k->v, how, fn, context));
    }
    return 0;
}

/* Which fingerprints the shown sources had, hour by hour. */
static int add_classes(struct asking *k, const struct plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct census c = { 0 };
        int err = check_time(k);
        if (!err)
            err = unit_summary(k->s, &p->unit[i], NULL, &c);
        for (size_t j = 0; !err && j < k->a->n; j++) {
            const struct source_class *cl = census_find(&c, &k->a->row[j].source);
            if (cl)
                class_merge(&k->a->row[j].cl, cl);
        }
        census_release(&c);
        TRY(err);
    }
    return 0;
}

static int add_destinations(struct asking *k, const struct plan *p)
{
    struct answers *a = k->a;
    struct sources shown = { 0 };
    struct source *x;
    int err = 0;
    for (size_t i = 0; !err && i < a->n; i++)
        err = meet_source(&shown, &a->row[i].source, &x);
    if (!err)
        err = scan_all(k, p, CHUNK_ALL, take_dests, &shown);
    for (size_t i = 0; !err && i < a->n; i++) { /* items stand as they were met */
        uint64_t n;
        err = bag_count(&shown.item[i].dests, &n);
        a->row[i].destinations = (int64_t)n;
    }
    free_sources(&shown);
    return err;
}

static int ask_sources(struct asking *k)
{
    struct plan p;
    struct sources met = { 0 };
    int err = plan_make(&p, k->s, k->q->from, k->q->to, true);
    if (err)
        return err;
    if (k->q->within)
        err = plan_keep_hours_of(&p, k->s, k->q->within);
    if (!err)
        err = scan_all(k, &p, CHUNK_NO_DESTS, take_source, &met);
    for (size_t i = 0; !err && i < met.n; i++) {
        struct answer *row = &met.item[i].row;
        row->destinations = row->sources = ANSWER_UNKNOWN;
        if (k->q->kinds || row->accesses)
            err = add_row(k->a, row);
    }
    free_sources(&met);
    rank_rows(k);
    if (!err && !k->q->bare)
        err = add_classes(k, &p);
    if (!err && !k->q->bare && k->a->n <= DESTINATION_ROWS)
        err = add_destinations(k, &p);
    plan_release(&p);
    return err;
}

/* ---- fingerprints ---- */

struct fingers {
    const struct asking *k;
    const struct census *census; /* of the hour */
    uint64_t accesses[FINGERPRINTS];
    struct bag bag[FINGERPRINTS];
};

static int take_finger(void *context, const struct passed *p)
{
    struct fingers *f = context;
    if (head_kind(flow_head(p->flow)) != KIND_ACCESS)
        return 0;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    const struct source_class *cl = census_find(f->census, &a);
    for (unsigned i = 0; cl && i < FINGERPRINTS; i++)
        if (class_has_fingerprint(cl, i)) {
            f->accesses[i] += p->flow->packets;
            TRY(bag_add(&f->bag[i], &a));
        }
    return 0;
}

static int fingers_from_flows(struct asking *k, const struct unit *u, struct fingers *f)
{
    struct census c = { 0 };
    uint32_t hour = (uint32_t)(u->start / HOUR_SECONDS);
    int err = hour_summary(k->s, hour, NULL, &c);
    f->census = &c;
    if (!err)
        err = scan_hour(k->s, hour, &k->v, CHUNK_NO_DESTS, take_finger, f);
    census_release(&c);
    return err;
}

static int bag_class(struct fingers *f, const struct source_class *cl, const struct addr *a)
{
    if (!(cl->kinds >> KIND_ACCESS & 1))
        return 0;
    for (unsigned i = 0; i < FINGERPRINTS; i++)
        if (class_has_fingerprint(cl, i))
            TRY(bag_add(&f->bag[i], a));
    return 0;
}

static int fingers_from_totals(struct asking *k, const struct unit *u, struct fingers *f)
{
    struct totals t = { .only_wide = true };
    struct census c = { 0 };
    int err = unit_summary(k->s, u, &t, &c);
    for (size_t i = 0; !err && i < t.n; i++)
        if (t.item[i].scope >> 29 == SCOPE_FINGERPRINT && head_port(t.item[i].scope) < FINGERPRINTS)
            f->accesses[head_port(t.item[i].scope)] += t.item[i].packets;
    for (size_t i = 0; !err && i < c.v4_n; i++) {
        struct addr a = addr_v4(c.v4[i]);
        err = bag_class(f, &c.classes[c.v4_class[i]], &a);
    }
    for (size_t i = 0; !err && i < c.v6_n; i++) {
        struct addr a = { .family = 6 };
        memcpy(a.bytes, c.v6[i], 16);
        err = bag_class(f, &c.classes[c.v6_class[i]], &a);
    }
    totals_release(&t);
    census_release(&c);
    return err;
}

static int rows_of_fingers(struct asking *k, struct fingers *f)
{
    for (unsigned i = 0; i < FINGERPRINTS; i++) {
        uint64_t sources;
        TRY(bag_count(&f->bag[i], &sources));
        struct answer row = { .fingerprint = i,
                              .accesses = f->accesses[i],
                              .packets = f->accesses[i],
                              .sources = (int64_t)sources };
        if (sources)
            TRY(add_row(k->a, &row));
    }
    return 0;
}

static int ask_fingerprints(struct asking *k)
{
    struct plan p;
    struct fingers *f = calloc(1, sizeof *f);
    if (!f)
        return -ENOMEM;
    bool plain = sieve_is_plain(&k->v) && k->v.proto < 0 && k->v.port < 0;
    int err = plan_make(&p, k->s, k->q->from, k->q->to, !plain);
    if (!err) {
        for (size_t i = 0; !err && i < p.n; i++) {
            err = check_time(k);
            if (!err)
                err = plain ? fingers_from_totals(k, &p.unit[i], f)
                            : fingers_from_flows(k, &p.unit[i], f);
        }
        plan_release(&p);
    }
    if (!err)
        err = rows_of_fingers(k, f);
    rank_rows(k);
    for (unsigned i = 0; i < FINGERPRINTS; i++)
        bag_release(&f->bag[i]);
    free(f);
    return err;
}

/* ---- asking ---- */

static int answer_topic(struct asking *k)
{
    bool by_source = k->q->topic == ASK_SOURCES || !sieve_is_plain(&k->v);
    if (by_source && !has_sources(&k->v))
        return store_refuse(k->s, "packets of this kind are tallied without their sources");
    switch (k->q->topic) {
    case ASK_SERIES:
        return k->q->step == STEP_MINUTE ? ask_minutes(k) : ask_steps(k);
    case ASK_SERVICES:
        return ask_services(k);
    case ASK_SOURCES:
        return ask_sources(k);
    case ASK_FINGERPRINTS:
        return ask_fingerprints(k);
    }
    return -EINVAL;
}

int store_ask(struct store *s, const struct question *q, struct answers **ret)
{
    struct asking k = { .s = s, .q = q, .v = sieve_make(q) };
    k.a = calloc(1, sizeof *k.a);
    if (!k.a)
        return -ENOMEM;
    s->why[0] = '\0';
    db_limit(s->db, q->deadline, q->cancel);
    bool own = !s->in_transaction;
    int err = own ? db_exec(s->db, "BEGIN") : 0; /* one state of the store for the whole answer */
    if (!err)
        err = answer_topic(&k);
    db_limit(s->db, 0, NULL);
    if (own)
        (void)!db_exec(s->db, "COMMIT");
    if (err)
        answers_free(k.a);
    else
        *ret = k.a;
    return err;
}
