#include "event/session-json.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])
#define WHEN INT64_C(1764482400000123)
#define TIME "{\"time\":\"2025-11-30T06:00:00.000123Z\",\"type\":"

static void assert_line(const struct session_event *e, const char *want)
{
    struct buf b;
    buf_init(&b, 4 << 20);
    assert_int_equal(session_json_line(&b, e), 0);
    assert_int_equal(b.data[b.len - 1], '\n');
    b.data[b.len - 1] = '\0';
    assert_string_equal((const char *)b.data, want);
    buf_release(&b);
}

static void opened(void **state)
{
    (void)state;
    struct session_event e;
    struct addr source, destination;
    assert_int_equal(addr_parse("2001:db8::7", &source), 0);
    assert_int_equal(addr_parse("192.0.2.1", &destination), 0);
    session_begin(&e, SESSION_OPEN, 0xfe, WHEN);
    session_set_address(&e, FIELD_SOURCE, &source);
    session_set(&e, FIELD_SOURCE_PORT, 40000);
    session_set_address(&e, FIELD_DESTINATION, &destination);
    session_set(&e, FIELD_DESTINATION_PORT, 23);
    session_set_text(&e, FIELD_SERVICE, "telnet");
    assert_line(&e, TIME "\"open\",\"session\":\"00000000000000fe\",\"source\":\"2001:db8::7\","
                         "\"source_port\":40000,\"destination\":\"192.0.2.1\",\"destination_port\":23,"
                         "\"service\":\"telnet\"}");
}

/* Each kind of value, and what a stranger may write. */
static const struct {
    enum session_field field;
    const char *bytes;
    size_t n;
    const char *json;
} values[] = {
    { FIELD_USER, "root", 4, "\"user\":\"root\"" },
    { FIELD_USER, "", 0, "\"user\":\"\"" },
    { FIELD_PASSWORD, "\"\\\n\x1b[2J", 7, "\"password\":\"\\\"\\\\\\n\\u001B[2J\"" },
    { FIELD_PASSWORD, "\xe5\xae\x9a", 3, "\"password\":\"\xe5\xae\x9a\"" },
    { FIELD_PASSWORD, "\xe5\xae", 2, "\"password\":\"\\\\xe5\\\\xae\"" },
    { FIELD_PASSWORD, "a\0b", 3, "\"password\":\"a\\u0000b\"" },
    { FIELD_NEGOTIATION, "\xfd\x01\x00\xff", 4, "\"negotiation\":\"fd0100ff\"" },
    { FIELD_NEGOTIATION, "", 0, "\"negotiation\":\"\"" },
    { FIELD_WORDS, "./x", 3, "\"words\":[\"./x\"]" },
    { FIELD_WORDS, "./x\0-a\0\xff", 8, "\"words\":[\"./x\",\"-a\",\"\\\\xff\"]" },
    { FIELD_WORDS, "./x\0\0b", 6, "\"words\":[\"./x\",\"\",\"b\"]" },
    { FIELD_WORDS, "./x\0", 4, "\"words\":[\"./x\",\"\"]" },
    { FIELD_WORDS, "\0", 1, "\"words\":[\"\",\"\"]" },
    { FIELD_WORDS, "", 0, "\"words\":[]" },
};

static void of_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(values); i++) {
        struct session_event e;
        char want[256];
        session_begin(&e, SESSION_RUN, UINT64_MAX, WHEN);
        session_set_bytes(&e, values[i].field, values[i].bytes, values[i].n);
        snprintf(want, sizeof want, TIME "\"run\",\"session\":\"ffffffffffffffff\",%s}", values[i].json);
        assert_line(&e, want);
    }
}

static void of_numbers(void **state)
{
    (void)state;
    struct session_event e;
    session_begin(&e, SESSION_LOGIN, 1, WHEN);
    session_set(&e, FIELD_ACCEPTED, 1);
    session_set(&e, FIELD_TRY, 3);
    session_set(&e, FIELD_REMEMBERED, 0);
    session_set(&e, FIELD_SIZE, UINT64_MAX);
    assert_line(&e, TIME "\"login\",\"session\":\"0000000000000001\",\"accepted\":true,\"try\":3,\"remembered\":false,"
                         "\"size\":9223372036854775807}");
}

/* Of every field one is written, by the name in the table; the longest there is fits. */
static void every_field(void **state)
{
    (void)state;
    static uint8_t longest[512 << 10];
    memset(longest, 0xff, sizeof longest);
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        struct session_event e;
        struct buf b;
        char key[64];
        const struct session_field_row *row = session_field(f);
        session_begin(&e, SESSION_FILE, 1, 1);
        if (row->kind == SESSION_NUMBER || row->kind == SESSION_FLAG)
            session_set(&e, f, 1);
        else
            session_set_bytes(&e, f, longest, row->most);
        buf_init(&b, 4 << 20);
        assert_int_equal(session_json_line(&b, &e), 0);
        snprintf(key, sizeof key, "\"0000000000000001\",\"%s\":", row->name);
        assert_non_null(memmem(b.data, b.len, key, strlen(key)));
        buf_release(&b);
    }
}

/* A buffer without room has the line whole or not at all. */
static void whole_or_not(void **state)
{
    (void)state;
    struct session_event e;
    struct buf b;
    session_begin(&e, SESSION_COMMAND, 1, WHEN);
    session_set_text(&e, FIELD_COMMAND, "id");
    buf_init(&b, 4096);
    assert_int_equal(session_json_line(&b, &e), 0);
    size_t length = b.len;
    buf_release(&b);
    for (size_t max = 0; max <= length; max++) {
        buf_init(&b, max);
        assert_int_equal(session_json_line(&b, &e), max < length ? -ENOMEM : 0);
        assert_int_equal(b.len, max < length ? 0 : length);
        buf_release(&b);
    }
}

static void names(void **state)
{
    (void)state;
    static const char *const wrong[] = { "", "1", "00000000000000001", "000000000000000g", "0x00000000000001",
                                         " 000000000000001", "-000000000000001" };
    static const uint64_t sessions[] = { 0, 1, 0x0123456789abcdef, UINT64_MAX };
    char name[SESSION_NAME];
    uint64_t back;
    for (size_t i = 0; i < LENGTH(sessions); i++) {
        assert_int_equal(session_name_parse(session_name(sessions[i], name), &back), 0);
        assert_int_equal(back, sessions[i]);
    }
    assert_string_equal(session_name(0x0123456789abcdef, name), "0123456789abcdef");
    assert_int_equal(session_name_parse("0123456789ABCDEF", &back), 0);
    assert_int_equal(back, 0x0123456789abcdef);
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(session_name_parse(wrong[i], &back), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opened),      cmocka_unit_test(of_bytes),     cmocka_unit_test(of_numbers),
        cmocka_unit_test(every_field), cmocka_unit_test(whole_or_not), cmocka_unit_test(names),
    };
    return cmocka_run_group_tests_name("event/session-json", tests, NULL, NULL);
}
