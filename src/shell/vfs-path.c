/*
 * From paths to nodes. A walk keeps the rests of the paths whose links it follows, so it needs no
 * recursion. path_resolution(7), of Linux, is what it keeps to.
 */
#include "shell/vfs-own.h"

#include <string.h>

enum walk_flags {
    WALK_FOLLOW = 1,  /* the last part, too */
    WALK_PARENT = 2,  /* the last part is not looked up */
    WALK_MISSING = 4, /* the last part may be missing */
};

struct walk {
    struct vfs *v;
    unsigned flags;
    struct vfs_who who;
    vfs_ino at;  /* where it has come to; 0: the last part is missing */
    vfs_ino dir; /* where the last part stands */
    bool slash;  /* a slash stood behind it */
    const char *s;
    const char *name; /* the part being looked at; NULL before the first */
    size_t n;
    unsigned links;
    size_t n_rest;
    const char *rest[VFS_LINKS_MOST];
    char target[VFS_PATH_MOST]; /* of a link of /proc */
};

/* Its members one by one: most of it need not be cleared. */
static int walk_begin(struct walk *w, struct vfs *v, vfs_ino at, const char *path, unsigned flags,
                      struct vfs_who who)
{
    if (!*path)
        return -ENOENT;
    if (strnlen(path, VFS_PATH_MOST) == VFS_PATH_MOST)
        return -ENAMETOOLONG;
    w->v = v;
    w->flags = flags;
    w->who = who;
    w->at = w->dir = *path == '/' ? VFS_ROOT : at;
    w->slash = false;
    w->s = path;
    w->name = NULL;
    w->n = 0;
    w->links = 0;
    w->n_rest = 0;
    return 0;
}

static int may_search(const struct vfs *v, vfs_ino dir, struct vfs_who who)
{
    struct attr a;
    if (!attr_of(v, dir, &a))
        return -ENOENT;
    return S_ISDIR(a.mode) ? attr_allows(&a, 1, who) : -ENOTDIR;
}

/* Takes the next part off the path; false at its end. */
static bool next_part(struct walk *w)
{
    for (;;) {
        w->s += strspn(w->s, "/");
        if (*w->s)
            break;
        if (!w->n_rest)
            return false;
        w->s = w->rest[--w->n_rest];
    }
    w->v->work++;
    w->name = w->s;
    w->n = strcspn(w->s, "/");
    w->s += w->n;
    return true;
}

/* No part follows the one just taken. */
static bool at_last(const struct walk *w)
{
    return w->n_rest == 0 && !w->s[strspn(w->s, "/")];
}

static bool in_target(const struct walk *w, const char *s)
{
    return s >= w->target && s < w->target + sizeof w->target && *s;
}

/* Where a link of /proc leads. One that leads to no file (a pipe, a terminal) is its own end: *ret
 * is NULL. */
static int live_text(struct walk *w, vfs_ino link, const char **ret)
{
    *ret =
        live_fixed_target(link); /* "self/net": needs no copy, and so may have another behind it */
    if (*ret)
        return 0;
    if (in_target(w, w->s))
        return -ELOOP;
    for (size_t i = 0; i < w->n_rest; i++)
        if (in_target(w, w->rest[i]))
            return -ELOOP;
    TRY(live_target(w->v, link, w->target));
    *ret = w->target[0] == '/' || !strchr(w->target, ':') ? w->target : NULL;
    return 0;
}

static int follow(struct walk *w, vfs_ino link, bool last)
{
    if (++w->links > VFS_LINKS_MOST)
        return -ELOOP;
    size_t n;
    const char *target = NULL;
    if (!is_live(link)) {
        target = file_target(w->v, link, &n);
    } else {
        TRY(live_text(w, link, &target));
        if (!target) {
            w->at = link;
            return 0;
        }
    }
    if (!target || !*target)
        return -ENOENT;
    if (!last)
        w->rest[w->n_rest++] = w->s;
    w->s = target;
    if (*target == '/')
        w->at = VFS_ROOT;
    return 0;
}

static vfs_ino parent_of(const struct vfs *v, vfs_ino dir)
{
    struct attr a;
    if (dir == VFS_ROOT || !attr_of(v, dir, &a))
        return dir;
    return mount_over(v, a.parent);
}

static bool is_dots(const char *name, size_t n)
{
    return name[0] == '.' && (n == 1 || (n == 2 && name[1] == '.'));
}

/* One part: w->at is the directory, and then what the part names. */
static int step(struct walk *w, bool last)
{
    TRY(may_search(w->v, w->at, w->who));
    if (w->n > VFS_NAME_MOST)
        return -ENAMETOOLONG;
    w->dir = w->at;
    if (last && w->flags & WALK_PARENT)
        return 0;
    if (is_dots(w->name, w->n)) {
        if (w->n == 2)
            w->at = parent_of(w->v, w->at);
        return 0;
    }
    if (last && w->flags & WALK_MISSING && w->slash)
        return -EISDIR;
    vfs_ino child = dir_lookup(w->v, w->at, w->name, w->n);
    if (!child && !(last && w->flags & WALK_MISSING))
        return -ENOENT;
    child = child ? mount_over(w->v, child) : 0;
    struct attr a;
    if (child && attr_of(w->v, child, &a) && S_ISLNK(a.mode) &&
        (!last || w->slash || w->flags & WALK_FOLLOW))
        return follow(w, child, last);
    w->at = child;
    return 0;
}

static int walk(struct walk *w)
{
    while (next_part(w)) {
        bool last = at_last(w);
        if (last)
            w->slash |= *w->s == '/';
        TRY(step(w, last));
        if (last && (w->flags & WALK_PARENT || !w->at))
            return 0;
    }
    return w->slash && !is_dir(w->v, w->at) ? -ENOTDIR : 0;
}

uint32_t vfs_work(struct vfs *v)
{
    uint32_t work = v->work;
    v->work = 0;
    return work;
}

int vfs_find(struct vfs *v, vfs_ino at, const char *path, bool follow_last, struct vfs_who who,
             vfs_ino *ret)
{
    struct walk w;
    TRY(walk_begin(&w, v, at, path, follow_last ? WALK_FOLLOW : 0, who));
    TRY(walk(&w));
    *ret = w.at;
    return 0;
}

int vfs_parent(struct vfs *v, vfs_ino at, const char *path, struct vfs_who who, vfs_ino *ret_dir,
               char name[static VFS_NAME_MOST + 1])
{
    struct walk w;
    TRY(walk_begin(&w, v, at, path, WALK_PARENT, who));
    TRY(walk(&w));
    *ret_dir = w.dir;
    size_t n = w.name ? w.n : 1;
    memcpy(name, w.name ? w.name : "/", n);
    if (w.slash && !is_dots(name, n)) {
        if (n == VFS_NAME_MOST)
            return -ENAMETOOLONG;
        name[n++] = '/';
    }
    name[n] = '\0';
    return 0;
}

int vfs_find_or_make(struct vfs *v, vfs_ino at, const char *path, uint32_t mode, struct vfs_who who,
                     vfs_ino *ret, bool *ret_made)
{
    struct walk w;
    char name[VFS_NAME_MOST + 1];
    *ret_made = false;
    TRY(walk_begin(&w, v, at, path, WALK_FOLLOW | WALK_MISSING, who));
    TRY(walk(&w));
    *ret = w.at;
    if (w.at)
        return 0;
    memcpy(name, w.name, w.n);
    name[w.n] = '\0';
    *ret_made = true;
    return vfs_make_node(v, w.dir, name, mode, 0, 0, who, ret);
}
