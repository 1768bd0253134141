/*
 * Batches of sessions that nobody adds to get their event; what is past its time goes.
 */
#include "base/time.h"
#include "store/evidence.h"
#include "store/session.h"

#include <stdio.h>

enum {
    DAY_S = 86400,
    LOST_S = DAY_S,    /* after which a session that says nothing has ended */
    CLOSED_S = 2 * 3600, /* after which a batch gains no sessions, even where no newer one is there */
    SLICE = 64,        /* rows */
    FACTS_AT_ONCE = 1024,
    BURY_MS = 30,
};

/* The first column of a question of two numbers: 1, or 0 where there is none. */
static int find(struct store *s, const char *sql, int64_t a, int64_t b, int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    int row = db_step(s->db, q);
    bool found = row == 1 && !db_is_null(q, 0);
    *ret = found ? db_int(q, 0) : 0;
    db_done(q);
    return row < 0 ? row : found;
}

static int change(struct store *s, const char *sql, int64_t a, int64_t b)
{
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    return db_run(s->db, q);
}

static int end_lost(struct store *s, int64_t now)
{
    int64_t id, before = (now - LOST_S) * US_A_S;
    int found = find(s, "SELECT id FROM session WHERE end IS NULL AND last < ?1 AND ?2 LIMIT 1", before, 1, &id);
    if (found <= 0)
        return found;
    TRY(store_sessions_lost(s, before));
    TRY(store_commit(s));
    return 1;
}

/* ---- keeping ---- */

static int keep_checked(struct store *s, int64_t batch)
{
    int64_t open;
    TRY(evidence_check_batch(s, batch));
    TRY(store_begin(s));
    int found = find(s, "SELECT id FROM session WHERE batch=?1 AND end IS NULL AND ?2 LIMIT 1", batch, 1, &open);
    TRY(found);
    if (!found)
        TRY(evidence_batch(s, batch));
    TRY(store_commit(s));
    return !found;
}

/* What cannot be read is left as it lies, and verification tells of it. */
static int keep_batch(struct store *s, int64_t batch)
{
    int err = keep_checked(s, batch);
    if (!is_damage(err))
        return err;
    store_rollback(s);
    s->batch_tried = batch;
    return 1;
}

static int keep_one(struct store *s, int64_t now)
{
    int64_t batch;
    int found = find(s, "SELECT b.id FROM session_batch b WHERE b.state=0 AND b.id > ?1 AND (b.at < ?2 OR b.id <"
                        " (SELECT max(id) FROM session_batch)) AND NOT EXISTS (SELECT 1 FROM session s WHERE"
                        " s.batch=b.id AND s.end IS NULL) ORDER BY b.id LIMIT 1",
                     s->batch_tried, now - CLOSED_S, &batch);
    return found == 1 ? keep_batch(s, batch) : found;
}

/* ---- cleaning ---- */

static int clean_batch(struct store *s, const struct keep *keep, int64_t now)
{
    int64_t batch, before = now - keep->sessions;
    char text[48];
    if (!keep->sessions)
        return 0;
    int found = find(s, "SELECT b.id FROM session_batch b WHERE b.state=1 AND b.at < ?1 AND NOT EXISTS (SELECT 1 FROM"
                        " session s WHERE s.batch=b.id AND s.last >= ?2) ORDER BY b.at LIMIT 1",
                     before, before * US_A_S, &batch);
    if (found == 1)
        found = expire_is_believed(s, keep, now);
    if (found <= 0)
        return found;
    snprintf(text, sizeof text, "batch=%lld", (long long)batch);
    TRY(store_begin(s));
    TRY(chain_add(s, "sessions-gone", text));
    TRY(change(s, "UPDATE session_batch SET state=2 WHERE id=?1 AND state=1 AND ?2", batch, 1));
    TRY(store_commit(s));
    return 1;
}

/* Some of a session's rows, itself last. */
static int bury_session(struct store *s, int64_t id)
{
    TRY(change(s, "DELETE FROM session_event WHERE session=?1 AND seq IN (SELECT seq FROM session_event WHERE"
                  " session=?1 ORDER BY seq LIMIT ?2)",
               id, SLICE));
    if (db_changes(s->db) == SLICE)
        return 0;
    TRY(change(s, "DELETE FROM spoken WHERE session=?1 AND part IN (SELECT part FROM spoken WHERE session=?1"
                  " ORDER BY part LIMIT ?2)",
               id, SLICE));
    return db_changes(s->db) == SLICE ? 0 : change(s, "DELETE FROM session WHERE id=?1 AND ?2", id, 1);
}

/* Of a batch that is going, some. */
static int bury_some_sessions(struct store *s)
{
    int64_t batch, id;
    int found = find(s, "SELECT id FROM session_batch WHERE state=2 AND ?1=?2 LIMIT 1", 1, 1, &batch);
    if (found <= 0)
        return found;
    uint64_t end = time_mono() + BURY_MS * UINT64_C(1000000);
    TRY(store_begin(s));
    while ((found = find(s, "SELECT id FROM session WHERE batch=?1 AND ?2 LIMIT 1", batch, 1, &id)) == 1) {
        TRY(bury_session(s, id));
        if (time_mono() >= end)
            break;
    }
    TRY(found);
    if (!found)
        TRY(change(s, "UPDATE session_batch SET state=3 WHERE id=?1 AND ?2", batch, 1));
    TRY(store_commit(s));
    return 1;
}

/* What holds for longer than is to be remembered from now on holds as long as that; what is over goes. A command that
 * takes in files does not know how long. */
static int clean_facts(struct store *s, int64_t now)
{
    int64_t first = now * US_A_S, last = (now + s->session_rules.remember) * US_A_S, row;
    int found = find(s, "SELECT until FROM fact WHERE accepted IN (0, 1) AND until > ?1 AND ?2 LIMIT 1", last,
                     s->rules_told, &row);
    if (found == 1) {
        TRY(store_begin(s));
        TRY(change(s, "UPDATE fact SET until=?1 WHERE accepted IN (0, 1) AND until > ?1 AND ?2", last, 1));
    } else if (found == 0) {
        found = find(s, "SELECT until FROM fact WHERE accepted IN (0, 1) AND until <= ?1 AND ?2 LIMIT 1", first, 1, &row);
        if (found == 1) {
            TRY(store_begin(s));
            TRY(change(s, "DELETE FROM fact WHERE hash IN (SELECT hash FROM fact WHERE accepted IN (0, 1) AND"
                          " until <= ?1 LIMIT ?2)",
                       first, FACTS_AT_ONCE));
        }
    }
    if (found == 1)
        TRY(store_commit(s));
    return found;
}

/* A made file goes after the last session that made it. */
static int clean_rest(struct store *s, const struct keep *keep, int64_t now)
{
    int64_t row, before = (now - keep->sessions) * US_A_S;
    int found = clean_facts(s, now);
    if (found || !keep->sessions)
        return found;
    found = find(s, "SELECT rowid FROM made WHERE last < ?1 AND last <"
                    " (SELECT coalesce(min(start), ?2) FROM session) LIMIT 1",
                 before, INT64_MAX, &row);
    if (found <= 0)
        return found;
    TRY(store_begin(s));
    TRY(change(s, "DELETE FROM made WHERE rowid=?1 AND ?2", row, 1));
    TRY(store_commit(s));
    return 1;
}

static int do_piece(struct store *s, const struct keep *keep, int64_t now)
{
    TRY(store_commit(s));
    int more = end_lost(s, now);
    if (!more)
        more = keep_one(s, now);
    if (!more)
        more = clean_batch(s, keep, now);
    if (!more)
        more = bury_some_sessions(s);
    return more ? more : clean_rest(s, keep, now);
}

/* Damage among sessions must not keep upkeep from the rest. */
int sessions_keep_up(struct store *s, const struct keep *keep, int64_t now)
{
    int more = s->sessions_left ? 0 : do_piece(s, keep, now);
    if (!is_damage(more))
        return more;
    store_rollback(s);
    s->sessions_left = true;
    return 0;
}
