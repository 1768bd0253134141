/*
 * What is about to be vouched for anew, against what the two streams tell of it until now. The hashes in a
 * run's own row lie beside its data: whoever alters that alters them, too.
 */
#include "base/array.h"
#include "base/rd.h"
#include "store/evidence.h"
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t nothing[SHA256_BYTES];

/* ---- where the chain tells of an hour or a day ---- */

static const char told_table[] = "CREATE TEMP TABLE IF NOT EXISTS told(seq INTEGER PRIMARY KEY, day INTEGER,"
                                 " of INTEGER);"
                                 "CREATE INDEX IF NOT EXISTS temp.told_of ON told(day, of)";

/* Looks through the events since the last time: there is no index to what they say, and ten years are many. */
static int index_events(struct store *s)
{
    struct stmt *q = db_stmt(s->db, "INSERT INTO told SELECT seq, event='day', CAST(substr(text, CASE event WHEN"
                                    " 'day' THEN 7 ELSE instr(text, ' hour=')+6 END) AS INTEGER) FROM event"
                                    " WHERE seq > (SELECT coalesce(max(seq), 0) FROM told)"
                                    " AND event IN ('run', 'day')");
    return db_run(s->db, q);
}

/* One state of the store, without the lock that writers need. */
static int begin_looking(struct store *s)
{
    TRY(store_commit(s));
    TRY(db_exec(s->db, told_table));
    TRY(index_events(s)); /* long, the first time: it stays when the transaction goes */
    TRY(db_exec(s->db, "BEGIN"));
    return index_events(s);
}

/* ---- runs that the streams show ---- */

/* Of an hour, as far as the streams were read. */
struct vouched {
    int64_t hour, event, row;
    struct vouch *run; /* owned; by id */
    size_t n, room;
};

void evidence_looked(struct store *s)
{
    if (s->evidence.vouched)
        free(s->evidence.vouched->run);
    free(s->evidence.vouched);
    s->evidence.vouched = NULL;
}

/* Where the run is or would be. */
static size_t place_of(const struct vouched *w, int64_t id)
{
    size_t from = 0, to = w->n;
    while (from < to) {
        size_t at = from + (to - from) / 2;
        if (w->run[at].id < id)
            from = at + 1;
        else
            to = at;
    }
    return from;
}

static const struct vouch *find_vouched(const struct vouched *w, int64_t id)
{
    size_t at = place_of(w, id);
    return at < w->n && w->run[at].id == id ? &w->run[at] : NULL;
}

static void drop_replaced(struct vouched *w, const struct vouch *v)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->n; i++)
        if (v->replaces != EVERY_LEVEL && v->replaces != w->run[i].level)
            w->run[kept++] = w->run[i];
    w->n = kept;
}

/* An hour has thousands of runs before it is merged; nearly all come in the order of their numbers. */
static int take(struct vouched *w, const struct vouch *v)
{
    if (v->replaces != REPLACES_NONE)
        drop_replaced(w, v);
    size_t at = place_of(w, v->id);
    if (at == w->n || w->run[at].id != v->id) {
        TRY(ARRAY_ROOM(w->run, w->room, w->n + 1));
        memmove(w->run + at + 1, w->run + at, (w->n++ - at) * sizeof *w->run);
    }
    w->run[at] = *v;
    return 0;
}

static int take_row(struct vouched *w, int64_t hour, const void *said, size_t n)
{
    struct rd r = rd_init(said ? said : "", n);
    struct vouch v;
    while (vouch_next(&r, &v) == 1) /* what is no entry is for verification to find */
        if (v.kind == VOUCH_RUN && v.hour == hour)
            TRY(take(w, &v));
    return 0;
}

static bool parse_event(const char *text, struct vouch *ret)
{
    int64_t hour, level;
    char replaces[8];
    *ret = (struct vouch){ .kind = VOUCH_RUN };
    if (!chain_field_int(text, "run", &ret->id) || !chain_field_int(text, "hour", &hour) ||
        !chain_field_int(text, "level", &level) || !chain_field_hash(text, "hash", ret->hash) ||
        !chain_field_hash(text, "minutes", ret->minutes) ||
        !chain_field(text, "replaces", replaces, sizeof replaces))
        return false;
    ret->hour = (uint32_t)hour;
    ret->level = (int)level;
    ret->replaces = strcmp(replaces, "all") == 0 ? EVERY_LEVEL : REPLACES_NONE;
    return true;
}

/* The hour's next event that came before a row of the vouch stream: all that came after `after` are left. */
struct events {
    struct stmt *q;
    int row; /* what db_step() gave */
};

static int take_events(struct store *s, struct vouched *w, struct events *e, int64_t after)
{
    struct vouch v;
    for (; e->row == 1 && db_int(e->q, 0) <= after; e->row = db_step(s->db, e->q)) {
        w->event = db_int(e->q, 0);
        if (parse_event(db_text(e->q, 1), &v))
            TRY(take(w, &v));
    }
    return e->row < 0 ? e->row : 0;
}

/* What came since w was read. */
static int read_on(struct store *s, struct vouched *w)
{
    struct events e = { .q = db_stmt(s->db, "SELECT e.seq, e.text FROM told t JOIN event e ON e.seq=t.seq"
                                            " WHERE t.day=0 AND t.of=? AND t.seq > ? ORDER BY t.seq") };
    db_bind_int(e.q, 1, w->hour);
    db_bind_int(e.q, 2, w->event);
    e.row = db_step(s->db, e.q);
    struct stmt *q = db_stmt(s->db, "SELECT after, said, seq FROM vouch WHERE seq > ? ORDER BY seq");
    db_bind_int(q, 1, w->row);
    int row, err = e.row < 0 ? e.row : 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        size_t n;
        err = row < 0 ? row : take_events(s, w, &e, db_int(q, 0));
        const void *said = err ? NULL : db_blob(q, 1, &n);
        if (!err)
            err = take_row(w, w->hour, said, n);
        w->row = err ? w->row : db_int(q, 2);
    }
    db_done(q);
    if (!err)
        err = take_events(s, w, &e, INT64_MAX);
    db_done(e.q);
    return err;
}

/* Both streams only grow: of the hour that was looked at last, what was read holds. */
static int read_vouched(struct store *s, int64_t hour, bool anew)
{
    struct vouched **w = &s->evidence.vouched;
    if (*w && (anew || (*w)->hour != hour))
        evidence_looked(s);
    if (!*w && !(*w = calloc(1, sizeof **w)))
        return -ENOMEM;
    (*w)->hour = hour;
    int err = read_on(s, *w);
    if (err)
        evidence_looked(s);
    return err;
}

/* ---- runs that the store shows ---- */

struct numbers {
    int64_t *v;
    size_t n, room;
};

static int add(struct numbers *x, int64_t n)
{
    TRY(ARRAY_ROOM(x->v, x->room, x->n + 1));
    x->v[x->n++] = n;
    return 0;
}

static int list_shown(struct store *s, int64_t hour, int level, struct numbers *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT id FROM run WHERE hour=?1 AND state=1 AND (?2=-1 OR level=?2)"
                                    " ORDER BY id");
    db_bind_int(q, 1, hour);
    db_bind_int(q, 2, level);
    int row;
    while ((row = db_step(s->db, q)) == 1)
        if ((row = add(ret, db_int(q, 0))) < 0)
            break;
    db_done(q);
    return row;
}

/* A question with one or two numbers: whether it has an answer. */
static int is_there(struct store *s, const char *sql, int64_t a, int64_t b)
{
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    int row = db_step(s->db, q);
    db_done(q);
    return row;
}

static int has_hash(struct store *s, int64_t run, const uint8_t hash[static SHA256_BYTES])
{
    struct stmt *q = db_stmt(s->db, "SELECT 1 FROM run WHERE id=? AND hash=?");
    db_bind_int(q, 1, run);
    db_bind_blob(q, 2, hash, SHA256_BYTES);
    int row = db_step(s->db, q);
    db_done(q);
    return row;
}

/* Minutes go before their run does; that they went is marked. */
static int differ_in_minutes(struct store *s, const struct vouch *v, const struct run_hash *now)
{
    if (memcmp(now->minutes, v->minutes, SHA256_BYTES) == 0)
        return 0;
    if (memcmp(now->minutes, nothing, SHA256_BYTES) != 0)
        return 1;
    int gone = is_there(s, "SELECT 1 FROM cleaned WHERE hour=?1 AND minutes AND ?2", v->hour, 1);
    return gone < 0 ? gone : !gone;
}

static int is_altered(struct store *s, const struct vouched *w, int64_t run)
{
    struct run_hash now;
    const struct vouch *v = find_vouched(w, run);
    if (!v)
        return 1;
    int same = has_hash(s, run, v->hash);
    int err = same < 0 ? same : hash_run(s, run, &now);
    if (is_damage(err)) /* who reads it next will meet that, too */
        return 0;
    TRY(err);
    return err || !same || memcmp(now.content, v->hash, SHA256_BYTES) != 0 ? 1 : differ_in_minutes(s, v, &now);
}

/* Those of the runs that are not what was vouched for. */
static int find_altered(struct store *s, const struct vouched *w, const struct numbers *shown, struct numbers *ret)
{
    for (size_t i = 0; i < shown->n; i++) {
        int altered = is_altered(s, w, shown->v[i]);
        TRY(altered);
        if (altered)
            TRY(add(ret, shown->v[i]));
    }
    return 0;
}

/* Runs that are vouched for and do not show. Of an hour that was cleaned, in part, nobody can tell here. */
static int find_lost(struct store *s, const struct vouched *w, int64_t hour, int level, struct numbers *ret)
{
    int cleaned = is_there(s, "SELECT 1 FROM cleaned WHERE hour=?1 AND flows AND ?2", hour, 1);
    for (size_t i = 0; cleaned == 0 && i < w->n; i++) {
        if (level != EVERY_LEVEL && w->run[i].level != level)
            continue;
        int shown = is_there(s, "SELECT 1 FROM run WHERE id=? AND hour=? AND state=1", w->run[i].id, hour);
        TRY(shown);
        if (!shown)
            TRY(add(ret, w->run[i].id));
    }
    return cleaned < 0 ? cleaned : 0;
}

/* ---- telling ---- */

/* Once: an hour may be tried again and again. */
int evidence_altered(struct store *s, const char *text)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "SELECT 1 FROM event WHERE event='altered' AND text=? LIMIT 1");
    db_bind_text(q, 1, text);
    int row = db_step(s->db, q);
    db_done(q);
    TRY(row);
    if (!row)
        TRY(chain_add(s, "altered", text));
    return store_commit(s);
}

static int say_runs(struct store *s, const struct numbers *run, int64_t hour)
{
    char text[80];
    for (size_t i = 0; i < run->n; i++) {
        snprintf(text, sizeof text, "run=%lld hour=%lld", (long long)run->v[i], (long long)hour);
        TRY(evidence_altered(s, text));
    }
    return 0;
}

/* ---- */

/* One run, or (0) all that show of a level. */
static int look_at_runs(struct store *s, int64_t hour, int level, int64_t run, struct numbers *ret)
{
    struct numbers shown = { .n = 0 };
    int err = begin_looking(s);
    if (!err)
        err = read_vouched(s, hour, !run);
    if (!err)
        err = run ? add(&shown, run) : list_shown(s, hour, level, &shown);
    if (!err)
        err = find_altered(s, s->evidence.vouched, &shown, ret);
    if (!err && !run)
        err = find_lost(s, s->evidence.vouched, hour, level, ret);
    db_rollback(s->db);
    if (!run)
        evidence_looked(s);
    free(shown.v);
    return err;
}

static int check_runs(struct store *s, int64_t hour, int level, int64_t run)
{
    struct numbers altered = { .n = 0 };
    int err = look_at_runs(s, hour, level, run, &altered);
    if (!err || is_damage(err))
        err = say_runs(s, &altered, hour);
    free(altered.v);
    return err;
}

int evidence_check_hour(struct store *s, int64_t hour, int level)
{
    return check_runs(s, hour, level, 0);
}

int evidence_check_run(struct store *s, int64_t hour, int64_t run)
{
    return check_runs(s, hour, EVERY_LEVEL, run);
}

/* Source sets go with the flows, and that is marked. */
static int sets_are_gone(struct store *s, int64_t start)
{
    return is_there(s, "SELECT 1 FROM cleaned WHERE hour >= ?1/3600 AND hour <= ?2/3600 AND flows LIMIT 1", start,
                    start + 25 * HOUR_SECONDS);
}

/* What the day's last event says: 1, or 0 where there is none. */
static int read_day(struct store *s, int64_t start, struct day_hash *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT e.text FROM told t JOIN event e ON e.seq=t.seq WHERE t.day=1 AND t.of=?"
                                    " ORDER BY t.seq DESC LIMIT 1");
    db_bind_int(q, 1, start);
    int row = db_step(s->db, q);
    if (row == 1)
        row = chain_field_hash(db_text(q, 0), "row", ret->row) && chain_field_hash(db_text(q, 0), "sets", ret->sets);
    db_done(q);
    return row;
}

static int day_is_altered(struct store *s, int64_t start)
{
    struct day_hash told, now;
    int known = read_day(s, start, &told);
    if (known <= 0)
        return known < 0 ? known : 1;
    int err = hash_day(s, start, &now);
    if (err)
        return err;
    if (memcmp(now.row, told.row, SHA256_BYTES) != 0)
        return 1;
    if (memcmp(now.sets, told.sets, SHA256_BYTES) == 0)
        return 0;
    int gone = memcmp(now.sets, nothing, SHA256_BYTES) == 0 ? sets_are_gone(s, start) : 0;
    return gone < 0 ? gone : !gone;
}

int evidence_check_day(struct store *s, int64_t start)
{
    char text[48];
    int altered = begin_looking(s);
    if (!altered)
        altered = day_is_altered(s, start);
    db_rollback(s->db);
    if (altered <= 0)
        return is_damage(altered) ? 0 : altered;
    snprintf(text, sizeof text, "start=%lld", (long long)start);
    return evidence_altered(s, text);
}
