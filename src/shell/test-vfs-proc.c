/* What stands under /proc, as the vfs shows it. */
#include "shell/test-vfs.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_live) };
    return cmocka_run_group_tests_name("shell/vfs-proc", tests, NULL, NULL);
}
