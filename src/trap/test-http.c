#include "trap/http.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define B(text) text, sizeof text - 1

static const char *const faults[] = {
    "good", "no-http", "bad-line", "bad-version", "bad-header", "bad-length", "bad-chunk", "long-line", "long-head", "large-body",
};

/* What comes, and what it is read as: a line a request, "METHOD TARGET VERSION[ keep] (NAME=VALUE) BODY"; then what is wrong,
 * or "..." where more is waited for. */
static const struct {
    const char *sent;
    size_t n;
    const char *read;
} cases[] = {
    { B("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "GET / 1.1 keep (Host=a) \n" },
    { B("GET / HTTP/1.1\nHost:a\n\n"), "GET / 1.1 keep (Host=a) \n" },
    { B("GET / HTTP/1.0\r\n\r\n"), "GET / 1.0 \n" },
    { B("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), "GET / 1.0 keep (Connection=Keep-Alive) \n" },
    { B("GET / HTTP/1.1\r\nconnection: TE , close\r\n\r\n"), "GET / 1.1 (connection=TE , close) \n" },
    { B("GET / HTTP/1.1\r\nConnection: x\r\nConnection: close\r\n\r\n"), "GET / 1.1 (Connection=x) (Connection=close) \n" },
    { B("GET /old\r\nGET / HTTP/1.0\r\n\r\n"), "GET /old old \nGET / 1.0 \n" },
    { B("GET\r\n"), "bad-line" },
    { B("GET HTTP/1.1\r\n"), "bad-line" },
    { B("\r\n\r\nGET / HTTP/1.0\r\n\r\n"), "GET / 1.0 \n" },
    { B("GET  /a b;c  HTTP/1.0\r\n\r\n"), "GET /a b;c 1.0 \n" },
    { B("GET /shell?cd /tmp;id HTTP/1.1\r\n\r\n"), "GET /shell?cd /tmp;id 1.1 keep \n" },
    { B("GET / HTTP/1.11\r\n"), "bad-line" },
    { B("GET / HTTP/x.1\r\n"), "bad-line" },
    { B("PRI * HTTP/2.0\r\n"), "bad-version" },
    { B("GET / HTTP/0.9\r\n"), "bad-line" },
    { B("get / HTTP/1.1\r\n\r\n"), "get / 1.1 keep \n" },
    { B("M-SEARCH * HTTP/1.1\r\n\r\n"), "M-SEARCH * 1.1 keep \n" },
    /* Other protocols are known without an end of line. */
    { B("\x16\x03\x01\x00\xee\x01\x00"), "no-http" },
    { B("\0"), "no-http" },
    { B(" GET / HTTP/1.0\r\n"), "no-http" },
    { B("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "no-http" },
    { B("SSH-2.0-x"), "..." },
    { B("GE"), "..." },
    { B("GET / HTTP/1.1\r\nHost: a\r\n"), "..." },
    /* Headers. */
    { B("GET / HTTP/1.1\r\nA : b \r\nC:\r\n\r\n"), "GET / 1.1 keep (A=b) (C=) \n" },
    { B("GET / HTTP/1.1\r\nA: b\r\n c\r\n\td\r\n\r\n"), "GET / 1.1 keep (A=b   c   d) \n" },
    { B("GET / HTTP/1.1\r\nA:\r\n c\r\n \r\nD: e\r\n\r\n"), "GET / 1.1 keep (A=c) (D=e) \n" },
    { B("GET / HTTP/1.1\r\n A: b\r\n"), "bad-header" },
    { B("GET / HTTP/1.1\r\nnonsense\r\n"), "bad-header" },
    { B("GET / HTTP/1.1\r\n: b\r\n"), "bad-header" },
    { B("GET / HTTP/1.1\r\nA: \0\r\n"), "bad-header" },
    { B("GET /\0 HTTP/1.1\r\n"), "bad-line" },
    /* Bodies. */
    { B("POST /a HTTP/1.0\r\nContent-Length: 3\r\n\r\nabcd"), "POST /a 1.0 (Content-Length=3) abc\n..." },
    { B("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
      "POST /a 1.1 keep (Content-Length=0) \nGET / 1.0 \n" },
    { B("POST /a HTTP/1.1\r\n\r\n"), "POST /a 1.1 keep \n" },
    { B("POST /a HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab"),
      "POST /a 1.1 keep (Content-Length=2) (Content-Length=2) ab\n" },
    { B("POST /a HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n"), "bad-length" },
    { B("POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), "bad-length" },
    { B("POST /a HTTP/1.1\r\nContent-Length: \r\n\r\n"), "bad-length" },
    { B("POST /a HTTP/1.1\r\nContent-Length: 2 2\r\n\r\n"), "bad-length" },
    { B("POST /a HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\n"), "bad-length" },
    { B("POST /a HTTP/1.1\r\nContent-Length: 4294967295\r\n\r\n"), "large-body" },
    { B("POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"), "..." },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"),
      "POST / 1.1 keep (Transfer-Encoding=chunked) abcde\n" },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\n\r\n00A \r\n0123456789\r\n0\r\nX: y\r\nZ: w\r\n\r\nGET / HTTP/1.0\n\n"),
      "POST / 1.1 keep (Transfer-Encoding=CHUNKED) 0123456789\nGET / 1.0 \n" },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\na\n0\n\n"),
      "POST / 1.1 (Transfer-Encoding=chunked) (Content-Length=1) a\n" },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"), "bad-length" },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n"), "bad-chunk" },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"), "bad-chunk" },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc"), "bad-chunk" },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff"), "large-body" },
    { B("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000000"), "large-body" },
};

static void put(struct buf *b, struct http_text t)
{
    buf_put(b, t.s, t.n);
}

static void tell(struct buf *b, const struct http_request *r)
{
    put(b, http_text(r, r->method));
    buf_u8(b, ' ');
    put(b, http_text(r, r->target));
    if (r->simple)
        buf_text(b, " old ");
    else
        buf_print(b, " 1.%u%s ", r->minor, r->keeps ? " keep" : "");
    for (size_t i = 0; i < r->n_headers; i++) {
        buf_u8(b, '(');
        put(b, http_text(r, r->headers[i].name));
        buf_u8(b, '=');
        put(b, http_text(r, r->headers[i].value));
        buf_text(b, ") ");
    }
    buf_put(b, r->body.data, r->body.len);
    buf_u8(b, '\n');
}

/* Read in pieces of so many bytes. */
static void read_all(struct buf *told, const char *sent, size_t n, size_t piece)
{
    struct http_request r;
    http_begin(&r);
    for (size_t at = 0; at < n && r.state != HTTP_WRONG;) {
        size_t some = piece < n - at ? piece : n - at, took = http_feed(&r, sent + at, some);
        assert_true(took || r.state != HTTP_READS);
        at += took;
        if (r.state == HTTP_WHOLE) {
            tell(told, &r);
            http_next(&r);
        }
    }
    buf_text(told, r.state == HTTP_WRONG ? faults[r.fault] : http_begun(&r) ? "..." : "");
    http_release(&r);
}

static void test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t piece = 1; piece <= cases[i].n; piece++) {
            struct buf told;
            buf_init(&told, 1 << 20);
            read_all(&told, cases[i].sent, cases[i].n, piece);
            buf_u8(&told, '\0');
            if (strcmp((char *)told.data, cases[i].read) != 0)
                fail_msg("case %zu in pieces of %zu: %s\nis read as\n%s\nnot as\n%s", i, piece, cases[i].sent, told.data, cases[i].read);
            buf_release(&told);
        }
    }
}

/* ---- Bounds ---- */

static enum http_fault fault_of(const char *begin, const char *again, size_t times)
{
    struct http_request r;
    http_begin(&r);
    http_feed(&r, begin, strlen(begin));
    for (size_t i = 0; i < times && r.state == HTTP_READS; i++) {
        http_feed(&r, again, strlen(again));
        assert_true(http_memory(&r) <= HTTP_HEAD_MOST + HTTP_BODY_MOST);
    }
    enum http_fault f = r.state == HTTP_WRONG ? r.fault : HTTP_GOOD;
    http_release(&r);
    return f;
}

static void test_bounds(void **state)
{
    (void)state;
    assert_int_equal(fault_of("GET /", "aaaaaaaaaaaaaaa", 545), HTTP_GOOD);
    assert_int_equal(fault_of("GET /", "aaaaaaaaaaaaaaa", 546), HTTP_LONG_LINE);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\n", "A: b\r\n", HTTP_HEADERS_MOST), HTTP_GOOD);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\n", "A: b\r\n", HTTP_HEADERS_MOST + 1), HTTP_LONG_HEAD);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\nA: b\r\n", " \r\n", 100000), HTTP_LONG_HEAD);
    assert_int_equal(fault_of("", "\r\n", 100000), HTTP_NO_HTTP);
    assert_int_equal(fault_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n", 200000), HTTP_GOOD);
    assert_int_equal(fault_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;", "aaaaaaaaaa", 2000), HTTP_BAD_CHUNK);
    assert_int_equal(fault_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "a:b\r\n", 2000), HTTP_BAD_CHUNK);
}

/* A body longer than what is kept is passed over to its end. */
static void test_long_body(void **state)
{
    (void)state;
    enum { LENGTH = 3 << 20 };
    struct http_request r;
    char head[64], *body = malloc(LENGTH + 4);
    assert_non_null(body);
    memset(body, 'x', LENGTH);
    memcpy(body + LENGTH, "GET ", 4);
    http_begin(&r);
    snprintf(head, sizeof head, "PUT /f HTTP/1.1\r\nContent-Length: %d\r\n\r\n", LENGTH);
    assert_int_equal(http_feed(&r, head, strlen(head)), strlen(head));
    assert_int_equal(http_feed(&r, body, LENGTH + 4), LENGTH);
    assert_int_equal(r.state, HTTP_WHOLE);
    assert_int_equal(r.body.len, HTTP_BODY_MOST);
    assert_int_equal(r.size, LENGTH);
    http_release(&r);
    free(body);
}

static void test_expects(void **state)
{
    (void)state;
    static const char asks[] = "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
    static const char none[] = "PUT / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", old[] = "PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
    struct http_request r;
    http_begin(&r);
    http_feed(&r, asks, sizeof asks - 1);
    assert_true(r.expects && r.state == HTTP_READS);
    http_next(&r);
    http_feed(&r, none, sizeof none - 1);
    assert_true(!r.expects && r.state == HTTP_WHOLE);
    http_next(&r);
    http_feed(&r, old, sizeof old - 1);
    assert_true(!r.expects && r.state == HTTP_READS);
    http_release(&r);
}

/* ---- Texts ---- */

static void test_targets(void **state)
{
    (void)state;
    static const struct {
        const char *line, *path, *query;
    } targets[] = {
        { "GET /a?b=c#d HTTP/1.1\n\n", "/a", "b=c" }, { "GET http://192.0.2.1:80/a/b?c HTTP/1.1\n\n", "/a/b", "c" },
        { "GET http://192.0.2.1 HTTP/1.1\n\n", "/", "" }, { "GET /a?b?c HTTP/1.1\n\n", "/a", "b?c" },
        { "GET * HTTP/1.1\n\n", "*", "" }, { "GET ? HTTP/1.1\n\n", "", "" }, { "GET /a# HTTP/1.1\n\n", "/a", "" },
    };
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct http_request r;
        struct http_text path, query;
        http_begin(&r);
        http_feed(&r, targets[i].line, strlen(targets[i].line));
        assert_int_equal(r.state, HTTP_WHOLE);
        http_target(&r, &path, &query);
        assert_true(http_is(path, targets[i].path) && http_is(query, targets[i].query));
        http_release(&r);
    }
}

static void decoded(const char *text, bool plus, const char *want, size_t n)
{
    struct buf b;
    buf_init(&b, 256);
    http_decode(&b, (struct http_text){ text, strlen(text) }, plus);
    assert_int_equal(b.len, n);
    assert_memory_equal(b.data, want, n);
    buf_release(&b);
}

static void test_texts(void **state)
{
    (void)state;
    decoded("a%20b%3Bc+d", true, "a b;c d", 7);
    decoded("a+b%2", false, "a+b%2", 5);
    decoded("%zz%4%00%41", true, "%zz%4\0A", 7);
    struct http_text rest = { "a=1&&b&c=d=e&", 13 }, name, value;
    static const char *const fields[][2] = { { "a", "1" }, { "", "" }, { "b", "" }, { "c", "d=e" } };
    for (size_t i = 0; i < 4; i++) {
        assert_true(http_field(&rest, &name, &value));
        assert_true(http_is(name, fields[i][0]) && http_is(value, fields[i][1]));
    }
    assert_false(http_field(&rest, &name, &value));
    struct buf b;
    buf_init(&b, 64);
    http_base64(&b, (struct http_text){ "cm9vdDp4YzM1MTE=", 16 });
    assert_int_equal(b.len, 11);
    assert_memory_equal(b.data, "root:xc3511", 11);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests), cmocka_unit_test(test_bounds),  cmocka_unit_test(test_long_body),
        cmocka_unit_test(test_expects),  cmocka_unit_test(test_targets), cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
