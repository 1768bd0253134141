#include "shell/live.h"

#include "shell/live-inside.h"
#include "shell/machine-inside.h"
#include "shell/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HZ = 100 };

/* splitmix64, as of Steele, Lea and Flood 2014: any number makes a number that looks like none. */
static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint64_t live_wobble(const struct live *l, unsigned what, unsigned seconds, uint64_t most)
{
    bool own = l->v->identity && l->v->identity->secret; /* a device's is the same for all who visit at a time */
    uint64_t seed = own ? l->v->identity->secret : l->v->seed;
    if (!seed || !most)
        return 0;
    return mixed(seed ^ mixed(l->v->uptime / HZ / seconds) ^ what) % most;
}

unsigned live_release(const struct machine *m)
{
    const char *at = m->release;
    unsigned release = 0;
    for (unsigned part = 0; part < 3; part++) {
        char *end;
        unsigned long n = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : 0;
        release = release << 8 | (n > 255 ? 255 : (unsigned)n);
        at = n && *end == '.' ? end + 1 : "";
    }
    return release;
}

bool live_64(const struct machine *m)
{
    return strstr(m->machine, "64") != NULL;
}

bool live_big_endian(const struct machine *m)
{
    if (m->order && *m->order)
        return strcmp(m->order, "big") == 0;
    static const char *const big[] = { "mips",     "mips64", "ppc",     "ppc64", "armeb",
                                       "armv5teb", "sparc",  "sparc64", "m68k",  "s390x" };
    for (size_t i = 0; i < sizeof big / sizeof big[0]; i++) {
        if (strcmp(m->machine, big[i]) == 0)
            return true;
    }
    return false;
}

uint64_t live_count(const struct machine *m, uint64_t count, uint64_t uptime)
{
    if (!m->uptime)
        return count;
    if (uptime < m->uptime)
        return count / m->uptime * uptime + count % m->uptime * uptime / m->uptime;
    return count + count / m->uptime * (uptime - m->uptime);
}

/* ---- Numbers of the moment ---- */

static void say_uptime(const struct live *l)
{
    uint64_t up = l->v->uptime, idle = up * l->m->cpus / 100 * 97;
    text_print(l->to, "%llu.%02llu %llu.%02llu\n", (unsigned long long)(up / HZ),
               (unsigned long long)(up % HZ), (unsigned long long)(idle / HZ),
               (unsigned long long)(idle % HZ));
}

static void say_loadavg(const struct live *l)
{
    static const unsigned slow[] = { 5, 30, 120 };
    for (unsigned i = 0; i < 3; i++)
        text_print(l->to, "%.2f ",
                   l->m->load[i] + (double)live_wobble(l, i, slow[i], 8 >> i) / 100);
    text_print(l->to, "1/%u %u\n", l->v->processes, l->v->last_pid);
}

static void kilobytes(const struct live *l, const char *name, uint64_t n)
{
    text_print(l->to, "%-15s %8llu kB\n", name, (unsigned long long)n);
}

static void say_meminfo(const struct live *l)
{
    const struct machine *m = l->m;
    uint64_t less = live_wobble(l, 10, 3, m->memory_total / 256);
    uint64_t unused = m->memory_free > less ? m->memory_free - less : m->memory_free;
    uint64_t active = m->memory_cached / 2 + m->memory_buffers / 2, slab = m->memory_total / 12;
    kilobytes(l, "MemTotal:", m->memory_total);
    kilobytes(l, "MemFree:", unused);
    if (live_release(m) >= LIVE_RELEASE(3, 14, 0))
        kilobytes(l, "MemAvailable:", unused + m->memory_cached / 4 * 3);
    kilobytes(l, "Buffers:", m->memory_buffers);
    kilobytes(l, "Cached:", m->memory_cached);
    kilobytes(l, "SwapCached:", 0);
    kilobytes(l, "Active:", active);
    kilobytes(l, "Inactive:", m->memory_cached - m->memory_cached / 2);
    kilobytes(l, "SwapTotal:", m->swap_total);
    kilobytes(l, "SwapFree:", m->swap_free);
    kilobytes(l, "Dirty:", 0);
    kilobytes(l, "Writeback:", 0);
    kilobytes(l, "AnonPages:", active / 3);
    kilobytes(l, "Mapped:", active / 4);
    if (live_release(m) >= LIVE_RELEASE(2, 6, 32))
        kilobytes(l, "Shmem:", m->memory_shared);
    kilobytes(l, "Slab:", slab);
    kilobytes(l, "SReclaimable:", slab / 6);
    kilobytes(l, "SUnreclaim:", slab - slab / 6);
    kilobytes(l, "KernelStack:", 8 * (uint64_t)l->v->processes);
    kilobytes(l, "PageTables:", 8 * (uint64_t)l->v->processes);
    kilobytes(l, "CommitLimit:", m->memory_total / 2 + m->swap_total);
    kilobytes(l, "Committed_AS:", active);
    kilobytes(l, "VmallocTotal:", 1048372);
    kilobytes(l, "VmallocUsed:", 1764);
    kilobytes(l, "VmallocChunk:", 1044476);
}

static void say_cpu(const struct live *l, const char *name, uint64_t ticks)
{
    uint64_t user = ticks / 100, kernel = ticks / 64, soft = ticks / 300;
    text_print(l->to, "%s %llu 0 %llu %llu 0 0 %llu 0 0\n", name, (unsigned long long)user,
               (unsigned long long)kernel, (unsigned long long)(ticks - user - kernel - soft),
               (unsigned long long)soft);
}

/* The second that it was started in, the same at each reading. */
static int64_t booted(const struct live *l)
{
    return (l->v->now / (1000000 / HZ) - (int64_t)l->v->uptime) / HZ;
}

static void say_stat(const struct live *l)
{
    uint64_t up = l->v->uptime;
    say_cpu(l, "cpu ", up * l->m->cpus);
    for (uint32_t i = 0; i < l->m->cpus; i++) {
        char *name = memory_print(l->to->memory, "cpu%u", i);
        say_cpu(l, name, up);
        memory_give(l->to->memory, name);
    }
    text_print(l->to,
               "intr %llu\nctxt %llu\nbtime %lld\nprocesses %u\nprocs_running 1\nprocs_blocked 0\n",
               (unsigned long long)(up + up / 3), (unsigned long long)(up * 3),
               (long long)booted(l), l->v->last_pid);
}

void live_mounts(const struct live *l)
{
    size_t n = vfs_mounts(l->v->vfs);
    for (size_t i = 0; i < n; i++) {
        const struct vfs_mount *m = vfs_mount_at(l->v->vfs, i);
        if (m)
            text_print(l->to, "%s %s %s %s 0 0\n", m->device, m->path, m->type, m->options);
    }
}

static void say_modules(const struct live *l)
{
    for (size_t i = 0; i < l->m->n_modules; i++) {
        const struct machine_module *x = &l->m->modules[i];
        text_print(l->to, "%s %u %u %s%s Live 0x%08x\n", x->name, x->size, x->count,
                   *x->used_by ? x->used_by : "-", *x->used_by ? "," : "",
                   0xc0200000u + (unsigned)i * 0x9000u);
    }
}

/* ---- What a device whose data does not tell it has ---- */

static void say_version(const struct live *l)
{
    text_print(l->to, "%s version %s (root@localhost) (gcc version 4.6.3 (GCC) ) %s\n",
               l->m->sysname, l->m->release, l->m->version_kernel);
}

static void say_cpuinfo(const struct live *l)
{
    for (uint32_t i = 0; i < l->m->cpus; i++)
        text_print(l->to, "processor\t\t: %u\nBogoMIPS\t\t: 383.38\n\n", i);
}

/* One type a line, in the order of the mounts. */
static void say_filesystems(const struct live *l)
{
    static const char *const on_disk[] = { "ext2",   "ext3", "ext4", "squashfs",
                                           "cramfs", "vfat", "ubifs" };
    size_t n = vfs_mounts(l->v->vfs);
    for (size_t i = 0; i < n; i++) {
        const char *type = vfs_mount_at(l->v->vfs, i)->type, *nodev = "nodev";
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(vfs_mount_at(l->v->vfs, k)->type, type) == 0;
        for (size_t k = 0; k < sizeof on_disk / sizeof on_disk[0]; k++) {
            if (strcmp(on_disk[k], type) == 0)
                nodev = "";
        }
        if (!seen)
            text_print(l->to, "%s\t%s\n", nodev, type);
    }
}

/* ---- /proc/sys ---- */

static void say_line(const struct live *l, const char *s)
{
    text_print(l->to, "%s\n", s);
}

static void say_ostype(const struct live *l)
{
    say_line(l, l->m->sysname);
}

static void say_osrelease(const struct live *l)
{
    say_line(l, l->m->release);
}

static void say_os_version(const struct live *l)
{
    say_line(l, l->m->version_kernel);
}

static void say_hostname(const struct live *l)
{
    say_line(l, l->v->hostname);
}

static void say_domainname(const struct live *l)
{
    say_line(l, l->m->domain);
}

static void say_entropy(const struct live *l)
{
    text_print(l->to, "%llu\n", (unsigned long long)(1024 + live_wobble(l, 20, 2, 2048)));
}

static void say_uuid_of(const struct live *l, uint64_t seed)
{
    uint64_t a = mixed(seed), b = mixed(a);
    text_print(l->to, "%08x-%04x-4%03x-%04x-%012llx\n", (unsigned)(a >> 32),
               (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
               (unsigned)(0x8000 | (b >> 48 & 0x3fff)), (unsigned long long)(b & 0xffffffffffff));
}

/* Another at each reading: the clock of a session moves between two. */
static void say_uuid(const struct live *l)
{
    say_uuid_of(l, l->v->seed ^ (uint64_t)l->v->now);
}

static void say_boot_id(const struct live *l)
{
    uint64_t secret = l->v->identity ? l->v->identity->secret : 0;
    say_uuid_of(l, mixed(l->m->memory_total ^ secret) ^ (uint64_t)booted(l));
}

/* clang-format off */
static const struct live_file files[] = {
    { "cmdline", NULL, false, "console=ttyS0,115200 init=/sbin/init\n" },
    { "cpuinfo", say_cpuinfo, false, NULL },
    { "devices", NULL, false,
      "Character devices:\n  1 mem\n  4 ttyS\n  5 /dev/tty\n  5 /dev/console\n 10 misc\n"
      " 90 mtd\n128 ptm\n136 pts\n\nBlock devices:\n 31 mtdblock\n" },
    { "filesystems", say_filesystems, false, NULL },
    { "loadavg", say_loadavg, true, NULL },
    { "meminfo", say_meminfo, true, NULL },
    { "modules", say_modules, true, NULL },
    { "mounts", live_mounts, true, NULL },
    { "partitions", NULL, false, "major minor  #blocks  name\n\n" },
    { "stat", say_stat, true, NULL },
    { "swaps", NULL, false, "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n" },
    { "uptime", say_uptime, true, NULL },
    { "version", say_version, false, NULL },
    { "sys/fs/file-max", NULL, false, "5906\n" },
    { "sys/fs/file-nr", NULL, false, "352\t0\t5906\n" },
    { "sys/kernel/core_pattern", NULL, false, "core\n" },
    { "sys/kernel/domainname", say_domainname, false, NULL },
    { "sys/kernel/hostname", say_hostname, true, NULL },
    { "sys/kernel/modprobe", NULL, false, "/sbin/modprobe\n" },
    { "sys/kernel/osrelease", say_osrelease, false, NULL },
    { "sys/kernel/ostype", say_ostype, false, NULL },
    { "sys/kernel/panic", NULL, false, "5\n" },
    { "sys/kernel/pid_max", NULL, false, "32768\n" },
    { "sys/kernel/printk", NULL, false, "7\t4\t1\t7\n" },
    { "sys/kernel/random/boot_id", say_boot_id, false, NULL },
    { "sys/kernel/random/entropy_avail", say_entropy, false, NULL },
    { "sys/kernel/random/poolsize", NULL, false, "4096\n" },
    { "sys/kernel/random/uuid", say_uuid, true, NULL },
    { "sys/kernel/randomize_va_space", NULL, false, "1\n" },
    { "sys/kernel/threads-max", NULL, false, "471\n" },
    { "sys/kernel/version", say_os_version, false, NULL },
    { "sys/net/core/rmem_max", NULL, false, "110592\n" },
    { "sys/net/core/somaxconn", NULL, false, "128\n" },
    { "sys/net/core/wmem_max", NULL, false, "110592\n" },
    { "sys/net/ipv4/icmp_echo_ignore_all", NULL, false, "0\n" },
    { "sys/net/ipv4/ip_forward", NULL, false, "1\n" },
    { "sys/net/ipv4/ip_local_port_range", NULL, false, "32768\t61000\n" },
    { "sys/net/ipv4/tcp_fin_timeout", NULL, false, "60\n" },
    { "sys/net/ipv4/tcp_max_syn_backlog", NULL, false, "128\n" },
    { "sys/net/ipv4/tcp_syncookies", NULL, false, "1\n" },
    { "sys/net/ipv4/tcp_timestamps", NULL, false, "1\n" },
    { "sys/net/ipv4/tcp_tw_reuse", NULL, false, "0\n" },
    { "sys/vm/drop_caches", NULL, false, "0\n" },
    { "sys/vm/min_free_kbytes", NULL, false, "1024\n" },
    { "sys/vm/overcommit_memory", NULL, false, "0\n" },
    { "sys/vm/panic_on_oom", NULL, false, "0\n" },
    { "sys/vm/swappiness", NULL, false, "60\n" },
    { NULL, NULL, false, NULL },
};
/* clang-format on */

static const struct live_file *file_in(const struct live_file *f, const char *name)
{
    while (f->name && strcmp(f->name, name) != 0)
        f++;
    return f->name ? f : NULL;
}

static const struct live_file *file_of(bool of_process, const char *name)
{
    const struct live_file *f = file_in(of_process ? live_pid_files : files, name);
    return f ? f : file_in(live_net_files, name);
}

/* The device's own text: "cpuinfo", or of a process "1/maps"; its net/ is everybody's. */
static const char *own(const struct machine *m, uint32_t pid, const char *name)
{
    char path[64];
    if (!pid || strncmp(name, "net/", 4) == 0)
        return machine_proc(m, name);
    int n = snprintf(path, sizeof path, "%u/%s", pid, name);
    return n > 0 && (size_t)n < sizeof path ? machine_proc(m, path) : NULL;
}

bool live_has(const struct machine *m, uint32_t pid, const char *name)
{
    return file_of(pid != 0, name) || own(m, pid, name);
}

int live_content(const struct machine *m, struct live_view *v, uint32_t pid, const char *name,
                 struct text *to)
{
    struct live_process process;
    struct live l = { .m = m, .v = v, .to = to, .process = &process };
    if (pid && !v->process(v->context, pid, &process))
        return -ENOENT;
    const struct live_file *f = file_of(pid != 0, name);
    const char *text = pid ? NULL : setting_find(v->settings, name);
    if (!text && !(f && f->always))
        text = own(m, pid, name);
    if (text && strncmp(name, "net/", 4) == 0)
        network_say(m, v->identity, to, text);
    else if (text)
        text_say(to, text);
    else if (f && f->text)
        text_say(to, f->text);
    else if (f)
        f->say(&l);
    return text || f ? 0 : -ENOENT;
}

static int link_fd(struct live_view *v, uint32_t pid, const char *name, struct text *to)
{
    uint64_t fd;
    if (!v->descriptor || !machine_number(name, 1 << 20, &fd))
        return -ENOENT;
    return v->descriptor(v->context, pid, (uint32_t)fd, to) ? 0 : -ENOENT;
}

int live_link(const struct machine *m, struct live_view *v, uint32_t pid, const char *name,
              struct text *to)
{
    (void)m;
    struct live_process process;
    if (!v->process(v->context, pid, &process))
        return -ENOENT;
    if (strncmp(name, "fd/", 3) == 0)
        return link_fd(v, pid, name + 3, to);
    const char *target = strcmp(name, "exe") == 0    ? process.exe
                         : strcmp(name, "cwd") == 0  ? process.cwd
                         : strcmp(name, "root") == 0 ? "/"
                                                     : "";
    if (!*target)
        return -ENOENT;
    text_say(to, target);
    return 0;
}
