/*
 * Making, linking, renaming and removing. The order of the checks is Linux's (fs/namei.c as its
 * manual pages tell it: mkdir(2), link(2), unlink(2), rmdir(2), rename(2)): which error shows is
 * what a script sees. A name may have a slash behind it, as vfs_parent() gives it.
 */
#include "shell/vfs-own.h"

#include <string.h>

/* A name taken apart. */
struct part {
    const char *s;
    size_t n;
    bool slash;
    enum { PART_NORMAL, PART_DOT, PART_DOTDOT, PART_ROOT } kind;
};

static int part_of(const char *name, struct part *ret)
{
    size_t n = strlen(name);
    *ret = (struct part){ .s = name, .n = n };
    if (n == 0)
        return -ENOENT;
    if (strcmp(name, "/") == 0) {
        ret->kind = PART_ROOT;
        return 0;
    }
    if (name[n - 1] == '/') {
        ret->slash = true;
        ret->n = --n;
    }
    if (n > VFS_NAME_MOST)
        return -ENAMETOOLONG;
    if (memchr(name, '/', n))
        return -EINVAL;
    if (n == 1 && name[0] == '.')
        ret->kind = PART_DOT;
    if (n == 2 && name[0] == '.' && name[1] == '.')
        ret->kind = PART_DOTDOT;
    return 0;
}

static bool in_live(const struct vfs *v, vfs_ino dir)
{
    return is_live(dir) || live_is_root(v, dir);
}

static int may_change(const struct vfs *v, vfs_ino dir, struct vfs_who who)
{
    struct attr a;
    if (!attr_of(v, dir, &a))
        return -ENOENT;
    if (!S_ISDIR(a.mode))
        return -ENOTDIR;
    return attr_allows(&a, 3, who);
}

static bool on_read_only(const struct vfs *v, vfs_ino ino)
{
    struct attr a;
    return attr_of(v, ino, &a) && mount_is_read_only(v, a.mount);
}

static uint8_t mount_of(const struct vfs *v, vfs_ino ino)
{
    struct attr a;
    return attr_of(v, ino, &a) ? a.mount : 0;
}

/* Whether it is of a file system whose names are the kernel's: nobody makes or removes one. */
static bool in_kernels(const struct vfs *v, vfs_ino dir)
{
    static const char *const types[] = { "sysfs", "devpts", "usbfs", "debugfs" };
    const char *type = mount_type(v, mount_of(v, dir));
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i]) == 0)
            return true;
    }
    return false;
}

/* Whether the name of a node may be taken away: the rights to its directory and the sticky bit. */
static int may_remove(const struct vfs *v, vfs_ino dir, vfs_ino ino, struct vfs_who who)
{
    struct attr d, a;
    TRY(may_change(v, dir, who));
    if (!attr_of(v, dir, &d) || !attr_of(v, ino, &a))
        return -ENOENT;
    if (d.mode & S_ISVTX && !attr_is_owner(&a, who) && !attr_is_owner(&d, who))
        return -EPERM;
    return 0;
}

/* What mkdir, mknod, symlink and link ask of a new name before they ask for rights. */
static int is_free(const struct vfs *v, vfs_ino dir, const struct part *p, bool directory)
{
    if (p->kind != PART_NORMAL)
        return -EEXIST;
    if (!dir_is_alive(v, dir))
        return -ENOENT;
    if (dir_lookup(v, dir, p->s, p->n))
        return -EEXIST;
    if (p->slash && !directory)
        return -ENOENT;
    if (in_live(v, dir))
        return -ENOENT;
    return on_read_only(v, dir) ? -EROFS : 0;
}

/* A new node of the directory's group where that says so, with its name. */
static int make(struct vfs *v, vfs_ino dir, const struct part *p, uint32_t mode, struct vfs_who who,
                struct node **ret)
{
    struct slot s;
    struct attr d;
    if (!attr_of(v, dir, &d))
        return -ENOENT;
    if (d.mode & S_ISGID) {
        who.gid = d.gid;
        mode |= S_ISDIR(mode) ? S_ISGID : 0;
    }
    TRY(slot_open(v, dir, p->s, p->n, &s));
    int e = node_make(v, mode, d.mount, who, ret);
    if (e < 0)
        slot_drop(v, &s);
    else
        slot_put(v, &s, *ret);
    return e;
}

int vfs_make_node(struct vfs *v, vfs_ino dir, const char *name, uint32_t mode, uint32_t major,
                  uint32_t minor, struct vfs_who who, vfs_ino *ret)
{
    struct part p;
    struct node *node;
    TRY(part_of(name, &p));
    TRY(is_free(v, dir, &p, S_ISDIR(mode)));
    TRY(may_change(v, dir, who));
    if (in_kernels(v, dir))
        return S_ISREG(mode) ? -EACCES : -EPERM;
    if ((S_ISCHR(mode) || S_ISBLK(mode)) && who.uid != 0)
        return -EPERM;
    TRY(make(v, dir, &p, mode, who, &node));
    if (S_ISCHR(mode) || S_ISBLK(mode)) {
        node->major = major;
        node->minor = minor;
    }
    node->written = S_ISREG(mode);
    *ret = node->ino;
    return 0;
}

int vfs_make_link(struct vfs *v, vfs_ino dir, const char *name, const char *target,
                  struct vfs_who who)
{
    struct part p;
    struct node *node;
    size_t n = strlen(target);
    if (n == 0)
        return -ENOENT;
    if (n >= VFS_PATH_MOST)
        return -ENAMETOOLONG;
    TRY(part_of(name, &p));
    TRY(is_free(v, dir, &p, false));
    TRY(may_change(v, dir, who));
    if (in_kernels(v, dir))
        return -EPERM;
    TRY(make(v, dir, &p, S_IFLNK | 0777, who, &node));
    int e = file_set_target(v, node, target, n);
    if (e == 0)
        return 0;
    struct slot s;
    if (slot_open(v, dir, p.s, p.n, &s) == 0)
        slot_hide(v, &s);
    node->links = 0;
    node_settle(v, node);
    return e;
}

int vfs_link(struct vfs *v, vfs_ino dir, const char *name, vfs_ino to, struct vfs_who who)
{
    struct part p;
    struct attr a;
    struct node *node;
    struct slot s;
    TRY(part_of(name, &p));
    TRY(is_free(v, dir, &p, false));
    if (!attr_of(v, to, &a))
        return -ENOENT;
    if (a.mount != mount_of(v, dir))
        return -EXDEV;
    TRY(may_change(v, dir, who));
    if (S_ISDIR(a.mode) || in_kernels(v, dir))
        return -EPERM;
    TRY(node_own(v, to, &node));
    if (node->links == 0)
        return -ENOENT;
    TRY(slot_open(v, dir, p.s, p.n, &s));
    node->links++;
    node->ctime = v->now;
    slot_put(v, &s, node);
    return 0;
}

/* Takes away a name that may be taken. A directory's links fall to nothing at once. */
static int take_away(struct vfs *v, vfs_ino dir, const struct part *p, vfs_ino ino)
{
    struct slot s;
    struct node *node;
    TRY(slot_open(v, dir, p->s, p->n, &s));
    int e = node_own(v, ino, &node);
    if (e < 0) {
        slot_drop(v, &s);
        return e;
    }
    slot_hide(v, &s);
    node->ctime = v->now;
    if (S_ISDIR(node->mode)) {
        node->links = 0;
        dir_clear(v, node);
    } else {
        node->links--;
    }
    node_settle(v, node);
    return 0;
}

int vfs_unlink(struct vfs *v, vfs_ino dir, const char *name, struct vfs_who who)
{
    struct part p;
    TRY(part_of(name, &p));
    if (p.kind != PART_NORMAL)
        return -EISDIR;
    if (on_read_only(v, dir))
        return -EROFS;
    vfs_ino ino = dir_lookup(v, dir, p.s, p.n);
    if (!ino)
        return -ENOENT;
    if (p.slash)
        return is_dir(v, ino) ? -EISDIR : -ENOTDIR;
    if (in_live(v, dir))
        return -EPERM;
    TRY(may_remove(v, dir, ino, who));
    if (is_dir(v, ino))
        return -EISDIR;
    if (in_kernels(v, dir))
        return -EPERM;
    if (mount_is_point(v, ino))
        return -EBUSY;
    return take_away(v, dir, &p, ino);
}

int vfs_rmdir(struct vfs *v, vfs_ino dir, const char *name, struct vfs_who who)
{
    struct part p;
    TRY(part_of(name, &p));
    if (p.kind != PART_NORMAL)
        return p.kind == PART_DOT ? -EINVAL : p.kind == PART_DOTDOT ? -ENOTEMPTY : -EBUSY;
    if (on_read_only(v, dir))
        return -EROFS;
    vfs_ino ino = dir_lookup(v, dir, p.s, p.n);
    if (!ino)
        return -ENOENT;
    if (in_live(v, dir))
        return is_dir(v, ino) ? -EPERM : -ENOTDIR;
    TRY(may_remove(v, dir, ino, who));
    if (!is_dir(v, ino))
        return -ENOTDIR;
    if (in_kernels(v, dir))
        return -EPERM;
    if (mount_is_point(v, ino))
        return -EBUSY;
    if (dir_count(v, ino))
        return -ENOTEMPTY;
    return take_away(v, dir, &p, ino);
}

/* ---- rename ---- */

/* Whether `dir` is `above` or stands somewhere below it. Where /proc is mounted inside of /proc the way up
 * may be a circle; who is deeper than a path is long counts as below. */
static bool is_below(const struct vfs *v, vfs_ino dir, vfs_ino above)
{
    struct attr a;
    for (size_t i = 0; dir != above && i < VFS_PATH_MOST; i++) {
        if (dir == VFS_ROOT || !attr_of(v, dir, &a) || a.parent == dir)
            return false;
        dir = a.parent;
    }
    return true;
}

struct renaming {
    vfs_ino dir, to_dir;
    struct part from, to;
    vfs_ino ino, old; /* what moves; what is there, or 0 */
};

static int rename_look(const struct vfs *v, struct renaming *r)
{
    if (r->from.kind != PART_NORMAL || r->to.kind != PART_NORMAL)
        return -EBUSY;
    if (on_read_only(v, r->dir) || on_read_only(v, r->to_dir))
        return -EROFS;
    r->ino = dir_lookup(v, r->dir, r->from.s, r->from.n);
    if (!r->ino)
        return -ENOENT;
    if (!dir_is_alive(v, r->to_dir))
        return -ENOENT;
    r->old = dir_lookup(v, r->to_dir, r->to.s, r->to.n);
    bool directory = is_dir(v, r->ino);
    if (!directory && (r->from.slash || r->to.slash))
        return -ENOTDIR;
    if (directory && r->to_dir != r->dir && is_below(v, r->to_dir, r->ino))
        return -EINVAL;
    if (r->old && is_dir(v, r->old) && r->old != r->ino && is_below(v, r->dir, r->old))
        return -ENOTEMPTY;
    return 0;
}

static int rename_allowed(const struct vfs *v, const struct renaming *r, struct vfs_who who)
{
    bool directory = is_dir(v, r->ino);
    if (in_live(v, r->dir) || in_live(v, r->to_dir))
        return r->old ? -EPERM : -ENOENT;
    TRY(may_remove(v, r->dir, r->ino, who));
    if (!r->old) {
        TRY(may_change(v, r->to_dir, who));
    } else {
        TRY(may_remove(v, r->to_dir, r->old, who));
        if (directory != is_dir(v, r->old))
            return directory ? -ENOTDIR : -EISDIR;
    }
    struct attr a;
    if (directory && r->dir != r->to_dir && attr_of(v, r->ino, &a))
        TRY(attr_allows(&a, 2, who));
    if (in_kernels(v, r->dir) || in_kernels(v, r->to_dir))
        return -EPERM;
    if (mount_is_point(v, r->ino) || (r->old && mount_is_point(v, r->old)))
        return -EBUSY;
    return r->old && directory && dir_count(v, r->old) ? -ENOTEMPTY : 0;
}

static void drop_replaced(struct vfs *v, struct node *old)
{
    old->ctime = v->now;
    if (S_ISDIR(old->mode)) {
        old->links = 0;
        dir_clear(v, old);
    } else {
        old->links--;
    }
    node_settle(v, old);
}

static int rename_do(struct vfs *v, const struct renaming *r)
{
    struct slot from, to;
    struct node *node, *old = NULL;
    TRY(node_own(v, r->ino, &node));
    if (r->old)
        TRY(node_own(v, r->old, &old));
    TRY(slot_open(v, r->dir, r->from.s, r->from.n, &from));
    int e = slot_open(v, r->to_dir, r->to.s, r->to.n, &to);
    if (e < 0) {
        slot_drop(v, &from);
        return e;
    }
    slot_hide(v, &from);
    slot_put(v, &to, node);
    node->ctime = v->now;
    if (old)
        drop_replaced(v, old);
    return 0;
}

int vfs_rename(struct vfs *v, vfs_ino dir, const char *name, vfs_ino to_dir, const char *to_name,
               struct vfs_who who)
{
    struct renaming r = { .dir = dir, .to_dir = to_dir };
    TRY(part_of(name, &r.from));
    TRY(part_of(to_name, &r.to));
    if (mount_of(v, dir) != mount_of(v, to_dir))
        return -EXDEV;
    TRY(rename_look(v, &r));
    if (r.ino == r.old)
        return 0;
    TRY(rename_allowed(v, &r, who));
    return rename_do(v, &r);
}
