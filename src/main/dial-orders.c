#include "main/dial-orders.h"

#include "base/pass.h"
#include "main/fds.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { SPARE = 10 }; /* above what has a number of its own */

/* Moves it out of the way of the numbers that are to be had. */
static int receive(int *ret)
{
    int status, fd;
    TRY(pass_receive(FD_CHANNEL, &status, &fd));
    if (status)
        return -EPROTO;
    *ret = fcntl(fd, F_DUPFD_CLOEXEC, SPARE);
    int err = *ret < 0 ? -errno : 0;
    close(fd);
    return err;
}

static int become(int channel, int hand)
{
    if (dup2(channel, FD_CHANNEL) < 0 || dup2(hand, FD_HAND) < 0)
        return -errno;
    close(channel);
    close(hand);
    signal(SIGCHLD, SIG_DFL);
    return 0;
}

int dial_wait_for_order(void)
{
    /* Nobody asks how one ended; and none outlives who waits. */
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int channel, hand;
        TRY(receive(&channel));
        int err = receive(&hand);
        pid_t pid = err ? -1 : fork();
        if (pid == 0)
            return become(channel, hand);
        close(channel);
        if (!err)
            close(hand);
        TRY(err);
    }
}
