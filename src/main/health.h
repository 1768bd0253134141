#pragma once
/*
 * How the programs of a running `observe` are, told to the store every few seconds, for `teiten status`.
 */
#include "main/doors.h"
#include "main/samples.h"

struct health {
    uint64_t due; /* time_mono() */
    int64_t started;
};

/* Tells, where it is time to and the store can be written. */
void health_tell(struct health *h, struct ledger *l, const struct watch *w, size_t n, const struct doors *d,
                 const struct samples *samples, pid_t keeper);
/* Nothing runs any more. */
void health_end(struct health *h, struct store *s);
