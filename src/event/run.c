#include "event/run.h"

#include <stdlib.h>

/* The service whose flows come in now. */
struct service {
    uint32_t scope; /* UINT32_MAX: none */
    uint64_t packets, bytes, flows;
};

struct run_writer {
    run_chunk_fn emit;
    void *context;
    struct chunk_codec *codec;
    struct buf out;
    struct chunk chunk;
    struct totals totals;
    struct census census;
    struct service service;
    uint32_t hour;
    uint8_t family;
    const uint8_t (*dictionary)[16];
    size_t dictionary_n;
    uint32_t *twice; /* services that a source used with several marks, an entry for each mark too many */
    size_t twice_n, twice_room;
    uint64_t flows, packets;
    uint64_t kind_packets[KINDS], kind_bytes[KINDS], kind_sources[KINDS];
    uint64_t proto_packets[PROTOS][KINDS], proto_bytes[PROTOS][KINDS];
    uint64_t proto_sources[PROTOS]; /* of accesses */
    uint64_t finger_accesses[FINGERPRINTS], finger_sources[FINGERPRINTS];
};

int run_writer_make(struct run_writer **ret, run_chunk_fn emit, void *context)
{
    struct run_writer *w = calloc(1, sizeof *w);
    if (!w)
        return -ENOMEM;
    w->emit = emit;
    w->context = context;
    buf_init(&w->out, CHUNK_BYTES_MAX);
    int err = chunk_codec_make(&w->codec);
    if (err) {
        run_writer_free(w);
        return err;
    }
    *ret = w;
    return 0;
}

void run_writer_free(struct run_writer *w)
{
    if (!w)
        return;
    chunk_codec_free(w->codec);
    buf_release(&w->out);
    chunk_release(&w->chunk);
    totals_release(&w->totals);
    census_release(&w->census);
    free(w->twice);
    free(w);
}

void run_writer_begin(struct run_writer *w, uint32_t hour)
{
    w->hour = hour;
    w->family = 4;
    w->totals.n = 0;
    census_release(&w->census);
    w->service = (struct service){ .scope = UINT32_MAX };
    w->twice_n = 0;
    w->flows = w->packets = 0;
    memset(w->kind_packets, 0, sizeof w->kind_packets);
    memset(w->kind_bytes, 0, sizeof w->kind_bytes);
    memset(w->kind_sources, 0, sizeof w->kind_sources);
    memset(w->proto_packets, 0, sizeof w->proto_packets);
    memset(w->proto_bytes, 0, sizeof w->proto_bytes);
    memset(w->proto_sources, 0, sizeof w->proto_sources);
    memset(w->finger_accesses, 0, sizeof w->finger_accesses);
    memset(w->finger_sources, 0, sizeof w->finger_sources);
    chunk_clear(&w->chunk, 4, hour);
}

/* ---- chunks ---- */

static uint32_t rank_of(const uint32_t *sorted, size_t n, uint32_t v)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (sorted[mid] < v)
            low = mid + 1;
        else
            high = mid;
    }
    return (uint32_t)low;
}

/* Numbers of the run's dictionary become numbers of the chunk's own, in the same order. */
static int give_dictionary(struct run_writer *w)
{
    struct chunk *c = &w->chunk;
    size_t n = c->n + c->dest_n;
    uint32_t *used = malloc(2 * n * sizeof *used);
    if (!used)
        return -ENOMEM;
    memcpy(used, c->dest, c->dest_n * sizeof *used);
    for (size_t i = 0; i < c->n; i++)
        used[c->dest_n + i] = flow_source(&c->flow[i]);
    sort_u32(used, used + n, n);
    n = sort_unique_u32(used, n);
    for (size_t i = 0; i < c->n; i++)
        c->flow[i].key = c->flow[i].key >> 32 << 32 | rank_of(used, n, flow_source(&c->flow[i]));
    for (size_t i = 0; i < c->dest_n; i++)
        c->dest[i] = rank_of(used, n, c->dest[i]);
    uint8_t(*addr)[16] = realloc(c->addr, n * sizeof *addr);
    if (addr) {
        c->addr = addr;
        c->addr_n = c->addr_room = n;
        for (size_t i = 0; i < n; i++)
            memcpy(c->addr[i], w->dictionary[used[i]], 16);
    }
    free(used);
    return addr ? 0 : -ENOMEM;
}

static int flush_chunk(struct run_writer *w)
{
    struct chunk *c = &w->chunk;
    if (c->n == 0)
        return 0;
    struct run_chunk out = { .flows = (uint32_t)c->n,
                             .hour = w->hour,
                             .family = c->family,
                             .first = c->flow[0].key,
                             .last = c->flow[c->n - 1].key };
    if (c->family == 6) {
        TRY(give_dictionary(w));
        out.first &= ~UINT64_C(0xffffffff);
        out.last |= UINT64_C(0xffffffff);
    }
    for (size_t i = 0; i < c->n; i++)
        out.packets += c->flow[i].packets;
    buf_reset(&w->out);
    TRY(chunk_encode(w->codec, c, &w->out));
    out.data = w->out.data;
    out.n = w->out.len;
    TRY(w->emit(w->context, &out));
    chunk_clear(c, c->family, w->hour);
    return 0;
}

/* ---- totals ---- */

static int close_service(struct run_writer *w)
{
    struct service *s = &w->service;
    if (s->scope == UINT32_MAX)
        return 0;
    TRY(totals_add(&w->totals, s->scope, s->packets, s->bytes, s->flows));
    enum kind kind = head_kind(s->scope);
    enum proto proto = head_proto(s->scope);
    w->kind_packets[kind] += s->packets;
    w->kind_bytes[kind] += s->bytes;
    w->proto_packets[proto][kind] += s->packets;
    w->proto_bytes[proto][kind] += s->bytes;
    s->scope = UINT32_MAX;
    return 0;
}

static int open_service(struct run_writer *w, uint32_t scope)
{
    TRY(close_service(w));
    w->service = (struct service){ .scope = scope };
    return 0;
}

int run_writer_tally(struct run_writer *w, uint32_t scope, uint64_t packets, uint64_t bytes)
{
    enum kind kind = head_kind(scope);
    w->kind_packets[kind] += packets;
    w->kind_bytes[kind] += bytes;
    w->packets += packets;
    return totals_add(&w->totals, scope, packets, bytes, 0);
}

/* ---- the census ---- */

/* What one source did in the hour. */
struct tally {
    uint64_t packets, accesses, tool[FINGERPRINT_TOOLS];
    struct {
        unsigned label;
        uint64_t packets;
    } label[MARK_LABELS];
    size_t labels;
    struct source_class cl;
};

static void tally_label(struct tally *t, unsigned label, uint64_t packets)
{
    size_t i = 0;
    while (i < t->labels && t->label[i].label != label)
        i++;
    if (i == t->labels) {
        t->label[i].label = label;
        t->label[i].packets = 0;
        t->labels++;
    }
    t->label[i].packets += packets;
}

static void tally_flow(struct tally *t, uint32_t head, uint64_t packets)
{
    enum kind kind = head_kind(head);
    t->packets += packets;
    t->cl.kinds |= (uint8_t)(1u << kind);
    if (kind == KIND_ACCESS) {
        t->accesses += packets;
        t->cl.protos |= (uint8_t)(1u << head_proto(head));
    }
    for (unsigned i = 0; i < FINGERPRINT_TOOLS; i++)
        if (head_tools(head) >> i & 1)
            t->tool[i] += packets;
    if (head_label(head))
        tally_label(t, head_label(head), packets);
}

static void add_fingerprint(struct run_writer *w, const struct tally *t, unsigned number)
{
    w->finger_sources[number]++;
    w->finger_accesses[number] += t->accesses;
}

static void judge_fingerprints(struct run_writer *w, struct tally *t)
{
    for (unsigned i = 0; i < FINGERPRINT_TOOLS; i++)
        if (fingerprint_holds(t->tool[i], t->packets)) {
            t->cl.tools |= (uint8_t)(1u << i);
            add_fingerprint(w, t, i);
        }
    for (size_t i = 0; i < t->labels; i++)
        if (fingerprint_holds(t->label[i].packets, t->packets)) {
            unsigned label = t->label[i].label;
            t->cl.labels[label / 64] |= UINT64_C(1) << (label % 64);
            add_fingerprint(w, t, FINGERPRINT_LABEL + label);
        }
}

static int close_source(struct run_writer *w, uint32_t source, struct tally *t)
{
    judge_fingerprints(w, t);
    for (unsigned kind = 0; kind < KINDS; kind++)
        w->kind_sources[kind] += t->cl.kinds >> kind & 1;
    for (unsigned proto = 0; proto < PROTOS; proto++)
        w->proto_sources[proto] += t->cl.protos >> proto & 1;
    if (w->family == 4)
        return census_add_v4(&w->census, source, &t->cl);
    return census_add_v6(&w->census, w->dictionary[source], &t->cl);
}

static void tally_clear(struct tally *t)
{
    t->packets = t->accesses = 0;
    t->labels = 0;
    memset(t->tool, 0, sizeof t->tool);
    memset(&t->cl, 0, sizeof t->cl);
}

static int note_twice(struct run_writer *w, uint32_t scope)
{
    if (w->twice_n == w->twice_room) {
        size_t room = w->twice_room ? w->twice_room * 2 : 1024;
        uint32_t *p = realloc(w->twice, 2 * room * sizeof *p);
        if (!p)
            return -ENOMEM;
        w->twice = p;
        w->twice_room = room;
    }
    w->twice[w->twice_n++] = scope;
    return 0;
}

/* One source's items: its place in the census, which becomes their number. A service used with more than one
 * mark has this source all the same only once. */
static int take_source(struct run_writer *w, struct sort_item *item, size_t n, bool weighed)
{
    struct tally t;
    tally_clear(&t);
    for (size_t i = 0, j; i < n; i = j) {
        uint32_t head = (uint32_t)(item[i].key >> 32);
        uint64_t packets = 0;
        for (j = i; j < n && item[j].key >> 32 == head; j++)
            packets += weighed ? item[j].rest : 1;
        tally_flow(&t, head, packets);
        if (i && head_service((uint32_t)(item[i - 1].key >> 32)) == head_service(head))
            TRY(note_twice(w, head_service(head)));
    }
    uint32_t number = (uint32_t)w->census.v4_n;
    TRY(close_source(w, (uint32_t)item[0].key, &t));
    for (size_t i = 0; w->family == 4 && i < n; i++)
        item[i].key = item[i].key >> 32 << 32 | number;
    return 0;
}

int run_writer_census(struct run_writer *w, struct sort_item *item, size_t n, bool weighed)
{
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && (uint32_t)item[j].key == (uint32_t)item[i].key; j++)
            ;
        TRY(take_source(w, item + i, j - i, weighed));
    }
    return 0;
}

const uint32_t *run_writer_sources(const struct run_writer *w, size_t *ret_n)
{
    *ret_n = w->census.v4_n;
    return w->census.v4;
}

int run_writer_close(struct run_writer *w)
{
    TRY(close_service(w));
    return flush_chunk(w);
}

int run_writer_family(struct run_writer *w, uint8_t family, const uint8_t (*dictionary)[16], size_t n)
{
    TRY(run_writer_close(w));
    w->family = family;
    w->dictionary = dictionary;
    w->dictionary_n = n;
    chunk_clear(&w->chunk, family, w->hour);
    return 0;
}

void run_writer_dictionary(struct run_writer *w, const uint8_t (*dictionary)[16], size_t n)
{
    w->dictionary = dictionary;
    w->dictionary_n = n;
}

/* ---- flows ---- */

int run_writer_flow(struct run_writer *w, const struct flow *f, const uint32_t *dest)
{
    struct chunk *c = &w->chunk;
    uint32_t head = flow_head(f);
    if (head_service(head) != w->service.scope)
        TRY(open_service(w, head_service(head)));
    w->service.flows++;
    w->service.packets += f->packets;
    w->service.bytes += f->bytes;
    w->packets += f->packets;
    w->flows++;
    TRY(chunk_reserve(c, f->dests));
    for (uint32_t i = 0; i < f->dests; i++)
        c->dest[c->dest_n++] = dest[i];
    c->flow[c->n++] = *f;
    return chunk_is_full(c) ? flush_chunk(w) : 0;
}

static int add_wide_totals(struct run_writer *w)
{
    for (unsigned kind = 0; kind < KINDS; kind++)
        if (w->kind_packets[kind])
            TRY(totals_add(&w->totals, scope_kind((enum kind)kind), w->kind_packets[kind],
                           w->kind_bytes[kind], w->kind_sources[kind]));
    for (unsigned p = 0; p < PROTOS; p++)
        for (unsigned kind = 0; kind < KINDS; kind++)
            if (w->proto_packets[p][kind])
                TRY(totals_add(&w->totals, scope_proto((enum proto)p, (enum kind)kind),
                               w->proto_packets[p][kind], w->proto_bytes[p][kind],
                               kind == KIND_ACCESS ? w->proto_sources[p] : 0));
    for (unsigned i = 0; i < FINGERPRINTS; i++)
        if (w->finger_sources[i])
            TRY(totals_add(&w->totals, scope_fingerprint(i), w->finger_accesses[i], 0,
                           w->finger_sources[i]));
    return 0;
}

/* Flows of a service less the flows that a source had too many. */
static void count_once(struct run_writer *w)
{
    if (w->twice_n == 0)
        return;
    sort_u32(w->twice, w->twice + w->twice_room, w->twice_n);
    size_t j = 0;
    for (size_t i = 0; i < w->totals.n; i++) {
        struct total *t = &w->totals.item[i];
        while (j < w->twice_n && w->twice[j] < t->scope)
            j++;
        for (; j < w->twice_n && w->twice[j] == t->scope; j++)
            t->sources--;
    }
}

int run_writer_end(struct run_writer *w, struct run_summary *ret)
{
    TRY(run_writer_close(w));
    TRY(add_wide_totals(w));
    totals_settle(&w->totals);
    count_once(w);
    *ret = (struct run_summary){ .totals = &w->totals,
                                 .census = &w->census,
                                 .flows = w->flows,
                                 .packets = w->packets };
    return 0;
}
