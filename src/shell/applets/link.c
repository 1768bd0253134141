#include "shell/options.h"

static int once(struct proc *p, int argc, char **argv)
{
    options_bits(p, argc, argv, "", &argv);
    if (!argv[0] || !argv[1] || argv[2])
        proc_usage(p);
    int e = proc_link(p, argv[0], argv[1]);
    if (e < 0)
        proc_die_errno(p, e, "can't create hardlink '%s' to '%s'", argv[1], argv[0]);
    return 0;
}

const struct applet applet_link = { .name = "link", .once = once };
