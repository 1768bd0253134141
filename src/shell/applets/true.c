/* true and false */
#include "shell/applet.h"

static int is_true(struct proc *p, int argc, char **argv)
{
    (void)p, (void)argc, (void)argv;
    return 0;
}

static int is_false(struct proc *p, int argc, char **argv)
{
    (void)p, (void)argc, (void)argv;
    return 1;
}

const struct applet applet_true = { .name = "true", .once = is_true };
const struct applet applet_false = { .name = "false", .once = is_false };
