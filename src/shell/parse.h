#pragma once
/*
 * Lexer and parser of the ash language: text in, one complete command (a line with all that belongs to
 * it) at a time.
 *
 * The text that is there may be short of a whole command, as on a terminal: then the parser says so and
 * the caller comes again with more. So that a long here-document is not lexed anew for each of its
 * lines, PARSE_MORE tells what to wait for. Nesting is bounded by depth (PARSE_DEPTH), a command by
 * PARSE_MOST bytes.
 *
 * The grammar: POSIX.1-2017, Shell and Utilities, 2.10; ash's own: `function`, &>, $'...', ${x/a/b}, ${x:a:b},
 * [[ as a word.
 */
#include "shell/memory.h"
#include "shell/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PARSE_DEPTH = 200, PARSE_MOST = 4 << 20 };

enum parse_verdict {
    PARSE_COMMAND, /* a tree */
    PARSE_EMPTY,   /* a blank line or a comment: nothing to run */
    PARSE_END,     /* the text is at its end (only where `whole`) */
    PARSE_MORE,    /* more text is needed */
    PARSE_ERROR,   /* error has the message, as ash says it after "NAME: " */
};

struct parse_aliases { /* NULL function: none */
    void *context;
    /* The value of an alias, or NULL. */
    const char *(*find)(void *context, const char *name, size_t n);
};

struct parse {
    const char *text;
    size_t n;
    bool whole;    /* no more will come: an open quote is an error, not a reason to wait */
    uint32_t line; /* of text[0], from 1 */
    uint32_t ran;  /* the line of the command that ran last: it is the first of every `...` */
    struct parse_aliases aliases;

    /* Results. */
    size_t used; /* bytes of text that the verdict is about; after PARSE_MORE 0 */
    uint32_t lines;        /* ends of line among them, and in aliases */
    struct arena *arena;   /* of PARSE_COMMAND: a reference of the caller's; else NULL */
    struct node *tree;
    char error[256];       /* "syntax error: unterminated quoted string" */
    uint32_t error_line;
    const char *waits_for; /* after PARSE_MORE in a here-document: its delimiter, in the caller's `waits` memory; else NULL */
    char waits[128];
};

/* Parses from text[0] on. Memory is m's. */
enum parse_verdict parse_command(struct parse *p, struct memory *m);

/* A text that must be an arithmetic or here-document body: expanded as in double quotes. For PS1/PS4 and $ENV. NULL where it
 * makes no sense. */
struct word *parse_quoted(struct arena *a, struct memory *m, const char *s, size_t n);
