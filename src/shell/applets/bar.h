#pragma once
/* BusyBox's progress bar, at its end. */
#include "shell/proc.h"

#include <stddef.h>

/* On standard error: the last part of name, and that all of the n bytes have come. */
void bar_end(struct proc *p, const char *name, size_t n);
