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

#define OLD(table, key, condition)                                                                 \
    { "SELECT count(*) FROM (SELECT 1 FROM " table " WHERE " condition " LIMIT 1)",                \
      "DELETE FROM " table " WHERE (" key ") IN (SELECT " key " FROM " table " WHERE " condition " LIMIT ?2)" }

static const struct {
    const char *any, *clean;
} olds[] = {
    OLD("sample_origin", "sample, session, how, url, server", "time < ?1"),
    OLD("wanted", "id", "state<>0 AND added < ?1"),
    OLD("wanted_try", "rowid", "at < ?1"),
    OLD("sample", "id", "kept=0 AND last < ?1 AND NOT EXISTS (SELECT 1 FROM sample_origin o WHERE o.sample=sample.id)"),
};

int samples_keep_up(struct store *s, const struct keep *keep, int64_t now)
{
    int64_t before = (now - keep->sessions) * US_A_S;
    if (!keep->sessions)
        return 0;
    TRY(store_commit(s));
    for (size_t i = 0; i < sizeof olds / sizeof *olds; i++) {
        int found = any(s, olds[i].any, before);
        if (found == 1)
            return clean(s, olds[i].clean, before);
        TRY(found);
    }
    return 0;
}
