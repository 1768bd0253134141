#include "base/zstd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 300000 };

static uint8_t data[N], back[N + 1];

static int make_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++)
        data[i] = (uint8_t)(i * i >> 7);
    return 0;
}

static void test_round_trip(void **state)
{
    (void)state;
    static const size_t SIZES[] = { 0, 1, 100, 65536, N };
    struct zstd_packer *z;
    struct buf b;
    assert_int_equal(zstd_packer_make(&z), 0);
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        for (int level = 1; level <= 9; level += 4) {
            size_t n = SIZES[i], before;
            buf_put(&b, "head", 4);
            before = b.len;
            assert_int_equal(zstd_pack(z, &b, data, n, level), 0);
            const uint8_t *packed = b.data + before;
            size_t m = b.len - before;
            memset(back, 0xee, sizeof back);
            assert_int_equal(zstd_unpack(z, back, n, packed, m), 0);
            assert_memory_equal(back, data, n);
            assert_int_equal(back[n], 0xee);
            assert_int_equal(zstd_unpack(z, back, n + 1, packed, m), ZSTD_DAMAGED);
            if (n > 0)
                assert_int_equal(zstd_unpack(z, back, n - 1, packed, m), ZSTD_DAMAGED);
            assert_int_equal(zstd_unpack(z, back, n, packed, m - 1), ZSTD_DAMAGED);
            buf_reset(&b);
        }
    }
    assert_int_equal(zstd_unpack(z, back, 0, data, 0), ZSTD_DAMAGED);
    assert_int_equal(zstd_unpack(z, back, 10, data, 50), ZSTD_DAMAGED);
    buf_release(&b);
    zstd_packer_free(z);
    zstd_packer_free(NULL);
}

/* A buffer that is too small is bad and unchanged; one that just fits is used. */
static void test_maximum(void **state)
{
    (void)state;
    struct zstd_packer *z;
    struct buf b;
    assert_int_equal(zstd_packer_make(&z), 0);
    buf_init(&b, N);
    assert_int_equal(zstd_pack(z, &b, data, N, 1), 0);
    size_t need = b.len;
    buf_release(&b);
    buf_init(&b, need - 1);
    assert_int_equal(zstd_pack(z, &b, data, N, 1), -ENOMEM);
    assert_false(buf_ok(&b));
    assert_int_equal(b.len, 0);
    buf_release(&b);
    zstd_packer_free(z);
}

/* Streams in pieces of every kind, against the blob. */
static void test_stream(void **state)
{
    (void)state;
    static const struct {
        size_t in, out;
    } PIECES[] = { { 1, N }, { N, 1000 }, { 777, 333 }, { 4096, 131072 } };
    struct zstd_packer *z;
    struct buf b;
    assert_int_equal(zstd_packer_make(&z), 0);
    buf_init(&b, 1 << 20);
    assert_int_equal(zstd_pack(z, &b, data, N / 2, 3), 0);
    assert_int_equal(zstd_pack(z, &b, data + N / 2, N - N / 2, 1), 0);
    for (size_t i = 0; i < sizeof PIECES / sizeof *PIECES; i++) {
        struct zstd_stream *s;
        assert_int_equal(zstd_stream_make(&s), 0);
        assert_true(zstd_stream_whole(s));
        size_t got = 0, n;
        for (size_t at = 0; at < b.len;) {
            size_t piece = PIECES[i].in < b.len - at ? PIECES[i].in : b.len - at;
            struct rd in = rd_init(b.data + at, piece);
            do {
                size_t left = N - got + 1; /* the last frame's checksum comes after its last byte */
                size_t room = PIECES[i].out < left ? PIECES[i].out : left;
                assert_int_equal(zstd_stream_run(s, &in, back + got, room, &n), 0);
                got += n;
                assert_true(rd_left(&in) == 0 || got < N || n > 0);
            } while (rd_left(&in) > 0 || (n == PIECES[i].out && got < N));
            at += piece;
        }
        assert_int_equal(got, N);
        assert_memory_equal(back, data, N);
        assert_true(zstd_stream_whole(s));
        struct rd more = rd_init(b.data, 9);
        assert_int_equal(zstd_stream_run(s, &more, back, N, &n), 0);
        assert_false(zstd_stream_whole(s));
        more = rd_init("no block of zstd's", 18);
        assert_int_equal(zstd_stream_run(s, &more, back, N, &n), ZSTD_DAMAGED);
        zstd_stream_free(s);
    }
    zstd_stream_free(NULL);
    buf_release(&b);
    zstd_packer_free(z);
}

/* A window beyond 128 MiB is refused before memory is taken for it. */
static void test_window(void **state)
{
    (void)state;
    static const struct {
        uint8_t window; /* RFC 8878, section 3.1.1.1.2: 2 to the power of (10 + high five bits) */
        int want;
    } ROWS[] = { { 0x50, 0 }, { 0x88, 0 }, { 0x90, ZSTD_DAMAGED }, { 0xa8, ZSTD_DAMAGED } };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        /* one raw block of no bytes */
        uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, ROWS[i].window, 0x01, 0x00, 0x00 };
        struct zstd_stream *s;
        size_t n;
        assert_int_equal(zstd_stream_make(&s), 0);
        struct rd in = rd_init(frame, sizeof frame);
        assert_int_equal(zstd_stream_run(s, &in, back, N, &n), ROWS[i].want);
        assert_int_equal(n, 0);
        assert_int_equal(zstd_stream_whole(s), ROWS[i].want == 0);
        zstd_stream_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_window),
    };
    return cmocka_run_group_tests_name("base/zstd", tests, make_data, NULL);
}
