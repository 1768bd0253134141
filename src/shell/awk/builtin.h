#pragma once
/*
 * The functions that awk has.
 */
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
enum awk_builtin {
    B_AND, B_ATAN2, B_CLOSE, B_COMPL, B_COS, B_EXP, B_FFLUSH, B_GENSUB, B_GSUB, B_INDEX, B_INT, B_LENGTH,
    B_LOG, B_LSHIFT, B_MATCH, B_MKTIME, B_OR, B_RAND, B_RSHIFT, B_SIN, B_SPLIT, B_SPRINTF, B_SQRT, B_SRAND,
    B_STRFTIME, B_SUB, B_SUBSTR, B_SYSTEM, B_SYSTIME, B_TOLOWER, B_TOUPPER, B_XOR,
};
/* clang-format on */

enum { BUILTIN_ANY = 255 };

struct builtin {
    const char *name;
    uint8_t least, most; /* arguments; BUILTIN_ANY: the rest is not looked at */
    uint8_t regex;       /* which argument may be a regular expression, from 1 on; 0: none */
};

extern const struct builtin awk_builtins[];
int awk_builtin_find(const char *name, size_t n); /* -1: there is none */
