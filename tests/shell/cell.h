#pragma once
/*
 * The tree that the real BusyBox gets for each script: what the folder of a machine describes
 * (src/shell/machine.h), built anew on a tmpfs, in the order of its names.
 */
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cell_entry {
    char *path; /* from the root, without a slash before it */
    char type;
    uint32_t mode, uid, gid;
    int64_t time;
    char *target; /* of a link */
    void *content;
    size_t n_content;
};

struct cell_mount {
    char *path, *type, *options;
    uint64_t size;
};

struct cell_tree {
    struct cell_entry *entries;
    size_t n_entries;
    struct cell_mount *mounts;
    size_t n_mounts;
};

/* Reads root.tsv, root/ and mounts.tsv of a folder. 0, or -errno (said on standard error). */
int must_check cell_tree_load(struct cell_tree *ret, const char *folder);
/* Builds it (without /proc) at `at`, an empty directory of this mount namespace; device nodes are
 * bound from those of the same name in `devices`. */
int must_check cell_tree_build(const struct cell_tree *tree, const char *at, const char *devices);
/* Appends what stands under `at` (shell/wire.h). */
void cell_tree_list(struct buf *to, const char *at);
/* Takes away what a script added, where that is all it did: `was` and `is` are lists from before
 * and after it. False: the tree must be built anew. */
bool cell_tree_mend(const struct cell_tree *tree, const char *at, const struct buf *was,
                    const struct buf *is);
