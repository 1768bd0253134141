/*
 * Floods of SYNs with forged sources, in a network namespace of its own, whose only way out is a TUN device that is ours:
 * what is written to it came from outside, what is read from it would have left.
 */
#include "main/syn-filter.h"

#include "main/listener.h"
#include "main/test-alone.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORKERS = 2, SPACE = 256, LATER_MS = 3600, PACKET = 2048 };
enum { GUARDED = 23, OPEN = 24 };

/* What a check outside of cmocka's process says. */
static struct {
    int tun;
    struct syn_filter filter;
    struct budget budget;
    int listener[4][WORKERS]; /* guarded and not, of either family */
} here;

/* ---- a namespace ---- */

static void take_interface(int control, struct ifreq *r)
{
    here.tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    *r = (struct ifreq){ .ifr_name = "t0", .ifr_flags = IFF_TUN | IFF_NO_PI };
    if (here.tun < 0 || ioctl(here.tun, TUNSETIFF, r) < 0)
        _exit(ALONE_CANNOT);
    struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    REQUIRE(ioctl(control, SIOCSIFFLAGS, &lo) == 0);
    r->ifr_qlen = 1 << 16; /* that nothing is lost which would have left */
    REQUIRE(ioctl(control, SIOCSIFTXQLEN, r) == 0);
    r->ifr_flags = IFF_UP;
    REQUIRE(ioctl(control, SIOCSIFFLAGS, r) == 0);
}

static void take_v4(int control, struct ifreq r)
{
    struct sockaddr_in *a = (void *)&r.ifr_addr;
    struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = r.ifr_name };
    *a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = inet_addr("192.0.2.1") };
    REQUIRE(ioctl(control, SIOCSIFADDR, &r) == 0);
    route.rt_dst.sa_family = route.rt_genmask.sa_family = route.rt_gateway.sa_family = AF_INET;
    REQUIRE(ioctl(control, SIOCADDRT, &route) == 0);
}

struct request6 { /* linux/ipv6.h and netinet/in.h cannot both be had */
    struct in6_addr addr;
    uint32_t bits;
    int index;
};

static void take_v6(int control, struct ifreq r)
{
    REQUIRE(ioctl(control, SIOCGIFINDEX, &r) == 0);
    struct request6 a = { .bits = 64, .index = r.ifr_ifindex };
    struct in6_rtmsg route = { .rtmsg_flags = RTF_UP, .rtmsg_metric = 1, .rtmsg_ifindex = r.ifr_ifindex };
    int six = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(six >= 0 && inet_pton(AF_INET6, "2001:db8::1", &a.addr) == 1);
    REQUIRE(ioctl(six, SIOCSIFADDR, &a) == 0);
    REQUIRE(ioctl(six, SIOCADDRT, &route) == 0);
    close(six);
}

static void open_listeners(void)
{
    for (int i = 0; i < 4; i++) {
        struct request_listen v = { .tcp = true, .n = WORKERS, .port = i % 2 ? OPEN : GUARDED };
        REQUIRE(addr_parse(i < 2 ? "192.0.2.1" : "2001:db8::1", &v.addr) == 0);
        int err;
        for (int tries = 0; (err = listener_make(&v, here.listener[i])) == -EADDRNOTAVAIL && tries < 100; tries++)
            usleep(20000); /* an address of IPv6 is there a little later */
        REQUIRE(err == 0);
        for (int k = 0; k < WORKERS && i % 2 == 0; k++)
            REQUIRE(syn_filter_attach(&here.filter, here.listener[i][k], i < 2) == 0);
    }
}

/* What the keeper of a service has, and no more. */
static void enter(void)
{
    static char log[1 << 20];
    struct ifreq r;
    if (unshare(CLONE_NEWNET) < 0)
        _exit(ALONE_CANNOT);
    keep_rights(UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_NET_BIND_SERVICE | UINT64_C(1) << CAP_BPF);
    int err = syn_filter_make(&here.filter, log, sizeof log);
    REQUIRE(err == 0);
    if (here.filter.four < 0) {
        printf("%s\n", log);
        REQUIRE(!log[0]);
        _exit(ALONE_CANNOT);
    }
    here.budget.slots = BUDGET_SLOTS;
    memcpy(here.budget.key, here.filter.key, sizeof here.filter.key);
    REQUIRE(budget_map(here.filter.table, &here.budget.slot) == 0);
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(control >= 0);
    take_interface(control, &r);
    take_v4(control, r);
    take_v6(control, r);
    close(control);
    open_listeners();
}

/* ---- packets ---- */

static uint32_t sum(uint32_t so_far, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        so_far += i % 2 ? data[i] : (uint32_t)data[i] << 8;
    return so_far;
}

static void put_sum(uint8_t *at, uint32_t v)
{
    while (v >> 16)
        v = (v & 0xffff) + (v >> 16);
    at[0] = (uint8_t)(~v >> 8);
    at[1] = (uint8_t)~v;
}

struct segment {
    bool v4;
    unsigned prefix, host; /* of the source: the third byte of 198.18 or 198.19, or of 2001:db8:1:.. */
    uint16_t from, to;
    uint8_t flags;
    uint32_t seq, ack;
    unsigned options; /* bytes */
    unsigned ip_options;
};

static const uint8_t linux_options[20] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7 };

static void put_be32(uint8_t *to, uint32_t v)
{
    v = htonl(v);
    memcpy(to, &v, 4);
}

static void put_source(const struct segment *s, uint8_t *to)
{
    if (s->v4) {
        memcpy(to, (uint8_t[]){ 198, (uint8_t)(18 + s->prefix / SPACE), (uint8_t)s->prefix, (uint8_t)s->host }, 4);
        return;
    }
    memcpy(to, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, 0, 1, (uint8_t)(s->prefix >> 8), (uint8_t)s->prefix }, 16);
    put_be32(to + 12, s->host);
}

static size_t make_segment(const struct segment *s, uint8_t *p)
{
    size_t head = s->v4 ? 20 + s->ip_options : 40, tcp = 20 + s->options;
    memset(p, 0, head + tcp);
    uint8_t *t = p + head;
    if (s->v4) {
        p[0] = (uint8_t)(0x40 | head / 4);
        p[3] = (uint8_t)(head + tcp);
        p[8] = 64;
        p[9] = IPPROTO_TCP;
        put_source(s, p + 12);
        memcpy(p + 16, (uint8_t[]){ 192, 0, 2, 1 }, 4);
        memset(p + 20, 1, s->ip_options);
        put_sum(p + 10, sum(0, p, head));
    } else {
        p[0] = 0x60;
        p[5] = (uint8_t)tcp;
        p[6] = IPPROTO_TCP;
        p[7] = 64;
        put_source(s, p + 8);
        memcpy(p + 24, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = 1 }, 16);
    }
    t[0] = (uint8_t)(s->from >> 8);
    t[1] = (uint8_t)s->from;
    t[3] = (uint8_t)s->to;
    put_be32(t + 4, s->seq);
    put_be32(t + 8, s->ack);
    t[12] = (uint8_t)(tcp / 4 << 4);
    t[13] = s->flags;
    t[14] = 0xff;
    memcpy(t + 20, linux_options, s->options);
    uint32_t pseudo = s->v4 ? sum(0, p + 12, 8) : sum(0, p + 8, 32);
    put_sum(t + 16, sum(pseudo + IPPROTO_TCP + (uint32_t)tcp, t, tcp));
    return head + tcp;
}

/* ---- what came and what left, by prefix ---- */

struct told {
    uint64_t in, out, answers;
};
static struct told told[2][2 * SPACE]; /* of IPv6, of IPv4 */

/* What left, and of the last SYN-ACK its number. */
static uint32_t hear(void)
{
    uint8_t p[PACKET];
    ssize_t n;
    uint32_t seq = 0;
    while ((n = read(here.tun, p, sizeof p)) > 0) {
        bool v4 = p[0] >> 4 == 4;
        const uint8_t *to = v4 ? p + 16 : p + 24;
        unsigned prefix;
        if (v4 && to[0] == 198)
            prefix = (to[1] - 18u) * SPACE + to[2];
        else if (!v4 && to[0] == 0x20)
            prefix = (unsigned)to[6] * SPACE + to[7];
        else
            continue;
        REQUIRE(prefix < 2 * SPACE);
        told[v4][prefix].out += (uint64_t)n;
        told[v4][prefix].answers++;
        const uint8_t *t = p + (v4 ? (p[0] & 15) * 4 : 40);
        if (t[13] == 0x12)
            seq = (uint32_t)t[4] << 24 | (uint32_t)t[5] << 16 | (uint32_t)t[6] << 8 | t[7];
    }
    return seq;
}

static void send_segment(const struct segment *s)
{
    uint8_t p[PACKET];
    size_t n = make_segment(s, p);
    told[s->v4][s->prefix].in += n;
    REQUIRE(write(here.tun, p, n) == (ssize_t)n);
}

static void hear_for(int ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t end = t.tv_sec * 1000 + t.tv_nsec / 1000000 + ms, now = 0;
    for (; now < end; now = t.tv_sec * 1000 + t.tv_nsec / 1000000) {
        struct pollfd p = { here.tun, POLLIN, 0 };
        poll(&p, 1, 50);
        (void)hear();
        clock_gettime(CLOCK_MONOTONIC, &t);
    }
}

/* ---- the same rules in C ---- */

static uint64_t prefix_number(bool v4, unsigned prefix)
{
    if (v4)
        return UINT64_C(0xffffffffff000000) | (198u << 16 | (18 + prefix / SPACE) << 8 | prefix % SPACE);
    return UINT64_C(0x20010db800010000) | prefix;
}

static struct budget_slot *slot_of(uint64_t prefix)
{
    uint64_t h = budget_owner(&here.budget, prefix);
    for (unsigned i = 0; i < BUDGET_PLACES; i++)
        if (here.budget.slot[(h + i) % BUDGET_SLOTS].owner == h)
            return &here.budget.slot[(h + i) % BUDGET_SLOTS];
    return NULL;
}

/* Whether it may be answered. */
static bool charge(const struct budget *b, const struct segment *s)
{
    unsigned ip = s->v4 ? 20 + s->ip_options : 40, in = ip + 20 + s->options, least = s->v4 ? 44 : 64;
    unsigned answer = ip + (s->options + 24 < 40 ? s->options + 24 : 40);
    unsigned out = s->flags != TH_SYN ? ip + 32 : 2 * (answer > least ? answer : least);
    in = s->flags != TH_SYN && in > out ? out : in;
    return budget_charge(b, prefix_number(s->v4, s->prefix), in, out, budget_now());
}

/* But for the second of the clock. */
static bool same_slots(const struct budget *a, const struct budget *b)
{
    for (size_t i = 0; i < BUDGET_SLOTS; i++) {
        int64_t ahead = (int64_t)(a->slot[i].state >> 32) - (int64_t)(b->slot[i].state >> 32);
        if (a->slot[i].owner != b->slot[i].owner || (uint32_t)a->slot[i].state != (uint32_t)b->slot[i].state ||
            ahead < -60 || ahead > 60)
            return false;
    }
    return true;
}

/* ---- the tests ---- */

/* SYNs of three sizes to listeners that are guarded and to some that are not, each from its own part of the sources. */
static void try_flood(void)
{
    enum { SYNS = 40 * SPACE };
    static const struct {
        bool v4;
        unsigned options, ip_options;
    } kind[] = { { true, 0, 0 }, { true, 20, 0 }, { true, 4, 8 }, { true, 12, 40 }, { false, 0, 0 }, { false, 20, 0 } };
    static struct segment last[2][2 * SPACE];
    enter();
    struct budget model = here.budget;
    model.slot = calloc(BUDGET_SLOTS, sizeof *model.slot);
    REQUIRE(model.slot);
    srandom(1);
    uint64_t allowed = 0;
    for (int i = 0; i < SYNS; i++) {
        unsigned k = (unsigned)random() % (sizeof kind / sizeof *kind), prefix = (unsigned)random() % (2 * SPACE);
        struct segment s = { kind[k].v4, prefix, (unsigned)random() % 256, (uint16_t)(1024 + random() % 60000),
                             prefix < SPACE ? GUARDED : OPEN, TH_SYN, (uint32_t)random(), 0, kind[k].options,
                             kind[k].ip_options };
        if (i % 3 == 0 && last[s.v4][prefix].from) { /* nonsense in answer to a SYN-ACK */
            s = last[s.v4][prefix];
            s.flags = TH_FIN;
            s.seq += 1 << 30;
            s.options = s.ip_options = 0;
        } else {
            last[s.v4][prefix] = s;
        }
        send_segment(&s);
        if (prefix < SPACE)
            allowed += charge(&model, &s);
        if (i % 16 == 0)
            (void)hear();
    }
    hear_for(LATER_MS);
    uint64_t answers = 0, over = 0;
    for (int v4 = 0; v4 < 2; v4++)
        for (unsigned i = 0; i < SPACE; i++) {
            REQUIRE(told[v4][i].out <= told[v4][i].in + BUDGET_CREDIT);
            answers += told[v4][i].answers;
            over += told[v4][SPACE + i].out > told[v4][SPACE + i].in + BUDGET_CREDIT;
        }
    REQUIRE(answers > (uint64_t)SPACE * 2 && allowed > (uint64_t)SPACE * 2);
    REQUIRE(same_slots(&here.budget, &model));
    REQUIRE(over > SPACE); /* this would be seen: without the program it is */
}

/* Two processes send from the same few prefixes at once. */
static void try_crowd(void)
{
    enum { SYNS = 20000, PREFIXES = 8 };
    enter();
    for (int i = 0; i < 2; i++) {
        pid_t pid = i ? 0 : fork();
        for (unsigned n = 0; !pid && n < SYNS; n++) {
            struct segment s = { true, n % PREFIXES, n % 251, (uint16_t)(1024 + n + (unsigned)i * SYNS), GUARDED, TH_SYN, n, 0,
                                 n % 3 ? 20 : 0, 0 };
            send_segment(&s);
            s.flags = n % 2 ? TH_ACK | TH_PUSH : TH_SYN | TH_ACK;
            s.options = 0;
            send_segment(&s);
            if (i)
                (void)hear();
        }
        if (!pid && !i)
            _exit(0);
    }
    hear_for(LATER_MS);
    int status;
    REQUIRE(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (unsigned i = 0; i < PREFIXES; i++) {
        REQUIRE(told[1][i].out <= 2 * told[1][i].in + BUDGET_CREDIT); /* the other sent as much */
        REQUIRE(told[1][i].answers > 100);
    }
}

static int accept_one(int which)
{
    for (int k = 0; k < WORKERS; k++) {
        int fd = accept4(here.listener[which][k], NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

/* A client gets in at once, of IPv6 with a SYN that is large when it asks again; once it is proven, its prefix is not held back;
 * the hour over, it is again. */
static void visit(bool v4)
{
    struct segment s = { v4, 7, 9, 2000, GUARDED, TH_SYN, 100, 0, 20, 0 };
    struct told *t = &told[v4][7];
    send_segment(&s);
    uint32_t seq = hear();
    REQUIRE(t->answers == v4);
    if (!v4) {
        send_segment(&s);
        seq = hear();
    }
    REQUIRE(t->answers == 1);
    s.flags = TH_ACK;
    s.seq = 101;
    s.ack = seq + 1;
    s.options = 12; /* a timestamp's room, as who has a SYN of that size sends */
    send_segment(&s);
    int fd = accept_one(v4 ? 0 : 2);
    REQUIRE(fd >= 0);
    s.flags = TH_ACK | TH_PUSH;
    REQUIRE(send(fd, "x", 1, 0) == 1); /* what was accepted inherits the program, and is not charged for */
    (void)hear();
    REQUIRE(t->answers == 2);

    struct budget_slot *slot = slot_of(prefix_number(v4, 7));
    REQUIRE(slot);
    budget_prove(&here.budget, prefix_number(v4, 7), budget_now());
    s = (struct segment){ v4, 7, 9, 0, GUARDED, TH_SYN, 100, 0, 20, 0 };
    for (int i = 0; i < 200; i++) {
        s.from = (uint16_t)(3000 + i);
        send_segment(&s);
    }
    (void)hear();
    REQUIRE(t->answers == 202);
    slot->state = (uint64_t)(budget_now() - BUDGET_HOUR) << 32 | UINT64_C(1) << 31 | INT32_MAX;
    s.from = 4000;
    send_segment(&s);
    (void)hear();
    REQUIRE(v4 ? t->answers == 203 && (uint32_t)slot->state == BUDGET_CREDIT + 60 - 2 * 60
               : t->answers == 202 && (uint32_t)slot->state == BUDGET_CREDIT + 80);
    close(fd);
}

/* A processor whose second is ahead takes nothing away; a table that is full lets nobody new in. */
static void try_visitors(void)
{
    enter();
    visit(true);
    visit(false);
    struct segment s = { true, 9, 9, 2000, GUARDED, TH_SYN, 100, 0, 0, 0 };
    uint64_t h = budget_owner(&here.budget, prefix_number(true, 9));
    for (unsigned i = 0; i < 4; i++)
        here.budget.slot[(h + i) % BUDGET_SLOTS] = (struct budget_slot){ h + 1, (uint64_t)(budget_now() + 1) << 32 | 1000 };
    send_segment(&s);
    (void)hear();
    REQUIRE(told[1][9].answers == 0 && !slot_of(prefix_number(true, 9)));
    here.budget.slot[(h + 2) % BUDGET_SLOTS].state = (uint64_t)(budget_now() - BUDGET_HOUR) << 32 | 1000;
    send_segment(&s);
    (void)hear();
    REQUIRE(told[1][9].answers == 1 && slot_of(prefix_number(true, 9)) == &here.budget.slot[(h + 2) % BUDGET_SLOTS]);
    slot_of(prefix_number(true, 9))->state = (uint64_t)(budget_now() + 1) << 32 | 10;
    s.from++;
    send_segment(&s);
    (void)hear();
    REQUIRE(told[1][9].answers == 1 && (uint32_t)slot_of(prefix_number(true, 9))->state == 50);
}

static void a_flood_is_not_answered_beyond_its_bytes(void **state)
{
    (void)state;
    check_alone(try_flood);
}

static void nor_is_one_from_two_processors(void **state)
{
    (void)state;
    check_alone(try_crowd);
}

static void who_is_real_gets_in(void **state)
{
    (void)state;
    check_alone(try_visitors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_is_not_answered_beyond_its_bytes),
        cmocka_unit_test(nor_is_one_from_two_processors),
        cmocka_unit_test(who_is_real_gets_in),
    };
    return cmocka_run_group_tests_name("main/syn-filter", tests, NULL, NULL);
}
