#pragma once
/*
 * Shell patterns (case, ${x#...}, globs, find -name): fnmatch() of glibc, bounded: time in proportion
 * to pattern times text. POSIX.1-2017, Shell and Utilities, 2.13.
 */
#include <stdbool.h>
#include <stddef.h>

enum pattern_flags {
    PATTERN_PATHNAME = 1, /* no * ? [ matches a slash */
    PATTERN_PERIOD = 2,   /* a leading dot is matched by a dot alone */
    PATTERN_NOESCAPE = 4, /* a backslash is a character */
    PATTERN_ICASE = 8,
};

bool pattern_match(const char *pattern, size_t n_pattern, const char *s, size_t n, unsigned flags);
/* The element at the beginning of a pattern (n > 0, no star) against one byte; how long it is. For those who
 * match piece by piece; flags are those of 0. */
size_t pattern_one(const char *pattern, size_t n, unsigned char c, bool *ret_matches);
/* Whether it has an unescaped * ? or [ at all. */
bool pattern_is(const char *pattern, size_t n);
