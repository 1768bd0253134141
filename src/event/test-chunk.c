#include "event/chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

static struct chunk_codec *codec;

static int make_codec(void **state)
{
    (void)state;
    return chunk_codec_make(&codec);
}

static int free_codec(void **state)
{
    (void)state;
    chunk_codec_free(codec);
    return 0;
}

/* A flow at the end, with destinations from `dest` on that lie `step` apart. */
static void add_flow(struct chunk *c, struct flow f, uint32_t dest, uint32_t step)
{
    assert_int_equal(chunk_reserve(c, f.dests), 0);
    for (uint32_t i = 0; i < f.dests; i++)
        c->dest[c->dest_n++] = dest + i * step;
    c->flow[c->n++] = f;
}

static struct flow random_flow(uint64_t key, uint32_t dests_most)
{
    static const uint32_t many[] = { 1, 1, 1, 2, 3, 10, 1000, UINT32_MAX };
    struct flow f = { .key = key, .packets = many[pick(8)] };
    uint32_t most = f.packets < dests_most ? f.packets : dests_most;
    f.dests = f.packets == 1 ? 1 : 1 + pick(most);
    f.bytes = pick(2) ? (uint64_t)f.packets * (20 + pick(1500)) : (uint64_t)f.packets * 40 + pick(7);
    f.first = (uint16_t)pick(HOUR_SECONDS);
    f.last = f.packets == 1 ? f.first : (uint16_t)(f.first + pick(HOUR_SECONDS - f.first));
    return f;
}

static void give_addresses(struct chunk *c, uint32_t n)
{
    c->addr = realloc(c->addr, n * sizeof *c->addr);
    assert_non_null(c->addr);
    c->addr_n = c->addr_room = n;
    for (uint32_t i = 0; i < n; i++) {
        memset(c->addr[i], 0, 16);
        memcpy(c->addr[i], "\x20\x01\x0d\xb8", 4);
        c->addr[i][13] = (uint8_t)(i >> 16);
        c->addr[i][14] = (uint8_t)(i >> 8);
        c->addr[i][15] = (uint8_t)i;
    }
}

static void random_chunk(struct chunk *c, uint8_t family, uint32_t n)
{
    chunk_clear(c, family, 400000 + pick(100000));
    uint32_t addresses = n * 2; /* IPv6: no more than there are uses */
    uint64_t key = (uint64_t)head_make((enum proto)pick(2), (uint16_t)pick(1000), KIND_ACCESS, 0, 0) << 32;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t source = family == 6 ? pick(addresses) : pick(UINT32_MAX);
        if (pick(3) == 0 && i)
            key = (uint64_t)head_make(head_proto((uint32_t)(key >> 32)),
                                      (uint16_t)(head_port((uint32_t)(key >> 32)) + 1 + pick(3)),
                                      (enum kind)pick(KINDS), pick(8), pick(128)) << 32 | source;
        else if (family == 6 ? (uint32_t)key + 1 < addresses : (uint32_t)key < UINT32_MAX - 70000)
            key += 1 + (family == 6 ? 0 : pick(60000));
        else
            key = ((key >> 42) + 8) << 42; /* the next port */
        struct flow f = random_flow(key, family == 6 && addresses < 12 ? addresses : 12);
        uint32_t dest = family == 6 ? pick(addresses - f.dests + 1) : pick(UINT32_MAX - 12 * 70000);
        add_flow(c, f, dest, family == 6 ? 1 : 1 + pick(70000));
    }
    if (family == 6)
        give_addresses(c, addresses);
}

static void assert_same(const struct chunk *a, const struct chunk *b, unsigned how)
{
    bool dests = how == CHUNK_ALL;
    assert_int_equal(a->family, b->family);
    assert_int_equal(a->hour, b->hour);
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct flow *f = &a->flow[i], *g = &b->flow[i];
        assert_true(f->key == g->key && f->bytes == g->bytes);
        assert_int_equal(f->packets, g->packets);
        assert_int_equal(f->dests, g->dests);
        if (how != CHUNK_COUNTS)
            assert_true(f->first == g->first && f->last == g->last);
    }
    assert_int_equal(b->dest_n, dests ? a->dest_n : 0);
    if (dests)
        assert_memory_equal(a->dest, b->dest, a->dest_n * sizeof *a->dest);
    assert_int_equal(a->addr_n, b->addr_n);
    if (a->addr_n)
        assert_memory_equal(a->addr, b->addr, a->addr_n * 16);
}

/* What every chunk that chunk_decode() lets through must be. */
static void assert_valid(const struct chunk *c, unsigned how)
{
    bool dests = how == CHUNK_ALL;
    uint64_t dest_n = 0, limit = c->family == 6 ? c->addr_n : UINT64_C(1) << 32;
    assert_true(c->family == 4 || c->family == 6);
    assert_true(c->n >= 1 && c->n <= CHUNK_FLOWS);
    const uint32_t *dest = c->dest;
    for (size_t i = 0; i < c->n; i++) {
        const struct flow *f = &c->flow[i];
        assert_true(i == 0 || c->flow[i - 1].key < f->key);
        assert_true(head_valid(flow_head(f)));
        assert_true(flow_source(f) < limit);
        assert_true(f->packets >= 1 && f->dests >= 1 && f->dests <= f->packets);
        if (how != CHUNK_COUNTS)
            assert_true(f->first <= f->last && f->last < HOUR_SECONDS);
        dest_n += f->dests;
        for (uint32_t j = 0; dests && j < f->dests; j++) {
            assert_true(dest[j] < limit);
            assert_true(j == 0 || dest[j - 1] < dest[j]);
        }
        dest += dests ? f->dests : 0;
    }
    assert_int_equal(c->dest_n, dests ? dest_n : 0);
}

static void encode(const struct chunk *c, struct buf *out)
{
    buf_init(out, CHUNK_BYTES_MAX);
    assert_int_equal(chunk_encode(codec, c, out), 0);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const uint32_t size[] = { 1, 2, 3, 40, 127, 128, 129, 1000, CHUNK_FLOWS };
    random_state = 4711;
    struct chunk c = { 0 }, got = { 0 };
    for (size_t i = 0; i < 4 * sizeof size / sizeof size[0]; i++) {
        struct buf out;
        random_chunk(&c, i % 2 ? 6 : 4, size[i / 4]);
        assert_valid(&c, CHUNK_ALL); /* of the test itself */
        encode(&c, &out);
        for (unsigned how = CHUNK_ALL; how <= CHUNK_COUNTS; how++) {
            assert_int_equal(chunk_decode(codec, out.data, out.len, how, &got), 0);
            assert_same(&c, &got, how);
        }
        buf_release(&out);
    }
    chunk_release(&c);
    chunk_release(&got);
}

static void assert_same_keys(const struct chunk *c, const struct chunk_keys *keys)
{
    assert_int_equal(keys->hour, c->hour);
    assert_int_equal(keys->n, c->n);
    size_t at = 0;
    for (size_t i = 0; i < keys->runs; i++) {
        assert_true(i == 0 || keys->run[i - 1].head < keys->run[i].head);
        for (uint32_t j = 0; j < keys->run[i].flows; j++, at++)
            assert_true(c->flow[at].key == ((uint64_t)keys->run[i].head << 32 | keys->source[at]));
    }
    assert_int_equal(at, c->n);
}

/* Keys alone are those of the flows; where a chunk cut short is one, they are the same still. */
static void test_keys(void **state)
{
    (void)state;
    static const uint32_t size[] = { 1, 2, 127, 129, 1000, CHUNK_FLOWS };
    random_state = 60;
    struct chunk c = { 0 };
    struct chunk_keys keys = { 0 };
    for (size_t i = 0; i < 2 * sizeof size / sizeof size[0]; i++) {
        struct buf out;
        random_chunk(&c, i % 2 ? 6 : 4, size[i / 2]);
        encode(&c, &out);
        assert_int_equal(chunk_decode_keys(codec, out.data, out.len, &keys), i % 2);
        if (i % 2)
            assert_int_equal(keys.n + keys.runs, 0);
        else
            assert_same_keys(&c, &keys);
        for (size_t n = 0; c.family == 4 && n < out.len; n += 1 + out.len / 200)
            if (chunk_decode_keys(codec, out.data, n, &keys) == 0)
                assert_same_keys(&c, &keys);
            else
                assert_int_equal(keys.n + keys.runs, 0);
        buf_release(&out);
    }
    chunk_release(&c);
    chunk_keys_release(&keys);
}

/* The encoding of a chunk tells nothing of what the codec saw before. */
static void test_pure(void **state)
{
    (void)state;
    random_state = 815;
    struct chunk c = { 0 }, other = { 0 };
    struct buf first, second, between;
    random_chunk(&c, 4, 300);
    random_chunk(&other, 6, 500);
    encode(&c, &first);
    encode(&other, &between);
    encode(&c, &second);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    buf_release(&first);
    buf_release(&second);
    buf_release(&between);
    chunk_release(&c);
    chunk_release(&other);
}

static void test_extremes(void **state)
{
    (void)state;
    static const struct {
        struct flow flow;
        uint32_t dest, step;
    } row[] = {
        { { .key = 0, .bytes = 0, .packets = 1, .dests = 1 }, 0, 1 },
        { { .key = UINT64_C(0x9fffffff) << 32, .bytes = 1, .packets = 1, .dests = 1 }, UINT32_MAX, 0 },
        { { .key = UINT32_MAX, .bytes = UINT64_MAX >> 1, .packets = UINT32_MAX, .dests = 2, .last = 3599 },
          0, UINT32_MAX },
        { { .key = 1, .bytes = UINT64_C(65535) * UINT32_MAX, .packets = UINT32_MAX, .dests = 70000 },
          UINT32_MAX - 69999, 1 },
        { { .key = 5, .bytes = UINT64_C(1) << 62, .packets = 1, .dests = 1, .first = 3599, .last = 3599 },
          1, 1 },
    };
    struct chunk c = { 0 }, got = { 0 };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct buf out;
        struct flow f = row[i].flow;
        if (!head_valid(flow_head(&f)))
            f.key = (uint64_t)head_make(PROTO_OTHER, 65535, KIND_FOREIGN, 7, 127) << 32 | UINT32_MAX;
        chunk_clear(&c, 4, UINT32_MAX / 2);
        add_flow(&c, f, row[i].dest, row[i].step);
        encode(&c, &out);
        assert_int_equal(chunk_decode(codec, out.data, out.len, CHUNK_ALL, &got), 0);
        assert_same(&c, &got, CHUNK_ALL);
        buf_release(&out);
    }
    chunk_release(&c);
    chunk_release(&got);
}

static void try_bytes(const uint8_t *data, size_t n, struct chunk *got)
{
    for (unsigned how = CHUNK_ALL; how <= CHUNK_COUNTS; how++) {
        int err = chunk_decode(codec, data, n, how, got);
        if (err == 0)
            assert_valid(got, how);
        else
            assert_true(err > 0 && got->n == 0 && got->dest_n == 0);
    }
}

/* Whatever one byte becomes, the chunk is refused or is another valid one; no truncation is let through. */
static void test_damage(void **state)
{
    (void)state;
    random_state = 99;
    struct chunk c = { 0 }, got = { 0 };
    for (unsigned round = 0; round < 4; round++) {
        struct buf out;
        random_chunk(&c, round % 2 ? 6 : 4, round < 2 ? 12 : 150);
        encode(&c, &out);
        for (size_t n = 0; n < out.len; n++) {
            uint8_t *cut = malloc(n ? n : 1);
            assert_non_null(cut);
            memcpy(cut, out.data, n);
            assert_true(chunk_decode(codec, cut, n, CHUNK_ALL, &got) > 0);
            try_bytes(cut, n, &got);
            free(cut);
        }
        for (size_t i = 0; i < out.len; i++) {
            uint8_t was = out.data[i];
            for (unsigned v = round < 2 ? 1 : 1 + (unsigned)(i % 7); v < 256; v += round < 2 ? 1 : 31) {
                out.data[i] = (uint8_t)(was ^ v);
                try_bytes(out.data, out.len, &got);
            }
            out.data[i] = was;
        }
        buf_u8(&out, 0); /* bytes behind it are no chunk either */
        assert_true(chunk_decode(codec, out.data, out.len, CHUNK_ALL, &got) > 0);
        buf_release(&out);
    }
    chunk_release(&c);
    chunk_release(&got);
}

/* Headers that promise more than a chunk may hold take no memory. */
static void test_promises(void **state)
{
    (void)state;
    static const struct {
        uint8_t version, family;
        uint64_t hour, flows, dests;
    } row[] = {
        { 1, 4, 0, 0, 0 },
        { 1, 4, 0, CHUNK_FLOWS + 1, CHUNK_FLOWS + 1 },
        { 1, 4, 0, 2, 1 },
        { 1, 4, 0, 1, CHUNK_DESTS_MAX },
        { 1, 4, 0, 1, CHUNK_DESTS_MAX + UINT64_C(1) },
        { 1, 6, 0, 1, UINT64_MAX },
        { 1, 4, UINT32_MAX, 1, 1 },
        { 1, 4, UINT64_MAX, 1, 1 },
        { 1, 5, 0, 1, 1 },
        { 2, 4, 0, 1, 1 },
        { 0, 4, 0, 1, 1 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct buf b;
        struct chunk got = { 0 };
        buf_init(&b, 256);
        buf_u8(&b, row[i].version);
        buf_u8(&b, row[i].family);
        buf_varint(&b, row[i].hour);
        buf_varint(&b, row[i].flows);
        buf_varint(&b, row[i].dests);
        buf_put(&b, "0123456789abcdef0123456789abcdef", 32);
        assert_true(chunk_decode(codec, b.data, b.len, CHUNK_ALL, &got) > 0);
        assert_true(got.dest_room <= 1 << 16);
        chunk_release(&got);
        buf_release(&b);
    }
}

static void test_full(void **state)
{
    (void)state;
    struct chunk c = { 0 };
    chunk_clear(&c, 4, 1);
    for (uint32_t i = 0; i < CHUNK_FLOWS; i++) {
        assert_false(chunk_is_full(&c));
        add_flow(&c, (struct flow){ .key = i, .packets = 1, .dests = 1 }, i, 1);
    }
    assert_true(chunk_is_full(&c));
    chunk_clear(&c, 4, 1);
    assert_false(chunk_is_full(&c));
    add_flow(&c, (struct flow){ .packets = CHUNK_DESTS, .dests = CHUNK_DESTS }, 0, 1);
    assert_true(chunk_is_full(&c));
    chunk_release(&c);
    chunk_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_keys), cmocka_unit_test(test_pure),
        cmocka_unit_test(test_extremes),   cmocka_unit_test(test_damage),
        cmocka_unit_test(test_promises),   cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests_name("event/chunk", tests, make_codec, free_codec);
}
