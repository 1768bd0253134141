#pragma once
/*
 * teiten-dial as it is started: it waits for orders (main/dialler.h), and is one dial for each. What waits reads nothing of a
 * stranger's.
 */
#include "base/err.h"

/* Descriptor 3 is where orders come from: two sockets each. Returns in a child of its own for each order, which has them as
 * FD_CHANNEL and FD_HAND (main/fds.h). 0; -EPIPE: whoever gave orders is gone; -errno. */
int must_check dial_wait_for_order(void);
