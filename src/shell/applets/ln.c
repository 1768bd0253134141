#include "shell/options.h"

#include <string.h>

enum { SOFT = 1, FORCE = 2, NO_FOLLOW = 4, BACKUP = 8, VERBOSE = 32, NO_FOLDER = 64 };

struct linking {
    struct proc *p;
    uint32_t bits;
    const char *suffix;
};

static bool is_directory(const struct linking *l, const char *path)
{
    struct vfs_stat st;
    int e = l->bits & NO_FOLLOW ? proc_lstat(l->p, path, &st) : proc_stat(l->p, path, &st);
    return e == 0 && S_ISDIR(st.mode);
}

static const char *last_part(struct proc *p, const char *path)
{
    char *copy = memory_text(proc_memory(p), path);
    size_t n = strlen(copy);
    while (n > 1 && copy[n - 1] == '/')
        copy[--n] = '\0';
    char *slash = strrchr(copy, '/');
    return slash && slash[1] ? slash + 1 : copy;
}

static int make(const struct linking *l, const char *target, const char *path)
{
    struct proc *p = l->p;
    if (l->bits & BACKUP) {
        int e = proc_rename_file(p, path, memory_print(proc_memory(p), "%s%s", path, l->suffix));
        if (e < 0 && e != -ENOENT) {
            proc_perror(p, e, "%s", path);
            return 1;
        }
    } else if (l->bits & FORCE) {
        (void)!proc_unlink(p, path);
    }
    if (l->bits & VERBOSE)
        out_print(p, "'%s' -> '%s'\n", path, target);
    int e = l->bits & SOFT ? proc_symlink(p, target, path) : proc_link(p, target, path);
    if (e < 0)
        proc_perror(p, e, "%s", path);
    return e < 0;
}

static int link_one(const struct linking *l, const char *target, const char *last)
{
    struct proc *p = l->p;
    struct vfs_stat st;
    const char *path = last;
    if (is_directory(l, path)) {
        if (l->bits & NO_FOLDER) {
            proc_error(p, "'%s' is a directory", path);
            proc_exit(p, 1);
        }
        path = proc_join(p, last, last_part(p, target));
    }
    int e = l->bits & SOFT ? 0 : proc_lstat(p, target, &st);
    if (e < 0) {
        proc_perror(p, e, "%s", target);
        return 1;
    }
    return make(l, target, path);
}

static int once(struct proc *p, int argc, char **argv)
{
    struct linking l = { .p = p, .suffix = "~" };
    l.bits = options_bits(p, argc, argv, "sfnbS:vT", &argv, &l.suffix);
    size_t n = 0;
    while (argv[n])
        n++;
    if (n == 0 || (l.bits & NO_FOLDER && n > 2))
        proc_usage(p);
    const char *last = argv[n - 1];
    if (n == 1)
        last = last_part(p, argv[0]);
    else
        n--;
    int status = 0;
    for (size_t i = 0; i < n; i++)
        status |= link_one(&l, argv[i], last);
    return status;
}

const struct applet applet_ln = { .name = "ln", .once = once };
