#pragma once
/*
 * An applet: one program of the emulated BusyBox. It comes in one of three shapes.
 *
 *   once    runs through and returns its status: most. What it may put out is bounded by what it reads
 *   filter  reads files or standard input piece by piece (shell/filter.h)
 *   step    anything that waits, loops without end, or starts others: called until it says NEXT_DONE
 *
 * Each is a line of the list in applets/list.h, and is found there by its name alone; whether a device
 * has it is the device's data. Usage texts are those of the reference, gathered by scripts/learn-usage.py.
 */
#include "shell/proc.h"

#include <stdbool.h>
#include <stddef.h>

enum applet_next {
    NEXT_DONE,  /* ended with proc_done()'s status */
    NEXT_AGAIN, /* go on; others take their turn, output is taken */
    NEXT_INPUT, /* when the descriptor of proc_waits_on() can be read */
    NEXT_SLEEP, /* when proc_wake_at() has come (or a signal) */
    NEXT_INPUT_OR_SLEEP, /* what comes first of both */
    NEXT_CHILD, /* when a child has ended */
    NEXT_CHILD_OR_SLEEP, /* what comes first of both */
    NEXT_FETCH, /* when the world knows more */
};

struct filter_ops;

struct applet {
    const char *name;
    int (*once)(struct proc *p, int argc, char **argv);
    const struct filter_ops *filter;
    void (*start)(struct proc *p, int argc, char **argv); /* of step: reads its words; argv stays */
    enum applet_next (*step)(struct proc *p);
    size_t state; /* bytes at proc_state(), of filter and step */
    enum applet_unwritten {
        UNWRITTEN_QUIET,  /* standard output that could not be written is no matter */
        UNWRITTEN_STATUS, /* the status is 1 */
        UNWRITTEN_255,    /* the status is 255 */
        UNWRITTEN_BUILTIN, /* the status is 1, of the builtin; of the applet it is no matter */
        UNWRITTEN_WRITE,  /* "NAME: write error: why", and the status is 1 */
        UNWRITTEN_OUTPUT, /* "NAME: standard output: why" */
    } unwritten;
};

void proc_done(struct proc *p, int status); /* then return NEXT_DONE */

/* NULL: there is none of this name. */
const struct applet *applet_find(const char *name);
/* The i-th, by name; NULL after the last. */
const struct applet *applet_at(size_t i);
/* The usage text after "Usage: " as the reference has it, or NULL. */
const char *applet_usage(const char *name);

/* Runs a `once` applet inside p: for builtins (echo, test, printf, kill). Its status. */
int applet_inside(struct proc *p, const struct applet *a, int argc, char **argv);
