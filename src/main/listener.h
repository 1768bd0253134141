#pragma once
/*
 * Sockets that wait for visitors at one address and port, and share them by their network, a /24 or of IPv6 a /64: a visitor
 * always meets the same one, and so the same worker, as long as their number is the same.
 */
#include "main/request.h"

/* v->n sockets, close-on-exec and non-blocking, the caller's. 0 or -errno (-EADDRINUSE: somebody else is there); then none
 * is open. */
int must_check listener_make(const struct request_listen *v, int *ret_fd);
