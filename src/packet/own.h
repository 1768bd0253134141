#pragma once
/*
 * What the sensor itself sends, so that the answers to it are never counted as accesses.
 *
 * Addresses: the sensor's own prefixes, prepared for a look-up a packet, and the private to public
 * addresses of a 1:1 NAT. Flows: a capped table of flows that our side opened (TCP SYN, UDP datagram,
 * ICMP echo request), each forgotten after OWN_FLOW_SECONDS without traffic; when the table is full the
 * least recently used of eight slots gives way, so hostile traffic cannot grow it.
 */
#include "base/addr.h"
#include "event/service.h"

enum { OWN_FLOW_SECONDS = 300, OWN_FLOW_SLOTS = 1 << 16 };

struct own_addresses;

/* Copies the list. 0 or -ENOMEM. An empty list gives NULL in *ret. */
int must_check own_addresses_make(struct own_addresses **ret, const struct prefix_list *list);
void own_addresses_free(struct own_addresses *o);
bool own_has_v4(const struct own_addresses *o, uint32_t address);
bool own_has_v6(const struct own_addresses *o, const uint8_t address[static 16]);

struct nat {
    const struct nat_pair *pair;
    size_t n;
};
/* The public address of ours, or the address itself. */
uint32_t nat_public(const struct nat *nat, uint32_t address);

struct own_tuple {
    uint8_t ours[16], theirs[16]; /* IPv4 in the first four bytes, the rest zero */
    uint16_t our_port, their_port; /* ICMP echo: the identifier, and 0 */
    uint8_t family, proto;         /* enum proto */
    uint8_t pad[2];                /* zero: tuples compare as bytes */
};

struct own_flows;
int must_check own_flows_make(struct own_flows **ret, uint64_t seed);
void own_flows_free(struct own_flows *o);
size_t own_flows_used(const struct own_flows *o);
/* We sent this: open the flow, or keep it open. `now` in seconds. */
void own_flows_open(struct own_flows *o, const struct own_tuple *t, int64_t now);
/* Whether a packet from them to us belongs to an open flow; if so it stays open. */
bool own_flows_has(struct own_flows *o, const struct own_tuple *t, int64_t now);
