#pragma once
/* How even bytes are spread (Shannon): hundredths of a bit a byte, 0 to 800. What is packed or encrypted is near 800. */
#include <stddef.h>
#include <stdint.h>

uint16_t entropy(const void *data, size_t n);
