/*
 * Cleaning: what is past its time goes, and is noted as cleaned, so that questions about it are refused.
 */
#include "store/evidence.h"
#include "store/inside.h"

#include <stdio.h>

enum {
    DAY_S = 86400,
    STEADY_S = 2 * DAY_S, /* a clock that is ahead of all that was written is not believed for as long */
    ASTRAY_S = 3600,      /* clocks may be put back by that */
    /* In one transaction, whose deletions are overwritten with zeros. Runs are only marked as dead. */
    MINUTES_AT_ONCE = 4,
    RUNS_AT_ONCE = EVIDENCE_SOME,
    DAYS_AT_ONCE = 1,
};

static int run_number(struct store *s, const char *sql, int64_t a, int64_t b)
{
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    return db_run(s->db, q);
}

/* The first column of the one row that a question of two numbers gives; `none` where that is NULL. */
static int ask_number(struct store *s, const char *sql, int64_t a, int64_t b, int64_t none, int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, sql);
    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    int row = db_step(s->db, q);
    *ret = row == 1 && !db_is_null(q, 0) ? db_int(q, 0) : none;
    db_done(q);
    return row < 0 ? row : 0;
}

/* ---- whether the clock can be believed ---- */

/* An event between two times which no later one contradicts: the clock was not put back behind it. */
#define WITNESS(more)                                                                              \
    "SELECT EXISTS (SELECT 1 FROM event e WHERE e.at BETWEEN ?1 AND ?2" more " AND NOT EXISTS"     \
    " (SELECT 1 FROM event l WHERE l.seq > e.seq AND +l.at < e.at - 3600))"

static int has_witness(struct store *s, const struct keep *keep, int64_t now)
{
    _Static_assert(ASTRAY_S == 3600, "WITNESS has the number");
    int64_t found;
    TRY(ask_number(s, WITNESS(""), now - 2 * STEADY_S, now - STEADY_S, 0, &found));
    if (!found)
        TRY(ask_number(s, WITNESS(" AND e.event='clock-ahead'"), now - keep->flows, now - STEADY_S, 0, &found));
    return found != 0;
}

/* Once: two days later that event is the witness, if nothing else is. A young chain has no past to be ahead of. */
static int note_ahead(struct store *s, int64_t now)
{
    int64_t noted, last;
    char text[48];
    TRY(ask_number(s, "SELECT EXISTS (SELECT 1 FROM event WHERE at BETWEEN ?1 AND ?2 AND event='clock-ahead')",
                   now - STEADY_S, now + ASTRAY_S, 0, &noted));
    TRY(ask_number(s, "SELECT max(at) FROM event WHERE at < ?1 AND ?2", now - STEADY_S, 1, now, &last));
    if (noted || last == now)
        return 0;
    snprintf(text, sizeof text, "seconds=%lld", (long long)(now - last));
    TRY(store_note(s, "clock-ahead", text));
    return store_commit(s);
}

/*
 * A clock that is years ahead would clean all that there is. So where a sensor writes, which it does every hour, it is
 * asked for what was written two to four days ago: after a step of the clock, or a long time without power, there is
 * none until the clock has stayed where it is for two days. Who only takes in files may do so seldom, and is believed.
 */
int expire_is_believed(struct store *s, const struct keep *keep, int64_t now)
{
    int64_t live;
    TRY(ask_number(s, "SELECT EXISTS (SELECT 1 FROM coverage WHERE ingest=0 AND ?1=?2)", 1, 1, 0, &live));
    int believed = live ? has_witness(s, keep, now) : 1;
    if (believed == 0)
        TRY(note_ahead(s, now));
    return believed;
}

/* ---- what is past its time ---- */

/* Runs and their hours, or the starts of days. */
struct past {
    struct some n, hours;
};

struct cleaning {
    const char *find; /* what is past (?1: an hour, ?2: the same in seconds), ?3 of it */
    int64_t most;
    int (*clean)(struct store *s, struct past *p);
};

static int clean_minutes(struct store *s, struct past *p)
{
    for (size_t i = 0; i < p->n.count; i++) {
        TRY(run_number(s,
                       "INSERT INTO cleaned(hour, minutes, flows) VALUES(?1, ?2, 0)"
                       " ON CONFLICT(hour) DO UPDATE SET minutes=1",
                       p->hours.n[i], 1));
        TRY(run_number(s, "DELETE FROM minute WHERE run=?1 AND ?2", p->n.n[i], 1));
    }
    return evidence_gone(s, "minutes", &p->hours, &p->n, NULL);
}

static int clean_flows(struct store *s, struct past *p)
{
    for (size_t i = 0; i < p->n.count; i++) {
        TRY(run_number(s,
                       "INSERT INTO cleaned(hour, minutes, flows) VALUES(?1, ?2, 1)"
                       " ON CONFLICT(hour) DO UPDATE SET minutes=1, flows=1",
                       p->hours.n[i], 1));
        TRY(run_number(s, "UPDATE run SET state=2 WHERE id=?1 AND state=?2", p->n.n[i], STATE_SHOWN));
    }
    return evidence_gone(s, "flows", &p->hours, &p->n, NULL);
}

static int clean_sets(struct store *s, struct past *p)
{
    for (size_t i = 0; i < p->n.count; i++)
        TRY(run_number(s, "DELETE FROM day_sources WHERE start=?1 AND ?2", p->n.n[i], 1));
    return evidence_gone(s, "sets", NULL, NULL, &p->n);
}

/* An import of old packets is kept as long as new ones are, counted from when it came in. */
static const struct cleaning minutes_cleaning = {
    "SELECT r.id, r.hour FROM minute m JOIN run r ON r.id=m.run WHERE r.state=1 AND m.hour < ?1 AND r.at < ?2 LIMIT ?3",
    MINUTES_AT_ONCE, clean_minutes
};
static const struct cleaning flows_cleaning = {
    "SELECT id, hour FROM run WHERE state=1 AND hour < ?1 AND at < ?2 LIMIT ?3", RUNS_AT_ONCE, clean_flows
};
/* Source sets of days of which no flows are left. From day to day, since a day has many. */
static const struct cleaning sets_cleaning = {
    "WITH RECURSIVE d(start) AS (SELECT min(start) FROM day_sources UNION ALL SELECT (SELECT min(x.start)"
    " FROM day_sources x WHERE x.start > d.start) FROM d WHERE d.start < ?2)"
    " SELECT start, ?1 FROM d WHERE start < ?2 AND NOT EXISTS (SELECT 1 FROM run r WHERE r.state=1"
    " AND r.hour >= d.start/3600 AND r.hour < d.start/3600 + 25) LIMIT ?3",
    DAYS_AT_ONCE, clean_sets
};

static int find_past(struct store *s, const struct cleaning *c, int64_t before, struct past *ret)
{
    *ret = (struct past){ .n.count = 0 };
    struct stmt *q = db_stmt(s->db, c->find);
    db_bind_int(q, 1, before / HOUR_SECONDS);
    db_bind_int(q, 2, before);
    db_bind_int(q, 3, c->most);
    int row;
    while ((row = db_step(s->db, q)) == 1 && ret->n.count < EVIDENCE_SOME) {
        ret->n.n[ret->n.count++] = db_int(q, 0);
        ret->hours.n[ret->hours.count++] = db_int(q, 1);
    }
    db_done(q);
    return row < 0 ? row : ret->n.count > 0;
}

/* Mostly there is nothing, and then nobody has to wait for it: it is looked for before the transaction. */
static int clean(struct store *s, const struct cleaning *c, const struct keep *keep, int64_t now, int64_t keeps)
{
    struct past p;
    int some = find_past(s, c, now - keeps, &p);
    if (some == 1)
        some = expire_is_believed(s, keep, now);
    if (some <= 0)
        return some;
    TRY(store_begin(s));
    some = find_past(s, c, now - keeps, &p);
    if (some == 1)
        TRY(c->clean(s, &p));
    TRY(some < 0 ? some : store_commit(s));
    return 1;
}

int expire_some(struct store *s, const struct keep *keep, int64_t now)
{
    if (!keep->flows || !keep->minutes)
        return 0;
    int more = clean(s, &minutes_cleaning, keep, now, keep->minutes);
    if (!more)
        more = clean(s, &flows_cleaning, keep, now, keep->flows);
    return more ? more : clean(s, &sets_cleaning, keep, now, keep->flows);
}
