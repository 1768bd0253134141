#include "shell/vfs-own.h"

#include <stdlib.h>
#include <string.h>

/* ---- Memory ---- */

/* A quarter of the account is left to the processes. */
static bool fits(const struct vfs *v, size_t cost)
{
    size_t most = v->account->most - v->account->most / 4;
    return cost <= most && v->account->used <= most - cost;
}

void *vfs_take(struct vfs *v, size_t n)
{
    void *p = fits(v, memory_cost_of(n)) ? calloc(1, n) : NULL;
    if (p)
        v->account->used += memory_cost(p);
    return p;
}

void *vfs_more(struct vfs *v, void *p, size_t n)
{
    size_t had = p ? memory_cost(p) : 0;
    size_t cost = memory_cost_of(n);
    if (cost > had && !fits(v, cost - had))
        return NULL;
    void *q = realloc(p, n);
    if (q)
        v->account->used += memory_cost(q) - had;
    return q;
}

void vfs_give(struct vfs *v, void *p)
{
    if (p)
        v->account->used -= memory_cost(p);
    free(p);
}

/* ---- Making and ending ---- */

int vfs_make(struct vfs **ret, const struct vfs_tree *tree, struct memory_account *account,
             const struct vfs_live *live, void *context)
{
    if (account->most - account->used < sizeof(struct vfs) || account->used > account->most)
        return -ENOMEM;
    struct vfs *v = calloc(1, sizeof *v);
    if (!v)
        return -ENOMEM;
    account->used += memory_cost(v);
    v->tree = tree;
    v->account = account;
    v->live = live;
    v->live_context = context;
    v->next_ino = tree->n + 1;
    v->n_mounts = v->n_ids = (uint8_t)tree->n_mounts;
    *ret = v;
    return 0;
}

static void free_nodes(struct vfs *v)
{
    for (uint32_t i = 0; i < v->node_buckets; i++)
        for (struct node *node = v->nodes[i], *next; node; node = next) {
            next = node->chain;
            file_clear(v, node);
            vfs_give(v, node);
        }
    vfs_give(v, v->nodes);
}

void vfs_free(struct vfs *v)
{
    if (!v)
        return;
    free_nodes(v);
    for (uint32_t i = 0; i < v->entry_buckets; i++)
        for (struct entry *e = v->entries[i], *next; e; e = next) {
            next = e->chain;
            vfs_give(v, e);
        }
    vfs_give(v, v->entries);
    mount_release(v);
    vfs_give(v, v->more_held);
    vfs_give(v, v);
}

void vfs_clock(struct vfs *v, int64_t now)
{
    v->now = now;
}

/* ---- Nodes ---- */

struct node *node_find(const struct vfs *v, vfs_ino ino)
{
    if (!v->node_buckets)
        return NULL;
    struct node *node = v->nodes[ino & (v->node_buckets - 1)];
    while (node && node->ino != ino)
        node = node->chain;
    return node;
}

/* Where there is no room for more buckets, the chains get longer. */
static int grow_nodes(struct vfs *v)
{
    if (v->n_nodes < v->node_buckets)
        return 0;
    uint32_t n = v->node_buckets ? v->node_buckets * 2 : 8;
    struct node **grown = vfs_take(v, n * sizeof *grown);
    if (!grown)
        return v->node_buckets ? 0 : -ENOSPC;
    for (uint32_t i = 0; i < v->node_buckets; i++)
        for (struct node *node = v->nodes[i], *next; node; node = next) {
            next = node->chain;
            node->chain = grown[node->ino & (n - 1)];
            grown[node->ino & (n - 1)] = node;
        }
    vfs_give(v, v->nodes);
    v->nodes = grown;
    v->node_buckets = n;
    return 0;
}

static int node_new(struct vfs *v, vfs_ino ino, struct node **ret)
{
    TRY(grow_nodes(v));
    struct node *node = vfs_take(v, sizeof *node);
    if (!node)
        return -ENOSPC;
    node->ino = ino;
    struct node **bucket = &v->nodes[ino & (v->node_buckets - 1)];
    node->chain = *bucket;
    *bucket = node;
    v->n_nodes++;
    *ret = node;
    return 0;
}

static void copy_up(struct node *node, const struct tree_node *from)
{
    node->mode = from->mode;
    node->uid = from->uid;
    node->gid = from->gid;
    node->links = from->links;
    node->mount = (uint8_t)from->mount;
    node->atime = node->mtime = node->ctime = from->mtime;
    if (S_ISDIR(from->mode)) {
        node->parent = from->parent;
        node->count = from->count;
    } else if (S_ISREG(from->mode) || S_ISLNK(from->mode)) {
        node->data = (void *)from->data;
        node->size = node->len = from->size;
        node->charged = S_ISREG(from->mode) ? (uint32_t)(pages(from->size) / 4096) : 0;
        node->borrowed = true;
    } else {
        node->major = from->major;
        node->minor = from->minor;
    }
}

int node_own(struct vfs *v, vfs_ino ino, struct node **ret)
{
    if (is_live(ino))
        return -EPERM;
    *ret = node_find(v, ino);
    if (*ret)
        return 0;
    const struct tree_node *from = tree_at(v->tree, ino);
    if (!from)
        return -ENOENT;
    TRY(node_new(v, ino, ret));
    copy_up(*ret, from);
    return 0;
}

int node_make(struct vfs *v, uint32_t mode, uint8_t mount, struct vfs_who who, struct node **ret)
{
    if (v->next_ino >= LIVE_BIT)
        return -ENOSPC;
    TRY(node_new(v, v->next_ino, ret));
    v->next_ino++;
    struct node *node = *ret;
    node->mode = mode;
    node->uid = who.uid;
    node->gid = who.gid;
    node->mount = mount;
    node->links = S_ISDIR(mode) ? 2 : 1;
    node->atime = node->mtime = node->ctime = v->now;
    return 0;
}

void node_free(struct vfs *v, struct node *node)
{
    struct node **at = &v->nodes[node->ino & (v->node_buckets - 1)];
    while (*at != node)
        at = &(*at)->chain;
    *at = node->chain;
    v->n_nodes--;
    file_clear(v, node);
    vfs_give(v, node);
}

void node_settle(struct vfs *v, struct node *node)
{
    if (node->links || node_holds(v, node->ino))
        return;
    if (S_ISREG(node->mode))
        (void)!mount_charge(v, node->mount, -(int64_t)node->charged * 4096);
    node_free(v, node);
}

bool attr_of(const struct vfs *v, vfs_ino ino, struct attr *ret)
{
    if (is_live(ino))
        return live_attr(v, ino, ret);
    const struct node *node = node_find(v, ino);
    if (node) {
        *ret = (struct attr){ node->mode, node->uid, node->gid, node->mount,
                              S_ISDIR(node->mode) ? node->parent : 0 };
        return true;
    }
    const struct tree_node *t = tree_at(v->tree, ino);
    if (t)
        *ret = (struct attr){ t->mode, t->uid, t->gid, (uint8_t)t->mount, t->parent };
    return t;
}

bool is_dir(const struct vfs *v, vfs_ino ino)
{
    struct attr a;
    return attr_of(v, ino, &a) && S_ISDIR(a.mode);
}

int attr_allows(const struct attr *a, unsigned rwx, struct vfs_who who)
{
    if (who.uid == 0)
        return rwx & 1 && !S_ISDIR(a->mode) && !(a->mode & 0111) ? -EACCES : 0;
    unsigned bits = a->mode;
    if (who.uid == a->uid)
        bits >>= 6;
    else if (who.gid == a->gid)
        bits >>= 3;
    return rwx & ~bits & 7 ? -EACCES : 0;
}

bool attr_is_owner(const struct attr *a, struct vfs_who who)
{
    return who.uid == 0 || who.uid == a->uid;
}

/* ---- Open nodes ---- */

/* Those of the tree are counted apart: a node that nobody changed has no room for a count. */
static struct held *held_find(struct vfs *v, vfs_ino ino)
{
    for (size_t i = 0; i < HELD_INLINE; i++)
        if (v->held[i].ino == ino)
            return &v->held[i];
    for (uint32_t i = 0; i < v->n_held; i++)
        if (v->more_held[i].ino == ino)
            return &v->more_held[i];
    return NULL;
}

static struct held *held_add(struct vfs *v)
{
    struct held *free_one = held_find(v, 0);
    if (free_one)
        return free_one;
    struct held *grown = vfs_more(v, v->more_held, (v->n_held + 8) * sizeof *grown);
    if (!grown)
        return NULL;
    memset(grown + v->n_held, 0, 8 * sizeof *grown);
    v->more_held = grown;
    v->n_held += 8;
    return &v->more_held[v->n_held - 8];
}

void vfs_hold(struct vfs *v, vfs_ino ino)
{
    if (is_live(ino) || ino == 0)
        return;
    if (ino > v->tree->n) {
        struct node *node = node_find(v, ino);
        if (node)
            node->holds++;
        return;
    }
    struct held *h = held_find(v, ino);
    if (!h)
        h = held_add(v);
    if (!h)
        return;
    h->ino = ino;
    h->n++;
}

void vfs_drop(struct vfs *v, vfs_ino ino)
{
    if (is_live(ino) || ino == 0)
        return;
    struct node *node = node_find(v, ino);
    struct held *h = ino <= v->tree->n ? held_find(v, ino) : NULL;
    if (h && --h->n == 0)
        h->ino = 0;
    if (!node)
        return;
    if (node->holds)
        node->holds--;
    node_settle(v, node);
}

uint32_t node_holds(const struct vfs *v, vfs_ino ino)
{
    if (ino > v->tree->n) {
        const struct node *node = node_find(v, ino);
        return node ? node->holds : 0;
    }
    const struct held *h = held_find((struct vfs *)v, ino);
    return h ? h->n : 0;
}

/* ---- What a node is ---- */

/* How a type of file system counts what it holds. */
static const struct fs_kind {
    const char *type;
    enum { DIR_BLOCK, DIR_ENTRIES, DIR_LISTING, DIR_ZERO } dir;
    enum { FILE_PAGES, FILE_BYTES, FILE_ZERO } file;
} fs_kinds[] = {
    { "tmpfs", DIR_ENTRIES, FILE_PAGES },    { "devtmpfs", DIR_ENTRIES, FILE_PAGES },
    { "ramfs", DIR_ZERO, FILE_ZERO },        { "rootfs", DIR_ZERO, FILE_ZERO },
    { "squashfs", DIR_LISTING, FILE_BYTES }, { "jffs2", DIR_ZERO, FILE_BYTES },
    { "cramfs", DIR_LISTING, FILE_BYTES },   { "proc", DIR_ZERO, FILE_ZERO },
    { "sysfs", DIR_ZERO, FILE_ZERO },        { "devpts", DIR_ZERO, FILE_ZERO },
    { "usbfs", DIR_ZERO, FILE_ZERO },        { "debugfs", DIR_ZERO, FILE_ZERO },
    { "", DIR_BLOCK, FILE_PAGES },
};

static const struct fs_kind *kind_of(const struct vfs *v, uint8_t mount)
{
    const char *type = mount_type(v, mount);
    const struct fs_kind *k = fs_kinds;
    while (k->type[0] && strcmp(k->type, type) != 0)
        k++;
    return k;
}

/* A squashed directory is as long as its list: 12 bytes before 256 names, 8 and the name each,
 * and 3. */
static uint64_t listing_size(const struct vfs *v, vfs_ino ino)
{
    const struct tree_node *dir = tree_at(v->tree, ino);
    uint64_t size = 3;
    for (uint32_t i = 0; dir && i < dir->count; i++)
        size += 8 + strlen(v->tree->nodes[dir->first - 1 + i].name) + (i % 256 ? 0 : 12);
    return size;
}

static void measure(const struct vfs *v, struct vfs_stat *st, uint8_t mount, uint32_t charged)
{
    const struct fs_kind *k = kind_of(v, mount);
    if (S_ISDIR(st->mode)) {
        if (k->dir == DIR_BLOCK)
            st->size = 4096;
        else if (k->dir == DIR_ENTRIES)
            st->size = 40 + 20 * (uint64_t)dir_count(v, st->ino);
        else if (k->dir == DIR_LISTING)
            st->size = listing_size(v, st->ino);
        st->blocks = k->dir == DIR_BLOCK ? 8 : 0;
    } else if (S_ISREG(st->mode)) {
        if (k->file == FILE_PAGES)
            st->blocks = (uint64_t)charged * 8;
        else if (k->file == FILE_BYTES)
            st->blocks = (st->size + 511) / 512;
    }
}

static int stat_live(const struct vfs *v, vfs_ino ino, struct vfs_stat *ret)
{
    struct attr a;
    if (!live_attr(v, ino, &a))
        return -ENOENT;
    *ret = (struct vfs_stat){ .ino = ino & ~LIVE_BIT,
                              .mode = a.mode,
                              .links = live_links(v, ino),
                              .uid = a.uid,
                              .gid = a.gid,
                              .mount = mount_index(v, a.mount),
                              .size = live_size(ino),
                              .atime = v->now,
                              .mtime = v->now,
                              .ctime = v->now };
    return 0;
}

static int stat_tree(const struct vfs *v, const struct tree_node *t, struct vfs_stat *ret)
{
    *ret = (struct vfs_stat){ .ino = ret->ino,
                              .mode = t->mode,
                              .links = t->links,
                              .uid = t->uid,
                              .gid = t->gid,
                              .major = t->major,
                              .minor = t->minor,
                              .mount = mount_index(v, (uint8_t)t->mount),
                              .size = t->size,
                              .atime = t->mtime,
                              .mtime = t->mtime,
                              .ctime = t->mtime };
    measure(v, ret, (uint8_t)t->mount, (uint32_t)(pages(t->size) / 4096));
    return 0;
}

static int stat_node(const struct vfs *v, const struct node *node, struct vfs_stat *ret)
{
    *ret = (struct vfs_stat){ .ino = node->ino,
                              .mode = node->mode,
                              .links = node->links,
                              .uid = node->uid,
                              .gid = node->gid,
                              .mount = mount_index(v, node->mount),
                              .atime = node->atime,
                              .mtime = node->mtime,
                              .ctime = node->ctime,
                              .exact = node->exact };
    uint32_t charged = 0;
    if (S_ISREG(node->mode) || S_ISLNK(node->mode)) {
        ret->size = node->size;
        charged = node->charged;
    } else if (!S_ISDIR(node->mode)) {
        ret->major = node->major;
        ret->minor = node->minor;
    }
    measure(v, ret, node->mount, charged);
    return 0;
}

int vfs_stat(struct vfs *v, vfs_ino ino, struct vfs_stat *ret)
{
    if (is_live(ino))
        return stat_live(v, ino, ret);
    ret->ino = ino;
    const struct node *node = node_find(v, ino);
    const struct tree_node *t = tree_at(v->tree, ino);
    int e = node ? stat_node(v, node, ret) : t ? stat_tree(v, t, ret) : -ENOENT;
    if (e == 0 && live_is_root(v, ino))
        ret->links += live_links(v, ino);
    return e;
}
