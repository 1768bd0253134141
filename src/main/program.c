#include "main/program.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef TEITEN_LIBEXEC
#define TEITEN_LIBEXEC "/usr/libexec/teiten"
#endif

/* All that a program of ours gets of the environment. What is loaded into one with rights is not for whoever set
 * the environment to say; the rest tells how to write times and the log, and is read by tests. */
static const struct {
    const char *name;
    bool loads;
} passed[] = {
    { "TZ", false },
    { "JOURNAL_STREAM", false },
    { "LD_PRELOAD", true },
    { "ASAN_OPTIONS", false },
    { "UBSAN_OPTIONS", false },
    { "LSAN_OPTIONS", false },
    { "TEITEN_UNCONFINED", false },
    { "TEITEN_PROBE", false },
    { "TEITEN_TEST_CLOCK", false },
    { "TEITEN_TEST_ALLOW", false },
    { "TEITEN_TEST_PROGRAM", false },
};
enum { PASSED = sizeof passed / sizeof *passed };

enum { FIRST_FD = 3 };

static int open_in(const char *folder, const char *name)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return -ENAMETOOLONG;
    if (access(path, X_OK) < 0)
        return -errno;
    int fd = open(path, O_PATH | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int program_open(struct program *ret, const char *name)
{
    char self[PATH_MAX];
    *ret = (struct program){ .name = name, .fd = -1 };
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = '\0';
        ret->fd = open_in(self, name);
    }
    if (ret->fd < 0)
        ret->fd = open_in(TEITEN_LIBEXEC, name);
    int err = ret->fd < 0 ? ret->fd : 0;
    ret->fd = err ? -1 : ret->fd;
    return err;
}

void program_close(struct program *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

/* ---- in the child, between fork and exec: only calls that are safe there ---- */

/* What is permitted to an ordinary user goes along over exec only where it is made ambient. */
static void pass_rights(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &head, data) < 0)
        return;
    for (int i = 0; i < 2; i++)
        data[i].inheritable |= data[i].permitted;
    if (syscall(SYS_capset, &head, data) < 0)
        return;
    for (unsigned cap = 0; cap < 64; cap++)
        if (data[cap / 32].permitted & 1u << cap % 32)
            (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
}

/* Descriptors move up first, so that none is overwritten before it was moved. */
static void become(const struct program *p, const int *fd, size_t n, bool with_rights, char *const *words)
{
    int up[PROGRAM_FDS], spare = FIRST_FD + (int)n + 1;
    int exe = fcntl(p->fd, F_DUPFD_CLOEXEC, spare);
    for (size_t i = 0; i < n; i++)
        up[i] = fcntl(fd[i], F_DUPFD, spare);
    for (size_t i = 0; i < n; i++)
        if (up[i] < 0 || dup2(up[i], FIRST_FD + (int)i) < 0)
            _exit(127);
    if (exe < 0 || close_range((unsigned)(FIRST_FD + (int)n), ~0u, CLOSE_RANGE_CLOEXEC) < 0)
        _exit(127);
    /* What a terminal or a service manager tells all processes is for the supervisor, who ends the others in order. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (with_rights)
        pass_rights();
    char *const argv[] = { (char *)p->name, NULL };
    fexecve(exe, argv, words);
    _exit(127);
}

/* ---- before it ---- */

static void choose_words(char *ret[static PASSED + 1], bool with_rights)
{
    size_t n = 0;
    for (size_t i = 0; i < PASSED; i++) {
        char *value = getenv(passed[i].name);
        if (value && !(passed[i].loads && with_rights))
            ret[n++] = value - strlen(passed[i].name) - 1; /* "NAME=value" */
    }
    ret[n] = NULL;
}

int program_start(const struct program *p, const int *fd, size_t n, bool with_rights, pid_t *ret)
{
    if (n > PROGRAM_FDS)
        return -EINVAL;
    char *words[PASSED + 1];
    choose_words(words, with_rights);
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0)
        become(p, fd, n, with_rights, words);
    *ret = pid;
    return 0;
}
