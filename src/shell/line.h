#pragma once
/*
 * One line as it is typed at a terminal in its usual mode: what the kernel's line discipline does
 * between the visitor and a program that reads lines (icanon, isig, iexten, icrnl, ixon; echo with echoe
 * echok echoctl echoke), compared with Linux byte for byte. ^H is a character
 * like others: the kernel erases by DEL. Of a login's prompts (trap/login.h) as of a shell's terminal (shell/tty.h), which keeps
 * the lines that nobody has read yet.
 *
 * The text is the caller's; what does not fit is counted and echoed, but not kept. It may stand elsewhere for each byte.
 */
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_MOST = 4095 }; /* bytes of a line; further ones are echoed and dropped, as the kernel does */

struct line {
    char *text;      /* borrowed */
    size_t since;    /* where in `out` the echo of what came at once begins, and the column there: a signal drops it, as the */
    uint16_t column_since; /* kernel does. SIZE_MAX: nothing is dropped */
    uint16_t room;
    uint16_t n;      /* bytes of the line so far; those from `room` on are not kept */
    uint16_t handed; /* what ^D has handed on already: no more erased */
    uint16_t column; /* where the cursor is */
    uint8_t begin;   /* where the line begins, modulo 8 */
    bool echo;
    bool spaces;     /* a tab is said as spaces: how telnetd sets its terminals (tab3) */
    bool literal;    /* ^V came: the next byte is only a byte */
};

enum line_event {
    LINE_MORE,
    LINE_DONE,      /* its end came; text and n are without it */
    LINE_END,       /* ^D, and nothing was typed since the last: the reader is at its end */
    LINE_INTERRUPT, /* ^C */
    LINE_QUIT,      /* ^\ */
};

static inline void line_begin(struct line *l, char *text, uint16_t room, unsigned column, bool echo)
{
    *l = (struct line){ .text = text, .room = room, .column = (uint16_t)(column & 7), .echo = echo, .spaces = true, .since = SIZE_MAX };
}
/* Bytes that were kept. */
static inline uint16_t line_kept(const struct line *l)
{
    return l->n < l->room ? l->n : l->room;
}
/* What is typed from here on comes at once. */
static inline void line_at_once(struct line *l, const struct buf *out)
{
    l->since = out->len;
    l->column_since = l->column;
}
enum line_event line_byte(struct line *l, uint8_t c, struct buf *out);
