#include "shell/applets/mount-words.h"

#include "shell/options.h"

#include <string.h>

enum { READ_ONLY = 1, LAZILY = 2, FORCE = 4, ALL = 16 };

struct unmounting {
    struct proc *p;
    uint32_t bits;
    const char *types;
};

/* The newest mount at a place. */
static int find(const struct unmounting *u, const char *name, size_t *ret)
{
    char *whole;
    struct vfs_stat st;
    TRY(proc_stat(u->p, name, &st));
    TRY(mount_place(u->p, name, &whole));
    for (size_t i = vfs_mounts(proc_vfs(u->p)); i-- > 0;)
        if (strcmp(vfs_mount_at(proc_vfs(u->p), i)->path, whole) == 0) {
            *ret = i;
            return 0;
        }
    return -EINVAL;
}

static int take_off(const struct unmounting *u, const char *name)
{
    struct vfs *v = proc_vfs(u->p);
    size_t i = 0;
    int e = find(u, name, &i);
    if (e == 0)
        e = proc_uid(u->p) != 0 ? -EPERM : vfs_umount(v, i, u->bits & LAZILY);
    if (e == -EBUSY && u->bits & READ_ONLY) {
        struct vfs_mount m = *vfs_mount_at(v, i);
        const char *options = words_shown(u->p, "ro", m.type, m.options);
        e = options ? vfs_remount(v, i, options) : -EINVAL;
        if (e == 0) {
            proc_error(u->p, "%s busy - remounted read-only",
                       memory_text(proc_memory(u->p), m.device));
            return 0;
        }
    }
    if (e < 0)
        proc_perror(u->p, e, "can't unmount %s", name);
    return e < 0;
}

static int take_all_off(const struct unmounting *u)
{
    int status = 0;
    for (size_t i = vfs_mounts(proc_vfs(u->p)); i-- > 0;) {
        const struct vfs_mount *m = vfs_mount_at(proc_vfs(u->p), i);
        if (!m || (u->types && !words_have(u->types, m->type)))
            continue;
        status |= take_off(u, memory_text(proc_memory(u->p), m->path));
    }
    return status;
}

static int once(struct proc *p, int argc, char **argv)
{
    struct unmounting u = { .p = p };
    u.bits = options_bits(p, argc, argv, "rlfdanvt:", &argv, &u.types);
    if (!*argv && !(u.bits & ALL))
        proc_usage(p);
    if (u.bits & ALL && !*argv)
        return take_all_off(&u);
    int status = 0;
    for (; *argv; argv++)
        status |= take_off(&u, *argv);
    return status;
}

const struct applet applet_umount = { .name = "umount", .once = once };
