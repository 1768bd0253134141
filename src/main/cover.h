#pragma once
/*
 * The live coverage of one sensor, from the periods of its workers. A store's periods of one sensor must
 * not overlap, so there is one running period for all workers: it grows with each of theirs, and a new one
 * begins where the number of addresses changes (a part came or fell silent) or where nobody observed. It claims
 * what all parts have told of: what one of them still holds may die with us.
 *
 * The structure may be copied: whoever writes a transaction keeps a copy to go back to.
 */
#include "event/record.h"
#include "store/store.h"

enum { COVER_PARTS = 128 };

struct cover_part {
    size_t group;                /* parts of a group stand together and observe the same addresses */
    uint64_t addresses;          /* that the group observes */
    bool on;                     /* it told of a period that may go on */
    bool silent;                 /* but not while others went on: it does not observe now */
    bool renewed;                /* its counters began anew */
    struct record_coverage last; /* as it told last */
    uint64_t drops;              /* that the kernel had counted then */
};

struct cover {
    uint64_t fixed; /* addresses that all workers observe together; 0: the sum of the parts */
    struct cover_part part[COVER_PARTS];
    size_t n;
    int64_t id; /* of the running period; 0: none */
    struct coverage row; /* ends where the slowest part has told of */
    int64_t reach;       /* where the fastest has */
    uint64_t packets, drops; /* over all periods */
    uint64_t owed;           /* packets of the periods to come that have not been kept */
};

/* Part i tells of its period, in which it gave up v->drops packets itself; `drops` are those that the kernel
 * counted over all its lives. 0 or -errno of the store. */
int must_check cover_add(struct cover *c, struct store *s, int64_t sensor, size_t i,
                         const struct record_coverage *v, uint64_t drops);
/* Another worker tells of part i from now on, whose counters begin anew. */
void cover_renew(struct cover *c, size_t i);
/* So many of the packets that the next periods of this delta tell of have not been kept: they count as dropped. */
void cover_shed(struct cover *c, uint64_t packets);
/* The delta ends, and with it what was said of its periods. */
void cover_settle(struct cover *c);
/* The next period is a row of its own: who is observed has changed. */
void cover_part_ways(struct cover *c);
/* Part i is gone. */
void cover_leave(struct cover *c, size_t i);
