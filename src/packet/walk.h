#pragma once
/*
 * What the parsers of captures share: a walk over bytes that the reader holds.
 *
 * A parser takes whole records from p on and moves p past them. It stops because its batch is
 * full; because more bytes are wanted (`need`: how many from p on, more than there are); or at a
 * problem, with p at the record that is wrong. Frames point into the reader's bytes.
 */
#include "packet/reader.h"

#include <stddef.h>
#include <string.h>

enum { WALK_CAPLEN_MAX = 256 * 1024 };

struct walk {
    const uint8_t *p, *end;
    size_t need;
    enum reader_problem problem;
};

static inline size_t walk_left(const struct walk *w)
{
    return (size_t)(w->end - w->p);
}
/* Numbers in the file's byte order, which is this machine's unless swapped; the caller tested
 * that they are there. */
static inline uint32_t walk_u32(const uint8_t *p, bool swapped)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return swapped ? __builtin_bswap32(v) : v;
}
static inline uint16_t walk_u16(const uint8_t *p, bool swapped)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return swapped ? __builtin_bswap16(v) : v;
}
