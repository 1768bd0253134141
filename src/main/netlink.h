#pragma once
/*
 * What the kernel is asked, and told, of routes, addresses and sockets. Descriptors are sockets of netlink, which speak to the
 * kernel and to nobody else.
 */
#include "base/addr.h"

/* Of NETLINK_ROUTE or NETLINK_SOCK_DIAG, close-on-exec, the caller's; -errno. */
int must_check netlink_open(int protocol);

/* The rest of the calls: 0 or -errno. */

/* Up, and no address comes to be there by itself. */
int must_check netlink_interface(int route, unsigned interface);
/* Every address of the prefix is one of ours. -EEXIST: there is a route of the prefix already, which stays. */
int must_check netlink_claim(int route, const struct prefix *p, unsigned interface);
/* The host's addresses. */
int must_check netlink_addresses(int route, void (*each)(void *context, const struct addr *a), void *context);
/* Ports where TCP listens, and those of all sockets of UDP, at whatever address. */
int must_check netlink_listeners(int diag, void (*each)(void *context, bool tcp, uint16_t port), void *context);
