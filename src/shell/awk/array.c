#include "shell/awk/array.h"

#include <string.h>

static const uint32_t sizes[] = { 61, 251, 1021, 4093, 16381, 65521 };
enum { SIZES = sizeof sizes / sizeof *sizes, MOST_A_BUCKET = 8 };

static uint32_t hash_of(const char *key, size_t n)
{
    uint32_t h = 0;
    for (size_t i = 0; i < n; i++)
        h = (unsigned char)key[i] + h * 63;
    return h;
}

struct awk_array *awk_array_make(struct awk_pool *p)
{
    struct awk_array *a = memory_take(p->m, sizeof *a);
    a->n_buckets = sizes[0];
    a->buckets = memory_take(p->m, a->n_buckets * sizeof(struct awk_item *));
    return a;
}

static void item_free(struct awk_pool *p, struct awk_item *i)
{
    value_drop(p, &i->value);
    str_drop(p, i->key);
    memory_give(p->m, i);
}

void awk_array_clear(struct awk_pool *p, struct awk_array *a)
{
    for (uint32_t b = 0; b < a->n_buckets; b++) {
        for (struct awk_item *i = a->buckets[b], *next; i; i = next) {
            next = i->next;
            item_free(p, i);
        }
        a->buckets[b] = NULL;
    }
    a->count = 0;
}

void awk_array_free(struct awk_pool *p, struct awk_array *a)
{
    if (!a)
        return;
    awk_array_clear(p, a);
    memory_give(p->m, a->buckets);
    memory_give(p->m, a);
}

static struct awk_item *find(struct awk_pool *p, const struct awk_array *a, const char *key,
                             size_t n, uint32_t hash)
{
    struct awk_item *i = a->buckets[hash % a->n_buckets];
    while (i && (i->hash != hash || i->key->len != n || memcmp(i->key->data, key, n) != 0)) {
        i = i->next;
        p->work++;
    }
    return i;
}

struct awk_item *awk_array_find(struct awk_pool *p, const struct awk_array *a, const char *key,
                                size_t n)
{
    return find(p, a, key, n, hash_of(key, n));
}

static void link_in(struct awk_item **buckets, uint32_t n_buckets, struct awk_item *i)
{
    struct awk_item **head = &buckets[i->hash % n_buckets];
    i->next = *head;
    *head = i;
}

static void grow(struct awk_pool *p, struct awk_array *a)
{
    size_t s = 0;
    while (s < SIZES && sizes[s] <= a->n_buckets)
        s++;
    if (s == SIZES)
        return;
    struct awk_item **buckets = memory_take(p->m, sizes[s] * sizeof *buckets);
    for (uint32_t b = 0; b < a->n_buckets; b++) {
        for (struct awk_item *i = a->buckets[b], *next; i; i = next) {
            next = i->next;
            link_in(buckets, sizes[s], i);
        }
    }
    memory_give(p->m, a->buckets);
    a->buckets = buckets;
    a->n_buckets = sizes[s];
}

struct awk_item *awk_array_at(struct awk_pool *p, struct awk_array *a, const char *key, size_t n)
{
    uint32_t hash = hash_of(key, n);
    struct awk_item *i = find(p, a, key, n, hash);
    if (i)
        return i;
    if (++a->count > a->n_buckets * MOST_A_BUCKET)
        grow(p, a);
    i = memory_take(p->m, sizeof *i);
    i->key = awk_str_make(p, key, n);
    i->hash = hash;
    link_in(a->buckets, a->n_buckets, i);
    return i;
}

void awk_array_set(struct awk_pool *p, struct awk_array *a, const char *key, size_t n,
                   struct awk_value v)
{
    struct awk_item *i = awk_array_at(p, a, key, n);
    struct awk_value old = i->value;
    i->value = v;
    value_drop(p, &old);
}

void awk_array_remove(struct awk_pool *p, struct awk_array *a, const char *key, size_t n)
{
    struct awk_item *i = awk_array_find(p, a, key, n);
    if (!i)
        return;
    struct awk_item **at = &a->buckets[i->hash % a->n_buckets];
    while (*at != i)
        at = &(*at)->next;
    *at = i->next;
    a->count--;
    item_free(p, i);
}

struct awk_walk *awk_walk_make(struct awk_pool *p, const struct awk_array *a)
{
    size_t n = a ? a->count : 0;
    struct awk_walk *w = memory_take(p->m, sizeof *w + n * sizeof(struct awk_str *));
    for (uint32_t b = 0; n && b < a->n_buckets; b++) {
        for (const struct awk_item *i = a->buckets[b]; i; i = i->next)
            w->keys[w->n++] = str_keep(i->key);
    }
    return w;
}

void awk_walk_free(struct awk_pool *p, struct awk_walk *w)
{
    while (w->at < w->n)
        str_drop(p, w->keys[w->at++]);
    memory_give(p->m, w);
}
