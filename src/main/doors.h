#pragma once
/*
 * Where the trap answers: listeners, which the keeper makes and which stay open here for life, and the teiten-trap workers
 * that take visitors from them. Who comes while a worker is dead waits in the kernel; what a dead worker's visitors said is
 * stored, and their sessions are ended as lost.
 *
 * What workers tell is held until the store takes it. While it does not, they are no longer read from, and shed by
 * themselves (main/trap.c).
 */
#include "main/daemon.h"
#include "main/ledger.h"
#include "main/plan.h"

#include <poll.h>

struct door {
    uint8_t number;
    int listener[PLAN_DOORS]; /* owned; borrowed by its worker */
    struct worker worker;
    struct restart restart;
    bool running, ready;
    uint32_t confined;        /* CONFINED_ flags of this life */
    int64_t started;          /* on the clock */
    uint64_t restarts;
    uint64_t heard;           /* time_mono() when it said something */
    struct buf held;          /* records as they came, that the store does not have yet */
    uint64_t due;             /* time_mono(): when it is to have them; 0: it has all */
    uint64_t first_id;        /* sessions of this life have greater ones */
    uint64_t last_id;         /* the greatest that was told */
    uint64_t lost;            /* sessions up to this one are over, whatever the store thinks; 0: it knows */
    struct trap_counts counts, before; /* of this life, of those before */
};

/* Who hears, beside the store, of what visitors bring and want. */
struct doors_ear {
    void *context;
    /* A visitor waits for this (event/record-trap.h): answered once by doors_tell(). */
    void (*asked)(void *context, const struct trap_ask *ask);
    /* A program was made of what a visitor wrote, and its event is stored: whole, borrowed for the call. */
    void (*made)(void *context, const struct session_event *e);
};

struct doors {
    struct doors_ear ear;
    struct daemon *daemon;        /* borrowed, as all */
    const struct trap_plan *plan; /* what is followed */
    struct store *store;
    struct ledger *ledger;
    int64_t clock_offset;
    struct door door[TRAP_WORKERS];
    size_t n;                     /* of the workers; 0: nothing answers */
    size_t for_claims;            /* of the open ones, the last ones */
    struct trap_plan open;        /* what the listeners are of: those of the plan that could be had */
    int64_t latest;               /* that the clock showed, microseconds */
    bool ending, keeper_died, weak_said;
};

void doors_init(struct doors *d);
void doors_release(struct doors *d);

/* Whether the keeper could make the listeners of a plan; *ret_trouble the one that it could not, as text. 0 or -errno. */
int must_check doors_try(struct doors *d, const struct trap_plan *p, char ret_trouble[static ADDR_TEXT + 8]);
/* Makes the listeners of the plan, where those that are open do not serve it, and starts the workers. 0 or -errno, with what was
 * the trouble. */
int must_check doors_open(struct doors *d, char ret_trouble[static ADDR_TEXT + 8]);
/* All listeners are closed; the workers must have ended. */
void doors_close(struct doors *d);
/* Starts those again whose time has come, and ends those that are stuck. */
void doors_restart_due(struct doors *d);
/* Tells all to end their sessions, and themselves. */
void doors_stop(struct doors *d);
/* Ends those that did not do so: how many. */
size_t doors_end_rest(struct doors *d);
size_t doors_running(const struct doors *d);

/* The answer to who waits, where he still does: `fd` has the content of what was found; borrowed. */
void doors_tell(struct doors *d, const struct trap_told *t, int fd);

/* What is to be waited for, at most TRAP_WORKERS: how many. */
nfds_t doors_listen(struct doors *d, struct pollfd *ret);
/* What came of it. */
void doors_hear(struct doors *d, const struct pollfd *p, nfds_t n);

/* Stores what is held, where it is time to and the store can be written; `all`: whatever time it is. 0, also where trouble
 * came that passes; -errno where it does not. */
int must_check doors_store(struct doors *d, bool all);
/* Bytes that wait for the store. */
size_t doors_waiting(const struct doors *d);
/* Over all lives of a worker, and of all of them. */
struct trap_counts door_counts(const struct door *x);
struct trap_counts doors_counts(const struct doors *d);
uint64_t doors_restarts(const struct doors *d);
