#include "shell/test-vfs.h"

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
        cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests_name("shell/vfs", tests, NULL, NULL);
}
