/*
 * The same long random sequence of calls in the file system and in an empty folder of a real tmpfs:
 * what they return, and the trees they leave. The real side is a child in a root of its own.
 */
#include "shell/vfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 60, CALLS = 1500, SKIPPED = 77, NOBODY = 1000 };

static uint64_t random_state;
static bool is_root;
static char log_text[1 << 20];
static size_t log_len;

static uint32_t next_random(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 33) % n;
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(log_text + log_len, sizeof log_text - log_len, format, args);
    va_end(args);
    if (n > 0 && log_len + (size_t)n < sizeof log_text)
        log_len += (size_t)n;
}

/* ---- A path of few names, so that they meet ---- */

static void make_path(char *to, size_t room, bool link)
{
    static const char *const names[] = { "a", "b", "c", "d", "e", ".", ".." };
    size_t n = 0;
    to[0] = '\0';
    if (next_random(4) == 0)
        n += (size_t)snprintf(to, room, "/");
    unsigned parts = 1 + next_random(link ? 2 : 4);
    for (unsigned i = 0; i < parts; i++)
        n += (size_t)snprintf(to + n, room - n, "%s%s", i ? (next_random(9) ? "/" : "//") : "",
                              names[next_random(next_random(4) ? 5 : 7)]);
    if (next_random(10) == 0)
        snprintf(to + n, room - n, "/");
}

/* ---- Both sides of a call ---- */

struct sides {
    struct vfs *v;
    vfs_ino cwd;
    struct vfs_who who;
    int64_t ours, theirs;
    char ours_text[5000], theirs_text[5000];
};

static struct memory no_account;

static int64_t real(int64_t r)
{
    return r < 0 ? -errno : r;
}

/* A call on the directory and name that a path leads to. */
#define AT_NAME(s, path, call)                                                                     \
    ({                                                                                             \
        vfs_ino dir;                                                                               \
        char name[VFS_NAME_MOST + 1];                                                              \
        int e_ = vfs_parent((s)->v, (s)->cwd, path, (s)->who, &dir, name);                         \
        e_ < 0 ? e_ : (call);                                                                      \
    })
#define AT_NODE(s, path, follow, call)                                                             \
    ({                                                                                             \
        vfs_ino ino;                                                                               \
        int e_ = vfs_find((s)->v, (s)->cwd, path, follow, (s)->who, &ino);                         \
        e_ < 0 ? e_ : (call);                                                                      \
    })

static void do_mkdir(struct sides *s, const char *p, const char *q)
{
    (void)q;
    vfs_ino made;
    uint32_t mode = next_random(8) ? 0755 : next_random(01000);
    s->ours = AT_NAME(s, p, vfs_make_node(s->v, dir, name, S_IFDIR | mode, 0, 0, s->who, &made));
    s->theirs = real(mkdir(p, mode));
}

static void do_mknod(struct sides *s, const char *p, const char *q)
{
    (void)q;
    vfs_ino made;
    s->ours = AT_NAME(s, p, vfs_make_node(s->v, dir, name, S_IFIFO | 0644, 0, 0, s->who, &made));
    s->theirs = real(mknod(p, S_IFIFO | 0644, 0));
}

static void do_create(struct sides *s, const char *p, const char *q)
{
    (void)q;
    bool made;
    vfs_ino ino;
    uint32_t mode = next_random(8) ? 0644 : next_random(01000);
    struct vfs_stat st;
    s->ours = vfs_find_or_make(s->v, s->cwd, p, S_IFREG | mode, s->who, &ino, &made);
    if (s->ours == 0 && !made) {
        int e = vfs_stat(s->v, ino, &st);
        assert_int_equal(e, 0);
        s->ours = S_ISDIR(st.mode) ? -EISDIR : vfs_access(s->v, ino, W_OK, s->who);
        if (S_ISFIFO(st.mode) && s->ours == 0)
            s->ours = -ENXIO;
    }
    s->theirs = real(open(p, O_WRONLY | O_CREAT | O_NONBLOCK, mode));
    if (s->theirs >= 0) {
        close((int)s->theirs);
        s->theirs = 0;
    }
}

static void do_rmdir(struct sides *s, const char *p, const char *q)
{
    (void)q;
    s->ours = AT_NAME(s, p, vfs_rmdir(s->v, dir, name, s->who));
    s->theirs = real(rmdir(p));
}

static void do_unlink(struct sides *s, const char *p, const char *q)
{
    (void)q;
    s->ours = AT_NAME(s, p, vfs_unlink(s->v, dir, name, s->who));
    s->theirs = real(unlink(p));
}

static void do_symlink(struct sides *s, const char *p, const char *q)
{
    char target[64];
    (void)q;
    make_path(target, sizeof target, true);
    say("   -> %s\n", target);
    s->ours = AT_NAME(s, p, vfs_make_link(s->v, dir, name, target, s->who));
    s->theirs = real(symlink(target, p));
}

static void do_link(struct sides *s, const char *p, const char *q)
{
    vfs_ino from;
    struct stat st;
    if (s->who.uid && (lstat(p, &st) || st.st_uid != s->who.uid || !S_ISREG(st.st_mode)))
        return; /* hosts protect the files of others from it */
    int e = vfs_find(s->v, s->cwd, p, false, s->who, &from);
    s->ours = e < 0 ? e : AT_NAME(s, q, vfs_link(s->v, dir, name, from, s->who));
    s->theirs = real(link(p, q));
}

static void do_rename(struct sides *s, const char *p, const char *q)
{
    vfs_ino from;
    char from_name[VFS_NAME_MOST + 1];
    int e = vfs_parent(s->v, s->cwd, p, s->who, &from, from_name);
    s->ours = e < 0 ? e : AT_NAME(s, q, vfs_rename(s->v, from, from_name, dir, name, s->who));
    s->theirs = real(rename(p, q));
}

static void do_chmod(struct sides *s, const char *p, const char *q)
{
    (void)q;
    uint32_t mode = next_random(3) ? 0755 : next_random(010000);
    if (mode & 022)
        mode &= ~(
            uint32_t)S_ISVTX; /* hosts protect links and files there from others; devices do not */
    struct stat st;
    if (stat(p, &st) == 0 && !S_ISDIR(st.st_mode))
        mode &= 01777; /* a write by another takes them off, which the file system does not */
    s->ours = AT_NODE(s, p, true, vfs_chmod(s->v, ino, mode, s->who));
    s->theirs = real(chmod(p, mode));
}

static void do_chown(struct sides *s, const char *p, const char *q)
{
    (void)q;
    uint32_t uid = next_random(3) ? UINT32_MAX : next_random(2) * NOBODY,
             gid = next_random(3) ? UINT32_MAX : next_random(2) * NOBODY;
    if (!is_root)
        return;
    s->ours = AT_NODE(s, p, false, vfs_chown(s->v, ino, uid, gid, s->who));
    s->theirs = real(lchown(p, uid, gid));
}

static int64_t open_ours(struct sides *s, const char *p, unsigned rwx, vfs_ino *ret)
{
    struct vfs_stat st;
    int e = vfs_find(s->v, s->cwd, p, true, s->who, ret);
    if (e == 0)
        e = vfs_stat(s->v, *ret, &st);
    if (e == 0 && S_ISDIR(st.mode) && rwx & W_OK)
        e = -EISDIR;
    if (e == 0)
        e = vfs_access(s->v, *ret, rwx, s->who);
    if (e == 0 && !S_ISREG(st.mode))
        e = S_ISDIR(st.mode) ? -EISDIR : -ENXIO;
    return e;
}

static int open_theirs(const char *p, int flags)
{
    int fd = open(p, flags | O_NONBLOCK);
    struct stat st;
    if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
        close(fd);
        errno = S_ISDIR(st.st_mode) ? EISDIR : ENXIO;
        return -1;
    }
    return fd;
}

static void do_write(struct sides *s, const char *p, const char *q)
{
    (void)q;
    static char data[20000];
    size_t n = next_random(next_random(5) ? 100 : sizeof data),
           at = next_random(3) ? 0 : next_random(40000);
    memset(data, next_random(4) ? 'a' + (int)next_random(26) : 0, sizeof data);
    vfs_ino ino;
    s->ours = open_ours(s, p, W_OK, &ino);
    if (s->ours == 0)
        s->ours = vfs_write(s->v, ino, at, data, n);
    int fd = open_theirs(p, O_WRONLY);
    s->theirs = real(fd);
    if (fd < 0)
        return;
    s->theirs = real(pwrite(fd, data, n, (off_t)at));
    close(fd);
}

static void do_truncate(struct sides *s, const char *p, const char *q)
{
    (void)q;
    uint64_t size = next_random(3) ? 0 : next_random(30000);
    vfs_ino ino;
    s->ours = open_ours(s, p, W_OK, &ino);
    if (s->ours == 0)
        s->ours = vfs_truncate(s->v, ino, size);
    int fd = open_theirs(p, O_WRONLY);
    s->theirs = real(fd);
    if (fd < 0)
        return;
    s->theirs = real(ftruncate(fd, (off_t)size));
    close(fd);
}

static void do_read(struct sides *s, const char *p, const char *q)
{
    (void)q;
    size_t n = next_random(sizeof s->ours_text), at = next_random(3) ? 0 : next_random(30000);
    vfs_ino ino;
    s->ours = open_ours(s, p, R_OK, &ino);
    if (s->ours == 0)
        s->ours = vfs_read(s->v, ino, at, s->ours_text, n);
    int fd = open_theirs(p, O_RDONLY);
    s->theirs = real(fd);
    if (fd < 0)
        return;
    s->theirs = real(pread(fd, s->theirs_text, n, (off_t)at));
    close(fd);
}

static void do_access(struct sides *s, const char *p, const char *q)
{
    (void)q;
    unsigned rwx = next_random(8);
    s->ours = AT_NODE(s, p, true, vfs_access(s->v, ino, rwx, s->who));
    s->theirs = real(faccessat(AT_FDCWD, p, (int)rwx, AT_EACCESS));
}

static void tell_ours(struct sides *s, vfs_ino ino)
{
    struct vfs_stat st;
    s->ours = vfs_stat(s->v, ino, &st);
    snprintf(s->ours_text, sizeof s->ours_text, "%o %u %u:%u %llu", st.mode, st.links, st.uid,
             st.gid, (unsigned long long)st.size);
}

static void tell_theirs(struct sides *s, const struct stat *st)
{
    s->theirs = 0;
    snprintf(s->theirs_text, sizeof s->theirs_text, "%o %u %u:%u %llu", st->st_mode,
             (unsigned)st->st_nlink, st->st_uid, st->st_gid, (unsigned long long)st->st_size);
}

static void do_stat(struct sides *s, const char *p, const char *q)
{
    (void)q;
    bool follow = next_random(2);
    vfs_ino found = 0;
    struct stat st;
    s->ours = AT_NODE(s, p, follow, (found = ino, 0));
    if (found)
        tell_ours(s, found);
    s->theirs = real(follow ? stat(p, &st) : lstat(p, &st));
    if (s->theirs == 0)
        tell_theirs(s, &st);
}

static void do_readlink(struct sides *s, const char *p, const char *q)
{
    (void)q;
    struct text t = text_of(&no_account);
    s->ours = AT_NODE(s, p, false, vfs_readlink(s->v, ino, &t));
    if (s->ours == 0)
        snprintf(s->ours_text, sizeof s->ours_text, "%s", t.data);
    text_release(&t);
    ssize_t n = readlink(p, s->theirs_text, sizeof s->theirs_text - 1);
    s->theirs = real(n < 0 ? -1 : 0);
}

/* Newest first on both sides. */
static void do_list(struct sides *s, const char *p, const char *q)
{
    (void)q;
    vfs_ino dir = 0;
    uint64_t cursor = 0;
    struct vfs_entry entry;
    size_t n = 0;
    s->ours = AT_NODE(s, p, true, (dir = ino, vfs_access(s->v, ino, R_OK, s->who)));
    while (s->ours >= 0 && (s->ours = vfs_next(s->v, dir, &cursor, &entry)) == 1)
        n += (size_t)snprintf(s->ours_text + n, sizeof s->ours_text - n, "%s ", entry.name);
    DIR *d = opendir(p);
    s->theirs = real(d ? 0 : -1);
    n = 0;
    for (struct dirent *e; d && (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            n += (size_t)snprintf(s->theirs_text + n, sizeof s->theirs_text - n, "%s ", e->d_name);
    if (d)
        closedir(d);
    if (s->ours == -EACCES && s->theirs == -ENOTDIR)
        s->ours = s->theirs; /* opendir() looks at the kind before the rights */
}

static void do_chdir(struct sides *s, const char *p, const char *q)
{
    (void)q;
    vfs_ino found = 0;
    s->ours = AT_NODE(s, p, true, (found = ino, vfs_access(s->v, ino, X_OK, s->who)));
    struct vfs_stat st;
    if (s->ours == 0 && (vfs_stat(s->v, found, &st) < 0 || !S_ISDIR(st.mode)))
        s->ours = -ENOTDIR;
    s->theirs = real(chdir(p));
    if (s->theirs == -ENOTDIR && s->ours == -EACCES)
        s->ours = s->theirs;
    if (s->ours < 0)
        return;
    vfs_hold(s->v, found);
    vfs_drop(s->v, s->cwd);
    s->cwd = found;
}

static void do_getcwd(struct sides *s, const char *p, const char *q)
{
    (void)p;
    (void)q;
    struct text t = text_of(&no_account);
    s->ours = vfs_path(s->v, s->cwd, &t);
    if (s->ours == 0)
        snprintf(s->ours_text, sizeof s->ours_text, "%s", t.data);
    text_release(&t);
    s->theirs = real(getcwd(s->theirs_text, sizeof s->theirs_text) ? 0 : -1);
}

static void do_who(struct sides *s, const char *p, const char *q)
{
    (void)p;
    (void)q;
    if (!is_root)
        return;
    uint32_t id = next_random(3) ? 0 : NOBODY;
    if (seteuid(0) || setegid(id) || seteuid(id))
        abort();
    s->who = (struct vfs_who){ id, id };
}

static const struct {
    const char *name;
    void (*call)(struct sides *s, const char *p, const char *q);
    unsigned weight;
} calls[] = {
    { "mkdir", do_mkdir, 10 },      { "mknod", do_mknod, 2 },    { "create", do_create, 10 },
    { "rmdir", do_rmdir, 6 },       { "unlink", do_unlink, 6 },  { "symlink", do_symlink, 5 },
    { "link", do_link, 6 },         { "rename", do_rename, 12 }, { "chmod", do_chmod, 3 },
    { "chown", do_chown, 3 },       { "write", do_write, 8 },    { "truncate", do_truncate, 3 },
    { "read", do_read, 6 },         { "access", do_access, 3 },  { "stat", do_stat, 12 },
    { "readlink", do_readlink, 3 }, { "list", do_list, 8 },      { "chdir", do_chdir, 3 },
    { "getcwd", do_getcwd, 2 },     { "who", do_who, 2 },
};
enum { KINDS = sizeof calls / sizeof calls[0] };

static size_t any_call(void)
{
    unsigned all = 0;
    for (size_t i = 0; i < KINDS; i++)
        all += calls[i].weight;
    unsigned at = next_random(all);
    size_t i = 0;
    while (at >= calls[i].weight)
        at -= calls[i++].weight;
    return i;
}

static _Noreturn void differ(const struct sides *s, uint64_t seed)
{
    fprintf(stderr, "%s", log_len > 3000 ? log_text + log_len - 3000 : log_text);
    fprintf(stderr, "seed %llu: ours %lld (%s) \"%s\", tmpfs %lld (%s) \"%s\"\n",
            (unsigned long long)seed, (long long)s->ours,
            s->ours < 0 ? strerror((int)-s->ours) : "", s->ours_text, (long long)s->theirs,
            s->theirs < 0 ? strerror((int)-s->theirs) : "", s->theirs_text);
    _exit(1);
}

static void one_call(struct sides *s, uint64_t seed)
{
    char p[128], q[128];
    size_t i = any_call();
    make_path(p, sizeof p, false);
    make_path(q, sizeof q, false);
    s->ours = s->theirs = 0;
    memset(s->ours_text, 0, sizeof s->ours_text);
    memset(s->theirs_text, 0, sizeof s->theirs_text);
    say("%u %s %s %s\n", s->who.uid, calls[i].name, p, q);
    calls[i].call(s, p, q);
    if (s->ours != s->theirs || memcmp(s->ours_text, s->theirs_text, sizeof s->ours_text) != 0)
        differ(s, seed);
}

/* ---- The tree that is left ---- */

static void same_trees(struct sides *s, vfs_ino dir, int fd, uint64_t seed)
{
    uint64_t cursor = 0;
    struct vfs_entry entry;
    size_t n = 0;
    int e;
    while ((e = vfs_next(s->v, dir, &cursor, &entry)) == 1) {
        struct stat st;
        vfs_ino ino = entry.ino;
        n++;
        say("left: %s\n", entry.name);
        if (fstatat(fd, entry.name, &st, AT_SYMLINK_NOFOLLOW))
            differ(s, seed);
        tell_theirs(s, &st);
        tell_ours(s, ino);
        if (strcmp(s->ours_text, s->theirs_text) != 0)
            differ(s, seed);
        if (S_ISDIR(st.st_mode)) {
            int inner = openat(fd, entry.name, O_RDONLY | O_DIRECTORY);
            assert_true(inner >= 0);
            same_trees(s, ino, inner, seed);
        }
    }
    assert_int_equal(e, 0);
    DIR *d = fdopendir(fd);
    assert_non_null(d);
    for (struct dirent *de; (de = readdir(d));)
        n -= strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0;
    closedir(d);
    assert_int_equal(n, 0);
}

static void wipe(int dir)
{
    DIR *d = fdopendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(d), e->d_name, 0) == 0)
            continue;
        int inner = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (inner >= 0)
            wipe(inner);
        unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
    }
    closedir(d);
}

static void one_round(uint64_t seed, const char *empty)
{
    (void)empty;
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    log_len = 0;
    struct sides s = { .cwd = VFS_ROOT };
    struct memory_account account = { .most = 64 << 20 };
    struct memory memory = { .account = &account };
    no_account = memory;
    struct vfs_tree *tree = NULL;
    char why[200];
    int e = vfs_tree_load(&tree, "/", why);
    assert_int_equal(e, 0);
    e = vfs_tree_mount(tree, "tmpfs", "/", "tmpfs", "rw,relatime", 0);
    assert_int_equal(e, 0);
    e = vfs_make(&s.v, tree, &account, NULL, NULL);
    assert_int_equal(e, 0);
    for (int i = 0; i < CALLS; i++)
        one_call(&s, seed);
    if (is_root && (seteuid(0) || setegid(0)))
        abort();
    if (chdir("/"))
        abort();
    same_trees(&s, VFS_ROOT, open("/", O_RDONLY | O_DIRECTORY), seed);
    vfs_free(s.v);
    assert_int_equal(account.used, 0);
    vfs_tree_free(tree);
}

/* An empty tmpfs as root, in namespaces of its own where that takes no more rights than these. */
static bool enter(const char *at)
{
    is_root = geteuid() == 0;
    if (!is_root) {
        uid_t uid = getuid();
        char map[64];
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
            return false;
        snprintf(map, sizeof map, "0 %u 1", uid);
        int fd = open("/proc/self/uid_map", O_WRONLY);
        if (fd < 0 || write(fd, map, strlen(map)) < 0)
            return false;
        close(fd);
    } else if (unshare(CLONE_NEWNS)) {
        return false;
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", at, "tmpfs", 0, "mode=755"))
        return false;
    bool in = chroot(at) == 0 && chdir("/") == 0;
    if (is_root)
        in = in && setgroups(0, NULL) == 0;
    umask(0);
    return in;
}

static void test_same(void **state)
{
    (void)state;
    const char *one = getenv("VFS_SEED");
    char at[] = "/tmp/vfs-same-XXXXXX";
    assert_non_null(mkdtemp(at));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (!enter(at))
            _exit(SKIPPED);
        uint64_t first = one ? strtoull(one, NULL, 10) : 1, last = one ? first : ROUNDS;
        for (uint64_t seed = first; seed <= last; seed++) {
            one_round(seed, "/");
            wipe(open("/", O_RDONLY | O_DIRECTORY));
        }
        _exit(0); /* without LeakSanitizer, which needs /proc: every round has counted what it gave
                     back */
    }
    int status;
    pid_t ended = waitpid(child, &status, 0);
    rmdir(at);
    assert_int_equal(ended, child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
        skip();
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
    };
    return cmocka_run_group_tests_name("shell/vfs-same", tests, NULL, NULL);
}
