/* The growing buffer and the bounded reader, each of which undoes what the other did. */
#include "base/buf.h"
#include "base/rd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const uint64_t NUMBERS[] = { 0,          1,          0x7f,       0x80,
                                    0xff,       0x3fff,     0x4000,     0xffff,
                                    0x10000,    0x12345678, 0xffffffff, UINT64_C(1) << 32,
                                    UINT64_C(0x123456789abcdef0), INT64_MAX, UINT64_C(1) << 63,
                                    UINT64_MAX };
enum { NUMBERS_N = sizeof NUMBERS / sizeof NUMBERS[0] };

static void test_fixed(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < NUMBERS_N; i++) {
        buf_u8(&b, (uint8_t)NUMBERS[i]);
        buf_le16(&b, (uint16_t)NUMBERS[i]);
        buf_le32(&b, (uint32_t)NUMBERS[i]);
        buf_le64(&b, NUMBERS[i]);
        buf_part(&b, "part", i % 5);
    }
    assert_int_equal(buf_status(&b), 0);
    struct rd r = rd_init(b.data, b.len);
    for (size_t i = 0; i < NUMBERS_N; i++) {
        assert_int_equal(rd_u8(&r), (uint8_t)NUMBERS[i]);
        assert_int_equal(rd_le16(&r), (uint16_t)NUMBERS[i]);
        assert_int_equal(rd_le32(&r), (uint32_t)NUMBERS[i]);
        assert_true(rd_le64(&r) == NUMBERS[i]);
        struct rd part = rd_part(&r);
        assert_int_equal(rd_left(&part), i % 5);
        assert_memory_equal(rd_take(&part, i % 5), "part", i % 5);
        assert_true(rd_done(&part));
    }
    assert_true(rd_done(&r));
    buf_release(&b);
}

static void test_big_endian(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0x12, 0x34, 0x12, 0x34, 0x56, 0x78,
                                     1,    2,    3,    4,    5,    6,    7, 8 };
    struct rd r = rd_init(bytes, sizeof bytes);
    assert_int_equal(rd_be16(&r), 0x1234);
    assert_int_equal(rd_be32(&r), 0x12345678);
    assert_true(rd_be64(&r) == UINT64_C(0x0102030405060708));
    assert_true(rd_done(&r));
}

static void test_varint(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUMBERS_N; i++) {
        struct buf b;
        buf_init(&b, 64);
        buf_varint(&b, NUMBERS[i]);
        assert_true(buf_ok(&b));
        struct rd r = rd_init(b.data, b.len);
        assert_true(rd_varint(&r) == NUMBERS[i]);
        assert_true(rd_done(&r));
        for (size_t n = 0; n < b.len; n++) { /* every truncation is short */
            r = rd_init(b.data, n);
            assert_int_equal(rd_varint(&r), 0);
            assert_false(rd_ok(&r));
        }
        buf_release(&b);
    }
    static const struct {
        uint8_t bytes[11];
        size_t n;
        bool good;
    } row[] = {
        { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 }, 10, true },
        { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 }, 10, false }, /* bit 64 */
        { { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0 }, 11, false },
        { { 0x80, 0x00 }, 2, true },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct rd r = rd_init(row[i].bytes, row[i].n);
        rd_varint(&r);
        assert_int_equal(rd_ok(&r), row[i].good);
    }
}

/* After a short read nothing is left, and every further read gives zero. */
static void test_poison(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7 };
    struct rd r = rd_init(bytes, sizeof bytes);
    assert_int_equal(rd_u8(&r), 1);
    assert_true(rd_le64(&r) == 0);
    assert_false(rd_ok(&r));
    assert_int_equal(rd_left(&r), 0);
    assert_int_equal(rd_u8(&r), 0);
    assert_null(rd_take(&r, 1));
    assert_false(rd_done(&r));

    r = rd_init(bytes, sizeof bytes);
    assert_null(rd_take(&r, SIZE_MAX));
    assert_false(rd_ok(&r));

    r = rd_init(bytes, sizeof bytes);
    struct rd sub = rd_sub(&r, 8);
    assert_false(rd_ok(&sub));
    assert_int_equal(rd_left(&sub), 0);
    assert_false(rd_ok(&r));

    r = rd_init(bytes, sizeof bytes);
    sub = rd_sub(&r, 3); /* a poisoned part leaves the whole as it was */
    assert_true(rd_le32(&sub) == 0);
    assert_false(rd_ok(&sub));
    assert_int_equal(rd_left(&r), 4);
    assert_true(rd_ok(&r));

    uint8_t copy[8];
    memset(copy, 9, sizeof copy);
    rd_copy(&r, copy, 5);
    assert_false(rd_ok(&r));
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(copy[i], 0);

    r = rd_init(bytes, 0);
    assert_true(rd_done(&r));
    assert_non_null(rd_take(&r, 0));
    assert_true(rd_done(&r));
}

static void test_part_lies(void **state)
{
    (void)state;
    static const uint64_t claims[] = { 3, 4, 255, UINT32_MAX, INT64_MAX, UINT64_MAX };
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        struct buf b;
        buf_init(&b, 64);
        buf_varint(&b, claims[i]);
        buf_put(&b, "ab", 2);
        struct rd r = rd_init(b.data, b.len);
        struct rd part = rd_part(&r);
        assert_false(rd_ok(&part));
        assert_false(rd_ok(&r));
        buf_release(&b);
    }
}

/* A put that would pass the maximum writes nothing, and the buffer stays bad until it is reset. */
static void test_cap(void **state)
{
    (void)state;
    static const size_t max[] = { 0, 1, 7, 63, 64, 65, 1000 };
    for (size_t i = 0; i < sizeof max / sizeof max[0]; i++) {
        struct buf b;
        buf_init(&b, max[i]);
        for (size_t n = 0; n < max[i]; n++)
            buf_u8(&b, (uint8_t)n);
        assert_true(buf_ok(&b));
        assert_int_equal(b.len, max[i]);
        buf_u8(&b, 0);
        assert_false(buf_ok(&b));
        assert_int_equal(buf_status(&b), -ENOMEM);
        assert_int_equal(b.len, max[i]);
        assert_null(buf_add(&b, 1));
        buf_put(&b, "", 0);
        assert_false(buf_ok(&b)); /* sticky */
        for (size_t n = 0; n < max[i]; n++)
            assert_int_equal(b.data[n], (uint8_t)n);
        buf_reset(&b);
        assert_true(buf_ok(&b));
        assert_int_equal(b.len, 0);
        assert_false(buf_reserve(&b, max[i] + 1));
        buf_reset(&b);
        assert_null(buf_add(&b, SIZE_MAX));
        assert_false(buf_ok(&b));
        buf_release(&b);
        assert_null(b.data);
        buf_release(&b);
    }
}

static void test_cap_is_whole(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    buf_put(&b, "1234567", 7);
    buf_le32(&b, 5);
    assert_false(buf_ok(&b));
    assert_int_equal(b.len, 7);
    buf_release(&b);
}

static void test_grow(void **state)
{
    (void)state;
    enum { N = 300000 };
    struct buf b;
    buf_init(&b, N);
    for (size_t i = 0; i < N / 4; i++)
        buf_le32(&b, (uint32_t)(i * 2654435761u));
    assert_true(buf_ok(&b));
    assert_true(b.room <= b.max);
    struct rd r = rd_init(b.data, b.len);
    for (size_t i = 0; i < N / 4; i++)
        assert_int_equal(rd_le32(&r), (uint32_t)(i * 2654435761u));
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed),     cmocka_unit_test(test_big_endian),
        cmocka_unit_test(test_varint),    cmocka_unit_test(test_poison),
        cmocka_unit_test(test_part_lies), cmocka_unit_test(test_cap),
        cmocka_unit_test(test_cap_is_whole), cmocka_unit_test(test_grow),
    };
    return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
