#include "event/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/*
 * The run writer against a model that asks, for each thing that is counted, every flow there is.
 */

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

enum { FLOWS = 20000, DESTS = 4, WORLD = 400 /* IPv6 addresses */, HOUR = 480000 };

struct made {
    struct flow flow;
    uint32_t dest[DESTS];
    uint8_t family;
};

struct model {
    struct made v[FLOWS];
    size_t n;
    uint32_t tally_scope[4];
    uint64_t tally_packets[4];
    size_t tallies;
    uint32_t source[FLOWS]; /* of IPv4, ascending: flows carry their numbers */
    size_t sources;
};

static uint8_t dictionary[WORLD][16];

static void make_dictionary(void)
{
    for (uint32_t i = 0; i < WORLD; i++) {
        memcpy(dictionary[i], "\x20\x01\x0d\xb8", 4);
        dictionary[i][7] = (uint8_t)(i >> 8);
        dictionary[i][8] = (uint8_t)i;
    }
}

static int by_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void number_sources(struct model *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (m->v[i].family == 4)
            m->source[n++] = flow_source(&m->v[i].flow);
    qsort(m->source, n, sizeof m->source[0], by_u32);
    m->sources = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || m->source[i] != m->source[m->sources - 1])
            m->source[m->sources++] = m->source[i];
}

static int by_key(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    return (x->flow.key > y->flow.key) - (x->flow.key < y->flow.key);
}

/* How a round's flows are chosen: from how many sources, ports and labels, and how often marks. */
struct shape {
    size_t flows, v6_flows;
    uint32_t sources, ports, labels, mark_one_in;
};

static struct made random_flow(const struct shape *s, uint8_t family)
{
    static const enum kind kinds[] = { KIND_ACCESS, KIND_ACCESS, KIND_BACKSCATTER, KIND_OTHER };
    struct made m = { .family = family };
    enum kind kind = kinds[pick(4)];
    bool marked = kind == KIND_ACCESS && pick(s->mark_one_in) == 0;
    uint32_t head = head_make((enum proto)pick(3), (uint16_t)pick(s->ports), kind,
                              marked ? pick(MARK_TOOLS) : 0, marked ? pick(s->labels + 1) : 0);
    uint32_t source = family == 6 ? pick(s->sources < WORLD ? s->sources : WORLD)
                                  : pick(s->sources) * 77777u;
    m.flow = (struct flow){ .key = (uint64_t)head << 32 | source,
                            .packets = 1 + pick(3) * pick(3),
                            .bytes = 40 + pick(1000),
                            .first = (uint16_t)pick(1800) };
    m.flow.last = m.flow.packets == 1 ? m.flow.first : (uint16_t)(m.flow.first + pick(1800));
    m.flow.dests = 1 + pick(m.flow.packets < DESTS ? m.flow.packets : DESTS);
    for (uint32_t i = 0, dest = pick(WORLD - DESTS); i < m.flow.dests; i++)
        m.dest[i] = dest + i;
    return m;
}

static void make_flows(struct model *m, const struct shape *s)
{
    m->n = 0;
    for (size_t i = 0; i < s->flows + s->v6_flows; i++)
        m->v[m->n++] = random_flow(s, i < s->flows ? 4 : 6);
    qsort(m->v, m->n, sizeof m->v[0], by_key);
    size_t kept = 0;
    for (size_t i = 0; i < m->n; i++)
        if (i == 0 || by_key(&m->v[i], &m->v[kept - 1]) != 0)
            m->v[kept++] = m->v[i];
    m->n = kept;
    number_sources(m);
    static const enum kind kinds[] = { KIND_OURS, KIND_FOREIGN, KIND_SOLICITED, KIND_MALFORMED };
    m->tallies = pick(5);
    for (size_t i = 0; i < m->tallies; i++) {
        m->tally_scope[i] = head_make(PROTO_OTHER, kinds[i] == KIND_MALFORMED ? 3 : 0, kinds[i], 0, 0);
        m->tally_packets[i] = 1 + pick(100);
    }
}

/* ---- what comes out is checked as it comes ---- */

struct sink {
    const struct model *model;
    struct chunk_codec *codec;
    struct chunk chunk;
    size_t at; /* flows seen */
    int fail;
};

static void assert_source(const struct sink *s, uint32_t number, uint32_t want)
{
    if (s->chunk.family == 4) {
        assert_true(number < s->model->sources);
        assert_int_equal(s->model->source[number], want);
    } else {
        assert_true(number < s->chunk.addr_n);
        assert_memory_equal(s->chunk.addr[number], dictionary[want], 16);
    }
}

static void assert_destination(const struct sink *s, uint32_t number, uint32_t want)
{
    if (s->chunk.family == 4)
        assert_int_equal(number, want);
    else
        assert_source(s, number, want);
}

static int take_chunk(void *context, const struct run_chunk *r)
{
    struct sink *s = context;
    struct chunk *c = &s->chunk;
    if (s->fail)
        return s->fail;
    assert_int_equal(chunk_decode(s->codec, r->data, r->n, CHUNK_ALL, c), 0);
    assert_int_equal(r->flows, c->n);
    assert_int_equal(r->family, c->family);
    assert_int_equal(r->hour, HOUR);
    assert_int_equal(c->hour, HOUR);
    uint64_t packets = 0;
    const uint32_t *dest = c->dest;
    for (size_t i = 0; i < c->n; dest += c->flow[i].dests, i++) {
        const struct made *want = &s->model->v[s->at++];
        const struct flow *f = &c->flow[i];
        assert_true(s->at <= s->model->n);
        assert_int_equal(want->family, c->family);
        assert_int_equal(flow_head(f), flow_head(&want->flow));
        assert_source(s, flow_source(f), flow_source(&want->flow));
        assert_true(f->packets == want->flow.packets && f->bytes == want->flow.bytes);
        assert_true(f->first == want->flow.first && f->last == want->flow.last);
        assert_int_equal(f->dests, want->flow.dests);
        for (uint32_t j = 0; j < f->dests; j++)
            assert_destination(s, dest[j], want->dest[j]);
        assert_true(want->flow.key >> 32 >= r->first >> 32 && want->flow.key >> 32 <= r->last >> 32);
        if (c->family == 4)
            assert_true(f->key >= r->first && f->key <= r->last);
        packets += f->packets;
    }
    assert_int_equal(packets, r->packets);
    return 0;
}

/* ---- the model's answers ---- */

static bool same_source(const struct made *a, const struct made *b)
{
    return a->family == b->family && flow_source(&a->flow) == flow_source(&b->flow);
}

static bool bears(uint32_t head, unsigned fingerprint)
{
    return fingerprint < FINGERPRINT_TOOLS ? head_tools(head) >> fingerprint & 1
                                           : head_label(head) == fingerprint - FINGERPRINT_LABEL;
}

/* The rule, as DESIGN says it: at least two, and at least half of the packets. */
static bool has_fingerprint(const struct model *m, const struct made *source, unsigned fingerprint)
{
    uint64_t marked = 0, all = 0;
    for (size_t i = 0; i < m->n; i++)
        if (same_source(&m->v[i], source)) {
            all += m->v[i].flow.packets;
            marked += bears(flow_head(&m->v[i].flow), fingerprint) ? m->v[i].flow.packets : 0;
        }
    return marked >= 2 && 2 * marked >= all;
}

static bool in_scope(const struct made *f, uint32_t scope)
{
    uint32_t head = flow_head(&f->flow);
    switch (scope >> 29) {
    case SCOPE_KIND:
        return head_kind(head) == head_kind(scope);
    case SCOPE_PROTO:
        return head_kind(head) == head_kind(scope) && head_proto(head) == (enum proto)head_port(scope);
    default:
        return head_proto(head) == head_proto(scope) && head_port(head) == head_port(scope) &&
               head_kind(head) == head_kind(scope);
    }
}

static struct total sum_scope(const struct model *m, uint32_t scope)
{
    struct total t = { .scope = scope };
    const struct made **seen = malloc((m->n + 1) * sizeof(struct made *));
    assert_non_null(seen);
    for (size_t i = 0; i < m->n; i++) {
        const struct made *f = &m->v[i];
        if (!in_scope(f, scope))
            continue;
        t.packets += f->flow.packets;
        t.bytes += f->flow.bytes;
        size_t j = 0;
        while (j < t.sources && !same_source(seen[j], f))
            j++;
        if (j == t.sources)
            seen[t.sources++] = f;
    }
    for (size_t i = 0; i < m->tallies; i++)
        if (m->tally_scope[i] == scope ||
            (scope >> 29 == SCOPE_KIND && head_kind(m->tally_scope[i]) == head_kind(scope))) {
            t.packets += m->tally_packets[i];
            t.bytes += m->tally_packets[i] * 60;
        }
    free(seen);
    if (scope >> 29 == SCOPE_PROTO && head_kind(scope) != KIND_ACCESS)
        t.sources = 0; /* not known */
    return t;
}

static void assert_total(const struct totals *got, const struct total *want)
{
    const struct total *t = totals_find(got, want->scope);
    if (want->packets == 0) {
        assert_null(t);
        return;
    }
    assert_non_null(t);
    assert_true(t->packets == want->packets && t->bytes == want->bytes && t->sources == want->sources);
}

static void assert_totals(const struct model *m, const struct totals *got)
{
    size_t services = 0;
    for (size_t i = 0; i < got->n; i++) {
        assert_true(i == 0 || got->item[i - 1].scope < got->item[i].scope);
        uint32_t scope = got->item[i].scope;
        if (scope >> 29 == SCOPE_FINGERPRINT)
            continue;
        struct total want = sum_scope(m, scope);
        assert_true(want.packets > 0);
        assert_total(got, &want);
        services += scope_is_service(scope);
    }
    for (size_t i = 0; i < m->n; i++) /* none is missing */
        assert_non_null(totals_find(got, head_service(flow_head(&m->v[i].flow))));
    for (size_t i = 0; i < m->tallies; i++)
        assert_non_null(totals_find(got, m->tally_scope[i]));
    assert_true(services > 0 || m->n + m->tallies == 0);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        struct total want = sum_scope(m, scope_kind((enum kind)kind));
        assert_total(got, &want);
    }
    for (unsigned proto = 0; proto < PROTOS; proto++) {
        struct total want = sum_scope(m, scope_proto((enum proto)proto, KIND_ACCESS));
        assert_total(got, &want);
    }
}

/* Fingerprints and census: each source once, asked for all that it did. */
static void assert_census(const struct model *m, const struct run_summary *got, uint32_t labels)
{
    uint64_t sources[FINGERPRINTS] = { 0 }, accesses[FINGERPRINTS] = { 0 }, n4 = 0, n6 = 0;
    for (size_t i = 0; i < m->n; i++) {
        const struct made *f = &m->v[i];
        bool first = true;
        for (size_t j = 0; j < i && first; j++)
            first = !same_source(&m->v[j], f);
        if (!first)
            continue;
        struct source_class want = { 0 };
        uint64_t opened = 0;
        for (size_t j = i; j < m->n; j++) {
            uint32_t head = flow_head(&m->v[j].flow);
            if (!same_source(&m->v[j], f))
                continue;
            want.kinds |= (uint8_t)(1u << head_kind(head));
            if (head_kind(head) == KIND_ACCESS) {
                want.protos |= (uint8_t)(1u << head_proto(head));
                opened += m->v[j].flow.packets;
            }
        }
        for (unsigned k = 0; k <= FINGERPRINT_LABEL + labels; k++) {
            if (k == FINGERPRINT_TOOLS)
                k = FINGERPRINT_LABEL + 1;
            if (k > FINGERPRINT_LABEL + labels || !has_fingerprint(m, f, k))
                continue;
            sources[k]++;
            accesses[k] += opened;
            if (k < FINGERPRINT_TOOLS)
                want.tools |= (uint8_t)(1u << k);
            else
                want.labels[(k - FINGERPRINT_LABEL) / 64] |= UINT64_C(1) << (k - FINGERPRINT_LABEL) % 64;
        }
        struct addr a = addr_v4(flow_source(&f->flow));
        if (f->family == 6) {
            a.family = 6;
            memcpy(a.bytes, dictionary[flow_source(&f->flow)], 16);
        }
        const struct source_class *cl = census_find(got->census, &a);
        assert_non_null(cl);
        assert_memory_equal(cl, &want, sizeof want);
        n4 += f->family == 4;
        n6 += f->family == 6;
    }
    assert_int_equal(got->census->v4_n, n4);
    assert_int_equal(got->census->v6_n, n6);
    for (unsigned k = 0; k < FINGERPRINTS; k++) {
        const struct total *t = totals_find(got->totals, scope_fingerprint(k));
        assert_int_equal(t ? t->sources : 0, sources[k]);
        assert_int_equal(t ? t->packets : 0, accesses[k]);
    }
}

/* The family's census, from its flows in the order of their sources. */
static int write_census(struct run_writer *w, const struct model *m, uint8_t family)
{
    struct sort_item *item = malloc(2 * (m->n + 1) * sizeof *item);
    size_t n = 0;
    assert_non_null(item);
    for (size_t i = 0; i < m->n; i++)
        if (m->v[i].family == family)
            item[n++] = (struct sort_item){ m->v[i].flow.key, m->v[i].flow.packets };
    sort_items(item, item + n, n, 0, 32);
    int err = run_writer_census(w, item, n, true);
    for (size_t i = 0; !err && family == 4 && i < n; i++) /* each got its source's number */
        assert_true((uint32_t)item[i].key < m->sources);
    free(item);
    return err;
}

static int write_run(struct run_writer *w, const struct model *m, struct run_summary *sum)
{
    uint8_t family = 4;
    run_writer_begin(w, HOUR);
    TRY(write_census(w, m, 4));
    size_t sources;
    const uint32_t *source = run_writer_sources(w, &sources);
    assert_int_equal(sources, m->sources);
    if (sources)
        assert_memory_equal(source, m->source, sources * sizeof *source);
    for (size_t i = 0; i < m->n; i++) {
        struct flow f = m->v[i].flow;
        if (m->v[i].family != family) {
            family = 6;
            TRY(run_writer_family(w, 6, (const uint8_t(*)[16])dictionary, WORLD));
            TRY(write_census(w, m, 6));
        }
        if (family == 4) {
            uint32_t address = flow_source(&f);
            const uint32_t *at = bsearch(&address, m->source, m->sources, sizeof *at, by_u32);
            f.key = f.key >> 32 << 32 | (uint64_t)(at - m->source);
        }
        TRY(run_writer_flow(w, &f, m->v[i].dest));
    }
    for (size_t i = 0; i < m->tallies; i++)
        TRY(run_writer_tally(w, m->tally_scope[i], m->tally_packets[i], m->tally_packets[i] * 60));
    return run_writer_end(w, sum);
}

static void assert_run(const struct model *m, const struct run_summary *sum, uint32_t labels)
{
    uint64_t packets = 0;
    for (size_t i = 0; i < m->n; i++)
        packets += m->v[i].flow.packets;
    for (size_t i = 0; i < m->tallies; i++)
        packets += m->tally_packets[i];
    assert_int_equal(sum->flows, m->n);
    assert_int_equal(sum->packets, packets);
    assert_totals(m, sum->totals);
    assert_census(m, sum, labels);
}

static const struct shape shapes[] = {
    { 0, 0, 1, 1, 1, 1 },           /* nothing at all */
    { 1, 0, 1, 1, 1, 1 },
    { 0, 1, 1, 1, 1, 1 },
    { 300, 0, 20, 3, 5, 1 },        /* few sources, many marks */
    { 300, 300, 15, 4, 127, 2 },
    { 1000, 500, 300, 40, 10, 3 },
    { 1500, 0, 1500, 1, 2, 9 },     /* one service */
    { 0, 1200, 400, 6, 20, 2 },
    { 9500, 0, 2000, 9, 1, 50 },    /* more than one chunk */
};

static void test_model(void **state)
{
    (void)state;
    struct model *m = calloc(1, sizeof *m);
    struct sink s = { .model = m };
    struct run_writer *w;
    make_dictionary();
    assert_non_null(m);
    assert_int_equal(chunk_codec_make(&s.codec), 0);
    assert_int_equal(run_writer_make(&w, take_chunk, &s), 0);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) { /* one writer for all */
        random_state = 1000 + i;
        make_flows(m, &shapes[i]);
        struct run_summary sum;
        s.at = 0;
        assert_int_equal(write_run(w, m, &sum), 0);
        assert_int_equal(s.at, m->n);
        assert_run(m, &sum, shapes[i].labels);
    }
    run_writer_free(w);
    run_writer_free(NULL);
    chunk_codec_free(s.codec);
    chunk_release(&s.chunk);
    free(m);
}

/* An IPv6 service that fills several chunks: each with a dictionary of its own. */
static void test_many_v6(void **state)
{
    (void)state;
    struct model *m = calloc(1, sizeof *m);
    struct sink s = { .model = m };
    struct run_writer *w;
    struct run_summary sum;
    make_dictionary();
    assert_int_equal(chunk_codec_make(&s.codec), 0);
    assert_int_equal(run_writer_make(&w, take_chunk, &s), 0);
    for (uint32_t port = 0; m->n < 2 * CHUNK_FLOWS + 100; port++)
        for (uint32_t i = 0; i < WORLD && m->n < FLOWS; i += port == 3 ? 2 : 1) {
            uint32_t head = head_make(PROTO_TCP, (uint16_t)port, KIND_ACCESS, 0, 0);
            m->v[m->n++] = (struct made){ .flow = { .key = (uint64_t)head << 32 | i,
                                                    .bytes = 60, .packets = 1, .dests = 1 },
                                          .dest = { WORLD - 1 - i },
                                          .family = 6 };
        }
    assert_int_equal(write_run(w, m, &sum), 0);
    assert_int_equal(s.at, m->n);
    assert_int_equal(sum.flows, m->n);
    assert_int_equal(sum.census->v6_n, WORLD);
    run_writer_free(w);
    chunk_codec_free(s.codec);
    chunk_release(&s.chunk);
    free(m);
}

static void test_rule(void **state)
{
    (void)state;
    static const struct {
        uint64_t marked, packets;
        bool holds;
    } row[] = { { 0, 0, false }, { 1, 1, false }, { 1, 2, false }, { 2, 2, true },  { 2, 3, true },
                { 2, 4, true },  { 2, 5, false }, { 3, 6, true },  { 3, 7, false }, { 0, 9, false } };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_int_equal(fingerprint_holds(row[i].marked, row[i].packets), row[i].holds);
}

/* Trouble of whoever takes the chunks is handed on, and the writer can begin anew. */
static void test_trouble(void **state)
{
    (void)state;
    struct model *m = calloc(1, sizeof *m);
    struct sink s = { .model = m, .fail = -ENOSPC };
    struct run_writer *w;
    struct run_summary sum;
    make_dictionary();
    random_state = 5;
    make_flows(m, &shapes[4]);
    assert_int_equal(chunk_codec_make(&s.codec), 0);
    assert_int_equal(run_writer_make(&w, take_chunk, &s), 0);
    assert_int_equal(write_run(w, m, &sum), -ENOSPC);
    s.fail = 0;
    assert_int_equal(write_run(w, m, &sum), 0);
    assert_run(m, &sum, shapes[4].labels);
    run_writer_free(w);
    chunk_codec_free(s.codec);
    chunk_release(&s.chunk);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_many_v6),
        cmocka_unit_test(test_rule),
        cmocka_unit_test(test_trouble),
    };
    return cmocka_run_group_tests_name("event/run", tests, NULL, NULL);
}
