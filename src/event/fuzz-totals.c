/* u8: totals, minutes or a census, then its blob. What is let through encodes to the same again. */
#include "base/zstd.h"
#include "event/census.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct zstd_packer *zstd;

static void try_totals(const uint8_t *data, size_t n)
{
    struct totals t = { 0 }, again = { 0 };
    struct buf b;
    buf_init(&b, 128 << 20);
    if (totals_decode(&t, zstd, data, n) == 0) {
        if (totals_encode(&t, zstd, &b) || totals_decode(&again, zstd, b.data, b.len))
            abort();
        assert(t.n == again.n);
        for (size_t i = 0; i < t.n; i++) {
            assert(i == 0 || t.item[i - 1].scope < t.item[i].scope);
            assert(head_kind(t.item[i].scope) < KINDS);
            assert(t.item[i].scope == again.item[i].scope && t.item[i].packets == again.item[i].packets &&
                   t.item[i].bytes == again.item[i].bytes && t.item[i].sources == again.item[i].sources);
            assert(totals_find(&t, t.item[i].scope) == &t.item[i]);
        }
    } else {
        assert(t.n == 0);
    }
    totals_release(&t);
    totals_release(&again);
    buf_release(&b);
}

static void try_minutes(const uint8_t *data, size_t n)
{
    struct minutes m = { 0 }, again = { 0 };
    struct buf b;
    buf_init(&b, 128 << 20);
    if (minutes_decode(&m, zstd, data, n) == 0) {
        for (size_t i = 0; i < m.n; i++)
            assert(m.item[i].minute < 60 && m.item[i].packets > 0 && scope_is_service(m.item[i].scope));
        minutes_settle(&m);
        if (minutes_encode(&m, zstd, &b) || minutes_decode(&again, zstd, b.data, b.len))
            abort();
        assert(m.n == again.n);
    } else {
        assert(m.n == 0);
    }
    minutes_release(&m);
    minutes_release(&again);
    buf_release(&b);
}

static void try_census(const uint8_t *data, size_t n)
{
    struct census c = { 0 }, twice = { 0 };
    struct buf b;
    buf_init(&b, 512 << 20);
    if (census_decode(&c, zstd, data, n) == 0) {
        for (size_t i = 1; i < c.v4_n; i++)
            assert(c.v4[i - 1] < c.v4[i]);
        for (size_t i = 1; i < c.v6_n; i++)
            assert(memcmp(c.v6[i - 1], c.v6[i], 16) < 0);
        uint64_t all = 0;
        for (unsigned kind = 0; kind < KINDS; kind++)
            all |= census_count_kind(&c, (enum kind)kind);
        assert(all <= c.v4_n + c.v6_n || c.class_n > 1);
        if (census_merge(&c, &c, &twice))
            abort();
        assert(twice.v4_n == c.v4_n && twice.v6_n == c.v6_n);
        if (census_encode(&twice, zstd, &b))
            abort();
    } else {
        assert(!c.v4 && !c.v6 && !c.classes);
    }
    census_release(&c);
    census_release(&twice);
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const uint8_t *, size_t) = { try_totals, try_minutes, try_census };
    if (!zstd && zstd_packer_make(&zstd))
        abort();
    if (size)
        readers[data[0] % 3](data + 1, size - 1);
    return 0;
}
