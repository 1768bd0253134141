#pragma once
/*
 * The web servers of a persona, as data: http.ini in its folder, the pages in http/ and in its tree.
 *
 *   [server]                begins one; what follows is its own
 *   ports = 80 8080
 *   source = ...            where its words are noted
 *   version = same          1.0, 1.1, or as the request's
 *   keep = yes              no; asked: where the visitor says so; yes: as RFC 9112, 9.3 has it
 *   header = Server: x      in their order; one that has a mark without a value is left out
 *   reason = 404 Not Found  a status as this server spells it
 *   page = GET /a.html basic a.html
 *
 * A page: method (ANY; GET is HEAD, too), path (* at its end: and all below), what is asked first (open; basic; form: the cookie
 * of a log-in; digest: what nobody has), with +run where what a visitor says goes to a shell, and the answer. Or POST, path,
 * login, the answer where the pair is right and the one where it is not. An answer: a file of http/, or with a slash before it
 * of root/; >LOCATION, a redirection; =STATUS.
 *
 * What is not let in gets 401, or of a form what stands behind the answer, else 403.
 *
 * Marks in headers and pages: {{...}} (the table in http-answer.c).
 */
#include "trap/http.h"

#include <stdint.h>

enum http_keep { KEEP_NO, KEEP_ASKED, KEEP_YES };
enum http_guard { GUARD_OPEN, GUARD_BASIC, GUARD_FORM, GUARD_DIGEST, GUARD_LOGIN /* it is the log-in itself */ };
enum { HTTP_PORTS = 16 /* of a server */, HTTP_SERVERS = 8 };

struct http_answer {
    const char *location; /* NULL: none */
    uint32_t status;      /* 200 where there is a body, 302 for a location */
    const char *type;
    const char *body;
    size_t n;
};

struct http_page {
    const char *method;   /* "": any */
    const char *path;     /* without the *, where all below is meant */
    bool below, runs;
    uint8_t guard;        /* enum http_guard */
    struct http_answer answer, refused; /* refused: of a log-in, and of a form (status 0: none) */
};

struct http_reason {
    uint32_t status;
    const char *text;
};

struct http_server {
    uint16_t ports[HTTP_PORTS];
    size_t n_ports;
    const char *source;
    uint32_t version;     /* 0, 1: HTTP/1.x; 2: as the request's */
    uint32_t keep;        /* enum http_keep */
    uint32_t keep_most;   /* requests of a connection */
    int64_t idle;         /* microseconds that it waits for more of a request */
    uint32_t guard;       /* of all that no page is: open is 404 */
    uint32_t bad, method; /* status of what is no request, and of a method that it does not have; 0: it hangs up */
    bool host;            /* refuses HTTP/1.1 without a Host (RFC 9112, 3.2) */
    bool old;             /* answers requests of before HTTP/1.0 */
    bool ctime;           /* dates as ctime(3) has them */
    const char *modified; /* when its files were made; "" it does not say */
    const char *realm, *html, *error, *cookie;
    const char *user_field, *password_field, *user; /* of its log-in; user: where only a password is asked for */
    const char **headers;
    size_t n_headers;
    struct http_reason *reasons;
    size_t n_reasons;
    struct http_page *pages;
    size_t n_pages;
};

struct http_site {
    struct http_server *servers;
    size_t n;
};

/* The site of a persona's folder; NULL where it has no http.ini. 0; -errno; or 1 with why ("http.ini:12: ..."). */
int must_check http_site_load(struct http_site **ret, const char *folder, char ret_why[static 200]);
/* The same of a text; folder NULL: pages are empty. */
int must_check http_site_read(struct http_site **ret, const char *folder, const char *data, size_t n, char ret_why[static 200]);
void http_site_free(struct http_site *s); /* NULL is fine */
/* The server at a port; elsewhere the first. */
const struct http_server *http_site_at(const struct http_site *s, uint16_t port);
