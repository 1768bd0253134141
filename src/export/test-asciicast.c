#include "export/asciicast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])
#define BEGAN INT64_C(1504467315000000)
#define HEADER "{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1504467315,\"title\":\"0000000000000007\"}\n"

enum { VISITOR, DEVICE, MOST = 1 << 16 };

static void speak(struct session_event *e, unsigned direction, uint64_t at, const void *data, size_t n)
{
    session_begin(e, SESSION_SPOKEN, 7, BEGAN + (int64_t)at);
    session_set(e, FIELD_DIRECTION, direction);
    session_set(e, FIELD_AT, at);
    session_set_bytes(e, FIELD_DATA, data, n);
}

static void resize(struct session_event *e, uint64_t at, uint64_t columns, uint64_t rows)
{
    session_begin(e, SESSION_CLIENT, 7, BEGAN + (int64_t)at);
    session_set(e, FIELD_COLUMNS, columns);
    session_set(e, FIELD_ROWS, rows);
}

static void assert_film(const struct session_event *events, size_t n, const char *want)
{
    struct asciicast c;
    struct buf b;
    buf_init(&b, MOST);
    asciicast_begin(&c);
    for (size_t i = 0; i < n; i++)
        asciicast_learn(&c, &events[i]);
    assert_int_equal(asciicast_header(&c, &b), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(asciicast_put(&c, &b, &events[i]), 0);
    assert_int_equal(asciicast_end(&c, &b), 0);
    buf_u8(&b, 0);
    assert_string_equal((const char *)b.data, want);
    buf_release(&b);
}

/* What the format's page shows: lines of output, a change of size, times with six decimals. */
static void as_documented(void **state)
{
    (void)state;
    struct session_event e[7];
    session_begin(&e[0], SESSION_OPEN, 7, BEGAN);
    resize(&e[1], 100, 80, 24);
    session_set_text(&e[1], FIELD_TERMINAL, "xterm-256color");
    speak(&e[2], DEVICE, 248848, "\x1b[1;31mHello \x1b[32mWorld!\x1b[0m\n", 29);
    speak(&e[3], DEVICE, 1001376, "That was ok\rThis is better.", 27);
    speak(&e[4], VISITOR, 1500000, "\x03", 1);
    resize(&e[5], 4050000, 120, 40);
    speak(&e[6], DEVICE, 86400000001, "Bye!", 4);
    assert_film(e, LENGTH(e),
                "{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1504467315,"
                "\"title\":\"0000000000000007\",\"env\":{\"TERM\":\"xterm-256color\"}}\n"
                "[0.248848, \"o\", \"\\u001b[1;31mHello \\u001b[32mWorld!\\u001b[0m\\n\"]\n"
                "[1.001376, \"o\", \"That was ok\\rThis is better.\"]\n"
                "[1.500000, \"i\", \"\\u0003\"]\n"
                "[4.050000, \"r\", \"120x40\"]\n"
                "[86400.000001, \"o\", \"Bye!\"]\n");
}

static void without_a_terminal(void **state)
{
    (void)state;
    struct session_event e[2];
    session_begin(&e[0], SESSION_OPEN, 7, BEGAN);
    session_begin(&e[1], SESSION_CLIENT, 7, BEGAN); /* tells no size */
    assert_film(e, LENGTH(e), HEADER);
    assert_film(NULL, 0,
                "{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":0,\"title\":\"0000000000000000\"}\n");
}

#define BAD "\xef\xbf\xbd"

static const struct {
    const char *said;
    size_t n;
    const char *shown;
} texts[] = {
    { "\"\\/", 3, "\\\"\\\\/" },
    { "\n\r\t\b\f", 5, "\\n\\r\\t\\u0008\\u000c" },
    { "\0\x01\x1f\x7f", 4, "\\u0000\\u0001\\u001f\\u007f" },
    { "\xc2\x85\xc2\x9f\xc2\xa0", 6, "\\u0085\\u009f\xc2\xa0" },
    { "\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf", 9, "\\u202e\\u2028\\ufeff" },
    { "\xe5\xae\x9a\xe7\x82\xb9", 6, "\xe5\xae\x9a\xe7\x82\xb9" },
    { "\xf0\x9f\x92\xa9", 4, "\xf0\x9f\x92\xa9" },
    { "a\xff" "b", 3, "a" BAD "b" },
    { "\xff\xfb\x01", 3, BAD BAD "\\u0001" },
    { "\x80\xbf", 2, BAD BAD },
    { "\xc0\x80", 2, BAD BAD },                 /* overlong */
    { "\xe0\x80\x80", 3, BAD BAD BAD },
    { "\xed\xa0\x80", 3, BAD BAD BAD },         /* a surrogate */
    { "\xf4\x90\x80\x80", 4, BAD BAD BAD BAD }, /* past the last */
    { "\xe5\xae(", 3, BAD "(" },                /* what spoils a character stands for itself */
    { "\xe5\xe5\xae\x9a", 4, BAD "\xe5\xae\x9a" },
    { "\xf0\x9f\x92\xe5\xae\x9a", 6, BAD "\xe5\xae\x9a" },
    { "\xe5\xae", 2, BAD },                     /* never ended */
    { "\xf0\x9f\x92", 3, BAD },
};

static void shown(size_t i, size_t cut)
{
    struct asciicast c;
    struct buf b, all;
    struct session_event e;
    buf_init(&b, MOST);
    buf_init(&all, MOST);
    asciicast_begin(&c);
    speak(&e, DEVICE, 0, texts[i].said, cut);
    assert_int_equal(asciicast_put(&c, &b, &e), 0);
    speak(&e, DEVICE, 0, texts[i].said + cut, texts[i].n - cut);
    assert_int_equal(asciicast_put(&c, &b, &e), 0);
    assert_int_equal(asciicast_end(&c, &b), 0);
    static const char opening[] = "[0.000000, \"o\", \"", closing[] = "\"]\n";
    for (size_t at = 0; at < b.len;) {
        assert_memory_equal(b.data + at, opening, sizeof opening - 1);
        at += sizeof opening - 1;
        const uint8_t *end = memmem(b.data + at, b.len - at, closing, sizeof closing - 1);
        assert_non_null(end);
        size_t n = (size_t)(end - b.data) - at;
        assert_int_not_equal(n, 0);
        buf_put(&all, b.data + at, n);
        at += n + sizeof closing - 1;
    }
    buf_u8(&all, 0);
    if (strcmp((const char *)all.data, texts[i].shown) != 0)
        fail_msg("text %zu cut after %zu: %s", i, cut, (const char *)all.data);
    buf_release(&b);
    buf_release(&all);
}

/* A text comes out the same wherever it is cut into two pieces. */
static void cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++)
        for (size_t cut = 0; cut <= texts[i].n; cut++)
            shown(i, cut);
}

/* Each side has its own characters. */
static void both_sides(void **state)
{
    (void)state;
    struct session_event e[5];
    session_begin(&e[0], SESSION_OPEN, 7, BEGAN);
    speak(&e[1], VISITOR, 1, "a\xe5", 2);
    speak(&e[2], DEVICE, 2, "\xae", 1);
    speak(&e[3], VISITOR, 3, "\xae\x9a\xf0", 3);
    speak(&e[4], DEVICE, 4, "\xe5\xae", 2);
    assert_film(e, LENGTH(e),
                HEADER "[0.000001, \"i\", \"a\"]\n[0.000002, \"o\", \"" BAD "\"]\n"
                       "[0.000003, \"i\", \"\xe5\xae\x9a\"]\n"
                       "[0.000004, \"i\", \"" BAD "\"]\n[0.000004, \"o\", \"" BAD "\"]\n");
}

static void whole_or_not(void **state)
{
    (void)state;
    static const char want[] = "[0.000005, \"o\", \"login: \"]\n";
    for (size_t max = 0; max < sizeof want; max++) {
        struct asciicast c;
        struct buf b;
        struct session_event e;
        bool fits = max == sizeof want - 1;
        buf_init(&b, max);
        asciicast_begin(&c);
        speak(&e, DEVICE, 5, "login: ", 7);
        assert_int_equal(asciicast_put(&c, &b, &e), fits ? 0 : -ENOMEM);
        assert_int_equal(b.len, fits ? sizeof want - 1 : 0);
        buf_release(&b);
        buf_init(&b, max);
        asciicast_begin(&c);
        assert_int_equal(asciicast_header(&c, &b), -ENOMEM);
        assert_int_equal(b.len, 0);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_documented), cmocka_unit_test(without_a_terminal), cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(both_sides),    cmocka_unit_test(whole_or_not),
    };
    return cmocka_run_group_tests_name("export/asciicast", tests, NULL, NULL);
}
