#include "shell/vfs-tree.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK = 64 << 10 };

struct tree_chunk {
    struct tree_chunk *older;
    size_t used, room;
    _Alignas(max_align_t) unsigned char bytes[];
};

void *tree_bytes(struct vfs_tree *tree, size_t n)
{
    struct tree_chunk *c = tree->chunks;
    n = (n + 7) & ~(size_t)7;
    if (!c || n > c->room - c->used) {
        size_t room = n > CHUNK ? n : CHUNK;
        c = malloc(sizeof *c + room);
        if (!c)
            return NULL;
        *c = (struct tree_chunk){ .older = tree->chunks, .room = room };
        tree->chunks = c;
    }
    void *at = c->bytes + c->used;
    c->used += n;
    return at;
}

char *tree_text(struct vfs_tree *tree, const char *s, size_t n)
{
    char *copy = tree_bytes(tree, n + 1);
    if (!copy)
        return NULL;
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

void vfs_tree_free(struct vfs_tree *tree)
{
    if (!tree)
        return;
    for (struct tree_chunk *c = tree->chunks, *older; c; c = older) {
        older = c->older;
        free(c);
    }
    free(tree->nodes);
    free(tree->mounts);
    free(tree);
}

static int compare_name(const char *name, size_t n, const char *other)
{
    int c = strncmp(name, other, n);
    return c ? c : (other[n] ? -1 : 0);
}

vfs_ino tree_child(const struct vfs_tree *tree, const struct tree_node *dir, const char *name,
                   size_t n)
{
    uint32_t low = 0, high = dir->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int c = compare_name(name, n, tree->nodes[dir->first - 1 + middle].name);
        if (c == 0)
            return dir->first + middle;
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}

/* ---- Building ---- */

int tree_begin(struct tree_builder *b)
{
    *b = (struct tree_builder){ .tree = calloc(1, sizeof *b->tree) };
    if (!b->tree)
        return -ENOMEM;
    TRY(ARRAY_ROOM(b->drafts, b->room, 1));
    b->drafts[b->n++] = (struct tree_draft){ .node = { .name = "", .mode = S_IFDIR | 0755 } };
    return 0;
}

void tree_release(struct tree_builder *b)
{
    vfs_tree_free(b->tree);
    free(b->drafts);
    *b = (struct tree_builder){ 0 };
}

uint32_t tree_draft_child(const struct tree_builder *b, uint32_t dir, const char *name, size_t n)
{
    uint32_t i = b->drafts[dir].child;
    while (i && compare_name(name, n, b->drafts[i].node.name) != 0)
        i = b->drafts[i].next;
    return i;
}

int64_t tree_add(struct tree_builder *b, uint32_t dir, const char *name, size_t n, uint32_t mode)
{
    if (n == 0 || n > VFS_NAME_MOST)
        return -ENAMETOOLONG;
    if (b->n >= TREE_NODES_MOST)
        return -ENOSPC;
    TRY(ARRAY_ROOM(b->drafts, b->room, b->n + 1));
    char *copy = tree_text(b->tree, name, n);
    if (!copy)
        return -ENOMEM;
    struct tree_draft *parent = &b->drafts[dir];
    b->drafts[b->n] = (struct tree_draft){
        .node = { .name = copy,
                  .mode = mode,
                  .uid = b->uid,
                  .gid = b->gid,
                  .mtime = b->mtime,
                  .parent = dir },
        .next = parent->child,
    };
    parent->child = (uint32_t)b->n;
    return (int64_t)b->n++;
}

static int by_name(const void *a, const void *b)
{
    const struct tree_node *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* Places the children of the i-th node at the end; until they are placed themselves, `first` is the
 * index of their draft. */
static void place_children(struct vfs_tree *tree, const struct tree_builder *b, uint32_t i)
{
    struct tree_node *dir = &tree->nodes[i];
    uint32_t draft = dir->first;
    dir->first = tree->n + 1;
    dir->links = S_ISDIR(dir->mode) ? 2 : 1;
    for (uint32_t c = b->drafts[draft].child; c; c = b->drafts[c].next) {
        struct tree_node *child = &tree->nodes[tree->n++];
        *child = b->drafts[c].node;
        child->parent = i + 1;
        child->first = c;
        dir->count++;
        dir->links += S_ISDIR(child->mode);
    }
    if (dir->count)
        qsort(&tree->nodes[dir->first - 1], dir->count, sizeof *tree->nodes, by_name);
}

int tree_finish(struct tree_builder *b, struct vfs_tree **ret)
{
    struct vfs_tree *tree = b->tree;
    tree->nodes = calloc(b->n, sizeof *tree->nodes);
    if (!tree->nodes)
        return -ENOMEM;
    tree->nodes[0] = b->drafts[0].node;
    tree->nodes[0].parent = VFS_ROOT;
    tree->n = 1;
    for (uint32_t i = 0; i < tree->n; i++)
        place_children(tree, b, i);
    b->tree = NULL;
    *ret = tree;
    tree_release(b);
    return 0;
}
