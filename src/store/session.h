#pragma once
/*
 * Sessions, for the files of this room. Within a transaction the rows of sessions that get events are held in memory
 * (sittings), and written at its end, when each is hashed and vouched for.
 *
 * The hash of a session is over its row, which holds two links: over its events, each with the one before, and over
 * the pieces of its transcript, whatever blobs these lie in. Sessions that are opened within about an hour are a batch.
 * While one of a batch is open, entries of the vouch stream tell each one's hash; then one event tells the batch's.
 */
#include "base/sha256.h"
#include "event/session.h"
#include "store/inside.h"

enum {
    SESSION_PART = 16 << 10,  /* bytes of a part of a transcript, from which it is packed and another begun */
    SESSION_EVENTS = 1 << 16, /* of one session */
    SESSION_PIECE_MOST = 2048, /* an encoded piece */
};
enum { BATCH_GROWS = 0, BATCH_KEPT = 1, BATCH_GOING = 2, BATCH_GONE = 3 };

struct session_word {
    uint32_t n;
    uint8_t data[256];
};

struct session_row {
    uint64_t id;
    int64_t batch, start, end, last; /* end 0: open */
    struct addr source, destination;
    int64_t source_port, destination_port;
    struct session_word service, persona, negotiation, terminal;
    int64_t logged_in, commands, downloads, events, spoken, unspoken;
    uint8_t link[SHA256_BYTES], spoken_link[SHA256_BYTES];
    uint8_t hash[SHA256_BYTES]; /* as it stands in the table */
    struct buf pieces;          /* of this transaction, encoded; owned */
};

/* ---- rows (store/session-row.c) ---- */

#define SESSION_COLUMNS                                                                            \
    "s.id, s.batch, s.start, s.end, s.last, s.source, s.source_port, s.destination, s.destination_port, s.service," \
    " s.persona, s.negotiation, s.terminal, s.logged_in, s.commands, s.downloads, s.events, s.spoken, s.unspoken,"  \
    " s.link, s.spoken_link, s.hash"
void session_take_row(struct stmt *q, struct session_row *ret);
/* 0, 1 where there is none; ret->pieces is an empty buffer. */
int must_check session_load(struct store *s, uint64_t id, struct session_row *ret);
/* Appends row->pieces to the transcript, hashes the row, writes it, and vouches for it where its batch grows. */
int must_check session_save(struct store *s, struct session_row *row);
void session_row_hash(const struct session_row *row, uint8_t ret[static SHA256_BYTES]);
/* The next link, over one event's row or one encoded piece. */
void session_link_event(uint8_t link[static SHA256_BYTES], int64_t seq, int64_t time, int64_t type, const void *blob,
                        size_t n);
void session_link_piece(uint8_t link[static SHA256_BYTES], const void *piece, size_t n);
void session_put_piece(struct buf *b, uint64_t at, uint8_t direction, const void *data, size_t n);
/* 1 and a piece, with its encoded bytes in *ret_whole; 0 at the end; -EUCLEAN. */
int must_check session_next_piece(struct rd *r, struct session_piece *ret, struct rd *ret_whole);
/* The pieces of a session's transcript, encoded, behind each other. */
int must_check session_spoken_load(struct store *s, uint64_t id, struct buf *ret);
int must_check session_spoken_remove(struct store *s, uint64_t id);

/* ---- writing (store/session-write.c) ---- */

int must_check sittings_write(struct store *s);
void sittings_release(struct store *s);

/* Facts that are too many go (store/fact.c). At the end of a transaction. */
int must_check facts_write(struct store *s);

/* ---- evidence (store/session-evidence.c) ---- */

int must_check evidence_session(struct store *s, uint64_t id, int64_t batch, const uint8_t hash[static SHA256_BYTES]);
/* The session's row, events and transcript as they lie. 0, 1 where there is none, -EUCLEAN. */
int must_check session_hash(struct store *s, uint64_t id, uint8_t ret[static SHA256_BYTES], uint64_t *ret_bytes);
/* Of sessions, in the order of their numbers. */
struct batch_digest {
    struct sha256 sha;
    int64_t count;
};
void batch_begin(struct batch_digest *d);
void batch_add(struct batch_digest *d, uint64_t id, const uint8_t hash[static SHA256_BYTES]);
/* An event vouches for the batch as it stands, from now on. */
int must_check evidence_batch(struct store *s, int64_t batch);
/* Whether the batch is as it was vouched for; an alteration gets its event. Commits. -EUCLEAN: it cannot be read. */
int must_check evidence_check_batch(struct store *s, int64_t batch);
int must_check batch_sessions(struct store *s, int64_t batch, int64_t **ret, size_t *ret_n);

/* ---- the rest ---- */

/* Pieces of upkeep (store/session-upkeep.c): 1 while there may be more. */
int must_check sessions_keep_up(struct store *s, const struct keep *keep, int64_t now);
/* (store/session-verify.c) */
struct check;
int must_check check_sessions(struct check *c);

/* Forgetting (store/session-forget.c). Tells of each address of the prefix, or other, that is a session's source or
 * destination (`seen`), and of each of the prefix that stands in what was said (`named`). */
struct swap;
struct sessions_look {
    const struct prefix *who;
    int (*seen)(void *context, const struct addr *a);
    int (*named)(void *context, const struct addr *a);
    void *context;
    size_t damaged; /* sessions that cannot be read */
};
int must_check sessions_look_at(struct store *s, struct sessions_look *l);
/* Puts what stands for them in the place of sources and destinations, and takes them out of what was said. */
int must_check sessions_rewrite(struct store *s, const struct swap *w, size_t *damaged);
