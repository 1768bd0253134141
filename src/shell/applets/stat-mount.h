#pragma once
/* A mount's space as statfs() tells it. */
#include "shell/proc.h"

struct mount_space {
    uint64_t size, used; /* bytes */
    uint64_t nodes, nodes_used;
    uint32_t block; /* bytes */
    uint32_t magic;
    uint64_t id;
    const char *kind; /* as `stat -f` calls the type */
};

struct mount_space mount_space(struct proc *p, const struct vfs_mount *m);
