#pragma once
/*
 * When a worker that died is started again: at once the first time where it was of use, then less and less often.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct restart {
    uint64_t began, due; /* time_mono() of its last start (0: it failed, or never was), and of the next */
    unsigned backoff;    /* seconds; 0: well */
    uint64_t said;       /* time_mono() when a death was said last; 0: never */
};

void restart_began(struct restart *r);
/* `useful`: it did its work for a while. True where this death is to be said: not each of many. */
bool restart_plan(struct restart *r, bool useful);
