#pragma once
/*
 * Hashes that are fast rather than secret: XXH3. The only user of xxhash.h.
 *
 * hash64() is for tables and for choosing; hash128 names content. Neither resists a forger: what
 * must resist one is hashed with something else.
 */
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

uint64_t hash64(const void *data, size_t n, uint64_t seed);

/* XXH3-128 of a stream of bytes, however it is cut into pieces. */
struct hash128;

int must_check hash128_make(struct hash128 **ret); /* 0 or -ENOMEM */
void hash128_free(struct hash128 *h);              /* NULL is fine */
void hash128_add(struct hash128 *h, const void *data, size_t n);
/* The hash of all bytes so far, canonical (big-endian); more may be added afterwards. */
void hash128_value(const struct hash128 *h, uint8_t ret[static 16]);
