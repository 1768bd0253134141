#include "shell/applets/duration.h"

#include "shell/applet.h"
#include "shell/interp.h"
#include "shell/options.h"

#include <signal.h>

enum { SECOND = 1000000, NOT_RUN = 126, NOT_FOUND = 127 };

struct timeout {
    uint32_t child;
    int signal;
    int64_t until;
    int64_t kill_after; /* 0: not */
};

/* In whole seconds, of which one at least is waited for. */
static int64_t seconds(struct proc *p, const char *s)
{
    int64_t time = duration_read(p, s, true) / SECOND * SECOND;
    return time;
}

static void run(struct proc *p, struct timeout *t, char **argv)
{
    int pid = proc_spawn(p, argv, -1, -1);
    if (pid < 0) {
        proc_fails_with(p, pid == -ENOENT ? NOT_FOUND : NOT_RUN);
        proc_die_errno(p, pid, "can't execute '%s'", *argv);
    }
    t->child = (uint32_t)pid;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct timeout *t = proc_state(p);
    struct options o;
    const char *name = "TERM", *kill_after = "0";
    options_begin(&o, p, argc, argv, "+s:k:", NULL);
    for (int c; (c = options_next(&o)) >= 0;)
        *(c == 's' ? &name : &kill_after) = o.argument;
    argv += o.index;
    t->signal = signal_number(name);
    if (t->signal < 0)
        proc_die(p, "unknown signal '%s'", name);
    t->kill_after = seconds(p, kill_after);
    if (!argv[0])
        proc_usage(p);
    int64_t time = seconds(p, argv[0]);
    if (!argv[1])
        proc_usage(p);
    t->until = proc_now(p) + (time ? time : SECOND);
    run(p, t, argv + 1);
}

/* The reference's process is the program itself: it ends as that did. */
static enum applet_next end(struct proc *p, int status, int signal)
{
    if (signal)
        (void)!proc_kill(p, (int32_t)proc_pid(p), signal);
    proc_done(p, status);
    return NEXT_DONE;
}

static enum applet_next step(struct proc *p)
{
    struct timeout *t = proc_state(p);
    int signal, status = proc_wait(p, t->child, NULL, &signal);
    if (status >= 0)
        return end(p, status, signal);
    if (proc_now(p) < t->until) {
        proc_wake_at(p, t->until);
        return NEXT_CHILD_OR_SLEEP;
    }
    if (t->signal) {
        (void)!proc_kill(p, (int32_t)t->child, t->signal);
        t->until = proc_now(p) + t->kill_after;
        t->signal = t->kill_after ? SIGKILL : 0;
        t->kill_after = 0;
        return t->signal ? NEXT_AGAIN : NEXT_CHILD;
    }
    return NEXT_CHILD;
}

const struct applet applet_timeout = {
    .name = "timeout", .start = start, .step = step, .state = sizeof(struct timeout)
};
