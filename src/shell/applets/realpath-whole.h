#pragma once
/* The path without links and dots. Its last part may be missing where it stands behind a slash or a
 * link leads to it. 0 or -errno. */
#include "shell/proc.h"

int must_check path_whole(struct proc *p, const char *path, char **ret);
