#include "trap/protocol-inside.h"

#include <stdio.h>

/* Where a reader ran out of bytes more may come; else what it read decides. */
static enum answer decide(const struct look *l, const struct rd *r, bool good)
{
    if (!rd_ok(r))
        return wants_more(l);
    return good ? ANSWER_YES : ANSWER_NO;
}

static bool is_printable(uint8_t c)
{
    return c > ' ' && c < 0x7f;
}

/* ---- TLS (RFC 8446, RFC 6066, RFC 7301) ---- */

static void put_version(struct protocol_words *w, uint16_t version)
{
    static const char *const names[] = { "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3" };
    if (version >= 0x0300 && version <= 0x0304)
        words_put(w, names[version - 0x0300], 7);
}

/* The highest that it offers, but for numbers that stand for none (RFC 8701). */
static uint16_t read_versions(struct rd r)
{
    uint16_t best = 0;
    struct rd list = rd_sub(&r, rd_u8(&r));
    while (rd_left(&list) >= 2) {
        uint16_t v = rd_be16(&list);
        if (v <= 0x0304 && v > best)
            best = v;
    }
    return best;
}

static void read_server_name(struct rd r, struct protocol_words *ret)
{
    struct rd list = rd_sub(&r, rd_be16(&r));
    if (rd_u8(&list) != 0)
        return;
    struct rd name = rd_sub(&list, rd_be16(&list));
    words_put(ret, name.p, rd_left(&name));
}

static void read_alpn(struct rd r, struct protocol_words *ret)
{
    struct rd list = rd_sub(&r, rd_be16(&r));
    while (rd_left(&list)) {
        struct rd name = rd_sub(&list, rd_u8(&list));
        words_put(ret, ret->n ? "," : "", ret->n ? 1 : 0);
        words_put(ret, name.p, rd_left(&name));
    }
}

static void read_hello(struct rd r, struct protocol *ret)
{
    enum { SERVER_NAME = 0, ALPN = 16, VERSIONS = 43 };
    struct protocol_words alpn = { 0 };
    uint16_t version = rd_be16(&r);
    (void)rd_take(&r, 32);
    (void)rd_sub(&r, rd_u8(&r));
    (void)rd_sub(&r, rd_be16(&r));
    (void)rd_sub(&r, rd_u8(&r));
    struct rd all = rd_sub(&r, rd_be16(&r));
    while (rd_left(&all)) {
        uint16_t type = rd_be16(&all);
        struct rd one = rd_sub(&all, rd_be16(&all));
        if (type == SERVER_NAME && !ret->host.n)
            read_server_name(one, &ret->host);
        else if (type == ALPN && !alpn.n)
            read_alpn(one, &alpn);
        else if (type == VERSIONS && read_versions(one))
            version = read_versions(one);
    }
    put_version(&ret->agent, version);
    if (alpn.n) {
        words_put(&ret->agent, " ", 1);
        words_put(&ret->agent, alpn.text, alpn.n);
    }
}

enum answer read_tls(struct look *l)
{
    enum { RECORD_MOST = 16384 + 2048, LEAST = 4 + 2 + 32 };
    struct rd r = rd_init(l->data + 3, l->n - 3);
    uint16_t length = rd_be16(&r);
    if (length < LEAST || length > RECORD_MOST)
        return ANSWER_NO;
    if (rd_left(&r) < length && !l->over)
        return ANSWER_MORE;
    struct rd hello = rd_sub(&r, rd_left(&r) < length ? rd_left(&r) : length);
    (void)rd_take(&hello, 4);
    if (rd_left(&hello))
        read_hello(hello, l->found);
    return ANSWER_YES;
}

/* ---- Android's debugger ---- */

enum answer read_adb(struct look *l)
{
    struct rd r = rd_init(l->data, l->n);
    uint32_t command = rd_le32(&r);
    (void)rd_take(&r, 8);
    uint32_t length = rd_le32(&r);
    (void)rd_take(&r, 4);
    uint32_t magic = rd_le32(&r);
    if (!rd_ok(&r))
        return wants_more(l);
    if (magic != (command ^ UINT32_MAX))
        return ANSWER_NO;
    size_t want = length < PROTOCOL_WORDS ? length : PROTOCOL_WORDS;
    if (rd_left(&r) < want && !l->over)
        return ANSWER_MORE;
    words_put(&l->found->agent, r.p, rd_left(&r) < want ? rd_left(&r) : want);
    while (l->found->agent.n && !l->found->agent.text[l->found->agent.n - 1])
        l->found->agent.n--;
    return ANSWER_YES;
}

/* ---- MQTT ---- */

static uint32_t mqtt_length(struct rd *r)
{
    uint32_t v = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        uint8_t byte = rd_u8(r);
        v |= (uint32_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return v;
    }
    rd_poison(r);
    return 0;
}

static bool is_text(const uint8_t *at, size_t n, const char *text)
{
    return at && n == strlen(text) && memcmp(at, text, n) == 0;
}

enum answer read_mqtt(struct look *l)
{
    enum { VERSION_5 = 5, LENGTH_MOST = 4 };
    struct rd r = rd_init(l->data + 1, l->n - 1);
    uint32_t length = mqtt_length(&r);
    if (!rd_ok(&r))
        return l->n > LENGTH_MOST ? ANSWER_NO : wants_more(l);
    if (length < 12)
        return ANSWER_NO;
    uint16_t n = rd_be16(&r);
    if (rd_ok(&r) && n != 4 && n != 6)
        return ANSWER_NO;
    const uint8_t *name = rd_take(&r, n);
    if (!rd_ok(&r))
        return wants_more(l);
    if (!is_text(name, n, "MQTT") && !is_text(name, n, "MQIsdp"))
        return ANSWER_NO;
    uint8_t version = rd_u8(&r);
    (void)rd_take(&r, 3);
    struct rd client = rd_sub(&r, rd_be16(&r));
    if (version >= VERSION_5)
        return ANSWER_YES;
    if (!rd_ok(&r) && !l->over)
        return ANSWER_MORE;
    words_put(&l->found->agent, client.p, rd_left(&client));
    return ANSWER_YES;
}

/* ---- A connection request of X.224 in a TPKT (RFC 1006): Remote Desktop, or Siemens' controllers,
 * which name sizes and places ---- */

enum answer read_cotp(struct look *l)
{
    enum { HEAD = 11, SIZE = 0xc0, CALLED = 0xc2 };
    static const char cookie[] = "Cookie: mstshash=";
    struct rd r = rd_init(l->data + 2, l->n - 2);
    uint16_t length = rd_be16(&r);
    if (length < HEAD)
        return ANSWER_NO;
    if (l->n < length && !l->over)
        return ANSWER_MORE;
    r = rd_init(l->data, l->n < length ? l->n : length);
    (void)rd_take(&r, HEAD);
    if (rd_left(&r) && *r.p >= SIZE && *r.p <= CALLED)
        l->found->name = "s7";
    if (rd_left(&r) > strlen(cookie) && memcmp(r.p, cookie, strlen(cookie)) == 0) {
        (void)rd_take(&r, strlen(cookie));
        const uint8_t *end = memchr(r.p, '\r', rd_left(&r));
        words_put(&l->found->agent, r.p, end ? (size_t)(end - r.p) : rd_left(&r));
    }
    return ANSWER_YES;
}

/* ---- SOCKS ---- */

/* A text up to its NUL, of printable characters. NULL: it has none, and more tells whether it may
 * come. */
static const uint8_t *text_part(struct rd *r, size_t most, size_t *ret_n, bool *ret_more)
{
    const uint8_t *at = r->p;
    for (*ret_n = 0; *ret_n < rd_left(r) && *ret_n <= most; ++*ret_n) {
        if (!at[*ret_n]) {
            (void)rd_take(r, *ret_n + 1);
            return at;
        }
        if (!is_printable(at[*ret_n])) {
            *ret_more = false;
            return NULL;
        }
    }
    *ret_more = *ret_n <= most;
    return NULL;
}

static void put_endpoint(struct protocol_words *w, const uint8_t *host, size_t n, uint16_t port)
{
    char text[8];
    words_put(w, host, n);
    words_put(w, text, (size_t)snprintf(text, sizeof text, ":%u", port));
}

enum answer read_socks4(struct look *l)
{
    enum { MOST = 255 };
    char text[16];
    size_t n;
    bool more;
    struct rd r = rd_init(l->data + 1, l->n - 1);
    uint8_t command = rd_u8(&r);
    if (rd_ok(&r) && command != 1 && command != 2)
        return ANSWER_NO;
    uint16_t port = rd_be16(&r);
    const uint8_t *ip = rd_take(&r, 4);
    if (!rd_ok(&r))
        return wants_more(l);
    if (!text_part(&r, MOST, &n, &more))
        return more ? wants_more(l) : ANSWER_NO;
    bool named = !ip[0] && !ip[1] && !ip[2] && ip[3]; /* 4A: a host's name follows */
    const uint8_t *host = named ? text_part(&r, MOST, &n, &more) : NULL;
    if (named && !host)
        return more ? wants_more(l) : ANSWER_NO;
    if (!named) {
        n = (size_t)snprintf(text, sizeof text, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
        host = (const uint8_t *)text;
    }
    put_endpoint(&l->found->host, host, n, port);
    return ANSWER_YES;
}

enum answer read_socks5(struct look *l)
{
    enum { WAYS_MOST = 10, KNOWN = 10, PRIVATE = 0x80 };
    struct rd r = rd_init(l->data + 1, l->n - 1);
    uint8_t ways = rd_u8(&r);
    if (rd_ok(&r) && (!ways || ways > WAYS_MOST))
        return ANSWER_NO;
    bool good = true;
    for (uint8_t i = 0; i < ways && rd_left(&r); i++) {
        uint8_t way = rd_u8(&r);
        good = good && (way < KNOWN || way >= PRIVATE);
    }
    if (!good)
        return ANSWER_NO;
    return l->n < 2u + ways ? wants_more(l) : ANSWER_YES;
}

/* ---- LDAP and SNMP: a sequence of an integer and a request ---- */

static size_t ber_length(struct rd *r)
{
    uint8_t first = rd_u8(r);
    size_t v = 0;
    if (first < 0x80)
        return first;
    for (unsigned i = first & 0x7f; i; i--)
        v = v << 8 | rd_u8(r);
    return v;
}

enum answer read_ber(struct look *l)
{
    enum { INTEGER = 2, STRING = 4, LENGTH_MOST = 0x84 };
    static const uint8_t requests[] = {
        0x60, 0x63, 0x66, 0x68, 0x4a, 0x6c, 0x6e, 0x50, 0x77, 0x42
    };
    struct rd r = rd_init(l->data + 1, l->n - 1);
    if (l->n > 1 && (l->data[1] == 0x80 || l->data[1] > LENGTH_MOST))
        return ANSWER_NO;
    size_t length = ber_length(&r);
    if (rd_ok(&r) && length < 5)
        return ANSWER_NO;
    uint8_t tag = rd_u8(&r), n = rd_u8(&r);
    if (rd_ok(&r) && (tag != INTEGER || !n || n > 4))
        return ANSWER_NO;
    (void)rd_take(&r, n);
    uint8_t request = rd_u8(&r);
    if (!rd_ok(&r))
        return wants_more(l);
    if (request == STRING && n == 1) {
        l->found->name = "snmp";
        return ANSWER_YES;
    }
    return memchr(requests, request, sizeof requests) ? ANSWER_YES : ANSWER_NO;
}

/* ---- Databases ---- */

static void read_user(struct rd r, struct protocol_words *ret)
{
    while (rd_left(&r)) {
        size_t n = strnlen((const char *)r.p, rd_left(&r));
        bool user = is_text(r.p, n, "user");
        (void)rd_take(&r, n < rd_left(&r) ? n + 1 : n);
        n = strnlen((const char *)r.p, rd_left(&r));
        if (user)
            words_put(ret, r.p, n);
        (void)rd_take(&r, n < rd_left(&r) ? n + 1 : n);
    }
}

enum answer read_postgres(struct look *l)
{
    struct rd r = rd_init(l->data, l->n);
    uint32_t length = rd_be32(&r);
    if (length < 9)
        return ANSWER_NO;
    if (l->n < length && !l->over)
        return ANSWER_MORE;
    r = rd_init(l->data, l->n < length ? l->n : length);
    (void)rd_take(&r, 8);
    read_user(r, &l->found->agent);
    return ANSWER_YES;
}

enum answer read_memcached(struct look *l)
{
    enum { LAST_OPERATION = 0x22, EXTRAS_MOST = 24, BODY_MOST = 1 << 21 };
    struct rd r = rd_init(l->data + 1, l->n - 1);
    uint8_t operation = rd_u8(&r);
    uint16_t key = rd_be16(&r);
    uint8_t extras = rd_u8(&r), type = rd_u8(&r);
    (void)rd_be16(&r);
    uint32_t body = rd_be32(&r);
    return decide(l, &r,
                  operation <= LAST_OPERATION && extras <= EXTRAS_MOST && !type &&
                      body >= key + extras && body < BODY_MOST);
}

enum answer read_mongodb(struct look *l)
{
    enum { MESSAGE = 2013, COMPRESSED = 2012, INSERT = 2002, KILL = 2007, MOST = 48000000 };
    struct rd r = rd_init(l->data, l->n);
    uint32_t length = rd_le32(&r);
    if (rd_ok(&r) && (length <= 16 || length > MOST))
        return ANSWER_NO;
    (void)rd_le32(&r);
    uint32_t answers = rd_le32(&r), code = rd_le32(&r);
    bool good = !answers || answers == UINT32_MAX;
    return decide(
        l, &r, good && ((code >= INSERT && code <= KILL) || code == MESSAGE || code == COMPRESSED));
}

enum answer read_mysql(struct look *l)
{
    enum { PROTOCOL_41 = 0x200 };
    static const uint8_t zeros[23];
    struct rd r = rd_init(l->data, l->n);
    (void)rd_take(&r, 4);
    uint32_t can = rd_le32(&r);
    if (rd_ok(&r) && !(can & PROTOCOL_41))
        return ANSWER_NO;
    (void)rd_take(&r, 5);
    const uint8_t *filler = rd_take(&r, sizeof zeros);
    size_t n;
    bool more;
    if (!filler)
        return wants_more(l);
    if (memcmp(filler, zeros, sizeof zeros) != 0)
        return ANSWER_NO;
    const uint8_t *user = text_part(&r, PROTOCOL_WORDS, &n, &more);
    if (!user)
        return more ? wants_more(l) : ANSWER_NO;
    words_put(&l->found->agent, user, n);
    return ANSWER_YES;
}

/* ---- Devices ---- */

enum answer read_xiongmai(struct look *l)
{
    enum { FIRST = 999, LAST = 4000, MOST = 1 << 24 };
    struct rd r = rd_init(l->data + 1, l->n - 1);
    uint8_t version = rd_u8(&r);
    if (rd_ok(&r) && version > 1)
        return ANSWER_NO;
    (void)rd_take(&r, 12);
    uint16_t message = rd_le16(&r);
    uint32_t length = rd_le32(&r);
    return decide(l, &r, message >= FIRST && message <= LAST && length < MOST);
}

/* A name, NUL, a public key of 32 bytes and its parity. */
enum answer read_winbox(struct look *l)
{
    enum { KEY = 33 };
    size_t n, length = l->data[0];
    bool more;
    struct rd r = rd_init(l->data + 2, l->n - 2);
    if (length < KEY + 1)
        return ANSWER_NO;
    if (!text_part(&r, length - KEY - 1, &n, &more))
        return more ? wants_more(l) : ANSWER_NO;
    if (n + 1 + KEY != length)
        return ANSWER_NO;
    (void)rd_take(&r, KEY - 1);
    uint8_t parity = rd_u8(&r);
    words_put(&l->found->agent, l->data + 2, n);
    return decide(l, &r, parity <= 1);
}

/* RouterOS's API, 8728: words with their length before them, the first a path. */
enum answer read_routeros(struct look *l)
{
    enum { LONGEST = 63 };
    size_t length = l->data[0];
    if (length < 2 || length > LONGEST || length == '\n' || length == '\r' || length >= ' ')
        return ANSWER_NO;
    for (size_t i = 2; i <= length && i < l->n; i++) {
        uint8_t c = l->data[i];
        if (c != '-' && c != '/' && (c < 'a' || c > 'z'))
            return ANSWER_NO;
    }
    return l->n <= length ? wants_more(l) : ANSWER_YES;
}

enum answer read_modbus(struct look *l)
{
    enum { LEAST = 2, MOST = 254, FUNCTION_MOST = 0x5a };
    struct rd r = rd_init(l->data + 4, l->n - 4);
    uint16_t length = rd_be16(&r);
    if (rd_ok(&r) && (length < LEAST || length > MOST))
        return ANSWER_NO;
    (void)rd_u8(&r);
    uint8_t function = rd_u8(&r);
    if (rd_ok(&r) && (!function || function > FUNCTION_MOST))
        return ANSWER_NO;
    (void)rd_take(&r, rd_ok(&r) ? length - LEAST : 0);
    return decide(l, &r, true);
}

/* ---- DNS ---- */

/* The name that is asked for: labels, without pointers. */
static bool read_name(struct rd *r, struct protocol_words *ret)
{
    enum { LABEL_MOST = 63, NAME_MOST = 255 };
    for (;;) {
        uint8_t n = rd_u8(r);
        if (!n)
            return rd_ok(r);
        const uint8_t *label = n <= LABEL_MOST ? rd_take(r, n) : NULL;
        if (!label || ret->n + n + 1u > NAME_MOST)
            return false;
        words_put(ret, ret->n ? "." : "", ret->n ? 1 : 0);
        words_put(ret, label, n);
    }
}

enum answer read_dns(struct look *l)
{
    enum { HEAD = 12, LEAST = HEAD + 5, MOST = 1024 };
    struct rd r = rd_init(l->data, l->n);
    uint16_t length = rd_be16(&r);
    if (rd_ok(&r) && (length < LEAST || length > MOST))
        return ANSWER_NO;
    (void)rd_be16(&r);
    uint16_t flags = rd_be16(&r), questions = rd_be16(&r), answers = rd_be16(&r);
    uint16_t authority = rd_be16(&r), more = rd_be16(&r);
    if (!rd_ok(&r))
        return wants_more(l);
    if (flags & 0xf80f || questions != 1 || answers || authority || more > 2)
        return ANSWER_NO;
    if (l->n < 2u + length)
        return wants_more(l);
    r = rd_init(l->data + 2 + HEAD, (size_t)length - HEAD);
    return read_name(&r, &l->found->host) && rd_left(&r) >= 4 ? ANSWER_YES : ANSWER_NO;
}
