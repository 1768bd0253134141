#pragma once
/*
 * Who makes teiten-dials. Connecting to others is none of what the supervisor may, nor may anything that it starts: so this is
 * started before it confines itself, and makes one dial after the other, each for one thing that is fetched.
 */
#include "base/channel.h"
#include "main/program.h"

struct dialler {
    pid_t pid; /* 0: none */
    int fd;    /* owned; -1: none (any more) */
};

void dialler_init(struct dialler *d);
int must_check dialler_start(struct dialler *d, const struct program *dial);
/* A dial: its channel (blocking), and the socket that it hands others over by (base/pass.h, non-blocking), the caller's. 0;
 * -EPIPE: there is no dialler (any more); -errno. */
int must_check dialler_ask(struct dialler *d, int *ret_channel, int *ret_hand);
void dialler_end(struct dialler *d);
