#include "packet/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * A world so small that all there can be to count fits an array: what went in is one such array, what came
 * out, over all runs of an hour, another. They must be equal.
 */
enum { HOURS = 6, HEADS = 10, SOURCES = 24 /* each family */, DESTS = 40, SCOPES = 7, FIRST_HOUR = 470000 };

static const uint32_t heads[HEADS] = {
    /* ascending, some of one service and different marks */
    (uint32_t)PROTO_TCP << 29 | 22 << 13 | KIND_ACCESS << 10,
    (uint32_t)PROTO_TCP << 29 | 23 << 13 | KIND_ACCESS << 10,
    (uint32_t)PROTO_TCP << 29 | 23 << 13 | KIND_ACCESS << 10 | MARK_MIRAI << 7,
    (uint32_t)PROTO_TCP << 29 | 23 << 13 | KIND_ACCESS << 10 | MARK_MIRAI << 7 | 5,
    (uint32_t)PROTO_TCP << 29 | 23 << 13 | KIND_BACKSCATTER << 10,
    (uint32_t)PROTO_TCP << 29 | 23 << 13 | KIND_OTHER << 10,
    (uint32_t)PROTO_UDP << 29 | 0u << 13 | KIND_ACCESS << 10,
    (uint32_t)PROTO_UDP << 29 | 65535u << 13 | KIND_ACCESS << 10,
    (uint32_t)PROTO_ICMP << 29 | 2048u << 13 | KIND_ACCESS << 10,
    (uint32_t)PROTO_OTHER << 29 | 47u << 13 | KIND_OTHER << 10,
};

/* Packets that make no flow, and where they are tallied. */
static const struct {
    uint32_t head, scope;
} tallied[SCOPES] = {
#define NO_FLOW(proto, port, kind) ((uint32_t)(proto) << 29 | (uint32_t)(port) << 13 | (kind) << 10)
    { NO_FLOW(PROTO_OTHER, 1, KIND_MALFORMED), NO_FLOW(PROTO_OTHER, 1, KIND_MALFORMED) },
    { NO_FLOW(PROTO_OTHER, 10, KIND_MALFORMED), NO_FLOW(PROTO_OTHER, 10, KIND_MALFORMED) },
    { NO_FLOW(PROTO_OTHER, 0, KIND_OURS), NO_FLOW(PROTO_OTHER, 0, KIND_OURS) },
    { NO_FLOW(PROTO_OTHER, 0, KIND_FOREIGN), NO_FLOW(PROTO_OTHER, 0, KIND_FOREIGN) },
    { NO_FLOW(PROTO_TCP, 80, KIND_SOLICITED), NO_FLOW(PROTO_OTHER, 0, KIND_SOLICITED) },
    { NO_FLOW(PROTO_UDP, 53, KIND_SOLICITED), NO_FLOW(PROTO_OTHER, 0, KIND_SOLICITED) },
    { NO_FLOW(PROTO_ICMP, 0, KIND_SOLICITED), NO_FLOW(PROTO_OTHER, 0, KIND_SOLICITED) },
#undef NO_FLOW
};

struct cell {
    uint64_t packets, bytes;
    unsigned first, last; /* first + 1; 0: none */
    bool dest[DESTS];
};

struct world {
    struct cell cell[HOURS][2][HEADS][SOURCES];
    uint64_t minute[HOURS][HEADS + SCOPES][60];
    uint64_t tally[HOURS][SCOPES], tally_bytes[HOURS][SCOPES];
    uint64_t packets[HOURS];
};

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

/* Marks fall away in minutes; kinds that are tallied together lie at the first of their scope. */
static size_t service_of(uint32_t scope)
{
    for (size_t i = 0; i < HEADS; i++)
        if (head_service(heads[i]) == scope)
            return i;
    for (size_t i = 0; i < SCOPES; i++)
        if (tallied[i].scope == scope)
            return HEADS + i;
    fail();
    return 0;
}

static void v6_address(uint8_t to[16], unsigned kind, uint32_t number)
{
    memset(to, 0, 16);
    memcpy(to, "\x20\x01\x0d\xb8", 4);
    to[4] = (uint8_t)(number * 37); /* in no order */
    to[6] = (uint8_t)kind;
    to[15] = (uint8_t)number;
}

static struct packet make_packet(unsigned family, uint32_t head, uint32_t source, uint32_t dest,
                                 uint16_t length)
{
    struct packet p = { .head = head, .family = (uint8_t)family, .length = length };
    if (family == 4) {
        p.v4.source = 0xc6120000 + source * 977 % SOURCES; /* 977 and SOURCES share no factor */
        p.v4.destination = 0xc0000200 + dest;
    } else {
        v6_address(p.v6.source, 1, source);
        v6_address(p.v6.destination, 2, dest);
    }
    return p;
}

static void note(struct world *w, const struct packet *p, size_t head, uint32_t source, uint32_t dest,
                 unsigned hour, unsigned second)
{
    struct cell *c = &w->cell[hour][p->family == 6][head][source];
    c->packets++;
    c->bytes += p->length;
    c->first = c->first == 0 || second + 1 < c->first ? second + 1 : c->first;
    c->last = second > c->last ? second : c->last;
    c->dest[dest] = true;
    w->minute[hour][service_of(head_service(p->head))][second / 60]++;
    w->packets[hour]++;
}

static void add_random(struct fold *f, struct world *w, unsigned hour, unsigned second, bool v6)
{
    uint16_t length = (uint16_t)(20 + pick(1480));
    int64_t when = (int64_t)(FIRST_HOUR + hour) * 3600 + second;
    if (pick(10) == 0) {
        size_t i = pick(SCOPES);
        struct packet p = make_packet(pick(2) ? 4 : 6, tallied[i].head, 0, 0, length);
        size_t at = service_of(tallied[i].scope) - HEADS;
        w->tally[hour][at]++;
        w->tally_bytes[hour][at] += length;
        w->minute[hour][HEADS + at][second / 60]++;
        w->packets[hour]++;
        assert_int_equal(fold_add(f, &p, when), 0);
        return;
    }
    size_t head = pick(HEADS);
    uint32_t source = pick(SOURCES), dest = pick(DESTS);
    struct packet p = make_packet(v6 && pick(2) ? 6 : 4, heads[head], source, dest, length);
    if (p.family == 4)
        source = p.v4.source - 0xc6120000;
    note(w, &p, head, source, dest, hour, second);
    assert_int_equal(fold_add(f, &p, when), 0);
}

/* ---- what comes out ---- */

struct flow_seen {
    struct flow flow;
    uint8_t family, source6[16];
    uint32_t dest[DESTS];
};

struct sink {
    struct world *got;
    struct chunk_codec *codec;
    struct chunk chunk;
    struct flow_seen *flow; /* of the run: its sources are known at its end */
    size_t n, runs, most;
    uint32_t hour;
    bool open;
    int fail;
};

static int begin(void *context, uint32_t hour)
{
    struct sink *s = context;
    assert_false(s->open);
    assert_in_range(hour, FIRST_HOUR, FIRST_HOUR + HOURS - 1);
    s->open = true;
    s->hour = hour;
    s->n = 0;
    return s->fail;
}

static uint32_t dest_number(const struct chunk *c, uint32_t dest)
{
    if (c->family == 4)
        return dest - 0xc0000200;
    assert_true(dest < c->addr_n && c->addr[dest][6] == 2);
    return c->addr[dest][15];
}

static int take_chunk(void *context, const struct run_chunk *r)
{
    struct sink *s = context;
    struct chunk *c = &s->chunk;
    assert_true(s->open && r->hour == s->hour);
    assert_int_equal(chunk_decode(s->codec, r->data, r->n, CHUNK_ALL, c), 0);
    const uint32_t *dest = c->dest;
    s->flow = realloc(s->flow, (s->n + c->n) * sizeof *s->flow);
    assert_non_null(s->flow);
    for (size_t i = 0; i < c->n; dest += c->flow[i].dests, i++) {
        struct flow_seen *f = &s->flow[s->n++];
        *f = (struct flow_seen){ .flow = c->flow[i], .family = c->family };
        if (c->family == 6)
            memcpy(f->source6, c->addr[flow_source(&f->flow)], 16);
        assert_true(f->flow.dests <= DESTS);
        for (uint32_t k = 0; k < f->flow.dests; k++)
            f->dest[k] = dest_number(c, dest[k]);
    }
    return 0;
}

static void take_flow(struct sink *s, const struct flow_seen *f, const struct census *census)
{
    size_t head = 0;
    while (head < HEADS && heads[head] != flow_head(&f->flow))
        head++;
    assert_true(head < HEADS);
    uint32_t source = f->source6[15];
    if (f->family == 4) {
        assert_true(flow_source(&f->flow) < census->v4_n);
        source = census->v4[flow_source(&f->flow)] - 0xc6120000;
    }
    assert_true(source < SOURCES);
    struct cell *c = &s->got->cell[s->hour - FIRST_HOUR][f->family == 6][head][source];
    c->packets += f->flow.packets;
    c->bytes += f->flow.bytes;
    c->first = c->first == 0 || f->flow.first + 1u < c->first ? f->flow.first + 1u : c->first;
    c->last = f->flow.last > c->last ? f->flow.last : c->last;
    for (uint32_t k = 0; k < f->flow.dests; k++)
        c->dest[f->dest[k]] = true;
}

static int end(void *context, const struct fold_run *r)
{
    struct sink *s = context;
    unsigned hour = s->hour - FIRST_HOUR;
    assert_true(s->open && r->hour == s->hour && r->summary.flows == s->n);
    for (size_t i = 0; i < s->n; i++)
        take_flow(s, &s->flow[i], r->summary.census);
    for (size_t i = 0; i < r->minutes->n; i++) {
        const struct minute_cell *c = &r->minutes->item[i];
        assert_true(c->minute < 60);
        s->got->minute[hour][service_of(c->scope)][c->minute] += c->packets;
    }
    for (size_t i = 0; i < SCOPES; i++) {
        const struct total *t = totals_find(r->summary.totals, tallied[i].scope);
        if (t && service_of(tallied[i].scope) == HEADS + i) {
            s->got->tally[hour][i] += t->packets;
            s->got->tally_bytes[hour][i] += t->bytes;
        }
    }
    s->got->packets[hour] += r->summary.packets;
    s->most = r->summary.packets > s->most ? (size_t)r->summary.packets : s->most;
    s->open = false;
    s->runs++;
    return 0;
}

static void assert_same(const struct world *want, const struct world *got)
{
    for (unsigned h = 0; h < HOURS; h++) {
        for (unsigned f = 0; f < 2; f++)
            for (unsigned i = 0; i < HEADS; i++)
                for (unsigned k = 0; k < SOURCES; k++) {
                    const struct cell *a = &want->cell[h][f][i][k], *b = &got->cell[h][f][i][k];
                    assert_true(a->packets == b->packets && a->bytes == b->bytes);
                    assert_true(a->first == b->first && a->last == b->last);
                    assert_memory_equal(a->dest, b->dest, sizeof a->dest);
                }
        assert_memory_equal(want->minute[h], got->minute[h], sizeof want->minute[h]);
        assert_memory_equal(want->tally[h], got->tally[h], sizeof want->tally[h]);
        assert_memory_equal(want->tally_bytes[h], got->tally_bytes[h], sizeof want->tally_bytes[h]);
        assert_int_equal(want->packets[h], got->packets[h]);
    }
}

/* ---- orders that packets come in ---- */

static void in_order(size_t i, size_t n, unsigned *hour, unsigned *second)
{
    size_t at = i * HOURS * 3600 / n;
    *hour = (unsigned)(at / 3600);
    *second = (unsigned)(at % 3600);
}
static void backwards(size_t i, size_t n, unsigned *hour, unsigned *second)
{
    in_order(n - 1 - i, n, hour, second);
}
static void anyhow(size_t i, size_t n, unsigned *hour, unsigned *second)
{
    (void)i;
    (void)n;
    *hour = pick(HOURS);
    *second = pick(3600);
}
/* Stragglers around each full hour. */
static void nearly(size_t i, size_t n, unsigned *hour, unsigned *second)
{
    in_order(i, n, hour, second);
    unsigned at = *hour * 3600 + *second, back = pick(40);
    at = at > back ? at - back : 0;
    *hour = at / 3600;
    *second = at % 3600;
}
static void one_hour(size_t i, size_t n, unsigned *hour, unsigned *second)
{
    (void)n;
    *hour = 2;
    *second = (unsigned)(i * 7 % 3600);
}

static const struct {
    void (*when)(size_t i, size_t n, unsigned *hour, unsigned *second);
    size_t packets, max;
    bool v6;
    size_t runs_most; /* 0: however many */
} rounds[] = {
    { in_order, 20000, FOLD_PACKETS, true, HOURS },
    { in_order, 20000, FOLD_PACKETS, false, HOURS },
    { in_order, 20000, 1000, true, 0 },
    { in_order, 500, 1, true, 0 },
    { in_order, 0, 100, true, 0 },
    { in_order, 1, 100, true, 1 },
    { nearly, 20000, FOLD_PACKETS, true, HOURS },
    { backwards, 20000, FOLD_PACKETS, true, 0 },
    { anyhow, 3000, FOLD_PACKETS, true, 0 },
    { anyhow, 3000, 50, true, 0 },
    { one_hour, 30000, FOLD_PACKETS, true, 1 },
    { one_hour, 30000, 4096, false, 0 },
};

static struct sink make_sink(struct world *got)
{
    struct sink s = { .got = got };
    assert_int_equal(chunk_codec_make(&s.codec), 0);
    return s;
}

static void free_sink(struct sink *s)
{
    chunk_codec_free(s->codec);
    chunk_release(&s->chunk);
    free(s->flow);
}

static void test_model(void **state)
{
    (void)state;
    struct world *want = malloc(sizeof *want), *got = malloc(sizeof *got);
    assert_true(want && got);
    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
        memset(want, 0, sizeof *want);
        memset(got, 0, sizeof *got);
        random_state = 900 + i;
        struct sink s = make_sink(got);
        struct fold *f;
        const struct fold_sink sink = { begin, take_chunk, end, &s };
        assert_int_equal(fold_make(&f, &sink, rounds[i].max), 0);
        for (size_t k = 0; k < rounds[i].packets; k++) {
            unsigned hour, second;
            rounds[i].when(k, rounds[i].packets, &hour, &second);
            add_random(f, want, hour, second, rounds[i].v6);
            assert_true(fold_held(f) < rounds[i].max);
            if (k == rounds[i].packets / 2 && k % 3 == 0)
                assert_int_equal(fold_flush(f), 0); /* a delta in between changes no sum */
        }
        assert_int_equal(fold_flush(f), 0);
        assert_int_equal(fold_held(f), 0);
        assert_int_equal(fold_flush(f), 0); /* nothing twice */
        assert_false(s.open);
        if (rounds[i].runs_most && (rounds[i].packets / 2) % 3)
            assert_true(s.runs <= rounds[i].runs_most);
        assert_same(want, got);
        bool dest[DESTS] = { 0 };
        uint64_t dests = 0, told;
        for (size_t c = 0; c < HOURS * HEADS * SOURCES; c++)
            for (unsigned d = 0; d < DESTS; d++)
                dest[d] |= want->cell[c / (HEADS * SOURCES)][0][c / SOURCES % HEADS][c % SOURCES].dest[d];
        for (unsigned d = 0; d < DESTS; d++)
            dests += dest[d];
        assert_true(fold_destinations(f, &told));
        if (!rounds[i].v6)
            assert_int_equal(told, dests);
        fold_free(f);
        free_sink(&s);
    }
    fold_free(NULL);
    free(want);
    free(got);
}

/* Trouble of the sink is handed on. */
static void test_trouble(void **state)
{
    (void)state;
    struct world *got = calloc(1, sizeof *got);
    struct sink s = make_sink(got);
    struct fold *f;
    const struct fold_sink sink = { begin, take_chunk, end, &s };
    assert_int_equal(fold_make(&f, &sink, 2), 0);
    struct packet p = make_packet(4, heads[0], 1, 1, 40);
    s.fail = -ENOSPC;
    assert_int_equal(fold_add(f, &p, FIRST_HOUR * INT64_C(3600)), 0);
    assert_int_equal(fold_add(f, &p, FIRST_HOUR * INT64_C(3600)), -ENOSPC);
    fold_free(f);
    free_sink(&s);
    free(got);
}

static int any_begin(void *context, uint32_t hour)
{
    (void)hour;
    ++*(size_t *)context;
    return 0;
}
static int any_chunk(void *context, const struct run_chunk *r)
{
    (void)context;
    (void)r;
    return 0;
}
static int any_end(void *context, const struct fold_run *r)
{
    (void)context;
    return r->hour <= UINT32_MAX / 2 ? 0 : -EINVAL;
}

/* Clocks that no host has: such packets are counted all the same, in an hour that there is. */
static void test_clocks(void **state)
{
    (void)state;
    static const int64_t when[] = { INT64_MIN, -1, 0, 3599, 3600, (int64_t)UINT32_MAX * 3600, INT64_MAX,
                                    1700000000, INT64_MIN, INT64_MAX, INT64_MIN + 1, -3600 };
    size_t runs = 0;
    struct fold *f;
    const struct fold_sink sink = { any_begin, any_chunk, any_end, &runs };
    assert_int_equal(fold_make(&f, &sink, FOLD_PACKETS), 0);
    for (size_t i = 0; i < sizeof when / sizeof when[0]; i++) {
        struct packet p = make_packet(i % 2 ? 6 : 4, heads[0], 1, 1, 40);
        assert_int_equal(fold_add(f, &p, when[i]), 0);
    }
    assert_int_equal(fold_flush(f), 0);
    assert_true(runs >= 3);
    fold_free(f);
}

/* Destinations all over the Internet take a bounded table, and the number says that it is a lower bound. */
static void test_many_destinations(void **state)
{
    (void)state;
    size_t runs = 0;
    struct fold *f;
    const struct fold_sink sink = { any_begin, any_chunk, any_end, &runs };
    assert_int_equal(fold_make(&f, &sink, FOLD_PACKETS), 0);
    uint64_t told;
    for (uint32_t i = 0; i < 5000; i++) {
        struct packet p = make_packet(4, heads[0], 1, 1, 40);
        p.v4.destination = i << 16;
        assert_int_equal(fold_add(f, &p, 1700000000), 0);
        if (i == 999 || i == 4999) {
            assert_int_equal(fold_flush(f), 0);
            assert_int_equal(fold_destinations(f, &told), i == 999);
            assert_true(i == 999 ? told == 1000 : told < 5000 && told >= 4096);
        }
    }
    fold_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_trouble),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_many_destinations),
    };
    return cmocka_run_group_tests_name("packet/fold", tests, NULL, NULL);
}
