#include "event/chunk.h"

#include "base/array.h"
#include "base/zstd.h"
#include "event/bits.h"
#include "event/seal.h"

#include <stdlib.h>

enum { VERSION = 2, UNSEALED = 1, LEVEL = 1 };

void chunk_release(struct chunk *c)
{
    free(c->flow);
    free(c->dest);
    free(c->addr);
    *c = (struct chunk){ 0 };
}

void chunk_clear(struct chunk *c, uint8_t family, uint32_t hour)
{
    c->family = family;
    c->hour = hour;
    c->n = c->dest_n = c->addr_n = 0;
}

int chunk_grow(struct chunk *c, size_t dests)
{
    TRY(ARRAY_ROOM(c->flow, c->room, c->n + 1));
    return ARRAY_ROOM(c->dest, c->dest_room, c->dest_n + dests);
}

struct chunk_codec {
    struct zstd_packer *zstd;
    struct buf words;        /* the varint columns, before and after zstd */
    struct buf packed;
    uint32_t *column, *column2; /* scratch, as long as a chunk's longest column */
    size_t column_room, column2_room;
};

int chunk_codec_make(struct chunk_codec **ret)
{
    struct chunk_codec *k = calloc(1, sizeof *k);
    if (!k)
        return -ENOMEM;
    buf_init(&k->words, CHUNK_BYTES_MAX);
    buf_init(&k->packed, CHUNK_BYTES_MAX);
    int err = zstd_packer_make(&k->zstd);
    if (err) {
        chunk_codec_free(k);
        return err;
    }
    *ret = k;
    return 0;
}

void chunk_codec_free(struct chunk_codec *k)
{
    if (!k)
        return;
    zstd_packer_free(k->zstd);
    buf_release(&k->words);
    buf_release(&k->packed);
    free(k->column);
    free(k->column2);
    free(k);
}

static int scratch(struct chunk_codec *k, size_t n)
{
    TRY(ARRAY_ROOM(k->column, k->column_room, n));
    return ARRAY_ROOM(k->column2, k->column2_room, n);
}

/* ---- writing ---- */

static uint8_t *put_heads(uint8_t *at, const struct chunk *c)
{
    uint32_t before = 0;
    for (size_t i = 0, j; i < c->n; i = j) {
        uint32_t head = flow_head(&c->flow[i]);
        for (j = i + 1; j < c->n && flow_head(&c->flow[j]) == head; j++)
            ;
        at = varint_at(at, j - i);
        at = varint_at(at, head - before);
        before = head;
    }
    return at;
}

/* The mean length where it is exact, else the whole, told apart by the lowest bit. */
static uint64_t length_word(const struct flow *f)
{
    if (f->packets == 1)
        return f->bytes << 1;
    return f->bytes % f->packets == 0 ? f->bytes / f->packets << 1 : f->bytes << 1 | 1;
}

/*
 * The columns that only some flows are in are written for each and kept where they count: whether the next flow
 * has more than one packet, or a head of its own, is not to be foretold by a branch.
 */

static uint8_t *put_fewer(uint8_t *at, const struct flow *f)
{
    uint32_t fewer = f->packets - f->dests;
    if (fewer >= 0x80)
        return varint_at(at, fewer);
    *at = (uint8_t)fewer;
    return at + (f->packets > 1);
}

enum { WORDS = 5, VARINT_MOST = 10 }; /* of a flow, at most; bytes of one */

static int put_words(struct buf *b, const struct chunk *c)
{
    if (!buf_reserve(b, c->n * WORDS * VARINT_MOST))
        return -ENOMEM;
    uint8_t *at = put_heads(b->data + b->len, c);
    for (size_t i = 0; i < c->n; i++)
        at = varint_at(at, c->flow[i].packets - 1);
    for (size_t i = 0; i < c->n; i++)
        at = varint_at(at, length_word(&c->flow[i]));
    for (size_t i = 0; i < c->n; i++)
        at = put_fewer(at, &c->flow[i]);
    b->len = (size_t)(at - b->data);
    return 0;
}

/* A part of one bit-packed column. */
static void put_column(struct chunk_codec *k, struct buf *out, const uint32_t *v, size_t n)
{
    buf_reset(&k->packed);
    bits_pack(&k->packed, v, n);
    buf_part(out, k->packed.data, k->packed.len);
    out->bad |= k->packed.bad;
}

static void put_sources(struct chunk_codec *k, struct buf *out, const struct chunk *c)
{
    size_t starts = 0, deltas = 0;
    uint64_t before = UINT64_MAX; /* nobody's head */
    for (size_t i = 0; i < c->n; i++) {
        uint64_t key = c->flow[i].key;
        bool start = (key ^ before) >> 32;
        k->column2[starts] = (uint32_t)key;
        starts += start;
        k->column[deltas] = (uint32_t)key - (uint32_t)before - 1;
        deltas += !start;
        before = key;
    }
    put_column(k, out, k->column2, starts);
    put_column(k, out, k->column, deltas);
}

static void put_times(struct chunk_codec *k, struct buf *out, const struct chunk *c)
{
    size_t lasting = 0;
    for (size_t i = 0; i < c->n; i++) {
        k->column[i] = c->flow[i].first;
        k->column2[lasting] = (uint32_t)(c->flow[i].last - c->flow[i].first);
        lasting += c->flow[i].packets > 1;
    }
    put_column(k, out, k->column, c->n);
    put_column(k, out, k->column2, lasting);
}

static void put_dests(struct chunk_codec *k, struct buf *out, const struct chunk *c)
{
    uint32_t least = UINT32_MAX;
    const uint32_t *dest = c->dest;
    for (size_t i = 0; i < c->n; dest += c->flow[i].dests, i++)
        least = dest[0] < least ? dest[0] : least;
    size_t deltas = 0;
    dest = c->dest;
    for (size_t i = 0; i < c->n; dest += c->flow[i].dests, i++) {
        k->column[i] = dest[0] - least;
        for (uint32_t j = 1; j < c->flow[i].dests; j++)
            k->column2[deltas++] = dest[j] - dest[j - 1] - 1;
    }
    buf_varint(out, least);
    put_column(k, out, k->column, c->n);
    put_column(k, out, k->column2, deltas);
}

int chunk_encode(struct chunk_codec *k, const struct chunk *c, struct buf *out)
{
    size_t start = out->len;
    TRY(scratch(k, c->dest_n > c->n ? c->dest_n : c->n));
    buf_u8(out, VERSION);
    buf_u8(out, c->family);
    buf_varint(out, c->hour);
    buf_varint(out, c->n);
    buf_varint(out, c->dest_n);
    buf_reset(&k->words);
    TRY(put_words(&k->words, c));
    buf_reset(&k->packed);
    TRY(zstd_pack(k->zstd, &k->packed, k->words.data, k->words.len, LEVEL));
    buf_varint(out, k->words.len);
    buf_part(out, k->packed.data, k->packed.len);
    put_sources(k, out, c);
    put_times(k, out, c);
    put_dests(k, out, c);
    if (c->family == 6)
        buf_part(out, c->addr, c->addr_n * sizeof *c->addr);
    seal_put(out, start);
    return buf_status(out);
}

/* ---- reading; a false or a poisoned reader is the input's fault ---- */

static bool get_heads(struct rd *r, struct chunk *c)
{
    uint64_t head = 0;
    for (size_t i = 0; i < c->n;) {
        uint64_t run = rd_varint(r), delta = rd_varint(r);
        if (!rd_ok(r) || run == 0 || run > c->n - i || (i && delta == 0) || delta > UINT32_MAX)
            return false;
        head += delta;
        if (head > UINT32_MAX || !head_valid((uint32_t)head))
            return false;
        for (uint64_t j = 0; j < run; j++)
            c->flow[i++].key = head << 32;
    }
    return true;
}

static bool get_packets(struct rd *r, struct chunk *c)
{
    for (size_t i = 0; i < c->n; i++) {
        uint64_t more = rd_varint(r);
        if (more >= UINT32_MAX)
            return false;
        c->flow[i].packets = (uint32_t)more + 1;
    }
    for (size_t i = 0; i < c->n; i++) {
        uint64_t word = rd_varint(r), length = word >> 1;
        if (word & 1)
            c->flow[i].bytes = length;
        else if (__builtin_mul_overflow(length, c->flow[i].packets, &c->flow[i].bytes))
            return false;
    }
    return rd_ok(r);
}

static bool get_dest_counts(struct rd *r, struct chunk *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        uint64_t fewer = c->flow[i].packets > 1 ? rd_varint(r) : 0;
        if (fewer >= c->flow[i].packets)
            return false;
        c->flow[i].dests = c->flow[i].packets - (uint32_t)fewer;
        sum += c->flow[i].dests;
    }
    return rd_done(r) && sum == c->dest_n;
}

static int unpack_words(struct chunk_codec *k, struct rd *r, size_t flows, struct rd *ret)
{
    uint64_t size = rd_varint(r);
    struct rd part = rd_part(r);
    if (!rd_ok(r) || size > 32 * (uint64_t)flows + 64)
        return 1;
    buf_reset(&k->words);
    if (!buf_add(&k->words, (size_t)size))
        return -ENOMEM;
    *ret = rd_init(k->words.data, (size_t)size);
    return zstd_unpack(k->zstd, k->words.data, (size_t)size, part.p, rd_left(&part));
}

static int get_words(struct chunk_codec *k, struct rd *r, struct chunk *c)
{
    struct rd words;
    int err = unpack_words(k, r, c->n, &words);
    if (err)
        return err;
    return get_heads(&words, c) && get_packets(&words, c) && get_dest_counts(&words, c) ? 0 : 1;
}

static bool get_column(struct rd *r, uint32_t *v, size_t n)
{
    struct rd part = rd_part(r);
    bits_unpack(&part, v, n);
    return rd_done(&part);
}

static bool is_run_start(const struct chunk *c, size_t i)
{
    return i == 0 || (c->flow[i].key ^ c->flow[i - 1].key) >> 32;
}

static bool get_sources(struct chunk_codec *k, struct rd *r, struct chunk *c)
{
    size_t starts = 0;
    for (size_t i = 0; i < c->n; i++)
        starts += is_run_start(c, i);
    if (!get_column(r, k->column, starts) || !get_column(r, k->column2, c->n - starts))
        return false;
    const uint32_t *start = k->column, *delta = k->column2;
    for (size_t i = 0; i < c->n; i++) {
        uint64_t source = is_run_start(c, i) ? *start++
                                             : (uint64_t)flow_source(&c->flow[i - 1]) + *delta++ + 1;
        if (source > UINT32_MAX || (c->family == 6 && source >= c->addr_n))
            return false;
        c->flow[i].key |= source;
    }
    return true;
}

static bool get_times(struct chunk_codec *k, struct rd *r, struct chunk *c)
{
    size_t lasting = 0;
    for (size_t i = 0; i < c->n; i++)
        lasting += c->flow[i].packets > 1;
    if (!get_column(r, k->column, c->n) || !get_column(r, k->column2, lasting))
        return false;
    const uint32_t *lasts = k->column2;
    for (size_t i = 0; i < c->n; i++) {
        uint64_t first = k->column[i], last = first + (c->flow[i].packets > 1 ? *lasts++ : 0);
        if (last >= HOUR_SECONDS)
            return false;
        c->flow[i].first = (uint16_t)first;
        c->flow[i].last = (uint16_t)last;
    }
    return true;
}

static bool get_dests(struct chunk_codec *k, struct rd *r, struct chunk *c)
{
    uint64_t least = rd_varint(r);
    if (!get_column(r, k->column, c->n) || !get_column(r, k->column2, c->dest_n - c->n))
        return false;
    const uint32_t *delta = k->column2;
    uint32_t *to = c->dest;
    uint64_t limit = c->family == 6 ? c->addr_n : UINT64_C(1) << 32;
    for (size_t i = 0; i < c->n; i++) {
        uint64_t dest = least + k->column[i];
        for (uint32_t j = 0; j < c->flow[i].dests; j++) {
            if (j)
                dest += *delta++ + UINT64_C(1);
            if (dest >= limit)
                return false;
            *to++ = (uint32_t)dest;
        }
    }
    return true;
}

static int get_dictionary(const struct rd *r, struct chunk *c)
{
    /* The dictionary stands last; the columns are checked against it, so it is read first. */
    struct rd ahead = *r;
    for (int i = 0; i < 4; i++)
        rd_part(&ahead);
    rd_varint(&ahead);
    rd_part(&ahead);
    rd_part(&ahead);
    struct rd part = rd_part(&ahead);
    size_t n = rd_left(&part) / sizeof *c->addr;
    if (!rd_done(&ahead) || rd_left(&part) % sizeof *c->addr || n > c->dest_n + c->n)
        return 1;
    TRY(ARRAY_ROOM(c->addr, c->addr_room, n));
    if (n)
        memcpy(c->addr, part.p, n * sizeof *c->addr);
    c->addr_n = n;
    for (size_t i = 1; i < n; i++)
        if (memcmp(c->addr[i - 1], c->addr[i], 16) >= 0)
            return 1;
    return 0;
}

static int get_columns(struct chunk_codec *k, struct rd *r, unsigned how, struct chunk *c)
{
    int err = get_words(k, r, c);
    if (!err && c->family == 6)
        err = get_dictionary(r, c);
    if (err)
        return err;
    if (!get_sources(k, r, c) || (how < CHUNK_COUNTS && !get_times(k, r, c)))
        return 1;
    if (how != CHUNK_ALL) {
        c->dest_n = 0;
        return 0;
    }
    if (!get_dests(k, r, c))
        return 1;
    if (c->family == 6)
        rd_part(r);
    return rd_done(r) ? 0 : 1;
}

/* What was written before there were seals has none. False where it is broken. */
static bool open_blob(const void *data, size_t n, struct rd *ret)
{
    bool sealed = n > 0 && *(const uint8_t *)data == VERSION;
    *ret = rd_init(data, sealed && n >= SEAL ? n - SEAL : n);
    return !sealed || seal_holds(data, n);
}

struct header {
    uint8_t family;
    uint32_t hour;
    size_t flows, dests;
};

static bool get_header(struct rd *r, struct header *ret)
{
    size_t n = rd_left(r);
    uint8_t version = rd_u8(r), family = rd_u8(r);
    uint64_t hour = rd_varint(r), flows = rd_varint(r), dests = rd_varint(r);
    *ret = (struct header){ family, (uint32_t)hour, (size_t)flows, (size_t)dests };
    /* A list of n takes at least n / 128 bytes: a short blob cannot ask for much memory. */
    return rd_ok(r) && dests / BITS_BLOCK <= n && (version == VERSION || version == UNSEALED) &&
           (family == 4 || family == 6) &&
           hour <= UINT32_MAX / 2 && flows && flows <= CHUNK_FLOWS && dests >= flows &&
           dests <= CHUNK_DESTS_MAX &&
           (dests - flows) / BITS_BLOCK <= n; /* a block of the lists takes a byte at least */
}

int chunk_decode(struct chunk_codec *k, const void *data, size_t n, unsigned how, struct chunk *c)
{
    struct rd r;
    struct header h;
    bool sound = open_blob(data, n, &r) && get_header(&r, &h);
    if (!sound) {
        chunk_clear(c, 0, 0);
        return 1;
    }
    chunk_clear(c, h.family, h.hour);
    TRY(ARRAY_ROOM(c->flow, c->room, h.flows));
    if (how == CHUNK_ALL)
        TRY(ARRAY_ROOM(c->dest, c->dest_room, h.dests));
    TRY(scratch(k, how == CHUNK_ALL ? h.dests : h.flows));
    c->n = h.flows;
    c->dest_n = h.dests;
    int err = get_columns(k, &r, how, c);
    if (err)
        chunk_clear(c, h.family, h.hour);
    return err;
}

/* ---- keys alone ---- */

void chunk_keys_release(struct chunk_keys *keys)
{
    free(keys->run);
    free(keys->source);
    *keys = (struct chunk_keys){ 0 };
}

static bool get_runs(struct rd *r, struct chunk_keys *keys)
{
    uint64_t head = 0;
    size_t left = keys->n;
    for (keys->runs = 0; left; keys->runs++) {
        uint64_t flows = rd_varint(r), delta = rd_varint(r);
        if (!rd_ok(r) || flows == 0 || flows > left || (keys->runs && delta == 0) || delta > UINT32_MAX)
            return false;
        head += delta;
        if (head > UINT32_MAX || !head_valid((uint32_t)head))
            return false;
        keys->run[keys->runs] = (struct head_run){ (uint32_t)head, (uint32_t)flows };
        left -= (size_t)flows;
    }
    return true;
}

static bool get_run_sources(struct chunk_codec *k, struct rd *r, struct chunk_keys *keys)
{
    if (!get_column(r, k->column, keys->runs) || !get_column(r, k->column2, keys->n - keys->runs))
        return false;
    const uint32_t *delta = k->column2;
    uint32_t *to = keys->source;
    uint64_t most = 0;
    for (size_t i = 0; i < keys->runs; i++) {
        uint64_t source = k->column[i];
        *to++ = (uint32_t)source;
        for (uint32_t j = 1; j < keys->run[i].flows; j++) {
            source += *delta++ + UINT64_C(1);
            *to++ = (uint32_t)source;
        }
        most |= source;
    }
    return most <= UINT32_MAX;
}

int chunk_decode_keys(struct chunk_codec *k, const void *data, size_t n, struct chunk_keys *keys)
{
    struct rd r, words;
    struct header h;
    keys->runs = keys->n = 0;
    if (!open_blob(data, n, &r) || !get_header(&r, &h) || h.family != 4)
        return 1;
    TRY(ARRAY_ROOM(keys->run, keys->run_room, h.flows));
    TRY(ARRAY_ROOM(keys->source, keys->room, h.flows));
    TRY(scratch(k, h.flows));
    keys->hour = h.hour;
    keys->n = h.flows;
    int err = unpack_words(k, &r, h.flows, &words);
    if (!err && !(get_runs(&words, keys) && get_run_sources(k, &r, keys)))
        err = 1;
    if (err)
        keys->runs = keys->n = 0;
    return err;
}
