#include "shell/applet.h"
#include "shell/options.h"

#include <string.h>
#include <unistd.h>

static bool runs(struct proc *p, const char *path)
{
    struct vfs_stat st;
    return !proc_stat(p, path, &st) && S_ISREG(st.mode) && !proc_access(p, path, X_OK);
}

static bool search(struct proc *p, const char *name, bool all)
{
    const char *path = proc_getenv(p, "PATH");
    bool found = false;
    if (!path)
        path = "/sbin:/usr/sbin:/bin:/usr/bin";
    if (!*path)
        return false;
    for (const char *at = path;; at++) {
        size_t n = strcspn(at, ":");
        const char *dir = n ? memory_bytes(proc_memory(p), at, n) : ".";
        char *file = proc_join(p, dir, name);
        if (runs(p, file)) {
            out_print(p, "%s\n", file);
            found = true;
            if (!all)
                break;
        }
        at += n;
        if (!*at)
            break;
    }
    return found;
}

static bool locate(struct proc *p, const char *name, bool all)
{
    if (!strchr(name, '/'))
        return search(p, name, all);
    if (!runs(p, name))
        return false;
    out_print(p, "%s\n", name);
    return true;
}

static int which(struct proc *p, int argc, char **argv)
{
    char **names;
    bool all = options_bits(p, argc, argv, "a", &names);
    int status = 0;
    if (!*names)
        proc_usage(p);
    for (; *names; names++) {
        if (!locate(p, *names, all))
            status = 1;
    }
    return status;
}

const struct applet applet_which = { .name = "which", .once = which };
