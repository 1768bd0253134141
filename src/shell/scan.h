#pragma once
/*
 * ${x#pattern} and its like, and ${x/pattern/text}: what of a value a pattern matches, in pieces of
 * some steps, in time proportional to pattern times value (of / to its square where matches are
 * long).
 *
 * The value of "$@" has a NUL between its parameters, which no pattern matches over; as in ash,
 * what matches up to a NUL from the left counts as matching all that follows, too, and %% knows of
 * the first alone.
 */
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_what {
    SCAN_LEFT,
    SCAN_LEFT_MOST,
    SCAN_RIGHT,
    SCAN_RIGHT_MOST,
    SCAN_REPLACE,
    SCAN_REPLACE_ALL
};

struct scan;

/* Value and pattern are copied; with (of replacing) is borrowed until scan_free(). */
struct scan *scan_make(struct memory *m, enum scan_what what, const char *value, size_t n,
                       const char *pattern, size_t n_pattern, const char *with, size_t n_with);
void scan_free(struct scan *s); /* NULL is fine */
/* true: it is through. Does some work even where there are no steps. */
bool scan_run(struct scan *s, int64_t *steps);
/* The result, borrowed from it. */
const char *scan_result(const struct scan *s, size_t *ret_n);
