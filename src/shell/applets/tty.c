/* tty */
#include "shell/options.h"

static int tty(struct proc *p, int argc, char **argv)
{
    proc_fails_with(p, 2);
    uint32_t silent = options_bits(p, argc, argv, "s", &argv);
    if (*argv)
        proc_error(p, "ignoring all arguments");
    bool is = proc_isatty(p, 0);
    if (!silent)
        out_text(p, is ? "/dev/pts/0\n" : "not a tty\n");
    return !is;
}

const struct applet applet_tty = { .name = "tty", .once = tty, .unwritten = UNWRITTEN_OUTPUT };
