#include "attempts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* ---- attempts that are more than one call ---- */

#ifdef __x86_64__
/* The same number means another call there. */
static int try_ia32(void)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
    return result < 0 ? (int)-result : 0;
}
#endif

static int try_list_root(void)
{
    DIR *d = opendir("/");
    if (!d)
        return errno;
    errno = 0;
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        if (e->d_name[0] != '.')
            return 0;
    return errno ? errno : ENOENT;
}

/* Works where there is an interface but the loopback, or that is up. */
static int try_network(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        return errno;
    for (int i = 1; i < 64; i++) {
        struct ifreq ask = { .ifr_ifindex = i };
        if (ioctl(fd, SIOCGIFNAME, &ask) < 0)
            continue;
        if (strcmp(ask.ifr_name, "lo") != 0 || ioctl(fd, SIOCGIFFLAGS, &ask) < 0 || ask.ifr_flags & IFF_UP)
            return 0;
    }
    return ENETUNREACH;
}

static int try_tcp(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return errno;
    return connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;
}

/* Works where any capability is there. */
static int try_capabilities(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &head, data) < 0)
        return errno;
    uint32_t any = 0;
    for (int i = 0; i < 2; i++)
        any |= data[i].effective | data[i].permitted | data[i].inheritable;
    return any ? 0 : EPERM;
}

/* Works where any could be had again. */
static int try_bounds(void)
{
    for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
        if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
            return 0;
    return EPERM;
}

/* Works where there are others than the keeper's. */
static int try_more_capabilities(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    uint32_t keep = 1u << CAP_NET_RAW | 1u << CAP_NET_ADMIN | 1u << CAP_NET_BIND_SERVICE | 1u << CAP_SYS_RESOURCE;
    if (syscall(SYS_capget, &head, data) < 0)
        return errno;
    return (data[0].permitted & ~keep) || data[1].permitted ? 0 : EPERM;
}

static int try_raise(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) < 0)
        return errno;
    l.rlim_cur = ++l.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &l) < 0 ? errno : 0;
}

static int try_escape(void)
{
    if (mkdir("x", 0700) < 0 && errno != EEXIST)
        return errno;
    return chroot("x") < 0 || chdir("../../../../..") < 0 ? errno : 0;
}

static int try_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

static int try_vfork(void)
{
    pid_t pid = vfork();
    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

static int try_root(void)
{
    return syscall(SYS_setresuid, 0, 0, 0) < 0 ? errno : 0;
}

/* Closes the channel, so that the next socket has its number. */
static int try_packet_socket_as_channel(void)
{
    if (close(3) < 0)
        return errno;
    return socket(AF_PACKET, SOCK_RAW, 0) == 3 ? 0 : EBADF;
}

/* A descriptor of more bits than the kernel looks at. */
static int try_wide_close(void)
{
    return syscall(SYS_close, (1L << 32) + 3) < 0 ? errno : 0;
}

static int try_signal_parent(void)
{
    return kill(getppid(), 0) < 0 ? errno : 0;
}

static int try_lock(void)
{
    int fd = open("probe-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock all = { .l_type = F_WRLCK };
    if (fd < 0)
        return errno;
    if (fcntl(fd, F_SETLK, &all) < 0 || ftruncate(fd, 4096) < 0)
        return errno;
    void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return errno;
    memset(map, 1, 4096);
    if (fsync(fd) < 0 || rename("probe-lock", "probe-moved") < 0 || unlink("probe-moved") < 0)
        return errno;
    return 0;
}

static int try_listen(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 8) < 0)
        return errno;
    return 0;
}

static int try_interface(void)
{
    struct ifreq ask = { .ifr_name = "lo" };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFINDEX, &ask) < 0 || ioctl(fd, SIOCGIFHWADDR, &ask) < 0)
        return errno;
    return 0;
}

/* Hands standard error over the channel, as the keeper does with sockets. */
static int try_hand_over(void)
{
    char byte = 0, room[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec part = { &byte, 1 };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    int fd = STDERR_FILENO;
    *c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    return sendmsg(3, &m, MSG_NOSIGNAL) < 0 ? errno : 0;
}

/* ---- attempts that are one call ---- */

#define TEXT(s) ((long)(s))

static char *const no_words[] = { NULL };
static uint64_t zeros[32];
static char message[8];
static const struct sockaddr_in elsewhere = { .sin_family = AF_INET };

static const struct {
    const char *name;
    int (*run)(void); /* or else: */
    long number, argument[6];
} rows[] = {
    { "open", NULL, SYS_openat, { AT_FDCWD, TEXT("/etc/passwd"), O_RDONLY } },
    { "open-proc", NULL, SYS_openat, { AT_FDCWD, TEXT("/proc/self/status"), O_RDONLY } },
    { "open-here", NULL, SYS_openat, { AT_FDCWD, TEXT("."), O_RDONLY | O_DIRECTORY } },
    { "write-file", NULL, SYS_openat, { AT_FDCWD, TEXT("/tmp/teiten-probe"), O_WRONLY | O_CREAT, 0600 } },
    { "stat", NULL, SYS_newfstatat, { AT_FDCWD, TEXT("/etc/passwd"), TEXT(zeros), 0 } },
    { "truncate", NULL, SYS_truncate, { TEXT("/etc/teiten-none"), 0 } },
    { "mknod", NULL, SYS_mknodat, { AT_FDCWD, TEXT("probe-node"), S_IFIFO | 0600, 0 } },
    { "symlink", NULL, SYS_symlinkat, { TEXT("/"), AT_FDCWD, TEXT("probe-link") } },
    { "open-handle", NULL, SYS_open_by_handle_at, { AT_FDCWD, TEXT(zeros), O_RDONLY } },
    { "connect", NULL, SYS_connect, { 3, TEXT(&elsewhere), sizeof elsewhere } },
    { "accept", NULL, SYS_accept4, { 3, 0, 0, 0 } },
    { "accept-input", NULL, SYS_accept4, { 4, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC } },
    { "shutdown-input", NULL, SYS_shutdown, { 4, SHUT_WR } },
    { "shutdown-channel", NULL, SYS_shutdown, { 3, SHUT_WR } },
    { "send-visitor", NULL, SYS_sendto, { 4, TEXT(message), 1, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0 } },
    { "send-visitor-elsewhere", NULL, SYS_sendto,
      { 4, TEXT(message), 1, MSG_NOSIGNAL | MSG_DONTWAIT, TEXT(&elsewhere), sizeof elsewhere } },
    { "receive-from", NULL, SYS_recvfrom, { 4, TEXT(message), 0, MSG_DONTWAIT, TEXT(zeros), TEXT(zeros) } },
    { "bind", NULL, SYS_bind, { 3, TEXT(&elsewhere), sizeof elsewhere } },
    { "socket-inet", NULL, SYS_socket, { AF_INET, SOCK_STREAM, 0 } },
    { "socket-inet6", NULL, SYS_socket, { AF_INET6, SOCK_DGRAM, 0 } },
    { "socket-unix", NULL, SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
    { "socket-packet", NULL, SYS_socket, { AF_PACKET, SOCK_RAW, 0 } },
    { "socket-netlink", NULL, SYS_socket, { AF_NETLINK, SOCK_RAW, 0 } },
    { "socket-vsock", NULL, SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 } },
    { "socketpair", NULL, SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, TEXT(zeros) } },
    { "set-option", NULL, SYS_setsockopt, { 4, SOL_SOCKET, SO_SNDBUF, TEXT(zeros), 4 } },
    { "other-option", NULL, SYS_getsockopt, { 4, SOL_SOCKET, SO_PEERCRED, TEXT(zeros), TEXT(message) } },
    { "write-input", NULL, SYS_write, { 4, TEXT(message), 1 } },
    { "send-input", NULL, SYS_sendto, { 4, TEXT(message), 1, MSG_NOSIGNAL, 0, 0 } },
    { "send-message-input", NULL, SYS_sendmsg, { 4, TEXT(zeros), MSG_NOSIGNAL } },
    { "send-datagram", NULL, SYS_sendmsg, { 4, TEXT(zeros), MSG_NOSIGNAL | MSG_DONTWAIT } },
    { "send-datagram-channel", NULL, SYS_sendmsg, { 3, TEXT(zeros), MSG_NOSIGNAL | MSG_DONTWAIT } },
    { "send-datagrams", NULL, SYS_sendmmsg, { 4, TEXT(zeros), 0, MSG_NOSIGNAL | MSG_DONTWAIT } },
    { "receive-datagrams", NULL, SYS_recvmmsg, { 4, TEXT(zeros), 0, MSG_DONTWAIT, 0 } },
    { "receive-datagrams-late", NULL, SYS_recvmmsg, { 4, TEXT(zeros), 0, 0, 0 } },
    { "receive-datagrams-channel", NULL, SYS_recvmmsg, { 3, TEXT(zeros), 0, MSG_DONTWAIT, 0 } },
    { "lost-datagrams", NULL, SYS_getsockopt, { 4, SOL_SOCKET, SO_MEMINFO, TEXT(zeros), TEXT(message) } },
    { "send-elsewhere", NULL, SYS_sendto, { 3, TEXT(message), 1, MSG_NOSIGNAL, TEXT(&elsewhere), sizeof elsewhere } },
    { "send-out-of-band", NULL, SYS_sendto, { 3, TEXT(message), 1, MSG_OOB | MSG_NOSIGNAL, 0, 0 } },
    { "receive-message", NULL, SYS_recvmsg, { 3, TEXT(zeros), MSG_DONTWAIT } },
    { "read-input", NULL, SYS_read, { 4, TEXT(message), 0 } },
    { "read-terminal", NULL, SYS_read, { 0, TEXT(message), 0 } },
    { "seek", NULL, SYS_lseek, { 4, 0, SEEK_CUR } },
    { "splice", NULL, SYS_splice, { 3, 0, 4, 0, 1, 0 } },
    { "send-file", NULL, SYS_sendfile, { 4, 5, 0, 1 } },
    { "dup", NULL, SYS_dup, { 4 } },
    { "dup3", NULL, SYS_dup3, { 4, 9, 0 } },
    { "fcntl-dup", NULL, SYS_fcntl, { 4, F_DUPFD, 3 } },
    { "set-flags-channel", NULL, SYS_fcntl, { 3, F_SETFL, 0 } },
    { "set-flags-log", NULL, SYS_fcntl, { 2, F_SETFL, O_APPEND } },
    { "ring-counters", NULL, SYS_getsockopt, { 4, SOL_PACKET, PACKET_STATISTICS, TEXT(zeros), TEXT(message) } },
    { "receive", NULL, SYS_recvfrom, { 3, TEXT(message), 0, MSG_DONTWAIT, 0, 0 } },
    { "poll", NULL, SYS_poll, { 0, 0, 0 } },
    { "epoll", NULL, SYS_epoll_create1, { 0 } },
    { "epoll-control", NULL, SYS_epoll_ctl, { 3, 1, 3, TEXT(zeros) } },
    { "epoll-wait", NULL, SYS_epoll_pwait, { 3, TEXT(zeros), 1, 0, 0, 0 } },
    { "signal-descriptor", NULL, SYS_signalfd4, { -1, TEXT(zeros), 8, 0 } },
    { "event-descriptor", NULL, SYS_eventfd2, { 0, 0 } },
    { "timer-descriptor", NULL, SYS_timerfd_create, { 1, 0 } },
    { "outlive-parent", NULL, SYS_prctl, { PR_SET_PDEATHSIG, 0 } },
    { "fcntl-owner", NULL, SYS_fcntl, { 4, F_SETOWN, 1 } },
    { "fcntl-lease", NULL, SYS_fcntl, { 4, F_SETLEASE, F_RDLCK } },
    { "execve", NULL, SYS_execve, { TEXT("/bin/true"), TEXT(no_words), TEXT(no_words) } },
    { "execveat", NULL, SYS_execveat, { 4, TEXT(""), TEXT(no_words), TEXT(no_words), AT_EMPTY_PATH } },
    { "fork", try_fork, 0, { 0 } },
    { "clone", NULL, SYS_clone, { CLONE_FS | CLONE_NEWUSER | SIGCHLD } },
    { "clone-thread", NULL, SYS_clone, { CLONE_FS | CLONE_UNTRACED | SIGCHLD } },
    { "clone3", NULL, SYS_clone3, { TEXT(zeros), 0 } },
    { "ptrace", NULL, SYS_ptrace, { PTRACE_TRACEME } },
    { "read-memory", NULL, SYS_process_vm_readv, { 1, TEXT(zeros), 0, TEXT(zeros), 0, 0 } },
    { "write-memory", NULL, SYS_process_vm_writev, { 1, TEXT(zeros), 0, TEXT(zeros), 0, 0 } },
    { "compare", NULL, SYS_kcmp, { 1, 1, 0, 0, 0 } },
    { "mmap-exec", NULL, SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
    { "mmap-all", NULL, SYS_mmap, { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
    { "mprotect-exec", NULL, SYS_mprotect, { TEXT(zeros), 0, PROT_READ | PROT_EXEC } },
    { "pkey-mprotect", NULL, SYS_pkey_mprotect, { TEXT(zeros), 0, PROT_READ | PROT_EXEC, 0 } },
    { "remap-file-pages", NULL, SYS_remap_file_pages, { TEXT(zeros), 0, 0, 0, 0 } },
    { "memfd", NULL, SYS_memfd_create, { TEXT("x"), 0 } },
    { "signal-parent", try_signal_parent, 0, { 0 } },
    { "kill", NULL, SYS_kill, { 1, 0 } },
    { "tgkill", NULL, SYS_tgkill, { 1, 1, 0 } },
    { "pidfd", NULL, SYS_pidfd_open, { 1, 0 } },
    { "pidfd-get", NULL, SYS_pidfd_getfd, { 3, 0, 0 } },
    { "prlimit-other", NULL, SYS_prlimit64, { 1, RLIMIT_NOFILE, 0, TEXT(zeros) } },
    { "bpf", NULL, SYS_bpf, { 0, TEXT(zeros), sizeof zeros } },
    { "bpf-load", NULL, SYS_bpf, { 5, TEXT(zeros), sizeof zeros } },
    { "bpf-open", NULL, SYS_bpf, { 14, TEXT(zeros), sizeof zeros } },
    { "bpf-update", NULL, SYS_bpf, { 2, TEXT(zeros), sizeof zeros } },
    { "write-route", NULL, SYS_write, { 5, TEXT(message), 1 } },
    { "write-other", NULL, SYS_write, { 8, TEXT(message), 1 } },
    { "close-route", NULL, SYS_close, { 5 } },
    { "close-other", NULL, SYS_close, { 8 } },
    { "io-uring", NULL, SYS_io_uring_setup, { 1, TEXT(zeros) } },
    { "perf", NULL, SYS_perf_event_open, { TEXT(zeros), 0, -1, -1, 0 } },
    { "userfault", NULL, SYS_userfaultfd, { 0 } },
    { "keyctl", NULL, SYS_keyctl, { 0, -3, 0 } },
    { "add-key", NULL, SYS_add_key, { TEXT("user"), TEXT("x"), TEXT(message), 1, -3 } },
    { "personality", NULL, SYS_personality, { 0x0040000 } },
    { "type-ahead", NULL, SYS_ioctl, { 2, TIOCSTI, TEXT(message) } },
    { "terminal", NULL, SYS_ioctl, { 2, TIOCLINUX, TEXT(message) } },
    { "dumpable", NULL, SYS_prctl, { PR_SET_DUMPABLE, 1 } },
    { "set-memory-map", NULL, SYS_prctl, { PR_SET_MM, PR_SET_MM_BRK, 0 } },
    { "pace", NULL, SYS_prctl, { PR_SET_TIMERSLACK, 1 } },
    { "unshare", NULL, SYS_unshare, { CLONE_NEWUSER } },
    { "unshare-pid", NULL, SYS_unshare, { CLONE_NEWPID } },
    { "setns", NULL, SYS_setns, { 4, 0 } },
    { "mount", NULL, SYS_mount, { TEXT("x"), TEXT("/"), TEXT("tmpfs"), 0, 0 } },
    { "umount", NULL, SYS_umount2, { TEXT("/proc"), 2 } },
    { "pivot-root", NULL, SYS_pivot_root, { TEXT("."), TEXT(".") } },
    { "open-tree", NULL, SYS_open_tree, { AT_FDCWD, TEXT("/"), 1 } },
    { "fsopen", NULL, SYS_fsopen, { TEXT("tmpfs"), 0 } },
    { "chroot", NULL, SYS_chroot, { TEXT("/") } },
    { "fchdir", NULL, SYS_fchdir, { 4 } },
    { "setuid", NULL, SYS_setuid, { 0 } },
    { "become-root", try_root, 0, { 0 } },
    { "setgroups", NULL, SYS_setgroups, { 0, 0 } },
    { "module", NULL, SYS_finit_module, { 4, TEXT(""), 0 } },
    { "kexec", NULL, SYS_kexec_load, { 0, 0, 0, 0 } },
    { "reboot", NULL, SYS_reboot, { 0, 0, 0, 0 } },
    { "set-clock", NULL, SYS_clock_settime, { 0, TEXT(zeros) } },
    { "syslog", NULL, SYS_syslog, { 3, TEXT(zeros), 1 } },
    { "set-name", NULL, SYS_sethostname, { TEXT("x"), 1 } },
    { "quota", NULL, SYS_quotactl, { 0, 0, 0, 0 } },
    { "fanotify", NULL, SYS_fanotify_init, { 0, 0 } },
    { "inotify", NULL, SYS_inotify_init1, { 0 } },
    { "shared-memory", NULL, SYS_shmget, { 0, 4096, 01600 } },
    { "message-queue", NULL, SYS_msgget, { 0, 01600 } },
    { "seccomp", NULL, SYS_seccomp, { 0, 0, TEXT(zeros) } },
#ifdef __x86_64__
    { "old-open", NULL, SYS_open, { TEXT("/etc/passwd"), O_RDONLY } },
    { "old-creat", NULL, SYS_creat, { TEXT("/tmp/teiten-probe"), 0600 } },
    { "old-fork", NULL, SYS_fork, { 0 } },
    { "vfork", try_vfork, 0, { 0 } },
    { "segments", NULL, SYS_modify_ldt, { 0, TEXT(zeros), 1 } },
    { "ports", NULL, SYS_iopl, { 3 } },
    { "x32", NULL, 0x40000000 + SYS_getpid, { 0 } },
    { "ia32", try_ia32, 0, { 0 } },
#endif
    { "unknown-call", NULL, 5000, { 0 } },
    { "no-call", NULL, -1, { 0 } },
    { "list-root", try_list_root, 0, { 0 } },
    { "network", try_network, 0, { 0 } },
    { "tcp", try_tcp, 0, { 0 } },
    { "capabilities", try_capabilities, 0, { 0 } },
    { "more-capabilities", try_more_capabilities, 0, { 0 } },
    { "bounds", try_bounds, 0, { 0 } },
    { "raise-limit", try_raise, 0, { 0 } },
    { "escape", try_escape, 0, { 0 } },
    { "close-channel", try_packet_socket_as_channel, 0, { 0 } },
    { "close-channel-wide", try_wide_close, 0, { 0 } },
    /* What some must be able to do. */
    { "nothing", NULL, SYS_clock_gettime, { CLOCK_REALTIME, TEXT(zeros) } },
    { "memory", NULL, SYS_mmap, { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
    { "send-channel", NULL, SYS_sendto, { 3, TEXT(message), 0, MSG_NOSIGNAL, 0, 0 } },
    { "log", NULL, SYS_write, { 2, TEXT(message), 0 } },
    { "get-flags", NULL, SYS_fcntl, { 4, F_GETFL } },
    { "input-name", NULL, SYS_getsockname, { 4, TEXT(zeros), TEXT(message) } },
    { "close-input", NULL, SYS_close, { 4 } },
    { "listen", try_listen, 0, { 0 } },
    { "interface", try_interface, 0, { 0 } },
    { "hand-over", try_hand_over, 0, { 0 } },
    { "own-limit", NULL, SYS_prlimit64, { 0, RLIMIT_NOFILE, 0, TEXT(zeros) } },
    { "files", try_lock, 0, { 0 } },
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static int run(size_t i)
{
    if (rows[i].run)
        return rows[i].run();
    const long *a = rows[i].argument;
    long result = syscall(rows[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return result < 0 ? errno : 0;
}

int attempt(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return run(i);
    return ATTEMPT_UNKNOWN;
}

void attempts_list(void)
{
    for (size_t i = 0; i < ROWS; i++)
        puts(rows[i].name);
}
