#include "packet/ring.h"

#include "base/own.h"

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
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

/* Everything happens in a network namespace of this process, whose only interfaces are made here.
 */

enum {
    WAIT_MS = 2000, /* for what must come */
    QUIET_MS = 150, /* for what must not */
    BLOCK_MS = 20,
    UDP_PORT = 53413,
    HEADERS = 14 + 20 + 8, /* Ethernet, IPv4, UDP */
};

static const struct ring_options LO = { .interface = "lo", .block_ms = BLOCK_MS };
static const struct ring_options SMALL_LO = {
    .interface = "lo", .block_ms = BLOCK_MS, .block_kib = 64, .blocks = 4
};

static bool have_namespace;

static void set_up(const char *interface, bool up)
{
    struct ifreq ask = { 0 };
    auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    memcpy(ask.ifr_name, interface, strlen(interface));
    assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &ask), 0);
    ask.ifr_flags = (short)(up ? ask.ifr_flags | IFF_UP : ask.ifr_flags & ~IFF_UP);
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ask), 0);
}

static int make_namespace(void **state)
{
    (void)state;
    have_namespace = unshare(CLONE_NEWNET) == 0;
    if (have_namespace)
        set_up("lo", true);
    return 0;
}

static void need_namespace(void)
{
    if (!have_namespace) {
        print_message("SKIP: needs root, to make a network namespace\n");
        skip();
    }
}

static struct ring *open_ring(const struct ring_options *o)
{
    struct ring *r = NULL;
    int fd = ring_make(o);
    assert_true(fd >= 0);
    assert_int_equal(ring_map(&r, fd, o, 0), 0);
    assert_non_null(r);
    assert_int_equal(ring_fd(r), fd);
    return r;
}

static uint64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Frames or trouble, waiting for them up to ms; 0 where nothing came. Gives nothing back. */
static int wait_frames(struct ring *r, int ms, struct frame frames[static READER_BATCH])
{
    uint64_t until = mono_ms() + (uint64_t)ms;
    for (;;) {
        int n = ring_next(r, frames);
        uint64_t now = mono_ms();
        if (n || now >= until)
            return n;
        struct pollfd p = { .fd = ring_fd(r), .events = POLLIN };
        assert_true(poll(&p, 1, (int)(until - now)) >= 0);
    }
}

/* n datagrams of `bytes` bytes each, numbered from `first` in their first four. */
static void send_datagrams(unsigned first, unsigned n, size_t bytes)
{
    static uint8_t data[65000];
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(UDP_PORT) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    /* Something has to listen, or each datagram would be answered by an ICMP error. */
    auto_fd int sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(sink, (struct sockaddr *)&to, sizeof to), 0);

    memset(data, 'x', sizeof data);
    for (uint32_t i = first; i < first + n; i++) {
        memcpy(data, &i, sizeof i);
        ssize_t sent = sendto(fd, data, bytes, 0, (struct sockaddr *)&to, sizeof to);
        assert_int_equal(sent, bytes);
    }
}

static void assert_datagram(const struct frame *f, uint32_t number, size_t bytes)
{
    uint32_t found;
    assert_int_equal(f->link, 1);
    assert_int_equal(f->len, HEADERS + bytes);
    assert_int_equal(f->caplen, f->len);
    assert_int_equal(f->data[12] << 8 | f->data[13], ETH_P_IP);
    assert_int_equal(f->data[14 + 9], IPPROTO_UDP);
    assert_int_equal(f->data[36] << 8 | f->data[37], UDP_PORT);
    memcpy(&found, f->data + HEADERS, sizeof found);
    assert_int_equal(found, number);
    assert_int_equal(f->data[f->caplen - 1], 'x');
    assert_in_range(f->nsec, 0, 999999999);
    assert_in_range(f->sec, time(NULL) - 60, time(NULL) + 1); /* time() may be a tick behind */
}

static void counts_datagrams_exactly(void **state)
{
    static const struct {
        unsigned n;
        size_t bytes;
    } cases[] = { { 1, 5 }, { 64, 100 }, { 65, 1400 }, { 1000, 30 }, { 20, 64000 } };
    (void)state;
    need_namespace();

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct frame frames[READER_BATCH];
        struct ring_stats stats = { 0 };
        struct ring *r = open_ring(&LO);
        unsigned seen = 0;

        send_datagrams(0, cases[c].n, cases[c].bytes);
        while (seen < cases[c].n) {
            int n = wait_frames(r, WAIT_MS, frames);
            assert_in_range(n, 1, READER_BATCH);
            for (int i = 0; i < n; i++)
                assert_datagram(&frames[i], seen++, cases[c].bytes);
            ring_release(r, UINT64_MAX);
        }
        assert_int_equal(wait_frames(r, QUIET_MS, frames), 0);
        assert_int_equal(ring_stats(ring_fd(r), &stats), 0);
        assert_int_equal(stats.packets, cases[c].n);
        assert_int_equal(stats.drops, 0);
        ring_unmap(r);
    }
}

static void gives_a_block_up_in_time(void **state)
{
    struct ring_options slow = LO;
    struct frame frames[READER_BATCH];
    (void)state;
    need_namespace();

    slow.block_ms = 400;
    struct ring *r = open_ring(&slow);
    uint64_t start = mono_ms();
    send_datagrams(7, 1, 10);
    assert_int_equal(wait_frames(r, 100, frames), 0);
    assert_int_equal(wait_frames(r, WAIT_MS, frames), 1);
    assert_datagram(&frames[0], 7, 10);
    /* The kernel may have begun the block's time before the datagram came. */
    assert_in_range(mono_ms() - start, 100, 1200);
    ring_unmap(r);
}

/* Frames of several blocks stay whole until they are given back, and a full ring counts its drops.
 */
static void keeps_blocks_until_release(void **state)
{
    enum { SENT = 600, BYTES = 1000 };
    static struct frame kept[SENT];
    struct frame frames[READER_BATCH];
    struct ring_stats stats = { 0 };
    unsigned seen = 0;
    int n;
    (void)state;
    need_namespace();

    struct ring *r = open_ring(&SMALL_LO);
    send_datagrams(0, SENT, BYTES);
    while ((n = wait_frames(r, QUIET_MS, frames)) > 0) {
        assert_true(seen + (unsigned)n <= SENT);
        memcpy(&kept[seen], frames, sizeof frames[0] * (size_t)n);
        seen += (unsigned)n;
    }
    assert_int_equal(n, 0);
    /* Four blocks of 64 KiB hold some 57 of these each. */
    assert_in_range(seen, 200, 256);
    for (unsigned i = 0; i < seen; i++)
        assert_datagram(&kept[i], i, BYTES);

    assert_int_equal(ring_stats(ring_fd(r), &stats), 0);
    assert_int_equal(stats.packets, seen);
    assert_int_equal(stats.drops, SENT - seen);

    ring_release(r, UINT64_MAX);
    send_datagrams(SENT, 3, BYTES);
    for (unsigned i = 0; i < 3; i += (unsigned)n) {
        n = wait_frames(r, WAIT_MS, frames);
        assert_in_range(n, 1, 3 - i);
        for (int k = 0; k < n; k++)
            assert_datagram(&frames[k], SENT + i + (unsigned)k, BYTES);
    }
    assert_int_equal(ring_stats(ring_fd(r), &stats), 0);
    assert_int_equal(stats.packets, seen + 3);
    assert_int_equal(stats.drops, SENT - seen);
    ring_unmap(r);
}

/* A block that is read in part is not given back, even where the ring runs over. */
static void release_spares_the_current_block(void **state)
{
    enum { FIRST = 100, MORE = 1000, BYTES = 200 };
    struct frame first[READER_BATCH], frames[READER_BATCH];
    struct ring_stats stats = { 0 };
    unsigned seen = READER_BATCH;
    (void)state;
    need_namespace();

    struct ring_options patient = SMALL_LO; /* a busy machine must not cut the block short */
    patient.block_ms = WAIT_MS / 4;
    struct ring *r = open_ring(&patient);
    send_datagrams(0, FIRST, BYTES);
    assert_int_equal(wait_frames(r, WAIT_MS, first), READER_BATCH);
    ring_release(r, UINT64_MAX);
    send_datagrams(FIRST, MORE, BYTES);
    assert_int_equal(ring_stats(ring_fd(r), &stats), 0);
    assert_int_equal(stats.packets + stats.drops, FIRST + MORE);
    assert_true(stats.drops > 0);

    for (uint32_t i = 0; i < READER_BATCH; i++)
        assert_datagram(&first[i], i, BYTES);
    while (seen < stats.packets) {
        int n = wait_frames(r, WAIT_MS, frames);
        assert_in_range(n, 1, READER_BATCH);
        for (int i = 0; i < n; i++)
            assert_datagram(&frames[i], seen++, BYTES);
        ring_release(r, UINT64_MAX);
    }
    assert_int_equal(wait_frames(r, QUIET_MS, frames), 0);
    ring_unmap(r);
}

static void send_raw(const char *interface, const void *data, size_t n, uint16_t protocol)
{
    struct sockaddr_ll to = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(protocol),
        .sll_ifindex = (int)if_nametoindex(interface),
    };
    auto_fd int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(sendto(fd, data, n, 0, (struct sockaddr *)&to, sizeof to), n);
}

static void puts_vlan_tags_back(void **state)
{
    static const struct {
        const char *name;
        uint8_t after_addresses[12];
        size_t n;
    } cases[] = {
        { "no tag", { 0x08, 0x00 }, 2 },
        { "802.1Q", { 0x81, 0x00, 0x00, 0x05, 0x08, 0x00 }, 6 },
        { "priority and drop eligible", { 0x81, 0x00, 0xff, 0xfe, 0x08, 0x00 }, 6 },
        { "VLAN 0", { 0x81, 0x00, 0x00, 0x00, 0x08, 0x00 }, 6 },
        { "802.1ad", { 0x88, 0xa8, 0x01, 0x02, 0x08, 0x00 }, 6 },
        { "QinQ", { 0x88, 0xa8, 0x01, 0x02, 0x81, 0x00, 0x03, 0x04, 0x08, 0x00 }, 10 },
        { "two of 802.1Q", { 0x81, 0x00, 0x01, 0x02, 0x81, 0x00, 0x03, 0x04, 0x08, 0x00 }, 10 },
    };
    (void)state;
    need_namespace();

    struct ring *r = open_ring(&LO);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct frame frames[READER_BATCH];
        uint8_t sent[100];
        for (size_t i = 0; i < sizeof sent; i++)
            sent[i] = (uint8_t)(i < 12 ? 0x10 + i : 0x80 + i);
        memcpy(sent + 12, cases[c].after_addresses, cases[c].n);
        send_raw("lo", sent, sizeof sent, (uint16_t)(sent[12] << 8 | sent[13]));

        assert_int_equal(wait_frames(r, WAIT_MS, frames), 1);
        if (frames[0].len != sizeof sent || frames[0].caplen != sizeof sent)
            fail_msg("%s: %u of %u bytes", cases[c].name, frames[0].caplen, frames[0].len);
        if (memcmp(frames[0].data, sent, sizeof sent) != 0)
            fail_msg("%s: not as it was sent", cases[c].name);
        ring_release(r, UINT64_MAX);
    }
    ring_unmap(r);
}

/* A tun interface of the given hardware type; the descriptor is its life. */
static int make_tun(const char *name, unsigned short hardware)
{
    struct ifreq ask = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        print_message("SKIP: no /dev/net/tun\n");
        skip();
    }
    memcpy(ask.ifr_name, name, strlen(name));
    assert_int_equal(ioctl(fd, TUNSETIFF, &ask), 0);
    assert_int_equal(ioctl(fd, TUNSETLINK, (unsigned long)hardware), 0);
    /* Its own IPv6 messages would be counted, too. */
    auto_fd int off = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
    if (off >= 0)
        assert_int_equal(write(off, "1", 1), 1);
    return fd;
}

/* An IPv4 packet of a UDP datagram, from and to documentation addresses. */
static const uint8_t BARE_IP[] = {
    0x45, 0,  0,   32, 0,    1, 0,    0,    64, IPPROTO_UDP, 0, 0, 192, 0,   2,   1,
    198,  51, 100, 1,  0x10, 0, 0xd0, 0xa5, 0,  12,          0, 0, 't', 'e', 's', 't',
};

static void knows_hardware_types(void **state)
{
    static const struct {
        unsigned short hardware;
        uint32_t link; /* 0: refused */
    } cases[] = {
        { ARPHRD_NONE, 101 },    { ARPHRD_PPP, 101 },      { ARPHRD_RAWIP, 101 },
        { ARPHRD_TUNNEL, 101 },  { ARPHRD_TUNNEL6, 101 },  { ARPHRD_SIT, 101 },
        { ARPHRD_IEEE80211, 0 }, { ARPHRD_IEEE802154, 0 }, { ARPHRD_INFINIBAND, 0 },
        { ARPHRD_VOID, 0 },
    };
    struct ring_options o = { .interface = "ring0", .block_ms = BLOCK_MS, .blocks = 2 };
    (void)state;
    need_namespace();

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct frame frames[READER_BATCH];
        auto_fd int tun = make_tun(o.interface, cases[c].hardware);
        set_up(o.interface, true);
        if (!cases[c].link) {
            assert_int_equal(ring_make(&o), -EPROTONOSUPPORT);
            continue;
        }
        struct ring *r = open_ring(&o);
        assert_int_equal(write(tun, BARE_IP, sizeof BARE_IP), sizeof BARE_IP);
        assert_int_equal(wait_frames(r, WAIT_MS, frames), 1);
        assert_int_equal(frames[0].link, cases[c].link);
        assert_int_equal(frames[0].caplen, sizeof BARE_IP);
        assert_memory_equal(frames[0].data, BARE_IP, sizeof BARE_IP);
        ring_unmap(r);
    }
}

static void leaves_out_outgoing_where_asked(void **state)
{
    (void)state;
    need_namespace();

    for (int ignore = 0; ignore < 2; ignore++) {
        struct frame frames[READER_BATCH];
        struct ring_options o = {
            .interface = "ring1", .block_ms = BLOCK_MS, .blocks = 2, .ignore_outgoing = ignore
        };
        auto_fd int tun = make_tun(o.interface, ARPHRD_NONE);
        assert_true(tun >= 0);
        set_up(o.interface, true);
        struct ring *r = open_ring(&o);
        send_raw(o.interface, BARE_IP, sizeof BARE_IP, ETH_P_IP);
        assert_int_equal(wait_frames(r, ignore ? QUIET_MS : WAIT_MS, frames), !ignore);
        ring_unmap(r);
    }
}

static void tells_when_the_interface_is_down_or_gone(void **state)
{
    struct ring_options o = { .interface = "ring2", .block_ms = BLOCK_MS, .blocks = 2 };
    struct frame frames[READER_BATCH];
    struct ring *unmapped = NULL;
    (void)state;
    need_namespace();

    int tun = make_tun(o.interface, ARPHRD_NONE);
    struct ring *r = open_ring(&o); /* it is down still */
    assert_int_equal(ring_next(r, frames), -ENETDOWN);
    assert_int_equal(ring_next(r, frames), 0);
    for (int round = 0; round < 2; round++) {
        set_up(o.interface, true);
        assert_int_equal(write(tun, BARE_IP, sizeof BARE_IP), sizeof BARE_IP);
        assert_int_equal(wait_frames(r, WAIT_MS, frames), 1);
        ring_release(r, UINT64_MAX);
        set_up(o.interface, false);
        struct pollfd p = { .fd = ring_fd(r), .events = POLLIN };
        assert_int_equal(poll(&p, 1, WAIT_MS), 1);
        assert_true(p.revents & POLLERR);
        assert_int_equal(ring_next(r, frames), -ENETDOWN);
        assert_int_equal(ring_next(r, frames), 0);
    }
    int late = ring_make(&o);
    assert_true(late >= 0);
    close(tun);
    assert_int_equal(ring_next(r, frames), -ENODEV);
    assert_int_equal(ring_next(r, frames), -ENODEV);
    assert_int_equal(ring_map(&unmapped, late, &o, 0), -ENODEV);
    assert_null(unmapped);
    ring_unmap(r);
}

static void refuses_what_cannot_be(void **state)
{
    static const struct {
        struct ring_options o;
        int error;
    } cases[] = {
        { { .interface = "nosuch0" }, -ENODEV },
        { { .interface = "" }, -ENODEV },
        { { .interface = "a-name-that-no-interface-can-have" }, -ENODEV },
        { { .interface = "lo", .block_kib = 63 }, -EINVAL },
        { { .interface = "lo", .block_kib = 65537 }, -EINVAL },
        { { .interface = "lo", .blocks = 4097 }, -EINVAL },
        { { .interface = "lo", .block_kib = 65536, .blocks = 33 }, -EINVAL },
        { { .interface = "lo", .block_ms = 0x80000000 }, -EINVAL },
    };
    struct ring *r = NULL;
    (void)state;
    need_namespace();

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        assert_int_equal(ring_make(&cases[c].o), cases[c].error);

    /* Another size than it was made with, and a descriptor that is no ring. */
    int fd = ring_make(&SMALL_LO);
    assert_true(fd >= 0);
    assert_int_equal(ring_map(&r, fd, &LO, 0), -EINVAL);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(ring_map(&r, fd, &LO, 0) < 0);
    fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    assert_true(ring_map(&r, fd, &LO, 0) < 0);
    assert_null(r);
    ring_unmap(NULL);
}

/* ---- one reader after another ---- */

static const struct ring_options EIGHT_LO = {
    .interface = "lo", .block_ms = BLOCK_MS, .block_kib = 64, .blocks = 8
};

/* A reader as another process would be one; the ring's own descriptor stays open. */
static struct ring *take_over(int fd, const struct ring_options *o, uint64_t first)
{
    struct ring *r = NULL;
    int copy = dup(fd);
    assert_true(copy >= 0);
    assert_int_equal(ring_map(&r, copy, o, first), 0);
    return r;
}

static int make_ring(const struct ring_options *o)
{
    int fd = ring_make(o);
    assert_true(fd >= 0);
    return fd;
}

/* What another reader could write into. */
static uint8_t *scribble_on(int fd, const struct ring_options *o)
{
    size_t n = (size_t)o->block_kib * 1024 * o->blocks;
    void *map = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    return map;
}

static struct tpacket_hdr_v1 *head_of(uint8_t *map, const struct ring_options *o, unsigned block)
{
    return &((struct tpacket_block_desc *)(void *)(map + (size_t)o->block_kib * 1024 * block))->hdr.bh1;
}

/* The whole next block, whose datagrams go on from *next; false where none comes. */
static bool read_block(struct ring *r, int ms, uint32_t *next, size_t bytes)
{
    struct frame frames[READER_BATCH];
    uint64_t at = ring_at(r), until = mono_ms() + (uint64_t)ms;
    do {
        int n = ring_next(r, frames);
        assert_true(n >= 0);
        for (int i = 0; i < n; i++)
            assert_datagram(&frames[i], (*next)++, bytes);
        if (n == 0 && mono_ms() < until)
            poll(NULL, 0, 2);
    } while (ring_at(r) == at && mono_ms() < until);
    assert_true(ring_between_blocks(r));
    return ring_at(r) != at;
}

/* Of the kernel: block i has the numbers i + 1, i + 1 + blocks and so on, through wraps and full rings. We do
 * not count on it, but on the order. */
static void kernel_numbers_blocks_in_turn(void **state)
{
    (void)state;
    need_namespace();
    auto_fd int fd = make_ring(&SMALL_LO);
    uint8_t *map = scribble_on(fd, &SMALL_LO);
    struct ring *r = take_over(fd, &SMALL_LO, 0);
    uint64_t newest = 0;
    for (unsigned round = 0; round < 6; round++) {
        uint32_t next = 0;
        send_datagrams(0, round % 2 ? 600 : 70, 1000);
        assert_true(read_block(r, WAIT_MS, &next, 1000));
        while (read_block(r, QUIET_MS, &next, 1000))
            ;
        for (unsigned i = 0; i < SMALL_LO.blocks; i++) {
            uint64_t number = head_of(map, &SMALL_LO, i)->seq_num;
            if (number)
                assert_int_equal((number - 1) % SMALL_LO.blocks, i);
            newest = number > newest ? number : newest;
        }
        assert_in_range(newest, ring_at(r) - 1, ring_at(r));
        ring_release(r, ring_at(r));
    }
    assert_true(newest > 3 * SMALL_LO.blocks);
    munmap(map, (size_t)SMALL_LO.block_kib * 1024 * SMALL_LO.blocks);
    ring_unmap(r);
}

/* Readers read some, tell some of it, give back some of that, and die: what was told is all, once. */
static void nothing_is_lost_or_doubled(void **state)
{
    enum { LIVES = 60, BYTES = 500 };
    uint32_t sent = 0, told = 0;
    uint64_t first = 0;
    unsigned chance = 12345;
    (void)state;
    need_namespace();
    auto_fd int fd = make_ring(&EIGHT_LO);

    for (unsigned life = 0; life < LIVES; life++) {
        struct ring *r = take_over(fd, &EIGHT_LO, first);
        uint32_t next = told;
        for (unsigned step = 0; step < 4; step++) {
            chance = chance * 1103515245 + 12345;
            unsigned word = chance >> 16;
            send_datagrams(sent, word % 50, BYTES);
            sent += word % 50;
            for (unsigned i = 0; i < word / 50 % 3; i++)
                (void)read_block(r, 2 * BLOCK_MS, &next, BYTES);
            if (word & 0x400 || ring_held(r) > 3) {
                told = next;
                first = ring_at(r);
            }
            if (word & 0x800 || ring_held(r) > 3)
                ring_release(r, first ? first - (word >> 12 & 1) : 0);
        }
        ring_unmap(r);
    }
    struct ring *r = take_over(fd, &EIGHT_LO, first);
    while (read_block(r, QUIET_MS, &told, BYTES))
        ring_release(r, ring_at(r));
    struct ring_stats stats = { 0 };
    assert_int_equal(ring_stats(fd, &stats), 0);
    assert_int_equal(stats.drops, 0);
    assert_int_equal(told, sent);
    assert_true(sent > 1000);
    ring_unmap(r);
}

static void a_full_ring_is_taken_over(void **state)
{
    enum { SENT = 600, BYTES = 1000 };
    struct ring_stats stats = { 0 };
    uint32_t next = 0;
    (void)state;
    need_namespace();
    auto_fd int fd = make_ring(&SMALL_LO);

    /* In the second round the oldest block is not the first of the map. */
    for (unsigned round = 0; round < 2; round++) {
        uint32_t begun = next = round * SENT;
        send_datagrams(begun, SENT, BYTES);
        struct ring *r = take_over(fd, &SMALL_LO, 0);
        uint64_t first = ring_at(r);
        for (unsigned i = 0; i < SMALL_LO.blocks; i++)
            assert_true(read_block(r, WAIT_MS, &next, BYTES));
        assert_int_equal(ring_held(r), SMALL_LO.blocks);
        assert_in_range(next - begun, 100, 256);
        ring_unmap(r); /* it told of nothing */

        next = begun;
        r = take_over(fd, &SMALL_LO, first);
        assert_int_equal(ring_at(r), first);
        assert_true(read_block(r, WAIT_MS, &next, BYTES));
        assert_true(read_block(r, WAIT_MS, &next, BYTES));
        first = ring_at(r);
        ring_unmap(r); /* it told of these, and gave back none */

        r = take_over(fd, &SMALL_LO, first);
        assert_int_equal(ring_at(r), first);
        assert_true(read_block(r, WAIT_MS, &next, BYTES));
        assert_true(read_block(r, WAIT_MS, &next, BYTES));
        ring_release(r, ring_at(r));
        assert_int_equal(ring_stats(fd, &stats), 0);
        assert_int_equal(stats.packets + stats.drops, (round + 1) * SENT + round * 60);
        uint32_t more = next = 100000;
        send_datagrams(more, 60, BYTES);
        while (next < more + 60)
            assert_true(read_block(r, WAIT_MS, &next, BYTES));
        ring_release(r, ring_at(r));
        ring_unmap(r);
    }
}

static void empty_rings_and_strange_numbers(void **state)
{
    static const uint64_t firsts[] = { 0, 1, 2, 1000000 };
    (void)state;
    need_namespace();
    auto_fd int fd = make_ring(&SMALL_LO);
    for (uint32_t i = 0; i < 4; i++) {
        struct ring *r = take_over(fd, &SMALL_LO, firsts[i]);
        uint32_t next = i;
        assert_int_equal(ring_at(r), i + 1);
        assert_int_equal(ring_given_up(r), 0);
        send_datagrams(i, 1, 10);
        assert_true(read_block(r, WAIT_MS, &next, 10));
        ring_release(r, 0);
        assert_int_equal(ring_held(r), 1);
        ring_release(r, UINT64_MAX);
        assert_int_equal(ring_held(r), 0);
        ring_unmap(r);
    }
}

static void what_kills_readers_can_be_given_up(void **state)
{
    (void)state;
    need_namespace();
    auto_fd int fd = make_ring(&SMALL_LO);
    send_datagrams(0, 100, 1000);
    poll(NULL, 0, 3 * BLOCK_MS);
    struct ring *r = take_over(fd, &SMALL_LO, RING_GIVE_UP);
    assert_int_equal(ring_given_up(r), 100);
    uint32_t next = 100;
    send_datagrams(100, 1, 1000);
    assert_true(read_block(r, WAIT_MS, &next, 1000));
    ring_unmap(r);
}

/* A hostile reader's ring kills no other reader but by an error. */
static void scribbles_are_refused(void **state)
{
    enum { WRONG_NUMBER, WRONG_FIRST, TOO_MANY, FAR_NEXT, ODD_NEXT, LONG_FRAME, FAR_FRAME, NEAR_FRAME, CASES };
    (void)state;
    need_namespace();
    for (int c = 0; c < CASES; c++) {
        struct frame frames[READER_BATCH];
        auto_fd int fd = make_ring(&SMALL_LO);
        uint8_t *map = scribble_on(fd, &SMALL_LO);
        struct ring *r = NULL;
        send_datagrams(0, 60, 1000); /* the first block is full */
        poll(NULL, 0, 3 * BLOCK_MS);
        struct tpacket_hdr_v1 *head = head_of(map, &SMALL_LO, 0);
        struct tpacket3_hdr *frame = (void *)(map + head->offset_to_first_pkt);
        if (c == WRONG_NUMBER)
            head->seq_num = 9;
        else if (c == WRONG_FIRST)
            head->offset_to_first_pkt = 64 * 1024 + 1;
        else if (c == TOO_MANY)
            head->num_pkts = UINT32_MAX;
        else if (c == FAR_NEXT)
            frame->tp_next_offset = 64 * 1024;
        else if (c == ODD_NEXT)
            frame->tp_next_offset++;
        else if (c == LONG_FRAME)
            frame->tp_snaplen = 64 * 1024;
        else if (c == FAR_FRAME)
            frame->tp_mac = 64 * 1024 - 1;
        else
            frame->tp_mac = 0;
        int e = ring_map(&r, dup(fd), &SMALL_LO, 0);
        for (int i = 0; !e && i < 10000; i++) {
            e = ring_next(r, frames);
            e = e > 0 ? 0 : e;
        }
        assert_int_equal(e, -EBADMSG);
        munmap(map, (size_t)SMALL_LO.block_kib * 1024 * SMALL_LO.blocks);
        ring_unmap(r);
    }
}

static void a_successor_hears_that_the_interface_is_down(void **state)
{
    struct ring_options o = { .interface = "ring3", .block_ms = BLOCK_MS, .block_kib = 64, .blocks = 2 };
    struct frame frames[READER_BATCH];
    (void)state;
    need_namespace();

    int tun = make_tun(o.interface, ARPHRD_NONE);
    auto_fd int fd = make_ring(&o);
    for (int life = 0; life < 2; life++) {
        struct ring *r = take_over(fd, &o, 0);
        assert_int_equal(ring_next(r, frames), -ENETDOWN);
        assert_int_equal(ring_next(r, frames), 0);
        ring_unmap(r);
    }
    set_up(o.interface, true);
    struct ring *r = take_over(fd, &o, 0);
    assert_int_equal(ring_next(r, frames), 0);
    ring_unmap(r);
    assert_int_equal(ring_check(fd), 0);
    close(tun);
    assert_int_equal(ring_check(fd), -ENODEV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_datagrams_exactly),
        cmocka_unit_test(gives_a_block_up_in_time),
        cmocka_unit_test(keeps_blocks_until_release),
        cmocka_unit_test(release_spares_the_current_block),
        cmocka_unit_test(puts_vlan_tags_back),
        cmocka_unit_test(knows_hardware_types),
        cmocka_unit_test(leaves_out_outgoing_where_asked),
        cmocka_unit_test(tells_when_the_interface_is_down_or_gone),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(kernel_numbers_blocks_in_turn),
        cmocka_unit_test(nothing_is_lost_or_doubled),
        cmocka_unit_test(a_full_ring_is_taken_over),
        cmocka_unit_test(empty_rings_and_strange_numbers),
        cmocka_unit_test(what_kills_readers_can_be_given_up),
        cmocka_unit_test(scribbles_are_refused),
        cmocka_unit_test(a_successor_hears_that_the_interface_is_down),
    };
    return cmocka_run_group_tests_name("packet/ring", tests, make_namespace, NULL);
}
