#include "packet/kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The rule in words, flag by flag: only a lone SYN opens; RST, and SYN with ACK, answer. FIN with SYN opens
 * nothing; what else is set (PSH, URG, ECE, CWR) makes no difference. */
static enum kind rule_of(bool fin, bool syn, bool rst, bool ack)
{
    if (rst)
        return KIND_BACKSCATTER;
    if (syn && ack)
        return KIND_BACKSCATTER;
    if (syn && !fin)
        return KIND_ACCESS;
    return KIND_OTHER;
}

static void test_tcp(void **state)
{
    (void)state;
    for (unsigned f = 0; f < 256; f++)
        assert_int_equal(tcp_kinds[f], rule_of(f & 1, f & 2, f & 4, f & 16));
}

static void test_icmp(void **state)
{
    (void)state;
    static const struct {
        uint8_t type, kind;
    } v4[] = { { 8, KIND_ACCESS },       { 0, KIND_BACKSCATTER },  { 3, KIND_BACKSCATTER },
               { 4, KIND_BACKSCATTER },  { 5, KIND_BACKSCATTER },  { 11, KIND_BACKSCATTER },
               { 12, KIND_BACKSCATTER }, { 14, KIND_BACKSCATTER }, { 18, KIND_BACKSCATTER },
               { 9, KIND_OTHER },        { 10, KIND_OTHER },       { 13, KIND_OTHER },
               { 17, KIND_OTHER },       { 255, KIND_OTHER },      { 128, KIND_OTHER } },
      v6[] = { { 128, KIND_ACCESS },     { 129, KIND_BACKSCATTER }, { 1, KIND_BACKSCATTER },
               { 2, KIND_BACKSCATTER },  { 3, KIND_BACKSCATTER },   { 4, KIND_BACKSCATTER },
               { 0, KIND_OTHER },        { 8, KIND_OTHER },         { 135, KIND_OTHER },
               { 134, KIND_OTHER } };
    for (size_t i = 0; i < sizeof v4 / sizeof v4[0]; i++)
        assert_int_equal(icmp_kinds[v4[i].type], v4[i].kind);
    for (size_t i = 0; i < sizeof v6 / sizeof v6[0]; i++)
        assert_int_equal(icmp6_kinds[v6[i].type], v6[i].kind);
    unsigned answers = 0, answers6 = 0;
    for (unsigned t = 0; t < 256; t++) {
        answers += icmp_kinds[t] == KIND_BACKSCATTER;
        answers6 += icmp6_kinds[t] == KIND_BACKSCATTER;
    }
    assert_int_equal(answers, 8);
    assert_int_equal(answers6, 5);
}

/* Every row has a filter, and counts where it stands: no row above takes all that it would. */
static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < tcp_rules_n; i++) {
        bool counts = false;
        for (unsigned f = 0; f < 256; f++) {
            size_t j = 0;
            while (j < i && (f & tcp_rules[j].mask) != tcp_rules[j].value)
                j++;
            if (j == i && (f & tcp_rules[i].mask) == tcp_rules[i].value) {
                counts = true;
                assert_int_equal(tcp_kinds[f], tcp_rules[i].kind);
            }
        }
        assert_true(counts && tcp_rules[i].filter[0]);
    }
    for (size_t i = 0; i < icmp_rules_n; i++)
        assert_true(icmp_kinds[icmp_rules[i].type] == icmp_rules[i].kind && icmp_rules[i].filter[0]);
    for (size_t i = 0; i < icmp6_rules_n; i++)
        assert_true(icmp6_kinds[icmp6_rules[i].type] == icmp6_rules[i].kind && icmp6_rules[i].filter[0]);
}

/* Each UDP row by itself: a payload that fits it, one bit off, too short, and from another port. */
static void test_udp_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < udp_rules_n; i++) {
        const struct udp_rule *u = &udp_rules[i];
        assert_true(u->size <= 4 && u->filter[0]);
        uint8_t payload[16] = { 0 };
        size_t n = (size_t)u->offset + u->size;
        for (unsigned b = 0; b < u->size; b++)
            payload[u->offset + b] = (uint8_t)(u->value >> (8 * (u->size - 1 - b)));
        uint8_t *exact = malloc(n ? n : 1); /* ASan sees a read past the end */
        assert_non_null(exact);
        memcpy(exact, payload, n);
        assert_true(udp_is_reply(u->port, 1024, exact, n));
        assert_true(udp_is_reply(u->port, 65535, exact, n));
        assert_false(udp_is_reply(u->port, 1023, exact, n));
        assert_false(udp_is_reply((uint16_t)(u->port + 64), 2000, exact, n));
        if (n)
            assert_false(udp_is_reply(u->port, 2000, exact, n - 1));
        free(exact);
    }
}

static void test_udp(void **state)
{
    (void)state;
    static const struct {
        uint16_t source, destination;
        const char *payload;
        size_t n;
        bool reply;
    } row[] = {
        { 53, 40000, "\x12\x34\x81\x80", 4, true },
        { 53, 40000, "\x12\x34\x01\x00", 4, false }, /* a query from port 53 */
        { 53, 53, "\x12\x34\x81\x80", 4, false },
        { 53, 40000, "\x12\x34", 2, false },
        { 123, 123, "\x24", 1, false },
        { 123, 2000, "\x24", 1, true },                 /* version 4, server */
        { 123, 2000, "\x1c", 1, true },                 /* version 3, server */
        { 123, 2000, "\x23", 1, false },                /* client */
        { 123, 2000, "\x16\x82", 2, true },             /* control, response */
        { 123, 2000, "\x16\x02", 2, false },            /* control, request */
        { 123, 2000, "\xd7\x00\x03\x2a", 4, true },     /* monlist, response */
        { 123, 2000, "\x17\x00\x03\x2a", 4, false },    /* monlist, request */
        { 1900, 5000, "HTTP/1.1 200 OK", 15, true },
        { 1900, 5000, "M-SEARCH *", 10, false },
        { 1900, 5000, "HTT", 3, false },
        { 5060, 5060, "SIP/2.0 200", 11, true },
        { 5060, 5060, "OPTIONS sip:", 12, false },
        { 111, 900, "\0\0\0\1\0\0\0\1", 8, false },
        { 111, 1900, "\0\0\0\1\0\0\0\1", 8, true },
        { 111, 1900, "\0\0\0\1\0\0\0\0", 8, false },
        { 137, 1137, "\0\1\x84\0", 4, true },
        { 137, 137, "\0\1\x84\0", 4, false },
        { 389, 3000, "\x30\x84", 2, true },
        { 389, 3000, "", 0, false },
        { 5353, 5353, "\0\0\x84\0", 4, true },
        { 5353, 5353, "\0\0\0\0", 4, false },
        { 11211, 80, "x", 1, false },
        { 11211, 8080, "", 0, true },
        { 17, 1024, "", 0, true },
        { 19, 1024, "", 0, true },
        { 40000, 53413, "AA\0\0AAAA", 8, false },
        { 0, 65535, "", 0, false },
        { 65535, 65535, "", 0, false },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_int_equal(udp_is_reply(row[i].source, row[i].destination, (const uint8_t *)row[i].payload,
                                      row[i].n),
                         row[i].reply);
}

/* Asking for the tables again changes nothing. */
static void test_again(void **state)
{
    (void)state;
    uint8_t before[256];
    memcpy(before, tcp_kinds, 256);
    kinds_init();
    assert_memory_equal(before, tcp_kinds, 256);
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
        cmocka_unit_test(test_tcp),      cmocka_unit_test(test_icmp), cmocka_unit_test(test_rows),
        cmocka_unit_test(test_udp_rows), cmocka_unit_test(test_udp),  cmocka_unit_test(test_again),
    };
    return cmocka_run_group_tests_name("packet/kinds", tests, fill, NULL);
}
