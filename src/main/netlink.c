#include "main/netlink.h"

#include "base/buf.h"
#include "base/own.h"
#include "base/rd.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE = 512, ANSWER = 64 << 10, PATIENCE_S = 5 };

int netlink_open(int protocol)
{
    const struct timeval patience = { .tv_sec = PATIENCE_S };
    auto_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
        return -errno;
    return take_fd(fd);
}

/* ---- messages ---- */

struct message {
    union {
        struct nlmsghdr head;
        uint8_t bytes[MESSAGE];
    };
};

static void begin(struct message *m, uint16_t type, uint16_t flags, const void *body, size_t n)
{
    *m = (struct message){ .head = { .nlmsg_type = type, .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags), .nlmsg_seq = 1 } };
    memcpy(m->bytes + NLMSG_HDRLEN, body, n);
    m->head.nlmsg_len = (uint32_t)NLMSG_LENGTH(n);
}

/* Its place, for one in which others are. */
static size_t put(struct message *m, uint16_t type, const void *data, size_t n)
{
    size_t at = NLMSG_ALIGN(m->head.nlmsg_len);
    struct rtattr a = { .rta_len = (uint16_t)RTA_LENGTH(n), .rta_type = type };
    memcpy(m->bytes + at, &a, sizeof a);
    if (n)
        memcpy(m->bytes + at + RTA_LENGTH(0), data, n);
    m->head.nlmsg_len = (uint32_t)(at + RTA_LENGTH(n));
    return at;
}

static void end(struct message *m, size_t at)
{
    uint16_t n = (uint16_t)(m->head.nlmsg_len - at);
    memcpy(m->bytes + at, &n, sizeof n);
}

/* ---- answers ---- */

/* Netlink speaks in the machine's own order of bytes. */
static uint16_t own16(struct rd *r)
{
    uint16_t v = 0;
    rd_copy(r, &v, sizeof v);
    return v;
}

static uint32_t own32(struct rd *r)
{
    uint32_t v = 0;
    rd_copy(r, &v, sizeof v);
    return v;
}

/* One message of an answer: 1: there are more; 0: it was the last; -errno. */
static int take_one(uint16_t type, struct rd body, void (*each)(void *context, struct rd body), void *context)
{
    if (type == NLMSG_DONE)
        return 0;
    if (type == NLMSG_ERROR) {
        int32_t err = (int32_t)own32(&body);
        return rd_ok(&body) && err <= 0 ? err : -EPROTO;
    }
    if (each)
        each(context, body);
    return 1;
}

static int take_all(struct rd r, void (*each)(void *context, struct rd body), void *context)
{
    int more = 1;
    while (more == 1 && rd_left(&r) >= NLMSG_HDRLEN) {
        uint32_t n = own32(&r);
        uint16_t type = own16(&r);
        (void)rd_take(&r, NLMSG_HDRLEN - 6);
        struct rd body = rd_sub(&r, n >= NLMSG_HDRLEN ? n - NLMSG_HDRLEN : SIZE_MAX);
        if (!rd_ok(&body))
            return -EPROTO;
        more = take_one(type, body, each, context);
        (void)rd_take(&r, rd_left(&r) < NLMSG_ALIGN(n) - n ? rd_left(&r) : NLMSG_ALIGN(n) - n);
    }
    return more;
}

/* Sends it and takes what comes of it, up to the end. */
static int ask(int fd, const struct message *m, void (*each)(void *context, struct rd body), void *context)
{
    auto_free uint8_t *data = malloc(ANSWER);
    int more = 1;
    if (!data)
        return -ENOMEM;
    if (write(fd, m->bytes, m->head.nlmsg_len) < 0)
        return -errno;
    while (more == 1) {
        ssize_t n = recv(fd, data, ANSWER, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        more = take_all(rd_init(data, (size_t)n), each, context);
    }
    return more;
}

/* ---- routes ---- */

static int set_interface(int route, unsigned interface, const struct ifinfomsg *what, bool quiet)
{
    struct message m;
    struct ifinfomsg body = *what;
    const uint8_t none = IN6_ADDR_GEN_MODE_NONE;
    body.ifi_index = (int)interface;
    begin(&m, RTM_NEWLINK, NLM_F_ACK, &body, sizeof body);
    if (quiet) {
        size_t spec = put(&m, IFLA_AF_SPEC, NULL, 0), family = put(&m, AF_INET6, NULL, 0);
        (void)put(&m, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof none);
        end(&m, family);
        end(&m, spec);
    }
    return ask(route, &m, NULL, NULL);
}

int netlink_interface(int route, unsigned interface)
{
    /* Where there is no IPv6, there is nothing to turn off. */
    (void)!set_interface(route, interface, &(struct ifinfomsg){ 0 }, true);
    return set_interface(route, interface, &(struct ifinfomsg){ .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, false);
}

int netlink_claim(int route, const struct prefix *p, unsigned interface)
{
    bool v4 = p->addr.family == 4;
    struct message m;
    const struct rtmsg body = { .rtm_family = v4 ? AF_INET : AF_INET6, .rtm_dst_len = p->bits, .rtm_table = RT_TABLE_LOCAL,
                                .rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_HOST, .rtm_type = RTN_LOCAL };
    begin(&m, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    (void)put(&m, RTA_DST, p->addr.bytes, v4 ? 4 : 16);
    (void)put(&m, RTA_OIF, &interface, sizeof interface);
    return ask(route, &m, NULL, NULL);
}

/* ---- addresses ---- */

struct addresses {
    void (*each)(void *context, const struct addr *a);
    void *context;
};

/* Of an interface from one point to another, the address is the other's, and the local one ours. */
static void take_address(void *context, struct rd body)
{
    const struct addresses *to = context;
    struct addr a = { .family = rd_u8(&body) == AF_INET ? 4 : 6 };
    size_t bytes = a.family == 4 ? 4 : 16;
    bool found = false, local = false;
    (void)rd_take(&body, sizeof(struct ifaddrmsg) - 1);
    while (rd_left(&body) >= RTA_LENGTH(0)) {
        size_t n = own16(&body);
        uint16_t type = own16(&body);
        struct rd value = rd_sub(&body, n >= RTA_LENGTH(0) ? n - RTA_LENGTH(0) : SIZE_MAX);
        bool is_local = type == IFA_LOCAL;
        if ((is_local || (type == IFA_ADDRESS && !local)) && rd_left(&value) == bytes) {
            rd_copy(&value, a.bytes, bytes);
            found = true;
            local |= is_local;
        }
        (void)rd_take(&body, rd_left(&body) < RTA_ALIGN(n) - n ? rd_left(&body) : RTA_ALIGN(n) - n);
    }
    if (found)
        to->each(to->context, &a);
}

int netlink_addresses(int route, void (*each)(void *context, const struct addr *a), void *context)
{
    struct addresses to = { each, context };
    struct message m;
    begin(&m, RTM_GETADDR, NLM_F_DUMP, &(struct ifaddrmsg){ .ifa_family = AF_UNSPEC }, sizeof(struct ifaddrmsg));
    return ask(route, &m, take_address, &to);
}

/* ---- sockets ---- */

struct listeners {
    bool tcp;
    void (*each)(void *context, bool tcp, uint16_t port);
    void *context;
};

static void take_listener(void *context, struct rd body)
{
    const struct listeners *to = context;
    (void)rd_take(&body, offsetof(struct inet_diag_msg, id.idiag_sport));
    uint16_t port = rd_be16(&body);
    if (rd_ok(&body) && port)
        to->each(to->context, to->tcp, port);
}

int netlink_listeners(int diag, void (*each)(void *context, bool tcp, uint16_t port), void *context)
{
    static const uint8_t families[] = { AF_INET, AF_INET6 };
    for (int tcp = 0; tcp < 2; tcp++)
        for (size_t i = 0; i < sizeof families; i++) {
            struct listeners to = { tcp, each, context };
            struct message m;
            const struct inet_diag_req_v2 body = { .sdiag_family = families[i], .sdiag_protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP,
                                                   .idiag_states = tcp ? 1u << TCP_LISTEN : UINT32_MAX };
            begin(&m, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &body, sizeof body);
            TRY(ask(diag, &m, take_listener, &to));
        }
    return 0;
}
