#include "sample/script.h"

#include "sample/endpoint.h"
#include "shell/dry.h"

#include <string.h>

enum { SURE = 90, SCRIPT_MOST = 1 << 20 };

struct reading {
    struct sample_report *report;
    size_t fetches, runs;
    int err;
};

/* Only what comes from there: what would be sent away is told, but is nothing to fetch. */
static void found(void *context, const struct dry_found *f)
{
    struct reading *r = context;
    r->runs += f->kind == DRY_RUN;
    if (f->kind != DRY_FETCH || r->err)
        return;
    r->fetches++;
    r->err = endpoint_add_url(r->report, f->url, f->port, f->upload ? "upload" : "script", SURE);
}

int script_read(const void *data, size_t n, struct sample_report *r)
{
    struct reading reading = { .report = r };
    const struct dry d = { .context = &reading, .found = found };
    int err = dry_walk(&d, data, n < SCRIPT_MOST ? n : SCRIPT_MOST);
    TRY(err);
    TRY(reading.err);
    if (err > 0)
        TRY(sample_add_finding(r, "script-bounds", 0, "too much of it to be walked to its end"));
    if (reading.fetches && reading.runs)
        TRY(sample_add_finding(r, "loader", 0, "fetches %zu things and runs %zu files", reading.fetches, reading.runs));
    return 0;
}
