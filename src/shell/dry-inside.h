#pragma once
/*
 * The inside of dry mode: what it knows (dry-value.c), how commands are walked (dry.c), what some
 * do (dry-command.c, dry-text.c) and ask for (dry-fetch.c).
 */
#include "shell/dry.h"
#include "shell/parse.h"

#include <setjmp.h>

enum {
    DRY_VALUES = 8,     /* of one variable */
    DRY_CHOICES = 8,    /* variables of one command that have several */
    DRY_WAYS = 32,      /* that one command is walked in */
    DRY_ITEMS = 64,     /* of a loop's list that are walked */
    DRY_DEEP = 100,     /* commands in commands, in words, in functions, in scripts */
    DRY_TEXT = 1 << 20, /* bytes of one output */
};

struct dry_var {
    struct dry_var *next;
    const char *name;
    const char *values[DRY_VALUES];
    size_t n;
};

struct dry_file {
    struct dry_file *next;
    const char *name; /* the last part of its path */
    struct text content;
};

struct dry_function {
    struct dry_function *next;
    const char *name;
    const struct node *body;
    bool called;
};

struct dry_arena {
    struct dry_arena *next;
    struct arena *arena;
};

struct dry_seen {
    struct dry_seen *next;
    uint64_t hash;
};

/* Which value a variable has in this way of a command. */
struct dry_choice {
    const char *name;
    size_t at, of;
};

struct walk {
    const struct dry *dry;
    struct memory memory;
    struct memory_account account;
    uint64_t steps;
    jmp_buf out;

    struct dry_var *vars;
    struct dry_file *files;
    struct dry_function *functions;
    struct dry_arena *arenas;
    struct dry_seen *seen[256];
    char **arguments; /* $1...; NULL-ended */
    size_t unsure;    /* in branches that may not be taken: what is set adds to what was */
    size_t depth;
    struct dry_choice choices[DRY_CHOICES];
    size_t n_choices;
};

void dry_step(struct walk *w, uint64_t n); /* ends the walk where the steps are used up */
void dry_found(struct walk *w, const struct dry_found *f);

/* Nodes may have been looked at before. in: what is known to come, or NULL. Output is added to out
 * (never NULL). */
void dry_node(struct walk *w, const struct node *n, const struct text *in, struct text *out);
void dry_script(struct walk *w, const char *s, size_t n, const struct text *in, struct text *out);

/* dry-value.c */
struct dry_words {
    char **items; /* NULL-ended */
    size_t n, room;
};
void dry_words_add(struct walk *w, struct dry_words *words, char *word);
void dry_expand(struct walk *w, const struct word *word, struct dry_words *to); /* into words */
char *dry_single(struct walk *w, const struct word *word);                      /* into one */
void dry_set(struct walk *w, const char *name, size_t n, const char *value, bool adds);
const char *dry_get(struct walk *w, const char *name, size_t n); /* NULL: never set */
/* A command is walked in each way that its variables may go. */
void dry_ways_begin(struct walk *w);
bool dry_ways_next(struct walk *w);

struct dry_file *dry_file(struct walk *w, const char *path, bool make); /* NULL: not known */
const char *dry_last_part(const char *path);

/* dry-command.c: one command whose words are known. */
void dry_command(struct walk *w, char **argv, const struct text *in, struct text *out);

/* dry-text.c: what these put out. */
void dry_echo(struct text *to, char **argv);
void dry_printf(struct text *to, char **argv);
void dry_base64(struct text *to, const char *s, size_t n);
void dry_value_of(struct walk *w, const struct part *p, const char *value,
                  struct text *to); /* ${x OP ...} */

/* dry-fetch.c: false: it is no command that goes to the network. */
bool dry_fetch(struct walk *w, char **argv);
void dry_socket(struct walk *w, const char *applet,
                const char *path); /* where it is /dev/tcp/... or /dev/udp/... */
