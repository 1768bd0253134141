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

/*
 * Version 3: sessions at the trap. Instants are microseconds. `session` is what its events tell, one row a session;
 * link and spoken_link are over its events and over what was said, hash over all of it. A batch is the sessions that
 * were opened within about an hour: what the chain vouches for, and what goes, as one. Its state: 0 grows, 1 kept, 2
 * going, 3 gone; seq: the event that vouches for it. A fact is what was decided of a pair (event/record-trap.h).
 */
static const char session_schema[] =
    "ALTER TABLE worker ADD COLUMN sessions INTEGER;"
    "ALTER TABLE worker ADD COLUMN open INTEGER;"
    "ALTER TABLE worker ADD COLUMN refused INTEGER;"
    "ALTER TABLE worker ADD COLUMN shed INTEGER;"
    "ALTER TABLE worker ADD COLUMN failed INTEGER;"
    "ALTER TABLE worker ADD COLUMN unsaid INTEGER;"
    "CREATE TABLE session(id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER,"
    " last INTEGER NOT NULL, source BLOB, source_port INTEGER, destination BLOB, destination_port INTEGER,"
    " service BLOB, persona BLOB, negotiation BLOB, terminal BLOB, logged_in INTEGER, commands INTEGER,"
    " downloads INTEGER, events INTEGER, spoken INTEGER, unspoken INTEGER, link BLOB, spoken_link BLOB, hash BLOB);"
    "CREATE INDEX session_start ON session(start);"
    "CREATE INDEX session_source ON session(source, start);"
    "CREATE INDEX session_of_batch ON session(batch);"
    "CREATE INDEX session_open ON session(last) WHERE end IS NULL;"
    "CREATE TABLE session_batch(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, state INTEGER NOT NULL, seq INTEGER);"
    "CREATE INDEX session_batch_state ON session_batch(state, at);"
    "CREATE TABLE session_event(session INTEGER NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL,"
    " type INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY(session, seq)) WITHOUT ROWID;"
    "CREATE INDEX session_event_type ON session_event(type, time);"
    "CREATE TABLE spoken(session INTEGER NOT NULL, part INTEGER NOT NULL, size INTEGER NOT NULL,"
    " packed INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY(session, part));"
    "CREATE TABLE made(sha256 BLOB PRIMARY KEY, size INTEGER NOT NULL, last INTEGER NOT NULL, blob BLOB NOT NULL);"
    "CREATE INDEX made_last ON made(last);"
    "CREATE TABLE fact(hash INTEGER PRIMARY KEY, accepted INTEGER NOT NULL, until INTEGER NOT NULL);"
    "CREATE INDEX fact_until ON fact(accepted, until);";

/* Version 4: datagrams at the trap. */
static const char datagram_schema[] =
    "ALTER TABLE worker ADD COLUMN datagrams INTEGER;"
    "ALTER TABLE worker ADD COLUMN probes INTEGER;"
    "ALTER TABLE worker ADD COLUMN logins INTEGER;"
    "ALTER TABLE worker ADD COLUMN commands INTEGER;"
    "ALTER TABLE worker ADD COLUMN others INTEGER;"
    "ALTER TABLE worker ADD COLUMN answered INTEGER;"
    "ALTER TABLE worker ADD COLUMN unanswered INTEGER;"
    "ALTER TABLE worker ADD COLUMN untold INTEGER;"
    "ALTER TABLE worker ADD COLUMN lost INTEGER;";

/*
 * Version 5: samples. Instants are microseconds. `report` is what triage told (event/sample.h), packed, `raw` its length; the
 * columns beside it are what is asked by. A band is a part of a signature: those who share one may be alike.
 */
static const char sample_schema[] =
    "CREATE TABLE sample(id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, told INTEGER NOT NULL, kept INTEGER NOT NULL, format TEXT, cpu TEXT, family TEXT, grp TEXT,"
    " raw INTEGER, report BLOB);"
    "CREATE INDEX sample_untold ON sample(id) WHERE told=0 AND kept=1;"
    "CREATE INDEX sample_first ON sample(first);"
    "CREATE INDEX sample_grp ON sample(grp);"
    "CREATE TABLE sample_origin(sample INTEGER NOT NULL, how INTEGER NOT NULL, session INTEGER NOT NULL, url TEXT NOT NULL,"
    " server TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY(sample, session, how, url, server)) WITHOUT ROWID;"
    "CREATE INDEX sample_origin_session ON sample_origin(session);"
    "CREATE INDEX sample_origin_time ON sample_origin(time);"
    "CREATE TABLE sample_band(band INTEGER NOT NULL, hash INTEGER NOT NULL, sample INTEGER NOT NULL,"
    " PRIMARY KEY(band, hash, sample)) WITHOUT ROWID;"
    "CREATE INDEX sample_band_sample ON sample_band(sample);"
    "CREATE TRIGGER sample_gone AFTER DELETE ON sample BEGIN DELETE FROM sample_band WHERE sample=old.id; END;"
    "CREATE TABLE wanted(id INTEGER PRIMARY KEY, url TEXT NOT NULL, agent TEXT NOT NULL, session INTEGER NOT NULL,"
    " depth INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL, address TEXT NOT NULL, tries INTEGER NOT NULL,"
    " added INTEGER NOT NULL, at INTEGER NOT NULL, next INTEGER NOT NULL, sha256 BLOB);"
    "CREATE INDEX wanted_url ON wanted(url, added);"
    "CREATE INDEX wanted_sha256 ON wanted(sha256) WHERE state=1;"
    "CREATE INDEX wanted_next ON wanted(next) WHERE state=0;"
    "CREATE TABLE wanted_try(at INTEGER NOT NULL, wanted INTEGER NOT NULL, address TEXT NOT NULL, network TEXT NOT NULL);"
    "CREATE INDEX wanted_try_at ON wanted_try(at);";

/* Each number that a question gives. */
static int for_each(struct store *s, const char *sql, int (*take)(struct store *s, int64_t n))
{
    int64_t *n = NULL;
    size_t count;
    int err = store_numbers(s, sql, &n, &count);
    for (size_t i = 0; !err && i < count; i++)
        err = take(s, n[i]);
    free(n);
    return err;
}

/* ---- what an older store holds ---- */

/* A run and its hash; `bad` where it cannot be read. */
struct older_run {
    int64_t run;
    struct run_hash hash;
    bool bad;
};

struct older {
    int64_t version; /* of the data, as SQLite counts them */
    struct older_run *run;
    int64_t *bad_day;
    size_t runs, runs_room, bad_days, days_room;
};

void older_free(struct older *o)
{
    if (!o)
        return;
    free(o->run);
    free(o->bad_day);
    free(o);
}

static int read_runs(struct store *s, struct older *o)
{
    int64_t *id = NULL;
    size_t n;
    int err = store_numbers(s, "SELECT id FROM run WHERE state=1 ORDER BY id", &id, &n);
    for (size_t i = 0; !err && i < n; i++) {
        if ((err = ARRAY_ROOM(o->run, o->runs_room, o->runs + 1)) < 0)
            break;
        struct older_run *x = &o->run[o->runs];
        *x = (struct older_run){ .run = id[i] };
        err = hash_run(s, id[i], &x->hash);
        if (err == -EUCLEAN)
            *x = (struct older_run){ .run = id[i], .bad = true };
        o->runs += err <= 0;
        err = err == -EUCLEAN || err == 1 ? 0 : err;
    }
    free(id);
    return err;
}

static int read_days(struct store *s, struct older *o)
{
    int64_t *start = NULL;
    size_t n;
    int err = store_numbers(s, "SELECT start FROM day ORDER BY start", &start, &n);
    for (size_t i = 0; !err && i < n; i++) {
        struct day_hash unused;
        err = hash_day(s, start[i], &unused);
        if (err == -EUCLEAN && (err = ARRAY_ROOM(o->bad_day, o->days_room, o->bad_days + 1)) == 0)
            o->bad_day[o->bad_days++] = start[i];
        err = err == 1 ? 0 : err;
    }
    free(start);
    return err;
}

int older_read(struct older **ret, struct store *s)
{
    struct older *o = calloc(1, sizeof *o);
    if (!o)
        return -ENOMEM;
    int err = store_number(s, "PRAGMA data_version", &o->version);
    if (!err)
        err = read_runs(s, o);
    if (!err)
        err = read_days(s, o);
    if (err) {
        older_free(o);
        return err;
    }
    *ret = o;
    return 0;
}

static int note_hash(struct store *s, const struct older_run *x)
{
    struct stmt *q = db_stmt(s->db, "UPDATE run SET hash=?, minutes=? WHERE id=?");
    db_bind_blob(q, 1, x->hash.content, SHA256_BYTES);
    db_bind_blob(q, 2, x->hash.minutes, SHA256_BYTES);
    db_bind_int(q, 3, x->run);
    return db_run(s->db, q);
}

/* An hour that cannot be read must not cost the others: it is set aside, and has a hash that nothing has. */
static int note_runs(struct store *s, const struct older *o)
{
    for (size_t i = 0; i < o->runs; i++) {
        TRY(note_hash(s, &o->run[i]));
        if (!o->run[i].bad)
            continue;
        struct stmt *q = db_stmt(s->db, "INSERT OR IGNORE INTO damaged SELECT hour FROM run WHERE id=?");
        db_bind_int(q, 1, o->run[i].run);
        TRY(db_run(s->db, q));
    }
    return 0;
}

/* ---- what is told of it ---- */

static int vouch_run(struct store *s, int64_t run)
{
    return evidence_shown(s, run, REPLACES_NONE);
}

/* Of a day that cannot be read nobody tells what it was. */
static int begin_days(struct store *s, const struct older *o)
{
    int64_t *start = NULL;
    size_t n, bad = 0;
    int err = store_numbers(s, "SELECT start FROM day ORDER BY start", &start, &n);
    for (size_t i = 0; !err && i < n; i++) {
        while (o && bad < o->bad_days && o->bad_day[bad] < start[i])
            bad++;
        if (!o || bad == o->bad_days || o->bad_day[bad] != start[i])
            err = evidence_day(s, start[i]);
    }
    free(start);
    return err;
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
    int err = store_numbers(s, sql, &hour, &n);
    for (size_t i = 0; !err && i < n;) {
        struct some some = { .count = 0 };
        while (i < n && some.count < EVIDENCE_SOME)
            some.n[some.count++] = hour[i++];
        err = evidence_gone(s, what, &some, NULL, NULL);
    }
    free(hour);
    return err;
}

/* The first event: how many runs there were, and what the transaction's entries for them amount to. */
static int begin_event(struct store *s)
{
    int64_t runs, days;
    struct sha256 h;
    uint8_t digest[SHA256_BYTES];
    char text[160], hex[SHA256_HEX];
    TRY(store_number(s, "SELECT count(*) FROM run WHERE state=1", &runs));
    TRY(store_number(s, "SELECT count(*) FROM day", &days));
    sha256_begin(&h);
    sha256_add(&h, s->evidence.said.data, s->evidence.said.len);
    sha256_end(&h, digest);
    snprintf(text, sizeof text, "runs=%lld days=%lld digest=%s", (long long)runs, (long long)days,
             sha256_hex(digest, hex));
    return chain_add(s, "begun", text);
}

static int chain_begin(struct store *s, const struct older *o)
{
    TRY(o ? note_runs(s, o) : 0);
    /* Those of a file are vouched for with it. */
    TRY(for_each(s, "SELECT id FROM run WHERE state=1 AND ingest NOT IN (SELECT id FROM ingest WHERE state=1) ORDER BY id",
                 vouch_run));
    TRY(begin_event(s));
    TRY(begin_names(s, "sensor", "SELECT id, name FROM sensor ORDER BY id"));
    TRY(begin_names(s, "label", "SELECT id, name FROM label ORDER BY id"));
    TRY(for_each(s, "SELECT id FROM ingest WHERE state=1 ORDER BY id", evidence_file));
    TRY(for_each(s, "SELECT id FROM coverage WHERE ingest=0 ORDER BY id", evidence_cover_ended));
    TRY(begin_days(s, o));
    TRY(begin_gone(s, "minutes", "SELECT hour FROM cleaned WHERE minutes ORDER BY hour"));
    TRY(begin_gone(s, "flows", "SELECT hour FROM cleaned WHERE flows ORDER BY hour"));
    return begin_gone(s, "damaged", "SELECT hour FROM damaged ORDER BY hour");
}

static int begin_evidence(struct store *s, const struct older *o)
{
    int64_t version;
    TRY(store_number(s, "PRAGMA data_version", &version));
    TRY(db_exec(s->db, evidence_schema));
    return chain_begin(s, o && o->version == version ? o : NULL);
}

int schema_migrate(struct store *s, const struct older *o)
{
    char mark[64];
    snprintf(mark, sizeof mark, "PRAGMA user_version=%d", SCHEMA);
    if (s->version < SCHEMA_EVIDENCE)
        TRY(begin_evidence(s, o));
    if (s->version < SCHEMA_SESSIONS)
        TRY(db_exec(s->db, session_schema));
    if (s->version < SCHEMA_DATAGRAMS)
        TRY(db_exec(s->db, datagram_schema));
    if (s->version < SCHEMA_SAMPLES)
        TRY(db_exec(s->db, sample_schema));
    return db_exec(s->db, mark);
}
