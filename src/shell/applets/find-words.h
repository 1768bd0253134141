#pragma once
/* find's words: the tests and options that they name (find-names.c), and how they hang together
 * (find-words.c). */
#include "shell/applets/find.h"

struct find_words {
    struct proc *p;
    struct find *f;
    char **at;
    unsigned depth; /* of parentheses */
};

enum find_primary { FIND_TEST, FIND_OPTION };

/* The test or option at w->at, which passes over its words; of a test in *ret. */
enum find_primary find_primary(struct find_words *w, struct find_test *ret);
