#pragma once
/*
 * Which of several rings a packet goes to: a classic BPF program for PACKET_FANOUT_CBPF, whose answer the
 * kernel takes modulo the number of rings.
 *
 * One source meets one ring, so that no ring sees half of what a scanner does; of IPv6 the source is its
 * /64. What we send goes by its destination, and an ICMP error by the destination of the packet that it
 * quotes: so what we sent, the answers and the complaints meet in one ring, which can tell them from
 * accesses. Sent by us is what leaves this host, and what has a source of ours (a mirror port). Other
 * protocols than IP go to ring 0, and so does what is cut short.
 */
#include "base/addr.h"

#include <linux/filter.h>

enum {
    STEER_OWN = 64, /* prefixes that are looked at, for each costs time a packet; the rest count as foreign */
    STEER_OPS = 1024,
};

struct steering {
    struct sock_filter op[STEER_OPS];
    unsigned short n;
};

/* For frames of that link type: 1 (Ethernet, with up to three VLAN tags left in) or 101 (bare IP). The key
 * is to be random, so that nobody can choose sources that all meet one ring. */
void steer_build(struct steering *ret, uint32_t link, const struct prefix_list *own, uint64_t key);
