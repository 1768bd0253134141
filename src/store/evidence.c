/*
 * Hashes of runs, files, coverage and days, and the entries that vouch for them.
 */
#include "store/evidence.h"

#include "base/array.h"
#include "base/rd.h"
#include "base/text.h"
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HASHING_MOST = 128, /* runs that are being written; of more, some are read again at their end */
};

static const uint8_t nothing[SHA256_BYTES];

static void add_column(struct sha256 *h, struct stmt *q, int column)
{
    size_t n;
    const void *data = db_blob(q, column, &n);
    sha256_add_part(h, data, n);
}

static void add_ints(struct sha256 *h, struct stmt *q, int first, int end)
{
    for (int i = first; i < end; i++)
        sha256_add_int(h, db_int(q, i));
}

/* ---- runs ---- */

/* How a run's hash begins. 0, 1 where there is no such run. */
static int begin_hash(struct store *s, int64_t run, struct sha256 *h, struct run_hash *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT sensor, ingest, hour, level, at FROM run WHERE id=?");
    db_bind_int(q, 1, run);
    int row = db_step(s->db, q);
    if (row == 1) {
        sha256_begin(h);
        add_ints(h, q, 0, 5);
        ret->hour = (uint32_t)db_int(q, 2);
        ret->level = (int)db_int(q, 3);
    }
    db_done(q);
    return row < 0 ? row : row == 0;
}

static void add_chunk(struct sha256 *h, const int64_t fact[static 5], const void *data, size_t n)
{
    for (unsigned i = 0; i < 5; i++)
        sha256_add_int(h, fact[i]);
    sha256_add_part(h, data, n);
}

static void end_hash(struct sha256 *h, int64_t flows, int64_t packets, const void *totals, size_t totals_n,
                     const void *census, size_t census_n, uint8_t ret[static SHA256_BYTES])
{
    sha256_add_int(h, flows);
    sha256_add_int(h, packets);
    sha256_add_part(h, totals, totals_n);
    sha256_add_part(h, census, census_n);
    sha256_end(h, ret);
}

static void hash_minutes(int64_t hour, const void *data, size_t n, uint8_t ret[static SHA256_BYTES])
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add_int(&h, hour);
    sha256_add_part(&h, data, n);
    sha256_end(&h, ret);
}

static struct hashing *find_hashing(struct store *s, int64_t run)
{
    for (size_t i = 0; i < s->evidence.hashing_n; i++)
        if (s->evidence.hashing[i].run == run)
            return &s->evidence.hashing[i];
    return NULL;
}

static void drop_hashing(struct store *s, int64_t run)
{
    struct evidence *e = &s->evidence;
    struct hashing *h = find_hashing(s, run);
    if (h)
        *h = e->hashing[--e->hashing_n];
}

int evidence_run_begin(struct store *s, int64_t run)
{
    struct evidence *e = &s->evidence;
    struct run_hash unused;
    drop_hashing(s, run);
    if (e->hashing_n == HASHING_MOST) /* of a file that was dropped, most likely */
        memmove(e->hashing, e->hashing + 1, --e->hashing_n * sizeof *e->hashing);
    TRY(ARRAY_ROOM(e->hashing, e->hashing_room, e->hashing_n + 1));
    struct hashing *h = &e->hashing[e->hashing_n];
    h->run = run;
    int none = begin_hash(s, run, &h->sha, &unused);
    e->hashing_n += none == 0;
    return none < 0 ? none : none ? -EUCLEAN : 0;
}

int evidence_run_chunk(struct store *s, int64_t run, const struct run_chunk *c)
{
    struct hashing *h = find_hashing(s, run);
    const int64_t fact[5] = { key_to_sql(c->first), key_to_sql(c->last), c->family, c->flows,
                              (int64_t)c->packets };
    if (h)
        add_chunk(&h->sha, fact, c->data, c->n);
    return 0;
}

/* A run that was begun by another process, or that a rollback made us forget, is read again. */
static int take_hashes(struct store *s, int64_t run, const struct run_blobs *b, uint32_t hour,
                       struct run_hash *ret)
{
    struct hashing *h = find_hashing(s, run);
    if (!h) {
        int none = hash_run(s, run, ret);
        return none < 0 ? none : none ? -EUCLEAN : 0;
    }
    end_hash(&h->sha, (int64_t)b->flows, (int64_t)b->packets, b->totals, b->totals_n, b->census, b->census_n,
             ret->content);
    hash_minutes(hour, b->minutes, b->minutes_n, ret->minutes);
    drop_hashing(s, run);
    return 0;
}

static int write_hashes(struct store *s, int64_t run, const struct run_hash *h)
{
    struct stmt *q = db_stmt(s->db, "UPDATE run SET hash=?, minutes=? WHERE id=?");
    db_bind_blob(q, 1, h->content, SHA256_BYTES);
    db_bind_blob(q, 2, h->minutes, SHA256_BYTES);
    db_bind_int(q, 3, run);
    return db_run(s->db, q);
}

int evidence_run_end(struct store *s, int64_t run, const struct run_blobs *b)
{
    struct run_hash h;
    struct stmt *q = db_stmt(s->db, "SELECT hour, state FROM run WHERE id=?");
    db_bind_int(q, 1, run);
    int row = db_step(s->db, q);
    uint32_t hour = row == 1 ? (uint32_t)db_int(q, 0) : 0;
    bool shown = row == 1 && db_int(q, 1) == STATE_SHOWN;
    db_done(q);
    TRY(row);
    TRY(take_hashes(s, run, b, hour, &h));
    TRY(write_hashes(s, run, &h));
    return shown ? evidence_shown(s, run, REPLACES_NONE) : 0;
}

static int add_stored_chunk(struct store *s, int64_t id, struct sha256 *h, uint64_t *bytes)
{
    struct stmt *q = db_stmt(s->db, "SELECT c.first, c.last, c.family, c.flows, c.packets,"
                                    " coalesce(c.blob, l.blob) FROM chunk c"
                                    " LEFT JOIN log l ON l.seq=c.seq WHERE c.id=?");
    db_bind_int(q, 1, id);
    int row = db_step(s->db, q);
    if (row == 1) {
        int64_t fact[5];
        size_t n;
        for (int i = 0; i < 5; i++)
            fact[i] = db_int(q, i);
        const void *data = db_blob(q, 5, &n);
        add_chunk(h, fact, data, n);
        *bytes += n;
    }
    db_done(q);
    return row < 0 ? row : 0;
}

static int add_stored_summary(struct store *s, int64_t run, struct sha256 *h, struct run_hash *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT r.flows, r.packets, s.totals, s.census FROM run r"
                                    " LEFT JOIN summary s ON s.run=r.id WHERE r.id=?");
    db_bind_int(q, 1, run);
    int row = db_step(s->db, q);
    if (row == 1) {
        size_t totals_n, census_n;
        const void *totals = db_blob(q, 2, &totals_n), *census = db_blob(q, 3, &census_n);
        end_hash(h, db_int(q, 0), db_int(q, 1), totals, totals_n, census, census_n, ret->content);
        ret->bytes += totals_n + census_n;
    }
    db_done(q);
    return row < 0 ? row : row == 0;
}

static int add_stored_minutes(struct store *s, int64_t run, struct run_hash *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT hour, blob FROM minute WHERE run=?");
    db_bind_int(q, 1, run);
    int row = db_step(s->db, q);
    memcpy(ret->minutes, nothing, sizeof nothing);
    if (row == 1) {
        size_t n;
        const void *data = db_blob(q, 1, &n);
        hash_minutes(db_int(q, 0), data, n, ret->minutes);
        ret->bytes += n;
    }
    db_done(q);
    return row < 0 ? row : 0;
}

/* In the order they were written. */
static int list_chunks(struct store *s, int64_t run, int64_t **ret, size_t *ret_n)
{
    struct stmt *q = db_stmt(s->db, "SELECT id FROM chunk WHERE run=? ORDER BY id");
    db_bind_int(q, 1, run);
    return db_numbers(s->db, q, ret, ret_n);
}

int hash_run(struct store *s, int64_t run, struct run_hash *ret)
{
    struct sha256 h;
    int64_t *id = NULL;
    size_t n = 0;
    *ret = (struct run_hash){ 0 };
    int err = begin_hash(s, run, &h, ret);
    if (!err)
        err = list_chunks(s, run, &id, &n);
    for (size_t i = 0; !err && i < n; i++)
        err = add_stored_chunk(s, id[i], &h, &ret->bytes);
    if (!err)
        err = add_stored_summary(s, run, &h, ret);
    if (!err)
        err = add_stored_minutes(s, run, ret);
    free(id);
    return err;
}

/* ---- who vouches ---- */

/* The hashes in a run's row; those of an older teiten's run, which has none, are worked out. */
static int hashes_of(struct store *s, int64_t run, struct run_hash *ret)
{
    size_t n = 0, m = 0;
    struct stmt *q = db_stmt(s->db, "SELECT hash, minutes, hour, level FROM run WHERE id=?");
    db_bind_int(q, 1, run);
    int row = db_step(s->db, q);
    if (row == 1) {
        const void *content = db_blob(q, 0, &n);
        if (n == SHA256_BYTES)
            memcpy(ret->content, content, n);
        const void *minutes = db_blob(q, 1, &m);
        if (m == SHA256_BYTES)
            memcpy(ret->minutes, minutes, m);
        ret->hour = (uint32_t)db_int(q, 2);
        ret->level = (int)db_int(q, 3);
    }
    db_done(q);
    if (row <= 0)
        return row < 0 ? row : -EUCLEAN;
    if (n == SHA256_BYTES && m == SHA256_BYTES)
        return 0;
    int none = hash_run(s, run, ret);
    TRY(none);
    return none ? -EUCLEAN : write_hashes(s, run, ret);
}

int evidence_shown(struct store *s, int64_t run, int replaces)
{
    struct run_hash h;
    struct buf *b = &s->evidence.said;
    TRY(store_begin(s));
    TRY(hashes_of(s, run, &h));
    buf_u8(b, VOUCH_RUN);
    buf_le64(b, (uint64_t)run);
    buf_le32(b, h.hour);
    buf_u8(b, (uint8_t)h.level);
    buf_u8(b, (uint8_t)(replaces - REPLACES_NONE));
    buf_put(b, h.content, SHA256_BYTES);
    buf_put(b, h.minutes, SHA256_BYTES);
    return buf_status(b);
}

/* An event for a run; `alone`: it stands in the place of all others of its hour. */
static int write_kept(struct store *s, int64_t run, bool alone)
{
    struct run_hash h;
    char text[320], content[SHA256_HEX], minutes[SHA256_HEX];
    TRY(hashes_of(s, run, &h));
    snprintf(text, sizeof text, "run=%lld hour=%u level=%d replaces=%s hash=%s minutes=%s", (long long)run,
             h.hour, h.level, alone ? "all" : "none", sha256_hex(h.content, content),
             sha256_hex(h.minutes, minutes));
    TRY(chain_add(s, "run", text));
    struct stmt *q = db_stmt(s->db, "UPDATE run SET kept=1 WHERE id=?");
    db_bind_int(q, 1, run);
    return db_run(s->db, q);
}

int evidence_kept(struct store *s, int64_t run)
{
    return write_kept(s, run, true);
}

int evidence_keep_alone(struct store *s, int64_t hour, int64_t run)
{
    size_t n;
    int64_t last;
    TRY(store_begin(s));
    TRY(hour_runs(s, (uint32_t)hour, &n, &last));
    if (n != 1 || last != run) {
        store_rollback(s);
        return 0;
    }
    TRY(write_kept(s, run, true));
    return store_commit(s);
}

int evidence_keep_one(struct store *s, int64_t closed_hour)
{
    struct stmt *q = db_stmt(s->db, "SELECT max(id), hour FROM run WHERE state=1 AND hour IN (SELECT hour FROM run"
                                    " WHERE kept=0 AND state=1 AND hour < ?) AND hour NOT IN (SELECT hour"
                                    " FROM damaged) GROUP BY hour HAVING count(*)=1 LIMIT 1");
    db_bind_int(q, 1, closed_hour);
    int row = db_step(s->db, q);
    int64_t run = row == 1 ? db_int(q, 0) : 0, hour = row == 1 ? db_int(q, 1) : 0;
    db_done(q);
    if (row <= 0)
        return row;
    TRY(evidence_check_hour(s, hour, EVERY_LEVEL));
    TRY(evidence_keep_alone(s, hour, run));
    return 1;
}

int evidence_changed(struct store *s, int64_t run)
{
    struct run_hash h;
    TRY(store_begin(s));
    int none = hash_run(s, run, &h);
    TRY(none);
    if (none)
        return -EUCLEAN;
    TRY(write_hashes(s, run, &h));
    struct stmt *q = db_stmt(s->db, "SELECT kept FROM run WHERE id=?");
    db_bind_int(q, 1, run);
    int row = db_step(s->db, q);
    bool kept = row == 1 && db_int(q, 0);
    db_done(q);
    TRY(row);
    return kept ? write_kept(s, run, false) : evidence_shown(s, run, REPLACES_NONE);
}

/* ---- coverage ---- */

#define COVER_COLUMNS "id, sensor, ingest, start, end, addresses, estimated, dark, packets, drops"

int hash_cover(struct store *s, int64_t id, uint8_t ret[static SHA256_BYTES])
{
    struct sha256 h;
    struct stmt *q = db_stmt(s->db, "SELECT " COVER_COLUMNS " FROM coverage WHERE id=?");
    db_bind_int(q, 1, id);
    int row = db_step(s->db, q);
    if (row == 1) {
        sha256_begin(&h);
        add_ints(&h, q, 0, 10);
        sha256_end(&h, ret);
    }
    db_done(q);
    return row < 0 ? row : row == 0;
}

int evidence_cover(struct store *s, int64_t id)
{
    uint8_t hash[SHA256_BYTES];
    struct buf *b = &s->evidence.said;
    int none = hash_cover(s, id, hash);
    TRY(none);
    if (none) /* it was nobody's: nothing was written */
        return 0;
    buf_u8(b, VOUCH_COVER);
    buf_le64(b, (uint64_t)id);
    buf_put(b, hash, SHA256_BYTES);
    return buf_status(b);
}

int evidence_cover_ended(struct store *s, int64_t id)
{
    uint8_t hash[SHA256_BYTES];
    char text[128], hex[SHA256_HEX];
    int none = hash_cover(s, id, hash);
    if (none)
        return none < 0 ? none : 0;
    snprintf(text, sizeof text, "id=%lld hash=%s", (long long)id, sha256_hex(hash, hex));
    return chain_add(s, "coverage", text);
}

/* ---- files ---- */

static int hash_file_cover(struct store *s, int64_t ingest, uint8_t ret[static SHA256_BYTES])
{
    struct sha256 h;
    sha256_begin(&h);
    struct stmt *q =
        db_stmt(s->db, "SELECT " COVER_COLUMNS " FROM coverage WHERE ingest=? ORDER BY id");
    db_bind_int(q, 1, ingest);
    int row;
    while ((row = db_step(s->db, q)) == 1)
        add_ints(&h, q, 0, 10);
    db_done(q);
    sha256_end(&h, ret);
    return row;
}

int hash_file(struct store *s, int64_t ingest, struct file_hash *ret)
{
    struct sha256 h;
    struct stmt *q = db_stmt(s->db, "SELECT id, sensor, at, name, digest FROM ingest WHERE id=?");
    db_bind_int(q, 1, ingest);
    int row = db_step(s->db, q);
    if (row == 1) {
        sha256_begin(&h);
        add_ints(&h, q, 0, 3);
        add_column(&h, q, 3);
        add_column(&h, q, 4);
        sha256_end(&h, ret->row);
    }
    db_done(q);
    return row < 0 ? row : row == 0 ? 1 : hash_file_cover(s, ingest, ret->cover);
}

int evidence_file(struct store *s, int64_t ingest)
{
    struct file_hash h;
    struct sha256 runs;
    int64_t n = 0, packets = 0, *run = NULL;
    size_t room = 0;
    sha256_begin(&runs);
    struct stmt *q = db_stmt(s->db, "SELECT id, packets, hash FROM run WHERE ingest=? AND state=1 ORDER BY id");
    db_bind_int(q, 1, ingest);
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        if ((row = ARRAY_ROOM(run, room, (size_t)n + 1)) < 0)
            break;
        run[n++] = db_int(q, 0);
        packets += db_int(q, 1);
        add_column(&runs, q, 2);
    }
    db_done(q);
    for (int64_t i = 0; !row && i < n; i++)
        row = evidence_shown(s, run[i], REPLACES_NONE);
    free(run);
    TRY(row);
    int none = hash_file(s, ingest, &h);
    if (none)
        return none < 0 ? none : -EUCLEAN;
    uint8_t digest[SHA256_BYTES];
    char text[480], a[SHA256_HEX], b[SHA256_HEX], c[SHA256_HEX];
    sha256_end(&runs, digest);
    snprintf(text, sizeof text, "id=%lld packets=%lld runs=%lld content=%s row=%s cover=%s",
             (long long)ingest, (long long)packets, (long long)n, sha256_hex(digest, a), sha256_hex(h.row, b),
             sha256_hex(h.cover, c));
    return chain_add(s, "file", text);
}

/* ---- days ---- */

static int hash_sets(struct store *s, int64_t start, struct day_hash *ret)
{
    struct sha256 h;
    int64_t n = 0;
    sha256_begin(&h);
    struct stmt *q = db_stmt(s->db, "SELECT scope, blob FROM day_sources WHERE start=? ORDER BY scope");
    db_bind_int(q, 1, start);
    int row;
    for (; (row = db_step(s->db, q)) == 1; n++) {
        size_t bytes;
        (void)db_blob(q, 1, &bytes);
        ret->bytes += bytes;
        add_ints(&h, q, 0, 1);
        add_column(&h, q, 1);
    }
    db_done(q);
    sha256_end(&h, ret->sets);
    if (n == 0)
        memcpy(ret->sets, nothing, sizeof nothing);
    return row;
}

int hash_day(struct store *s, int64_t start, struct day_hash *ret)
{
    struct sha256 h;
    *ret = (struct day_hash){ 0 };
    struct stmt *q = db_stmt(s->db, "SELECT start, end, zone, totals, census FROM day WHERE start=?");
    db_bind_int(q, 1, start);
    int row = db_step(s->db, q);
    if (row == 1) {
        sha256_begin(&h);
        add_ints(&h, q, 0, 2);
        for (int i = 2; i < 5; i++) {
            size_t n;
            (void)db_blob(q, i, &n);
            ret->bytes += n;
            add_column(&h, q, i);
        }
        sha256_end(&h, ret->row);
    }
    db_done(q);
    return row < 0 ? row : row == 0 ? 1 : hash_sets(s, start, ret);
}

int evidence_day(struct store *s, int64_t start)
{
    struct day_hash h;
    char text[256], row[SHA256_HEX], sets[SHA256_HEX];
    TRY(store_begin(s));
    int none = hash_day(s, start, &h);
    if (none)
        return none < 0 ? none : -EUCLEAN;
    snprintf(text, sizeof text, "start=%lld row=%s sets=%s", (long long)start, sha256_hex(h.row, row),
             sha256_hex(h.sets, sets));
    return chain_add(s, "day", text);
}

/* ---- what goes ---- */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void put_some(struct buf *b, const char *key, struct some *some)
{
    if (!some || some->count == 0)
        return;
    qsort(some->n, some->count, sizeof some->n[0], by_number);
    buf_print(b, " %s=", key);
    for (size_t i = 0, j; i < some->count; i = j) {
        for (j = i + 1; j < some->count && some->n[j] - some->n[j - 1] <= 1; j++)
            ;
        buf_print(b, i ? ",%lld" : "%lld", (long long)some->n[i]);
        if (some->n[j - 1] > some->n[i])
            buf_print(b, "-%lld", (long long)some->n[j - 1]);
    }
}

int evidence_gone(struct store *s, const char *what, struct some *hours, struct some *runs, struct some *days)
{
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_print(&b, "what=%s", what);
    put_some(&b, "hours", hours);
    put_some(&b, "runs", runs);
    put_some(&b, "days", days);
    buf_u8(&b, 0);
    int err = buf_status(&b);
    if (!err)
        err = chain_add(s, "cleaned", (const char *)b.data);
    buf_release(&b);
    return err;
}

/* ---- entries ---- */

int vouch_next(struct rd *r, struct vouch *ret)
{
    if (rd_left(r) == 0)
        return rd_ok(r) ? 0 : -EUCLEAN;
    *ret = (struct vouch){ .kind = (enum vouch_kind)rd_u8(r), .id = (int64_t)rd_le64(r) };
    if (ret->kind == VOUCH_RUN) {
        ret->hour = rd_le32(r);
        ret->level = rd_u8(r);
        ret->replaces = rd_u8(r) + REPLACES_NONE;
    } else if (ret->kind == VOUCH_SESSION) {
        ret->batch = (int64_t)rd_le64(r);
    } else if (ret->kind != VOUCH_COVER) {
        return -EUCLEAN;
    }
    rd_copy(r, ret->hash, SHA256_BYTES);
    if (ret->kind == VOUCH_RUN)
        rd_copy(r, ret->minutes, SHA256_BYTES);
    return rd_ok(r) ? 1 : -EUCLEAN;
}

void evidence_rollback(struct store *s)
{
    buf_reset(&s->evidence.said);
    s->evidence.hashing_n = 0;
}

void evidence_release(struct store *s)
{
    evidence_looked(s);
    buf_release(&s->evidence.said);
    free(s->evidence.hashing);
    s->evidence.hashing = NULL;
    s->evidence.hashing_n = s->evidence.hashing_room = 0;
}
