#include "store/replay.h"

#include "base/rd.h"
#include "store/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char tables[] =
    "CREATE TEMP TABLE live_run(run INTEGER PRIMARY KEY, hour INTEGER, level INTEGER, hash BLOB,"
    " minutes BLOB);"
    "CREATE INDEX temp.live_hour ON live_run(hour);"
    "CREATE TEMP TABLE live_cover(id INTEGER PRIMARY KEY, hash BLOB);"
    "CREATE TEMP TABLE live_file(id INTEGER PRIMARY KEY, row BLOB, cover BLOB);"
    "CREATE TEMP TABLE live_day(start INTEGER PRIMARY KEY, row BLOB, sets BLOB);"
    "CREATE TEMP TABLE live_name(kind TEXT, id INTEGER, text TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;"
    "CREATE TEMP TABLE live_session(id INTEGER PRIMARY KEY, batch INTEGER, hash BLOB);"
    "CREATE INDEX temp.live_session_batch ON live_session(batch);"
    "CREATE TEMP TABLE live_batch(id INTEGER PRIMARY KEY, count INTEGER, digest BLOB);"
    "CREATE TEMP TABLE gone_batch(id INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE gone(what TEXT, first INTEGER, last INTEGER);"
    "CREATE INDEX temp.gone_last ON gone(what, last, first);"
    "CREATE TEMP TABLE sealed(last INTEGER PRIMARY KEY, first INTEGER, rows INTEGER, digest BLOB,"
    " event INTEGER);"
    "CREATE TEMP TABLE pruned(last INTEGER PRIMARY KEY, first INTEGER);";

static const uint8_t zeros[SHA256_BYTES];

void check_fault(struct check *c, const char *format, ...)
{
    char text[320];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->v->faults++;
    c->say(c->context, text);
}

struct event {
    int64_t seq, at;
    const char *event, *text; /* borrowed from the statement */
};

static void bad_event(struct check *c, const struct event *e)
{
    check_fault(c, "event %lld (%.20s) tells nothing that makes sense", (long long)e->seq, e->event);
}

/* A link as it is stored; zeros where it is none. */
static void take_link(struct stmt *q, int column, uint8_t ret[static SHA256_BYTES])
{
    size_t n;
    const void *data = db_blob(q, column, &n);
    memcpy(ret, n == SHA256_BYTES ? data : zeros, SHA256_BYTES);
}

/* A statement with up to three numbers and two hashes. */
static int put(struct check *c, const char *sql, int64_t a, int64_t b, int64_t d, const uint8_t *x,
               const uint8_t *y)
{
    struct stmt *q = db_stmt(c->s->db, sql);
    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    db_bind_int(q, 3, d);
    if (x)
        db_bind_blob(q, 4, x, SHA256_BYTES);
    if (y)
        db_bind_blob(q, 5, y, SHA256_BYTES);
    return db_run(c->s->db, q);
}

/* ---- what events say ---- */

static int show_run(struct check *c, int64_t run, int64_t hour, int64_t level, int64_t replaces,
                    const uint8_t *hash, const uint8_t *minutes)
{
    if (replaces != REPLACES_NONE)
        TRY(put(c, "DELETE FROM live_run WHERE hour=?1 AND (?2=-1 OR level=?2) AND ?3=?3", hour, replaces, 0,
                NULL, NULL));
    return put(c, "INSERT OR REPLACE INTO live_run VALUES(?1, ?2, ?3, ?4, ?5)", run, hour, level, hash, minutes);
}

static int apply_run(struct check *c, const struct event *e)
{
    int64_t run, hour, level;
    uint8_t hash[SHA256_BYTES], minutes[SHA256_BYTES];
    char replaces[8];
    if (!chain_field_int(e->text, "run", &run) || !chain_field_int(e->text, "hour", &hour) ||
        !chain_field_int(e->text, "level", &level) || !chain_field_hash(e->text, "hash", hash) ||
        !chain_field_hash(e->text, "minutes", minutes) ||
        !chain_field(e->text, "replaces", replaces, sizeof replaces)) {
        bad_event(c, e);
        return 0;
    }
    return show_run(c, run, hour, level, strcmp(replaces, "all") == 0 ? EVERY_LEVEL : REPLACES_NONE, hash,
                    minutes);
}

/* Events of a number and two hashes. */
static int apply_hashes(struct check *c, const struct event *e, const char *key, const char *a, const char *b,
                        const char *sql)
{
    int64_t n;
    uint8_t x[SHA256_BYTES], y[SHA256_BYTES];
    if (!chain_field_int(e->text, key, &n) || !chain_field_hash(e->text, a, x) ||
        !chain_field_hash(e->text, b, y)) {
        bad_event(c, e);
        return 0;
    }
    return put(c, sql, n, 0, 0, x, y);
}

static int apply_file(struct check *c, const struct event *e)
{
    return apply_hashes(c, e, "id", "row", "cover", "INSERT OR REPLACE INTO live_file SELECT ?1, ?4, ?5"
                                                    " WHERE ?2=?3");
}

static int apply_day(struct check *c, const struct event *e)
{
    return apply_hashes(c, e, "start", "row", "sets", "INSERT OR REPLACE INTO live_day SELECT ?1, ?4, ?5"
                                                      " WHERE ?2=?3");
}

static int put_cover(struct check *c, int64_t id, const uint8_t *hash)
{
    return put(c, "INSERT OR REPLACE INTO live_cover SELECT ?1, ?4 WHERE ?2=?3", id, 0, 0, hash, NULL);
}

static int apply_cover(struct check *c, const struct event *e)
{
    int64_t id;
    uint8_t hash[SHA256_BYTES];
    if (chain_field_int(e->text, "id", &id) && chain_field_hash(e->text, "hash", hash))
        return put_cover(c, id, hash);
    bad_event(c, e);
    return 0;
}

static int apply_name(struct check *c, const struct event *e)
{
    int64_t id;
    if (!chain_field_int(e->text, "id", &id)) {
        bad_event(c, e);
        return 0;
    }
    struct stmt *q = db_stmt(c->s->db, "INSERT OR REPLACE INTO live_name VALUES(?, ?, ?)");
    db_bind_text(q, 1, e->event);
    db_bind_int(q, 2, id);
    db_bind_text(q, 3, e->text);
    return db_run(c->s->db, q);
}

/* The text of a key, owned; NULL where there is none. */
static char *long_field(const char *text, const char *key)
{
    size_t room = strlen(text) + 1;
    char *value = malloc(room);
    if (value && !chain_field(text, key, value, room))
        value[0] = '\0';
    return value;
}

static int each_range(struct check *c, const struct event *e, const char *key, const char *sql)
{
    char *value = long_field(e->text, key);
    if (!value)
        return -ENOMEM;
    int64_t first, last;
    int err = 0;
    const char *at = value;
    while (!err && *at) {
        if (!chain_range(&at, &first, &last)) {
            bad_event(c, e);
            break;
        }
        err = put(c, sql, first, last, 0, zeros, NULL);
    }
    free(value);
    return err;
}

static int note_gone(struct check *c, const struct event *e, const char *what)
{
    char *value = long_field(e->text, "hours");
    if (!value)
        return -ENOMEM;
    int64_t first, last;
    int err = 0;
    for (const char *at = value; !err && *at && chain_range(&at, &first, &last);) {
        struct stmt *q = db_stmt(c->s->db, "INSERT INTO gone VALUES(?, ?, ?)");
        db_bind_text(q, 1, what);
        db_bind_int(q, 2, first);
        db_bind_int(q, 3, last);
        err = db_run(c->s->db, q);
    }
    free(value);
    return err;
}

static int apply_cleaned(struct check *c, const struct event *e)
{
    char what[16];
    if (!chain_field(e->text, "what", what, sizeof what)) {
        bad_event(c, e);
        return 0;
    }
    if (strcmp(what, "flows") == 0)
        TRY(each_range(c, e, "runs",
                       "DELETE FROM live_run WHERE run BETWEEN ?1 AND ?2 AND ?3=0 AND ?4 NOTNULL"));
    else if (strcmp(what, "minutes") == 0)
        TRY(each_range(c, e, "runs", "UPDATE live_run SET minutes=?4 WHERE run BETWEEN ?1 AND ?2 AND ?3=0"));
    else if (strcmp(what, "sets") == 0)
        TRY(each_range(c, e, "days", "UPDATE live_day SET sets=?4 WHERE start BETWEEN ?1 AND ?2 AND ?3=0"));
    else if (strcmp(what, "days") == 0)
        TRY(each_range(c, e, "days",
                       "DELETE FROM live_day WHERE start BETWEEN ?1 AND ?2 AND ?3=0 AND ?4 NOTNULL"));
    return note_gone(c, e, what);
}

/* "3:HEX,9:HEX" */
static int apply_segment(struct check *c, const struct event *e)
{
    char *value = long_field(e->text, "cover"), *save = NULL;
    if (!value)
        return -ENOMEM;
    int err = 0;
    for (char *part = strtok_r(value, ",", &save); part && !err; part = strtok_r(NULL, ",", &save)) {
        uint8_t hash[SHA256_BYTES];
        char *hex = strchr(part, ':');
        if (hex && sha256_parse(hex + 1, hash))
            err = put_cover(c, strtoll(part, NULL, 10), hash);
        else
            bad_event(c, e);
    }
    free(value);
    return err;
}

/* A batch of sessions is as this event says, from here on. */
static int apply_sessions(struct check *c, const struct event *e)
{
    int64_t batch, count;
    uint8_t digest[SHA256_BYTES];
    if (!chain_field_int(e->text, "batch", &batch) || !chain_field_int(e->text, "count", &count) ||
        !chain_field_hash(e->text, "digest", digest)) {
        bad_event(c, e);
        return 0;
    }
    TRY(put(c, "INSERT OR REPLACE INTO live_batch SELECT ?1, ?2, ?4 WHERE ?3=0", batch, count, 0, digest, NULL));
    return put(c, "DELETE FROM live_session WHERE batch=?1 AND ?2=?3", batch, 0, 0, NULL, NULL);
}

static int apply_sessions_gone(struct check *c, const struct event *e)
{
    int64_t batch;
    if (!chain_field_int(e->text, "batch", &batch)) {
        bad_event(c, e);
        return 0;
    }
    TRY(put(c, "DELETE FROM live_batch WHERE id=?1 AND ?2=?3", batch, 0, 0, NULL, NULL));
    return put(c, "INSERT OR REPLACE INTO gone_batch SELECT ?1 WHERE ?2=?3", batch, 0, 0, NULL, NULL);
}

static int apply_altered(struct check *c, const struct event *e)
{
    check_fault(c, "event %lld: upkeep met what had been altered: %.200s", (long long)e->seq, e->text);
    return 0;
}

static int apply_event(struct check *c, const struct event *e)
{
    static const struct {
        const char *event;
        int (*apply)(struct check *c, const struct event *e);
    } rows[] = {
        { "run", apply_run },         { "file", apply_file },       { "day", apply_day },
        { "coverage", apply_cover },  { "sensor", apply_name },     { "label", apply_name },
        { "cleaned", apply_cleaned }, { "segment", apply_segment }, { "altered", apply_altered },
        { "sessions", apply_sessions }, { "sessions-gone", apply_sessions_gone },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].event, e->event) == 0)
            return rows[i].apply(c, e);
    return 0;
}

/* ---- the chain's links ---- */

/* Seals and what was given up, which the vouch stream is read by. */
static int collect_segment(struct check *c, const struct event *e)
{
    int64_t first, last, rows;
    uint8_t digest[SHA256_BYTES];
    if (!chain_field_int(e->text, "first", &first) || !chain_field_int(e->text, "last", &last) ||
        !chain_field_int(e->text, "rows", &rows) || !chain_field_hash(e->text, "digest", digest)) {
        bad_event(c, e);
        return 0;
    }
    c->v->segments++;
    struct stmt *q = db_stmt(c->s->db, "INSERT OR REPLACE INTO sealed VALUES(?, ?, ?, ?, ?)");
    db_bind_int(q, 1, last);
    db_bind_int(q, 2, first);
    db_bind_int(q, 3, rows);
    db_bind_blob(q, 4, digest, SHA256_BYTES);
    db_bind_int(q, 5, e->seq);
    TRY(db_run(c->s->db, q));
    return each_range(c, e, "pruned", "INSERT OR REPLACE INTO pruned SELECT ?2, ?1 WHERE ?3=0 AND ?4 NOTNULL");
}

static void take_event(struct stmt *q, struct event *ret)
{
    *ret = (struct event){ db_int(q, 0), db_int(q, 1), db_text(q, 2), db_text(q, 3) };
}

static const char events_sql[] = "SELECT seq, at, event, text, link FROM event ORDER BY seq";

static int check_event(struct check *c, const struct event *e, const uint8_t before[static SHA256_BYTES],
                       const uint8_t link[static SHA256_BYTES])
{
    uint8_t want[SHA256_BYTES];
    if (e->seq != c->events + 1)
        check_fault(c, "event %lld is missing", (long long)c->events + 1);
    chain_link(before, e->seq, e->at, e->event, e->text, want);
    if (memcmp(want, link, SHA256_BYTES) != 0)
        check_fault(c, "event %lld (%.20s) is not what was linked", (long long)e->seq, e->event);
    c->events = e->seq;
    c->v->events++;
    return strcmp(e->event, "segment") == 0 ? collect_segment(c, e) : 0;
}

static int check_events(struct check *c)
{
    uint8_t before[SHA256_BYTES] = { 0 };
    struct stmt *q = db_stmt(c->s->db, events_sql);
    int row, err = 0;
    while (!err && (row = db_step(c->s->db, q)) != 0) {
        struct event e;
        uint8_t link[SHA256_BYTES];
        if (row < 0) {
            err = row;
            break;
        }
        take_event(q, &e);
        take_link(q, 4, link);
        err = check_event(c, &e, before, link);
        memcpy(before, link, SHA256_BYTES);
    }
    db_done(q);
    memcpy(c->v->head, before, SHA256_BYTES);
    if (!err && c->v->events == 0)
        check_fault(c, "the chain is gone");
    return err;
}

/* ---- the vouch stream ---- */

struct stream {
    struct stmt *q;
    int row; /* what db_step() gave */
    int64_t seq, after;
    int64_t before; /* number of the row before; 0: none was read */
    uint8_t link[SHA256_BYTES]; /* of that */
};

static int read_row(struct check *c, struct stream *v)
{
    v->row = db_step(c->s->db, v->q);
    if (v->row == 1) {
        v->seq = db_int(v->q, 0);
        v->after = db_int(v->q, 2);
    }
    return v->row < 0 ? v->row : 0;
}

/* Whether rows around here were given up: those that are left say nothing. */
static int is_pruned(struct check *c, int64_t seq)
{
    struct stmt *q = db_stmt(c->s->db, "SELECT first <= ?1 FROM pruned WHERE last >= ?1 ORDER BY last LIMIT 1");
    db_bind_int(q, 1, seq);
    int row = db_step(c->s->db, q);
    int pruned = row == 1 ? db_int(q, 0) != 0 : row;
    db_done(q);
    return pruned;
}

/* The link before a row whose forerunner was not read: that of a seal. 1; 0 where nothing tells it. */
static int link_before(struct check *c, struct stream *v)
{
    if (v->before == v->seq - 1)
        return 1;
    struct stmt *q = db_stmt(c->s->db, "SELECT digest FROM sealed WHERE last=?");
    db_bind_int(q, 1, v->seq - 1);
    int row = db_step(c->s->db, q);
    if (row == 1)
        take_link(q, 0, v->link);
    db_done(q);
    return row;
}

static int check_row(struct check *c, struct stream *v, const void *said, size_t n)
{
    uint8_t want[SHA256_BYTES], link[SHA256_BYTES];
    int known = link_before(c, v);
    TRY(known);
    take_link(v->q, 4, link);
    vouch_link(v->link, v->seq, db_int(v->q, 1), v->after, said, n, want);
    if (!known)
        check_fault(c, "vouch row %lld: rows before it are missing", (long long)v->seq);
    else if (memcmp(want, link, SHA256_BYTES) != 0)
        check_fault(c, "vouch row %lld is not what was linked", (long long)v->seq);
    if (v->after > c->events)
        check_fault(c, "vouch row %lld is younger than the chain's end: events are missing", (long long)v->seq);
    memcpy(v->link, link, SHA256_BYTES);
    v->before = v->seq;
    return 0;
}

static int apply_entry(struct check *c, const struct vouch *x)
{
    if (x->kind == VOUCH_RUN)
        return show_run(c, x->id, x->hour, x->level, x->replaces, x->hash, x->minutes);
    if (x->kind == VOUCH_COVER)
        return put_cover(c, x->id, x->hash);
    return put(c, "INSERT OR REPLACE INTO live_session SELECT ?1, ?2, ?4 WHERE ?3=0", x->id, x->batch, 0, x->hash,
               NULL);
}

static int apply_row(struct check *c, struct stream *v)
{
    size_t n;
    int pruned = is_pruned(c, v->seq);
    if (pruned)
        return pruned < 0 ? pruned : 0;
    const void *said = db_blob(v->q, 3, &n);
    TRY(check_row(c, v, said, n));
    struct rd r = rd_init(said, n);
    struct vouch x;
    int more;
    while ((more = vouch_next(&r, &x)) == 1) {
        TRY(apply_entry(c, &x));
    }
    if (more < 0)
        check_fault(c, "vouch row %lld tells nothing that makes sense", (long long)v->seq);
    return 0;
}

/* Rows that came before an event. */
static int apply_rows(struct check *c, struct stream *v, int64_t before)
{
    while (v->row == 1 && v->after < before) {
        TRY(apply_row(c, v));
        TRY(read_row(c, v));
    }
    return 0;
}

static int apply_all(struct check *c, struct stmt *q, struct stream *v)
{
    int row, err = read_row(c, v);
    while (!err && (row = db_step(c->s->db, q)) != 0) {
        struct event e;
        if (row < 0)
            return row;
        take_event(q, &e);
        err = apply_rows(c, v, e.seq);
        if (!err)
            err = apply_event(c, &e);
    }
    return err ? err : apply_rows(c, v, INT64_MAX);
}

static int apply_streams(struct check *c)
{
    struct stmt *q = db_stmt(c->s->db, events_sql);
    struct stream v = { .q = db_stmt(c->s->db, "SELECT seq, at, after, said, link FROM vouch ORDER BY seq") };
    int err = apply_all(c, q, &v);
    db_done(q);
    db_done(v.q);
    return err;
}

/* Sealed rows that nobody gave up are all there, and end as the seal says. */
static int check_seals(struct check *c)
{
    struct stmt *q = db_stmt(c->s->db, "SELECT event, rows=(SELECT count(*) FROM vouch WHERE seq BETWEEN"
                                       " s.first AND s.last), digest=(SELECT link FROM vouch WHERE seq=s.last)"
                                       " FROM sealed s WHERE NOT EXISTS (SELECT 1 FROM pruned p"
                                       " WHERE p.last=s.last AND p.first=s.first) ORDER BY event");
    int row;
    while ((row = db_step(c->s->db, q)) == 1)
        if (!db_int(q, 1) || !db_int(q, 2))
            check_fault(c, "the segment that event %lld sealed lacks rows, or has others",
                        (long long)db_int(q, 0));
    db_done(q);
    return row;
}

int replay(struct check *c)
{
    TRY(db_exec(c->s->db, tables));
    TRY(check_events(c));
    TRY(apply_streams(c));
    return check_seals(c);
}
