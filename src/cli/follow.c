#include "cli/follow.h"

#include "base/array.h"
#include "base/time.h"
#include "main/signals.h"

#include <stdlib.h>
#include <time.h>

enum {
    LATE_S = 30, /* by which a session may reach the store after one that began later */
    PAUSE_MS = 500,
};

void follow_release(struct follow *f)
{
    free(f->session);
    f->session = NULL;
    f->n = f->room = 0;
}

static bool is_known(const struct follow *f, uint64_t id)
{
    for (size_t i = f->n; i; i--) /* it is among the last, if any */
        if (f->session[i - 1].id == id)
            return true;
    return false;
}

/* What else it has is looked for one by one, so that the question is short. */
static int add_new(void *context, const struct session_facts *facts)
{
    struct follow *f = context;
    if (is_known(f, facts->id))
        return 0;
    TRY(ARRAY_ROOM(f->session, f->room, f->n + 1));
    f->session[f->n++] = (struct followed){ .id = facts->id,
                                            .start = facts->start,
                                            .shown = f->skip ? facts->events : 0,
                                            .over = f->skip && facts->end };
    f->newest = facts->start > f->newest ? facts->start : f->newest;
    return 0;
}

static int find_new(struct follow *f)
{
    int64_t now = time_now_us(); /* what says that it is of later than now is not to hide what comes */
    f->newest = f->newest < now ? f->newest : now;
    f->filter.since = f->newest / US_A_S - LATE_S;
    f->filter.since = f->filter.since > 0 ? f->filter.since : 0;
    f->filter.oldest_first = true;
    return store_sessions(f->store, &f->filter, add_new, f);
}

/* Those that are over stay for as long as they would be found anew. */
static void forget_old(struct follow *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        if (!f->session[i].over || f->session[i].start >= f->filter.since * US_A_S)
            f->session[n++] = f->session[i];
    f->n = n;
}

int follow_look(struct follow *f, int (*take)(void *context, const struct session_facts *facts, uint64_t shown),
                void *context)
{
    TRY(find_new(f));
    f->skip = false;
    for (size_t i = 0; i < f->n; i++) {
        struct followed *x = &f->session[i];
        struct session_facts facts;
        int none = x->over ? 1 : store_session(f->store, x->id, &facts);
        TRY(none);
        x->over = none || facts.end; /* one that was forgotten meanwhile, too */
        if (none || facts.events <= x->shown)
            continue;
        int err = take(context, &facts, x->shown);
        if (err)
            return err;
        x->shown = facts.events;
    }
    forget_old(f);
    return 0;
}

int follow_on(struct follow *f, int (*take)(void *context, const struct session_facts *facts, uint64_t shown),
              void *context)
{
    static const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
    int err = 0;
    while (!err && !signals_stop) {
        err = follow_look(f, take, context);
        if (!err && !signals_stop)
            nanosleep(&pause, NULL);
    }
    return err;
}
