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

static int load(const char *tsv, struct vfs_tree **ret, char why[static 200])
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

static void exhausted(struct memory *m) __attribute__((noreturn));
static void exhausted(struct memory *m)
{
    (void)m;
    abort();
}

static void begin_with(struct world *w, size_t memory, const struct vfs_live *live)
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

static void begin(struct world *w)
{
    begin_with(w, 1 << 20, NULL);
}

static void end(struct world *w)
{
    vfs_free(w->v);
    memory_clear(&w->memory);
    assert_int_equal(w->account.used, 0);
    vfs_tree_free(w->tree);
}

/* ---- Calls by path ---- */

static struct vfs_who who;

static int find(const char *path, vfs_ino *ret)
{
    return vfs_find(the_world->v, VFS_ROOT, path, true, who, ret);
}

static vfs_ino at(const char *path)
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

static int make_node(const char *path, uint32_t mode)
{
    vfs_ino made;
    return NAMED(path, vfs_make_node(v, dir, name, mode, 0, 0, who, &made));
}

static int do_mkdir(const char *path, const char *unused)
{
    (void)unused;
    return make_node(path, S_IFDIR | 0755);
}

static int do_create(const char *path, const char *unused)
{
    (void)unused;
    bool made;
    vfs_ino ino;
    return vfs_find_or_make(the_world->v, VFS_ROOT, path, S_IFREG | 0644, who, &ino, &made);
}

static int do_device(const char *path, const char *unused)
{
    (void)unused;
    return make_node(path, S_IFCHR | 0644);
}

static int do_symlink(const char *path, const char *target)
{
    return NAMED(path, vfs_make_link(v, dir, name, target, who));
}

static int do_link(const char *path, const char *from)
{
    vfs_ino ino;
    int e = vfs_find(the_world->v, VFS_ROOT, from, false, who, &ino);
    return e < 0 ? e : NAMED(path, vfs_link(v, dir, name, ino, who));
}

static int do_unlink(const char *path, const char *unused)
{
    (void)unused;
    return NAMED(path, vfs_unlink(v, dir, name, who));
}

static int do_rmdir(const char *path, const char *unused)
{
    (void)unused;
    return NAMED(path, vfs_rmdir(v, dir, name, who));
}

static int do_rename(const char *path, const char *to)
{
    vfs_ino from;
    char from_name[VFS_NAME_MOST + 1];
    int e = vfs_parent(the_world->v, VFS_ROOT, path, who, &from, from_name);
    return e < 0 ? e : NAMED(to, vfs_rename(v, from, from_name, dir, name, who));
}

static int do_chmod(const char *path, const char *mode)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e : vfs_chmod(the_world->v, ino, (uint32_t)strtoul(mode, NULL, 8), who);
}

static int do_chown(const char *path, const char *uid)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e
                 : vfs_chown(the_world->v, ino, (uint32_t)strtoul(uid, NULL, 10), UINT32_MAX, who);
}

static int do_utime(const char *path, const char *time)
{
    vfs_ino ino;
    int64_t when = *time ? strtoll(time, NULL, 10) : VFS_NOW;
    int e = find(path, &ino);
    return e < 0 ? e : vfs_utime(the_world->v, ino, when, when, who);
}

static int do_write(const char *path, const char *text)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e : (int)vfs_write(the_world->v, ino, 0, text, strlen(text));
}

static int do_truncate(const char *path, const char *size)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e : vfs_truncate(the_world->v, ino, strtoull(size, NULL, 10));
}

static int do_access(const char *path, const char *rwx)
{
    vfs_ino ino;
    int e = find(path, &ino);
    return e < 0 ? e : vfs_access(the_world->v, ino, (unsigned)strtoul(rwx, NULL, 10), who);
}

static int do_find(const char *path, const char *unused)
{
    (void)unused;
    vfs_ino ino;
    return find(path, &ino);
}

static int do_user(const char *path, const char *unused)
{
    (void)path;
    (void)unused;
    who = nobody;
    return 0;
}

static int do_root(const char *path, const char *unused)
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

static void run(const struct step *steps, size_t n)
{
    who = root;
    for (size_t i = 0; i < n; i++) {
        int got = steps[i].call(steps[i].path, steps[i].more);
        if (got != steps[i].wanted)
            fail_msg("step %zu (%s, %s): %d, not %d", i, steps[i].path, steps[i].more, got,
                     steps[i].wanted);
    }
}

#define A255                                                                                       \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaaaaa"                                                                                 \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaaaa"                                                                                  \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void test_errors(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct step steps[] = {
        { do_find, "", "", -ENOENT },
        { do_find, "/nope/x", "", -ENOENT },
        { do_find, "/etc/passwd/", "", -ENOTDIR },
        { do_find, "/etc/passwd/x", "", -ENOTDIR },
        { do_find, "/etc/passwd/..", "", -ENOTDIR },
        { do_find, "/bin/ls", "", 0 },
        { do_find, "/../../bin/.././etc//", "", 0 },
        { do_create, "/tmp/" A255, "", 0 },
        { do_create, "/tmp/a" A255, "", -ENAMETOOLONG },
        { do_find, "/tmp/a" A255 "/x", "", -ENAMETOOLONG },
        /* the read-only mount */
        { do_create, "/rom/x", "", -EROFS },
        { do_mkdir, "/rom/file", "", -EEXIST },
        { do_unlink, "/rom/file", "", -EROFS },
        { do_unlink, "/rom/nope", "", -EROFS },
        { do_rename, "/rom/file", "/rom/b", -EROFS },
        { do_write, "/rom/file", "x", -EROFS },
        { do_truncate, "/rom/file", "0", -EROFS },
        { do_chmod, "/rom/file", "777", -EROFS },
        { do_chown, "/rom/file", "1", -EROFS },
        { do_utime, "/rom/file", "1", -EROFS },
        { do_access, "/rom/file", "2", -EROFS },
        { do_access, "/rom/file", "4", 0 },
        /* mounts */
        { do_rmdir, "/tmp", "", -EBUSY },
        { do_rename, "/tmp", "/x", -EBUSY },
        { do_rename, "/etc/passwd", "/tmp/p", -EXDEV },
        { do_link, "/tmp/p", "/etc/passwd", -EXDEV },
        { do_rmdir, "/", "", -EBUSY },
        { do_rmdir, "/etc/.", "", -EINVAL },
        { do_rmdir, "/etc/..", "", -ENOTEMPTY },
        { do_rmdir, "/etc", "", -ENOTEMPTY },
        { do_unlink, "/etc", "", -EISDIR },
        { do_unlink, "/etc/", "", -EISDIR },
        { do_unlink, "/etc/passwd/", "", -ENOTDIR },
        { do_create, "/etc/x/", "", -EISDIR },
        { do_mkdir, "/etc/x/", "", 0 },
        { do_symlink, "/etc/y/", "x", -ENOENT },
        { do_symlink, "/etc/y", "", -ENOENT },
        { do_rename, "/etc", "/etc/x/e", -EINVAL },
        { do_rename, "/etc/x", "/etc", -ENOTEMPTY },
        { do_rename, "/etc/passwd", "/etc/x", -EISDIR },
        { do_rename, "/etc/x", "/etc/passwd", -ENOTDIR },
        { do_link, "/etc/z", "/etc/x", -EPERM },
        { do_link, "/etc/z", "/etc/passwd", 0 },
        { do_rename, "/etc/z", "/etc/passwd", 0 },
        { do_find, "/etc/z", "", 0 },
        /* links */
        { do_symlink, "/l", "l", 0 },
        { do_find, "/l", "", -ELOOP },
        { do_create, "/l", "", -ELOOP },
        { do_symlink, "/dangling", "etc/made", 0 },
        { do_find, "/dangling", "", -ENOENT },
        { do_create, "/dangling", "", 0 },
        { do_find, "/etc/made", "", 0 },
        /* rights */
        { do_user, "", "", 0 },
        { do_create, "/etc/no", "", -EACCES },
        { do_unlink, "/etc/passwd", "", -EACCES },
        { do_write, "/var", "", -EISDIR },
        { do_access, "/etc/passwd", "2", -EACCES },
        { do_access, "/etc/passwd", "4", 0 },
        { do_mkdir, "/var/mine", "", 0 },
        { do_device, "/var/dev", "", -EPERM },
        { do_chown, "/var/mine", "0", -EPERM },
        { do_chmod, "/etc/passwd", "777", -EPERM },
        { do_utime, "/etc/passwd", "5", -EPERM },
        { do_utime, "/etc/passwd", "", -EACCES },
        { do_chmod, "/var/mine", "0", 0 },
        { do_find, "/var/mine/x", "", -EACCES },
        { do_create, "/tmp/mine", "", 0 },
        { do_root, "", "", 0 },
        { do_create, "/tmp/roots", "", 0 },
        { do_chmod, "/tmp/roots", "666", 0 },
        { do_mkdir, "/tmp/open", "", 0 },
        { do_chmod, "/tmp/open", "777", 0 },
        { do_create, "/tmp/open/f", "", 0 },
        { do_user, "", "", 0 },
        { do_unlink, "/tmp/roots", "", -EPERM }, /* the sticky bit */
        { do_rename, "/tmp/mine", "/tmp/roots", -EPERM },
        { do_utime, "/tmp/roots", "", 0 },
        { do_unlink, "/tmp/open/f", "", 0 },
        { do_unlink, "/tmp/mine", "", 0 },
    };
    /* clang-format on */
    struct world w;
    begin(&w);
    run(steps, COUNT(steps));
    end(&w);
}

static void test_links_most(void **state)
{
    (void)state;
    struct world w;
    char name[32], target[32];
    begin(&w);
    who = root;
    for (int i = 0; i <= VFS_LINKS_MOST; i++) {
        snprintf(name, sizeof name, "/tmp/l%d", i);
        snprintf(target, sizeof target, i ? "l%d" : "/etc", i - 1);
        assert_int_equal(do_symlink(name, target), 0);
    }
    assert_int_equal(do_find("/tmp/l39", ""), 0);
    assert_int_equal(do_find("/tmp/l39/passwd", ""), 0);
    assert_int_equal(do_find("/tmp/l40", ""), -ELOOP);
    assert_int_equal(do_find("/tmp/l40/passwd", ""), -ELOOP);
    char *path = calloc(1, VFS_PATH_MOST + 8);
    assert_non_null(path);
    memset(path, '/', VFS_PATH_MOST - 1);
    assert_int_equal(do_find(path, ""), 0);
    path[VFS_PATH_MOST - 1] = '/';
    assert_int_equal(do_find(path, ""), -ENAMETOOLONG);
    free(path);
    end(&w);
}

/* ---- The lines of a tree ---- */

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "", NULL },
        { "/a\td", NULL },
        { "a\td\n\n#x\na/b\tf\t600\t1\t2\t3\t-\n", NULL },
        { "/from-folder\t-\t600\t5\t6\t7\t-\n", NULL },
        { "/a\td\t755\t0\t0\t0\t-\t-\n", "1: not path, type, mode, uid, gid, mtime, more" },
        { "/a\n", "1: not path, type, mode, uid, gid, mtime, more" },
        { "#\n/a\tx\n", "2: no such type" },
        { "/a\tdd\n", "1: no such type" },
        { "/a\td\t8\n", "1: no such mode" },
        { "/a\td\t10000\n", "1: no such mode" },
        { "/a\td\t-\tx\n", "1: no such owner or time" },
        { "/a\td\t-\t4294967295\n", "1: no such owner or time" },
        { "/a\tc\t-\t-\t-\t-\t1:2:3\n", "1: no such device number" },
        { "/a\tc\t-\t-\t-\t-\t5000:1\n", "1: no such device number" },
        { "/a\tl\n", "1: a link without a target" },
        { "/b/a\td\n", "1: its directory is missing" },
        { "/from-folder/a\td\n", "1: it stands in what is no directory" },
        { "/../b\td\n", "1: a path with dots" },
        { "\td\n", "1: a path is missing" },
        { "/a\td\n/a/b\tf\n/a\tf\n", "3: it holds others, and stays a directory" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct vfs_tree *tree = NULL;
        char why[200];
        int e = load(cases[i].text, &tree, why);
        if (!cases[i].why) {
            if (e != 0)
                fail_msg("case %zu: %s", i, why);
            vfs_tree_free(tree);
            continue;
        }
        if (e != 1 || !strstr(why, cases[i].why) || !strstr(why, ".tsv:"))
            fail_msg("case %zu: %d, %s", i, e, why);
    }
}

static void test_tree(void **state)
{
    (void)state;
    struct world w;
    struct vfs_stat st;
    begin(&w);
    int e = vfs_stat(w.v, at("/from-folder"), &st);
    assert_int_equal(e, 0);
    assert_int_equal(st.uid, 0);
    assert_int_equal(st.size, 5);
    assert_int_equal(st.mtime, 1000000000);
    size_t n;
    assert_memory_equal(vfs_bytes(w.v, st.ino, &n), "hello", 5);
    assert_int_equal(n, 5);
    e = vfs_stat(w.v, at("/dev/null"), &st);
    assert_int_equal(e, 0);
    assert_int_equal(st.mode, S_IFCHR | 0666);
    assert_int_equal(st.major, 1);
    assert_int_equal(st.minor, 3);
    e = vfs_stat(w.v, at("/var"), &st);
    assert_int_equal(e, 0);
    assert_int_equal(st.uid, 1000);
    assert_int_equal(st.gid, 100);
    e = vfs_stat(w.v, at("/"), &st);
    assert_int_equal(e, 0);
    assert_int_equal(st.links, 10);
    assert_int_equal(st.mount, 0);
    e = vfs_stat(w.v, at("/rom/file"), &st);
    assert_int_equal(e, 0);
    assert_int_equal(st.mount, 3);
    end(&w);
}

/* ---- What it costs ---- */

static void test_memory(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    who = root;
    assert_true(w.account.used < 300);
    vfs_hold(w.v, VFS_ROOT); /* the shell's folder */
    assert_true(w.account.used < 300);
    assert_int_equal(do_create("/tmp/small", ""), 0);
    assert_int_equal(do_write("/tmp/small", "#!/bin/sh\necho hello\n"), 21);
    assert_true(w.account.used < 1500);
    assert_int_equal(do_unlink("/tmp/small", ""), 0);
    vfs_drop(w.v, VFS_ROOT);
    end(&w);
}

/* The reserve stays to the processes, whatever is written. */
static void test_full(void **state)
{
    (void)state;
    struct world w;
    static char piece[30001];
    char name[32];
    memset(piece, 'x', sizeof piece - 1);
    begin_with(&w, 200000, NULL);
    who = root;
    assert_int_equal(do_create("/etc/big", ""), 0);
    vfs_ino ino = at("/etc/big");
    int64_t got = 0;
    for (uint64_t i = 0; i < 10 && got >= 0; i++)
        got = vfs_write(w.v, ino, i * sizeof piece, piece, sizeof piece);
    assert_int_equal(got, -ENOSPC);
    int e = 0;
    for (int i = 0; i < 10000 && e == 0; i++) {
        snprintf(name, sizeof name, "/var/%d", i);
        e = do_create(name, "");
    }
    assert_int_equal(e, -ENOSPC);
    assert_true(w.account.used <= 150000);
    assert_int_equal(do_symlink("/var/l", piece + sizeof piece - 3000), -ENOSPC);
    assert_int_equal(do_unlink("/etc/big", ""), 0);
    assert_int_equal(do_create("/var/again", ""), 0);
    end(&w);
}

static void test_tmpfs_size(void **state)
{
    (void)state;
    struct world w;
    static char piece[70000];
    memset(piece, 'x', sizeof piece);
    begin(&w);
    who = root;
    assert_int_equal(do_create("/tmp/a", ""), 0);
    vfs_ino a = at("/tmp/a");
    assert_int_equal(vfs_write(w.v, a, 0, piece, 60000), 60000);
    assert_int_equal(vfs_mount_at(w.v, 2)->used, 61440);
    assert_int_equal(vfs_write(w.v, a, 60000, piece, 10000), 1440); /* what the last page takes */
    assert_int_equal(vfs_write(w.v, a, 61440, piece, 10000), 4096);
    assert_int_equal(vfs_write(w.v, a, 65536, piece, 1), -ENOSPC);
    assert_int_equal(vfs_write(w.v, a, 0, piece, 5000), 5000);
    assert_int_equal(do_truncate("/tmp/a", "100"), 0);
    assert_int_equal(vfs_mount_at(w.v, 2)->used, 4096);
    vfs_hold(w.v, a);
    assert_int_equal(do_unlink("/tmp/a", ""), 0);
    assert_int_equal(vfs_mount_at(w.v, 2)->used, 4096);
    vfs_drop(w.v, a);
    assert_int_equal(vfs_mount_at(w.v, 2)->used, 0);
    end(&w);
}

static void test_sparse(void **state)
{
    (void)state;
    struct world w;
    char byte = 1;
    size_t n;
    begin(&w);
    who = root;
    assert_int_equal(do_create("/etc/s", ""), 0);
    vfs_ino s = at("/etc/s");
    assert_int_equal(vfs_write(w.v, s, UINT64_C(1) << 40, "x", 1), -EFBIG);
    assert_int_equal(vfs_write(w.v, s, UINT64_MAX, "x", 1), -EFBIG);
    assert_int_equal(vfs_write(w.v, s, UINT64_C(1) << 32, "x", 1), -ENOSPC);
    int e = vfs_truncate(w.v, s, UINT64_C(1) << 39);
    assert_int_equal(e, 0);
    assert_int_equal(vfs_read(w.v, s, UINT64_C(1) << 38, &byte, 1), 1);
    assert_int_equal(byte, 0);
    assert_null(vfs_bytes(w.v, s, &n));
    e = vfs_truncate(w.v, s, 5000);
    assert_int_equal(e, 0);
    assert_int_equal(vfs_write(w.v, s, 3, "abc", 3), 3);
    const char *bytes = vfs_bytes(w.v, s, &n);
    assert_non_null(bytes);
    assert_int_equal(n, 5000);
    assert_memory_equal(bytes, "\0\0\0abc\0", 7);
    assert_int_equal(bytes[4999], 0);
    end(&w);
}

/* ---- Open nodes ---- */

static void test_open(void **state)
{
    (void)state;
    struct world w;
    char text[8] = "";
    struct vfs_stat st;
    begin(&w);
    who = root;
    vfs_ino passwd = at("/etc/passwd"), folder = at("/from-folder");
    for (int i = 0; i < 20; i++)
        vfs_hold(w.v, folder);
    vfs_hold(w.v, passwd);
    assert_int_equal(do_write("/etc/passwd", "changed"), 7);
    assert_int_equal(do_unlink("/etc/passwd", ""), 0);
    assert_int_equal(do_unlink("/from-folder", ""), 0);
    assert_int_equal(do_find("/etc/passwd", ""), -ENOENT);
    assert_int_equal(vfs_read(w.v, passwd, 0, text, 7), 7);
    assert_string_equal(text, "changed");
    int e = vfs_stat(w.v, passwd, &st);
    assert_int_equal(e, 0);
    assert_int_equal(st.links, 0);
    vfs_drop(w.v, passwd);
    for (int i = 0; i < 19; i++)
        vfs_drop(w.v, folder);
    assert_int_equal(vfs_read(w.v, folder, 0, text, 7), 5);
    vfs_drop(w.v, folder);
    /* many at once, of the tree and of the session's */
    static const char *const paths[] = { "/bin", "/dev", "/etc",         "/mnt",     "/tmp",
                                         "/var", "/rom", "/bin/busybox", "/rom/file" };
    for (size_t i = 0; i < COUNT(paths); i++)
        vfs_hold(w.v, at(paths[i]));
    for (size_t i = COUNT(paths); i-- > 0;)
        vfs_drop(w.v, at(paths[i]));
    /* a directory that is no more: nothing is made in it */
    assert_int_equal(do_mkdir("/etc/d", ""), 0);
    vfs_ino d = at("/etc/d"), made;
    struct text path = text_of(&w.memory);
    vfs_hold(w.v, d);
    assert_int_equal(do_rmdir("/etc/d", ""), 0);
    e = vfs_make_node(w.v, d, "x", S_IFREG, 0, 0, root, &made);
    assert_int_equal(e, -ENOENT);
    e = vfs_path(w.v, d, &path);
    assert_int_equal(e, -ENOENT);
    e = vfs_find(w.v, d, "..", true, root, &made);
    assert_int_equal(e, 0);
    assert_int_equal(made, at("/etc"));
    vfs_drop(w.v, d);
    e = vfs_stat(w.v, d, &st);
    assert_int_equal(e, -ENOENT);
    end(&w);
}

/* ---- The order of names ---- */

static char *names_in(const char *path, char *to, size_t room)
{
    uint64_t cursor = 0;
    struct vfs_entry entry;
    size_t n = 0;
    to[0] = '\0';
    while (vfs_next(the_world->v, at(path), &cursor, &entry) == 1)
        n += (size_t)snprintf(to + n, room - n, "%s ", entry.name);
    return to;
}

static void test_order(void **state)
{
    (void)state;
    struct world w;
    char text[256];
    begin(&w);
    who = root;
    assert_string_equal(names_in("/bin", text, sizeof text), "ls busybox ");
    do_create("/bin/a", "");
    do_create("/bin/z", "");
    do_create("/bin/b", "");
    assert_string_equal(names_in("/bin", text, sizeof text), "b z a ls busybox ");
    do_rename("/bin/a", "/bin/c");
    do_rename("/bin/ls", "/bin/lss");
    assert_string_equal(names_in("/bin", text, sizeof text), "lss c b z busybox ");
    do_unlink("/bin/b", "");
    do_create("/bin/ls", "");
    do_rename("/bin/z", "/bin/busybox");
    assert_string_equal(names_in("/bin", text, sizeof text), "busybox ls lss c ");
    /* what is removed while it is read */
    uint64_t cursor = 0;
    struct vfs_entry entry;
    for (int n = 0; vfs_next(w.v, at("/bin"), &cursor, &entry) == 1; n++) {
        snprintf(text, sizeof text, "/bin/%s", entry.name);
        assert_int_equal(do_unlink(text, ""), 0);
        do_create("/bin/new", "");
        assert_true(n < 4);
    }
    assert_string_equal(names_in("/bin", text, sizeof text), "new ");
    struct vfs_stat st;
    int e = vfs_stat(w.v, at("/bin"), &st);
    assert_int_equal(e, 0);
    assert_int_equal(st.links, 2);
    end(&w);
}

/* ---- Mounts ---- */

static int mount_at(const char *device, const char *path, const char *type, const char *options)
{
    return vfs_mount(the_world->v, device, at(path), path, type, options);
}

static void test_mounts(void **state)
{
    (void)state;
    struct world w;
    struct vfs_stat st;
    char text[256];
    begin(&w);
    who = root;
    do_create("/mnt/below", "");
    assert_int_equal(mount_at("x", "/mnt", "tmpfs", "rw,relatime,size=8k"), 0);
    assert_int_equal(vfs_mounts(w.v), 5);
    assert_int_equal(vfs_mount_at(w.v, 4)->size, 8192);
    assert_null(vfs_mount_at(w.v, 5));
    assert_string_equal(names_in("/mnt", text, sizeof text), "");
    do_create("/mnt/above", "");
    assert_int_equal(vfs_stat(w.v, at("/mnt/above"), &st), 0);
    assert_int_equal(st.mount, 4);
    struct text path = text_of(&w.memory);
    assert_int_equal(do_mkdir("/mnt/d", ""), 0);
    assert_int_equal(vfs_path(w.v, at("/mnt/d"), &path), 0);
    assert_string_equal(path.data, "/mnt/d");
    assert_int_equal(at("/mnt/d/../.."), VFS_ROOT);
    /* one over the other */
    assert_int_equal(mount_at("y", "/mnt", "ramfs", "rw"), 0);
    assert_string_equal(names_in("/mnt", text, sizeof text), "");
    assert_int_equal(vfs_umount(w.v, 4, false), -EBUSY);
    assert_int_equal(vfs_umount(w.v, 5, false), 0);
    assert_string_equal(names_in("/mnt", text, sizeof text), "d above ");
    vfs_ino above = at("/mnt/above");
    vfs_hold(w.v, above);
    assert_int_equal(vfs_umount(w.v, 4, false), -EBUSY);
    assert_int_equal(vfs_umount(w.v, 4, true), 0);
    assert_string_equal(names_in("/mnt", text, sizeof text), "below ");
    vfs_drop(w.v, above);
    assert_int_equal(vfs_umount(w.v, 0, true), -EBUSY);
    assert_int_equal(vfs_umount(w.v, 9, false), -EINVAL);
    /* one of the tree's: nobody knows what lay below it */
    assert_int_equal(vfs_umount(w.v, 2, false), 0);
    assert_string_equal(names_in("/tmp", text, sizeof text), "");
    assert_int_equal(do_create("/tmp/x", ""), 0);
    assert_int_equal(do_rename("/tmp/x", "/etc/x"), 0);
    /* the same elsewhere */
    assert_int_equal(mount_at("/etc", "/mnt", "", "bind"), 0);
    assert_int_equal(at("/mnt/passwd"), at("/etc/passwd"));
    assert_int_equal(mount_at("/etc/passwd", "/etc/x", "", "bind"), 0);
    assert_int_equal(mount_at("/etc", "/bin/busybox", "", "bind"), -ENOTDIR);
    assert_int_equal(mount_at("/nope", "/mnt", "", "bind"), -ENOENT);
    assert_int_equal(at("/etc/x"), at("/etc/passwd"));
    assert_int_equal(do_unlink("/etc/x", ""), -EBUSY);
    assert_int_equal(mount_at("none", "/var", "nosuchfs", "rw"), -ENODEV);
    assert_int_equal(mount_at("/dev/sda", "/var", "ext4", "rw"), -EINVAL);
    assert_int_equal(mount_at("/dev/mtdblock2", "/var", "squashfs", "rw"), 0);
    assert_int_equal(at("/var/file"), at("/rom/file"));
    end(&w);
}

static void test_remount(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    who = root;
    assert_int_equal(vfs_remount(w.v, 0, "ro,relatime"), 0);
    assert_int_equal(do_create("/etc/x", ""), -EROFS);
    assert_int_equal(do_create("/tmp/x", ""), 0);
    assert_int_equal(vfs_remount(w.v, 0, "rw,noexec"), 0);
    assert_int_equal(do_create("/etc/x", ""), 0);
    assert_true(vfs_mount_at(w.v, 0)->no_exec);
    /* what is packed stays as it is */
    assert_int_equal(vfs_remount(w.v, 3, "rw,relatime"), 0);
    assert_string_equal(vfs_mount_at(w.v, 3)->options, "ro,relatime");
    assert_int_equal(do_create("/rom/x", ""), -EROFS);
    assert_int_equal(vfs_remount(w.v, 2, "rw,size=4k"), 0);
    assert_int_equal(vfs_mount_at(w.v, 2)->size, 4096);
    assert_int_equal(vfs_remount(w.v, 7, "rw"), -EINVAL);
    end(&w);
}

/* ---- /proc ---- */

static uint32_t pid_at(void *context, size_t i)
{
    (void)context;
    static const uint32_t pids[] = { 1, 77, 500 };
    return i < COUNT(pids) ? pids[i] : 0;
}
static bool pid_known(void *context, uint32_t pid)
{
    for (size_t i = 0; pid_at(context, i); i++)
        if (pid_at(context, i) == pid)
            return true;
    return false;
}
static uint32_t self(void *context)
{
    (void)context;
    return 77;
}
static int content(void *context, uint32_t pid, const char *name, struct text *to)
{
    (void)context;
    text_print(to, "%u %s\n", pid, name);
    return 0;
}
static int link_of(void *context, uint32_t pid, const char *name, struct text *to)
{
    (void)context;
    (void)pid;
    static const char *const links[][2] = { { "exe", "/bin/busybox" },
                                            { "cwd", "/etc" },
                                            { "root", "/" },
                                            { "fd/0", "pipe:[5]" },
                                            { "fd/7", "/etc/passwd" } };
    for (size_t i = 0; i < COUNT(links); i++)
        if (strcmp(links[i][0], name) == 0) {
            text_say(to, links[i][1]);
            return 0;
        }
    if (strcmp(name, "fd/9") == 0)
        memory_take(to->memory, (size_t)1 << 40); /* more than there is */
    return -ENOENT;
}
static bool has(void *context, uint32_t pid, const char *name)
{
    (void)context;
    (void)pid;
    return strcmp(name, "kcore") != 0;
}
static char written[64];
static int write_to(void *context, uint32_t pid, const char *name, const void *data, size_t n)
{
    (void)context;
    snprintf(written, sizeof written, "%u %s %.*s", pid, name, (int)n, (const char *)data);
    return 0;
}

static const struct vfs_live live = {
    pid_at, pid_known, self, content, link_of, has, write_to
};

static void test_live(void **state)
{
    (void)state;
    static const struct step steps[] = {
        { do_find, "/proc/cpuinfo", "", 0 },
        { do_find, "/proc/kcore", "", -ENOENT },
        { do_find, "/proc/1/exe", "", 0 },
        { do_find, "/proc/2", "", -ENOENT },
        { do_find, "/proc/01", "", -ENOENT },
        { do_find, "/proc/99999999999", "", -ENOENT },
        { do_find, "/proc/self/cwd/passwd", "", 0 },
        { do_find, "/proc/self/root/proc/self/exe", "", 0 },
        { do_find, "/proc/self/fd/7", "", 0 },
        { do_find, "/proc/self/fd/8", "", -ENOENT },
        { do_find, "/proc/self/fd/9", "", -ENOENT },
        { do_find, "/proc/self/fd/0/x", "", -ENOTDIR },
        { do_find, "/proc/net/tcp", "", 0 },
        { do_find, "/proc/sys/kernel/hostname", "", 0 },
        { do_find, "/proc/sys/kernel/../vm/swappiness", "", 0 },
        { do_create, "/proc/x", "", -ENOENT },
        { do_mkdir, "/proc/1/x", "", -ENOENT },
        { do_symlink, "/proc/x", "y", -ENOENT },
        { do_unlink, "/proc/cpuinfo", "", -EPERM },
        { do_unlink, "/proc/nope", "", -ENOENT },
        { do_rmdir, "/proc/1", "", -EPERM },
        { do_rename, "/proc/cpuinfo", "/proc/y", -ENOENT },
        { do_rename, "/proc/cpuinfo", "/etc/y", -EXDEV },
        { do_chmod, "/proc/cpuinfo", "777", -EPERM },
        { do_write, "/proc/cpuinfo", "x", -EIO },
        { do_write, "/proc/1/maps", "x", -EINVAL },
        { do_write, "/proc/1/oom_adj", "-17", 3 },
        { do_truncate, "/proc/1/oom_adj", "0", 0 },
        { do_user, "", "", 0 },
        { do_access, "/proc/cpuinfo", "4", 0 },
        { do_access, "/proc/sys/kernel/hostname", "2", -EACCES },
    };
    struct world w;
    char all[4096];
    begin_with(&w, 1 << 20, &live);
    run(steps, COUNT(steps));
    assert_string_equal(written, "1 oom_adj -17");
    names_in("/proc", all, sizeof all);
    assert_non_null(strstr(all, "cpuinfo "));
    assert_non_null(strstr(all, " 1 77 500 "));
    assert_null(strstr(all, "kcore"));
    assert_string_equal(names_in("/proc/self/fd", all, sizeof all), "0 1 7 ");
    assert_string_equal(names_in("/proc/77/fd", all, sizeof all), "0 1 7 ");
    struct text t = text_of(&w.memory);
    assert_int_equal(vfs_live_content(w.v, at("/proc/77/cmdline"), &t), 0);
    assert_string_equal(t.data, "77 cmdline\n");
    assert_int_equal(vfs_live_content(w.v, at("/proc/77"), &t), -EISDIR);
    text_release(&t);
    assert_int_equal(vfs_readlink(w.v, at("/proc/self"), &t), 0);
    assert_string_equal(t.data, "77");
    text_release(&t);
    assert_int_equal(vfs_path(w.v, at("/proc/77/fd"), &t), 0);
    assert_string_equal(t.data, "/proc/77/fd");
    /* mounted anew, and hidden */
    assert_int_equal(mount_at("proc", "/mnt", "proc", "rw"), 0);
    assert_int_equal(do_find("/mnt/1/exe", ""), 0);
    assert_int_equal(mount_at("x", "/proc/77", "tmpfs", "rw"), 0);
    assert_string_equal(names_in("/proc/77", all, sizeof all), "");
    end(&w);
}

/* ---- What was changed ---- */

static char changed[512];

static void on_change(void *context, const char *path, vfs_ino ino)
{
    (void)context;
    assert_true(ino != 0);
    size_t n = strlen(changed);
    snprintf(changed + n, sizeof changed - n, "%s\n", path);
}

static void test_changes(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    who = root;
    do_create("/tmp/a", "");
    do_write("/tmp/a", "x");
    do_link("/tmp/b", "/tmp/a");
    do_unlink("/tmp/a", "");
    do_write("/etc/passwd", "y");
    do_create("/var/gone", "");
    do_unlink("/var/gone", "");
    do_rename("/etc", "/etcetera");
    do_chmod("/bin/busybox", "700");
    vfs_changes(w.v, on_change, NULL);
    assert_non_null(strstr(changed, "/tmp/b\n"));
    assert_non_null(strstr(changed, "/etcetera/passwd\n"));
    assert_null(strstr(changed, "/tmp/a\n"));
    assert_null(strstr(changed, "gone"));
    assert_null(strstr(changed, "busybox"));
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_links_most),
        cmocka_unit_test(test_lines),      cmocka_unit_test(test_tree),
        cmocka_unit_test(test_memory),     cmocka_unit_test(test_full),
        cmocka_unit_test(test_tmpfs_size), cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_open),       cmocka_unit_test(test_order),
        cmocka_unit_test(test_mounts),     cmocka_unit_test(test_remount),
        cmocka_unit_test(test_live),       cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests_name("shell/vfs", tests, NULL, NULL);
}
