#include "main/dialler.h"

#include "base/pass.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void dialler_init(struct dialler *d)
{
    *d = (struct dialler){ .fd = -1 };
}

int dialler_start(struct dialler *d, const struct program *dial)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    int err = program_start(dial, &pair[1], 1, false, &d->pid);
    close(pair[1]);
    if (err)
        close(pair[0]);
    else
        d->fd = pair[0];
    return err;
}

/* Two messages: a descriptor each. */
static int pass_both(const struct dialler *d, int channel, int hand)
{
    TRY(pass_send(d->fd, 0, channel));
    return pass_send(d->fd, 0, hand);
}

int dialler_ask(struct dialler *d, int *ret_channel, int *ret_hand)
{
    int channel[2], hand[2];
    if (d->fd < 0)
        return -EPIPE;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) < 0)
        return -errno;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, hand) < 0) {
        int err = -errno;
        close(channel[0]);
        close(channel[1]);
        return err;
    }
    int err = pass_both(d, channel[1], hand[1]);
    close(channel[1]);
    close(hand[1]);
    if (!err) {
        *ret_channel = channel[0];
        *ret_hand = hand[0];
        return 0;
    }
    close(channel[0]);
    close(hand[0]);
    if (err == -EPIPE)
        dialler_end(d);
    return err;
}

void dialler_end(struct dialler *d)
{
    if (d->fd >= 0)
        close(d->fd);
    if (d->pid > 0)
        while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    dialler_init(d);
}
