/*
 * Makes a darknet-like capture for the benchmark: one day over 198.18.0.0/16, in time order, as a
 * plain little-endian microsecond Ethernet pcap. The file is for reading on this machine only;
 * nothing here opens a socket, and its made-up sources are nobody's record of anything.
 *
 *   make-darknet OUT.pcap [--packets N] [--sources N] [--seed N] [--day N] [--host-bits N] [--no-pad]
 *
 * The model. A source has a behaviour (a row of BEHAVIOURS), a number of packets from a shifted
 * Pareto law (ALPHA), a few bursts within the day, its own ports, hop count and TCP habits. Every
 * (time, source) pair becomes one 64-bit key; the keys are sorted, and each packet is then drawn
 * from its key alone, so that the file depends on nothing but the options. Behaviours are dealt out
 * evenly down the ranking of sources, so that the shares of packets hold although a few sources
 * send most of them.
 *
 * At the end it prints what it wrote, counted from the fields that it wrote, and the number of
 * flows (hour, source, protocol, port, kind, tool mark). It shares no code with the parser.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALPHA 1.1
#define DAY_US UINT64_C(86400000000)
#define HOUR_US UINT64_C(3600000000)
#define DAY_START UINT32_C(1767225600) /* 2026-01-01 00:00:00 UTC */
#define NET UINT32_C(0xc6120000)       /* 198.18.0.0/16 */

/* Set by --day and --host-bits. */
static uint32_t day_start = DAY_START, host_mask = 0xffff;

enum {
    SOURCE_BITS = 20, /* of a sort key; the rest is microseconds of the day */
    SOURCES_MAX = 1 << SOURCE_BITS,
    SET_PORTS = 8,
    BURSTS_MAX = 6,
    PORTS = 65536,
    OUT_BYTES = 4 << 20,
    FRAME_MAX = 1024,
    SHARE_CAP = 400, /* no source sends more than one packet in so many */
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };
enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17 };

/* The words of the count, with numbers of their own. */
enum count_kind { COUNT_ACCESS, COUNT_BACKSCATTER, COUNT_OTHER, COUNT_KINDS };
static const char *const COUNT_NAMES[COUNT_KINDS] = { "access", "backscatter", "other" };
enum { TOOL_MIRAI = 1, TOOL_ZMAP = 2, TOOL_MASSCAN = 4 };

/* ------------------------------------------------------------------ behaviours */

enum what { W_SYN, W_ACK, W_SYNACK, W_RST, W_UDP, W_UDP_REPLY, W_ECHO, W_UNREACH };
enum ports { P_NONE, P_TELNET, P_SET, P_WIDE, P_NETIS, P_REFLECT, P_SERVICE };
enum stack { S_BARE, S_MSS, S_LINUX, S_WINDOWS, S_MIRAI, S_ZMAP, S_MASSCAN };

struct behaviour {
    enum what what;
    enum ports ports;
    enum stack stack;
    unsigned share; /* of packets, relative to the others */
};

/* clang-format off */
static const struct behaviour BEHAVIOURS[] = {
    { W_SYN, P_TELNET, S_MIRAI, 140 },
    { W_SYN, P_TELNET, S_LINUX, 10 },
    { W_SYN, P_SET, S_BARE, 95 },
    { W_SYN, P_SET, S_MSS, 40 },
    { W_SYN, P_SET, S_LINUX, 50 },
    { W_SYN, P_SET, S_WINDOWS, 20 },
    { W_SYN, P_SET, S_ZMAP, 20 },
    { W_SYN, P_SET, S_MASSCAN, 20 },
    { W_SYN, P_WIDE, S_BARE, 360 },
    { W_SYN, P_WIDE, S_MSS, 150 },
    { W_SYN, P_WIDE, S_LINUX, 15 },
    { W_SYN, P_WIDE, S_ZMAP, 40 },
    { W_SYN, P_WIDE, S_MASSCAN, 75 },
    { W_ACK, P_SET, S_BARE, 5 },
    { W_UDP, P_NETIS, S_BARE, 11 },
    { W_UDP, P_REFLECT, S_BARE, 35 },
    { W_UDP, P_WIDE, S_BARE, 5 },
    { W_ECHO, P_NONE, S_BARE, 23 },
    { W_SYNACK, P_SERVICE, S_MSS, 62 },
    { W_RST, P_SERVICE, S_BARE, 19 },
    { W_UNREACH, P_NONE, S_BARE, 8 },
    { W_UDP_REPLY, P_REFLECT, S_BARE, 9 },
};
/* clang-format on */
enum { BEHAVIOUR_COUNT = sizeof BEHAVIOURS / sizeof *BEHAVIOURS };

/* The head of the port ranking; all other ports follow in an order drawn from the seed. */
static const uint16_t HEAD_PORTS[] = {
    23,   2323, 445,  80,    8080,  22,    3389,  443,  5555, 8443, 81,    6379,  1433, 8728, 3306,
    5900, 5060, 21,   25,    7547,  37215, 52869, 8081, 8888, 2222, 60023, 34567, 9000, 8000, 5432,
    110,  5038, 1723, 10000, 27017, 9200,  2375,  139,  135,  8291, 88,    82,    83,   7001, 4433,
};
enum { HEAD_COUNT = sizeof HEAD_PORTS / sizeof *HEAD_PORTS };

/* UDP services: bytes of payload asked and answered, and how each begins, which tells them apart.
 */
static const struct reflector {
    uint16_t port, ask, answer;
    uint32_t ask_head, answer_head;
} REFLECTORS[] = {
    { 53, 38, 140, 0x00010100, 0x00018180 },   { 123, 48, 48, 0x23000000, 0x24010000 },
    { 1900, 94, 310, 0x4d2d5345, 0x48545450 }, { 5060, 380, 420, 0x4f505449, 0x5349502f },
    { 389, 39, 500, 0x30250201, 0x3082020a },  { 161, 40, 0, 0x30260201, 0 },
};
enum {
    REFLECTOR_COUNT = sizeof REFLECTORS / sizeof *REFLECTORS,
    ANSWERING_COUNT = REFLECTOR_COUNT - 1, /* an SNMP answer begins as a question does */
};

/* What is attacked with forged sources, and so answers into the darknet. */
static const uint16_t SERVICES[] = { 80, 443, 443, 443, 80, 22, 53, 8080, 25565, 3389, 25, 7777 };
enum { SERVICE_COUNT = sizeof SERVICES / sizeof *SERVICES };

struct source {
    uint32_t address;
    uint16_t ports[SET_PORTS];
    uint16_t port_from; /* its fixed source port, where its tool keeps one */
    uint16_t only;      /* the one address it sends to, where `fixed` */
    uint8_t behaviour, nports, ttl;
    bool fixed;
};

/* ------------------------------------------------------------------ numbers */

static uint64_t mix64(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

struct dice {
    uint64_t state;
};

static uint64_t dice_roll(struct dice *d)
{
    d->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix64(d->state);
}

/* 0..n-1 */
static uint32_t dice_below(struct dice *d, uint32_t n)
{
    return (uint32_t)((dice_roll(d) >> 32) * n >> 32);
}

static double dice_unit(struct dice *d)
{
    return (double)(dice_roll(d) >> 11) * 0x1p-53;
}

static void *must_alloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p) {
        fprintf(stderr, "make-darknet: no memory for %zu items of %zu bytes\n", n, size);
        exit(1);
    }
    return p;
}

/* Least significant digit first, eleven bits a pass; passes in which all keys agree are skipped. */
static void sort_keys(uint64_t *keys, uint64_t *spare, size_t n)
{
    enum { BITS = 11, DIGITS = 1 << BITS };
    uint64_t *from = keys, *to = spare;
    for (unsigned shift = 0; shift < 64; shift += BITS) {
        size_t at[DIGITS] = { 0 };
        for (size_t i = 0; i < n; i++)
            at[from[i] >> shift & (DIGITS - 1)]++;
        if (!n || at[from[0] >> shift & (DIGITS - 1)] == n)
            continue;
        size_t sum = 0;
        for (unsigned d = 0; d < DIGITS; d++) {
            size_t count = at[d];
            at[d] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            to[at[from[i] >> shift & (DIGITS - 1)]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys)
        memcpy(keys, from, n * sizeof *keys);
}

/* ------------------------------------------------------------------ ports by rank */

/* Walker's alias method: one draw from any law in constant time. */
struct ranking {
    uint16_t port[PORTS], alias[PORTS];
    uint32_t keep[PORTS]; /* of 2^32 */
};

static void ranking_order(struct ranking *r, struct dice *d)
{
    bool head[PORTS] = { [0] = true };
    uint32_t n = 0;
    for (; n < HEAD_COUNT; n++) {
        r->port[n] = HEAD_PORTS[n];
        head[HEAD_PORTS[n]] = true;
    }
    for (uint32_t port = 1; port < PORTS; port++)
        if (!head[port])
            r->port[n++] = (uint16_t)port;
    for (uint32_t i = n - 1; i > HEAD_COUNT; i--) {
        uint32_t j = HEAD_COUNT + dice_below(d, i - HEAD_COUNT + 1);
        uint16_t swap = r->port[i];
        r->port[i] = r->port[j];
        r->port[j] = swap;
    }
}

/* Zipf over the 65535 ports: the port of rank k (from 1) has weight 1/k, from the seventh on 1/(k +
 * 3), so that the six at the head stay there whatever the seed. */
static void ranking_init(struct ranking *r, struct dice *d)
{
    enum { N = PORTS - 1 };
    static double weight[N];
    static uint32_t small[N], large[N];
    ranking_order(r, d);
    double sum = 0;
    for (uint32_t i = 0; i < N; i++)
        sum += weight[i] = 1.0 / (i < 6 ? i + 1 : i + 4);
    uint32_t smalls = 0, larges = 0;
    for (uint32_t i = 0; i < N; i++) {
        weight[i] *= N / sum;
        r->keep[i] = UINT32_MAX;
        r->alias[i] = (uint16_t)i;
        if (weight[i] < 1)
            small[smalls++] = i;
        else
            large[larges++] = i;
    }
    while (smalls && larges) {
        uint32_t s = small[--smalls], l = large[larges - 1];
        r->keep[s] = (uint32_t)(weight[s] * 0xffffffff);
        r->alias[s] = (uint16_t)l;
        weight[l] -= 1 - weight[s];
        if (weight[l] < 1) {
            larges--;
            small[smalls++] = l;
        }
    }
}

static uint16_t ranking_draw(const struct ranking *r, struct dice *d)
{
    uint32_t i = dice_below(d, PORTS - 1);
    return r->port[(uint32_t)dice_roll(d) <= r->keep[i] ? i : r->alias[i]];
}

/* ------------------------------------------------------------------ sources */

static uint32_t mix32(uint32_t x)
{
    x = (x ^ x >> 16) * UINT32_C(0x7feb352d);
    x = (x ^ x >> 15) * UINT32_C(0x846ca68b);
    return x ^ x >> 16;
}

/* Sources look like the public Internet: none from the nets that never route, none from our own. */
static bool address_usable(uint32_t a)
{
    uint32_t top = a >> 24;
    return top != 0 && top != 10 && top != 127 && top < 224 && a >> 16 != 0xa9fe &&
           a >> 20 != 0xac1 && a >> 16 != 0xc0a8 && a >> 17 != NET >> 17;
}

/* mix32() is one to one, so that no address comes twice. */
static uint32_t address_next(uint32_t *counter)
{
    uint32_t a;
    do
        a = mix32((*counter)++);
    while (!address_usable(a));
    return a;
}

static uint8_t behaviour_at(double where)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < BEHAVIOUR_COUNT; i++)
        sum += BEHAVIOURS[i].share;
    double left = where * sum;
    for (uint8_t i = 0; i + 1 < BEHAVIOUR_COUNT; i++) {
        left -= BEHAVIOURS[i].share;
        if (left < 0)
            return i;
    }
    return BEHAVIOUR_COUNT - 1;
}

static void source_ports(struct source *s, const struct ranking *ranking, struct dice *d)
{
    static const uint8_t SET_SIZES[] = { 1, 1, 1, 2, 2, 3, 4, 8 };
    s->nports = 1;
    switch (BEHAVIOURS[s->behaviour].ports) {
    case P_SET:
        s->nports = SET_SIZES[dice_below(d, sizeof SET_SIZES)];
        for (unsigned i = 0; i < s->nports; i++)
            s->ports[i] = ranking_draw(ranking, d);
        break;
    case P_REFLECT:
        s->ports[0] = (uint16_t)dice_below(
            d, BEHAVIOURS[s->behaviour].what == W_UDP ? REFLECTOR_COUNT : ANSWERING_COUNT);
        break;
    case P_SERVICE:
        s->ports[0] = SERVICES[dice_below(d, SERVICE_COUNT)];
        break;
    case P_NETIS:
        s->ports[0] = 53413;
        break;
    case P_NONE:
    case P_TELNET:
    case P_WIDE:
        break;
    }
}

static struct source source_make(uint32_t address, double where, const struct ranking *ranking,
                                 struct dice *d)
{
    struct source s = { .address = address, .behaviour = behaviour_at(where) };
    enum stack stack = BEHAVIOURS[s.behaviour].stack;
    uint32_t hops = 5 + dice_below(d, 20);
    uint32_t start = stack == S_WINDOWS ? 128 : stack == S_ZMAP || stack == S_MASSCAN ? 255 : 64;
    if (stack == S_BARE)
        start = (uint32_t[]){ 64, 128, 255 }[dice_below(d, 3)];
    s.ttl = (uint8_t)(start - hops);
    s.port_from = (uint16_t)(1024 + dice_below(d, 64512));
    s.fixed = dice_below(d, 40) == 0;
    s.only = (uint16_t)dice_roll(d);
    source_ports(&s, ranking, d);
    return s;
}

/* Packets of the source of rank i, before the law is scaled to the wanted total. */
static double pareto(size_t i, size_t n)
{
    return pow(((double)i + 0.5) / (double)n, -1 / ALPHA) - 1;
}

/* How many packets each source sends: at least one, heavy-tailed, capped, `packets` in all. */
static void deal_packets(uint32_t *count, size_t sources, uint64_t packets)
{
    double low = 0, high = (double)packets;
    double cap = (double)packets / SHARE_CAP;
    for (int step = 0; step < 60; step++) {
        double scale = (low + high) / 2, sum = 0;
        for (size_t i = 0; i < sources; i++)
            sum += 1 + fmin(cap, scale * pareto(i, sources));
        *(sum < (double)packets ? &low : &high) = scale;
    }
    uint64_t sum = 0;
    double carry = 0;
    for (size_t i = 0; i < sources; i++) {
        double want = 1 + fmin(cap, low * pareto(i, sources)) + carry;
        count[i] = want < 1 ? 1 : (uint32_t)want;
        carry = want - count[i];
        sum += count[i];
    }
    for (size_t i = 0; sum < packets; i = (i + 1) % sources, sum++)
        count[i]++;
    for (size_t i = 0; sum > packets; i = (i + 1) % sources)
        if (count[i] > 1) {
            count[i]--;
            sum--;
        }
}

struct burst {
    uint64_t start, length; /* microseconds */
};

/* Nights are quieter: a start is drawn again where the hour's weight says so. */
static struct burst burst_make(bool attack, struct dice *d)
{
    double at;
    do
        at = dice_unit(d);
    while (dice_unit(d) > 0.75 + 0.25 * sin(2 * M_PI * at));
    double seconds = attack ? 20 * pow(200, dice_unit(d)) : 60 * pow(600, dice_unit(d));
    return (struct burst){ (uint64_t)(at * (double)DAY_US), (uint64_t)(seconds * 1e6) };
}

/* The keys of one source: its packets lie anywhere within its bursts; what passes midnight wraps
 * round. */
static uint64_t *source_times(uint64_t *key, uint32_t number, const struct source *s,
                              uint32_t count, struct dice *d)
{
    enum what what = BEHAVIOURS[s->behaviour].what;
    bool attack = what == W_SYNACK || what == W_RST || what == W_UNREACH || what == W_UDP_REPLY;
    struct burst burst[BURSTS_MAX];
    uint32_t bursts = 1;
    while (bursts < BURSTS_MAX && bursts < count && dice_below(d, 2) == 0)
        bursts++;
    for (uint32_t i = 0; i < bursts; i++)
        burst[i] = burst_make(attack, d);
    if (!attack && count > 2000 && dice_below(d, 3) == 0)
        burst[0] = (struct burst){ 0, DAY_US };
    for (uint32_t i = 0; i < count; i++) {
        const struct burst *b = &burst[dice_below(d, bursts)];
        uint64_t at = b->start + (uint64_t)(dice_unit(d) * (double)b->length);
        *key++ = at % DAY_US << SOURCE_BITS | number;
    }
    return key;
}

/* ------------------------------------------------------------------ frames */

struct put {
    uint8_t *p;
};

static void put8(struct put *w, uint32_t v)
{
    *w->p++ = (uint8_t)v;
}
static void put16(struct put *w, uint32_t v)
{
    put8(w, v >> 8);
    put8(w, v);
}
static void put32(struct put *w, uint32_t v)
{
    uint32_t big = __builtin_bswap32(v);
    memcpy(w->p, &big, sizeof big);
    w->p += sizeof big;
}
static void put_fill(struct put *w, uint8_t byte, size_t n)
{
    memset(w->p, byte, n);
    w->p += n;
}

/* Internet checksum (RFC 1071) of n bytes on top of `sum`. */
static uint16_t checksum(const uint8_t *p, size_t n, uint64_t sum)
{
    for (; n >= 4; p += 4, n -= 4) {
        uint32_t v;
        memcpy(&v, p, sizeof v);
        sum += __builtin_bswap32(v);
    }
    for (; n >= 2; p += 2, n -= 2)
        sum += (uint32_t)p[0] << 8 | p[1];
    if (n)
        sum += (uint32_t)p[0] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void patch16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

/* What was drawn for one packet; the frame and the count are both made from it. */
struct draw {
    uint32_t source, destination, seq, ack;
    uint32_t begins; /* first bytes of the UDP payload, which is never shorter */
    uint16_t from, to, id, window, payload;
    uint8_t protocol, ttl, flags, type, code;
    bool df;
    enum stack stack;
};

static void put_tcp_options(struct put *w, enum stack stack, uint32_t stamp)
{
    switch (stack) {
    case S_MSS:
        put32(w, 0x020405b4);
        break;
    case S_LINUX: /* mss, sackOK, timestamps, nop, wscale 7 */
        put32(w, 0x020405b4);
        put32(w, 0x0402080a);
        put32(w, stamp);
        put32(w, 0);
        put32(w, 0x01030307);
        break;
    case S_WINDOWS: /* mss, nop, wscale 8, nop, nop, sackOK */
        put32(w, 0x020405b4);
        put32(w, 0x01030308);
        put32(w, 0x01010402);
        break;
    case S_BARE:
    case S_MIRAI:
    case S_ZMAP:
    case S_MASSCAN:
        break;
    }
}

static void put_tcp(struct put *w, const struct draw *d)
{
    uint8_t *start = w->p;
    put16(w, d->from);
    put16(w, d->to);
    put32(w, d->seq);
    put32(w, d->ack);
    put16(w, d->flags);
    put16(w, d->window);
    put32(w, 0);
    put_tcp_options(w, d->stack, d->seq ^ d->source);
    start[12] = (uint8_t)((w->p - start) / 4 << 4);
}

static void put_udp(struct put *w, const struct draw *d)
{
    put16(w, d->from);
    put16(w, d->to);
    put16(w, 8U + d->payload);
    put16(w, 0);
    put32(w, d->begins);
    put_fill(w, 'A', d->payload - sizeof d->begins);
}

/* An error quotes the header and eight bytes of what it answers: a packet forged with our address.
 */
static void put_icmp(struct put *w, const struct draw *d)
{
    uint8_t *start = w->p;
    put8(w, d->type);
    put8(w, d->code);
    put16(w, 0);
    put32(w, d->seq);
    if (d->type == 3) {
        uint8_t *quote = w->p;
        put32(w, 0x4500003c);
        put32(w, (uint32_t)d->id << 16);
        put32(w, (uint32_t)d->ttl << 24 | IP_UDP << 16);
        put32(w, d->destination);
        put32(w, d->source);
        patch16(quote + 10, checksum(quote, 20, 0));
        put16(w, d->from);
        put16(w, d->to);
        put32(w, 0x00280000);
    } else {
        put_fill(w, 'a', d->payload);
    }
    patch16(start + 2, checksum(start, (size_t)(w->p - start), 0));
}

static void put_ip(struct put *w, const struct draw *d)
{
    uint8_t *ip = w->p;
    put32(w, 0x45000000);
    put32(w, (uint32_t)d->id << 16 | (d->df ? 0x4000 : 0));
    put32(w, (uint32_t)d->ttl << 24 | (uint32_t)d->protocol << 16);
    put32(w, d->source);
    put32(w, d->destination);
    uint8_t *body = w->p;
    if (d->protocol == IP_TCP)
        put_tcp(w, d);
    else if (d->protocol == IP_UDP)
        put_udp(w, d);
    else
        put_icmp(w, d);
    patch16(ip + 2, (uint16_t)(w->p - ip));
    patch16(ip + 10, checksum(ip, 20, 0));
    if (d->protocol == IP_ICMP)
        return;
    size_t n = (size_t)(w->p - body);
    uint64_t pseudo = (uint64_t)d->source + d->destination + d->protocol + n;
    patch16(body + (d->protocol == IP_TCP ? 16 : 6), checksum(body, n, pseudo));
}

/* The frame with its record header; returns its bytes. The router's and the sensor's MAC are local
 * ones. */
static size_t put_record(uint8_t *out, uint64_t us, const struct draw *d, bool pad)
{
    struct put w = { out + 16 };
    put32(&w, 0x02000000);
    put32(&w, 0x00010200);
    put32(&w, 0x00000002);
    put16(&w, 0x0800);
    put_ip(&w, d);
    size_t n = (size_t)(w.p - out) - 16;
    if (pad && n < 60) {
        put_fill(&w, 0, 60 - n);
        n = 60;
    }
    uint32_t head[4] = { day_start + (uint32_t)(us / 1000000), (uint32_t)(us % 1000000),
                         (uint32_t)n, (uint32_t)n };
    memcpy(out, head, sizeof head);
    return 16 + n;
}

/* ------------------------------------------------------------------ drawing a packet */

static uint16_t draw_port(const struct source *s, const struct ranking *ranking, struct dice *d)
{
    switch (BEHAVIOURS[s->behaviour].ports) {
    case P_TELNET:
        return dice_below(d, 5) ? 23 : 2323;
    case P_WIDE: /* a third by popularity, the rest a walk through all ports */
        return dice_below(d, 3) ? (uint16_t)(1 + dice_below(d, PORTS - 1))
                                : ranking_draw(ranking, d);
    case P_REFLECT:
        return REFLECTORS[s->ports[0]].port;
    case P_SET:
    case P_NETIS:
    case P_SERVICE:
        return s->ports[dice_below(d, s->nports)];
    case P_NONE:
        break;
    }
    return 0;
}

static uint16_t ephemeral(struct dice *d)
{
    return (uint16_t)(32768 + dice_below(d, 28232));
}

static void draw_syn(struct draw *p, const struct source *s, struct dice *d)
{
    static const uint16_t BARE_WINDOWS[] = { 1024, 1024, 65535, 14600, 5840, 29200 };
    p->protocol = IP_TCP;
    p->flags = TCP_SYN;
    p->from = s->port_from;
    p->window = BARE_WINDOWS[s->port_from % (sizeof BARE_WINDOWS / sizeof *BARE_WINDOWS)];
    switch (p->stack) {
    case S_MIRAI:
        p->seq = p->destination;
        p->window = (uint16_t)(s->port_from * 7U);
        break;
    case S_ZMAP:
        p->id = 54321;
        p->window = 65535;
        p->from = ephemeral(d);
        break;
    case S_MASSCAN:
        p->id = (uint16_t)(p->destination ^ p->to ^ p->seq);
        p->window = 1024;
        break;
    case S_LINUX:
        p->df = true;
        p->window = s->port_from & 1 ? 64240 : 29200;
        p->from = ephemeral(d);
        break;
    case S_WINDOWS:
        p->df = true;
        p->window = s->port_from & 1 ? 64240 : 8192;
        p->from = (uint16_t)(49152 + dice_below(d, 16384));
        break;
    case S_MSS:
        p->window = 1024;
        break;
    case S_BARE:
        break;
    }
}

/* An answer to a flood: its source port is the service, its other port the forged one. */
static void draw_answer(struct draw *p, uint8_t flags, struct dice *d)
{
    p->protocol = IP_TCP;
    p->flags = flags;
    p->from = p->to;
    p->to = (uint16_t)(1024 + dice_below(d, 64512));
    p->ack = (uint32_t)dice_roll(d);
    p->window = flags & TCP_SYN ? 64240 : 0;
}

static void draw_udp(struct draw *p, const struct source *s, bool reply, struct dice *d)
{
    enum ports ports = BEHAVIOURS[s->behaviour].ports;
    const struct reflector *r = ports == P_REFLECT ? &REFLECTORS[s->ports[0]] : NULL;
    p->protocol = IP_UDP;
    p->payload = !r ? 20 : reply ? r->answer : r->ask;
    p->begins = !r ? 0x41410000 : reply ? r->answer_head : r->ask_head;
    p->from = ephemeral(d);
    if (reply) {
        uint16_t service = p->to;
        p->to = p->from;
        p->from = service;
    }
}

static struct draw draw_packet(const struct source *s, const struct ranking *ranking,
                               struct dice *d)
{
    const struct behaviour *b = &BEHAVIOURS[s->behaviour];
    uint64_t bits = dice_roll(d);
    struct draw p = {
        .source = s->address,
        .destination = NET | ((s->fixed ? s->only : (uint16_t)bits) & host_mask),
        .id = (uint16_t)(bits >> 16),
        .seq = (uint32_t)(bits >> 32),
        .ttl = s->ttl,
        .stack = b->stack,
        .to = draw_port(s, ranking, d),
    };
    switch (b->what) {
    case W_SYN:
        draw_syn(&p, s, d);
        break;
    case W_ACK:
        draw_answer(&p, TCP_ACK, d);
        p.to = p.from;
        p.from = s->port_from;
        break;
    case W_SYNACK:
        draw_answer(&p, TCP_SYN | TCP_ACK, d);
        break;
    case W_RST:
        draw_answer(&p, s->port_from & 1 ? TCP_RST : TCP_RST | TCP_ACK, d);
        break;
    case W_UDP:
    case W_UDP_REPLY:
        draw_udp(&p, s, b->what == W_UDP_REPLY, d);
        break;
    case W_ECHO:
        p.protocol = IP_ICMP;
        p.type = 8;
        p.payload = s->port_from & 1 ? 56 : 0;
        break;
    case W_UNREACH:
        p.protocol = IP_ICMP;
        p.type = 3;
        p.code = (uint8_t)(s->port_from % 3 + 1);
        p.seq = 0;
        p.from = (uint16_t)(bits >> 40);
        p.to = 53;
        break;
    }
    return p;
}

/* ------------------------------------------------------------------ counting */

struct tally {
    uint64_t *keys, *spare; /* of the present hour */
    size_t n, room;
    uint64_t packets, bytes, flows;
    uint64_t kind[COUNT_KINDS], tool[3], port[2][PORTS]; /* ports of TCP and UDP accesses */
    uint64_t icmp;
};

static enum count_kind count_kind(const struct draw *p)
{
    if (p->protocol == IP_ICMP)
        return p->type == 8 ? COUNT_ACCESS : COUNT_BACKSCATTER;
    if (p->protocol == IP_UDP)
        return p->from < 1024 || p->from == 1900 || p->from == 5060 ? COUNT_BACKSCATTER
                                                                    : COUNT_ACCESS;
    if (p->flags & TCP_RST || (p->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
        return COUNT_BACKSCATTER;
    return p->flags & TCP_SYN ? COUNT_ACCESS : COUNT_OTHER;
}

/* By what the packet shows, not by what it was made from: a mark of 16 bits also comes by chance.
 */
static unsigned count_tools(const struct draw *p)
{
    if (p->protocol != IP_TCP || p->flags != TCP_SYN)
        return 0;
    return (p->seq == p->destination ? TOOL_MIRAI : 0U) |
           (p->id == 54321 && p->window == 65535 ? TOOL_ZMAP : 0U) |
           (p->id == (uint16_t)(p->destination ^ p->to ^ p->seq) ? TOOL_MASSCAN : 0U);
}

static void tally_hour(struct tally *t)
{
    sort_keys(t->keys, t->spare, t->n);
    for (size_t i = 0; i < t->n; i++)
        t->flows += i == 0 || t->keys[i] != t->keys[i - 1];
    t->n = 0;
}

static void tally_room(struct tally *t)
{
    if (t->n < t->room)
        return;
    t->room = t->room ? t->room * 2 : 1 << 20;
    free(t->spare);
    t->spare = must_alloc(t->room, sizeof *t->spare);
    uint64_t *more = must_alloc(t->room, sizeof *more);
    if (t->n)
        memcpy(more, t->keys, t->n * sizeof *more);
    free(t->keys);
    t->keys = more;
}

static void tally_add(struct tally *t, const struct draw *p, size_t bytes)
{
    enum count_kind kind = count_kind(p);
    unsigned tools = count_tools(p);
    uint32_t port = kind == COUNT_BACKSCATTER ? p->from : p->to;
    if (p->protocol == IP_ICMP)
        port = (uint32_t)p->type << 8 | p->code;
    tally_room(t);
    t->keys[t->n++] = (uint64_t)p->source << 32 | (uint64_t)p->protocol << 24 | port << 8 |
                      (uint32_t)kind << 4 | tools;
    t->packets++;
    t->bytes += bytes;
    t->kind[kind]++;
    for (unsigned i = 0; i < 3; i++)
        t->tool[i] += tools >> i & 1;
    if (kind == COUNT_ACCESS) {
        if (p->protocol == IP_ICMP)
            t->icmp++;
        else
            t->port[p->protocol == IP_UDP][port]++;
    }
}

static void print_top(const struct tally *t, unsigned udp, unsigned limit)
{
    static bool seen[2][PORTS];
    for (unsigned k = 0; k < limit; k++) {
        uint32_t best = 0;
        for (uint32_t port = 0; port < PORTS; port++)
            if (!seen[udp][port] && (seen[udp][best] || t->port[udp][port] > t->port[udp][best]))
                best = port;
        seen[udp][best] = true;
        printf("port %5u/%s %12llu\n", best, udp ? "udp" : "tcp",
               (unsigned long long)t->port[udp][best]);
    }
}

static void print_count(const char *name, uint64_t n)
{
    printf("%-14s %12llu\n", name, (unsigned long long)n);
}

static void print_tally(const struct tally *t, size_t sources)
{
    print_count("packets", t->packets);
    print_count("sources", sources);
    print_count("flows", t->flows);
    print_count("file bytes", t->bytes);
    for (unsigned i = 0; i < COUNT_KINDS; i++)
        print_count(COUNT_NAMES[i], t->kind[i]);
    print_count("mirai", t->tool[0]);
    print_count("zmap", t->tool[1]);
    print_count("masscan", t->tool[2]);
    print_count("echo", t->icmp);
    print_top(t, 0, 12);
    print_top(t, 1, 7);
}

/* ------------------------------------------------------------------ the whole */

struct options {
    const char *path;
    uint64_t packets, sources, seed, day, host_bits;
    bool pad;
};

static void write_all(int fd, const uint8_t *data, size_t n)
{
    while (n) {
        ssize_t did = write(fd, data, n);
        if (did < 0 && errno == EINTR)
            continue;
        if (did < 0) {
            fprintf(stderr, "make-darknet: write: %s\n", strerror(errno));
            exit(1);
        }
        data += did;
        n -= (size_t)did;
    }
}

static uint64_t *make_keys(const struct options *o, struct source *source,
                           const struct ranking *ranking)
{
    uint32_t *count = must_alloc(o->sources, sizeof *count);
    uint64_t *keys = must_alloc(o->packets, sizeof *keys),
             *spare = must_alloc(o->packets, sizeof *spare);
    deal_packets(count, o->sources, o->packets);
    uint64_t *key = keys;
    uint32_t counter = (uint32_t)mix64(o->seed);
    for (uint32_t i = 0; i < o->sources; i++) {
        struct dice d = { mix64(o->seed ^ (uint64_t)i << 32) };
        double where = fmod((i + 1) * 0.6180339887498949 + (double)(o->seed % 1024) / 1024, 1);
        source[i] = source_make(address_next(&counter), where, ranking, &d);
        key = source_times(key, i, &source[i], count[i], &d);
    }
    sort_keys(keys, spare, o->packets);
    free(spare);
    free(count);
    return keys;
}

static void write_packets(int fd, const struct options *o, const uint64_t *keys,
                          const struct source *source, const struct ranking *ranking,
                          struct tally *t)
{
    static const uint32_t FILE_HEAD[6] = { 0xa1b2c3d4, 4U << 16 | 2, 0, 0, 65535, 1 };
    uint8_t *out = must_alloc(OUT_BYTES, 1);
    size_t n = sizeof FILE_HEAD;
    memcpy(out, FILE_HEAD, n);
    t->bytes = n;
    uint64_t hour = 0;
    for (uint64_t i = 0; i < o->packets; i++) {
        uint64_t us = keys[i] >> SOURCE_BITS;
        struct dice d = { mix64(keys[i] ^ o->seed) + i };
        if (i + 8 < o->packets)
            __builtin_prefetch(&source[keys[i + 8] & (SOURCES_MAX - 1)]);
        struct draw p = draw_packet(&source[keys[i] & (SOURCES_MAX - 1)], ranking, &d);
        if (us / HOUR_US != hour) {
            tally_hour(t);
            hour = us / HOUR_US;
        }
        size_t bytes = put_record(out + n, us, &p, o->pad);
        tally_add(t, &p, bytes);
        n += bytes;
        if (n > OUT_BYTES - FRAME_MAX) {
            write_all(fd, out, n);
            n = 0;
        }
    }
    tally_hour(t);
    write_all(fd, out, n);
    free(out);
}

static int usage(void)
{
    fprintf(stderr,
            "usage: make-darknet OUT.pcap [--packets N] [--sources N] [--seed N] [--day N]\n"
            "                    [--host-bits 0..16] [--no-pad]\n");
    return 2;
}

static bool take_number(const char *text, uint64_t *ret)
{
    char *end;
    errno = 0;
    *ret = strtoull(text, &end, 10);
    return !errno && end != text && !*end && *text != '-';
}

static bool take_options(int argc, char **argv, struct options *o)
{
    const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = { { "--packets", &o->packets },
                    { "--sources", &o->sources },
                    { "--seed", &o->seed },
                    { "--day", &o->day },
                    { "--host-bits", &o->host_bits } };
    for (int i = 1; i < argc; i++) {
        bool known = false;
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers && !known; k++) {
            if (strcmp(argv[i], numbers[k].name))
                continue;
            known = true;
            if (++i >= argc || !take_number(argv[i], numbers[k].value))
                return false;
        }
        if (known)
            continue;
        if (!strcmp(argv[i], "--no-pad"))
            o->pad = false;
        else if (argv[i][0] == '-' || o->path)
            return false;
        else
            o->path = argv[i];
    }
    return o->path;
}

int main(int argc, char **argv)
{
    struct options o = { .packets = 20000000, .seed = 3, .host_bits = 16, .pad = true };
    if (!take_options(argc, argv, &o))
        return usage();
    if (!o.sources)
        o.sources = o.packets / 20 ? o.packets / 20 : 1;
    if (o.sources > 1000000)
        o.sources = 1000000;
    if (o.packets < o.sources || o.packets > UINT32_MAX || o.host_bits > 16 || o.day > 9999)
        return usage();
    day_start = DAY_START + (uint32_t)o.day * 86400;
    host_mask = (1U << o.host_bits) - 1;

    int fd = open(o.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        fprintf(stderr, "make-darknet: %s: %s\n", o.path, strerror(errno));
        return 1;
    }
    static struct ranking ranking;
    static struct tally tally;
    struct dice d = { mix64(o.seed) };
    ranking_init(&ranking, &d);
    struct source *source = must_alloc(o.sources, sizeof *source);
    uint64_t *keys = make_keys(&o, source, &ranking);
    write_packets(fd, &o, keys, source, &ranking, &tally);
    if (close(fd)) {
        fprintf(stderr, "make-darknet: %s: %s\n", o.path, strerror(errno));
        return 1;
    }
    print_tally(&tally, o.sources);
    free(tally.keys);
    free(tally.spare);
    free(keys);
    free(source);
    return 0;
}
