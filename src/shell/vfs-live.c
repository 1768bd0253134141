/*
 * What stands under /proc: names from two tables, processes and contents from the session. A live
 * node's number is the process and the place in its table (0: the process's directory itself), or
 * of process 0 the place in the other.
 */
#include "shell/vfs-own.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIR = S_IFDIR | 0555, FILE_ = S_IFREG | 0444, SET = S_IFREG | 0644 };
/* Places from FD on are those of /proc/PID/fd. */
#define INDEX_BITS 9
#define FD 256u
#define FDS 256u

struct live {
    const char *path;
    uint32_t mode;
    const char *target; /* of a link; NULL: the session tells */
};

/* Of the system; the first is the root. In a directory they are listed in this order. */
static const struct live system_names[] = {
    { "", DIR },
    { "fs", DIR },
    { "net", S_IFLNK | 0777, "self/net" },
    { "sys", DIR },
    { "tty", DIR },
    { "mtd", FILE_ },
    { "misc", FILE_ },
    { "stat", FILE_ },
    { "iomem", FILE_ },
    { "kcore", S_IFREG | 0400 },
    { "locks", FILE_ },
    { "swaps", FILE_ },
    { "crypto", FILE_ },
    { "mdstat", FILE_ },
    { "mounts", S_IFLNK | 0777, "self/mounts" },
    { "uptime", FILE_ },
    { "vmstat", FILE_ },
    { "cmdline", FILE_ },
    { "cpuinfo", FILE_ },
    { "devices", FILE_ },
    { "ioports", FILE_ },
    { "loadavg", FILE_ },
    { "meminfo", FILE_ },
    { "modules", FILE_ },
    { "version", FILE_ },
    { "kallsyms", FILE_ },
    { "slabinfo", S_IFREG | 0400 },
    { "softirqs", FILE_ },
    { "zoneinfo", FILE_ },
    { "buddyinfo", FILE_ },
    { "diskstats", FILE_ },
    { "interrupts", FILE_ },
    { "partitions", FILE_ },
    { "timer_list", FILE_ },
    { "filesystems", FILE_ },
    { "sysrq-trigger", S_IFREG | 0200 },
    { "self", S_IFLNK | 0777 },
    { "sys/fs", DIR },
    { "sys/fs/file-max", SET },
    { "sys/fs/file-nr", FILE_ },
    { "sys/kernel", DIR },
    { "sys/kernel/core_pattern", SET },
    { "sys/kernel/domainname", SET },
    { "sys/kernel/hostname", SET },
    { "sys/kernel/modprobe", SET },
    { "sys/kernel/osrelease", FILE_ },
    { "sys/kernel/ostype", FILE_ },
    { "sys/kernel/panic", SET },
    { "sys/kernel/pid_max", SET },
    { "sys/kernel/printk", SET },
    { "sys/kernel/random", DIR },
    { "sys/kernel/random/boot_id", FILE_ },
    { "sys/kernel/random/entropy_avail", FILE_ },
    { "sys/kernel/random/poolsize", FILE_ },
    { "sys/kernel/random/uuid", FILE_ },
    { "sys/kernel/randomize_va_space", SET },
    { "sys/kernel/threads-max", SET },
    { "sys/kernel/version", FILE_ },
    { "sys/net", DIR },
    { "sys/net/core", DIR },
    { "sys/net/core/rmem_max", SET },
    { "sys/net/core/somaxconn", SET },
    { "sys/net/core/wmem_max", SET },
    { "sys/net/ipv4", DIR },
    { "sys/net/ipv4/icmp_echo_ignore_all", SET },
    { "sys/net/ipv4/ip_forward", SET },
    { "sys/net/ipv4/ip_local_port_range", SET },
    { "sys/net/ipv4/tcp_fin_timeout", SET },
    { "sys/net/ipv4/tcp_max_syn_backlog", SET },
    { "sys/net/ipv4/tcp_syncookies", SET },
    { "sys/net/ipv4/tcp_timestamps", SET },
    { "sys/net/ipv4/tcp_tw_reuse", SET },
    { "sys/vm", DIR },
    { "sys/vm/drop_caches", SET },
    { "sys/vm/min_free_kbytes", SET },
    { "sys/vm/overcommit_memory", SET },
    { "sys/vm/panic_on_oom", SET },
    { "sys/vm/swappiness", SET },
    { "tty/drivers", FILE_ },
};

/* Of a process; the first is its directory. */
static const struct live process_names[] = {
    { "", DIR },
    { "fd", S_IFDIR | 0500 },
    { "net", DIR },
    { "environ", S_IFREG | 0400 },
    { "status", FILE_ },
    { "limits", FILE_ },
    { "comm", SET },
    { "cmdline", FILE_ },
    { "stat", FILE_ },
    { "statm", FILE_ },
    { "maps", FILE_ },
    { "cwd", S_IFLNK | 0777 },
    { "root", S_IFLNK | 0777 },
    { "exe", S_IFLNK | 0777 },
    { "mounts", FILE_ },
    { "wchan", FILE_ },
    { "oom_score", FILE_ },
    { "oom_adj", SET },
    { "oom_score_adj", SET },
    { "io", S_IFREG | 0400 },
    { "net/dev", FILE_ },
    { "net/arp", FILE_ },
    { "net/raw", FILE_ },
    { "net/tcp", FILE_ },
    { "net/udp", FILE_ },
    { "net/tcp6", FILE_ },
    { "net/udp6", FILE_ },
    { "net/unix", FILE_ },
    { "net/route", FILE_ },
    { "net/if_inet6", FILE_ },
    { "net/wireless", FILE_ },
    { "net/sockstat", FILE_ },
};

#define SYSTEM_NAMES (sizeof system_names / sizeof system_names[0])
#define PROCESS_NAMES (sizeof process_names / sizeof process_names[0])
#define FD_DIR 1 /* the place of "fd" */
_Static_assert(SYSTEM_NAMES < 1 << INDEX_BITS && PROCESS_NAMES < FD && FD + FDS <= 1 << INDEX_BITS,
               "places");

static uint32_t pid_of(vfs_ino ino)
{
    return (ino & ~LIVE_BIT) >> INDEX_BITS;
}

static uint32_t index_of(vfs_ino ino)
{
    return ino & ((1u << INDEX_BITS) - 1);
}

static vfs_ino live_ino(uint32_t pid, uint32_t index)
{
    return LIVE_BIT | pid << INDEX_BITS | index;
}

static const struct live *row_of(vfs_ino ino)
{
    uint32_t i = index_of(ino);
    if (pid_of(ino) == 0)
        return i < SYSTEM_NAMES ? &system_names[i] : NULL;
    return i < PROCESS_NAMES ? &process_names[i] : NULL;
}

static bool is_fd(vfs_ino ino)
{
    return pid_of(ino) && index_of(ino) >= FD;
}

/* The path under /proc or /proc/PID. */
static const char *path_of(vfs_ino ino, char buffer[static 16])
{
    const struct live *row = row_of(ino);
    if (row)
        return row->path;
    snprintf(buffer, 16, "fd/%u", index_of(ino) - FD);
    return buffer;
}

/* ---- Asking the session ---- */

/* Where it runs out of memory while it tells, the answer is that there is none. */
struct asking {
    struct memory memory; /* the first, so that this is found by it */
    jmp_buf back;
};

static void no_memory(struct memory *m) __attribute__((noreturn));
static void no_memory(struct memory *m)
{
    longjmp(((struct asking *)m)->back, 1);
}

static int ask_link(const struct vfs *v, uint32_t pid, const char *name, char *to)
{
    struct asking a = { .memory = { .account = v->account, .exhausted = no_memory } };
    if (setjmp(a.back)) {
        memory_clear(&a.memory);
        return -ENOMEM;
    }
    struct text t = text_of(&a.memory);
    int e = v->live->link(v->live_context, pid, name, &t);
    if (e == 0 && t.len >= VFS_PATH_MOST)
        e = -ENAMETOOLONG;
    if (e == 0)
        memcpy(to, t.data ? t.data : "", t.len + 1);
    memory_clear(&a.memory);
    return e;
}

static bool pid_known(const struct vfs *v, uint32_t pid)
{
    return pid && pid < 1u << (31 - INDEX_BITS) && v->live &&
           v->live->pid_known(v->live_context, pid);
}

static bool has(const struct vfs *v, vfs_ino ino)
{
    char buffer[16], target[VFS_PATH_MOST];
    uint32_t pid = pid_of(ino);
    if (is_fd(ino) && pid == v->lists_pid && index_of(ino) - FD == v->lists_fd)
        return true;
    if (is_fd(ino))
        return v->live && ask_link(v, pid, path_of(ino, buffer), target) == 0;
    const struct live *row = row_of(ino);
    if (!row)
        return false;
    if (!S_ISREG(row->mode) || !v->live || !v->live->has)
        return true;
    return v->live->has(v->live_context, pid, row->path);
}

/* ---- Names ---- */

static vfs_ino live_root(const struct vfs *v)
{
    for (uint8_t i = v->n_mounts; v->mounts && i-- > 0;)
        if (strcmp(v->mounts[i].shown.type, "proc") == 0)
            return v->mounts[i].root;
    return v->mounts ? 0 : v->tree->live;
}

bool live_is_root(const struct vfs *v, vfs_ino dir)
{
    const struct node *node = node_find(v, dir);
    return v->live && (node && node->live_root ? true : v->tree->live != 0 && dir == v->tree->live);
}

/* Whether a row stands right in a directory of this path. */
static const char *inside(const struct live *row, const char *dir)
{
    size_t n = strlen(dir);
    const char *s = row->path;
    if (n) {
        if (strncmp(s, dir, n) != 0 || s[n] != '/')
            return NULL;
        s += n + 1;
    }
    return *s && !strchr(s, '/') ? s : NULL;
}

static vfs_ino lookup_row(const struct vfs *v, uint32_t pid, const char *dir, const char *name,
                          size_t n)
{
    const struct live *rows = pid ? process_names : system_names;
    uint32_t count = pid ? PROCESS_NAMES : SYSTEM_NAMES;
    for (uint32_t i = 1; i < count; i++) {
        const char *s = inside(&rows[i], dir);
        if (s && strncmp(s, name, n) == 0 && !s[n])
            return has(v, live_ino(pid, i)) ? live_ino(pid, i) : 0;
    }
    return 0;
}

/* A number as /proc writes it; UINT32_MAX: it is none. */
static uint32_t number_of(const char *name, size_t n)
{
    uint32_t value = 0;
    if (n == 0 || n > 8 || (name[0] == '0' && n > 1))
        return UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        if (name[i] < '0' || name[i] > '9')
            return UINT32_MAX;
        value = value * 10 + (uint32_t)(name[i] - '0');
    }
    return value;
}

vfs_ino live_lookup(const struct vfs *v, vfs_ino dir, const char *name, size_t n)
{
    if (!v->live)
        return 0;
    if (!is_live(dir)) {
        uint32_t pid = number_of(name, n);
        return pid_known(v, pid) ? live_ino(pid, 0) : lookup_row(v, 0, "", name, n);
    }
    uint32_t pid = pid_of(dir);
    if (pid && !pid_known(v, pid))
        return 0;
    if (pid && index_of(dir) == FD_DIR) {
        uint32_t fd = number_of(name, n);
        return fd < FDS && has(v, live_ino(pid, FD + fd)) ? live_ino(pid, FD + fd) : 0;
    }
    const struct live *row = row_of(dir);
    return row ? lookup_row(v, pid, row->path, name, n) : 0;
}

vfs_ino live_parent(const struct vfs *v, vfs_ino ino)
{
    uint32_t pid = pid_of(ino);
    if (is_fd(ino))
        return live_ino(pid, FD_DIR);
    const struct live *rows = pid ? process_names : system_names, *row = row_of(ino);
    const char *slash = row ? strrchr(row->path, '/') : NULL;
    if (!slash)
        return pid && index_of(ino) ? live_ino(pid, 0) : live_root(v);
    size_t n = (size_t)(slash - row->path);
    for (uint32_t i = 1; rows + i < row; i++)
        if (strlen(rows[i].path) == n && memcmp(rows[i].path, row->path, n) == 0)
            return live_ino(pid, i);
    return live_root(v);
}

const char *live_entry_name(vfs_ino ino, char buffer[static 16])
{
    if (pid_of(ino) && index_of(ino) == 0) {
        snprintf(buffer, 16, "%u", pid_of(ino));
        return buffer;
    }
    const char *path = path_of(ino, buffer), *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool live_attr(const struct vfs *v, vfs_ino ino, struct attr *ret)
{
    uint32_t pid = pid_of(ino);
    const struct live *row = row_of(ino);
    if ((pid && !pid_known(v, pid)) || (!row && !is_fd(ino)))
        return false;
    vfs_ino root = live_root(v);
    const struct node *node = node_find(v, root);
    const struct tree_node *t = tree_at(v->tree, root);
    *ret = (struct attr){ .mode = row ? row->mode : S_IFLNK | 0700, .parent = live_parent(v, ino) };
    ret->mount = node ? node->mount : t ? (uint8_t)t->mount : 0;
    return true;
}

/* A process's directory has as many as Linux gives it; /proc one a process and directory. */
uint32_t live_links(const struct vfs *v, vfs_ino ino)
{
    enum { OF_PROCESS = 9, PROCESSES_MOST = 4096 };
    if (!is_live(ino)) {
        uint32_t n = 0;
        while (n < PROCESSES_MOST && v->live->pid_at(v->live_context, n))
            n++;
        for (uint32_t i = 1; i < SYSTEM_NAMES; i++)
            n += S_ISDIR(system_names[i].mode) && !strchr(system_names[i].path, '/');
        return n;
    }
    const struct live *row = row_of(ino);
    if (!row || !S_ISDIR(row->mode))
        return 1;
    if (pid_of(ino) == 0)
        return strncmp(row->path, "sys", 3) == 0 ? 1 : 2;
    return index_of(ino) == FD_DIR ? 2 : OF_PROCESS;
}

uint64_t live_size(vfs_ino ino)
{
    enum { OF_DESCRIPTOR = 64 };
    if (is_fd(ino))
        return OF_DESCRIPTOR;
    const struct live *row = row_of(ino);
    return row && row->target ? strlen(row->target) : 0;
}

/* ---- Listing ---- */

static bool next_row(const struct vfs *v, uint32_t pid, const char *dir, uint64_t *i,
                     struct vfs_entry *ret)
{
    const struct live *rows = pid ? process_names : system_names;
    uint32_t count = pid ? PROCESS_NAMES : SYSTEM_NAMES;
    while (*i + 1 < count) {
        uint32_t at = (uint32_t)++ * i;
        const char *name = inside(&rows[at], dir);
        if (!name || !has(v, live_ino(pid, at)))
            continue;
        *ret = (struct vfs_entry){ name, live_ino(pid, at) };
        return true;
    }
    return false;
}

/* Who looks at its own descriptors sees the one that it looks with; where that leads is asked when it is closed. */
static void begin_fds(struct vfs *v, uint32_t pid)
{
    v->lists_pid = 0;
    if (v->live->self(v->live_context) != pid)
        return;
    for (v->lists_fd = 0; v->lists_fd < FDS && has(v, live_ino(pid, FD + v->lists_fd));)
        v->lists_fd++;
    v->lists_pid = pid;
}

static bool next_fd(struct vfs *v, uint32_t pid, uint64_t *i, struct vfs_entry *ret)
{
    if (!*i)
        begin_fds(v, pid);
    while (*i < FDS) {
        uint32_t fd = (uint32_t)(*i)++;
        if (!has(v, live_ino(pid, FD + fd)))
            continue;
        snprintf(v->name, sizeof v->name, "%u", fd);
        *ret = (struct vfs_entry){ v->name, live_ino(pid, FD + fd) };
        return true;
    }
    return false;
}

/* Processes come after the names; what the tree has hides one of the same name. */
static bool next_of_root(struct vfs *v, vfs_ino root, uint64_t *i, struct vfs_entry *ret)
{
    while (*i + 1 < SYSTEM_NAMES && next_row(v, 0, "", i, ret))
        if (is_live(dir_lookup(v, root, ret->name, strlen(ret->name))))
            return true;
    if (*i + 1 < SYSTEM_NAMES)
        *i = SYSTEM_NAMES - 1;
    uint32_t pid = v->live->pid_at(v->live_context, (size_t)(*i - (SYSTEM_NAMES - 1)));
    if (!pid_known(v, pid))
        return false;
    ++*i;
    snprintf(v->name, sizeof v->name, "%u", pid);
    *ret = (struct vfs_entry){ v->name, live_ino(pid, 0) };
    return true;
}

int live_next(struct vfs *v, vfs_ino dir, uint64_t *i, struct vfs_entry *ret)
{
    if (!v->live)
        return 0;
    if (!is_live(dir))
        return next_of_root(v, dir, i, ret);
    uint32_t pid = pid_of(dir);
    if (pid && !pid_known(v, pid))
        return 0;
    if (pid && index_of(dir) == FD_DIR)
        return next_fd(v, pid, i, ret);
    const struct live *row = row_of(dir);
    return row ? next_row(v, pid, row->path, i, ret) : 0;
}

/* ---- Contents ---- */

bool vfs_is_live(const struct vfs *v, vfs_ino ino)
{
    (void)v;
    return is_live(ino);
}

int vfs_live_content(struct vfs *v, vfs_ino ino, struct text *to)
{
    struct attr a;
    if (!is_live(ino) || !live_attr(v, ino, &a))
        return -ENOENT;
    if (S_ISDIR(a.mode))
        return -EISDIR;
    if (!S_ISREG(a.mode))
        return -EINVAL;
    return v->live->content(v->live_context, pid_of(ino), row_of(ino)->path, to);
}

const char *live_fixed_target(vfs_ino ino)
{
    const struct live *row = is_fd(ino) ? NULL : row_of(ino);
    return row ? row->target : NULL;
}

int live_target(struct vfs *v, vfs_ino ino, char to[static VFS_PATH_MOST])
{
    char buffer[16];
    uint32_t pid = pid_of(ino);
    const struct live *row = row_of(ino);
    if (!v->live)
        return -ENOENT;
    if (row && row->target) {
        memcpy(to, row->target, strlen(row->target) + 1);
        return 0;
    }
    if (pid == 0) {
        snprintf(to, VFS_PATH_MOST, "%u", v->live->self(v->live_context));
        return 0;
    }
    return pid_known(v, pid) ? ask_link(v, pid, path_of(ino, buffer), to) : -ENOENT;
}

int64_t live_write(struct vfs *v, vfs_ino ino, const void *data, size_t n)
{
    struct attr a;
    if (!live_attr(v, ino, &a))
        return -ENOENT;
    if (S_ISDIR(a.mode))
        return -EISDIR;
    if (!(a.mode & 0222))
        return pid_of(ino) ? -EINVAL : -EIO;
    if (!v->live->write)
        return (int64_t)n;
    int e = v->live->write(v->live_context, pid_of(ino), row_of(ino)->path, data, n);
    return e < 0 ? e : (int64_t)n;
}
