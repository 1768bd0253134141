#pragma once
/* What ifconfig, ip and route change of the session's interfaces and routes, as the kernel does it.
 */
#include "shell/applets/net.h"
#include "shell/network.h"

/* The interface of a name, NULL: there is none. ret_i may be NULL. */
const struct machine_interface *links_find(struct proc *p, const char *name, size_t *ret_i);
/* "eth0" of "eth0:1". */
const char *links_base(struct proc *p, const char *name);
bool links_has(const struct machine_interface *x, const char *flag);
unsigned links_prefix(const char *mask); /* how many bits are set */
const char *links_mask(struct proc *p, unsigned prefix);
/* By the address's class. */
const char *links_class_mask(struct proc *p, const char *address);
const char *links_broadcast(struct proc *p, const char *address, const char *mask);

/* The functions below change: they end the process where there is no more room. */
void links_put(struct proc *p, size_t i, const struct machine_interface *x);
/* Sets flags and takes others off: words with blanks between them. */
void links_flags(struct proc *p, size_t i, const char *set, const char *clear);
/* With the routes to their networks. An alias that goes down is gone. */
void links_up(struct proc *p, const char *name);
void links_down(struct proc *p, const char *name);
/* The i-th gets this address ("": none), and the route to its network changes with it. */
void links_address(struct proc *p, size_t i, const char *address, const char *mask,
                   const char *broadcast);
/* The i-th address goes: an interface's own, or the whole of a further one. */
void links_drop(struct proc *p, size_t i);

/* `alone`: no other to the same destination with the same metric. 0, -EEXIST, -ENETUNREACH (the
 * gateway is nowhere near), -ENODEV, -ENETDOWN, -ENOBUFS. The interface may be NULL where a gateway
 * tells it; flags are made. */
int must_check links_add_route(struct proc *p, const struct machine_route *r, bool alone);
/* The first route to this destination (mask, gateway and interface may be NULL: any). -ESRCH. */
int must_check links_drop_route(struct proc *p, const struct machine_route *r);
