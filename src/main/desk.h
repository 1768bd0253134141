#pragma once
/*
 * A desk: a teiten-triage at work. A sample is laid on its tray, one at a time; it tells what it saw, or dies of it, or takes
 * too long and is ended. Either way the desk is free for the next one.
 */
#include "event/record-sample.h"
#include "main/program.h"
#include "main/restart.h"
#include "main/tray.h"
#include "main/worker.h"

#include <poll.h>

/* What all desks share; borrowed. */
struct desk_tools {
    const struct program *triage;
    int rules;     /* folder of YARA rules that came with teiten; -1: none */
    int own_rules; /* the user's; -1: none */
};

struct desk {
    const struct desk_tools *tools; /* borrowed */
    struct tray *tray;              /* borrowed, its alone */
    struct worker worker;
    struct restart restart;
    bool running, ready, busy;
    uint32_t confined;  /* CONFINED_ flags of this life */
    int64_t started;    /* on the clock */
    uint64_t number;    /* of what lies there */
    uint64_t heard;     /* time_mono(): when it was started, or got what lies there */
    uint64_t restarts, done, failed;
};

enum desk_said {
    DESK_NOTHING,
    DESK_TOLD,   /* the report is there */
    DESK_FAILED, /* there will be none: it died, was too slow, or spoke nonsense */
};

void desk_init(struct desk *d, const struct desk_tools *tools, struct tray *tray);
/* Starts it, where it does not run and its time has come. 0 or -errno. */
int must_check desk_start(struct desk *d);
bool desk_is_free(const struct desk *d);
/* Lays a sample there. 0; -EFBIG; -errno of reading it. Where the worker is found dead this is told by desk_hear(). */
int must_check desk_give(struct desk *d, uint64_t number, int fd);

/* What is to be waited for, and for how many milliseconds at most before desk_hear() is due in any case. */
struct pollfd desk_listen(const struct desk *d);
enum { DESK_WAIT_MS = 500 };
/* What came of it: of the sample d->number. The report is the caller's to release; *ret_why is static. */
enum desk_said desk_hear(struct desk *d, short revents, struct sample_report *ret, const char **ret_why);
/* Ends the worker. */
void desk_end(struct desk *d);
