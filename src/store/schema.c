/*
 * From one version of the tables to the next, and what the evidence of an older store begins with.
 */
#include "store/evidence.h"
#include "store/inside.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>

/* Version 2: evidence, and what the supervisor tells of its programs. */
static const char evidence_schema[] =
    "ALTER TABLE run ADD COLUMN hash BLOB;"
    "ALTER TABLE run ADD COLUMN minutes BLOB;" /* hashes */
    "ALTER TABLE run ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;" /* an event vouches for it */
    "CREATE INDEX run_unkept ON run(hour) WHERE kept=0 AND state=1;"
    "CREATE INDEX run_odd ON run(state) WHERE state<>1;"
    "CREATE INDEX coverage_ingest ON coverage(ingest);"
    "CREATE TABLE event(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL,"
    " text TEXT NOT NULL, link BLOB NOT NULL);"
    "CREATE INDEX event_at ON event(at);"
    "CREATE TABLE vouch(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, after INTEGER NOT NULL,"
    " said BLOB NOT NULL, link BLOB NOT NULL);"
    /* Only to find one's way: the events tell the same. pruned: 1 is going, 2 is gone. */
    "CREATE TABLE segment(last INTEGER PRIMARY KEY, first INTEGER NOT NULL, link BLOB NOT NULL,"
    " pruned INTEGER NOT NULL);"
    "CREATE TABLE worker(id INTEGER PRIMARY KEY, name TEXT, interface TEXT, pid INTEGER, started INTEGER,"
    " restarts INTEGER, queue INTEGER, packets INTEGER, drops INTEGER, memory INTEGER, at INTEGER,"
    " confined INTEGER);";

static int list(struct store *s, const char *sql, int64_t **ret, size_t *ret_n)
{
    size_t room = 0;
    *ret_n = 0;
    struct stmt *q = db_stmt(s->db, sql);
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        if ((row = ARRAY_ROOM(*ret, room, *ret_n + 1)) < 0)
            break;
        (*ret)[(*ret_n)++] = db_int(q, 0);
    }
    db_done(q);
    return row;
}

/* Each number that a question gives. */
static int for_each(struct store *s, const char *sql, int (*take)(struct store *s, int64_t n))
{
    int64_t *n = NULL;
    size_t count;
    int err = list(s, sql, &n, &count);
    for (size_t i = 0; !err && i < count; i++)
        err = take(s, n[i]);
    free(n);
    return err;
}

static int vouch_run(struct store *s, int64_t run)
{
    return evidence_shown(s, run, REPLACES_NONE);
}

static int begin_names(struct store *s, const char *event, const char *sql)
{
    struct stmt *q = db_stmt(s->db, sql);
    int row;
    while ((row = db_step(s->db, q)) == 1)
        if ((row = evidence_name(s, event, db_int(q, 0), db_text(q, 1))) < 0)
            break;
    db_done(q);
    return row;
}

/* Hours that were cleaned or set aside before, some at a time. */
static int begin_gone(struct store *s, const char *what, const char *sql)
{
    int64_t *hour = NULL;
    size_t n;
    int err = list(s, sql, &hour, &n);
    for (size_t i = 0; !err && i < n;) {
        struct some some = { .count = 0 };
        while (i < n && some.count < EVIDENCE_SOME)
            some.n[some.count++] = hour[i++];
        err = evidence_gone(s, what, &some, NULL, NULL);
    }
    free(hour);
    return err;
}

static int count_of(struct store *s, const char *sql, int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, sql);
    int row = db_step(s->db, q);
    *ret = row == 1 ? db_int(q, 0) : 0;
    db_done(q);
    return row < 0 ? row : 0;
}

/* The first event: how many runs there were, and what the transaction's entries for them amount to. */
static int begin_event(struct store *s)
{
    int64_t runs, days;
    struct sha256 h;
    uint8_t digest[SHA256_BYTES];
    char text[160], hex[SHA256_HEX];
    TRY(count_of(s, "SELECT count(*) FROM run WHERE state=1", &runs));
    TRY(count_of(s, "SELECT count(*) FROM day", &days));
    sha256_begin(&h);
    sha256_add(&h, s->evidence.said.data, s->evidence.said.len);
    sha256_end(&h, digest);
    snprintf(text, sizeof text, "runs=%lld days=%lld digest=%s", (long long)runs, (long long)days,
             sha256_hex(digest, hex));
    return chain_add(s, "begun", text);
}

int chain_begin(struct store *s)
{
    TRY(for_each(s, "SELECT id FROM run WHERE state=1 ORDER BY id", vouch_run));
    TRY(begin_event(s));
    TRY(begin_names(s, "sensor", "SELECT id, name FROM sensor ORDER BY id"));
    TRY(begin_names(s, "label", "SELECT id, name FROM label ORDER BY id"));
    TRY(for_each(s, "SELECT id FROM ingest WHERE state=1 ORDER BY id", evidence_file));
    TRY(for_each(s, "SELECT id FROM coverage WHERE ingest=0 ORDER BY id", evidence_cover_ended));
    TRY(for_each(s, "SELECT start FROM day ORDER BY start", evidence_day));
    TRY(begin_gone(s, "minutes", "SELECT hour FROM cleaned WHERE minutes ORDER BY hour"));
    TRY(begin_gone(s, "flows", "SELECT hour FROM cleaned WHERE flows ORDER BY hour"));
    return begin_gone(s, "damaged", "SELECT hour FROM damaged ORDER BY hour");
}

int schema_migrate(struct store *s)
{
    char mark[64];
    snprintf(mark, sizeof mark, "PRAGMA user_version=%d", SCHEMA);
    TRY(db_exec(s->db, evidence_schema));
    TRY(chain_begin(s));
    return db_exec(s->db, mark);
}
