#pragma once
/*
 * Which pairs of user and password are right at which address. A pair that was let in once is let in
 * there from every source at the first try, as long as it is remembered: infection comes in two steps, one host finds
 * the pair and another uses it. One that was refused stays refused.
 *
 * Kept are keyed hashes, in a table of fixed size; where it is full, what is due first makes room. What is
 * decided is told by the owner to other workers and kept by the supervisor: pairs_learn() takes it in.
 */
#include "base/addr.h"
#include "base/err.h"
#include "trap/persona.h"

struct pairs;

struct pair_try {
    const struct persona *persona;
    const struct addr *source, *destination;
    const char *user, *password; /* n_user, n_password bytes */
    size_t n_user, n_password;
    int64_t now; /* microseconds, as all times here */
};

struct pair_verdict {
    bool accepted, remembered; /* remembered: it was decided before */
    uint64_t fact;             /* what pairs_learn() takes; 0 where nothing new was decided */
    int64_t until;             /* likewise */
};

/* key: 16 secret bytes, the same for all workers; remember: how long; most: facts that are kept. 0 or -ENOMEM. */
int must_check pairs_make(struct pairs **ret, const uint8_t key[static 16], int64_t remember, size_t most);
void pairs_free(struct pairs *p); /* NULL is fine */
/* Whether the device asks this user for a password: not where a pair of the persona's has none, and its policy lets that in. */
bool pairs_asks(const struct persona *p, const char *user, size_t n_user);
struct pair_verdict pairs_judge(struct pairs *p, const struct pair_try *t);
/* A decision of another worker, or of another life. */
void pairs_learn(struct pairs *p, uint64_t fact, bool accepted, int64_t until, int64_t now);
