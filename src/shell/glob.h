#pragma once
/*
 * Paths that a pattern matches (POSIX.1-2017, Shell and Utilities, 2.13.3): in pieces of some
 * steps, without recursion, sorted by bytes. A leading dot is matched by a dot alone; what cannot
 * be read matches nothing.
 */
#include "shell/memory.h"
#include "shell/vfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct glob;

/* The pattern is copied. All is m's. */
struct glob *glob_make(struct memory *m, struct vfs *v, vfs_ino cwd, struct vfs_who who,
                       const char *pattern, size_t n);
void glob_free(struct glob *g); /* NULL is fine; with the paths that were not taken */
/* true: it is through. *steps falls by the entries read; at 0 or below it returns after one. */
bool glob_run(struct glob *g, int64_t *steps);
/* The paths, sorted, *ret_n of them, NULL where there are none; the caller's from here on (each a
 * block, and the array). */
char **glob_take(struct glob *g, size_t *ret_n);
