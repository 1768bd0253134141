/* A file's content without its rules: strings, endpoints, what is hidden, loader scripts, likeness. The report survives its
 * binary form. */
#include "sample/triage.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct triage *t;
    const int none = -1;
    struct sample_report r, again;
    struct buf b;
    if (size > 1 << 16)
        return 0;
    if (!t && triage_make(&t, &none, 1))
        abort();
    sample_report_init(&r);
    if (triage_run(t, data, size, &r))
        abort();
    buf_init(&b, 8 << 20);
    sample_put(&b, &r);
    if (!buf_ok(&b) || sample_get(rd_init(b.data, b.len), &again))
        abort();
    for (size_t i = 0; i < r.endpoints; i++)
        assert(r.endpoint[i].confidence >= 1 && r.endpoint[i].confidence <= 100 && r.endpoint[i].text[0]);
    sample_report_release(&again);
    sample_report_release(&r);
    buf_release(&b);
    return 0;
}
