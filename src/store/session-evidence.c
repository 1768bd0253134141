/*
 * What vouches for sessions, and whether they are what it tells.
 */
#include "base/array.h"
#include "base/rd.h"
#include "store/evidence.h"
#include "store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int evidence_session(struct store *s, uint64_t id, int64_t batch, const uint8_t hash[static SHA256_BYTES])
{
    struct buf *b = &s->evidence.said;
    buf_u8(b, VOUCH_SESSION);
    buf_le64(b, id);
    buf_le64(b, (uint64_t)batch);
    buf_put(b, hash, SHA256_BYTES);
    return buf_status(b);
}

/* ---- a session as it lies ---- */

static int link_events(struct store *s, struct session_row *row, uint64_t *bytes)
{
    struct stmt *q = db_stmt(s->db, "SELECT seq, time, type, blob FROM session_event WHERE session=? ORDER BY seq");
    db_bind_int(q, 1, (int64_t)row->id);
    int found;
    memset(row->link, 0, sizeof row->link);
    while ((found = db_step(s->db, q)) == 1) {
        size_t n;
        const void *blob = db_blob(q, 3, &n);
        session_link_event(row->link, db_int(q, 0), db_int(q, 1), db_int(q, 2), blob, n);
        *bytes += n;
    }
    db_done(q);
    return found;
}

static int link_spoken(struct store *s, struct session_row *row, uint64_t *bytes)
{
    struct buf spoken;
    struct session_piece piece;
    struct rd whole;
    buf_init(&spoken, 1 << 30);
    int err = session_spoken_load(s, row->id, &spoken);
    struct rd r = rd_init(spoken.data ? spoken.data : (const uint8_t *)"", spoken.len);
    memset(row->spoken_link, 0, sizeof row->spoken_link);
    int more = 0;
    while (!err && (more = session_next_piece(&r, &piece, &whole)) == 1)
        session_link_piece(row->spoken_link, whole.p, rd_left(&whole));
    *bytes += spoken.len;
    buf_release(&spoken);
    return err ? err : more;
}

int session_hash(struct store *s, uint64_t id, uint8_t ret[static SHA256_BYTES], uint64_t *ret_bytes)
{
    struct session_row row;
    *ret_bytes = 0;
    int err = session_load(s, id, &row);
    if (!err)
        err = link_events(s, &row, ret_bytes);
    if (!err)
        err = link_spoken(s, &row, ret_bytes);
    if (!err)
        session_row_hash(&row, ret);
    return err;
}

/* ---- a batch ---- */

void batch_begin(struct batch_digest *d)
{
    d->count = 0;
    sha256_begin(&d->sha);
}

void batch_add(struct batch_digest *d, uint64_t id, const uint8_t hash[static SHA256_BYTES])
{
    d->count++;
    sha256_add_int(&d->sha, (int64_t)id);
    sha256_add(&d->sha, hash, SHA256_BYTES);
}

int batch_sessions(struct store *s, int64_t batch, int64_t **ret, size_t *ret_n)
{
    struct stmt *q = db_stmt(s->db, "SELECT id FROM session WHERE batch=? ORDER BY id");
    db_bind_int(q, 1, batch);
    return db_numbers(s->db, q, ret, ret_n);
}

/* Of the hashes in the rows. */
static int digest_rows(struct store *s, int64_t batch, struct batch_digest *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT id, hash FROM session WHERE batch=? ORDER BY id");
    db_bind_int(q, 1, batch);
    int row;
    batch_begin(ret);
    while ((row = db_step(s->db, q)) == 1) {
        size_t n;
        const void *hash = db_blob(q, 1, &n);
        if (n != SHA256_BYTES) {
            row = -EUCLEAN;
            break;
        }
        batch_add(ret, (uint64_t)db_int(q, 0), hash);
    }
    db_done(q);
    return row;
}

int evidence_batch(struct store *s, int64_t batch)
{
    struct batch_digest d;
    uint8_t digest[SHA256_BYTES];
    char text[160], hex[SHA256_HEX];
    TRY(store_begin(s));
    TRY(digest_rows(s, batch, &d));
    sha256_end(&d.sha, digest);
    snprintf(text, sizeof text, "batch=%lld count=%lld digest=%s", (long long)batch, (long long)d.count,
             sha256_hex(digest, hex));
    TRY(chain_add(s, "sessions", text));
    struct stmt *q = db_stmt(s->db, "UPDATE session_batch SET state=1, seq=(SELECT max(seq) FROM event) WHERE id=?");
    db_bind_int(q, 1, batch);
    return db_run(s->db, q);
}

/* ---- whether it is as it was vouched for ---- */

struct told {
    int64_t id;
    size_t order;
    uint8_t hash[SHA256_BYTES];
};

struct told_list {
    struct told *v;
    size_t n, room;
};

static int by_id(const void *a, const void *b)
{
    const struct told *x = a, *y = b;
    int order = (x->id > y->id) - (x->id < y->id);
    return order ? order : (x->order < y->order) - (x->order > y->order); /* the latest first */
}

static int take_entries(struct told_list *t, int64_t batch, const void *said, size_t n)
{
    struct rd r = rd_init(said ? said : "", n);
    struct vouch v;
    while (vouch_next(&r, &v) == 1) { /* what is no entry is for verification to find */
        if (v.kind != VOUCH_SESSION || v.batch != batch)
            continue;
        TRY(ARRAY_ROOM(t->v, t->room, t->n + 1));
        t->v[t->n] = (struct told){ .id = v.id, .order = t->n };
        memcpy(t->v[t->n++].hash, v.hash, SHA256_BYTES);
    }
    return 0;
}

/* The last entry for each session of the batch, by number. */
static int read_told(struct store *s, int64_t batch, struct told_list *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT said FROM vouch ORDER BY seq");
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        size_t n = 0;
        const void *said = row < 0 ? NULL : db_blob(q, 0, &n);
        err = row < 0 ? row : take_entries(ret, batch, said, n);
    }
    db_done(q);
    if (ret->n)
        qsort(ret->v, ret->n, sizeof *ret->v, by_id);
    size_t kept = 0;
    for (size_t i = 0; i < ret->n; i++)
        if (i == 0 || ret->v[i].id != ret->v[kept - 1].id)
            ret->v[kept++] = ret->v[i];
    ret->n = kept;
    return err;
}

static int say_session(struct store *s, int64_t id)
{
    char text[48];
    snprintf(text, sizeof text, "session=%016llx", (unsigned long long)id);
    return evidence_altered(s, text);
}

/* Sessions that are there against entries, both ascending; whatever has no counterpart was altered. */
static int compare_told(struct store *s, const int64_t *id, size_t n, const struct told_list *t)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t hash[SHA256_BYTES];
        uint64_t bytes;
        for (; at < t->n && t->v[at].id < id[i]; at++)
            TRY(say_session(s, t->v[at].id));
        int err = session_hash(s, (uint64_t)id[i], hash, &bytes);
        TRY(err);
        bool known = at < t->n && t->v[at].id == id[i];
        if (err || !known || memcmp(hash, t->v[at].hash, SHA256_BYTES) != 0)
            TRY(say_session(s, id[i]));
        at += known;
    }
    for (; at < t->n; at++)
        TRY(say_session(s, t->v[at].id));
    return 0;
}

static int check_growing(struct store *s, int64_t batch, const int64_t *id, size_t n)
{
    struct told_list t = { .n = 0 };
    int err = read_told(s, batch, &t);
    if (!err)
        err = compare_told(s, id, n, &t);
    free(t.v);
    return err;
}

/* What the batch's event says: 1, or 0 where it is none. */
static int read_event(struct store *s, int64_t batch, int64_t *ret_count, uint8_t ret[static SHA256_BYTES])
{
    int64_t of = 0;
    struct stmt *q = db_stmt(s->db, "SELECT e.text FROM session_batch b JOIN event e ON e.seq=b.seq WHERE b.id=?"
                                    " AND e.event='sessions'");
    db_bind_int(q, 1, batch);
    int row = db_step(s->db, q);
    if (row == 1)
        row = chain_field_int(db_text(q, 0), "batch", &of) && of == batch &&
              chain_field_int(db_text(q, 0), "count", ret_count) && chain_field_hash(db_text(q, 0), "digest", ret);
    db_done(q);
    return row;
}

static int check_kept(struct store *s, int64_t batch, const int64_t *id, size_t n)
{
    struct batch_digest d;
    uint8_t hash[SHA256_BYTES], want[SHA256_BYTES];
    uint64_t bytes;
    int64_t count;
    char text[48];
    batch_begin(&d);
    for (size_t i = 0; i < n; i++) {
        TRY(session_hash(s, (uint64_t)id[i], hash, &bytes));
        batch_add(&d, (uint64_t)id[i], hash);
    }
    sha256_end(&d.sha, hash);
    int known = read_event(s, batch, &count, want);
    TRY(known);
    if (known && count == d.count && memcmp(hash, want, SHA256_BYTES) == 0)
        return 0;
    snprintf(text, sizeof text, "batch=%lld", (long long)batch);
    return evidence_altered(s, text);
}

int evidence_check_batch(struct store *s, int64_t batch)
{
    int64_t *id = NULL, state = 0;
    size_t n = 0;
    TRY(store_commit(s));
    struct stmt *q = db_stmt(s->db, "SELECT state FROM session_batch WHERE id=?");
    db_bind_int(q, 1, batch);
    TRY(db_number(s->db, q, &state));
    int err = batch_sessions(s, batch, &id, &n);
    if (!err)
        err = state == BATCH_GROWS ? check_growing(s, batch, id, n) : check_kept(s, batch, id, n);
    free(id);
    return err;
}
