#pragma once
/*
 * What of a request is meant for a shell. Devices put what a visitor says into a command line: a host to ping, the name of a
 * time server, a whole command. Where they do is a table of entry points that are publicly known (http-entries.c); elsewhere a
 * command is looked for in every value, and taken for one only if it begins with a word that is one.
 *
 * Only found, never run: the owner gives it to the emulated shell, so that it comes to light what it would fetch.
 */
#include "trap/http.h"

enum { HTTP_COMMANDS_MOST = 8, HTTP_COMMANDS_BYTES = 8 << 10 };

enum http_place {
    PLACE_VALUE,  /* of that name, in the query, a form, XML, JSON */
    PLACE_QUERY,  /* the whole query */
    PLACE_TARGET, /* the rest of the target */
    PLACE_HEADER, /* of that name */
};

enum http_how {
    HOW_COMMAND,  /* it is a command */
    HOW_INJECTED, /* it is put into one: `...`, $(...), behind ; | & or a new line */
    HOW_BASE64,   /* a command in base64 */
};

/* A row of the table. An entry point may have several. */
struct http_entry {
    const char *name;   /* "gpon-diag" */
    const char *method; /* "": any */
    const char *path;   /* a * at its end: and all that begin so */
    uint8_t place, how;
    const char *key;    /* name of the value or header; a * at its end as above */
};
const struct http_entry *http_entry_at(size_t i); /* NULL past the last */
/* Whether a path, without a query and with all in it undone (sample/url.h: url_plain()), leads to one, by whatever method. */
bool http_is_entry(const char *path);

struct http_found {
    const char *entry;   /* the entry point, "" where it is none that is known */
    struct buf commands; /* each with a NUL behind it */
    size_t n;
};

/* The caller releases it. */
void http_find(const struct http_request *r, struct http_found *ret);
void http_found_release(struct http_found *f);
