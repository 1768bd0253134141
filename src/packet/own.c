#include "packet/own.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct v4_prefix {
    uint32_t base, mask;
};

struct own_addresses {
    struct prefix_list v6;
    size_t v4_n;
    struct v4_prefix v4[];
};

int own_addresses_make(struct own_addresses **ret, const struct prefix_list *list)
{
    *ret = NULL;
    if (list->n == 0)
        return 0;
    struct own_addresses *o = calloc(1, sizeof *o + list->n * sizeof o->v4[0]);
    if (!o)
        return -ENOMEM;
    for (size_t i = 0; i < list->n; i++) {
        const struct prefix *p = &list->item[i];
        if (p->addr.family == 4) {
            uint32_t mask = p->bits ? ~UINT32_C(0) << (32 - p->bits) : 0;
            o->v4[o->v4_n++] = (struct v4_prefix){ addr_u32(&p->addr), mask };
        } else if (prefix_list_add(&o->v6, p)) {
            own_addresses_free(o);
            return -ENOMEM;
        }
    }
    *ret = o;
    return 0;
}

void own_addresses_free(struct own_addresses *o)
{
    if (!o)
        return;
    prefix_list_release(&o->v6);
    free(o);
}

bool own_has_v4(const struct own_addresses *o, uint32_t address)
{
    for (size_t i = 0; i < o->v4_n; i++)
        if ((address & o->v4[i].mask) == o->v4[i].base)
            return true;
    return false;
}

bool own_has_v6(const struct own_addresses *o, const uint8_t address[static 16])
{
    struct addr a = { .family = 6 };
    memcpy(a.bytes, address, 16);
    return prefix_list_has(&o->v6, &a);
}

uint32_t nat_public(const struct nat *nat, uint32_t address)
{
    for (size_t i = 0; i < nat->n; i++)
        if (nat->pair[i].inside == address)
            return nat->pair[i].outside;
    return address;
}

enum { WAYS = 8 };

struct slot {
    struct own_tuple tuple;
    int64_t used; /* 0: empty */
};

struct own_flows {
    uint64_t seed; /* strangers must not be able to choose the slots that they fill */
    size_t filled;
    struct slot slot[OWN_FLOW_SLOTS];
};

int own_flows_make(struct own_flows **ret, uint64_t seed)
{
    struct own_flows *o = calloc(1, sizeof *o);
    if (!o)
        return -ENOMEM;
    o->seed = seed;
    *ret = o;
    return 0;
}

void own_flows_free(struct own_flows *o)
{
    free(o);
}

size_t own_flows_used(const struct own_flows *o)
{
    return o->filled;
}

static struct slot *slots_for(struct own_flows *o, const struct own_tuple *t)
{
    uint64_t hash = hash64(t, sizeof *t, o->seed);
    return &o->slot[hash % (OWN_FLOW_SLOTS / WAYS) * WAYS];
}

/* A clock that stepped back must not make every flow immortal. */
static bool is_alive(const struct slot *s, int64_t now)
{
    uint64_t from = (uint64_t)s->used - OWN_FLOW_SECONDS; /* a file's times may be any */
    return s->used && (uint64_t)now - from <= 2 * OWN_FLOW_SECONDS;
}

static struct slot *find_slot(struct slot *set, const struct own_tuple *t, int64_t now)
{
    for (unsigned i = 0; i < WAYS; i++)
        if (is_alive(&set[i], now) && memcmp(&set[i].tuple, t, sizeof *t) == 0)
            return &set[i];
    return NULL;
}

void own_flows_open(struct own_flows *o, const struct own_tuple *t, int64_t now)
{
    struct slot *set = slots_for(o, t);
    struct slot *s = find_slot(set, t, now);
    for (unsigned i = 0; !s && i < WAYS; i++)
        if (!is_alive(&set[i], now))
            s = &set[i];
    if (!s) {
        s = &set[0];
        for (unsigned i = 1; i < WAYS; i++)
            if (set[i].used < s->used)
                s = &set[i];
    }
    if (!s->used)
        o->filled++;
    s->tuple = *t;
    s->used = now ? now : 1;
}

bool own_flows_has(struct own_flows *o, const struct own_tuple *t, int64_t now)
{
    if (o->filled == 0)
        return false;
    struct slot *s = find_slot(slots_for(o, t), t, now);
    if (s)
        s->used = now ? now : 1;
    return s != NULL;
}
