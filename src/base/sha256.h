#pragma once
/*
 * SHA-256 (FIPS 180-4), for what must resist a forger. The only user of the nettle library: small, without
 * settings, files or allocations of its own, so that it works in the narrowest room.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_HEX = 65 };

struct sha256 {
    uint64_t state[16]; /* the library's */
};

void sha256_begin(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *data, size_t n);
/* A number in eight bytes, least significant first. */
void sha256_add_int(struct sha256 *h, int64_t v);
/* The length of a part, and the part: so that no two lists of parts give the same bytes. */
void sha256_add_part(struct sha256 *h, const void *data, size_t n);
/* The hash of all that was added; the state must then begin anew. */
void sha256_end(struct sha256 *h, uint8_t ret[static SHA256_BYTES]);

/* 64 lower case digits. */
const char *sha256_hex(const uint8_t hash[static SHA256_BYTES], char ret[static SHA256_HEX]);
/* 64 digits of either case and nothing more; false where it is something else. */
bool sha256_parse(const char *text, uint8_t ret[static SHA256_BYTES]);
