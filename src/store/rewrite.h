#pragma once
/*
 * What is kept, written anew with some addresses replaced: a run, a day. Counts stay as they are. Only for
 * the holder of the upkeep lock.
 */
#include "store/inside.h"
#include "store/swap.h"

/* Sources in a shown run: its chunks and census, all at once. 1 where it was changed, 0 where none of them
 * was in it; -EUCLEAN where it is damaged. */
int must_check rewrite_run(struct store *s, int64_t run, const struct swap *w);
/* Sources in a day: its census and its sets. The same. */
int must_check rewrite_day(struct store *s, int64_t start, const struct swap *w);
