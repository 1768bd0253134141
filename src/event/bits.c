#include "event/bits.h"

static unsigned width_of(const uint32_t *v, size_t n)
{
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++)
        all |= v[i];
    return all ? 32 - (unsigned)__builtin_clz(all) : 0;
}

static void store_le64(uint8_t *at, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    memcpy(at, &v, sizeof v);
}

static uint64_t load_le64(const uint8_t *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static void pack_block(struct buf *b, const uint32_t *v, size_t n)
{
    unsigned width = width_of(v, n);
    size_t bytes = (n * width + 7) / 8;
    if (!buf_reserve(b, 1 + bytes + 8)) /* 8: the last store may pass the end */
        return;
    uint8_t *at = b->data + b->len;
    *at++ = (uint8_t)width;
    b->len += 1 + bytes;
    uint64_t acc = 0;
    unsigned filled = 0;
    for (size_t i = 0; i < n; i++) {
        acc |= (uint64_t)v[i] << filled;
        filled += width;
        if (filled >= 32) {
            store_le64(at, acc);
            at += 4;
            acc >>= 32;
            filled -= 32;
        }
    }
    if (filled)
        store_le64(at, acc);
}

void bits_pack(struct buf *b, const uint32_t *v, size_t n)
{
    for (size_t i = 0; i < n; i += BITS_BLOCK)
        pack_block(b, v + i, n - i < BITS_BLOCK ? n - i : BITS_BLOCK);
}

/* Eight spare bytes lie behind the block's: one load a value. */
static void unpack_fast(const uint8_t *from, unsigned width, uint32_t *v, size_t n)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    for (size_t i = 0; i < n; i++) {
        size_t bit = i * width;
        v[i] = (uint32_t)(load_le64(from + bit / 8) >> (bit % 8) & mask);
    }
}

static void unpack_block(struct rd *r, uint32_t *v, size_t n)
{
    unsigned width = rd_u8(r);
    size_t bytes = (n * width + 7) / 8;
    if (width > 32 || bytes > BITS_BLOCK * 4) {
        rd_poison(r);
        return;
    }
    bool spare = rd_left(r) >= bytes + 8;
    const uint8_t *from = rd_take(r, bytes);
    uint8_t copy[BITS_BLOCK * 4 + 8] = { 0 };
    if (!from)
        return;
    if (!spare) {
        memcpy(copy, from, bytes);
        from = copy;
    }
    unpack_fast(from, width, v, n);
}

void bits_unpack(struct rd *r, uint32_t *v, size_t n)
{
    for (size_t i = 0; i < n && rd_ok(r); i += BITS_BLOCK)
        unpack_block(r, v + i, n - i < BITS_BLOCK ? n - i : BITS_BLOCK);
}
