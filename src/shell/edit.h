#pragma once
/*
 * BusyBox's line editing as ash has it: a line is typed on the terminal in raw mode, echoed, edited by keys,
 * taken from the history, completed. What it says to the terminal is the same, byte by byte.
 */
#include "shell/tty.h"

enum edit_next {
    EDIT_MORE,  /* no line yet: keys are waited for */
    EDIT_LINE,
    EDIT_END,   /* ^D on an empty line */
    EDIT_BREAK, /* ^C */
};

/* Whether commands on this descriptor of p's are edited: a terminal of the session's own, and a BusyBox that can. */
bool edit_serves(const struct proc *p, int fd);
/* Shows the prompt, and makes the terminal its own. */
void edit_begin(struct proc *p, const char *prompt_variable);
/* Takes the keys that wait. */
enum edit_next edit_keys(struct proc *p);
/* The line that has ended, of `*ret_n` bytes without its end; until the next edit_begin(). */
const char *edit_line(const struct proc *p, size_t *ret_n);
/* Lines that were entered, oldest first: the i-th, or NULL. */
const char *edit_history(const struct shell *sh, size_t i);

/* edit-complete.c: what a word may be completed to. */
struct completion {
    char **names;    /* sorted, each once; of p's memory */
    size_t n;
    size_t from;     /* where in the line the part begins that the names begin with */
    char quote;      /* the quotes that the word stands in, or NUL */
};
void complete(struct proc *p, const char *line, size_t n, struct completion *ret);
