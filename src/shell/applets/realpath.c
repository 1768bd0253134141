#include "shell/applets/realpath-whole.h"
#include "shell/options.h"

#include <string.h>

static int path_of(struct proc *p, vfs_ino dir, const char *name, char **ret)
{
    struct text path = text_of(proc_memory(p));
    TRY(vfs_path(proc_vfs(p), dir, &path));
    *ret = *name ? proc_join(p, path.data, name) : path.data;
    return 0;
}

/* One link further. 1: *path and *at are where it leads; else *ret is the whole. */
static int go_on(struct proc *p, vfs_ino *at, const char **path, char **ret)
{
    struct vfs *v = proc_vfs(p);
    char name[VFS_NAME_MOST + 1];
    vfs_ino dir, ino;
    struct vfs_stat st;
    TRY(vfs_parent(v, *at, *path, proc_who(p), &dir, name));
    bool slash = strcmp(name, "/") != 0 && strchr(name, '/');
    TRY(vfs_find(v, dir, name, slash, proc_who(p), &ino));
    TRY(vfs_stat(v, ino, &st));
    if (S_ISDIR(st.mode))
        return path_of(p, ino, "", ret);
    if (!S_ISLNK(st.mode))
        return path_of(p, dir, name, ret);
    struct text target = text_of(proc_memory(p));
    TRY(vfs_readlink(v, ino, &target));
    *at = dir;
    *path = target.data ? target.data : "";
    return 1;
}

/* Of what is there. */
static int path_real(struct proc *p, const char *path, char **ret)
{
    vfs_ino at = proc_cwd(p);
    for (int links = 0; links <= VFS_LINKS_MOST; links++) {
        int e = go_on(p, &at, &path, ret);
        if (e <= 0)
            return e;
    }
    return -ELOOP;
}

static size_t without_slashes(const char *path, size_t n)
{
    while (n && path[n - 1] == '/')
        n--;
    return n;
}

/* The last part may be missing where it stands behind a slash, as the reference has it, or a link named it. */
static int path_missing(struct proc *p, const char *path, bool by_link, char **ret)
{
    struct memory *m = proc_memory(p);
    char *dir = memory_bytes(m, path, without_slashes(path, strlen(path))), *slash = strrchr(dir, '/'), *real;
    if (!slash && !by_link)
        return -ENOENT;
    if (!slash) {
        *ret = proc_join(p, proc_getcwd(p), dir);
        return 0;
    }
    dir[without_slashes(dir, (size_t)(slash - dir))] = '\0';
    if (*dir)
        TRY(path_real(p, dir, &real));
    *ret = memory_print(m, "%s/%s", *dir ? real : "", slash + 1);
    return 0;
}

/* A link that leads nowhere is followed from the process's folder, not from its own: so does the reference. */
int path_whole(struct proc *p, const char *path, char **ret)
{
    for (int links = 0; links <= VFS_LINKS_MOST; links++) {
        char *target;
        int e = path_real(p, path, ret);
        if (e != -ENOENT)
            return e;
        if (proc_readlink(p, path, &target) < 0)
            return path_missing(p, path, links > 0, ret);
        path = target;
    }
    return -ELOOP;
}

static int once(struct proc *p, int argc, char **argv)
{
    (void)argc;
    int status = 0;
    if (!*++argv)
        proc_usage(p);
    for (; *argv; argv++) {
        char *path;
        int e = path_whole(p, *argv, &path);
        if (e == 0) {
            out_print(p, "%s\n", path);
        } else {
            proc_perror(p, e, "%s", *argv);
            status = 1;
        }
    }
    return status;
}

const struct applet applet_realpath = { .name = "realpath", .once = once, .unwritten = UNWRITTEN_OUTPUT };
