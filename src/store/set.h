#pragma once
/*
 * A set of IPv4 sources as bytes, as days keep them of their larger services: varint how many, then their
 * steps, bit-packed; a seal.
 */
#include "base/buf.h"

#include <stdlib.h>

/* Of n addresses, ascending, each once. */
int must_check set_encode(const uint32_t *source, size_t n, struct buf *out);
/* 0; 1 where the bytes are none; -ENOMEM. *ret is the caller's to free. */
int must_check set_decode(const void *data, size_t n, uint32_t **ret, size_t *ret_n);
