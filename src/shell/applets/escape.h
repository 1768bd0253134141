#pragma once
/* Backslashes in the words of echo and printf. */
#include <stdbool.h>

/* Reads what stands behind a backslash: its byte into *ret, and where it goes on; a backslash
 * itself, and s, where it is no escape. `zero`: the octal digits may stand behind a 0 of their own
 * (\0101). */
const char *escape_read(const char *s, bool zero, char *ret);
