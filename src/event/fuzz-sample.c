/* A sample's report in its binary form. What is let through encodes to something that reads as the same. */
#include "event/sample.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sample_report r, again;
    struct buf a, b;
    if (sample_get(rd_init(data, size), &r))
        return 0;
    buf_init(&a, 8 << 20);
    buf_init(&b, 8 << 20);
    sample_put(&a, &r);
    if (!buf_ok(&a) || sample_get(rd_init(a.data, a.len), &again))
        abort();
    sample_put(&b, &again);
    assert(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
    sample_report_release(&r);
    sample_report_release(&again);
    buf_release(&a);
    buf_release(&b);
    return 0;
}
