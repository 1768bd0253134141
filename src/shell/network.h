#pragma once
/*
 * The interfaces and routes that a session sees: its device's, until it changes them; then a copy
 * of its own, charged to its account. The device's are never changed.
 */
#include "base/err.h"
#include "shell/machine.h"
#include "shell/memory.h"

enum { NETWORK_MOST = 64 }; /* interfaces of a session, and routes */

struct network {
    struct memory *memory;
    size_t n_interfaces, n_routes;
    struct machine_interface *interfaces[NETWORK_MOST];
    struct machine_route *routes[NETWORK_MOST];
    struct machine_socket *sockets; /* NULL: the machine's */
    size_t n_sockets;
};

struct shell_identity;

/* Whether the one device has a network of its own: addresses, MACs, a visitor. NULL is fine. */
bool network_differs(const struct shell_identity *id);
/* A copy of the machine's as that device has it (NULL: as it is), of m's memory. */
struct network *network_make(struct memory *m, const struct machine *machine,
                             const struct shell_identity *id);
/* A text of the machine's, as of /proc/net/arp, with the addresses and MACs of that device's network
 * in the place of the machine's; columns stay where they are. */
void network_say(const struct machine *machine, const struct shell_identity *id, struct text *to,
                 const char *s);
/* The i-th, or NULL past the last; n may be NULL, for the device's. A further address of an
 * interface has a place of its own, under the same name or as NAME:LABEL. */
const struct machine_interface *network_interface(const struct machine *machine,
                                                  const struct network *n, size_t i);
const struct machine_route *network_route(const struct machine *machine, const struct network *n,
                                          size_t i);
const struct machine_socket *network_socket(const struct machine *machine, const struct network *n,
                                            size_t i);
/* A further address: it has no counts and no flags of its own. */
bool network_is_further(const struct machine *machine, const struct network *n, size_t i);
/* Puts a copy of x in the place of the i-th, or behind the last; x NULL takes the i-th away. 0, or
 * -ENOBUFS. */
int must_check network_set(struct network *n, size_t i, const struct machine_interface *x);
/* Among the others as the kernel lists them. 0, or -ENOBUFS. */
int must_check network_add_route(struct network *n, const struct machine_route *r);
void network_drop_route(struct network *n, size_t i);

/* "192.0.2.1" as a number; false: it is none. */
bool network_address(const char *s, uint32_t *ret);
