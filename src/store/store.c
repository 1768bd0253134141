#include "store/evidence.h"
#include "store/inside.h"
#include "store/session.h"

#include "base/time.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRANSACTION_MS = 60, TRANSACTION_BYTES = 8 << 20, SAID_MOST = 256 << 20 };

/*
 * log is the one append-only table: what is observed, and what ships. Chunks of level 0 lie in it; those
 * of higher levels, which come of merging, lie in chunk.blob.
 */
static const char schema[] =
    "CREATE TABLE sensor(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE label(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE ingest(id INTEGER PRIMARY KEY AUTOINCREMENT, sensor INTEGER, name TEXT, state INTEGER,"
    " digest BLOB, pid INTEGER, pid_start INTEGER, at INTEGER);"
    "CREATE INDEX ingest_digest ON ingest(digest);"
    "CREATE TABLE log(seq INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, blob BLOB NOT NULL);"
    "CREATE TABLE run(id INTEGER PRIMARY KEY, sensor INTEGER, ingest INTEGER, hour INTEGER,"
    " level INTEGER, state INTEGER, flows INTEGER, packets INTEGER, at INTEGER);"
    "CREATE INDEX run_hour ON run(hour, state, level);"
    "CREATE INDEX run_ingest ON run(ingest) WHERE ingest > 0;"
    "CREATE TABLE chunk(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, first INTEGER, last INTEGER,"
    " family INTEGER, flows INTEGER, packets INTEGER, seq INTEGER, blob BLOB);"
    "CREATE INDEX chunk_run ON chunk(run, family, first, last);"
    "CREATE TABLE summary(run INTEGER PRIMARY KEY, totals BLOB, census BLOB);"
    "CREATE TABLE minute(run INTEGER PRIMARY KEY, hour INTEGER, blob BLOB);"
    "CREATE INDEX minute_hour ON minute(hour);"
    "CREATE TABLE coverage(id INTEGER PRIMARY KEY, sensor INTEGER, ingest INTEGER, start INTEGER,"
    " end INTEGER, addresses INTEGER, estimated INTEGER, dark INTEGER, packets INTEGER, drops INTEGER);"
    "CREATE INDEX coverage_end ON coverage(end);"
    "CREATE TABLE day(start INTEGER PRIMARY KEY, end INTEGER, zone TEXT, totals BLOB, census BLOB);"
    "CREATE TABLE day_sources(start INTEGER, scope INTEGER, blob BLOB, PRIMARY KEY(start, scope))"
    " WITHOUT ROWID;"
    "CREATE TABLE cleaned(hour INTEGER PRIMARY KEY, minutes INTEGER, flows INTEGER);"
    "CREATE TABLE damaged(hour INTEGER PRIMARY KEY);"; /* hours that upkeep leaves alone */

int store_refuse(struct store *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->why, sizeof s->why, format, args);
    va_end(args);
    return STORE_REFUSED;
}

const char *store_why(const struct store *s)
{
    return s->why[0] ? s->why : db_why(s->db);
}

static int make_schema(struct store *s)
{
    char mark[64];
    snprintf(mark, sizeof mark, "PRAGMA application_id=%d;", APPLICATION_ID);
    TRY(db_exec(s->db, schema));
    return db_exec(s->db, mark);
}

/* Makes the tables where there are none, and brings old ones up to date. */
static int make_tables(struct store *s, const struct older *older)
{
    TRY(store_begin(s));
    TRY(store_number(s, "PRAGMA user_version", &s->version)); /* perhaps somebody was faster */
    if (s->version == 0)
        TRY(make_schema(s));
    if (s->version < SCHEMA)
        TRY(schema_migrate(s, older));
    s->version = SCHEMA;
    return store_commit(s);
}

static int bring_up(struct store *s, bool older)
{
    struct older *o = NULL;
    int err = older ? older_read(&o, s) : 0;
    if (!err)
        err = make_tables(s, o);
    older_free(o);
    return err;
}

static int check_schema(struct store *s)
{
    int64_t id, version, tables;
    TRY(store_number(s, "PRAGMA application_id", &id));
    TRY(store_number(s, "PRAGMA user_version", &version));
    TRY(store_number(s, "SELECT count(*) FROM sqlite_master", &tables));
    if (id == 0 && version == 0 && tables == 0)
        return s->writing ? bring_up(s, false) : -ENOENT;
    if (id != APPLICATION_ID)
        return STORE_NOT_OURS;
    if (version > SCHEMA)
        return STORE_NEWER;
    s->version = version;
    return s->writing && version < SCHEMA ? bring_up(s, version < SCHEMA_EVIDENCE) : 0;
}

/* Before a file is written to, which alone changes it: whether it is ours. */
static int look_first(struct store *s)
{
    if (access(s->path, F_OK) != 0)
        return 0;
    s->writing = false;
    int err = db_open(&s->db, s->path, DB_READ);
    if (!err)
        err = check_schema(s);
    db_close(s->db);
    s->db = NULL;
    s->writing = true;
    return err == -ENOENT ? 0 : err;
}

int store_live_small(struct store *s)
{
    return db_exec(s->db, "PRAGMA cache_size=-4096");
}

bool store_is_partial(const struct store *s)
{
    return db_is_partial(s->db);
}

int store_hand_over(const struct store *s, int fd)
{
    struct stat db, st;
    if (geteuid() != 0)
        return 0;
    if (stat(s->path, &db) < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (st.st_uid != 0 || db.st_uid == 0 || (S_ISREG(st.st_mode) && st.st_nlink > 1))
        return 0;
    return fchown(fd, db.st_uid, db.st_gid) < 0 ? -errno : 0;
}

/* A store that root begins in a service's folder is the service's: SQLite gives what it makes beside it to the same
 * owner. */
static int begin_as_owner(const struct store *s, const char *state)
{
    struct stat folder;
    if (!s->writing || geteuid() != 0 || stat(state, &folder) < 0 || folder.st_uid == 0)
        return 0;
    int fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    int err = fchown(fd, folder.st_uid, folder.st_gid) < 0 ? -errno : 0;
    close(fd);
    return err;
}

int store_open(struct store **ret, const char *state, enum store_mode mode)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->writing = mode == STORE_WRITE;
    s->session_rules = (struct session_rules){ .remember = 7 * 86400, .transcript = 256 << 10 };
    buf_init(&s->evidence.said, SAID_MOST);
    int err = 0;
    if ((size_t)snprintf(s->path, sizeof s->path, "%s/teiten.db", state) >= sizeof s->path)
        err = -ENAMETOOLONG;
    if (!err)
        err = zstd_packer_make(&s->zstd);
    if (!err)
        err = chunk_codec_make(&s->codec);
    if (!err && s->writing)
        err = look_first(s);
    if (!err)
        err = begin_as_owner(s, state);
    if (!err)
        err = db_open(&s->db, s->path, mode == STORE_WRITE ? DB_WRITE : DB_READ);
    if (!err)
        err = check_schema(s);
    if (err) {
        store_close(s);
        return err;
    }
    *ret = s;
    return 0;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->db && s->in_transaction)
        store_rollback(s);
    db_close(s->db);
    chunk_codec_free(s->codec);
    zstd_packer_free(s->zstd);
    sittings_release(s);
    evidence_release(s);
    free(s);
}

/* ---- transactions ---- */

int store_begin(struct store *s)
{
    if (s->in_transaction)
        return 0;
    TRY(db_exec(s->db, "BEGIN IMMEDIATE"));
    s->in_transaction = true;
    s->began = time_mono();
    s->written = 0;
    return 0;
}

int store_commit(struct store *s)
{
    if (!s->in_transaction)
        return 0;
    TRY(sittings_write(s));
    TRY(facts_write(s));
    TRY(evidence_commit(s));
    TRY(db_exec(s->db, "COMMIT"));
    s->in_transaction = false;
    return 0;
}

int store_commit_due(struct store *s)
{
    bool due = s->written >= TRANSACTION_BYTES ||
               time_mono() - s->began >= TRANSACTION_MS * UINT64_C(1000000);
    return s->in_transaction && due ? store_commit(s) : 0;
}

void store_rollback(struct store *s)
{
    if (s->in_transaction)
        db_rollback(s->db);
    s->in_transaction = false;
    sittings_release(s);
    s->facts_added = false;
    evidence_rollback(s);
}

/* ---- names ---- */

/* The number of a name in a table of (id, name): found, or made up to max (0: no bound). */
static int name_number(struct store *s, const char *kind, const char *find, const char *make,
                       const char *name, int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, find);
    db_bind_text(q, 1, name);
    int row = db_step(s->db, q);
    if (row == 1)
        *ret = db_int(q, 0);
    db_done(q);
    if (row)
        return row < 0 ? row : 0;
    TRY(store_begin(s));
    q = db_stmt(s->db, make);
    db_bind_text(q, 1, name);
    TRY(db_run(s->db, q));
    *ret = db_changes(s->db) ? db_last_id(s->db) : 0;
    return *ret ? evidence_name(s, kind, *ret, name) : 0;
}

int store_label_number(struct store *s, const char *label, unsigned *ret)
{
    int64_t number = 0;
    TRY(name_number(s, "label", "SELECT id FROM label WHERE name=?",
                    "INSERT INTO label(name) SELECT ?1 WHERE (SELECT count(*) FROM label) < 127", label,
                    &number));
    *ret = (unsigned)number;
    return 0;
}

int store_sensor_number(struct store *s, const char *name, int64_t *ret)
{
    return name_number(s, "sensor", "SELECT id FROM sensor WHERE name=?", "INSERT INTO sensor(name) VALUES(?)",
                       name, ret);
}

const char *store_label_name(struct store *s, unsigned number)
{
    struct stmt *q = db_stmt(s->db, "SELECT name FROM label WHERE id=?");
    db_bind_int(q, 1, number);
    int row = db_step(s->db, q);
    snprintf(s->label, sizeof s->label, "%s", row == 1 ? db_text(q, 0) : "");
    db_done(q);
    return s->label;
}

int store_label_find(struct store *s, const char *name, unsigned *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT id FROM label WHERE name=? COLLATE NOCASE");
    db_bind_text(q, 1, name);
    int row = db_step(s->db, q);
    if (row == 1)
        *ret = (unsigned)db_int(q, 0);
    db_done(q);
    return row < 0 ? row : row == 1 ? 0 : 1;
}

/* ---- facts ---- */

static uint64_t file_size(const char *path, const char *suffix)
{
    char name[4200];
    struct stat st;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return stat(name, &st) == 0 ? (uint64_t)st.st_size : 0;
}

int store_bounds(struct store *s, struct store_facts *ret)
{
    struct store_facts f = { 0 };
    TRY(store_number(s,
               "SELECT min(start) FROM coverage WHERE ingest=0 OR ingest IN"
               " (SELECT id FROM ingest WHERE state=1)",
               &f.first));
    TRY(store_number(s,
               "SELECT max(end) FROM coverage WHERE ingest=0 OR ingest IN"
               " (SELECT id FROM ingest WHERE state=1)",
               &f.last));
    TRY(store_number(s, "SELECT (max(hour)+1)*3600 FROM cleaned WHERE flows", &f.flows_from));
    TRY(store_number(s, "SELECT (max(hour)+1)*3600 FROM cleaned WHERE minutes", &f.minutes_from));
    *ret = f;
    return 0;
}

int store_facts(struct store *s, struct store_facts *ret)
{
    struct store_facts f;
    TRY(store_bounds(s, &f));
    struct stmt *q = db_stmt(s->db, "SELECT count(*), total(flows), total(packets) FROM run WHERE state=1");
    int row = db_step(s->db, q);
    if (row == 1) {
        f.runs = (uint64_t)db_int(q, 0);
        f.flows = (uint64_t)db_int(q, 1);
        f.packets = (uint64_t)db_int(q, 2);
    }
    db_done(q);
    TRY(row);
    int64_t v, page;
    TRY(store_number(s, "SELECT count(*) FROM run r JOIN chunk c ON c.run=r.id WHERE r.state=1", &v));
    f.chunks = (uint64_t)v;
    TRY(store_number(s, "SELECT count(*) FROM ingest WHERE state=1", &v));
    f.files = (uint64_t)v;
    TRY(store_number(s, "PRAGMA freelist_count", &v));
    TRY(store_number(s, "PRAGMA page_size", &page));
    f.free_bytes = (uint64_t)(v * page);
    f.bytes = file_size(s->path, "") + file_size(s->path, "-wal");
    TRY(store_number(s, "SELECT count(*) FROM damaged", &v));
    f.damaged_hours = (uint64_t)v;
    *ret = f;
    return 0;
}

static const char sensors_sql[] =
    "SELECT s.name, min(c.start), max(c.end), max(c.addresses), max(c.estimated), min(c.dark),"
    " total(c.packets), total(c.drops) FROM sensor s JOIN coverage c ON c.sensor=s.id"
    " WHERE c.ingest=0 OR c.ingest IN (SELECT id FROM ingest WHERE state=1)"
    " GROUP BY s.id ORDER BY s.name";

static void take_sensor(struct stmt *q, struct sensor_facts *f)
{
    snprintf(f->name, sizeof f->name, "%s", db_text(q, 0));
    f->coverage = (struct coverage){ .start = db_int(q, 1),
                                     .end = db_int(q, 2),
                                     .addresses = (uint64_t)db_int(q, 3),
                                     .estimated = db_int(q, 4) != 0,
                                     .dark = db_int(q, 5) != 0,
                                     .packets = (uint64_t)db_int(q, 6),
                                     .drops = (uint64_t)db_int(q, 7) };
}

int store_sensors(struct store *s, struct sensor_facts **ret, size_t *ret_n)
{
    struct sensor_facts *item = NULL;
    size_t n = 0;
    struct stmt *q = db_stmt(s->db, sensors_sql);
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        struct sensor_facts *more = realloc(item, (n + 1) * sizeof *item);
        if (!more) {
            row = -ENOMEM;
            break;
        }
        item = more;
        take_sensor(q, &item[n++]);
    }
    db_done(q);
    if (row < 0) {
        free(item);
        return row;
    }
    *ret = item;
    *ret_n = n;
    return 0;
}
