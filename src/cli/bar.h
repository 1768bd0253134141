#pragma once
/*
 * Long work shown on a terminal, and numbers shown as bars.
 */
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A progress bar on standard error; without a terminal there it does nothing. */
struct bar {
    char label[64];
    const char *unit;     /* borrowed: of what is counted, "packets" */
    uint64_t total;       /* of the work, in any unit; 0: unknown */
    uint64_t start, last; /* nanoseconds, monotonic */
    unsigned screen;      /* columns; 0: off */
    bool drawn;
};

void bar_begin(struct bar *b, const char *label, uint64_t total, const char *unit);
/* `done` of the total, `count` things so far. Cheap to call often; draws ten times a second at
 * most. */
void bar_update(struct bar *b, uint64_t done, uint64_t count);
/* Wipes the bar. Call before anything else is written to the terminal; bar_update() draws it again.
 */
void bar_clear(struct bar *b);

/* The line that is drawn, at most `columns` wide; for bar_update() and its test. */
void bar_line(const struct bar *b, uint64_t done, uint64_t count, double seconds, struct buf *to);

/* Appends a bar of share (0 to 1) of `columns` columns, padded with blanks where `pad`. */
void bar_share(struct buf *to, double share, unsigned columns, bool utf8, bool pad);
