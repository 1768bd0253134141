#pragma once
/*
 * The table of kinds: which packet is an access, which is backscatter. Each row stands beside a capture
 * filter that selects the same packets, so that a stranger can check our counts with tcpdump.
 */
#include "event/service.h"

/* A row for TCP: the flags under mask equal value. The first row that fits counts. */
struct tcp_rule {
    uint8_t mask, value;
    enum kind kind;
    const char *filter;
};

/* A row for ICMP and ICMPv6: one type. */
struct icmp_rule {
    uint8_t type;
    enum kind kind;
    const char *filter;
};

/*
 * A row for UDP: a datagram from this source port to a port of 1024 and above is a reply (backscatter)
 * where the payload's `size` bytes at `offset`, under mask, equal value; size 0 is any payload. What no
 * row calls a reply is an access.
 */
struct udp_rule {
    uint16_t port;
    uint8_t offset, size;
    uint32_t mask, value;
    const char *filter;
};

extern const struct tcp_rule tcp_rules[];
extern const size_t tcp_rules_n;
extern const struct icmp_rule icmp_rules[], icmp6_rules[];
extern const size_t icmp_rules_n, icmp6_rules_n;
extern const struct udp_rule udp_rules[];
extern const size_t udp_rules_n;

/* Filled from the tables by kinds_init(), which may be called more than once. */
extern uint8_t tcp_kinds[256], icmp_kinds[256], icmp6_kinds[256];
void kinds_init(void);

/* Whether a datagram with these ports and this payload is a reply. */
bool udp_is_reply(uint16_t source, uint16_t destination, const uint8_t *payload, size_t n);
