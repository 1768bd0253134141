#pragma once
/*
 * The virtual file system: a read-only tree that all sessions of a device share, under a copy-on-write
 * overlay a session. No real file is touched after the tree was loaded.
 *
 * A node is a number (ino): a node of the tree, or one that the session made. What a session changes of
 * the tree is copied up, alone. Nothing here knows of processes: paths begin at a node that the caller
 * names, rights are checked for the uid and gid in `struct vfs_who`. Functions return 0 (or a count) or
 * -errno, as the system calls they stand for. Writes and names are charged to the session's account and
 * to the size of their mount: past either they fail with -ENOSPC.
 *
 * A directory is read with the newest entry first, as tmpfs does; the tree counts as made in the order
 * of its names.
 */
#include "base/err.h"
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct vfs_tree; /* shared, never changed after loading */
struct vfs;      /* of a session */

typedef uint32_t vfs_ino;
enum { VFS_ROOT = 1, VFS_NAME_MOST = 255, VFS_PATH_MOST = 4096, VFS_LINKS_MOST = 40 };

struct vfs_who {
    uint32_t uid, gid;
};

struct vfs_stat {
    vfs_ino ino;
    uint32_t mode; /* type and permissions, as st_mode */
    uint32_t links, uid, gid;
    uint32_t major, minor;  /* of a device node */
    uint32_t mount;         /* index into the mount table */
    uint64_t size;          /* bytes; of a directory what the mount's type says (tmpfs: entries * 20; else 4096) */
    uint64_t blocks;        /* of 512 bytes */
    int64_t atime, mtime, ctime; /* seconds since 1970 */
    uint8_t exact; /* 1 atime, 2 mtime: set by vfs_utime(), so to a whole second */
};

struct vfs_mount {
    const char *device, *path, *type, *options; /* as /proc/mounts shows them; options whole, "rw,relatime" */
    vfs_ino at;
    bool read_only, no_exec, no_dev;
    uint64_t size, used; /* bytes; size 0: no limit of its own */
    uint64_t told;       /* of the tree: what it holds by the data, 0: what its files are */
};

/* What stands under /proc is asked of the session, which is the context; one table for all sessions. */
struct vfs_live {
    /* The i-th process id that /proc lists, or 0 when there are no more. */
    uint32_t (*pid_at)(void *context, size_t i);
    bool (*pid_known)(void *context, uint32_t pid);
    uint32_t (*self)(void *context); /* the process that is asking */
    /* Writes the content of /proc/NAME (pid 0) or /proc/PID/NAME. 0, or -ENOENT: there is no such file. */
    int (*content)(void *context, uint32_t pid, const char *name, struct text *to);
    /* The target of /proc/PID/{exe,cwd,root} and /proc/PID/fd/N. 0 or -errno. */
    int (*link)(void *context, uint32_t pid, const char *name, struct text *to);
    /* Whether there is such a file at all; NULL: all of the names that a Linux of today has anyway. */
    bool (*has)(void *context, uint32_t pid, const char *name);
    /* What is written to a file that may be written (/proc/sys/..., oom_adj). 0 or -errno; NULL: it is taken and forgotten. */
    int (*write)(void *context, uint32_t pid, const char *name, const void *data, size_t n);
};

/*
 * Loads a tree from a folder: its files, links, directories, modes, owners and times. A file of the
 * same name with ".tsv" behind it (FOLDER.tsv), where there is one, tells what a folder of a repository
 * cannot hold: lines of path, type (d f l c b p s), mode (octal), uid, gid, mtime (seconds), and
 * major:minor of a device or the target of a link or "-"; it overrides and adds. 0; -errno; or 1 with *ret_why (static or
 * in ret_why's buffer) where a line makes no sense.
 */
int must_check vfs_tree_load(struct vfs_tree **ret, const char *folder, char ret_why[static 200]);
void vfs_tree_free(struct vfs_tree *tree);
/* Adds a mount to the tree's table while the device is being built; path must be a directory of the
 * tree. type "proc" there makes /proc live. */
int must_check vfs_tree_mount(struct vfs_tree *tree, const char *device, const char *path, const char *type,
                              const char *options, uint64_t size);
/* What the mount added last holds already, where that is more than its files in the tree. */
void vfs_tree_used(struct vfs_tree *tree, uint64_t bytes);

/* An empty overlay costs under 300 bytes. account, tree, live and its context outlive it; live
 * may be NULL: nothing stands under /proc. now: see vfs_clock. */
int must_check vfs_make(struct vfs **ret, const struct vfs_tree *tree, struct memory_account *account,
                        const struct vfs_live *live, void *context);
void vfs_free(struct vfs *v); /* NULL is fine */
/* The time that changes get from now on. */
void vfs_clock(struct vfs *v, int64_t now);

/* The node that a path leads to, from `at` where it is relative. Follows links, also the last where
 * follow says so. A link in /proc/PID/fd that leads to no file (a pipe, a terminal) is its own end: the opener
 * sees a live link, and asks vfs_readlink(). */
int must_check vfs_find(struct vfs *v, vfs_ino at, const char *path, bool follow, struct vfs_who who, vfs_ino *ret);
/* How many parts of paths were looked up since this was asked last: links can make a short path a long way. */
uint32_t vfs_work(struct vfs *v);
/* The directory that holds the last part of a path, and that part (into name; "." and ".." and "/" are
 * given as such). For what makes and removes names. A slash behind it stays in name: the functions below know what it
 * asks for. */
int must_check vfs_parent(struct vfs *v, vfs_ino at, const char *path, struct vfs_who who, vfs_ino *ret_dir,
                          char name[static VFS_NAME_MOST + 1]);
/* What open() with O_CREAT does: the node that a path leads to, through all links, or a new regular file
 * (or what mode's type says) there. Of what was there no rights are checked. */
int must_check vfs_find_or_make(struct vfs *v, vfs_ino at, const char *path, uint32_t mode, struct vfs_who who, vfs_ino *ret,
                                bool *ret_made);
/* The absolute path of a directory, as getcwd() has it. -ENOENT where it was removed. */
int must_check vfs_path(struct vfs *v, vfs_ino dir, struct text *to);

int must_check vfs_stat(struct vfs *v, vfs_ino ino, struct vfs_stat *ret);
int must_check vfs_access(struct vfs *v, vfs_ino ino, unsigned rwx, struct vfs_who who); /* R_OK... of unistd.h */

/* Open nodes live on after their last name is gone. */
void vfs_hold(struct vfs *v, vfs_ino ino);
void vfs_drop(struct vfs *v, vfs_ino ino);

/* Regular files. Bytes done, or -errno. Live files of /proc: the opener reads them whole with
 * vfs_live_content(). Devices are the caller's business. */
int64_t must_check vfs_read(struct vfs *v, vfs_ino ino, uint64_t at, void *to, size_t n);
int64_t must_check vfs_write(struct vfs *v, vfs_ino ino, uint64_t at, const void *data, size_t n);
int must_check vfs_truncate(struct vfs *v, vfs_ino ino, uint64_t size);
/* All bytes of a regular file of the tree or overlay, borrowed until the next change; NULL where it has
 * none or they do not lie in one piece. */
const void *vfs_bytes(struct vfs *v, vfs_ino ino, size_t *ret_n);
bool vfs_is_live(const struct vfs *v, vfs_ino ino);
int must_check vfs_live_content(struct vfs *v, vfs_ino ino, struct text *to);

int must_check vfs_readlink(struct vfs *v, vfs_ino ino, struct text *to);
/* Makes an entry: a regular file, directory, fifo, socket or device by the type in mode. -EEXIST. */
int must_check vfs_make_node(struct vfs *v, vfs_ino dir, const char *name, uint32_t mode, uint32_t major, uint32_t minor,
                             struct vfs_who who, vfs_ino *ret);
int must_check vfs_make_link(struct vfs *v, vfs_ino dir, const char *name, const char *target, struct vfs_who who);
int must_check vfs_link(struct vfs *v, vfs_ino dir, const char *name, vfs_ino to, struct vfs_who who);
int must_check vfs_unlink(struct vfs *v, vfs_ino dir, const char *name, struct vfs_who who);
int must_check vfs_rmdir(struct vfs *v, vfs_ino dir, const char *name, struct vfs_who who);
int must_check vfs_rename(struct vfs *v, vfs_ino dir, const char *name, vfs_ino to_dir, const char *to_name,
                          struct vfs_who who);
int must_check vfs_chmod(struct vfs *v, vfs_ino ino, uint32_t mode, struct vfs_who who);
/* (uint32_t)-1: as it is. */
int must_check vfs_chown(struct vfs *v, vfs_ino ino, uint32_t uid, uint32_t gid, struct vfs_who who);
/* Seconds, or: the vfs's time; as it is. Both VFS_NOW: who may write may do it, too. */
#define VFS_NOW INT64_MIN
#define VFS_KEEP (INT64_MIN + 1)
int must_check vfs_utime(struct vfs *v, vfs_ino ino, int64_t atime, int64_t mtime, struct vfs_who who);

/* Reads a directory: *cursor begins at 0. 1 with an entry, 0 at the end, or -errno. "." and ".." are
 * not among them. name is borrowed until the next change. */
struct vfs_entry {
    const char *name;
    vfs_ino ino;
};
int must_check vfs_next(struct vfs *v, vfs_ino dir, uint64_t *cursor, struct vfs_entry *ret);

/* The mount table; mounting and unmounting and remounting are a session's own. */
size_t vfs_mounts(struct vfs *v);
/* NULL past the end; borrowed until the next call. */
const struct vfs_mount *vfs_mount_at(struct vfs *v, size_t i);
/* Mounts over the node that the path was found to lead to; "bind" in options: what `device` (a path) is seen there, else an empty
 * tmpfs or ramfs, proc, or what the table has mounted of the same device. -ENODEV: no such type; -EINVAL: nothing of
 * the kind on the device. */
int must_check vfs_mount(struct vfs *v, const char *device, vfs_ino at, const char *path, const char *type,
                         const char *options);
/* options whole, as they will be shown; of a squashfs and its like they become "ro". */
int must_check vfs_remount(struct vfs *v, size_t i, const char *options);
/* -EBUSY: something of it is open, or others are mounted below it; not asked where `lazily`. */
int must_check vfs_umount(struct vfs *v, size_t i, bool lazily);

/* What the session changed, for recording: calls fn with each path that it wrote, in no order. */
void vfs_changes(struct vfs *v, void (*fn)(void *context, const char *path, vfs_ino ino), void *context);
