#pragma once
/*
 * Starting teiten's private programs: fork and exec, with exactly the descriptors they are to have.
 */
#include "base/channel.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct worker {
    pid_t pid; /* 0: none */
    struct channel channel;
};

/*
 * Starts `program` (found beside teiten itself, or in its libexec folder) with a channel as its descriptor
 * 3 and `fd[0..n)` (borrowed) as 4 and on. 0; -ENOENT where the program is missing; -errno.
 */
int must_check worker_start(struct worker *w, const char *program, const int *fd, size_t n);
/* Closes the channel and waits for the end; *ret_clean false where it did not exit with 0. */
void worker_end(struct worker *w, bool *ret_clean);
/* The same, but does not wait for what it still has to say. */
void worker_kill(struct worker *w);
