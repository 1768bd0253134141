#pragma once
/*
 * The live coverage of one sensor, from the periods of its workers. A store's periods of one sensor must
 * not overlap, so there is one running period for all workers: it grows with each of theirs, and a new one
 * begins where the number of addresses changes (a worker came or died) or where nobody observed.
 *
 * The structure may be copied: whoever writes a transaction keeps a copy to go back to.
 */
#include "event/record.h"
#include "store/store.h"

enum { COVER_PARTS = 16 };

struct cover_part {
    uint64_t addresses;          /* that this worker alone observes */
    bool on;                     /* it observes now */
    bool renewed;                /* its counters began anew */
    struct record_coverage last; /* as it told last */
    uint64_t drops;              /* that the kernel had counted then */
};

struct cover {
    uint64_t fixed; /* addresses that all workers observe together; 0: the sum of the parts */
    struct cover_part part[COVER_PARTS];
    size_t n;
    int64_t id; /* of the running period; 0: none */
    struct coverage row;
    uint64_t packets, drops; /* over all periods */
};

/* Part i tells of its period, in which it gave up v->drops packets itself; `drops` are those that the kernel
 * counted over all its lives. 0 or -errno of the store. */
int must_check cover_add(struct cover *c, struct store *s, int64_t sensor, size_t i,
                         const struct record_coverage *v, uint64_t drops);
/* Another worker tells of part i from now on, whose counters begin anew. */
void cover_renew(struct cover *c, size_t i);
/* Part i is gone. */
void cover_leave(struct cover *c, size_t i);
