#include "store/asking.h"

#include "base/array.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

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

int asking_add(struct answers *a, const struct answer *row)
{
    TRY(ARRAY_ROOM(a->row, a->room, a->n + 1));
    a->row[a->n++] = *row;
    return 0;
}

int asking_check_time(const struct asking *k)
{
    bool late = (k->q->deadline && time_mono() > k->q->deadline) || (k->q->cancel && *k->q->cancel);
    return late ? -ETIMEDOUT : 0;
}

/* Packets of a service's total, by what the question counts. */
void asking_count_total(const struct sieve *v, const struct total *t, struct answer *row)
{
    if (!sieve_takes_service(v, t->scope))
        return;
    row->packets += t->packets;
    if (head_kind(t->scope) == KIND_ACCESS)
        row->accesses += t->packets;
}

/* Kinds whose packets make flows; the others are only tallied, without their sources. */
enum { KINDS_WITH_SOURCES = 1u << KIND_ACCESS | 1u << KIND_BACKSCATTER | 1u << KIND_OTHER };

bool asking_has_sources(const struct sieve *v)
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
typedef int (*order_fn)(const void *, const void *);

/* The worst row of the first n to their top, when it may only be wrong at i. */
static void sift(struct answer *row, size_t n, size_t i, order_fn order)
{
    for (;;) {
        size_t worst = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++)
            if (order(&row[child], &row[worst]) > 0)
                worst = child;
        if (worst == i)
            return;
        struct answer swap = row[i];
        row[i] = row[worst];
        row[worst] = swap;
        i = worst;
    }
}

/* The best n rows to the front: a heap of them, whose worst gives way to whoever is better. */
static void select_rows(struct answers *a, size_t n, order_fn order)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(a->row, n, i, order);
    for (size_t i = n; i < a->n; i++)
        if (order(&a->row[i], &a->row[0]) < 0) {
            a->row[0] = a->row[i];
            sift(a->row, n, 0, order);
        }
    a->n = n;
}

void asking_rank(struct asking *k)
{
    struct answers *a = k->a;
    order_fn order = k->q->order == ORDER_PACKETS ? by_packets : by_accesses;
    if (k->q->limit && a->n > k->q->limit)
        select_rows(a, k->q->limit, order);
    if (a->n)
        qsort(a->row, a->n, sizeof *a->row, order);
}

/* ---- asking ---- */

static int answer_topic(struct asking *k)
{
    bool by_source = k->q->topic == ASK_SOURCES || !sieve_is_plain(&k->v);
    if (by_source && !asking_has_sources(&k->v))
        return store_refuse(k->s, "packets of this kind are tallied without their sources");
    switch (k->q->topic) {
    case ASK_SERIES:
        return ask_series(k);
    case ASK_SERVICES:
        return ask_services(k);
    case ASK_SOURCES:
        return ask_sources(k);
    case ASK_FINGERPRINTS:
        return ask_fingerprints(k);
    }
    return -EINVAL;
}

/* Asks again without what could not be read, until all that was looked at could be. */
static int answer_readable(struct asking *k)
{
    for (;;) {
        size_t losses = k->s->losses;
        k->a->n = 0;
        damage_begin(k->s);
        int err = answer_topic(k);
        if (!is_damage(err) || k->s->losses == losses)
            return err;
    }
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
        err = answer_readable(&k);
    db_limit(s->db, 0, NULL);
    if (own)
        (void)!db_exec(s->db, "COMMIT");
    if (err)
        answers_free(k.a);
    else
        *ret = k.a;
    return err;
}
