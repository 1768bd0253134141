#include "base/own.h"
#include "packet/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h wants the three above */
#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* In a network namespace of this process. What is written into a tap's descriptor comes in at its interface;
 * what is sent by a packet socket goes out. */

enum {
    RINGS = 4,
    BLOCK_MS = 20,
    ROOM = 256,
    NUMBER_MOST = 1 << 16,
};

static const struct prefix_list NOTHING = { 0 };
static bool have_namespace;

static void set_up(const char *interface)
{
    struct ifreq ask = { 0 };
    auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(ask.ifr_name, interface, strlen(interface));
    assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &ask), 0);
    ask.ifr_flags = (short)(ask.ifr_flags | IFF_UP);
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ask), 0);
}

static int make_namespace(void **state)
{
    (void)state;
    have_namespace = unshare(CLONE_NEWNET) == 0;
    return 0;
}

/* A tap, or a tun whose packets are bare; its descriptor is its life. */
static int make_interface(const char *name, short kind)
{
    struct ifreq ask = { .ifr_flags = (short)(kind | IFF_NO_PI) };
    if (!have_namespace) {
        print_message("SKIP: needs root, to make a network namespace\n");
        skip();
    }
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        print_message("SKIP: no /dev/net/tun\n");
        skip();
    }
    /* Its own IPv6 messages would be counted, too. */
    auto_fd int off = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
    if (off >= 0)
        assert_int_equal(write(off, "1", 1), 1);
    memcpy(ask.ifr_name, name, strlen(name));
    assert_int_equal(ioctl(fd, TUNSETIFF, &ask), 0);
    return fd;
}

/* ---- frames ---- */

struct made {
    uint8_t data[ROOM];
    size_t n;
};

static void add(struct made *m, const void *p, size_t n)
{
    assert_true(m->n + n <= sizeof m->data);
    memcpy(m->data + m->n, p, n);
    m->n += n;
}

/* A UDP datagram with a number in its first four bytes. */
static void add_ip(struct made *m, const struct addr *from, const struct addr *to, uint32_t number)
{
    static const uint8_t v4[12] = { 0x45, 0, 0, 32, 0, 0, 0, 0, 64, IPPROTO_UDP };
    static const uint8_t v6[8] = { 0x60, 0, 0, 0, 0, 12, IPPROTO_UDP, 64 };
    static const uint8_t udp[8] = { 0x10, 0, 0xd0, 0xa5, 0, 12 };
    size_t n = from->family == 4 ? 4 : 16;
    add(m, from->family == 4 ? v4 : v6, from->family == 4 ? sizeof v4 : sizeof v6);
    add(m, from->bytes, n);
    add(m, to->bytes, n);
    add(m, udp, sizeof udp);
    add(m, &number, sizeof number);
}

static void add_ethernet(struct made *m, unsigned tags, bool v6)
{
    static const uint8_t tag[2][4] = { { 0x88, 0xa8, 0, 5 }, { 0x81, 0, 0, 7 } };
    static const uint8_t type[2][2] = { { 0x08, 0 }, { 0x86, 0xdd } };
    add(m, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
    for (unsigned i = 0; i < tags; i++)
        add(m, tag[i + 2 - tags], 4);
    add(m, type[v6], 2);
}

static struct addr source_of(unsigned i, bool v6)
{
    struct addr a = addr_v4(0xc6120000 + i); /* 198.18.0.0/15 */
    if (v6) {
        a = (struct addr){ 6, { 0x20, 0x01, 0x0d, 0xb8 } };
        a.bytes[6] = (uint8_t)(i >> 8);
        a.bytes[7] = (uint8_t)i;
        a.bytes[15] = 1;
    }
    return a;
}

static struct addr ours(bool v6)
{
    struct addr a = addr_v4(0xcb007107); /* 203.0.113.7 */
    return v6 ? (struct addr){ 6, { 0x20, 0x01, 0x0d, 0xb8, 0xff, 0x77 } } : a;
}

static void come_in(int tap, const struct addr *from, const struct addr *to, unsigned tags, uint32_t number)
{
    struct made m = { 0 };
    add_ethernet(&m, tags, from->family == 6);
    add_ip(&m, from, to, number);
    assert_int_equal(write(tap, m.data, m.n), m.n);
}

/* `out` is any packet socket; closing one takes the kernel so long that rings of short blocks fill. */
static void go_out(int out, const char *interface, const struct addr *from, const struct addr *to, unsigned tags,
                   uint32_t number)
{
    struct made m = { 0 };
    add_ethernet(&m, tags, from->family == 6);
    add_ip(&m, from, to, number);
    struct sockaddr_ll at = { .sll_family = AF_PACKET,
                              .sll_protocol = htons((uint16_t)(m.data[12] << 8 | m.data[13])),
                              .sll_ifindex = (int)if_nametoindex(interface) };
    assert_int_equal(sendto(out, m.data, m.n, 0, (struct sockaddr *)&at, sizeof at), m.n);
}

/* ---- what the rings hold ---- */

struct group {
    struct ring *ring[RINGS];
    uint8_t seen[NUMBER_MOST]; /* in ring number + 1; 0: in none */
    unsigned total, doubled;
};

static struct group *open_group(const struct ring_options *o, const struct prefix_list *own)
{
    int fd[RINGS];
    struct group *g = calloc(1, sizeof *g);
    assert_non_null(g);
    assert_int_equal(ring_make_group(o, own, RINGS, fd), 0);
    for (int i = 0; i < RINGS; i++)
        assert_int_equal(ring_map(&g->ring[i], fd[i], o, 0), 0);
    return g;
}

static void close_group(struct group *g)
{
    for (int i = 0; i < RINGS; i++)
        ring_unmap(g->ring[i]);
    free(g);
}

static void note(struct group *g, int ring, const struct frame *f)
{
    uint32_t number;
    assert_true(f->caplen >= sizeof number);
    memcpy(&number, f->data + f->caplen - sizeof number, sizeof number);
    assert_true(number < NUMBER_MOST);
    g->doubled += g->seen[number] != 0;
    g->seen[number] = (uint8_t)(ring + 1);
    g->total++;
}

/* All that came, in all rings. */
static void gather(struct group *g)
{
    struct frame frames[READER_BATCH];
    poll(NULL, 0, 4 * BLOCK_MS);
    for (int i = 0; i < RINGS; i++) {
        int n;
        while ((n = ring_next(g->ring[i], frames)) > 0) {
            for (int k = 0; k < n; k++)
                note(g, i, &frames[k]);
            ring_release(g->ring[i], UINT64_MAX);
        }
        assert_int_equal(n, 0);
    }
}

/* ---- tests ---- */

static void each_source_meets_one_ring(void **state)
{
    enum { SOURCES = 1000, EACH = 4 };
    struct ring_options o = { .interface = "group0", .block_ms = BLOCK_MS };
    unsigned count[RINGS] = { 0 };
    (void)state;
    auto_fd int tap = make_interface(o.interface, IFF_TAP);
    set_up(o.interface);
    struct group *g = open_group(&o, &NOTHING);

    for (unsigned i = 0; i < SOURCES * EACH; i++) {
        bool v6 = i % SOURCES % 3 == 0;
        struct addr from = source_of(i % SOURCES, v6), to = ours(v6);
        to.bytes[3] = (uint8_t)i;
        come_in(tap, &from, &to, i / SOURCES % 3, i);
    }
    gather(g);
    assert_int_equal(g->total, SOURCES * EACH);
    assert_int_equal(g->doubled, 0);
    for (unsigned i = 0; i < SOURCES * EACH; i++)
        assert_int_equal(g->seen[i], g->seen[i % SOURCES]);
    for (unsigned i = 0; i < SOURCES; i++)
        count[g->seen[i] - 1]++;
    for (int r = 0; r < RINGS; r++)
        assert_in_range(count[r], SOURCES / RINGS * 3 / 4, SOURCES / RINGS * 5 / 4);
    close_group(g);
}

static void answers_meet_what_we_sent(void **state)
{
    enum { PEERS = 300 };
    struct ring_options o = { .interface = "group1", .block_ms = BLOCK_MS };
    unsigned in_first = 0;
    (void)state;
    auto_fd int tap = make_interface(o.interface, IFF_TAP);
    auto_fd int out = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    set_up(o.interface);
    struct group *g = open_group(&o, &NOTHING);

    for (unsigned i = 0; i < PEERS; i++) {
        struct addr peer = source_of(i, i % 2), us = ours(i % 2);
        go_out(out, o.interface, &us, &peer, i / 2 % 3, i);
        come_in(tap, &peer, &us, i / 2 % 3, PEERS + i);
    }
    gather(g);
    assert_int_equal(g->total, 2 * PEERS);
    for (unsigned i = 0; i < PEERS; i++) {
        assert_int_equal(g->seen[i], g->seen[PEERS + i]);
        in_first += g->seen[i] == 1;
    }
    assert_in_range(in_first, PEERS / RINGS / 2, PEERS / RINGS * 2);
    close_group(g);
}

/* A mirror port: both directions come in. */
static void mirrored_answers_meet_too(void **state)
{
    enum { PEERS = 300 };
    struct ring_options o = { .interface = "group2", .block_ms = BLOCK_MS, .promiscuous = true };
    struct prefix_list own = { 0 };
    const char *bad;
    (void)state;
    auto_fd int tap = make_interface(o.interface, IFF_TAP);
    set_up(o.interface);
    assert_int_equal(prefix_list_parse("203.0.113.0/24,2001:db8:ff77::/48", &own, &bad), 0);
    struct group *g = open_group(&o, &own);

    for (unsigned i = 0; i < PEERS; i++) {
        struct addr peer = source_of(i, i % 2), us = ours(i % 2);
        come_in(tap, &us, &peer, 0, i);
        come_in(tap, &peer, &us, 0, PEERS + i);
    }
    gather(g);
    assert_int_equal(g->total, 2 * PEERS);
    for (unsigned i = 0; i < PEERS; i++)
        assert_int_equal(g->seen[i], g->seen[PEERS + i]);
    close_group(g);
    prefix_list_release(&own);
}

static void outgoing_is_left_out_where_asked(void **state)
{
    (void)state;
    for (int ignore = 0; ignore < 2; ignore++) {
        struct ring_options o = { .interface = "group3", .block_ms = BLOCK_MS, .ignore_outgoing = ignore };
        auto_fd int tap = make_interface(o.interface, IFF_TAP);
        auto_fd int out = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        set_up(o.interface);
        struct group *g = open_group(&o, &NOTHING);
        struct addr us = ours(false), peer = source_of(1, false);
        go_out(out, o.interface, &us, &peer, 0, 0);
        come_in(tap, &peer, &us, 0, 1);
        gather(g);
        assert_int_equal(g->total, ignore ? 1 : 2);
        close_group(g);
    }
}

static void bare_ip_is_dealt_too(void **state)
{
    enum { SOURCES = 400 };
    struct ring_options o = { .interface = "group4", .block_ms = BLOCK_MS };
    unsigned count[RINGS] = { 0 };
    (void)state;
    auto_fd int tun = make_interface(o.interface, IFF_TUN);
    set_up(o.interface);
    struct group *g = open_group(&o, &NOTHING);
    for (unsigned i = 0; i < 2 * SOURCES; i++) {
        struct made m = { 0 };
        struct addr from = source_of(i % SOURCES, i % 2), to = ours(i % 2);
        add_ip(&m, &from, &to, i);
        assert_int_equal(write(tun, m.data, m.n), m.n);
    }
    gather(g);
    assert_int_equal(g->total, 2 * SOURCES);
    for (unsigned i = 0; i < SOURCES; i++) {
        assert_int_equal(g->seen[i], g->seen[SOURCES + i]);
        count[g->seen[i] - 1]++;
    }
    for (int r = 0; r < RINGS; r++)
        assert_in_range(count[r], SOURCES / RINGS / 2, SOURCES / RINGS * 2);
    close_group(g);
}

/* A member that has not joined yet would hear everything. */
struct flood {
    int tap;
    uint32_t sent;
    atomic_bool stop;
};

static void *pour(void *context)
{
    struct flood *f = context;
    struct addr from = source_of(1, false), to = ours(false);
    for (f->sent = 0; f->sent < NUMBER_MOST && !f->stop; f->sent++)
        come_in(f->tap, &from, &to, 0, f->sent);
    return NULL;
}

static void nothing_is_doubled_while_it_is_made(void **state)
{
    struct ring_options o = { .interface = "group5", .block_ms = BLOCK_MS };
    (void)state;
    auto_fd int tap = make_interface(o.interface, IFF_TAP);
    set_up(o.interface);
    unsigned heard = 0;
    for (int round = 0; round < 30; round++) {
        struct flood flood = { .tap = tap };
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, pour, &flood), 0);
        poll(NULL, 0, 1);
        struct group *g = open_group(&o, &NOTHING);
        poll(NULL, 0, 5);
        flood.stop = true;
        pthread_join(thread, NULL);
        gather(g);
        assert_int_equal(g->doubled, 0);
        heard += g->total > 0;
        close_group(g);
    }
    assert_true(heard > 0); /* on a busy machine not every round hears the flood */
}

static void refusals_leave_nothing_open(void **state)
{
    static const struct {
        const char *interface;
        size_t n;
        unsigned block_kib;
        int error;
    } cases[] = {
        { "group6", 0, 0, -EINVAL },   { "group6", RING_GROUP_MOST + 1, 0, -EINVAL },
        { "group6", 4, 1, -EINVAL },   { "group6", 1, 1, -EINVAL },
        { "nosuch0", 4, 0, -ENODEV },  { "nosuch0", 1, 0, -ENODEV },
    };
    int fd[RING_GROUP_MOST];
    (void)state;
    auto_fd int tap = make_interface("group6", IFF_TAP);
    assert_true(tap >= 0);
    set_up("group6");
    int next = dup(tap);
    close(next);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ring_options o = { .interface = cases[i].interface, .block_kib = cases[i].block_kib };
        assert_int_equal(ring_make_group(&o, &NOTHING, cases[i].n, fd), cases[i].error);
        int found = dup(tap);
        close(found);
        assert_int_equal(found, next);
    }
}

/* Some kernels let a group be made of an interface that is down, and some do not. */
static void an_interface_that_is_down(void **state)
{
    struct ring_options o = { .interface = "group7", .block_ms = BLOCK_MS };
    struct frame frames[READER_BATCH];
    int fd[RINGS];
    (void)state;
    auto_fd int tap = make_interface(o.interface, IFF_TAP);
    int e = ring_make_group(&o, &NOTHING, RINGS, fd);
    if (e < 0) {
        assert_int_equal(e, -ENETDOWN);
        return;
    }
    struct group *g = calloc(1, sizeof *g);
    assert_non_null(g);
    for (int i = 0; i < RINGS; i++) {
        assert_int_equal(ring_map(&g->ring[i], fd[i], &o, 0), 0);
        assert_int_equal(ring_next(g->ring[i], frames), -ENETDOWN);
    }
    set_up(o.interface);
    for (uint32_t i = 0; i < 100; i++) {
        struct addr from = source_of(i, false), to = ours(false);
        come_in(tap, &from, &to, 0, i);
    }
    gather(g);
    assert_int_equal(g->total, 100);
    assert_int_equal(g->doubled, 0);
    close_group(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_source_meets_one_ring),
        cmocka_unit_test(answers_meet_what_we_sent),
        cmocka_unit_test(mirrored_answers_meet_too),
        cmocka_unit_test(outgoing_is_left_out_where_asked),
        cmocka_unit_test(bare_ip_is_dealt_too),
        cmocka_unit_test(nothing_is_doubled_while_it_is_made),
        cmocka_unit_test(refusals_leave_nothing_open),
        cmocka_unit_test(an_interface_that_is_down),
    };
    return cmocka_run_group_tests_name("packet/ring-group", tests, make_namespace, NULL);
}
