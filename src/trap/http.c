#include "trap/http.h"

#include <strings.h>

enum { STAGE_LINE, STAGE_HEADERS, STAGE_BODY, STAGE_SIZE, STAGE_SIZE_REST, STAGE_CHUNK, STAGE_CHUNK_END, STAGE_TRAILER };
enum { PASSED_MOST = 1024 }; /* bytes of a chunk's extensions, and of all trailers */

static void wrong(struct http_request *r, enum http_fault fault)
{
    r->state = HTTP_WRONG;
    r->fault = (uint8_t)fault;
}

/* ---- Texts ---- */

struct http_text http_text(const struct http_request *r, struct http_span span)
{
    return (struct http_text){ span.n ? (const char *)r->head.data + span.at : "", span.n };
}

bool http_is(struct http_text t, const char *s)
{
    return strlen(s) == t.n && !memcmp(t.s, s, t.n);
}

bool http_is_caseless(struct http_text t, const char *s)
{
    return strlen(s) == t.n && !strncasecmp(t.s, s, t.n);
}

bool http_method_is(const struct http_request *r, const char *name)
{
    return http_is(http_text(r, r->method), name);
}

struct http_text http_header(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->n_headers; i++)
        if (http_is_caseless(http_text(r, r->headers[i].name), name))
            return http_text(r, r->headers[i].value);
    return (struct http_text){ NULL, 0 };
}

static struct http_text cut(struct http_text t, size_t from, size_t to)
{
    return (struct http_text){ t.s + from, to - from };
}

static size_t find(struct http_text t, char c)
{
    const char *at = t.n ? memchr(t.s, c, t.n) : NULL;
    return at ? (size_t)(at - t.s) : t.n;
}

static struct http_text trimmed(struct http_text t)
{
    while (t.n && (*t.s == ' ' || *t.s == '\t'))
        t = cut(t, 1, t.n);
    while (t.n && (t.s[t.n - 1] == ' ' || t.s[t.n - 1] == '\t'))
        t.n--;
    return t;
}

/* Whether one of the words of a list, with commas between, is this one (RFC 9110, 5.6.1). */
static bool lists(struct http_text t, const char *word)
{
    while (t.n) {
        size_t comma = find(t, ',');
        if (http_is_caseless(trimmed(cut(t, 0, comma)), word))
            return true;
        t = cut(t, comma + (comma < t.n), t.n);
    }
    return false;
}

void http_target(const struct http_request *r, struct http_text *ret_path, struct http_text *ret_query)
{
    struct http_text t = http_text(r, r->target);
    t.n = find(t, '#');
    if (t.n > 7 && !strncasecmp(t.s, "http://", 7)) { /* RFC 9112, 3.2.2 */
        size_t slash = 7 + find(cut(t, 7, t.n), '/');
        t = slash < t.n ? cut(t, slash, t.n) : (struct http_text){ "/", 1 };
    }
    size_t mark = find(t, '?');
    *ret_path = cut(t, 0, mark);
    *ret_query = cut(t, mark + (mark < t.n), t.n);
}

bool http_field(struct http_text *rest, struct http_text *ret_name, struct http_text *ret_value)
{
    if (!rest->n)
        return false;
    size_t end = find(*rest, '&');
    struct http_text field = cut(*rest, 0, end);
    size_t equals = find(field, '=');
    *ret_name = cut(field, 0, equals);
    *ret_value = cut(field, equals + (equals < field.n), field.n);
    *rest = cut(*rest, end + (end < rest->n), rest->n);
    return true;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void http_decode(struct buf *to, struct http_text t, bool plus)
{
    for (size_t i = 0; i < t.n; i++) {
        bool escape = t.s[i] == '%' && t.n - i > 2 && digit(t.s[i + 1]) >= 0 && digit(t.s[i + 2]) >= 0;
        if (escape) {
            buf_u8(to, (uint8_t)(digit(t.s[i + 1]) << 4 | digit(t.s[i + 2])));
            i += 2;
        } else {
            buf_u8(to, plus && t.s[i] == '+' ? ' ' : (uint8_t)t.s[i]);
        }
    }
}

void http_base64(struct buf *to, struct http_text t)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned n = 0;
    for (size_t i = 0; i < t.n; i++) {
        const char *at = t.s[i] ? strchr(letters, t.s[i]) : NULL;
        if (!at)
            return;
        bits = bits << 6 | (uint32_t)(at - letters);
        n += 6;
        if (n >= 8) {
            n -= 8;
            buf_u8(to, (uint8_t)(bits >> n));
        }
    }
}

/* ---- The request line ---- */

/* RFC 9110, 5.6.2. */
static bool is_token(uint8_t c)
{
    return c > ' ' && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

/* As early as can be: who speaks TLS waits for an answer without ever ending a line. */
static bool can_be_method(const struct http_request *r)
{
    for (size_t i = r->line; i < r->head.len; i++) {
        uint8_t c = r->head.data[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            return i > r->line || c == '\r' || c == '\n';
        if (!is_token(c) || i - r->line >= HTTP_METHOD_MOST)
            return false;
    }
    return true;
}

static struct http_span span_of(const struct http_request *r, struct http_text t)
{
    return (struct http_span){ t.n ? (uint16_t)(t.s - (const char *)r->head.data) : 0, (uint16_t)t.n };
}

/* "HTTP/1.1" at the end of the line is cut off; without it the request is of before 1.0. RFC 9112, 2.3. */
static struct http_text take_version(struct http_request *r, struct http_text t)
{
    size_t at = t.n;
    while (at && t.s[at - 1] != ' ' && t.s[at - 1] != '\t')
        at--;
    struct http_text word = cut(t, at, t.n);
    r->simple = word.n < 5 || memcmp(word.s, "HTTP/", 5) != 0;
    if (r->simple)
        return t;
    bool good = word.n == 8 && word.s[6] == '.' && word.s[5] >= '0' && word.s[5] <= '9' && word.s[7] >= '0' && word.s[7] <= '9';
    if (!good)
        wrong(r, HTTP_BAD_LINE);
    else if (word.s[5] != '1')
        wrong(r, word.s[5] == '0' ? HTTP_BAD_LINE : HTTP_BAD_VERSION);
    else
        r->minor = (uint8_t)(word.s[7] - '0');
    return trimmed(cut(t, 0, at));
}

static void request_line(struct http_request *r, struct http_text t)
{
    if (!t.n) { /* RFC 9112, 2.2: an empty line before it is passed over */
        r->head.len = 0;
        r->line = 0;
        if (++r->passed > PASSED_MOST)
            wrong(r, HTTP_NO_HTTP);
        return;
    }
    t = trimmed(t);
    size_t blank = 0;
    while (blank < t.n && t.s[blank] != ' ' && t.s[blank] != '\t')
        blank++;
    r->method = span_of(r, cut(t, 0, blank));
    t = take_version(r, trimmed(cut(t, blank, t.n)));
    r->target = span_of(r, t);
    r->passed = 0;
    if (r->state == HTTP_WRONG)
        return;
    if (!t.n || memchr(t.s, '\0', t.n))
        wrong(r, HTTP_BAD_LINE);
    else if (r->simple)
        r->state = HTTP_WHOLE;
    else
        r->stage = STAGE_HEADERS;
}

/* ---- Headers ---- */

/* RFC 9112, 6.2: a number, and the same wherever it is said. */
static void length_is(struct http_request *r, struct http_text t)
{
    uint64_t v = 0;
    bool good = t.n > 0;
    for (size_t i = 0; i < t.n && good; i++) {
        good = t.s[i] >= '0' && t.s[i] <= '9' && v <= UINT32_MAX;
        v = v * 10 + (uint64_t)(t.s[i] - '0');
    }
    if (!good || (r->has_length && v != r->left))
        wrong(r, HTTP_BAD_LENGTH);
    else if (v > HTTP_LENGTH_MOST)
        wrong(r, HTTP_LARGE_BODY);
    r->has_length = true;
    r->left = v;
}

static void heed(struct http_request *r, struct http_text name, struct http_text value)
{
    if (http_is_caseless(name, "Content-Length")) {
        length_is(r, value);
    } else if (http_is_caseless(name, "Transfer-Encoding")) {
        if (!http_is_caseless(value, "chunked"))
            wrong(r, HTTP_BAD_LENGTH);
        r->chunked = true;
    } else if (http_is_caseless(name, "Connection")) {
        r->asks_keep = r->asks_keep || lists(value, "keep-alive");
        r->keeps = r->keeps && !lists(value, "close");
    } else if (http_is_caseless(name, "Expect")) {
        r->expects = http_is_caseless(value, "100-continue");
    }
}

/* RFC 9112, 5.2: a line that begins with a blank belongs to the one before it. */
static void folded(struct http_request *r, struct http_text t)
{
    if (!r->n_headers) {
        wrong(r, HTTP_BAD_HEADER);
        return;
    }
    struct http_header *h = &r->headers[r->n_headers - 1];
    struct http_text value = http_text(r, h->value), more = trimmed(t);
    if (!more.n)
        return;
    if (!value.n) {
        h->value = span_of(r, more);
        return;
    }
    for (const char *at = value.s + value.n; at < more.s; at++) /* the line's end becomes blanks */
        r->head.data[at - (const char *)r->head.data] = ' ';
    h->value.n = (uint16_t)(more.s + more.n - value.s);
}

static void header_line(struct http_request *r, struct http_text t)
{
    if (memchr(t.s, '\0', t.n)) {
        wrong(r, HTTP_BAD_HEADER);
        return;
    }
    if (*t.s == ' ' || *t.s == '\t') {
        folded(r, t);
        return;
    }
    size_t colon = find(t, ':');
    struct http_text name = trimmed(cut(t, 0, colon));
    if (colon == t.n || !name.n) {
        wrong(r, HTTP_BAD_HEADER);
        return;
    }
    if (r->n_headers == HTTP_HEADERS_MOST) {
        wrong(r, HTTP_LONG_HEAD);
        return;
    }
    r->headers[r->n_headers++] = (struct http_header){ span_of(r, name), span_of(r, trimmed(cut(t, colon + 1, t.n))) };
}

/* The blank line has come. RFC 9112, 6.3: chunked goes before a length, and then the connection is not gone on with. */
static void head_ends(struct http_request *r)
{
    r->keeps = true;
    for (size_t i = 0; i < r->n_headers && r->state != HTTP_WRONG; i++)
        heed(r, http_text(r, r->headers[i].name), http_text(r, r->headers[i].value));
    if (r->state == HTTP_WRONG)
        return;
    r->keeps = r->keeps && (r->minor >= 1 || r->asks_keep) && !(r->chunked && r->has_length);
    r->expects = r->expects && r->minor >= 1 && (r->chunked || r->left);
    if (r->chunked) {
        r->left = 0;
        r->stage = STAGE_SIZE;
    } else if (r->left) {
        r->stage = STAGE_BODY;
    } else {
        r->state = HTTP_WHOLE;
    }
}

static void line_ends(struct http_request *r)
{
    size_t end = r->head.len - 1;
    if (end > r->line && r->head.data[end - 1] == '\r')
        end--;
    struct http_text t = { (const char *)r->head.data + r->line, end - r->line };
    if (r->stage == STAGE_LINE)
        request_line(r, t);
    else if (!t.n)
        head_ends(r);
    else
        header_line(r, t);
    r->line = r->head.len;
}

/* What comes up to the next end of a line goes to the head. */
static size_t feed_head(struct http_request *r, const uint8_t *data, size_t n)
{
    const uint8_t *end = memchr(data, '\n', n);
    size_t take = end ? (size_t)(end - data) + 1 : n;
    enum http_fault full = r->stage == STAGE_LINE ? HTTP_LONG_LINE : HTTP_LONG_HEAD;
    bool fits = take <= HTTP_HEAD_MOST - r->head.len;
    take = fits ? take : HTTP_HEAD_MOST - r->head.len;
    buf_put(&r->head, data, take);
    if (!buf_ok(&r->head))
        wrong(r, full);
    else if (r->stage == STAGE_LINE && !can_be_method(r))
        wrong(r, HTTP_NO_HTTP);
    else if (!fits)
        wrong(r, full);
    else if (end)
        line_ends(r);
    return take;
}

/* ---- Bodies ---- */

/* Of the body's own bytes; what there is no room for is counted only. */
static size_t feed_data(struct http_request *r, const uint8_t *data, size_t n)
{
    size_t take = r->left < n ? (size_t)r->left : n, room = HTTP_BODY_MOST - r->body.len;
    buf_put(&r->body, data, take < room ? take : room);
    r->size += take;
    r->left -= take;
    if (!buf_ok(&r->body) || r->size > HTTP_LENGTH_MOST)
        wrong(r, HTTP_LARGE_BODY);
    else if (!r->left && r->stage == STAGE_BODY)
        r->state = HTTP_WHOLE;
    else if (!r->left)
        r->stage = STAGE_CHUNK_END;
    return take;
}

static void size_ends(struct http_request *r)
{
    r->stage = r->left ? STAGE_CHUNK : STAGE_TRAILER;
    r->passed = 0;
}

/* RFC 9112, 7.1: hexadecimal digits, perhaps extensions, an end of line. */
static void size_byte(struct http_request *r, uint8_t c)
{
    int v = digit((char)c);
    if (r->stage == STAGE_SIZE && v >= 0) {
        r->left = r->left << 4 | (unsigned)v;
        if (++r->passed > 16 || r->left > HTTP_LENGTH_MOST)
            wrong(r, HTTP_LARGE_BODY);
    } else if (r->stage == STAGE_SIZE && (!r->passed || !strchr(" \t;\r\n", c) || !c)) {
        wrong(r, HTTP_BAD_CHUNK);
    } else if (c == '\n') {
        size_ends(r);
    } else if (++r->passed > PASSED_MOST) {
        wrong(r, HTTP_BAD_CHUNK);
    } else {
        r->stage = STAGE_SIZE_REST;
    }
}

static void chunk_end_byte(struct http_request *r, uint8_t c)
{
    if (c == '\n') {
        r->stage = STAGE_SIZE;
        r->passed = 0;
    } else if (c != '\r') {
        wrong(r, HTTP_BAD_CHUNK);
    }
}

/* Trailers are passed over. `left` tells whether the line has something in it. */
static void trailer_byte(struct http_request *r, uint8_t c)
{
    if (++r->passed > PASSED_MOST)
        wrong(r, HTTP_BAD_CHUNK);
    else if (c == '\n' && !r->left)
        r->state = HTTP_WHOLE;
    else if (c != '\r')
        r->left = c != '\n';
}

static size_t feed_some(struct http_request *r, const uint8_t *data, size_t n)
{
    switch (r->stage) {
    case STAGE_LINE:
    case STAGE_HEADERS:
        return feed_head(r, data, n);
    case STAGE_BODY:
    case STAGE_CHUNK:
        return feed_data(r, data, n);
    case STAGE_CHUNK_END:
        chunk_end_byte(r, *data);
        return 1;
    case STAGE_TRAILER:
        trailer_byte(r, *data);
        return 1;
    default:
        size_byte(r, *data);
        return 1;
    }
}

size_t http_feed(struct http_request *r, const void *data, size_t n)
{
    size_t taken = 0;
    while (taken < n && r->state == HTTP_READS)
        taken += feed_some(r, (const uint8_t *)data + taken, n - taken);
    return taken;
}

/* ---- Beginning and end ---- */

void http_begin(struct http_request *r)
{
    *r = (struct http_request){ .state = HTTP_READS };
    buf_init(&r->head, HTTP_HEAD_MOST);
    buf_init(&r->body, HTTP_BODY_MOST);
}

void http_release(struct http_request *r)
{
    buf_release(&r->head);
    buf_release(&r->body);
}

void http_next(struct http_request *r)
{
    http_release(r);
    http_begin(r);
}

bool http_begun(const struct http_request *r)
{
    return r->head.len > 0;
}

size_t http_memory(const struct http_request *r)
{
    return r->head.room + r->body.room;
}
