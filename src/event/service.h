#pragma once
/*
 * What a packet is counted as: its service (protocol and port), its kind and its mark, packed into one
 * 32-bit head. Heads sort by (protocol, port, kind, mark); a flow's key is its head, then its source.
 *
 *   31..29 protocol   28..13 port   12..10 kind   9..7 tool marks   6..0 p0f label
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proto {
    PROTO_TCP,
    PROTO_UDP,
    PROTO_ICMP,  /* port is type * 256 + code */
    PROTO_ICMP6, /* the same */
    PROTO_OTHER, /* port is the IP protocol number; for malformed packets the reason */
    PROTOS,
};

enum kind {
    KIND_ACCESS,      /* opens something at a sensor address */
    KIND_BACKSCATTER, /* answers something we never sent; its port is the source port */
    KIND_SOLICITED,   /* answers what this host itself sent: tallied without its port */
    KIND_OTHER,       /* neither opens nor answers */
    KIND_MALFORMED,   /* cannot be read as far as its port; says why */
    KIND_OURS,        /* sent by a sensor address */
    KIND_FOREIGN,     /* neither from nor to a sensor address */
    KINDS,
};

/* Why a packet is malformed (the port of a malformed head) */
enum malformed {
    MALFORMED_NONE,
    MALFORMED_LINK,       /* the frame ends inside its link header */
    MALFORMED_NOT_IP,     /* the frame carries no IP: ARP, spanning tree... */
    MALFORMED_VERSION,    /* the IP version is neither 4 nor 6 */
    MALFORMED_IP_SHORT,   /* the frame ends inside its IP header */
    MALFORMED_IP_HEADER,  /* the header length is below 20 */
    MALFORMED_IP_LENGTH,  /* the total length ends inside the headers */
    MALFORMED_EXTENSION,  /* an IPv6 extension header runs past the packet, or too many follow */
    MALFORMED_TCP_SHORT,  /* ends before the TCP flags */
    MALFORMED_UDP_SHORT,  /* ends inside the UDP header */
    MALFORMED_ICMP_SHORT, /* ends before the ICMP code */
    MALFORMEDS,
};

/* Tool marks: what one packet tells of the program that made it. */
enum {
    MARK_MIRAI = 1,   /* TCP SYN whose sequence number is its destination address */
    MARK_ZMAP = 2,    /* IP id 54321 with window 65535 */
    MARK_MASSCAN = 4, /* IP id is destination ^ port ^ sequence number, 16 bits */
    MARK_TOOLS = 8,
    MARK_LABELS = 128, /* p0f labels, 0 is none; names are facts of the store */
};

static inline uint32_t head_make(enum proto proto, uint16_t port, enum kind kind, unsigned tools,
                                 unsigned label)
{
    return (uint32_t)proto << 29 | (uint32_t)port << 13 | (uint32_t)kind << 10 | tools << 7 | label;
}
static inline enum proto head_proto(uint32_t head)
{
    return (enum proto)(head >> 29);
}
static inline uint16_t head_port(uint32_t head)
{
    return (uint16_t)(head >> 13);
}
static inline enum kind head_kind(uint32_t head)
{
    return (enum kind)(head >> 10 & 7);
}
static inline unsigned head_tools(uint32_t head)
{
    return head >> 7 & 7;
}
static inline unsigned head_label(uint32_t head)
{
    return head & 127;
}
/* The head without its mark: what minute, hour and day totals are kept by. */
static inline uint32_t head_service(uint32_t head)
{
    return head & ~UINT32_C(0x3ff);
}
static inline bool head_valid(uint32_t head)
{
    return head_proto(head) < PROTOS && head_kind(head) < KINDS;
}

const char *proto_name(enum proto proto);     /* "tcp", "udp", "icmp", "icmp6", "other" */
const char *kind_name(enum kind kind);        /* "access", ... */
const char *malformed_name(unsigned reason);  /* "short-tcp", ... */
const char *tool_name(unsigned bit);          /* of one MARK_ bit: "mirai", "zmap", "masscan" */

/* 0, or 1 where the word is none. */
int must_check proto_parse(const char *word, enum proto *ret);
int must_check kind_parse(const char *word, enum kind *ret);

/* "23/tcp", "53413/udp", "23" (TCP), "8/0/icmp" (type, code), "47/other". 0, or 1. */
int must_check service_parse(const char *text, enum proto *ret_proto, uint16_t *ret_port);
