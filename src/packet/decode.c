#include "packet/decode.h"

#include "packet/kinds.h"
#include "packet/link.h"
#include "packet/own.h"
#include "packet/p0f.h"

enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ICMP6 = 58 };
enum { ZMAP_ID = 54321, ZMAP_WINDOW = 65535 };

/* One IP packet on its way through the decoder. */
struct layer {
    const struct decoder *d;
    const uint8_t *ip, *payload; /* IP header, transport header */
    const uint8_t *end;          /* of what may be read: captured, and inside the IP packet */
    uint32_t cut;                /* bytes of the IP packet that were not captured */
    int64_t sec;
    struct packet *out;
};

static void set_head(struct layer *l, enum proto proto, uint16_t port, enum kind kind)
{
    l->out->head = head_make(proto, port, kind, 0, 0);
}

static void set_malformed(struct packet *out, enum malformed reason)
{
    out->head = head_make(PROTO_OTHER, (uint16_t)reason, KIND_MALFORMED, 0, 0);
}

/* The flow that a packet to us would belong to, had we opened it. */
static struct own_tuple tuple_to_us(const struct packet *p, enum proto proto, uint16_t their_port,
                                    uint16_t our_port)
{
    struct own_tuple t = { .family = p->family,
                           .proto = (uint8_t)proto,
                           .our_port = our_port,
                           .their_port = their_port };
    if (p->family == 4) {
        memcpy(t.ours, &p->v4.destination, 4);
        memcpy(t.theirs, &p->v4.source, 4);
    } else {
        memcpy(t.ours, p->v6.destination, 16);
        memcpy(t.theirs, p->v6.source, 16);
    }
    return t;
}

static struct own_tuple tuple_from_us(const struct packet *p, enum proto proto, uint16_t our_port,
                                      uint16_t their_port)
{
    struct own_tuple t = tuple_to_us(p, proto, their_port, our_port);
    uint8_t theirs[16];
    memcpy(theirs, t.ours, 16);
    memcpy(t.ours, t.theirs, 16);
    memcpy(t.theirs, theirs, 16);
    return t;
}

static bool is_solicited(const struct layer *l, enum proto proto, uint16_t their_port,
                         uint16_t our_port)
{
    if (!l->d->own_flows || own_flows_used(l->d->own_flows) == 0)
        return false;
    struct own_tuple t = tuple_to_us(l->out, proto, their_port, our_port);
    return own_flows_has(l->d->own_flows, &t, l->sec);
}

/* Marks of the tools that send a TCP SYN. An address is compared as its owner's visitors know it. Sums
 * rather than branches: which tool sent the next packet is not to be foretold. Words of 32 bits: gcc
 * spills short ones short and loads them whole, which waits until all stores before it are through. */
static unsigned syn_tools(const struct decoder *d, uint32_t destination, unsigned id, const uint8_t *tcp,
                          unsigned window)
{
    if (d->nat)
        destination = nat_public(d->nat, destination);
    uint32_t seq = load_be32(tcp + 4), port = load_be32(tcp) & 0xffff;
    return (unsigned)(seq == destination) * MARK_MIRAI +
           (unsigned)((id == ZMAP_ID) & (window == ZMAP_WINDOW)) * MARK_ZMAP +
           (unsigned)(((id ^ destination ^ port ^ seq) & 0xffff) == 0) * MARK_MASSCAN;
}

static unsigned layer_tools(const struct layer *l)
{
    if (l->out->family != 4)
        return 0;
    uint16_t window = l->end - l->payload >= 16 ? load_be16(l->payload + 14) : 0;
    return syn_tools(l->d, l->out->v4.destination, load_be16(l->ip + 4), l->payload, window);
}

static unsigned syn_label(const struct layer *l)
{
    const uint8_t *tcp = l->payload;
    uint32_t header = (uint32_t)(tcp[12] >> 4) * 4;
    if (!l->d->p0f || l->end - tcp < 20 || header < 20)
        return 0;
    uint32_t whole = (uint32_t)(l->end - tcp) + l->cut;
    struct p0f_syn syn = { .ip = l->ip,
                           .tcp = tcp,
                           .end = l->end,
                           .payload = whole > header ? whole - header : 0,
                           .version = l->out->family };
    unsigned label = p0f_match(l->d->p0f, &syn);
    return label ? l->d->label_number[label - 1] : 0;
}

static void decode_tcp(struct layer *l)
{
    const uint8_t *tcp = l->payload;
    if (l->end - tcp < 14) {
        set_malformed(l->out, MALFORMED_TCP_SHORT);
        return;
    }
    uint16_t source = load_be16(tcp), destination = load_be16(tcp + 2);
    enum kind kind = tcp_kinds[tcp[13]];
    if (kind == KIND_ACCESS) {
        l->out->head = head_make(PROTO_TCP, destination, kind, layer_tools(l), syn_label(l));
        return;
    }
    if (is_solicited(l, PROTO_TCP, source, destination))
        kind = KIND_SOLICITED;
    set_head(l, PROTO_TCP, kind == KIND_OTHER ? destination : source, kind);
}

static void decode_udp(struct layer *l)
{
    const uint8_t *udp = l->payload;
    if (l->end - udp < 8) {
        set_malformed(l->out, MALFORMED_UDP_SHORT);
        return;
    }
    uint16_t source = load_be16(udp), destination = load_be16(udp + 2);
    if (is_solicited(l, PROTO_UDP, source, destination))
        set_head(l, PROTO_UDP, source, KIND_SOLICITED);
    else if (udp_is_reply(source, destination, udp + 8, (size_t)(l->end - udp - 8)))
        set_head(l, PROTO_UDP, source, KIND_BACKSCATTER);
    else
        set_head(l, PROTO_UDP, destination, KIND_ACCESS);
}

/* Whether an ICMP error quotes (RFC 792, RFC 4443 2.4) a packet of a flow that our side opened. */
static bool quotes_our_flow(const struct layer *l)
{
    if (!l->d->own_flows || own_flows_used(l->d->own_flows) == 0 || l->end - l->payload < 8)
        return false;
    const uint8_t *ip = l->payload + 8;
    struct packet quoted = { .family = l->out->family };
    const uint8_t *transport;
    uint8_t protocol;
    if (quoted.family == 4) {
        if (l->end - ip < 20 || l->end - ip < (ip[0] & 15) * 4 + 8)
            return false;
        transport = ip + (ip[0] & 15) * 4;
        protocol = ip[9];
        quoted.v4.source = load_be32(ip + 12);
        quoted.v4.destination = load_be32(ip + 16);
    } else {
        if (l->end - ip < 48)
            return false;
        transport = ip + 40;
        protocol = ip[6];
        memcpy(quoted.v6.source, ip + 8, 16);
        memcpy(quoted.v6.destination, ip + 24, 16);
    }
    struct own_tuple t;
    if (protocol == IP_TCP || protocol == IP_UDP)
        t = tuple_from_us(&quoted, protocol == IP_TCP ? PROTO_TCP : PROTO_UDP,
                          load_be16(transport), load_be16(transport + 2));
    else if (protocol == IP_ICMP || protocol == IP_ICMP6)
        t = tuple_from_us(&quoted, protocol == IP_ICMP ? PROTO_ICMP : PROTO_ICMP6,
                          load_be16(transport + 4), 0);
    else
        return false;
    return own_flows_has(l->d->own_flows, &t, l->sec);
}

static void decode_icmp(struct layer *l, enum proto proto)
{
    const uint8_t *icmp = l->payload;
    if (l->end - icmp < 2) {
        set_malformed(l->out, MALFORMED_ICMP_SHORT);
        return;
    }
    enum kind kind = proto == PROTO_ICMP ? icmp_kinds[icmp[0]] : icmp6_kinds[icmp[0]];
    uint8_t echo_reply = proto == PROTO_ICMP ? 0 : 129;
    if (kind == KIND_BACKSCATTER) {
        bool ours = icmp[0] == echo_reply
                        ? l->end - icmp >= 6 && is_solicited(l, proto, 0, load_be16(icmp + 4))
                        : quotes_our_flow(l);
        if (ours)
            kind = KIND_SOLICITED;
    }
    set_head(l, proto, load_be16(icmp), kind);
}

static void decode_transport(struct layer *l, uint8_t protocol)
{
    switch (protocol) {
    case IP_TCP:
        decode_tcp(l);
        break;
    case IP_UDP:
        decode_udp(l);
        break;
    case IP_ICMP:
    case IP_ICMP6:
        if ((protocol == IP_ICMP) == (l->out->family == 4)) {
            decode_icmp(l, protocol == IP_ICMP ? PROTO_ICMP : PROTO_ICMP6);
            break;
        }
        /* fall through */
    default:
        set_head(l, PROTO_OTHER, protocol, KIND_OTHER);
    }
}

static bool is_answering_port(const struct decoder *d, uint16_t port)
{
    for (size_t i = 0; i < d->udp_answering_n; i++)
        if (d->udp_answering[i] == port)
            return true;
    return false;
}

/* A packet that our side sent: it is only tallied, and what opens a flow is remembered. */
static void decode_ours(struct layer *l, uint8_t protocol)
{
    set_head(l, PROTO_OTHER, 0, KIND_OURS);
    const uint8_t *p = l->payload;
    struct own_tuple t;
    if (!l->d->own_flows || l->end - p < 8)
        return;
    if (protocol == IP_TCP && l->end - p >= 14 && tcp_kinds[p[13]] == KIND_ACCESS)
        t = tuple_from_us(l->out, PROTO_TCP, load_be16(p), load_be16(p + 2));
    else if (protocol == IP_UDP && !is_answering_port(l->d, load_be16(p)))
        t = tuple_from_us(l->out, PROTO_UDP, load_be16(p), load_be16(p + 2));
    else if (protocol == IP_ICMP && p[0] == 8)
        t = tuple_from_us(l->out, PROTO_ICMP, load_be16(p + 4), 0);
    else if (protocol == IP_ICMP6 && p[0] == 128)
        t = tuple_from_us(l->out, PROTO_ICMP6, load_be16(p + 4), 0);
    else
        return;
    own_flows_open(l->d->own_flows, &t, l->sec);
}

enum direction { TO_US, FROM_US, PASSING };

static enum direction direction_of(const struct layer *l)
{
    const struct own_addresses *own = l->d->own;
    const struct packet *p = l->out;
    if (!own)
        return TO_US;
    if (p->family == 4 ? own_has_v4(own, p->v4.source) : own_has_v6(own, p->v6.source))
        return FROM_US;
    bool to_us =
        p->family == 4 ? own_has_v4(own, p->v4.destination) : own_has_v6(own, p->v6.destination);
    return to_us ? TO_US : PASSING;
}

/* The payload, whichever way it goes; a later fragment has no transport header. */
static void decode_payload(struct layer *l, uint8_t protocol, bool later_fragment)
{
    switch (direction_of(l)) {
    case TO_US:
        if (later_fragment)
            set_head(l, PROTO_OTHER, protocol, KIND_OTHER);
        else
            decode_transport(l, protocol);
        break;
    case FROM_US:
        decode_ours(l, later_fragment ? 255 : protocol);
        break;
    case PASSING:
        set_head(l, PROTO_OTHER, 0, KIND_FOREIGN);
        break;
    }
}

/* The end of what may be read of an IP packet of `length` bytes (0: not said, as with segmentation
 * offload), and how much of it the capture cut off. */
static void limit(struct layer *l, uint32_t length, uint32_t captured)
{
    if (length == 0 || length > UINT16_MAX)
        length = captured > UINT16_MAX ? UINT16_MAX : captured;
    l->out->length = (uint16_t)length;
    if (length < captured)
        l->end = l->ip + length;
    else
        l->cut = length - captured;
}

/* RFC 791 3.1 */
static void decode_ipv4(struct layer *l)
{
    const uint8_t *ip = l->ip;
    uint32_t captured = (uint32_t)(l->end - ip), header = (uint32_t)(ip[0] & 15) * 4;
    if (header < 20) {
        set_malformed(l->out, MALFORMED_IP_HEADER);
        return;
    }
    if (captured < header) {
        set_malformed(l->out, MALFORMED_IP_SHORT);
        return;
    }
    uint32_t length = load_be16(ip + 2);
    if (length && length < header) {
        set_malformed(l->out, MALFORMED_IP_LENGTH);
        return;
    }
    l->out->family = 4;
    l->out->v4.source = load_be32(ip + 12);
    l->out->v4.destination = load_be32(ip + 16);
    l->payload = ip + header;
    limit(l, length, captured);
    decode_payload(l, ip[9], (load_be16(ip + 6) & 0x1fff) != 0);
}

enum { EXTENSIONS = 16 };

/* RFC 8200 4, RFC 4302 2.2: walks to the transport header. */
static enum malformed skip_extensions(struct layer *l, uint8_t *next, bool *ret_later_fragment)
{
    for (int n = 0; n < EXTENSIONS; n++) {
        uint32_t left = (uint32_t)(l->end - l->payload), size;
        switch (*next) {
        case 0:   /* hop-by-hop */
        case 43:  /* routing */
        case 60:  /* destination options */
        case 135: /* mobility, RFC 6275 6.1 */
        case 139: /* host identity, RFC 7401 5.1 */
        case 140: /* shim6, RFC 5533 5.1 */
            size = left < 2 ? 0 : (l->payload[1] + 1u) * 8;
            break;
        case 44: /* fragment */
            size = 8;
            break;
        case 51: /* authentication */
            size = left < 2 ? 0 : (l->payload[1] + 2u) * 4;
            break;
        default:
            return MALFORMED_NONE;
        }
        if (size == 0 || size > left)
            return MALFORMED_EXTENSION;
        bool later = *next == 44 && (load_be16(l->payload + 2) & 0xfff8) != 0;
        *next = l->payload[0];
        l->payload += size;
        if (later) {
            *ret_later_fragment = true;
            return MALFORMED_NONE;
        }
    }
    return MALFORMED_EXTENSION;
}

/* RFC 8200 3 */
static void decode_ipv6(struct layer *l)
{
    const uint8_t *ip = l->ip;
    uint32_t captured = (uint32_t)(l->end - ip);
    if (captured < 40) {
        set_malformed(l->out, MALFORMED_IP_SHORT);
        return;
    }
    uint32_t length = load_be16(ip + 4);
    l->out->family = 6;
    memcpy(l->out->v6.source, ip + 8, 16);
    memcpy(l->out->v6.destination, ip + 24, 16);
    l->payload = ip + 40;
    limit(l, length ? length + 40 : 0, captured);
    uint8_t next = ip[6];
    bool later_fragment = false;
    enum malformed bad = skip_extensions(l, &next, &later_fragment);
    if (bad)
        set_malformed(l->out, bad);
    else
        decode_payload(l, next, later_fragment);
}

void decode_general(const struct decoder *d, const struct frame *f, struct packet *ret)
{
    struct layer l = { .d = d, .end = f->data + f->caplen, .sec = f->sec, .out = ret };
    ret->family = 0;
    ret->length = (uint16_t)(f->len > UINT16_MAX ? UINT16_MAX : f->len);
    enum malformed bad = link_strip(f, &l.ip);
    if (bad) {
        set_malformed(ret, bad);
        return;
    }
    ptrdiff_t left = l.end - l.ip;
    if (left < 1) {
        set_malformed(ret, MALFORMED_IP_SHORT);
    } else if (l.ip[0] >> 4 == 4) {
        if (left < 20)
            set_malformed(ret, MALFORMED_IP_SHORT);
        else
            decode_ipv4(&l);
    } else if (l.ip[0] >> 4 == 6) {
        decode_ipv6(&l);
    } else {
        set_malformed(ret, MALFORMED_VERSION);
    }
}

enum { ETHER_SIZE = 14, PLAIN_SIZE = ETHER_SIZE + 20 + 20 };

/*
 * Most of what comes in is a whole TCP packet without IP options or fragments in an Ethernet frame. This is
 * decode_general() for those alone, in a third of the time; the tests hold the two against each other. False:
 * not such a packet, or one that our own flows have a say in.
 */
static inline bool decode_plain_tcp(const struct decoder *d, const struct frame *f, struct packet *ret)
{
    const uint8_t *ip = f->data + ETHER_SIZE, *tcp = ip + 20;
    if (f->link != LINK_ETHERNET || f->caplen < PLAIN_SIZE || load_be16(ip - 2) != ETHER_IPV4 ||
        ip[0] != 0x45 || ip[9] != IP_TCP || (load_be16(ip + 6) & 0x3fff) != 0)
        return false;
    uint32_t length = load_be16(ip + 2), source = load_be32(ip + 12), destination = load_be32(ip + 16);
    if (length < 40 || length > f->caplen - ETHER_SIZE)
        return false;
    enum kind kind = tcp_kinds[tcp[13]];
    if (d->own && (kind != KIND_ACCESS || !own_has_v4(d->own, destination) ||
                   own_has_v4(d->own, source)))
        return false;
    ret->family = 4;
    ret->length = (uint16_t)length;
    ret->v4.source = source;
    ret->v4.destination = destination;
    uint32_t ports = load_be32(tcp), port = kind == KIND_BACKSCATTER ? ports >> 16 : ports & 0xffff;
    unsigned tools = 0, label = 0;
    if (kind == KIND_ACCESS) {
        tools = syn_tools(d, destination, load_be32(ip + 4) >> 16, tcp, load_be32(tcp + 12) & 0xffff);
        if (d->p0f) {
            struct layer l = { .d = d, .ip = ip, .payload = tcp, .end = ip + length, .out = ret };
            label = syn_label(&l);
        }
    }
    ret->head = head_make(PROTO_TCP, (uint16_t)port, kind, tools, label);
    return true;
}

void decode(const struct decoder *d, const struct frame *f, struct packet *ret)
{
    if (!decode_plain_tcp(d, f, ret))
        decode_general(d, f, ret);
}

bool decode_knows_link(uint32_t link)
{
    switch (link) {
    case LINK_NULL:
    case LINK_ETHERNET:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_RAW:
    case LINK_LOOP:
    case LINK_LINUX_SLL:
    case LINK_IPV4:
    case LINK_IPV6:
    case LINK_LINUX_SLL2:
        return true;
    default:
        return false;
    }
}
