#include "event/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Heads sort as the tuples that they pack. */
static void test_order(void **state)
{
    (void)state;
    static const uint16_t port[] = { 0, 1, 23, 0x7fff, 0x8000, 0xffff };
    static const unsigned label[] = { 0, 1, 127 };
    uint32_t before = 0;
    bool first = true;
    for (unsigned proto = 0; proto < PROTOS; proto++)
        for (unsigned p = 0; p < sizeof port / sizeof port[0]; p++)
            for (unsigned kind = 0; kind < KINDS; kind++)
                for (unsigned tools = 0; tools < MARK_TOOLS; tools++)
                    for (unsigned l = 0; l < 3; l++) {
                        uint32_t head = head_make((enum proto)proto, port[p], (enum kind)kind, tools,
                                                  label[l]);
                        assert_true(first || head > before);
                        first = false;
                        before = head;
                        assert_int_equal(head_proto(head), proto);
                        assert_int_equal(head_port(head), port[p]);
                        assert_int_equal(head_kind(head), kind);
                        assert_int_equal(head_tools(head), tools);
                        assert_int_equal(head_label(head), label[l]);
                        assert_true(head_valid(head));
                        assert_int_equal(head_service(head),
                                         head_make((enum proto)proto, port[p], (enum kind)kind, 0, 0));
                    }
    assert_false(head_valid(UINT32_MAX));
    assert_false(head_valid((uint32_t)PROTOS << 29));
    assert_false(head_valid(7u << 10));
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROTOS; i++) {
        enum proto proto;
        assert_int_equal(proto_parse(proto_name((enum proto)i), &proto), 0);
        assert_int_equal(proto, i);
    }
    for (unsigned i = 0; i < KINDS; i++) {
        enum kind kind;
        assert_int_equal(kind_parse(kind_name((enum kind)i), &kind), 0);
        assert_int_equal(kind, i);
    }
    for (unsigned i = 0; i < MALFORMEDS; i++) {
        assert_non_null(malformed_name(i));
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(malformed_name(i), malformed_name(j));
    }
    enum proto proto;
    enum kind kind;
    static const char *const wrong[] = { "", "TCP", "tcp ", "?", "sctp", "6" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(proto_parse(wrong[i], &proto), 1);
        assert_int_equal(kind_parse(wrong[i], &kind), 1);
    }
    assert_string_equal(proto_name((enum proto)PROTOS), "?");
    assert_string_equal(kind_name((enum kind)KINDS), "?");
    assert_string_equal(malformed_name(MALFORMEDS), "?");
    assert_string_equal(tool_name(MARK_MIRAI), "mirai");
    assert_string_equal(tool_name(MARK_ZMAP), "zmap");
    assert_string_equal(tool_name(MARK_MASSCAN), "masscan");
    assert_string_equal(tool_name(3), "?");
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int err;
        enum proto proto;
        uint16_t port;
    } row[] = {
        { "23/tcp", 0, PROTO_TCP, 23 },
        { "53413/udp", 0, PROTO_UDP, 53413 },
        { "23", 0, PROTO_TCP, 23 },
        { "0", 0, PROTO_TCP, 0 },
        { "65535", 0, PROTO_TCP, 65535 },
        { "8/0/icmp", 0, PROTO_ICMP, 2048 },
        { "3/255/icmp", 0, PROTO_ICMP, 1023 },
        { "128/0/icmp6", 0, PROTO_ICMP6, 32768 },
        { "255/255/icmp6", 0, PROTO_ICMP6, 65535 },
        { "47/other", 0, PROTO_OTHER, 47 },
        { "2048/icmp", 0, PROTO_ICMP, 2048 },
        { "", 1, PROTO_OTHER, 0 },
        { "/tcp", 1, PROTO_OTHER, 0 },
        { "23/", 1, PROTO_OTHER, 0 },
        { "23/TCP", 1, PROTO_OTHER, 0 },
        { "23/sctp", 1, PROTO_OTHER, 0 },
        { "tcp/23", 1, PROTO_OTHER, 0 },
        { "65536", 1, PROTO_OTHER, 0 },
        { "99999999999999999999/tcp", 1, PROTO_OTHER, 0 },
        { "-1", 1, PROTO_OTHER, 0 },
        { "+1", 1, PROTO_OTHER, 0 },
        { " 23", 1, PROTO_OTHER, 0 },
        { "23 ", 1, PROTO_OTHER, 0 },
        { "23/tcp ", 1, PROTO_OTHER, 0 },
        { "0x17", 1, PROTO_OTHER, 0 },
        { "8/0", 1, PROTO_OTHER, 0 },
        { "8/0/", 1, PROTO_OTHER, 0 },
        { "8/0/tcp", 1, PROTO_OTHER, 0 },
        { "8/0/udp", 1, PROTO_OTHER, 0 },
        { "256/0/icmp", 1, PROTO_OTHER, 0 },
        { "8/256/icmp", 1, PROTO_OTHER, 0 },
        { "8/0/0/icmp", 1, PROTO_OTHER, 0 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        enum proto proto = PROTO_OTHER;
        uint16_t port = 9;
        assert_int_equal(service_parse(row[i].text, &proto, &port), row[i].err);
        assert_int_equal(proto, row[i].err ? PROTO_OTHER : row[i].proto);
        assert_int_equal(port, row[i].err ? 9 : row[i].port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests_name("event/service", tests, NULL, NULL);
}
