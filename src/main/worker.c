#include "main/worker.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    CHANNEL_BYTES = 1 << 20,
    PAUSE_MS = 5,
    GAVE_UP = 1 << 8, /* the wait status of exit(1) */
};

int worker_start(struct worker *w, const struct program *p, const int *fd, size_t n)
{
    int pair[2], pass[PROGRAM_FDS], size = CHANNEL_BYTES;
    if (n + 1 > PROGRAM_FDS)
        return -EINVAL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    for (int i = 0; i < 2; i++)
        (void)!setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    pass[0] = pair[1];
    if (n)
        memcpy(pass + 1, fd, n * sizeof *fd);
    int err = program_start(p, pass, n + 1, false, &w->pid);
    close(pair[1]);
    if (err) {
        close(pair[0]);
        w->pid = 0;
        return err;
    }
    channel_init(&w->channel, pair[0]);
    return 0;
}

static int reap(struct worker *w)
{
    int status = 0;
    while (w->pid > 0 && waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    w->pid = 0;
    return status;
}

int worker_end(struct worker *w, int patience)
{
    static const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
    int status = 0;
    channel_release(&w->channel);
    /* One that has nothing more to say but does not go has lost its senses. */
    for (int waited = 0; w->pid > 0 && waited < patience; waited += PAUSE_MS) {
        pid_t pid = waitpid(w->pid, &status, WNOHANG);
        if (pid == w->pid) {
            w->pid = 0;
            return status;
        }
        nanosleep(&pause, NULL);
    }
    if (w->pid <= 0)
        return 0;
    worker_kill(w);
    return GAVE_UP; /* its own doing, not of whoever kills from outside */
}

int worker_kill(struct worker *w)
{
    channel_release(&w->channel);
    if (w->pid > 0)
        kill(w->pid, SIGKILL);
    return reap(w);
}

bool worker_was_killed(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

const char *worker_status_text(int status)
{
    if (WIFSIGNALED(status))
        return strsignal(WTERMSIG(status));
    return status == 0 ? "it ended" : "it gave up";
}
