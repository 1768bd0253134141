#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])
#define BYTES(s) s, sizeof(s) - 1

/* clang-format off */
static const struct {
    const char *in;
    size_t n;
    const char *plain, *quoted;
} cases[] = {
    { BYTES(""), "", "" },
    { BYTES("abc"), "abc", "abc" },
    { BYTES("a b=c"), "a b=c", "a b=c" },
    { BYTES("say \"hi\" \\n"), "say \"hi\" \\n", "say \\\"hi\\\" \\\\n" },
    { BYTES("\x1b[2Jx"), "\\x1b[2Jx", "\\x1b[2Jx" },
    { BYTES("a\nb\rc\td"), "a\\nb\\rc\\td", "a\\nb\\rc\\td" },
    { BYTES("nul\0nul"), "nul\\x00nul", "nul\\x00nul" },
    { BYTES("\x7f"), "\\x7f", "\\x7f" },
    { BYTES("\xc2\x9b""31m"), "\\x9b31m", "\\x9b31m" },           /* C1 as UTF-8 */
    { BYTES("\x9b""31m"), "\\x9b31m", "\\x9b31m" },               /* C1 bare */
    { BYTES("\xe5\xae\x9a\xe7\x82\xb9"), "\xe5\xae\x9a\xe7\x82\xb9", "\xe5\xae\x9a\xe7\x82\xb9" },
    { BYTES("\xe5\xae"), "\\xe5\\xae", "\\xe5\\xae" },            /* cut */
    { BYTES("\xc0\xaf"), "\\xc0\\xaf", "\\xc0\\xaf" },            /* overlong */
    { BYTES("\xe0\x80\xaf"), "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf" },
    { BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" }, /* surrogate */
    { BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80" },
    { BYTES("\xf0\x9f\x90\x9f"), "\xf0\x9f\x90\x9f", "\xf0\x9f\x90\x9f" },
    { BYTES("a\xe2\x80\xae" "b"), "a\\u{202e}b", "a\\u{202e}b" }, /* right to left */
};
/* clang-format on */

static void strangers_are_escaped(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        for (int how = TEXT_PLAIN; how <= TEXT_QUOTED; how++) {
            struct buf b;
            buf_init(&b, 1000);
            text_escape(&b, cases[i].in, cases[i].n, (enum text_escape)how);
            buf_u8(&b, 0);
            assert_true(buf_ok(&b));
            assert_string_equal((char *)b.data,
                                how == TEXT_PLAIN ? cases[i].plain : cases[i].quoted);
            buf_release(&b);
        }
    }
}

static void utf8_is_known(void **state)
{
    (void)state;
    assert_true(text_is_utf8(BYTES("")));
    assert_true(text_is_utf8(BYTES("a\xc3\xa9\xe5\xae\x9a\xf4\x8f\xbf\xbf")));
    assert_false(text_is_utf8(BYTES("a\xc3")));
    assert_false(text_is_utf8(BYTES("\x80")));
    assert_false(text_is_utf8(BYTES("\xf5\x80\x80\x80")));
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(text_width(BYTES("abc")), 3);
    assert_int_equal(text_fit(BYTES("abcdef"), 4), 4);
    assert_int_equal(text_fit(BYTES("ab"), 4), 2);
    assert_int_equal(text_fit(BYTES("a\xc3\xa9z"), 2), 3);
    assert_int_equal(text_fit(BYTES("abc"), 0), 0);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        int result;
        int64_t value;
    } rows[] = {
        { "0", 0, 0 },
        { "64", 0, 64 },
        { "-5", 0, -5 },
        { "65", 1, 0 },
        { "-6", 1, 0 },
        { "", 1, 0 },
        { "-", 1, 0 },
        { " 1", 1, 0 },
        { "1 ", 1, 0 },
        { "+1", 1, 0 },
        { "0x10", 1, 0 },
        { "1.5", 1, 0 },
        { "99999999999999999999", 1, 0 },
        { "--1", 1, 0 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int64_t v = 0;
        if (text_int(rows[i].s, -5, 64, &v) != rows[i].result || v != rows[i].value)
            fail_msg("'%s' was misread", rows[i].s);
    }
}

static const char *known(size_t i, const void *context)
{
    const char *const *names = context;
    return names[i];
}

static void slips_are_understood(void **state)
{
    (void)state;
    const char *names[] = { "series", "sources", "status", "top", "ingest", "sensor.prefix", NULL };
    static const struct {
        const char *word, *want;
    } rows[] = {
        { "serie", "series" },
        { "sreies", "series" },
        { "STATUS", "status" },
        { "injest", "ingest" },
        { "sensor.prefixes", "sensor.prefix" },
        { "tpo", NULL },
        { "bulletin", NULL },
        { "", NULL },
        { "xyz", NULL },
        { "to", "top" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *found = text_nearest(rows[i].word, known, names);
        if (!rows[i].want ? found != NULL : !found || strcmp(found, rows[i].want) != 0)
            fail_msg("'%s' was taken for '%s'", rows[i].word, found ? found : "nothing");
    }
}

static void printing(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64);
    buf_print(&b, "%d-%s", 12, "ab");
    assert_true(buf_ok(&b));
    assert_int_equal(b.len, 5);
    assert_memory_equal(b.data, "12-ab", 5);
    buf_print(&b, "%60d", 1);
    assert_false(buf_ok(&b));
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_are_escaped),
        cmocka_unit_test(utf8_is_known),
        cmocka_unit_test(widths),
        cmocka_unit_test(numbers),
        cmocka_unit_test(slips_are_understood),
        cmocka_unit_test(printing),
    };
    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
