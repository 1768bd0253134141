#pragma once
/* xargs: its input in words or lines (xargs-read.c), and what it runs with them (xargs.c). */
#include "shell/applet.h"

struct xargs_reader {
    int fd;
    bool nul_ends;    /* -0 */
    bool lines;       /* -I: a word is a line, without the blanks before it */
    const char *last; /* -E: the word that ends the input; NULL */
    char buffer[4096];
    size_t at, n;
    struct text word;
    char quote;
    bool escaped, ended;
};

enum xargs_read { XARGS_WORD, XARGS_END, XARGS_WAIT };

/* The next word, in r->word.data until the next call. What makes no sense ends the process. */
enum xargs_read xargs_read(struct proc *p, struct xargs_reader *r);
