/* sleep and usleep. */
#include "shell/applets/duration.h"

#include "shell/applet.h"
#include "shell/options.h"

struct sleep {
    int64_t until;
};

static void begin(struct proc *p, int64_t time)
{
    struct sleep *s = proc_state(p);
    s->until = proc_now(p) + time;
}

static void sleep_start(struct proc *p, int argc, char **argv)
{
    int64_t time = 0, most = INT64_MAX / 4;
    if (argc < 2)
        proc_usage(p);
    for (argv++; *argv; argv++) {
        time += duration_read(p, *argv, true);
        time = time > most ? most : time;
    }
    begin(p, time);
}

static void usleep_start(struct proc *p, int argc, char **argv)
{
    if (argc < 2)
        proc_usage(p);
    begin(p, (int64_t)options_number(p, argv[1], 0, UINT32_MAX, NULL));
}

static enum applet_next step(struct proc *p)
{
    const struct sleep *s = proc_state(p);
    if (proc_now(p) < s->until) {
        proc_wake_at(p, s->until);
        return NEXT_SLEEP;
    }
    proc_done(p, 0);
    return NEXT_DONE;
}

const struct applet applet_sleep = {
    .name = "sleep", .start = sleep_start, .step = step, .state = sizeof(struct sleep)
};
const struct applet applet_usleep = {
    .name = "usleep", .start = usleep_start, .step = step, .state = sizeof(struct sleep)
};
