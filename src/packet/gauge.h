#pragma once
/*
 * Which stretches of time were observed: packet times to periods of coverage, cut where nothing came for
 * GAUGE_GAP seconds; and jumps of the clock.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    GAUGE_GAP = 3600,         /* a longer silence counts as not observed */
    GAUGE_BACK = 60,          /* further back than this is a jump, not disorder */
    GAUGE_FORWARD = 24 * 3600 /* and further forward than this */
};

struct gauge {
    int64_t start, end; /* the running period: [start, end); empty where end is 0 */
    int64_t latest;     /* the packet before */
    uint64_t packets;
};

/* A packet of this second. 1: the period ended before it and is in *ret_done (the packet begins the next).
 * *ret_jump is the jump's seconds where there was one, else 0. */
int gauge_add(struct gauge *g, int64_t sec, struct gauge *ret_done, int64_t *ret_jump);
