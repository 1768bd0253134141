#pragma once
/*
 * The shared tree, seen from inside the file system. Nodes lie in an array; a node's number is its
 * place in it and one. The children of a directory lie side by side, by name, and after it.
 */
#include "base/err.h"
#include "shell/vfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tree_node {
    const char *name; /* "" of the root */
    const void *data; /* of a file its bytes, of a link its target and a NUL */
    uint32_t size;    /* of data; the NUL not counted */
    uint32_t mode, uid, gid;
    uint32_t parent; /* numbers; the root is its own */
    uint32_t first, count;
    uint32_t links;
    uint16_t major, mount; /* mount: index into the table */
    uint32_t minor;
    int64_t mtime;
};

enum { TREE_MOUNTS_MOST = 64 };

struct vfs_tree {
    struct tree_node *nodes;
    uint32_t n;
    struct vfs_mount *mounts; /* what they point to is the tree's */
    size_t n_mounts;
    vfs_ino live; /* the directory where the processes stand, 0: there is none */
    struct tree_chunk *chunks;
};

static inline const struct tree_node *tree_at(const struct vfs_tree *tree, vfs_ino ino)
{
    return ino - 1 < tree->n ? &tree->nodes[ino - 1] : NULL;
}
/* The child of a directory with this name; 0: there is none. */
vfs_ino tree_child(const struct vfs_tree *tree, const struct tree_node *dir, const char *name,
                   size_t n);
/* Bytes that stay as long as the tree, or NULL. */
void *tree_bytes(struct vfs_tree *tree, size_t n);
char *tree_text(struct vfs_tree *tree, const char *s, size_t n);

/* ---- Building ---- */

/* A node that has no place yet. */
struct tree_draft {
    struct tree_node node; /* parent is the draft's index */
    uint32_t child, next;  /* the first child and the next of its parent's, as index; 0: none */
};

struct tree_builder {
    struct vfs_tree *tree;
    struct tree_draft *drafts; /* the first is the root */
    size_t n, room;
    uint32_t uid, gid; /* of what is made anew */
    int64_t mtime;
};

enum { TREE_NODES_MOST = 1 << 20, TREE_DEPTH_MOST = 128 };

/* A root, 0755. 0 or -errno; release it in any case. */
int must_check tree_begin(struct tree_builder *b);
void tree_release(struct tree_builder *b);
/* Adds a name to a directory; what it shows to lives as long as the tree. The new index or -errno.
 */
int64_t must_check tree_add(struct tree_builder *b, uint32_t dir, const char *name, size_t n,
                            uint32_t mode);
/* By name in a directory; 0: there is none. */
uint32_t tree_draft_child(const struct tree_builder *b, uint32_t dir, const char *name, size_t n);
/* The whole, in its final shape; the builder is empty afterwards. */
int must_check tree_finish(struct tree_builder *b, struct vfs_tree **ret);

/* Reads the lines that stand beside a folder. 0, -errno, or 1 with why ("12: ..."). */
int must_check tree_read_lines(struct tree_builder *b, const char *data, size_t n,
                               char ret_why[static 160]);
