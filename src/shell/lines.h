#pragma once
/*
 * Lines of an open file, for applets that ask for them one after the other (those that are handed
 * them are filters, see filter.h). Memory is the process's: as much as the longest line.
 */
#include "shell/proc.h"

struct lines {
    int fd;
    char end;      /* what ends a line: '\n' or '\0' */
    bool nul_ends; /* a NUL, too */
    int error;     /* why reading ended early, an errno; 0 */
    bool over;     /* nothing more comes */
    char *data;
    size_t at, scanned, n, room; /* the next line begins at `at` */
};

enum lines_next {
    LINES_LINE,
    LINES_WAIT, /* nothing is there yet: proc_waits_on() was said, end the step with NEXT_INPUT */
    LINES_END,
};

struct text_line {
    char *s; /* a NUL after it; it may be written to until the next call */
    size_t n;
    bool ended; /* the last may not be */
    char end;   /* by what */
};

struct lines lines_of(int fd, char end);
enum lines_next lines_take(struct proc *p, struct lines *l, struct text_line *ret);
void lines_free(struct proc *p, struct lines *l); /* the descriptor stays open */
