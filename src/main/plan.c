#include "main/plan.h"

#include <string.h>

void observe_plan_release(struct observe_plan *p)
{
    sensor_release(&p->sensor);
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
