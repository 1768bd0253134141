/* u8: what decoding leaves out, then a chunk. What is let through is valid, and encodes to the same again. */
#include "event/chunk.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct chunk *c, unsigned how)
{
    uint64_t dests = 0, limit = c->family == 6 ? c->addr_n : UINT64_C(1) << 32;
    const uint32_t *dest = c->dest;
    assert(c->n >= 1 && c->n <= CHUNK_FLOWS);
    for (size_t i = 0; i < c->n; i++) {
        const struct flow *f = &c->flow[i];
        assert(i == 0 || c->flow[i - 1].key < f->key);
        assert(head_valid(flow_head(f)) && flow_source(f) < limit);
        assert(f->packets >= 1 && f->dests >= 1 && f->dests <= f->packets);
        assert(how == CHUNK_COUNTS || (f->first <= f->last && f->last < HOUR_SECONDS));
        dests += f->dests;
        if (how != CHUNK_ALL)
            continue;
        for (uint32_t k = 0; k < f->dests; k++)
            assert(dest[k] < limit && (k == 0 || dest[k - 1] < dest[k]));
        dest += f->dests;
    }
    assert(c->dest_n == (how == CHUNK_ALL ? dests : 0));
}

static void encode_again(struct chunk_codec *k, const struct chunk *c)
{
    struct buf b;
    struct chunk got = { 0 };
    buf_init(&b, CHUNK_BYTES_MAX);
    if (chunk_encode(k, c, &b) || chunk_decode(k, b.data, b.len, CHUNK_ALL, &got))
        abort();
    assert(got.n == c->n && got.dest_n == c->dest_n && got.addr_n == c->addr_n && got.hour == c->hour);
    for (size_t i = 0; i < c->n; i++)
        assert(got.flow[i].key == c->flow[i].key && got.flow[i].bytes == c->flow[i].bytes &&
               got.flow[i].packets == c->flow[i].packets && got.flow[i].first == c->flow[i].first &&
               got.flow[i].last == c->flow[i].last);
    assert(memcmp(got.dest, c->dest, c->dest_n * sizeof *c->dest) == 0);
    chunk_release(&got);
    buf_release(&b);
}

/* Keys alone are those of a chunk's flows; what is no chunk may have keys all the same, which make sense. */
static void check_keys(struct chunk_codec *k, const uint8_t *data, size_t size, const struct chunk *c)
{
    struct chunk_keys keys = { 0 };
    int err = chunk_decode_keys(k, data, size, &keys);
    assert(err || keys.n >= 1);
    assert(!c->n || (c->family == 6) == (err != 0));
    size_t at = 0;
    for (size_t i = 0; i < keys.runs; i++)
        for (uint32_t j = 0; j < keys.run[i].flows; j++, at++)
            assert(!c->n || c->flow[at].key == ((uint64_t)keys.run[i].head << 32 | keys.source[at]));
    assert(at == keys.n);
    chunk_keys_release(&keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct chunk_codec *k;
    if (!k && chunk_codec_make(&k))
        abort();
    if (size == 0)
        return 0;
    unsigned how = data[0] % (CHUNK_COUNTS + 1);
    struct chunk c = { 0 };
    if (chunk_decode(k, data + 1, size - 1, how, &c) == 0) {
        check(&c, how);
        if (how == CHUNK_ALL)
            encode_again(k, &c);
    } else {
        assert(c.n == 0 && c.dest_n == 0);
    }
    check_keys(k, data + 1, size - 1, &c);
    chunk_release(&c);
    return 0;
}
