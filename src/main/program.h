#pragma once
/*
 * Teiten's private programs: found and opened while that is still permitted, started later by fork and exec
 * with exactly the descriptors that they are to have.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct program {
    const char *name; /* "teiten-sense" */
    int fd;           /* of the file; owned; -1: not open */
};

/* Looks beside teiten itself, so that a build folder needs no installation, then in its libexec folder. 0;
 * -ENOENT; -errno. */
int must_check program_open(struct program *ret, const char *name);
void program_close(struct program *p);

enum { PROGRAM_FDS = 80 };

/*
 * Starts it with fd[0..n) (borrowed, at most PROGRAM_FDS) as its descriptors 3 and on, and none else but
 * standard input, output and error; of the environment with the few words that are its own (program.c), and deaf
 * to SIGINT, SIGTERM and SIGHUP. `with_rights`: it inherits what rights we have; else the kernel's rules hold. 0 or
 * -errno.
 */
int must_check program_start(const struct program *p, const int *fd, size_t n, bool with_rights,
                             pid_t *ret);
