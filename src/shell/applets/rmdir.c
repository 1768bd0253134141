#include "shell/options.h"

#include <string.h>

/* Cuts the last part off; false: there is no other. */
static bool to_parent(char *path)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    while (n > 1 && path[n - 1] == '/')
        n--;
    path[n] = '\0';
    return n > 0 && !(n == 1 && path[0] == '/');
}

static int once(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = { { "parents", 0, 'p' },
                                                { "ignore-fail-on-non-empty", 0, 'i' },
                                                { "verbose", 0, 'v' },
                                                { NULL, 0, 0 } };
    struct options o;
    bool parents = false, ignores = false, tells = false;
    int status = 0;
    options_begin(&o, p, argc, argv, "pv", longs);
    for (int c; (c = options_next(&o)) != -1;) {
        parents |= c == 'p';
        ignores |= c == 'i';
        tells |= c == 'v';
    }
    argv += o.index;
    if (!*argv)
        proc_usage(p);
    for (; *argv; argv++) {
        int e;
        do {
            if (tells)
                out_print(p, "%s: removing directory, '%s'\n", proc_name(p), *argv);
            e = proc_rmdir(p, *argv);
            if (e < 0 && !(ignores && e == -ENOTEMPTY)) {
                proc_perror(p, e, "'%s'", *argv);
                status = 1;
            }
        } while (e == 0 && parents && to_parent(*argv));
    }
    return status;
}

const struct applet applet_rmdir = { .name = "rmdir", .once = once };
