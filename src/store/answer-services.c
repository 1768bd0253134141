#include "store/asking.h"

#include <stdlib.h>

enum { FEW_ROWS = 64, PORTS = 1 << 19 }; /* protocol and port: the upper bits of a head */

static uint32_t port_index(uint32_t head)
{
    return head >> 13;
}

/* Packets by protocol and port. */
struct port_sum {
    uint64_t accesses, packets, sources;
};

struct summing {
    const struct sieve *v;
    struct port_sum *port;
};

static void add_packets(struct summing *c, uint32_t scope, uint64_t packets)
{
    struct port_sum *p = &c->port[port_index(scope)];
    p->packets += packets;
    if (head_kind(scope) == KIND_ACCESS)
        p->accesses += packets;
}

static int sum_passed(void *context, const struct passed *p)
{
    add_packets(context, flow_head(p->flow), p->flow->packets);
    return 0;
}

static int sum_totals(struct asking *k, const struct unit *u, struct summing *c)
{
    struct totals t = { 0 };
    int err = unit_summary(k->s, u, &t, NULL);
    for (size_t i = 0; !err && i < t.n; i++) {
        const struct total *x = &t.item[i];
        if (!sieve_takes_service(c->v, x->scope))
            continue;
        add_packets(c, x->scope, x->packets);
        if (c->v->source_kinds == 1u << head_kind(x->scope))
            c->port[port_index(x->scope)].sources += x->sources; /* of one unit; else counted later */
    }
    totals_release(&t);
    return err;
}

static int sum_unit(struct asking *k, const struct unit *u, struct summing *c)
{
    return sieve_is_plain(&k->v)
               ? sum_totals(k, u, c)
               : scan_hour(k->s, (uint32_t)(u->start / HOUR_SECONDS), &k->v, CHUNK_COUNTS, sum_passed, c);
}

static int rows_of_ports(struct asking *k, const struct summing *c)
{
    for (uint32_t i = 0; i < PORTS; i++) {
        const struct port_sum *p = &c->port[i];
        struct answer row = { .proto = head_proto(i << 13),
                              .port = head_port(i << 13),
                              .accesses = p->accesses,
                              .packets = p->packets,
                              .sources = asking_has_sources(&k->v) ? (int64_t)p->sources
                                                                   : ANSWER_UNKNOWN };
        if (p->packets && (k->q->kinds || p->accesses))
            TRY(asking_add(k->a, &row));
    }
    return 0;
}

/*
 * The distinct sources of each row, where adding up would count some twice. From a day come sets; where a
 * row has none there, and from hours, they come from flows: a few rows by a look at each port's own, many by
 * one scan that serves all.
 */
struct row_sources {
    const struct sieve *v;
    uint32_t *row_of; /* by protocol and port: the row + 1 */
    struct bag *bag;  /* by row */
    bool *had;        /* by row: this unit's set was there */
    bool *gone;       /* by row: what would tell is no longer kept */
};

static int take_row_source(void *context, const struct passed *p)
{
    struct row_sources *c = context;
    uint32_t head = flow_head(p->flow);
    uint32_t row = c->row_of[port_index(head)];
    if (!row || c->had[row - 1] || !(c->v->source_kinds >> head_kind(head) & 1))
        return 0;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    return bag_add(&c->bag[row - 1], &a);
}

static struct sieve row_sieve(const struct asking *k, size_t i)
{
    struct sieve v = k->v;
    v.proto = (int)k->a->row[i].proto;
    v.port = k->a->row[i].port;
    return v;
}

static int scan_unit(struct asking *k, const struct unit *u, const struct sieve *v, struct row_sources *c)
{
    for (int64_t at = u->start; at < u->end; at += HOUR_SECONDS) {
        if (damage_has_hour(k->s, at)) {
            damage_leave_out(k->s, at, false, false);
            return SOURCES_GONE;
        }
        TRY(scan_hour(k->s, (uint32_t)(at / HOUR_SECONDS), v, CHUNK_COUNTS, take_row_source, c));
    }
    return 0;
}

static int add_unit_sources(struct asking *k, const struct unit *u, struct row_sources *c)
{
    size_t lacking = 0;
    for (size_t i = 0; i < k->a->n; i++) {
        struct sieve v = row_sieve(k, i);
        int found = unit_set(k->s, u, &v, &c->bag[i]);
        TRY(found);
        c->had[i] = found || u->gone;
        c->gone[i] |= found == SET_LOST || (u->gone && found == 0);
        lacking += !c->had[i];
    }
    int lost = lacking > FEW_ROWS ? scan_unit(k, u, &k->v, c) : 0;
    TRY(lost);
    for (size_t i = 0; lacking && i < k->a->n; i++) {
        struct sieve v = row_sieve(k, i);
        int gone = c->had[i] ? 0 : lacking > FEW_ROWS ? lost : scan_unit(k, u, &v, c);
        TRY(gone);
        c->gone[i] |= gone == SOURCES_GONE;
    }
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
        c.row_of[port_index(head_make(k->a->row[i].proto, k->a->row[i].port, 0, 0, 0))] = (uint32_t)i + 1;
    for (size_t i = 0; !err && i < p->n; i++) {
        err = asking_check_time(k);
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
static bool knows_sources(const struct asking *k, const struct plan *p)
{
    return k->q->bare || !asking_has_sources(&k->v) ||
           (sieve_is_plain(&k->v) && p->n == 1 && __builtin_popcount(k->v.source_kinds) == 1);
}

static int sum_up(struct asking *k, const struct plan *p)
{
    if (p->n == 0)
        return 0;
    struct summing c = { &k->v, calloc(PORTS, sizeof *c.port) };
    int err = c.port ? 0 : -ENOMEM;
    for (size_t i = 0; !err && i < p->n; i++) {
        err = asking_check_time(k);
        if (!err)
            err = sum_unit(k, &p->unit[i], &c);
    }
    if (!err)
        err = rows_of_ports(k, &c);
    free(c.port);
    return err;
}

int ask_services(struct asking *k)
{
    struct plan p;
    int err = plan_make(&p, k->s, k->q->from, k->q->to, !sieve_is_plain(&k->v));
    if (err)
        return err;
    err = sum_up(k, &p);
    asking_rank(k);
    if (!err && !knows_sources(k, &p))
        err = count_row_sources(k, &p);
    plan_release(&p);
    return err;
}
