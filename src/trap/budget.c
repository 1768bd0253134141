#include "trap/budget.h"

#include <sys/mman.h>
#include <time.h>

enum { TRIES = 64 }; /* then it is refused: in a table that somebody writes to without end nobody waits */

static const uint64_t proven_bit = UINT64_C(1) << 31, left_mask = (UINT64_C(1) << 31) - 1;

int budget_map(int fd, struct budget_slot **ret)
{
    void *at = mmap(NULL, BUDGET_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return -errno;
    *ret = at;
    return 0;
}

uint64_t budget_prefix(const struct addr *a)
{
    uint64_t p = 0;
    if (a->family == 4)
        return UINT64_C(0xffffffffff) << 24 | addr_u32(a) >> 8;
    for (int i = 0; i < 8; i++)
        p = p << 8 | a->bytes[i];
    return p;
}

uint64_t budget_owner(const struct budget *b, uint64_t prefix)
{
    uint64_t h = prefix ^ b->key[0];
    h *= b->key[1] | 1;
    h ^= h >> 32;
    h *= b->key[2] | 1;
    h ^= h >> 29;
    return h ? h : 1;
}

uint32_t budget_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)t.tv_sec + 1;
}

static uint64_t make_state(uint32_t since, bool proven, uint64_t left)
{
    left = left < BUDGET_MOST ? left : BUDGET_MOST;
    return (uint64_t)since << 32 | (proven ? proven_bit : 0) | left;
}

/* A clock that runs a little behind another CPU's is not an hour ahead of it. */
static bool is_over(uint64_t state, uint32_t now)
{
    uint32_t since = (uint32_t)(state >> 32);
    return !since || (now > since && now - since >= BUDGET_HOUR);
}

static struct budget_slot *place(const struct budget *b, uint64_t owner, unsigned i)
{
    return &b->slot[(owner + i) & (b->slots - 1)];
}

/* The owner's first slot, NULL where it has none; how many it has. */
static struct budget_slot *find(const struct budget *b, uint64_t owner, unsigned *ret_n)
{
    struct budget_slot *first = NULL;
    *ret_n = 0;
    for (unsigned i = 0; i < BUDGET_PLACES; i++) {
        struct budget_slot *s = place(b, owner, i);
        if (atomic_load(&s->owner) != owner)
            continue;
        first = first ? first : s;
        ++*ret_n;
    }
    return first;
}

/* The first whose hour is over becomes the owner's. false: there is none; else who has what is to be looked for again. */
static bool take(const struct budget *b, uint64_t owner, uint32_t now)
{
    for (unsigned i = 0; i < BUDGET_PLACES; i++) {
        struct budget_slot *s = place(b, owner, i);
        uint64_t state = atomic_load(&s->state);
        unsigned n;
        if (!is_over(state, now))
            continue;
        if (!atomic_compare_exchange_strong(&s->state, &state, (uint64_t)now << 32 | left_mask))
            return true;
        atomic_store(&s->owner, owner);
        (void)find(b, owner, &n);
        atomic_store(&s->state, make_state(now, false, n == 1 ? BUDGET_CREDIT : 0));
        return true;
    }
    return false;
}

/* What a charge makes of a state; whether it is allowed. */
static bool charged(uint64_t state, uint32_t in, uint32_t out, uint64_t *ret)
{
    bool proven = state & proven_bit;
    uint64_t left = (state & left_mask) + in;
    bool allowed = proven || left >= out;
    *ret = make_state((uint32_t)(state >> 32), proven, allowed && !proven ? left - out : left);
    return allowed;
}

enum turn { AGAIN, REFUSED, DONE };

/* Finds the prefix's slot with a state that is not over. DONE: *ret is it, *ret_state what it was while the slot was its. */
static enum turn look(const struct budget *b, uint64_t owner, uint32_t now, struct budget_slot **ret, uint64_t *ret_state)
{
    unsigned n;
    struct budget_slot *s = find(b, owner, &n);
    if (!s)
        return take(b, owner, now) ? AGAIN : REFUSED;
    uint64_t state = atomic_load(&s->state);
    if (atomic_load(&s->owner) != owner)
        return AGAIN;
    if (is_over(state, now)) {
        (void)atomic_compare_exchange_strong(&s->state, &state, make_state(now, false, n == 1 ? BUDGET_CREDIT : 0));
        return AGAIN;
    }
    *ret = s;
    *ret_state = state;
    return (state & left_mask) == left_mask ? AGAIN : DONE;
}

bool budget_charge(const struct budget *b, uint64_t prefix, uint32_t in, uint32_t out, uint32_t now)
{
    uint64_t owner = budget_owner(b, prefix), state = 0, next;
    struct budget_slot *s = NULL;
    for (int i = 0; i < TRIES; i++) {
        enum turn turn = look(b, owner, now, &s, &state);
        if (turn == REFUSED)
            return false;
        if (turn == AGAIN)
            continue;
        bool allowed = charged(state, in, out, &next);
        if (atomic_compare_exchange_weak(&s->state, &state, next))
            return allowed;
    }
    return false;
}

void budget_prove(const struct budget *b, uint64_t prefix, uint32_t now)
{
    uint64_t owner = budget_owner(b, prefix), state = 0;
    struct budget_slot *s = NULL;
    for (int i = 0; i < TRIES; i++) {
        enum turn turn = look(b, owner, now, &s, &state);
        if (turn == REFUSED)
            return;
        if (turn == DONE && atomic_compare_exchange_weak(&s->state, &state, make_state(now, true, state & left_mask)))
            return;
    }
}
