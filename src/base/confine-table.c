/*
 * What each program may. Everything else ends it: to allow a call, add its row, and to the supervisor's list,
 * too, where sense or trap make it.
 */
#include "base/confine-parts.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NOBODY = 65534, TCP_BIND = 1, TCP_CONNECT = 2 };

#define IS(argument, value) { IS, argument, (uint32_t)(value) }
#define WITHOUT(argument, bits) { WITHOUT, argument, (uint64_t)(bits) }
#define NONE(argument) { NONE, argument, 0 }
#define ABOVE(argument, value) { ABOVE, argument, value }

/* ---- every program but the supervisor ---- */

/* Its log, memory, time, signals and its end. */
static const struct confine_call worker_calls[] = {
    { "write", { IS(0, STDERR_FILENO) } },
    { "writev", { IS(0, STDERR_FILENO) } },
    { "brk" },
    { "mmap", { WITHOUT(2, PROT_EXEC) } },
    { "munmap" },
    { "mremap" },
    { "clock_gettime" },
    { "rt_sigaction" },
    { "rt_sigprocmask" },
    { "rt_sigreturn" },
    { "restart_syscall" },
    { "exit" },
    { "exit_group" },
    { 0 },
};

/* ---- teiten-sense ---- */

enum { SENSE_FILES = 64 };

static const struct confine_limit sense_limits[] = {
    { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, 0 }, { RLIMIT_NPROC, 0 }, { RLIMIT_NOFILE, SENSE_FILES }, { -1 },
};

/*
 * It holds a packet socket, and nothing ever leaves by that: it sends on its channel and writes to its log
 * alone, and sets no option. It reads nobody's terminal.
 */
static const struct confine_call sense_calls[] = {
    { "read", { IS(0, CONFINE_CHANNEL) } },
    { "read", { IS(0, CONFINE_INPUT) } },
    { "pread64", { IS(0, CONFINE_SIGNATURES) } },
    { "close" },
    { "poll" },
    { "ppoll" },
    { "sendto", { IS(0, CONFINE_CHANNEL), IS(3, MSG_NOSIGNAL), NONE(4) } },
    { "fcntl", { IS(1, F_GETFL) } },
    { "fcntl", { IS(0, CONFINE_CHANNEL), IS(1, F_SETFL) } }, /* others log to the same file */
    { "fcntl", { IS(1, F_GETFD) } },
    { "getsockname", { IS(0, CONFINE_INPUT) } },
    { "getsockopt", { IS(0, CONFINE_INPUT), IS(1, SOL_SOCKET), IS(2, SO_ERROR) } },
    { "getsockopt", { IS(0, CONFINE_INPUT), IS(1, SOL_PACKET), IS(2, PACKET_VERSION) } },
    { "ioctl", { IS(0, CONFINE_INPUT), IS(1, SIOCGIFNAME) } },
    { "ioctl", { IS(0, CONFINE_INPUT), IS(1, SIOCGIFFLAGS) } },
    { "sysinfo" }, /* qsort() asks how much memory there is */
    { "getrandom" },
    { "gettimeofday" },
    { "time" },
    { 0 },
};

/* ---- teiten-trap ---- */

static const struct confine_limit trap_limits[] = {
    { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, 0 }, { RLIMIT_NPROC, 0 }, { -1 },
};

/*
 * It takes connections from the listeners that it was handed, and never makes a socket or connects one: what it sends
 * goes to who came. Nothing of its own stands between one visitor and the next but this process.
 */
static const struct confine_call trap_calls[] = {
    { "read", { IS(0, CONFINE_CHANNEL) } },
    { "accept4", { IS(3, SOCK_NONBLOCK | SOCK_CLOEXEC) } },
    { "getsockname" },
    { "recvfrom", { IS(3, MSG_DONTWAIT), NONE(4) } },
    { "sendto", { IS(0, CONFINE_CHANNEL), IS(3, MSG_NOSIGNAL), NONE(4) } },
    { "sendto", { ABOVE(0, CONFINE_CHANNEL), IS(3, MSG_NOSIGNAL | MSG_DONTWAIT), NONE(4) } },
    /* Datagrams: who is sent to stands in memory, where no filter sees it. */
    { "recvmmsg", { ABOVE(0, CONFINE_CHANNEL), IS(3, MSG_DONTWAIT), NONE(4) } },
    { "sendmsg", { ABOVE(0, CONFINE_CHANNEL), IS(2, MSG_NOSIGNAL | MSG_DONTWAIT) } },
    { "getsockopt", { ABOVE(0, CONFINE_CHANNEL), IS(1, SOL_SOCKET), IS(2, SO_MEMINFO) } },
    { "shutdown", { ABOVE(0, CONFINE_CHANNEL) } },
    { "close" },
    { "epoll_ctl" },
    { "epoll_wait" },
    { "epoll_pwait" },
    { "poll" },
    { "ppoll" },
    { "fcntl", { IS(0, CONFINE_CHANNEL), IS(1, F_GETFL) } },
    { "fcntl", { IS(0, CONFINE_CHANNEL), IS(1, F_SETFL) } },
    { "madvise" },
    { "gettimeofday" },
    { "time" },
    { 0 },
};

/* ---- teiten-triage ---- */

enum { TRIAGE_FILES = 16 };

static const struct confine_limit triage_limits[] = {
    { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, 0 }, { RLIMIT_NPROC, 0 }, { RLIMIT_NOFILE, TRIAGE_FILES }, { -1 },
};

/* The sample lies in its memory: it reads its channel alone, and answers there. */
static const struct confine_call triage_calls[] = {
    { "read", { IS(0, CONFINE_CHANNEL) } },
    { "sendto", { IS(0, CONFINE_CHANNEL), IS(3, MSG_NOSIGNAL), NONE(4) } },
    { "close" },
    { "mprotect", { WITHOUT(2, PROT_EXEC) } },
    { "madvise" },
    { "futex" },
    { "sysinfo" },
    { "getrandom" },
    { "gettimeofday" },
    { "time" },
    { 0 },
};

/* ---- teiten-dial ---- */

/* And teiten-fetch's. */
static const struct confine_limit dial_limits[] = {
    { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, 0 }, { RLIMIT_NPROC, 0 }, { RLIMIT_NOFILE, 64 }, { -1 },
};

/* What it has to do with name servers, and with nobody else. */
static const struct confine_call resolve_calls[] = {
    { "recvfrom" },
    { "recvmsg" },
    { "sendto" },
    { "writev" },
    { "getsockname" },
    { "ioctl", { IS(1, FIONBIO) } },
    { "seccomp" }, /* to narrow itself down */
    { "prctl", { IS(0, PR_SET_NO_NEW_PRIVS) } },
    { "openat", .error = EACCES }, /* files of the resolver's that it does without */
    { "uname" },
    { 0 },
};

/* Once it knows where to: of what comes over its sockets it sees that it came, and from where, and no byte. */
static const struct confine_call connect_calls[] = {
    { "read", { IS(0, CONFINE_CHANNEL) } },
    { "sendto", { IS(0, CONFINE_CHANNEL), IS(3, MSG_NOSIGNAL), NONE(4) } },
    { "socket", { IS(0, AF_INET) } },
    { "socket", { IS(0, AF_INET6) } },
    { "bind" },
    { "connect" },
    { "getsockopt", { IS(1, SOL_SOCKET), IS(2, SO_ERROR) } },
    { "setsockopt" },
    { "sendto", { ABOVE(0, CONFINE_CHANNEL), IS(3, MSG_NOSIGNAL) } }, /* TFTP's request */
    { "recvfrom", { NONE(2), IS(3, MSG_PEEK | MSG_TRUNC) } },
    { "sendmsg", { IS(0, CONFINE_HAND), IS(2, MSG_NOSIGNAL) } },
    { "fcntl", { IS(1, F_GETFL) } },
    { "fcntl", { IS(1, F_SETFL) } },
    { "fcntl", { IS(1, F_GETFD) } },
    { "fcntl", { IS(1, F_SETFD) } },
    { "poll" },
    { "ppoll" },
    { "close" },
    { "getrandom" },
    { "madvise" },
    { "futex" },
    { "gettimeofday" },
    { "time" },
    { "getpid" },
    { 0 },
};

/* ---- teiten-fetch ---- */

/* It speaks over what it has, and is handed more: it makes no socket to anywhere and sends to nobody by address. */
static const struct confine_call fetch_calls[] = {
    { "read", { IS(0, CONFINE_CHANNEL) } },
    { "sendto", { NONE(4) } },
    { "recvfrom", { NONE(4) } },
    { "recvmsg", { IS(0, CONFINE_MORE) } },
    { "socketpair", { IS(0, AF_UNIX) } }, /* what libcurl wakes itself by */
    { "pipe2" },
    { "eventfd2" },
    { "read", { ABOVE(0, CONFINE_CHANNEL) } },
    { "write", { ABOVE(0, CONFINE_CHANNEL) } },
    /* libcurl (7.88) connects also what it was told is connected. It never does; what it looks at next tells that all is well. */
    { "connect", .error = EINPROGRESS },
    { "getpeername" },
    { "getsockname" },
    { "getsockopt" },
    { "setsockopt" },
    { "shutdown" },
    { "fcntl", { IS(1, F_GETFL) } },
    { "fcntl", { IS(1, F_SETFL) } },
    { "fcntl", { IS(1, F_GETFD) } },
    { "fcntl", { IS(1, F_SETFD) } },
    { "ioctl", { IS(1, FIONBIO) } },
    { "poll" },
    { "ppoll" },
    { "close" },
    { "openat", .error = EACCES }, /* settings of libraries' that they do without */
    { "newfstatat", .error = EACCES },
    { "stat", .error = EACCES },
    { "access", .error = EACCES },
    { "getrandom" },
    { "getpid" },
    { "gettid" },
    { "getuid" },
    { "geteuid" },
    { "getgid" },
    { "getegid" },
    { "uname" },
    { "sysinfo" },
    { "mprotect", { WITHOUT(2, PROT_EXEC) } },
    { "madvise" },
    { "futex" },
    { "clock_getres" },
    { "gettimeofday" },
    { "time" },
    { 0 },
};

/* ---- teiten-shell ---- */

static const struct confine_limit shell_limits[] = {
    { RLIMIT_CORE, 0 }, { RLIMIT_NPROC, 0 }, { RLIMIT_NOFILE, 16 }, { -1 },
};

static const struct confine_call shell_calls[] = {
    { "read", { IS(0, STDIN_FILENO) } },
    { "write", { IS(0, STDOUT_FILENO) } },
    { "poll" },
    { "ppoll" },
    { "ioctl", { IS(0, STDIN_FILENO), IS(1, TCGETS) } },
    { "ioctl", { IS(0, STDIN_FILENO), IS(1, TCSETS) } },
    { "ioctl", { IS(0, STDIN_FILENO), IS(1, TCSETSW) } },
    { "madvise" },
    { 0 },
};

/* ---- teiten-keeper ---- */

#define KEEPER_CAPABILITIES                                                                        \
    (UINT64_C(1) << CAP_NET_RAW | UINT64_C(1) << CAP_NET_ADMIN |                                   \
     UINT64_C(1) << CAP_NET_BIND_SERVICE | UINT64_C(1) << CAP_SYS_RESOURCE)

static const struct confine_limit keeper_limits[] = {
    { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, 0 }, { RLIMIT_NPROC, 0 }, { -1 },
};

/*
 * It makes sockets, but sends on its channel alone; so the channel's number is never free for another socket.
 * It starts nothing, opens nothing and connects nowhere.
 */
static const struct confine_call keeper_calls[] = {
    { "recvfrom", { IS(0, CONFINE_CHANNEL) } },
    { "sendto", { IS(0, CONFINE_CHANNEL), NONE(4) } },
    { "sendmsg", { IS(0, CONFINE_CHANNEL) } },
    { "socket", { IS(0, AF_PACKET) } },
    { "socket", { IS(0, AF_INET) } },
    { "socket", { IS(0, AF_INET6) } },
    { "setsockopt" },
    { "getsockopt" },
    { "bind" },
    { "listen" },
    { "ioctl", { IS(1, SIOCGIFINDEX) } },
    { "ioctl", { IS(1, SIOCGIFHWADDR) } },
    { "prlimit64" },
    { "sysinfo" },
    { "getrandom" },
    { "gettimeofday" },
    { "time" },
    { "getpid" },
    { 0 },
};

static const struct confine_call keeper_close_calls[] = { { "close", { ABOVE(0, CONFINE_CHANNEL) } }, { 0 } };

/* Two sockets of netlink, which were there before and stay; the sockets that answer are put into a map of BPF's. The map, the
 * programs and all else of BPF were made before. */
static const struct confine_call claimer_calls[] = {
    { "write", { IS(0, CONFINE_ROUTE) } },
    { "write", { IS(0, CONFINE_DIAG) } },
    { "recvfrom", { IS(0, CONFINE_ROUTE), NONE(4) } },
    { "recvfrom", { IS(0, CONFINE_DIAG), NONE(4) } },
    { "getsockname" }, /* where several are bound at once, at any port */
    { "bpf", { IS(0, BPF_MAP_UPDATE_ELEM) } },
    { "close", { IS(0, CONFINE_TUN) } }, /* the end of a claim; nothing is written there, whatever it is by then */
    { "close", { ABOVE(0, CONFINE_NETNS) } },
    { 0 },
};

/* ---- teiten, as the supervisor ---- */

static const struct confine_limit supervisor_limits[] = { { RLIMIT_CORE, 0 }, { -1 } };

/* What a child may come by of its own, and what no child is started with. */
#define NAMESPACES                                                                                 \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)
#define NO_CHILD                                                                                   \
    (NAMESPACES | CLONE_NEWPID | CLONE_PTRACE | CLONE_UNTRACED | CLONE_PARENT)

/* The store and the log. */
static const struct confine_call file_calls[] = {
    { "openat" },
    { "read" },
    { "readv" },
    { "pread64" },
    { "preadv" },
    { "write" },
    { "writev" },
    { "pwrite64" },
    { "pwritev" },
    { "lseek" },
    { "close" },
    { "close_range" },
    { "fsync" },
    { "fdatasync" },
    { "ftruncate" },
    { "fallocate" },
    { "fadvise64" },
    { "flock" },
    { "fcntl", { IS(1, F_GETFL) } },
    { "fcntl", { IS(1, F_SETFL) } },
    { "fcntl", { IS(1, F_GETFD) } },
    { "fcntl", { IS(1, F_SETFD) } },
    { "fcntl", { IS(1, F_DUPFD) } },
    { "fcntl", { IS(1, F_DUPFD_CLOEXEC) } },
    { "fcntl", { IS(1, F_GETLK) } },
    { "fcntl", { IS(1, F_SETLK) } },
    { "fcntl", { IS(1, F_SETLKW) } },
    { "fcntl", { IS(1, F_OFD_GETLK) } },
    { "fcntl", { IS(1, F_OFD_SETLK) } },
    { "dup" },
    { "dup2" },
    { "dup3" },
    { "stat" },
    { "lstat" },
    { "fstat" },
    { "newfstatat" },
    { "statx" },
    { "statfs" },
    { "fstatfs" },
    { "access" },
    { "faccessat" },
    { "faccessat2" },
    { "readlink" },
    { "readlinkat" },
    { "getcwd" },
    { "getdents64" },
    { "mkdir" },
    { "mkdirat" },
    { "rmdir" },
    { "unlink" },
    { "unlinkat" },
    { "rename" },
    { "renameat" },
    { "renameat2" },
    { "fchmod" },
    { "fchown" },
    { "utimensat" },
    { "umask" },
    { "ioctl", { IS(1, TCGETS) } },
    { "ioctl", { IS(1, TIOCGWINSZ) } },
    { 0 },
};

/* Waiting, memory, time, oneself. */
static const struct confine_call common_calls[] = {
    { "poll" },
    { "ppoll" },
    { "pselect6" },
    { "pipe2" },
    { "rt_sigaction" },
    { "rt_sigprocmask" },
    { "rt_sigreturn" },
    { "sigaltstack" },
    { "restart_syscall" },
    { "nanosleep" },
    { "clock_nanosleep" },
    { "clock_gettime" },
    { "clock_getres" },
    { "gettimeofday" },
    { "time" },
    { "adjtimex" }, /* whether the clock is synchronised; without CAP_SYS_TIME it sets nothing */
    { "clock_adjtime" },
    { "brk" },
    { "mmap", { WITHOUT(2, PROT_EXEC) } },
    { "mprotect", { WITHOUT(2, PROT_EXEC) } },
    { "munmap" },
    { "mremap" },
    { "madvise" },
    { "futex" },
    { "sched_yield" },
    { "sched_getaffinity" },
    { "getrandom" },
    { "sysinfo" },
    { "uname" },
    { "getrusage" },
    { "times" },
    { "prlimit64", { IS(0, 0) } },
    { "getrlimit" },
    { "setrlimit" },
    { "getpid" },
    { "getppid" },
    { "gettid" },
    { "getuid" },
    { "geteuid" },
    { "getgid" },
    { "getegid" },
    { "getgroups" },
    { "getresuid" },
    { "getresgid" },
    { "exit" },
    { "exit_group" },
    { 0 },
};

/*
 * Channels to the workers, and the word to the service manager, to whom a socket was connected before: no new one
 * is. Sockets that came from the keeper are there, too: a packet socket is bound to its interface, and nothing here
 * keeps a supervisor that was taken over from sending by it.
 */
static const struct confine_call socket_calls[] = {
    { "socket", { IS(0, AF_UNIX) } },
    { "socketpair", { IS(0, AF_UNIX) } },
    { "sendto" },
    { "sendmsg" },
    { "recvfrom" },
    { "recvmsg" },
    { "shutdown" },
    { "getsockopt" },
    { "setsockopt" },
    { "getsockname" },
    { "getpeername" },
    { "ioctl", { IS(1, SIOCGIFCONF) } }, /* a new configuration may name an interface */
    { "ioctl", { IS(1, SIOCGIFINDEX) } },
    { "ioctl", { IS(1, SIOCGIFNAME) } },
    { "ioctl", { IS(1, SIOCGIFFLAGS) } },
    { 0 },
};

/* What teiten-trap makes besides. */
static const struct confine_call trap_child_calls[] = {
    { "accept4" },
    { "recvmmsg" },
    { "epoll_create1" },
    { "epoll_ctl" },
    { "epoll_wait" },
    { "epoll_pwait" },
    { 0 },
};

/* What teiten-fetch makes besides. */
static const struct confine_call fetch_child_calls[] = {
    { "connect", .error = EINPROGRESS },
    { "eventfd2" },
    { "ioctl", { IS(1, FIONBIO) } },
    { 0 },
};

static const struct confine_call child_calls[] = {
    /* The flags of clone3() lie in memory, where no filter sees them; glibc goes on with clone(). */
    { "clone3", .error = ENOSYS },
    { "clone", { WITHOUT(0, NO_CHILD) } },
    { "fork" },
    { "vfork" },
    { "execve" },
    { "execveat" },
    { "wait4" },
    { "waitid" },
    { "kill" },
    { "tgkill" },
    /* A program that is started: its loader maps libraries, but nothing that can be written. */
    { "mmap", { IS(2, PROT_READ | PROT_EXEC), WITHOUT(3, MAP_ANONYMOUS) } },
    { "arch_prctl" },
    { "set_tid_address" },
    { "set_robust_list" },
    { "rseq" },
    /* And confines itself. */
    { "unshare", { WITHOUT(0, ~(uint64_t)NAMESPACES) } },
    { "chroot" },
    { "chdir" },
    { "setgroups" },
    { "setresgid" },
    { "setresuid" },
    { "setuid" },
    { "capget" },
    { "capset" },
    { "prctl", { IS(0, PR_CAPBSET_READ) } },
    { "prctl", { IS(0, PR_CAPBSET_DROP) } },
    { "prctl", { IS(0, PR_CAP_AMBIENT) } },
    { "prctl", { IS(0, PR_SET_SECUREBITS) } },
    { "prctl", { IS(0, PR_SET_DUMPABLE) } },
    { "prctl", { IS(0, PR_SET_NO_NEW_PRIVS) } },
    { "prctl", { IS(0, PR_SET_PDEATHSIG) } },
    { "landlock_create_ruleset" },
    { "landlock_add_rule" },
    { "landlock_restrict_self" },
    { "seccomp" },
    { 0 },
};

/* ---- builds with sanitizers ---- */

#if CONFINE_SANITIZED
/* What the run time does besides; where it finds a fault it tries more, and the program ends either way. */
static const struct confine_call sanitizer_calls[] = {
    { "write" },      { "writev" },     { "open" },        { "openat" },      { "readlink" },          { "readlinkat" },
    { "newfstatat" }, { "fstat" },      { "stat" },        { "access" },            { "mmap" },
    { "mprotect" },   { "madvise" },    { "sigaltstack" }, { "futex" },             { "gettid" },
    { "getpid" },     { "tgkill" },     { "sched_yield" }, { "sched_getaffinity" }, { "uname" },
    { "prctl" },      { "prlimit64" },  { "getrlimit" },   { "pipe2" },             { "pipe" },
    { "dup" },        { "ioctl" },      { "set_robust_list" }, { "rseq" },          { "nanosleep" },
    { 0 },
};
#define SANITIZER_CALLS sanitizer_calls,
#else
#define SANITIZER_CALLS
#endif

/* ---- the table ---- */

static const struct confine_call *const sense_lists[] = { sense_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const trap_lists[] = { trap_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const triage_lists[] = { triage_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const dial_lists[] = { connect_calls, resolve_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const connect_lists[] = { connect_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const fetch_lists[] = { fetch_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const shell_lists[] = { shell_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const keeper_lists[] = { keeper_calls, keeper_close_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const claimer_lists[] = { keeper_calls, claimer_calls, worker_calls, SANITIZER_CALLS NULL };
static const struct confine_call *const supervisor_lists[] = { file_calls,  common_calls,    socket_calls,
                                                               child_calls, trap_child_calls, fetch_child_calls,
                                                               SANITIZER_CALLS NULL };

/* What a worker does not share with this host. */
#define APART (CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

static const struct confine_rules table[CONFINE_PROGRAMS] = {
    [CONFINE_SENSE] = { .empty_root = true,
                        .namespaces = APART | CLONE_NEWNET,
                        .user = NOBODY,
                        .ends_with_parent = true,
                        .limit = sense_limits,
                        .calls = sense_lists },
    [CONFINE_TRAP] = { .empty_root = true,
                       .namespaces = APART | CLONE_NEWNET,
                       .user = NOBODY,
                       .ends_with_parent = true,
                       .limit = trap_limits,
                       .calls = trap_lists },
    [CONFINE_TRIAGE] = { .empty_root = true,
                         .namespaces = APART | CLONE_NEWNET,
                         .user = NOBODY,
                         .ends_with_parent = true,
                         .limit = triage_limits,
                         .calls = triage_lists },
    /* It connects as this host does. */
    [CONFINE_DIAL] = { .empty_root = true,
                       .namespaces = APART,
                       .user = NOBODY,
                       .tcp = TCP_BIND | TCP_CONNECT,
                       .ends_with_parent = true,
                       .limit = dial_limits,
                       .calls = dial_lists },
    [CONFINE_CONNECT] = { .tcp = TCP_BIND | TCP_CONNECT, .limit = dial_limits, .calls = connect_lists },
    [CONFINE_FETCH] = { .empty_root = true,
                        .namespaces = APART | CLONE_NEWNET,
                        .user = NOBODY,
                        .ends_with_parent = true,
                        .limit = dial_limits,
                        .calls = fetch_lists },
    [CONFINE_SHELL] = { .empty_root = true,
                        .namespaces = APART | CLONE_NEWNET,
                        .user = NOBODY,
                        .limit = shell_limits,
                        .calls = shell_lists },
    /* Its sockets are the host's. */
    [CONFINE_KEEPER] = { .empty_root = true,
                         .namespaces = APART,
                         .capabilities = KEEPER_CAPABILITIES,
                         .tcp = TCP_BIND,
                         .limit = keeper_limits,
                         .calls = keeper_lists },
    [CONFINE_CLAIMER] = { .empty_root = true,
                          .namespaces = APART,
                          .capabilities = KEEPER_CAPABILITIES,
                          .tcp = TCP_BIND,
                          .limit = keeper_limits,
                          .calls = claimer_lists },
    [CONFINE_SUPERVISOR] = { .limit = supervisor_limits, .calls = supervisor_lists },
};

const struct confine_rules *confine_rules(enum confine_program program)
{
    return &table[program];
}
