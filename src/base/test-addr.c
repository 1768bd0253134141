#include "base/addr.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static struct addr addr_of(const char *text)
{
    struct addr a;
    assert_int_equal(addr_parse(text, &a), 0);
    return a;
}

static struct prefix prefix_of(const char *text)
{
    struct prefix p;
    assert_int_equal(prefix_parse(text, &p), 0);
    return p;
}

static void test_addr_text(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; /* out NULL: no address */
        uint8_t family;
    } row[] = {
        { "192.0.2.1", "192.0.2.1", 4 },
        { "0.0.0.0", "0.0.0.0", 4 },
        { "255.255.255.255", "255.255.255.255", 4 },
        { "2001:DB8::1", "2001:db8::1", 6 },
        { "::", "::", 6 },
        { "::ffff:192.0.2.1", "::ffff:192.0.2.1", 6 },
        { "", NULL, 0 },
        { "192.0.2", NULL, 0 },
        { "192.0.2.256", NULL, 0 },
        { "192.0.2.1 ", NULL, 0 },
        { " 192.0.2.1", NULL, 0 },
        { "192.0.2.1/32", NULL, 0 },
        { "2001:db8::1%lo", NULL, 0 },
        { "2001:db8:::1", NULL, 0 },
        { "example.com", NULL, 0 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct addr a = { .family = 9 };
        char text[ADDR_TEXT];
        assert_int_equal(addr_parse(row[i].in, &a), row[i].out ? 0 : 1);
        if (!row[i].out) {
            assert_int_equal(a.family, 9); /* handed on only when whole */
            continue;
        }
        assert_int_equal(a.family, row[i].family);
        assert_string_equal(addr_text(&a, text), row[i].out);
    }
    char text[ADDR_TEXT];
    assert_string_equal(addr_text(&(struct addr){ 0 }, text), "-");
}

static void test_numbers(void **state)
{
    (void)state;
    static const uint32_t number[] = { 0, 1, 0xc0000201, 0x80000000, 0xffffffff };
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
        struct addr a = addr_v4(number[i]);
        assert_int_equal(a.family, 4);
        assert_int_equal(addr_u32(&a), number[i]);
    }
    struct addr a = addr_of("192.0.2.1");
    assert_int_equal(addr_u32(&a), 0xc0000201);
}

static void test_cmp(void **state)
{
    (void)state;
    static const char *const ascending[] = { "0.0.0.0",       "192.0.2.1",    "192.0.3.0",
                                             "198.51.100.7",  "255.0.0.0",    "::",
                                             "2001:db8::",    "2001:db8::1",  "2001:db8::1:0",
                                             "2001:db8:1::",  "ff02::1" };
    enum { N = sizeof ascending / sizeof ascending[0] };
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            struct addr a = addr_of(ascending[i]), b = addr_of(ascending[j]);
            int cmp = addr_cmp(&a, &b);
            assert_int_equal((cmp > 0) - (cmp < 0), (i > j) - (i < j));
        }
    /* What lies behind an IPv4 address is no part of it. */
    struct addr a = addr_of("192.0.2.1"), b = a;
    b.bytes[9] = 7;
    assert_int_equal(addr_cmp(&a, &b), 0);
}

static void test_socket(void **state)
{
    (void)state;
    struct sockaddr_storage s;
    struct addr a;
    assert_int_equal(addr_parse("192.0.2.7", &a), 0);
    assert_int_equal(addr_socket(&a, 2323, &s), sizeof(struct sockaddr_in));
    const struct sockaddr_in *in = (const void *)&s;
    assert_true(s.ss_family == AF_INET && ntohs(in->sin_port) == 2323 && ntohl(in->sin_addr.s_addr) == 0xc0000207);
    assert_int_equal(addr_parse("2001:db8::7", &a), 0);
    assert_int_equal(addr_socket(&a, 23, &s), sizeof(struct sockaddr_in6));
    const struct sockaddr_in6 *in6 = (const void *)&s;
    assert_true(s.ss_family == AF_INET6 && ntohs(in6->sin6_port) == 23 && !in6->sin6_scope_id);
    assert_memory_equal(&in6->sin6_addr, a.bytes, sizeof a.bytes);
}

static void test_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } row[] = {
        { "192.0.2.0/24", "192.0.2.0/24" },
        { "192.0.2.7", "192.0.2.7/32" },
        { "0.0.0.0/0", "0.0.0.0/0" },
        { "128.0.0.0/1", "128.0.0.0/1" },
        { "2001:db8::/32", "2001:db8::/32" },
        { "2001:db8::1", "2001:db8::1/128" },
        { "::/0", "::/0" },
        { "192.0.2.1/24", NULL },  /* bits past its length */
        { "192.0.2.0/33", NULL },
        { "192.0.2.0/", NULL },
        { "192.0.2.0/-1", NULL },
        { "192.0.2.0/+8", NULL },
        { "192.0.2.0/ 24", NULL },
        { "192.0.2.0/24x", NULL },
        { "192.0.2.0/24/24", NULL },
        { "192.0.2.0/4294967320", NULL },
        { "2001:db8::/129", NULL },
        { "2001:db8::1/127", NULL },
        { "/24", NULL },
        { "", NULL },
        { "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/32", NULL },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct prefix p;
        char text[ADDR_TEXT];
        assert_int_equal(prefix_parse(row[i].in, &p), row[i].out ? 0 : 1);
        if (row[i].out)
            assert_string_equal(prefix_text(&p, text), row[i].out);
    }
}

static void test_has(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *addr;
        bool has;
    } row[] = {
        { "192.0.2.0/24", "192.0.2.0", true },     { "192.0.2.0/24", "192.0.2.255", true },
        { "192.0.2.0/24", "192.0.3.0", false },    { "192.0.2.0/24", "192.0.1.255", false },
        { "192.0.2.128/25", "192.0.2.127", false }, { "192.0.2.128/25", "192.0.2.128", true },
        { "198.18.0.0/15", "198.19.255.255", true }, { "198.18.0.0/15", "198.20.0.0", false },
        { "192.0.2.7/32", "192.0.2.7", true },     { "192.0.2.7/32", "192.0.2.6", false },
        { "0.0.0.0/0", "255.255.255.255", true },  { "0.0.0.0/0", "::1", false },
        { "::/0", "2001:db8::1", true },           { "::/0", "192.0.2.1", false },
        { "2001:db8::/32", "2001:db8:ffff::", true }, { "2001:db8::/32", "2001:db9::", false },
        { "2001:db8::/33", "2001:db8:8000::", false }, { "2001:db8::1/128", "2001:db8::1", true },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct prefix p = prefix_of(row[i].prefix);
        struct addr a = addr_of(row[i].addr);
        assert_int_equal(prefix_has(&p, &a), row[i].has);
        struct prefix_list list = { 0 };
        assert_false(prefix_list_has(&list, &a));
        assert_int_equal(prefix_list_add(&list, &p), 0);
        assert_int_equal(prefix_list_has(&list, &a), row[i].has);
        prefix_list_release(&list);
    }
}

static void test_list(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t n;
        uint64_t size;
        int bad; /* offset of the wrong word; -1: none */
    } row[] = {
        { "", 0, 0, -1 },
        { " , ,\t", 0, 0, -1 },
        { "192.0.2.0/24", 1, 256, -1 },
        { "192.0.2.0/24,198.51.100.7", 2, 257, -1 },
        { " 192.0.2.0/24 , 192.0.2.0/25\t192.0.2.5,", 3, 256, -1 },
        { "192.0.2.0/24 192.0.2.0/24", 2, 256, -1 },
        { "192.0.2.5 192.0.2.0/24 192.0.2.0/24", 3, 256, -1 },
        { "0.0.0.0/0 192.0.2.1", 2, UINT64_C(1) << 32, -1 },
        { "2001:db8::/64", 1, 1, -1 },
        { "2001:db8::/65", 1, 1, -1 },
        { "2001:db8::1", 1, 1, -1 },
        { "2001:db8::/48 192.0.2.0/31", 2, 65538, -1 },
        { "2001:db8::/64 2001:db8:1::/64", 2, 2, -1 },
        { "::/0 ::/1", 2, UINT64_C(1) << 62, -1 },
        { "192.0.2.0/24, 192.0.2.1/24", 0, 0, 14 },
        { "x", 0, 0, 0 },
        { "192.0.2.0/24;198.51.100.7", 0, 0, 0 },
        { "1111111111111111111111111111111111111111111111111111111111111111111111", 0, 0, 0 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct prefix_list list = { 0 };
        const char *bad = NULL;
        int err = prefix_list_parse(row[i].in, &list, &bad);
        assert_int_equal(err, row[i].bad < 0 ? 0 : 1);
        if (row[i].bad >= 0) {
            assert_ptr_equal(bad, row[i].in + row[i].bad);
            assert_int_equal(list.n, 0);
            continue;
        }
        assert_int_equal(list.n, row[i].n);
        assert_true(prefix_list_size(&list) == row[i].size);
        prefix_list_release(&list);
        prefix_list_release(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addr_text), cmocka_unit_test(test_numbers), cmocka_unit_test(test_cmp),
        cmocka_unit_test(test_socket), cmocka_unit_test(test_prefix),    cmocka_unit_test(test_has),     cmocka_unit_test(test_list),
    };
    return cmocka_run_group_tests_name("base/addr", tests, NULL, NULL);
}
