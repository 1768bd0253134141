#pragma once
/*
 * Addresses that stand in a text are found, and taken out.
 */
#include "base/addr.h"

/* For each address in the text: `name` gives 1 where it is to go, and each of its characters becomes an x; 0 where it stays;
 * negative is trouble. 1 where one went, 0 where none did. */
int must_check mask_text(int (*name)(void *context, const struct addr *a), void *context, uint8_t *data, size_t n);
