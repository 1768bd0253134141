#include "store/session.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    BATCH_SECONDS = 3600,
    LOST_AT_ONCE = 64,
    MADE_LEVEL = 3,
    MADE_DUE_S = 60, /* between looks at how much is made, once that is too much */
    EVENT_MOST = 1 << 20,
};
#define TIME_MOST (INT64_C(253402300800) * US_A_S) /* year 10000 */

/* ---- the sessions of this transaction ---- */

/* Found by their numbers: open addressing, as many slots again as there are rows. */
struct sittings {
    struct session_row **row; /* owned */
    size_t n, room;
    uint32_t *slot; /* place in row, from 1; 0: free */
    size_t slots;   /* a power of two */
    uint64_t seed;  /* random: numbers come from workers, who are not to choose their slots */
};

static size_t slot_of(const struct sittings *t, uint64_t id)
{
    size_t at = (size_t)hash64(&id, sizeof id, t->seed) & (t->slots - 1);
    while (t->slot[at] && t->row[t->slot[at] - 1]->id != id)
        at = (at + 1) & (t->slots - 1);
    return at;
}

static int make_slots(struct sittings *t)
{
    if (t->n * 2 < t->slots)
        return 0;
    uint32_t *more = calloc(t->slots ? t->slots * 2 : 128, sizeof *more);
    if (!more)
        return -ENOMEM;
    free(t->slot);
    t->slot = more;
    t->slots = t->slots ? t->slots * 2 : 128;
    for (size_t i = 0; i < t->n; i++)
        t->slot[slot_of(t, t->row[i]->id)] = (uint32_t)i + 1;
    return 0;
}

static struct session_row *sitting_find(const struct store *s, uint64_t id)
{
    const struct sittings *t = s->sittings;
    if (!t || !t->slots || !t->slot[slot_of(t, id)])
        return NULL;
    return t->row[t->slot[slot_of(t, id)] - 1];
}

/* A copy of the row, which it takes over. */
static int sitting_add(struct store *s, const struct session_row *row, struct session_row **ret)
{
    if (!s->sittings && !(s->sittings = calloc(1, sizeof *s->sittings)))
        return -ENOMEM;
    struct sittings *t = s->sittings;
    if (!t->seed && getrandom(&t->seed, sizeof t->seed, 0) != sizeof t->seed)
        return -EIO;
    TRY(ARRAY_ROOM(t->row, t->room, t->n + 1));
    TRY(make_slots(t));
    struct session_row *copy = malloc(sizeof *copy);
    if (!copy)
        return -ENOMEM;
    *copy = *row;
    t->slot[slot_of(t, row->id)] = (uint32_t)t->n + 1;
    t->row[t->n++] = *ret = copy;
    return 0;
}

void sittings_release(struct store *s)
{
    struct sittings *t = s->sittings;
    for (size_t i = 0; t && i < t->n; i++) {
        buf_release(&t->row[i]->pieces);
        free(t->row[i]);
    }
    if (t) {
        free(t->row);
        free(t->slot);
    }
    free(t);
    s->sittings = NULL;
}

int sittings_write(struct store *s)
{
    for (size_t i = 0; s->sittings && i < s->sittings->n; i++)
        TRY(session_save(s, s->sittings->row[i]));
    sittings_release(s);
    return 0;
}

/* ---- opening ---- */

/* The newest batch, where the session belongs to it; else a new one. */
static int find_batch(struct store *s, int64_t at, int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT id, at, state FROM session_batch ORDER BY id DESC LIMIT 1");
    int row = db_step(s->db, q);
    bool fits = row == 1 && db_int(q, 2) == BATCH_GROWS && at >= db_int(q, 1) - BATCH_SECONDS &&
                at < db_int(q, 1) + BATCH_SECONDS;
    *ret = fits ? db_int(q, 0) : 0;
    db_done(q);
    if (row < 0 || fits)
        return row < 0 ? row : 0;
    q = db_stmt(s->db, "INSERT INTO session_batch(at, state, seq) VALUES(?, 0, 0)");
    db_bind_int(q, 1, at);
    TRY(db_run(s->db, q));
    *ret = db_last_id(s->db);
    return 0;
}

static int open_session(struct store *s, const struct session_event *e, struct session_row **ret)
{
    struct session_row row;
    if (sitting_find(s, e->session))
        return STORE_STRAY;
    int none = session_load(s, e->session, &row);
    if (none != 1)
        return none < 0 ? none : STORE_STRAY;
    row = (struct session_row){ .id = e->session, .start = e->time };
    buf_init(&row.pieces, 64 << 20);
    TRY(find_batch(s, e->time / US_A_S, &row.batch));
    return sitting_add(s, &row, ret);
}

static int find_open(struct store *s, uint64_t id, struct session_row **ret)
{
    struct session_row row;
    *ret = sitting_find(s, id);
    if (!*ret) {
        int none = session_load(s, id, &row);
        if (none)
            return none < 0 ? none : STORE_STRAY;
        if (row.end)
            return STORE_STRAY;
        TRY(sitting_add(s, &row, ret));
    }
    return (*ret)->end ? STORE_STRAY : 0;
}

/* ---- what an event changes of its session ---- */

static void set_word(struct session_word *w, const struct session_event *e, enum session_field f)
{
    if (!session_has(e, f))
        return;
    uint32_t n = e->value[f].bytes.n;
    w->n = n < sizeof w->data ? n : (uint32_t)sizeof w->data;
    if (w->n)
        memcpy(w->data, e->value[f].bytes.data, w->n);
}

static void apply_open(struct session_row *row, const struct session_event *e)
{
    row->source = session_address(e, FIELD_SOURCE);
    row->source_port = (int64_t)(session_number(e, FIELD_SOURCE_PORT) & 0xffff);
    row->destination = session_address(e, FIELD_DESTINATION);
    row->destination_port = (int64_t)(session_number(e, FIELD_DESTINATION_PORT) & 0xffff);
    set_word(&row->service, e, FIELD_SERVICE);
    set_word(&row->persona, e, FIELD_PERSONA);
}

static void apply(struct session_row *row, const struct session_event *e)
{
    if (e->time > row->last)
        row->last = e->time;
    switch (e->type) {
    case SESSION_OPEN:
        apply_open(row, e);
        break;
    case SESSION_CLIENT:
        set_word(&row->negotiation, e, FIELD_NEGOTIATION);
        set_word(&row->terminal, e, FIELD_TERMINAL);
        break;
    case SESSION_LOGIN:
        row->logged_in |= session_number(e, FIELD_ACCEPTED) != 0;
        break;
    case SESSION_COMMAND:
        row->commands++;
        break;
    case SESSION_DOWNLOAD:
        row->downloads++;
        break;
    case SESSION_CLOSE:
        row->end = e->time > row->start ? e->time : row->start + 1; /* 0 is of an open one */
        break;
    default:
        break;
    }
}

/* ---- beside the events ---- */

static void bind_field(struct stmt *q, int at, const struct session_event *e, enum session_field f)
{
    bool has = session_has(e, f);
    db_bind_blob(q, at, has ? e->value[f].bytes.data : NULL, has ? e->value[f].bytes.n : 0);
}

/* Whether the content is all of the file that the hash tells of. */
static bool is_whole(const struct session_event *e)
{
    if (!session_has(e, FIELD_CONTENT) || !session_has(e, FIELD_SHA256) || e->value[FIELD_CONTENT].bytes.cut ||
        e->value[FIELD_SHA256].bytes.n != SHA256_BYTES || e->value[FIELD_CONTENT].bytes.n == 0)
        return false;
    struct sha256 h;
    uint8_t hash[SHA256_BYTES];
    sha256_begin(&h);
    sha256_add(&h, e->value[FIELD_CONTENT].bytes.data, e->value[FIELD_CONTENT].bytes.n);
    sha256_end(&h, hash);
    return memcmp(hash, e->value[FIELD_SHA256].bytes.data, SHA256_BYTES) == 0;
}

static int add_made(struct store *s, const struct session_event *e)
{
    struct buf packed;
    const uint8_t *data = e->value[FIELD_CONTENT].bytes.data;
    size_t n = e->value[FIELD_CONTENT].bytes.n;
    buf_init(&packed, EVENT_MOST);
    int err = zstd_pack(s->zstd, &packed, data, n, MADE_LEVEL);
    if (!err) {
        struct stmt *q = db_stmt(s->db, "INSERT INTO made(sha256, size, last, blob) VALUES(?, ?, ?, ?)");
        bind_field(q, 1, e, FIELD_SHA256);
        db_bind_int(q, 2, (int64_t)n);
        db_bind_int(q, 3, e->time);
        db_bind_blob(q, 4, packed.data, packed.len);
        s->written += packed.len;
        err = db_run(s->db, q);
    }
    buf_release(&packed);
    return err;
}

/* Once: of the same file only when it was met last changes. */
static int keep_made(struct store *s, const struct session_event *e)
{
    struct stmt *q = db_stmt(s->db, "UPDATE made SET last=max(last, ?2) WHERE sha256=?1");
    bind_field(q, 1, e, FIELD_SHA256);
    db_bind_int(q, 2, e->time);
    TRY(db_run(s->db, q));
    return db_changes(s->db) ? 0 : add_made(s, e);
}

/* Counted anew now and then, for files go, too. */
static int has_room_for_made(struct store *s, size_t n, bool *ret)
{
    int64_t sum;
    *ret = true;
    if (!s->session_rules.made)
        return 0;
    bool full = s->made_bytes + n > s->session_rules.made;
    if (!s->made_due || (full && time_mono() >= s->made_due)) {
        TRY(store_number(s, "SELECT coalesce(sum(length(blob)), 0) FROM made", &sum));
        s->made_bytes = (uint64_t)sum;
        s->made_due = time_mono() + MADE_DUE_S * NS_A_S;
    }
    *ret = s->made_bytes + n <= s->session_rules.made;
    s->made_bytes += *ret ? n : 0;
    return 0;
}

/* The event without its content: an empty one tells that it is kept. */
static int take_content(struct store *s, const struct session_event *e, struct session_event *ret)
{
    bool whole = is_whole(e);
    if (whole)
        TRY(has_room_for_made(s, e->value[FIELD_CONTENT].bytes.n, &whole));
    *ret = *e;
    if (whole)
        session_set_bytes(ret, FIELD_CONTENT, "", 0);
    else
        ret->has &= ~(UINT64_C(1) << FIELD_CONTENT);
    return whole ? keep_made(s, e) : 0;
}

/* ---- keeping ---- */

static int write_event(struct store *s, struct session_row *row, const struct session_event *e)
{
    struct buf b;
    buf_init(&b, EVENT_MOST);
    session_put(&b, e);
    int err = buf_status(&b);
    if (!err) {
        struct stmt *q = db_stmt(s->db, "INSERT INTO session_event(session, seq, time, type, blob)"
                                        " VALUES(?, ?, ?, ?, ?)");
        db_bind_int(q, 1, (int64_t)row->id);
        db_bind_int(q, 2, row->events);
        db_bind_int(q, 3, e->time);
        db_bind_int(q, 4, (int64_t)e->type);
        db_bind_blob(q, 5, b.data, b.len);
        s->written += b.len;
        err = db_run(s->db, q);
    }
    if (!err)
        session_link_event(row->link, row->events++, e->time, (int64_t)e->type, b.data, b.len);
    buf_release(&b);
    return err;
}

/* The first bytes of a session are kept, up to a piece that passes what is allowed. */
static int add_piece(struct store *s, struct session_row *row, const struct session_event *e)
{
    size_t n = session_has(e, FIELD_DATA) ? e->value[FIELD_DATA].bytes.n : 0;
    if (n == 0)
        return 0;
    if (e->time > row->last)
        row->last = e->time;
    if (row->unspoken || (uint64_t)row->spoken + n > s->session_rules.transcript) {
        row->unspoken += (int64_t)n;
        return 0;
    }
    row->spoken += (int64_t)n;
    session_put_piece(&row->pieces, session_number(e, FIELD_AT), session_number(e, FIELD_DIRECTION) != 0,
                      e->value[FIELD_DATA].bytes.data, n);
    s->written += n;
    return buf_status(&row->pieces);
}

static int add_event(struct store *s, struct session_row *row, const struct session_event *e)
{
    struct session_event bare;
    if (row->events >= SESSION_EVENTS && e->type != SESSION_CLOSE)
        return STORE_STRAY;
    TRY(take_content(s, e, &bare));
    apply(row, &bare);
    return write_event(s, row, &bare);
}

int store_session_event(struct store *s, const struct session_event *e)
{
    struct session_row *row;
    if (e->time < 0 || e->time >= TIME_MOST)
        return STORE_STRAY;
    TRY(store_begin(s));
    int err = e->type == SESSION_OPEN ? open_session(s, e, &row) : find_open(s, e->session, &row);
    if (err)
        return err;
    return e->type == SESSION_SPOKEN ? add_piece(s, row, e) : add_event(s, row, e);
}

void store_session_rules(struct store *s, const struct session_rules *rules)
{
    s->session_rules = *rules;
    s->rules_told = true;
}

/* ---- sessions of which nobody tells any more ---- */

static int end_lost(struct store *s, uint64_t id, int64_t last)
{
    struct session_event e;
    struct session_row *row;
    int none = find_open(s, id, &row);
    if (none)
        return none < 0 ? none : 0;
    session_begin(&e, SESSION_CLOSE, id, last);
    session_set_text(&e, FIELD_REASON, "lost");
    session_set(&e, FIELD_DURATION, last > row->start ? (uint64_t)(last - row->start) : 0);
    int err = store_session_event(s, &e);
    return err < 0 ? err : 0;
}

static int end_some(struct store *s, const char *sql, int64_t a, int64_t b, int64_t c)
{
    int64_t id[LOST_AT_ONCE], last[LOST_AT_ONCE];
    size_t n = 0;
    TRY(sittings_write(s));
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, LOST_AT_ONCE);
    db_bind_int(q, 2, a);
    db_bind_int(q, 3, b);
    db_bind_int(q, 4, c);
    int row;
    while ((row = db_step(s->db, q)) == 1 && n < LOST_AT_ONCE) {
        id[n] = db_int(q, 0);
        last[n++] = db_int(q, 1);
    }
    db_done(q);
    TRY(row);
    for (size_t i = 0; i < n; i++)
        TRY(end_lost(s, (uint64_t)id[i], last[i]));
    return n == LOST_AT_ONCE;
}

int store_sessions_lost(struct store *s, int64_t before)
{
    return end_some(s, "SELECT id, last FROM session WHERE end IS NULL AND last < ?2 AND ?3 + ?4 ORDER BY last LIMIT ?1",
                    before, 1, 0);
}

int store_sessions_left(struct store *s, uint64_t up_to, uint64_t step, uint64_t rest)
{
    return end_some(s, "SELECT id, last FROM session WHERE end IS NULL AND id <= ?2 AND id % ?3 = ?4 ORDER BY last"
                       " LIMIT ?1",
                    (int64_t)up_to, (int64_t)step, (int64_t)rest);
}

int store_session_greatest(struct store *s, uint64_t *ret)
{
    int64_t n;
    TRY(sittings_write(s));
    TRY(store_number(s, "SELECT coalesce(max(id), 0) FROM session", &n));
    *ret = (uint64_t)n;
    return 0;
}
