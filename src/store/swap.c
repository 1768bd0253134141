#include "store/swap.h"

#include "base/array.h"
#include "base/sort.h"

#include <string.h>

void swap_release(struct swap *w)
{
    free(w->pair);
    *w = (struct swap){ 0 };
}

int swap_add(struct swap *w, const struct addr *from, const struct addr *to)
{
    TRY(ARRAY_ROOM(w->pair, w->room, w->n + 1));
    w->pair[w->n++] = (struct swap_pair){ *from, *to };
    return 0;
}

static int by_from(const void *a, const void *b)
{
    const struct swap_pair *x = a, *y = b;
    return addr_cmp(&x->from, &y->from);
}

void swap_settle(struct swap *w)
{
    size_t kept = 0;
    if (w->n)
        qsort(w->pair, w->n, sizeof *w->pair, by_from);
    for (size_t i = 0; i < w->n; i++)
        if (i == 0 || by_from(&w->pair[kept - 1], &w->pair[i]) != 0)
            w->pair[kept++] = w->pair[i];
    w->n = kept;
}

const struct addr *swap_find(const struct swap *w, const struct addr *a)
{
    const struct swap_pair key = { .from = *a };
    const struct swap_pair *found =
        w->n ? bsearch(&key, w->pair, w->n, sizeof *w->pair, by_from) : NULL;
    return found ? &found->to : NULL;
}

bool swap_meets(const struct swap *w, const struct census *c)
{
    for (size_t i = 0; i < w->n; i++)
        if (census_find(c, &w->pair[i].from))
            return true;
    return false;
}

/* ---- a census ---- */

static int swap_v4(const struct swap *w, const struct census *c, struct census *ret, uint32_t *number)
{
    struct sort_item *item = malloc((2 * c->v4_n + 1) * sizeof *item);
    if (!item)
        return -ENOMEM;
    for (size_t i = 0; i < c->v4_n; i++) {
        struct addr a = addr_v4(c->v4[i]);
        const struct addr *to = swap_find(w, &a);
        item[i] = (struct sort_item){ to ? addr_u32(to) : c->v4[i], i };
    }
    sort_items(item, item + c->v4_n, c->v4_n, 0, 32);
    int err = 0;
    for (size_t i = 0; !err && i < c->v4_n; i++) {
        if (number)
            number[item[i].rest] = (uint32_t)i;
        err = census_add_v4(ret, (uint32_t)item[i].key, &c->classes[c->v4_class[item[i].rest]]);
    }
    free(item);
    return err;
}

struct v6_item {
    uint8_t addr[16];
    uint16_t class;
};

static int by_address(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static int swap_v6(const struct swap *w, const struct census *c, struct census *ret)
{
    struct v6_item *item = malloc((c->v6_n + 1) * sizeof *item);
    if (!item)
        return -ENOMEM;
    for (size_t i = 0; i < c->v6_n; i++) {
        struct addr a = { .family = 6 };
        memcpy(a.bytes, c->v6[i], 16);
        const struct addr *to = swap_find(w, &a);
        memcpy(item[i].addr, to ? to->bytes : a.bytes, 16);
        item[i].class = c->v6_class[i];
    }
    qsort(item, c->v6_n, sizeof *item, by_address);
    int err = 0;
    for (size_t i = 0; !err && i < c->v6_n; i++)
        err = census_add_v6(ret, item[i].addr, &c->classes[item[i].class]);
    free(item);
    return err;
}

int swap_census(const struct swap *w, const struct census *c, struct census *ret, uint32_t **ret_number)
{
    uint32_t *number = NULL;
    if (ret_number && !(number = *ret_number = malloc((c->v4_n + 1) * sizeof *number)))
        return -ENOMEM;
    TRY(swap_v4(w, c, ret, number));
    return swap_v6(w, c, ret);
}
