#pragma once
/*
 * A growing byte buffer with a hard maximum: there is no uncapped one.
 *
 * The buffer owns its bytes. A put that would pass the maximum (or finds no memory) sets bad and
 * writes nothing; a writer may put a whole structure and ask buf_ok() once. buf_reset() keeps the
 * memory and clears bad. buf_release() gives everything back and is harmless on a released buffer.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    uint8_t *data;
    size_t len, room, max;
    bool bad;
};

static inline void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){ .max = max };
}
void buf_release(struct buf *b);
static inline void buf_reset(struct buf *b)
{
    b->len = 0;
    b->bad = false;
}
static inline bool buf_ok(const struct buf *b)
{
    return !b->bad;
}
/* 0, or -ENOMEM where the buffer is bad. */
static inline int must_check buf_status(const struct buf *b)
{
    return b->bad ? -ENOMEM : 0;
}
/* Makes room for n more bytes; false (and bad) where that is not to be had. */
bool buf_grow(struct buf *b, size_t n);

static inline bool buf_reserve(struct buf *b, size_t n)
{
    return n <= b->room - b->len ? !b->bad : buf_grow(b, n);
}
/* n bytes at the end for the caller to fill, or NULL. */
static inline uint8_t *buf_add(struct buf *b, size_t n)
{
    if (!buf_reserve(b, n))
        return NULL;
    uint8_t *at = b->data + b->len;
    b->len += n;
    return at;
}
static inline void buf_put(struct buf *b, const void *data, size_t n)
{
    uint8_t *at = n ? buf_add(b, n) : NULL;
    if (at)
        memcpy(at, data, n);
}
static inline void buf_u8(struct buf *b, uint8_t v)
{
    uint8_t *at = buf_add(b, 1);
    if (at)
        *at = v;
}
static inline void buf_le16(struct buf *b, uint16_t v)
{
    uint8_t at[2] = { (uint8_t)v, (uint8_t)(v >> 8) };
    buf_put(b, at, sizeof at);
}
static inline void buf_le32(struct buf *b, uint32_t v)
{
    uint8_t at[4];
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (8 * i));
    buf_put(b, at, sizeof at);
}
static inline void buf_le64(struct buf *b, uint64_t v)
{
    buf_le32(b, (uint32_t)v);
    buf_le32(b, (uint32_t)(v >> 32));
}
static inline void buf_varint(struct buf *b, uint64_t v)
{
    if (!buf_reserve(b, 10))
        return;
    while (v >= 0x80) {
        b->data[b->len++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    b->data[b->len++] = (uint8_t)v;
}
/* The same at a place known to have room for ten bytes; the place after it. For long columns. */
static inline uint8_t *varint_at(uint8_t *at, uint64_t v)
{
    while (v >= 0x80) {
        *at++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *at++ = (uint8_t)v;
    return at;
}
/* A varint-length-prefixed part; read back with rd_part(). */
static inline void buf_part(struct buf *b, const void *data, size_t n)
{
    buf_varint(b, n);
    buf_put(b, data, n);
}
/* A text as a part, without its NUL; read back with rd_part_text(). */
static inline void buf_part_text(struct buf *b, const char *s)
{
    buf_part(b, s, strlen(s));
}
