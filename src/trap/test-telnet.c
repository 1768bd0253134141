#include "trap/telnet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What a client sends after the opening; what comes to the terminal, what is answered. */
struct exchange {
    const char *dialect, *sent, *data, *answer;
    size_t n_sent, n_data, n_answer;
    uint16_t columns, rows;
    const char *terminal;
    bool interrupted;
};

#define B(text) text, sizeof text - 1
#define CASE(dialect_, sent_, data_, answer_, ...)                                                 \
    {                                                                                              \
        .dialect = dialect_, .sent = sent_, .n_sent = sizeof sent_ - 1, .data = data_,             \
        .n_data = sizeof data_ - 1, .answer = answer_, .n_answer = sizeof answer_ - 1, __VA_ARGS__ \
    }

#define BB "busybox-1.35"

/* clang-format off */
static const struct exchange exchanges[] = {
    /* As the real telnetd of BusyBox 1.35 did, byte for byte. */
    CASE(BB, "\xff\xf6", "", "\xff\xff\xf1"),
    CASE(BB, "\xff\xf1", "", ""), CASE(BB, "\xff\xf2", "", ""), CASE(BB, "\xff\xf5", "", ""), CASE(BB, "\xff\xf7", "", ""),
    CASE(BB, "\xff\xf8", "", ""), CASE(BB, "\xff\xf9", "", ""), CASE(BB, "\xff\xf0", "", ""), CASE(BB, "\xff\xef", "", ""),
    CASE(BB, "\xff\x80", "", ""), CASE(BB, "\xff\x00", "", ""), CASE(BB, "\xff" "A", "", ""),
    CASE(BB, "\xff" "0abc", "bc", ""), CASE(BB, "\xff" "0\xff\xf0\r", "\xf0\r", ""),
    CASE(BB, "\xff\xf4", "", "", .interrupted = true), CASE(BB, "\xff\xf3", "", "", .interrupted = true),
    CASE(BB, "\xff\xfa\x1f\x00\x64\x00\x32\xff\xf0Q", "Q", "", .columns = 100, .rows = 50),
    CASE(BB, "\xff\xfa\x1f\x00\xff\xff\x00\x32\xff\xf0Q", "2Q", "", .columns = 255, .rows = 65280),
    CASE(BB, "\xff\xfa\x1f\x00\x64\xff\xf0hello", "hello", "", .columns = 100, .rows = 65520),
    CASE(BB, "\xff\xfa\x1f\x00\x64", "", ""),
    CASE(BB, "\xff\xfa\x18\x00xterm\xff\xf0Q", "\x00xtermQ", ""),
    CASE(BB, "\xff\xfa\x63" "abcdef\xff\xf0hello", "abcdefhello", ""),
    CASE(BB, "\xff\xfa\x22\xff\xff\xff\xf0hello", "\xffhello", ""),
    CASE(BB, "a\xff\xff" "b", "a\xff" "b", ""),
    CASE(BB, "a\r\0b", "a\rb", ""), CASE(BB, "a\r\nb", "a\rb", ""), CASE(BB, "a\rb", "a\rb", ""), CASE(BB, "a\nb", "a\nb", ""),
    CASE(BB, "a\r\r\nb", "a\r\rb", ""), CASE(BB, "a\r\n\r\nb", "a\r\rb", ""), CASE(BB, "a\r", "a\r", ""),
    CASE(BB, "a\0b", "a\0b", ""), CASE(BB, "a\r\xff\xf1\nb", "a\r\nb", ""),
    CASE(BB, "\xff\xfb\x63", "", ""), CASE(BB, "\xff\xfd\x63", "", ""), CASE(BB, "\xff\xfc\x63", "", ""), CASE(BB, "\xff\xfe\x63", "", ""),
    CASE(BB, "\xff\xfd\x01", "", ""), CASE(BB, "\xff\xfe\x01", "", ""), CASE(BB, "\xff\xfb\x03", "", ""), CASE(BB, "\xff\xfb\x18", "", ""),
    CASE(BB, "\xff\xfd\x00", "", ""), CASE(BB, "\xff\xfd\x06", "", ""),
    CASE(BB, "x\xff\xfa\x18\x00" "abc", "x\0abc", ""),
    CASE(BB, "ab\xff", "ab", ""), CASE(BB, "ab\xff\xfd", "ab", ""), CASE(BB, "ab\xff\xfa", "ab", ""),
    CASE(BB, "ab\xff\xfd\x63" "cd\xff\xf1" "ef\r\0gh", "abcdef\rgh", ""),
    CASE("busybox-1.19", "\xff\xf6q", "q", ""),
    CASE("utelnetd", "\xff\xfd\x63\xff\xf6q", "q", ""),
    CASE("plain", "root\r\n", "root\r", ""),
    /* As GNU inetutils' and netkit's did. */
    CASE("inetutils", "\xff\xf6", "", "\r\n[Yes]\r\n"),
    CASE("inetutils", "\xff\xfb\x63", "", "\xff\xfe\x63"), CASE("inetutils", "\xff\xfd\x63", "", "\xff\xfc\x63"),
    CASE("inetutils", "\xff\xfc\x63\xff\xfe\x63", "", ""),
    CASE("inetutils", "\xff\xfd\x06", "", "\xff\xfb\x06"), CASE("inetutils", "\xff\xfb\x03", "", "\xff\xfd\x03"),
    CASE("inetutils", "\xff\xfd\x00\xff\xfb\x00\xff\xfe\x01\xff\xfd\x01\xff\xfe\x03", "", "\xff\xfb\x00\xff\xfd\x00\xff\xfb\x01"
         "", .interrupted = false),
    CASE("inetutils", "\xff\xfa\x63" "abc\xff\xf0x", "x", ""),
    CASE("inetutils", "\xff\xfc\x18\xff\xfc\x20\xff\xfc\x23\xff\xfc\x27\xff\xfc\x24\xff\xfe\x25\xff\xfe\x26", "",
         "\xff\xfb\x03\xff\xfd\x01\xff\xfd\x22\xff\xfd\x1f\xff\xfb\x05\xff\xfd\x21"),
    CASE("netkit", "\xff\xfc\x18\xff\xfc\x20\xff\xfc\x23\xff\xfc\x27", "", "\xff\xfb\x03\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x05\xff\xfd\x21"),
    CASE("netkit", "\xff\xfc\x18\xff\xfc\x20\xff\xfc\x23\xff\xfc\x27\xff\xfc\x01", "",
         "\xff\xfb\x03\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x05\xff\xfd\x21\xff\xfb\x01"),
    CASE("netkit", "\xff\xfc\x20\xff\xfc\x23\xff\xfc\x27\xff\xfb\x18\xff\xfa\x18\x00XTERM-\xff\xff" "256color\x1b\xff\xf0", "",
         "\xff\xfa\x18\x01\xff\xf0\xff\xfb\x03\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x05\xff\xfd\x21", .terminal = "XTERM-256color"),
    CASE("netkit", "a\xff\xf4\xff\xf7\xff\xf8", "a\x03\x7f\x15", "", .interrupted = true),
    CASE("netkit", "\xff\xf6", "", "\r\n[dvr : yes]\r\n"),
    CASE("cisco", "\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\xff\xff\x00\x32\xff\xf0\xff\xfc\x18", "", "", .columns = 255, .rows = 50),
    CASE("cisco", "\xff\xfb\x18\xff\xfb\x18", "", "\xff\xfa\x18\x01\xff\xf0"),
    CASE("cisco", "\xff\xfd\x01\xff\xfe\x01\xff\xfe\x01\xff\xfd\x01", "", "\xff\xfc\x01\xff\xfb\x01"),
    CASE("cisco", "\xff\xfa\x1f\x00\xff\xfd\x63" "a", "a", "\xff\xfc\x63"),
    CASE("allied-telesyn", "\xff\xfb\x03\xff\xfd\x03\xff\xfd\x01ok\r\n", "ok\r", ""),
};
/* clang-format on */

static void equal(const struct buf *b, const char *want, size_t n, size_t from)
{
    assert_true(buf_ok(b));
    assert_int_equal(b->len - from, n);
    if (n)
        assert_memory_equal(b->data + from, want, n);
}

/* Cuts every `step` bytes from `first` on. */
static void run_case(const struct exchange *x, size_t first, size_t step)
{
    struct telnet t;
    struct buf data, out;
    buf_init(&data, 4096);
    buf_init(&out, 4096);
    telnet_open(&t, telnet_dialect_find(x->dialect), &out);
    t.hostname = "dvr";
    size_t opening = out.len;
    for (size_t at = 0, n = first; at < x->n_sent; at += n, n = step) {
        n = n < x->n_sent - at ? n : x->n_sent - at;
        telnet_input(&t, (const uint8_t *)x->sent + at, n, &data, &out);
    }
    equal(&data, x->data, x->n_data, 0);
    equal(&out, x->answer, x->n_answer, opening);
    assert_int_equal(t.columns, x->columns);
    assert_int_equal(t.rows, x->rows);
    assert_string_equal(t.terminal, x->terminal ? x->terminal : "");
    assert_int_equal(t.interrupted, x->interrupted);
    buf_release(&data);
    buf_release(&out);
}

static void test_exchanges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        const struct exchange *x = &exchanges[i];
        for (size_t first = 0; first <= x->n_sent; first++)
            run_case(x, first, x->n_sent);
        run_case(x, 1, 1);
    }
}

static const struct {
    const char *name, *opening;
    size_t n;
} openings[] = {
    { BB, B("\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03") },
    { "busybox-1.19", B("\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03") },
    { "busybox-1.14", B("\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03") },
    { "busybox-1.13", B("\xff\xfd\x01\xff\xfd\x1f\xff\xfd\x21\xff\xfb\x01\xff\xfb\x03") },
    { "utelnetd", B("\xff\xfd\x01\xff\xfd\x21\xff\xfb\x01\xff\xfb\x03") },
    { "netkit", B("\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27") },
    { "inetutils",
      B("\xff\xfb\x25\xff\xfb\x26\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27\xff\xfd\x24") },
    { "cisco", B("\xff\xfb\x01\xff\xfb\x03\xff\xfd\x18\xff\xfd\x1f") },
    { "allied-telesyn", B("\xff\xfb\x01\xff\xfb\x03\xff\xfd\x03") },
    { "plain", B("") },
};

static void test_openings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        struct telnet t;
        struct buf out;
        buf_init(&out, 256);
        telnet_open(&t, telnet_dialect_find(openings[i].name), &out);
        equal(&out, openings[i].opening, openings[i].n, 0);
        assert_int_equal(t.ready, strcmp(openings[i].name, "netkit") != 0 &&
                                      strcmp(openings[i].name, "inetutils") != 0);
        buf_release(&out);
    }
}

static void test_names(void **state)
{
    (void)state;
    static const char *const none[] = {
        "", "busybox", "busybox-", "busybox-1", "busybox-2.x", "busybox-1.190", "busybox-1.19.4",
        "x"
    };
    const struct telnet_dialect *d;
    for (size_t i = 0; (d = telnet_dialect_at(i)); i++)
        assert_ptr_equal(telnet_dialect_find(d->name), d);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_null(telnet_dialect_find(none[i]));
}

static const struct {
    const char *dialect, *said, *sent;
    size_t n_said, n_sent;
} outputs[] = {
    { BB,
      .said = "a\xff"
              "b\rc\nd\r\ne\0f",
      .n_said = 12,
      .sent = "a\xff\xff"
              "b\rc\nd\r\ne\0f",
      .n_sent = 13 },
    { "netkit", .said = "a\xff\r\n\rb\r", .n_said = 7, .sent = "a\xff\xff\r\n\r\0b\r\0",
      .n_sent = 10 },
    { "plain", .said = "\xff\r", .n_said = 2, .sent = "\xff\r", .n_sent = 2 },
    { BB, .said = "\xff\xff", .n_said = 2, .sent = "\xff\xff\xff\xff", .n_sent = 4 },
};

static void test_output(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        struct telnet t = { .dialect = telnet_dialect_find(outputs[i].dialect) };
        struct buf out;
        buf_init(&out, 256);
        telnet_output(&t, outputs[i].said, outputs[i].n_said, &out);
        equal(&out, outputs[i].sent, outputs[i].n_sent, 0);
        buf_release(&out);
    }
}

static void test_spoken(void **state)
{
    (void)state;
    struct telnet t;
    struct buf b;
    char text[512], few[12];
    buf_init(&b, 4096);
    telnet_open(&t, telnet_dialect_find(BB), &b);
    telnet_spoken_text(&t, text, sizeof text);
    assert_string_equal(text, "");
    telnet_input(
        &t,
        (const uint8_t *)"\xff\xfd\x03\xff\xfb\x18\xff\xfc\x63\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0",
        18, &b, &b);
    telnet_spoken_text(&t, text, sizeof text);
    assert_string_equal(text, "DO SGA, WILL TTYPE, WONT 99, SB NAWS");
    telnet_spoken_text(&t, few, sizeof few);
    assert_string_equal(few, "DO SGA, WIL");
    for (int i = 0; i < 100; i++)
        telnet_input(&t, (const uint8_t *)"\xff\xfb\xff", 3, &b, &b);
    assert_int_equal(t.n_spoken, TELNET_SPOKEN);
    buf_release(&b);
}

/* The login waits for netkit's client. */
static void test_ready(void **state)
{
    (void)state;
    struct telnet t;
    struct buf b;
    buf_init(&b, 4096);
    telnet_open(&t, telnet_dialect_find("netkit"), &b);
    telnet_input(&t, (const uint8_t *)"root\r\n\xff\xfc\x18\xff\xfc\x20\xff\xfc\x23", 15, &b, &b);
    assert_false(t.ready);
    telnet_input(&t, (const uint8_t *)"\xff\xfc\x27", 3, &b, &b);
    assert_true(t.ready);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchanges), cmocka_unit_test(test_openings),
        cmocka_unit_test(test_names),     cmocka_unit_test(test_output),
        cmocka_unit_test(test_spoken),    cmocka_unit_test(test_ready),
    };
    return cmocka_run_group_tests_name("trap/telnet", tests, NULL, NULL);
}
