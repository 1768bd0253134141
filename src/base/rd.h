#pragma once
/*
 * The bounded reader: the only way untrusted bytes are parsed.
 *
 * A read past the end poisons the reader (bad is set, nothing is left) and yields zero, so a parser
 * may read a whole structure and ask rd_ok() once. Length-prefixed parts are sub-readers. A reader
 * borrows its bytes and never outlives the call it was made in.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
    const uint8_t *p, *end;
    bool bad;
};

static inline struct rd rd_init(const void *data, size_t n)
{
    return (struct rd){ .p = data, .end = (const uint8_t *)data + n, .bad = false };
}
static inline size_t rd_left(const struct rd *r)
{
    return (size_t)(r->end - r->p);
}
static inline bool rd_ok(const struct rd *r)
{
    return !r->bad;
}
/* Everything was read, and nothing was missing. */
static inline bool rd_done(const struct rd *r)
{
    return !r->bad && r->p == r->end;
}
static inline void rd_poison(struct rd *r)
{
    r->bad = true;
    r->p = r->end;
}
/* The next n bytes, or NULL (and poison) where fewer are left. */
static inline const uint8_t *rd_take(struct rd *r, size_t n)
{
    if (__builtin_expect(n > rd_left(r), 0)) {
        rd_poison(r);
        return NULL;
    }
    const uint8_t *at = r->p;
    r->p += n;
    return at;
}
/* A reader over the next n bytes; a short one is born poisoned. */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
    const uint8_t *at = rd_take(r, n);
    struct rd sub = rd_init(at ? at : r->end, at ? n : 0);
    sub.bad = !at;
    return sub;
}
static inline void rd_copy(struct rd *r, void *to, size_t n)
{
    const uint8_t *at = rd_take(r, n);
    if (at)
        memcpy(to, at, n);
    else
        memset(to, 0, n);
}

#define RD_FIXED_(name, type, convert)                                                             \
    static inline type rd_##name(struct rd *r)                                                     \
    {                                                                                              \
        type v = 0;                                                                                \
        const uint8_t *at = rd_take(r, sizeof v);                                                  \
        if (at)                                                                                    \
            memcpy(&v, at, sizeof v);                                                              \
        return convert(v);                                                                         \
    }
#define RD_SAME_(v) (v)
RD_FIXED_(u8, uint8_t, RD_SAME_)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
RD_FIXED_(le16, uint16_t, RD_SAME_)
RD_FIXED_(le32, uint32_t, RD_SAME_)
RD_FIXED_(le64, uint64_t, RD_SAME_)
RD_FIXED_(be16, uint16_t, __builtin_bswap16)
RD_FIXED_(be32, uint32_t, __builtin_bswap32)
RD_FIXED_(be64, uint64_t, __builtin_bswap64)
#else
RD_FIXED_(le16, uint16_t, __builtin_bswap16)
RD_FIXED_(le32, uint32_t, __builtin_bswap32)
RD_FIXED_(le64, uint64_t, __builtin_bswap64)
RD_FIXED_(be16, uint16_t, RD_SAME_)
RD_FIXED_(be32, uint32_t, RD_SAME_)
RD_FIXED_(be64, uint64_t, RD_SAME_)
#endif

/* LEB128: seven bits a byte, least significant first, at most ten bytes. */
static inline uint64_t rd_varint(struct rd *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t *at = rd_take(r, 1);
        if (!at)
            return 0;
        if (shift == 63 && *at > 1)
            break;
        v |= (uint64_t)(*at & 0x7f) << shift;
        if (!(*at & 0x80))
            return v;
    }
    rd_poison(r);
    return 0;
}
/* A varint-length-prefixed part. */
static inline struct rd rd_part(struct rd *r)
{
    uint64_t n = rd_varint(r);
    return rd_sub(r, n > rd_left(r) ? rd_left(r) + 1 : (size_t)n);
}
/* A part that is a text: whether it fits, with the NUL it is given, and has none within. */
static inline bool rd_part_text(struct rd *r, char *to, size_t room)
{
    struct rd part = rd_part(r);
    size_t n = rd_left(&part);
    if (!rd_ok(r) || n >= room)
        return false;
    rd_copy(&part, to, n);
    to[n] = '\0';
    return memchr(to, '\0', n) == NULL;
}
#define RD_PART_TEXT(r, field) rd_part_text(r, field, sizeof(field))
