/*
 * Sessions written anew with some addresses replaced: as sources and destinations by their pseudonyms, in what was said
 * and typed by as many x as they had characters. What lies in a transcript is looked for in each direction's bytes as
 * they follow each other, however they came in pieces.
 */
#include "base/array.h"
#include "base/rd.h"
#include "store/evidence.h"
#include "store/mask.h"
#include "store/session.h"
#include "store/swap.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 16 /* sessions in a transaction */, RAW_MOST = 256 /* addresses that are looked for as raw bytes */ };

/* What is done about an address: `place` may change it, `name` tells whether to take it out; 1: yes. `file`: whether
 * the content of a made file is to go. */
struct walk {
    int (*place)(void *context, struct addr *a);
    int (*name)(void *context, const struct addr *a);
    int (*file)(void *context, const uint8_t *sha256);
    void *context;
};

/* ---- a session in memory ---- */

struct event {
    int64_t seq, time, type;
    struct buf blob; /* owned */
    bool changed;
};

struct content {
    struct session_row row;
    struct event *event;
    size_t n, room;
    struct buf spoken;
    bool spoken_changed, changed;
};

static void content_release(struct content *c)
{
    for (size_t i = 0; i < c->n; i++)
        buf_release(&c->event[i].blob);
    free(c->event);
    buf_release(&c->spoken);
    buf_release(&c->row.pieces);
}

static int load_events(struct store *s, struct content *c)
{
    struct stmt *q = db_stmt(s->db, "SELECT seq, time, type, blob FROM session_event WHERE session=? ORDER BY seq");
    db_bind_int(q, 1, (int64_t)c->row.id);
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        size_t n;
        if ((row = ARRAY_ROOM(c->event, c->room, c->n + 1)) < 0)
            break;
        struct event *e = &c->event[c->n++];
        *e = (struct event){ .seq = db_int(q, 0), .time = db_int(q, 1), .type = db_int(q, 2) };
        const void *blob = db_blob(q, 3, &n);
        buf_init(&e->blob, 1 << 24);
        buf_put(&e->blob, blob, n);
        if ((row = buf_status(&e->blob)) < 0)
            break;
    }
    db_done(q);
    return row;
}

/* 0; 1 where it is gone. */
static int content_load(struct store *s, uint64_t id, struct content *ret)
{
    *ret = (struct content){ .n = 0 };
    buf_init(&ret->spoken, 64 << 20);
    int none = session_load(s, id, &ret->row);
    if (none)
        return none;
    TRY(load_events(s, ret));
    return session_spoken_load(s, id, &ret->spoken);
}

static int walk_address(const struct walk *w, struct addr *a, bool *changed)
{
    int met = a->family ? w->place(w->context, a) : 0;
    *changed |= met == 1;
    return met;
}

/* Whatever is neither a number nor raw bytes may have an address in it. */
static bool may_name(uint8_t kind)
{
    return kind != SESSION_NUMBER && kind != SESSION_FLAG && kind != SESSION_BYTES;
}

/* The fields of an event lie in its blob and are changed there. */
static int walk_field(const struct walk *w, struct event *e, const struct session_event *s, enum session_field f)
{
    uint8_t kind = session_field(f)->kind;
    if (!session_has(s, f) || !may_name(kind))
        return 0;
    uint8_t *at = e->blob.data + (s->value[f].bytes.data - e->blob.data);
    size_t n = s->value[f].bytes.n;
    if (kind != SESSION_ADDRESS) {
        int met = mask_text(w->name, w->context, at, n);
        e->changed |= met == 1;
        return met;
    }
    struct addr a = session_address(s, f);
    TRY(walk_address(w, &a, &e->changed));
    memcpy(at, a.bytes, n);
    return 0;
}

/* An event whose file is to go no longer says that its content is kept. */
static int walk_file(const struct walk *w, struct event *e, struct session_event *s)
{
    if (!session_has(s, FIELD_CONTENT) || !session_has(s, FIELD_SHA256))
        return 0;
    int out = w->file(w->context, s->value[FIELD_SHA256].bytes.data);
    if (out <= 0)
        return out;
    struct buf blob;
    buf_init(&blob, 1 << 24);
    s->has &= ~(UINT64_C(1) << FIELD_CONTENT);
    session_put(&blob, s);
    buf_release(&e->blob);
    e->blob = blob;
    e->changed = true;
    return buf_status(&blob);
}

static int walk_event(const struct walk *w, struct event *e)
{
    struct session_event s;
    if (session_get(rd_init(e->blob.data, e->blob.len), &s))
        return -EUCLEAN;
    for (enum session_field f = 0; f < SESSION_FIELDS; f++)
        TRY(walk_field(w, e, &s, f));
    return walk_file(w, e, &s);
}

/* The bytes of a direction behind each other, out of the pieces or (`back`) into them. */
static int gather(struct content *c, uint8_t direction, struct buf *all, bool back)
{
    struct rd r = rd_init(c->spoken.data, c->spoken.len), whole;
    struct session_piece p;
    size_t at = 0;
    int more;
    while ((more = session_next_piece(&r, &p, &whole)) == 1) {
        if (p.direction != direction)
            continue;
        if (back)
            memcpy(c->spoken.data + (p.data - c->spoken.data), all->data + at, p.n);
        else
            buf_put(all, p.data, p.n);
        at += p.n;
    }
    return more < 0 ? more : buf_status(all);
}

static int walk_spoken(const struct walk *w, struct content *c, uint8_t direction)
{
    struct buf all;
    buf_init(&all, 64 << 20);
    int met = gather(c, direction, &all, false);
    if (!met && all.len)
        met = mask_text(w->name, w->context, all.data, all.len);
    if (met == 1) {
        met = gather(c, direction, &all, true);
        c->spoken_changed = true;
    }
    buf_release(&all);
    return met;
}

static int content_walk(const struct walk *w, struct content *c)
{
    struct session_row *row = &c->row;
    TRY(walk_address(w, &row->source, &c->changed));
    TRY(walk_address(w, &row->destination, &c->changed));
    int met = mask_text(w->name, w->context, row->terminal.data, row->terminal.n);
    TRY(met);
    for (size_t i = 0; i < c->n; i++) {
        TRY(walk_event(w, &c->event[i]));
        c->changed |= c->event[i].changed;
    }
    if (c->spoken.len)
        for (uint8_t direction = 0; direction < 2; direction++)
            TRY(walk_spoken(w, c, direction));
    c->changed |= met || c->spoken_changed;
    return 0;
}

static int write_event(struct store *s, uint64_t id, const struct event *e)
{
    struct stmt *q = db_stmt(s->db, "UPDATE session_event SET blob=?3 WHERE session=?1 AND seq=?2");
    db_bind_int(q, 1, (int64_t)id);
    db_bind_int(q, 2, e->seq);
    db_bind_blob(q, 3, e->blob.data, e->blob.len);
    return db_run(s->db, q);
}

static int content_save(struct store *s, struct content *c)
{
    memset(c->row.link, 0, sizeof c->row.link);
    for (size_t i = 0; i < c->n; i++) {
        const struct event *e = &c->event[i];
        if (e->changed)
            TRY(write_event(s, c->row.id, e));
        session_link_event(c->row.link, e->seq, e->time, e->type, e->blob.data, e->blob.len);
    }
    if (c->spoken_changed) {
        TRY(session_spoken_remove(s, c->row.id));
        memset(c->row.spoken_link, 0, sizeof c->row.spoken_link);
        buf_release(&c->row.pieces);
        c->row.pieces = c->spoken;
        buf_init(&c->spoken, 0);
    }
    return session_save(s, &c->row);
}

/* Whether a session is changed by the walk, in memory alone. Gone meanwhile: it is not. */
static int is_met(struct store *s, uint64_t id, const struct walk *w)
{
    struct content c;
    int err = content_load(s, id, &c);
    if (!err)
        err = content_walk(w, &c);
    bool changed = !err && c.changed;
    content_release(&c);
    return err < 0 ? err : changed;
}

/* ---- looking ---- */

static int look_place(void *context, struct addr *a)
{
    struct sessions_look *l = context;
    TRY(l->seen(l->context, a));
    return 0;
}

static int look_name(void *context, const struct addr *a)
{
    struct sessions_look *l = context;
    if (prefix_has(l->who, a))
        TRY(l->named(l->context, a));
    return 0;
}

static int look_file(void *context, const uint8_t *sha256)
{
    (void)context;
    (void)sha256;
    return 0;
}

/* Made files, each by its name. */
static int each_made(struct store *s, int (*take)(void *context, const uint8_t *sha256, struct buf *content),
                     void *context, size_t *damaged)
{
    struct stmt *q = db_stmt(s->db, "SELECT sha256 FROM made WHERE length(sha256)=32");
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        size_t n;
        struct buf content;
        buf_init(&content, 1 << 20);
        const void *name = row < 0 ? NULL : db_blob(q, 0, &n);
        err = row < 0 ? row : store_made(s, name, &content);
        if (!err)
            err = take(context, name, &content);
        *damaged += is_damage(err) && row == 1;
        if ((is_damage(err) && row == 1) || err > 0)
            err = 0;
        buf_release(&content);
    }
    db_done(q);
    return err;
}

static int look_made(void *context, const uint8_t *sha256, struct buf *content)
{
    const struct walk *w = context;
    (void)sha256;
    int met = mask_text(w->name, w->context, content->data, content->len);
    return met < 0 ? met : 0;
}

int sessions_look_at(struct store *s, struct sessions_look *l)
{
    const struct walk w = { look_place, look_name, look_file, l };
    int64_t *id = NULL;
    size_t n = 0;
    int err = store_numbers(s, "SELECT id FROM session", &id, &n);
    for (size_t i = 0; !err && i < n; i++) {
        int met = is_met(s, (uint64_t)id[i], &w);
        l->damaged += is_damage(met);
        err = met < 0 && !is_damage(met) ? met : 0;
    }
    free(id);
    if (!err)
        err = each_made(s, look_made, (void *)(uintptr_t)&w, &l->damaged);
    return err;
}

/* ---- rewriting ---- */

struct rewriting {
    struct store *s;
    const struct swap *swap;
    uint8_t (*file)[SHA256_BYTES]; /* made files that go */
    size_t files, files_room;
    size_t damaged;
};

static int swap_place(void *context, struct addr *a)
{
    const struct rewriting *k = context;
    const struct addr *to = swap_find(k->swap, a);
    if (to)
        *a = *to;
    return to != NULL;
}

static int swap_name(void *context, const struct addr *a)
{
    const struct rewriting *k = context;
    return swap_find(k->swap, a) != NULL;
}

static int swap_file(void *context, const uint8_t *sha256)
{
    const struct rewriting *k = context;
    for (size_t i = 0; i < k->files; i++)
        if (memcmp(k->file[i], sha256, SHA256_BYTES) == 0)
            return 1;
    return 0;
}

/* A program has the address that it calls as four or sixteen bytes. */
static bool has_raw(const struct rewriting *k, const struct buf *content)
{
    for (size_t i = 0; k->swap->n <= RAW_MOST && i < k->swap->n; i++) {
        const struct addr *a = &k->swap->pair[i].from;
        if (memmem(content->data, content->len, a->bytes, a->family == 4 ? 4 : 16))
            return true;
    }
    return false;
}

static int find_file(void *context, const uint8_t *sha256, struct buf *content)
{
    struct rewriting *k = context;
    bool raw = has_raw(k, content);
    int met = mask_text(swap_name, k, content->data, content->len);
    if (met < 0 || (!met && !raw))
        return met;
    TRY(ARRAY_ROOM(k->file, k->files_room, k->files + 1));
    memcpy(k->file[k->files++], sha256, SHA256_BYTES);
    return 0;
}

static int remove_files(struct rewriting *k)
{
    for (size_t i = 0; i < k->files; i++) {
        TRY(store_begin(k->s));
        struct stmt *q = db_stmt(k->s->db, "DELETE FROM made WHERE sha256=?");
        db_bind_blob(q, 1, k->file[i], SHA256_BYTES);
        TRY(db_run(k->s->db, q));
    }
    return store_commit(k->s);
}

static int rewrite_session(struct store *s, uint64_t id, const struct walk *w)
{
    struct content c;
    TRY(store_begin(s));
    int err = content_load(s, id, &c);
    if (!err)
        err = content_walk(w, &c);
    if (!err && c.changed)
        err = content_save(s, &c);
    content_release(&c);
    return err < 0 ? err : 0;
}

static int state_of(struct store *s, int64_t batch, int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT state FROM session_batch WHERE id=?");
    db_bind_int(q, 1, batch);
    return db_number(s->db, q, ret);
}

/* What was kept by an event needs another in the transaction that changes it. */
static int commit_batch(struct store *s, int64_t batch)
{
    int64_t state;
    TRY(store_begin(s));
    TRY(state_of(s, batch, &state));
    if (state == BATCH_KEPT)
        TRY(evidence_batch(s, batch));
    return store_commit(s);
}

static int rewrite_sessions(struct rewriting *k, int64_t batch, const int64_t *id, size_t n)
{
    const struct walk w = { swap_place, swap_name, swap_file, k };
    TRY(evidence_check_batch(k->s, batch));
    for (size_t i = 0; i < n; i++) {
        TRY(rewrite_session(k->s, (uint64_t)id[i], &w));
        if (i % AT_ONCE == AT_ONCE - 1)
            TRY(commit_batch(k->s, batch));
    }
    return commit_batch(k->s, batch);
}

/* Only those that are met; one that cannot be read leaves the batch as it is. */
static int rewrite_batch(struct rewriting *k, int64_t batch)
{
    const struct walk w = { swap_place, swap_name, swap_file, k };
    int64_t *id = NULL;
    size_t n = 0, met = 0;
    int err = batch_sessions(k->s, batch, &id, &n);
    for (size_t i = 0; !err && i < n; i++) {
        int is = is_met(k->s, (uint64_t)id[i], &w);
        err = is < 0 ? is : 0;
        if (is == 1)
            id[met++] = id[i];
    }
    if (!err && met)
        err = rewrite_sessions(k, batch, id, met);
    free(id);
    if (err)
        store_rollback(k->s);
    return err;
}

static int rewrite_all(struct rewriting *k)
{
    int64_t *batch = NULL;
    size_t n = 0;
    int err = each_made(k->s, find_file, k, &k->damaged);
    if (!err)
        err = store_numbers(k->s, "SELECT id FROM session_batch WHERE state < 2", &batch, &n);
    for (size_t i = 0; !err && i < n; i++) {
        err = rewrite_batch(k, batch[i]);
        k->damaged += is_damage(err);
        err = is_damage(err) ? 0 : err;
    }
    free(batch);
    return err ? err : remove_files(k);
}

int sessions_rewrite(struct store *s, const struct swap *w, size_t *damaged)
{
    struct rewriting k = { .s = s, .swap = w };
    if (w->n == 0)
        return 0;
    int err = rewrite_all(&k);
    free(k.file);
    *damaged += k.damaged;
    return err;
}
