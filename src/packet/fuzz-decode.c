/*
 * Frames to flows. u8 link type, u8 options, then frames: le16 length (its low nine bits), u8 step of
 * the clock in eights of a minute, bytes. Every frame lies in a block of its own size.
 */
#include "packet/fold.h"
#include "packet/kinds.h"
#include "packet/own.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint32_t links[] = { 1, 101, 0, 108, 113, 276, 12, 14, 228, 229, 147 };

static struct sums {
    uint64_t packets, flows;
} sums;

static int begin(void *context, uint32_t hour)
{
    (void)context;
    (void)hour;
    return 0;
}

static int take_chunk(void *context, const struct run_chunk *c)
{
    (void)context;
    sums.flows += c->flows;
    return 0;
}

static int end(void *context, const struct fold_run *r)
{
    (void)context;
    sums.packets += r->summary.packets;
    return 0;
}

/* The sensor is 192.0.2.0/24 and 2001:db8::/32. */
static void make_decoder(struct decoder *d, struct own_addresses **own)
{
    struct prefix_list list = { 0 };
    const char *bad;
    if (prefix_list_parse("192.0.2.0/24 2001:db8::/32", &list, &bad) || own_addresses_make(own, &list) ||
        own_flows_make(&d->own_flows, 1))
        abort();
    prefix_list_release(&list);
    d->own = *own;
}

static void take_frame(const struct decoder *d, struct fold *f, uint32_t link, struct rd *r, int64_t sec)
{
    size_t n = rd_le16(r) & 0x1ff;
    n = n > rd_left(r) ? rd_left(r) : n;
    uint8_t *exact = malloc(n ? n : 1);
    if (!exact)
        abort();
    rd_copy(r, exact, n);
    struct frame frame = { .data = exact, .caplen = (uint32_t)n, .len = (uint32_t)n, .sec = sec,
                           .link = link };
    struct packet p, q;
    decode(d, &frame, &p);
    decode_general(d, &frame, &q); /* the short cut must not be told from it */
    free(exact);
    assert(p.head == q.head && p.family == q.family && p.length == q.length);
    assert(p.family != 4 || (p.v4.source == q.v4.source && p.v4.destination == q.v4.destination));
    assert(head_valid(p.head));
    assert(p.family == 4 || p.family == 6 || (p.family == 0 && head_kind(p.head) == KIND_MALFORMED));
    if (fold_add(f, &p, sec))
        abort();
}

/* Making one is dear, and a flushed one is as new. */
static struct fold *empty_fold(bool small)
{
    static struct fold *fold[2];
    const struct fold_sink sink = { begin, take_chunk, end, NULL };
    if (!fold[small] && fold_make(&fold[small], &sink, small ? 3 : FOLD_PACKETS))
        abort();
    return fold[small];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kinds_init();
    struct rd r = rd_init(data, size);
    uint32_t link = links[rd_u8(&r) % (sizeof links / sizeof links[0])];
    unsigned options = rd_u8(&r);
    struct decoder d = { 0 };
    struct own_addresses *own = NULL;
    const struct nat_pair pair = { 0xc0000205, 0xcb007105 };
    const struct nat nat = { &pair, 1 };
    if (options & 1)
        make_decoder(&d, &own);
    if (options & 2)
        d.nat = &nat;
    struct fold *f = empty_fold(options & 4);
    sums = (struct sums){ 0 };
    int64_t sec = options & 8 ? INT64_MAX - 100 : 1700000000;
    uint64_t packets = 0;
    for (; rd_left(&r) >= 3; packets++) {
        uint8_t step = rd_u8(&r);
        sec = (int64_t)((uint64_t)sec + (uint64_t)((int8_t)step * INT64_C(480)));
        take_frame(&d, f, link, &r, sec);
    }
    if (fold_flush(f))
        abort();
    assert(sums.packets == packets && sums.flows <= packets);
    own_flows_free(d.own_flows);
    own_addresses_free(own);
    return 0;
}
