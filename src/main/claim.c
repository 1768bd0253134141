#include "main/claim.h"

#include "base/log.h"
#include "base/own.h"
#include "base/time.h"
#include "main/netlink.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { V4_LEAST = 8, V6_LEAST = 32 };

/* ---- before ---- */

static int make_device(struct claim *c)
{
    struct ifreq r = { .ifr_name = "teiten%d", .ifr_flags = IFF_TUN | IFF_NO_PI };
    if (ioctl(c->tun, TUNSETIFF, &r) < 0)
        return -errno;
    c->interface = if_nametoindex(r.ifr_name);
    return c->interface ? 0 : -errno;
}

/* Nobody reads it, and nothing comes to lie there. */
static int make_sink(bool tcp, bool v4, int *ret)
{
    static struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
    const struct sock_fprog program = { .len = 1, .filter = none };
    const struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const struct sockaddr_in6 at6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    const void *at = v4 ? (const void *)&at4 : (const void *)&at6;
    auto_fd int fd = socket(v4 ? AF_INET : AF_INET6, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ||
        (!v4 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int)) < 0) ||
        bind(fd, at, v4 ? sizeof at4 : sizeof at6) < 0 || (tcp && listen(fd, 1) < 0))
        return -errno;
    *ret = take_fd(fd);
    return 0;
}

static int make_sinks(struct claim *c)
{
    for (int six = 0; six < 2; six++) {
        int err = make_sink(false, !six, &c->sink[six]);
        if (err && six) /* a host without IPv6 */
            return 0;
        TRY(err);
        TRY(make_sink(true, !six, &c->mute[six]));
        TRY(claim_lookup_give(&c->lookup, six ? CLAIM_MUTE6 : CLAIM_MUTE4, c->mute[six]));
        TRY(claim_lookup_give(&c->lookup, six ? CLAIM_SINK6 : CLAIM_SINK4, c->sink[six]));
        TRY(claim_lookup_give(&c->lookup, six ? CLAIM_UDP6 : CLAIM_UDP4, c->sink[six])); /* until a better one is given */
    }
    return 0;
}

static void read_local_ports(struct claim *c)
{
    unsigned first, last;
    c->local_first = 32768;
    c->local_last = 60999;
    auto_file FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    if (!f || fscanf(f, "%u %u", &first, &last) != 2 || first > last || last > UINT16_MAX)
        return;
    c->local_first = (uint16_t)first;
    c->local_last = (uint16_t)last;
}

/* A descriptor, or why there is none. */
static int opened(int fd)
{
    return fd < 0 ? fd : 0;
}

static int prepare(struct claim *c, char *log, uint32_t log_room)
{
    c->route = netlink_open(NETLINK_ROUTE);
    TRY(opened(c->route));
    c->diag = netlink_open(NETLINK_SOCK_DIAG);
    TRY(opened(c->diag));
    c->netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (c->netns < 0)
        return -errno;
    read_local_ports(c);
    TRY(make_device(c));
    TRY(claim_lookup_make(&c->lookup, c->netns, log, log_room));
    return make_sinks(c);
}

void claim_prepare(struct claim *ret, int tun, char *log, uint32_t log_room)
{
    *ret = (struct claim){ .tun = tun, .route = -1, .diag = -1, .netns = -1, .sink = { -1, -1 }, .mute = { -1, -1 },
                           .lookup = { .table = -1, .sockets = -1, .program = -1, .link = -1 } };
    ret->err = prepare(ret, log, log_room);
    if (ret->err)
        claim_lookup_release(&ret->lookup);
}

/* The device goes, and the routes that lead to it. */
static void give_up(struct claim *c)
{
    close_fd(&c->tun);
    claim_lookup_release(&c->lookup);
    close_fd(&c->sink[0]);
    close_fd(&c->sink[1]);
    close_fd(&c->mute[0]);
    close_fd(&c->mute[1]);
    c->given_up = true;
    c->stands = false;
}

void claim_release(struct claim *c)
{
    give_up(c);
    close_fd(&c->route);
    close_fd(&c->diag);
    close_fd(&c->netns);
}

/* ---- what is the host's ---- */

struct look {
    const struct claim_rules *rules;
    uint32_t owns;
    struct claim_place own[CLAIM_OWN];
    uint8_t left_out[2][PORTS_BITMAP];
};

static void look_address(void *context, const struct addr *a)
{
    struct look *l = context;
    struct claim_place p = claim_place_of(a);
    for (uint32_t i = 0; i < l->rules->prefixes; i++)
        if (claim_has(&l->rules->prefix[i], &p)) {
            if (l->owns < CLAIM_OWN)
                l->own[l->owns] = p;
            l->owns++;
            return;
        }
}

static void look_listener(void *context, bool tcp, uint16_t port)
{
    struct look *l = context;
    claim_set_port(l->left_out[!tcp], port);
}

static void set_owns(struct claim_rules *to, const struct look *l)
{
    uint32_t n = l->owns < CLAIM_OWN ? l->owns : CLAIM_OWN;
    if (to->owns == l->owns && memcmp(to->own, l->own, sizeof *l->own * n) == 0)
        return;
    /* While they change, all are. */
    __atomic_store_n(&to->all_own, 1, __ATOMIC_SEQ_CST);
    memcpy(to->own, l->own, sizeof *l->own * n);
    __atomic_store_n(&to->owns, n, __ATOMIC_SEQ_CST);
    __atomic_store_n(&to->all_own, l->owns > CLAIM_OWN, __ATOMIC_SEQ_CST);
}

/* `rules` says what is claimed. */
static int look(const struct claim *c, const struct claim_rules *rules, struct claim_rules *to)
{
    auto_free struct look *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->rules = rules;
    TRY(netlink_addresses(c->route, look_address, l));
    int err = netlink_listeners(c->diag, look_listener, l);
    if (err && (l->owns || to->owns)) /* else nobody needs to know */
        return err;
    for (unsigned port = c->local_first; port <= c->local_last; port++) {
        claim_set_port(l->left_out[0], (uint16_t)port);
        claim_set_port(l->left_out[1], (uint16_t)port);
    }
    memcpy(to->left_out, l->left_out, sizeof to->left_out);
    set_owns(to, l);
    return 0;
}

void claim_tick(struct claim *c, uint64_t now)
{
    if (!c->stands || now - c->looked < NS_A_S)
        return;
    c->looked = now;
    if (c->until && now >= c->until) {
        log_warning("claim-ended", LOG_TEXT("why", "nobody confirmed it"));
        give_up(c);
        return;
    }
    int err = look(c, c->lookup.rules, c->lookup.rules);
    if (err && !c->blind)
        log_warning("host-not-seen", LOG_ERRNO(err), LOG_TEXT("what-now", "ports that were left out still are"));
    c->blind = err != 0;
}

/* ---- claiming ---- */

static uint64_t mask_of(unsigned bits)
{
    return bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
}

static struct claim_prefix prefix_of(const struct prefix *p)
{
    struct claim_prefix v = { .at = claim_place_of(&p->addr) };
    if (p->addr.family == 4)
        v.mask = (struct claim_place){ UINT64_MAX, UINT64_C(0xffffffff00000000) | mask_of(p->bits + 32u) };
    else
        v.mask = (struct claim_place){ mask_of(p->bits), p->bits > 64 ? mask_of(p->bits - 64u) : 0 };
    return v;
}

/* None that a host has of itself: the loopback, links, groups. */
static bool is_sound(const struct prefix *p)
{
    static const struct prefix never[] = {
        { { 4, { 0 } }, 8 },    { { 4, { 127 } }, 8 },         { { 4, { 169, 254 } }, 16 }, { { 4, { 224 } }, 3 },
        { { 6, { 0 } }, 64 },   { { 6, { 0xfe, 0x80 } }, 10 }, { { 6, { 0xff } }, 8 },
    };
    if (p->bits < (p->addr.family == 4 ? V4_LEAST : V6_LEAST))
        return false;
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (prefix_has(&never[i], &p->addr))
            return false;
    return true;
}

static void set_excepts(struct claim_rules *r, const struct request_claim *v)
{
    for (uint32_t i = 0; i < v->excepts; i++) {
        const struct request_except *e = &v->except[i];
        if (e->addr.family)
            r->except[r->excepts++] = (struct claim_except){ claim_place_of(&e->addr), e->port };
        else
            claim_set_port(r->except_port, e->port);
    }
}

static void set_ports(struct claim_rules *r, const struct ports *p)
{
    memcpy(r->key, p->key, sizeof r->key);
    memcpy(r->persona_of_class, p->persona_of_class, sizeof r->persona_of_class);
    for (unsigned i = 0; i < p->n_personas; i++) {
        ports_bitmap_persona(p, i, r->persona[i]);
        r->silent[i] = p->persona[i].silent;
    }
    for (unsigned i = 0; i < PORTS_EXTRAS; i++)
        ports_bitmap_extra(p, i, r->extra[i]);
}

static bool is_own(const struct claim_rules *r, const struct prefix *p)
{
    struct claim_place at = claim_place_of(&p->addr);
    bool found = false;
    for (uint32_t i = 0; i < r->owns && p->bits == (p->addr.family == 4 ? 32 : 128); i++)
        found |= r->own[i].hi == at.hi && r->own[i].lo == at.lo;
    return found;
}

static int make_routes(struct claim *c, const struct claim_rules *r, const struct prefix_list *list)
{
    TRY(netlink_interface(c->route, c->interface));
    for (size_t i = 0; i < list->n; i++)
        if (!is_own(r, &list->item[i]))
            TRY(netlink_claim(c->route, &list->item[i], c->interface));
    return 0;
}

/* What is claimed is said last: no rule but the whole of them ever holds. */
static int take(struct claim *c, const struct request_claim *v)
{
    struct claim_rules *r = c->lookup.rules;
    struct claim_rules *wanted = calloc(1, sizeof *wanted);
    if (!wanted)
        return -ENOMEM;
    for (size_t i = 0; i < v->prefix.n; i++)
        wanted->prefix[wanted->prefixes++] = prefix_of(&v->prefix.item[i]);
    set_excepts(wanted, v);
    set_ports(wanted, v->ports);
    int err = look(c, wanted, wanted);
    if (!err) {
        uint32_t n = wanted->prefixes;
        wanted->prefixes = 0;
        memcpy(r, wanted, sizeof *r);
        __atomic_store_n(&r->prefixes, n, __ATOMIC_SEQ_CST);
        c->stands = true;
        err = make_routes(c, r, &v->prefix);
    }
    free(wanted);
    return err;
}

int claim_take(struct claim *c, const struct request_claim *v)
{
    if (c->err)
        return c->err;
    if (c->given_up || v->prefix.n > CLAIM_PREFIXES || v->excepts > CLAIM_EXCEPTS)
        return -EINVAL;
    for (size_t i = 0; i < v->prefix.n; i++)
        if (!is_sound(&v->prefix.item[i]))
            return -EINVAL;
    int err = take(c, v);
    if (err) {
        give_up(c);
        return err;
    }
    c->looked = time_mono();
    c->until = v->confirm_s ? c->looked + v->confirm_s * NS_A_S : 0;
    return 0;
}

int claim_confirm(struct claim *c)
{
    if (!c->stands)
        return c->given_up ? -ETIMEDOUT : -ENOENT;
    c->until = 0;
    return 0;
}

int claim_give(struct claim *c, bool tcp, bool v4, int fd)
{
    if (c->err || c->given_up)
        return c->err ? c->err : -EINVAL;
    return claim_lookup_give(&c->lookup, tcp ? (v4 ? CLAIM_TCP4 : CLAIM_TCP6) : (v4 ? CLAIM_UDP4 : CLAIM_UDP6), fd);
}
