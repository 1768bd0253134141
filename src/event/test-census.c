#include "event/census.h"

#include "base/zstd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct zstd_packer *zstd;
static uint64_t random_state = 271828;

static uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

static int make_zstd(void **state)
{
    (void)state;
    return zstd_packer_make(&zstd);
}

static int free_zstd(void **state)
{
    (void)state;
    zstd_packer_free(zstd);
    return 0;
}

/* A bit of a kind whose packets make flows. */
static uint8_t flow_kind(void)
{
    static const enum kind kinds[] = { KIND_ACCESS, KIND_BACKSCATTER, KIND_OTHER };
    return (uint8_t)(1u << kinds[pick(3)]);
}

static struct source_class random_class(uint32_t labels)
{
    struct source_class cl = { .kinds = flow_kind(),
                               .tools = (uint8_t)pick(MARK_TOOLS),
                               .protos = (uint8_t)pick(1u << PROTOS) };
    cl.kinds |= flow_kind();
    uint32_t label = pick(labels + 1);
    cl.labels[label / 64] |= label ? UINT64_C(1) << (label % 64) : 0;
    return cl;
}

static void v6_address(uint8_t to[16], uint32_t number)
{
    memset(to, 0, 16);
    memcpy(to, "\x20\x01\x0d\xb8", 4);
    for (int i = 0; i < 4; i++)
        to[15 - i] = (uint8_t)(number >> (8 * i));
}

/* Every address of a small world is in or not: the model is an array that is indexed by it. */
enum { WORLD = 3000 };
struct model {
    struct source_class v4[WORLD], v6[WORLD];
    bool in4[WORLD], in6[WORLD];
};

static uint32_t v4_address(uint32_t i)
{
    return i == WORLD - 1 ? UINT32_MAX : i * 1400000u;
}

static struct census *fill(struct model *m, uint32_t one_in, uint32_t labels)
{
    struct census *c = calloc(1, sizeof *c);
    memset(m, 0, sizeof *m);
    assert_non_null(c);
    for (uint32_t i = 0; i < WORLD; i++) {
        if (pick(one_in) == 0) {
            m->in4[i] = true;
            m->v4[i] = random_class(labels);
            assert_int_equal(census_add_v4(c, v4_address(i), &m->v4[i]), 0);
        }
        if (pick(one_in) == 0) {
            uint8_t address[16];
            v6_address(address, i * 3);
            m->in6[i] = true;
            m->v6[i] = random_class(labels);
            assert_int_equal(census_add_v6(c, address, &m->v6[i]), 0);
        }
    }
    return c;
}

static void drop(struct census *c)
{
    census_release(c);
    census_release(c);
    free(c);
}

static void assert_is(const struct census *c, const struct model *m)
{
    uint64_t kinds[KINDS] = { 0 }, protos[PROTOS] = { 0 }, fingers[FINGERPRINTS] = { 0 }, n4 = 0, n6 = 0;
    for (uint32_t i = 0; i < WORLD; i++)
        for (int family = 4; family <= 6; family += 2) {
            bool in = family == 4 ? m->in4[i] : m->in6[i];
            const struct source_class *want = family == 4 ? &m->v4[i] : &m->v6[i];
            struct addr a = addr_v4(v4_address(i));
            if (family == 6) {
                a.family = 6;
                v6_address(a.bytes, i * 3);
            }
            const struct source_class *got = census_find(c, &a);
            assert_int_equal(got != NULL, in);
            a.bytes[family == 4 ? 3 : 15] ^= 1; /* nobody's neighbour */
            if (family == 4 && i < WORLD - 1)
                assert_null(census_find(c, &a));
            if (!in)
                continue;
            assert_memory_equal(got, want, sizeof *got);
            n4 += family == 4;
            n6 += family == 6;
            for (unsigned k = 0; k < KINDS; k++)
                kinds[k] += want->kinds >> k & 1;
            for (unsigned p = 0; p < PROTOS; p++)
                protos[p] += want->protos >> p & 1;
            for (unsigned f = 0; f < FINGERPRINTS; f++)
                fingers[f] += (want->kinds & 1) && class_has_fingerprint(want, f);
        }
    assert_int_equal(c->v4_n, n4);
    assert_int_equal(c->v6_n, n6);
    for (unsigned k = 0; k < KINDS; k++)
        assert_int_equal(census_count_kind(c, (enum kind)k), kinds[k]);
    for (unsigned p = 0; p < PROTOS; p++)
        assert_int_equal(census_count_proto(c, (enum proto)p), protos[p]);
    for (unsigned f = 0; f < FINGERPRINTS; f++)
        assert_int_equal(census_count_fingerprint(c, f), fingers[f]);
}

static void test_fingerprint(void **state)
{
    (void)state;
    struct source_class cl = { .tools = MARK_ZMAP };
    cl.labels[0] = UINT64_C(1) << 63;
    cl.labels[1] = 1 | UINT64_C(1) << 63;
    for (unsigned f = 0; f < FINGERPRINTS + 300; f++) {
        bool want = f == 1 || f == FINGERPRINT_LABEL + 63 || f == FINGERPRINT_LABEL + 64 ||
                    f == FINGERPRINT_LABEL + 127;
        assert_int_equal(class_has_fingerprint(&cl, f), want);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    static const struct {
        uint32_t one_in, labels;
    } row[] = { { 1, 0 }, { 2, 3 }, { 1, 127 }, { 3000, 3 }, { UINT32_MAX, 1 } };
    struct model m;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct census *c = fill(&m, row[i].one_in, row[i].labels), got = { 0 };
        assert_is(c, &m);
        struct buf b;
        buf_init(&b, 1 << 20);
        assert_int_equal(census_encode(c, zstd, &b), 0);
        assert_int_equal(census_decode(&got, zstd, b.data, b.len), 0);
        assert_is(&got, &m);
        census_release(&got);
        buf_release(&b);
        drop(c);
    }
}

static void test_merge(void **state)
{
    (void)state;
    static const uint32_t one_in[][2] = { { 1, 1 }, { 2, 2 }, { 1, UINT32_MAX }, { UINT32_MAX, 2 },
                                          { UINT32_MAX, UINT32_MAX }, { 50, 2 } };
    struct model a, b;
    for (size_t i = 0; i < sizeof one_in / sizeof one_in[0]; i++) {
        struct census *x = fill(&a, one_in[i][0], 5), *y = fill(&b, one_in[i][1], 5), got = { 0 };
        assert_int_equal(census_merge(x, y, &got), 0);
        for (uint32_t k = 0; k < WORLD; k++) {
            class_merge(&a.v4[k], &b.v4[k]);
            class_merge(&a.v6[k], &b.v6[k]);
            a.in4[k] |= b.in4[k];
            a.in6[k] |= b.in6[k];
        }
        assert_is(&got, &a);
        census_release(&got);
        drop(x);
        drop(y);
    }
}

/* More than 256 classes: their numbers take two bytes; CENSUS_CLASSES is a bound that nobody is turned away at. */
static void test_many_classes(void **state)
{
    (void)state;
    struct census c = { 0 }, got = { 0 };
    for (uint32_t i = 0; i < 700; i++) {
        struct source_class cl = { .kinds = 1, .labels = { i + 1, 0 } };
        assert_int_equal(census_add_v4(&c, i, &cl), 0);
    }
    assert_int_equal(c.class_n, 700);
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(census_encode(&c, zstd, &b), 0);
    assert_int_equal(census_decode(&got, zstd, b.data, b.len), 0);
    for (uint32_t i = 0; i < 700; i++) {
        struct addr a = addr_v4(i);
        assert_true(census_find(&got, &a)->labels[0] == i + 1);
    }
    census_release(&got);
    buf_release(&b);
    /* Ever more labels: the last classes are kept for sources without, and nobody is turned away. */
    for (uint32_t i = 700; i < CENSUS_CLASSES + 5000; i++) {
        struct source_class cl = { .kinds = (i & 1) ? 1 : 2, .labels = { i + 1, 0 } };
        assert_int_equal(census_add_v4(&c, i, &cl), 0);
    }
    assert_int_equal(c.class_n, CENSUS_CLASSES - CENSUS_PLAIN + 2);
    assert_int_equal(c.classes[c.v4_class[CENSUS_CLASSES + 4999]].labels[0], 0);
    assert_int_equal(c.classes[c.v4_class[CENSUS_CLASSES - CENSUS_PLAIN - 1]].labels[0],
                     CENSUS_CLASSES - CENSUS_PLAIN);
    assert_int_equal(census_count_kind(&c, (enum kind)1), (CENSUS_CLASSES + 5000 - 700) / 2);
    census_release(&c);
    /* Kinds that make no flows are no class. */
    struct source_class strange = { .kinds = 1u << KIND_OURS };
    assert_int_equal(census_add_v4(&c, 1, &strange), 0);
    buf_init(&b, 1 << 20);
    assert_int_equal(census_encode(&c, zstd, &b), 0);
    assert_int_equal(census_decode(&got, zstd, b.data, b.len), 1);
    buf_release(&b);
    census_release(&c);
}

static void assert_valid(const struct census *c)
{
    for (size_t i = 0; i < c->v4_n; i++)
        assert_true(c->v4_class[i] < c->class_n && (i == 0 || c->v4[i - 1] < c->v4[i]));
    for (size_t i = 0; i < c->v6_n; i++)
        assert_true(c->v6_class[i] < c->class_n &&
                    (i == 0 || memcmp(c->v6[i - 1], c->v6[i], 16) < 0));
}

static void test_damage(void **state)
{
    (void)state;
    struct model m;
    struct census *c = fill(&m, 60, 3), got = { 0 };
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(census_encode(c, zstd, &b), 0);
    for (size_t n = 0; n < b.len; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, b.data, n);
        assert_int_equal(census_decode(&got, zstd, cut, n), 1);
        assert_true(got.v4 == NULL && got.v6 == NULL && got.classes == NULL);
        free(cut);
    }
    for (size_t i = 0; i < b.len; i++)
        for (unsigned v = 1; v < 256; v += i < 40 ? 1 : 7) {
            b.data[i] = (uint8_t)(b.data[i] ^ v);
            int err = census_decode(&got, zstd, b.data, b.len);
            assert_in_range(err, 0, 1);
            assert_valid(&got);
            census_release(&got);
            b.data[i] = (uint8_t)(b.data[i] ^ v);
        }
    buf_u8(&b, 0);
    assert_int_equal(census_decode(&got, zstd, b.data, b.len), 1);
    buf_release(&b);
    drop(c);
}

/* A few bytes that promise millions of sources are refused before memory is taken for them. */
static void test_promises(void **state)
{
    (void)state;
    static const uint64_t row[][3] = {
        { 0, 1, 0 },
        { 0, 0, 1 },
        { 1, 1 << 26, 0 },
        { 1, 0, 1 << 26 },
        { 1, (1 << 26) + 1, 0 },
        { 1, 0, UINT64_MAX },
        { 1, UINT64_MAX, 0 },
        { CENSUS_CLASSES + 1, 0, 0 },
        { UINT64_MAX, 0, 0 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct buf b;
        struct census got = { 0 };
        buf_init(&b, 1 << 10);
        buf_u8(&b, 1);
        for (unsigned k = 0; k < 3; k++)
            buf_varint(&b, row[i][k]);
        struct buf classes;
        buf_init(&classes, 256);
        assert_int_equal(zstd_pack(zstd, &classes, (uint8_t[19]){ 0 }, row[i][0] ? 19 : 0, 1), 0);
        buf_varint(&b, row[i][0] ? 19 : 0);
        buf_part(&b, classes.data, classes.len);
        buf_put(&b, "0123456789", 10);
        assert_int_equal(census_decode(&got, zstd, b.data, b.len), 1);
        buf_release(&classes);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fingerprint),  cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_merge),        cmocka_unit_test(test_many_classes),
        cmocka_unit_test(test_damage),       cmocka_unit_test(test_promises),
    };
    return cmocka_run_group_tests_name("event/census", tests, make_zstd, free_zstd);
}
