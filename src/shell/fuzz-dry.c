#include "shell/dry.h"

#include <assert.h>
#include <string.h>

static void found(void *context, const struct dry_found *f)
{
    size_t *n = context;
    assert(f->name && f->applet && f->url && f->scheme && f->host && f->path && f->save);
    *n += strlen(f->name) + strlen(f->url) + strlen(f->host) + strlen(f->path) + strlen(f->save);
}

/* Whatever the script, it ends, and soon. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = 0;
    struct dry d = { .context = &n, .found = found, .steps = 20000, .memory = 1 << 20 };
    int e = dry_walk(&d, data, size);
    assert(e == 0 || e == 1);
    return 0;
}
