#include "store/bag.h"

#include "base/array.h"
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

enum { SETTLE = 1 << 22 }; /* repeats are thrown out when this many are new */

void bag_release(struct bag *b)
{
    free(b->v4);
    free(b->v6);
    *b = (struct bag){ 0 };
}

static int settle_v4(struct bag *b)
{
    uint32_t *scratch = malloc((b->v4_n + 1) * sizeof *scratch);
    if (!scratch)
        return -ENOMEM;
    sort_u32(b->v4, scratch, b->v4_n);
    free(scratch);
    b->v4_n = b->v4_sorted = sort_unique_u32(b->v4, b->v4_n);
    return 0;
}

static int more_room(struct bag *b)
{
    if (b->v4_n - b->v4_sorted >= SETTLE)
        TRY(settle_v4(b));
    if (b->v4_n < b->v4_room / 4 * 3)
        return 0;
    return ARRAY_ROOM(b->v4, b->v4_room, b->v4_room + 1);
}

int bag_add_v4(struct bag *b, uint32_t address)
{
    if (b->v4_n == b->v4_room)
        TRY(more_room(b));
    b->v4[b->v4_n++] = address;
    return 0;
}

int bag_add_v6(struct bag *b, const uint8_t address[static 16])
{
    TRY(ARRAY_ROOM(b->v6, b->v6_room, b->v6_n + 1));
    memcpy(b->v6[b->v6_n++], address, 16);
    return 0;
}

int bag_add(struct bag *b, const struct addr *a)
{
    return a->family == 4 ? bag_add_v4(b, addr_u32(a)) : bag_add_v6(b, a->bytes);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

int bag_count(struct bag *b, uint64_t *ret)
{
    TRY(settle_v4(b));
    size_t kept = 0;
    if (b->v6_n)
        qsort(b->v6, b->v6_n, 16, by_bytes);
    for (size_t i = 0; i < b->v6_n; i++)
        if (i == 0 || memcmp(b->v6[i], b->v6[kept - 1], 16) != 0)
            memcpy(b->v6[kept++], b->v6[i], 16);
    b->v6_n = kept;
    *ret = b->v4_n + b->v6_n;
    return 0;
}
