/*
 * What was decided of pairs. Nothing vouches for it: it is what the trap remembers, not what it saw.
 */
#include "store/session.h"

#include "base/time.h"

enum { FACTS_MOST = 1 << 16 /* of those that were accepted, and of the others */ };

/* An accepted pair stays so until its time is over: that is judged by when the other was decided. */
static const char keep_sql[] =
    "INSERT INTO fact(hash, accepted, until) VALUES(?1, ?2, ?3) ON CONFLICT(hash) DO UPDATE SET"
    " accepted=excluded.accepted, until=excluded.until WHERE fact.until <= ?4 OR excluded.accepted > fact.accepted"
    " OR (excluded.accepted=fact.accepted AND excluded.until > fact.until)";

int store_trap_fact(struct store *s, const struct trap_fact *f)
{
    int64_t remember = s->session_rules.remember * US_A_S;
    if (!f->fact || remember <= 0 || f->until <= 0)
        return STORE_STRAY;
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, keep_sql);
    db_bind_int(q, 1, (int64_t)f->fact);
    db_bind_int(q, 2, f->accepted);
    db_bind_int(q, 3, f->until);
    db_bind_int(q, 4, f->until - remember);
    s->facts_added = true;
    return db_run(s->db, q);
}

static int trim(struct store *s, bool accepted)
{
    struct stmt *q = db_stmt(s->db, "DELETE FROM fact WHERE hash IN (SELECT hash FROM fact WHERE accepted=?1 ORDER BY"
                                    " until LIMIT max(0, (SELECT count(*) FROM fact WHERE accepted=?1) - ?2))");
    db_bind_int(q, 1, accepted);
    db_bind_int(q, 2, FACTS_MOST);
    TRY(db_run(s->db, q));
    s->facts_dropped += (uint64_t)db_changes(s->db);
    return 0;
}

int facts_write(struct store *s)
{
    if (!s->facts_added)
        return 0;
    TRY(trim(s, false));
    TRY(trim(s, true));
    s->facts_added = false;
    return 0;
}

uint64_t store_trap_facts_dropped(const struct store *s)
{
    return s->facts_dropped;
}

int store_trap_facts(struct store *s, int64_t now, int (*take)(void *context, const struct trap_fact *f), void *context)
{
    if (s->version < SCHEMA_SESSIONS)
        return 0;
    int64_t last = now + s->session_rules.remember * US_A_S;
    struct stmt *q = db_stmt(s->db, "SELECT hash, accepted, min(until, ?2) FROM fact WHERE until > ?1 AND ?2 > ?1"
                                    " ORDER BY until");
    db_bind_int(q, 1, now);
    db_bind_int(q, 2, last);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        struct trap_fact f = { 0 };
        if (row == 1)
            f = (struct trap_fact){ (uint64_t)db_int(q, 0), db_int(q, 1) != 0, db_int(q, 2) };
        err = row < 0 ? row : take(context, &f);
    }
    db_done(q);
    return err;
}
