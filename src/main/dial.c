/*
 * teiten-dial: resolves, judges, connects, and hands the socket on. As it is started it waits for orders (main/dial-orders.h); for
 * each a child of its own has
 *
 *   3 the record channel, 4 what sockets leave by (base/pass.h)
 *
 * It confines itself before it asks a name server, and once more before it connects: from then on it reads nothing that comes
 * over what it connected. What it connects to is an address that it judged itself, the same one for all connections of an
 * order, or the operator's proxy.
 */
#include "base/confine.h"
#include "base/log.h"
#include "base/own.h"
#include "base/pass.h"
#include "base/time.h"
#include "event/record-sample.h"
#include "main/dial-orders.h"
#include "main/fds.h"
#include "main/hook.h"
#include "sample/judge.h"
#include "sample/resolve.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_TRIES = 64 };
#define MEMORY_MOST ((size_t)256 << 20)

struct dial {
    struct channel channel;
    struct dial_ask ask;
    struct dial_found found;
    struct addr pinned; /* what was dialled first; family 0: nothing yet */
    struct prefix_list allowed; /* a test's own servers */
};

/* Only in builds that are never shipped: a test's servers are on loopback. */
static int read_allowed(struct dial *d)
{
#ifdef __SANITIZE_ADDRESS__
    const char *text = getenv("TEITEN_TEST_ALLOW"), *bad;
    int err = text ? prefix_list_parse(text, &d->allowed, &bad) : 0;
    return err > 0 ? -EINVAL : err;
#else
    (void)d;
    return 0;
#endif
}

/* ---- names ---- */

static void note(struct dial *d, const struct addr *a)
{
    d->found.found[d->found.n].addr = *a;
    d->found.found[d->found.n++].verdict = (uint8_t)judge_address_but(a, &d->ask.deny, &d->allowed);
}

static int find(struct dial *d)
{
    struct addr literal;
    struct resolved r;
    if (addr_parse(d->ask.host, &literal) == 0) {
        note(d, &literal);
        return 0;
    }
    TRY(resolve(d->ask.host, d->ask.server, d->ask.servers, d->ask.milliseconds, &r));
    d->found.status = r.status;
    for (size_t i = 0; i < r.n && i < DIAL_ADDRESSES; i++)
        note(d, &r.addr[i]);
    return 0;
}

/* ---- connections ---- */

/* What the operator's proxy is, or what was judged fit: of further ones of the same order the same again. */
static bool may_go(struct dial *d, const struct dial_go *g)
{
    if (g->proxy)
        return true;
    if (d->pinned.family)
        return addr_cmp(&d->pinned, &g->to.addr) == 0;
    for (uint32_t i = 0; i < d->found.n; i++)
        if (addr_cmp(&d->found.found[i].addr, &g->to.addr) == 0 && d->found.found[i].verdict == JUDGE_GLOBAL) {
            d->pinned = g->to.addr;
            return true;
        }
    return false;
}

/* At a port of ours, so that answers are known for what they are; which one nobody can foresee. */
static int bind_ours(const struct dial *d, int fd, uint8_t family)
{
    unsigned span = d->ask.last_port - d->ask.first_port + 1u;
    struct sockaddr_storage s;
    const struct addr any = { .family = family };
    uint32_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return -EIO;
    for (unsigned i = 0; i < PORT_TRIES; i++) {
        socklen_t n = addr_socket(&any, (uint16_t)(d->ask.first_port + (random + i) % span), &s);
        if (bind(fd, (struct sockaddr *)&s, n) == 0)
            return 0;
        if (errno != EADDRINUSE)
            return -errno;
    }
    return -EADDRINUSE;
}

static int wait_for(int fd, short events, unsigned milliseconds)
{
    struct pollfd p = { .fd = fd, .events = events };
    int n = poll(&p, 1, (int)milliseconds);
    return n < 0 ? -errno : n ? 0 : -ETIMEDOUT;
}

static int connect_to(int fd, const struct endpoint *to, unsigned milliseconds)
{
    struct sockaddr_storage s;
    int status;
    socklen_t n = addr_socket(&to->addr, to->port, &s), size = sizeof status;
    if (connect(fd, (struct sockaddr *)&s, n) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return -errno;
    TRY(wait_for(fd, POLLOUT, milliseconds));
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &status, &size) < 0)
        return -errno;
    return -status;
}

static int dial_tcp(const struct dial *d, const struct endpoint *to, int *ret)
{
    auto_fd int fd = socket(to->addr.family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    TRY(bind_ours(d, fd, to->addr.family));
    TRY(connect_to(fd, to, d->ask.milliseconds));
    *ret = take_fd(fd);
    return 0;
}

/* ---- TFTP (RFC 1350): the server answers from a port of its own ---- */

static int send_request(int fd, const struct endpoint *to, const char *file)
{
    static const char mode[] = "octet";
    uint8_t request[DIAL_HOST + 16] = { 0, 1 };
    struct sockaddr_storage s;
    socklen_t n = addr_socket(&to->addr, to->port, &s);
    size_t length = strlen(file) + 1;
    memcpy(request + 2, file, length);
    memcpy(request + 2 + length, mode, sizeof mode);
    return sendto(fd, request, 2 + length + sizeof mode, MSG_NOSIGNAL, (struct sockaddr *)&s, n) < 0 ? -errno : 0;
}

/* Whoever sent what lies there, of which nothing is read. */
static int peek_sender(int fd, struct endpoint *ret)
{
    struct sockaddr_storage s;
    socklen_t n = sizeof s;
    if (recvfrom(fd, NULL, 0, MSG_PEEK | MSG_TRUNC, (struct sockaddr *)&s, &n) < 0)
        return -errno;
    addr_of_socket(&s, ret);
    return 0;
}

/* One from elsewhere would stay first in the queue for ever: then it is given up. */
static int dial_tftp(const struct dial *d, const struct dial_go *g, int *ret)
{
    struct endpoint from;
    auto_fd int fd = socket(g->to.addr.family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    TRY(bind_ours(d, fd, g->to.addr.family));
    TRY(send_request(fd, &g->to, g->file));
    TRY(wait_for(fd, POLLIN, d->ask.milliseconds));
    TRY(peek_sender(fd, &from));
    if (addr_cmp(&from.addr, &g->to.addr) != 0)
        return -EBADMSG;
    TRY(connect_to(fd, &from, d->ask.milliseconds));
    *ret = take_fd(fd);
    return 0;
}

static int go(struct dial *d, const struct dial_go *g)
{
    int fd = -1, status = -EACCES;
    if (may_go(d, g))
        status = g->tftp ? dial_tftp(d, g, &fd) : dial_tcp(d, &g->to, &fd);
    int err = pass_send(FD_HAND, status, fd);
    if (fd >= 0)
        close(fd);
    return err;
}

/* ---- an order ---- */

static int receive(struct dial *d, enum record wanted, struct rd *ret)
{
    uint8_t type;
    TRY(channel_wait(&d->channel, &type, ret));
    return type == (uint8_t)wanted ? 0 : -EPROTO;
}

static int work(struct dial *d)
{
    struct rd r;
    TRY(receive(d, RECORD_DIAL, &r));
    int err = record_get_dial(r, &d->ask);
    TRY(err > 0 ? -EPROTO : err);
    TRY(find(d));
    TRY(confine_narrow(CONFINE_CONNECT));
    TRY(record_put_dialled(&d->channel, &d->found));
    TRY(channel_flush(&d->channel));
    for (;;) {
        struct dial_go g;
        TRY(receive(d, RECORD_DIAL_GO, &r));
        if (record_get_dial_go(r, &g))
            return -EPROTO;
        TRY(go(d, &g));
    }
}

static int serve(struct dial *d)
{
    unsigned confined;
    channel_init(&d->channel, FD_CHANNEL);
    TRY(read_allowed(d));
    TRY(resolve_prepare());
    TRY(confine_enter(CONFINE_DIAL, NULL, 0, MEMORY_MOST, &confined));
    CONFINE_HOOK();
    return work(d);
}

int main(void)
{
    struct dial d = { 0 };
    signal(SIGTERM, SIG_IGN);
    int err = dial_wait_for_order();
    if (err)
        return err == -EPIPE ? 0 : 1;
    err = serve(&d);
    if (err && err != -EPIPE)
        log_error("dial-failed", LOG_ERRNO(err));
    channel_release(&d.channel);
    prefix_list_release(&d.ask.deny);
    prefix_list_release(&d.allowed);
    return err && err != -EPIPE;
}
