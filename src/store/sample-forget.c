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

/* Texts of one column, row by row: the select gives rowid or key, and the text. */
struct column_of {
    const char *select, *update;
};

static const struct column_of columns[] = {
    { "SELECT rowid, url FROM wanted", "UPDATE wanted SET url=? WHERE rowid=?" },
    { "SELECT rowid, address FROM wanted", "UPDATE wanted SET address=? WHERE rowid=?" },
    { "SELECT rowid, address FROM wanted_try", "UPDATE wanted_try SET address=? WHERE rowid=?" },
    { "SELECT rowid, network FROM wanted_try", "UPDATE wanted_try SET network=? WHERE rowid=?" },
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

/* One at a time, since what changes is no longer met: 1 while there may be more. */
static int rewrite_text(struct store *s, const struct column_of *c, const struct swap *w)
{
    char text[URLS];
    struct stmt *q = db_stmt(s->db, c->select);
    int row, met = 0;
    int64_t id = 0;
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
        id = db_int(q, 0);
    }
    db_done(q);
    if (met > 0)
        TRY(set_text(s, c->update, id, text));
    return met;
}

/* Origins have no number of their own: what is masked takes the place of what was there. */
static int rewrite_origin(struct store *s, const struct swap *w)
{
    char url[URLS], server[ADDR_TEXT * 2];
    int64_t key[4] = { 0 };
    struct stmt *q = db_stmt(s->db, "SELECT sample, how, session, time, url, server FROM sample_origin");
    int row, met = 0;
    while (met == 0 && (row = db_step(s->db, q)) != 0) {
        if (row < 0) {
            met = row;
            break;
        }
        size_t n = strlen(db_text(q, 4)), m = strlen(db_text(q, 5));
        if (n >= sizeof url || m >= sizeof server)
            continue;
        memcpy(url, db_text(q, 4), n + 1);
        memcpy(server, db_text(q, 5), m + 1);
        for (int i = 0; i < 4; i++)
            key[i] = db_int(q, i);
        int first = mask(w, url), second = first < 0 ? first : mask(w, server);
        met = second < 0 ? second : first | second;
    }
    /* The row as it was is found by its key, which is what was read. */
    char before_url[URLS] = "", before_server[ADDR_TEXT * 2] = "";
    if (met > 0) {
        memcpy(before_url, db_text(q, 4), strlen(db_text(q, 4)) + 1);
        memcpy(before_server, db_text(q, 5), strlen(db_text(q, 5)) + 1);
    }
    db_done(q);
    if (met <= 0)
        return met;
    TRY(store_begin(s));
    q = db_stmt(s->db, "UPDATE OR REPLACE sample_origin SET url=?1, server=?2 WHERE sample=?3 AND how=?4 AND session=?5 AND url=?6"
                       " AND server=?7");
    db_bind_text(q, 1, url);
    db_bind_text(q, 2, server);
    for (int i = 0; i < 3; i++)
        db_bind_int(q, 3 + i, key[i]);
    db_bind_text(q, 6, before_url);
    db_bind_text(q, 7, before_server);
    TRY(db_run(s->db, q));
    TRY(store_commit_due(s));
    return 1;
}

int samples_rewrite(struct store *s, const struct swap *w, size_t *damaged)
{
    int64_t *id = NULL;
    size_t n = 0;
    int err = w->n ? store_numbers(s, "SELECT id FROM sample WHERE report IS NOT NULL", &id, &n) : 0, more = 0;
    for (size_t i = 0; !err && i < n; i++)
        err = rewrite_sample(s, id[i], w, damaged);
    free(id);
    TRY(err);
    for (size_t i = 0; w->n && i < sizeof columns / sizeof *columns; i++) {
        while ((more = rewrite_text(s, &columns[i], w)) == 1)
            ;
        TRY(more);
    }
    while (w->n && (more = rewrite_origin(s, w)) == 1)
        ;
    return more < 0 ? more : store_commit(s);
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
        err = look_at_texts(s, &l, "SELECT 0, url FROM sample_origin");
    return err ? err : look_at_texts(s, &l, "SELECT 0, server FROM sample_origin");
}
