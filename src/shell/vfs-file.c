/* The bytes of files and links, and what else of a node changes without its names. */
#include "shell/vfs-own.h"

#include <malloc.h>
#include <string.h>

#define FILE_MOST (UINT64_C(1) << 40)

void file_clear(struct vfs *v, struct node *node)
{
    if ((S_ISREG(node->mode) || S_ISLNK(node->mode)) && !node->borrowed) {
        vfs_give(v, node->data);
        node->data = NULL;
    }
}

/* What a file holds, of the tree or of the session; false: it is no file. */
struct bytes {
    const void *data;
    uint64_t size;
    uint32_t len;
};

static bool bytes_of(const struct vfs *v, vfs_ino ino, struct bytes *ret)
{
    const struct node *node = node_find(v, ino);
    if (node) {
        if (!S_ISREG(node->mode) && !S_ISLNK(node->mode))
            return false;
        *ret = (struct bytes){ node->data, node->size, node->len };
        return true;
    }
    const struct tree_node *t = tree_at(v->tree, ino);
    if (!t || (!S_ISREG(t->mode) && !S_ISLNK(t->mode)))
        return false;
    *ret = (struct bytes){ t->data, t->size, t->size };
    return true;
}

const char *file_target(const struct vfs *v, vfs_ino ino, size_t *ret_n)
{
    struct bytes b;
    if (!bytes_of(v, ino, &b))
        return NULL;
    *ret_n = b.len;
    return b.data;
}

int file_set_target(struct vfs *v, struct node *node, const char *target, size_t n)
{
    char *copy = vfs_take(v, n + 1);
    if (!copy)
        return -ENOSPC;
    memcpy(copy, target, n);
    node->data = copy;
    node->len = (uint32_t)n;
    node->size = n;
    return 0;
}

int vfs_readlink(struct vfs *v, vfs_ino ino, struct text *to)
{
    struct attr a;
    if (!attr_of(v, ino, &a))
        return -ENOENT;
    if (!S_ISLNK(a.mode))
        return -EINVAL;
    if (is_live(ino)) {
        char target[VFS_PATH_MOST];
        TRY(live_target(v, ino, target));
        text_say(to, target);
        return 0;
    }
    size_t n = 0;
    const char *target = file_target(v, ino, &n);
    text_add(to, target ? target : "", target ? n : 0);
    return 0;
}

/* Why a node has no bytes to be read or written. */
static int no_file(const struct vfs *v, vfs_ino ino)
{
    struct attr a;
    if (!attr_of(v, ino, &a))
        return -ENOENT;
    return S_ISDIR(a.mode) ? -EISDIR : -EINVAL;
}

/* As mounts with relatime have it: once after a change, else once a day. */
static void touch_atime(struct vfs *v, vfs_ino ino)
{
    struct node *node = node_find(v, ino);
    if (!node || mount_is_read_only(v, node->mount))
        return;
    if (node->atime > node->mtime && node->atime > node->ctime && v->now - node->atime <= 86400)
        return;
    node->atime = v->now;
    node->exact &= 2;
}

int64_t vfs_read(struct vfs *v, vfs_ino ino, uint64_t at, void *to, size_t n)
{
    struct bytes b;
    if (is_live(ino) || !bytes_of(v, ino, &b))
        return no_file(v, ino);
    touch_atime(v, ino);
    if (at >= b.size)
        return 0;
    if (n > b.size - at)
        n = (size_t)(b.size - at);
    size_t stored = at < b.len ? b.len - (size_t)at : 0;
    if (stored > n)
        stored = n;
    if (stored)
        memcpy(to, (const char *)b.data + at, stored);
    memset((char *)to + stored, 0, n - stored);
    return (int64_t)n;
}

/* Room for len bytes of data of the session's own, the first `keep` as they were. Growing by half
 * as much again where a file grows at its end, else as much as is needed. */
static int make_room(struct vfs *v, struct node *node, uint64_t len, uint32_t keep)
{
    if (len > UINT32_MAX / 2)
        return -ENOSPC;
    if (node->borrowed) {
        char *copy = vfs_take(v, len ? (size_t)len : 1);
        if (!copy)
            return -ENOSPC;
        if (keep)
            memcpy(copy, node->data, keep);
        node->data = copy;
        node->borrowed = false;
        return 0;
    }
    size_t had = node->data ? malloc_usable_size(node->data) : 0;
    if (len <= had)
        return 0;
    void *more = had ? vfs_more(v, node->data, len > had * 2 ? (size_t)len : had * 2) : NULL;
    if (!more)
        more = vfs_more(v, node->data, (size_t)len);
    if (!more)
        return -ENOSPC;
    node->data = more;
    return 0;
}

const void *vfs_bytes(struct vfs *v, vfs_ino ino, size_t *ret_n)
{
    struct bytes b;
    *ret_n = 0;
    if (is_live(ino) || !bytes_of(v, ino, &b))
        return NULL;
    if (b.len < b.size) {
        struct node *node = node_find(v, ino);
        if (b.size > UINT32_MAX / 2 || make_room(v, node, b.size, b.len) < 0)
            return NULL;
        memset((char *)node->data + b.len, 0, (size_t)b.size - b.len);
        node->len = (uint32_t)b.size;
        b.data = node->data;
    }
    *ret_n = (size_t)b.size;
    return b.data ? b.data : "";
}

static bool all_zero(const void *data, size_t n)
{
    const char *s = data;
    return n == 0 || (s[0] == 0 && memcmp(s, s + 1, n - 1) == 0);
}

/* Pages that a mount will count for a write besides those that it counts already. */
static int64_t new_pages(const struct node *node, uint64_t at, size_t n)
{
    uint64_t first = at / 4096, last = (at + n - 1) / 4096 + 1;
    uint64_t had = (node->size + 4095) / 4096;
    uint64_t beyond = last > had ? last - (first > had ? first : had) : 0;
    uint64_t within = last - first - beyond, holes = had > node->charged ? had - node->charged : 0;
    return (int64_t)(beyond + (within < holes ? within : holes));
}

/* As many bytes as the mount has pages for. */
static int charge_write(struct vfs *v, struct node *node, uint64_t at, size_t *n)
{
    int64_t want = new_pages(node, at, *n);
    int e = mount_charge(v, node->mount, want * 4096);
    if (e == -ENOSPC && *n > 4096 - at % 4096) {
        *n = (size_t)(4096 - at % 4096);
        want = new_pages(node, at, *n);
        e = mount_charge(v, node->mount, want * 4096);
    }
    if (e == 0)
        node->charged += (uint32_t)want;
    return e;
}

/* What is zero behind all that is stored needs no bytes of its own. */
static int store(struct vfs *v, struct node *node, uint64_t at, const void *data, size_t n)
{
    if (at >= node->len && all_zero(data, n))
        return 0;
    uint64_t end = at + n;
    TRY(make_room(v, node, end > node->len ? end : node->len, node->len));
    if (at > node->len)
        memset((char *)node->data + node->len, 0, (size_t)(at - node->len));
    memcpy((char *)node->data + at, data, n);
    if (end > node->len)
        node->len = (uint32_t)end;
    return 0;
}

static int own_file(struct vfs *v, vfs_ino ino, struct node **ret)
{
    struct attr a;
    if (!attr_of(v, ino, &a))
        return -ENOENT;
    if (!S_ISREG(a.mode))
        return S_ISDIR(a.mode) ? -EISDIR : -EINVAL;
    if (mount_is_read_only(v, a.mount))
        return -EROFS;
    return node_own(v, ino, ret);
}

int64_t vfs_write(struct vfs *v, vfs_ino ino, uint64_t at, const void *data, size_t n)
{
    struct node *node;
    if (is_live(ino))
        return live_write(v, ino, data, n);
    TRY(own_file(v, ino, &node));
    if (n == 0)
        return 0;
    if (at >= FILE_MOST || n > FILE_MOST - at)
        return -EFBIG;
    uint32_t charged = node->charged;
    TRY(charge_write(v, node, at, &n));
    int e = store(v, node, at, data, n);
    if (e < 0) {
        (void)!mount_charge(v, node->mount, ((int64_t)charged - node->charged) * 4096);
        node->charged = charged;
        return e;
    }
    if (at + n > node->size)
        node->size = at + n;
    node_changed(v, node);
    node->written = true;
    return (int64_t)n;
}

/* What is no longer needed of a file's bytes. */
static void give_back(struct vfs *v, struct node *node)
{
    if (node->len == 0) {
        file_clear(v, node);
        node->data = NULL;
        node->borrowed = false;
    } else if (!node->borrowed) {
        void *less = vfs_more(v, node->data, node->len);
        node->data = less ? less : node->data;
    }
}

int vfs_truncate(struct vfs *v, vfs_ino ino, uint64_t size)
{
    struct node *node;
    if (is_live(ino))
        return 0;
    TRY(own_file(v, ino, &node));
    if (size > FILE_MOST)
        return -EFBIG;
    uint32_t pages_left = (uint32_t)((size + 4095) / 4096);
    if (node->charged > pages_left) {
        (void)!mount_charge(v, node->mount, ((int64_t)pages_left - node->charged) * 4096);
        node->charged = pages_left;
    }
    if (size < node->len) {
        node->len = (uint32_t)size;
        give_back(v, node);
    }
    node->size = size;
    node_changed(v, node);
    node->written = true;
    return 0;
}

/* ---- Modes, owners, times ---- */

int vfs_access(struct vfs *v, vfs_ino ino, unsigned rwx, struct vfs_who who)
{
    struct attr a;
    if (!attr_of(v, ino, &a))
        return -ENOENT;
    if (rwx & 2 && mount_is_read_only(v, a.mount) &&
        (S_ISREG(a.mode) || S_ISDIR(a.mode) || S_ISLNK(a.mode)))
        return -EROFS;
    return attr_allows(&a, rwx, who);
}

/* A node whose attributes are about to change, or why they may not. */
static int own_attr(struct vfs *v, vfs_ino ino, struct attr *a)
{
    if (!attr_of(v, ino, a))
        return -ENOENT;
    if (mount_is_read_only(v, a->mount))
        return -EROFS;
    return is_live(ino) ? -EPERM : 0;
}

int vfs_chmod(struct vfs *v, vfs_ino ino, uint32_t mode, struct vfs_who who)
{
    struct attr a;
    struct node *node;
    TRY(own_attr(v, ino, &a));
    if (!attr_is_owner(&a, who))
        return -EPERM;
    if (S_ISLNK(a.mode))
        return -EOPNOTSUPP;
    TRY(node_own(v, ino, &node));
    if (who.uid != 0 && who.gid != node->gid)
        mode &= ~(uint32_t)S_ISGID;
    node->mode = (node->mode & S_IFMT) | (mode & 07777);
    node->ctime = v->now;
    return 0;
}

static bool may_chown(const struct attr *a, uint32_t uid, uint32_t gid, uint32_t bits,
                      struct vfs_who who)
{
    if (who.uid == 0)
        return true;
    if (who.uid != a->uid)
        return uid == UINT32_MAX && gid == UINT32_MAX && !bits;
    return (uid == UINT32_MAX || uid == a->uid) &&
           (gid == UINT32_MAX || gid == a->gid || gid == who.gid);
}

int vfs_chown(struct vfs *v, vfs_ino ino, uint32_t uid, uint32_t gid, struct vfs_who who)
{
    struct attr a;
    struct node *node;
    TRY(own_attr(v, ino, &a));
    /* Who gives a program away does not give its rights with it. */
    bool group_too = a.mode & S_IXGRP || (who.uid != 0 && who.gid != a.gid);
    uint32_t bits = a.mode & (group_too ? S_ISUID | S_ISGID : S_ISUID);
    if (S_ISDIR(a.mode))
        bits = 0;
    if (!may_chown(&a, uid, gid, bits, who))
        return -EPERM;
    TRY(node_own(v, ino, &node));
    if (uid != UINT32_MAX)
        node->uid = uid;
    if (gid != UINT32_MAX)
        node->gid = gid;
    node->mode &= ~bits;
    node->ctime = v->now;
    return 0;
}

static void set_time(const struct vfs *v, struct node *node, int64_t *time, int64_t to, uint8_t bit)
{
    if (to == VFS_KEEP)
        return;
    *time = to == VFS_NOW ? v->now : to;
    node->exact = (uint8_t)(to == VFS_NOW ? node->exact & ~bit : node->exact | bit);
}

int vfs_utime(struct vfs *v, vfs_ino ino, int64_t atime, int64_t mtime, struct vfs_who who)
{
    struct attr a;
    struct node *node;
    TRY(own_attr(v, ino, &a));
    if (!attr_is_owner(&a, who)) {
        if (atime != VFS_NOW || mtime != VFS_NOW)
            return -EPERM;
        TRY(attr_allows(&a, 2, who));
    }
    TRY(node_own(v, ino, &node));
    set_time(v, node, &node->atime, atime, 1);
    set_time(v, node, &node->mtime, mtime, 2);
    node->ctime = v->now;
    return 0;
}
