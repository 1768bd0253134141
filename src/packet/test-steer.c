#include "packet/steer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h wants the three above */
#include <cmocka.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>

/* The program is run by a small interpreter here, and by the kernel in test-ring-group.c. */

static const struct prefix_list NOTHING = { 0 };

struct frame_in {
    const uint8_t *data; /* from the network header on for what comes in, from the link header for what goes out */
    size_t n;
    uint32_t type; /* PACKET_HOST... */
    uint32_t protocol;
};

static uint32_t bytes_at(const struct frame_in *f, uint64_t at, size_t n, bool *short_)
{
    uint32_t v = 0;
    if (at + n > f->n) {
        *short_ = true;
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        v = v << 8 | f->data[at + i];
    return v;
}

static uint32_t load(const struct frame_in *f, const struct sock_filter *op, uint32_t x, bool *short_)
{
    size_t n = BPF_SIZE(op->code) == BPF_W ? 4 : BPF_SIZE(op->code) == BPF_H ? 2 : 1;
    if (op->k == (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE))
        return f->type;
    if (op->k == (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL))
        return f->protocol;
    return bytes_at(f, BPF_MODE(op->code) == BPF_IND ? (uint64_t)x + op->k : op->k, n, short_);
}

static uint32_t calculate(unsigned how, uint32_t a, uint32_t b)
{
    switch (how) {
    case BPF_ADD:
        return a + b;
    case BPF_MUL:
        return a * b;
    case BPF_AND:
        return a & b;
    case BPF_XOR:
        return a ^ b;
    case BPF_LSH:
        return a << b;
    case BPF_RSH:
        return a >> b;
    }
    fail_msg("operation %x", how);
    return 0;
}

static bool holds(unsigned how, uint32_t a, uint32_t k)
{
    switch (how) {
    case BPF_JEQ:
        return a == k;
    case BPF_JGT:
        return a > k;
    case BPF_JGE:
        return a >= k;
    }
    fail_msg("comparison %x", how);
    return false;
}

static uint32_t run(const struct steering *s, const struct frame_in *f)
{
    uint32_t a = 0, x = 0, memory[BPF_MEMWORDS] = { 0 };
    bool short_ = false;
    for (size_t pc = 0; pc < s->n; pc++) {
        const struct sock_filter *op = &s->op[pc];
        uint32_t operand = BPF_SRC(op->code) == BPF_X ? x : op->k;
        switch (BPF_CLASS(op->code)) {
        case BPF_LD:
            a = BPF_MODE(op->code) == BPF_IMM   ? op->k
                : BPF_MODE(op->code) == BPF_MEM ? memory[op->k]
                                                : load(f, op, x, &short_);
            break;
        case BPF_LDX:
            x = BPF_MODE(op->code) == BPF_IMM ? op->k : memory[op->k];
            break;
        case BPF_ST:
            memory[op->k] = a;
            break;
        case BPF_STX:
            memory[op->k] = x;
            break;
        case BPF_ALU:
            a = calculate(BPF_OP(op->code), a, operand);
            break;
        case BPF_JMP:
            pc += BPF_OP(op->code) == BPF_JA ? op->k : holds(BPF_OP(op->code), a, operand) ? op->jt : op->jf;
            break;
        case BPF_RET:
            return BPF_RVAL(op->code) == BPF_A ? a : op->k;
        case BPF_MISC:
            if (BPF_MISCOP(op->code) == BPF_TAX)
                x = a;
            else
                a = x;
            break;
        }
        if (short_)
            return 0; /* as the kernel does */
    }
    fail_msg("past the end");
    return 0;
}

/* ---- frames ---- */

struct made {
    uint8_t data[256];
    size_t n;
};

static void add(struct made *m, const void *p, size_t n)
{
    assert_true(m->n + n <= sizeof m->data);
    memcpy(m->data + m->n, p, n);
    m->n += n;
}

static struct addr address(const char *text)
{
    struct addr a;
    assert_int_equal(addr_parse(text, &a), 0);
    return a;
}

static void add_ip(struct made *m, const char *from, const char *to, uint8_t protocol)
{
    struct addr source = address(from), destination = address(to);
    uint8_t v4[12] = { 0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol };
    uint8_t v6[8] = { 0x60, 0, 0, 0, 0, 20, protocol, 64 };
    size_t n = source.family == 4 ? 4 : 16;
    if (source.family == 4)
        add(m, v4, sizeof v4);
    else
        add(m, v6, sizeof v6);
    add(m, source.bytes, n);
    add(m, destination.bytes, n);
}

static const uint8_t PORTS[20] = { 0x10, 0, 0, 23 };

/* `out`: as it leaves this host, with an Ethernet header. */
static uint32_t number_tagged(const struct steering *s, const char *from, const char *to, unsigned tags,
                              bool out)
{
    struct made m = { 0 };
    bool v6 = address(from).family == 6;
    uint16_t types[] = { ETH_P_8021AD, ETH_P_8021Q, 0x9100, ETH_P_8021Q };
    uint16_t first = 0;
    if (out)
        add(&m, "abcdefghijkl", 12);
    for (unsigned i = 0; i <= tags; i++) {
        uint16_t type = i == tags ? (v6 ? ETH_P_IPV6 : ETH_P_IP) : types[i];
        uint8_t text[4] = { (uint8_t)(type >> 8), (uint8_t)type, 0, 7 };
        first = i == 0 ? type : first;
        /* What comes in has lost the first type: the kernel keeps it as the protocol. */
        if (i == 0 && !out)
            add(&m, text + 2, tags > 0 ? 2 : 0);
        else
            add(&m, text, i == tags ? 2 : 4);
    }
    add_ip(&m, from, to, 6);
    add(&m, PORTS, sizeof PORTS);
    struct frame_in f = { m.data, m.n, out ? PACKET_OUTGOING : PACKET_HOST, out ? ETH_P_ALL : first };
    return run(s, &f);
}

static uint32_t number(const struct steering *s, const char *from, const char *to)
{
    return number_tagged(s, from, to, 0, false);
}

/* ---- tests ---- */

static void source_decides(void **state)
{
    struct steering s;
    (void)state;
    steer_build(&s, 1, &NOTHING, 0x123456789abcdef);
    uint32_t one = number(&s, "192.0.2.1", "203.0.113.1");
    assert_true(one > 0);
    assert_int_equal(number(&s, "192.0.2.1", "203.0.113.200"), one);
    assert_int_not_equal(number(&s, "192.0.2.2", "203.0.113.1"), one);
    uint32_t six = number(&s, "2001:db8:5::1", "2001:db8:77::1");
    assert_int_equal(number(&s, "2001:db8:5::ffff:2", "2001:db8:77::9"), six);
    assert_int_not_equal(number(&s, "2001:db8:5:1::1", "2001:db8:77::1"), six);
    assert_int_not_equal(number(&s, "2001:db9:5::1", "2001:db8:77::1"), six);
}

static void tags_do_not_matter(void **state)
{
    struct steering s;
    (void)state;
    steer_build(&s, 1, &NOTHING, 99);
    for (unsigned tags = 0; tags <= 3; tags++) {
        assert_int_equal(number_tagged(&s, "192.0.2.1", "203.0.113.1", tags, false),
                         number(&s, "192.0.2.1", "203.0.113.1"));
        assert_int_equal(number_tagged(&s, "2001:db8::1", "2001:db8:77::1", tags, false),
                         number(&s, "2001:db8::1", "2001:db8:77::1"));
        assert_int_equal(number_tagged(&s, "203.0.113.1", "192.0.2.1", tags, true),
                         number(&s, "192.0.2.1", "203.0.113.1"));
        assert_int_equal(number_tagged(&s, "2001:db8:77::1", "2001:db8::1", tags, true),
                         number(&s, "2001:db8::1", "2001:db8:77::1"));
    }
    assert_int_equal(number_tagged(&s, "192.0.2.1", "203.0.113.1", 4, false), 0);
}

static struct prefix_list prefixes(const char *text)
{
    struct prefix_list list = { 0 };
    const char *bad;
    assert_int_equal(prefix_list_parse(text, &list, &bad), 0);
    return list;
}

static void what_is_ours_goes_by_its_destination(void **state)
{
    static const struct {
        const char *own, *ours, *theirs;
        bool found;
    } cases[] = {
        { "203.0.113.0/24", "203.0.113.7", "192.0.2.1", true },
        { "203.0.113.0/24", "203.0.114.7", "192.0.2.1", false },
        { "198.51.100.7,203.0.113.8", "203.0.113.8", "192.0.2.1", true },
        { "198.51.100.7,203.0.113.8", "203.0.113.9", "192.0.2.1", false },
        { "200.0.0.0/5", "203.0.113.9", "192.0.2.1", true },
        { "2001:db8:77::/48", "2001:db8:77:9::9", "2001:db8::1", true },
        { "2001:db8:77::/48", "2001:db8:78:9::9", "2001:db8::1", false },
        { "203.0.113.0/24,2001:db8:77::/120", "2001:db8:77::ff", "2001:db8::1", true },
        { "203.0.113.0/24,2001:db8:77::/120", "2001:db8:77::1ff", "2001:db8::1", false },
        { "2001:db8:77::9", "2001:db8:77::9", "2001:db8::1", true },
        { "2001:db8:77::9", "2001:db8:77::8", "2001:db8::1", false },
        { "2001:db8:77::/127", "2001:db8:77::1", "2001:db8::1", true },
        { "203.0.113.0/24", "2001:db8:77::8", "2001:db8::1", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct steering s;
        struct prefix_list own = prefixes(cases[i].own);
        steer_build(&s, 1, &own, 4711);
        uint32_t answer = number(&s, cases[i].theirs, cases[i].ours);
        if ((number(&s, cases[i].ours, cases[i].theirs) == answer) != cases[i].found)
            fail_msg("%s, from %s", cases[i].own, cases[i].ours);
        prefix_list_release(&own);
    }
}

/* The router that complains is not who we sent to. */
static void complaints_go_where_the_answers_go(void **state)
{
    static const struct {
        const char *router, *ours, *theirs;
        uint8_t protocol, type;
        unsigned options; /* words of the IPv4 header */
        bool quoted;
    } cases[] = {
        { "198.51.100.9", "203.0.113.1", "192.0.2.1", 1, 3, 0, true },
        { "198.51.100.9", "203.0.113.1", "192.0.2.1", 1, 11, 0, true },
        { "198.51.100.9", "203.0.113.1", "192.0.2.1", 1, 12, 3, true },
        { "198.51.100.9", "203.0.113.1", "192.0.2.1", 1, 0, 0, false },
        { "198.51.100.9", "203.0.113.1", "192.0.2.1", 1, 8, 2, false },
        { "198.51.100.9", "203.0.113.1", "192.0.2.1", 1, 13, 0, false },
        { "198.51.100.9", "203.0.113.1", "192.0.2.1", 17, 3, 0, false },
        { "2001:db8:9::1", "2001:db8:77::1", "2001:db8::1", 58, 1, 0, true },
        { "2001:db8:9::1", "2001:db8:77::1", "2001:db8::1", 58, 127, 0, true },
        { "2001:db8:9::1", "2001:db8:77::1", "2001:db8::1", 58, 128, 0, false },
        { "2001:db8:9::1", "2001:db8:77::1", "2001:db8::1", 17, 1, 0, false },
    };
    struct steering s;
    (void)state;
    steer_build(&s, 1, &NOTHING, 0xfeedfacecafebeef);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made m = { 0 };
        uint8_t icmp[8] = { cases[i].type };
        bool v4 = address(cases[i].ours).family == 4;
        add_ip(&m, cases[i].router, cases[i].ours, cases[i].protocol);
        m.data[0] = (uint8_t)(m.data[0] + cases[i].options);
        add(&m, PORTS, 4 * (size_t)cases[i].options);
        add(&m, icmp, sizeof icmp);
        add_ip(&m, cases[i].ours, cases[i].theirs, 6);
        add(&m, PORTS, 8);
        struct frame_in f = { m.data, m.n, PACKET_HOST, v4 ? ETH_P_IP : ETH_P_IPV6 };
        uint32_t expected = number(&s, cases[i].quoted ? cases[i].theirs : cases[i].router, cases[i].ours);
        if (run(&s, &f) != expected)
            fail_msg("case %zu", i);
    }
}

static void bare_ip_has_no_header(void **state)
{
    struct steering s, ethernet;
    (void)state;
    steer_build(&ethernet, 1, &NOTHING, 5);
    steer_build(&s, 101, &NOTHING, 5);
    for (int out = 0; out < 2; out++)
        for (int v6 = 0; v6 < 2; v6++) {
            struct made m = { 0 };
            const char *ours = v6 ? "2001:db8:77::1" : "203.0.113.1";
            const char *theirs = v6 ? "2001:db8::1" : "192.0.2.1";
            add_ip(&m, out ? ours : theirs, out ? theirs : ours, 6);
            struct frame_in f = { m.data, m.n, out ? PACKET_OUTGOING : PACKET_HOST, 0 };
            assert_int_equal(run(&s, &f), number(&ethernet, theirs, ours));
        }
}

static void others_and_short_ones_go_to_the_first(void **state)
{
    struct steering s, bare;
    struct made m = { 0 };
    (void)state;
    steer_build(&s, 1, &NOTHING, 5);
    steer_build(&bare, 101, &NOTHING, 5);
    add_ip(&m, "192.0.2.1", "203.0.113.1", 6);
    struct frame_in arp = { m.data, m.n, PACKET_HOST, ETH_P_ARP };
    assert_int_equal(run(&s, &arp), 0);
    for (size_t n = 0; n < 16; n++) {
        struct frame_in f = { m.data, n, PACKET_HOST, ETH_P_IP };
        assert_int_equal(run(&s, &f), 0);
        assert_int_equal(run(&bare, &f), 0);
    }
    m.data[0] = 0x75;
    struct frame_in seven = { m.data, m.n, PACKET_HOST, 0 };
    assert_int_equal(run(&bare, &seven), 0);
}

/* Neighbours, strides, and the same last bytes: what scanners have. */
static void load_is_even(void **state)
{
    static const uint32_t strides[] = { 1, 2, 4, 64, 256, 1 << 16, 1 << 20, 0x9e3779b1 };
    enum { SOURCES = 4096 };
    (void)state;
    for (unsigned rings = 2; rings <= 16; rings++)
        for (size_t i = 0; i < sizeof strides / sizeof *strides; i++)
            for (int v6 = 0; v6 < 2; v6++) {
                struct steering s;
                unsigned count[16] = { 0 };
                steer_build(&s, 1, &NOTHING, 0x0123456789abcdef * (rings + i));
                for (uint32_t k = 0; k < SOURCES; k++) {
                    struct made m = { 0 };
                    add_ip(&m, v6 ? "2001:db8::1" : "192.0.2.1", v6 ? "2001:db8:77::1" : "203.0.113.1", 6);
                    uint32_t word = 0x20010db8 + k * strides[i];
                    for (int b = 0; b < 4; b++)
                        m.data[(v6 ? 8 : 12) + b] = (uint8_t)(word >> (24 - 8 * b));
                    struct frame_in f = { m.data, m.n, PACKET_HOST, v6 ? ETH_P_IPV6 : ETH_P_IP };
                    count[run(&s, &f) % rings]++;
                }
                for (unsigned r = 0; r < rings; r++)
                    if (count[r] < SOURCES / rings / 2 || count[r] > SOURCES / rings * 2)
                        fail_msg("%u of %d in ring %u of %u, stride %u", count[r], SOURCES, r, rings, strides[i]);
            }
}

/* Whoever finds sources that meet one ring under one key finds them scattered under another. */
static void key_scatters(void **state)
{
    enum { RINGS = 4 };
    struct steering s;
    unsigned count[RINGS] = { 0 }, found = 0;
    char text[64];
    (void)state;
    steer_build(&s, 1, &NOTHING, 1);
    struct steering other;
    steer_build(&other, 1, &NOTHING, 0xabcdef0102030405);
    for (unsigned i = 0; i < 4096; i++) {
        snprintf(text, sizeof text, "198.18.%u.%u", i >> 8, i & 255);
        if (number(&s, text, "203.0.113.1") % RINGS == 0) {
            found++;
            count[number(&other, text, "203.0.113.1") % RINGS]++;
        }
    }
    for (unsigned r = 0; r < RINGS; r++)
        assert_in_range(count[r], found / RINGS * 3 / 4, found / RINGS * 5 / 4);
}

static void many_prefixes_fit(void **state)
{
    struct prefix_list own = { 0 };
    struct steering s;
    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        struct prefix p = { .addr = address("2001:db8:77::2"), .bits = 127 };
        p.addr.bytes[13] = (uint8_t)i;
        assert_int_equal(prefix_list_add(&own, &p), 0);
    }
    steer_build(&s, 1, &own, 8);
    assert_true(s.n < STEER_OPS);
    assert_int_equal(number(&s, "2001:db8:77::3f:3", "2001:db8::1"), number(&s, "2001:db8::1", "2001:db8:77::"));
    assert_int_not_equal(number(&s, "2001:db8:77::41:3", "2001:db8::1"),
                         number(&s, "2001:db8::1", "2001:db8:77::"));
    prefix_list_release(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_decides),
        cmocka_unit_test(tags_do_not_matter),
        cmocka_unit_test(what_is_ours_goes_by_its_destination),
        cmocka_unit_test(complaints_go_where_the_answers_go),
        cmocka_unit_test(bare_ip_has_no_header),
        cmocka_unit_test(others_and_short_ones_go_to_the_first),
        cmocka_unit_test(load_is_even),
        cmocka_unit_test(key_scatters),
        cmocka_unit_test(many_prefixes_fit),
    };
    return cmocka_run_group_tests_name("packet/steer", tests, NULL, NULL);
}
