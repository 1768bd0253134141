/*
 * Forgetting among samples: addresses in what triage told, in URLs and servers give way to as many x as they had characters, as
 * in what was said in sessions.
 */
#include "store/sample.h"

#include "store/mask.h"

#include <stdlib.h>
#include <string.h>

enum { URLS = 8192 }; /* bytes of the longest text of a row */

static int name_in(void *context, const struct addr *a)
{
    return swap_find(context, a) != NULL;
}

static int mask(const struct swap *w, char *text)
{
    return mask_text(name_in, (void *)w, (uint8_t *)text, strlen(text));
}

/* ---- reports ---- */

/* 1 where some of it went. */
static int mask_report(const struct swap *w, struct sample_report *r)
{
    int met = 0, one = 0;
    for (size_t i = 0; i < r->endpoints && one >= 0; i++)
        met |= (one = mask(w, r->endpoint[i].text)) > 0;
    for (size_t i = 0; i < r->findings && one >= 0; i++)
        met |= (one = mask(w, r->finding[i].text)) > 0;
    return one < 0 ? one : met;
}

static int rewrite_sample(struct store *s, int64_t id, const struct swap *w, size_t *damaged)
{
    struct sample_report r;
    int none = sample_load(s, id, &r);
    *damaged += none == -EUCLEAN;
    if (none)
        return none == -EUCLEAN || none > 0 ? 0 : none;
    int met = mask_report(w, &r);
    if (met > 0)
        met = store_begin(s);
    else
        met = met < 0 ? met : 1;
    if (met == 0)
        met = sample_save(s, id, &r);
    sample_report_release(&r);
    return met < 0 ? met : store_commit_due(s);
}

/* ---- rows of text ---- */

/* Texts of one column, by rowid, from one on. */
struct column_of {
    const char *select, *update;
};

#define COLUMN(table, column)                                                                      \
    { "SELECT rowid, " column " FROM " table " WHERE rowid > ? ORDER BY rowid", "UPDATE " table " SET " column "=? WHERE rowid=?" }

static const struct column_of columns[] = {
    COLUMN("wanted", "url"),
    COLUMN("wanted", "address"),
    COLUMN("wanted_try", "address"),
    COLUMN("wanted_try", "network"),
};

static int set_text(struct store *s, const char *sql, int64_t id, const char *text)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_text(q, 1, text);
    db_bind_int(q, 2, id);
    TRY(db_run(s->db, q));
    return store_commit_due(s);
}

/* The next behind *at, which it becomes: 1 while there may be more. What changes is written once the walk is left. */
static int rewrite_text(struct store *s, const struct column_of *c, const struct swap *w, int64_t *at)
{
    char text[URLS];
    struct stmt *q = db_stmt(s->db, c->select);
    int row, met = 0;
    db_bind_int(q, 1, *at);
    while (met == 0 && (row = db_step(s->db, q)) != 0) {
        if (row < 0) {
            met = row;
            break;
        }
        const char *own = db_text(q, 1);
        size_t n = strlen(own);
        if (n >= sizeof text)
            continue;
        memcpy(text, own, n + 1);
        met = mask(w, text);
        *at = db_int(q, 0);
    }
    db_done(q);
    if (met > 0)
        TRY(set_text(s, c->update, *at, text));
    return met;
}

/* An origin has no number of its own. */
struct origin_key {
    int64_t sample, session, how;
    char url[URLS], server[ADDR_TEXT * 2];
};

static void bind_key(struct stmt *q, int from, const struct origin_key *k)
{
    db_bind_int(q, from, k->sample);
    db_bind_int(q, from + 1, k->session);
    db_bind_int(q, from + 2, k->how);
    db_bind_text(q, from + 3, k->url);
    db_bind_text(q, from + 4, k->server);
}

/* false: longer than any of ours. */
static bool take_key(struct stmt *q, struct origin_key *ret)
{
    size_t n = strlen(db_text(q, 3)), m = strlen(db_text(q, 4));
    if (n >= sizeof ret->url || m >= sizeof ret->server)
        return false;
    ret->sample = db_int(q, 0);
    ret->session = db_int(q, 1);
    ret->how = db_int(q, 2);
    memcpy(ret->url, db_text(q, 3), n + 1);
    memcpy(ret->server, db_text(q, 4), m + 1);
    return true;
}

/* The next behind `last` that has such an address: as it is, and as it is to be. 1; 0: there is none. */
static int find_origin(struct store *s, const struct swap *w, const struct origin_key *last, struct origin_key *ret,
                       struct origin_key *ret_masked)
{
    struct stmt *q = db_stmt(s->db, "SELECT sample, session, how, url, server FROM sample_origin WHERE (sample, session, how, url, server) >"
                                    " (?, ?, ?, ?, ?) ORDER BY sample, session, how, url, server");
    int row, met = 0;
    bind_key(q, 1, last);
    while (met == 0 && (row = db_step(s->db, q)) != 0) {
        if (row < 0) {
            met = row;
            break;
        }
        if (!take_key(q, ret))
            continue;
        *ret_masked = *ret;
        int url = mask(w, ret_masked->url), server = url < 0 ? url : mask(w, ret_masked->server);
        met = server < 0 ? server : url | server;
    }
    db_done(q);
    return met;
}

/* What is masked may stand further on, and is met again: nothing of it is left to be masked. */
static int rewrite_origins(struct store *s, const struct swap *w)
{
    struct origin_key last = { .sample = INT64_MIN }, here, masked;
    int met;
    while ((met = find_origin(s, w, &last, &here, &masked)) > 0) {
        TRY(store_begin(s));
        struct stmt *q = db_stmt(s->db, "UPDATE OR REPLACE sample_origin SET url=?1, server=?2 WHERE sample=?3 AND session=?4 AND how=?5"
                                        " AND url=?6 AND server=?7");
        db_bind_text(q, 1, masked.url);
        db_bind_text(q, 2, masked.server);
        bind_key(q, 3, &here);
        TRY(db_run(s->db, q));
        TRY(store_commit_due(s));
        last = here;
    }
    return met;
}

int samples_rewrite(struct store *s, const struct swap *w, size_t *damaged)
{
    int64_t *id = NULL;
    size_t n = 0;
    if (!w->n)
        return store_commit(s);
    int err = store_numbers(s, "SELECT id FROM sample WHERE report IS NOT NULL", &id, &n);
    for (size_t i = 0; !err && i < n; i++)
        err = rewrite_sample(s, id[i], w, damaged);
    free(id);
    TRY(err);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        int64_t at = 0;
        int more;
        while ((more = rewrite_text(s, &columns[i], w, &at)) == 1)
            ;
        TRY(more);
    }
    TRY(rewrite_origins(s, w));
    return store_commit(s);
}

/* ---- who is met ---- */

struct looking {
    const struct prefix *who;
    int (*named)(void *context, const struct addr *a);
    void *context;
};

static int look(void *context, const struct addr *a)
{
    struct looking *l = context;
    return prefix_has(l->who, a) ? l->named(l->context, a) : 0;
}

static int look_at_text(struct looking *l, const char *own)
{
    char text[URLS];
    size_t n = strlen(own);
    if (n >= sizeof text)
        return 0;
    memcpy(text, own, n + 1);
    int met = mask_text(look, l, (uint8_t *)text, n);
    return met < 0 ? met : 0;
}

static int look_at_texts(struct store *s, struct looking *l, const char *select)
{
    struct stmt *q = db_stmt(s->db, select);
    int row, err = 0;
    db_bind_int(q, 1, 0);
    while (!err && (row = db_step(s->db, q)) != 0)
        err = row < 0 ? row : look_at_text(l, db_text(q, 1));
    db_done(q);
    return err;
}

static int look_at_report(struct store *s, struct looking *l, int64_t id, size_t *damaged)
{
    struct sample_report r;
    int none = sample_load(s, id, &r), err = 0;
    *damaged += none == -EUCLEAN;
    if (none)
        return none == -EUCLEAN || none > 0 ? 0 : none;
    for (size_t i = 0; !err && i < r.endpoints; i++)
        err = look_at_text(l, r.endpoint[i].text);
    for (size_t i = 0; !err && i < r.findings; i++)
        err = look_at_text(l, r.finding[i].text);
    sample_report_release(&r);
    return err;
}

int samples_look_at(struct store *s, const struct prefix *who, int (*named)(void *context, const struct addr *a), void *context,
                    size_t *damaged)
{
    struct looking l = { who, named, context };
    int64_t *id = NULL;
    size_t n = 0;
    int err = store_numbers(s, "SELECT id FROM sample WHERE report IS NOT NULL", &id, &n);
    for (size_t i = 0; !err && i < n; i++)
        err = look_at_report(s, &l, id[i], damaged);
    free(id);
    for (size_t i = 0; !err && i < sizeof columns / sizeof *columns; i++)
        err = look_at_texts(s, &l, columns[i].select);
    if (!err)
        err = look_at_texts(s, &l, "SELECT 0, url FROM sample_origin WHERE sample > ?");
    return err ? err : look_at_texts(s, &l, "SELECT 0, server FROM sample_origin WHERE sample > ?");
}
