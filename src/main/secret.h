#pragma once
/*
 * The observatory's secret: what differs by address at the trap is made of it, so that nobody can foresee it. A file of the
 * state folder, made once; as long as it stays, each address plays the same device.
 */
#include "base/err.h"

#include <stdint.h>

enum { SECRET_BYTES = 16 };

/* Makes it where it is not there. 0, or -errno (-EINVAL: what is there is none). */
int must_check secret_read(const char *state, uint8_t ret[static SECRET_BYTES]);
