#include "base/sort.h"

#include <string.h>

/* Long arrays are sorted eleven bits at a time, shorter ones eight: their counters cost less to clear. */
enum { WIDE = 11, SHORT = 8, DIGITS = 8 /* at most, of either */, FEW = 32, MANY = 6000 };

/* Where the items of each bucket go, of which counts tell how many they are. */
static void make_starts(uint32_t *count, unsigned buckets)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < buckets; i++) {
        uint32_t c = count[i];
        count[i] = sum;
        sum += c;
    }
}

struct digits {
    unsigned n, bits, shift[DIGITS];
    uint64_t keep[DIGITS]; /* of what was shifted down */
};

/* A digit begins at the lowest bit, not yet sorted by, in which any two items differ: what all share costs
 * nothing, wherever it lies. */
static void choose_digits(struct digits *d, size_t n, uint64_t vary, uint64_t mask)
{
    d->n = 0;
    d->bits = n > MANY ? WIDE : SHORT;
    uint64_t digit = (UINT64_C(1) << d->bits) - 1;
    for (; vary; vary &= ~(digit << d->shift[d->n++])) {
        d->shift[d->n] = (unsigned)__builtin_ctzll(vary);
        d->keep[d->n] = mask >> d->shift[d->n] & digit;
    }
}

/* The sort of one type by the bits of `mask` in its key. */
#define DEFINE_SORT(name, type, KEY)                                                               \
    static void name##_insertion(type *v, size_t n, uint64_t mask)                                 \
    {                                                                                              \
        for (size_t i = 1; i < n; i++) {                                                           \
            type x = v[i];                                                                         \
            size_t j = i;                                                                          \
            for (; j && (KEY(v[j - 1]) & mask) > (KEY(x) & mask); j--)                             \
                v[j] = v[j - 1];                                                                   \
            v[j] = x;                                                                              \
        }                                                                                          \
    }                                                                                              \
    static type *name(type *v, type *scratch, size_t n, uint64_t mask)                             \
    {                                                                                              \
        if (n <= FEW) {                                                                            \
            name##_insertion(v, n, mask);                                                          \
            return v;                                                                              \
        }                                                                                          \
        uint64_t vary = 0;                                                                         \
        for (size_t i = 1; i < n; i++)                                                             \
            vary |= KEY(v[i]) ^ KEY(v[0]);                                                         \
        struct digits d;                                                                           \
        choose_digits(&d, n, vary & mask, mask);                                                   \
        uint32_t count[DIGITS << WIDE], *at = count;                                         \
        memset(at, 0, (d.n << d.bits) * sizeof *at);                                               \
        for (size_t i = 0; i < n; i++)                                                             \
            for (unsigned k = 0; k < d.n; k++)                                                     \
                at[k << d.bits | (KEY(v[i]) >> d.shift[k] & d.keep[k])]++;                         \
        type *from = v, *to = scratch;                                                             \
        for (unsigned k = 0; k < d.n; k++, at += (size_t)1 << d.bits) {                            \
            unsigned shift = d.shift[k];                                                           \
            uint64_t keep = d.keep[k];                                                             \
            make_starts(at, 1u << d.bits);                                                         \
            for (size_t i = 0; i < n; i++)                                                         \
                to[at[KEY(from[i]) >> shift & keep]++] = from[i];                                  \
            type *swap = from;                                                                     \
            from = to;                                                                             \
            to = swap;                                                                             \
        }                                                                                          \
        return from;                                                                               \
    }

#define NUMBER(x) ((uint64_t)(x))
#define ITEM_KEY(x) ((x).key)
DEFINE_SORT(by_u32, uint32_t, NUMBER)
DEFINE_SORT(by_item, struct sort_item, ITEM_KEY)

static uint64_t bits_between(unsigned low, unsigned high)
{
    uint64_t below_high = high == 64 ? ~UINT64_C(0) : (UINT64_C(1) << high) - 1;
    return below_high & ~((UINT64_C(1) << low) - 1);
}

void sort_u32(uint32_t *v, uint32_t *scratch, size_t n)
{
    const uint32_t *sorted = by_u32(v, scratch, n, UINT32_MAX);
    if (sorted != v)
        memcpy(v, sorted, n * sizeof *v);
}

struct sort_item *sort_items_to(struct sort_item *v, struct sort_item *scratch, size_t n, unsigned low,
                                unsigned high)
{
    return by_item(v, scratch, n, bits_between(low, high));
}

void sort_items(struct sort_item *v, struct sort_item *scratch, size_t n, unsigned low, unsigned high)
{
    const struct sort_item *sorted = sort_items_to(v, scratch, n, low, high);
    if (sorted != v)
        memcpy(v, sorted, n * sizeof *v);
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
