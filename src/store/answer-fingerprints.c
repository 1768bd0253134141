#include "store/asking.h"

#include <stdlib.h>
#include <string.h>

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
    int err = unit_summary(k->s, u, NULL, &c);
    f->census = &c;
    if (!err)
        err = scan_hour(k->s, hour, &k->v, CHUNK_NO_DESTS, take_finger, f);
    census_release(&c);
    return err;
}

/* The fingerprints of each class of a census, once: sources are many, classes few. */
struct class_list {
    uint8_t n, number[FINGERPRINTS];
};

static struct class_list *list_classes(const struct census *c)
{
    struct class_list *list = calloc(c->class_n + 1, sizeof *list);
    for (size_t i = 0; list && i < c->class_n; i++)
        for (unsigned f = 0; f < FINGERPRINTS; f++)
            if ((c->classes[i].kinds >> KIND_ACCESS & 1) && class_has_fingerprint(&c->classes[i], f))
                list[i].number[list[i].n++] = (uint8_t)f;
    return list;
}

static int bag_census(struct fingers *f, const struct census *c)
{
    struct class_list *list = list_classes(c);
    int err = list ? 0 : -ENOMEM;
    for (size_t i = 0; !err && i < c->v4_n; i++) {
        const struct class_list *l = &list[c->v4_class[i]];
        for (unsigned j = 0; !err && j < l->n; j++)
            err = bag_add_v4(&f->bag[l->number[j]], c->v4[i]);
    }
    for (size_t i = 0; !err && i < c->v6_n; i++) {
        const struct class_list *l = &list[c->v6_class[i]];
        for (unsigned j = 0; !err && j < l->n; j++)
            err = bag_add_v6(&f->bag[l->number[j]], c->v6[i]);
    }
    free(list);
    return err;
}

static int fingers_from_totals(struct asking *k, const struct unit *u, struct fingers *f)
{
    struct totals t = { .want = TOTALS_WIDE };
    struct census c = { 0 };
    int err = unit_summary(k->s, u, &t, k->q->bare ? NULL : &c);
    for (size_t i = 0; !err && i < t.n; i++)
        if (t.item[i].scope >> 29 == SCOPE_FINGERPRINT && head_port(t.item[i].scope) < FINGERPRINTS)
            f->accesses[head_port(t.item[i].scope)] += t.item[i].packets;
    if (!err)
        err = bag_census(f, &c);
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
        if (f->accesses[i])
            TRY(asking_add(k->a, &row));
    }
    return 0;
}

int ask_fingerprints(struct asking *k)
{
    struct plan p;
    struct fingers *f = calloc(1, sizeof *f);
    if (!f)
        return -ENOMEM;
    bool plain = sieve_is_plain(&k->v) && k->v.proto < 0 && k->v.port < 0;
    int err = plan_make(&p, k->s, k->q->from, k->q->to, !plain);
    if (!err) {
        for (size_t i = 0; !err && i < p.n; i++) {
            err = asking_check_time(k);
            if (!err)
                err = plain ? fingers_from_totals(k, &p.unit[i], f)
                            : fingers_from_flows(k, &p.unit[i], f);
        }
        plan_release(&p);
    }
    if (!err)
        err = rows_of_fingers(k, f);
    asking_rank(k);
    for (unsigned i = 0; i < FINGERPRINTS; i++)
        bag_release(&f->bag[i]);
    free(f);
    return err;
}
