#pragma once
/*
 * Dates as `touch -d` and `date -d` take them: HH:MM[:SS], [YYYY.]MM.DD-HH:MM[:SS],
 * YYYY-MM-DD [HH[:MM[:SS]] [zone]], Jan 2 03:04:05 2020, [[[[[CC]YY]MM]DD]hh]mm[.ss], @SECONDS.
 * now holds what s does not say. false: s is no date.
 */
#include "shell/applets/date-time.h"

bool date_parse(const char *s, const char *tz, int64_t now, int64_t *ret);
