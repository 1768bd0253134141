#pragma once
/* What a confined program must not be able to do, and some of what it must: each tried by its name. */

enum { ATTEMPT_UNKNOWN = 250 };

/* 0 where it worked, else the errno it failed with, or ATTEMPT_UNKNOWN. Where it is forbidden, no return. */
int attempt(const char *name);
/* Every name, one a line, to standard output. */
void attempts_list(void);
