#include "packet/p0f-internal.h"

#include <assert.h>
#include <string.h>

/* A p0f signature file of any bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct p0f *p = NULL;
    unsigned line = 0;
    if (p0f_load(&p, (const char *)data, size, &line)) {
        assert(line > 0 && !p);
        return 0;
    }
    assert(line == 0 && p0f_labels(p) <= P0F_LABELS);
    assert(!p0f_left_out(p) || p0f_labels(p) == P0F_LABELS);
    for (unsigned i = 1; i <= p0f_labels(p); i++) {
        size_t n = strlen(p0f_label(p, i));
        assert(n > 0 && n <= P0F_LABEL_LENGTH);
    }

    /* One SYN with the options that most signatures have, against whatever was read. */
    /* clang-format off */
    static const uint8_t packet[] = {
        0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
        0, 9, 0, 23, 0, 0, 0, 1, 0, 0, 0, 0, 0xa0, 2, 0x72, 0x10, 0, 0, 0, 0,
        2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7,
    };
    /* clang-format on */
    struct p0f_syn syn = { packet, packet + 20, packet + sizeof packet, 0, 4 };
    unsigned number = p0f_match(p, &syn);
    assert(number <= p0f_labels(p));
    assert(p0f_match(p, &syn) == number && p0f_match_uncached(p, &syn) == number);
    p0f_free(p);
    return 0;
}
