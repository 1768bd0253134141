#pragma once
/*
 * Sockets that wait for visitors at one address and port, and share them by source: a visitor always meets the same one,
 * and so the same worker, as long as their number is the same. Of IPv6 the source is its /64.
 */
#include "main/request.h"

/* v->n sockets, close-on-exec and non-blocking, the caller's. 0 or -errno (-EADDRINUSE: somebody else is there); then none
 * is open. */
int must_check listener_make(const struct request_listen *v, int *ret_fd);
