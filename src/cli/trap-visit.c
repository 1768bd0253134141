#include "cli/trap-visit.h"

#include "base/own.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static int wait_for(int fd, short what, int milliseconds)
{
    struct pollfd p = { .fd = fd, .events = what };
    int n;
    do
        n = poll(&p, 1, milliseconds);
    while (n < 0 && errno == EINTR);
    return n;
}

static void fail(struct visit *v, int e)
{
    v->end = e == ECONNREFUSED ? VISIT_CLOSED : e == ETIMEDOUT ? VISIT_SILENT : VISIT_FAILED;
    v->error = v->end == VISIT_FAILED ? -e : 0;
}

/* The descriptor of a socket that is connected, or will be; -1 and what is told of it. */
static int begin(const struct addr *a, uint16_t port, int type, struct visit *ret)
{
    struct sockaddr_storage to;
    socklen_t n = addr_socket(a, port, &to);
    (void)poll(NULL, 0, VISIT_PAUSE);
    *ret = (struct visit){ .end = VISIT_OPEN };
    int fd = socket(to.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (connect(fd, (struct sockaddr *)&to, n) == 0 || errno == EINPROGRESS))
        return fd;
    fail(ret, errno);
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool is_connected(int fd, struct visit *ret)
{
    int e = 0;
    socklen_t n = sizeof e;
    if (wait_for(fd, POLLOUT, VISIT_CONNECT) <= 0)
        e = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) < 0)
        e = errno;
    if (e)
        fail(ret, e);
    return !e;
}

void visit_tcp(const struct addr *a, uint16_t port, const char *say, int quiet, struct visit *ret)
{
    auto_fd int fd = begin(a, port, SOCK_STREAM, ret);
    if (fd < 0 || !is_connected(fd, ret))
        return;
    if (say && send(fd, say, strlen(say), MSG_NOSIGNAL) < 0)
        return;
    while (ret->n < VISIT_SAID && wait_for(fd, POLLIN, quiet) > 0) {
        ssize_t n = recv(fd, ret->said + ret->n, VISIT_SAID - ret->n, 0);
        if (n <= 0)
            return;
        ret->n += (size_t)n;
    }
}

void visit_udp(const struct addr *a, uint16_t port, const void *probe, size_t n, int quiet, struct visit *ret)
{
    enum { UDP_HEAD = 8, IP4_HEAD = 20, IP6_HEAD = 40 };
    uint32_t head = UDP_HEAD + (a->family == 4 ? IP4_HEAD : IP6_HEAD);
    auto_fd int fd = begin(a, port, SOCK_DGRAM, ret);
    if (fd < 0)
        return;
    ret->end = VISIT_SILENT;
    if (send(fd, probe, n, MSG_NOSIGNAL) < 0) {
        fail(ret, errno);
        return;
    }
    ret->sent = head + (uint32_t)n;
    if (wait_for(fd, POLLIN, quiet) <= 0)
        return;
    ssize_t got = recv(fd, ret->said, VISIT_SAID, MSG_TRUNC);
    if (got < 0) {
        fail(ret, errno);
        return;
    }
    ret->end = VISIT_OPEN;
    ret->received = head + (uint32_t)got;
    ret->n = (size_t)got < VISIT_SAID ? (size_t)got : VISIT_SAID;
}
