#include "main/plan.h"

#include <string.h>

void observe_plan_release(struct observe_plan *p)
{
    sensor_release(&p->sensor);
    trap_plan_release(&p->trap);
    sample_plan_release(&p->samples);
}

void sample_plan_release(struct sample_plan *p)
{
    prefix_list_release(&p->deny);
}

void trap_plan_release(struct trap_plan *p)
{
    request_release(&(struct request){ .claim = p->claim });
    p->claim = (struct request_claim){ 0 };
}

uint64_t observe_plan_addresses(const struct observe_plan *p)
{
    uint64_t n = prefix_list_size(&p->sensor.setup.own);
    return n > INT64_MAX ? INT64_MAX : n;
}

bool observe_plan_same_rings(const struct observe_plan *a, const struct observe_plan *b)
{
    bool same = a->n == b->n && a->workers == b->workers && a->promiscuous == b->promiscuous &&
                a->sensor.setup.dark == b->sensor.setup.dark;
    for (size_t i = 0; same && i < a->n; i++)
        same = strcmp(a->interface[i].name, b->interface[i].name) == 0;
    return same;
}

static bool same_list(const struct prefix_list *a, const struct prefix_list *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->item[i].bits == b->item[i].bits && addr_cmp(&a->item[i].addr, &b->item[i].addr) == 0;
    return same;
}

bool observe_plan_same_claim(const struct observe_plan *a, const struct observe_plan *b)
{
    const struct request_claim *x = &a->trap.claim, *y = &b->trap.claim;
    bool same = same_list(&x->prefix, &y->prefix) && x->excepts == y->excepts && !x->ports == !y->ports;
    for (uint32_t i = 0; same && i < x->excepts; i++)
        same = addr_cmp(&x->except[i].addr, &y->except[i].addr) == 0 && x->except[i].port == y->except[i].port;
    return same && (!x->ports || memcmp(x->ports, y->ports, sizeof *x->ports) == 0);
}

static bool same_setup(const struct trap_setup *a, const struct trap_setup *b)
{
    return memcmp(a->key, b->key, sizeof a->key) == 0 && strcmp(a->persona, b->persona) == 0 && a->login == b->login &&
           a->after == b->after && a->remember == b->remember && a->total == b->total && a->source == b->source &&
           a->network == b->network && a->memory == b->memory && a->catchall == b->catchall && a->fetch == b->fetch &&
           same_list(&a->own, &b->own);
}

static bool same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && addr_cmp(&a->addr, &b->addr) == 0;
}

bool sample_plan_same(const struct sample_plan *a, const struct sample_plan *b)
{
    bool same = a->desks == b->desks && a->quota == b->quota && a->policy == b->policy && same_endpoint(&a->proxy, &b->proxy) &&
                a->servers == b->servers && same_list(&a->deny, &b->deny) && a->first_port == b->first_port &&
                a->hourly == b->hourly && a->life == b->life;
    for (uint32_t i = 0; same && i < a->servers; i++)
        same = same_endpoint(&a->server[i], &b->server[i]);
    return same;
}

bool trap_place_same(const struct trap_place *a, const struct trap_place *b)
{
    return same_endpoint(&a->at, &b->at) && a->service == b->service;
}

bool observe_plan_same_trap(const struct observe_plan *a, const struct observe_plan *b)
{
    const struct trap_plan *x = &a->trap, *y = &b->trap;
    bool same = x->n == y->n && x->workers == y->workers && same_setup(&x->setup, &y->setup);
    for (size_t i = 0; same && i < x->n; i++)
        same = trap_place_same(&x->place[i], &y->place[i]) && x->place[i].must == y->place[i].must;
    return same;
}
