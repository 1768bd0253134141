#include "export/cowrie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])
#define WHEN INT64_C(1764482400000123)
#define ID UINT64_C(0x0123456789abcdef)
#define STAMP "\"timestamp\":\"2025-11-30T06:00:00.000123Z\",\"session\":\"0123456789abcdef\","
#define ENDS                                                                                                       \
    "\"src_ip\":\"198.51.100.7\",\"src_port\":40000,\"dst_ip\":\"192.0.2.1\",\"dst_port\":23,"                     \
    "\"protocol\":\"telnet\",\"sensor\":\"harbour\","
#define SHARED STAMP ENDS
/* SHA-256 of "abc": FIPS 180-4's example */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static const uint8_t abc[32] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };

static struct cowrie cowrie;
static struct buf out;

static void assert_put(const struct session_event *e, const char *want)
{
    buf_reset(&out);
    assert_int_equal(cowrie_put(&cowrie, &out, "harbour", e), 0);
    buf_u8(&out, 0);
    assert_string_equal((const char *)out.data, want);
}

static void open_session(struct session_event *e)
{
    static struct addr source, destination;
    assert_int_equal(addr_parse("198.51.100.7", &source), 0);
    assert_int_equal(addr_parse("192.0.2.1", &destination), 0);
    session_begin(e, SESSION_OPEN, ID, WHEN);
    session_set_address(e, FIELD_SOURCE, &source);
    session_set(e, FIELD_SOURCE_PORT, 40000);
    session_set_address(e, FIELD_DESTINATION, &destination);
    session_set(e, FIELD_DESTINATION_PORT, 23);
    session_set_text(e, FIELD_SERVICE, "telnet");
}

static int begin(void **state)
{
    (void)state;
    struct session_event e;
    cowrie_begin(&cowrie);
    buf_init(&out, 1 << 20);
    open_session(&e);
    return cowrie_put(&cowrie, &out, "harbour", &e);
}

static int end(void **state)
{
    (void)state;
    buf_release(&out);
    return 0;
}

static void connects(void **state)
{
    (void)state;
    struct session_event e;
    open_session(&e);
    assert_put(&e, "{\"eventid\":\"cowrie.session.connect\"," SHARED
                   "\"message\":\"connection from 198.51.100.7 port 40000 to 192.0.2.1 port 23\"}\n");
}

/* An event of a few fields, and its line. Texts end at a NUL; numbers are where there is no text. */
static const struct {
    enum session_type type;
    struct {
        enum session_field field;
        const char *text;
        uint64_t number;
    } set[3];
    const char *want;
} cases[] = {
    { SESSION_CLIENT,
      { { FIELD_COLUMNS, NULL, 120 }, { FIELD_ROWS, NULL, 40 } },
      "{\"eventid\":\"cowrie.client.size\"," SHARED
      "\"width\":120,\"height\":40,\"message\":\"terminal of 120 columns, 40 rows\"}\n" },
    { SESSION_CLIENT, { { FIELD_COLUMNS, NULL, 0 }, { FIELD_ROWS, NULL, 40 } }, "" },
    { SESSION_CLIENT,
      { { FIELD_TERMINAL, "xterm", 0 } },
      "{\"eventid\":\"cowrie.client.var\"," SHARED
      "\"value\":\"xterm\",\"name\":\"TERM\",\"message\":\"terminal type xterm\"}\n" },
    { SESSION_CLIENT,
      { { FIELD_TERMINAL, "xterm", 0 }, { FIELD_COLUMNS, NULL, 120 }, { FIELD_ROWS, NULL, 40 } },
      "" }, /* all of this was told */
    { SESSION_CLIENT, { { FIELD_ACCEPTED, NULL, 0 } }, "" },
    { SESSION_CLIENT,
      { { FIELD_TERMINAL, "vt100", 0 }, { FIELD_COLUMNS, NULL, 80 }, { FIELD_ROWS, NULL, 24 } },
      "{\"eventid\":\"cowrie.client.size\"," SHARED
      "\"width\":80,\"height\":24,\"message\":\"terminal of 80 columns, 24 rows\"}\n"
      "{\"eventid\":\"cowrie.client.var\"," SHARED
      "\"value\":\"vt100\",\"name\":\"TERM\",\"message\":\"terminal type vt100\"}\n" },
    { SESSION_LOGIN,
      { { FIELD_USER, "root", 0 }, { FIELD_PASSWORD, "xc3511", 0 }, { FIELD_ACCEPTED, NULL, 1 } },
      "{\"eventid\":\"cowrie.login.success\"," SHARED "\"username\":\"root\",\"password\":\"xc3511\","
      "\"message\":\"root let in with password xc3511\"}\n" },
    { SESSION_LOGIN,
      { { FIELD_USER, "admin", 0 }, { FIELD_PASSWORD, "", 0 }, { FIELD_ACCEPTED, NULL, 0 } },
      "{\"eventid\":\"cowrie.login.failed\"," SHARED "\"username\":\"admin\",\"password\":\"\","
      "\"message\":\"admin refused with password \"}\n" },
    { SESSION_LOGIN,
      { { FIELD_USER, "admin", 0 } },
      "{\"eventid\":\"cowrie.login.failed\"," SHARED "\"username\":\"admin\",\"password\":\"\","
      "\"message\":\"admin refused with password \"}\n" },
    { SESSION_COMMAND,
      { { FIELD_COMMAND, "cd /tmp; echo \"\x1b\xff\"", 0 } },
      "{\"eventid\":\"cowrie.command.input\"," SHARED "\"input\":\"cd /tmp; echo \\\"\\\\x1b\\\\xff\\\"\","
      "\"message\":\"typed: cd /tmp; echo \\\"\\\\x1b\\\\xff\\\"\"}\n" },
    { SESSION_COMMAND,
      { { FIELD_COMMAND, "a\n\x1b", 0 } },
      "{\"eventid\":\"cowrie.command.input\"," SHARED "\"input\":\"a\\n\\u001B\",\"message\":\"typed: a\\\\n\\\\x1b\"}\n" },
    { SESSION_UNKNOWN,
      { { FIELD_COMMAND, "MIRAI", 0 } },
      "{\"eventid\":\"cowrie.command.failed\"," SHARED
      "\"input\":\"MIRAI\",\"message\":\"the device has no MIRAI\"}\n" },
    { SESSION_DOWNLOAD,
      { { FIELD_URL, "http://192.0.2.9/x", 0 }, { FIELD_OUTCOME, "recorded", 0 } },
      "{\"eventid\":\"cowrie.session.file_download.failed\"," SHARED
      "\"url\":\"http://192.0.2.9/x\",\"message\":\"not fetched: http://192.0.2.9/x\"}\n" },
    { SESSION_STATUS, { { FIELD_STATUS, NULL, 127 } }, "" },
    { SESSION_RUN, { { FIELD_PATH, "/tmp/x", 0 } }, "" },
    { SESSION_CLOSE,
      { { FIELD_REASON, "timeout", 0 }, { FIELD_DURATION, NULL, 3205692 } },
      "{\"eventid\":\"cowrie.session.closed\"," SHARED
      "\"duration\":3.205692,\"message\":\"end of the session: timeout\"}\n" },
};

static void each_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct session_event e;
        session_begin(&e, cases[i].type, ID, WHEN);
        for (size_t k = 0; k < LENGTH(cases[i].set); k++) {
            enum session_field f = cases[i].set[k].field;
            if (cases[i].set[k].text)
                session_set_text(&e, f, cases[i].set[k].text);
            else if (f)
                session_set(&e, f, cases[i].set[k].number);
        }
        assert_put(&e, cases[i].want);
    }
}

static void files(void **state)
{
    (void)state;
    struct session_event e;
    session_begin(&e, SESSION_DOWNLOAD, ID, WHEN);
    session_set_text(&e, FIELD_URL, "http://192.0.2.9/x");
    session_set_bytes(&e, FIELD_SHA256, abc, sizeof abc);
    assert_put(&e, "{\"eventid\":\"cowrie.session.file_download\"," SHARED
                   "\"url\":\"http://192.0.2.9/x\",\"outfile\":\"" ABC "\",\"shasum\":\"" ABC "\","
                   "\"message\":\"fetched and kept: http://192.0.2.9/x\"}\n");
    session_begin(&e, SESSION_FILE, ID, WHEN);
    session_set_text(&e, FIELD_PATH, "/tmp/.x");
    session_set_bytes(&e, FIELD_SHA256, abc, sizeof abc);
    assert_put(&e, "{\"eventid\":\"cowrie.session.file_upload\"," SHARED
                   "\"filename\":\"/tmp/.x\",\"outfile\":\"" ABC "\",\"shasum\":\"" ABC "\","
                   "\"message\":\"written by the visitor: /tmp/.x\"}\n");
}

static void say(unsigned direction, const char *text)
{
    struct session_event e;
    session_begin(&e, SESSION_SPOKEN, ID, WHEN);
    session_set(&e, FIELD_DIRECTION, direction);
    session_set_text(&e, FIELD_DATA, text);
    assert_put(&e, "");
}

/* The hash is over what the visitor sent alone, however it was cut. */
static void transcript(void **state)
{
    (void)state;
    struct session_event e;
    say(1, "login: ");
    say(0, "a");
    say(1, "a");
    say(0, "bc");
    session_begin(&e, SESSION_CLOSE, ID, WHEN);
    session_set(&e, FIELD_DURATION, 2500000);
    session_set_text(&e, FIELD_REASON, "left");
    for (int again = 0; again < 2; again++)
        assert_put(&e, "{\"eventid\":\"cowrie.log.closed\"," SHARED
                       "\"duration\":2.5,\"ttylog\":\"0123456789abcdef\",\"size\":11,\"shasum\":\"" ABC "\","
                       "\"message\":\"end of the transcript\"}\n"
                       "{\"eventid\":\"cowrie.session.closed\"," SHARED
                       "\"duration\":2.5,\"message\":\"end of the session: left\"}\n");
}

/* Without an opening event a line has what is known. */
static void midway(void **state)
{
    (void)state;
    struct session_event e;
    struct addr source;
    cowrie_begin(&cowrie);
    session_begin(&e, SESSION_COMMAND, ID, WHEN);
    session_set_text(&e, FIELD_COMMAND, "id");
    assert_put(&e, "{\"eventid\":\"cowrie.command.input\"," STAMP
                   "\"sensor\":\"harbour\",\"input\":\"id\",\"message\":\"typed: id\"}\n");
    assert_int_equal(addr_parse("2001:db8::7", &source), 0);
    session_set_address(&e, FIELD_SOURCE, &source);
    assert_put(&e, "{\"eventid\":\"cowrie.command.input\"," STAMP
                   "\"src_ip\":\"2001:db8::7\",\"sensor\":\"harbour\",\"input\":\"id\",\"message\":\"typed: id\"}\n");
}

/* Two lines of one event are written both or neither. */
static void both_or_neither(void **state)
{
    (void)state;
    struct session_event e;
    session_begin(&e, SESSION_CLIENT, ID, WHEN);
    session_set(&e, FIELD_COLUMNS, 80);
    session_set(&e, FIELD_ROWS, 24);
    session_set_text(&e, FIELD_TERMINAL, "vt100");
    struct cowrie before = cowrie;
    buf_reset(&out);
    assert_int_equal(cowrie_put(&cowrie, &out, "harbour", &e), 0);
    size_t length = out.len;
    cowrie = before;
    for (size_t max = 0; max <= length; max++) { /* what was not written comes the next time */
        buf_release(&out);
        buf_init(&out, max);
        assert_int_equal(cowrie_put(&cowrie, &out, "harbour", &e), max < length ? -ENOMEM : 0);
        assert_int_equal(out.len, max < length ? 0 : length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(connects, begin, end),
        cmocka_unit_test_setup_teardown(each_event, begin, end),
        cmocka_unit_test_setup_teardown(files, begin, end),
        cmocka_unit_test_setup_teardown(transcript, begin, end),
        cmocka_unit_test_setup_teardown(midway, begin, end),
        cmocka_unit_test_setup_teardown(both_or_neither, begin, end),
    };
    return cmocka_run_group_tests_name("export/cowrie", tests, NULL, NULL);
}
