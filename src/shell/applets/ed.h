#pragma once
/*
 * ed, as BusyBox has it: no expressions, strings are looked for as they are. The buffer; its lines have what ends them.
 */
#include "shell/applet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ed_line {
    char *s;
    size_t n;
};

struct ed {
    struct ed_line *lines;
    size_t room;
    int64_t last, now; /* numbers of the last line and of the current one, 0: none */
    /* The reference walks from the current line, and does not count what is put in before it: how far behind `now`
     * the line is that it takes for the current one. */
    int64_t shift;
    struct ed_line none; /* behind the last */
    int64_t marks[26];
    char *name;   /* of the file, or NULL */
    char *sought; /* what was looked for last, or NULL */
    bool dirty;
};

/* Each says what is wrong and returns false; `what` is the command's name in that. */
bool ed_range(struct proc *p, const struct ed *e, int64_t from, int64_t to, const char *what);
/* Line `number` becomes the n bytes at s (copied), those from there on move back; it becomes the current one. */
bool ed_insert(struct proc *p, struct ed *e, int64_t number, const char *s, size_t n);
bool ed_delete(struct proc *p, struct ed *e, int64_t from, int64_t to);
bool ed_read(struct proc *p, struct ed *e, const char *name, int64_t number);
bool ed_write(struct proc *p, struct ed *e, const char *name, int64_t from, int64_t to);
/* visible: with what cannot be seen, and a $ at the end. */
bool ed_print(struct proc *p, struct ed *e, int64_t from, int64_t to, bool visible);
/* The first line from `from` on that has the text; the last sought where it is empty. */
bool ed_find(struct proc *p, struct ed *e, const char *text, int64_t from, int64_t *ret);
/* What follows the s of a command; it is written to. */
bool ed_substitute(struct proc *p, struct ed *e, char *words, int64_t from, int64_t to);
