#pragma once
/*
 * URLs of things that are to be fetched (RFC 3986, of http, https, ftp and tftp), as a stranger wrote them: what of them is
 * refused before anybody is asked for anything.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With their NULs. A file's name in TFTP is part of a datagram. */
enum { URL_MOST = 2048, URL_HOST_MOST = 256, URL_PATH_MOST = URL_MOST - URL_HOST_MOST - 32, URL_FILE_MOST = 256 };

enum url_scheme { URL_HTTP, URL_HTTPS, URL_FTP, URL_TFTP, URL_SCHEMES };

enum url_verdict {
    URL_FINE,
    URL_NO_SCHEME,   /* none of these */
    URL_CREDENTIALS, /* a user in it: what he may do is not ours */
    URL_CONTROL,     /* bytes that are no printable ASCII */
    URL_SHELL,       /* characters that a shell acts upon, as they are or behind a percent sign */
    URL_LONG,
    URL_NO_HOST,
    URL_PORT,        /* none, or one where mail, names or log-ins are spoken to */
    URL_VERDICTS,
};
const char *url_verdict_name(enum url_verdict v); /* "credentials" */

struct url {
    enum url_scheme scheme;
    char host[URL_HOST_MOST]; /* of IPv6 without brackets */
    uint16_t port;
    char path[URL_PATH_MOST]; /* with its query, beginning with "/"; without a fragment */
};

enum url_verdict url_read(const char *text, struct url *ret);
/* The whole again, as it is asked for. */
void url_text(const struct url *u, char ret[static URL_MOST]);
/* Its path as a server may understand it, to be compared: without a query, percent signs undone, no empty or dotted segments; ""
 * is the root. */
void url_plain(const struct url *u, char ret[static URL_PATH_MOST]);
