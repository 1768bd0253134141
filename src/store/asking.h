#pragma once
/*
 * A question on its way to its answer: what the answer-*.c files share, one file a topic.
 */
#include "store/plan.h"

struct answers {
    struct answer *row; /* owned */
    size_t n, room, at;
};

struct asking {
    struct store *s;
    const struct question *q;
    struct sieve v;
    struct answers *a;
};

int must_check asking_add(struct answers *a, const struct answer *row);
/* -ETIMEDOUT past the deadline, or where the question was cancelled. */
int must_check asking_check_time(const struct asking *k);
/* Best first, no more than asked for. */
void asking_rank(struct asking *k);

/* Packets of a service's total, and of a flow, by what the question counts. */
void asking_count_total(const struct sieve *v, const struct total *t, struct answer *row);
static inline void asking_count_flow(const struct flow *f, struct answer *row)
{
    row->packets += f->packets;
    if (head_kind(flow_head(f)) == KIND_ACCESS)
        row->accesses += f->packets;
}

/* Whether packets of these kinds make flows; the others are only tallied, without their sources. */
bool asking_has_sources(const struct sieve *v);

int must_check ask_series(struct asking *k);
int must_check ask_services(struct asking *k);
int must_check ask_sources(struct asking *k);
int must_check ask_fingerprints(struct asking *k);
