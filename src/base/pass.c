#include "base/pass.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

int pass_send(int socket, int status, int fd)
{
    int32_t word = status;
    union control control = { 0 };
    struct iovec part = { &word, sizeof word };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    if (fd >= 0) {
        m.msg_control = control.bytes;
        m.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    ssize_t sent;
    do
        sent = sendmsg(socket, &m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

/* Room is for one: the kernel closes what comes beyond it, and says so. */
static bool take_one(struct msghdr *m, int *ret_fd)
{
    *ret_fd = -1;
    bool sound = !(m->msg_flags & (MSG_CTRUNC | MSG_TRUNC));
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
            memcpy(ret_fd, CMSG_DATA(c), sizeof *ret_fd);
        else
            sound = false;
    }
    return sound;
}

int pass_receive(int socket, int *ret_status, int *ret_fd)
{
    int32_t word = 0;
    union control control;
    struct iovec part = { &word, sizeof word };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                        .msg_controllen = sizeof control.bytes };
    ssize_t got;
    do
        got = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    *ret_fd = -1;
    if (got < 0)
        return errno == ECONNRESET ? -EPIPE : -errno;
    bool sound = take_one(&m, ret_fd);
    if (got == 0 && *ret_fd < 0)
        return -EPIPE;
    if (sound && got == sizeof word && word <= 0 && word >= -4095 && (word == 0) == (*ret_fd >= 0)) {
        *ret_status = word;
        return 0;
    }
    if (*ret_fd >= 0)
        close(*ret_fd);
    *ret_fd = -1;
    return -EPROTO;
}
