#pragma once
/*
 * Instants are seconds since 1970 UTC in an int64_t. Days are cut in a named zone (IANA), because the
 * bulletin of a country counts that country's days.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { TIME_TEXT = 32 };

/* RFC 3339, "2026-11-24T05:59:40Z". */
const char *time_text(int64_t when, char text[static TIME_TEXT]);
/* The same of microseconds since 1970, "2026-11-24T05:59:40.000123Z". */
const char *time_text_us(int64_t when, char text[static TIME_TEXT]);
/* RFC 3339 with zone, "2026-11-24", "2026-11-24 05:59", "now", or an age: "90m", "24h", "7d" before `now`.
 * Words without a zone are read in `zone`. 0, or 1 where it is none of these. */
int must_check time_parse(const char *text, int64_t now, const char *zone, int64_t *ret);

/* Start of the day in `zone` that holds `when`, and of the day after. zone NULL is the host's. */
int64_t time_day_start(int64_t when, const char *zone);
int64_t time_day_next(int64_t day_start, const char *zone);
/* "2026-11-24" in `zone`. */
const char *time_day_text(int64_t when, const char *zone, char text[static TIME_TEXT]);
/* Whether the system knows this zone's name. */
bool time_zone_known(const char *zone);
/* The host's zone by its IANA name; "UTC" where it cannot be told. Static storage. */
const char *time_zone_host(void);

int64_t time_now(void);
/* Microseconds since 1970. */
int64_t time_now_us(void);
/* Nanoseconds on the monotonic clock. */
uint64_t time_mono(void);
#define NS_A_S UINT64_C(1000000000)
#define US_A_S INT64_C(1000000)
