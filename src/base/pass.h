#pragma once
/*
 * A descriptor handed to another of our processes, over a SOCK_SEQPACKET pair: one message a word of status, and with
 * status 0 one descriptor riding on it. Neither side trusts the other: whatever else comes is closed, and is -EPROTO.
 */
#include "base/err.h"

/* status: 0 with fd (borrowed) >= 0, or -errno with fd -1. 0; -EPIPE; -errno. */
int must_check pass_send(int socket, int status, int fd);
/* Waits, where the socket blocks. 0 with *ret_status, and *ret_fd (close-on-exec, the caller's, -1 where the status is none);
 * -EAGAIN; -EPIPE: the other side is gone; -EPROTO; -errno. */
int must_check pass_receive(int socket, int *ret_status, int *ret_fd);
