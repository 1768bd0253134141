#include "sample/tftp.h"
#include "sample/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static const struct {
    const char *text, *verdict, *again; /* again: as it is asked for; NULL: it is refused */
} urls[] = {
    { "http://192.0.2.1/x", "fine", "http://192.0.2.1/x" },
    { "HTTP://files.Example.com", "fine", "http://files.Example.com/" },
    { "http://192.0.2.1:8080/a/b?c=d&e=f#g", "fine", "http://192.0.2.1:8080/a/b?c=d&e=f" },
    { "https://example.com:443/", "fine", "https://example.com/" },
    { "ftp://[2001:db8::1]:2121/f", "fine", "ftp://[2001:db8::1]:2121/f" },
    { "tftp://192.0.2.1/arm7", "fine", "tftp://192.0.2.1/arm7" },
    { "http://192.0.2.1?x=1", "fine", "http://192.0.2.1/?x=1" },
    { "file:///etc/passwd", "scheme", NULL },
    { "gopher://192.0.2.1/", "scheme", NULL },
    { "//192.0.2.1/x", "scheme", NULL },
    { "", "scheme", NULL },
    { "http://user@192.0.2.1/", "credentials", NULL },
    { "http://user:pw@192.0.2.1/", "credentials", NULL },
    { "http://192.0.2.1\\@10.0.0.1/", "credentials", NULL },
    { "http://192.0.2.1/a b", "control-bytes", NULL },
    { "http://192.0.2.1/a\r\nHost: x", "control-bytes", NULL },
    { "http://192.0.2.1/\xc3\xa4", "control-bytes", NULL },
    { "http://192.0.2.1/%0d%0aSET", "control-bytes", NULL },
    { "http://192.0.2.1/%250a", "control-bytes", NULL },
    { "http://192.0.2.1/a;id", "shell-characters", NULL },
    { "http://192.0.2.1/a?x=`id`", "shell-characters", NULL },
    { "http://192.0.2.1/a?x=$(id)", "shell-characters", NULL },
    { "http://192.0.2.1/a%3bid", "shell-characters", NULL },
    { "http://192.0.2.1/a%253Bid", "shell-characters", NULL },
    { "http://192.0.2.1/a%7Cid", "shell-characters", NULL },
    { "http://192.0.2.1/a%26id", "shell-characters", NULL },
    { "http:///x", "no-host", NULL },
    { "http://nodots/x", "no-host", NULL },
    { "http://2130706433/", "no-host", NULL },
    { "http://0x7f000001/", "no-host", NULL },
    { "http://127.1/", "no-host", NULL },
    { "http://0177.0.0.1/", "no-host", NULL },
    { "http://a..b.com/", "no-host", NULL },
    { "http://[192.0.2.1]/", "no-host", NULL },
    { "http://[2001:db8::1/", "no-host", NULL },
    { "http://192.0.2.1:0/", "port", NULL },
    { "http://192.0.2.1:65536/", "port", NULL },
    { "http://192.0.2.1:/", "port", NULL },
    { "http://192.0.2.1:80x/", "port", NULL },
    { "http://192.0.2.1:25/", "port", NULL },
    { "http://192.0.2.1:23/", "port", NULL },
    { "http://192.0.2.1:6379/", "port", NULL },
};

static void every_url(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(urls); i++) {
        struct url u;
        char text[URL_MOST];
        enum url_verdict v = url_read(urls[i].text, &u);
        if (strcmp(url_verdict_name(v), urls[i].verdict) != 0)
            fail_msg("%s: %s", urls[i].text, url_verdict_name(v));
        if (v)
            continue;
        url_text(&u, text);
        assert_string_equal(text, urls[i].again);
    }
    char longest[3000];
    struct url u;
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memcpy(longest, "http://192.0.2.1/", 17);
    assert_int_equal(url_read(longest, &u), URL_LONG);
    /* The longest path is asked for whole; a name in TFTP has a datagram's room. */
    char text[URL_MOST];
    longest[16 + URL_PATH_MOST - 1] = '\0';
    assert_int_equal(url_read(longest, &u), URL_FINE);
    url_text(&u, text);
    assert_string_equal(text, longest);
    longest[16 + URL_PATH_MOST - 1] = 'a';
    longest[16 + URL_PATH_MOST] = '\0';
    assert_int_equal(url_read(longest, &u), URL_LONG);
    memcpy(longest, "tftp://192.0.2.1/", 17);
    longest[16 + URL_FILE_MOST] = '\0';
    assert_int_equal(url_read(longest, &u), URL_LONG);
    longest[16 + URL_FILE_MOST - 1] = '\0';
    assert_int_equal(url_read(longest, &u), URL_FINE);
}

static const struct {
    const char *path, *plain;
} plains[] = {
    { "", "" },
    { "/", "" },
    { "/a", "/a" },
    { "/a/b/?c/../d", "/a/b" },
    { "//a///b", "/a/b" },
    { "/x/../a", "/a" },
    { "/./a/.", "/a" },
    { "/../../a", "/a" },
    { "/a/..", "" },
    { "/..a/...", "/..a/..." },
    { "/x/%2e%2E/a", "/a" },
    { "/x/%252e./a", "/a" },
    { "/x%2f..%2fa", "/a" },
    { "/%73etup.cgi%3fa=b", "/setup.cgi" },
    { "/%25%2", "/%25%2" },
};

static void every_plain_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(plains); i++) {
        struct url u;
        char text[URL_MOST], plain[URL_PATH_MOST];
        snprintf(text, sizeof text, "http://192.0.2.1%s", plains[i].path);
        assert_int_equal(url_read(text, &u), URL_FINE);
        url_plain(&u, plain);
        if (strcmp(plain, plains[i].plain) != 0)
            fail_msg("%s: %s", plains[i].path, plain);
    }
}

/* ---- TFTP ---- */

static enum tftp_said take(struct tftp *t, uint16_t what, uint16_t block, size_t n, size_t *ret_n)
{
    uint8_t datagram[600] = { (uint8_t)(what >> 8), (uint8_t)what, (uint8_t)(block >> 8), (uint8_t)block };
    const uint8_t *data;
    return tftp_take(t, datagram, 4 + n, &data, ret_n);
}

static void a_file_by_tftp(void **state)
{
    (void)state;
    struct tftp t;
    size_t n;
    uint8_t ack[TFTP_ACK];
    tftp_begin(&t);
    assert_int_equal(take(&t, 3, 2, 512, &n), TFTP_NOTHING); /* out of order */
    assert_int_equal(take(&t, 3, 1, 512, &n), TFTP_DATA);
    assert_int_equal(n, 512);
    tftp_ack(&t, ack);
    assert_memory_equal(ack, "\0\4\0\1", 4);
    assert_int_equal(take(&t, 3, 1, 512, &n), TFTP_AGAIN);
    assert_int_equal(take(&t, 3, 2, 513, &n), TFTP_NOTHING); /* longer than a block */
    assert_int_equal(take(&t, 4, 2, 0, &n), TFTP_NOTHING);
    assert_int_equal(take(&t, 3, 2, 10, &n), TFTP_ENDED);
    assert_int_equal(n, 10);
    assert_int_equal(take(&t, 3, 3, 10, &n), TFTP_NOTHING);
    tftp_begin(&t);
    for (unsigned block = 1; block < 70000; block++) /* past 65535 it goes on with 0 */
        assert_int_equal(take(&t, 3, (uint16_t)block, 512, &n), TFTP_DATA);
    const uint8_t *data;
    assert_int_equal(tftp_take(&t, "\0\5\0\1not here", 12, &data, &n), TFTP_ERROR);
    assert_int_equal(t.error, 1);
    assert_string_equal(t.why, "not here");
    for (size_t length = 0; length < 4; length++)
        assert_int_equal(tftp_take(&t, "\0\3\0", length, &data, &n), TFTP_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_url),
        cmocka_unit_test(every_plain_path),
        cmocka_unit_test(a_file_by_tftp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
