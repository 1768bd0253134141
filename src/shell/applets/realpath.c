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

/* Whether the last part may be missing: behind a slash, as the reference has it, or a link. */
static bool may_miss(const char *path, bool by_link)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return by_link || memchr(path, '/', n);
}

/* One link further. 1: *path and *at are where it leads; else *ret is the whole. */
static int go_on(struct proc *p, vfs_ino *at, const char **path, bool by_link, char **ret)
{
    struct vfs *v = proc_vfs(p);
    char name[VFS_NAME_MOST + 1];
    vfs_ino dir, ino;
    struct vfs_stat st;
    TRY(vfs_parent(v, *at, *path, proc_who(p), &dir, name));
    char *slash = strcmp(name, "/") != 0 ? strchr(name, '/') : NULL;
    int e = vfs_find(v, dir, name, slash != NULL, proc_who(p), &ino);
    if (e == -ENOENT && may_miss(*path, by_link)) {
        if (slash)
            *slash = '\0';
        bool dangling = slash && vfs_find(v, dir, name, false, proc_who(p), &ino) == 0;
        return dangling ? e : path_of(p, dir, name, ret);
    }
    TRY(e);
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

int path_whole(struct proc *p, const char *path, char **ret)
{
    vfs_ino at = proc_cwd(p);
    for (int links = 0; links <= VFS_LINKS_MOST; links++) {
        int e = go_on(p, &at, &path, links > 0, ret);
        if (e <= 0)
            return e;
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

const struct applet applet_realpath = { .name = "realpath", .once = once };
