/*
 * The mount table. The tree's mounts lie over directories of the tree itself. What a session mounts
 * has a root of its own, or shows what is seen elsewhere, and covers what stood there; only then is
 * the table copied.
 */
#include "shell/vfs-own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDS_MOST = 250 };

/* ---- The tree's table ---- */

static bool has_option(const char *options, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = options; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL)
        if (strncmp(s, name, n) == 0 && (s[n] == '\0' || s[n] == ','))
            return true;
    return false;
}

/* Those that no remounting makes writable. */
static bool is_packed(const char *type)
{
    static const char *const packed[] = { "squashfs", "cramfs", "romfs", "iso9660", "erofs" };
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
        if (strcmp(type, packed[i]) == 0)
            return true;
    return false;
}

static void read_options(struct vfs_mount *m)
{
    m->read_only = has_option(m->options, "ro") || is_packed(m->type);
    m->no_exec = has_option(m->options, "noexec");
    m->no_dev = has_option(m->options, "nodev");
}

/* Every node is of the mount that was made last over it or what it stands in. */
static void deal_nodes(struct vfs_tree *tree)
{
    for (uint32_t i = 0; i < tree->n; i++) {
        struct tree_node *node = &tree->nodes[i];
        node->mount = tree->nodes[node->parent - 1].mount;
        for (size_t m = 0; m < tree->n_mounts; m++)
            if (tree->mounts[m].at == i + 1)
                node->mount = (uint16_t)m;
    }
}

static void count_used(struct vfs_tree *tree)
{
    for (size_t m = 0; m < tree->n_mounts; m++)
        tree->mounts[m].used = 0;
    for (uint32_t i = 0; tree->n_mounts && i < tree->n; i++)
        if (S_ISREG(tree->nodes[i].mode))
            tree->mounts[tree->nodes[i].mount].used += (uint64_t)pages(tree->nodes[i].size);
}

static vfs_ino find_in_tree(const struct vfs_tree *tree, const char *path)
{
    vfs_ino at = VFS_ROOT;
    for (path += strspn(path, "/"); *path && at; path += strspn(path, "/")) {
        size_t n = strcspn(path, "/");
        at = tree_child(tree, tree_at(tree, at), path, n);
        path += n;
    }
    return at && S_ISDIR(tree_at(tree, at)->mode) ? at : 0;
}

static const char *keep(struct vfs_tree *tree, const char *s)
{
    return tree_text(tree, s, strlen(s));
}

int vfs_tree_mount(struct vfs_tree *tree, const char *device, const char *path, const char *type,
                   const char *options, uint64_t size)
{
    vfs_ino at = find_in_tree(tree, path);
    if (!at)
        return -ENOENT;
    if (tree->n_mounts == TREE_MOUNTS_MOST / 2)
        return -ENOSPC;
    struct vfs_mount *grown = realloc(tree->mounts, (tree->n_mounts + 1) * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    tree->mounts = grown;
    struct vfs_mount *m = &grown[tree->n_mounts];
    *m = (struct vfs_mount){ .device = keep(tree, device),
                             .path = keep(tree, path),
                             .type = keep(tree, type),
                             .options = keep(tree, options),
                             .at = at,
                             .size = size };
    if (!m->device || !m->path || !m->type || !m->options)
        return -ENOMEM;
    read_options(m);
    tree->n_mounts++;
    if (strcmp(type, "proc") == 0)
        tree->live = at;
    deal_nodes(tree);
    count_used(tree);
    return 0;
}

void vfs_tree_used(struct vfs_tree *tree, uint64_t bytes)
{
    struct vfs_mount *m = tree->n_mounts ? &tree->mounts[tree->n_mounts - 1] : NULL;
    if (m && bytes > m->used)
        m->told = bytes;
}

/* ---- A session's ---- */

static const struct vfs_mount *at_index(const struct vfs *v, size_t i)
{
    return v->mounts ? &v->mounts[i].shown : &v->tree->mounts[i];
}

static uint8_t id_at(const struct vfs *v, size_t i)
{
    return v->mounts ? v->mounts[i].id : (uint8_t)i;
}

uint32_t mount_index(const struct vfs *v, uint8_t id)
{
    if (!v->mounts)
        return id;
    for (uint32_t i = 0; i < v->n_mounts; i++)
        if (v->mounts[i].id == id)
            return i;
    return 0;
}

static const struct vfs_mount *by_id(const struct vfs *v, uint8_t id)
{
    uint32_t i = mount_index(v, id);
    return i < v->n_mounts ? at_index(v, i) : NULL;
}

bool mount_is_read_only(const struct vfs *v, uint8_t id)
{
    const struct vfs_mount *m = by_id(v, id);
    return m && m->read_only;
}

const char *mount_type(const struct vfs *v, uint8_t id)
{
    const struct vfs_mount *m = by_id(v, id);
    return m ? m->type : "";
}

vfs_ino mount_over(const struct vfs *v, vfs_ino dir)
{
    for (uint32_t i = 0; v->mounts && i < v->n_mounts; i++)
        if (v->mounts[i].shown.at == dir && v->mounts[i].root != dir)
            dir = v->mounts[i].root;
    return dir;
}

bool mount_is_point(const struct vfs *v, vfs_ino ino)
{
    for (uint32_t i = 0; i < v->n_mounts; i++)
        if (at_index(v, i)->at == ino)
            return true;
    return false;
}

vfs_ino mount_below(const struct vfs *v, vfs_ino root)
{
    for (uint32_t i = 0; v->mounts && i < v->n_mounts; i++)
        if (v->mounts[i].root == root && !v->mounts[i].bound && v->mounts[i].shown.at != root)
            return v->mounts[i].shown.at;
    return 0;
}

static int64_t added(const struct vfs *v, uint8_t id)
{
    return v->used && id < v->n_used ? v->used[id] : 0;
}

int mount_charge(struct vfs *v, uint8_t id, int64_t bytes)
{
    if (bytes == 0)
        return 0;
    const struct vfs_mount *m = by_id(v, id);
    if (bytes > 0 && m && m->size) {
        int64_t holds = (int64_t)(m->told ? m->told : m->used) + added(v, id);
        if (holds + bytes > (int64_t)m->size)
            return -ENOSPC;
    }
    if (id >= v->n_used) {
        int64_t *grown = vfs_more(v, v->used, v->n_ids * sizeof *grown);
        if (!grown)
            return bytes > 0 ? -ENOSPC : 0;
        memset(grown + v->n_used, 0, (size_t)(v->n_ids - v->n_used) * sizeof *grown);
        v->used = grown;
        v->n_used = v->n_ids;
    }
    if (id < v->n_used)
        v->used[id] += bytes;
    return 0;
}

size_t vfs_mounts(struct vfs *v)
{
    return v->n_mounts;
}

const struct vfs_mount *vfs_mount_at(struct vfs *v, size_t i)
{
    struct attr a;
    if (i >= v->n_mounts)
        return NULL;
    v->shown = *at_index(v, i);
    uint8_t id = id_at(v, i);
    if (v->mounts && v->mounts[i].bound && attr_of(v, v->mounts[i].root, &a))
        id = a.mount;
    const struct vfs_mount *m = by_id(v, id);
    int64_t used = (int64_t)(m->told ? m->told : m->used) + added(v, id);
    v->shown.used = used > 0 ? (uint64_t)used : 0;
    v->shown.size = m->size;
    return &v->shown;
}

/* ---- Changing it ---- */

static int own_table(struct vfs *v)
{
    if (v->mounts)
        return 0;
    struct mount *table = vfs_take(v, (v->n_mounts + 1u) * sizeof *table);
    if (!table)
        return -ENOSPC;
    for (uint8_t i = 0; i < v->n_mounts; i++)
        table[i] =
            (struct mount){ .shown = v->tree->mounts[i], .root = v->tree->mounts[i].at, .id = i };
    v->mounts = table;
    return 0;
}

void mount_release(struct vfs *v)
{
    for (uint8_t i = 0; v->mounts && i < v->n_mounts; i++)
        vfs_give(v, v->mounts[i].text);
    vfs_give(v, v->mounts);
    vfs_give(v, v->used);
}

/* The table's own copy of what a mount shows. */
static int set_text(struct vfs *v, struct mount *m, const char *device, const char *path,
                    const char *type, const char *options)
{
    const char *parts[] = { device, path, type, options };
    const char **to[] = { &m->shown.device, &m->shown.path, &m->shown.type, &m->shown.options };
    size_t n = 0;
    for (size_t i = 0; i < 4; i++)
        n += strlen(parts[i]) + 1;
    char *text = vfs_take(v, n);
    if (!text)
        return -ENOSPC;
    char *old = m->text, *s = text;
    for (size_t i = 0; i < 4; i++) {
        size_t k = strlen(parts[i]) + 1;
        memcpy(s, parts[i], k);
        *to[i] = s;
        s += k;
    }
    m->text = text;
    vfs_give(v, old);
    return 0;
}

/* "size=64k" of a tmpfs; else what the device's own have. */
static uint64_t tmpfs_size(const struct vfs *v, const char *options)
{
    const char *s = strstr(options, "size=");
    if (!s) {
        for (size_t i = 0; i < v->tree->n_mounts; i++)
            if (strcmp(v->tree->mounts[i].type, "tmpfs") == 0 && v->tree->mounts[i].size)
                return v->tree->mounts[i].size;
        return 0;
    }
    char *end;
    uint64_t n = strtoull(s + 5, &end, 10);
    unsigned shift = *end == 'k' || *end == 'K'   ? 10
                     : *end == 'm' || *end == 'M' ? 20
                     : *end == 'g' || *end == 'G' ? 30
                                                  : 0;
    return *end == '%' || n > UINT64_MAX >> (shift + 8) ? 0 : n << shift;
}

static uint32_t mode_option(const char *options, uint32_t mode)
{
    const char *s = strstr(options, "mode=");
    return s ? (uint32_t)strtoul(s + 5, NULL, 8) & 07777 : mode;
}

/* Another mount that shows what is asked for. */
static struct mount *same(const struct vfs *v, const char *device, const char *type)
{
    for (uint8_t i = 0; i < v->n_mounts; i++) {
        struct mount *m = &v->mounts[i];
        if (device ? strcmp(m->shown.device, device) == 0 &&
                         (!type || strcmp(m->shown.type, type) == 0)
                   : strcmp(m->shown.type, type) == 0)
            return m;
    }
    return NULL;
}

static int new_root(struct vfs *v, struct mount *m, const char *type, const char *options)
{
    struct node *root;
    struct attr below;
    bool live = strcmp(type, "proc") == 0;
    if (!attr_of(v, m->shown.at, &below))
        return -ENOENT;
    if (!S_ISDIR(below.mode))
        return -ENOTDIR;
    TRY(node_make(v, S_IFDIR | (live ? 0555 : mode_option(options, 01777)), m->id,
                  (struct vfs_who){ 0, 0 }, &root));
    root->live_root = live;
    root->parent = below.parent;
    root->holds = 1; /* the mount's */
    m->root = root->ino;
    m->shown.size = strcmp(type, "tmpfs") == 0 ? tmpfs_size(v, options) : 0;
    return 0;
}

static int bind(struct vfs *v, struct mount *m, const char *device, const struct mount **ret)
{
    struct attr a, below;
    vfs_ino from;
    TRY(vfs_find(v, VFS_ROOT, device, true, (struct vfs_who){ 0, 0 }, &from));
    if (!attr_of(v, from, &a) || !attr_of(v, m->shown.at, &below))
        return -ENOENT;
    if (S_ISDIR(a.mode) != S_ISDIR(below.mode))
        return -ENOTDIR;
    m->root = from;
    m->bound = true;
    *ret = &v->mounts[mount_index(v, a.mount)];
    return 0;
}

static bool needs_device(const char *type)
{
    static const char *const known[] = { "ext2",     "ext3",    "ext4",   "vfat",   "msdos",
                                         "squashfs", "jffs2",   "cramfs", "yaffs2", "ubifs",
                                         "romfs",    "iso9660", "auto" };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(type, known[i]) == 0)
            return true;
    return false;
}

/* What is to be seen: a new root, or what *ret_like shows. */
static int find_root(struct vfs *v, struct mount *m, const char *device, const char *type,
                     const char *options, const struct mount **ret_like)
{
    if (has_option(options, "bind") || has_option(options, "rbind"))
        return bind(v, m, device, ret_like);
    if (strcmp(type, "tmpfs") == 0 || strcmp(type, "ramfs") == 0 || strcmp(type, "proc") == 0)
        return new_root(v, m, type, options);
    const struct mount *like = needs_device(type)
                                   ? same(v, device, strcmp(type, "auto") == 0 ? NULL : type)
                                   : same(v, NULL, type);
    if (!like)
        return needs_device(type) ? -EINVAL : -ENODEV;
    m->root = like->root;
    m->bound = true;
    *ret_like = like;
    return 0;
}

int vfs_mount(struct vfs *v, const char *device, vfs_ino at, const char *path, const char *type,
              const char *options)
{
    if (v->n_mounts == MOUNTS_MOST || v->n_ids == IDS_MOST)
        return -ENOSPC;
    TRY(own_table(v));
    struct mount *table = vfs_more(v, v->mounts, (v->n_mounts + 1u) * sizeof *table);
    if (!table)
        return -ENOSPC;
    v->mounts = table;
    struct mount m = { .shown = { .at = at }, .id = v->n_ids };
    const struct mount *like = NULL;
    TRY(find_root(v, &m, device, type, options, &like));
    int e = like && m.bound
                ? set_text(v, &m, like->shown.device, path, like->shown.type, like->shown.options)
                : set_text(v, &m, device, path, type, options);
    struct node *root = m.bound ? NULL : node_find(v, m.root);
    if (e < 0 && root) {
        root->links = root->holds = 0;
        node_settle(v, root);
    }
    TRY(e);
    read_options(&m.shown);
    v->n_ids++;
    v->mounts[v->n_mounts++] = m;
    return 0;
}

int vfs_remount(struct vfs *v, size_t i, const char *options)
{
    char text[1024];
    TRY(own_table(v));
    if (i >= v->n_mounts)
        return -EINVAL;
    struct mount *m = &v->mounts[i];
    bool packed = is_packed(m->shown.type) && has_option(options, "rw");
    if (packed && snprintf(text, sizeof text, "ro%s",
                           strchr(options, ',') ? strchr(options, ',') : "") < (int)sizeof text)
        options = text;
    TRY(set_text(v, m, m->shown.device, m->shown.path, m->shown.type, options));
    read_options(&m->shown);
    if (strcmp(m->shown.type, "tmpfs") == 0 && strstr(options, "size="))
        m->shown.size = tmpfs_size(v, options);
    return 0;
}

/* ---- Taking off ---- */

static bool is_of(const struct vfs *v, vfs_ino ino, uint8_t id)
{
    struct attr a;
    return ino && attr_of(v, ino, &a) && a.mount == id;
}

static bool is_open(const struct vfs *v, const struct mount *m)
{
    for (size_t i = 0; i < HELD_INLINE; i++)
        if (is_of(v, v->held[i].ino, m->id))
            return true;
    for (uint32_t i = 0; i < v->n_held; i++)
        if (is_of(v, v->more_held[i].ino, m->id))
            return true;
    for (uint32_t i = 0; i < v->node_buckets; i++)
        for (const struct node *node = v->nodes[i]; node; node = node->chain)
            if (node->mount == m->id && node->holds > (node->ino == m->root))
                return true;
    return false;
}

static bool is_busy(const struct vfs *v, const struct mount *m)
{
    if (m->root == VFS_ROOT)
        return true;
    if (m->bound)
        return false;
    for (uint8_t i = 0; i < v->n_mounts; i++)
        if (&v->mounts[i] != m && is_of(v, v->mounts[i].shown.at, m->id))
            return true;
    return is_open(v, m);
}

/* Of the tree nobody knows what lay below: an empty directory. */
static int uncover(struct vfs *v, vfs_ino at)
{
    char buffer[VFS_PATH_MOST];
    const char *path = node_path(v, at, buffer);
    struct attr a, parent;
    struct slot s;
    struct node *node;
    if (!path || !attr_of(v, at, &a) || !attr_of(v, a.parent, &parent))
        return -EINVAL;
    const char *name = strrchr(path, '/') + 1;
    TRY(slot_open(v, a.parent, name, strlen(name), &s));
    int e = node_make(v, S_IFDIR | 0755, parent.mount, (struct vfs_who){ 0, 0 }, &node);
    if (e < 0)
        slot_drop(v, &s);
    else
        slot_put(v, &s, node);
    return e;
}

static void free_nodes_of(struct vfs *v, uint8_t id)
{
    for (uint32_t i = 0; i < v->node_buckets; i++)
        for (struct node *node = v->nodes[i], *next; node; node = next) {
            next = node->chain;
            if (node->mount != id)
                continue;
            if (S_ISDIR(node->mode))
                dir_clear(v, node);
            node_free(v, node);
        }
}

int vfs_umount(struct vfs *v, size_t i, bool lazily)
{
    TRY(own_table(v));
    if (i >= v->n_mounts)
        return -EINVAL;
    struct mount *m = &v->mounts[i];
    if (m->root == VFS_ROOT || (!lazily && is_busy(v, m)))
        return -EBUSY;
    if (m->root == m->shown.at && !m->bound)
        TRY(uncover(v, m->shown.at));
    else if (!m->bound && !is_open(v, m))
        free_nodes_of(v, m->id);
    vfs_give(v, m->text);
    v->n_mounts--;
    memmove(m, m + 1, (v->n_mounts - i) * sizeof *m);
    return 0;
}
