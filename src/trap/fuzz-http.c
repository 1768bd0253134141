/*
 * The first byte tells how the rest is cut. However it is cut, the same requests are read, the same commands found in them, and
 * what is held stays within its bounds. Its bit 7: the rest is an http.ini, a NUL, and requests that its servers answer.
 */
#include "trap/http-answer.h"
#include "trap/http-commands.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

static void put(struct buf *b, struct http_text t)
{
    buf_put(b, t.s, t.n);
    buf_u8(b, '\n');
}

static void tell(struct buf *b, const struct http_request *r)
{
    struct http_found f;
    struct http_text path, query;
    assert(r->head.len <= HTTP_HEAD_MOST && r->body.len <= HTTP_BODY_MOST && r->n_headers <= HTTP_HEADERS_MOST);
    assert(r->size >= r->body.len && r->size <= HTTP_LENGTH_MOST);
    put(b, http_text(r, r->method));
    http_target(r, &path, &query);
    put(b, path);
    put(b, query);
    for (size_t i = 0; i < r->n_headers; i++) {
        put(b, http_text(r, r->headers[i].name));
        put(b, http_text(r, r->headers[i].value));
    }
    buf_put(b, r->body.data, r->body.len);
    buf_print(b, "%u %u %u %u %llu\n", r->minor, r->keeps, r->simple, r->expects, (unsigned long long)r->size);
    http_find(r, &f);
    assert(f.n <= HTTP_COMMANDS_MOST && f.commands.len <= HTTP_COMMANDS_BYTES);
    const char *at = (const char *)f.commands.data;
    for (size_t i = 0; i < f.n; i++, at += strlen(at) + 1)
        assert(*at);
    assert(!f.n || at == (const char *)f.commands.data + f.commands.len);
    buf_text(b, f.entry);
    buf_put(b, f.commands.data, f.commands.len);
    http_found_release(&f);
}

static void run(struct buf *told, const uint8_t *data, size_t n, size_t piece)
{
    struct http_request r;
    http_begin(&r);
    for (size_t at = 0; at < n && r.state != HTTP_WRONG;) {
        size_t some = piece < n - at ? piece : n - at, took = http_feed(&r, data + at, some);
        assert(took <= some && (took || r.state != HTTP_READS));
        at += took;
        if (r.state != HTTP_WHOLE)
            continue;
        tell(told, &r);
        http_next(&r);
        assert(http_memory(&r) == 0);
    }
    buf_print(told, "%u %u %u", r.state, r.fault, http_begun(&r));
    http_release(&r);
}

/* ---- Sites ---- */

static bool judge(void *context, struct http_text user, struct http_text password)
{
    (void)context;
    return user.n + password.n > 4 && user.n > password.n;
}

static void answer(const struct http_site *s, const struct http_request *r)
{
    static const struct persona_here here = { .hostname = "dvr", .secret = 7 };
    static const struct addr a = { .family = 4, .bytes = { 192, 0, 2, 1 } };
    static const char output[] = "{{output}}";
    for (size_t i = 0; i < s->n; i++) {
        struct http_visit v = { .server = &s->servers[i], .here = &here, .source = &a, .destination = &a, .now = INT64_C(1700000000000000),
                                .judge = judge };
        struct http_plan plan;
        struct buf said;
        buf_init(&said, 16 << 20);
        http_plan(&v, r, &plan);
        assert(!plan.keeps || (r->keeps && plan.status));
        http_say(&v, r, &plan, (struct http_text){ output, sizeof output - 1 }, &said);
        assert(buf_ok(&said) && (r->simple || !said.len == !plan.status));
        buf_release(&said);
    }
}

static void serve(const uint8_t *data, size_t n)
{
    const uint8_t *end = n ? memchr(data, '\0', n) : NULL;
    struct http_site *s = NULL;
    struct http_request r;
    char why[200] = "";
    size_t at = end ? (size_t)(end - data) : n;
    int e = http_site_read(&s, NULL, (const char *)data, at, why);
    assert(e == 0 || (e == 1 && why[0]));
    if (e)
        return;
    http_begin(&r);
    while (at < n && r.state == HTTP_READS) {
        at += http_feed(&r, data + at + 1, n - at - 1) + (at + 1 == n);
        if (r.state == HTTP_READS)
            break;
        answer(s, &r);
        if (r.state == HTTP_WHOLE)
            http_next(&r);
    }
    http_release(&r);
    http_site_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, cut;
    if (size < 1 || size > 1 << 16)
        return 0;
    if (data[0] & 128) {
        serve(data + 1, size - 1);
        return 0;
    }
    buf_init(&whole, 16 << 20);
    buf_init(&cut, 16 << 20);
    run(&whole, data + 1, size - 1, size);
    run(&cut, data + 1, size - 1, data[0] % 32 + 1u);
    assert(whole.len == cut.len && memcmp(whole.data, cut.data, whole.len) == 0);
    buf_release(&whole);
    buf_release(&cut);
    return 0;
}
