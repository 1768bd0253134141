#pragma once
/* Lines and pieces of a descriptor, for a step that reads several or goes from one to the next by itself. */
#include "shell/applet.h"

#include <stdbool.h>
#include <stddef.h>

enum { READER_PIECE = 4096 };

struct reader {
    int fd;
    bool nul_ends, nul_too; /* as of struct filter */
    bool ended;             /* nothing more will come */
    int error;              /* why, where it was not the file's end: -errno */
    struct text line; /* what came of a line in several pieces */
    bool whole;       /* it was given out */
    char *data;
    size_t at, n;
};

void reader_begin(struct reader *r, struct proc *p, int fd);
void reader_end(struct reader *r, struct proc *p); /* its memory, and a descriptor but standard input */
/* NEXT_DONE: [at, n) of data has something, or `ended`. Else what the step must return. */
enum applet_next reader_fill(struct reader *r, struct proc *p);
/* The same for a line, with what ends it; borrowed until the next call. At the end *ret is NULL. */
enum applet_next reader_line(struct reader *r, struct proc *p, const char **ret, size_t *ret_n);
