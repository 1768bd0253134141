#pragma once
/*
 * A run: all flows of one hour from one producer, sorted, cut into chunks; with its totals and census.
 *
 * The writer takes, of IPv4 and then of IPv6, first what makes the census (packets or flows by source),
 * then the flows in key order, and hands out encoded chunks as they fill. It serves the fold, which makes
 * runs of packets, and the store, which merges runs. IPv6 addresses are numbers into a dictionary of the
 * whole run, ascending, that the caller keeps alive until run_writer_end().
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
/*
 * The census of the family: its packets or flows sorted by the low half of the key, which is the source, and
 * those of one source by their heads; rest is the packets of an item where they are weighed, else each is one
 * packet. In place of an IPv4 source each key gets the source's number. May be given source by source.
 */
int must_check run_writer_census(struct run_writer *w, struct sort_item *item, size_t n, bool weighed);
/* The IPv4 sources met, ascending: a number is an index. */
const uint32_t *run_writer_sources(const struct run_writer *w, size_t *ret_n);
/* The flow, whose key holds the source's number, and its f->dests destinations, ascending. */
int must_check run_writer_flow(struct run_writer *w, const struct flow *f, const uint32_t *dest);
/* Packets that make no flow: ours, foreign, solicited, malformed. */
int must_check run_writer_tally(struct run_writer *w, uint32_t scope, uint64_t packets, uint64_t bytes);
/* The family's last flow was given: its dictionary may go. run_writer_end() does it, too. */
int must_check run_writer_close(struct run_writer *w);
/* The same dictionary at another place. */
void run_writer_dictionary(struct run_writer *w, const uint8_t (*dictionary)[16], size_t n);
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
