#include "trap/http-answer.h"

#include "base/hash.h"
#include "base/sha256.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

enum { BODY_MOST = 256 << 10, FIELD_MOST = 512, FIELDS_MOST = 256 };

/* ---- What differs by address ---- */

enum { TOKEN = 16 };

/* Digits that only this device gives, and not to be foreseen. */
static void digits_of(const struct http_visit *v, const char *purpose, const void *data, size_t n, char ret[static 2 * SHA256_BYTES + 1])
{
    uint8_t hash[SHA256_BYTES];
    struct sha256 h;
    sha256_begin(&h);
    sha256_add_part(&h, &v->here->secret, sizeof v->here->secret);
    sha256_add_part(&h, purpose, strlen(purpose));
    sha256_add_part(&h, data, n);
    sha256_end(&h, hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

/* What a log-in is known by: each visitor has one of his own. */
static void token_of(const struct http_visit *v, char ret[static 2 * SHA256_BYTES + 1])
{
    digits_of(v, "http-token", v->source->bytes, v->source->family == 4 ? 4 : sizeof v->source->bytes, ret);
    ret[TOKEN] = '\0';
}

/* RFC 9110, 5.6.7, or as ctime(3) has it. */
static void date_of(const struct http_visit *v, char ret[static 40])
{
    time_t seconds = (time_t)(v->now / 1000000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(ret, 40, v->server->ctime ? "%a %b %e %H:%M:%S %Y" : "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* ---- Who is it ---- */

/* "Basic " and "user:password" in base64 (RFC 7617). */
static bool knows_basic(const struct http_visit *v, const struct http_request *r)
{
    struct http_text t = http_header(r, "Authorization");
    uint8_t room[FIELD_MOST];
    struct buf plain = { .data = room, .room = sizeof room, .max = sizeof room };
    if (t.n < 6 || strncasecmp(t.s, "Basic ", 6) != 0)
        return false;
    t.s += 6;
    t.n -= 6;
    if (t.n > FIELD_MOST)
        return false;
    http_base64(&plain, t);
    const uint8_t *colon = memchr(room, ':', plain.len);
    if (!colon)
        return false;
    size_t n = (size_t)(colon - room);
    return v->judge(v->context, (struct http_text){ (char *)room, n },
                    (struct http_text){ (char *)room + n + 1, plain.len - n - 1 });
}

/* The cookie of a log-in, somewhere in a Cookie header. */
static bool knows_cookie(const struct http_visit *v, const struct http_request *r)
{
    char token[2 * SHA256_BYTES + 1];
    struct http_text t = http_header(r, "Cookie");
    token_of(v, token);
    return t.n && memmem(t.s, t.n, token, TOKEN);
}

static bool is_let(const struct http_visit *v, const struct http_request *r, unsigned guard)
{
    return guard == GUARD_OPEN || (guard == GUARD_BASIC && knows_basic(v, r)) || (guard == GUARD_FORM && knows_cookie(v, r));
}

/* A field of a log-in form: in the body, or in the query. */
static bool field(const struct http_request *r, const char *name, struct buf *ret)
{
    struct http_text path, query, bodies[2], key, value;
    http_target(r, &path, &query);
    bodies[0] = (struct http_text){ r->body.len ? (const char *)r->body.data : "", r->body.len };
    bodies[1] = query;
    for (size_t i = 0; i < 2; i++)
        for (unsigned k = 0; k < FIELDS_MOST && http_field(&bodies[i], &key, &value); k++)
            if (http_is(key, name)) {
                http_decode(ret, value.n < FIELD_MOST ? value : (struct http_text){ value.s, FIELD_MOST }, true);
                return true;
            }
    return false;
}

static struct http_text whole(const struct buf *b)
{
    return (struct http_text){ b->len ? (const char *)b->data : "", b->len };
}

/* Only who sends a password tries to log in. */
static bool logs_in(const struct http_visit *v, const struct http_request *r)
{
    const struct http_server *s = v->server;
    struct buf user, password;
    buf_init(&user, FIELD_MOST);
    buf_init(&password, FIELD_MOST);
    bool tried = field(r, s->password_field, &password), good = false;
    if (tried && !(*s->user_field && field(r, s->user_field, &user)))
        buf_text(&user, s->user);
    if (tried)
        good = v->judge(v->context, whole(&user), whole(&password));
    buf_release(&user);
    buf_release(&password);
    return good;
}

/* ---- The plan ---- */

static bool method_fits(const struct http_request *r, const char *method)
{
    return !*method || http_method_is(r, method) || (!strcmp(method, "GET") && http_method_is(r, "HEAD"));
}

static const struct http_page *find_page(const struct http_server *s, const struct http_request *r, struct http_text path, bool *ret_path)
{
    *ret_path = false;
    for (size_t i = 0; i < s->n_pages; i++) {
        const struct http_page *p = &s->pages[i];
        size_t n = strlen(p->path);
        if ((p->below ? path.n < n : path.n != n) || memcmp(path.s, p->path, n) != 0)
            continue;
        *ret_path = true;
        if (method_fits(r, p->method))
            return p;
    }
    return NULL;
}

static bool known_method(const struct http_request *r)
{
    return http_method_is(r, "GET") || http_method_is(r, "HEAD") || http_method_is(r, "POST");
}

static void log_in(const struct http_visit *v, const struct http_request *r, const struct http_page *p, struct http_plan *ret)
{
    ret->let_in = logs_in(v, r);
    ret->answer = ret->let_in ? &p->answer : &p->refused;
}

static void plan_page(const struct http_visit *v, const struct http_request *r, struct http_plan *ret)
{
    struct http_text path, query;
    struct buf plain;
    bool is_path;
    http_target(r, &path, &query);
    buf_init(&plain, HTTP_HEAD_MOST);
    http_decode(&plain, path, false);
    const struct http_page *p = find_page(v->server, r, whole(&plain), &is_path);
    buf_release(&plain);
    unsigned guard = p ? p->guard : v->server->guard;
    ret->runs = p && p->runs;
    if (p && guard == GUARD_LOGIN) {
        log_in(v, r, p, ret);
    } else if (!is_let(v, r, guard)) {
        ret->answer = p && p->refused.status ? &p->refused : NULL;
        ret->asks = guard != GUARD_FORM;
        ret->status = guard == GUARD_FORM ? 403 : 401;
        ret->runs = false;
    } else if (p) {
        ret->answer = &p->answer;
    } else {
        ret->status = is_path || !known_method(r) ? v->server->method : 404;
    }
    if (ret->answer)
        ret->status = ret->answer->status;
}

/* RFC 9112, 9.3. */
static bool keeps(const struct http_visit *v, const struct http_request *r)
{
    const struct http_server *s = v->server;
    bool would = s->keep == KEEP_YES || (s->keep == KEEP_ASKED && r->asks_keep);
    return would && r->keeps && v->served + 1 < s->keep_most;
}

void http_plan(const struct http_visit *v, const struct http_request *r, struct http_plan *ret)
{
    *ret = (struct http_plan){ 0 };
    bool hostless = v->server->host && r->minor >= 1 && !http_header(r, "Host").s;
    if (r->state == HTTP_WRONG || (r->simple && !v->server->old) || hostless) {
        ret->status = v->server->bad;
        return;
    }
    plan_page(v, r, ret);
    ret->keeps = ret->status && keeps(v, r);
}

/* ---- Saying it ---- */

struct saying {
    const struct http_visit *v;
    const struct http_request *r;
    const struct http_plan *plan;
    struct http_text output;
    const struct buf *body; /* NULL while it is made */
    bool inner;             /* what stands for a mark is filled in */
};

static const char *reason_of(const struct http_server *s, uint32_t status)
{
    static const struct http_reason usual[] = {
        { 200, "OK" }, { 302, "Found" }, { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
        { 405, "Method Not Allowed" }, { 500, "Internal Server Error" }, { 501, "Not Implemented" },
    };
    for (size_t i = 0; i < s->n_reasons; i++)
        if (s->reasons[i].status == status)
            return s->reasons[i].text;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (usual[i].status == status)
            return usual[i].text;
    return "Unknown";
}

/* What a visitor wrote, in a page. */
static void put_harmless(struct buf *to, struct http_text t)
{
    for (size_t i = 0; i < t.n; i++) {
        const char *entity = t.s[i] == '<' ? "&lt;" : t.s[i] == '>' ? "&gt;" : t.s[i] == '&' ? "&amp;" : t.s[i] == '"' ? "&quot;" : NULL;
        if (entity)
            buf_text(to, entity);
        else
            buf_u8(to, (uint8_t)t.s[i]);
    }
}

static bool expand(const struct saying *s, const char *text, size_t n, struct buf *to);

/* A text of the persona's that stands for a mark, with its own; only one deep. */
static bool expand_inner(const struct saying *s, const char *text, struct buf *to)
{
    struct saying inner = *s;
    inner.inner = true;
    return !s->inner && expand(&inner, text, strlen(text), to);
}

/* A mark's value; false: it has none here. */
typedef bool mark_fn(const struct saying *s, struct buf *to);

static bool mark_close(const struct saying *s, struct buf *to)
{
    if (!s->plan->keeps)
        buf_text(to, "close");
    return !s->plan->keeps;
}

static bool mark_connection(const struct saying *s, struct buf *to)
{
    buf_text(to, s->plan->keeps ? "keep-alive" : "close");
    return true;
}

static bool mark_cookie(const struct saying *s, struct buf *to)
{
    const char *cookie = s->v->server->cookie;
    return s->plan->let_in && *cookie && expand_inner(s, cookie, to);
}

static bool mark_date(const struct saying *s, struct buf *to)
{
    char date[40];
    date_of(s->v, date);
    buf_text(to, date);
    return true;
}

static bool mark_host(const struct saying *s, struct buf *to)
{
    buf_text(to, s->v->here->hostname);
    return true;
}

/* As it stands in an address of the web (RFC 3986, 3.2.2). */
static bool mark_address(const struct saying *s, struct buf *to)
{
    char text[ADDR_TEXT];
    bool six = s->v->destination->family == 6;
    buf_print(to, six ? "[%s]" : "%s", addr_text(s->v->destination, text));
    return true;
}

/* What the visitor calls the device, where that is a name or an address; else its address. */
static bool mark_authority(const struct saying *s, struct buf *to)
{
    enum { MOST = 255 };
    struct http_text host = s->r->state == HTTP_WRONG ? (struct http_text){ NULL, 0 } : http_header(s->r, "Host");
    bool good = host.n && host.n <= MOST;
    for (size_t i = 0; i < host.n && good; i++)
        good = isalnum((unsigned char)host.s[i]) || (host.s[i] && strchr(".-_:[]", host.s[i]));
    if (!good)
        return mark_address(s, to);
    buf_put(to, host.s, host.n);
    return true;
}

static bool mark_mac(const struct saying *s, struct buf *to)
{
    for (size_t i = 0; i < 6; i++)
        buf_print(to, "%s%02X", i ? ":" : "", s->v->here->mac[i]);
    return true;
}

static bool mark_length(const struct saying *s, struct buf *to)
{
    if (s->body)
        buf_print(to, "%zu", s->body->len);
    return s->body != NULL;
}

static bool mark_location(const struct saying *s, struct buf *to)
{
    const struct http_answer *a = s->plan->answer;
    return a && a->location && expand_inner(s, a->location, to);
}

/* Of pages only, which have no "there is none". */
static bool mark_output(const struct saying *s, struct buf *to)
{
    buf_put(to, s->output.s, s->output.n);
    return true;
}

static bool mark_path(const struct saying *s, struct buf *to)
{
    struct http_text path, query;
    if (s->r->state == HTTP_WRONG)
        return false;
    http_target(s->r, &path, &query);
    put_harmless(to, path);
    return true;
}

static bool mark_realm(const struct saying *s, struct buf *to)
{
    const char *realm = s->v->server->realm;
    return s->plan->asks && *realm && expand_inner(s, realm, to);
}

static bool mark_status(const struct saying *s, struct buf *to)
{
    buf_print(to, "%u", s->plan->status);
    return true;
}

static bool mark_reason(const struct saying *s, struct buf *to)
{
    buf_text(to, reason_of(s->v->server, s->plan->status));
    return true;
}

static bool mark_token(const struct saying *s, struct buf *to)
{
    char token[2 * SHA256_BYTES + 1];
    token_of(s->v, token);
    buf_text(to, token);
    return true;
}

/* Of Digest: another one each second. */
static bool mark_nonce(const struct saying *s, struct buf *to)
{
    char digits[2 * SHA256_BYTES + 1];
    int64_t second = s->v->now / 1000000;
    digits_of(s->v, "http-nonce", &second, sizeof second, digits);
    buf_put(to, digits, sizeof digits / 2);
    return true;
}

/* Of a file of its own, which does not change. */
static const struct http_answer *unchanging(const struct saying *s)
{
    const struct http_answer *a = s->plan->answer;
    return a && a->body && !s->plan->runs && !s->plan->let_in && *s->v->server->modified ? a : NULL;
}

static bool mark_modified(const struct saying *s, struct buf *to)
{
    buf_text(to, s->v->server->modified);
    return unchanging(s) != NULL;
}

static bool mark_bytes(const struct saying *s, struct buf *to)
{
    buf_text(to, "bytes");
    return unchanging(s) != NULL;
}

static uint64_t hash_of(const struct http_answer *a)
{
    return hash64(a->body, a->n, 0);
}

static bool mark_etag(const struct saying *s, struct buf *to)
{
    const struct http_answer *a = unchanging(s);
    if (a)
        buf_print(to, "%u", (unsigned)hash_of(a));
    return a != NULL;
}

/* Of a file's number, length and time. */
static bool mark_tag(const struct saying *s, struct buf *to)
{
    const struct http_answer *a = unchanging(s);
    if (a)
        buf_print(to, "%x-%zx-%x", (unsigned)hash_of(a) & 0xfff, a->n, (unsigned)(hash_of(a) >> 32) | 1u << 31);
    return a != NULL;
}

/* Nothing, but only where the connection goes on. */
static bool mark_keeps(const struct saying *s, struct buf *to)
{
    (void)to;
    return s->plan->keeps;
}

static bool mark_type(const struct saying *s, struct buf *to)
{
    const struct http_answer *a = s->plan->answer;
    const char *type = a && a->body ? a->type : s->v->server->html;
    if (s->body && !s->body->len && !*s->v->server->error)
        return false;
    buf_text(to, type);
    return true;
}

static const struct {
    const char *name;
    mark_fn *put;
} marks[] = {
    { "address", mark_address }, { "authority", mark_authority }, { "bytes", mark_bytes },   { "close", mark_close },       { "connection", mark_connection },
    { "cookie", mark_cookie },   { "date", mark_date },     { "etag", mark_etag },         { "host", mark_host },
    { "keeps", mark_keeps },     { "length", mark_length }, { "location", mark_location }, { "mac", mark_mac },
    { "modified", mark_modified }, { "nonce", mark_nonce }, { "output", mark_output },     { "path", mark_path },
    { "realm", mark_realm },     { "reason", mark_reason }, { "status", mark_status },     { "tag", mark_tag },
    { "token", mark_token },     { "type", mark_type },
};

static mark_fn *mark_find(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strlen(marks[i].name) == n && !memcmp(marks[i].name, name, n))
            return marks[i].put;
    return NULL;
}

/* The text with its marks filled in. false: one of them has no value. What is no mark stays. */
static bool expand(const struct saying *s, const char *text, size_t n, struct buf *to)
{
    bool all = true;
    while (n) {
        const char *open = memmem(text, n, "{{", 2);
        size_t before = open ? (size_t)(open - text) : n;
        const char *close = open ? memmem(open, n - before, "}}", 2) : NULL;
        mark_fn *put = close ? mark_find(open + 2, (size_t)(close - open) - 2) : NULL;
        size_t skip = put ? (size_t)(close - open) + 2 : open ? 2 : 0;
        buf_put(to, text, before + (put ? 0 : skip));
        if (put)
            all = put(s, to) && all;
        text += before + skip;
        n -= before + skip;
    }
    return all;
}

const char *http_unknown_mark(const char *text, size_t n)
{
    const char *end = text + n, *open = text, *close;
    while ((open = memmem(open, (size_t)(end - open), "{{", 2)) && (close = memmem(open, (size_t)(end - open), "}}", 2))) {
        if (!mark_find(open + 2, (size_t)(close - open) - 2))
            return open;
        open = close;
    }
    return NULL;
}

static void make_body(const struct saying *s, struct buf *body)
{
    const struct http_answer *a = s->plan->answer;
    const char *error = s->v->server->error;
    if (a && a->body)
        (void)expand(s, a->body, a->n, body);
    else
        (void)expand(s, error, strlen(error), body);
}

static void say_head(const struct saying *s, struct buf *to)
{
    const struct http_server *server = s->v->server;
    unsigned minor = server->version < 2 ? server->version : s->r->minor > 0;
    buf_print(to, "HTTP/1.%u %u %s\r\n", minor, s->plan->status, reason_of(server, s->plan->status));
    for (size_t i = 0; i < server->n_headers; i++) {
        size_t before = to->len;
        if (expand(s, server->headers[i], strlen(server->headers[i]), to))
            buf_text(to, "\r\n");
        else
            to->len = before;
    }
    buf_text(to, "\r\n");
}

void http_say(const struct http_visit *v, const struct http_request *r, const struct http_plan *plan, struct http_text output,
              struct buf *to)
{
    struct saying s = { .v = v, .r = r, .plan = plan, .output = output };
    struct buf body;
    if (!plan->status)
        return;
    buf_init(&body, BODY_MOST);
    make_body(&s, &body);
    s.body = &body;
    bool bare = r->simple && r->state == HTTP_WHOLE && v->server->old;
    if (!bare)
        say_head(&s, to);
    if (!http_method_is(r, "HEAD"))
        buf_put(to, body.data, body.len);
    buf_release(&body);
}
