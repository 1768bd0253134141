#pragma once
/*
 * Radix sorts for long arrays: stable, linear, least significant digit first; bits that all share are
 * passed over. `scratch` has room for n items; the result is in `v`.
 */
#include <stddef.h>
#include <stdint.h>

void sort_u32(uint32_t *v, uint32_t *scratch, size_t n);
/* Drops repeats from a sorted array; returns how many are left. */
size_t sort_unique_u32(uint32_t *v, size_t n);

/* Items of sixteen bytes, sorted by the number in the first eight. */
struct sort_item {
    uint64_t key;
    uint64_t rest;
};
/* By the bits `low` to `high` - 1 of the key. */
void sort_items(struct sort_item *v, struct sort_item *scratch, size_t n, unsigned low, unsigned high);
/* The same without moving the result back: it is in `v` or in `scratch`, as returned. */
struct sort_item *sort_items_to(struct sort_item *v, struct sort_item *scratch, size_t n, unsigned low,
                                unsigned high);
