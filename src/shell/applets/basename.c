/* basename and dirname */
#include "shell/options.h"

#include <string.h>

/* The last part of a path, without slashes behind it; of slashes alone one is left. */
static const char *last_part(const char *path, size_t *ret_n)
{
    size_t n = strlen(path), from;
    while (n > 1 && path[n - 1] == '/')
        n--;
    from = n;
    while (from > 0 && path[from - 1] != '/')
        from--;
    if (from == n && n)
        from--;
    *ret_n = n - from;
    return path + from;
}

static void put_last(struct proc *p, const char *path, const char *suffix)
{
    size_t n, n_suffix = suffix ? strlen(suffix) : 0;
    const char *name = last_part(path, &n);
    if (n > n_suffix && n_suffix && memcmp(name + n - n_suffix, suffix, n_suffix) == 0)
        n -= n_suffix;
    out_put(p, name, n);
    out_char(p, '\n');
}

static int basename_run(struct proc *p, int argc, char **argv)
{
    const char *suffix = NULL;
    uint32_t given = options_bits(p, argc, argv, "+as:", &argv, &suffix);
    if (!*argv)
        proc_usage(p);
    if (given) {
        for (; *argv; argv++)
            put_last(p, *argv, suffix);
        return 0;
    }
    if (argv[1] && argv[2])
        proc_usage(p);
    put_last(p, argv[0], argv[1]);
    return 0;
}

/* As dirname() of the C library: // at the beginning stays, other slashes are one. */
static size_t folder_length(const char *path)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        n--;
    bool named = n > 0;
    while (n > 0 && path[n - 1] != '/')
        n--;
    size_t from = n;
    while (n > 0 && path[n - 1] == '/')
        n--;
    if (n)
        return n;
    size_t slashes = named ? from : strlen(path);
    return slashes == 2 ? 2 : slashes ? 1 : 0;
}

static int dirname_run(struct proc *p, int argc, char **argv)
{
    (void)argc;
    argv++;
    if (*argv && strcmp(*argv, "--") == 0)
        argv++;
    if (!*argv || argv[1])
        proc_usage(p);
    size_t n = folder_length(*argv);
    if (n)
        out_put(p, *argv, n);
    else
        out_char(p, '.');
    out_char(p, '\n');
    return 0;
}

const struct applet applet_basename = {
    .name = "basename",
    .once = basename_run,
    .unwritten = UNWRITTEN_STATUS,
};
const struct applet applet_dirname = { .name = "dirname", .once = dirname_run, .unwritten = UNWRITTEN_255 };
