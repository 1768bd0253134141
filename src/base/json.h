#pragma once
/*
 * JSON documents, built from the top down; the only user of the JSON library.
 *
 *     struct json j;
 *     json_begin_object(&j);
 *     json_text(&j, "name", name);
 *     json_open_list(&j, "workers");
 *         json_open_object(&j, NULL);      // inside a list nothing has a key
 *         ...
 *         json_close(&j);
 *     json_close(&j);
 *     e = json_write(&j, stdout);
 *     json_release(&j);
 *
 * A step that fails (no memory, too deep) makes the whole bad; json_write() tells. Texts need not
 * be UTF-8: where one is not, it is escaped by text_escape().
 */
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_DEEPEST = 16 };

struct json {
    void *level[JSON_DEEPEST]; /* level[0] is owned, the others are inside it */
    unsigned depth;            /* open levels */
    bool bad;
};

void json_begin_object(struct json *j);
void json_begin_list(struct json *j);
void json_release(struct json *j);

void json_open_object(struct json *j, const char *key);
void json_open_list(struct json *j, const char *key);
void json_close(struct json *j);

/* key is NULL inside a list. */
void json_text(struct json *j, const char *key, const char *value); /* NULL is null */
/* The same of n bytes, which may hold NUL. */
void json_text_n(struct json *j, const char *key, const void *value, size_t n);
void json_hex(struct json *j, const char *key, const void *value, size_t n); /* two lower case digits a byte */
void json_int(struct json *j, const char *key, int64_t value);
void json_count(struct json *j, const char *key, uint64_t value); /* past 2^63 - 1 it stays there */
/* Rounded to so many decimals; what is no finite number is null. */
void json_number(struct json *j, const char *key, double value, int decimals);
void json_bool(struct json *j, const char *key, bool value);
void json_time(struct json *j, const char *key, int64_t when);    /* RFC 3339, UTC */
void json_time_us(struct json *j, const char *key, int64_t when); /* of microseconds since 1970 */
void json_nothing(struct json *j, const char *key);               /* null */

/* The document, compact and without a newline behind it. 0, -ENOMEM where it is bad, -EIO. */
int must_check json_write(const struct json *j, FILE *f);
/* The same, indented for people, with a newline. */
int must_check json_write_pretty(const struct json *j, FILE *f);
/* The same as json_write(), appended to b: all of it or nothing. 0, or -ENOMEM. */
int must_check json_put(const struct json *j, struct buf *b);
/* The same with a newline behind it, whole or not at all, and releases it. 0, -ENOMEM. */
int must_check json_end_line(struct json *j, struct buf *b);
