#pragma once
/*
 * Text: what a stranger wrote, made fit to be shown; words compared; numbers read.
 */
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum text_escape {
    TEXT_PLAIN,  /* for a table or a message: quotes and backslashes stay */
    TEXT_QUOTED, /* to stand between double quotes: those and backslashes are escaped too */
};

/*
 * Appends n bytes of s so that they can harm no terminal, log or eye: C0 and C1 controls, DEL, what
 * is no UTF-8, and the characters that turn the direction of writing come out as \n, \r, \t, \xHH
 * or \u{HHHH}. Everything that strangers wrote passes through here on its way to a person.
 */
void text_escape(struct buf *b, const char *s, size_t n, enum text_escape how);

/* One UTF-8 character at s (n > 0): its length in bytes and its code point, or 0 where it is none.
 */
size_t text_char(const char *s, size_t n, uint32_t *ret_point);
bool text_is_utf8(const char *s, size_t n);
/* Columns that valid UTF-8 takes on a terminal. */
unsigned text_width(const char *s, size_t n);
/* The longest prefix of s, in bytes, that takes at most `columns`. */
size_t text_fit(const char *s, size_t n, unsigned columns);

/* A whole decimal number from least to most, nothing around it: 0, or 1 where it is none. */
int must_check text_int(const char *s, int64_t least, int64_t most, int64_t *ret);

/* The known word that `word` was probably meant to be, or NULL. known is called with 0, 1... until
 * NULL. */
const char *text_nearest(const char *word, const char *(*known)(size_t i, const void *context),
                         const void *context);

/* As much of s as fits, and a NUL. */
void text_copy(char *to, size_t room, const char *s);

/* Appends printf-style text. */
void buf_print(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void buf_text(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}
