#pragma once
/*
 * Sessions as they go on: which have more events than were shown. For `teiten tail` and `teiten export --follow`.
 */
#include "cli/sessions.h"

/* One whose events go on; `shown` of them were told before. */
struct followed {
    uint64_t id;
    int64_t start;  /* microseconds */
    uint64_t shown;
    bool over;
};

struct follow {
    struct store *store;          /* borrowed */
    struct session_filter filter; /* of sources, personas, ports; its times are ours */
    struct followed *session;     /* owned, in no order */
    size_t n, room;
    int64_t newest;               /* the latest start that was met, microseconds */
    bool skip;                    /* what the store has at first counts as shown */
};

void follow_release(struct follow *f);

/*
 * Looks once. For each session that has news take() is told its facts and what was shown; when it gives 0 all its events
 * are. 0 or what a question or take() gave. A session that the store had no room for longer than half a minute may be
 * missed.
 */
int must_check follow_look(struct follow *f,
                           int (*take)(void *context, const struct session_facts *facts, uint64_t shown), void *context);
/* The same again and again, until a signal asks to stop or it fails. */
int must_check follow_on(struct follow *f, int (*take)(void *context, const struct session_facts *facts, uint64_t shown),
                         void *context);
