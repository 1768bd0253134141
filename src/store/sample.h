#pragma once
/*
 * Samples, for the files of this room: reports as they lie in their rows, and who is like whom.
 */
#include "event/sample.h"
#include "store/inside.h"
#include "store/swap.h"

enum { SAMPLE_REPORT_MOST = 4 << 20 }; /* bytes, unpacked */

/* The number of its row; 0: there is none. */
int must_check sample_find(struct store *s, const uint8_t sha256[static 32], int64_t *ret);
/* The report of a sample's row into *ret. 0; 1: it has none; -EUCLEAN; -ENOMEM. */
int must_check sample_load(struct store *s, int64_t id, struct sample_report *ret);
/* Puts it there, packed. */
int must_check sample_save(struct store *s, int64_t id, const struct sample_report *r);

/* ---- groups (store/sample-group.c) ---- */

/* The sample joins those that it is like; their groups become one. */
int must_check sample_join(struct store *s, int64_t id, const struct sample_report *r);

/* ---- forgetting (store/sample-forget.c), as of sessions ---- */

/* Tells of each address of the prefix that stands in what is kept of samples and of what was wanted. */
int must_check samples_look_at(struct store *s, const struct prefix *who, int (*named)(void *context, const struct addr *a),
                               void *context, size_t *damaged);
/* Takes those of the list out. */
int must_check samples_rewrite(struct store *s, const struct swap *w, size_t *damaged);

/* ---- the rest (store/sample-upkeep.c) ---- */

/* Origins of sessions that are gone, and samples of which nothing is left: 1 while there may be more. */
int must_check samples_keep_up(struct store *s, const struct keep *keep, int64_t now);
