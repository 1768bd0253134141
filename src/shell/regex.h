#pragma once
/*
 * Regular expressions as glibc's regcomp() and regexec() have them (POSIX basic and extended with
 * the GNU extensions \w \W \s \S \b \B \< \> \` \' \+ \? \| and back-references), leftmost and
 * longest, but bounded: matching takes time in proportion to expression times text, memory in
 * proportion to the expression. A search that takes some ten million steps all the same (a long
 * text under a long expression, back-references) is given up. Bytes, not characters.
 *
 * The rules: POSIX.1-2017, Base Definitions, chapter 9.
 */
#include "base/err.h"
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct regex;

enum regex_flags {
    REGEX_EXTENDED = 1,
    REGEX_ICASE = 2,
    REGEX_NEWLINE = 4, /* . and [^x] do not match \n; ^ and $ match beside it */
    /* GNU grep's dialect (RE_SYNTAX_GREP and _EGREP): ^ and $ match beside \n; . and [^x] match it */
    REGEX_GREP = 8,
};

/* That are told, the whole match among them; more may be in the expression. */
enum { REGEX_GROUPS = 10 };

/* A span of the text; start is -1 where the group took no part. */
struct regex_span {
    int64_t start, end;
};

/* Compiles n bytes (a NUL among them is a character). Owned by m. NULL with *ret_why, which is what
 * regerror() of glibc says ("Unmatched [, [^, [:, [., or [="), where it is none. */
struct regex *regex_make(struct memory *m, const char *s, size_t n, unsigned flags,
                         const char **ret_why);
void regex_free(struct memory *m, struct regex *r);
size_t regex_groups(const struct regex *r); /* without the whole match, as re_nsub */

enum regex_verdict { REGEX_MATCH, REGEX_NONE, REGEX_TOO_MUCH };

/* Looks from `from` on in the n bytes at s; what lies before it is context (for ^ \b \<), and
 * not_bol says that even 0 is no beginning of a line. spans may be NULL. *work, where given, grows
 * by the steps taken. */
enum regex_verdict regex_search(struct regex *r, struct memory *m, const char *s, size_t n,
                                size_t from, bool not_bol, struct regex_span spans[REGEX_GROUPS],
                                uint64_t *work);
