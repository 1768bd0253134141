#pragma once
/*
 * A worker: a private program of ours with a record channel to it.
 */
#include "base/channel.h"
#include "base/err.h"
#include "main/program.h"

struct worker {
    pid_t pid; /* 0: none */
    struct channel channel;
};

/* Starts it with a channel as its descriptor 3 and `fd[0..n)` (borrowed) as 4 and on. 0 or -errno. */
int must_check worker_start(struct worker *w, const struct program *p, const int *fd, size_t n);
/* Closes the channel and waits for the end, but not for longer than `patience` milliseconds: then it is made to
 * end. Its wait status, 0 where it exited with 0. */
int worker_end(struct worker *w, int patience);
/* The same, but does not wait for what it still has to say. */
int worker_kill(struct worker *w);
/* Whether it was ended by a SIGKILL, which no worker can send itself. */
bool worker_was_killed(int status);
/* Words for a wait status, such as "Bad system call"; static storage or the C library's. */
const char *worker_status_text(int status);
