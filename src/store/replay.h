#pragma once
/*
 * What must be there, as the chain and the vouch stream tell it: into temporary tables, for
 * store/verify.c to compare.
 *
 *   live_run(run, hour, level, hash, minutes)  live_cover(id, hash)  live_file(id, row, cover)
 *   live_day(start, row, sets)  live_name(kind, id, text)  gone(what, first, last)
 *   live_session(id, batch, hash): of batches that no event vouches for
 *   live_batch(id, count, digest)  gone_batch(id)
 */
#include "store/evidence.h"

struct check {
    struct store *s;
    void (*say)(void *context, const char *fault);
    void *context;
    struct verified *v; /* grows */
    int64_t events;     /* number of the last */
};

void check_fault(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Checks the links of both streams, and works out what they vouch for. */
int must_check replay(struct check *c);
