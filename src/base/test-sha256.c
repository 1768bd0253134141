#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* FIPS 180-4 examples and the NIST CAVS vectors of one and of no byte. */
static void test_known(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } row[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "\xbd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b" },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct sha256 h;
        uint8_t hash[SHA256_BYTES];
        char hex[SHA256_HEX];
        sha256_begin(&h);
        sha256_add(&h, row[i].text, strlen(row[i].text));
        sha256_end(&h, hash);
        assert_string_equal(sha256_hex(hash, hex), row[i].want);
    }
}

/* However a stream is cut; and a million letters (FIPS 180-4). */
static void test_pieces(void **state)
{
    (void)state;
    static char a[1000000];
    memset(a, 'a', sizeof a);
    for (size_t piece = 1; piece < sizeof a; piece = piece * 7 + 3) {
        struct sha256 h;
        uint8_t hash[SHA256_BYTES];
        char hex[SHA256_HEX];
        sha256_begin(&h);
        for (size_t at = 0; at < sizeof a; at += piece)
            sha256_add(&h, a + at, piece < sizeof a - at ? piece : sizeof a - at);
        sha256_end(&h, hash);
        assert_string_equal(sha256_hex(hash, hex),
                            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

/* Parts that are cut elsewhere give another hash, numbers another than their negatives. */
static void test_parts(void **state)
{
    (void)state;
    struct sha256 h;
    uint8_t hash[4][SHA256_BYTES];
    static const char *const part[3][2] = { { "ab", "c" }, { "a", "bc" }, { "abc", "" } };
    for (size_t i = 0; i < 3; i++) {
        sha256_begin(&h);
        sha256_add_part(&h, part[i][0], strlen(part[i][0]));
        sha256_add_part(&h, part[i][1], strlen(part[i][1]));
        sha256_end(&h, hash[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(hash[i], hash[j], SHA256_BYTES);
    }
    for (size_t i = 0; i < 2; i++) {
        sha256_begin(&h);
        sha256_add_int(&h, i ? -1 : 1);
        sha256_end(&h, hash[i]);
    }
    assert_memory_not_equal(hash[0], hash[1], SHA256_BYTES);
}

static void test_parse(void **state)
{
    (void)state;
    uint8_t hash[SHA256_BYTES];
    char hex[SHA256_HEX], text[SHA256_HEX + 1];
    for (int i = 0; i < 64; i++)
        text[i] = "0123456789abcdefABCDEF"[i % 22];
    text[64] = '\0';
    assert_true(sha256_parse(text, hash));
    assert_int_equal(hash[0], 0x01);
    assert_int_equal(hash[8], 0xab);
    sha256_hex(hash, hex);
    assert_int_equal(strlen(hex), 64);
    text[5] = 'g';
    assert_false(sha256_parse(text, hash));
    text[5] = '5';
    text[63] = '\0';
    assert_false(sha256_parse(text, hash));
    memcpy(text + 63, "00", 3);
    assert_false(sha256_parse(text, hash));
    assert_false(sha256_parse("", hash));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests_name("base/sha256", tests, NULL, NULL);
}
