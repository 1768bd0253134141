#pragma once
/*
 * Addresses that give way to others.
 */
#include "event/census.h"

struct swap_pair {
    struct addr from, to;
};

struct swap {
    struct swap_pair *pair; /* owned; by `from`, each once, from swap_settle() on */
    size_t n, room;
};

void swap_release(struct swap *w);
int must_check swap_add(struct swap *w, const struct addr *from, const struct addr *to);
void swap_settle(struct swap *w);
/* What stands for an address now, or NULL where it stays. */
const struct addr *swap_find(const struct swap *w, const struct addr *a);

/* Whether any of them is a source of the census. */
bool swap_meets(const struct swap *w, const struct census *c);
/* The census with them replaced, into an empty one. *ret_number, where it is not NULL, becomes the number in
 * *ret of each IPv4 source of c; the caller's to free, also on failure. */
int must_check swap_census(const struct swap *w, const struct census *c, struct census *ret,
                           uint32_t **ret_number);
