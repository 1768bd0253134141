#pragma once
/*
 * From what sense workers told to the store, and what becomes of it while the store cannot be written: it is
 * held in memory up to a bound, then shed and counted; once the store is well again, all is as before.
 */
#include "main/watch.h"

/* What the clock showed meanwhile. */
struct clock_span {
    int64_t least, most;
};

struct ledger {
    struct store *store; /* borrowed */
    struct cover cover;
    struct keep keep;      /* borrows the zone's name */
    int64_t clock_offset;  /* seconds, for tests */
    size_t held_most;      /* bytes of deltas that may wait */
    /* state */
    uint64_t retry;        /* time_mono(): until then the store is left alone; 0: it is well */
    struct clock_span clock, clock_before; /* of this hour and the one before */
    uint64_t clock_due;    /* time_mono() when the next hour begins */
    bool stuck;            /* that was said, and not taken back */
    uint64_t shed;         /* packets, since it is stuck */
    uint64_t shed_all;
    uint64_t upkeep;       /* time_mono() of the next look */
    bool upkeep_failed;
};

/* Bytes that wait. */
size_t ledger_waiting(const struct watch *w, size_t n);
/*
 * Whole deltas, the workers in turn, unless the store is being left alone; of a great many some are left for the
 * next call. 0, also where trouble came that passes; -errno where it does not (-EUCLEAN: the store is damaged).
 * *ret_bad: a worker whose records make no sense, which the caller is to end; NULL.
 */
int must_check ledger_store(struct ledger *l, struct watch *w, size_t n, struct watch **ret_bad);
/* The same, without sparing a store that had trouble: for the last time. */
int must_check ledger_store_last(struct ledger *l, struct watch *w, size_t n);
/* What is beyond the bound is shed. To be called when a delta came while the store is stuck. */
void ledger_shed(struct ledger *l, struct watch *w, size_t n);
/* One piece of upkeep where something is due; true while there is more. Trouble with it is no reason to stop
 * counting. */
bool ledger_keep_up(struct ledger *l);
/* Whether a delta is whole and could be stored now. */
bool ledger_behind(const struct ledger *l, const struct watch *w, size_t n);
/* For others that write to the store: whether it is to be left alone now; what a write came to (as ledger_store() returns
 * it: 0 where the trouble passes). */
bool ledger_spared(const struct ledger *l);
int must_check ledger_bear(struct ledger *l, int err);
/* Notes an event in the chain of evidence; where that fails it is told in the log alone. */
void ledger_note(struct ledger *l, const char *event, const char *text);
