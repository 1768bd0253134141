#include "main/worker.h"

#include "base/own.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TEITEN_LIBEXEC
#define TEITEN_LIBEXEC "/usr/libexec/teiten"
#endif

enum { FIRST_FD = 3, SPARE_FD = 64, CHANNEL_BYTES = 1 << 20 };

/* Beside ourselves first: a build folder needs no installation. */
static int find_program(const char *name, char path[static PATH_MAX])
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = '\0';
        if (snprintf(path, PATH_MAX, "%s/%s", self, name) < PATH_MAX && access(path, X_OK) == 0)
            return 0;
    }
    if (snprintf(path, PATH_MAX, "%s/%s", TEITEN_LIBEXEC, name) < PATH_MAX && access(path, X_OK) == 0)
        return 0;
    return -ENOENT;
}

/* In the child, between fork and exec: only calls that are safe there. Descriptors move up first, so that
 * none is overwritten before it was moved. */
static void become(const char *path, const char *name, int channel, const int *fd, size_t n)
{
    int up[8];
    size_t count = n + 1 > 8 ? 8 : n + 1;
    for (size_t i = 0; i < count; i++)
        up[i] = fcntl(i == 0 ? channel : fd[i - 1], F_DUPFD, SPARE_FD);
    for (size_t i = 0; i < count; i++)
        if (up[i] < 0 || dup2(up[i], FIRST_FD + (int)i) < 0)
            _exit(127);
    if (close_range((unsigned)(FIRST_FD + (int)count), ~0u, 0) < 0)
        _exit(127);
    /* A terminal's interrupt is for the supervisor, who ends its workers in order. */
    signal(SIGINT, SIG_IGN);
    execl(path, name, (char *)NULL);
    _exit(127);
}

int worker_start(struct worker *w, const char *program, const int *fd, size_t n)
{
    char path[PATH_MAX];
    int pair[2];
    TRY(find_program(program, path));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    int size = CHANNEL_BYTES;
    for (int i = 0; i < 2; i++)
        (void)!setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        become(path, program, pair[1], fd, n);
    int err = pid < 0 ? -errno : 0;
    close(pair[1]);
    if (err) {
        close(pair[0]);
        return err;
    }
    w->pid = pid;
    channel_init(&w->channel, pair[0]);
    return 0;
}

void worker_end(struct worker *w, bool *ret_clean)
{
    channel_release(&w->channel);
    *ret_clean = true;
    if (w->pid <= 0)
        return;
    int status;
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    *ret_clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    w->pid = 0;
}

void worker_kill(struct worker *w)
{
    bool clean;
    if (w->pid > 0)
        kill(w->pid, SIGKILL);
    worker_end(w, &clean);
}
