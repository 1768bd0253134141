/*
 * Test tool: runs shell scripts in the real BusyBox, each in a cell of its own, and says what came
 * of it.
 *
 *   cell FOLDER [--one-cpu | --terminal]
 *
 * FOLDER is that of a machine (src/shell/machine.h). Orders and answers are those of wire.h. A cell
 * is a fresh user, process, mount, network, host name and ipc namespace whose root is a tmpfs with
 * the machine's tree, and limits on processes, memory, file size and time: what a script does ends
 * with it. The user that is root in there is nobody outside. With --terminal there are no orders:
 * one shell for whoever is at standard input, which is a terminal. Only root can have other users,
 * so it must be root's.
 */
#include "cell.h"
#include "wire.h"

#include "base/own.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define CELL_FLAGS (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD)
#define ROOM "/tmp" /* covered by a tmpfs of the cells' own namespace */
#define CELL "/cell"
#define DEVICES "/devices"

enum { SECONDS = 10, OWNERS = 65536, FIRST_OWNER = 100000 };

static const char *const device_names[] = { "null", "zero", "full", "random", "urandom", "tty" };

static void die(const char *what)
{
    fprintf(stderr, "cell: %s: %s\n", what, strerror(errno));
    _exit(2);
}

/* ---- The house around the cells: one for the life of the program ---- */

static void write_file(const char *path, const char *text)
{
    auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        die(path);
}

static void map_owners(pid_t pid, const char *which)
{
    char path[64], map[64];
    snprintf(path, sizeof path, "/proc/%d/%s_map", (int)pid, which);
    snprintf(map, sizeof map, "0 %d %d\n", FIRST_OWNER, OWNERS);
    write_file(path, map);
}

/* Goes on in a child that is root of new namespaces; the parent waits for it and ends as it does.
 */
static void enter_house(void)
{
    int ready[2], go[2];
    if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
        die("pipe");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    char byte = 0;
    if (pid > 0) {
        if (read(ready[0], &byte, 1) == 1) {
            map_owners(pid, "uid");
            map_owners(pid, "gid");
            if (write(go[1], "", 1) != 1)
                die("pipe");
        }
        int status = 0;
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC))
        die("unshare");
    if (write(ready[1], "", 1) != 1 || read(go[0], &byte, 1) != 1)
        die("pipe");
    if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
        die("setresuid");
}

static void bind(const char *from, const char *to, bool folder)
{
    if (folder)
        mkdir(to, 0755);
    else
        close(open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    if (mount(from, to, NULL, MS_BIND | MS_REC, NULL))
        die(to);
}

/* A root that has nothing but the devices and, so that others may be mounted, the host's /proc. */
static void furnish_house(void)
{
    char from[PATH_MAX], to[PATH_MAX];
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("none", ROOM, "tmpfs", MS_NOSUID, "mode=755,size=1m"))
        die("mount");
    mkdir(ROOM CELL, 0755);
    mkdir(ROOM DEVICES, 0755);
    bind("/proc", ROOM "/proc", true);
    for (size_t i = 0; i < sizeof device_names / sizeof *device_names; i++) {
        snprintf(from, sizeof from, "/dev/%s", device_names[i]);
        snprintf(to, sizeof to, ROOM DEVICES "/%s", device_names[i]);
        bind(from, to, false);
    }
    mkdir(ROOM "/old", 0700);
    if (chdir(ROOM) || syscall(SYS_pivot_root, ".", "old") || chdir("/") ||
        umount2("/old", MNT_DETACH))
        die("pivot_root");
}

/* ---- A script ---- */

static void limit(int what, rlim_t most)
{
    struct rlimit r = { most, most };
    if (setrlimit((__rlimit_resource_t)what, &r))
        die("setrlimit");
}

static void limit_all(void)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, SECONDS);
    limit(RLIMIT_FSIZE, 32 << 20);
    limit(RLIMIT_AS, 512 << 20);
    limit(RLIMIT_NPROC, 128);
    limit(RLIMIT_NOFILE, 1024);
}

/* A file that was sent to a pipe is in it by reference, and may be changed before it is read: what
 * the script puts out would be left to chance. Without the call BusyBox copies. */
static void forbid_sendfile(void)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendfile, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof steps / sizeof *steps, steps };
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        die("seccomp");
}

struct user {
    uint32_t uid;
    const char *home;
    char *environment[10];
};

static const struct user users[] = {
    { 0,
      "/root",
      { "USER=root", "LOGNAME=root", "HOME=/root", "SHELL=/bin/sh",
        "PATH=/usr/bin:/bin:/usr/sbin:/sbin", NULL } },
    { 1000,
      "/home/user",
      { "USER=user", "LOGNAME=user", "HOME=/home/user", "SHELL=/bin/sh",
        "PATH=/usr/bin:/bin:/usr/sbin:/sbin", NULL } },
};

static const struct user *user_of(uint32_t uid)
{
    for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
        if (users[i].uid == uid)
            return &users[i];
    }
    errno = EINVAL;
    die("user");
    return NULL;
}

static void run_shell(const struct wire_order *o, int in, int out, int err)
{
    const struct user *user = user_of(o->uid);
    setsid();
    if (o->way == 't')
        ioctl(in, TIOCSCTTY, 0);
    limit_all();
    forbid_sendfile();
    umask(022);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
        syscall(SYS_close_range, 3, ~0U, 0))
        die("dup2");
    if (chroot(CELL) || chdir(user->home))
        die("chroot");
    if (user->uid != 0 &&
        (setresgid(user->uid, user->uid, user->uid) || setresuid(user->uid, user->uid, user->uid)))
        die("setresuid");
    char **arguments = wire_arguments(o);
    char *argv[64] = { "sh" };
    size_t n = 1;
    if (o->way == 'c') {
        argv[n++] = "-c";
        argv[n++] = o->script;
        for (size_t i = 0; arguments && arguments[i] && n < 63; i++)
            argv[n++] = arguments[i];
    }
    execve("/bin/sh", argv, (char **)(uintptr_t)user->environment);
    die("/bin/sh");
}

/* What the shell reads, in a pipe that holds all of it. */
static int make_input(const struct wire_order *o)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        die("pipe");
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    if (o->way != 'c' && write(ends[1], o->script, o->n_script) != (ssize_t)o->n_script)
        die("the script does not fit in a pipe");
    if (o->n_input && write(ends[1], o->input, o->n_input) != (ssize_t)o->n_input)
        die("the input does not fit in a pipe");
    close(ends[1]);
    return ends[0];
}

/* False: the stream is at its end, or has said too much (then *late). */
static bool drain(int fd, struct buf *to, bool *late)
{
    static char piece[65536];
    for (;;) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        if (n == 0)
            return false;
        buf_put(to, piece, (size_t)n);
        if (!buf_ok(to)) {
            *late = true;
            return false;
        }
    }
}

static int64_t milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until the first process of the cell, and with it all others of it, has ended. */
static void watch(pid_t pid, int out, int err, struct wire_answer *a)
{
    int64_t end = milliseconds() + SECONDS * 1000;
    auto_fd int process = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd fds[3] = { { .fd = process, .events = POLLIN },
                             { .fd = out, .events = POLLIN },
                             { .fd = err, .events = POLLIN } };
    if (process < 0)
        die("pidfd_open");
    while (!fds[0].revents && !a->late) {
        int64_t left = end - milliseconds();
        if (left <= 0 || poll(fds, 3, (int)left) == 0)
            a->late = true;
        if (fds[1].revents && !drain(out, &a->out, &a->late))
            fds[1].fd = -1;
        if (fds[2].revents && !drain(err, &a->err, &a->late))
            fds[2].fd = -1;
    }
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    bool more = false;
    drain(out, &a->out, &more);
    drain(err, &a->err, &more);
    a->late = a->late || more;
}

/* The first process of a cell: starts the shell, reaps whom nobody else does, and ends with the
 * shell. */
static void run_cell(const struct wire_order *o, const int fds[3], int *status)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (mount("proc", CELL "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) ||
        sethostname("device", 6))
        die("/proc");
    pid_t shell = fork();
    if (shell < 0)
        die("fork");
    if (shell == 0)
        run_shell(o, fds[0], fds[1], fds[2]);
    int got;
    pid_t pid;
    do
        pid = waitpid(-1, &got, 0);
    while (pid != shell && (pid > 0 || errno == EINTR));
    *status = WIFSIGNALED(got) ? 128 + WTERMSIG(got) : WEXITSTATUS(got);
    _exit(0);
}

static void pipe_of(int ends[static 2])
{
    if (pipe2(ends, O_CLOEXEC))
        die("pipe");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static void run_order(const struct wire_order *o, struct wire_answer *a, int *status)
{
    int out[2], err[2];
    pipe_of(out);
    pipe_of(err);
    int in = make_input(o);
    *status = -1;
    pid_t pid = (pid_t)syscall(
        SYS_clone, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0)
        die("clone");
    if (pid == 0)
        run_cell(o, (int[3]){ in, out[1], err[1] }, status);
    close(in);
    close(out[1]);
    close(err[1]);
    watch(pid, out[0], err[0], a);
    close(out[0]);
    close(err[0]);
    a->status = *status;
    if (*status < 0 && !a->late) {
        fprintf(stderr, "cell: script %ld was not run\n", o->id);
        _exit(2);
    }
}

/* One shell for whoever sits there; its status. */
static int run_terminal(void)
{
    static const struct wire_order order = { .way = 't' };
    int *status =
        mmap(NULL, sizeof *status, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = (pid_t)syscall(SYS_clone, CELL_FLAGS, 0, 0, 0, 0);
    if (status == MAP_FAILED || pid < 0)
        die("clone");
    if (pid == 0)
        run_cell(&order, (int[3]){ 0, 1, 2 }, status);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return *status;
}

/* ---- The tree, built anew where the last script left more than cell_tree_mend() takes away ----
 */

static void build(const struct cell_tree *tree, struct buf *pristine)
{
    umount2(CELL, MNT_DETACH); /* of the first there is none */
    if (mount("none", CELL, "tmpfs", MS_NOSUID | MS_NOATIME, "mode=755,size=64m"))
        die("mount");
    umask(0);
    if (cell_tree_build(tree, CELL, DEVICES) < 0)
        _exit(2);
    buf_reset(pristine);
    cell_tree_list(pristine, CELL);
}

static void serve(const struct cell_tree *tree)
{
    int *status =
        mmap(NULL, sizeof *status, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (status == MAP_FAILED)
        die("mmap");
    struct buf pristine;
    buf_init(&pristine, WIRE_TREE);
    build(tree, &pristine);
    struct wire_order order;
    int verdict;
    while ((verdict = wire_order(&order)) == 0) {
        struct wire_answer answer;
        wire_answer_init(&answer);
        run_order(&order, &answer, status);
        cell_tree_list(&answer.tree, CELL);
        if (wire_answer(order.id, &answer) < 0)
            die("answer");
        /* Mounts may have been changed in ways that do not end with the cell. */
        if (strstr(order.script, "mount") || !cell_tree_mend(tree, CELL, &pristine, &answer.tree))
            build(tree, &pristine);
        wire_answer_release(&answer);
        wire_order_release(&order);
    }
    buf_release(&pristine);
    if (verdict < 0) {
        errno = -verdict;
        die("order");
    }
}

int main(int argc, char **argv)
{
    bool one = argc == 3 && !strcmp(argv[2], "--one-cpu");
    bool terminal = argc == 3 && !strcmp(argv[2], "--terminal");
    if ((argc != 2 && !one && !terminal) || geteuid() != 0) {
        fprintf(stderr, "usage (root's): cell FOLDER [--one-cpu | --terminal]\n");
        return 2;
    }
    static struct cell_tree tree;
    if (cell_tree_load(&tree, argv[1]) < 0)
        return 2;
    if (one) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(0, &set);
        if (sched_setaffinity(0, sizeof set, &set))
            die("sched_setaffinity");
    }
    enter_house();
    furnish_house();
    if (terminal) {
        struct buf list;
        buf_init(&list, WIRE_TREE);
        build(&tree, &list);
        return run_terminal();
    }
    serve(&tree);
    return 0;
}
