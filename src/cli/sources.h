#pragma once
/* Rows of sources, for `teiten sources` and `teiten host`. */
#include "cli/ask.h"

/* Asks and shows; a table without rows is left out. 0, or an exit code and said why. */
int must_check sources_show(struct ask *ask, size_t *ret_n);
