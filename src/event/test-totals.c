#include "event/totals.h"

#include "event/seal.h"

#include "base/zstd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct zstd_packer *zstd;
static uint64_t random_state = 31337;

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

/* Field by field: the structure has a hole. */
static bool same_total(const struct total *a, const struct total *b)
{
    return a->scope == b->scope && a->packets == b->packets && a->bytes == b->bytes &&
           a->sources == b->sources;
}

static uint32_t random_scope(void)
{
    switch (pick(4)) {
    case 0:
        return scope_kind((enum kind)pick(KINDS));
    case 1:
        return scope_proto((enum proto)pick(PROTOS), KIND_ACCESS);
    case 2:
        return scope_fingerprint(pick(2) ? pick(FINGERPRINT_TOOLS)
                                         : FINGERPRINT_LABEL + pick(MARK_LABELS));
    default:
        return head_make((enum proto)pick(PROTOS), (uint16_t)pick(65536), (enum kind)pick(KINDS), 0, 0);
    }
}

static void test_scopes(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        assert_false(scope_is_service(scope_kind((enum kind)kind)));
        assert_int_equal(head_kind(scope_kind((enum kind)kind)), kind);
    }
    for (unsigned p = 0; p < PROTOS; p++) {
        assert_false(scope_is_service(scope_proto((enum proto)p, KIND_ACCESS)));
        assert_int_equal(head_port(scope_proto((enum proto)p, KIND_ACCESS)), p);
        assert_true(scope_is_service(head_make((enum proto)p, 65535, KIND_FOREIGN, 0, 0)));
    }
    for (unsigned i = 0; i < FINGERPRINTS; i++) {
        assert_false(scope_is_service(scope_fingerprint(i)));
        assert_int_equal(head_port(scope_fingerprint(i)), i);
    }
}

/* Settled totals hold what was added, as a list of sums shows. */
static void test_settle(void **state)
{
    (void)state;
    static const size_t lengths[] = { 0, 1, 2, 255, 256, 257, 3000 };
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        struct totals t = { 0 };
        struct total *naive = calloc(lengths[l] + 1, sizeof *naive);
        size_t n = 0;
        assert_non_null(naive);
        for (size_t i = 0; i < lengths[l]; i++) {
            struct total x = { i && pick(2) ? naive[pick((uint32_t)n)].scope : random_scope(), pick(9),
                               (uint64_t)pick(1000) << 40, pick(5) };
            size_t at = 0;
            while (at < n && naive[at].scope != x.scope)
                at++;
            naive[at].scope = x.scope;
            naive[at].packets += x.packets;
            naive[at].bytes += x.bytes;
            naive[at].sources += x.sources;
            n += at == n;
            assert_int_equal(totals_add(&t, x.scope, x.packets, x.bytes, x.sources), 0);
        }
        totals_settle(&t);
        assert_int_equal(t.n, n);
        for (size_t i = 0; i < n; i++) {
            assert_true(i == 0 || t.item[i - 1].scope < t.item[i].scope);
            const struct total *x = totals_find(&t, naive[i].scope);
            assert_non_null(x);
            assert_true(same_total(x, &naive[i]));
        }
        size_t before = t.n;
        totals_settle(&t);
        assert_int_equal(t.n, before);
        assert_null(totals_find(&t, scope_fingerprint(FINGERPRINT_TOOLS))); /* nobody's number */
        assert_null(totals_find(&t, UINT32_MAX));
        totals_release(&t);
        totals_release(&t);
        free(naive);
    }
}

static void random_totals(struct totals *t, size_t n)
{
    static const uint64_t number[] = { 0, 1, 127, 128, UINT32_MAX, INT64_MAX, UINT64_MAX };
    for (size_t i = 0; i < n; i++)
        assert_int_equal(totals_add(t, random_scope(), number[pick(7)], number[pick(7)],
                                    number[pick(7)]), 0);
    totals_settle(t);
}

static void test_totals_bytes(void **state)
{
    (void)state;
    static const size_t lengths[] = { 0, 1, 2, 100, 5000 };
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        struct totals t = { 0 }, got = { 0 };
        struct buf b;
        random_totals(&t, lengths[l]);
        buf_init(&b, 1 << 20);
        buf_put(&b, "before", 6);
        assert_int_equal(totals_encode(&t, zstd, &b), 0);
        assert_int_equal(totals_decode(&got, zstd, b.data + 6, b.len - 6), 0);
        assert_int_equal(got.n, t.n);
        for (size_t i = 0; i < t.n; i++)
            assert_true(same_total(&got.item[i], &t.item[i]));
        assert_int_equal(totals_decode(&got, zstd, b.data + 6, b.len - 6), 0); /* appends */
        assert_int_equal(got.n, 2 * t.n);
        struct totals few = { .want = TOTALS_WIDE };
        assert_int_equal(totals_decode(&few, zstd, b.data + 6, b.len - 6), 0);
        for (size_t i = 0; i < few.n; i++)
            assert_true(same_total(&few.item[i], &t.item[t.n - few.n + i]));
        assert_true(few.n == t.n || scope_is_service(t.item[t.n - few.n - 1].scope));
        assert_true(few.n == 0 || !scope_is_service(few.item[0].scope));
        totals_release(&few);
        totals_release(&t);
        totals_release(&got);
        buf_release(&b);
    }
}

static void test_totals_damage(void **state)
{
    (void)state;
    struct totals t = { 0 }, got = { 0 };
    struct buf b;
    random_totals(&t, 40);
    buf_init(&b, 1 << 20);
    assert_int_equal(totals_encode(&t, zstd, &b), 0);
    assert_int_equal(totals_add(&got, 5, 6, 7, 8), 0);
    for (size_t n = 0; n < b.len; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, b.data, n);
        int err = totals_decode(&got, zstd, cut, n);
        assert_true(err == 1 ? got.n == 1 : err == 0 && got.n < 1 + t.n); /* whole blocks may be gone */
        got.n = 1;
        free(cut);
    }
    for (size_t i = 0; i < b.len; i++)
        for (unsigned v = 1; v < 256; v++) {
            b.data[i] = (uint8_t)(b.data[i] ^ v);
            int err = totals_decode(&got, zstd, b.data, b.len);
            assert_true(err == 0 || (err == 1 && got.n == 1));
            for (size_t k = 2; k < got.n; k++)
                assert_true(got.item[k - 1].scope < got.item[k].scope);
            got.n = 1;
            b.data[i] = (uint8_t)(b.data[i] ^ v);
        }
    totals_release(&t);
    totals_release(&got);
    buf_release(&b);
}

/* A blob as the encoders make them, of words that they would not write. */
static void pack_words(const uint64_t *word, size_t n, struct buf *out)
{
    struct buf plain;
    buf_init(&plain, 1 << 10);
    for (size_t i = 0; i < n; i++)
        buf_varint(&plain, word[i]);
    buf_init(out, 1 << 10);
    buf_varint(out, plain.len);
    assert_int_equal(zstd_pack(zstd, out, plain.data, plain.len, 1), 0);
    buf_release(&plain);
}

/* Totals: wide scopes in front, as they are; of services one block, which has its first scope in front. */
static void pack_totals(const uint64_t *word, size_t n, bool wide, struct buf *out)
{
    struct buf plain, packed;
    buf_init(&plain, 1 << 10);
    buf_init(&packed, 1 << 10);
    buf_init(out, 1 << 10);
    buf_u8(out, 0); /* sealed */
    for (size_t i = 0; i < n; i++)
        buf_varint(&plain, i || wide ? word[i] : 0);
    buf_part(out, plain.data, wide ? plain.len : 0);
    if (!wide) {
        assert_int_equal(zstd_pack(zstd, &packed, plain.data, plain.len, 1), 0);
        buf_varint(out, word[0]);
        buf_varint(out, plain.len);
        buf_part(out, packed.data, packed.len);
    }
    seal_put(out, 0);
    buf_release(&plain);
    buf_release(&packed);
}

/* Each lies in words that zstd finds sound. */
static void test_totals_lies(void **state)
{
    (void)state;
    static const struct {
        uint64_t word[8];
        size_t n;
        int want;
        bool wide;
    } row[] = {
        { { 0, 1, 1, 1 }, 4, 0 },
        { { 0, 1, 1, 1, 1, 1, 1, 1 }, 8, 0 },
        { { 0, 1, 1, 1, 0, 1, 1, 1 }, 8, 1 },                        /* the same scope again */
        { { 5, 1, 1, 1, UINT64_C(1) << 54, 1, 1, 1 }, 8, 1 },        /* wraps around */
        { { 5, 1, 1, 1, (UINT64_C(1) << 54) - 1, 1, 1, 1 }, 8, 1 },  /* wraps back */
        { { UINT64_C(1) << 22, 1, 1, 1 }, 4, 1 },                    /* past the last scope */
        { { 7, 1, 1, 1 }, 4, 1 },                                    /* no kind has this number */
        { { SCOPE_KIND << 19, 1, 1, 1 }, 4, 0, true },
        { { SCOPE_KIND << 19 | 1 << 3, 1, 1, 1 }, 4, 1, true }, /* kinds have no number beside */
        { { SCOPE_PROTO << 19 | (PROTOS - 1) << 3, 1, 1, 1 }, 4, 0, true },
        { { SCOPE_PROTO << 19 | PROTOS << 3, 1, 1, 1 }, 4, 1, true },
        { { SCOPE_FINGERPRINT << 19 | (FINGERPRINTS - 1) << 3, 1, 1, 1 }, 4, 0, true },
        { { SCOPE_FINGERPRINT << 19 | FINGERPRINTS << 3, 1, 1, 1 }, 4, 1, true },
        { { 0, 1, 1, 1 }, 4, 1, true }, /* a service among the wide ones, and the other way */
        { { SCOPE_KIND << 19, 1, 1, 1 }, 4, 1 },
        { { 0, 1, 1 }, 3, 1 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct buf b;
        struct totals got = { 0 };
        pack_totals(row[i].word, row[i].n, row[i].wide, &b);
        assert_int_equal(totals_decode(&got, zstd, b.data, b.len), row[i].want);
        assert_int_equal(got.n, row[i].want ? 0 : row[i].n / 4);
        totals_release(&got);
        buf_release(&b);
    }
}

static void random_minutes(struct minutes *m, size_t n, uint32_t services)
{
    static const uint32_t packets[] = { 1, 1, 1, 2, 3, 1000, UINT32_MAX / 8 };
    for (size_t i = 0; i < n; i++)
        assert_int_equal(minutes_add(m, head_make(PROTO_UDP, (uint16_t)pick(services), KIND_ACCESS, 0, 0),
                                     pick(60), packets[pick(7)]), 0);
}

static void test_minutes(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        uint32_t services;
    } row[] = { { 0, 1 }, { 1, 1 }, { 60, 1 }, { 300, 1000 }, { 4000, 30000 }, { 7, 3 } };
    for (size_t l = 0; l < sizeof row / sizeof row[0]; l++) {
        struct minutes m = { 0 }, got = { 0 };
        random_minutes(&m, row[l].n, row[l].services);
        uint64_t sum = 0, settled = 0;
        for (size_t i = 0; i < m.n; i++)
            sum += m.item[i].packets;
        minutes_settle(&m);
        for (size_t i = 0; i < m.n; i++) {
            settled += m.item[i].packets;
            if (i)
                assert_true(m.item[i - 1].scope < m.item[i].scope ||
                            (m.item[i - 1].scope == m.item[i].scope &&
                             m.item[i - 1].minute < m.item[i].minute));
        }
        assert_true(row[l].services == 1 || sum == settled);
        struct buf b;
        buf_init(&b, 1 << 20);
        assert_int_equal(minutes_encode(&m, zstd, &b), 0);
        assert_int_equal(minutes_decode(&got, zstd, b.data, b.len), 0);
        assert_int_equal(got.n, m.n);
        for (size_t i = 0; i < m.n; i++) {
            assert_int_equal(got.item[i].scope, m.item[i].scope);
            assert_int_equal(got.item[i].minute, m.item[i].minute);
            assert_int_equal(got.item[i].packets, m.item[i].packets);
        }
        for (size_t n = 0; n < b.len; n++) {
            got.n = 0;
            assert_int_equal(minutes_decode(&got, zstd, b.data, n), 1);
            assert_int_equal(got.n, 0);
        }
        for (size_t i = 0; i < b.len && b.len < 2000; i++)
            for (unsigned bit = 0; bit < 8; bit++) {
                b.data[i] ^= (uint8_t)(1u << bit);
                got.n = 0;
                assert_in_range(minutes_decode(&got, zstd, b.data, b.len), 0, 1);
                for (size_t k = 0; k < got.n; k++)
                    assert_true(got.item[k].minute < 60 && got.item[k].packets > 0);
                b.data[i] ^= (uint8_t)(1u << bit);
            }
        minutes_release(&m);
        minutes_release(&got);
        buf_release(&b);
    }
}

static void test_minutes_add_up(void **state)
{
    (void)state;
    struct minutes m = { 0 };
    uint32_t a = head_make(PROTO_TCP, 23, KIND_ACCESS, 0, 0), b = head_make(PROTO_TCP, 80, KIND_ACCESS, 0, 0);
    static const struct minute_cell want[] = { { 0, 3, 0 }, { 0, 9, 59 }, { 1, 5, 7 } };
    assert_int_equal(minutes_add(&m, b, 7, 4), 0);
    assert_int_equal(minutes_add(&m, a, 59, 9), 0);
    assert_int_equal(minutes_add(&m, a, 0, 1), 0);
    assert_int_equal(minutes_add(&m, b, 7, 1), 0);
    assert_int_equal(minutes_add(&m, a, 0, 2), 0);
    minutes_settle(&m);
    assert_int_equal(m.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(m.item[i].scope, want[i].scope ? b : a);
        assert_int_equal(m.item[i].minute, want[i].minute);
        assert_int_equal(m.item[i].packets, want[i].packets);
    }
    minutes_release(&m);
}

static void test_minutes_lies(void **state)
{
    (void)state;
    static const struct {
        uint64_t word[6];
        size_t n;
        int want;
    } row[] = {
        { { 0, 1, 0 }, 3, 0 },
        { { 0, 1, 59 << 1 }, 3, 0 },
        { { 0, 1, 60 << 1 }, 3, 1 },
        { { 0, 2, 59 << 1, 1 << 1 }, 4, 1 },
        { { 0, 1, UINT64_MAX - 1 }, 3, 1 },
        { { 0, 2, 2, UINT64_MAX - 1 }, 4, 1 },
        { { 0, 61 }, 2, 1 },
        { { 0, 2, 0 }, 3, 1 },
        { { 0, 1, 1, UINT32_MAX - 2 }, 4, 0 },
        { { 0, 1, 1, UINT32_MAX - 1 }, 4, 1 },
        { { 0, 1, 1, UINT64_MAX - 1 }, 4, 1 }, /* no packets */
        { { 0, 1, 1, UINT64_MAX }, 4, 1 },
        { { UINT64_C(1) << 22, 1, 0 }, 3, 1 },
        { { UINT64_C(5) << 19, 1, 0 }, 3, 1 }, /* no service */
        { { 7, 1, 0 }, 3, 1 },                 /* no kind has this number */
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct buf b;
        struct minutes got = { 0 };
        pack_words(row[i].word, row[i].n, &b);
        assert_int_equal(minutes_decode(&got, zstd, b.data, b.len), row[i].want);
        minutes_release(&got);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scopes),         cmocka_unit_test(test_settle),
        cmocka_unit_test(test_totals_bytes),   cmocka_unit_test(test_totals_damage),
        cmocka_unit_test(test_totals_lies),    cmocka_unit_test(test_minutes),
        cmocka_unit_test(test_minutes_add_up), cmocka_unit_test(test_minutes_lies),
    };
    return cmocka_run_group_tests_name("event/totals", tests, make_zstd, free_zstd);
}
