#pragma once
/*
 * Expansion of words: tildes, parameters, commands, arithmetic; then fields, paths, quotes.
 *
 * A command substitution cannot be run from here: expand_run() stops with EXPAND_CAPTURE, the
 * interpreter runs the tree in a subshell, hands its output in with expand_captured(), and calls
 * expand_run() again. Between calls an expansion is only data of its owner's memory.
 */
#include "base/err.h"
#include "shell/memory.h"
#include "shell/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum expand_how {
    EXPAND_FIELDS,  /* a command's words, a for's: any number of fields, paths matched */
    EXPAND_DECLARE, /* as EXPAND_FIELDS, but a word that is an assignment (NAME=...) stays one field (export, local) */
    EXPAND_SINGLE,  /* an assignment, a redirection's target, a case's subject: one field, no paths */
    EXPAND_PATTERN, /* a case's pattern: one, with what was quoted escaped by backslashes */
    EXPAND_HERE,    /* a here-document's body, PS4: as in double quotes */
    EXPAND_COMMAND, /* EXPAND_FIELDS or EXPAND_DECLARE, as declares() of the scope tells by the first fields */
};

/* What an expansion asks of its shell. */
struct expand_scope {
    void *context;
    /* A variable, positional or special parameter ("x", "1", "#", "?", "-", "$", "!", "0", "LINENO", "RANDOM"); NULL: unset. The text is
     * borrowed until the next call. Not asked for @ and *. */
    const char *(*get)(void *context, const char *name, size_t n);
    bool (*set)(void *context, const char *name, size_t n, const char *value); /* false: read-only, and said so */
    size_t (*count)(void *context);                /* $# */
    const char *(*positional)(void *context, size_t i); /* from 1 on */
    const char *(*home)(void *context, const char *user); /* of ~user; "" of ~; NULL: unknown */
    /* Of EXPAND_COMMAND: whether a command that begins with these declares variables; -1: the next word decides. */
    int (*declares)(void *context, char *const *words, size_t n);
    /* set -u, set -f. */
    bool no_unset, no_glob;
    /* Where paths are matched. */
    struct vfs *vfs;
    uint32_t cwd;
    uint32_t uid, gid;
};

enum expand_next {
    EXPAND_DONE,
    EXPAND_AGAIN,   /* the steps were used up; call again */
    EXPAND_CAPTURE, /* expand_tree() is to be run */
    EXPAND_ERROR,   /* expand_error(): the shell says it and gives the command up (a script ends) */
};

struct expansion;

/* words may be NULL. how EXPAND_FIELDS, _DECLARE and _COMMAND take the whole list, the others its first word. */
struct expansion *expand_make(struct memory *m, const struct expand_scope *scope, const struct word *words, enum expand_how how);
void expand_free(struct expansion *x); /* NULL is fine; fields that were not taken go with it */
/* *steps falls by the work done; at 0 it returns EXPAND_AGAIN. */
enum expand_next expand_run(struct expansion *x, int64_t *steps);
const struct node *expand_tree(const struct expansion *x);
/* PART_COMMAND; or PART_READ_FROM and PART_WRITE_TO, for which expand_captured() is given a path. */
enum part_type expand_part(const struct expansion *x);
/* The whole output of the substitution; ends of line at its end are cut here, NULs dropped. */
void expand_captured(struct expansion *x, const char *data, size_t n);
/* "x: parameter not set"; "" where the scope's set() has said what is wrong. */
const char *expand_error(const struct expansion *x);
/* The fields, NULL-ended, owned by the expansion's memory from here on (one block each, and the array);
 * of the other ways one text. */
char **expand_take(struct expansion *x, size_t *ret_n);
