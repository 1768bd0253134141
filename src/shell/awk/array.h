#pragma once
/*
 * Arrays of awk: chained, in the reference's order, because programs show it: for (k in a) goes by
 * bucket, the newest first in each. 61 buckets to begin with, more when there are eight items a
 * bucket.
 */
#include "shell/awk/value.h"

struct awk_item {
    struct awk_item *next;
    struct awk_str *key;
    struct awk_value value;
    uint32_t hash;
};

struct awk_array {
    struct awk_item **buckets;
    uint32_t n_buckets, count;
};

/* The keys that a loop is still to see; they are those that were there when it began. */
struct awk_walk {
    size_t n, at;
    struct awk_str *keys[];
};

struct awk_array *awk_array_make(struct awk_pool *p);
void awk_array_clear(struct awk_pool *p, struct awk_array *a);
void awk_array_free(struct awk_pool *p, struct awk_array *a); /* NULL is fine */
/* Or NULL. */
struct awk_item *awk_array_find(struct awk_pool *p, const struct awk_array *a, const char *key,
                                size_t n);
/* Made where there is none. */
struct awk_item *awk_array_at(struct awk_pool *p, struct awk_array *a, const char *key, size_t n);
void awk_array_set(struct awk_pool *p, struct awk_array *a, const char *key, size_t n,
                   struct awk_value v);
void awk_array_remove(struct awk_pool *p, struct awk_array *a, const char *key, size_t n);

struct awk_walk *awk_walk_make(struct awk_pool *p,
                               const struct awk_array *a); /* NULL array: no keys */
void awk_walk_free(struct awk_pool *p, struct awk_walk *w);
