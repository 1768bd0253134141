#pragma once
/*
 * What passes between the supervisor and teiten-sense (base/channel.h). One structure a record; each is
 * put into a channel and got from a reader by a pair of functions that stand together.
 *
 * A run is: RUN, its CHUNKs, RUN_END. Live, COMMIT ends a delta: runs, coverage and sequence number are
 * then stored in one transaction.
 */
#include "base/addr.h"
#include "base/channel.h"
#include "event/run.h"
#include "event/session.h"

enum record {
    RECORD_SETUP = 1, /* supervisor to sense, first */
    RECORD_RUN,
    RECORD_CHUNK,
    RECORD_RUN_END,
    RECORD_COVERAGE,
    RECORD_PROGRESS,
    RECORD_WARNING,
    RECORD_COMMIT, /* live: a delta is whole */
    RECORD_END,    /* file: all was said */
    RECORD_READY,  /* worker to supervisor, first: confined, set up; to a trap's: all that it has to know was told */
    RECORD_SESSION, /* live: what happened in a session at the trap */
    RECORD_TRAP_SETUP, /* these: event/record-trap.h */
    RECORD_TRAP_FACT,
    RECORD_TRAP_COUNTS,
    RECORD_TRIAGE,    /* these: event/record-sample.h */
    RECORD_TRIAGED,
    RECORD_DIAL,
    RECORD_DIALLED,
    RECORD_DIAL_GO,
    RECORD_FETCH,
    RECORD_FETCH_DATA,
    RECORD_FETCH_WANTS,
    RECORD_FETCH_END,
    RECORD_TRAP_ASK,  /* a visitor waits for what it would have fetched: event/record-trap.h */
    RECORD_TRAP_TOLD,
    RECORD_TRAP_BYTES,
};

enum { SETUP_FILTER = 512, SETUP_PREFIXES = 1024, SETUP_NAT = 256, SETUP_PORTS = 64, SETUP_OFFSET = 1 << 30 };

/* How sense is to work. Lists are owned; setup_release() gives them back. */
struct setup {
    bool live;
    struct prefix_list own;
    struct nat_pair *nat;
    size_t nat_n;
    uint16_t udp_answering[SETUP_PORTS];
    size_t udp_answering_n;
    uint8_t label[MARK_LABELS]; /* the store's numbers for the file's labels, which count from 1 */
    size_t label_n;
    uint32_t block_kib, blocks; /* of the ring */
    uint32_t addresses;         /* live, for coverage */
    bool dark;
    char filter[SETUP_FILTER];  /* files: frames that a capture filter selects; "" is all */
    int64_t clock_offset;       /* live: seconds that are added to the clock, for tests */
    /* live: what the ring holds that this worker takes over, from who made it or from one that died */
    uint64_t first_block;       /* number of the first block that no delta holds; 0: whatever lies there;
                                   RING_GIVE_UP (packet/ring.h): nothing of it */
    int64_t observed_until;     /* end of the last period that was told, or when the ring began; 0: unknown */
};

void setup_release(struct setup *s);
int must_check record_put_setup(struct channel *c, const struct setup *s);
/* 0; 1 where it is none; -ENOMEM. */
int must_check record_get_setup(struct rd r, struct setup *ret);

int must_check record_put_run(struct channel *c, uint32_t hour);
int must_check record_get_run(struct rd r, uint32_t *ret_hour);

int must_check record_put_chunk(struct channel *c, const struct run_chunk *chunk);
int must_check record_get_chunk(struct rd r, struct run_chunk *ret); /* borrows from r */

struct run_end {
    uint64_t flows, packets;
    struct rd totals, minutes, census; /* encoded; borrowed */
};
int must_check record_put_run_end(struct channel *c, uint64_t flows, uint64_t packets,
                                  const struct buf *totals, const struct buf *minutes,
                                  const struct buf *census);
int must_check record_get_run_end(struct rd r, struct run_end *ret);

/* A period without a long gap. Live: the same period grows, and its counters with it; drops are only those
 * packets that the worker gave up itself, for the kernel's are the supervisor's to ask for. */
struct record_coverage {
    int64_t start, end;
    uint64_t packets, drops;
};
int must_check record_put_coverage(struct channel *c, const struct record_coverage *v);
int must_check record_get_coverage(struct rd r, struct record_coverage *ret);

struct record_progress {
    uint64_t position, packets; /* bytes of the file as it lies */
};
int must_check record_put_progress(struct channel *c, const struct record_progress *v);
int must_check record_get_progress(struct rd r, struct record_progress *ret);

enum warning {
    WARNING_READER = 0,      /* + enum reader_problem */
    WARNING_JUMP_BACK = 32,
    WARNING_JUMP_FORWARD,
    WARNING_LINK,            /* a link type that is not decoded; the offset is its number */
    WARNING_INTERFACE_DOWN,
};
struct record_warning {
    uint32_t code;
    uint64_t offset;
    int64_t amount; /* jumps: seconds */
};
int must_check record_put_warning(struct channel *c, const struct record_warning *v);
int must_check record_get_warning(struct rd r, struct record_warning *ret);

/* A delta holds whole ring blocks, so that each frame is in one delta, whoever dies when. */
struct record_commit {
    uint64_t sequence; /* counts from 1 in the life of a worker */
    uint64_t block;    /* number of the first ring block that is in no delta yet */
};
int must_check record_put_commit(struct channel *c, const struct record_commit *v);
int must_check record_get_commit(struct rd r, struct record_commit *ret);

struct record_end {
    uint8_t digest[16];
    uint64_t packets, destinations;
    bool destinations_exact;
};
int must_check record_put_end(struct channel *c, const struct record_end *v);
int must_check record_get_end(struct rd r, struct record_end *ret);

/* What holds a worker in, as far as this machine has it: CONFINED_ flags of base/confine.h. */
struct record_ready {
    uint32_t confined;
};
int must_check record_put_ready(struct channel *c, const struct record_ready *v);
int must_check record_get_ready(struct rd r, struct record_ready *ret);

int must_check record_put_session(struct channel *c, const struct session_event *e);
int must_check record_get_session(struct rd r, struct session_event *ret); /* borrows from r */
