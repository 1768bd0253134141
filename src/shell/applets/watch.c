#include "shell/applets/duration.h"

#include "shell/applets/screen.h"
#include "shell/options.h"

#include <string.h>
#include <time.h>

enum {
    SECOND = 1000000,
    STAMP = 19 /* of "2026-01-01 00:00:00" */
};

struct watch {
    const char *command;
    int64_t period, until;
    bool plain;
    uint32_t child;
};

static char *joined(struct proc *p, char **argv)
{
    struct text t = text_of(proc_memory(p));
    for (char **at = argv; *at; at++)
        text_print(&t, "%s%s", at == argv ? "" : " ", *at);
    return t.data;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct watch *w = proc_state(p);
    struct options o;
    w->period = 2 * SECOND;
    options_begin(&o, p, argc, argv, "+n:t", NULL);
    for (int c; (c = options_next(&o)) >= 0;) {
        if (c == 'n')
            w->period = duration_read(p, o.argument, false);
        else
            w->plain = true;
    }
    if (!argv[o.index])
        proc_usage(p);
    w->command = joined(p, argv + o.index);
}

/* The command at the left, the time at the right, where both have room. */
static void show_header(struct proc *p, const struct watch *w)
{
    size_t width = screen_size(p, 0).columns - 1;
    char *left =
        memory_print(proc_memory(p), "Every %lld.%llds: %s", (long long)(w->period / SECOND),
                     (long long)(w->period % SECOND / (SECOND / 10)), w->command);
    if (width > STAMP) {
        time_t now = proc_now(p) / SECOND;
        struct tm tm;
        char stamp[STAMP + 1] = "";
        if (gmtime_r(&now, &tm))
            strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &tm);
        int room = (int)(width - STAMP);
        out_print(p, "%-*.*s%s\n\n", room, room, left, stamp);
    } else {
        out_print(p, "%s\n\n", left);
    }
    memory_give(proc_memory(p), left);
}

static enum applet_next step(struct proc *p)
{
    struct watch *w = proc_state(p);
    if (w->child) {
        if (proc_wait(p, w->child, NULL, NULL) == -EAGAIN)
            return NEXT_CHILD;
        w->child = 0;
        w->until = proc_now(p) + w->period;
    }
    if (proc_now(p) < w->until) {
        proc_wake_at(p, w->until);
        return NEXT_SLEEP;
    }
    out_text(p, "\033[H\033[J");
    if (!w->plain)
        show_header(p, w);
    out_flush(p);
    int pid = proc_spawn_shell(p, w->command, -1, -1);
    if (pid < 0) {
        proc_done(p, 1);
        return NEXT_DONE;
    }
    w->child = (uint32_t)pid;
    return NEXT_CHILD;
}

const struct applet applet_watch = {
    .name = "watch", .start = start, .step = step, .state = sizeof(struct watch)
};
