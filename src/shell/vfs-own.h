#pragma once
/*
 * A session's overlay, seen from inside. Three kinds of numbers: those of the tree, above them what
 * the session made, and with LIVE_BIT set what stands under /proc. What the session changed of the
 * tree has a node of its own, which goes before the tree's.
 *
 * Names that were made or taken away are entries, found by directory and name: one with the number
 * 0 hides a name of the tree. All memory is charged to the account by vfs_take(), which leaves a
 * reserve of it to the processes.
 */
#include "shell/vfs-tree.h"

struct entry {
    struct entry *chain;         /* of its bucket */
    struct entry *newer, *older; /* of its directory */
    vfs_ino dir, ino;
    uint32_t seq; /* grows with every entry: the place of a reader of the directory */
    uint8_t n;
    char name[];
};

struct node {
    struct node *chain;
    vfs_ino ino;
    uint32_t mode, uid, gid, links;
    uint32_t holds; /* of a made node; those of the tree are in vfs.held */
    uint8_t mount;  /* its id */
    bool written, live_root;
    bool borrowed; /* data is the tree's */
    uint8_t exact; /* as vfs_stat has it */
    int64_t atime, mtime, ctime;
    struct entry *entry; /* one of its names, where it has one here */
    union {
        struct {
            void *data;
            uint64_t size;
            uint32_t len;     /* bytes of data; from there to size all is zero */
            uint32_t charged; /* pages that the mount counts for it */
        };
        struct {
            struct entry *newest;
            vfs_ino parent;
            uint32_t count; /* names in it */
        };
        struct {
            uint32_t major, minor;
        };
    };
};

/* A session's own table of mounts, once it changed it. */
struct mount {
    struct vfs_mount shown;
    vfs_ino root; /* what is seen at shown.at; the same of the tree's mounts */
    uint8_t id;   /* what nodes have; the tree's are their indexes */
    bool bound;   /* root has its place elsewhere */
    char *text;   /* what shown points to, where it is the session's */
};

struct held {
    vfs_ino ino;
    uint32_t n;
};

enum { HELD_INLINE = 2, MOUNTS_MOST = 64 };
#define LIVE_BIT UINT32_C(0x80000000)

struct vfs {
    const struct vfs_tree *tree;
    struct memory_account *account;
    const struct vfs_live *live; /* NULL: nothing stands under /proc */
    void *live_context;
    int64_t now;
    struct node **nodes;
    struct entry **entries;
    uint32_t node_buckets, n_nodes, entry_buckets, n_entries;
    vfs_ino next_ino;
    uint32_t seq;
    uint32_t work;   /* parts of paths that were walked; vfs_work() */
    uint32_t n_held; /* those in more_held */
    struct entry *reader; /* the entry that was read last, while it stands */
    struct mount *mounts; /* NULL: the tree's */
    int64_t *used;        /* by id, what the session added to it; NULL: nothing */
    uint8_t n_mounts, n_ids, n_used;
    char name[13];                             /* of the process that was listed last */
    uint32_t lists_pid, lists_fd; /* who lists its own descriptors, and by which one; 0: nobody */
    struct held held[HELD_INLINE], *more_held; /* open nodes of the tree */
    struct vfs_mount shown;                    /* what vfs_mount_at() gave */
};

/* ---- vfs.c: memory and nodes ---- */

void *vfs_take(struct vfs *v, size_t n);          /* zeroed; NULL: no room */
void *vfs_more(struct vfs *v, void *p, size_t n); /* as realloc(); NULL: no room, and p stays */
void vfs_give(struct vfs *v, void *p);
struct node *node_find(const struct vfs *v, vfs_ino ino);
/* The session's own node of this number, copied up where there is none. 0, -ENOENT, -ENOSPC, -EPERM
 * (live). */
int must_check node_own(struct vfs *v, vfs_ino ino, struct node **ret);
int must_check node_make(struct vfs *v, uint32_t mode, uint8_t mount, struct vfs_who who,
                         struct node **ret);
/* Its content has changed, now. */
static inline void node_changed(const struct vfs *v, struct node *node)
{
    node->mtime = node->ctime = v->now;
    node->exact &= 1;
}
/* Gives it back where nothing names or holds it any more. */
void node_settle(struct vfs *v, struct node *node);
void node_free(struct vfs *v, struct node *node);
uint32_t node_holds(const struct vfs *v, vfs_ino ino);

/* What most checks need of a node of any kind. */
struct attr {
    uint32_t mode, uid, gid;
    uint8_t mount;  /* id */
    vfs_ino parent; /* of a directory */
};
bool attr_of(const struct vfs *v, vfs_ino ino, struct attr *ret);
/* 0 or -EACCES. */
int must_check attr_allows(const struct attr *a, unsigned rwx, struct vfs_who who);
bool attr_is_owner(const struct attr *a, struct vfs_who who);
static inline bool is_live(vfs_ino ino)
{
    return ino & LIVE_BIT;
}

/* ---- vfs-dir.c: names in directories ---- */

/* 0: there is no such name. dir is a directory of any kind. */
vfs_ino dir_lookup(const struct vfs *v, vfs_ino dir, const char *name, size_t n);

/* A name about to be changed, with all that it takes, so that the change itself cannot fail. */
struct slot {
    struct node *dir;
    struct entry *entry;
    bool fresh;  /* the entry is not yet in the directory */
    vfs_ino was; /* what the name stands for, 0: it is not there */
};
/* 0, -ENOSPC, -ENOENT. A slot that is not used is to be dropped. */
int must_check slot_open(struct vfs *v, vfs_ino dir, const char *name, size_t n, struct slot *ret);
void slot_drop(struct vfs *v, struct slot *s);
void slot_put(struct vfs *v, struct slot *s, struct node *node); /* as the newest */
void slot_hide(struct vfs *v, struct slot *s);

uint32_t dir_count(const struct vfs *v, vfs_ino dir);
bool is_dir(const struct vfs *v, vfs_ino ino);
/* All entries of a directory that is no more. */
void dir_clear(struct vfs *v, struct node *dir);
bool dir_is_alive(const struct vfs *v, vfs_ino dir);
/* The path of any node that has a name, at the end of buffer[VFS_PATH_MOST]; NULL: it has none, or
 * it is too long. */
const char *node_path(const struct vfs *v, vfs_ino ino, char buffer[static VFS_PATH_MOST]);

/* ---- vfs-mount.c ---- */

bool mount_is_read_only(const struct vfs *v, uint8_t id);
/* What is seen where a directory stands. */
vfs_ino mount_over(const struct vfs *v, vfs_ino dir);
bool mount_is_point(const struct vfs *v, vfs_ino ino);
/* The directory that a root of the session's is mounted over, 0: none. */
vfs_ino mount_below(const struct vfs *v, vfs_ino root);
/* Adds bytes (or takes them off) to what a mount holds. 0 or -ENOSPC. */
int must_check mount_charge(struct vfs *v, uint8_t id, int64_t bytes);
uint32_t mount_index(const struct vfs *v, uint8_t id);
const char *mount_type(const struct vfs *v, uint8_t id);
void mount_release(struct vfs *v);
static inline int64_t pages(uint64_t size)
{
    return (int64_t)((size + 4095) & ~UINT64_C(4095));
}

/* ---- vfs-file.c ---- */

/* The target of a link that is not live; NUL-ended. */
const char *file_target(const struct vfs *v, vfs_ino ino, size_t *ret_n);
int must_check file_set_target(struct vfs *v, struct node *node, const char *target, size_t n);
void file_clear(struct vfs *v, struct node *node);

/* ---- vfs-live.c ---- */

bool live_is_root(const struct vfs *v, vfs_ino dir);
vfs_ino live_lookup(const struct vfs *v, vfs_ino dir, const char *name, size_t n);
vfs_ino live_parent(const struct vfs *v, vfs_ino ino);
bool live_attr(const struct vfs *v, vfs_ino ino, struct attr *ret);
/* As they show of /proc: its own besides its names in the tree, too. */
uint32_t live_links(const struct vfs *v, vfs_ino ino);
uint64_t live_size(vfs_ino ino);
/* The name under its directory; buffer of 16. */
const char *live_entry_name(vfs_ino ino, char buffer[static 16]);
/* 1 with an entry from place *i on, 0 at the end. */
int live_next(struct vfs *v, vfs_ino dir, uint64_t *i, struct vfs_entry *ret);
/* The target of a link into to[VFS_PATH_MOST]. 0 or -errno. */
int must_check live_target(struct vfs *v, vfs_ino ino, char to[static VFS_PATH_MOST]);
/* The target of a link that leads to the same for everybody ("self/net"), or NULL. */
const char *live_fixed_target(vfs_ino ino);
int64_t must_check live_write(struct vfs *v, vfs_ino ino, const void *data, size_t n);
