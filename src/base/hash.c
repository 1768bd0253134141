#include "base/hash.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

/* The library as packaged for x86-64 can choose the widest vectors at run time: a third less
 * time. */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#define hash128_update XXH3_128bits_update_dispatch
#else
#define hash128_update XXH3_128bits_update
#endif

/* XXH3_state_t is the library's own type; ours is never defined, only pointed to. */
static XXH3_state_t *state(struct hash128 *h)
{
    return (XXH3_state_t *)h;
}

uint64_t hash64(const void *data, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, n, seed);
}

int hash128_make(struct hash128 **ret)
{
    XXH3_state_t *s = XXH3_createState();
    if (!s)
        return -ENOMEM;
    XXH3_128bits_reset(s);
    *ret = (struct hash128 *)s;
    return 0;
}

void hash128_free(struct hash128 *h)
{
    XXH3_freeState(state(h));
}

void hash128_add(struct hash128 *h, const void *data, size_t n)
{
    XXH_errorcode e = hash128_update(state(h), data, n);
    assert(e == XXH_OK);
    (void)e;
}

void hash128_value(const struct hash128 *h, uint8_t ret[static 16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest((const XXH3_state_t *)h));
    memcpy(ret, canonical.digest, sizeof canonical.digest);
}
