#pragma once
/*
 * The hashes that a visitor may ask for (md5sum and its like). For what must resist a forger see
 * base/sha256.h.
 */
#include <stddef.h>
#include <stdint.h>

enum digest_kind {
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA256,
    DIGEST_SHA512,
    DIGEST_SHA3_224,
    DIGEST_SHA3_256,
    DIGEST_SHA3_384,
    DIGEST_SHA3_512,
};

enum { DIGEST_MOST = 64 };

struct digest {
    enum digest_kind kind;
    uint64_t state[48]; /* the library's */
};

void digest_begin(struct digest *d, enum digest_kind kind);
void digest_add(struct digest *d, const void *data, size_t n);
/* The hash of all that was added, and its length in bytes; the state must then begin anew. */
size_t digest_end(struct digest *d, uint8_t ret[static DIGEST_MOST]);
