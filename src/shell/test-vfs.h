#pragma once
/*
 * A vfs over a tree of a few lines, for tests: calls by path, and tables of them with what they must give.
 */
#include "shell/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct vfs_who root = { 0, 0 }, nobody = { 1000, 1000 };

/* ---- A tree of lines ---- */

static const char lines[] = "# a device\n"
                            "*\t-\t-\t0\t0\t1000000000\t-\n"
                            "/\td\t755\t-\t-\t-\t-\n"
                            "/bin\td\t755\t-\t-\t-\t-\n"
                            "/bin/busybox\tf\t755\t-\t-\t-\t-\n"
                            "/bin/ls\tl\t-\t-\t-\t-\tbusybox\n"
                            "/dev\td\t-\t-\t-\t-\t-\n"
                            "/dev/null\tc\t666\t-\t-\t-\t1:3\n"
                            "/etc\td\t-\t-\t-\t-\t-\n"
                            "/etc/passwd\tf\t644\t-\t-\t1234567890\t-\n"
                            "/mnt\td\t-\t-\t-\t-\t-\n"
                            "/proc\td\t555\t-\t-\t-\t-\n"
                            "/rom\td\t-\t-\t-\t-\t-\n"
                            "/rom/file\tf\t-\t-\t-\t-\t-\n"
                            "/tmp\td\t1777\t-\t-\t-\t-\n"
                            "/var\td\t-\t1000\t100\t-\t-\n"
                            "\n";

static inline int load(const char *tsv, struct vfs_tree **ret, char why[static 200])
{
    char folder[] = "/tmp/vfs-test-XXXXXX", path[64], file[96];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s.tsv", folder);
    snprintf(file, sizeof file, "%s/from-folder", folder);
    for (int i = 0; i < 2; i++) {
        int fd = open(i ? file : path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        const char *text = i ? "hello" : tsv;
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        close(fd);
    }
    int e = vfs_tree_load(ret, folder, why);
    unlink(path);
    unlink(file);
    rmdir(folder);
    return e;
}

struct world {
    struct vfs_tree *tree;
    struct memory_account account;
    struct memory memory;
    struct vfs *v;
};

static struct world *the_world;

static inline void exhausted(struct memory *m) __attribute__((noreturn));
static inline void exhausted(struct memory *m)
{
    (void)m;
    abort();
}

static inline void begin_with(struct world *w, size_t memory, const struct vfs_live *live)
{
    char why[200];
    static const struct {
        const char *device, *path, *type, *options;
        uint64_t size;
    } mounts[] = {
        { "/dev/root", "/", "ext4", "rw,relatime", 0 },
        { "proc", "/proc", "proc", "rw,relatime", 0 },
        { "tmpfs", "/tmp", "tmpfs", "rw,nosuid,noexec", 65536 },
        { "/dev/mtdblock2", "/rom", "squashfs", "ro", 0 },
    };
    *w = (struct world){ .account = { .most = memory } };
    w->memory = (struct memory){ .account = &w->account, .exhausted = exhausted };
    int e = load(lines, &w->tree, why);
    assert_int_equal(e, 0);
    for (size_t i = 0; i < COUNT(mounts); i++) {
        e = vfs_tree_mount(w->tree, mounts[i].device, mounts[i].path, mounts[i].type,
                           mounts[i].options, mounts[i].size);
        assert_int_equal(e, 0);
    }
    e = vfs_make(&w->v, w->tree, &w->account, live, NULL);
    assert_int_equal(e, 0);
    vfs_clock(w->v, 2000000000);
    the_world = w;
}

static inline void begin(struct world *w)
{
    begin_with(w, 1 << 20, NULL);
}

static inline void end(struct world *w)
{
    vfs_free(w->v);
    memory_clear(&w->memory);
    assert_int_equal(w->account.used, 0);
    vfs_tree_free(w->tree);
}

/* ---- Calls by path ---- */

static struct vfs_who who;

static inline int find(const char *path, vfs_ino *ret)
{
    return vfs_find(the_world->v, VFS_ROOT, path, true, who, ret);
}

static inline vfs_ino at(const char *path)
{
    vfs_ino ino = 0;
    int e = vfs_find(the_world->v, VFS_ROOT, path, false, (struct vfs_who){ 0, 0 }, &ino);
    assert_int_equal(e, 0);
    return ino;
}

#define NAMED(path, call)                                                                          \
    ({                                                                                             \
        vfs_ino dir;                                                                               \
        char name[VFS_NAME_MOST + 1];                                                              \
        struct vfs *v = the_world->v;                                                              \
        int e_ = vfs_parent(v, VFS_ROOT, path, who, &dir, name);                                   \
        e_ < 0 ? e_ : (call);                                                                      \
    })

static inline int make_node(const char *path, uint32_t mode)
{
    vfs_ino made;
    return NAMED(path, vfs_make_node(v, dir, name, mode, 0, 0, who, &made));
}

static inline int do_mkdir(const char *path, const char *unused)
{
    (void)unused;
    return make_node(path, S_IFDIR | 0755);
}

static inline int do_create(const char *path, const char *unused)
{
    (void)unused;
    bool made;
    vfs_ino ino;
    return vfs_find_or_make(the_world->v, VFS_ROOT, path, S_IFREG | 0644, who, &ino, &made);
}

static inline int do_device(const char *path, const char *unused)
{
    (void)unused;
    return make_node(path, S_IFCHR | 0644);
}

static inline int do_symlink(const char *path, const char *target)
{
    return NAMED(path, vfs_make_link(v, dir, name, target, who));
}

static inline int do_link(const char *path, const char *from)
{
    vfs_ino ino;
    int e = vfs_find(the_world->v, VFS_ROOT, from, false, who, &ino);
    return e < 0 ? e : NAMED(path, vfs_link(v, dir, name, ino, who));
}

static inline int do_unlink(const char *path, const char *unused)
{
    (void)unused;
    return NAMED(path, vfs_unlink(v, dir, name, who));
}

static inline int do_rmdir(const char *path, const char *unused)
{
    (void)unused;
    return NAMED(path, vfs_rmdir(v, dir, name, who));
}

static inline int do_rename(const char *path, const char *to)
{
    vfs_ino from;
    char from_name[VFS_NAME_MOST + 1];
    int e = vfs_parent(the_world->v, VFS_ROOT, path, who, &from, from_name);
    return e < 0 ? e : NAMED(to, vfs_rename(v, from, from_name, dir, name, who));
}

static inline int do_chmod(const char *path, const char *mode)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e : vfs_chmod(the_world->v, ino, (uint32_t)strtoul(mode, NULL, 8), who);
}

static inline int do_chown(const char *path, const char *uid)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e
                 : vfs_chown(the_world->v, ino, (uint32_t)strtoul(uid, NULL, 10), UINT32_MAX, who);
}

static inline int do_utime(const char *path, const char *time)
{
    vfs_ino ino;
    int64_t when = *time ? strtoll(time, NULL, 10) : VFS_NOW;
    int e = find(path, &ino);
    return e < 0 ? e : vfs_utime(the_world->v, ino, when, when, who);
}

static inline int do_write(const char *path, const char *text)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e : (int)vfs_write(the_world->v, ino, 0, text, strlen(text));
}

static inline int do_truncate(const char *path, const char *size)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e : vfs_truncate(the_world->v, ino, strtoull(size, NULL, 10));
}

static inline int do_access(const char *path, const char *rwx)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e : vfs_access(the_world->v, ino, (unsigned)strtoul(rwx, NULL, 10), who);
}

static inline int do_find(const char *path, const char *unused)
{
    (void)unused;
    vfs_ino ino;
    return find(path, &ino);
}

static inline int do_user(const char *path, const char *unused)
{
    (void)path;
    (void)unused;
    who = nobody;
    return 0;
}

static inline int do_root(const char *path, const char *unused)
{
    (void)path;
    (void)unused;
    who = root;
    return 0;
}

/* A line: the call, its path, what else it takes, what it returns. */
struct step {
    int (*call)(const char *path, const char *more);
    const char *path, *more;
    int wanted;
};

static inline void run(const struct step *steps, size_t n)
{
    who = root;
    for (size_t i = 0; i < n; i++) {
        int got = steps[i].call(steps[i].path, steps[i].more);
        if (got != steps[i].wanted)
            fail_msg("step %zu (%s, %s): %d, not %d", i, steps[i].path, steps[i].more, got,
                     steps[i].wanted);
    }
}

static inline char *names_in(const char *path, char *to, size_t room)
{
    uint64_t cursor = 0;
    struct vfs_entry entry;
    size_t n = 0;
    to[0] = '\0';
    while (vfs_next(the_world->v, at(path), &cursor, &entry) == 1)
        n += (size_t)snprintf(to + n, room - n, "%s ", entry.name);
    return to;
}

static inline int mount_at(const char *device, const char *path, const char *type, const char *options)
{
    return vfs_mount(the_world->v, device, at(path), path, type, options);
}
