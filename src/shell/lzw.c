#include "shell/lzw.h"

#include <stdio.h>
#include <string.h>

/*
 * Three bytes begin it: two of magic, and the most bits of a code with a flag that code 256 clears the table. Codes
 * are 9 bits at first and one more whenever the table needs it; they come in groups of eight, and what a
 * group has left when their width changes is passed over.
 */
enum { HEADER = 3, LEAST = 9, MOST = 16, CODES = 1 << MOST, CLEAR = 256, GROUP = 8 };
enum { BITS_MASK = 0x1f, BLOCKS = 0x80 };

struct lzw {
    uint8_t header[HEADER];
    size_t have; /* of the header */
    unsigned most, bits;
    bool clears, over, begun;
    uint64_t held; /* bits that were read and are no code yet */
    unsigned n_held, in_group;
    size_t pass; /* bits to be passed over */
    uint32_t free; /* the next entry of the table */
    uint32_t old;  /* the last code */
    uint8_t first; /* of what it stood for */
    const char *why;
    char text[64];
    uint16_t prefix[CODES];
    uint8_t suffix[CODES];
    uint8_t word[CODES]; /* what one code stands for, filled from its end */
    size_t filled;
    uint8_t out[2 * CODES]; /* given when it has no room for another word, or the input is at its end */
};

struct lzw *lzw_make(struct memory *m)
{
    struct lzw *z = memory_take(m, sizeof *z);
    z->bits = LEAST;
    return z;
}

const char *lzw_why(const struct lzw *z)
{
    return z->why;
}

static enum gunzip_state damaged(struct lzw *z, const char *why)
{
    z->over = true;
    z->why = why;
    return GUNZIP_DAMAGED;
}

static enum gunzip_state read_header(struct lzw *z, uint8_t byte)
{
    z->header[z->have++] = byte;
    if (z->have == 2 && (z->header[0] != 0x1f || z->header[1] != 0x9d)) {
        z->over = true;
        return GUNZIP_MAGIC;
    }
    if (z->have < HEADER)
        return GUNZIP_MORE;
    z->most = byte & BITS_MASK;
    z->clears = byte & BLOCKS;
    z->free = z->clears ? CLEAR + 1 : CLEAR;
    if (z->most <= MOST)
        return GUNZIP_MORE;
    snprintf(z->text, sizeof z->text, "compressed with %u bits, can only handle %d bits", z->most, MOST);
    return damaged(z, z->text);
}

/* The rest of a group of codes of the width until now is nobody's. */
static void change_bits(struct lzw *z, unsigned bits)
{
    if (z->in_group)
        z->pass = (size_t)(GROUP - z->in_group) * z->bits;
    z->in_group = 0;
    z->bits = bits;
}

static void widen(struct lzw *z)
{
    if (z->bits < z->most && z->free > (1u << z->bits) - 1)
        change_bits(z, z->bits + 1);
}

/* Where in `word` it begins; 0: it is too long, which no true one is. */
static size_t spell(struct lzw *z, uint32_t code)
{
    size_t at = CODES;
    if (code >= z->free) {
        z->word[--at] = z->first;
        code = z->old;
    }
    for (; code >= CLEAR && at > 1; code = z->prefix[code])
        z->word[--at] = z->suffix[code];
    z->word[--at] = z->first = (uint8_t)code;
    return code < CLEAR ? at : 0;
}

static enum gunzip_state take_code(struct lzw *z, uint32_t code)
{
    if (z->clears && code == CLEAR && z->begun) {
        z->free = CLEAR;
        change_bits(z, LEAST);
        return GUNZIP_MORE;
    }
    if (z->begun ? code > z->free : code >= CLEAR)
        return damaged(z, "corrupted data");
    size_t at = spell(z, code);
    if (!at)
        return damaged(z, "corrupted data");
    if (z->begun && z->free < 1u << z->most) {
        z->prefix[z->free] = (uint16_t)z->old;
        z->suffix[z->free++] = z->first;
    }
    z->begun = true;
    z->old = code;
    widen(z);
    memcpy(z->out + z->filled, z->word + at, CODES - at);
    z->filled += CODES - at;
    return z->filled > CODES ? GUNZIP_OUT : GUNZIP_MORE;
}

static void pass_bits(struct lzw *z)
{
    size_t n = z->pass < z->n_held ? z->pass : z->n_held;
    z->held = n < 64 ? z->held >> n : 0;
    z->n_held -= (unsigned)n;
    z->pass -= n;
}

/* A code, where as many bits are there. */
static bool next_code(struct lzw *z, uint32_t *ret)
{
    pass_bits(z);
    if (z->n_held < z->bits)
        return false;
    *ret = (uint32_t)(z->held & ((1u << z->bits) - 1));
    z->held >>= z->bits;
    z->n_held -= z->bits;
    z->in_group = (z->in_group + 1) % GROUP;
    return true;
}

static enum gunzip_state take_byte(struct lzw *z, uint8_t byte)
{
    if (z->have < HEADER)
        return read_header(z, byte);
    z->held |= (uint64_t)byte << z->n_held;
    z->n_held += 8;
    return GUNZIP_MORE;
}

enum gunzip_state lzw_run(struct lzw *z, const uint8_t **data, size_t *n, const uint8_t **ret, size_t *ret_n)
{
    enum gunzip_state state = GUNZIP_MORE;
    *ret_n = 0;
    while (state == GUNZIP_MORE && !z->over) {
        uint32_t code;
        if (z->have == HEADER && next_code(z, &code)) {
            state = take_code(z, code);
        } else if (*n) {
            state = take_byte(z, *(*data)++);
            (*n)--;
        } else {
            state = z->filled ? GUNZIP_OUT : GUNZIP_MORE;
            break;
        }
    }
    if (state == GUNZIP_OUT) {
        *ret = z->out;
        *ret_n = z->filled;
        z->filled = 0;
    }
    return state;
}

enum gunzip_state lzw_end(struct lzw *z)
{
    if (z->have < 2)
        return GUNZIP_MAGIC;
    return z->have < HEADER ? damaged(z, "short read") : z->why ? GUNZIP_DAMAGED : GUNZIP_DONE;
}
