#pragma once
/*
 * The store: what was counted, kept and asked. No SQL leaves this room, so that another back end can
 * stand behind the same questions.
 *
 * Writing: one process at a time holds a transaction, never for longer than 200 ms. Runs of a file are
 * pending until store_ingest_flip() shows all of them at once; live runs show when committed. Reading
 * never blocks writing.
 */
#include "base/addr.h"
#include "base/err.h"
#include "event/record-trap.h"
#include "event/run.h"
#include "event/sample.h"
#include "event/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

enum store_mode { STORE_WRITE, STORE_READ };

/* Verdicts on a state folder */
enum store_verdict {
    STORE_FINE,
    STORE_NEWER,     /* written by a newer teiten */
    STORE_NOT_OURS,  /* a database, but no store */
    STORE_DUPLICATE, /* this content is already in */
    STORE_REFUSED,   /* the question reaches past what is kept: store_why() */
    STORE_STRAY,     /* an event of no session that is open */
};

/* Opens (writing: makes) STATE/teiten.db. 0, a verdict, or -errno (-ENOENT: nothing there yet). */
int must_check store_open(struct store **ret, const char *state, enum store_mode mode);
void store_close(struct store *s);
/* For a writer that lives long and writes little at a time: less memory for pages. 0 or -errno. */
int must_check store_live_small(struct store *s);
/* Whether what was written last could not be read: on a read-only disk, after a writer was killed. */
bool store_is_partial(const struct store *s);
/* A store that cannot be written any more (-EUCLEAN) makes room for a new one: teiten.db and what belongs to
 * it goes to STATE/damaged-20260301T120000Z/, a state folder of its own, where what survives can be asked
 * for. For nobody who has it open. Returns that folder's path in ret; 0 or -errno (-EBUSY: others write). */
int must_check store_set_aside(const char *state, int64_t now, char ret[static 4200]);
/* Words for the last trouble or refusal. */
const char *store_why(const struct store *s);

/* ---- writing ---- */

/* Numbers for p0f labels, new or known; 0 where the store has no number left. */
int must_check store_label_number(struct store *s, const char *label, unsigned *ret);
int must_check store_sensor_number(struct store *s, const char *name, int64_t *ret);

/* What ended between two commits of ours is either whole or not there. */
int must_check store_commit(struct store *s);
/* Commits where the transaction is old or large enough that waiting would break the bound. */
int must_check store_commit_due(struct store *s);
/* Forgets what was written since the last commit. */
void store_rollback(struct store *s);

struct coverage {
    int64_t start, end;   /* seconds */
    uint64_t addresses;   /* sensor addresses observed meanwhile */
    bool estimated;       /* inferred from the destinations seen */
    bool dark;            /* nothing answers */
    uint64_t packets, drops;
};

/* Begins a file; what an earlier, dead process left pending is dropped first. */
int must_check store_ingest_begin(struct store *s, int64_t sensor, const char *name, int64_t *ret);
/* Shows it. 0; STORE_DUPLICATE (the same content is in, unless `again`) or STORE_REFUSED (store_why()), and
 * it is dropped. */
int must_check store_ingest_flip(struct store *s, int64_t ingest, const uint8_t digest[static 16],
                                 bool again);
/* Drops a pending file with all that came of it. */
int must_check store_ingest_drop(struct store *s, int64_t ingest);

/* ingest 0: live. */
int must_check store_run_begin(struct store *s, int64_t sensor, int64_t ingest, uint32_t hour,
                               int64_t *ret);
int must_check store_run_chunk(struct store *s, int64_t run, const struct run_chunk *c);
struct run_blobs {
    uint64_t flows, packets;
    const void *totals, *minutes, *census;
    size_t totals_n, minutes_n, census_n;
};
int must_check store_run_end(struct store *s, int64_t run, const struct run_blobs *b);
int must_check store_coverage_add(struct store *s, int64_t sensor, int64_t ingest,
                                  const struct coverage *c, int64_t *ret_id);
/* Moves the end of a live period, and its counters. */
int must_check store_coverage_extend(struct store *s, int64_t id, const struct coverage *c);

/* Upkeep, in short transactions; each call does one piece and returns 1 while there is more. Merging:
 * hours of several runs become one run (hours from `open_hour` on only where they have many). Days: totals
 * of days that ended. Cleaning: rows older than the keeping times. */
struct keep {
    int64_t minutes, flows; /* seconds */
    int64_t sessions;       /* the same; 0: for ever */
    const char *zone;
};
int must_check store_upkeep(struct store *s, const struct keep *keep, int64_t now);

/* ---- sessions at the trap (store/session-write.c) ---- */

struct session_rules {
    int64_t remember;    /* seconds that what was decided of a pair holds at its address, at most; 0: not kept */
    uint64_t transcript; /* bytes of a session's transcript that are kept, the first ones */
    uint64_t made;       /* bytes of all made files that are kept; of what comes beyond that only its hash is; 0: all */
};
/* From now on; else a week and 256 kB. */
void store_session_rules(struct store *s, const struct session_rules *rules);

/* Keeps one event, in the present transaction. A session's first is SESSION_OPEN, and none comes after SESSION_CLOSE.
 * Pieces of the transcript are gathered; the content of a made file is kept once, under its SHA-256, where it is whole.
 * 0; STORE_STRAY, and it is not kept; -errno. */
int must_check store_session_event(struct store *s, const struct session_event *e);
/* Ends the sessions that are open and said nothing since `before` (microseconds), in the present transaction, some at a
 * time: nobody speaks for them any more. 1 while there may be more. */
int must_check store_sessions_lost(struct store *s, int64_t before);
/* The same of sessions up to a number, of each `step` the one that leaves `rest`: those of a worker that is gone. */
int must_check store_sessions_left(struct store *s, uint64_t up_to, uint64_t step, uint64_t rest);
/* The greatest number of a session, 0: there is none. */
int must_check store_session_greatest(struct store *s, uint64_t *ret);

/* What was decided of pairs (store/fact.c). A fact has nothing of a source in it, and of its address and its words only
 * a hash that cannot be undone without the key: store_forget() leaves facts alone, and they go when their time is over.
 * Of those that were accepted, and of the others, the last 65536 are kept; what is due first gives way, and is counted. */

/* In the present transaction. Where the pair was accepted, and still is, that it was refused counts for nothing.
 * When it was decided is told by its end and by session_rules.remember; where nothing is remembered it is not kept.
 * 0; STORE_STRAY, and it is not kept; -errno. */
int must_check store_trap_fact(struct store *s, const struct trap_fact *f);
/* Those that hold at `now` (microseconds), what is due first at first; take() gives 0 to go on, else what is to be
 * returned. One that is written in this very transaction is seen. */
int must_check store_trap_facts(struct store *s, int64_t now, int (*take)(void *context, const struct trap_fact *f),
                                void *context);
/* How many gave way to others since the opening. */
uint64_t store_trap_facts_dropped(const struct store *s);

/* ---- samples (store/sample-write.c) ---- */

enum sample_how { HOW_ADDED, HOW_MADE /* by what a visitor wrote */, HOW_FETCHED, SAMPLE_HOWS };
const char *sample_how_name(enum sample_how h); /* "fetched" */

/* How one came. */
struct sample_origin {
    enum sample_how how;
    uint64_t session;   /* 0: none */
    const char *url;    /* "" none */
    const char *server; /* address that it came from, as text; "" none */
    int64_t time;       /* microseconds */
};

/* One that lies in the vault, known before or not, and how it came (the same origin once). In the present transaction. */
int must_check store_sample_found(struct store *s, const uint8_t sha256[static 32], uint64_t size, const struct sample_origin *o);
/* What triage tells of it: in the place of what was told before. It joins those that it is like, as one group. In the present
 * transaction. 0; STORE_STRAY: it was not found before. */
int must_check store_sample_told(struct store *s, const struct sample_report *r);
/* One of which triage has not told yet, but for those that are named; 1: there is none. */
int must_check store_sample_untold(struct store *s, const uint8_t (*but)[32], size_t n, uint8_t ret_sha256[static 32]);
/* Those that lie in the vault no more. In the present transaction. */
int must_check store_sample_gone(struct store *s, const uint8_t sha256[static 32]);
/* The one that is to go first where there is no room: of no session that is kept, the oldest; else the oldest. 1: there is none. */
int must_check store_sample_oldest(struct store *s, uint8_t ret_sha256[static 32]);

/* ---- what visitors want fetched (store/wanted.c) ---- */

enum wanted_state {
    WANTED_QUEUED,   /* waits for its time, or is being fetched */
    WANTED_DONE,     /* it is a sample */
    WANTED_REFUSED,  /* by policy, before anybody was asked */
    WANTED_FAILED,   /* for good */
    WANTED_GIVEN_UP, /* its life is over */
    WANTED_STATES,
};
const char *wanted_state_name(enum wanted_state w); /* "given-up" */

enum { WANTED_URL = TRAP_URL, WANTED_AGENT = TRAP_AGENT, WANTED_REASON = 64 };

struct wanted {
    int64_t id;
    char url[WANTED_URL], agent[WANTED_AGENT];
    uint64_t session;             /* that wanted it first */
    unsigned depth;               /* 0: a visitor wanted it; else how many scripts lie between */
    enum wanted_state state;
    char reason[WANTED_REASON];   /* "private", "hourly", "status 404"...; "" none */
    char address[ADDR_TEXT];      /* that was dialled last; "" none */
    unsigned tries;
    int64_t added, at, next;      /* microseconds: when it was wanted, tried last, and is to be tried next */
    uint8_t sha256[32];           /* of WANTED_DONE */
};

/* Each in the present transaction. What becomes of it is told in the chain. */
int must_check store_wanted_add(struct store *s, const struct wanted *w, int64_t *ret_id);
/* The newest of that URL since then. 1: there is none. */
int must_check store_wanted_find(struct store *s, const char *url, int64_t since, struct wanted *ret);
/* The newest that came to be that sample. 1: there is none. */
int must_check store_wanted_of(struct store *s, const uint8_t sha256[static 32], struct wanted *ret);
/* The one whose time has come first, but for those that are named. 1: there is none. */
int must_check store_wanted_next(struct store *s, int64_t now, const int64_t *but, size_t n, struct wanted *ret);
/* A connection is made for it now: to that address, of that network. */
int must_check store_wanted_try(struct store *s, int64_t id, const char *address, const char *network, int64_t now);
/* Connections since then, to an address, or a network, or anywhere ("": not asked for). */
int must_check store_wanted_tries(struct store *s, int64_t since, const char *address, const char *network, uint64_t *ret);
/* What came of it: state, reason, at, next, sha256. */
int must_check store_wanted_set(struct store *s, const struct wanted *w);
/* The newest first, at most so many; 0: all. */
int must_check store_wanted_list(struct store *s, size_t limit, int (*take)(void *context, const struct wanted *w), void *context);

/* ---- workers: what the supervisor last told of its programs ---- */

struct worker_facts {
    char name[32];      /* "sense" */
    char interface[16]; /* "" where it has none */
    int64_t pid;        /* 0: it does not run now */
    int64_t started;    /* seconds */
    uint64_t restarts;
    uint64_t queue;     /* bytes that wait for the store */
    uint64_t packets, drops;
    uint64_t memory;    /* resident bytes */
    int64_t at;         /* when that was told */
    uint32_t confined;  /* CONFINED_ flags */
    struct trap_counts trap; /* of a trap's: over all its lives; held and memory are not kept */
};

/* Puts them in the place of those before, in the present transaction. */
int must_check store_workers_put(struct store *s, const struct worker_facts *w, size_t n);
/* In the order they were put; *ret is the caller's to free. */
int must_check store_workers(struct store *s, struct worker_facts **ret, size_t *ret_n);

/* ---- evidence (store/evidence.c) ---- */

/* Writes what happened into the chain, in the present transaction: `event` is a plain word of ours
 * ("started", "clock-step", "shed"), `text` its fields as key=value. */
int must_check store_note(struct store *s, const char *event, const char *text);
/* Seals the segments of hours that ended before `now`, each with the clock's state then, and commits. Cheap
 * where there is none. What cannot be copied to STATE/log is sealed nevertheless, and the error is that of the copy. */
int must_check store_seal(struct store *s, int64_t now);

/* What a check of the chain and of all that it vouches for found; `say` is told each fault as a line, and
 * NULL now and then as a sign of life: *ret is then as far as the check is. STORE_REFUSED where the store was
 * written before evidence was kept. It holds one read transaction, so others may write meanwhile. */
struct verified {
    uint64_t segments, events, runs, days, sessions, bytes;
    uint64_t faults;
    uint64_t copied;  /* events that stand in STATE/log, too */
    uint8_t head[32]; /* the chain's last link: to be written down elsewhere */
};
int must_check store_verify(struct store *s, void (*say)(void *context, const char *fault), void *context,
                            struct verified *ret);

/* Whether a link that was written down is in the chain, and since when. 0 or 1 (it is not). */
int must_check store_chain_find(struct store *s, const uint8_t link[static 32], int64_t *ret_at);

/*
 * Takes the addresses of a prefix out as sources; counts stay. In their place stand numbers as addresses
 * of 0.0.0.0/8 and 100::/64, where nobody is; the same address gets another number in the next call. The bytes
 * that held them leave the files. The chain tells that it was done, not of whom. *ret_n: how many addresses were
 * met.
 *
 * In short transactions, beside live writers, whose packets of meanwhile stay as they are. A call that was killed
 * leaves a store that answers; the next call, whomever it is about, ends its work (until then a source may count
 * twice over several hours). STORE_REFUSED while a file is being taken in; -EBUSY where upkeep takes longer than a
 * minute, or others read old states for as long (then the rest is done, and a call again ends it); -EUCLEAN where
 * some of the store is damaged and could not be looked through (the rest is done).
 */
int must_check store_forget(struct store *s, const struct prefix *who, uint64_t *ret_n);

/* ---- asking ---- */

enum store_topic {
    ASK_SERIES,       /* a row a step */
    ASK_SERVICES,     /* a row a protocol and port */
    ASK_SOURCES,      /* a row a source */
    ASK_FINGERPRINTS, /* a row a fingerprint */
};

enum store_step { STEP_MINUTE, STEP_HOUR, STEP_DAY };
enum store_order { ORDER_ACCESSES, ORDER_PACKETS };

struct question {
    enum store_topic topic;
    int64_t from, to; /* whole steps, or whole hours where there is no step */
    enum store_step step;
    unsigned kinds;      /* bit n: enum kind; 0: accesses, and other for `packets` */
    int proto, port;     /* -1: all */
    int fingerprint;     /* number (event/totals.h); -1: all */
    const struct prefix *within; /* sources in this prefix only; NULL: all */
    const char *zone;    /* cuts days; NULL: UTC */
    enum store_order order;
    size_t limit;        /* 0: all; a series is never cut */
    bool bare;           /* rows need no distinct counts and no fingerprints: the cheap half */
    uint64_t deadline;   /* on time_mono(); 0: none */
    const volatile bool *cancel;
};

enum { ANSWER_UNKNOWN = -1 };

struct answer {
    int64_t time;             /* series: start of the step */
    int64_t end;              /* series: end of the step */
    enum proto proto;         /* services */
    uint16_t port;
    unsigned fingerprint;     /* fingerprints */
    struct addr source;       /* sources */
    struct source_class cl;   /* sources: fingerprints over the period */
    uint64_t accesses;        /* packets of kind access */
    uint64_t packets;         /* packets of the kinds asked for; without a choice access and other */
    int64_t sources;          /* distinct; ANSWER_UNKNOWN */
    int64_t destinations;     /* sources: distinct sensor addresses */
    int64_t first, last;      /* sources: seconds */
    bool lost;                /* series: some of it could not be read, and no number means anything */
};

struct answers;

/* 0; STORE_REFUSED; -ETIMEDOUT (deadline or cancel); -errno. Rows come sorted: a series by time, else by
 * the order asked for, falling. */
int must_check store_ask(struct store *s, const struct question *q, struct answers **ret);
/* 1 and a row, or 0 at the end. */
int answers_next(struct answers *a, struct answer *ret);
void answers_free(struct answers *a);

/* Observed seconds times addresses in [from, to); *ret_estimated where any of it is. Overlapping periods of
 * one sensor count once. */
struct exposure {
    double address_seconds;
    bool estimated, dark, answering; /* modes that were met */
};
int must_check store_exposure(struct store *s, int64_t from, int64_t to, struct exposure *ret);

/*
 * A damaged file: what the questions since store_open() could not read, as stretches of time, ascending. They
 * were answered from the rest: a step of a series that has a part there is `lost`, other answers leave it out,
 * and so does store_exposure() after the question; distinct sources that would need it are unknown. At most
 * room; returns how many.
 */
struct stretch {
    int64_t from, to;
};
enum { STRETCHES = 256 };
size_t store_unreadable(const struct store *s, struct stretch *ret, size_t room);

/*
 * Sessions (store/session-ask.c). Each question hands its rows to take(), which gives 0 to go on, else what the
 * question is to return; rows are borrowed for the call. Otherwise 0, -ETIMEDOUT or -errno. A session that is written
 * in this very transaction is not seen.
 */
enum { SESSION_WORD = 257, SESSION_CLIENT_WORD = 2 * SESSION_WORD + SESSION_WORD };

struct session_facts {
    uint64_t id;
    int64_t start, end, last; /* microseconds; end 0: it is open */
    struct addr source, destination;
    uint16_t source_port, destination_port;
    char service[SESSION_WORD], persona[SESSION_WORD];
    char protocol[SESSION_WORD]; /* of one at a port that no service is behind: what was said first; "" nothing was */
    char client[SESSION_CLIENT_WORD]; /* its Telnet commands in hexadecimal, and its terminal; "": it said nothing */
    bool logged_in;
    uint64_t commands, downloads, events;
    uint64_t spoken, unspoken; /* bytes of the transcript that are kept, and that came after them */
};

struct session_filter {
    const struct prefix *source;   /* NULL: all; and so on */
    const char *user, *password;   /* of a pair that was tried */
    const char *command;           /* a part of a line that was typed */
    const char *persona;
    int port;                      /* that was visited; -1: all */
    int64_t since, until;          /* seconds, of the start; until 0: open */
    size_t limit;                  /* 0: all */
    bool oldest_first;             /* else the newest */
    uint64_t deadline;             /* on time_mono(); 0: none */
    const volatile bool *cancel;
};
int must_check store_sessions(struct store *s, const struct session_filter *f,
                              int (*take)(void *context, const struct session_facts *row), void *context);
/* 0, or 1: no such session. */
int must_check store_session(struct store *s, uint64_t id, struct session_facts *ret);
/* In the order they came, without the transcript. Of a made file whose content is kept, FIELD_CONTENT is there, empty. */
int must_check store_session_events(struct store *s, uint64_t id,
                                    int (*take)(void *context, const struct session_event *e), void *context);

struct session_piece {
    uint64_t at;        /* microseconds since the session began */
    uint8_t direction;  /* 0 the visitor's, 1 the device's */
    const uint8_t *data;
    size_t n;
};
int must_check store_session_spoken(struct store *s, uint64_t id,
                                    int (*take)(void *context, const struct session_piece *p), void *context);
/* Both: the events, and what was said as events of its own between them, as they were told. */
int must_check store_session_told(struct store *s, uint64_t id,
                                  int (*take)(void *context, const struct session_event *e), void *context);
/* The content of a made file into an empty buffer. 0, or 1: none is kept. */
int must_check store_made(struct store *s, const uint8_t sha256[static 32], struct buf *ret);

/* What the addresses of a prefix did as sources of sessions that began in [since, until), a row a source, most
 * sessions first. */
struct session_source {
    struct addr source;
    uint64_t sessions, logged_in, commands, downloads;
    int64_t first, last; /* seconds */
};
int must_check store_session_sources(struct store *s, const struct session_filter *f,
                                     int (*take)(void *context, const struct session_source *row), void *context);

enum session_topic {
    TOP_CREDENTIALS, TOP_COMMANDS, TOP_DOWNLOADS, TOP_PERSONAS, TOP_UNKNOWN, TOP_PROTOCOLS, TOP_ENTRIES, TOP_DATAGRAMS,
    TOP_CPUS, TOP_FAMILIES, TOP_DISTRIBUTORS, /* of samples, as often as they came */
    SESSION_TOPICS,
};

/* How often a name was met in [from, to), in how many sources, beside [before, from). All seconds. */
struct session_top {
    enum session_topic topic;
    int64_t before, from, to;
    size_t limit; /* 0: all */
    uint64_t deadline;
    const volatile bool *cancel;
};
struct session_named {
    const uint8_t *name; /* a stranger's bytes; of credentials user, "/" and password */
    size_t n;
    uint64_t count, sources, rank;
    uint64_t previous, previous_rank; /* 0: it was not there */
};
/* Most frequent first. *ret_compared: whether the time before was observed and is kept, else `previous` means nothing.
 * STORE_REFUSED where some of [from, to) is kept no more. */
int must_check store_session_top(struct store *s, const struct session_top *q, bool *ret_compared,
                                 int (*take)(void *context, const struct session_named *row), void *context);

/* Samples (store/sample-ask.c), as the questions about sessions. */
enum { SAMPLE_GROUP = 13 /* 12 digits */ };

struct sample_facts {
    uint8_t sha256[32];
    uint64_t size;
    int64_t first, last;        /* microseconds, when it was met */
    char word[SAMPLE_WORDS][SAMPLE_WORD];
    uint8_t bits;
    enum sample_tri stripped;
    char group[SAMPLE_GROUP];   /* of those that are like it; "": of none */
    bool told, kept;            /* by triage; in the vault */
    uint64_t times;             /* that it came */
};

struct sample_filter {
    const char *cpu, *format, *family, *group; /* NULL: all; and so on */
    uint64_t session;                          /* 0: all */
    int64_t since, until;                      /* seconds, of when it was met first; until 0: open */
    size_t limit;                              /* 0: all; the newest first */
};
int must_check store_samples(struct store *s, const struct sample_filter *f,
                             int (*take)(void *context, const struct sample_facts *row), void *context);
/* By the beginning of its name, in hexadecimal. 0; 1: there is none; STORE_REFUSED: there are several. */
int must_check store_sample(struct store *s, const char *hex, struct sample_facts *ret);
/* What triage told; the caller's to release. 0; 1: nothing; -EUCLEAN. */
int must_check store_sample_report(struct store *s, const uint8_t sha256[static 32], struct sample_report *ret);
struct sample_came {
    struct sample_origin origin;
    struct addr source;         /* of the session, where it is kept; family 0 */
    char persona[SESSION_WORD];
};
/* How it came, the newest first. */
int must_check store_sample_origins(struct store *s, const uint8_t sha256[static 32],
                                    int (*take)(void *context, const struct sample_came *c), void *context);

struct store_facts {
    int64_t first, last;         /* of what is shown; 0, 0: nothing */
    uint64_t packets, flows, chunks, runs, files;
    uint64_t bytes, free_bytes;  /* of teiten.db and its WAL */
    int64_t flows_from, minutes_from; /* what cleaning left; 0: all is there */
    uint64_t damaged_hours;           /* that could not be read, and are left as they lie */
};
int must_check store_facts(struct store *s, struct store_facts *ret);
/* Of the facts only first, last, flows_from and minutes_from: what a question needs. */
int must_check store_bounds(struct store *s, struct store_facts *ret);

struct sensor_facts {
    char name[64];
    struct coverage coverage; /* first start, last end, sums */
};
/* In name order; *ret is the caller's to free. */
int must_check store_sensors(struct store *s, struct sensor_facts **ret, size_t *ret_n);
/* The name of a label number, "" where there is none; borrowed until the next call. */
const char *store_label_name(struct store *s, unsigned number);
/* 0 or 1 (no such label) */
int must_check store_label_find(struct store *s, const char *name, unsigned *ret);
