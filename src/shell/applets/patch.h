#pragma once
/*
 * patch: a hunk at a time, looked for from where the one before ended. Whatever it is, a file is read whole, and is
 * written anew when its last hunk has been put into it.
 */
#include "shell/applet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct patch_line {
    const char *s;
    size_t n;
};

/* The file at hand. */
struct patch_file {
    const char *name; /* NULL: none is open */
    char *data;
    size_t n, begins; /* bytes; where the line `at` begins */
    struct patch_line *lines;
    size_t n_lines, at; /* lines up to `at` are done with */
    struct text out;    /* what has become of them */
    char *temporary;    /* what will be renamed; NULL: nothing is written */
    uint32_t mode;
    unsigned hunks; /* that were begun */
};

struct patch_hunk {
    int64_t old_line, old_n, new_line, new_n; /* as its head says */
    int64_t old_left, new_left;               /* that are still to come */
    int64_t context;                          /* lines before the first change */
    bool changed;                             /* there was a change */
    struct patch_line *lines;                 /* with their first letter */
    size_t n, room;
    /* The search: line `at` of the hunk against the line start + matched. */
    size_t start, matched, at;
    size_t seen;   /* lines before it were looked at before */
    bool at_end;   /* it must match the file's end */
    bool reverse;  /* lines with - are added */
    bool reversed; /* a line was there that was to be added */
    bool ignored;  /* -N: it is there already; reverse was changed */
};

void patch_file_lines(struct proc *p, struct patch_file *f);
void patch_hunk_add(struct proc *p, struct patch_hunk *h, const char *s, size_t n);
void patch_hunk_begin(struct patch_hunk *h, const struct patch_file *f, bool reverse);
enum patch_found { PATCH_FOUND, PATCH_FAILED, PATCH_GOES };
/* Takes *turn down; PATCH_GOES: it is at 0. */
enum patch_found patch_hunk_find(struct patch_hunk *h, const struct patch_file *f, bool forward, int64_t *turn);
/* What was found is put out. */
void patch_hunk_apply(struct patch_hunk *h, struct patch_file *f);
void patch_hunk_free(struct proc *p, struct patch_hunk *h);
