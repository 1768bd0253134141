#pragma once
/*
 * What the parser makes of one complete command: a tree in an arena of its own, never changed afterwards.
 *
 * The arena is counted: a function keeps the arena of the command that defined it, a subshell or a
 * background job the one it runs; when the last lets go, all of it is freed at once. So nodes and words
 * are borrowed by whoever holds the arena.
 *
 * Trees are at most PARSE_DEPTH deep but for their chains, which may be as long as a text is: a; b; c is
 * a; (b; c) and a && b && c is a && (b && c), both by `second`, elif goes by `third`, and stages, words
 * and items by `next`. Walk those in a loop.
 */
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Charged to m, which outlives it. One reference is the caller's. */
struct arena *arena_make(struct memory *m);
void arena_hold(struct arena *a);
void arena_drop(struct arena *a); /* NULL is fine */
/* Zeroed, aligned for pointers and numbers; as memory_take() where there is no room. */
void *arena_take(struct arena *a, size_t n);
char *arena_text(struct arena *a, const char *s, size_t n); /* a copy, and a NUL */

enum part_type {
    PART_TEXT,     /* text as it stands: quoted, or without anything special left in it */
    PART_VARIABLE, /* $x ${x...} */
    PART_COMMAND,  /* $(...) `...`: `tree`, NULL where empty */
    PART_ARITH,    /* $((...)): `argument` is the expression, expanded as in double quotes */
    PART_READ_FROM, /* <(...): the name of a file to read the output of `tree` from */
    PART_WRITE_TO,  /* >(...): of one whose content becomes its input */
    PART_TILDE,    /* ~ or ~user at the beginning of a word (or after : and = in an assignment): text is the user */
};

/* What ${x OP argument} does. With a colon: `colon`. */
enum part_op {
    OP_NONE,
    OP_LENGTH,        /* ${#x} */
    OP_DEFAULT,       /* - */
    OP_ASSIGN,        /* = */
    OP_ERROR,         /* ? */
    OP_ALTERNATIVE,   /* + */
    OP_CUT_LEFT,      /* # */
    OP_CUT_LEFT_MOST, /* ## */
    OP_CUT_RIGHT,     /* % */
    OP_CUT_RIGHT_MOST,
    OP_SLICE,       /* ${x:argument:second} */
    OP_REPLACE,     /* ${x/argument/second} */
    OP_REPLACE_ALL, /* ${x//argument/second} */
    OP_BAD,         /* "bad substitution" when it is expanded */
};

struct word;
struct node;

struct part {
    struct part *next;
    enum part_type type;
    bool quoted; /* stands in double quotes, or is quoted text: no fields, no globs of it */
    bool single; /* quoted text of '...', $'...' or a backslash (a here-document's delimiter counts it) */
    enum part_op op;
    bool colon;
    bool declared; /* a PART_TILDE that is one only where its command declares variables (export a=~), else text */
    const char *text; /* of PART_TEXT its bytes, of PART_VARIABLE the name ("x", "1", "@", "?") */
    size_t n;
    struct word *argument, *second; /* NULL where there is none (which is not the same as an empty one) */
    struct node *tree;
};

struct word {
    struct word *next;
    struct part *parts; /* NULL: an empty word ("" has a quoted part with n of 0) */
    bool plain; /* one PART_TEXT, unquoted and without * ? [: is its own only field */
};

enum redirect_type {
    REDIRECT_IN,        /* < */
    REDIRECT_OUT,       /* > */
    REDIRECT_CLOBBER,   /* >| */
    REDIRECT_APPEND,    /* >> */
    REDIRECT_BOTH,      /* <> */
    REDIRECT_DUP_IN,    /* <& */
    REDIRECT_DUP_OUT,   /* >& */
    REDIRECT_OUT_ERROR, /* &> and >&FILE; where FILE must be expanded first, >& is REDIRECT_DUP_OUT */
    REDIRECT_HERE,      /* << and <<-: `target` is the body; quoted parts where the delimiter was quoted */
};

struct redirect {
    struct redirect *next;
    enum redirect_type type;
    int fd;
    struct word *target;
};

struct assignment {
    struct assignment *next;
    const char *name;
    size_t n_name;
    struct word *value; /* never NULL; tildes after = and : are parts of it */
};

struct case_item {
    struct case_item *next;
    struct word *patterns; /* a list */
    struct node *body;     /* NULL: nothing */
};

enum node_type {
    NODE_COMMAND,    /* assignments, words */
    NODE_PIPE,       /* list: the stages, by `next` */
    NODE_NOT,        /* first */
    NODE_AND,        /* first && second */
    NODE_OR,         /* first || second */
    NODE_SEQUENCE,   /* first ; second */
    NODE_BACKGROUND, /* first & */
    NODE_SUBSHELL,   /* ( first ) */
    NODE_GROUP,      /* { first } with redirections */
    NODE_IF,         /* first, then second, else third (an elif is an if in third) */
    NODE_WHILE,      /* first, second */
    NODE_UNTIL,
    NODE_FOR,        /* name in words do first; words_given false: "$@" */
    NODE_CASE,       /* subject, items */
    NODE_FUNCTION,   /* name() first */
};

struct node {
    enum node_type type;
    uint32_t line;     /* that its first word ends in, from 1 */
    struct node *next; /* the next stage of a pipe */
    struct node *first, *second, *third;
    struct redirect *redirects; /* of any command, in order */
    struct assignment *assignments;
    struct word *words;
    bool words_given;
    const char *name; /* of a function or a loop's variable */
    struct word *subject;
    struct case_item *items;
};

/* Appends the command as ash would show it in a job's line. */
void node_text(const struct node *n, struct text *to);
