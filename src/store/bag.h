#pragma once
/*
 * A bag of addresses, thrown in with repeats and counted once each.
 */
#include "base/addr.h"

struct bag {
    uint32_t *v4; /* owned */
    size_t v4_n, v4_room, v4_sorted; /* the first v4_sorted are ascending, each once */
    uint8_t (*v6)[16];
    size_t v6_n, v6_room;
};

void bag_release(struct bag *b);
int must_check bag_add_v4(struct bag *b, uint32_t address);
int must_check bag_add_v6(struct bag *b, const uint8_t address[static 16]);
int must_check bag_add(struct bag *b, const struct addr *a);
/* How many different ones: sorts. */
int must_check bag_count(struct bag *b, uint64_t *ret);
