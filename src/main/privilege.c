#include "main/privilege.h"

#include "base/own.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    ANSWER_S = 10, /* a keeper that takes longer is as good as dead */
    PATIENCE_MS = 2000,
    PAUSE_MS = 5,
};

int privilege_start(struct privilege *p, const struct program *keeper, bool claims)
{
    int pair[2];
    auto_fd int tun = claims ? open("/dev/net/tun", O_RDWR | O_CLOEXEC) : -1;
    const struct timeval patience = { .tv_sec = ANSWER_S };
    *p = (struct privilege){ .fd = -1 };
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    (void)!setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int err = program_start(keeper, (int[]){ pair[1], tun }, tun >= 0 ? 2 : 1, true, &p->pid);
    close(pair[1]);
    if (err)
        close(pair[0]);
    else
        p->fd = pair[0];
    return err;
}

/* It ends when its pipe closes; we could not make it, for it is root's. */
static void reap(struct privilege *p)
{
    static const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
    for (int waited = 0; p->pid > 0 && waited < PATIENCE_MS; waited += PAUSE_MS) {
        if (waitpid(p->pid, NULL, WNOHANG) != 0)
            break;
        nanosleep(&pause, NULL);
    }
    p->pid = 0;
}

void privilege_end(struct privilege *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    reap(p);
}

static int ask(struct privilege *p, const struct request *v, struct request_answer *ret, int *ret_fd,
               size_t most, size_t *ret_n)
{
    *ret_n = 0;
    if (p->fd < 0)
        return -EPIPE;
    int err = request_send(p->fd, v);
    if (err == -E2BIG)
        return err;
    if (!err)
        err = answer_receive(p->fd, ret, ret_fd, most, ret_n);
    if (err) {
        privilege_end(p);
        return -EPIPE;
    }
    return ret->status;
}

/* Exactly n descriptors: a keeper that answers otherwise is none. */
static int ask_for(struct privilege *p, const struct request *v, int *ret_fd, size_t want)
{
    struct request_answer answer;
    size_t n;
    TRY(ask(p, v, &answer, ret_fd, want, &n));
    if (n == want)
        return 0;
    for (; n; n--)
        close(ret_fd[n - 1]);
    privilege_end(p);
    return -EPIPE;
}

int privilege_rings(struct privilege *p, const struct request_rings *v, int *ret_fd)
{
    return ask_for(p, &(struct request){ .type = REQUEST_RINGS, .rings = *v }, ret_fd, v->n);
}

int privilege_listen(struct privilege *p, const struct request_listen *v, int *ret_fd)
{
    return ask_for(p, &(struct request){ .type = REQUEST_LISTEN, .listen = *v }, ret_fd, v->n);
}

int privilege_budget(struct privilege *p, int *ret_fd, struct request_budget *ret)
{
    struct request_answer answer;
    size_t n;
    TRY(ask(p, &(struct request){ .type = REQUEST_BUDGET }, &answer, ret_fd, 1, &n));
    if (n == 1 && answer.has_budget) {
        *ret = answer.budget;
        return 0;
    }
    if (n)
        close(*ret_fd);
    privilege_end(p);
    return -EPIPE;
}

static int ask_alone(struct privilege *p, const struct request *v)
{
    struct request_answer answer;
    size_t n;
    int none;
    return ask(p, v, &answer, &none, 0, &n);
}

int privilege_claim(struct privilege *p, const struct request_claim *v)
{
    return ask_alone(p, &(struct request){ .type = REQUEST_CLAIM, .claim = *v });
}

int privilege_confirm(struct privilege *p)
{
    return ask_alone(p, &(struct request){ .type = REQUEST_CONFIRM });
}

int privilege_limits(struct privilege *p, uint32_t files)
{
    return ask_alone(p, &(struct request){ .type = REQUEST_LIMITS, .files = files });
}
