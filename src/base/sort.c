#include "base/sort.h"

#include <stdbool.h>
#include <string.h>

/* Long arrays are sorted eleven bits at a time, shorter ones eight: their counters cost less to clear. */
enum { DIGIT = 11, BUCKETS = 1 << DIGIT, BYTE_BUCKETS = 256, FEW = 32, MANY = 6000 };

/* Turns counts into starts; false where all items share one bucket. */
static bool make_starts(uint32_t *count, unsigned buckets, size_t n)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < buckets; i++) {
        uint32_t c = count[i];
        if (c == n)
            return false;
        count[i] = sum;
        sum += c;
    }
    return true;
}

static void insertion_u32(uint32_t *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t x = v[i];
        size_t j = i;
        for (; j && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

static inline __attribute__((always_inline)) void radix_u32(uint32_t *v, uint32_t *scratch, size_t n,
                                                            unsigned digits, unsigned bits,
                                                            uint32_t *count)
{
    unsigned buckets = 1u << bits;
    for (size_t i = 0; i < n; i++)
        for (unsigned d = 0; d < digits; d++)
            count[d * buckets + (v[i] >> (d * bits) & (buckets - 1))]++;
    uint32_t *from = v, *to = scratch;
    for (unsigned d = 0; d < digits; d++) {
        uint32_t *at = count + d * buckets;
        if (!make_starts(at, buckets, n))
            continue;
        for (size_t i = 0; i < n; i++)
            to[at[from[i] >> (d * bits) & (buckets - 1)]++] = from[i];
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != v)
        memcpy(v, from, n * sizeof *v);
}

void sort_u32(uint32_t *v, uint32_t *scratch, size_t n)
{
    if (n <= FEW) {
        insertion_u32(v, n);
    } else if (n <= MANY) {
        uint32_t count[4 * BYTE_BUCKETS] = { 0 };
        radix_u32(v, scratch, n, 4, 8, count);
    } else {
        uint32_t count[3 * BUCKETS] = { 0 };
        radix_u32(v, scratch, n, 3, DIGIT, count);
    }
}

size_t sort_unique_u32(uint32_t *v, size_t n)
{
    if (n == 0)
        return 0;
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (v[i] != v[kept - 1])
            v[kept++] = v[i];
    return kept;
}

static void insertion_items(struct sort_item *v, size_t n, uint64_t mask)
{
    for (size_t i = 1; i < n; i++) {
        struct sort_item x = v[i];
        size_t j = i;
        for (; j && (v[j - 1].key & mask) > (x.key & mask); j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

static uint64_t bits_between(unsigned low, unsigned high)
{
    uint64_t below_high = high == 64 ? ~UINT64_C(0) : (UINT64_C(1) << high) - 1;
    return below_high & ~((UINT64_C(1) << low) - 1);
}

void sort_items(struct sort_item *v, struct sort_item *scratch, size_t n, unsigned low, unsigned high)
{
    if (n <= FEW) {
        insertion_items(v, n, bits_between(low, high));
        return;
    }
    enum { DIGITS = 6 };
    unsigned digits = (high - low + DIGIT - 1) / DIGIT;
    uint32_t count[DIGITS][BUCKETS];
    memset(count, 0, digits * sizeof count[0]);
    uint64_t mask = bits_between(low, high);
    for (size_t i = 0; i < n; i++) {
        uint64_t key = (v[i].key & mask) >> low;
        for (unsigned d = 0; d < digits; d++, key >>= DIGIT)
            count[d][key & (BUCKETS - 1)]++;
    }
    struct sort_item *from = v, *to = scratch;
    for (unsigned d = 0; d < digits; d++) {
        if (!make_starts(count[d], BUCKETS, n))
            continue;
        unsigned shift = low + d * DIGIT;
        uint64_t keep = mask >> shift & (BUCKETS - 1);
        for (size_t i = 0; i < n; i++)
            to[count[d][from[i].key >> shift & keep]++] = from[i];
        struct sort_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != v)
        memcpy(v, from, n * sizeof *v);
}
