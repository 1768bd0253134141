#pragma once
/*
 * The table of usage texts that scripts/learn-usage.py writes into the build's folder; looked up by
 * applet_usage() of applet.h.
 */
#include <stddef.h>

struct usage {
    const char *name, *text;
};

extern const struct usage usage_table[]; /* ascending by name */
extern const size_t usage_table_n;
