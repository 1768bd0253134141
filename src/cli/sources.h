#pragma once
/* Rows of sources, for `teiten sources` and `teiten host`. */
#include "cli/ask.h"

/* What addresses did as sources of sessions, to be shown beside. */
struct seen_sessions {
    struct session_source *row; /* owned; by address, from sources_sessions() on */
    bool *shown;                /* owned; as many */
    size_t n, room;
};
/* Of the question's sources, as far as it is one that sessions can answer. 0 or -errno. */
int must_check sources_sessions(struct ask *ask, bool whole, struct seen_sessions *ret);
void seen_sessions_release(struct seen_sessions *x);

/* Asks and shows; a table without rows is left out. With `sessions` there is a column of these, and a row for sources
 * of sessions alone; else NULL. 0, or an exit code and said why. */
int must_check sources_show(struct ask *ask, struct seen_sessions *sessions, size_t *ret_n);
