#include "shell/options.h"

static int once(struct proc *p, int argc, char **argv)
{
    options_bits(p, argc, argv, "LP", &argv);
    const char *path = proc_getcwd(p);
    if (!path)
        proc_die_errno(p, ENOENT, "getcwd");
    out_print(p, "%s\n", path);
    return 0;
}

const struct applet applet_pwd = { .name = "pwd", .once = once, .unwritten = UNWRITTEN_255 };
