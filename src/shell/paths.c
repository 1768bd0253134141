/* The calls of proc.h that take a path: each finds its node from the process's folder, with its rights. */
#include "shell/inside.h"

#include <string.h>

static struct vfs *clocked(struct proc *p)
{
    vfs_clock(p->shell->vfs, shell_clock(p->shell) / 1000000);
    proc_charge(p, 1);
    return p->shell->vfs;
}

static int find(struct proc *p, const char *path, bool follow, vfs_ino *ret)
{
    return vfs_find(clocked(p), p->cwd, path, follow, proc_who(p), ret);
}

struct place {
    vfs_ino dir;
    char name[VFS_NAME_MOST + 1];
};

static int parent(struct proc *p, const char *path, struct place *ret)
{
    return vfs_parent(clocked(p), p->cwd, path, proc_who(p), &ret->dir, ret->name);
}

static int stat_of(struct proc *p, const char *path, bool follow, struct vfs_stat *ret)
{
    vfs_ino ino;
    TRY(find(p, path, follow, &ino));
    return vfs_stat(p->shell->vfs, ino, ret);
}

int proc_stat(struct proc *p, const char *path, struct vfs_stat *ret)
{
    return stat_of(p, path, true, ret);
}

int proc_lstat(struct proc *p, const char *path, struct vfs_stat *ret)
{
    return stat_of(p, path, false, ret);
}

int proc_access(struct proc *p, const char *path, unsigned rwx)
{
    vfs_ino ino;
    TRY(find(p, path, true, &ino));
    return vfs_access(p->shell->vfs, ino, rwx, proc_who(p));
}

int proc_chdir(struct proc *p, const char *path)
{
    vfs_ino ino;
    struct vfs_stat st;
    TRY(find(p, path, true, &ino));
    TRY(vfs_stat(p->shell->vfs, ino, &st));
    if (!S_ISDIR(st.mode))
        return -ENOTDIR;
    TRY(vfs_access(p->shell->vfs, ino, 1, proc_who(p)));
    vfs_hold(p->shell->vfs, ino);
    vfs_drop(p->shell->vfs, p->cwd);
    p->cwd = ino;
    return 0;
}

int proc_mkdir(struct proc *p, const char *path, uint32_t mode)
{
    return proc_mknod(p, path, S_IFDIR | (mode & 01777), 0, 0);
}

int proc_mknod(struct proc *p, const char *path, uint32_t mode, uint32_t major, uint32_t minor)
{
    struct place at;
    vfs_ino made;
    TRY(parent(p, path, &at));
    return vfs_make_node(p->shell->vfs, at.dir, at.name, mode & ~p->umask, major, minor, proc_who(p), &made);
}

int proc_symlink(struct proc *p, const char *target, const char *path)
{
    struct place at;
    TRY(parent(p, path, &at));
    return vfs_make_link(p->shell->vfs, at.dir, at.name, target, proc_who(p));
}

int proc_link(struct proc *p, const char *from, const char *to)
{
    struct place at;
    vfs_ino ino;
    TRY(find(p, from, false, &ino));
    TRY(parent(p, to, &at));
    return vfs_link(p->shell->vfs, at.dir, at.name, ino, proc_who(p));
}

int proc_readlink(struct proc *p, const char *path, char **ret)
{
    vfs_ino ino;
    TRY(find(p, path, false, &ino));
    struct text target = text_of(&p->memory);
    text_add(&target, "", 0);
    TRY(vfs_readlink(p->shell->vfs, ino, &target));
    *ret = target.data;
    return 0;
}

int proc_unlink(struct proc *p, const char *path)
{
    struct place at;
    TRY(parent(p, path, &at));
    return vfs_unlink(p->shell->vfs, at.dir, at.name, proc_who(p));
}

int proc_rmdir(struct proc *p, const char *path)
{
    struct place at;
    TRY(parent(p, path, &at));
    return vfs_rmdir(p->shell->vfs, at.dir, at.name, proc_who(p));
}

int proc_rename_file(struct proc *p, const char *from, const char *to)
{
    struct place old, new;
    TRY(parent(p, from, &old));
    TRY(parent(p, to, &new));
    return vfs_rename(p->shell->vfs, old.dir, old.name, new.dir, new.name, proc_who(p));
}

int proc_chmod(struct proc *p, const char *path, uint32_t mode)
{
    vfs_ino ino;
    TRY(find(p, path, true, &ino));
    return vfs_chmod(p->shell->vfs, ino, mode, proc_who(p));
}

int proc_chown(struct proc *p, const char *path, uint32_t uid, uint32_t gid, bool follow)
{
    vfs_ino ino;
    TRY(find(p, path, follow, &ino));
    return vfs_chown(p->shell->vfs, ino, uid, gid, proc_who(p));
}

int proc_utime(struct proc *p, const char *path, int64_t atime, int64_t mtime)
{
    vfs_ino ino;
    TRY(find(p, path, true, &ino));
    return vfs_utime(p->shell->vfs, ino, atime, mtime, proc_who(p));
}

int proc_list(struct proc *p, const char *path, char ***ret, size_t *ret_n)
{
    vfs_ino ino;
    struct vfs_stat st;
    struct vfs *v = clocked(p);
    TRY(vfs_find(v, p->cwd, path, true, proc_who(p), &ino));
    TRY(vfs_stat(v, ino, &st));
    if (!S_ISDIR(st.mode))
        return -ENOTDIR;
    TRY(vfs_access(v, ino, 4, proc_who(p)));
    char **names = NULL;
    size_t n = 0, room = 0;
    struct vfs_entry entry;
    uint64_t cursor = 0;
    int more = 0;
    do {
        if (n == room)
            names = memory_array(&p->memory, names, room = room ? room * 2 : 16, sizeof *names);
        more = vfs_next(v, ino, &cursor, &entry);
        names[n] = more > 0 ? memory_text(&p->memory, entry.name) : NULL;
        n += more > 0;
    } while (more > 0);
    proc_charge(p, n);
    *ret = names;
    *ret_n = n;
    return more;
}

char *proc_getcwd(struct proc *p)
{
    struct text path = text_of(&p->memory);
    text_add(&path, "", 0);
    return vfs_path(p->shell->vfs, p->cwd, &path) ? NULL : path.data;
}

/* A path of which only the last part may be missing, as realpath of the reference takes it. */
char *proc_realpath(struct proc *p, const char *path)
{
    struct vfs *v = clocked(p);
    const char *at = path;
    for (int i = 0; i < VFS_LINKS_MOST; i++) {
        struct place place;
        vfs_ino ino;
        struct vfs_stat st;
        struct text whole = text_of(&p->memory), target = text_of(&p->memory);
        if (vfs_find(v, p->cwd, at, true, proc_who(p), &ino))
            return NULL;
        if (!vfs_stat(v, ino, &st) && S_ISDIR(st.mode))
            return vfs_path(v, ino, &whole) ? NULL : whole.data;
        if (parent(p, at, &place) || vfs_path(v, place.dir, &whole))
            return NULL;
        char *here = proc_join(p, whole.data, place.name);
        if (vfs_find(v, place.dir, place.name, false, proc_who(p), &ino) || vfs_stat(v, ino, &st))
            return NULL;
        if (!S_ISLNK(st.mode))
            return here;
        if (vfs_readlink(v, ino, &target))
            return NULL;
        at = target.data[0] == '/' ? target.data : proc_join(p, whole.data, target.data);
    }
    return NULL;
}

char *proc_join(struct proc *p, const char *dir, const char *name)
{
    size_t n = strlen(dir);
    while (*name == '/')
        name++;
    return memory_print(&p->memory, "%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
}
