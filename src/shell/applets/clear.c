#include "shell/applet.h"

static int clear(struct proc *p, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    out_text(p, "\033[H\033[J");
    return 0;
}

const struct applet applet_clear = { .name = "clear", .once = clear, .unwritten = UNWRITTEN_STATUS };
