#pragma once
/*
 * The sorted fold: packets to flows. Packets are appended, radix-sorted by key and cut into runs of one
 * hour each. Memory is bounded by the options, whatever comes in.
 */
#include "event/run.h"
#include "packet/decode.h"

/* A finished run; all borrowed for the call. Chunks were handed out before by `chunk`. */
struct fold_run {
    uint32_t hour;
    struct run_summary summary;
    const struct minutes *minutes;
};

struct fold_sink {
    int (*begin)(void *context, uint32_t hour);
    int (*chunk)(void *context, const struct run_chunk *chunk);
    int (*end)(void *context, const struct fold_run *run);
    void *context;
};

struct fold;

enum { FOLD_PACKETS = 1 << 21 }; /* packets that one run is made of, at most: 64 MiB with scratch */

/* The sink's functions return 0 or -errno, which fold_ functions hand on. */
int must_check fold_make(struct fold **ret, const struct fold_sink *sink, size_t packets);
void fold_free(struct fold *f);
int must_check fold_add(struct fold *f, const struct packet *p, int64_t sec);
/* Hands out everything that is held, hour by hour. */
int must_check fold_flush(struct fold *f);
/* Packets held now. */
size_t fold_held(const struct fold *f);

/* Distinct destinations of all packets that made flows, for a denominator that is inferred (of IPv6 distinct
 * /64, as prefix_list_size() counts them); false where they passed the bound, and the number is a lower one. */
bool fold_destinations(const struct fold *f, uint64_t *ret);
