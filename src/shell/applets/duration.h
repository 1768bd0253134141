#pragma once
/* Times as sleep, timeout and watch read them. */
#include "shell/proc.h"

/* "1", ".5", "1.5m" with suffixes s m h d, in microseconds, at most a billion seconds; else
 * "NAME: invalid number 'x'" (of two points the usage) and the end. Without `suffixes` none is taken. */
int64_t duration_read(struct proc *p, const char *s, bool suffixes);
