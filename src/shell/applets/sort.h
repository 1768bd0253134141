#pragma once
/* How sort compares two lines: keys in order, then the lines themselves. */
#include "shell/memory.h"

#include <stdbool.h>
#include <stdint.h>

enum sort_flags {
    SORT_NUMBER = 1,
    SORT_GENERAL = 2,
    SORT_MONTH = 4,
    SORT_VERSION = 8,
    SORT_FOLD = 16,
    SORT_DICTIONARY = 32,
    SORT_PRINTABLE = 64,
    SORT_BLANKS = 128, /* leading ones are ignored */
    SORT_REVERSE = 256,
};

/* Fields and characters count from 1; 0: not given. */
struct sort_key {
    uint32_t field, character;
    uint32_t end_field, end_character;
    unsigned flags;
};

struct sort_order {
    struct sort_key *keys;
    size_t n;
    unsigned flags; /* of keys without any of their own, and of the lines */
    char separator; /* '\0': runs of blanks */
    bool stable;    /* lines are not compared themselves */
    bool unknown;   /* set where lines were to be compared in two ways at once */
    struct text left, right; /* scratch */
};

/* By keys alone. Lines end with a NUL. *ret_reverse: whether the last key that was looked at is a reverse one. */
int sort_by_keys(struct sort_order *o, const char *a, const char *b, unsigned *ret_reverse);
int sort_lines(struct sort_order *o, const char *a, const char *b, unsigned *ret_reverse);
