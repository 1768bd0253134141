#pragma once
/*
 * Columns of small integers, bit-packed in blocks of 128: a width byte (0..32), then the values, least
 * significant bit first, padded to a byte.
 */
#include "base/buf.h"
#include "base/rd.h"

enum { BITS_BLOCK = 128 };

/* Appends n values; trouble shows in the buffer. */
void bits_pack(struct buf *b, const uint32_t *v, size_t n);
/* Reads n values; a short or impossible column poisons the reader. */
void bits_unpack(struct rd *r, uint32_t *v, size_t n);
