/*
 * Questions about sessions.
 */
#include "base/rd.h"
#include "base/time.h"
#include "store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN "s.batch IN (SELECT id FROM session_batch WHERE state < 2)"

enum { MADE_MOST = 1 << 20 };

/* ---- rows ---- */

static void copy_word(const struct session_word *w, char ret[static SESSION_WORD])
{
    size_t n = strnlen((const char *)w->data, w->n);
    memcpy(ret, w->data, n);
    ret[n] = '\0';
}

static void put_client(const struct session_row *row, char ret[static SESSION_CLIENT_WORD])
{
    char terminal[SESSION_WORD];
    size_t at = 0;
    for (uint32_t i = 0; i < row->negotiation.n; i++)
        at += (size_t)snprintf(ret + at, 3, "%02x", row->negotiation.data[i]);
    copy_word(&row->terminal, terminal);
    snprintf(ret + at, SESSION_CLIENT_WORD - at, "%s%s", at && terminal[0] ? " " : "", terminal);
}

static void take_facts(struct stmt *q, struct session_facts *ret)
{
    struct session_row row;
    session_take_row(q, &row);
    *ret = (struct session_facts){ .id = row.id,
                                   .start = row.start,
                                   .end = row.end,
                                   .last = row.last,
                                   .source = row.source,
                                   .destination = row.destination,
                                   .source_port = (uint16_t)row.source_port,
                                   .destination_port = (uint16_t)row.destination_port,
                                   .logged_in = row.logged_in != 0,
                                   .commands = (uint64_t)row.commands,
                                   .downloads = (uint64_t)row.downloads,
                                   .events = (uint64_t)row.events,
                                   .spoken = (uint64_t)row.spoken,
                                   .unspoken = (uint64_t)row.unspoken };
    copy_word(&row.service, ret->service);
    copy_word(&row.persona, ret->persona);
    put_client(&row, ret->client);
}

/* What it spoke is told by an event of its own. */
static int take_protocol(struct store *s, struct session_facts *ret)
{
    struct session_event e;
    size_t n;
    if (strcmp(ret->service, "other") != 0)
        return 0;
    struct stmt *q = db_stmt(s->db, "SELECT blob FROM session_event WHERE session=? AND type=? ORDER BY seq LIMIT 1");
    db_bind_int(q, 1, (int64_t)ret->id);
    db_bind_int(q, 2, SESSION_PROTOCOL);
    int row = db_step(s->db, q);
    const void *blob = row == 1 ? db_blob(q, 0, &n) : NULL;
    if (blob && session_get(rd_init(blob, n), &e) == 0 && session_has(&e, FIELD_PROTOCOL)) {
        struct session_word w = { 0 };
        w.n = e.value[FIELD_PROTOCOL].bytes.n < sizeof w.data ? e.value[FIELD_PROTOCOL].bytes.n : sizeof w.data;
        memcpy(w.data, e.value[FIELD_PROTOCOL].bytes.data, w.n);
        copy_word(&w, ret->protocol);
    }
    db_done(q);
    return row < 0 ? row : 0;
}

int store_session(struct store *s, uint64_t id, struct session_facts *ret)
{
    if (s->version < SCHEMA_SESSIONS)
        return 1;
    struct stmt *q = db_stmt(s->db, "SELECT " SESSION_COLUMNS " FROM session s WHERE s.id=? AND " SHOWN);
    db_bind_int(q, 1, (int64_t)id);
    int row = db_step(s->db, q);
    if (row == 1)
        take_facts(q, ret);
    db_done(q);
    int err = row == 1 ? take_protocol(s, ret) : 0;
    return row < 0 ? row : err ? err : row == 0;
}

/* ---- what was done in a session ---- */

static int take_event(struct stmt *q, struct session_event *ret)
{
    size_t n;
    const void *blob = db_blob(q, 0, &n);
    return session_get(rd_init(n ? blob : "", n), ret) ? -EUCLEAN : 0;
}

int store_session_events(struct store *s, uint64_t id, int (*take)(void *context, const struct session_event *e),
                         void *context)
{
    struct stmt *q = db_stmt(s->db, "SELECT blob FROM session_event WHERE session=? ORDER BY seq");
    db_bind_int(q, 1, (int64_t)id);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        struct session_event e;
        err = row < 0 ? row : take_event(q, &e);
        if (!err)
            err = take(context, &e);
    }
    db_done(q);
    return err;
}

int store_session_spoken(struct store *s, uint64_t id, int (*take)(void *context, const struct session_piece *p),
                         void *context)
{
    struct buf spoken;
    struct session_piece piece;
    struct rd whole;
    buf_init(&spoken, 1 << 30);
    int more = 0, err = session_spoken_load(s, id, &spoken);
    struct rd r = rd_init(spoken.data ? spoken.data : (const uint8_t *)"", spoken.len);
    while (!err && (more = session_next_piece(&r, &piece, &whole)) == 1)
        err = take(context, &piece);
    buf_release(&spoken);
    return err ? err : more < 0 ? more : 0;
}

/* ---- all of a session, as it was told ---- */

struct telling {
    uint64_t id;
    int64_t start;
    struct rd spoken;
    struct session_piece piece; /* the next one, where `more` is 1 */
    int more;
    int (*take)(void *context, const struct session_event *e);
    void *context;
};

static void next_piece(struct telling *t)
{
    struct rd whole;
    t->more = session_next_piece(&t->spoken, &t->piece, &whole);
}

static int64_t time_of_piece(const struct telling *t)
{
    static const uint64_t most = UINT64_C(1) << 60; /* a worker may lie */
    return t->start + (int64_t)(t->piece.at < most ? t->piece.at : most);
}

/* Pieces that began at `until` or before: a piece is told before what it led to. */
static int tell_pieces(struct telling *t, int64_t until)
{
    for (; t->more == 1 && time_of_piece(t) <= until; next_piece(t)) {
        struct session_event e;
        session_begin(&e, SESSION_SPOKEN, t->id, time_of_piece(t));
        session_set(&e, FIELD_DIRECTION, t->piece.direction);
        session_set(&e, FIELD_AT, t->piece.at);
        session_set_bytes(&e, FIELD_DATA, t->piece.data, t->piece.n);
        int err = t->take(t->context, &e);
        if (err)
            return err;
    }
    return t->more < 0 ? t->more : 0;
}

static int tell_event(void *context, const struct session_event *e)
{
    struct telling *t = context;
    int err = 0;
    if (e->type == SESSION_OPEN)
        t->start = e->time;
    else
        err = tell_pieces(t, e->type == SESSION_CLOSE ? INT64_MAX : e->time);
    return err ? err : t->take(t->context, e);
}

int store_session_told(struct store *s, uint64_t id, int (*take)(void *context, const struct session_event *e),
                       void *context)
{
    struct telling t = { .id = id, .take = take, .context = context };
    struct buf spoken;
    buf_init(&spoken, 1 << 30);
    int err = session_spoken_load(s, id, &spoken);
    t.spoken = rd_init(spoken.data ? spoken.data : (const uint8_t *)"", spoken.len);
    if (!err) {
        next_piece(&t);
        err = store_session_events(s, id, tell_event, &t);
    }
    if (!err)
        err = tell_pieces(&t, INT64_MAX);
    buf_release(&spoken);
    return err;
}

/* ---- made files ---- */

static int unpack_made(struct store *s, struct stmt *q, struct buf *ret)
{
    size_t n;
    int64_t size = db_int(q, 0);
    const void *blob = db_blob(q, 1, &n);
    if (size <= 0 || size > MADE_MOST)
        return -EUCLEAN;
    uint8_t *at = buf_add(ret, (size_t)size);
    if (!at)
        return -ENOMEM;
    int err = zstd_unpack(s->zstd, at, (size_t)size, blob, n);
    return err > 0 ? -EUCLEAN : err;
}

int store_made(struct store *s, const uint8_t sha256[static SHA256_BYTES], struct buf *ret)
{
    if (s->version < SCHEMA_SESSIONS)
        return 1;
    struct stmt *q = db_stmt(s->db, "SELECT size, blob FROM made WHERE sha256=?");
    db_bind_blob(q, 1, sha256, SHA256_BYTES);
    int row = db_step(s->db, q);
    int err = row == 1 ? unpack_made(s, q, ret) : row < 0 ? row : 1;
    db_done(q);
    return err;
}

/* ---- which sessions ---- */

static bool is_text(const struct session_event *e, enum session_field f, const char *text)
{
    if (!text)
        return true;
    size_t n = strlen(text);
    return session_has(e, f) && e->value[f].bytes.n == n && memcmp(e->value[f].bytes.data, text, n) == 0;
}

static bool has_text(const struct session_event *e, enum session_field f, const char *text)
{
    return session_has(e, f) && memmem(e->value[f].bytes.data, e->value[f].bytes.n, text, strlen(text));
}

/* What of the filter only events tell. */
struct sought {
    const struct session_filter *f;
    bool pair, command;
};

static int look_for(void *context, const struct session_event *e)
{
    struct sought *k = context;
    if (e->type == SESSION_LOGIN && (k->f->user || k->f->password))
        k->pair |= is_text(e, FIELD_USER, k->f->user) && is_text(e, FIELD_PASSWORD, k->f->password);
    if (e->type == SESSION_COMMAND && k->f->command)
        k->command |= has_text(e, FIELD_COMMAND, k->f->command);
    return k->pair && k->command;
}

/* 1 where the session has what is sought. */
static int is_sought(struct store *s, uint64_t id, const struct session_filter *f)
{
    struct sought k = { .f = f, .pair = !f->user && !f->password, .command = !f->command };
    if (k.pair && k.command)
        return 1;
    int err = store_session_events(s, id, look_for, &k);
    return err < 0 ? err : k.pair && k.command;
}

/* Addresses have four or sixteen bytes in the table; `last` must live as long as the statement is stepped. */
static void bind_range(struct stmt *q, int at, const struct prefix *p, struct addr *last)
{
    unsigned n = p->addr.family == 4 ? 4 : 16;
    *last = p->addr;
    for (unsigned i = p->bits; i < n * 8; i++)
        last->bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
    db_bind_blob(q, at, p->addr.bytes, n);
    db_bind_blob(q, at + 1, last->bytes, n);
    db_bind_int(q, at + 2, (int64_t)n);
}

#define IN_TIME " s.start >= ?1 AND s.start < ?2"
#define IN_PREFIX " s.source >= ?5 AND s.source <= ?6 AND length(s.source) = ?7"
#define OTHERS " AND (?3 < 0 OR s.destination_port = ?3) AND (?4 IS NULL OR s.persona = ?4) AND " SHOWN

#define SELECT_SESSIONS "SELECT " SESSION_COLUMNS " FROM session s WHERE"
#define NEWEST " ORDER BY s.start DESC, s.id DESC"
#define OLDEST " ORDER BY s.start, s.id"

static struct stmt *sessions_of(struct store *s, const struct session_filter *f, struct addr *last)
{
    static const char *const sql[2][2] = {
        { SELECT_SESSIONS IN_TIME OTHERS NEWEST, SELECT_SESSIONS IN_TIME OTHERS OLDEST },
        { SELECT_SESSIONS IN_PREFIX " AND" IN_TIME OTHERS NEWEST, SELECT_SESSIONS IN_PREFIX " AND" IN_TIME OTHERS OLDEST },
    };
    struct stmt *q = db_stmt(s->db, sql[f->source != NULL][f->oldest_first]);
    db_bind_int(q, 1, f->since * US_A_S);
    db_bind_int(q, 2, f->until ? f->until * US_A_S : INT64_MAX);
    db_bind_int(q, 3, f->port);
    if (f->persona)
        db_bind_blob(q, 4, f->persona, strlen(f->persona));
    if (f->source)
        bind_range(q, 5, f->source, last);
    return q;
}

static int each_session(struct store *s, const struct session_filter *f,
                        int (*take)(void *context, const struct session_facts *row), void *context)
{
    struct addr last;
    struct stmt *q = sessions_of(s, f, &last);
    size_t n = 0;
    int row, err = 0;
    while (!err && (f->limit == 0 || n < f->limit) && (row = db_step(s->db, q)) != 0) {
        struct session_facts facts;
        if (row == 1)
            take_facts(q, &facts);
        int sought = row < 0 ? row : is_sought(s, facts.id, f);
        err = sought == 1 ? take_protocol(s, &facts) : sought;
        if (sought == 1 && !err)
            err = take(context, &facts);
        n += sought == 1;
    }
    db_done(q);
    return err;
}

int store_sessions(struct store *s, const struct session_filter *f,
                   int (*take)(void *context, const struct session_facts *row), void *context)
{
    if (s->version < SCHEMA_SESSIONS)
        return 0;
    db_limit(s->db, f->deadline, f->cancel);
    int err = each_session(s, f, take, context);
    db_limit(s->db, 0, NULL);
    return err;
}

/* ---- who ---- */

static void take_source(struct stmt *q, struct session_source *ret)
{
    size_t n;
    const void *source = db_blob(q, 0, &n);
    *ret = (struct session_source){ .source.family = n == 4 ? 4 : 6,
                                    .sessions = (uint64_t)db_int(q, 1),
                                    .logged_in = (uint64_t)db_int(q, 2),
                                    .commands = (uint64_t)db_int(q, 3),
                                    .downloads = (uint64_t)db_int(q, 4),
                                    .first = db_int(q, 5) / US_A_S,
                                    .last = db_int(q, 6) / US_A_S };
    memcpy(ret->source.bytes, source, n < 16 ? n : 16);
}

static int each_source(struct store *s, const struct session_filter *f,
                       int (*take)(void *context, const struct session_source *row), void *context)
{
    struct addr last;
    struct stmt *q = db_stmt(s->db, "SELECT s.source, count(*), sum(s.logged_in), sum(s.commands), sum(s.downloads),"
                                    " min(s.start), max(s.last) FROM session s WHERE" IN_PREFIX " AND" IN_TIME
                                    " AND " SHOWN " AND (?3 < 0 OR s.destination_port = ?3) GROUP BY s.source"
                                    " ORDER BY 2 DESC, s.source LIMIT ?4");
    db_bind_int(q, 1, f->since * US_A_S);
    db_bind_int(q, 2, f->until ? f->until * US_A_S : INT64_MAX);
    db_bind_int(q, 3, f->port);
    db_bind_int(q, 4, f->limit ? (int64_t)f->limit : -1);
    bind_range(q, 5, f->source, &last);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        struct session_source source;
        if (row == 1)
            take_source(q, &source);
        err = row < 0 ? row : take(context, &source);
    }
    db_done(q);
    return err;
}

int store_session_sources(struct store *s, const struct session_filter *f,
                          int (*take)(void *context, const struct session_source *row), void *context)
{
    if (s->version < SCHEMA_SESSIONS)
        return 0;
    db_limit(s->db, f->deadline, f->cancel);
    int err = each_source(s, f, take, context);
    db_limit(s->db, 0, NULL);
    return err;
}
