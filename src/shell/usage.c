#include "shell/usage.h"

#include "shell/applet.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *name, const void *row)
{
    return strcmp(name, ((const struct usage *)row)->name);
}

const char *applet_usage(const char *name)
{
    const struct usage *u = bsearch(name, usage_table, usage_table_n, sizeof *usage_table, compare);
    return u ? u->text : NULL;
}
