/*
 * The filter beside each row of the table of kinds selects what the decoder gives that row's kind: so what a
 * stranger counts with it is what we count.
 */
#include "packet/decode.h"
#include "packet/kinds.h"
#include "packet/link.h"
#include "packet/rare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { ROWS = 32, FRAME = 14 + 40 + 64 };

struct row_filter {
    struct filter *filter;
    enum kind kind;
};

static struct row_filter rows[ROWS];
static size_t rows_n;

static void add_filter(const char *expression, enum kind kind)
{
    char why[160];
    assert_true(rows_n < ROWS);
    if (filter_compile(&rows[rows_n].filter, expression, LINK_ETHERNET, why, sizeof why))
        fail_msg("%s: %s", expression, why);
    rows[rows_n++].kind = kind;
}

static void free_filters(void)
{
    while (rows_n)
        filter_free(rows[--rows_n].filter);
}

/* The kind of the first row whose filter selects the frame. */
static enum kind kind_by_filters(const struct frame *f, enum kind otherwise)
{
    for (size_t i = 0; i < rows_n; i++)
        if (filter_matches(rows[i].filter, f))
            return rows[i].kind;
    return otherwise;
}

static void check(uint8_t *bytes, size_t n, enum kind otherwise)
{
    const struct decoder d = { 0 };
    struct frame f = { .data = bytes, .caplen = (uint32_t)n, .len = (uint32_t)n, .link = LINK_ETHERNET };
    struct packet p;
    decode(&d, &f, &p);
    assert_string_equal(kind_name(head_kind(p.head)), kind_name(kind_by_filters(&f, otherwise)));
}

/* An Ethernet frame with an IPv4 or IPv6 header; returns its size up to there. */
static size_t put_ip(uint8_t b[static FRAME], bool v6, uint8_t protocol, size_t payload)
{
    memset(b, 0, FRAME);
    b[12] = v6 ? 0x86 : 0x08;
    b[13] = v6 ? 0xdd : 0x00;
    uint8_t *ip = b + 14;
    if (v6) {
        ip[0] = 0x60;
        ip[5] = (uint8_t)payload;
        ip[6] = protocol;
        return 14 + 40;
    }
    ip[0] = 0x45;
    ip[3] = (uint8_t)(20 + payload);
    ip[9] = protocol;
    return 14 + 20;
}

static void test_tcp(void **state)
{
    (void)state;
    for (size_t i = 0; i < tcp_rules_n; i++)
        add_filter(tcp_rules[i].filter, tcp_rules[i].kind);
    for (unsigned flags = 0; flags < 256; flags++) {
        uint8_t b[FRAME];
        size_t at = put_ip(b, false, 6, 20);
        b[at + 12] = 0x50;
        b[at + 13] = (uint8_t)flags;
        check(b, at + 20, KIND_OTHER);
    }
    free_filters();
}

static void test_icmp(void **state)
{
    (void)state;
    for (int v6 = 0; v6 < 2; v6++) {
        const struct icmp_rule *rule = v6 ? icmp6_rules : icmp_rules;
        for (size_t i = 0; i < (v6 ? icmp6_rules_n : icmp_rules_n); i++)
            add_filter(rule[i].filter, rule[i].kind);
        for (unsigned type = 0; type < 256; type++) {
            uint8_t b[FRAME];
            size_t at = put_ip(b, v6, v6 ? 58 : 1, 8);
            b[at] = (uint8_t)type;
            check(b, at + 8, KIND_OTHER);
        }
        free_filters();
    }
}

/* A datagram of `size` bytes of payload that begins with `value` in `width` bytes at `offset`. */
static void check_datagram(uint16_t from, uint16_t to, size_t size, unsigned offset, unsigned width,
                           uint32_t value)
{
    uint8_t b[FRAME];
    size_t at = put_ip(b, false, 17, 8 + size);
    b[at] = (uint8_t)(from >> 8);
    b[at + 1] = (uint8_t)from;
    b[at + 2] = (uint8_t)(to >> 8);
    b[at + 3] = (uint8_t)to;
    b[at + 5] = (uint8_t)(8 + size);
    for (unsigned i = 0; i < width; i++)
        b[at + 8 + offset + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    check(b, at + 8 + size, KIND_ACCESS);
}

static void test_udp(void **state)
{
    (void)state;
    for (size_t i = 0; i < udp_rules_n; i++) {
        char expression[256];
        snprintf(expression, sizeof expression, "udp and dst portrange 1024-65535 and (%s)",
                 udp_rules[i].filter);
        add_filter(expression, KIND_BACKSCATTER);
    }
    static const uint16_t to[] = { 53, 1023, 1024, 53413 };
    for (size_t i = 0; i < udp_rules_n; i++)
        for (size_t t = 0; t < sizeof to / sizeof to[0]; t++) {
            const struct udp_rule *r = &udp_rules[i];
            check_datagram(r->port, to[t], 24, r->offset, r->size, r->value);
            check_datagram(r->port, to[t], 24, r->offset, r->size, ~r->value);
            check_datagram(r->port, to[t], 24, r->offset, r->size, r->value ^ 1);
            check_datagram(r->port, to[t], r->offset, 0, 0, 0); /* too short to tell */
            check_datagram(r->port, to[t], 0, 0, 0, 0);
            check_datagram((uint16_t)(r->port + 64), to[t], 24, r->offset, r->size, r->value);
        }
    free_filters();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_icmp),
        cmocka_unit_test(test_udp),
    };
    kinds_init();
    return cmocka_run_group_tests_name("packet/filters", tests, NULL, NULL);
}
