#include "store/rewrite.h"

#include "base/array.h"
#include "store/evidence.h"
#include "store/plan.h"
#include "store/set.h"

#include <stdlib.h>
#include <string.h>

enum { CENSUS_BYTES_MAX = 256 << 20, SET_BYTES_MAX = 64 << 20 };

/* ---- a run ---- */

/* A flow of a source that is replaced: it stands elsewhere in the order of keys. */
struct moved {
    struct flow flow;
    size_t dest_at;
};

struct rewrite {
    struct store *s;
    const struct swap *swap;
    int64_t run, made; /* from which, and the run that has the new chunks until the flip */
    uint32_t hour;
    struct run_writer *w;
    struct census before, after;
    uint32_t *number; /* of IPv4: after's of before's sources */
    /* IPv6: both dictionaries; the places of the old one's addresses in the new one, as sources and as
     * destinations, which stay */
    uint8_t (*dictionary)[16];
    size_t dictionary_n;
    uint32_t *source, *dest;
    uint8_t family;
    bool *is_moved; /* by a source's new number */
    struct moved *moved;
    size_t moved_n, moved_room, moved_at;
    uint32_t *list; /* destinations of those */
    size_t list_n, list_room;
    uint32_t *scratch;
    size_t scratch_room;
};

static int by_key(const void *a, const void *b)
{
    const struct moved *x = a, *y = b;
    return (x->flow.key > y->flow.key) - (x->flow.key < y->flow.key);
}

/* The flow with its new numbers. */
static int renumber(struct rewrite *r, struct flow *f, const uint32_t **dest)
{
    if (r->family == 4)
        return 0; /* the span's map did it */
    f->key = f->key >> 32 << 32 | r->source[flow_source(f)];
    TRY(ARRAY_ROOM(r->scratch, r->scratch_room, f->dests));
    for (uint32_t i = 0; i < f->dests; i++)
        r->scratch[i] = r->dest[(*dest)[i]];
    *dest = r->scratch;
    return 0;
}

static int keep_moved(struct rewrite *r, const struct flow *f, const uint32_t *dest)
{
    if (!r->is_moved[flow_source(f)])
        return 0;
    TRY(ARRAY_ROOM(r->moved, r->moved_room, r->moved_n + 1));
    TRY(ARRAY_ROOM(r->list, r->list_room, r->list_n + f->dests));
    r->moved[r->moved_n++] = (struct moved){ *f, r->list_n };
    memcpy(r->list + r->list_n, dest, f->dests * sizeof *dest);
    r->list_n += f->dests;
    return 0;
}

static int put_moved(struct rewrite *r, uint64_t before)
{
    for (; r->moved_at < r->moved_n && r->moved[r->moved_at].flow.key < before; r->moved_at++) {
        const struct moved *m = &r->moved[r->moved_at];
        TRY(run_writer_flow(r->w, &m->flow, r->list + m->dest_at));
    }
    return 0;
}

static int put_flow(struct rewrite *r, const struct flow *f, const uint32_t *dest)
{
    if (r->is_moved[flow_source(f)])
        return 0;
    TRY(put_moved(r, f->key));
    return run_writer_flow(r->w, f, dest);
}

typedef int (*flow_fn)(struct rewrite *r, const struct flow *f, const uint32_t *dest);

static int open_run(struct rewrite *r, struct merge **ret)
{
    const struct span span = { .hour = r->hour,
                               .level = EVERY_LEVEL,
                               .run = r->run,
                               .last = UINT64_MAX,
                               .family = r->family,
                               .map = r->family == 4 ? r->number : NULL,
                               .map_n = r->before.v4_n };
    return merge_open(ret, r->s, &span);
}

static int each_flow(struct rewrite *r, flow_fn fn)
{
    struct merge *m;
    struct flow f;
    const uint32_t *dest;
    int more;
    TRY(open_run(r, &m));
    while ((more = merge_next(m, &f, &dest)) == 1) {
        if ((more = renumber(r, &f, &dest)) < 0 || (more = fn(r, &f, dest)) < 0)
            break;
    }
    merge_close(m);
    return more < 0 ? more : 0;
}

/* The flows of the family in their new order: first those that move are gathered, then the others pass. */
static int write_family(struct rewrite *r)
{
    r->moved_n = r->moved_at = r->list_n = 0;
    TRY(each_flow(r, keep_moved));
    if (r->moved_n)
        qsort(r->moved, r->moved_n, sizeof *r->moved, by_key);
    TRY(each_flow(r, put_flow));
    TRY(put_moved(r, UINT64_MAX));
    return run_writer_close(r->w);
}

static int write_v4(struct rewrite *r)
{
    r->family = 4;
    r->is_moved = calloc(r->after.v4_n + 1, sizeof *r->is_moved);
    if (!r->is_moved)
        return -ENOMEM;
    for (size_t i = 0; i < r->before.v4_n; i++) {
        struct addr a = addr_v4(r->before.v4[i]);
        r->is_moved[r->number[i]] = swap_find(r->swap, &a) != NULL;
    }
    return write_family(r);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static uint32_t place_of(const struct rewrite *r, const uint8_t *address)
{
    const uint8_t(*at)[16] = bsearch(address, r->dictionary, r->dictionary_n, 16, by_bytes);
    return (uint32_t)(at - (const uint8_t(*)[16])r->dictionary);
}

/* The old dictionary's addresses and what replaces them, ascending. The writer takes of it what flows use. */
static int make_dictionary(struct rewrite *r, const uint8_t (*old)[16], size_t n)
{
    r->dictionary = malloc((2 * n + 1) * sizeof *r->dictionary);
    r->source = malloc((n + 1) * sizeof *r->source);
    r->dest = malloc((n + 1) * sizeof *r->dest);
    r->is_moved = calloc(2 * n + 1, sizeof *r->is_moved);
    if (!r->dictionary || !r->source || !r->dest || !r->is_moved)
        return -ENOMEM;
    memcpy(r->dictionary, old, n * sizeof *old);
    r->dictionary_n = n;
    for (size_t i = 0; i < n; i++) {
        struct addr a = { .family = 6 };
        memcpy(a.bytes, old[i], 16);
        const struct addr *to = swap_find(r->swap, &a);
        if (to)
            memcpy(r->dictionary[r->dictionary_n++], to->bytes, 16);
    }
    qsort(r->dictionary, r->dictionary_n, sizeof *r->dictionary, by_bytes);
    for (size_t i = 0; i < n; i++) {
        struct addr a = { .family = 6 };
        memcpy(a.bytes, old[i], 16);
        const struct addr *to = swap_find(r->swap, &a);
        r->dest[i] = place_of(r, old[i]);
        r->source[i] = to ? place_of(r, to->bytes) : r->dest[i];
        r->is_moved[r->source[i]] |= to != NULL;
    }
    return 0;
}

static int write_v6(struct rewrite *r)
{
    struct merge *m;
    free(r->is_moved);
    r->is_moved = NULL;
    r->family = 6;
    TRY(open_run(r, &m));
    size_t n;
    const uint8_t(*old)[16] = merge_dictionary(m, &n);
    int err = n ? make_dictionary(r, old, n) : 0;
    merge_close(m);
    if (err || n == 0)
        return err;
    TRY(run_writer_family(r->w, 6, (const uint8_t(*)[16])r->dictionary, r->dictionary_n));
    return write_family(r);
}

static int keep_chunk(void *context, const struct run_chunk *c)
{
    struct rewrite *r = context;
    struct store *s = r->s;
    TRY(chunk_put(s, r->made, c));
    return store_commit_due(s);
}

static int begin(struct rewrite *r)
{
    TRY(store_begin(r->s));
    struct stmt *q = db_stmt(r->s->db, "INSERT INTO run(sensor, ingest, hour, level, state, flows, packets,"
                                       " at) SELECT sensor, 0, hour, level, 0, 0, 0, at FROM run"
                                       " WHERE id=?");
    db_bind_int(q, 1, r->run);
    TRY(db_run(r->s->db, q));
    r->made = db_last_id(r->s->db);
    return store_commit(r->s);
}

/* Chunks change places with those of the new run, which dies with them. */
static int exchange_chunks(struct rewrite *r)
{
    struct db *db = r->s->db;
    struct stmt *q = db_stmt(db, "UPDATE chunk SET run=?1+?2-run WHERE run IN (?1, ?2)");
    db_bind_int(q, 1, r->run);
    db_bind_int(q, 2, r->made);
    TRY(db_run(db, q));
    q = db_stmt(db, "UPDATE run SET state=2 WHERE id=?");
    db_bind_int(q, 1, r->made);
    return db_run(db, q);
}

static int flip(struct rewrite *r)
{
    struct buf census;
    buf_init(&census, CENSUS_BYTES_MAX);
    int err = census_encode(&r->after, r->s->zstd, &census);
    if (!err)
        err = store_begin(r->s);
    if (!err)
        err = exchange_chunks(r);
    if (!err) {
        struct stmt *q = db_stmt(r->s->db, "UPDATE summary SET census=?2 WHERE run=?1");
        db_bind_int(q, 1, r->run);
        db_bind_blob(q, 2, census.data, census.len);
        err = db_run(r->s->db, q);
    }
    buf_release(&census);
    if (!err)
        err = evidence_changed(r->s, r->run);
    return err ? err : store_commit(r->s);
}

static int write_all(struct rewrite *r)
{
    TRY(swap_census(r->swap, &r->before, &r->after, &r->number));
    TRY(run_writer_make(&r->w, keep_chunk, r));
    run_writer_begin(r->w, r->hour);
    TRY(begin(r));
    TRY(write_v4(r));
    TRY(write_v6(r));
    return flip(r);
}

static int hour_of(struct store *s, int64_t run, uint32_t *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT hour FROM run WHERE id=? AND state=1");
    db_bind_int(q, 1, run);
    int row = db_step(s->db, q);
    if (row == 1)
        *ret = (uint32_t)db_int(q, 0);
    db_done(q);
    return row;
}

static void release(struct rewrite *r)
{
    run_writer_free(r->w);
    census_release(&r->before);
    census_release(&r->after);
    free(r->number);
    free(r->dictionary);
    free(r->source);
    free(r->dest);
    free(r->is_moved);
    free(r->moved);
    free(r->list);
    free(r->scratch);
}

int rewrite_run(struct store *s, int64_t run, const struct swap *w)
{
    struct rewrite r = { .s = s, .swap = w, .run = run };
    int err = hour_of(s, run, &r.hour);
    if (err <= 0)
        return err;
    err = run_summary_load(s, run, NULL, &r.before);
    bool met = !err && swap_meets(w, &r.before);
    if (met)
        err = evidence_check_run(s, r.hour, run);
    if (!err && met)
        err = write_all(&r);
    release(&r);
    if (err)
        store_rollback(s);
    return err ? err : met;
}

/* ---- a day ---- */

/* A set with its new bytes. */
struct new_set {
    int64_t scope;
    struct buf blob;
};

struct day_rewrite {
    struct store *s;
    int64_t start;
    struct buf census;
    struct new_set *set;
    size_t n, room;
};

static int add_set(struct day_rewrite *d, int64_t scope, const uint32_t *source, size_t n)
{
    TRY(ARRAY_ROOM(d->set, d->room, d->n + 1));
    struct new_set *x = &d->set[d->n++];
    x->scope = scope;
    buf_init(&x->blob, SET_BYTES_MAX);
    return set_encode(source, n, &x->blob);
}

/* The set's new bytes, where a source in it is replaced. */
static int swap_set(struct day_rewrite *d, int64_t scope, const void *data, size_t len, const struct swap *w)
{
    uint32_t *source = NULL;
    size_t n;
    bool met = false;
    int err = set_decode(data, len, &source, &n);
    if (err)
        return err > 0 ? -EUCLEAN : err;
    for (size_t i = 0; i < n; i++) {
        struct addr a = addr_v4(source[i]);
        const struct addr *to = swap_find(w, &a);
        source[i] = to ? addr_u32(to) : source[i];
        met |= to != NULL;
    }
    if (met) {
        uint32_t *twice = realloc(source, 2 * n * sizeof *source);
        source = twice ? twice : source;
        err = twice ? 0 : -ENOMEM;
    }
    if (met && !err) {
        sort_u32(source, source + n, n);
        err = add_set(d, scope, source, n);
    }
    free(source);
    return err;
}

static int swap_sets(struct day_rewrite *d, const struct swap *w)
{
    struct stmt *q = db_stmt(d->s->db, "SELECT scope, blob FROM day_sources WHERE start=?");
    db_bind_int(q, 1, d->start);
    int row, err = 0;
    while (!err && (row = db_step(d->s->db, q)) != 0) {
        size_t n;
        const void *data = row < 0 ? NULL : db_blob(q, 1, &n);
        err = row < 0 ? row : swap_set(d, db_int(q, 0), data, n, w);
    }
    db_done(q);
    return err;
}

/* All of it was worked out before: the transaction only writes. */
static int write_day(struct day_rewrite *d)
{
    struct db *db = d->s->db;
    TRY(store_begin(d->s));
    struct stmt *q = db_stmt(db, "UPDATE day SET census=?2 WHERE start=?1");
    db_bind_int(q, 1, d->start);
    db_bind_blob(q, 2, d->census.data, d->census.len);
    TRY(db_run(db, q));
    for (size_t i = 0; i < d->n; i++) {
        q = db_stmt(db, "UPDATE day_sources SET blob=?3 WHERE start=?1 AND scope=?2");
        db_bind_int(q, 1, d->start);
        db_bind_int(q, 2, d->set[i].scope);
        db_bind_blob(q, 3, d->set[i].blob.data, d->set[i].blob.len);
        TRY(db_run(db, q));
    }
    TRY(evidence_day(d->s, d->start));
    return store_commit(d->s);
}

static int make_day(struct day_rewrite *d, const struct census *before, const struct swap *w)
{
    struct census after = { 0 };
    int err = swap_census(w, before, &after, NULL);
    if (!err)
        err = census_encode(&after, d->s->zstd, &d->census);
    census_release(&after);
    return err ? err : swap_sets(d, w);
}

int rewrite_day(struct store *s, int64_t start, const struct swap *w)
{
    struct day_rewrite d = { .s = s, .start = start };
    struct census before = { 0 };
    buf_init(&d.census, CENSUS_BYTES_MAX);
    const struct unit day = { .start = start, .day = true };
    int err = unit_summary(s, &day, NULL, &before);
    bool met = !err && swap_meets(w, &before);
    if (met)
        err = evidence_check_day(s, start);
    if (!err && met)
        err = make_day(&d, &before, w);
    census_release(&before);
    if (!err && met)
        err = write_day(&d);
    if (err)
        store_rollback(s);
    for (size_t i = 0; i < d.n; i++)
        buf_release(&d.set[i].blob);
    free(d.set);
    buf_release(&d.census);
    return err ? err : met;
}
