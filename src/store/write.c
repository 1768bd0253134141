#include "store/evidence.h"
#include "store/inside.h"

#include "base/time.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* When a process started, in clock ticks since boot: with its number it names one process. 0: it is gone. */
static int64_t process_start(int64_t pid)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    size_t n = fread(line, 1, sizeof line - 1, f);
    fclose(f);
    line[n] = '\0';
    char *at = strrchr(line, ')'); /* the name before it may hold anything */
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoll(at, NULL, 10) : 0;
}

/* A statement with one number. */
static int run_with(struct store *s, const char *sql, int64_t id)
{
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, id);
    return db_run(s->db, q);
}

/* Its runs are dead from now on; upkeep deletes their rows, some at a time. */
int store_ingest_drop(struct store *s, int64_t ingest)
{
    TRY(store_begin(s));
    TRY(run_with(s, "UPDATE run SET state=2 WHERE ingest=?", ingest));
    TRY(run_with(s, "DELETE FROM coverage WHERE ingest=?", ingest));
    TRY(run_with(s, "DELETE FROM ingest WHERE id=?", ingest));
    return store_commit(s);
}

/* Pending files of processes that are gone; at most some at a time, so their numbers are gathered first. */
int ingest_drop_abandoned(struct store *s)
{
    int64_t gone[64];
    size_t n = 0;
    struct stmt *q = db_stmt(s->db, "SELECT id, pid, pid_start FROM ingest WHERE state=0");
    int row;
    while ((row = db_step(s->db, q)) == 1 && n < sizeof gone / sizeof gone[0])
        if (process_start(db_int(q, 1)) != db_int(q, 2))
            gone[n++] = db_int(q, 0);
    db_done(q);
    TRY(row);
    for (size_t i = 0; i < n; i++)
        TRY(store_ingest_drop(s, gone[i]));
    return 0;
}

int store_ingest_begin(struct store *s, int64_t sensor, const char *name, int64_t *ret)
{
    TRY(ingest_drop_abandoned(s));
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "INSERT INTO ingest(sensor, name, state, pid, pid_start, at)"
                                    " VALUES(?, ?, 0, ?, ?, ?)");
    db_bind_int(q, 1, sensor);
    db_bind_text(q, 2, name);
    db_bind_int(q, 3, getpid());
    db_bind_int(q, 4, process_start(getpid()));
    db_bind_int(q, 5, time_now());
    TRY(db_run(s->db, q));
    *ret = db_last_id(s->db);
    return store_commit(s);
}

static int is_known(struct store *s, const uint8_t digest[static 16])
{
    struct stmt *q = db_stmt(s->db, "SELECT 1 FROM ingest WHERE digest=? AND state=1 LIMIT 1");
    db_bind_blob(q, 1, digest, 16);
    int row = db_step(s->db, q);
    db_done(q);
    return row;
}

/* Days whose flows were cleaned can gain nothing any more: their totals would be lost. */
static int check_days(struct store *s, int64_t ingest)
{
    struct stmt *q = db_stmt(s->db, "SELECT 1 FROM run r JOIN day d ON d.start <= r.hour*3600"
                                    " AND d.end > r.hour*3600 WHERE r.ingest=? AND EXISTS (SELECT 1"
                                    " FROM cleaned WHERE flows AND hour*3600 >= d.start"
                                    " AND hour*3600 < d.end) LIMIT 1");
    db_bind_int(q, 1, ingest);
    int row = db_step(s->db, q);
    db_done(q);
    if (row <= 0)
        return row;
    return store_refuse(s, "it has packets of a day whose flows were cleaned; another state folder can"
                           " take it");
}

/* The chain tells which days will be. 1 where there are any. */
static int note_days(struct store *s, const char *find, int64_t of)
{
    struct some days = { .count = 0 };
    bool any = false;
    struct stmt *q = db_stmt(s->db, find);
    db_bind_int(q, 1, of);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        if (row == 1)
            days.n[days.count++] = db_int(q, 0);
        any |= row == 1;
        err = row < 0 ? row : 0;
        if (!err && days.count == EVIDENCE_SOME) {
            err = evidence_gone(s, "days", NULL, NULL, &days);
            days.count = 0;
        }
    }
    db_done(q);
    if (!err && days.count)
        err = evidence_gone(s, "days", NULL, NULL, &days);
    return err < 0 ? err : any;
}

/* Totals of days that gain packets are worked out anew. */
static int forget_days(struct store *s, const char *find, const char *sets, const char *days, int64_t of)
{
    int any = note_days(s, find, of);
    if (any <= 0)
        return any;
    TRY(run_with(s, sets, of));
    return run_with(s, days, of);
}

#define DAYS_OF_INGEST                                                                             \
    "start IN (SELECT d.start FROM day d WHERE EXISTS (SELECT 1 FROM run r WHERE r.ingest=?"       \
    " AND r.hour*3600 < d.end AND r.hour*3600+3600 > d.start))"
/* Not of a day whose flows were cleaned: a clock that stepped far back must not cost its totals. */
#define DAY_OF_HOUR                                                                                \
    "start IN (SELECT d.start FROM day d WHERE d.start <= ?1*3600 AND d.start > ?1*3600-97200"     \
    " AND d.end > ?1*3600 AND NOT EXISTS"                                                          \
    " (SELECT 1 FROM cleaned WHERE flows AND hour*3600 >= d.start AND hour*3600 < d.end))"

int store_ingest_flip(struct store *s, int64_t ingest, const uint8_t digest[static 16], bool again)
{
    TRY(store_commit(s));
    TRY(store_begin(s));
    int known = again ? 0 : is_known(s, digest);
    TRY(known);
    int refused = known ? 0 : check_days(s, ingest);
    TRY(refused);
    if (known || refused) {
        TRY(store_ingest_drop(s, ingest));
        return known ? STORE_DUPLICATE : refused;
    }
    struct stmt *q = db_stmt(s->db, "UPDATE ingest SET state=1, digest=?2 WHERE id=?1");
    db_bind_int(q, 1, ingest);
    db_bind_blob(q, 2, digest, 16);
    TRY(db_run(s->db, q));
    TRY(run_with(s, "UPDATE run SET state=1 WHERE ingest=? AND state=0", ingest));
    TRY(evidence_file(s, ingest));
    TRY(forget_days(s, "SELECT start FROM day WHERE " DAYS_OF_INGEST,
                    "DELETE FROM day_sources WHERE " DAYS_OF_INGEST,
                    "DELETE FROM day WHERE " DAYS_OF_INGEST, ingest));
    return store_commit(s);
}

int store_run_begin(struct store *s, int64_t sensor, int64_t ingest, uint32_t hour, int64_t *ret)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "INSERT INTO run(sensor, ingest, hour, level, state, at)"
                                    " VALUES(?, ?, ?, 0, ?, ?)");
    db_bind_int(q, 1, sensor);
    db_bind_int(q, 2, ingest);
    db_bind_int(q, 3, hour);
    db_bind_int(q, 4, ingest ? STATE_PENDING : STATE_SHOWN);
    db_bind_int(q, 5, time_now());
    TRY(db_run(s->db, q));
    *ret = db_last_id(s->db);
    TRY(evidence_run_begin(s, *ret));
    /* A live run may come when its day was worked out already. */
    return ingest ? 0
                  : forget_days(s, "SELECT start FROM day WHERE " DAY_OF_HOUR,
                                "DELETE FROM day_sources WHERE " DAY_OF_HOUR, "DELETE FROM day WHERE " DAY_OF_HOUR, hour);
}

int store_run_chunk(struct store *s, int64_t run, const struct run_chunk *c)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "INSERT INTO log(kind, blob) VALUES(?, ?)");
    db_bind_int(q, 1, LOG_FLOWS);
    db_bind_blob(q, 2, c->data, c->n);
    TRY(db_run(s->db, q));
    int64_t seq = db_last_id(s->db);
    q = db_stmt(s->db, "INSERT INTO chunk(run, first, last, family, flows, packets, seq)"
                       " VALUES(?, ?, ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, run);
    db_bind_int(q, 2, key_to_sql(c->first));
    db_bind_int(q, 3, key_to_sql(c->last));
    db_bind_int(q, 4, c->family);
    db_bind_int(q, 5, c->flows);
    db_bind_int(q, 6, (int64_t)c->packets);
    db_bind_int(q, 7, seq);
    s->written += c->n;
    TRY(db_run(s->db, q));
    return evidence_run_chunk(s, run, c);
}

int chunk_put(struct store *s, int64_t run, const struct run_chunk *c)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "INSERT INTO chunk(run, first, last, family, flows, packets, blob)"
                                    " VALUES(?, ?, ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, run);
    db_bind_int(q, 2, key_to_sql(c->first));
    db_bind_int(q, 3, key_to_sql(c->last));
    db_bind_int(q, 4, c->family);
    db_bind_int(q, 5, c->flows);
    db_bind_int(q, 6, (int64_t)c->packets);
    db_bind_blob(q, 7, c->data, c->n);
    s->written += c->n;
    return db_run(s->db, q);
}

int store_run_end(struct store *s, int64_t run, const struct run_blobs *b)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "UPDATE run SET flows=?, packets=? WHERE id=?");
    db_bind_int(q, 1, (int64_t)b->flows);
    db_bind_int(q, 2, (int64_t)b->packets);
    db_bind_int(q, 3, run);
    TRY(db_run(s->db, q));
    q = db_stmt(s->db, "INSERT INTO summary(run, totals, census) VALUES(?, ?, ?)");
    db_bind_int(q, 1, run);
    db_bind_blob(q, 2, b->totals, b->totals_n);
    db_bind_blob(q, 3, b->census, b->census_n);
    TRY(db_run(s->db, q));
    q = db_stmt(s->db, "INSERT INTO minute(run, hour, blob) SELECT id, hour, ?2 FROM run WHERE id=?1");
    db_bind_int(q, 1, run);
    db_bind_blob(q, 2, b->minutes, b->minutes_n);
    s->written += b->totals_n + b->census_n + b->minutes_n;
    TRY(db_run(s->db, q));
    return evidence_run_end(s, run, b);
}

/* The sensor's live period before a new one is as it will stay. */
static int end_cover(struct store *s, int64_t sensor)
{
    struct stmt *q = db_stmt(s->db, "SELECT max(id) FROM coverage WHERE ingest=0 AND sensor=?");
    db_bind_int(q, 1, sensor);
    int row = db_step(s->db, q);
    int64_t id = row == 1 ? db_int(q, 0) : 0;
    db_done(q);
    TRY(row);
    return id ? evidence_cover_ended(s, id) : 0;
}

int store_coverage_add(struct store *s, int64_t sensor, int64_t ingest, const struct coverage *c,
                       int64_t *ret_id)
{
    TRY(store_begin(s));
    if (!ingest)
        TRY(end_cover(s, sensor));
    struct stmt *q = db_stmt(s->db, "INSERT INTO coverage(sensor, ingest, start, end, addresses,"
                                    " estimated, dark, packets, drops) VALUES(?,?,?,?,?,?,?,?,?)");
    db_bind_int(q, 1, sensor);
    db_bind_int(q, 2, ingest);
    db_bind_int(q, 3, c->start);
    db_bind_int(q, 4, c->end);
    db_bind_int(q, 5, (int64_t)c->addresses);
    db_bind_int(q, 6, c->estimated);
    db_bind_int(q, 7, c->dark);
    db_bind_int(q, 8, (int64_t)c->packets);
    db_bind_int(q, 9, (int64_t)c->drops);
    TRY(db_run(s->db, q));
    *ret_id = db_last_id(s->db);
    return ingest ? 0 : evidence_cover(s, *ret_id);
}

int store_coverage_extend(struct store *s, int64_t id, const struct coverage *c)
{
    TRY(store_begin(s));
    struct stmt *q =
        db_stmt(s->db, "UPDATE coverage SET end=max(end, ?2), packets=?3, drops=?4 WHERE id=?1");
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, c->end);
    db_bind_int(q, 3, (int64_t)c->packets);
    db_bind_int(q, 4, (int64_t)c->drops);
    TRY(db_run(s->db, q));
    return evidence_cover(s, id);
}
