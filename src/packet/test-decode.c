#include "packet/decode.h"

#include "packet/kinds.h"
#include "packet/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * Frames are put together by hand, piece by piece, and each is handed over in a block of its own size, so
 * that ASan sees a read past its end.
 */

enum { ETHERNET = 1, RAW = 101, NULL_LINK = 0, LOOP = 108, SLL = 113, SLL2 = 276 };
enum { THEM = 0xc6336407 /* 198.51.100.7 */, US = 0xc0000205 /* 192.0.2.5 */,
       PRIVATE = 0xc6120009, OTHER = 0xcb007101 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { NOW = 1700000000 };

struct bytes {
    uint8_t v[600];
    size_t n;
};

static void put(struct bytes *b, const void *data, size_t n)
{
    assert_true(n <= sizeof b->v - b->n);
    memcpy(b->v + b->n, data, n);
    b->n += n;
}

static void put8(struct bytes *b, unsigned v)
{
    put(b, &(uint8_t){ (uint8_t)v }, 1);
}

static void put16(struct bytes *b, unsigned v)
{
    put8(b, v >> 8);
    put8(b, v & 255);
}

static void put32(struct bytes *b, uint32_t v)
{
    put16(b, v >> 16);
    put16(b, v & 65535);
}

static void zeros(struct bytes *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put8(b, 0);
}

/* ---- pieces ---- */

struct ip {
    uint32_t source, destination;
    uint8_t protocol;
    uint16_t id, fragment, length; /* length 0: as it is */
    uint8_t options;               /* bytes */
};

static struct bytes ipv4(struct ip ip, struct bytes payload)
{
    struct bytes b = { 0 };
    put8(&b, 0x40 | (20u + ip.options) / 4);
    put8(&b, 0);
    put16(&b, ip.length ? ip.length : (unsigned)(20 + ip.options + payload.n));
    put16(&b, ip.id);
    put16(&b, ip.fragment);
    put8(&b, 64);
    put8(&b, ip.protocol);
    put16(&b, 0);
    put32(&b, ip.source);
    put32(&b, ip.destination);
    for (unsigned i = 0; i < ip.options; i++)
        put8(&b, 1);
    put(&b, payload.v, payload.n);
    return b;
}

static void v6_address(uint8_t to[16], uint32_t v)
{
    memset(to, 0, 16);
    memcpy(to, "\x20\x01\x0d\xb8", 4);
    for (int i = 0; i < 4; i++)
        to[12 + i] = (uint8_t)(v >> (24 - 8 * i));
}

static struct bytes ipv6(uint32_t source, uint32_t destination, unsigned next, struct bytes payload)
{
    struct bytes b = { 0 };
    uint8_t address[16];
    put32(&b, 0x60000000);
    put16(&b, (unsigned)payload.n);
    put8(&b, next);
    put8(&b, 64);
    v6_address(address, source);
    put(&b, address, 16);
    v6_address(address, destination);
    put(&b, address, 16);
    put(&b, payload.v, payload.n);
    return b;
}

static struct bytes tcp(unsigned source, unsigned destination, uint32_t seq, unsigned flags, unsigned window)
{
    struct bytes b = { 0 };
    put16(&b, source);
    put16(&b, destination);
    put32(&b, seq);
    put32(&b, 0);
    put8(&b, 0x50);
    put8(&b, flags);
    put16(&b, window);
    put32(&b, 0);
    return b;
}

static struct bytes udp(unsigned source, unsigned destination, const char *payload, size_t n)
{
    struct bytes b = { 0 };
    put16(&b, source);
    put16(&b, destination);
    put16(&b, (unsigned)(8 + n));
    put16(&b, 0);
    put(&b, payload, n);
    return b;
}

static struct bytes icmp(unsigned type, unsigned code, unsigned id, struct bytes quoted)
{
    struct bytes b = { 0 };
    put8(&b, type);
    put8(&b, code);
    put16(&b, 0);
    put16(&b, id);
    put16(&b, 0);
    put(&b, quoted.v, quoted.n);
    return b;
}

static const struct bytes nothing;

static struct bytes cut(struct bytes b, size_t n)
{
    b.n = n < b.n ? n : b.n;
    return b;
}

static struct bytes behind(struct bytes head, struct bytes rest)
{
    put(&head, rest.v, rest.n);
    return head;
}

static struct bytes ethernet(unsigned type, struct bytes rest)
{
    struct bytes b = { 0 };
    put(&b, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
    put16(&b, type);
    return behind(b, rest);
}

static struct bytes tag(unsigned type, struct bytes rest)
{
    struct bytes b = { 0 };
    put16(&b, 100);
    put16(&b, type);
    return behind(b, rest);
}

static struct bytes plain_syn(void)
{
    return ipv4((struct ip){ .source = THEM, .destination = US, .protocol = 6 },
                tcp(40000, 23, 7, SYN, 1024));
}

static struct packet decoded_at(const struct decoder *d, uint32_t link, struct bytes b, int64_t sec)
{
    struct packet p;
    uint8_t *exact = malloc(b.n ? b.n : 1);
    assert_non_null(exact);
    memset(&p, 0xee, sizeof p);
    memcpy(exact, b.v, b.n);
    struct frame f = { .data = exact, .caplen = (uint32_t)b.n, .len = (uint32_t)b.n, .sec = sec,
                       .link = link };
    decode(d, &f, &p);
    struct packet general;
    memset(&general, 0xee, sizeof general);
    decode_general(d, &f, &general); /* the short cut must not be told from it */
    assert_memory_equal(&p, &general, sizeof p);
    free(exact);
    assert_true(head_valid(p.head));
    return p;
}

static struct packet decoded(uint32_t link, struct bytes b)
{
    const struct decoder d = { 0 };
    return decoded_at(&d, link, b, NOW);
}

static void assert_head(uint32_t head, enum proto proto, unsigned port, enum kind kind)
{
    assert_string_equal(kind_name(head_kind(head)), kind_name(kind));
    assert_int_equal(head_proto(head), proto);
    assert_int_equal(head_port(head), port);
}

/* ---- links ---- */

static void test_links(void **state)
{
    (void)state;
    struct bytes syn = plain_syn(), sll = { 0 }, sll2 = { 0 }, null = { 0 };
    zeros(&sll, 14);
    put16(&sll, 0x0800);
    put16(&sll2, 0x0800);
    zeros(&sll2, 18);
    zeros(&null, 4);
    const struct {
        uint32_t link;
        struct bytes b;
    } row[] = {
        { ETHERNET, ethernet(0x0800, syn) },
        { ETHERNET, ethernet(0x8100, tag(0x0800, syn)) },
        { ETHERNET, ethernet(0x88a8, tag(0x8100, tag(0x0800, syn))) },
        { ETHERNET, ethernet(0x9100, tag(0x8100, tag(0x0800, syn))) },
        { ETHERNET, ethernet(0x8100, tag(0x8100, tag(0x8100, tag(0x8100, tag(0x0800, syn))))) },
        { SLL, behind(sll, syn) },
        { SLL2, behind(sll2, syn) },
        { NULL_LINK, behind(null, syn) },
        { LOOP, behind(null, syn) },
        { RAW, syn },
        { 12, syn },
        { 14, syn },
        { 228, syn },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct packet p = decoded(row[i].link, row[i].b);
        assert_true(decode_knows_link(row[i].link));
        assert_head(p.head, PROTO_TCP, 23, KIND_ACCESS);
        assert_int_equal(p.family, 4);
        assert_int_equal(p.v4.source, THEM);
        assert_int_equal(p.v4.destination, US);
        assert_int_equal(p.length, 40);
        /* No shorter one is read as far; nor is any read past its end. */
        for (size_t n = 0; n < row[i].b.n - 6; n++) {
            p = decoded(row[i].link, cut(row[i].b, n));
            assert_int_equal(head_kind(p.head), KIND_MALFORMED);
        }
    }
    assert_false(decode_knows_link(147));
    assert_false(decode_knows_link(UINT32_MAX));
}

static void test_link_malformed(void **state)
{
    (void)state;
    struct bytes syn = plain_syn();
    struct bytes tags5 = tag(0x8100, tag(0x8100, tag(0x8100, tag(0x8100, tag(0x0800, syn)))));
    const struct {
        uint32_t link;
        struct bytes b;
        enum malformed reason;
    } row[] = {
        { ETHERNET, nothing, MALFORMED_LINK },
        { ETHERNET, cut(ethernet(0x0800, syn), 13), MALFORMED_LINK },
        { ETHERNET, ethernet(0x8100, nothing), MALFORMED_LINK },
        { ETHERNET, cut(ethernet(0x8100, tag(0x0800, syn)), 17), MALFORMED_LINK },
        { ETHERNET, ethernet(0x0806, syn), MALFORMED_NOT_IP },
        { ETHERNET, ethernet(0x8100, tag(0x0806, syn)), MALFORMED_NOT_IP },
        { ETHERNET, ethernet(64, syn), MALFORMED_NOT_IP }, /* 802.3 */
        { ETHERNET, ethernet(0x8100, tags5), MALFORMED_NOT_IP },
        { SLL, cut(syn, 15), MALFORMED_LINK },
        { SLL2, cut(syn, 19), MALFORMED_LINK },
        { LOOP, cut(syn, 3), MALFORMED_LINK },
        { 147, syn, MALFORMED_NOT_IP },
        { RAW, nothing, MALFORMED_IP_SHORT },
        { ETHERNET, ethernet(0x0800, nothing), MALFORMED_IP_SHORT },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct packet p = decoded(row[i].link, row[i].b);
        assert_head(p.head, PROTO_OTHER, row[i].reason, KIND_MALFORMED);
        assert_int_equal(p.family, 0);
    }
}

/* ---- IPv4 ---- */

static void test_ipv4(void **state)
{
    (void)state;
    struct bytes syn = tcp(40000, 23, 7, SYN, 1024), bad_version = plain_syn(), short_header = plain_syn();
    bad_version.v[0] = 0x55;
    short_header.v[0] = 0x44;
#define TO_US(number, ...) ((struct ip){ .source = THEM, .destination = US, .protocol = (number), __VA_ARGS__ })
    const struct {
        struct bytes b;
        enum proto proto;
        unsigned port;
        enum kind kind;
    } row[] = {
        { ipv4(TO_US(6, .options = 4), syn), PROTO_TCP, 23, KIND_ACCESS },
        { ipv4(TO_US(6, .options = 40), syn), PROTO_TCP, 23, KIND_ACCESS },
        { cut(ipv4(TO_US(6, .options = 40), syn), 59), PROTO_OTHER, MALFORMED_IP_SHORT, KIND_MALFORMED },
        { ipv4(TO_US(6, .length = 19), syn), PROTO_OTHER, MALFORMED_IP_LENGTH, KIND_MALFORMED },
        { ipv4(TO_US(6, .length = 33), syn), PROTO_OTHER, MALFORMED_TCP_SHORT, KIND_MALFORMED },
        { ipv4(TO_US(6, .length = 34), syn), PROTO_TCP, 23, KIND_ACCESS },
        { ipv4(TO_US(6, .length = 1500), syn), PROTO_TCP, 23, KIND_ACCESS }, /* the capture cut it */
        { cut(plain_syn(), 19), PROTO_OTHER, MALFORMED_IP_SHORT, KIND_MALFORMED },
        { bad_version, PROTO_OTHER, MALFORMED_VERSION, KIND_MALFORMED },
        { short_header, PROTO_OTHER, MALFORMED_IP_HEADER, KIND_MALFORMED },
        { ipv4(TO_US(6, .fragment = 0x2000), syn), PROTO_TCP, 23, KIND_ACCESS }, /* the first */
        { ipv4(TO_US(6, .fragment = 0x2001), syn), PROTO_OTHER, 6, KIND_OTHER },
        { ipv4(TO_US(6, .fragment = 0x1fff), syn), PROTO_OTHER, 6, KIND_OTHER },
        { ipv4(TO_US(6, .fragment = 0x4000), syn), PROTO_TCP, 23, KIND_ACCESS }, /* do not fragment */
        { ipv4(TO_US(47, .id = 1), syn), PROTO_OTHER, 47, KIND_OTHER },
        { ipv4(TO_US(58, .id = 1), icmp(128, 0, 1, nothing)), PROTO_OTHER, 58, KIND_OTHER },
        { ipv4(TO_US(17, .id = 1), cut(syn, 7)), PROTO_OTHER, MALFORMED_UDP_SHORT, KIND_MALFORMED },
        { ipv4(TO_US(17, .id = 1), udp(5, 53413, "", 0)), PROTO_UDP, 53413, KIND_ACCESS },
        { ipv4(TO_US(17, .id = 1), udp(53, 4000, "\0\1\x80", 3)), PROTO_UDP, 53, KIND_BACKSCATTER },
        { ipv4(TO_US(1, .id = 1), cut(syn, 1)), PROTO_OTHER, MALFORMED_ICMP_SHORT, KIND_MALFORMED },
        { ipv4(TO_US(1, .id = 1), icmp(8, 0, 1, nothing)), PROTO_ICMP, 8 * 256, KIND_ACCESS },
        { ipv4(TO_US(1, .id = 1), icmp(3, 3, 0, nothing)), PROTO_ICMP, 3 * 256 + 3, KIND_BACKSCATTER },
        { ipv4(TO_US(1, .id = 1), icmp(9, 0, 0, nothing)), PROTO_ICMP, 9 * 256, KIND_OTHER },
        { ipv4(TO_US(6, .id = 1), tcp(80, 4000, 0, SYN | ACK, 1)), PROTO_TCP, 80, KIND_BACKSCATTER },
        { ipv4(TO_US(6, .id = 1), tcp(80, 4000, 0, RST | ACK, 1)), PROTO_TCP, 80, KIND_BACKSCATTER },
        { ipv4(TO_US(6, .id = 1), tcp(80, 4000, 0, ACK, 1)), PROTO_TCP, 4000, KIND_OTHER },
        { ipv4(TO_US(6, .id = 1), tcp(80, 4000, 0, SYN | FIN, 1)), PROTO_TCP, 4000, KIND_OTHER },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_head(decoded(RAW, row[i].b).head, row[i].proto, row[i].port, row[i].kind);
    for (unsigned flags = 0; flags < 256; flags++) {
        struct packet p = decoded(RAW, ipv4(TO_US(6, .id = 1), tcp(80, 4000, 0, flags, 1)));
        assert_int_equal(head_kind(p.head), tcp_kinds[flags]);
        assert_int_equal(head_port(p.head), tcp_kinds[flags] == KIND_BACKSCATTER ? 80 : 4000);
    }
}

/* A length that is not said (segmentation offload) is what was captured; padding is not part of a packet. */
static void test_length(void **state)
{
    (void)state;
    struct bytes b = plain_syn();
    b.v[2] = b.v[3] = 0;
    struct packet p = decoded(RAW, b);
    assert_head(p.head, PROTO_TCP, 23, KIND_ACCESS);
    assert_int_equal(p.length, 40);
    b = ethernet(0x0800, plain_syn());
    zeros(&b, 6);
    assert_int_equal(decoded(ETHERNET, b).length, 40);
    b = ipv4((struct ip){ .source = THEM, .destination = US, .protocol = 17, .length = 65535 },
             udp(1, 2, "", 0));
    assert_int_equal(decoded(RAW, b).length, 65535);
}

/* ---- IPv6 ---- */

static struct bytes extension(unsigned next, unsigned words, struct bytes rest)
{
    struct bytes b = { 0 };
    put8(&b, next);
    put8(&b, words);
    zeros(&b, 6 + words * 8);
    return behind(b, rest);
}

static struct bytes fragment(unsigned next, unsigned offset, struct bytes rest)
{
    struct bytes b = { 0 };
    put8(&b, next);
    put8(&b, 0);
    put16(&b, offset << 3 | 1);
    put32(&b, 5);
    return behind(b, rest);
}

static struct bytes authentication(unsigned next, struct bytes rest)
{
    struct bytes b = { 0 };
    put8(&b, next);
    put8(&b, 4); /* RFC 4302 2.2: in words of four bytes, less two */
    zeros(&b, 22);
    return behind(b, rest);
}

static void test_ipv6(void **state)
{
    (void)state;
    struct bytes syn = tcp(40000, 23, 7, SYN, 1024), many = syn, fits = syn, lies = extension(6, 0, syn);
    for (int i = 0; i < 15; i++)
        fits = extension(i ? 60 : 6, 0, fits);
    for (int i = 0; i < 17; i++)
        many = extension(i ? 60 : 6, 0, many);
    lies.v[1] = 5;
    const struct {
        unsigned next;
        struct bytes b;
        enum proto proto;
        unsigned port;
        enum kind kind;
    } row[] = {
        { 6, syn, PROTO_TCP, 23, KIND_ACCESS },
        { 0, extension(6, 0, syn), PROTO_TCP, 23, KIND_ACCESS },
        { 0, extension(43, 1, extension(60, 2, extension(6, 0, syn))), PROTO_TCP, 23, KIND_ACCESS },
        { 135, extension(6, 0, syn), PROTO_TCP, 23, KIND_ACCESS },
        { 51, authentication(6, syn), PROTO_TCP, 23, KIND_ACCESS },
        { 44, fragment(6, 0, syn), PROTO_TCP, 23, KIND_ACCESS },
        { 44, fragment(6, 1, syn), PROTO_OTHER, 6, KIND_OTHER },
        { 44, fragment(60, 9, syn), PROTO_OTHER, 60, KIND_OTHER }, /* a later one: no header follows */
        { 60, fits, PROTO_TCP, 23, KIND_ACCESS },
        { 60, many, PROTO_OTHER, MALFORMED_EXTENSION, KIND_MALFORMED },
        { 0, lies, PROTO_OTHER, MALFORMED_EXTENSION, KIND_MALFORMED },
        { 0, nothing, PROTO_OTHER, MALFORMED_EXTENSION, KIND_MALFORMED },
        { 0, cut(extension(6, 0, nothing), 7), PROTO_OTHER, MALFORMED_EXTENSION, KIND_MALFORMED },
        { 44, cut(fragment(6, 0, syn), 7), PROTO_OTHER, MALFORMED_EXTENSION, KIND_MALFORMED },
        { 51, cut(authentication(6, syn), 23), PROTO_OTHER, MALFORMED_EXTENSION, KIND_MALFORMED },
        { 50, syn, PROTO_OTHER, 50, KIND_OTHER },
        { 59, nothing, PROTO_OTHER, 59, KIND_OTHER },
        { 17, udp(1, 53413, "", 0), PROTO_UDP, 53413, KIND_ACCESS },
        { 58, icmp(128, 0, 1, nothing), PROTO_ICMP6, 128 * 256, KIND_ACCESS },
        { 58, icmp(1, 4, 0, nothing), PROTO_ICMP6, 256 + 4, KIND_BACKSCATTER },
        { 58, icmp(135, 0, 0, nothing), PROTO_ICMP6, 135 * 256, KIND_OTHER },
        { 1, icmp(8, 0, 0, nothing), PROTO_OTHER, 1, KIND_OTHER },
        { 6, cut(syn, 13), PROTO_OTHER, MALFORMED_TCP_SHORT, KIND_MALFORMED },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct bytes b = ethernet(0x86dd, ipv6(THEM, US, row[i].next, row[i].b));
        struct packet p = decoded(ETHERNET, b);
        uint8_t source[16], destination[16];
        v6_address(source, THEM);
        v6_address(destination, US);
        assert_head(p.head, row[i].proto, row[i].port, row[i].kind);
        assert_int_equal(p.family, 6);
        assert_memory_equal(p.v6.source, source, 16);
        assert_memory_equal(p.v6.destination, destination, 16);
        assert_int_equal(p.length, 40 + row[i].b.n);
        for (size_t n = 14; n < b.n; n++) /* no cut is read past its end */
            decoded(ETHERNET, cut(b, n));
        assert_head(decoded(ETHERNET, cut(b, 53)).head, PROTO_OTHER, MALFORMED_IP_SHORT, KIND_MALFORMED);
    }
}

/* ---- marks ---- */

static void test_marks(void **state)
{
    (void)state;
    const struct nat_pair pair = { PRIVATE, US };
    const struct nat nat = { &pair, 1 };
    enum { SEQ = 0x12345678, PORT = 23 };
    const uint16_t masscan = (uint16_t)(US ^ PORT ^ SEQ), both = (uint16_t)(US ^ PORT ^ US);
    const struct {
        uint32_t destination, seq;
        unsigned id, window, flags;
        size_t tcp_bytes;
        unsigned tools;
    } row[] = {
        { US, US, 1, 1024, SYN, 20, MARK_MIRAI },
        { US, US, 1, 1024, SYN | PSH, 20, MARK_MIRAI },
        { US, US + 1, 1, 1024, SYN, 20, 0 },
        { US, US, 1, 1024, SYN | ACK, 20, 0 },
        { US, US, 1, 1024, ACK, 20, 0 },
        { US, SEQ, 54321, 65535, SYN, 20, MARK_ZMAP },
        { US, SEQ, 54321, 65534, SYN, 20, 0 },
        { US, SEQ, 54320, 65535, SYN, 20, 0 },
        { US, SEQ, 54321, 65535, SYN, 15, 0 }, /* the window was not captured */
        { US, SEQ, 54321, 65535, SYN, 16, MARK_ZMAP },
        { US, SEQ, masscan, 1024, SYN, 20, MARK_MASSCAN },
        { US, SEQ, masscan ^ 1u, 1024, SYN, 20, 0 },
        { US, US, both, 1024, SYN, 14, MARK_MIRAI | MARK_MASSCAN },
        { PRIVATE, US, 1, 1024, SYN, 20, MARK_MIRAI }, /* as the visitor saw it */
        { PRIVATE, SEQ, masscan, 1024, SYN, 20, MARK_MASSCAN },
        { PRIVATE, PRIVATE, 1, 1024, SYN, 20, 0 },
        { OTHER, OTHER, 1, 1024, SYN, 20, MARK_MIRAI },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const struct decoder d = { .nat = &nat };
        struct bytes b = ipv4((struct ip){ .source = THEM, .destination = row[i].destination,
                                           .protocol = 6, .id = (uint16_t)row[i].id },
                              cut(tcp(40000, PORT, row[i].seq, row[i].flags, row[i].window),
                                  row[i].tcp_bytes));
        struct packet p = decoded_at(&d, RAW, b, NOW);
        assert_int_equal(head_tools(p.head), row[i].tools);
        assert_int_equal(head_label(p.head), 0);
        assert_int_equal(p.v4.destination, row[i].destination); /* counted where it came in */
    }
    struct packet p = decoded(RAW, ipv6(THEM, US, 6, tcp(1, 23, US, SYN, 65535)));
    assert_int_equal(head_tools(p.head), 0);
}

/* ---- our own flows ---- */

struct sensor {
    struct decoder d;
    struct own_addresses *own;
};

static const uint16_t answering[] = { 53413 };

static struct sensor make_sensor(void)
{
    struct sensor s = { 0 };
    struct prefix_list list = { 0 };
    const char *bad;
    assert_int_equal(prefix_list_parse("192.0.2.0/24 2001:db8::c000:200/120", &list, &bad), 0);
    assert_int_equal(own_addresses_make(&s.own, &list), 0);
    prefix_list_release(&list);
    s.d.own = s.own;
    s.d.udp_answering = answering;
    s.d.udp_answering_n = 1;
    assert_int_equal(own_flows_make(&s.d.own_flows, 7), 0);
    return s;
}

static void free_sensor(struct sensor *s)
{
    own_flows_free(s->d.own_flows);
    own_addresses_free(s->own);
}

static struct bytes packet4(bool to_us, unsigned protocol, struct bytes payload)
{
    return ipv4((struct ip){ .source = to_us ? THEM : US, .destination = to_us ? US : THEM,
                             .protocol = (uint8_t)protocol }, payload);
}

static struct bytes packet6(bool to_us, unsigned next, struct bytes payload)
{
    return ipv6(to_us ? THEM : US, to_us ? US : THEM, next, payload);
}

static void test_direction(void **state)
{
    (void)state;
    struct sensor s = make_sensor();
    struct bytes syn = tcp(1, 23, 7, SYN, 1);
    const struct {
        uint32_t source, destination;
        enum kind kind;
    } row[] = { { THEM, US, KIND_ACCESS },
                { US, THEM, KIND_OURS },
                { US, US + 1, KIND_OURS },
                { THEM, OTHER, KIND_FOREIGN } };
    for (size_t i = 0; i < 4; i++) {
        struct ip ip = { .source = row[i].source, .destination = row[i].destination, .protocol = 6 };
        struct packet p = decoded_at(&s.d, RAW, ipv4(ip, syn), NOW);
        assert_int_equal(head_kind(p.head), row[i].kind);
        p = decoded_at(&s.d, RAW, ipv6(row[i].source, row[i].destination, 6, syn), NOW);
        assert_int_equal(head_kind(p.head), row[i].kind);
        if (row[i].kind != KIND_ACCESS)
            assert_int_equal(p.head, head_make(PROTO_OTHER, 0, row[i].kind, 0, 0));
    }
    free_sensor(&s);
}

/* What goes out, what comes back, and what it is then; asked before, while and after the flow is open. */
static void test_solicited(void **state)
{
    (void)state;
    struct bytes dns = udp(53, 4000, "\0\1\x80\0", 4), pong = icmp(0, 0, 77, nothing),
                 pong6 = icmp(129, 0, 77, nothing), syn = tcp(4000, 80, 9, SYN, 1);
    struct bytes query = udp(4000, 53, "\0\1\1\0", 4), syn_ack = tcp(80, 4000, 0, SYN | ACK, 1);
    const struct {
        struct bytes out, in;
        enum kind before, meanwhile;
        unsigned port;
    } row[] = {
        { packet4(false, 6, syn), packet4(true, 6, syn_ack), KIND_BACKSCATTER, KIND_SOLICITED, 80 },
        { packet4(false, 6, syn), packet4(true, 6, tcp(80, 4000, 0, ACK, 1)), KIND_OTHER,
          KIND_SOLICITED, 80 },
        { packet4(false, 6, syn), packet4(true, 6, tcp(80, 4000, 0, RST, 1)), KIND_BACKSCATTER,
          KIND_SOLICITED, 80 },
        { packet4(false, 6, syn), packet4(true, 6, tcp(80, 4001, 0, RST, 1)), KIND_BACKSCATTER,
          KIND_BACKSCATTER, 80 },
        { packet4(false, 6, syn), packet4(true, 6, tcp(81, 4000, 0, RST, 1)), KIND_BACKSCATTER,
          KIND_BACKSCATTER, 81 },
        { packet4(false, 6, syn), packet4(true, 6, tcp(80, 4000, 0, SYN, 1)), KIND_ACCESS,
          KIND_ACCESS, 4000 },
        /* an answer of ours opens nothing */
        { packet4(false, 6, tcp(4000, 80, 9, SYN | ACK, 1)), packet4(true, 6, tcp(80, 4000, 0, RST, 1)),
          KIND_BACKSCATTER, KIND_BACKSCATTER, 80 },
        { packet4(false, 6, tcp(4000, 80, 9, ACK, 1)), packet4(true, 6, tcp(80, 4000, 0, ACK, 1)),
          KIND_OTHER, KIND_OTHER, 4000 },
        { packet4(false, 17, query), packet4(true, 17, dns), KIND_BACKSCATTER, KIND_SOLICITED, 53 },
        { packet4(false, 17, udp(4000, 9999, "", 0)), packet4(true, 17, udp(9999, 4000, "x", 1)),
          KIND_ACCESS, KIND_SOLICITED, 9999 },
        /* what the trap answers is no flow of ours */
        { packet4(false, 17, udp(53413, 4000, "", 0)), packet4(true, 17, udp(4000, 53413, "x", 1)),
          KIND_ACCESS, KIND_ACCESS, 53413 },
        { packet4(false, 1, icmp(8, 0, 77, nothing)), packet4(true, 1, pong), KIND_BACKSCATTER,
          KIND_SOLICITED, 0 },
        { packet4(false, 1, icmp(8, 0, 78, nothing)), packet4(true, 1, pong), KIND_BACKSCATTER,
          KIND_BACKSCATTER, 0 },
        { packet6(false, 58, icmp(128, 0, 77, nothing)), packet6(true, 58, pong6), KIND_BACKSCATTER,
          KIND_SOLICITED, 129 * 256 },
        { packet6(false, 6, syn), packet6(true, 6, syn_ack), KIND_BACKSCATTER, KIND_SOLICITED, 80 },
        { packet6(false, 17, query), packet4(true, 17, dns), KIND_BACKSCATTER, KIND_BACKSCATTER, 53 },
        /* errors quote what we sent */
        { packet4(false, 17, query), packet4(true, 1, icmp(3, 3, 0, cut(packet4(false, 17, query), 28))),
          KIND_BACKSCATTER, KIND_SOLICITED, 3 * 256 + 3 },
        { packet4(false, 6, syn), packet4(true, 1, icmp(11, 0, 0, packet4(false, 6, syn))), KIND_BACKSCATTER,
          KIND_SOLICITED, 11 * 256 },
        { packet4(false, 6, syn), packet4(true, 1, icmp(3, 1, 0,
                                                          packet4(false, 6, tcp(4001, 80, 9, SYN, 1)))),
          KIND_BACKSCATTER, KIND_BACKSCATTER, 3 * 256 + 1 },
        { packet4(false, 6, syn), packet4(true, 1, icmp(3, 1, 0, packet4(true, 6, syn))), KIND_BACKSCATTER,
          KIND_BACKSCATTER, 3 * 256 + 1 },
        { packet4(false, 6, syn), packet4(true, 1, icmp(3, 1, 0, cut(packet4(false, 6, syn), 27))),
          KIND_BACKSCATTER, KIND_BACKSCATTER, 3 * 256 + 1 },
        { packet4(false, 1, icmp(8, 0, 5, nothing)),
          packet4(true, 1, icmp(3, 1, 0, packet4(false, 1, icmp(8, 0, 5, nothing)))), KIND_BACKSCATTER,
          KIND_SOLICITED, 3 * 256 + 1 },
        { packet6(false, 6, syn), packet6(true, 58, icmp(1, 4, 0, packet6(false, 6, syn))), KIND_BACKSCATTER,
          KIND_SOLICITED, 256 + 4 },
        { packet6(false, 17, query), packet6(true, 58, icmp(2, 0, 0, cut(packet6(false, 17, query), 47))),
          KIND_BACKSCATTER, KIND_BACKSCATTER, 2 * 256 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct sensor s = make_sensor();
        struct packet p = decoded_at(&s.d, RAW, row[i].in, NOW);
        assert_int_equal(head_kind(p.head), row[i].before);
        p = decoded_at(&s.d, RAW, row[i].out, NOW);
        assert_head(p.head, PROTO_OTHER, 0, KIND_OURS);
        p = decoded_at(&s.d, RAW, row[i].in, NOW + OWN_FLOW_SECONDS);
        assert_int_equal(head_kind(p.head), row[i].meanwhile);
        assert_int_equal(head_port(p.head), row[i].port);
        p = decoded_at(&s.d, RAW, row[i].in, NOW + 2 * OWN_FLOW_SECONDS + 1);
        assert_int_equal(head_kind(p.head), row[i].before);
        /* Cut anywhere, nothing is read past the end. */
        for (size_t n = 0; n < row[i].in.n; n++)
            decoded_at(&s.d, RAW, cut(row[i].in, n), NOW);
        for (size_t n = 0; n < row[i].out.n; n++)
            decoded_at(&s.d, RAW, cut(row[i].out, n), NOW);
        free_sensor(&s);
    }
}

static int fill(void **state)
{
    (void)state;
    kinds_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links),  cmocka_unit_test(test_link_malformed),
        cmocka_unit_test(test_ipv4),   cmocka_unit_test(test_length),
        cmocka_unit_test(test_ipv6),   cmocka_unit_test(test_marks),
        cmocka_unit_test(test_direction), cmocka_unit_test(test_solicited),
    };
    return cmocka_run_group_tests_name("packet/decode", tests, fill, NULL);
}
