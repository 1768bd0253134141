#include "trap/ports.h"

#include "trap/persona-inside.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const uint8_t key[16] = { 9, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static struct addr address(const char *text)
{
    struct addr a;
    assert_int_equal(addr_parse(text, &a), 0);
    return a;
}

/* ---- The hash ---- */

/* Worked out apart from this code, with whole numbers in Python: the kernel's program must come to
 * the same. */
static const struct {
    const char *address;
    uint64_t hash;
} hashes[] = {
    { "0.0.0.0", 0xb9baad73854da98f },
    { "192.0.2.1", 0x5c170eb432b5cc81 },
    { "192.0.2.2", 0xb9cc09cb5ac7d007 },
    { "198.51.100.255", 0x37a7ccff4978cd19 },
    { "255.255.255.255", 0x47eb8777d5eb722c },
    { "::", 0xb9baad73854da98f },
    { "2001:db8::1", 0xcfa00c4537f6e891 },
    { "2001:db8:0:1::1", 0x717423b3080fea7d },
    { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0xae632bf821c277e8 },
};

static void test_hash(void **state)
{
    (void)state;
    static const uint64_t words[3] = { 0x0123456789abcdef, 0xfedcba9876543210, 0x0f1e2d3c4b5a6978 };
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        struct addr a = address(hashes[i].address);
        if (ports_hash(words, &a) != hashes[i].hash)
            fail_msg("%s", hashes[i].address);
    }
}

/* A model of it: multiplication bit by bit, halves by division. */
static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t sum = 0;
    for (unsigned bit = 0; bit < 64; bit++) {
        if (b & (UINT64_C(1) << bit))
            sum += a << bit;
    }
    return sum;
}

static uint64_t modelled(const uint64_t w[3], uint64_t hi, uint64_t lo)
{
    uint64_t odd1 = w[1] % 2 ? w[1] : w[1] + 1, odd2 = w[2] % 2 ? w[2] : w[2] + 1;
    uint64_t h = times(lo ^ w[0], odd1);
    h = h ^ h / (UINT64_C(1) << 32);
    h = times(h ^ hi, odd2);
    h = h ^ h / (UINT64_C(1) << 29);
    h = times(h, odd1);
    return h ^ h / (UINT64_C(1) << 32);
}

static void test_model(void **state)
{
    (void)state;
    uint64_t words[3], at = 88172645463325252;
    ports_key(key, words);
    assert_true(words[0] != words[1] && words[1] != words[2] && words[0] != words[2]);
    for (size_t i = 0; i < 2000; i++) {
        uint64_t part[2];
        struct addr a = { .family = i % 2 ? 4 : 6 };
        for (size_t k = 0; k < 2; k++) {
            at ^= at << 13;
            at ^= at >> 7;
            at ^= at << 17;
            part[k] = at;
        }
        if (a.family == 4) {
            part[0] = 0;
            part[1] &= UINT32_MAX;
        }
        for (unsigned k = 0; k < 4 && a.family == 4; k++)
            a.bytes[k] = (uint8_t)(part[1] >> (24 - 8 * k));
        for (unsigned k = 0; k < 16 && a.family == 6; k++)
            a.bytes[k] = (uint8_t)(part[k / 8] >> (56 - 8 * (k % 8)));
        assert_true(ports_hash(words, &a) == modelled(words, part[0], part[1]));
    }
}

/* Neighbours are of classes and extras like any others: chi-squared over 65,536 addresses, 4,095
 * and 63 degrees of freedom. */
static void test_spread(void **state)
{
    (void)state;
    uint64_t words[3];
    double class_sum = 0, extra_sum = 0;
    static uint32_t classes[PORTS_CLASSES], extras[PORTS_EXTRAS];
    ports_key(key, words);
    for (uint32_t i = 0; i < 65536; i++) {
        struct addr a = addr_v4(0xc6120000 + i);
        uint64_t h = ports_hash(words, &a);
        classes[ports_class(h)]++;
        extras[ports_extra(h)]++;
    }
    for (size_t i = 0; i < PORTS_CLASSES; i++)
        class_sum += (classes[i] - 16.0) * (classes[i] - 16.0) / 16.0;
    for (size_t i = 0; i < PORTS_EXTRAS; i++)
        extra_sum += (extras[i] - 1024.0) * (extras[i] - 1024.0) / 1024.0;
    assert_true(class_sum < 4095 + 5 * 90.5 && extra_sum < 63 + 5 * 11.2);
}

/* ---- What is open ---- */

static struct personas all;

static int load(void **state)
{
    (void)state;
    char why[200];
    return personas_load(&all, PERSONAS, why);
}

static int unload(void **state)
{
    (void)state;
    personas_release(&all);
    return 0;
}

static struct ports *make(const struct persona *pinned, enum trap_catchall catchall)
{
    struct ports *p = malloc(sizeof *p);
    assert_int_equal(ports_make(p, &all, pinned, key, catchall), 0);
    return p;
}

static void assert_same(const struct ports *p, const struct ports *q)
{
    struct buf a, b;
    buf_init(&a, PORTS_RECORD);
    buf_init(&b, PORTS_RECORD);
    ports_put(&a, p);
    ports_put(&b, q);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    buf_release(&a);
    buf_release(&b);
}

static bool is_own(const struct persona *p, uint16_t port)
{
    for (size_t i = 0; i < p->n_ports; i++) {
        if (p->ports[i] == port)
            return true;
    }
    return false;
}

/* Who is at an address is the same in the tables as in the trap, and their own ports are open
 * whatever else is. */
static void test_own(void **state)
{
    (void)state;
    struct ports *p = make(NULL, CATCHALL_NONE);
    size_t seen = 0;
    static size_t met[PORTS_PERSONAS];
    for (uint32_t i = 0; i < 3000; i++) {
        struct addr a = addr_v4(0xcb007100 + i * 7);
        struct persona_here here;
        persona_here(&all, key, &a, 0, &here);
        unsigned at = p->persona_of_class[ports_class(ports_hash(p->key, &a))];
        assert_ptr_equal(all.list[at], here.persona);
        seen += !met[at]++;
        for (unsigned port = 0; port < 65536; port += i % 64 ? 23 : 1)
            assert_int_equal(ports_service(p, &a, (uint16_t)port) != PORTS_CLOSED,
                             is_own(here.persona, (uint16_t)port));
        bool netis = strcmp(here.persona->id, "netis-router") == 0;
        assert_int_equal(ports_datagrams(p, &a, 53413), netis ? SERVICE_NETIS : PORTS_CLOSED);
        assert_int_equal(ports_datagrams(p, &a, 23), PORTS_CLOSED);
        assert_int_equal(ports_service(p, &a, 23), SERVICE_TELNET);
        for (size_t k = 0; k < here.persona->n_http_ports; k++)
            assert_int_equal(ports_service(p, &a, here.persona->http_ports[k]), SERVICE_HTTP);
    }
    assert_int_equal(seen, all.n);
    free(p);
}

static void test_services(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        uint16_t port;
        int service;
    } usual[] = {
        { 22, SERVICE_OTHER },     { 23, SERVICE_TELNET },   { 2323, SERVICE_TELNET }, { 79, SERVICE_OTHER },  { 80, SERVICE_HTTP },
        { 81, SERVICE_HTTP },      { 8080, SERVICE_HTTP },   { 7547, SERVICE_HTTP },   { 37215, SERVICE_HTTP }, { 52869, SERVICE_HTTP },
        { 60001, SERVICE_HTTP },   { 554, SERVICE_OTHER },   { 5555, SERVICE_OTHER },  { 8091, SERVICE_OTHER }, { 34567, SERVICE_OTHER },
        { 53413, SERVICE_OTHER },  { 443, SERVICE_OTHER },   { 1, SERVICE_OTHER },     { 65535, SERVICE_OTHER },
    };
    /* clang-format on */
    struct ports *p = make(NULL, CATCHALL_ALL);
    struct addr a = address("198.51.100.7");
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        assert_int_equal(ports_service(p, &a, usual[i].port), usual[i].service);
    assert_int_equal(ports_service(p, &a, 0), PORTS_CLOSED);
    assert_int_equal(ports_datagrams(p, &a, 1900), PORTS_CLOSED);
    free(p);
}

/* A few more, the same at each visit, not the same everywhere. */
static void test_some(void **state)
{
    (void)state;
    struct ports *p = make(NULL, CATCHALL_SOME), *again = make(NULL, CATCHALL_SOME);
    size_t counts[PORTS_FEW + 1] = { 0 };
    assert_same(p, again);
    for (uint32_t i = 0; i < 500; i++) {
        struct addr a = addr_v4(0xc6336400 + i);
        struct persona_here here;
        size_t more = 0;
        persona_here(&all, key, &a, 0, &here);
        for (unsigned port = 0; port < 65536; port++) {
            int service = ports_service(p, &a, (uint16_t)port);
            bool own = is_own(here.persona, (uint16_t)port);
            assert_true(!own || service != PORTS_CLOSED);
            more += service != PORTS_CLOSED && !own;
        }
        assert_in_range(more, 0, PORTS_FEW);
        counts[more]++;
    }
    for (size_t i = 1; i <= PORTS_FEW; i++)
        assert_in_range(counts[i], 50, 250);
    free(p);
    free(again);
}

static void test_pinned(void **state)
{
    (void)state;
    const struct persona *netis = personas_find(&all, "netis-router");
    struct ports *p = make(netis, CATCHALL_NONE);
    for (uint32_t i = 0; i < 1000; i++) {
        struct addr a = addr_v4(i << 20);
        assert_int_equal(ports_datagrams(p, &a, 53413), SERVICE_NETIS);
        assert_int_equal(ports_service(p, &a, 23), SERVICE_TELNET);
        assert_int_equal(ports_service(p, &a, 53413), PORTS_CLOSED);
    }
    free(p);
}

/* Two bitmaps say what ports_service() says. */
static void test_bitmaps(void **state)
{
    (void)state;
    static uint8_t own[PORTS_BITMAP], extra[PORTS_BITMAP];
    for (enum trap_catchall way = 0; way < CATCHALL_WAYS; way++) {
        struct ports *p = make(NULL, way);
        for (uint32_t i = 0; i < 40; i++) {
            struct addr a = address("2001:db8::");
            a.bytes[7] = (uint8_t)i;
            a.bytes[15] = (uint8_t)(i * 11);
            uint64_t h = ports_hash(p->key, &a);
            ports_bitmap_persona(p, p->persona_of_class[ports_class(h)], own);
            ports_bitmap_extra(p, ports_extra(h), extra);
            for (unsigned port = 0; port < 65536; port++) {
                bool open = (own[port / 8] | extra[port / 8]) >> port % 8 & 1;
                assert_int_equal(open, ports_service(p, &a, (uint16_t)port) != PORTS_CLOSED);
            }
        }
        free(p);
    }
}

/* ---- As a record ---- */

static void test_record(void **state)
{
    (void)state;
    struct ports *p = make(NULL, CATCHALL_SOME), back;
    struct buf b;
    buf_init(&b, PORTS_RECORD);
    ports_put(&b, p);
    assert_true(buf_ok(&b));
    struct rd r = rd_init(b.data, b.len);
    assert_int_equal(ports_get(&r, &back), 0);
    assert_true(rd_done(&r));
    assert_same(p, &back);
    for (size_t n = 0; n < b.len; n++) {
        uint8_t *cut = malloc(n + 1); /* so that a sanitizer sees what is read past it */
        memcpy(cut, b.data, n);
        r = rd_init(cut, n);
        assert_int_equal(ports_get(&r, &back), 1);
        free(cut);
    }
    buf_release(&b);
    free(p);
}

/* One byte other than it was, and nothing is taken: at the ways, the number of personas, a class, a
 * persona's flags and number. */
static void test_refused(void **state)
{
    (void)state;
    enum { WAY = 24, NUMBER, CLASS, FLAGS = CLASS + PORTS_CLASSES, N, PORT, SERVICE = PORT + 2 };
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {
        { WAY, CATCHALL_WAYS }, { NUMBER, 0 },        { NUMBER, PORTS_PERSONAS + 1 }, { CLASS, 64 },
        { FLAGS, 4 },           { N, PORTS_OWN + 1 }, { SERVICE, TRAP_SERVICES }
    };
    struct ports *p = make(NULL, CATCHALL_SOME), back;
    struct buf b;
    buf_init(&b, PORTS_RECORD);
    ports_put(&b, p);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t was = b.data[wrong[i].at];
        b.data[wrong[i].at] = wrong[i].value;
        struct rd r = rd_init(b.data, b.len);
        assert_int_equal(ports_get(&r, &back), 1);
        b.data[wrong[i].at] = was;
    }
    b.data[PORT] = b.data[PORT + 1] = 0;
    struct rd r = rd_init(b.data, b.len);
    assert_int_equal(ports_get(&r, &back), 1);
    buf_release(&b);
    free(p);
}

/* As large as it can be it is a record still. */
static void test_largest(void **state)
{
    (void)state;
    struct ports *p = calloc(1, sizeof *p), *back = malloc(sizeof *back);
    struct buf b;
    p->n_personas = PORTS_PERSONAS;
    for (size_t i = 0; i < PORTS_PERSONAS; i++) {
        for (uint16_t k = 0; k < PORTS_OWN; k++)
            p->persona[i].open[p->persona[i].n++] =
                (struct ports_open){ (uint16_t)(65535 - PORTS_OWN + k), SERVICE_OTHER };
    }
    for (size_t i = 0; i < PORTS_EXTRAS; i++) {
        for (uint16_t k = 1; k <= PORTS_FEW; k++)
            p->extra[i].port[p->extra[i].n++] = k;
    }
    buf_init(&b, PORTS_RECORD);
    ports_put(&b, p);
    assert_true(buf_ok(&b));
    struct rd r = rd_init(b.data, b.len);
    assert_int_equal(ports_get(&r, back), 0);
    assert_same(p, back);
    buf_release(&b);
    free(p);
    free(back);
}

static void test_too_many(void **state)
{
    (void)state;
    struct persona *many[PORTS_PERSONAS + 1];
    struct ports p;
    for (size_t i = 0; i <= PORTS_PERSONAS; i++)
        many[i] = all.list[0];
    struct personas crowd = { many, PORTS_PERSONAS + 1 };
    assert_int_equal(ports_make(&p, &crowd, NULL, key, CATCHALL_NONE), -E2BIG);
    assert_int_equal(ports_make(&p, &crowd, many[0], key, CATCHALL_NONE), 0);
    crowd.n--;
    assert_int_equal(ports_make(&p, &crowd, NULL, key, CATCHALL_NONE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash),     cmocka_unit_test(test_model),
        cmocka_unit_test(test_spread),   cmocka_unit_test(test_own),
        cmocka_unit_test(test_services), cmocka_unit_test(test_some),
        cmocka_unit_test(test_pinned),   cmocka_unit_test(test_bitmaps),
        cmocka_unit_test(test_record),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_largest),  cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
