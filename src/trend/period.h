#pragma once
/*
 * The period of a question: whole steps, from what a person asked for or else from what is stored.
 */
#include "store/store.h"

enum { PERIOD_STEPS_MOST = 100000 };
#define PERIOD_OPEN INT64_MIN /* an end that nobody named */

struct period {
    int64_t from, to; /* seconds; whole steps */
    enum store_step step;
    bool rounded; /* a named end was no whole step, and was moved outwards */
};

struct period_wish {
    int64_t from, to;    /* PERIOD_OPEN: not said */
    int step;            /* enum store_step; -1: hours, or days where the period is long */
    const char *zone;    /* cuts days */
    int64_t now;
    int64_t first, last; /* of what is stored; 0, 0: nothing */
    bool unbounded;      /* the answer has no row a step: it may be as long as it likes */
};

enum period_verdict {
    PERIOD_FINE,
    PERIOD_BACKWARD, /* it ends before it begins */
    PERIOD_TOO_LONG, /* more than PERIOD_STEPS_MOST steps */
};

/*
 * Without ends: the 24 hours up to the end of what is stored (the present, where that is within the last
 * hour); for steps of a day 30 days, as far as they are stored. 0 or a verdict.
 */
int must_check period_make(struct period *ret, const struct period_wish *wish);

/* The equal period before: as many days where it is made of whole days, else as many seconds. */
struct period period_previous(const struct period *p, const char *zone);

const char *step_name(enum store_step step); /* "minute", "hour", "day" */
