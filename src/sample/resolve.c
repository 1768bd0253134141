#include "sample/resolve.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int resolve_prepare(void)
{
    return ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS ? 0 : -ENOMEM;
}

struct asking {
    struct resolved *ret;
    bool done;
};

static int status_of(int code)
{
    switch (code) {
    case ARES_SUCCESS:
        return 0;
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_ENONAME:
        return -ENOENT;
    case ARES_ETIMEOUT:
    case ARES_ECONNREFUSED:
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
        return -ETIMEDOUT;
    default:
        return -EIO;
    }
}

static void take(struct resolved *r, const struct sockaddr *s)
{
    struct addr a = { 0 };
    if (r->n == RESOLVE_MOST)
        return;
    if (s->sa_family == AF_INET) {
        a.family = 4;
        memcpy(a.bytes, &((const struct sockaddr_in *)(const void *)s)->sin_addr, 4);
    } else if (s->sa_family == AF_INET6) {
        a.family = 6;
        memcpy(a.bytes, &((const struct sockaddr_in6 *)(const void *)s)->sin6_addr, 16);
    }
    for (size_t i = 0; i < r->n; i++)
        if (addr_cmp(&r->addr[i], &a) == 0)
            return;
    if (a.family)
        r->addr[r->n++] = a;
}

static void answered(void *context, int code, int timeouts, struct ares_addrinfo *info)
{
    struct asking *a = context;
    (void)timeouts;
    a->done = true;
    a->ret->status = status_of(code);
    for (const struct ares_addrinfo_node *n = info ? info->nodes : NULL; n; n = n->ai_next)
        take(a->ret, n->ai_addr);
    if (info)
        ares_freeaddrinfo(info);
    if (!a->ret->status && !a->ret->n)
        a->ret->status = -ENOENT;
}

/* As ARES_GETSOCK_WRITABLE(), which shifts a signed number too far. */
static bool is_writable(int mask, int i)
{
    return (unsigned)mask >> (i + ARES_GETSOCK_MAXNUM) & 1;
}

/* Waits until the time is over for what c-ares waits for. */
static void wait_for(ares_channel c, struct asking *a, uint64_t until)
{
    while (!a->done) {
        ares_socket_t fd[ARES_GETSOCK_MAXNUM];
        struct pollfd p[ARES_GETSOCK_MAXNUM];
        struct timeval tv, most = { .tv_usec = 200000 };
        int mask = ares_getsock(c, fd, ARES_GETSOCK_MAXNUM), n = 0;
        for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
            short events = (short)((ARES_GETSOCK_READABLE(mask, i) ? POLLIN : 0) | (is_writable(mask, i) ? POLLOUT : 0));
            if (events)
                p[n++] = (struct pollfd){ .fd = fd[i], .events = events };
        }
        const struct timeval *wait = ares_timeout(c, &most, &tv);
        int got = poll(p, (nfds_t)n, (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000) + 1);
        for (int i = 0; i < n && got > 0; i++)
            if (p[i].revents)
                ares_process_fd(c, p[i].revents & (POLLIN | POLLERR | POLLHUP) ? p[i].fd : ARES_SOCKET_BAD,
                                p[i].revents & POLLOUT ? p[i].fd : ARES_SOCKET_BAD);
        if (got <= 0)
            ares_process_fd(c, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        if (time_mono() > until)
            ares_cancel(c); /* answers with that it was */
    }
}

/* As c-ares takes them: parted by commas, IPv6 in brackets. */
static int set_servers(ares_channel c, const struct endpoint *server, size_t n)
{
    struct buf b;
    char text[ADDR_TEXT];
    buf_init(&b, 1024);
    for (size_t i = 0; i < n; i++)
        buf_print(&b, server[i].addr.family == 6 ? "%s[%s]:%u" : "%s%s:%u", i ? "," : "", addr_text(&server[i].addr, text),
                  server[i].port);
    buf_u8(&b, 0);
    int err = buf_ok(&b) && n ? ares_set_servers_ports_csv(c, (const char *)b.data) : ARES_EFORMERR;
    buf_release(&b);
    return err == ARES_SUCCESS ? 0 : -EINVAL;
}

int resolve(const char *name, const struct endpoint *server, size_t servers, unsigned milliseconds, struct resolved *ret)
{
    char look[] = "b";
    struct ares_options o = { .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES, .timeout = 2000, .tries = 2, .lookups = look };
    struct asking asking = { .ret = ret };
    ares_channel c;
    *ret = (struct resolved){ 0 };
    if (ares_init_options(&c, &o, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS) != ARES_SUCCESS)
        return -ENOMEM;
    int err = set_servers(c, server, servers);
    if (!err) {
        const struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
        ares_getaddrinfo(c, name, NULL, &hints, answered, &asking);
        wait_for(c, &asking, time_mono() + milliseconds * UINT64_C(1000000));
    }
    ares_destroy(c);
    return err;
}
