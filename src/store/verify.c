/*
 * Everything that is kept, against what the evidence says of it.
 */
#include "base/time.h"
#include "store/inside.h"
#include "store/replay.h"
#include "store/session.h"

#include <stdio.h>
#include <string.h>

/* "2026-01-01T03" */
static const char *hour_text(int64_t hour, char text[static TIME_TEXT])
{
    if (hour < 0 || hour > INT64_C(100000000))
        return "?";
    time_text(hour * HOUR_SECONDS, text);
    text[13] = '\0';
    return text;
}

static void sign_of_life(struct check *c)
{
    c->say(c->context, NULL);
}

static int same(struct stmt *q, int column, const uint8_t hash[static SHA256_BYTES])
{
    size_t n;
    const void *data = db_blob(q, column, &n);
    return n == SHA256_BYTES && memcmp(data, hash, n) == 0;
}

/* What cannot be read is a fault of its row, and the rest is checked nevertheless. */
static int unreadable(struct check *c, const char *what, int64_t n, int err)
{
    if (!is_damage(err))
        return err;
    check_fault(c, "%s %lld cannot be read: %s", what, (long long)n, db_why(c->s->db));
    return 0;
}

/* ---- runs ---- */

static int check_run(struct check *c, int64_t run, struct stmt *q)
{
    struct run_hash h;
    char text[TIME_TEXT];
    int err = hash_run(c->s, run, &h);
    if (err < 0)
        return unreadable(c, "run", run, err);
    c->v->runs++;
    c->v->bytes += h.bytes;
    const char *hour = hour_text(h.hour, text);
    if (db_is_null(q, 1))
        check_fault(c, "run %lld of %s: nothing vouches for it", (long long)run, hour);
    else if (err || !same(q, 2, h.content) || !same(q, 4, h.content))
        check_fault(c, "run %lld of %s: its flows, totals or census are not what was kept", (long long)run, hour);
    else if (!same(q, 3, h.minutes))
        check_fault(c, "run %lld of %s: its minutes are not what was kept", (long long)run, hour);
    sign_of_life(c);
    return 0;
}

static int check_runs(struct check *c)
{
    struct stmt *q = db_stmt(c->s->db, "SELECT r.id, l.run, l.hash, l.minutes, r.hash FROM run r LEFT JOIN live_run l"
                                       " ON l.run=r.id WHERE r.state=1 ORDER BY r.id");
    int row, err = 0;
    while (!err && (row = db_step(c->s->db, q)) != 0)
        err = row < 0 ? row : check_run(c, db_int(q, 0), q);
    db_done(q);
    return err;
}

static int check_lost_runs(struct check *c)
{
    char text[TIME_TEXT];
    struct stmt *q = db_stmt(c->s->db, "SELECT l.run, l.hour FROM live_run l WHERE NOT EXISTS"
                                       " (SELECT 1 FROM run r WHERE r.id=l.run AND r.state=1) ORDER BY l.run");
    int row;
    while ((row = db_step(c->s->db, q)) == 1)
        check_fault(c, "run %lld of %s is missing", (long long)db_int(q, 0), hour_text(db_int(q, 1), text));
    db_done(q);
    return row;
}

/* Rows of no run: somebody took the run away, or put them there. */
static int check_orphans(struct check *c)
{
    struct stmt *q = db_stmt(c->s->db,
                             "SELECT 'chunk', count(*) FROM chunk WHERE run NOT IN (SELECT id FROM run) UNION ALL"
                             " SELECT 'summary', count(*) FROM summary WHERE run NOT IN (SELECT id FROM run)"
                             " UNION ALL"
                             " SELECT 'minute', count(*) FROM minute WHERE run NOT IN (SELECT id FROM run)");
    int row;
    while ((row = db_step(c->s->db, q)) == 1)
        if (db_int(q, 1))
            check_fault(c, "%lld rows of table %s belong to no run", (long long)db_int(q, 1), db_text(q, 0));
    db_done(q);
    return row;
}

/* ---- days ---- */

static int check_day(struct check *c, int64_t start, struct stmt *q)
{
    struct day_hash h;
    char text[TIME_TEXT];
    int err = hash_day(c->s, start, &h);
    if (err < 0)
        return unreadable(c, "day", start, err);
    c->v->days++;
    c->v->bytes += h.bytes;
    const char *day = hour_text(start / HOUR_SECONDS, text);
    if (db_is_null(q, 1))
        check_fault(c, "the day that begins %s: nothing vouches for it", day);
    else if (err || !same(q, 2, h.row))
        check_fault(c, "the day that begins %s: its totals or census are not what was kept", day);
    else if (!same(q, 3, h.sets))
        check_fault(c, "the day that begins %s: its source sets are not what was kept", day);
    sign_of_life(c);
    return 0;
}

static int check_days(struct check *c)
{
    char text[TIME_TEXT];
    struct stmt *q = db_stmt(c->s->db, "SELECT d.start, l.start, l.row, l.sets FROM day d LEFT JOIN live_day l"
                                       " ON l.start=d.start ORDER BY d.start");
    int row, err = 0;
    while (!err && (row = db_step(c->s->db, q)) != 0)
        err = row < 0 ? row : check_day(c, db_int(q, 0), q);
    db_done(q);
    TRY(err);
    q = db_stmt(c->s->db, "SELECT start FROM live_day WHERE start NOT IN (SELECT start FROM day)");
    while ((row = db_step(c->s->db, q)) == 1)
        check_fault(c, "the day that begins %s is missing", hour_text(db_int(q, 0) / HOUR_SECONDS, text));
    db_done(q);
    return row;
}

/* ---- files, coverage, names ---- */

static int check_file(struct check *c, int64_t ingest, struct stmt *q)
{
    struct file_hash h;
    int err = hash_file(c->s, ingest, &h);
    if (err < 0)
        return unreadable(c, "file", ingest, err);
    if (db_is_null(q, 1))
        check_fault(c, "file %lld: nothing vouches for it", (long long)ingest);
    else if (err || !same(q, 2, h.row))
        check_fault(c, "file %lld: its name, digest or time is not what was kept", (long long)ingest);
    else if (!same(q, 3, h.cover))
        check_fault(c, "file %lld: its coverage is not what was kept", (long long)ingest);
    return 0;
}

static int check_files(struct check *c)
{
    struct stmt *q = db_stmt(c->s->db, "SELECT i.id, l.id, l.row, l.cover FROM ingest i LEFT JOIN live_file l"
                                       " ON l.id=i.id WHERE i.state=1 ORDER BY i.id");
    int row, err = 0;
    while (!err && (row = db_step(c->s->db, q)) != 0)
        err = row < 0 ? row : check_file(c, db_int(q, 0), q);
    db_done(q);
    TRY(err);
    q = db_stmt(c->s->db, "SELECT id FROM live_file WHERE id NOT IN (SELECT id FROM ingest WHERE state=1)");
    while ((row = db_step(c->s->db, q)) == 1)
        check_fault(c, "file %lld is missing", (long long)db_int(q, 0));
    db_done(q);
    return row;
}

static int check_period(struct check *c, int64_t id, struct stmt *q)
{
    uint8_t hash[SHA256_BYTES];
    int err = hash_cover(c->s, id, hash);
    if (err < 0)
        return unreadable(c, "coverage", id, err);
    if (db_is_null(q, 1))
        check_fault(c, "coverage %lld: nothing vouches for it", (long long)id);
    else if (err || !same(q, 2, hash))
        check_fault(c, "coverage %lld is not what was kept", (long long)id);
    return 0;
}

static int check_coverage(struct check *c)
{
    struct stmt *q = db_stmt(c->s->db, "SELECT v.id, l.id, l.hash FROM coverage v LEFT JOIN live_cover l"
                                       " ON l.id=v.id WHERE v.ingest=0 ORDER BY v.id");
    int row, err = 0;
    while (!err && (row = db_step(c->s->db, q)) != 0)
        err = row < 0 ? row : check_period(c, db_int(q, 0), q);
    db_done(q);
    TRY(err);
    q = db_stmt(c->s->db, "SELECT id FROM live_cover WHERE id NOT IN (SELECT id FROM coverage WHERE ingest=0)"
                          " UNION ALL SELECT -id FROM coverage WHERE ingest<>0 AND ingest NOT IN"
                          " (SELECT id FROM ingest)");
    while ((row = db_step(c->s->db, q)) == 1)
        if (db_int(q, 0) > 0)
            check_fault(c, "coverage %lld is missing", (long long)db_int(q, 0));
        else
            check_fault(c, "coverage %lld belongs to no file", -(long long)db_int(q, 0));
    db_done(q);
    return row;
}

static int check_names_of(struct check *c, const char *kind, const char *sql)
{
    struct stmt *q = db_stmt(c->s->db, sql);
    int row;
    while ((row = db_step(c->s->db, q)) == 1) {
        char text[NAME_TEXT];
        evidence_name_text(db_int(q, 0), db_text(q, 1), text);
        if (strcmp(text, db_text(q, 2)) != 0)
            check_fault(c, "%s %lld has not the name that was kept", kind, (long long)db_int(q, 0));
    }
    db_done(q);
    return row;
}

static int check_names(struct check *c)
{
    TRY(check_names_of(c, "sensor", "SELECT n.id, n.name, l.text FROM sensor n LEFT JOIN live_name l"
                                    " ON l.kind='sensor' AND l.id=n.id"));
    TRY(check_names_of(c, "label", "SELECT n.id, n.name, l.text FROM label n LEFT JOIN live_name l"
                                   " ON l.kind='label' AND l.id=n.id"));
    struct stmt *q = db_stmt(c->s->db, "SELECT kind, id FROM live_name WHERE kind='sensor' AND id NOT IN"
                                       " (SELECT id FROM sensor) UNION ALL SELECT kind, id FROM live_name"
                                       " WHERE kind='label' AND id NOT IN (SELECT id FROM label)");
    int row;
    while ((row = db_step(c->s->db, q)) == 1)
        check_fault(c, "%.20s %lld is missing", db_text(q, 0), (long long)db_int(q, 1));
    db_done(q);
    return row;
}

/* ---- what was cleaned, or set aside ---- */

static int check_marks(struct check *c, const char *what, const char *more, const char *less)
{
    char text[TIME_TEXT];
    struct stmt *q = db_stmt(c->s->db, more);
    int row;
    while ((row = db_step(c->s->db, q)) == 1)
        check_fault(c, "%s is marked as %s, and was not", hour_text(db_int(q, 0), text), what);
    db_done(q);
    TRY(row);
    q = db_stmt(c->s->db, less);
    while ((row = db_step(c->s->db, q)) == 1)
        check_fault(c, "%s or an hour after it was %s, and is not marked so", hour_text(db_int(q, 0), text), what);
    db_done(q);
    return row;
}

#define MARKED_ONLY(table, column, what)                                                           \
    "SELECT hour FROM " table " t WHERE " column " AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.what IN" \
    what " AND g.last >= t.hour AND g.first <= t.hour)"
#define TOLD_ONLY(table, column, what)                                                             \
    "SELECT first FROM gone g WHERE g.what IN" what " AND g.last-g.first+1 <> (SELECT count(*) FROM " table \
    " t WHERE " column " AND t.hour BETWEEN g.first AND g.last)"

static int check_gone(struct check *c)
{
    TRY(check_marks(c, "cleaned", MARKED_ONLY("cleaned", "flows", "('flows')"),
                    TOLD_ONLY("cleaned", "flows", "('flows')")));
    TRY(check_marks(c, "cleaned of minutes", MARKED_ONLY("cleaned", "minutes", "('flows','minutes')"),
                    TOLD_ONLY("cleaned", "minutes", "('flows','minutes')")));
    return check_marks(c, "damaged", MARKED_ONLY("damaged", "1", "('damaged')"),
                       TOLD_ONLY("damaged", "1", "('damaged')"));
}

/* ---- */

static int check_all(struct check *c)
{
    static int (*const step[])(struct check *c) = { replay,      check_runs,     check_lost_runs, check_orphans,
                                                    check_days,  check_files,    check_coverage,  check_names,
                                                    check_gone,  check_sessions };
    for (size_t i = 0; i < sizeof step / sizeof step[0]; i++) {
        int err = step[i](c);
        if (!db_in_transaction(c->s->db)) { /* nor is there what the replay made */
            check_fault(c, "the disk does not give all of the store: what comes after that was not checked");
            return 0;
        }
        if (is_damage(err))
            check_fault(c, "the store is damaged: %s", db_why(c->s->db));
        else if (err)
            return err;
        if (err && i == 0)
            return 0; /* nothing tells what must be there */
    }
    return 0;
}

static int check_copy(struct check *c)
{
    uint64_t faults;
    int err = chain_compare(c->s, c->say, c->context, &faults, &c->v->copied);
    c->v->faults += faults;
    return err;
}

int store_verify(struct store *s, void (*say)(void *context, const char *fault), void *context,
                 struct verified *ret)
{
    struct check c = { .s = s, .say = say, .context = context, .v = ret };
    *ret = (struct verified){ 0 };
    if (s->version < SCHEMA_EVIDENCE)
        return store_refuse(s, "this store was written before evidence was kept; a teiten that writes to it"
                               " adds it");
    if (s->in_transaction)
        return -EBUSY;
    TRY(db_exec(s->db, "PRAGMA temp_store=MEMORY"));
    TRY(db_exec(s->db, "BEGIN"));
    int err = check_all(&c);
    db_rollback(s->db); /* the temporary tables go with it */
    /* As the chain stands now: it may have grown, and the copy with it. */
    return err ? err : check_copy(&c);
}

int store_chain_find(struct store *s, const uint8_t link[static SHA256_BYTES], int64_t *ret_at)
{
    if (s->version < SCHEMA_EVIDENCE)
        return 1;
    struct stmt *q = db_stmt(s->db, "SELECT at FROM event WHERE link=? LIMIT 1");
    db_bind_blob(q, 1, link, SHA256_BYTES);
    int row = db_step(s->db, q);
    *ret_at = row == 1 ? db_int(q, 0) : 0;
    db_done(q);
    return row < 0 ? row : row == 0;
}
