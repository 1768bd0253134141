#pragma once
/*
 * Applets that read files one after the other, or standard input where none is named ("-" is standard
 * input too). The frame opens them, waits for them and says what cannot be opened
 * ("cat: can't open 'x': No such file or directory", status 1 at the end); the applet sees bytes, cut
 * anywhere, or whole lines.
 *
 * What a feed() puts out is bounded by what it is given: an applet that makes much of a byte asks for
 * small pieces; between lines the frame lets the output be taken.
 *
 * The applet's state begins with a struct filter.
 */
#include "shell/applet.h"

#include <stdbool.h>
#include <stddef.h>

enum { FILTER_PIECE = 4096 };

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
    bool drains;      /* set by filter_drain() */
    bool unnamed;     /* no file was named */
    bool lines;       /* as ops->lines; start() may choose otherwise */
    bool nul_ends;    /* lines end in NUL (grep -z, sort -z), set by start() */
    bool nul_too;     /* as ops->nul_too */
    bool plain;       /* as ops->plain */
    struct text line; /* of `lines`: what has come of the next one */
    size_t piece;     /* bytes of a read, FILTER_PIECE; start() may make it less */
    char *data;       /* the piece, of which [at, n) is to be fed */
    size_t at, n;
};

struct filter_ops {
    /* Reads the words; returns the operands (argv + i), of which none means standard input. */
    char **(*start)(struct proc *p, int argc, char **argv);
    void (*begin)(struct proc *p);                            /* NULL: nothing to do; f->name, f->fd are set */
    void (*feed)(struct proc *p, const char *data, size_t n); /* a piece; or of `lines` a line, with its \n where it has one */
    void (*end)(struct proc *p);                              /* of one file; NULL: nothing to do */
    void (*finish)(struct proc *p);                           /* after all; f->status may still be set; NULL */
    /* A file that could not be read to its end (a directory), of which end() is called next; f->status
     * is 1. NULL: "NAME: read error: why". */
    void (*failed)(struct proc *p, int e);
    void (*drain)(struct proc *p); /* after filter_drain() */
    /* A file that cannot be opened; f->name is set, f->status 1. NULL: "NAME: can't open 'x': why". */
    void (*missing)(struct proc *p, int e);
    bool lines;
    bool nul_too; /* a line ends at a NUL, too, as most of BusyBox's readers of lines have it */
    bool plain;   /* what cannot be opened is said as "NAME: x: why" */
    bool keeps_input; /* a file that became standard input, which was closed, stays open for a "-" after it */
};

void filter_skip(struct proc *p); /* no more of this file */
void filter_stop(struct proc *p); /* no more at all: end() and finish() are still called */
/* drain() is called before anything else, again and again, until it asks for this no more: for output that
 * is long. Of end() and finish(), and of drain() itself. */
void filter_drain(struct proc *p);
/* The length of a line without what ends it. */
size_t filter_chop(const char *line, size_t n);

/* For failed(): "NAME: x: why"; nothing at all, and no matter; the end with "NAME: read error: why". */
void filter_failed_name(struct proc *p, int e);
void filter_failed_silent(struct proc *p, int e);
void filter_failed_die(struct proc *p, int e);

/* The frame itself, for applets.c. */
void filter_start(struct proc *p, const struct filter_ops *ops, int argc, char **argv);
enum applet_next filter_step(struct proc *p, const struct filter_ops *ops);
