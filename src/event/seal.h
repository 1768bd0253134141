#pragma once
/*
 * A seal: four bytes at the end of a blob, by which damage to any of its bytes shows. Not against forgers.
 */
#include "base/buf.h"
#include "base/hash.h"

enum { SEAL = 4 };

static inline uint32_t seal_of(const void *data, size_t n)
{
    return (uint32_t)hash64(data, n, 0);
}
/* Over what was put since `from`, which is 0 or a length the buffer had. */
static inline void seal_put(struct buf *b, size_t from)
{
    if (buf_ok(b))
        buf_le32(b, seal_of(b->data + from, b->len - from));
}
/* Whether the n bytes end in their seal. */
static inline bool seal_holds(const void *data, size_t n)
{
    if (n < SEAL)
        return false;
    const uint8_t *end = (const uint8_t *)data + n - SEAL;
    uint32_t seal = end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 | (uint32_t)end[3] << 24;
    return seal == seal_of(data, n - SEAL);
}
