#pragma once
/*
 * Who answers at claimed addresses: a program that the kernel asks (BPF sk_lookup) before it looks for a listener by itself,
 * and after it has looked for a connection that stands. The rules are memory that is shared with the kernel: what is written
 * there holds at once.
 *
 * Of a claimed address, an open TCP port (trap/ports.h) is given to the trap's listener, 53413/UDP to its socket, and every
 * other datagram to a socket that swallows it, so that no error message leaves us; a TCP port that is not open is refused, or,
 * where the device is one that stays silent, given to a listener that hears nothing.
 * Ports that are excepted are the kernel's, as if nothing were claimed. At an address that is the host's own, so are those in
 * `left_out` and TCP ports that are not open.
 *
 * Any number of addresses takes the same memory.
 */
#include "trap/ports.h"

enum {
    CLAIM_PREFIXES = 64,
    CLAIM_OWN = 64,
    CLAIM_EXCEPTS = 64,
};

/* An address as two numbers; of IPv4 the first is CLAIM_V4, which no address of IPv6 begins with. */
#define CLAIM_V4 UINT64_MAX
struct claim_place {
    uint64_t hi, lo;
};

struct claim_rules {
    uint64_t key[3];             /* trap/ports.h */
    uint32_t prefixes;           /* 0: nothing is claimed */
    uint32_t owns;               /* addresses of the host's own that are claimed */
    uint32_t excepts;
    uint32_t all_own;            /* there are more than CLAIM_OWN: every claimed address is treated so */
    struct claim_prefix {
        struct claim_place at, mask;
    } prefix[CLAIM_PREFIXES];
    struct claim_place own[CLAIM_OWN];
    struct claim_except {
        struct claim_place at;
        uint64_t port;
    } except[CLAIM_EXCEPTS];
    uint8_t except_port[PORTS_BITMAP]; /* at every address */
    uint8_t left_out[2][PORTS_BITMAP]; /* TCP, UDP */
    uint8_t persona_of_class[PORTS_CLASSES];
    uint8_t silent[PORTS_PERSONAS];    /* 1: a TCP port that is not open answers nothing */
    uint8_t persona[PORTS_PERSONAS][PORTS_BITMAP];
    uint8_t extra[PORTS_EXTRAS][PORTS_BITMAP];
};

/* Sockets that answer, by the place in the program's table. */
enum claim_socket { CLAIM_TCP4, CLAIM_TCP6, CLAIM_UDP4, CLAIM_UDP6, CLAIM_SINK4, CLAIM_SINK6, CLAIM_MUTE4, CLAIM_MUTE6, CLAIM_SOCKETS };

struct claim_lookup {
    struct claim_rules *rules; /* mapped */
    int table, sockets, program;
    int link;                  /* the program is asked as long as it is open */
};

struct claim_place claim_place_of(const struct addr *a);
static inline bool claim_has(const struct claim_prefix *p, const struct claim_place *a)
{
    return (a->hi & p->mask.hi) == p->at.hi && (a->lo & p->mask.lo) == p->at.lo;
}
static inline void claim_set_port(uint8_t bitmap[static PORTS_BITMAP], uint16_t port)
{
    bitmap[port / 8] = (uint8_t)(bitmap[port / 8] | 1u << port % 8);
}

/* Asked for in a network namespace (a descriptor of it) from now on; nothing is claimed yet. 0 or -errno; the log, which may be
 * NULL, gets what the kernel finds wrong. */
int must_check claim_lookup_make(struct claim_lookup *ret, int netns, char *log, uint32_t log_room);
void claim_lookup_release(struct claim_lookup *l);
/* A socket that answers, one of those that share its port. The table keeps it only as long as it is open elsewhere. */
int must_check claim_lookup_give(struct claim_lookup *l, enum claim_socket at, int fd);
