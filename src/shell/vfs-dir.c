#include "shell/vfs-own.h"

#include "base/hash.h"

#include <string.h>

static uint32_t bucket_of(const struct vfs *v, vfs_ino dir, const char *name, size_t n)
{
    return (uint32_t)hash64(name, n, dir) & (v->entry_buckets - 1);
}

static struct entry *entry_find(const struct vfs *v, vfs_ino dir, const char *name, size_t n)
{
    if (!v->entry_buckets)
        return NULL;
    struct entry *e = v->entries[bucket_of(v, dir, name, n)];
    while (e && (e->dir != dir || e->n != n || memcmp(e->name, name, n) != 0))
        e = e->chain;
    return e;
}

static int grow_entries(struct vfs *v)
{
    if (v->n_entries < v->entry_buckets)
        return 0;
    uint32_t old = v->entry_buckets, n = old ? old * 2 : 8;
    struct entry **from = v->entries, **grown = vfs_take(v, n * sizeof *grown);
    if (!grown)
        return old ? 0 : -ENOSPC;
    v->entries = grown;
    v->entry_buckets = n;
    for (uint32_t i = 0; i < old; i++)
        for (struct entry *e = from[i], *next; e; e = next) {
            next = e->chain;
            struct entry **bucket = &grown[bucket_of(v, e->dir, e->name, e->n)];
            e->chain = *bucket;
            *bucket = e;
        }
    vfs_give(v, from);
    return 0;
}

static vfs_ino tree_lookup(const struct vfs *v, vfs_ino dir, const char *name, size_t n)
{
    const struct tree_node *t = tree_at(v->tree, dir);
    return t && S_ISDIR(t->mode) ? tree_child(v->tree, t, name, n) : 0;
}

bool dir_is_alive(const struct vfs *v, vfs_ino dir)
{
    const struct node *node = node_find(v, dir);
    return !node || node->links;
}

vfs_ino dir_lookup(const struct vfs *v, vfs_ino dir, const char *name, size_t n)
{
    if (is_live(dir))
        return live_lookup(v, dir, name, n);
    const struct node *node = node_find(v, dir);
    if (node) {
        if (!node->links)
            return 0;
        const struct entry *e = entry_find(v, dir, name, n);
        if (e)
            return e->ino;
    }
    vfs_ino ino = tree_lookup(v, dir, name, n);
    return ino || !live_is_root(v, dir) ? ino : live_lookup(v, dir, name, n);
}

uint32_t dir_count(const struct vfs *v, vfs_ino dir)
{
    const struct node *node = node_find(v, dir);
    if (node)
        return node->count;
    const struct tree_node *t = tree_at(v->tree, dir);
    return t ? t->count : 0;
}

/* ---- Changing names ---- */

static void out_of_order(struct vfs *v, struct node *dir, struct entry *e)
{
    if (v->reader == e)
        v->reader = NULL;
    if (e->newer)
        e->newer->older = e->older;
    else
        dir->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
}

static void make_newest(struct vfs *v, struct node *dir, struct entry *e)
{
    e->seq = ++v->seq;
    e->newer = NULL;
    e->older = dir->newest;
    if (dir->newest)
        dir->newest->newer = e;
    dir->newest = e;
}

static void out_of_bucket(struct vfs *v, struct entry *e)
{
    struct entry **at = &v->entries[bucket_of(v, e->dir, e->name, e->n)];
    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    v->n_entries--;
}

int slot_open(struct vfs *v, vfs_ino dir, const char *name, size_t n, struct slot *ret)
{
    *ret = (struct slot){ .was = dir_lookup(v, dir, name, n) };
    TRY(node_own(v, dir, &ret->dir));
    if (!ret->dir->links)
        return -ENOENT;
    ret->entry = entry_find(v, dir, name, n);
    if (ret->entry)
        return 0;
    TRY(grow_entries(v));
    struct entry *e = vfs_take(v, offsetof(struct entry, name) + n + 1);
    if (!e)
        return -ENOSPC;
    e->dir = dir;
    e->n = (uint8_t)n;
    memcpy(e->name, name, n);
    ret->entry = e;
    ret->fresh = true;
    return 0;
}

void slot_drop(struct vfs *v, struct slot *s)
{
    if (s->fresh)
        vfs_give(v, s->entry);
    *s = (struct slot){ 0 };
}

static void enter(struct vfs *v, struct slot *s)
{
    if (s->fresh) {
        struct entry **bucket =
            &v->entries[bucket_of(v, s->entry->dir, s->entry->name, s->entry->n)];
        s->entry->chain = *bucket;
        *bucket = s->entry;
        v->n_entries++;
        s->fresh = false;
    } else {
        out_of_order(v, s->dir, s->entry);
    }
    make_newest(v, s->dir, s->entry);
}

/* The name no longer stands for what it did. */
static void forget(struct vfs *v, struct slot *s)
{
    if (!s->was)
        return;
    struct node *node = node_find(v, s->was);
    if (node && node->entry == s->entry)
        node->entry = NULL;
    if (is_dir(v, s->was))
        s->dir->links--;
    s->dir->count--;
}

void slot_put(struct vfs *v, struct slot *s, struct node *node)
{
    forget(v, s);
    enter(v, s);
    s->entry->ino = node->ino;
    node->entry = s->entry;
    s->dir->count++;
    node_changed(v, s->dir);
    if (S_ISDIR(node->mode)) {
        s->dir->links++;
        node->parent = s->dir->ino;
    }
    *s = (struct slot){ 0 };
}

void slot_hide(struct vfs *v, struct slot *s)
{
    struct entry *e = s->entry;
    forget(v, s);
    node_changed(v, s->dir);
    if (tree_lookup(v, e->dir, e->name, e->n)) {
        enter(v, s);
        e->ino = 0;
    } else if (!s->fresh) {
        out_of_order(v, s->dir, e);
        out_of_bucket(v, e);
        vfs_give(v, e);
    }
    *s = (struct slot){ 0 };
}

void dir_clear(struct vfs *v, struct node *dir)
{
    for (struct entry *e = dir->newest, *older; e; e = older) {
        older = e->older;
        out_of_order(v, dir, e);
        out_of_bucket(v, e);
        vfs_give(v, e);
    }
}

/* ---- Reading ---- */

/* A cursor: what is read of in the upper bits, the place in the lower. */
enum { BEGIN, ENTRIES, TREE, LIVE, END, PLACE_BITS = 56 };

static uint64_t cursor_at(uint64_t phase, uint64_t place)
{
    return phase << PLACE_BITS | place;
}

/* The newest entry that is older than seq. */
static struct entry *entry_before(struct vfs *v, const struct node *dir, uint32_t seq)
{
    struct entry *e = dir->newest;
    if (v->reader && v->reader->dir == dir->ino && v->reader->seq == seq)
        e = v->reader->older;
    while (e && (e->seq >= seq || e->ino == 0))
        e = e->older;
    return e;
}

static bool next_entry(struct vfs *v, vfs_ino dir, uint64_t *cursor, struct vfs_entry *ret)
{
    const struct node *node = node_find(v, dir);
    uint32_t seq = *cursor == 0 ? UINT32_MAX : (uint32_t)*cursor;
    struct entry *e = node ? entry_before(v, node, seq) : NULL;
    if (!e) {
        const struct tree_node *t = tree_at(v->tree, dir);
        *cursor = cursor_at(TREE, t && S_ISDIR(t->mode) ? t->count : 0);
        return false;
    }
    v->reader = e;
    *cursor = cursor_at(ENTRIES, e->seq);
    *ret = (struct vfs_entry){ e->name, e->ino };
    return true;
}

static bool next_of_tree(struct vfs *v, vfs_ino dir, uint64_t *cursor, struct vfs_entry *ret)
{
    const struct tree_node *t = tree_at(v->tree, dir);
    bool hides = node_find(v, dir);
    for (uint32_t left = (uint32_t)*cursor; left > 0;) {
        vfs_ino ino = t->first + --left;
        const char *name = tree_at(v->tree, ino)->name;
        if (hides && entry_find(v, dir, name, strlen(name)))
            continue;
        *cursor = cursor_at(TREE, left);
        *ret = (struct vfs_entry){ name, ino };
        return true;
    }
    *cursor = cursor_at(live_is_root(v, dir) ? LIVE : END, 0);
    return false;
}

static bool next_live(struct vfs *v, vfs_ino dir, uint64_t *cursor, struct vfs_entry *ret)
{
    uint64_t place = *cursor & (cursor_at(1, 0) - 1);
    bool found = live_next(v, dir, &place, ret);
    *cursor = found ? cursor_at(LIVE, place) : cursor_at(END, 0);
    return found;
}

int vfs_next(struct vfs *v, vfs_ino dir, uint64_t *cursor, struct vfs_entry *ret)
{
    if (!is_dir(v, dir))
        return -ENOTDIR;
    if (!dir_is_alive(v, dir))
        return 0;
    if (*cursor == 0 && is_live(dir))
        *cursor = cursor_at(LIVE, 0);
    bool found = false;
    while (!found && *cursor >> PLACE_BITS != END) {
        if (*cursor >> PLACE_BITS <= ENTRIES)
            found = next_entry(v, dir, cursor, ret);
        else if (*cursor >> PLACE_BITS == TREE)
            found = next_of_tree(v, dir, cursor, ret);
        else
            found = next_live(v, dir, cursor, ret);
    }
    if (found)
        ret->ino = mount_over(v, ret->ino);
    return found;
}

/* ---- Paths ---- */

/* The directory that holds a node, and its name there; false: it has none. */
static bool name_of(const struct vfs *v, vfs_ino ino, vfs_ino *ret_dir, const char **ret_name,
                    char buffer[static 16])
{
    if (is_live(ino)) {
        *ret_dir = live_parent(v, ino);
        *ret_name = live_entry_name(ino, buffer);
        return true;
    }
    const struct node *node = node_find(v, ino);
    if (node && (node->links == 0 || (!node->entry && ino > v->tree->n)))
        return false;
    if (node && node->entry) {
        *ret_dir = node->entry->dir;
        *ret_name = node->entry->name;
        return true;
    }
    const struct tree_node *t = tree_at(v->tree, ino);
    if (!t || dir_lookup(v, t->parent, t->name, strlen(t->name)) != ino)
        return false;
    *ret_dir = t->parent;
    *ret_name = t->name;
    return true;
}

const char *node_path(const struct vfs *v, vfs_ino ino, char buffer[static VFS_PATH_MOST])
{
    char *at = buffer + VFS_PATH_MOST - 1;
    *at = '\0';
    while (ino != VFS_ROOT) {
        vfs_ino below = mount_below(v, ino), dir;
        const char *name;
        char text[16];
        if (below) {
            ino = below;
            continue;
        }
        if (!name_of(v, ino, &dir, &name, text))
            return NULL;
        size_t n = strlen(name);
        if ((size_t)(at - buffer) < n + 1)
            return NULL;
        at -= n;
        memcpy(at, name, n);
        *--at = '/';
        ino = dir;
    }
    if (!*at)
        *--at = '/';
    return at;
}

int vfs_path(struct vfs *v, vfs_ino dir, struct text *to)
{
    char buffer[VFS_PATH_MOST];
    const char *path = node_path(v, dir, buffer);
    if (!path)
        return -ENOENT;
    text_say(to, path);
    return 0;
}

static bool entry_leads(const struct vfs *v, vfs_ino ino)
{
    char buffer[VFS_PATH_MOST];
    return node_path(v, ino, buffer) != NULL;
}

/* A node with several names may have lost the one it knew. */
static void find_name(struct vfs *v, struct node *node)
{
    for (uint32_t i = 0; i < v->entry_buckets; i++)
        for (struct entry *e = v->entries[i]; e; e = e->chain)
            if (e->ino == node->ino) {
                node->entry = e;
                return;
            }
}

void vfs_changes(struct vfs *v, void (*fn)(void *context, const char *path, vfs_ino ino),
                 void *context)
{
    char buffer[VFS_PATH_MOST];
    for (uint32_t i = 0; i < v->node_buckets; i++)
        for (struct node *node = v->nodes[i]; node; node = node->chain) {
            if (!node->written || !node->links)
                continue;
            if (!node->entry && !entry_leads(v, node->ino))
                find_name(v, node);
            const char *path = node_path(v, node->ino, buffer);
            if (path)
                fn(context, path, node->ino);
        }
}
