/*
 * Datagrams. Of one it is only known what it says of itself, so nothing that is kept, told or sent because of it is without a
 * bound: each is counted by what it is; exchanges (of a source's port with an address) are so many at once, begin and are told of
 * only so fast, whoever sends; all others are counted and that is all. What is sent is asked for (conn_world.may_send).
 */
#include "trap/loop-inside.h"

#include "base/hash.h"
#include "trap/netis.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH = 64,            /* datagrams that are received at once */
    ROUNDS = 16,           /* of these, before others have their turn */
    DATAGRAM = 2048,       /* bytes of one; longer ones are cut */
    CONTROL = 128,
    BUCKETS = 4096,
    EXCHANGES_MOST = 2048,
    TOLD_A_SECOND = 1000,  /* datagrams; what is told is stored */
    TOLD_AT_ONCE = 10000,
    BEGIN_COSTS = 4,       /* as much as so many datagrams */
    LOW_PORTS = 1024,      /* below it services are, which would answer in turn */
    NETIS_PORT = 53413,
    SECOND = 1000000,
};

struct exchange {
    struct addr source, destination;
    uint16_t source_port, destination_port;
    uint32_t bucket;
    struct visitor *next; /* of the bucket */
};

struct udp {
    int64_t tokens, filled; /* in millionths; when */
    struct visitor *bucket[BUCKETS];
    struct mmsghdr message[BATCH];
    struct iovec piece[BATCH];
    struct sockaddr_storage from[BATCH];
    _Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL];
    uint8_t data[BATCH][DATAGRAM];
};

/* ---- Setting up ---- */

static int make_udp(struct loop *l)
{
    struct udp *u = l->udp ? l->udp : calloc(1, sizeof *u);
    if (!u)
        return -ENOMEM;
    l->udp = u;
    for (size_t i = 0; i < BATCH; i++) {
        u->piece[i] = (struct iovec){ u->data[i], DATAGRAM };
        u->message[i].msg_hdr = (struct msghdr){ .msg_name = &u->from[i], .msg_iov = &u->piece[i], .msg_iovlen = 1,
                                                 .msg_control = u->control[i] };
    }
    return 0;
}

static void find_netis(struct loop *l)
{
    const struct personas *all = l->options.personas;
    for (size_t i = 0; all && i < all->n && !l->netis; i++)
        l->netis = *all->list[i]->netis ? all->list[i] : NULL;
}

/* Those that found no room, since the socket was made. */
static uint32_t count_lost(const struct watched *door)
{
    uint32_t info[SK_MEMINFO_VARS] = { 0 };
    socklen_t n = sizeof info;
    return getsockopt(door->fd, SOL_SOCKET, SO_MEMINFO, info, &n) < 0 ? door->lost : info[SK_MEMINFO_DROPS];
}

uint64_t udp_lost(const struct loop *l)
{
    uint64_t n = 0;
    for (size_t i = 0; i < l->n_listeners; i++)
        if (l->listeners[i].datagrams)
            n += count_lost(&l->listeners[i]) - l->listeners[i].lost;
    return n;
}

/* The port that was asked for is another than the socket's where an address is claimed with all of its ports. */
int udp_listen(struct loop *l, struct watched *door)
{
    struct sockaddr_storage at;
    socklen_t n = sizeof at;
    int on = 1;
    if (getsockname(door->fd, (struct sockaddr *)&at, &n) < 0)
        return -errno;
    bool v4 = at.ss_family == AF_INET;
    if (setsockopt(door->fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVORIGDSTADDR : IPV6_RECVORIGDSTADDR, &on, sizeof on) < 0)
        return -errno;
    door->at = loop_addr(&at, &door->port);
    door->datagrams = true;
    door->lost = count_lost(door);
    find_netis(l);
    return make_udp(l);
}

void udp_free(struct loop *l)
{
    free(l->udp);
    l->udp = NULL;
}

/* ---- Who with whom ---- */

static uint32_t bucket_of(const struct loop *l, const struct exchange *e)
{
    uint8_t bytes[16 + 16 + 16 + 4];
    memcpy(bytes, l->options.key, 16);
    memcpy(bytes + 16, e->source.bytes, 16);
    memcpy(bytes + 32, e->destination.bytes, 16);
    memcpy(bytes + 48, &e->source_port, 2);
    memcpy(bytes + 50, &e->destination_port, 2);
    return (uint32_t)(hash64(bytes, sizeof bytes, e->source.family) % BUCKETS);
}

static struct visitor *find(const struct loop *l, const struct exchange *e)
{
    for (struct visitor *v = l->udp->bucket[e->bucket]; v; v = v->exchange->next) {
        const struct exchange *x = v->exchange;
        if (x->source_port == e->source_port && x->destination_port == e->destination_port &&
            addr_cmp(&x->source, &e->source) == 0 && addr_cmp(&x->destination, &e->destination) == 0)
            return v;
    }
    return NULL;
}

void udp_forget(struct loop *l, struct visitor *v)
{
    struct visitor **at = &l->udp->bucket[v->exchange->bucket];
    while (*at != v)
        at = &(*at)->exchange->next;
    *at = v->exchange->next;
}

/* ---- Who is not answered ---- */

static bool is_many(const struct addr *a)
{
    enum { V4_MANY = 224, V6_MANY = 0xff };
    static const struct addr none = { .family = 6 };
    return a->family == 4 ? !a->bytes[0] || a->bytes[0] >= V4_MANY : a->bytes[0] == V6_MANY || addr_cmp(a, &none) == 0;
}

/* Ourselves, everybody, and services that would answer us. */
static bool is_mute(const struct loop *l, const struct exchange *e)
{
    const struct prefix_list *own = l->options.own;
    return e->source_port < LOW_PORTS || e->source_port == NETIS_PORT || e->source_port == e->destination_port ||
           is_many(&e->source) || is_many(&e->destination) || addr_cmp(&e->source, &e->destination) == 0 ||
           (own && prefix_list_has(own, &e->source));
}

/* ---- What is told ---- */

static void fill(struct udp *u, int64_t now)
{
    const int64_t full = (int64_t)TOLD_AT_ONCE * SECOND;
    int64_t passed = now > u->filled ? now - u->filled : 0;
    u->tokens = passed >= full / TOLD_A_SECOND ? full : u->tokens + passed * TOLD_A_SECOND;
    u->tokens = u->tokens < full ? u->tokens : full;
    u->filled = now;
}

static bool may_tell(const struct udp *u, unsigned datagrams)
{
    return u->tokens >= (int64_t)datagrams * SECOND;
}

static void count_class(struct loop *l, enum netis_class class)
{
    struct loop_counts *c = &l->counts;
    c->datagrams++;
    switch (class) {
    case NETIS_PROBE:
        c->probes++;
        break;
    case NETIS_LOGIN:
        c->logins++;
        break;
    case NETIS_COMMAND:
        c->commands++;
        break;
    default:
        c->others++;
    }
}

/* ---- One datagram ---- */

static struct visitor *begin(struct loop *l, struct watched *door, const struct exchange *e)
{
    struct {
        struct visitor visitor; /* first: it is freed by this */
        struct exchange exchange;
    } *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    struct visitor *v = &x->visitor;
    struct conn_options o = { .service = door->service, .source = e->source, .destination = e->destination,
                              .source_port = e->source_port, .destination_port = e->destination_port, .mute = is_mute(l, e) };
    *v = (struct visitor){ .handle = HANDLE_VISITOR, .fd = -1, .crowd = &l->exchanges, .door = door, .exchange = &x->exchange };
    if (loop_begin(l, v, &o)) {
        free(x);
        return NULL;
    }
    if (loop_add(l, v)) {
        conn_free(v->conn, "memory", 0);
        free(x);
        return NULL;
    }
    l->counts.accepted++;
    x->exchange = *e;
    x->exchange.next = l->udp->bucket[e->bucket];
    l->udp->bucket[e->bucket] = v;
    return v;
}

/* Of a newcomer where there is room for him. */
static struct visitor *find_or_begin(struct loop *l, struct watched *door, const struct exchange *e)
{
    unsigned cost = 1;
    struct visitor *v = find(l, e);
    if (v && v->ended)
        return NULL;
    if (!v && !l->paused && l->exchanges.n < EXCHANGES_MOST && may_tell(l->udp, 1 + BEGIN_COSTS)) {
        v = begin(l, door, e);
        cost += BEGIN_COSTS;
    }
    if (!v || !may_tell(l->udp, cost))
        return NULL;
    l->udp->tokens -= (int64_t)cost * SECOND;
    return v;
}

static bool read_destination(struct msghdr *h, struct exchange *ret)
{
    struct sockaddr_storage to = { .ss_family = AF_UNSPEC };
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
        bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_ORIGDSTADDR;
        bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_ORIGDSTADDR;
        if (v4 || v6)
            memcpy(&to, CMSG_DATA(c), v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
    }
    if (to.ss_family == AF_UNSPEC)
        return false;
    ret->destination = loop_addr(&to, &ret->destination_port);
    return true;
}

static void take_datagram(struct loop *l, struct watched *door, size_t i, int64_t now)
{
    struct udp *u = l->udp;
    struct msghdr *h = &u->message[i].msg_hdr;
    struct exchange e = { 0 };
    struct netis_request r;
    size_t n = u->message[i].msg_len;
    netis_read(u->data[i], n, &r);
    count_class(l, h->msg_flags & MSG_TRUNC ? NETIS_OTHER : r.class);
    if (!read_destination(h, &e) || e.destination_port != door->port) {
        l->counts.untold++;
        return;
    }
    e.source = loop_addr(&u->from[i], &e.source_port);
    e.bucket = bucket_of(l, &e);
    struct visitor *v = find_or_begin(l, door, &e);
    if (!v) {
        l->counts.untold++;
        return;
    }
    conn_input(v->conn, u->data[i], n, now);
    loop_spoke(v);
    loop_take_turn(l, v);
}

void udp_hear(struct loop *l, struct watched *door)
{
    struct udp *u = l->udp;
    int n = BATCH;
    for (int round = 0; round < ROUNDS && n == BATCH; round++) {
        for (size_t i = 0; i < BATCH; i++) {
            u->message[i].msg_hdr.msg_namelen = sizeof u->from[i];
            u->message[i].msg_hdr.msg_controllen = CONTROL;
        }
        n = recvmmsg(door->fd, u->message, BATCH, MSG_DONTWAIT, NULL);
        int64_t now = loop_now(l);
        fill(u, now);
        for (int i = 0; i < n; i++)
            take_datagram(l, door, (size_t)i, now);
    }
}

/* ---- Answers ---- */

/* The address that was asked is the one that answers. */
static void put_source(struct msghdr *h, const struct addr *a)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(h);
    if (a->family == 4) {
        struct in_pktinfo info = { 0 };
        memcpy(&info.ipi_spec_dst, a->bytes, 4);
        *c = (struct cmsghdr){ .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info) };
        memcpy(CMSG_DATA(c), &info, sizeof info);
        h->msg_controllen = CMSG_SPACE(sizeof info);
        return;
    }
    struct in6_pktinfo info = { 0 };
    memcpy(&info.ipi6_addr, a->bytes, 16);
    *c = (struct cmsghdr){ .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info) };
    memcpy(CMSG_DATA(c), &info, sizeof info);
    h->msg_controllen = CMSG_SPACE(sizeof info);
}

/* What cannot be sent now is lost, as datagrams are. */
void udp_send(struct loop *l, struct visitor *v)
{
    const struct exchange *e = v->exchange;
    size_t n;
    for (const uint8_t *data; (data = conn_output(v->conn, &n)); conn_sent(v->conn, n)) {
        _Alignas(struct cmsghdr) uint8_t control[CONTROL] = { 0 };
        struct sockaddr_storage to;
        struct iovec piece = { (void *)(uintptr_t)data, n };
        struct msghdr h = { .msg_name = &to, .msg_namelen = addr_socket(&e->source, e->source_port, &to), .msg_iov = &piece,
                            .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
        put_source(&h, &e->destination);
        l->counts.answered += sendmsg(v->door->fd, &h, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n;
    }
}
