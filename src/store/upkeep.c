#include "store/evidence.h"
#include "store/inside.h"
#include "store/sample.h"
#include "store/session.h"

#include "base/time.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    FAN_IN = 32,        /* runs of one level in an hour that still grows */
    SETTLE_SECONDS = 30, /* after its end, an hour may still be written */
    SLICE = 64,         /* rows of a deletion in one transaction */
    VACUUM_FROM = 2048, /* free pages worth giving back */
    LOCK_POLL_US = 50000,
    READ_TRIES = 4, /* of what the disk does not give */
};

/* ---- merging ---- */

/* What a merge is made of, as far as it can be told without a list. */
struct inputs {
    int64_t runs, sum, last; /* of their numbers */
};

struct merged {
    struct store *s;
    int64_t run;
    struct inputs from;
};

static int find_inputs(struct store *s, uint32_t hour, int level, struct inputs *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT count(*), total(id), max(id) FROM run WHERE hour=?1 AND state=1"
                                    " AND (?2=-1 OR level=?2)");
    db_bind_int(q, 1, hour);
    db_bind_int(q, 2, level);
    int row = db_step(s->db, q);
    if (row == 1)
        *ret = (struct inputs){ db_int(q, 0), db_int(q, 1), db_int(q, 2) };
    db_done(q);
    return row < 0 ? row : 0;
}

static int keep_chunk(void *context, const struct run_chunk *c)
{
    struct merged *m = context;
    TRY(chunk_put(m->s, m->run, c));
    TRY(evidence_run_chunk(m->s, m->run, c));
    return store_commit_due(m->s);
}

static int begin_merged(struct merged *m, uint32_t hour, int level)
{
    struct store *s = m->s;
    TRY(store_begin(s));
    TRY(find_inputs(s, hour, level, &m->from));
    struct stmt *q = db_stmt(s->db, "INSERT INTO run(sensor, ingest, hour, level, state, at)"
                                    " SELECT min(sensor), 0, ?1, ?3, 0, max(at) FROM run"
                                    " WHERE hour=?1 AND state=1 AND (?2=-1 OR level=?2)");
    db_bind_int(q, 1, hour);
    db_bind_int(q, 2, level);
    db_bind_int(q, 3, level == EVERY_LEVEL ? 9 : level + 1);
    TRY(db_run(s->db, q));
    m->run = db_last_id(s->db);
    TRY(evidence_run_begin(s, m->run));
    return store_commit(s); /* the census is worked out before there is more to write */
}

static int give_up_merge(struct store *s, int64_t run)
{
    struct stmt *q = db_stmt(s->db, "UPDATE run SET state=2 WHERE id=?");
    db_bind_int(q, 1, run);
    TRY(db_run(s->db, q));
    return store_commit(s);
}

/* A run that another process showed meanwhile is not in it, or in some of it: then all is done again. */
static int has_changed(const struct merged *m, uint32_t hour, int level)
{
    struct inputs now = { 0 };
    TRY(find_inputs(m->s, hour, level, &now));
    return now.runs != m->from.runs || now.sum != m->from.sum || now.last != m->from.last;
}

/* What was merged gives way to what came of it, in one step. */
static int flip_merged(const struct merged *m, uint32_t hour, int level)
{
    struct store *s = m->s;
    int64_t run = m->run;
    TRY(store_begin(s));
    int changed = has_changed(m, hour, level);
    TRY(changed);
    if (changed)
        return give_up_merge(s, run);
    struct stmt *q = db_stmt(s->db, "UPDATE run SET state=2 WHERE hour=?1 AND state=1"
                                    " AND (?2=-1 OR level=?2)");
    db_bind_int(q, 1, hour);
    db_bind_int(q, 2, level);
    TRY(db_run(s->db, q));
    q = db_stmt(s->db, "UPDATE run SET state=1 WHERE id=?");
    db_bind_int(q, 1, run);
    TRY(db_run(s->db, q));
    TRY(level == EVERY_LEVEL ? evidence_kept(s, run) : evidence_shown(s, run, level));
    return store_commit(s);
}

static int end_merged(struct store *s, uint32_t hour, int level, int64_t run,
                      const struct run_summary *sum)
{
    struct minutes minutes = { 0 };
    struct buf t, m, c;
    buf_init(&t, 64 << 20);
    buf_init(&m, 64 << 20);
    buf_init(&c, 256 << 20);
    int err = hour_minutes(s, hour, level, &minutes);
    if (!err)
        err = totals_encode(sum->totals, s->zstd, &t);
    if (!err)
        err = minutes_encode(&minutes, s->zstd, &m);
    if (!err)
        err = census_encode(sum->census, s->zstd, &c);
    struct run_blobs b = { sum->flows, sum->packets, t.data, m.data, c.data, t.len, m.len, c.len };
    if (!err)
        err = store_run_end(s, run, &b);
    minutes_release(&minutes);
    buf_release(&t);
    buf_release(&m);
    buf_release(&c);
    return err;
}

/* Flows of a run that is not in the census look like damage, too. */
static int judge_damage(const struct merged *m, uint32_t hour, int level)
{
    store_rollback(m->s);
    int changed = has_changed(m, hour, level);
    TRY(changed);
    if (!changed)
        return -EUCLEAN;
    TRY(store_begin(m->s));
    return give_up_merge(m->s, m->run);
}

static int merge_hour(struct store *s, uint32_t hour, int level)
{
    struct merged m = { .s = s };
    struct run_writer *w;
    struct run_summary sum;
    TRY(run_writer_make(&w, keep_chunk, &m));
    int err = begin_merged(&m, hour, level);
    if (!err)
        err = hour_remake(s, hour, level, w, &sum);
    if (!err)
        err = end_merged(s, hour, level, m.run, &sum);
    if (!err)
        err = flip_merged(&m, hour, level);
    run_writer_free(w);
    return err == -EUCLEAN ? judge_damage(&m, hour, level) : err;
}

/* An hour worth merging: of several runs and ended, or with many runs of one level. */
#define NOT_DAMAGED " AND hour NOT IN (SELECT hour FROM damaged)"

static int find_merge(struct store *s, int64_t now, uint32_t *ret_hour, int *ret_level)
{
    struct stmt *q = db_stmt(s->db, "SELECT hour, -1 FROM run WHERE state=1 AND hour < ?1" NOT_DAMAGED
                                    " GROUP BY hour HAVING count(*) > 1 UNION ALL"
                                    " SELECT hour, level FROM run WHERE state=1 AND hour >= ?1" NOT_DAMAGED
                                    " GROUP BY hour, level HAVING count(*) >= ?2 LIMIT 1");
    db_bind_int(q, 1, (now - SETTLE_SECONDS) / HOUR_SECONDS);
    db_bind_int(q, 2, FAN_IN);
    int row = db_step(s->db, q);
    if (row == 1) {
        *ret_hour = (uint32_t)db_int(q, 0);
        *ret_level = (int)db_int(q, 1);
    }
    db_done(q);
    return row;
}

/* ---- days ---- */

/* Days that were cut in another zone stay as they are: the new one fills what they leave around its hour. */
static int clear_of_others(struct store *s, int64_t hour_start, int64_t *start, int64_t *end)
{
    struct stmt *q = db_stmt(s->db, "SELECT (SELECT max(end) FROM day WHERE end <= ?1),"
                                    " (SELECT min(start) FROM day WHERE start > ?1)");
    db_bind_int(q, 1, hour_start);
    int row = db_step(s->db, q);
    if (row == 1 && !db_is_null(q, 0) && db_int(q, 0) > *start)
        *start = db_int(q, 0);
    if (row == 1 && !db_is_null(q, 1) && db_int(q, 1) < *end)
        *end = db_int(q, 1);
    db_done(q);
    return row < 0 ? row : 0;
}

/* The first hour that is in no day's totals and whose day has ended. */
static int find_day(struct store *s, const struct keep *keep, int64_t now, int64_t *ret_start,
                    int64_t *ret_end)
{
    struct stmt *q = db_stmt(s->db, "SELECT min(hour) FROM run r WHERE r.state=1 AND r.hour < ?1" NOT_DAMAGED
                                    " AND NOT EXISTS (SELECT 1 FROM day d WHERE"
                                    " d.start <= r.hour*3600 AND d.start > r.hour*3600-97200 AND d.end > r.hour*3600)");
    db_bind_int(q, 1, store_whole_hour(time_day_start(now - SETTLE_SECONDS, keep->zone)) / HOUR_SECONDS);
    int row = db_step(s->db, q);
    int64_t hour = row == 1 ? db_int(q, 0) : 0;
    bool found = row == 1 && !db_is_null(q, 0);
    db_done(q);
    if (row < 0 || !found)
        return row < 0 ? row : 0;
    int64_t start = time_day_start(hour * HOUR_SECONDS, keep->zone);
    *ret_start = store_whole_hour(start);
    *ret_end = store_whole_hour(time_day_next(start, keep->zone));
    TRY(clear_of_others(s, hour * HOUR_SECONDS, ret_start, ret_end));
    return *ret_end <= now - SETTLE_SECONDS; /* midnight may be over, and its hour not yet */
}

int64_t store_whole_hour(int64_t when)
{
    return (when + HOUR_SECONDS - 1) / HOUR_SECONDS * HOUR_SECONDS;
}

/* ---- cleaning ---- */

static int run_number(struct store *s, const char *sql, int64_t a, int64_t b)
{
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    return db_run(s->db, q);
}

/* Rows of dead runs, some at a time: chunks and their log entries first, the run last. */
static int bury_some(struct store *s)
{
    struct stmt *q = db_stmt(s->db, "SELECT id FROM run WHERE state=2 AND state<>1 LIMIT 1");
    int row = db_step(s->db, q);
    int64_t run = row == 1 ? db_int(q, 0) : 0;
    db_done(q);
    if (row <= 0)
        return row;
    TRY(store_begin(s));
    TRY(run_number(s,
                   "DELETE FROM log WHERE seq IN (SELECT seq FROM chunk WHERE run=?1 ORDER BY id LIMIT ?2)",
                   run, SLICE));
    TRY(run_number(s, "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE run=?1 ORDER BY id LIMIT ?2)",
                   run, SLICE));
    if (db_changes(s->db) < SLICE) {
        TRY(run_number(s, "DELETE FROM summary WHERE run=?1 AND ?2", run, 1));
        TRY(run_number(s, "DELETE FROM minute WHERE run=?1 AND ?2", run, 1));
        TRY(run_number(s, "DELETE FROM run WHERE id=?1 AND ?2", run, 1));
    }
    TRY(store_commit(s));
    return 1;
}

static int give_back_space(struct store *s)
{
    struct stmt *q = db_stmt(s->db, "PRAGMA freelist_count");
    int row = db_step(s->db, q);
    int64_t pages = row == 1 ? db_int(q, 0) : 0;
    db_done(q);
    if (row < 0 || pages < VACUUM_FROM)
        return row < 0 ? row : 0;
    int err = db_exec(s->db, "PRAGMA incremental_vacuum(512)");
    return err < 0 ? err : 1;
}

/* ---- */

/* Runs that a merge of ours left half written; only the holder of the lock may judge that. Seldom there is one,
 * and nobody has to wait for a look. */
static int bury_half_merged(struct store *s)
{
    struct stmt *q = db_stmt(s->db, "SELECT 1 FROM run WHERE state=0 AND state<>1 AND ingest=0 LIMIT 1");
    int row = db_step(s->db, q);
    db_done(q);
    if (row <= 0)
        return row;
    return run_number(s, "UPDATE run SET state=2 WHERE state=0 AND state<>1 AND ingest=0 AND ?1=?2", 1, 1);
}

/* What cannot be read stays as it is, and must not keep upkeep from the rest. */
static int set_hours_aside(struct store *s, int64_t first, int64_t end)
{
    store_rollback(s);
    TRY(store_begin(s));
    struct some hours = { .count = 0 };
    for (int64_t hour = first; hour < end && hours.count < EVIDENCE_SOME; hour++) {
        TRY(run_number(s, "INSERT OR IGNORE INTO damaged SELECT ?1 WHERE ?2", hour, 1));
        hours.n[hours.count++] = hour;
    }
    TRY(evidence_gone(s, "damaged", &hours, NULL, NULL));
    TRY(store_commit(s));
    return 1;
}

/* Whether it will not pass: a disk that says no may say yes the next time, so it is asked some times. */
static bool is_lasting(struct store *s, int64_t hour, int err)
{
    if (err != -EIO)
        return err == -EUCLEAN;
    s->tries = s->tried == hour ? s->tries + 1 : 1;
    s->tried = hour;
    return s->tries >= READ_TRIES;
}

static int merge_or_set_aside(struct store *s, uint32_t hour, int level)
{
    TRY(evidence_check_hour(s, hour, level));
    int err = merge_hour(s, hour, level);
    if (is_lasting(s, hour, err))
        return set_hours_aside(s, hour, (int64_t)hour + 1);
    return err < 0 ? err : 1;
}

static int derive_or_set_aside(struct store *s, int64_t start, int64_t end, const char *zone)
{
    int err = day_derive(s, start, end, zone);
    if (is_lasting(s, start / HOUR_SECONDS, err))
        return set_hours_aside(s, start / HOUR_SECONDS, end / HOUR_SECONDS);
    return err < 0 ? err : 1;
}

static int do_piece(struct store *s, const struct keep *keep, int64_t now)
{
    uint32_t hour;
    int level;
    int64_t start, end;
    int more = find_merge(s, now, &hour, &level);
    if (more == 1)
        more = merge_or_set_aside(s, hour, level);
    if (more == 0 && (more = find_day(s, keep, now, &start, &end)) == 1)
        more = derive_or_set_aside(s, start, end, keep->zone);
    if (more == 0)
        more = expire_some(s, keep, now);
    if (more == 0)
        more = bury_some(s);
    if (more == 0)
        more = sessions_keep_up(s, keep, now);
    if (more == 0)
        more = samples_keep_up(s, keep, now);
    if (more == 0)
        more = evidence_keep_one(s, (now - SETTLE_SECONDS) / HOUR_SECONDS);
    if (more == 0)
        more = chain_prune(s);
    if (more == 0)
        more = store_seal(s, now);
    if (more == 0)
        more = give_back_space(s);
    return more;
}

int upkeep_bury(struct store *s)
{
    TRY(bury_half_merged(s));
    return bury_some(s);
}

int upkeep_lock(struct store *s, unsigned seconds)
{
    char lock[4200];
    snprintf(lock, sizeof lock, "%s-upkeep", s->path);
    int fd = open(lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    (void)!store_hand_over(s, fd); /* it is locked all the same */
    uint64_t end = time_mono() + seconds * UINT64_C(1000000000);
    int err;
    while ((err = flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0) == -EWOULDBLOCK && time_mono() < end)
        usleep(LOCK_POLL_US);
    if (err) {
        close(fd);
        return err == -EWOULDBLOCK ? -EBUSY : err;
    }
    return fd;
}

int store_upkeep(struct store *s, const struct keep *keep, int64_t now)
{
    int fd = upkeep_lock(s, 0);
    if (fd < 0)
        return fd == -EBUSY ? 0 : fd;
    s->evidence.clock = now - time_now();
    s->why[0] = '\0'; /* of an earlier trouble */
    int more = bury_half_merged(s);
    if (!more)
        more = do_piece(s, keep, now);
    if (more < 0)
        store_rollback(s);
    close(fd);
    return more;
}
