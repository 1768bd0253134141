/*
 * How often names were met in sessions. Strangers choose the names, and how many there are; so they are counted in a
 * temporary table of SQLite, which leaves memory for a file where it grows.
 */
#include "base/rd.h"
#include "base/time.h"
#include "store/session.h"

#include <string.h>

#define SHOWN "s.batch IN (SELECT id FROM session_batch WHERE state < 2)"

enum { NAME_MOST = 4096 };

/* said: how often a source said a name (an empty one: nobody); past 1 is the time before. */
static const char tables[] =
    "CREATE TEMP TABLE said(past INTEGER, name BLOB, source BLOB, n INTEGER, PRIMARY KEY(past, name, source))"
    " WITHOUT ROWID;"
    "CREATE TEMP TABLE ranked(past INTEGER, name BLOB, n INTEGER, sources INTEGER, rank INTEGER,"
    " PRIMARY KEY(past, name)) WITHOUT ROWID;";

static const char rank_sql[] =
    "INSERT INTO ranked SELECT past, name, sum(n), sum(source<>x''), row_number() OVER (PARTITION BY past"
    " ORDER BY sum(n) DESC, name) FROM said GROUP BY past, name";

static const struct {
    enum session_type type;     /* of the events that have the name; 0: sessions themselves */
    enum session_field first, second; /* second: behind a "/", where it is another */
} topics[SESSION_TOPICS] = {
    [TOP_CREDENTIALS] = { SESSION_LOGIN, FIELD_USER, FIELD_PASSWORD },
    [TOP_COMMANDS] = { SESSION_COMMAND, FIELD_COMMAND, FIELD_COMMAND },
    [TOP_DOWNLOADS] = { SESSION_DOWNLOAD, FIELD_URL, FIELD_URL },
    [TOP_PERSONAS] = { 0, 0, 0 },
    [TOP_UNKNOWN] = { SESSION_UNKNOWN, FIELD_COMMAND, FIELD_COMMAND },
    [TOP_DATAGRAMS] = { SESSION_DATAGRAM, FIELD_CLASS, FIELD_CLASS },
    [TOP_PROTOCOLS] = { SESSION_PROTOCOL, FIELD_PROTOCOL, FIELD_PROTOCOL },
    [TOP_ENTRIES] = { SESSION_REQUEST, FIELD_ENTRY, FIELD_ENTRY },
    [TOP_CPUS] = { 0, 0, 0 },
    [TOP_FAMILIES] = { 0, 0, 0 },
    [TOP_DISTRIBUTORS] = { 0, 0, 0 },
};

/* Who said a name in [?1, ?2). Of samples: each time that one came. */
static const char *question_of(enum session_topic topic)
{
#define CAME(name) "SELECT " name ", coalesce(s.source, x'') FROM sample_origin o JOIN sample x ON x.id=o.sample LEFT JOIN session s ON" \
                   " s.id=o.session WHERE o.time >= ?1 AND o.time < ?2 AND ?3=0"
    switch (topic) {
    case TOP_PERSONAS:
        return "SELECT s.persona, s.source FROM session s WHERE s.start >= ?1 AND s.start < ?2 AND ?3=0 AND " SHOWN;
    case TOP_CPUS:
        return CAME("CAST(x.cpu AS BLOB)");
    case TOP_FAMILIES: /* as YARA names them, else by the group of those that are alike */
        return CAME("CAST(CASE WHEN coalesce(x.family, '')<>'' THEN x.family WHEN coalesce(x.grp, '')<>'' THEN 'group ' || x.grp END AS BLOB)");
    case TOP_DISTRIBUTORS:
        return CAME("CAST(o.server AS BLOB)");
    default:
        return "SELECT e.blob, s.source FROM session_event e JOIN session s ON s.id=e.session WHERE e.type=?3 AND e.time >= ?1"
               " AND e.time < ?2 AND " SHOWN;
    }
#undef CAME
}

static void put_field(struct buf *b, const struct session_event *e, enum session_field f)
{
    if (session_has(e, f))
        buf_put(b, e->value[f].bytes.data, e->value[f].bytes.n);
}

static int count_name(struct store *s, int64_t past, const struct buf *name, struct stmt *row)
{
    size_t n;
    const void *source = db_blob(row, 1, &n);
    struct stmt *q = db_stmt(s->db, "INSERT INTO said VALUES(?, ?, ?, 1) ON CONFLICT DO UPDATE SET n=n+1");
    db_bind_int(q, 1, past);
    db_bind_blob(q, 2, name->data, name->len);
    db_bind_blob(q, 3, source, n);
    return db_run(s->db, q);
}

/* The name that an event has; what cannot be read has none. */
static void name_of(struct stmt *row, enum session_topic topic, struct buf *ret)
{
    size_t n;
    struct session_event e;
    const void *blob = db_blob(row, 0, &n);
    buf_reset(ret);
    if (!topics[topic].type) {
        buf_put(ret, blob, n);
    } else if (session_get(rd_init(n ? blob : "", n), &e) == 0) {
        put_field(ret, &e, topics[topic].first);
        if (topics[topic].second != topics[topic].first) {
            buf_u8(ret, '/');
            put_field(ret, &e, topics[topic].second);
        }
    }
}

static int count_names(struct store *s, const struct session_top *t, int64_t from, int64_t to, int64_t past)
{
    struct buf name;
    struct stmt *q = db_stmt(s->db, question_of(t->topic));
    db_bind_int(q, 1, from * US_A_S);
    db_bind_int(q, 2, to * US_A_S);
    db_bind_int(q, 3, (int64_t)topics[t->topic].type);
    buf_init(&name, 2 * NAME_MOST + 1);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        if (row == 1)
            name_of(q, t->topic, &name);
        err = row < 0 ? row : name.len ? count_name(s, past, &name, q) : 0;
    }
    db_done(q);
    buf_release(&name);
    return err;
}

/* ---- the answer ---- */

static void take_name(struct stmt *q, struct session_named *ret)
{
    ret->name = db_blob(q, 0, &ret->n);
    ret->count = (uint64_t)db_int(q, 1);
    ret->sources = (uint64_t)db_int(q, 2);
    ret->rank = (uint64_t)db_int(q, 3);
    ret->previous = (uint64_t)db_int(q, 4);
    ret->previous_rank = (uint64_t)db_int(q, 5);
}

static int each_name(struct store *s, const struct session_top *t,
                     int (*take)(void *context, const struct session_named *row), void *context)
{
    struct stmt *q = db_stmt(s->db, "SELECT a.name, a.n, a.sources, a.rank, b.n, b.rank FROM ranked a LEFT JOIN"
                                    " ranked b ON b.past=1 AND b.name=a.name WHERE a.past=0 ORDER BY a.rank LIMIT ?");
    db_bind_int(q, 1, t->limit ? (int64_t)t->limit : -1);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        struct session_named name;
        if (row == 1)
            take_name(q, &name);
        err = row < 0 ? row : take(context, &name);
    }
    db_done(q);
    return err;
}

/* The end of the last batch that was cleaned, in seconds; 0: none was. */
static int cleaned_until(struct store *s, int64_t *ret)
{
    return store_number(s, "SELECT max(at)+3600 FROM session_batch WHERE state > 1", ret);
}

static int find_compared(struct store *s, const struct session_top *t, bool *ret)
{
    int64_t cleaned, first;
    TRY(cleaned_until(s, &cleaned));
    TRY(store_number(s, "SELECT min(start) FROM session s WHERE " SHOWN, &first));
    *ret = t->before < t->from && cleaned <= t->before && first && first < t->from * US_A_S;
    if (cleaned > t->from)
        return store_refuse(s, "some sessions of this period were cleaned; ask for a later one");
    return 0;
}

static int answer(struct store *s, const struct session_top *t, bool *ret_compared,
                  int (*take)(void *context, const struct session_named *row), void *context)
{
    int refused = find_compared(s, t, ret_compared);
    if (refused)
        return refused;
    TRY(db_exec(s->db, tables));
    TRY(count_names(s, t, t->from, t->to, 0));
    if (*ret_compared)
        TRY(count_names(s, t, t->before, t->from, 1));
    TRY(db_run(s->db, db_stmt(s->db, rank_sql)));
    return each_name(s, t, take, context);
}

int store_session_top(struct store *s, const struct session_top *t, bool *ret_compared,
                      int (*take)(void *context, const struct session_named *row), void *context)
{
    *ret_compared = false;
    if (s->version < (t->topic >= TOP_CPUS ? SCHEMA_SAMPLES : SCHEMA_SESSIONS))
        return 0;
    if (s->in_transaction)
        return -EBUSY;
    TRY(db_exec(s->db, "BEGIN"));
    db_limit(s->db, t->deadline, t->cancel);
    int err = answer(s, t, ret_compared, take, context);
    db_limit(s->db, 0, NULL);
    db_rollback(s->db); /* the temporary tables go with it */
    return err;
}
