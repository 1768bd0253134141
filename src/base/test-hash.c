#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char TEXT[] = "192.0.2.1 to 198.51.100.7, port 23";

/* Known answers: hashes are stored, so they must never change. */
static void test_known(void **state)
{
    (void)state;
    static const uint8_t WANT[16] = { 0xc9, 0xd8, 0x74, 0x79, 0x00, 0x62, 0x6e, 0x04,
                                      0xb3, 0x89, 0xfc, 0x61, 0x05, 0xeb, 0xde, 0x03 };
    struct hash128 *h;
    uint8_t got[16];
    assert_int_equal(hash128_make(&h), 0);
    hash128_add(h, TEXT, strlen(TEXT));
    hash128_value(h, got);
    assert_memory_equal(got, WANT, 16);
    hash128_free(h);
    hash128_free(NULL);
    assert_true(hash64(TEXT, strlen(TEXT), 0) == 0x3bddd1c0332af190);
    assert_true(hash64(TEXT, strlen(TEXT), 7) == 0x986d7f4e1a115a0c);
    assert_true(hash64(NULL, 0, 0) == 0x2d06800538d394c2);
}

/* However a stream is cut, and asking in between changes nothing. */
static void test_pieces(void **state)
{
    (void)state;
    enum { N = 100000 };
    uint8_t *d = malloc(N), want[16], got[16];
    assert_non_null(d);
    for (size_t i = 0; i < N; i++)
        d[i] = (uint8_t)(i * i >> 3);
    struct hash128 *whole, *parts;
    assert_int_equal(hash128_make(&whole), 0);
    assert_int_equal(hash128_make(&parts), 0);
    hash128_add(whole, d, N);
    hash128_value(whole, want);
    for (size_t at = 0, n = 0; at < N; at += n) {
        n = at % 977 + 1;
        n = n < N - at ? n : N - at;
        hash128_add(parts, d + at, n);
        hash128_value(parts, got);
    }
    assert_memory_equal(got, want, 16);
    hash128_add(parts, d, 0);
    hash128_value(parts, got);
    assert_memory_equal(got, want, 16);
    hash128_add(parts, d, 1);
    hash128_value(parts, got);
    assert_memory_not_equal(got, want, 16);
    hash128_free(whole);
    hash128_free(parts);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_pieces),
    };
    return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
