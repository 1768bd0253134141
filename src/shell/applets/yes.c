/* yes */
#include "shell/applet.h"

#include <string.h>

enum { PIECE = 4096, PIECES = 256, PAUSE = 10000 };

struct yes {
    char *lines; /* many at once */
    size_t n;
    unsigned written; /* pieces since the last pause */
};

static void yes_start(struct proc *p, int argc, char **argv)
{
    struct yes *y = proc_state(p);
    struct text t = text_of(proc_memory(p));
    if (argc == 1)
        text_say(&t, "y");
    for (int i = 1; i < argc; i++) {
        text_say(&t, argv[i]);
        if (argv[i + 1])
            text_char_add(&t, ' ');
    }
    text_char_add(&t, '\n');
    size_t times = PIECE / t.len + 1;
    y->lines = memory_take(proc_memory(p), times * t.len);
    for (; times; times--, y->n += t.len)
        memcpy(y->lines + y->n, t.data, t.len);
    text_release(&t);
}

/* A hundred megabytes a second: what nobody reads must not use up all that a session may do. */
static enum applet_next yes_step(struct proc *p)
{
    struct yes *y = proc_state(p);
    int64_t e = proc_write(p, 1, y->lines, y->n);
    if (e >= 0 && ++y->written < PIECES)
        return NEXT_AGAIN;
    if (e >= 0) {
        y->written = 0;
        proc_wake_at(p, proc_now(p) + PAUSE);
        return NEXT_SLEEP;
    }
    proc_perror(p, (int)e, "(null)"); /* so says the reference */
    proc_done(p, 1);
    return NEXT_DONE;
}

const struct applet applet_yes = {
    .name = "yes",
    .start = yes_start,
    .step = yes_step,
    .state = sizeof(struct yes),
};
