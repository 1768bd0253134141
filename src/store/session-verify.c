/*
 * Sessions against what the evidence says of them.
 */
#include "base/rd.h"
#include "store/replay.h"
#include "store/session.h"

#include <stdlib.h>
#include <string.h>

/* The batch whose sessions are being checked. */
struct running {
    int64_t batch; /* 0: none */
    bool kept, gone;
    int64_t count; /* that were kept, and their digest */
    uint8_t digest[SHA256_BYTES];
    struct batch_digest now;
    uint64_t faults; /* before this batch */
};

/* A question with one number: its row's first column and, where there is one, a hash. 1 or 0. */
static int ask(struct check *c, const char *sql, int64_t n, int64_t *ret, uint8_t *ret_hash)
{
    struct stmt *q = db_stmt(c->s->db, sql);
    db_bind_int(q, 1, n);
    int row = db_step(c->s->db, q);
    size_t len = 0;
    if (row == 1) {
        *ret = db_int(q, 0);
        const void *hash = ret_hash ? db_blob(q, 1, &len) : NULL;
        if (ret_hash)
            memset(ret_hash, 0, SHA256_BYTES);
        if (len == SHA256_BYTES)
            memcpy(ret_hash, hash, len);
    }
    db_done(q);
    return row;
}

static int begin_batch(struct check *c, struct running *r, int64_t batch)
{
    int64_t unused;
    *r = (struct running){ .batch = batch, .faults = c->v->faults };
    batch_begin(&r->now);
    int found = ask(c, "SELECT count, digest FROM live_batch WHERE id=?", batch, &r->count, r->digest);
    TRY(found);
    r->kept = found;
    found = ask(c, "SELECT id FROM gone_batch WHERE id=?", batch, &unused, NULL);
    TRY(found);
    r->gone = found;
    return 0;
}

/* Where no single session is at fault, the batch as a whole may be. */
static void end_batch(struct check *c, struct running *r)
{
    uint8_t digest[SHA256_BYTES];
    if (!r->batch || !r->kept || r->gone)
        return;
    sha256_end(&r->now.sha, digest);
    if (r->now.count != r->count)
        check_fault(c, "batch %lld has %lld sessions, where %lld were kept", (long long)r->batch,
                    (long long)r->now.count, (long long)r->count);
    else if (memcmp(digest, r->digest, SHA256_BYTES) != 0 && c->v->faults == r->faults)
        check_fault(c, "sessions of batch %lld are not what was kept", (long long)r->batch);
}

static void check_hash(struct check *c, struct running *r, uint64_t id, const uint8_t hash[static SHA256_BYTES],
                       const uint8_t row_hash[static SHA256_BYTES], int known, const uint8_t told[static SHA256_BYTES])
{
    batch_add(&r->now, id, hash);
    if (!r->kept && !known)
        check_fault(c, "session %016llx: nothing vouches for it", (unsigned long long)id);
    else if (memcmp(hash, row_hash, SHA256_BYTES) != 0 || (!r->kept && memcmp(hash, told, SHA256_BYTES) != 0))
        check_fault(c, "session %016llx is not what was kept", (unsigned long long)id);
}

static int check_session(struct check *c, struct running *r, uint64_t id, const uint8_t row_hash[static SHA256_BYTES])
{
    uint8_t hash[SHA256_BYTES], told[SHA256_BYTES] = { 0 };
    uint64_t bytes;
    int64_t unused;
    if (r->gone) /* upkeep is about to delete it */
        return 0;
    int known = ask(c, "SELECT id, hash FROM live_session WHERE id=?", (int64_t)id, &unused, told);
    TRY(known);
    int err = session_hash(c->s, id, hash, &bytes);
    c->v->sessions++;
    c->v->bytes += bytes;
    if (is_damage(err)) {
        check_fault(c, "session %016llx cannot be read", (unsigned long long)id);
        return 0;
    }
    TRY(err);
    check_hash(c, r, id, hash, row_hash, known, told);
    if (c->v->sessions % 64 == 0)
        c->say(c->context, NULL);
    return 0;
}

static int check_each(struct check *c)
{
    struct running r = { .batch = 0 };
    struct stmt *q = db_stmt(c->s->db, "SELECT batch, id, hash FROM session ORDER BY batch, id");
    int row, err = 0;
    while (!err && (row = db_step(c->s->db, q)) != 0) {
        uint8_t hash[SHA256_BYTES] = { 0 };
        size_t n = 0;
        const void *data = row < 0 ? NULL : db_blob(q, 2, &n);
        if (n == SHA256_BYTES)
            memcpy(hash, data, n);
        err = row < 0 ? row : 0;
        if (!err && db_int(q, 0) != r.batch) {
            end_batch(c, &r);
            err = begin_batch(c, &r, db_int(q, 0));
        }
        if (!err)
            err = check_session(c, &r, (uint64_t)db_int(q, 1), hash);
    }
    db_done(q);
    if (!err)
        end_batch(c, &r);
    return err;
}

/* ---- what is missing, and what belongs to nothing ---- */

static int check_missing(struct check *c)
{
    static const char *const fault[] = {
        "SELECT 'session ' || printf('%016x', id) || ' is missing' FROM live_session WHERE batch NOT IN"
        " (SELECT id FROM gone_batch) AND id NOT IN (SELECT id FROM session)",
        "SELECT 'batch ' || id || ' of sessions is missing' FROM live_batch WHERE count > 0 AND id NOT IN"
        " (SELECT batch FROM session)",
        "SELECT 'batch ' || id || ' of sessions is marked as cleaned, and was not' FROM session_batch WHERE state > 1"
        " AND id NOT IN (SELECT id FROM gone_batch)",
        "SELECT 'batch ' || g.id || ' of sessions was cleaned, and is not marked so' FROM gone_batch g"
        " LEFT JOIN session_batch b ON b.id=g.id WHERE coalesce(b.state, 0) < 2",
        "SELECT n || ' events belong to no session' FROM (SELECT count(*) AS n FROM session_event WHERE session NOT IN"
        " (SELECT id FROM session)) WHERE n > 0",
        "SELECT n || ' parts of transcripts belong to no session' FROM (SELECT count(*) AS n FROM spoken WHERE session"
        " NOT IN (SELECT id FROM session)) WHERE n > 0",
    };
    for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
        struct stmt *q = db_stmt(c->s->db, fault[i]);
        int row;
        while ((row = db_step(c->s->db, q)) == 1)
            check_fault(c, "%s", db_text(q, 0));
        db_done(q);
        TRY(row);
    }
    return 0;
}

/* ---- made files ---- */

static int check_content(struct check *c, const uint8_t name[static SHA256_BYTES])
{
    struct buf content;
    struct sha256 h;
    uint8_t hash[SHA256_BYTES];
    char hex[SHA256_HEX];
    buf_init(&content, 1 << 20);
    int none = store_made(c->s, name, &content);
    if (none < 0)
        buf_reset(&content);
    sha256_begin(&h);
    sha256_add(&h, content.data, content.len);
    sha256_end(&h, hash);
    if (is_damage(none) || (!none && memcmp(hash, name, SHA256_BYTES) != 0))
        check_fault(c, "made file %s is not what its name says", sha256_hex(name, hex));
    c->v->bytes += content.len;
    buf_release(&content);
    return none > 0 || is_damage(none) ? 0 : none;
}

static int check_names(struct check *c)
{
    struct stmt *q = db_stmt(c->s->db, "SELECT sha256 FROM made");
    int row, err = 0;
    while (!err && (row = db_step(c->s->db, q)) != 0) {
        size_t n = 0;
        const void *name = row < 0 ? NULL : db_blob(q, 0, &n);
        if (row < 0)
            err = row;
        else if (n == SHA256_BYTES)
            err = check_content(c, name);
        else
            check_fault(c, "a made file has no hash as its name");
    }
    db_done(q);
    return err;
}

static int check_is_there(struct check *c, const uint8_t name[static SHA256_BYTES])
{
    char hex[SHA256_HEX];
    struct stmt *q = db_stmt(c->s->db, "SELECT 1 FROM made WHERE sha256=?");
    db_bind_blob(q, 1, name, SHA256_BYTES);
    int row = db_step(c->s->db, q);
    db_done(q);
    if (row == 0)
        check_fault(c, "made file %s is missing", sha256_hex(name, hex));
    return row < 0 ? row : 0;
}

/* Files whose content an event says is kept. */
static int check_kept_files(struct check *c)
{
    struct stmt *q = db_stmt(c->s->db, "SELECT e.blob FROM session_event e JOIN session s ON s.id=e.session WHERE"
                                       " e.type=? AND s.batch NOT IN (SELECT id FROM gone_batch)");
    db_bind_int(q, 1, SESSION_FILE);
    int row, err = 0;
    while (!err && (row = db_step(c->s->db, q)) != 0) {
        size_t n = 0;
        struct session_event e;
        const void *blob = row < 0 ? NULL : db_blob(q, 0, &n);
        if (row < 0)
            err = row;
        else if (session_get(rd_init(blob, n), &e) == 0 && session_has(&e, FIELD_CONTENT) &&
                 session_has(&e, FIELD_SHA256))
            err = check_is_there(c, e.value[FIELD_SHA256].bytes.data);
    }
    db_done(q);
    return err;
}

int check_sessions(struct check *c)
{
    if (c->s->version < SCHEMA_SESSIONS)
        return 0;
    TRY(check_each(c));
    TRY(check_missing(c));
    TRY(check_names(c));
    return check_kept_files(c);
}
