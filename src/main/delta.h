#pragma once
/*
 * A live worker's records, held until they make a whole delta (a COMMIT ends it) and until the store took
 * it. Several workers share the store's one transaction: it only ever holds one whole delta, so half a
 * delta of a dead worker is never stored, and a delta that the store had no room for can be tried again.
 * Where too much waits, deltas are shed (main/shed.h) and what is lost with them is counted.
 */
#include "base/channel.h"
#include "main/cover.h"
#include "main/intake.h"

enum {
    DELTA_MOST = 96 << 20, /* bytes held of one worker */
    DELTA_RUNS = 64,       /* hours that half a second may touch, with a clock gone wild */
};

struct delta {
    struct buf held;  /* records as they came: le32 length of what follows, type, payload */
    size_t whole;     /* bytes of it that are whole deltas */
    size_t at;        /* bytes that the store has */
    size_t last;      /* where the last whole delta begins */
    unsigned runs;    /* in the half delta behind the whole ones */
    bool shedding;    /* from `shed_from` on deltas were shed, until the store takes one again */
    size_t shed_from;
};

void delta_init(struct delta *d);
void delta_release(struct delta *d);
/* One record from a channel. 0; -EPROTO where the worker never ends its delta, or puts too much into it. */
int must_check delta_hold(struct delta *d, uint8_t type, struct rd record);
/* The worker is gone: forgets the half delta. */
void delta_cut(struct delta *d);
/* Bytes that wait. */
size_t delta_waiting(const struct delta *d);
bool delta_ready(const struct delta *d);

/* Sheds the last whole delta where it still waits. *ret_lost: packets. 0 or -ENOMEM. */
int must_check delta_shed(struct delta *d, uint64_t *ret_lost);

/* Where a delta goes. */
struct delta_target {
    struct intake *intake;
    struct cover *cover;
    size_t part; /* of the cover: the worker's */
    int64_t earliest, latest; /* a period or an hour that is not between makes no sense; one that grows may
                                 have begun before */
    uint64_t drops; /* that the kernel counted on the worker's rings, over all its lives */
};

/*
 * Stores the first whole delta in one transaction. 0; -EPROTO where it makes no sense: it is dropped, with
 * everything behind it; -errno of the store. In both cases nothing of it is stored, and intake and cover
 * are as they were.
 */
int must_check delta_store(struct delta *d, const struct delta_target *t);
