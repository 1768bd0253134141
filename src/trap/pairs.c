#include "trap/pairs.h"

#include "base/rd.h"
#include "base/sha256.h"

#include <stdlib.h>
#include <string.h>

enum {
    REACH = 16,           /* places that a fact may stand in */
    TRIES_MOST = 1 << 14, /* sources whose tries are counted */
};

struct fact {
    uint64_t hash; /* 0: free */
    int64_t until;
    bool accepted;
};

/* Tries of a source at an address, for personas that let in after some. */
struct tries {
    uint64_t hash;
    uint32_t n;
    int64_t last;
};

struct pairs {
    uint8_t key[16];
    int64_t remember;
    size_t n_facts; /* a power of two */
    struct fact *facts;
    struct tries tries[TRIES_MOST];
};

int pairs_make(struct pairs **ret, const uint8_t key[static 16], int64_t remember, size_t most)
{
    struct pairs *p = calloc(1, sizeof *p);
    size_t n = REACH;
    while (n < most)
        n *= 2;
    if (p)
        p->facts = calloc(n, sizeof *p->facts);
    if (!p || !p->facts) {
        free(p);
        return -ENOMEM;
    }
    memcpy(p->key, key, sizeof p->key);
    p->remember = remember;
    p->n_facts = n;
    *ret = p;
    return 0;
}

void pairs_free(struct pairs *p)
{
    if (p)
        free(p->facts);
    free(p);
}

/* ---- Hashes ---- */

static void add_address(struct sha256 *h, const struct addr *a)
{
    sha256_add_part(h, a->bytes, a->family == 4 ? 4 : sizeof a->bytes);
}

/* Not to be foreseen by a stranger, who chooses what is hashed. */
static uint64_t hash_end(struct sha256 *h)
{
    uint8_t bytes[SHA256_BYTES];
    sha256_end(h, bytes);
    struct rd r = rd_init(bytes, sizeof bytes);
    uint64_t v = rd_le64(&r);
    return v ? v : 1;
}

static uint64_t hash_of_pair(const struct pairs *p, const struct pair_try *t)
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add_part(&h, p->key, sizeof p->key);
    add_address(&h, t->destination);
    sha256_add_part(&h, t->user, t->n_user);
    sha256_add_part(&h, t->password, t->n_password);
    return hash_end(&h);
}

static uint64_t hash_of_source(const struct pairs *p, const struct pair_try *t)
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add_part(&h, p->key, sizeof p->key);
    add_address(&h, t->destination);
    add_address(&h, t->source);
    return hash_end(&h);
}

/* ---- Facts ---- */

static struct fact *find(struct pairs *p, uint64_t hash, int64_t now)
{
    for (size_t i = 0; i < REACH; i++) {
        struct fact *f = &p->facts[(hash + i) & (p->n_facts - 1)];
        if (f->hash == hash && f->until > now)
            return f;
    }
    return NULL;
}

/* A free place, or that of what is due first. */
static struct fact *place_for(struct pairs *p, uint64_t hash, int64_t now)
{
    struct fact *first = NULL;
    for (size_t i = 0; i < REACH; i++) {
        struct fact *f = &p->facts[(hash + i) & (p->n_facts - 1)];
        if (!f->hash || f->hash == hash || f->until <= now)
            return f;
        if (!first || f->until < first->until)
            first = f;
    }
    return first;
}

void pairs_learn(struct pairs *p, uint64_t fact, bool accepted, int64_t until, int64_t now)
{
    struct fact *f = find(p, fact, now);
    if (!fact || until <= now || (f && f->accepted && !accepted))
        return; /* who was let in stays so */
    *place_for(p, fact, now) = (struct fact){ fact, until, accepted };
}

/* ---- Tries ---- */

/* How many this is of the source at the address. Two that meet in one place count anew: an attack tries again. */
static uint32_t count_try(struct pairs *p, const struct pair_try *t)
{
    uint64_t hash = hash_of_source(p, t);
    struct tries *x = &p->tries[hash % TRIES_MOST];
    if (x->hash != hash || t->now - x->last > p->remember)
        *x = (struct tries){ .hash = hash };
    x->last = t->now;
    if (x->n < UINT32_MAX)
        x->n++;
    return x->n;
}

static bool same(const char *a, const char *b, size_t n)
{
    return strlen(a) == n && !memcmp(a, b, n);
}

static bool is_listed(const struct persona *persona, const char *user, size_t n_user, const char *password, size_t n_password)
{
    for (size_t i = 0; i < persona->n_pairs; i++)
        if (same(persona->pairs[i].user, user, n_user) && same(persona->pairs[i].password, password, n_password))
            return true;
    return false;
}

bool pairs_asks(const struct persona *p, const char *user, size_t n_user)
{
    bool lets_in = p->policy == POLICY_ANY || p->policy == POLICY_LISTED;
    return !lets_in || !is_listed(p, user, n_user, "", 0);
}

static bool is_right(struct pairs *p, const struct pair_try *t)
{
    uint32_t tries = count_try(p, t);
    switch (t->persona->policy) {
    case POLICY_ANY:
        return true;
    case POLICY_LISTED:
        return is_listed(t->persona, t->user, t->n_user, t->password, t->n_password);
    case POLICY_AFTER:
        return tries >= t->persona->after;
    case POLICY_NEVER:
        break;
    }
    return false;
}

struct pair_verdict pairs_judge(struct pairs *p, const struct pair_try *t)
{
    uint64_t hash = hash_of_pair(p, t);
    struct fact *f = find(p, hash, t->now);
    if (f && f->accepted)
        f->until = t->now + p->remember;
    if (f) {
        (void)count_try(p, t);
        return (struct pair_verdict){ .accepted = f->accepted, .remembered = true };
    }
    bool accepted = is_right(p, t);
    int64_t until = t->now + p->remember;
    pairs_learn(p, hash, accepted, until, t->now);
    return (struct pair_verdict){ .accepted = accepted, .fact = hash, .until = until };
}
