#include "shell/options.h"

static int once(struct proc *p, int argc, char **argv)
{
    options_bits(p, argc, argv, "", &argv);
    if (!argv[0] || argv[1])
        proc_usage(p);
    int e = proc_unlink(p, argv[0]);
    if (e < 0)
        proc_die_errno(p, e, "can't remove file '%s'", argv[0]);
    return 0;
}

const struct applet applet_unlink = { .name = "unlink", .once = once };
