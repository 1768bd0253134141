#include "trap/login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define BUSYBOX                                                                                    \
    .banner = "\r\r\nBanner %h\r\n\r",                                                             \
    .user_prompt = "%h login: ", .password_prompt = "Password: ", .failed = "Login incorrect\r\n", \
    .welcome = "\r\nWelcome\r\n", .locked = "", .tries = 3, .fail_delay = 3 * SECOND,              \
    .timeout = 60 * SECOND, .timed_out = "\r\r\nLogin timed out after 60 seconds\r\r\n",           \
    .name_most = 61

enum { BUSY, ASKS, PASSWORD_ONLY, ONCE, ECHOES, QUICK, SOME };
static const struct login_style styles[] = {
    [BUSY] = { BUSYBOX, .asks_password_always = true, .flushes = true },
    [ASKS] = { BUSYBOX },
    [SOME] = { BUSYBOX, .flushes = true },
    [PASSWORD_ONLY] = { .banner = "",
                        .user_prompt = "",
                        .password_prompt = "Password:",
                        .failed = "No.\r\n",
                        .welcome = "> ",
                        .locked = "Bye\r\n",
                        .tries = 2,
                        .timed_out = "" },
    [ONCE] = { BUSYBOX, .asks_password_always = true, .user_only_once = true },
    [ECHOES] = { BUSYBOX, .asks_password_always = true, .echoes_password = true },
    [QUICK] = { .banner = "",
                .user_prompt = "Login: ",
                .password_prompt = "Password: ",
                .failed = "Bad\r\n",
                .welcome = "",
                .locked = "",
                .timed_out = "",
                .asks_password_always = true },
};

/* What is typed at a time (NULL: nothing), and what is said then. In the end the state. */
struct step {
    int64_t at;
    const char *typed, *said;
};
#define A61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HELLO                                                                                      \
    {                                                                                              \
        0, NULL, "\r\r\nBanner dvr\r\n\rdvr login: "                                               \
    }
#define NAME                                                                                       \
    {                                                                                              \
        1, "root\r", "root\r\nPassword: "                                                          \
    }

/* clang-format off */
static const struct {
    const char *name;
    unsigned style;
    struct step steps[12];
    enum login_state state;
    bool at_once; /* what is typed at a time comes at once, or the outcome is another */
} cases[] = {
    /* As the real login of BusyBox 1.35 did, on a terminal of its telnetd. */
    { "wrong thrice", BUSY, { HELLO, NAME, { 2, "bad\r", "\r\n" }, { 4, NULL, "" }, { 5, NULL, "Login incorrect\r\ndvr login: " },
        { 6, "root\n", "root\r\nPassword: " }, { 7, "x\r", "\r\n" }, { 10, NULL, "Login incorrect\r\ndvr login: " },
        { 11, "a\tb\r", "a    b\r\nPassword: " }, { 12, "\r", "\r\n" }, { 15, NULL, "Login incorrect\r\n" } }, LOGIN_OUT },
    { "right", BUSY, { HELLO, NAME, { 2, "secret\r", "\r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "empty names", BUSY, { HELLO, { 1, "\r", "\r\ndvr login: " }, { 2, "\r\rr", "\r\n\r\nrdvr login: dvr login: " },
        { 3, "\x15  \r", "\b \b  \r\ndvr login: " }, { 4, "\r root\rx", "\r\n root\r\nxdvr login: Password: " },
        { 5, "secret\r", "\r\n\r\nWelcome\r\n" } }, LOGIN_IN, true },
    { "edited", BUSY, { HELLO, { 1, "roo\x7fotx\x7f\r", "roo\b \botx\b \b\r\nPassword: " },
        { 2, "zz\x7f\x15secret\r", "\r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "^C", BUSY, { HELLO, { 1, "ab\x03", "^C" } }, LOGIN_OUT, true },
    { "^C behind a name", BUSY, { HELLO, { 1, "\r", "\r\ndvr login: " }, { 2, "root\rx\x03", "^C" } }, LOGIN_OUT, true },
    { "^D", BUSY, { HELLO, { 1, "\x04", "" } }, LOGIN_OUT },
    { "^D twice", BUSY, { HELLO, { 1, "ab\x04", "ab" }, { 2, "\x04", "" } }, LOGIN_OUT },
    { "^C for a password", BUSY, { HELLO, NAME, { 2, "ab\x03", "\r\n" }, { 5, NULL, "Login incorrect\r\ndvr login: " } }, LOGIN_USER },
    { "^D for a password", BUSY, { HELLO, NAME, { 2, "\x04", "\r\n" }, { 5, NULL, "Login incorrect\r\ndvr login: " } }, LOGIN_USER },
    { "61 characters", BUSY, { HELLO, { 1, A61 "\r", A61 "\r\nPassword: " } }, LOGIN_PASSWORD },
    { "62 characters", BUSY, { HELLO, { 1, A61 "a\r", A61 "a\r\n" } }, LOGIN_OUT },
    { "typed ahead", BUSY, { HELLO, { 1, "root\rbad\rroot\rsecret\r", "root\r\nbad\r\nroot\r\nsecret\r\nPassword: " },
        { 8, "id\r", "\r\n" }, { 11, NULL, "Login incorrect\r\ndvr login: " } }, LOGIN_USER, true },
    { "typed while it thinks", BUSY, { HELLO, NAME, { 2, "bad\r", "\r\n" }, { 3, "ro", "ro" }, { 4, "ot\ry", "ot\r\ny" },
        { 5, NULL, "Login incorrect\r\ndvr login: " }, { 6, "secret\r", "secret\r\nPassword: " } }, LOGIN_PASSWORD },
    { "half typed", BUSY, { HELLO, NAME, { 2, "bad\r", "\r\n" }, { 3, "\rro", "\r\nro" }, { 5, NULL, "Login incorrect\r\ndvr login: " },
        { 6, "ot\r", "ot\r\nPassword: " } }, LOGIN_PASSWORD },
    { "^D while it thinks", BUSY, { HELLO, NAME, { 2, "bad\r", "\r\n" }, { 3, "\x04", "" }, { 4, "ab\x04", "ab" },
        { 5, NULL, "Login incorrect\r\ndvr login: " } }, LOGIN_USER },
    { "^\\ for a password", BUSY, { HELLO, NAME, { 2, "bad\x1c", "" } }, LOGIN_OUT },
    { "a name and more", BUSY, { HELLO, { 1, "\t root x\r", "      root x\r\nPassword: " }, { 2, "secret\r", "\r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "a name and a control", BUSY, { HELLO, { 1, "root\x01\r", "root^A\r\nPassword: " }, { 2, "secret\r", "\r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "a control first", BUSY, { HELLO, { 1, "\x01root\r", "^Aroot\r\nPassword: " }, { 2, "secret\r", "\r\n" } }, LOGIN_DELAY },
    { "a byte of no ASCII", BUSY, { HELLO, { 1, "root\xff\r", "root\xff\r\nPassword: " }, { 2, "secret\r", "\r\n" } }, LOGIN_DELAY },
    { "blanks are not counted", BUSY, { HELLO, { 1, "    " A61 "\r", "    " A61 "\r\nPassword: " } }, LOGIN_PASSWORD },
    { "^C while it thinks", BUSY, { HELLO, NAME, { 2, "bad\r", "\r\n" }, { 3, "\x03", "^C" } }, LOGIN_OUT },
    { "too slow", BUSY, { HELLO, NAME, { 59, NULL, "" }, { 60, NULL, "\r\r\nLogin timed out after 60 seconds\r\r\n" } }, LOGIN_OUT },
    { "too slow, with tries", BUSY, { HELLO, NAME, { 4, "x\r", "\r\n" }, { 7, NULL, "Login incorrect\r\ndvr login: " }, { 50, "abc", "abc" },
        { 60, NULL, "\r\r\nLogin timed out after 60 seconds\r\r\n" } }, LOGIN_OUT },
    /* Others. */
    { "no password", ASKS, { HELLO, { 1, "guest\r", "guest\r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "asked for one", ASKS, { HELLO, { 1, "root\rsecret\r", "root\r\nPassword: \r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "password only", PASSWORD_ONLY, { { 0, NULL, "Password:" }, { 1, "a\r", "\r\nNo.\r\nPassword:" }, { 2, "b\r", "\r\nNo.\r\nBye\r\n" } }, LOGIN_OUT },
    { "password only, right", PASSWORD_ONLY, { { 0, NULL, "Password:" }, { 99, "secret\r", "\r\n> " } }, LOGIN_IN },
    { "asks for the password again", ONCE, { HELLO, NAME, { 2, "bad\r", "\r\n" }, { 3, "secret\r", "secret\r\n" },
        { 5, NULL, "Login incorrect\r\nPassword: \r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "echoed", ECHOES, { HELLO, { 1, "root\rsecret\r", "root\r\nPassword: secret\r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "typed ahead of it", ASKS, { HELLO, NAME, { 2, "bad\r", "\r\n" }, { 3, "\rro", "\r\nro" }, { 4, "ot\r", "ot\r\n" },
        { 5, NULL, "Login incorrect\r\ndvr login: dvr login: Password: " }, { 6, "secret\r", "\r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    /* BusyBox lets in who has no password before it flushes what was typed ahead: the shell reads that. */
    { "no password", SOME, { HELLO, { 1, "guest\rls", "guest\r\n\r\nWelcome\r\n" } }, LOGIN_IN },
    { "a password, and some typed ahead", SOME, { HELLO, { 1, "\rroot\rx", "\r\nroot\r\nxdvr login: Password: " },
        { 2, "secret\r", "\r\n\r\nWelcome\r\n" } }, LOGIN_IN, true },
    { "^C behind a name that is asked for one", SOME, { HELLO, { 1, "root\rx\x03", "^C" } }, LOGIN_OUT, true },
    { "for ever", QUICK, { { 0, NULL, "Login: " }, { 1, "a\rb\rc\rd\r", "a\r\nPassword: \r\nBad\r\nLogin: c\r\nPassword: \r\nBad\r\nLogin: " },
        { 99, "root\rsecret\r", "root\r\nPassword: \r\n" } }, LOGIN_IN },
};
/* clang-format on */

static bool is(const char *bytes, size_t n, const char *word)
{
    return n == strlen(word) && memcmp(bytes, word, n) == 0;
}

/* An owner: root's password is secret, guest has none. */
static size_t owner(struct login *l, int64_t now, const char *rest, size_t n, struct buf *out)
{
    size_t taken = l->state == LOGIN_NAME ? login_named(l, !is(l->user, l->n_user, "guest"), (const uint8_t *)rest, n, out) : 0;
    if (l->state != LOGIN_JUDGE)
        return taken;
    bool root = is(l->user, l->n_user, "root") || !*l->style->user_prompt;
    login_judged(
        l, is(l->user, l->n_user, "guest") || (root && is(l->password, l->n_password, "secret")),
        now, out);
    return taken;
}

static void type(struct login *l, const char *typed, size_t n, int64_t now, struct buf *out)
{
    while (n) {
        size_t taken = login_input(l, (const uint8_t *)typed, n, out);
        assert_true(taken <= n);
        uint8_t state = l->state;
        taken += owner(l, now, typed + taken, n - taken, out);
        assert_true(taken <= n);
        if (!taken && state == l->state)
            return;
        typed += taken;
        n -= taken;
    }
    (void)owner(l, now, NULL, 0, out);
}

/* piece: how many bytes come at once. */
static void run_case(size_t which, size_t piece)
{
    struct login l, moved;
    struct buf out;
    buf_init(&out, 1 << 16);
    const int64_t start = 1700000000 * SECOND;
    for (const struct step *s = cases[which].steps; s->said; s++) {
        int64_t now = start + s->at * SECOND;
        buf_reset(&out);
        if (s == cases[which].steps)
            login_begin(&l, &styles[cases[which].style], "dvr", now, &out);
        if (now >= l.wakes)
            login_wake(&l, now, &out);
        (void)owner(&l, now, NULL, 0, &out);
        size_t n = s->typed ? strlen(s->typed) : 0;
        for (size_t at = 0; at < n; at += piece) {
            type(&l, s->typed + at, piece < n - at ? piece : n - at, now, &out);
            moved = l; /* it may be moved */
            memset(&l, 0xff, sizeof l);
            l = moved;
        }
        buf_u8(&out, '\0');
        assert_string_equal((char *)out.data, s->said);
    }
    assert_int_equal(l.state, cases[which].state);
    buf_release(&out);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run_case(i, 1000);
        /* What is flushed, and dropped by a signal, depends on what has come at once. */
        for (size_t piece = 1; piece < 8 && !cases[i].at_once; piece++)
            run_case(i, piece);
    }
}

/* A NUL, which BusyBox takes for a line that does not end. */
static void test_nul(void **state)
{
    (void)state;
    struct login l;
    struct buf out;
    buf_init(&out, 4096);
    login_begin(&l, &styles[BUSY], "x", 0, &out);
    assert_int_equal(login_input(&l, (const uint8_t *)"ro\0ot\rx", 7, &out), 7);
    assert_int_equal(l.state, LOGIN_OUT);
    buf_release(&out);
}

static void test_cut(void **state)
{
    (void)state;
    struct login l;
    struct buf out;
    uint8_t many[300];
    buf_init(&out, 4096);
    memset(many, 'a', sizeof many);
    login_begin(&l, &styles[QUICK], "x", 0, &out);
    assert_int_equal(login_input(&l, many, sizeof many, &out), sizeof many);
    assert_int_equal(login_input(&l, (const uint8_t *)"\rb\rc", 4, &out), 3);
    assert_int_equal(l.state, LOGIN_JUDGE);
    assert_int_equal(l.n_user, LOGIN_WORD);
    assert_true(l.cut);
    assert_int_equal(l.n_password, 1);
    login_judged(&l, false, 0, &out);
    assert_false(l.cut);
    assert_int_equal(l.state, LOGIN_USER);
    assert_true(l.wakes == INT64_MAX);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_cut),
                                        cmocka_unit_test(test_nul) };
    return cmocka_run_group_tests_name("trap/login", tests, NULL, NULL);
}
