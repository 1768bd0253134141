#pragma once
/* The insides of an expansion: expand.c walks words, expand-value.c makes values of parameters. */
#include "shell/expand.h"
#include "shell/fields.h"
#include "shell/scan.h"

/* What happens when a word is through that stands inside another. */
enum doing {
    DO_NOTHING, /* ${x-word}: it went where the whole goes */
    DO_ASSIGN,
    DO_ERROR,
    DO_CUT,
    DO_SLICE_FROM,
    DO_SLICE_COUNT,
    DO_REPLACE,
    DO_REPLACE_WITH,
    DO_ARITH,
};

enum collect {
    COLLECT_NOT,     /* goes where the one around goes; of the outermost: to the fields */
    COLLECT_TEXT,    /* one text */
    COLLECT_PATTERN, /* one pattern: what is quoted has backslashes */
};

/* A word that is being expanded; above it, words that stand in it. */
struct level {
    const struct part *next;  /* to be done */
    const struct part *owner; /* whose word it is; NULL of the outermost */
    enum doing doing;
    enum collect collect;
    bool quoted;       /* double quotes are around all of it */
    bool value_quoted; /* they are around its owner */
    bool parted;       /* its unquoted text is parted by IFS, as values are */
    struct text text;  /* collected */
    struct text first; /* of the owner's first word, where there are two */
    int64_t from;
    struct scan *scan;
};

struct expansion {
    struct memory *memory;
    struct expand_scope scope;
    const struct word *word; /* that is next */
    enum expand_how how;
    bool in_word, matching, done;
    bool assigns; /* the word is an assignment: its declared tildes are tildes */
    const struct part *waits; /* for the output of its tree */
    bool waits_quoted;
    struct level *levels; /* first_levels, until they are too few */
    size_t n_levels, room_levels;
    struct level first_levels[2];
    struct fields fields;
    struct ifs ifs; /* as it was for the last value */
    int64_t debt;   /* steps that are still to be paid */
    bool failed;
    char *error; /* NULL: it was said */
};

static inline struct level *expand_top(struct expansion *x)
{
    return &x->levels[x->n_levels - 1];
}

/* expand.c */
struct level *expand_push(struct expansion *x, const struct part *owner, const struct word *word,
                          enum doing doing, enum collect collect);
void expand_fail(struct expansion *x, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts text to where the topmost level's goes; parted: by IFS, if it is not quoted. */
void expand_put(struct expansion *x, const char *s, size_t n, bool quoted, bool parted);
/* Before a value that is parted: reads IFS, so that what the scope lends must be asked for
 * afterwards. */
void expand_ready(struct expansion *x, bool quoted);
void expand_put_value(struct expansion *x, const char *s, size_t n,
                      bool quoted);    /* both; s is not the scope's */
void expand_mark(struct expansion *x); /* something quoted is here, though it may be empty */
/* Where the topmost level's text is collected; NULL: it goes to the fields. */
struct level *expand_sink(struct expansion *x);

/* expand-value.c */
void expand_variable(struct expansion *x, const struct part *p, bool quoted);
/* A variable that is a word by itself: makes its field. false: it is not so simple, and nothing was
 * done. */
bool expand_simple_variable(struct expansion *x, const struct part *p, bool many);
void expand_arith(struct expansion *x, const char *s, bool quoted); /* s ends with a NUL */
/* The topmost level's word is through: what it was for. false: it has another word to come, or
 * work. */
bool expand_finish_level(struct expansion *x, int64_t *steps);
