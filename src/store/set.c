#include "store/set.h"

#include "event/bits.h"
#include "event/seal.h"

int set_encode(const uint32_t *source, size_t n, struct buf *out)
{
    uint32_t *step = malloc((n + 1) * sizeof *step);
    if (!step)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        step[i] = i ? source[i] - source[i - 1] - 1 : source[0];
    size_t start = out->len;
    buf_varint(out, n);
    bits_pack(out, step, n);
    free(step);
    seal_put(out, start);
    return buf_status(out);
}

int set_decode(const void *data, size_t n, uint32_t **ret, size_t *ret_n)
{
    struct rd r = rd_init(data, n);
    uint64_t count = rd_varint(&r);
    if (!rd_ok(&r) || count / BITS_BLOCK > n)
        return 1;
    uint32_t *source = malloc(((size_t)count + 1) * sizeof *source);
    if (!source)
        return -ENOMEM;
    bits_unpack(&r, source, (size_t)count);
    /* Those of before have no seal. */
    bool sound = rd_done(&r) || (rd_left(&r) == SEAL && seal_holds(data, n));
    for (size_t i = 1; sound && i < count; i++) {
        uint64_t next = (uint64_t)source[i - 1] + source[i] + 1;
        sound = next <= UINT32_MAX;
        source[i] = (uint32_t)next;
    }
    if (!sound) {
        free(source);
        return 1;
    }
    *ret = source;
    *ret_n = (size_t)count;
    return 0;
}
