/* Sequences of calls: three bytes each. Whatever they are, the tree stays whole and all memory
 * comes back. */
#include "shell/vfs-own.h"

#include "base/rd.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const paths[] = {
    "/",
    "/a",
    "/b",
    "/c",
    "/a/x",
    "/a/y",
    "/b/x",
    "/b/a/x",
    "/a/b",
    "/a/b/c",
    "c",
    "x/../a",
    "/a/",
    ".",
    "..",
    "/l",
    "/l/x",
    "/m",
    "/m/f",
    "/m/d/e",
    "/t",
    "/t/a",
    "/t/a/x",
    "/proc",
    "/proc/1",
    "/proc/self/cwd/x",
    "/proc/1/fd/0",
    "/proc/sys/kernel/hostname",
    "/r/f",
    "/r",
    "/l2",
    "/dev/n",
};
enum { PATHS = sizeof paths / sizeof paths[0], HELD = 8 };

static uint32_t pid_at(void *context, size_t i)
{
    (void)context;
    return i == 0 ? 1 : 0;
}
static bool pid_known(void *context, uint32_t pid)
{
    (void)context;
    return pid == 1;
}
static uint32_t self(void *context)
{
    (void)context;
    return 1;
}
static int content(void *context, uint32_t pid, const char *name, struct text *to)
{
    (void)context;
    text_print(to, "%u/%s", pid, name);
    return 0;
}
static int link_of(void *context, uint32_t pid, const char *name, struct text *to)
{
    (void)context;
    (void)pid;
    text_say(to, strcmp(name, "cwd") == 0   ? "/a"
                 : strcmp(name, "exe") == 0 ? "/proc/1/cwd"
                                            : "pipe:[1]");
    return strcmp(name, "fd/3") == 0 || strncmp(name, "fd/", 3) != 0 ? 0 : -ENOENT;
}
static const struct vfs_live live = { pid_at, pid_known, self, content, link_of, NULL, NULL };

struct play {
    struct vfs *v;
    struct vfs_who who;
    vfs_ino cwd;
    vfs_ino held[HELD];
    struct memory memory;
};

static void exhausted(struct memory *m) __attribute__((noreturn));
static void exhausted(struct memory *m)
{
    (void)m;
    abort();
}

static struct vfs_tree *make_tree(void)
{
    static const char lines[] =
        "/a\td\n/a/x\tf\n/a/b\td\n/a/b/c\tf\n/b\td\t777\n/b/a\td\n/l\tl\t-\t-\t-\t-\ta/b\n/"
        "t\td\t1777\n/t/a\td\n"
        "/t/a/x\tf\n/proc\td\n/r\td\n/r/f\tf\n/m\td\n/dev\td\n/dev/n\tc\t666\t0\t0\t0\t1:3\n"
        "/l2\tl\t-\t-\t-\t-\tl2\n";
    struct tree_builder b;
    struct vfs_tree *tree = NULL;
    char why[160];
    int e = tree_begin(&b);
    assert(e == 0);
    e = tree_read_lines(&b, lines, sizeof lines - 1, why);
    assert(e == 0);
    e = tree_finish(&b, &tree);
    assert(e == 0);
    e = vfs_tree_mount(tree, "/dev/root", "/", "ext4", "rw", 0);
    assert(e == 0);
    e = vfs_tree_mount(tree, "tmpfs", "/t", "tmpfs", "rw", 40960);
    assert(e == 0);
    e = vfs_tree_mount(tree, "proc", "/proc", "proc", "rw", 0);
    assert(e == 0);
    e = vfs_tree_mount(tree, "/dev/m", "/r", "squashfs", "ro", 0);
    assert(e == 0);
    return tree;
}

/* ---- The calls ---- */

static void hold(struct play *p, vfs_ino ino)
{
    vfs_ino *slot = &p->held[ino % HELD];
    vfs_hold(p->v, ino);
    if (*slot)
        vfs_drop(p->v, *slot);
    *slot = ino;
}

/* clang-format off */
static void on_node(struct play *p, unsigned what, vfs_ino ino, unsigned n)
{
    static char piece[9000];
    struct vfs_stat st;
    struct text t = text_of(&p->memory);
    size_t size;
    (void)!vfs_stat(p->v, ino, &st);
    memset(piece, n & 1 ? 'x' : 0, sizeof piece);
    switch (what) {
    case 0: hold(p, ino); break;
    case 1: (void)!vfs_write(p->v, ino, n * 300, piece, n * 35); break;
    case 2: (void)!vfs_truncate(p->v, ino, n * 100); break;
    case 3: (void)!vfs_read(p->v, ino, n * 100, piece, sizeof piece); break;
    case 4: (void)!vfs_chmod(p->v, ino, n * 17, p->who); break;
    case 5: (void)!vfs_chown(p->v, ino, n & 1, n & 2, p->who); break;
    case 6: (void)!vfs_utime(p->v, ino, n, VFS_NOW, p->who); break;
    case 7: (void)!vfs_readlink(p->v, ino, &t); break;
    case 8: (void)vfs_bytes(p->v, ino, &size); break;
    case 9: (void)!vfs_path(p->v, ino, &t); break;
    case 10: (void)!vfs_mount(p->v, "x", ino, "/x", n & 1 ? "tmpfs" : "proc", n & 2 ? "rw,size=8k" : "ro"); break;
    case 11: (void)!vfs_mount(p->v, paths[n % PATHS], ino, "/x", "", "bind"); break;
    default: (void)!vfs_live_content(p->v, ino, &t); break;
    }
    text_release(&t);
}

static void on_name(struct play *p, unsigned what, const char *path, const char *other)
{
    static const uint32_t types[] = { S_IFREG, S_IFDIR, S_IFIFO, S_IFCHR };
    vfs_ino dir, to, made;
    char name[VFS_NAME_MOST + 1], to_name[VFS_NAME_MOST + 1];
    bool anew;
    if (vfs_parent(p->v, p->cwd, path, p->who, &dir, name) < 0)
        return;
    switch (what) {
    case 0:
    case 1:
    case 2:
    case 3: (void)!vfs_make_node(p->v, dir, name, types[what] | 0755, 1, 3, p->who, &made); break;
    case 4: (void)!vfs_make_link(p->v, dir, name, other, p->who); break;
    case 5: (void)!vfs_unlink(p->v, dir, name, p->who); break;
    case 6: (void)!vfs_rmdir(p->v, dir, name, p->who); break;
    case 7:
        if (vfs_find(p->v, p->cwd, other, false, p->who, &to) == 0)
            (void)!vfs_link(p->v, dir, name, to, p->who);
        break;
    case 8: (void)!vfs_find_or_make(p->v, p->cwd, path, S_IFREG | 0644, p->who, &made, &anew); break;
    default:
        if (vfs_parent(p->v, p->cwd, other, p->who, &to, to_name) == 0)
            (void)!vfs_rename(p->v, dir, name, to, to_name, p->who);
        break;
    }
}

/* clang-format on */
static void change_cwd(struct play *p, const char *path)
{
    vfs_ino ino;
    if (vfs_find(p->v, p->cwd, path, true, p->who, &ino) < 0 || !is_dir(p->v, ino))
        return;
    vfs_hold(p->v, ino);
    vfs_drop(p->v, p->cwd);
    p->cwd = ino;
}

static void on_mounts(struct play *p, unsigned what, unsigned n)
{
    size_t i = n % 8;
    if (what == 0)
        (void)!vfs_umount(p->v, i, false);
    else if (what == 1)
        (void)!vfs_umount(p->v, i, true);
    else
        (void)!vfs_remount(p->v, i, n & 8 ? "rw" : "ro,size=4k");
    (void)vfs_mount_at(p->v, i);
}

static void play(struct play *p, uint8_t call, uint8_t a, uint8_t b)
{
    const char *path = paths[a % PATHS];
    vfs_ino ino;
    if (call < 140)
        on_name(p, call % 11, path, paths[b % PATHS]);
    else if (call < 230 && vfs_find(p->v, p->cwd, path, call & 1, p->who, &ino) == 0)
        on_node(p, call % 13, ino, b);
    else if (call < 240)
        change_cwd(p, path);
    else if (call < 250)
        on_mounts(p, call % 3, b);
    else
        p->who.uid = p->who.gid = b & 1 ? 1000 : 0;
}

/* ---- The whole ---- */

/* What a directory counts is what is in it, and each child knows it. */
static void check_folder(struct vfs *v, vfs_ino dir, unsigned depth)
{
    uint64_t cursor = 0;
    struct vfs_entry entry;
    struct vfs_stat st, child;
    uint32_t n = 0;
    int e = vfs_stat(v, dir, &st);
    assert(e == 0 && S_ISDIR(st.mode));
    while ((e = vfs_next(v, dir, &cursor, &entry)) == 1) {
        char name[VFS_NAME_MOST + 1];
        n++;
        snprintf(name, sizeof name, "%s", entry.name);
        vfs_ino ino = dir_lookup(v, dir, name, strlen(name));
        assert(ino && mount_over(v, ino) == entry.ino);
        e = vfs_stat(v, ino, &child);
        assert(e == 0 && child.links > 0);
        if (S_ISDIR(child.mode) && !is_live(ino) && depth < 8 && entry.ino == ino)
            check_folder(v, ino, depth + 1);
        assert(n < 10000);
    }
    assert(e == 0);
    assert(is_live(dir) || live_is_root(v, dir) || n == dir_count(v, dir));
}

static void on_change(void *context, const char *path, vfs_ino ino)
{
    (void)context;
    assert(path[0] == '/' && ino);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_account account = { .most = 100000 };
    struct vfs_tree *tree = make_tree();
    struct play p = { .cwd = VFS_ROOT, .memory = { .account = &account, .exhausted = exhausted } };
    struct rd r = rd_init(data, size);
    int e = vfs_make(&p.v, tree, &account, &live, NULL);
    assert(e == 0);
    vfs_hold(p.v, p.cwd);
    for (int i = 0; i < 2000 && rd_left(&r) >= 3; i++) {
        uint8_t call = rd_u8(&r), a = rd_u8(&r), b = rd_u8(&r);
        vfs_clock(p.v, i);
        play(&p, call, a, b);
        assert(account.used <= account.most);
    }
    check_folder(p.v, VFS_ROOT, 0);
    vfs_changes(p.v, on_change, NULL);
    for (size_t i = 0; i < HELD; i++)
        vfs_drop(p.v, p.held[i]);
    vfs_drop(p.v, p.cwd);
    check_folder(p.v, VFS_ROOT, 0);
    vfs_free(p.v);
    memory_clear(&p.memory);
    assert(account.used == 0);
    vfs_tree_free(tree);
    return 0;
}
