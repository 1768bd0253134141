#include "packet/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_addresses(void **state)
{
    (void)state;
    struct prefix_list list = { 0 };
    const char *bad;
    struct own_addresses *o = (struct own_addresses *)&list;
    assert_int_equal(own_addresses_make(&o, &list), 0);
    assert_null(o); /* nothing is ours: told by there being no table */
    assert_int_equal(prefix_list_parse("192.0.2.0/24 198.51.100.7 203.0.113.128/25 2001:db8:1::/48", &list,
                                       &bad), 0);
    assert_int_equal(own_addresses_make(&o, &list), 0);
    static const struct {
        const char *text;
        bool ours;
    } row[] = { { "192.0.2.0", true },       { "192.0.2.255", true },   { "192.0.3.0", false },
                { "192.0.1.255", false },    { "198.51.100.7", true },  { "198.51.100.6", false },
                { "203.0.113.127", false },  { "203.0.113.128", true }, { "0.0.0.0", false },
                { "255.255.255.255", false }, { "2001:db8:1::", true },
                { "2001:db8:1:ffff::1", true }, { "2001:db8:2::", false }, { "::", false } };
    prefix_list_release(&list); /* the list was copied */
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct addr a;
        assert_int_equal(addr_parse(row[i].text, &a), 0);
        assert_int_equal(a.family == 4 ? own_has_v4(o, addr_u32(&a)) : own_has_v6(o, a.bytes),
                         row[i].ours);
    }
    own_addresses_free(o);
    own_addresses_free(NULL);
    assert_int_equal(prefix_list_parse("0.0.0.0/0", &list, &bad), 0);
    assert_int_equal(own_addresses_make(&o, &list), 0);
    assert_true(own_has_v4(o, 0) && own_has_v4(o, UINT32_MAX));
    assert_false(own_has_v6(o, (const uint8_t[16]){ 0 }));
    own_addresses_free(o);
    prefix_list_release(&list);
}

static void test_nat(void **state)
{
    (void)state;
    const struct nat_pair pair[] = { { 0xc6120001, 0xc0000201 }, { 0xc6120002, 0xc0000202 } };
    const struct nat nat = { pair, 2 }, none = { NULL, 0 };
    assert_int_equal(nat_public(&nat, 0xc6120001), 0xc0000201);
    assert_int_equal(nat_public(&nat, 0xc6120002), 0xc0000202);
    assert_int_equal(nat_public(&nat, 0xc0000201), 0xc0000201);
    assert_int_equal(nat_public(&none, 7), 7);
}

/* The n-th of many different flows. */
static struct own_tuple tuple(uint32_t n)
{
    struct own_tuple t = { .family = 4, .proto = PROTO_UDP, .our_port = (uint16_t)n, .their_port = 53 };
    memcpy(t.theirs, &n, sizeof n);
    return t;
}

static void test_expiry(void **state)
{
    (void)state;
    enum { NOW = 1700000000 };
    struct own_flows *o;
    struct own_tuple t = tuple(1), other = tuple(2);
    assert_int_equal(own_flows_make(&o, 42), 0);
    assert_int_equal(own_flows_used(o), 0);
    assert_false(own_flows_has(o, &t, NOW));
    own_flows_open(o, &t, NOW);
    assert_int_equal(own_flows_used(o), 1);
    assert_false(own_flows_has(o, &other, NOW));
    assert_true(own_flows_has(o, &t, NOW + OWN_FLOW_SECONDS));
    assert_true(own_flows_has(o, &t, NOW + 2 * OWN_FLOW_SECONDS)); /* the answer kept it open */
    assert_false(own_flows_has(o, &t, NOW + 3 * OWN_FLOW_SECONDS + 1));
    own_flows_open(o, &t, NOW);
    own_flows_open(o, &t, NOW + 200); /* as does what we send */
    assert_true(own_flows_has(o, &t, NOW + 200 + OWN_FLOW_SECONDS));
    /* A clock that was set back leaves no flow for ever. */
    assert_true(own_flows_has(o, &t, NOW + 300));
    assert_false(own_flows_has(o, &t, NOW - 3600));
    own_flows_open(o, &t, 0); /* the start of time is a time */
    assert_true(own_flows_has(o, &t, 0));
    own_flows_open(o, &t, INT64_MAX); /* times that no host has */
    assert_true(own_flows_has(o, &t, INT64_MAX));
    assert_false(own_flows_has(o, &t, NOW));
    own_flows_open(o, &t, INT64_MIN);
    assert_false(own_flows_has(o, &t, NOW));
    own_flows_open(o, &t, 0);
    /* Each field tells flows apart. */
    for (size_t i = 0; i < offsetof(struct own_tuple, pad); i++) {
        struct own_tuple near = t;
        ((uint8_t *)&near)[i] ^= 1;
        assert_false(own_flows_has(o, &near, 0));
    }
    own_flows_free(o);
    own_flows_free(NULL);
}

/* However many are opened, the table stays as it is, and the flow in use is not the one that gives way. */
static void test_eviction(void **state)
{
    (void)state;
    enum { MANY = 4 * OWN_FLOW_SLOTS };
    struct own_flows *o;
    struct own_tuple kept = tuple(UINT32_MAX);
    assert_int_equal(own_flows_make(&o, 4242), 0);
    own_flows_open(o, &kept, 1000);
    for (uint32_t i = 0; i < MANY; i++) {
        struct own_tuple t = tuple(i);
        int64_t now = 1001 + i / (MANY / 100); /* all are alive all the time */
        own_flows_open(o, &t, now);
        assert_true(own_flows_has(o, &t, now)); /* the newest is always in */
        if (i % 1000 == 0)
            assert_true(own_flows_has(o, &kept, now));
    }
    assert_true(own_flows_used(o) <= OWN_FLOW_SLOTS);
    assert_true(own_flows_used(o) > OWN_FLOW_SLOTS * 9 / 10);
    size_t left = 0, newest = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        struct own_tuple t = tuple(i);
        bool in = own_flows_has(o, &t, 1101);
        left += in;
        newest += in && i >= MANY - OWN_FLOW_SLOTS / 4;
    }
    assert_true(left <= OWN_FLOW_SLOTS);
    assert_true(newest > OWN_FLOW_SLOTS / 4 * 9 / 10); /* the least recently used gave way */
    own_flows_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_nat),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_eviction),
    };
    return cmocka_run_group_tests_name("packet/own", tests, NULL, NULL);
}
