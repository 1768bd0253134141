#pragma once
/*
 * Evidence, for the files of this room: what vouches for what is kept, so that store_verify() finds
 * whatever was altered behind our back. Who writes content tells here, in the same transaction.
 *
 * Two streams, both linked by SHA-256, each link over the link before. `event` is the chain: few rows, kept
 * for ever. `vouch` has a row a commit, with the hashes of what became visible in it; an hour of its rows is
 * a segment, sealed by an event that holds its last link, and goes once events vouch for all that it
 * vouched for. A row of `vouch` tells after which event it came, so both streams have one order.
 *
 * The hash of a run is over its row (not its state), its chunks in the order they were written, totals and
 * census; minute totals have a hash of their own, since they are cleaned earlier.
 */
#include "base/buf.h"
#include "base/sha256.h"
#include "store/store.h"

/* ---- runs: hashed while their bytes pass (store/evidence.c) ---- */

/* The run's row is there; nothing of it was written. What an earlier run of that number left is dropped. */
int must_check evidence_run_begin(struct store *s, int64_t run);
int must_check evidence_run_chunk(struct store *s, int64_t run, const struct run_chunk *c);
/* After the row has its flows and packets: its hashes are put there (run.hash, run.minutes). A run that
 * shows already, as live ones do, is vouched for. */
int must_check evidence_run_end(struct store *s, int64_t run, const struct run_blobs *b);

enum { REPLACES_NONE = -2 };
/* The run, which ended before, is shown from this transaction on, in the place of the hour's shown runs of
 * a level, or of EVERY_LEVEL, or beside them. */
int must_check evidence_shown(struct store *s, int64_t run, int replaces);
/* The same, in the place of all others of its hour, by an event that is kept for ever: for hours that are
 * over. */
int must_check evidence_kept(struct store *s, int64_t run);
/* One shown run whose hour is over, and which no event vouches for: 1 and done, or 0. */
int must_check evidence_keep_one(struct store *s, int64_t closed_hour);
/* The run, where its hour shows no other: a file may have been shown meanwhile. */
int must_check evidence_keep_alone(struct store *s, int64_t hour, int64_t run);

/* What a shown run is made of was changed in its place by us: it is read and hashed anew. */
int must_check evidence_changed(struct store *s, int64_t run);

/* ---- before it is vouched for anew (store/altered.c) ---- */

/* What is not as the streams tell gets an event "altered", which stays a fault for ever: else the new hash would
 * vouch for the alteration. What cannot be read is left to who reads it next. Commits. */

/* Runs of an hour, of a level or EVERY_LEVEL, that are altered, or missing, or that nothing vouches for. */
int must_check evidence_check_hour(struct store *s, int64_t hour, int level);
/* Remembers what it read of the hour's streams: for one run after the other, until evidence_looked(). */
int must_check evidence_check_run(struct store *s, int64_t hour, int64_t run);
void evidence_looked(struct store *s);
int must_check evidence_check_day(struct store *s, int64_t start);
/* Such an event, once for a text. Commits. */
int must_check evidence_altered(struct store *s, const char *text);

/* ---- other facts ---- */

/* A file was shown, its runs and coverage with it. */
int must_check evidence_file(struct store *s, int64_t ingest);
/* A live period of coverage was added or has grown; `ended` is final. */
int must_check evidence_cover(struct store *s, int64_t id);
int must_check evidence_cover_ended(struct store *s, int64_t id);
/* A number got its name. */
int must_check evidence_name(struct store *s, const char *event, int64_t id, const char *name);
/* The event's text. Of a longer name its end is left out. */
enum { NAME_TEXT = 1024 };
void evidence_name_text(int64_t id, const char *name, char ret[static NAME_TEXT]);
/* The day's row and its source sets stand as they shall: they are hashed, in an event. Also where they were
 * changed in their place. */
int must_check evidence_day(struct store *s, int64_t start);
/* Numbers that make one event, written as ranges: "3-7,9". */
enum { EVIDENCE_SOME = 64 };
struct some {
    int64_t n[EVIDENCE_SOME];
    size_t count;
};
/* what: "minutes" or "flows", of runs and their hours; "sets", of the days that begin then; "days" that are
 * to be worked out anew; "damaged" hours that are set aside. Empty lists are left out. */
int must_check evidence_gone(struct store *s, const char *what, struct some *hours, struct some *runs,
                             struct some *days);

/* ---- hashes of what is stored; 0, 1 where there is no such row, or trouble ---- */

struct run_hash {
    uint8_t content[SHA256_BYTES], minutes[SHA256_BYTES]; /* minutes: all zero where there are none */
    uint32_t hour;
    int level;
    uint64_t bytes; /* that were read for it */
};
int must_check hash_run(struct store *s, int64_t run, struct run_hash *ret);
int must_check hash_cover(struct store *s, int64_t id, uint8_t ret[static SHA256_BYTES]);
struct file_hash {
    uint8_t row[SHA256_BYTES], cover[SHA256_BYTES];
};
int must_check hash_file(struct store *s, int64_t ingest, struct file_hash *ret);
struct day_hash {
    uint8_t row[SHA256_BYTES], sets[SHA256_BYTES];
    uint64_t bytes;
};
int must_check hash_day(struct store *s, int64_t start, struct day_hash *ret);

/* ---- entries of the vouch stream ---- */

enum vouch_kind { VOUCH_RUN = 1, VOUCH_COVER = 2, VOUCH_SESSION = 3 };
struct vouch {
    enum vouch_kind kind;
    int64_t id;    /* of the run, the period or the session */
    int64_t batch; /* of the session */
    uint32_t hour;
    int level, replaces;
    uint8_t hash[SHA256_BYTES], minutes[SHA256_BYTES];
};
/* 1 and an entry, 0 at the end, -EUCLEAN where it is none. */
struct rd;
int must_check vouch_next(struct rd *r, struct vouch *ret);

/* What a transaction vouches for becomes a row before it is committed, or is forgotten with it. */
int must_check evidence_commit(struct store *s);
void evidence_rollback(struct store *s);
void evidence_release(struct store *s);

/* ---- the chain (store/chain.c) ---- */

/* An event of the store's own. */
int must_check chain_add(struct store *s, const char *event, const char *text);
/* The link of a row, from the one before. */
void chain_link(const uint8_t before[static SHA256_BYTES], int64_t seq, int64_t at, const char *event,
                const char *text, uint8_t ret[static SHA256_BYTES]);
void vouch_link(const uint8_t before[static SHA256_BYTES], int64_t seq, int64_t at, int64_t after,
                const void *said, size_t n, uint8_t ret[static SHA256_BYTES]);
/* Rows of sealed segments that nothing needs, a slice at a time: 1 while there are more. */
int must_check chain_prune(struct store *s);
/* The value of a key in an event's text; false where there is none or it does not fit. */
bool chain_field(const char *text, const char *key, char *ret, size_t room);
bool chain_field_int(const char *text, const char *key, int64_t *ret);
bool chain_field_hash(const char *text, const char *key, uint8_t ret[static SHA256_BYTES]);
/* The next range of "3-7,9" from *at, which is moved behind it. */
bool chain_range(const char **at, int64_t *ret_first, int64_t *ret_last);

/* ---- the chain's copy in STATE/log (store/chain-file.c) ---- */

/* Appends the events that it lacks, up to that number. */
int must_check chain_export(struct store *s, int64_t last);
/* Compares it with the chain, as the chain stands now. *ret_lines: how many events it holds. */
int must_check chain_compare(struct store *s, void (*say)(void *context, const char *fault), void *context,
                             uint64_t *ret_faults, uint64_t *ret_lines);

/* ---- schema (store/schema.c) ---- */

/* All that a store of before there was evidence holds, read and hashed: outside of a transaction, in which SQLite
 * would write nothing any more once it has met damage. */
struct older;
int must_check older_read(struct older **ret, struct store *s);
void older_free(struct older *o); /* NULL is fine */
/* From the tables of s->version to these, in the present transaction; with the first events, where there was no
 * evidence. What was read before (or NULL) counts for nothing if others wrote meanwhile. */
int must_check schema_migrate(struct store *s, const struct older *o);
