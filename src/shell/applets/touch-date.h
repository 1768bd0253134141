#pragma once
/*
 * Dates as `touch -d` and `date -d` take them: HH:MM[:SS], [YYYY.]MM.DD-HH:MM[:SS],
 * YYYY-MM-DD [HH[:MM[:SS]] [zone]], Jan 2 03:04:05 2020, [[[[[CC]YY]MM]DD]hh]mm[.ss], @SECONDS. *c
 * holds what is left where s does not say it. false: s is no date.
 */
#include "shell/applets/stat-text.h"

bool date_parse(struct proc *p, const char *s, struct civil *c, int64_t *ret);
