#pragma once
/*
 * One frame to what is counted: link layer, IP with extension headers, transport, kind, mark.
 *
 * Kinds are defined by the table in packet/kinds.c, each beside the filter that a stranger can check it
 * with. kinds_init() comes first. Decoding never fails: what cannot be read is of kind malformed, with its
 * reason.
 */
#include "base/addr.h"
#include "event/service.h"
#include "packet/reader.h"

struct own_addresses;
struct own_flows;
struct nat;
struct p0f;

/* What decoding needs to know of the sensor; borrowed, all fields may be zero. */
struct decoder {
    const struct own_addresses *own; /* the sensor's addresses; NULL: every destination is ours */
    struct own_flows *own_flows;     /* what our side opened; needs `own` */
    const struct nat *nat;           /* private to public addresses */
    struct p0f *p0f;                 /* labels for TCP SYNs */
    const uint8_t *label_number;     /* of p0f's labels, in heads; from 1 */
    const uint16_t *udp_answering;   /* UDP ports that the trap answers from: no flows of ours */
    size_t udp_answering_n;
};

/* One packet, decoded. */
struct packet {
    uint32_t head;     /* event/service.h */
    uint8_t family;    /* 4, 6; 0 where there are no addresses */
    uint16_t length;   /* the IP packet's length on the wire */
    union {
        struct {
            uint32_t source, destination; /* host order */
        } v4;
        struct {
            uint8_t source[16], destination[16];
        } v6;
    };
};

void decode(const struct decoder *d, const struct frame *f, struct packet *ret);
/* The same without the short cut for the common packet; for tests. */
void decode_general(const struct decoder *d, const struct frame *f, struct packet *ret);
/* Whether decode() knows this LINKTYPE_. */
bool decode_knows_link(uint32_t link);
