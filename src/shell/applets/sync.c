#include "shell/options.h"

/* Nothing waits to be written; what cannot be opened is still said. */
static int once(struct proc *p, int argc, char **argv)
{
    uint32_t bits = options_bits(p, argc, argv, "df", &argv);
    if ((bits & 3) == 3)
        proc_usage(p);
    int status = 0;
    for (; *argv; argv++) {
        struct vfs_stat st;
        int e = proc_stat(p, *argv, &st);
        if (e < 0) {
            proc_perror(p, e, "can't open '%s'", *argv);
            status = 1;
        }
    }
    return status;
}

const struct applet applet_sync = { .name = "sync", .once = once };
