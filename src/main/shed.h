#pragma once
/*
 * What is kept of deltas that there is no room for: the periods that they observed, how many packets were lost
 * with them, and the last COMMIT. Of a row of such deltas one remains.
 */
#include "base/buf.h"
#include "base/rd.h"

enum {
    RECORD_SHED = 255, /* ours alone, never a worker's: le64 packets of the periods behind it that were not kept */
};

/* Whole deltas (records as main/delta.h holds them) in, one out, put behind what `ret` holds. *ret_lost: packets
 * lost now, beside those that were before. 0 or -ENOMEM. */
int shed_deltas(struct rd deltas, struct buf *ret, uint64_t *ret_lost);

/* ---- records as they are held: le32 length of what follows, type, payload ---- */

void held_put(struct buf *b, uint8_t type, struct rd record);
/* False at the end, and where no whole record is left. */
bool held_next(struct rd *held, uint8_t *ret_type, struct rd *ret);
