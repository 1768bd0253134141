#pragma once
/*
 * Live capture: the supervisor's loop. Rings are made by the keeper and stay open here; sense workers read
 * them; one writer stores. Runs until a signal asks to stop; SIGHUP asks for a new plan.
 */
#include "main/daemon.h"
#include "main/plan.h"

struct observe {
    struct store *store; /* borrowed, as all but the plan */
    struct daemon *daemon;
    struct observe_plan plan; /* owned */
    /* Makes a plan of the configuration as it is now. 0; or 1, and said why; then what came of it is adopted
     * (`keep` true: it is followed) or given up. */
    int (*plan_anew)(void *context, struct observe_plan *ret);
    void (*plan_chosen)(void *context, bool keep);
    void *context;
    int64_t clock_offset; /* seconds, for tests */
    /* where it could not begin, or had to end: */
    const char *trouble;  /* interface, or `listener`; NULL: the store */
    char listener[ADDR_TEXT + 8]; /* "192.0.2.1:23": what of the trap cannot be had */
};

/* 0 when asked to stop and all was stored; -EUCLEAN where the store is damaged; -errno (said in the log where it
 * came while running), with `trouble` set. */
int must_check observe_run(struct observe *o);
