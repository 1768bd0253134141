#include "base/digest.h"

#include <assert.h>
#include <stdbool.h>
#include <nettle/nettle-meta.h>

static const struct nettle_hash *hash_of(enum digest_kind kind)
{
    switch (kind) {
    case DIGEST_MD5:
        return &nettle_md5;
    case DIGEST_SHA1:
        return &nettle_sha1;
    case DIGEST_SHA256:
        return &nettle_sha256;
    case DIGEST_SHA512:
        return &nettle_sha512;
    case DIGEST_SHA3_224:
        return &nettle_sha3_224;
    case DIGEST_SHA3_256:
        return &nettle_sha3_256;
    case DIGEST_SHA3_384:
        return &nettle_sha3_384;
    case DIGEST_SHA3_512:
        return &nettle_sha3_512;
    }
    assert(false);
    return NULL;
}

void digest_begin(struct digest *d, enum digest_kind kind)
{
    const struct nettle_hash *hash = hash_of(kind);
    assert(hash->context_size <= sizeof d->state && hash->digest_size <= DIGEST_MOST);
    d->kind = kind;
    hash->init(d->state);
}

void digest_add(struct digest *d, const void *data, size_t n)
{
    if (n)
        hash_of(d->kind)->update(d->state, n, data);
}

size_t digest_end(struct digest *d, uint8_t ret[static DIGEST_MOST])
{
    const struct nettle_hash *hash = hash_of(d->kind);
    hash->digest(d->state, hash->digest_size, ret);
    return hash->digest_size;
}
