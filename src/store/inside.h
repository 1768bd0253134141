#pragma once
/*
 * What the files of this room share.
 */
#include "base/buf.h"
#include "base/sha256.h"
#include "base/zstd.h"
#include "event/run.h"
#include "store/db.h"
#include "store/store.h"

/* Of the tables; from SCHEMA_EVIDENCE on there is evidence, from SCHEMA_SESSIONS on there are sessions, of
 * SCHEMA_DATAGRAMS on the trap's workers tell of datagrams, and from SCHEMA_SAMPLES on there are samples. Writing brings an older store to SCHEMA. */
enum {
    SCHEMA_EVIDENCE = 2,
    SCHEMA_SESSIONS = 3,
    SCHEMA_DATAGRAMS = 4,
    SCHEMA_SAMPLES = 5,
    SCHEMA = SCHEMA_SAMPLES,
    APPLICATION_ID = 0x7465696e, /* "tein" */
};

/* Kinds of log entries. */
enum log_kind { LOG_FLOWS = 1, LOG_COVERAGE = 2 };

/* States of a run or an ingest. */
enum { STATE_PENDING = 0, STATE_SHOWN = 1, STATE_DEAD = 2 /* merged or cleaned: to be deleted */ };

/* A run that is being written, and the hash of what there is of it (store/evidence.h). */
struct hashing {
    int64_t run;
    struct sha256 sha;
};

struct evidence {
    struct hashing *hashing;
    size_t hashing_n, hashing_room;
    struct buf said; /* what this transaction vouches for */
    int64_t clock;   /* how far the caller's clock is ahead of ours */
    struct vouched *vouched; /* what was read of the streams (store/altered.c); owned; NULL: nothing */
    int64_t looked;  /* at segments down to this one, for those that nothing needs; 0: from the newest on */
};

/* A stretch of time that could not be read: hours, or a day's own totals, census and sets. */
struct lost {
    int64_t start, end;
    bool day;
    bool left_out; /* the present question's counts lack it */
    bool told;     /* some question since the opening lacked it */
};

struct store {
    struct db *db;
    char path[4096];
    int64_t version; /* of the tables, as they were found */
    bool writing, in_transaction;
    uint64_t began;       /* time_mono() of the transaction's first write */
    size_t written;       /* bytes since */
    struct zstd_packer *zstd;
    struct chunk_codec *codec;
    struct evidence evidence;
    struct session_rules session_rules;
    uint64_t made_bytes, made_due; /* of made files; time_mono() when they may be counted again, 0: they were not yet */
    bool rules_told;           /* by store_session_rules() */
    struct sittings *sittings; /* of this transaction (store/session.h); owned; NULL: none */
    bool facts_added;          /* in this transaction: there may be too many (store/fact.c) */
    uint64_t facts_dropped;
    int64_t batch_tried;       /* upkeep could not read this batch of sessions, or one before it */
    bool sessions_left;        /* nor what it needs to know of them: it leaves them as they lie */
    int64_t tried; /* the hour that upkeep could not read last, and how often */
    unsigned tries;
    char why[256];
    char label[128]; /* store_label_name() */
    struct lost lost[STRETCHES];
    size_t lost_n, losses; /* losses counts what was added to them, ever */
};

/* What root makes in a service's folder must not shut the service out: an open file or folder of ours goes to the
 * owner of teiten.db. Its folder is not root's: a link there may lead anywhere, so only what was opened without
 * following one is given away, and only from root. */
int must_check store_hand_over(const struct store *s, int fd);
/* Opens a transaction where there is none. */
int must_check store_begin(struct store *s);
int must_check store_refuse(struct store *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* db_number() and db_numbers() of a question that takes nothing; pass a literal. */
static inline int store_number(struct store *s, const char *sql, int64_t *ret)
{
    return db_number(s->db, db_stmt(s->db, sql), ret);
}
static inline int store_numbers(struct store *s, const char *sql, int64_t **ret, size_t *ret_n)
{
    return db_numbers(s->db, db_stmt(s->db, sql), ret, ret_n);
}

/* A chunk that is no level 0: it lies in its row. */
int must_check chunk_put(struct store *s, int64_t run, const struct run_chunk *c);

/* Keys in SQL: signed numbers in the order of our unsigned ones. */
static inline int64_t key_to_sql(uint64_t key)
{
    return (int64_t)(key ^ UINT64_C(1) << 63);
}

/* ---- the shown runs of an hour, as one sorted stream (store/merge.c) ---- */

struct merge;
enum { EVERY_LEVEL = -1 };

/* What of an hour is wanted: shown runs of a level, flows with keys in [first, last]; how: CHUNK_ flags. */
struct span {
    uint32_t hour;
    int level;
    int64_t run; /* only this one; 0: all */
    uint64_t first, last;
    unsigned how;
    uint8_t family; /* 4 or 6; 0: both */
    const uint32_t *map; /* of one run: what stands for its IPv4 sources in keys, in the place of
                            their addresses; as long as its census; ascending, or flows are not */
    size_t map_n;
};
int must_check merge_open(struct merge **ret, struct store *s, const struct span *span);
void merge_close(struct merge *m);
/* 1 and a flow (keys ascend within a family, IPv4 first; equal keys are folded; *ret_dest is NULL with
 * CHUNK_NO_DESTS, and dests is then the largest count met), 0 at the end, or trouble. */
int must_check merge_next(struct merge *m, struct flow *ret, const uint32_t **ret_dest);
/* Of the flow handed out last. */
uint8_t merge_family(const struct merge *m);
const uint8_t (*merge_dictionary(const struct merge *m, size_t *ret_n))[16];
struct addr merge_address(const struct merge *m, uint32_t number);

/* Hands the bytes of a chunk to `decode`, whose positive verdict becomes -EUCLEAN with the chunk's name. */
int must_check chunk_load(struct store *s, int64_t id, int (*decode)(void *, const void *, size_t),
                          void *context);

/* ---- the keys of an hour of one run (store/keys.c) ---- */

struct keys;
int must_check keys_open(struct keys **ret, struct store *s, uint32_t hour);
void keys_close(struct keys *k);
/* The IPv4 keys of its next chunk, in key order; sources are numbers of the run's census, of whatever size:
 * the caller checks. 1; 0 at the end; trouble. Borrowed until the next call, and the caller's to change. */
int must_check keys_next(struct keys *k, struct chunk_keys **ret);

/* ---- an hour whole (store/hour.c) ---- */

/* A run's totals and census as they were stored; either may be NULL, both must be empty. */
int must_check run_summary_load(struct store *s, int64_t run, struct totals *totals,
                                struct census *census);

/* Feeds the shown runs of a level, merged, to a writer, tallies included. The summary is the writer's. */
int must_check hour_remake(struct store *s, uint32_t hour, int level, struct run_writer *w,
                          struct run_summary *ret);
/* Minute totals of the shown runs of a level. */
int must_check hour_minutes(struct store *s, uint32_t hour, int level, struct minutes *ret);

/* How many runs the hour shows, and the number of one. */
int must_check hour_runs(struct store *s, uint32_t hour, size_t *ret_n, int64_t *ret_run);

/* Totals and census of an hour: as stored where one run makes it, else worked out from the flows. Either
 * may be NULL; both must be empty. */
int must_check hour_summary(struct store *s, uint32_t hour, struct totals *totals,
                            struct census *census);

/* ---- what cannot be read (store/damage.c) ---- */

static inline bool is_damage(int err)
{
    return err == -EUCLEAN || err == -EIO;
}
/* Notes where err is damage; err itself. Who reads without hours and days is out of luck. */
int must_check damage_of_hour(struct store *s, int64_t start, int err);
int must_check damage_of_day(struct store *s, int64_t start, int64_t end, int err);
bool damage_has_hour(const struct store *s, int64_t start);
bool damage_has_day(const struct store *s, int64_t start);
/* The question does without it: its counts, or (`counts` false) some distinct sources. */
void damage_leave_out(struct store *s, int64_t start, bool day, bool counts);
/* Whether the question's counts lack something of [from, to). */
bool damage_is_in(const struct store *s, int64_t from, int64_t to);
/* A new question. */
void damage_begin(struct store *s);
/* The starts of damaged days, each between commas. */
void damage_days_text(const struct store *s, struct buf *out);

/* ---- upkeep (store/upkeep.c), for who else changes what is shown ---- */

/* The lock of upkeep, which one process at a time holds: its descriptor, to be closed; -EBUSY where another
 * has it for longer than `seconds`. */
int must_check upkeep_lock(struct store *s, unsigned seconds);
/* Rows of dead runs, some at a time: 1 while there may be more. Half written runs first, which only the
 * holder of the lock may judge. */
int must_check upkeep_bury(struct store *s);

/* Some of what is past its time goes (store/expire.c): 1 while there may be more. */
int must_check expire_some(struct store *s, const struct keep *keep, int64_t now);
/* Whether a clock can be believed that makes something past its time: 1 or 0. */
int must_check expire_is_believed(struct store *s, const struct keep *keep, int64_t now);

/* Files that processes which are gone left pending (store/write.c). */
int must_check ingest_drop_abandoned(struct store *s);

/* Works out and stores the totals, census and source sets of the day [start, end). */
int must_check day_derive(struct store *s, int64_t start, int64_t end, const char *zone);
/* Days are made of whole hours: an hour that holds midnight belongs to the day it begins in. */
int64_t store_whole_hour(int64_t when);
