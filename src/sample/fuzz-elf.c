/* The ELF reader. What it tells of any bytes goes through the binary form, and each name that is imported lies within them. */
#include "sample/elf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct taken {
    const uint8_t *data;
    size_t size, n;
};

static int take(void *context, const char *name, size_t length)
{
    struct taken *t = context;
    const uint8_t *at = (const uint8_t *)name;
    if (at < t->data || length == 0 || length >= (size_t)(t->data + t->size - at) || memchr(name, '\0', length) || at[length])
        abort();
    t->n++;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sample_report r, again;
    struct taken t = { data, size, 0 };
    struct buf b;
    sample_report_init(&r);
    if (elf_tell(data, size, &r) || elf_imports(data, size, take, &t) || t.n > 8192)
        abort();
    if (size >= 24 && !r.word[WORD_CPU][0])
        abort();
    buf_init(&b, 8 << 20);
    sample_put(&b, &r);
    if (!buf_ok(&b) || sample_get(rd_init(b.data, b.len), &again))
        abort();
    sample_report_release(&r);
    sample_report_release(&again);
    buf_release(&b);
    return 0;
}
