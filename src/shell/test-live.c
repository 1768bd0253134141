/* /proc as Linux lays it out, of a device and processes made for this. */
#include "shell/live.h"

#include "shell/test-machine.h"

#include <string.h>

static const char ini[] =
    "[system]\nnodename = dev\nmachine = %s\nrelease = 2.6.31\nversion = #1 x\n"
    "[hardware]\nuptime = 1000\nmemory_total = 10000\nmemory_free = 4000\nmemory_cached = 2000\n"
    "memory_buffers = 1000\nload = 0.5 0.25 0\ncpus = 2\n";

static struct machine *load(const char *cpu)
{
    struct machine *m = NULL;
    char folder[FOLDER_PATH], why[200] = "", text[1000];
    assert_int_equal(folder_make(folder, "live"), 0);
    test_folders(folder);
    snprintf(text, sizeof text, ini, cpu);
    test_say(folder, "machine.ini", text);
    test_say(folder, "mounts.tsv", "none\t/\ttmpfs\trw\t0\t0\nproc\t/proc\tproc\trw\t0\t0\n");
    test_say(folder, "interfaces.tsv",
             "eth0\t192.0.2.7\t-\t255.255.255.0\t-\tUP\t1500\t1\t0\t10\t2000\t30\t4000\n");
    test_say(folder, "routes.tsv", "0.0.0.0\t192.0.2.1\t0.0.0.0\tUG\t5\teth0\n");
    test_say(folder, "sockets.tsv",
             "tcp\t192.0.2.7:23\t198.51.100.9:4660\tESTABLISHED\t1\ntcp\t:::80\t:::*\tLISTEN\t1\n"
             "unix\t/dev/log\tDGRAM\t-\t1\n");
    test_say(folder, "modules.tsv", "a\t100\t1\tb,c\nb\t200\t0\t-\n");
    test_say(folder, "proc/cpuinfo", "a cpu\n");
    test_say(folder, "proc/uptime", "never shown\n");
    assert_int_equal(machine_load(&m, folder, why), 0);
    folder_remove(folder);
    return m;
}

static bool process(void *context, uint32_t pid, struct live_process *ret)
{
    (void)context;
    *ret = (struct live_process){ .pid = pid,
                                  .ppid = 1,
                                  .uid = 7,
                                  .gid = 8,
                                  .vsz = 1500,
                                  .rss = 600,
                                  .state = "S",
                                  .comm = "sh",
                                  .environ = "A=1\0B=2",
                                  .n_environ = 8,
                                  .cwd = "/tmp",
                                  .exe = "/bin/busybox",
                                  .started = 55,
                                  .cpu = 10 };
    if (pid == 2) { /* a thread of the kernel */
        ret->state = "SW";
        ret->vsz = ret->rss = 0;
        ret->exe = ret->cwd = "";
        return true;
    }
    ret->argv = "sh\0-c";
    ret->n_argv = 6;
    return pid == 9;
}

static bool descriptor(void *context, uint32_t pid, uint32_t fd, struct text *to)
{
    (void)context;
    text_say(to, "/dev/pts/0");
    return pid == 9 && fd == 1;
}

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    abort();
}

struct room {
    struct machine *m;
    struct vfs *vfs;
    struct memory_account account;
    struct memory memory;
    struct live_view view;
};

static void room_make(struct room *r, const char *cpu)
{
    *r = (struct room){ .m = load(cpu), .account = { .most = 1 << 22 } };
    r->memory = (struct memory){ .account = &r->account, .exhausted = exhausted };
    assert_int_equal(vfs_make(&r->vfs, r->m->tree, &r->account, NULL, NULL), 0);
    r->view =
        (struct live_view){ NULL,   process, descriptor, r->vfs, "named", INT64_C(1700000000000000),
                            100234, 0,       5,          77 };
}

static void room_release(struct room *r)
{
    memory_clear(&r->memory);
    vfs_free(r->vfs);
    assert_int_equal(r->account.used, 0);
    machine_free(r->m);
}

/* clang-format off */
static const struct {
    uint32_t pid;
    const char *name, *text; /* NULL: there is none */
} files[] = {
    { 0, "uptime", "1002.34 1943.88\n" },
    { 0, "loadavg", "0.50 0.25 0.00 1/5 77\n" },
    { 0, "cpuinfo", "a cpu\n" },
    { 0, "mounts", "none / tmpfs rw 0 0\nproc /proc proc rw 0 0\n" },
    { 0, "modules", "a 100 1 b,c, Live 0xc0200000\nb 200 0 - Live 0xc0209000\n" },
    { 0, "filesystems", "nodev\ttmpfs\nnodev\tproc\n" },
    { 0, "sys/kernel/hostname", "named\n" },
    { 0, "sys/kernel/osrelease", "2.6.31\n" },
    { 0, "kallsyms", NULL },
    { 0, "net/dev",
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
      "  eth0:    2004      10    0    0    0     0          0         0     4008      30    0    0    0     0       0          0\n" },
    { 0, "net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n83c00980: 00000003 00000000 00000000 0002 01   774 /dev/log\n" },
    { 9, "comm", "sh\n" },
    { 9, "mounts", "none / tmpfs rw 0 0\nproc /proc proc rw 0 0\n" },
    { 9, "oom_adj", "0\n" },
    { 9, "nosuch", NULL },
    { 10, "comm", NULL },
    { 2, "cmdline", "" },
    { 2, "maps", "" },
};
/* clang-format on */

static void test_files(void **state)
{
    (void)state;
    struct room r;
    room_make(&r, "mips");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct text t = text_of(&r.memory);
        int e = live_content(r.m, &r.view, files[i].pid, files[i].name, &t);
        assert_int_equal(e, files[i].text ? 0 : -ENOENT);
        if (files[i].text)
            assert_string_equal(t.data ? t.data : "", files[i].text);
        if (files[i].pid != 10)
            assert_int_equal(live_has(r.m, files[i].pid, files[i].name), files[i].text != NULL);
    }
    room_release(&r);
}

static void has(struct room *r, uint32_t pid, const char *name, const char *part)
{
    struct text t = text_of(&r->memory);
    assert_int_equal(live_content(r->m, &r->view, pid, name, &t), 0);
    if (!strstr(t.data, part))
        fail_msg("%s:\n%s\nhas no '%s'", name, t.data, part);
}

/* Addresses are numbers as the CPU reads them. */
static void test_order(void **state)
{
    (void)state;
    struct room r;
    room_make(&r, "mips");
    has(&r, 0, "net/route", "eth0\t00000000\tC0000201\t0003\t0\t0\t5\t00000000\t0\t0\t0");
    has(&r, 0, "net/tcp", "   0: C0000207:0017 C6336409:1234 01 ");
    room_release(&r);
    room_make(&r, "mipsel");
    has(&r, 0, "net/route", "eth0\t00000000\t010200C0\t0003\t0\t0\t5\t00000000\t0\t0\t0");
    has(&r, 0, "net/tcp", "   0: 070200C0:0017 096433C6:1234 01 ");
    has(&r, 0, "net/tcp6",
        "   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A ");
    room_release(&r);
}

static void test_process(void **state)
{
    (void)state;
    struct room r;
    room_make(&r, "mips");
    has(&r, 9, "status",
        "Name:\tsh\nState:\tS (sleeping)\nTgid:\t9\nPid:\t9\nPPid:\t1\nTracerPid:\t0\n"
        "Uid:\t7\t7\t7\t7\nGid:\t8\t8\t8\t8\n");
    has(&r, 9, "stat", "9 (sh) S 1 9 9 0 -1 4194560 ");
    has(&r, 9, "maps", "00400000-0044b000 r-xp 00000000 1f:02 1          /bin/busybox\n");
    has(&r, 9, "maps", "00:00 0          [heap]\n");
    struct text t = text_of(&r.memory);
    assert_int_equal(live_content(r.m, &r.view, 9, "cmdline", &t), 0);
    assert_int_equal(t.len, 6);
    assert_memory_equal(t.data, "sh\0-c", 6);
    room_release(&r);
}

static const struct {
    uint32_t pid;
    const char *name, *target; /* NULL: leads nowhere */
} links[] = {
    { 9, "exe", "/bin/busybox" }, { 9, "cwd", "/tmp" },  { 9, "root", "/" },
    { 9, "fd/1", "/dev/pts/0" },  { 9, "fd/2", NULL },   { 9, "fd/x", NULL },
    { 9, "fd/", NULL },           { 9, "nosuch", NULL }, { 2, "exe", NULL },
    { 10, "exe", NULL },          { 2, "fd/1", NULL },
};

static void test_links(void **state)
{
    (void)state;
    struct room r;
    room_make(&r, "mips");
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        struct text t = text_of(&r.memory);
        int e = live_link(r.m, &r.view, links[i].pid, links[i].name, &t);
        assert_int_equal(e, links[i].target ? 0 : -ENOENT);
        if (links[i].target)
            assert_string_equal(t.data, links[i].target);
    }
    room_release(&r);
}

/* With a seed the numbers move, and stay what they can be. */
static void test_moves(void **state)
{
    (void)state;
    struct room r;
    room_make(&r, "mips");
    r.view.seed = 99;
    bool moved = false;
    for (unsigned i = 0; i < 100; i++) {
        struct text t = text_of(&r.memory);
        r.view.uptime += 500;
        assert_int_equal(live_content(r.m, &r.view, 0, "meminfo", &t), 0);
        unsigned long unused = strtoul(strstr(t.data, "MemFree:") + 8, NULL, 10);
        assert_in_range(unused, 3950, 4000);
        moved |= unused != 4000;
    }
    assert_true(moved);
    room_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files), cmocka_unit_test(test_order), cmocka_unit_test(test_process),
        cmocka_unit_test(test_links), cmocka_unit_test(test_moves),
    };
    return cmocka_run_group_tests_name("shell/live", tests, NULL, NULL);
}
