#include "trap/netis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define BYTES(s) s, sizeof(s) - 1

static const char version[] = "netis(WF2880_US)-V1.2.29578,2014.09.05 16:34.";

static void classes(void **state)
{
    static const struct {
        const char *data;
        size_t n;
        enum netis_class class;
        const char *text;
    } rows[] = {
        { BYTES("\n"), NETIS_PROBE, "" },
        { BYTES("\r"), NETIS_PROBE, "" },
        { BYTES("\r\n"), NETIS_PROBE, "" },
        { BYTES("\n\0\0\0\0\0\0\0"), NETIS_PROBE, "" },
        { BYTES(""), NETIS_OTHER, "" },
        { BYTES("\0"), NETIS_OTHER, "" },
        { BYTES("\0\0\0\0\0\0\0\n"), NETIS_OTHER, "" },
        { BYTES("\n\n\n\n\n\n\n\n\n"), NETIS_OTHER, "" },
        { BYTES("AA"), NETIS_OTHER, "" },
        { BYTES("AAAAAAAA"), NETIS_OTHER, "" },
        { BYTES("AAAAAAAAnetcore\0"), NETIS_LOGIN, "netcore" },
        { BYTES("AAAAAAAAnetcore"), NETIS_LOGIN, "netcore" },
        { BYTES("\0\0\0\0\0\0\0\0netcore\0more"), NETIS_LOGIN, "netcore" },
        { BYTES("AAAAAAAAnetcores\0"), NETIS_COMMAND, "netcores" },
        { BYTES("AA\0\0AAAA?\0"), NETIS_VERSION, "?" },
        { BYTES("AA\0\0AAAA$GetVersion\0"), NETIS_GET_VERSION, "$GetVersion" },
        { BYTES("AA\0\0AAAA$Help\0"), NETIS_HELP, "$Help" },
        { BYTES("AA\0\0AAAA$help\r\n\0"), NETIS_HELP, "$help" },
        { BYTES("AA\0\0AAAA$WriteMac 00:00:5e:00:53:01 lan\0"), NETIS_SETTING, "$WriteMac 00:00:5e:00:53:01 lan" },
        { BYTES("AA\0\0AAAA cd /tmp; ls \n\0"), NETIS_COMMAND, "cd /tmp; ls" },
        { BYTES("AA\0\0AAAA\xe5\xae\x9a\0"), NETIS_COMMAND, "\xe5\xae\x9a" },
        { BYTES("AA\0\0AAAA\1\2\3"), NETIS_OTHER, "\1\2\3" },
        { BYTES("AA\0\0AAAA \n\0"), NETIS_OTHER, "" },
        { BYTES("\0\0\0\1\0\0\0\0/cfg/dhcpd.conf"), NETIS_READ, "/cfg/dhcpd.conf" },
        { BYTES("\0\0\0\2\0\0\0\0/tmp/x"), NETIS_WRITE, "/tmp/x" },
        { BYTES("\0\0\0\5\0\0\0\0"), NETIS_OTHER, "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct netis_request r;
        netis_read(rows[i].data, rows[i].n, &r);
        if (r.class != rows[i].class || r.n != strlen(rows[i].text) || memcmp(r.text, rows[i].text, r.n) != 0)
            fail_msg("row %zu: %s, '%.*s'", i, netis_class_name(r.class), (int)r.n, (const char *)r.text);
    }
}

static void long_text(void **state)
{
    static char data[NETIS_HEAD + NETIS_TEXT + 1];
    struct netis_request r;
    (void)state;
    memset(data + NETIS_HEAD, 'x', NETIS_TEXT + 1);
    netis_read(data, sizeof data - 1, &r);
    assert_int_equal(r.class, NETIS_COMMAND);
    assert_int_equal(r.n, NETIS_TEXT);
    netis_read(data, sizeof data, &r);
    assert_int_equal(r.class, NETIS_OTHER);
}

/* To the byte, as shared/corpus/udp53413.md has them. */
static void answers(void **state)
{
    static const struct {
        bool in;
        const char *data;
        size_t n;
        const char *answer;
        size_t n_answer;
    } rows[] = {
        { false, BYTES("\n"), BYTES("\n\0\0\6\0\1\0\0\0\0\xd0\xa5Login:") },
        { false, BYTES("AA\0\0AAAAls\0"), BYTES("AA\0\6ABAA\0\0\xd0\xa5Login:") },
        { false, BYTES("AA\0\0AAAA?\0"), BYTES("AA\0\6ABAA\0\0\xd0\xa5Login:") },
        { false, BYTES("AAAAAAAAnetcore\0"), BYTES("AA\0\5ABAA\0\0\0\0Login successed!\r\n") },
        { false, BYTES("\0\0\0\0\0\0\0\0netcore"), BYTES("\0\0\0\5\0\1\0\0\0\0\0\0Login successed!\r\n") },
        { false, BYTES("\xff\xff\0\0\xff\xff\0\0netcore"), BYTES("\xff\xff\0\5\0\0\0\0\0\0\0\0Login successed!\r\n") },
        { true, BYTES("AA\0\0AAAA?\0"), BYTES("AA\0\5ABAA\0\0\1\0IGD MPT Interface daemon 1.0\0") },
        { true, BYTES("AA\0\0AAAA$GetVersion\0"),
          BYTES("AA\0\5ABAA\0\0\0\0netis(WF2880_US)-V1.2.29578,2014.09.05 16:34.\n") },
        { true, BYTES("AA\0\0AAAA$Help\0"), BYTES("AA\0\5ABAA\0\0\1\0Usage: $Help\r\n") },
        { true, BYTES("AA\0\0AAAA$TestUsb\0"), BYTES("AA\0\5ABAA\0\0\0\0") },
        { true, BYTES("\0\0\0\1\0\0\0\0/etc/passwd"), BYTES("\0\0\0\6\0\1\0\0\xff\xff\xff\xff") },
        { true, BYTES("AA\0\0AAAAls\0"), BYTES("") },
        { true, BYTES("AAAAAAAAnetcore\0"), BYTES("") },
        { false, BYTES("AA\0\0AAAA\1\2"), BYTES("") },
        { true, BYTES("\0\0\0\5\0\0\0\0"), BYTES("") },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct netis_request r;
        uint8_t answer[NETIS_ANSWER];
        netis_read(rows[i].data, rows[i].n, &r);
        size_t n = netis_answer(&r, rows[i].in, version, answer);
        if (n != rows[i].n_answer || memcmp(answer, rows[i].answer, n) != 0)
            fail_msg("row %zu: %zu bytes", i, n);
    }
}

/* The sizes that were published. */
static void sizes(void **state)
{
    (void)state;
    struct netis_request r;
    uint8_t answer[NETIS_ANSWER];
    netis_read(BYTES("\n"), &r);
    assert_int_equal(netis_answer(&r, false, version, answer), 18);
    netis_read(BYTES("AAAAAAAAnetcore\0"), &r);
    assert_int_equal(netis_answer(&r, false, version, answer), 30);
    netis_read(BYTES("AA\0\0AAAA?\0"), &r);
    assert_int_equal(netis_answer(&r, true, version, answer), 41);
}

/* No version is too long. */
static void long_version(void **state)
{
    static const char long_one[] = "netis(xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx)";
    struct netis_request r;
    uint8_t answer[NETIS_ANSWER];
    (void)state;
    netis_read(BYTES("AA\0\0AAAA$GetVersion\0"), &r);
    assert_int_equal(netis_answer(&r, true, long_one, answer), NETIS_ANSWER);
}

static void output(void **state)
{
    static uint8_t data[100];
    struct netis_request r;
    uint8_t answer[NETIS_ANSWER];
    (void)state;
    memset(data, 'o', sizeof data);
    netis_read(BYTES("AA\0\0AAAAls\0"), &r);
    assert_int_equal(netis_block(&r, 1, "hello\n", 6, answer), 14);
    assert_memory_equal(answer, "AA\0\4ABAAhello\n", 14);
    assert_int_equal(netis_block(&r, 2, data, sizeof data, answer), NETIS_ANSWER);
    assert_memory_equal(answer, "AA\0\4ACAAooo", 11);
    assert_int_equal(netis_end(&r, 3, 127, answer), NETIS_END);
    assert_memory_equal(answer, "AA\0\5ADAA\0\0\0\x7f", NETIS_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes), cmocka_unit_test(long_text),    cmocka_unit_test(answers),
        cmocka_unit_test(sizes),   cmocka_unit_test(long_version), cmocka_unit_test(output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
