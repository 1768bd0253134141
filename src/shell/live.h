#pragma once
/*
 * What a session reads under /proc: made of the device's data, the numbers of the moment and the
 * session's processes. struct vfs_live's content() and link() end here.
 *
 * A file that stands in the device's proc/ folder is shown as it is, unless it must change (uptime,
 * meminfo, mounts...). proc/1/maps and the like are shown for the process of that number.
 */
#include "base/err.h"
#include "shell/machine.h"
#include "shell/memory.h"
#include "shell/network.h"
#include "shell/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One process as /proc shows it; all strings are borrowed until the next call. */
struct live_process {
    uint32_t pid, ppid, uid, gid;
    uint32_t vsz, rss; /* kB; 0 of a kernel thread */
    const char *state; /* "S", "SW", "R", "Z" */
    const char *comm;
    const char *argv; /* each word with its NUL; NULL of a kernel thread */
    size_t n_argv;
    const char *environ; /* likewise */
    size_t n_environ;
    const char *cwd, *exe; /* "" where it has none */
    uint64_t started, cpu; /* hundredths of a second: after the device's start, used */
};

/* What the session fills in for one reading. */
struct live_view {
    void *context;
    bool (*process)(void *context, uint32_t pid,
                    struct live_process *ret); /* false: there is none */
    /* Where a descriptor of a process leads ("/dev/pts/0"); false: it is not open. NULL: none ever
     * is. */
    bool (*descriptor)(void *context, uint32_t pid, uint32_t fd, struct text *to);
    struct vfs *vfs; /* for its mounts and the sizes of programs */
    const char *hostname;
    int64_t now;        /* microseconds since 1970 */
    uint64_t uptime;    /* hundredths of a second that the device is up */
    uint64_t seed;      /* the numbers move by it; 0: they stand */
    uint32_t processes; /* how many there are */
    uint32_t last_pid;
    const struct network *network;  /* NULL: the device's */
    const struct shell_identity *identity; /* or NULL */
    const struct setting *settings; /* what was written to /proc/sys */
};

/* /proc/NAME (pid 0, "net/dev") or /proc/PID/NAME. 0, or -ENOENT. */
int live_content(const struct machine *m, struct live_view *v, uint32_t pid, const char *name,
                 struct text *to);
/* The target of /proc/PID/{exe,cwd,root,fd/N}. 0, or -ENOENT. */
int live_link(const struct machine *m, struct live_view *v, uint32_t pid, const char *name,
              struct text *to);
/* Whether there is such a file: for struct vfs_live's has(). Of a process that is there. */
bool live_has(const struct machine *m, uint32_t pid, const char *name);

/* A count that grows as the machine's says, `uptime` seconds after the start. */
uint64_t live_count(const struct machine *m, uint64_t count, uint64_t uptime);
/* The number of a dotted IPv4 address as the device's CPU reads it in memory; 0 of what is none. */
uint32_t live_address(const struct machine *m, const char *s);
bool live_big_endian(const struct machine *m);
bool live_64(const struct machine *m);
