#include "trend/top.h"

#include "trend/series.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static struct answer service(enum proto proto, uint16_t port, uint64_t accesses, uint64_t packets)
{
    return (struct answer){ .proto = proto, .port = port, .accesses = accesses, .packets = packets };
}

static void test_services(void **state)
{
    (void)state;
    const struct answer before[] = {
        service(PROTO_TCP, 445, 900, 1000), service(PROTO_UDP, 53, 500, 500),
        service(PROTO_TCP, 23, 100, 120),   service(PROTO_TCP, 53, 1, 1),
    };
    struct top_row row[] = {
        { .answer = service(PROTO_TCP, 23, 300, 300) },
        { .answer = service(PROTO_TCP, 53, 200, 200) },
        { .answer = service(PROTO_UDP, 23, 100, 100) },
        { .answer = service(PROTO_UDP, 53, 50, 50) },
    };
    static const struct {
        uint64_t previous, previous_packets;
        size_t rank;
    } wanted[] = { { 100, 120, 3 }, { 1, 1, 4 }, { 0, 0, 0 }, { 500, 500, 2 } };
    assert_int_equal(top_compare(row, LENGTH(row), before, LENGTH(before), ASK_SERVICES, true), 0);
    for (size_t i = 0; i < LENGTH(row); i++) {
        assert_int_equal(row[i].previous, wanted[i].previous);
        assert_int_equal(row[i].previous_rank, wanted[i].rank);
    }
    assert_int_equal(top_compare(row, LENGTH(row), before, LENGTH(before), ASK_SERVICES, false), 0);
    for (size_t i = 0; i < LENGTH(row); i++)
        assert_int_equal(row[i].previous, wanted[i].previous_packets);
}

static void test_sources(void **state)
{
    (void)state;
    struct answer before[] = { { .accesses = 9 }, { .accesses = 8 }, { .accesses = 7 } };
    struct top_row row[2] = { 0 };
    assert_int_equal(addr_parse("203.0.113.200", &before[0].source), 0);
    assert_int_equal(addr_parse("2001:db8::1", &before[1].source), 0);
    assert_int_equal(addr_parse("192.0.2.1", &before[2].source), 0);
    row[0].answer.source = before[2].source;
    row[1].answer.source = before[1].source;
    assert_int_equal(top_compare(row, 2, before, LENGTH(before), ASK_SOURCES, true), 0);
    assert_int_equal(row[0].previous_rank, 3);
    assert_int_equal(row[0].previous, 7);
    assert_int_equal(row[1].previous_rank, 2);
    assert_int_equal(top_compare(row, 2, before, 0, ASK_SOURCES, true), 0);
    assert_int_equal(row[0].previous_rank, 0);
    assert_int_equal(row[0].previous, 0);
}

static void test_fingerprints(void **state)
{
    (void)state;
    const struct answer before[] = { { .fingerprint = 20, .accesses = 5 }, { .fingerprint = 0, .accesses = 4 } };
    struct top_row row[] = { { .answer.fingerprint = 0 }, { .answer.fingerprint = 1 } };
    assert_int_equal(top_compare(row, 2, before, 2, ASK_FINGERPRINTS, true), 0);
    assert_int_equal(row[0].previous_rank, 2);
    assert_int_equal(row[0].previous, 4);
    assert_int_equal(row[1].previous_rank, 0);
}

static void test_change(void **state)
{
    (void)state;
    const struct exposure none = { 0 }, day = { .address_seconds = 86400 },
                          half = { .address_seconds = 43200 };
    static const double little = 1e-9;
    assert_true(fabs(top_change(150, &day, 100, &day) - 0.5) < little);
    assert_true(fabs(top_change(0, &day, 100, &day) + 1) < little);
    /* half as much observed: the same count is twice the rate */
    assert_true(fabs(top_change(100, &half, 100, &day) - 1) < little);
    assert_true(isnan(top_change(100, &day, 0, &day)));
    assert_true(isnan(top_change(100, &day, 100, &none)));
    assert_true(isnan(top_change(100, &none, 100, &day)));
}

static void test_rates(void **state)
{
    (void)state;
    const struct exposure none = { 0 }, ten = { .address_seconds = 10 * 3600 };
    assert_true(fabs(per_address_day(5, &ten) - 12) < 1e-9);
    assert_true(per_address_day(0, &ten) >= 0 && per_address_day(0, &ten) <= 0);
    assert_true(isnan(per_address_day(5, &none)));
    assert_true(counts_accesses(&(struct question){ .kinds = 0 }));
    assert_true(counts_accesses(&(struct question){ .kinds = 1u << KIND_ACCESS | 1u << KIND_OTHER }));
    assert_false(counts_accesses(&(struct question){ .kinds = 1u << KIND_BACKSCATTER }));
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        enum proto proto;
        uint16_t port;
        unsigned kinds;
        const char *text;
    } cases[] = {
        { PROTO_TCP, 23, 0, "23/tcp" },
        { PROTO_UDP, 53413, 0, "53413/udp" },
        { PROTO_ICMP, 8 * 256, 0, "8/0/icmp" },
        { PROTO_ICMP, 3 * 256 + 13, 0, "3/13/icmp" },
        { PROTO_ICMP6, 128 * 256, 0, "128/0/icmp6" },
        { PROTO_OTHER, 47, 0, "47/other" },
        { PROTO_OTHER, MALFORMED_TCP_SHORT, 1u << KIND_MALFORMED, "tcp-short" },
        { PROTO_OTHER, 0, 1u << KIND_OURS, "ours" },
        { PROTO_OTHER, 47, 1u << KIND_OTHER | 1u << KIND_OURS, "47/other" },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[SERVICE_TEXT];
        enum proto proto;
        uint16_t port;
        assert_string_equal(service_text(cases[i].proto, cases[i].port, cases[i].kinds, text),
                            cases[i].text);
        if (strcmp(text, "tcp-short") == 0 || strcmp(text, "ours") == 0)
            continue;
        assert_int_equal(service_parse(text, &proto, &port), 0);
        assert_int_equal(proto, cases[i].proto);
        assert_int_equal(port, cases[i].port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services), cmocka_unit_test(test_sources),
        cmocka_unit_test(test_fingerprints), cmocka_unit_test(test_change),
        cmocka_unit_test(test_rates), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("trend/top", tests, NULL, NULL);
}
