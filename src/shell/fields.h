#pragma once
/*
 * The fields that an expansion makes: text comes in piece by piece, quoted or not, is parted where
 * IFS says so, and what has unquoted * ? [ in it becomes the paths that it matches. For expand.c
 * alone.
 */
#include "shell/glob.h"
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a byte does in a value that is parted. */
enum ifs_kind { IFS_NOT, IFS_BLANK, IFS_PARTS };

struct ifs {
    uint8_t kind[256];
};

/* Of NULL: the usual one. */
void ifs_set(struct ifs *ifs, const char *value);

struct fields {
    struct memory *memory;
    bool paths;          /* are matched at all */
    struct text text;    /* of the field in the making */
    bool begun;          /* there is one: it has text, or something quoted */
    bool after_blank;    /* a blank of IFS has ended the last: what parts, next, belongs to that */
    bool opened, magic;  /* it has an unquoted [; * or ?, or a ] behind the [ */
    struct span *quoted; /* what of its text was quoted, in order */
    size_t n_quoted, room_quoted;

    char **done; /* NULL-ended */
    size_t n, room;
    struct pending *pending; /* fields of this word, from the first on that is a pattern */
    size_t n_pending, room_pending, next_pending;
    struct glob *glob; /* of the next of them */
};

void fields_release(struct fields *f);
void fields_plain(struct fields *f, const char *s,
                  size_t n); /* as it stands in the script: not parted */
void fields_quoted(struct fields *f, const char *s, size_t n);
void fields_parted(struct fields *f, const struct ifs *ifs, const char *s, size_t n);
void fields_begin_value(struct fields *f); /* before a value that is parted */
void fields_blank(struct fields *f);       /* between the parameters of $@: as a blank of IFS */
void fields_break(struct fields *f);       /* between those of "$@" */
void fields_end(struct fields *f);         /* at the end of a word: the last one, if there is one */
void fields_add(struct fields *f, const char *s, size_t n); /* a whole one */
/* A whole word of one value; false: it is to be parted, or is a pattern, and nothing was done. */
bool fields_add_value(struct fields *f, const struct ifs *ifs, const char *s, size_t n);

struct fields_place {
    struct vfs *vfs;
    vfs_ino cwd;
    struct vfs_who who;
};
/* Matches the paths of the word that has ended; true: all is done. */
bool fields_match(struct fields *f, const struct fields_place *place, int64_t *steps);

/* Adds text to a pattern, what has a meaning there behind a backslash. */
void pattern_add_quoted(struct text *to, const char *s, size_t n);
