#pragma once
/*
 * Requests of HTTP/1.0 and 1.1 (RFC 9110, RFC 9112), and of what was before (a line "GET /"), as a small server takes
 * them: bytes in, however they are cut, and at the end of each request a stop, so that those behind it (pipelined) wait.
 *
 * It is as lenient as devices are: a bare LF ends a line, a target may have blanks in it. What is refused has a fault.
 * A request holds its head, at most HTTP_HEAD_MOST bytes, and of its body the first HTTP_BODY_MOST; the rest is passed over
 * and counted. Nothing is held between requests.
 */
#include "base/buf.h"

enum {
    HTTP_HEAD_MOST = 8 << 10,
    HTTP_HEADERS_MOST = 48,
    HTTP_BODY_MOST = 64 << 10,
    HTTP_METHOD_MOST = 24,
    HTTP_LENGTH_MOST = 64 << 20, /* bytes of a body that are waited for */
};

enum http_state {
    HTTP_READS, /* more must come */
    HTTP_WHOLE, /* a request; http_next() for the one behind it */
    HTTP_WRONG, /* none, see fault; nothing more is taken */
};

enum http_fault {
    HTTP_GOOD,
    HTTP_NO_HTTP,     /* not even a method: TLS, another protocol */
    HTTP_BAD_LINE,    /* no target, or a version that is none */
    HTTP_BAD_VERSION, /* HTTP/2.0 and up */
    HTTP_BAD_HEADER,  /* a line without a colon, or a NUL */
    HTTP_BAD_LENGTH,  /* of the body: no number, two that differ, a coding that is none */
    HTTP_BAD_CHUNK,
    HTTP_LONG_LINE,   /* the request line does not fit */
    HTTP_LONG_HEAD,   /* the headers do not, or are too many */
    HTTP_LARGE_BODY,
};

/* A piece of the head. */
struct http_span {
    uint16_t at, n;
};

struct http_header {
    struct http_span name, value;
};

struct http_request {
    uint8_t state, fault; /* enum http_state, http_fault */
    uint8_t stage;        /* its own */
    uint8_t minor;        /* HTTP/1.minor */
    bool simple;          /* of before 1.0: a line, no headers, and the answer has no head */
    bool keeps;           /* the visitor would go on with this connection */
    bool asks_keep;       /* and said so */
    bool expects;         /* it waits for "100 Continue" (RFC 9110, 10.1.1); whoever says it clears this */
    bool chunked, has_length;
    struct http_span method, target;
    struct http_header headers[HTTP_HEADERS_MOST];
    size_t n_headers;
    struct buf head, body; /* head: its lines, with their ends */
    size_t line;           /* where in head the line begins that is read */
    uint64_t size;         /* bytes of the body that came */
    uint64_t left;         /* of the body or the chunk */
    uint16_t passed;       /* of a line outside the head */
};

void http_begin(struct http_request *r);
void http_release(struct http_request *r); /* harmless on a released one */
/* Takes at most n bytes, none behind a whole request; returns how many. */
size_t http_feed(struct http_request *r, const void *data, size_t n);
/* The next request of the connection. */
void http_next(struct http_request *r);
/* Whether a request has begun: something of it came. */
bool http_begun(const struct http_request *r);
size_t http_memory(const struct http_request *r); /* bytes that it holds besides itself */

/* ---- Reading one. Texts are borrowed, without a NUL behind them. ---- */

struct http_text {
    const char *s;
    size_t n;
};

struct http_text http_text(const struct http_request *r, struct http_span span);
/* The value of a header, its case being all one; s is NULL where there is none. */
struct http_text http_header(const struct http_request *r, const char *name);
bool http_method_is(const struct http_request *r, const char *name);
bool http_is(struct http_text t, const char *s);
bool http_is_caseless(struct http_text t, const char *s);
/* The path and the query of the target, as they came: of "http://host/path?query" too. */
void http_target(const struct http_request *r, struct http_text *ret_path, struct http_text *ret_query);
/* The next "name=value" of a query or a form; false: there is none. Moves over it. */
bool http_field(struct http_text *rest, struct http_text *ret_name, struct http_text *ret_value);
/* Appends the text with its %HH made bytes; plus: + is a blank. What is no escape stays. */
void http_decode(struct buf *to, struct http_text t, bool plus);
/* Appends what a text in base64 (RFC 4648) says, up to what is none. */
void http_base64(struct buf *to, struct http_text t);
