#pragma once
/*
 * Runs of printable characters: of ASCII, and of UTF-16 (little endian) that says no more than ASCII.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct found_string {
    const char *text; /* not NUL-ended; borrowed for the call */
    size_t n;
    uint64_t at;      /* where it begins */
    bool alone;       /* a NUL, or an end, stands before and behind it: it is a string, and not some of code */
};

/* Each of at least `least` characters; take() gives 0 to go on. 0, or what take() gave. Of UTF-16 the first 4096 of a run. */
int strings_each(const void *data, size_t n, size_t least, int (*take)(void *context, const struct found_string *s), void *context);
int strings_each_wide(const void *data, size_t n, size_t least, int (*take)(void *context, const struct found_string *s), void *context);
