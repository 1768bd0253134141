#pragma once
/*
 * How far the wall clock can be trusted: what the kernel says of its discipline. Nothing is set.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct clock_state {
    bool known;        /* the kernel told; false where it may not be asked */
    bool synchronised; /* something (NTP, PTP) keeps it right */
    int64_t error_us;  /* estimated error; the most it can be is max_error_us */
    int64_t max_error_us;
};

struct clock_state clock_look(void);
