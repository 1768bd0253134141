#pragma once
/*
 * A session's transcript as asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/): a
 * header line, then a line a piece: seconds since the session began, "o" (the device's) or "i" (the
 * visitor's), the text; "r" where the terminal changed its size. What the device and the visitor
 * said stays as it was, control bytes and all, as escapes of JSON; what is no UTF-8 becomes U+FFFD.
 * A character that is cut between two pieces is written with the second.
 *
 * A header comes first but tells what only later events know, so the events are gone through twice:
 *
 *     asciicast_begin(&c);
 *     for each event: asciicast_learn(&c, e);
 *     e = asciicast_header(&c, b);
 *     for each event: e = asciicast_put(&c, b, e);
 *     e = asciicast_end(&c, b);
 */
#include "base/buf.h"
#include "event/session.h"

enum { ASCIICAST_TERMINAL = 64 };

struct asciicast {
    uint64_t session;
    int64_t began; /* microseconds since 1970 */
    uint64_t columns, rows;
    char terminal[ASCIICAST_TERMINAL]; /* "" where it was not told */
    uint64_t last;                     /* microseconds since the session began */
    struct asciicast_held {
        uint8_t bytes[4];
        size_t n;
    } held[2]; /* a character's first bytes, by direction */
};

void asciicast_begin(struct asciicast *c);
void asciicast_learn(struct asciicast *c, const struct session_event *e);
/* A line or nothing: 0, -ENOMEM. */
int must_check asciicast_header(struct asciicast *c, struct buf *b);
int must_check asciicast_put(struct asciicast *c, struct buf *b, const struct session_event *e);
/* What is left of a character that never ended. */
int must_check asciicast_end(struct asciicast *c, struct buf *b);
