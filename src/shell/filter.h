#pragma once
/*
 * Applets that read files one after the other, or standard input where none is named ("-" is standard
 * input too). The frame opens them, waits for them and says what cannot be opened
 * ("cat: can't open 'x': No such file or directory", status 1 at the end); the applet sees bytes, cut
 * anywhere, or whole lines.
 *
 * The applet's state begins with a struct filter.
 */
#include "shell/applet.h"

#include <stdbool.h>
#include <stddef.h>

struct filter {
    char **files;     /* what is still to be read; NULL-ended */
    const char *name; /* of the file being read, as given; "-" of standard input */
    int fd;           /* -1: none is open */
    size_t done;      /* files that were begun */
    int status;       /* what the applet will end with; 1 after a file that could not be read */
    bool quiet;       /* no message for what cannot be opened */
    bool skip;        /* set by filter_skip() */
    bool stop;        /* set by filter_stop() */
    bool ended;
    bool nul_ends;    /* lines end in NUL (grep -z, sort -z), set by start() */
    struct text line; /* of `lines`: what has come of the next one */
};

struct filter_ops {
    /* Reads the words; returns the operands (argv + i), of which none means standard input. */
    char **(*start)(struct proc *p, int argc, char **argv);
    void (*begin)(struct proc *p);                            /* NULL: nothing to do; f->name, f->fd are set */
    void (*feed)(struct proc *p, const char *data, size_t n); /* a piece; or of `lines` a line, with its \n where it has one */
    void (*end)(struct proc *p);                              /* of one file; NULL: nothing to do */
    void (*finish)(struct proc *p);                           /* after all; f->status may still be set; NULL */
    bool lines;
};

void filter_skip(struct proc *p); /* no more of this file */
void filter_stop(struct proc *p); /* no more at all: end() and finish() are still called */

/* The frame itself, for applets.c. */
void filter_start(struct proc *p, const struct filter_ops *ops, int argc, char **argv);
enum applet_next filter_step(struct proc *p, const struct filter_ops *ops);
