#pragma once
/*
 * All the rings of a plan and the workers that read them: several an interface, which share its packets by
 * source.
 */
#include "main/daemon.h"
#include "main/plan.h"
#include "main/watch.h"

#include <poll.h>

struct crew {
    struct daemon *daemon;           /* borrowed, as all */
    const struct observe_plan *plan;
    struct store *store;
    struct cover *cover;             /* hears of parts that leave */
    int64_t clock_offset;            /* seconds, for tests */
    struct watch *watch;             /* owned: those of an interface stand together */
    size_t n;
    bool ending;                     /* workers end because they were told to */
    bool keeper_died;                /* to be said and taken back by the caller */
    bool weak_said;
};

/* A watch for each worker of the plan, without rings yet. 0 or -ENOMEM. */
int must_check crew_make(struct crew *c);
void crew_release(struct crew *c);
/* Whether the keeper could make the rings of a plan. 0 or -errno. */
int must_check crew_try(struct crew *c, const struct observe_plan *p);

/* Starts all; *ret_trouble the interface where that failed. 0 or -errno. */
int must_check crew_start(struct crew *c, const char **ret_trouble);
/* Starts those again whose time has come. */
void crew_restart_due(struct crew *c);
/* Tells all to hand over what they hold and to end. */
void crew_stop(struct crew *c);
/* Ends those that did not do so: how many. */
size_t crew_end_rest(struct crew *c);
size_t crew_running(const struct crew *c);

/* What is to be waited for, at most 1 + COVER_PARTS: how many. */
nfds_t crew_listen(const struct crew *c, struct pollfd *ret);
/* What came of it is held. */
void crew_hear(struct crew *c, const struct pollfd *p, nfds_t n);
/* One whose records make no sense. */
void crew_kill(struct crew *c, struct watch *w);
