#pragma once
/*
 * The link layer: from a frame to its IP packet. Inlined into the decoder, which runs it a packet.
 */
#include "event/service.h"
#include "packet/reader.h"

#include <string.h>

enum {
    LINK_NULL = 0,       /* BSD loopback: address family in the capturing host's order */
    LINK_ETHERNET = 1,
    LINK_RAW_BSD = 12,   /* raw IP, as some systems number it */
    LINK_RAW_OPENBSD = 14,
    LINK_RAW = 101,
    LINK_LOOP = 108,     /* the same as LINK_NULL, in network order */
    LINK_LINUX_SLL = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_LINUX_SLL2 = 276,
};

enum { ETHER_IPV4 = 0x0800, ETHER_IPV6 = 0x86dd, ETHER_VLAN = 0x8100, ETHER_QINQ = 0x88a8,
       ETHER_QINQ_OLD = 0x9100, LINK_TAGS = 4 };

static inline uint16_t load_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t load_be32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v);
}

/* Moves *p past the VLAN tags (IEEE 802.1Q 9.6, at most LINK_TAGS) that follow an EtherType. */
static inline enum malformed link_tags(const uint8_t **p, const uint8_t *end, uint16_t type)
{
    for (int tags = 0; type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_OLD; tags++) {
        if (end - *p < 4)
            return MALFORMED_LINK;
        if (tags == LINK_TAGS)
            return MALFORMED_NOT_IP;
        type = load_be16(*p + 2);
        *p += 4;
    }
    return type == ETHER_IPV4 || type == ETHER_IPV6 ? MALFORMED_NONE : MALFORMED_NOT_IP;
}

/* A header of fixed size with its EtherType at an offset. */
static inline enum malformed link_fixed(const uint8_t **p, const uint8_t *end, int size, int type_at)
{
    if (end - *p < size)
        return MALFORMED_LINK;
    uint16_t type = load_be16(*p + type_at);
    *p += size;
    if (type == ETHER_IPV4 || type == ETHER_IPV6)
        return MALFORMED_NONE;
    return link_tags(p, end, type);
}

/* Moves *p to the IP header of a frame; a reason where there is none. */
static inline enum malformed link_strip(const struct frame *f, const uint8_t **p)
{
    const uint8_t *end = f->data + f->caplen;
    *p = f->data;
    switch (f->link) {
    case LINK_ETHERNET:
        return link_fixed(p, end, 14, 12);
    case LINK_LINUX_SLL:
        return link_fixed(p, end, 16, 14);
    case LINK_LINUX_SLL2:
        return link_fixed(p, end, 20, 0);
    case LINK_NULL:
    case LINK_LOOP: /* the version nibble tells the family, whatever its number on that system */
        if (end - *p < 4)
            return MALFORMED_LINK;
        *p += 4;
        return MALFORMED_NONE;
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6:
        return MALFORMED_NONE;
    default:
        return MALFORMED_NOT_IP;
    }
}
