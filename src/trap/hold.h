#pragma once
/*
 * What the readers of a persona's files share: memory that a lack of leads out of the reader (setjmp), lines, and
 * words for what is wrong. As src/shell/machine-inside.h, for other files.
 */
#include "base/err.h"
#include "shell/memory.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOLD_WHY = 200, HOLD_LINE = 4096, HOLD_FILE = 1 << 20, HOLD_MEMORY = 8 << 20 };

struct hold {
    struct memory memory; /* first: its `exhausted` finds the rest */
    struct memory_account account;
    jmp_buf full; /* where a lack of memory leads; set by whoever calls a reader */
    char (*why)[HOLD_WHY];
};

void hold_init(struct hold *h, char (*why)[HOLD_WHY]);
static inline void hold_release(struct hold *h)
{
    memory_clear(&h->memory);
}
/* "FILE:LINE: text" (line 0: "FILE: text") into why; returns 1. */
int hold_wrong(struct hold *h, const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

struct hold_lines {
    const char *file; /* its name in `why` */
    const char *rest, *end;
    unsigned line;
};
/* The next line, as a copy of h's without its end; NULL: there are no more, or with *ret_e 1 one is too long or
 * holds a NUL. */
char *hold_line(struct hold *h, struct hold_lines *lines, int *ret_e);
/* A whole file with a NUL behind it. 0 or -errno (-EFBIG: it is longer than HOLD_FILE, or none). */
int must_check hold_file(struct hold *h, const char *path, char **ret, size_t *ret_n);
/* s without the blanks around it. In its place. */
char *hold_trimmed(char *s);
