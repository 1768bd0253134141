#include "packet/pcapng.h"

#include "base/rd.h"

#include <stdlib.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_OLD_PACKET = 2,
    BLOCK_SIMPLE = 3,
    BLOCK_ENHANCED = 6,
};

enum {
    BLOCK_LEAST = 12,     /* type, length, length again; a section's length and byte-order magic */
    PACKET_HEAD = 8 + 20, /* of enhanced and old packet blocks, in front of the data */
    PACKET_LEAST = PACKET_HEAD + 4,
};

static const uint32_t BYTE_ORDER_MAGIC = 0x1a2b3c4d;

enum {
    OPTION_END = 0,
    OPTION_TSRESOL = 9,
    OPTION_TSOFFSET = 14,
};

enum { RESOLUTION_MICRO = 6, RESOLUTION_NANO = 9 };

static const uint64_t POWERS_OF_TEN[] = {
    1ull,
    10ull,
    100ull,
    1000ull,
    10000ull,
    100000ull,
    1000000ull,
    10000000ull,
    100000000ull,
    1000000000ull,
    10000000000ull,
    100000000000ull,
    1000000000000ull,
    10000000000000ull,
    100000000000000ull,
    1000000000000000ull,
    10000000000000000ull,
    100000000000000000ull,
    1000000000000000000ull,
    10000000000000000000ull,
};
enum { POWERS = sizeof POWERS_OF_TEN / sizeof *POWERS_OF_TEN };

static uint64_t decimal(uint64_t count, unsigned e, uint32_t *ret_nsec)
{
    if (e <= 9) {
        *ret_nsec = (uint32_t)(count % POWERS_OF_TEN[e] * POWERS_OF_TEN[9 - e]);
        return count / POWERS_OF_TEN[e];
    }
    /* Nanoseconds since 1970 are exact after the first division; they are split after it. */
    uint64_t nsec = e - 9 < POWERS ? count / POWERS_OF_TEN[e - 9] : 0;
    *ret_nsec = (uint32_t)(nsec % POWERS_OF_TEN[9]);
    return nsec / POWERS_OF_TEN[9];
}

static uint64_t binary(uint64_t count, unsigned e, uint32_t *ret_nsec)
{
    uint64_t sec = e < 64 ? count >> e : 0;
    uint64_t fraction = e < 64 ? count & ((UINT64_C(1) << e) - 1) : count;
    if (e <= 32) {
        *ret_nsec = (uint32_t)(fraction * 1000000000 >> e);
        return sec;
    }
    /* fraction * 10^9 / 2^32, in two halves; what that drops is below one unit of it, and e > 32
     * would drop it anyway. */
    uint64_t high = (fraction >> 32) * 1000000000;
    uint64_t low = (fraction & 0xffffffff) * 1000000000 >> 32;
    *ret_nsec = e - 32 < 64 ? (uint32_t)((high + low) >> (e - 32)) : 0;
    return sec;
}

bool pcapng_time(uint64_t count, uint8_t resolution, int64_t offset, int64_t *ret_sec,
                 uint32_t *ret_nsec)
{
    uint64_t sec;
    if (__builtin_expect(resolution == RESOLUTION_MICRO, 1)) {
        /* The same as decimal(), with divisors that the compiler knows. */
        sec = count / 1000000;
        *ret_nsec = (uint32_t)(count % 1000000 * 1000);
    } else if (resolution == RESOLUTION_NANO) {
        sec = count / 1000000000;
        *ret_nsec = (uint32_t)(count % 1000000000);
    } else if (resolution & 0x80) {
        sec = binary(count, resolution & 0x7f, ret_nsec);
    } else {
        sec = decimal(count, resolution, ret_nsec);
    }
    return !__builtin_add_overflow(sec, offset, ret_sec);
}

void pcapng_release(struct pcapng *c)
{
    free(c->interfaces);
    *c = (struct pcapng){ 0 };
}

bool pcapng_recognise(const uint8_t head[static 12])
{
    return walk_u32(head, false) == BLOCK_SECTION &&
           (walk_u32(head + 8, false) == BYTE_ORDER_MAGIC ||
            walk_u32(head + 8, true) == BYTE_ORDER_MAGIC);
}

/* Numbers of a block's body, in the section's order. */
static uint16_t body_u16(const struct pcapng *c, struct rd *r)
{
    const uint8_t *at = rd_take(r, 2);
    return at ? walk_u16(at, c->swapped) : 0;
}
static uint32_t body_u32(const struct pcapng *c, struct rd *r)
{
    const uint8_t *at = rd_take(r, 4);
    return at ? walk_u32(at, c->swapped) : 0;
}
static uint64_t body_u64(const struct pcapng *c, struct rd *r)
{
    uint64_t v = 0;
    rd_copy(r, &v, sizeof v);
    return c->swapped ? __builtin_bswap64(v) : v;
}

/* Draft, section 4.1: the byte order is set before this is called. */
static enum reader_problem section_block(struct pcapng *c, struct rd body)
{
    (void)body_u32(c, &body);
    uint16_t major = body_u16(c, &body), minor = body_u16(c, &body);
    (void)body_u64(c, &body); /* the section's length; its blocks tell it better */
    if (!rd_ok(&body))
        return READER_LENGTH;
    /* 1.2 was written by some and is the same as 1.0. */
    if (major != 1 || (minor != 0 && minor != 2))
        return READER_FORMAT;
    c->count = 0;
    return READER_FINE;
}

/* Draft, section 4.2, tables of options. */
static enum reader_problem interface_option(const struct pcapng *c, uint16_t code, struct rd value,
                                            struct pcapng_interface *i)
{
    switch (code) {
    case OPTION_TSRESOL:
        i->resolution = rd_u8(&value);
        break;
    case OPTION_TSOFFSET:
        i->offset = (int64_t)body_u64(c, &value);
        break;
    default:
        return READER_FINE;
    }
    return rd_done(&value) ? READER_FINE : READER_FORMAT;
}

/* Draft, section 3.5: code, length, value padded to four bytes; the end option may be left out. */
static enum reader_problem interface_options(const struct pcapng *c, struct rd body,
                                             struct pcapng_interface *i)
{
    while (rd_left(&body) > 0) {
        uint16_t code = body_u16(c, &body), n = body_u16(c, &body);
        if (rd_ok(&body) && code == OPTION_END)
            break;
        struct rd value = rd_sub(&body, n);
        rd_take(&body, -n & 3u);
        if (!rd_ok(&body))
            return READER_FORMAT;
        enum reader_problem problem = interface_option(c, code, value, i);
        if (problem)
            return problem;
    }
    return READER_FINE;
}

static int interface_add(struct pcapng *c, const struct pcapng_interface *i)
{
    if (c->count == c->room) {
        size_t room = c->room ? 2 * c->room : 8;
        struct pcapng_interface *more = realloc(c->interfaces, room * sizeof *more);
        if (!more)
            return -ENOMEM;
        c->interfaces = more;
        c->room = room;
    }
    c->interfaces[c->count++] = *i;
    return 0;
}

/* Draft, section 4.2. A problem, or -ENOMEM. */
static int interface_block(struct pcapng *c, struct rd body)
{
    struct pcapng_interface i = { .resolution = RESOLUTION_MICRO };
    i.link = body_u16(c, &body);
    (void)body_u16(c, &body);
    i.snaplen = body_u32(c, &body);
    if (!rd_ok(&body))
        return READER_LENGTH;
    enum reader_problem problem = interface_options(c, body, &i);
    if (problem)
        return (int)problem;
    return c->count < PCAPNG_INTERFACES_MAX ? interface_add(c, &i) : READER_FORMAT;
}

/* Draft, section 4.4: always the first interface, no time, the captured length only implied. */
static enum reader_problem simple_block(const struct pcapng *c, struct rd body, struct frame *f)
{
    uint32_t len = body_u32(c, &body);
    if (!rd_ok(&body))
        return READER_LENGTH;
    if (c->count == 0)
        return READER_FORMAT;
    const struct pcapng_interface *i = &c->interfaces[0];
    uint32_t caplen = i->snaplen && i->snaplen < len ? i->snaplen : len;
    if (caplen > WALK_CAPLEN_MAX || caplen > rd_left(&body))
        return READER_LENGTH;
    *f = (struct frame){ .data = body.p, .caplen = caplen, .len = len, .link = i->link };
    return READER_FINE;
}

/*
 * Draft, sections 4.3 and A (the obsolete packet block differs only in its first four bytes).
 * Measured: at is a block of length bytes, of which PACKET_LEAST are tested to be there.
 */
static inline __attribute__((always_inline)) enum reader_problem
packet_block(const struct pcapng *c, const uint8_t *at, uint32_t length, bool old, bool swapped,
             struct frame *f)
{
    uint32_t id = old ? walk_u16(at + 8, swapped) : walk_u32(at + 8, swapped);
    uint64_t count = (uint64_t)walk_u32(at + 12, swapped) << 32 | walk_u32(at + 16, swapped);
    uint32_t caplen = walk_u32(at + 20, swapped), len = walk_u32(at + 24, swapped);
    if (caplen > WALK_CAPLEN_MAX || caplen > length - PACKET_LEAST)
        return READER_LENGTH;
    if (id >= c->count)
        return READER_FORMAT;
    const struct pcapng_interface *i = &c->interfaces[id];
    f->data = at + PACKET_HEAD;
    f->caplen = caplen;
    f->len = len > caplen ? len : caplen;
    f->link = i->link;
    return pcapng_time(count, i->resolution, i->offset, &f->sec, &f->nsec) ? READER_FINE
                                                                           : READER_FORMAT;
}

/* A whole block whose lengths agree. How many frames it gave (0 or 1), or -ENOMEM. */
static inline __attribute__((always_inline)) int
block(struct pcapng *c, struct walk *w, uint32_t length, bool swapped, struct frame *f)
{
    const uint8_t *at = w->p;
    uint32_t type = walk_u32(at, swapped);
    struct rd body = rd_init(at + 8, length - BLOCK_LEAST);
    int problem = READER_FINE;
    int frames = 0;
    switch (type) {
    case BLOCK_ENHANCED:
    case BLOCK_OLD_PACKET:
        problem = READER_LENGTH;
        if (length >= PACKET_LEAST)
            problem = (int)packet_block(c, at, length, type == BLOCK_OLD_PACKET, swapped, f);
        frames = 1;
        break;
    case BLOCK_SIMPLE:
        problem = (int)simple_block(c, body, f);
        frames = 1;
        break;
    case BLOCK_INTERFACE:
        problem = interface_block(c, body);
        break;
    case BLOCK_SECTION:
        problem = (int)section_block(c, body);
        break;
    default:
        break;
    }
    TRY(problem);
    w->problem = (enum reader_problem)problem;
    return problem ? 0 : frames;
}

/* A section's block says the byte order in which its own length is written; BLOCK_LEAST bytes of
 * it are there. False (and a problem) where it says nothing. */
static bool section_order(struct pcapng *c, struct walk *w)
{
    if (walk_u32(w->p + 8, false) == BYTE_ORDER_MAGIC) {
        c->swapped = false;
    } else if (walk_u32(w->p + 8, true) == BYTE_ORDER_MAGIC) {
        c->swapped = true;
    } else {
        w->problem = READER_FORMAT;
        return false;
    }
    return true;
}

/*
 * Blocks in one byte order, a constant in each of the two functions that are made of it. Stops at
 * a section in the other order, with *ret_turn set.
 */
static inline __attribute__((always_inline)) int walk(struct pcapng *c, struct walk *w,
                                                      struct frame *frames, int n,
                                                      const bool swapped, bool *ret_turn)
{
    while (n < READER_BATCH && !w->problem) {
        size_t left = walk_left(w);
        if (__builtin_expect(left < BLOCK_LEAST, 0)) {
            w->need = BLOCK_LEAST;
            break;
        }
        if (__builtin_expect(walk_u32(w->p, swapped) == BLOCK_SECTION, 0)) {
            if (!section_order(c, w))
                break;
            *ret_turn = c->swapped != swapped;
            if (*ret_turn)
                break;
        }
        uint32_t length = walk_u32(w->p + 4, swapped);
        if (__builtin_expect(length < BLOCK_LEAST || length > PCAPNG_BLOCK_MAX || length & 3, 0)) {
            w->problem = READER_LENGTH;
            break;
        }
        if (__builtin_expect(length > left, 0)) {
            w->need = length;
            break;
        }
        if (__builtin_expect(walk_u32(w->p + length - 4, swapped) != length, 0)) {
            w->problem = READER_LENGTH;
            break;
        }
        int e = block(c, w, length, swapped, &frames[n]);
        TRY(e);
        n += e;
        if (!w->problem)
            w->p += length;
    }
    return n;
}

static int walk_same(struct pcapng *c, struct walk *w, struct frame *frames, int n, bool *ret_turn)
{
    return walk(c, w, frames, n, false, ret_turn);
}
static int walk_swapped(struct pcapng *c, struct walk *w, struct frame *frames, int n,
                        bool *ret_turn)
{
    return walk(c, w, frames, n, true, ret_turn);
}

int pcapng_walk(struct pcapng *c, struct walk *w, struct frame frames[static READER_BATCH])
{
    int n = 0;
    bool turn;
    do {
        turn = false;
        n = c->swapped ? walk_swapped(c, w, frames, n, &turn) : walk_same(c, w, frames, n, &turn);
        TRY(n);
    } while (turn);
    return n;
}
