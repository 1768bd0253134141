#pragma once
/*
 * Evidence, for the files of this room: what vouches for what is kept, so that store_verify() finds
 * whatever was altered behind our back. Who writes content tells here, in the same transaction.
 *
 * Two streams, both linked by SHA-256, each link over the link before. `event` is the chain: few rows, kept
 * for ever. `vouch` has a row a commit, with the hashes of what became visible in it; an hour of its rows is
 * a segment, sealed by an event that holds its last link, and goes once events vouch for all that it
 * vouched for.
 *
 * The hash of a run is over its row (not its state), its chunks in the order they were written, totals and
 * census; minute totals have a hash of their own, since they are cleaned earlier.
 */
#include "store/store.h"

/* ---- runs: hashed while their bytes pass ---- */

/* The run's row is there; nothing of it was written. What an earlier run of that number left is dropped. */
int must_check evidence_run_begin(struct store *s, int64_t run);
int must_check evidence_run_chunk(struct store *s, int64_t run, const struct run_chunk *c);
/* After the row has its flows and packets: its hashes are put there (run.hash, run.minutes). */
int must_check evidence_run_end(struct store *s, int64_t run, const struct run_blobs *b);

enum { REPLACES_NONE = -2 };
/* The run, which ended before, is shown from this transaction on, in the place of the hour's shown runs of
 * a level, or of EVERY_LEVEL, or beside them. Call it before those get another state. */
int must_check evidence_shown(struct store *s, int64_t run, int replaces);

/* What a shown run is made of was changed in its place by us: it is read and hashed anew. */
int must_check evidence_changed(struct store *s, int64_t run);

/* ---- days ---- */

/* The day's row and its source sets stand as they shall: they are hashed, in an event. Also where they were
 * changed in their place. */
int must_check evidence_day(struct store *s, int64_t start);
