/* yes */
#include "shell/applet.h"

#include <string.h>

enum { PIECE = 4096 };

struct yes {
    char *lines; /* many at once */
    size_t n;
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

static enum applet_next yes_step(struct proc *p)
{
    const struct yes *y = proc_state(p);
    int64_t e = proc_write(p, 1, y->lines, y->n);
    if (e >= 0)
        return NEXT_AGAIN;
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
