/* /proc/PID, laid out as Linux does it. */
#include "shell/live-inside.h"

#include <string.h>

enum { PAGE = 4096 };

static bool kernel_thread(const struct live *l)
{
    return !l->process->argv;
}

static void say_cmdline(const struct live *l)
{
    if (l->process->argv)
        text_add(l->to, l->process->argv, l->process->n_argv);
}

static void say_comm(const struct live *l)
{
    text_print(l->to, "%.15s\n", l->process->comm);
}

static void say_environ(const struct live *l)
{
    if (l->process->environ)
        text_add(l->to, l->process->environ, l->process->n_environ);
}

static void say_stat(const struct live *l)
{
    const struct live_process *x = l->process;
    bool kernel = kernel_thread(l);
    text_print(l->to,
               "%u (%.15s) %c %u %u %u 0 -1 %u 0 0 0 0 %llu %llu 0 0 20 %d 1 0 %llu %llu %u ",
               x->pid, x->comm, x->state[0], x->ppid, kernel ? 0 : x->pid, kernel ? 0 : x->pid,
               kernel ? 2129984u : 4194560u, (unsigned long long)(x->cpu / 2),
               (unsigned long long)(x->cpu - x->cpu / 2), strchr(x->state, '<') ? -20 : 0,
               (unsigned long long)x->started, (unsigned long long)x->vsz * 1024, x->rss / 4);
    text_say(l->to, kernel ? "4294967295 0 0 0 0 0 0 2147483647 0 2147483648 0 0 17 0 0 0 0 0 0\n"
                           : "4294967295 4194304 4734244 2147119648 2147117936 719318596 0 0 4 0 "
                             "2147512576 0 0 17 0 0 0 0 0 0\n");
}

static void say_statm(const struct live *l)
{
    uint32_t vsz = l->process->vsz / 4, rss = l->process->rss / 4;
    text_print(l->to, "%u %u %u %u 0 %u 0\n", vsz, rss, rss / 2, kernel_thread(l) ? 0 : vsz / 3,
               vsz / 8);
}

static const char *state_name(char c)
{
    switch (c) {
    case 'R':
        return "R (running)";
    case 'Z':
        return "Z (zombie)";
    case 'T':
        return "T (stopped)";
    case 'D':
        return "D (disk sleep)";
    default:
        return "S (sleeping)";
    }
}

static void say_memory(const struct live *l)
{
    uint32_t vsz = l->process->vsz, rss = l->process->rss, text = vsz / 3, data = vsz / 8;
    uint32_t rest = vsz > text + data + 136 ? vsz - text - data - 136 : 0;
    text_print(l->to,
               "VmPeak:\t%8u kB\nVmSize:\t%8u kB\nVmLck:\t%8u kB\nVmHWM:\t%8u kB\nVmRSS:\t%8u kB\n"
               "VmData:\t%8u kB\nVmStk:\t%8u kB\nVmExe:\t%8u kB\nVmLib:\t%8u kB\nVmPTE:\t%8u kB\n",
               vsz, vsz, 0, rss, rss, data, 136, text, rest, 12);
    if (live_release(l->m) >= LIVE_RELEASE(2, 6, 34))
        text_print(l->to, "VmSwap:\t%8u kB\n", 0);
}

static void say_status(const struct live *l)
{
    const struct live_process *x = l->process;
    text_print(l->to,
               "Name:\t%.15s\nState:\t%s\nTgid:\t%u\nPid:\t%u\nPPid:\t%u\nTracerPid:\t0\n"
               "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nFDSize:\t32\nGroups:\t\n",
               x->comm, state_name(x->state[0]), x->pid, x->pid, x->ppid, x->uid, x->uid, x->uid,
               x->uid, x->gid, x->gid, x->gid, x->gid);
    if (!kernel_thread(l))
        say_memory(l);
    const char *all = x->uid ? "0000000000000000" : "ffffffffffffffff";
    text_print(
        l->to,
        "Threads:\t1\nSigQ:\t0/%llu\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n"
        "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n"
        "CapInh:\t0000000000000000\nCapPrm:\t%s\nCapEff:\t%s\nCapBnd:\tffffffffffffffff\n"
        "Cpus_allowed:\t%x\nvoluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n",
        (unsigned long long)(l->m->memory_total / 128), all, all,
        l->m->cpus < 32 ? (1u << l->m->cpus) - 1 : UINT32_MAX, (unsigned long long)(x->cpu + 3),
        (unsigned long long)(x->cpu / 2 + 1));
}

/* A range of addresses; the name stands in a column of its own. */
static void mapped(const struct live *l, uint64_t from, uint64_t n, const char *rights, uint64_t at,
                   unsigned device, unsigned ino, const char *name)
{
    bool wide = live_64(l->m);
    size_t begin = l->to->len;
    text_print(l->to, "%08llx-%08llx %s %08llx %02x:%02x %u ", (unsigned long long)from,
               (unsigned long long)(from + n), rights, (unsigned long long)at, device >> 8,
               device & 255, ino);
    size_t width = l->to->len - begin, column = wide ? 73 : 49;
    text_print(l->to, "%*s%s\n", (int)(*name && width < column ? column - width : 0), "", name);
}

static uint64_t whole_pages(uint64_t n)
{
    return (n + PAGE - 1) / PAGE * PAGE;
}

/* A program linked statically: its text and data, heap and stack. */
static void say_maps(const struct live *l)
{
    const struct live_process *x = l->process;
    bool wide = live_64(l->m);
    struct vfs_stat st;
    vfs_ino ino;
    if (kernel_thread(l) || !*x->exe)
        return;
    bool known = vfs_find(l->v->vfs, VFS_ROOT, x->exe, true, (struct vfs_who){ 0, 0 }, &ino) == 0 &&
                 vfs_stat(l->v->vfs, ino, &st) == 0;
    uint64_t text = whole_pages(known && st.size > PAGE ? st.size : 300 * 1024), at = 0x400000;
    uint64_t stack = (wide ? 0x7ffc5a3e1000u : 0x7fb1d000u) + (uint64_t)x->pid % 64 * 0x1000;
    mapped(l, at, text, "r-xp", 0, 0x1f02, known ? ino : 1, x->exe);
    at += text + 0x10000;
    mapped(l, at, 2 * PAGE, "rw-p", text - 2 * PAGE, 0x1f02, known ? ino : 1, x->exe);
    at += 2 * PAGE;
    mapped(l, at, 3 * PAGE, "rwxp", 0, 0, 0, "[heap]");
    mapped(l, stack, 0x15000, wide ? "rw-p" : "rwxp", 0, 0, 0, "[stack]");
    if (wide || live_release(l->m) >= LIVE_RELEASE(2, 6, 34))
        mapped(l, wide ? 0x7ffc5a5f8000u : 0x7fff7000u, PAGE, "r-xp", 0, 0, 0, "[vdso]");
}

static void say_limits(const struct live *l)
{
    static const char *const rows[] = {
        "Limit                     Soft Limit           Hard Limit           Units     ",
        "Max cpu time              unlimited            unlimited            seconds   ",
        "Max file size             unlimited            unlimited            bytes     ",
        "Max data size             unlimited            unlimited            bytes     ",
        "Max stack size            8388608              unlimited            bytes     ",
        "Max core file size        0                    unlimited            bytes     ",
        "Max open files            1024                 4096                 files     ",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        text_print(l->to, "%s\n", rows[i]);
}

/* clang-format off */
const struct live_file live_pid_files[] = {
    { "cmdline", say_cmdline, true, NULL },
    { "comm", say_comm, true, NULL },
    { "environ", say_environ, false, NULL },
    { "limits", say_limits, false, NULL },
    { "maps", say_maps, false, NULL },
    { "mounts", live_mounts, true, NULL },
    { "oom_adj", NULL, false, "0\n" },
    { "oom_score", NULL, false, "0\n" },
    { "oom_score_adj", NULL, false, "0\n" },
    { "stat", say_stat, true, NULL },
    { "statm", say_statm, true, NULL },
    { "status", say_status, true, NULL },
    { "wchan", NULL, false, "0" },
    { NULL, NULL, false, NULL },
};
/* clang-format on */
