/*
 * What is past its time: how a sample came goes with the sessions; what triage told goes when nothing of it is left, neither
 * in the vault nor how it came.
 */
#include "store/sample.h"

#include "base/time.h"

enum { AT_ONCE = 256 };

static int clean(struct store *s, const char *sql, int64_t before)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, before);
    db_bind_int(q, 2, AT_ONCE);
    TRY(db_run(s->db, q));
    bool more = db_changes(s->db) > 0;
    TRY(store_commit(s));
    return more;
}

static int any(struct store *s, const char *sql, int64_t before)
{
    int64_t found;
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, before);
    TRY(db_number(s->db, q, &found));
    return found != 0;
}

int samples_keep_up(struct store *s, const struct keep *keep, int64_t now)
{
    int64_t before = (now - keep->sessions) * US_A_S;
    if (!keep->sessions)
        return 0;
    TRY(store_commit(s));
    int found = any(s, "SELECT count(*) FROM (SELECT 1 FROM sample_origin WHERE time < ? LIMIT 1)", before);
    if (found == 1)
        return clean(s, "DELETE FROM sample_origin WHERE (sample, session, how, url, server) IN (SELECT sample, session, how, url,"
                        " server FROM sample_origin WHERE time < ?1 LIMIT ?2)",
                     before);
    TRY(found);
    found = any(s, "SELECT count(*) FROM (SELECT 1 FROM wanted WHERE state<>0 AND added < ? LIMIT 1)", before);
    if (found == 1)
        return clean(s, "DELETE FROM wanted WHERE id IN (SELECT id FROM wanted WHERE state<>0 AND added < ?1 LIMIT ?2)", before);
    TRY(found);
    found = any(s, "SELECT count(*) FROM (SELECT 1 FROM wanted_try WHERE at < ? LIMIT 1)", before);
    if (found == 1)
        return clean(s, "DELETE FROM wanted_try WHERE rowid IN (SELECT rowid FROM wanted_try WHERE at < ?1 LIMIT ?2)", before);
    TRY(found);
    found = any(s, "SELECT count(*) FROM (SELECT 1 FROM sample WHERE kept=0 AND last < ? AND NOT EXISTS (SELECT 1 FROM"
                   " sample_origin o WHERE o.sample=sample.id) LIMIT 1)",
                before);
    if (found <= 0)
        return found;
    return clean(s, "DELETE FROM sample WHERE id IN (SELECT id FROM sample WHERE kept=0 AND last < ?1 AND NOT EXISTS (SELECT 1 FROM"
                    " sample_origin o WHERE o.sample=sample.id) LIMIT ?2)",
                 before);
}
