#pragma once
/*
 * A run: all flows of one hour from one producer, sorted, cut into chunks; with its totals and census.
 *
 * The writer takes flows in key order (all of IPv4, then all of IPv6) and hands out encoded chunks as
 * they fill. It serves the fold, which makes runs of packets, and the store, which merges runs.
 * Addresses of IPv6 flows are numbers into a dictionary of the whole run, ascending, that the caller
 * keeps alive until run_writer_end().
 */
#include "base/sort.h"
#include "event/census.h"
#include "event/chunk.h"
#include "event/totals.h"

/* An encoded chunk; borrowed for the call. */
struct run_chunk {
    const uint8_t *data;
    size_t n;
    uint64_t first, last; /* keys, for skipping; of IPv6 only the heads tell something */
    uint64_t packets;
    uint32_t flows, hour;
    uint8_t family;
};

typedef int (*run_chunk_fn)(void *context, const struct run_chunk *chunk);

struct run_writer;

/* Both tables of a run; owned by the writer, valid until its next begin. */
struct run_summary {
    const struct totals *totals;
    const struct census *census;
    uint64_t flows, packets;
};

int must_check run_writer_make(struct run_writer **ret, run_chunk_fn emit, void *context);
void run_writer_free(struct run_writer *w);

void run_writer_begin(struct run_writer *w, uint32_t hour);
/* From here on flows are of this family; dictionary only for IPv6. */
int must_check run_writer_family(struct run_writer *w, uint8_t family, const uint8_t (*dictionary)[16],
                                 size_t n);
/* The census, fed by a caller who has the family's packets or flows sorted by the source (the low half of
 * the key); rest is the packets of an item where they are weighed, else each is one packet. Comes before the
 * family's first flow. */
int must_check run_writer_census(struct run_writer *w, const struct sort_item *item, size_t n,
                                 bool weighed);
/* The flow, and its f->dests destinations, ascending. */
int must_check run_writer_flow(struct run_writer *w, const struct flow *f, const uint32_t *dest);
/* Packets that make no flow: ours, foreign, solicited, malformed. */
int must_check run_writer_tally(struct run_writer *w, uint32_t scope, uint64_t packets, uint64_t bytes);
int must_check run_writer_end(struct run_writer *w, struct run_summary *ret);

/*
 * A source has a fingerprint when at least two and at least half of its packets of the hour bear the
 * mark. The chance that n packets with random numbers look like one of the 16-bit marks is largest for
 * four packets, two of which must fit: 6 / 2^32, or 1.4e-9 a source and hour.
 */
static inline bool fingerprint_holds(uint64_t marked, uint64_t packets)
{
    return marked >= 2 && marked >= packets - marked;
}
