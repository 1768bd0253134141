#pragma once
/*
 * The device that a shell plays: what its BusyBox, kernel and hardware say of themselves. Data,
 * loaded from a folder once, shared by all sessions and never changed:
 *
 *   machine.ini     what stands below, in sections [busybox] [system] [user] [environment]
 * [hardware] root/           the file system; root.tsv beside it (see vfs.h) mounts.tsv device,
 * path, type, options, size in bytes (0: none), used bytes processes.tsv   pid, ppid, uid, vsz
 * (kB), rss (kB), state, comm, command line interfaces.tsv, routes.tsv, sockets.tsv, modules.tsv
 * what ifconfig, route, netstat and lsmod show proc/           static files of /proc (cpuinfo,
 * version...); what changes is made on reading
 *
 * No string of the reference BusyBox is in the program: the version line and the list of applets
 * are this data's.
 */
#include "base/err.h"
#include "shell/vfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine_process {
    uint32_t pid, ppid, uid;
    uint32_t vsz, rss; /* kB */
    char state[4];
    const char *comm, *command;
};

struct machine_interface {
    const char *name, *address, *broadcast, *mask, *hardware; /* "" where it has none */
    const char *flags;                                        /* "UP BROADCAST RUNNING MULTICAST" */
    uint32_t mtu, metric, queue;
    uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
};

struct machine_route {
    const char *destination, *gateway, *mask, *flags, *interface;
    uint32_t metric;
};

struct machine_socket {
    const char *protocol, *local, *remote, *state;
    uint32_t pid;
};

struct machine_module {
    const char *name, *used_by;
    uint32_t size, count;
};

struct machine {
    struct vfs_tree *tree;
    const char *banner;  /* "BusyBox v1.35.0 (2022-05-01 12:00:00 UTC) multi-call binary.", without
                            an end of line */
    const char *version; /* "v1.35.0 (2022-05-01 12:00:00 UTC)": what stands after BusyBox, for
                            ash's greeting */
    const char *const *applets; /* sorted names that this BusyBox has */
    size_t n_applets;
    const char *const
        *programs; /* sorted names of other programs of its CPU that we play (iptables, curl) */
    size_t n_programs;
    const char *ps; /* what ps shows: "" PID USER VSZ STAT COMMAND of a small build, else columns as
                       of -o */
    bool awk_math;  /* its awk has sin, exp, ^ and the like (FEATURE_AWK_LIBM) */
    bool standalone; /* ash finds applets without PATH (FEATURE_SH_STANDALONE) */
    bool editing;    /* it edits lines (FEATURE_EDITING); else the terminal alone does */
    bool ask_terminal; /* it asks where the cursor is (FEATURE_EDITING_ASK_TERMINAL) */
    const char *sysname, *nodename, *release, *version_kernel, *machine, *processor, *platform,
        *domain;
    const char *order;  /* "little", "big"; "": as the name of the machine says (mips is both) */
    const char *os;     /* uname -o: "GNU/Linux" */
    const char *prompt; /* PS1 */
    const char *user, *home, *shell;
    uint32_t uid, gid;
    const char *const *environment; /* NAME=VALUE, in order; NULL ends */
    const char *foreign; /* what the shell says of a program for another CPU, "%s: Exec format
                            error"; "" nothing */
    uint64_t memory_total, memory_free, memory_shared, memory_buffers, memory_cached, swap_total,
        swap_free; /* kB */
    uint32_t cpus;
    uint64_t uptime;    /* seconds that the device was up when a session begins */
    uint32_t pid_first; /* of a session's own processes */
    double load[3];
    const char *dmesg; /* its whole kernel log */
    const struct machine_process *processes;
    size_t n_processes;
    const struct machine_interface *interfaces;
    size_t n_interfaces;
    const struct machine_route *routes;
    size_t n_routes;
    const struct machine_socket *sockets;
    size_t n_sockets;
    const struct machine_module *modules;
    size_t n_modules;
    void *memory; /* what owns the strings */
};

/* Loads a device. 0; -errno; or 1 with why ("machine.ini:12: ..."). */
int must_check machine_load(struct machine **ret, const char *folder, char ret_why[static 200]);
void machine_free(struct machine *m); /* NULL is fine */
bool machine_has_applet(const struct machine *m, const char *name);
bool machine_has_program(const struct machine *m, const char *name);
/* The static text of /proc/NAME, or NULL. */
const char *machine_proc(const struct machine *m, const char *name);
