#include "packet/p0f-internal.h"

#include <string.h>

enum { OPT_EOL, OPT_NOP, OPT_MSS, OPT_SCALE, OPT_SACK_OK, OPT_SACK, OPT_TIME = 8 };
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };
enum { TCP_ECE_CWR = 0xc0, TCP_NS = 1 };
enum { IP_RESERVED = 0x8000, IP_DONT_FRAGMENT = 0x4000, IP_FRAGMENT = 0x3fff };
enum { MAX_SCALE = 14 };

static inline uint16_t be16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap16(v);
}
static inline uint32_t be32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v);
}

/* What stands after the end of options. p0f leaves out the last byte, and signatures are
 * gathered with p0f: so do we. */
static uint32_t trailing(const uint8_t *p, const uint8_t *end)
{
    for (; end - p > 1; p++)
        if (*p)
            return P0F_TRAILING;
    return 0;
}

/* Length of the option at p by its own word; 0 where that cannot be. */
static unsigned stated_length(const uint8_t *p, const uint8_t *end)
{
    if (end - p < 2 || p[1] < 2 || p[1] > end - p)
        return 0;
    if (p[0] == OPT_SACK && (p[1] < 10 || p[1] > 34))
        return 0;
    return p[1];
}

/* The kinds that have one length only. */
static const uint8_t fixed[] = {
    [OPT_MSS] = 4,
    [OPT_SCALE] = 3,
    [OPT_SACK_OK] = 2,
    [OPT_TIME] = 10,
};

/* What the walk over the options gathers; local to it, so that it stays in registers. */
struct options {
    uint32_t quirks;
    uint16_t mss;
    uint8_t scale;
    bool own_time;
};

/* An excessive scale counts even where a later option brings another one. */
static inline void take_scale(struct options *o, const uint8_t *p)
{
    o->scale = p[2];
    o->quirks |= p[2] > MAX_SCALE ? P0F_SCALE_EXCESS : 0;
}

static inline void take_time(struct options *o, const uint8_t *p)
{
    o->own_time = be32(p + 2) != 0;
    o->quirks |= (o->own_time ? 0 : P0F_OWN_TIME_ZERO) | (be32(p + 6) ? P0F_PEER_TIME_SET : 0);
}

/*
 * Takes one option that is neither end nor padding: its length, 0 where the walk must stop. The
 * kinds of fixed size are stepped over by that size even where their length byte says otherwise
 * (p0f does so): the option counts as bad, what follows still counts as an option.
 */
static inline unsigned take_option(struct options *o, const uint8_t *p, const uint8_t *end)
{
    unsigned length = *p < sizeof fixed ? fixed[*p] : 0;
    if (!length) {
        length = stated_length(p, end);
        o->quirks |= length ? 0 : P0F_BAD;
        return length;
    }
    if (length > end - p) {
        o->quirks |= P0F_BAD;
        return 0;
    }
    o->quirks |= p[1] == length ? 0 : P0F_BAD;
    if (*p == OPT_MSS)
        o->mss = be16(p + 2);
    else if (*p == OPT_SCALE)
        take_scale(o, p);
    else if (*p == OPT_TIME)
        take_time(o, p);
    return length;
}

static inline void put_options(struct p0f_shape *s, const struct options *o, unsigned tcp_length)
{
    s->quirks = o->quirks;
    s->mss = o->mss;
    s->scale = o->scale;
    s->own_time = o->own_time;
    s->tcp_length = (uint8_t)tcp_length;
}

bool p0f_shape_options(struct p0f_shape *s, const struct p0f_syn *syn)
{
    const uint8_t *p = syn->tcp + 20;
    ptrdiff_t length = (syn->tcp[12] >> 4) * 4;
    if (length < 20 || length > syn->end - syn->tcp)
        return false;
    const uint8_t *end = syn->tcp + length;
    struct options o = { 0 };

    /* Kinds gather in a register: bytes stored one by one would stall the loads that compare. */
    uint64_t kinds = 0;
    unsigned n = 0, padding = 0;
    s->layout = (struct p0f_layout){ 0 };
    while (p < end) {
        if (n == P0F_OPTIONS) {
            o.quirks |= P0F_BAD;
            break;
        }
        uint8_t kind = *p;
        kinds |= (uint64_t)kind << n % 8 * 8;
        if (++n % 8 == 0) {
            s->layout.kinds[n / 8 - 1] = kinds;
            kinds = 0;
        }
        if (kind == OPT_EOL) {
            padding = (unsigned)(end - p - 1);
            o.quirks |= trailing(p + 1, end);
            break;
        }
        unsigned step = kind == OPT_NOP ? 1 : take_option(&o, p, end);
        if (!step)
            break;
        p += step;
    }
    if (n % 8)
        s->layout.kinds[n / 8] = kinds;
    s->layout.tail = p0f_layout_tail(n, padding);
    put_options(s, &o, (unsigned)length);
    return true;
}

/* Where a frame keeps the offset of this kind's value; NULL for kinds without one. */
static uint8_t *frame_hole(struct p0f_frame *f, unsigned kind)
{
    return kind == OPT_MSS     ? &f->mss
           : kind == OPT_SCALE ? &f->scale
           : kind == OPT_TIME  ? &f->times
                               : NULL;
}

/* One option at offset `at`: its length, 0 where no frame can be made. */
static unsigned frame_option(struct p0f_frame *f, uint8_t *value, uint8_t *mask, unsigned at,
                             unsigned kind)
{
    unsigned length = kind == OPT_NOP ? 1 : kind < sizeof fixed ? fixed[kind] : 0;
    if (!length || at + length > P0F_OPTION_WORDS * 8)
        return 0;
    value[at] = (uint8_t)kind;
    mask[at] = 0xff;
    if (length > 1) {
        value[at + 1] = (uint8_t)length;
        mask[at + 1] = 0xff;
    }
    uint8_t *hole = frame_hole(f, kind);
    if (hole && *hole != P0F_NO_HOLE)
        return 0;
    if (hole)
        *hole = (uint8_t)(at + 2);
    return length;
}

bool p0f_frame_make(struct p0f_frame *f, const struct p0f_layout *layout)
{
    uint8_t value[P0F_OPTION_WORDS * 8] = { 0 }, mask[P0F_OPTION_WORDS * 8] = { 0 };
    unsigned at = 0, n = layout->tail & 0xff, padding = (unsigned)(layout->tail >> 8);
    *f = (struct p0f_frame){ .mss = P0F_NO_HOLE, .scale = P0F_NO_HOLE, .times = P0F_NO_HOLE };
    for (unsigned i = 0; i < n; i++) {
        unsigned kind = layout->kinds[i / 8] >> i % 8 * 8 & 0xff;
        if (kind == OPT_EOL) { /* it and what follows are zero, but for the last byte: trailing() */
            if (padding + 1 > sizeof mask - at)
                return false;
            memset(mask + at, 0xff, padding ? padding : 1);
            at += padding + 1;
            break;
        }
        unsigned length = frame_option(f, value, mask, at, kind);
        if (!length)
            return false;
        at += length;
    }
    memcpy(f->value, value, sizeof value);
    memcpy(f->mask, mask, sizeof mask);
    f->length = (uint8_t)at;
    return at > 0 && at % 4 == 0;
}

static inline bool frame_fits(const struct p0f_frame *f, const uint8_t *options)
{
    unsigned whole = f->length / 8;
    uint64_t wrong = 0, word;
    for (unsigned i = 0; i < whole; i++) {
        memcpy(&word, options + 8 * i, sizeof word);
        wrong |= (word ^ f->value[i]) & f->mask[i];
    }
    if (f->length % 8) {
        uint32_t half, value, mask;
        memcpy(&half, options + 8 * whole, sizeof half);
        memcpy(&value, &f->value[whole], sizeof value);
        memcpy(&mask, &f->mask[whole], sizeof mask);
        wrong |= (half ^ value) & mask;
    }
    return !wrong;
}

const struct p0f_frame *p0f_shape_frame(struct p0f_shape *s, const struct p0f_syn *syn,
                                        const struct p0f_frame *frames, unsigned n)
{
    const uint8_t *options = syn->tcp + 20;
    for (const struct p0f_frame *f = frames; f < frames + n; f++) {
        if (!frame_fits(f, options))
            continue;
        struct options o = { 0 };
        if (f->mss != P0F_NO_HOLE)
            o.mss = be16(options + f->mss);
        if (f->scale != P0F_NO_HOLE)
            take_scale(&o, options + f->scale - 2);
        if (f->times != P0F_NO_HOLE)
            take_time(&o, options + f->times - 2);
        put_options(s, &o, 20U + f->length);
        return f;
    }
    return NULL;
}

static inline bool shape_ip4(struct p0f_shape *s, const struct p0f_syn *syn, uint32_t *quirks)
{
    const uint8_t *ip = syn->ip;
    unsigned fragment = be16(ip + 6), id = be16(ip + 4);
    ptrdiff_t length = syn->tcp - ip;
    if (length < 20 || length > 60 || fragment & IP_FRAGMENT)
        return false;
    s->olen = (uint8_t)(length - 20);
    s->ttl = ip[8];
    *quirks |= ip[1] & 3 ? P0F_ECN : 0;
    *quirks |= fragment & IP_RESERVED ? P0F_MUST_BE_ZERO : 0;
    if (fragment & IP_DONT_FRAGMENT)
        *quirks |= P0F_DF | (id ? P0F_ID_SET : 0);
    else
        *quirks |= id ? 0 : P0F_ID_ZERO;
    return true;
}

static inline bool shape_ip6(struct p0f_shape *s, const struct p0f_syn *syn, uint32_t *quirks)
{
    const uint8_t *ip = syn->ip;
    ptrdiff_t length = syn->tcp - ip;
    if (length < 40 || length > 40 + UINT8_MAX)
        return false;
    uint32_t first = be32(ip);
    s->olen = (uint8_t)(length - 40);
    s->ttl = ip[7];
    *quirks |= first >> 20 & 3 ? P0F_ECN : 0;
    *quirks |= first & 0xfffff ? P0F_FLOW : 0;
    return true;
}

bool p0f_shape_headers(struct p0f_shape *s, const struct p0f_syn *syn)
{
    const uint8_t *tcp = syn->tcp;
    uint8_t flags = tcp[13];
    uint32_t quirks = 0; /* not in *s, which tcp might alias: each step would go through memory */
    if ((flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) != TCP_SYN)
        return false;
    if (!(syn->version == 4 ? shape_ip4(s, syn, &quirks) : shape_ip6(s, syn, &quirks)))
        return false;
    quirks |= flags & TCP_ECE_CWR || tcp[12] & TCP_NS ? P0F_ECN : 0;
    quirks |= be32(tcp + 4) ? 0 : P0F_SEQ_ZERO;
    /* As the README has it; p0f 3.09 sees only odd first bytes: half of NMap's random numbers. */
    quirks |= be32(tcp + 8) ? P0F_ACK_SET : 0;
    quirks |= flags & TCP_PSH ? P0F_PUSH_FLAG : 0;
    if (flags & TCP_URG)
        quirks |= P0F_URGENT_FLAG;
    else
        quirks |= be16(tcp + 18) ? P0F_URGENT_POINTER : 0;
    s->window = be16(tcp + 14);
    s->payload = syn->payload != 0;
    s->v6 = syn->version != 4;
    s->quirks |= quirks;
    return true;
}

/*
 * Systems size their window by the MSS or MTU they know, which is not always the one in this SYN:
 * it may be without the timestamp's 12 bytes, or Ethernet's while something on the way lowered the
 * MSS. The candidates and their order are those that p0f shows when it prints a signature.
 */
enum p0f_window p0f_shape_window(const struct p0f_shape *s, unsigned *ret_multiplier)
{
    enum { LEAST_MSS = 100, ETHERNET = 1500, TIME = 12 };
    unsigned mss = s->mss, headers = (s->v6 ? 40U : 20U) + s->tcp_length + s->olen;
    const struct {
        unsigned size;
        enum p0f_window type;
    } candidates[] = {
        { mss, P0F_WINDOW_MSS },
        { s->own_time ? mss - TIME : 0, P0F_WINDOW_MSS },
        { ETHERNET - 40, P0F_WINDOW_MSS },
        { ETHERNET - 40 - TIME, P0F_WINDOW_MSS },
        { s->v6 ? ETHERNET - 60 : 0, P0F_WINDOW_MSS },
        { s->v6 ? ETHERNET - 60 - TIME : 0, P0F_WINDOW_MSS },
        { mss + 40, P0F_WINDOW_MTU },
        { mss + headers, P0F_WINDOW_MTU },
        { s->v6 ? mss + 60 : 0, P0F_WINDOW_MTU },
        { ETHERNET, P0F_WINDOW_MTU },
    };
    *ret_multiplier = 0;
    if (!s->window || mss < LEAST_MSS)
        return P0F_WINDOW_IS;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        unsigned size = candidates[i].size;
        if (size && s->window % size == 0) {
            *ret_multiplier = s->window / size;
            return candidates[i].type;
        }
    }
    return P0F_WINDOW_IS;
}
