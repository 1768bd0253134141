#pragma once
/* Looking for processes. */
#include "shell/proc.h"

enum { FINDS_MOST = 256 };

/* The processes of a name (what stands before their arguments, without its folder), the newest
 * first. */
size_t find_named(struct proc *p, const char *name, uint32_t pids[static FINDS_MOST]);
/* The last part of the path that a command line begins with: *ret_n bytes. */
const char *find_word(const char *command, size_t *ret_n);
