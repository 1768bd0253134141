#include "event/bits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 1000 };
static const size_t lengths[] = { 0, 1, 2, 127, 128, 129, 255, 256, 257, MOST };
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

/* Values of at most `width` bits, with the widest among them last. */
static void fill(uint32_t *v, size_t n, unsigned width)
{
    uint32_t mask = width ? UINT32_MAX >> (32 - width) : 0;
    for (size_t i = 0; i < n; i++)
        v[i] = (uint32_t)((i + 1) * 2654435761u) & mask;
    if (n)
        v[n - 1] = mask;
}

static void test_round_trip(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 32; width++)
        for (size_t l = 0; l < LENGTHS; l++) {
            size_t n = lengths[l];
            uint32_t v[MOST + 1], got[MOST + 1];
            fill(v, n, width);
            got[n] = 0xdecade;
            struct buf b;
            buf_init(&b, 1 << 16);
            bits_pack(&b, v, n);
            assert_true(buf_ok(&b));
            size_t blocks = (n + BITS_BLOCK - 1) / BITS_BLOCK;
            assert_true(b.len <= blocks + n / BITS_BLOCK * BITS_BLOCK / 8 * width +
                                     (n % BITS_BLOCK * width + 7) / 8);
            uint8_t *exact = malloc(b.len ? b.len : 1); /* ASan sees a read past the end */
            assert_non_null(exact);
            if (b.len)
                memcpy(exact, b.data, b.len);
            struct rd r = rd_init(exact, b.len);
            bits_unpack(&r, got, n);
            assert_true(rd_done(&r));
            assert_memory_equal(got, v, n * sizeof *v);
            assert_int_equal(got[n], 0xdecade);
            for (size_t cut = 0; cut < b.len; cut++) { /* every truncation is refused */
                r = rd_init(exact, cut);
                bits_unpack(&r, got, n);
                assert_false(rd_ok(&r));
            }
            free(exact);
            buf_release(&b);
        }
}

static void test_columns_follow(void **state)
{
    (void)state;
    uint32_t a[130], b[3] = { 1, 2, UINT32_MAX }, got[130];
    fill(a, 130, 9);
    struct buf out;
    buf_init(&out, 1 << 12);
    buf_u8(&out, 7);
    bits_pack(&out, a, 130);
    bits_pack(&out, b, 3);
    buf_u8(&out, 8);
    struct rd r = rd_init(out.data, out.len);
    assert_int_equal(rd_u8(&r), 7);
    bits_unpack(&r, got, 130);
    assert_memory_equal(got, a, sizeof a);
    bits_unpack(&r, got, 3);
    assert_memory_equal(got, b, sizeof b);
    assert_int_equal(rd_u8(&r), 8);
    assert_true(rd_done(&r));
    buf_release(&out);
}

static void test_impossible(void **state)
{
    (void)state;
    uint8_t bytes[600] = { 0 };
    uint32_t got[BITS_BLOCK];
    for (unsigned width = 0; width < 256; width++) {
        bytes[0] = (uint8_t)width;
        struct rd r = rd_init(bytes, sizeof bytes);
        bits_unpack(&r, got, BITS_BLOCK);
        assert_int_equal(rd_ok(&r), width <= 32);
    }
}

static void test_full(void **state)
{
    (void)state;
    uint32_t v[MOST];
    fill(v, MOST, 32);
    for (size_t max = 0; max < 200; max++) {
        struct buf b;
        buf_init(&b, max);
        bits_pack(&b, v, MOST);
        assert_false(buf_ok(&b));
        assert_true(b.len <= max);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_columns_follow),
        cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests_name("event/bits", tests, NULL, NULL);
}
