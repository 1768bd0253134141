#include "shell/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

/* What Linux's terminal did with the same bytes, column 11 ("dvr login: "). */
static const struct {
    const char *typed, *echoed, *line;
    enum line_event event; /* of the last byte */
} cases[] = {
    { "root\r", "root\r\n", "root", LINE_DONE },
    { "root\n", "root\r\n", "root", LINE_DONE },
    { "ab\x7f"
      "c\x08"
      "d",
      "ab\b \bc^Hd",
      "ac\x08"
      "d",
      LINE_MORE },
    { "acc\x08\x7f\x7f", "acc^H\b \b\b \b\b \b", "ac", LINE_MORE },
    { "\x7f\x15\x17"
      "a",
      "a", "a", LINE_MORE },
    { "\x01\x1b[A", "^A^[[A", "\x01\x1b[A", LINE_MORE },
    { "a\x01\x15xy", "a^A\b \b\b \b\b \bxy", "xy", LINE_MORE },
    { "xy z\x17q\r", "xy z\b \bq\r\n", "xy q", LINE_DONE },
    { "xy  \x17", "xy  \b \b\b \b\b \b\b \b", "", LINE_MORE },
    { "ab\x03", "ab^C", "", LINE_INTERRUPT },
    { "ab\x1c", "ab^\\", "", LINE_QUIT },
    { "ab\x1a"
      "c\r",
      "ab^Zc\r\n", "c", LINE_DONE },
    { "ab\x04", "ab", "ab", LINE_MORE },
    { "ab\x04\x7f"
      "c",
      "abc", "abc", LINE_MORE },
    { "ab\x04\x04", "ab", "ab", LINE_END },
    { "\x04", "", "", LINE_END },
    { "a\x13"
      "b\x11"
      "c\x16\x03"
      "d\x12\x0f"
      "e\r",
      "abc^\b^Cd^R\r\nabc^Cd^Oe\r\n",
      "abc\x03"
      "d\x0f"
      "e",
      LINE_DONE },
    { "a\tb\x7f\x7f\x7f", "a    b\b \b\b\b\b\b\b \b", "", LINE_MORE },
    { "\xc3\xa9\x7f", "\xc3\xa9\b \b", "\xc3", LINE_MORE },
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct line l;
        struct buf out;
        char text[32];
        enum line_event event = LINE_MORE;
        buf_init(&out, 1024);
        line_begin(&l, text, sizeof text, 11, true);
        for (const char *c = cases[i].typed; *c; c++)
            event = line_byte(&l, (uint8_t)*c, &out);
        buf_u8(&out, '\0');
        assert_string_equal((char *)out.data, cases[i].echoed);
        assert_int_equal(event, cases[i].event);
        assert_int_equal(line_kept(&l), strlen(cases[i].line));
        assert_memory_equal(text, cases[i].line, line_kept(&l));
        buf_release(&out);
    }
}

/* Without echo the same line comes of the same bytes, and nothing is said. */
static void test_silent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct line l;
        struct buf out;
        char text[32];
        buf_init(&out, 1024);
        line_begin(&l, text, sizeof text, 10, false);
        for (const char *c = cases[i].typed; *c; c++)
            line_byte(&l, (uint8_t)*c, &out);
        assert_int_equal(out.len, 0);
        assert_int_equal(line_kept(&l), strlen(cases[i].line));
        assert_memory_equal(text, cases[i].line, line_kept(&l));
        buf_release(&out);
    }
}

static void test_long(void **state)
{
    (void)state;
    struct line l;
    struct buf out;
    char text[8];
    buf_init(&out, 1 << 16);
    line_begin(&l, text, sizeof text, 0, true);
    for (int i = 0; i < 5000; i++)
        line_byte(&l, i % 7 ? 'a' : '\t', &out);
    assert_int_equal(l.n, LINE_MOST);
    assert_int_equal(line_kept(&l), sizeof text);
    line_byte(&l, 0x12, &out);
    line_byte(&l, 0x15, &out);
    assert_int_equal(l.n, 0);
    assert_true(buf_ok(&out));
    buf_release(&out);
}

/* ---- The kernel's own terminal beside it ---- */

enum { TYPED_MOST = 16, STRINGS = 600 };

/* A terminal as telnetd sets one, with a prompt said. false: this machine has none to give. */
static bool open_terminal(int *master, int *slave)
{
    struct termios t;
    char name[64], prompt[8];
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0 || grantpt(*master) || unlockpt(*master) ||
        ptsname_r(*master, name, sizeof name))
        return false;
    *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave < 0 || tcgetattr(*slave, &t))
        return false;
    t.c_iflag = BRKINT | ICRNL | IXON;
    t.c_oflag = OPOST | ONLCR | TAB3;
    t.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
    return !tcsetattr(*slave, TCSANOW, &t) && write(*slave, "$: ", 3) == 3 &&
           read(*master, prompt, sizeof prompt) == 3;
}

/* Reads until `n` bytes are there, or nothing comes any more. */
static size_t read_echo(int master, char *to, size_t n)
{
    struct pollfd p = { .fd = master, .events = POLLIN };
    size_t got = 0;
    while (got < n && poll(&p, 1, 2000) > 0) {
        ssize_t some = read(master, to + got, n - got);
        if (some <= 0)
            break;
        got += (size_t)some;
    }
    return got;
}

static void type_one(struct line *l, uint8_t c, int master, struct buf *out)
{
    char echoed[256];
    size_t before = out->len;
    enum line_event event = line_byte(l, c, out);
    if (event == LINE_DONE || event == LINE_END)
        line_begin(l, l->text, l->room, event == LINE_DONE ? 0 : l->column, true);
    assert_int_equal(write(master, &c, 1), 1);
    size_t n = out->len - before;
    assert_true(n <= sizeof echoed);
    assert_int_equal(read_echo(master, echoed, n), n);
    if (n)
        assert_memory_equal(echoed, out->data + before, n);
}

/* One key after the other, its echo read before the next: a signal drops what nobody has read yet.
 */
static void compare(const uint8_t *typed, size_t n)
{
    struct buf out;
    struct line l;
    char text[64];
    int master = -1, slave = -1;
    if (!open_terminal(&master, &slave))
        skip();
    buf_init(&out, 4096);
    line_begin(&l, text, sizeof text, 3, true);
    for (size_t i = 0; i < n; i++)
        type_one(&l, typed[i], master, &out);
    close(master);
    close(slave);
    buf_release(&out);
}

/* All at once: what a signal drops has not been read. */
static void compare_whole(const uint8_t *typed, size_t n)
{
    struct buf out;
    struct line l;
    char text[64], echoed[4096];
    int master = -1, slave = -1;
    if (!open_terminal(&master, &slave))
        skip();
    buf_init(&out, 4096);
    line_begin(&l, text, sizeof text, 3, true);
    line_at_once(&l, &out);
    for (size_t i = 0; i < n; i++) {
        uint16_t column = l.column_since;
        enum line_event event = line_byte(&l, typed[i], &out);
        if (event == LINE_DONE || event == LINE_END)
            line_begin(&l, text, sizeof text, event == LINE_DONE ? 0 : l.column, true);
        l.since = 0;
        l.column_since = column;
    }
    assert_int_equal(write(master, typed, n), n);
    assert_int_equal(read_echo(master, echoed, out.len), out.len);
    assert_memory_equal(echoed, out.data, out.len);
    close(master);
    close(slave);
    buf_release(&out);
}

/* More than a line holds is echoed all the same, and the line stays one that can be erased. */
static void test_kernel_full(void **state)
{
    (void)state;
    enum { TYPED = 4000, MORE = 200 };
    char typed[TYPED + MORE], echoed[TYPED + MORE + 3];
    char text[8];
    struct line l;
    struct buf out;
    int master = -1, slave = -1;
    if (!open_terminal(&master, &slave))
        skip();
    memset(typed, 'a', sizeof typed);
    buf_init(&out, 8192);
    line_begin(&l, text, sizeof text, 3, true);
    for (size_t i = 0; i < sizeof typed; i++)
        line_byte(&l, (uint8_t)typed[i], &out);
    assert_int_equal(write(master, typed, TYPED), TYPED);
    assert_int_equal(read_echo(master, echoed, TYPED), TYPED);
    assert_int_equal(write(master, typed, MORE), MORE);
    assert_int_equal(read_echo(master, echoed + TYPED, MORE), MORE);
    line_byte(&l, 0x7f, &out);
    assert_int_equal(write(master, "\x7f", 1), 1);
    assert_int_equal(read_echo(master, echoed + TYPED + MORE, 3), 3);
    assert_int_equal(out.len, sizeof echoed);
    assert_memory_equal(out.data, echoed, sizeof echoed);
    close(master);
    close(slave);
    buf_release(&out);
}

/* Strings of keys that mean something to it, each ended by a return. */
static void test_kernel(void **state)
{
    (void)state;
    static const char keys[] =
        "abcd_Z9 "
        ".-/\t\t\x7f\x7f\x7f\x15\x17\x17\x12\x16\r\n\x08\x01\x1b\xc3\xff\x03\x1a\x1c\x0f\x04";
    uint64_t random = 42;
    for (size_t i = 0; i < STRINGS; i++) {
        uint8_t typed[TYPED_MOST + 2];
        size_t n = 0;
        for (; n < 1 + i % TYPED_MOST; n++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            typed[n] = (uint8_t)keys[(random >> 33) % sizeof keys];
        }
        typed[n++] = '.';
        typed[n++] = '\r';
        compare(typed, n);
        compare_whole(typed, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_silent),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_kernel),
        cmocka_unit_test(test_kernel_full),
    };
    return cmocka_run_group_tests_name("shell/line", tests, NULL, NULL);
}
