#pragma once
/*
 * Holding a program in, before its first hostile byte. One function to enter, one table to read
 * (base/confine-table.c: what each program may), in this order:
 *
 *   an empty root (chroot in namespaces of its own), rlimits, no capabilities, no_new_privs, Landlock with the
 *   paths that are given and no other, seccomp with the architecture checked first and death by default. Workers
 *   also end when their parent does, whatever they are at.
 *
 * seccomp is a must; what else this machine does not offer is left out and told, so that the caller can say so.
 *
 * A confined program may start others (the supervisor does), and these confine themselves once more: the
 * supervisor's list has what workers need to enter and to work, so it must grow with theirs. It has nothing of
 * the keeper's, which is therefore started before the supervisor enters.
 *
 * In builds with sanitizers, which are never shipped, the lists are wider, the address space is not bounded and
 * leaks are not looked for once a program has entered; there, and only there, TEITEN_UNCONFINED=1 makes
 * confine_enter() do nothing and return no flag.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The descriptors of a worker (main/fds.h): it sends on its channel alone, and reads no other than these. */
enum { CONFINE_CHANNEL = 3, CONFINE_INPUT, CONFINE_SIGNATURES, CONFINE_HAND = 4, CONFINE_MORE = 5 };

/* Of a keeper that claims prefixes: but for the first, open for its life, so that nothing else comes to have these numbers. */
enum { CONFINE_TUN = 4, CONFINE_ROUTE, CONFINE_DIAG, CONFINE_NETNS };

enum confine_program {
    CONFINE_TRAP,       /* takes connections from its listeners, speaks over them and its channel; memory; time */
    CONFINE_SENSE,      /* reads, writes, polls what it was handed; memory; time */
    CONFINE_KEEPER,     /* makes packet and listening sockets, hands them over; CAP_NET_RAW and the like */
    CONFINE_CLAIMER,    /* a keeper that claims prefixes: speaks with the kernel of routes and sockets, besides */
    CONFINE_SUPERVISOR, /* files under the state folder; forks and starts programs, which confine themselves */
    CONFINE_TRIAGE,     /* reads the memory that it was handed, and speaks over its channel; memory; time */
    CONFINE_DIAL,       /* sockets: to name servers, and to what was judged; hands them on; reads nothing of what comes over these */
    CONFINE_CONNECT,    /* a dial that knows where to: of confine_narrow() */
    CONFINE_FETCH,      /* speaks over the sockets that it was handed, and its channel; makes none */
    CONFINE_SHELL,      /* standard input, output and error, and the terminal that they may be; nothing else */
    CONFINE_PROGRAMS,
};

/* What holds. */
enum confined {
    CONFINED_LIMITS = 1,
    CONFINED_ROOT = 2,     /* an empty root, or for the supervisor: not asked for, and so always set */
    CONFINED_NETWORK = 4,  /* a network namespace of its own; as before for keeper and supervisor */
    CONFINED_RIGHTS = 8,   /* no capability but the program's own */
    CONFINED_LANDLOCK = 16,
    CONFINED_SECCOMP = 32,
    CONFINED_ALL = 63,
};

enum confine_may { CONFINE_READ, CONFINE_EXECUTE /* and read */, CONFINE_WRITE /* and read, make, remove */ };
struct confine_path {
    const char *path; /* one that is not there, or out of reach, is passed over */
    enum confine_may may;
};

/*
 * Enters for good. `memory_most` bounds the address space in bytes, 0 leaves it (not under sanitizers).
 * 0 with *ret_confined (CONFINED_ flags); -errno where seccomp or no_new_privs cannot be had, -EPIPE where the
 * parent that it is to end with is gone: the program must end then.
 */
int must_check confine_enter(enum confine_program program, const struct confine_path *paths, size_t n,
                             size_t memory_most, unsigned *ret_confined);

/* Of one that has entered: from now on it may no more than this program's list. 0 or -errno. */
int must_check confine_narrow(enum confine_program program);

/* Words for what is missing from `confined`, such as "an empty root, Landlock"; "" where all is there. */
void confine_missing(unsigned confined, char *ret, size_t n);

/*
 * Becomes the user for good: groups, then all three of each id; no capability is left. For a process of
 * root only. 0 or -errno: the process must end then.
 */
int must_check confine_become(uid_t uid, gid_t gid);
