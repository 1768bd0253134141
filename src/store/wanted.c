#include "base/text.h"
#include "store/evidence.h"
#include "store/inside.h"

#include <stdio.h>
#include <string.h>

const char *wanted_state_name(enum wanted_state w)
{
    static const char *const names[WANTED_STATES] = { [WANTED_QUEUED] = "queued",   [WANTED_DONE] = "done",
                                                      [WANTED_REFUSED] = "refused", [WANTED_FAILED] = "failed",
                                                      [WANTED_GIVEN_UP] = "given-up" };
    return w < WANTED_STATES ? names[w] : "";
}

/* By its number: what a stranger wrote, and whose address it holds, is not for a chain that never forgets. */
static int note(struct store *s, int64_t id, enum wanted_state state, const char *reason)
{
    char text[128];
    snprintf(text, sizeof text, "id=%lld state=%s reason=\"%.60s\"", (long long)id, wanted_state_name(state), reason);
    return chain_add(s, "wanted", text);
}

int store_wanted_add(struct store *s, const struct wanted *w, int64_t *ret_id)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "INSERT INTO wanted(url, agent, session, depth, state, reason, address, tries, added, at, next)"
                                    " VALUES(?, ?, ?, ?, ?, ?, '', 0, ?, ?, ?)");
    db_bind_text(q, 1, w->url);
    db_bind_text(q, 2, w->agent);
    db_bind_int(q, 3, (int64_t)w->session);
    db_bind_int(q, 4, w->depth);
    db_bind_int(q, 5, (int64_t)w->state);
    db_bind_text(q, 6, w->reason);
    db_bind_int(q, 7, w->added);
    db_bind_int(q, 8, w->at);
    db_bind_int(q, 9, w->next);
    TRY(db_run(s->db, q));
    *ret_id = db_last_id(s->db);
    return w->state == WANTED_QUEUED ? 0 : note(s, *ret_id, w->state, w->reason);
}

#define COLUMNS "id, url, agent, session, depth, state, reason, address, tries, added, at, next, sha256"

static void take_row(struct stmt *q, struct wanted *ret)
{
    size_t n;
    *ret = (struct wanted){ .id = db_int(q, 0), .session = (uint64_t)db_int(q, 3), .depth = (unsigned)db_int(q, 4),
                            .state = (enum wanted_state)db_int(q, 5), .tries = (unsigned)db_int(q, 8), .added = db_int(q, 9),
                            .at = db_int(q, 10), .next = db_int(q, 11) };
    text_copy(ret->url, sizeof ret->url, db_text(q, 1));
    text_copy(ret->agent, sizeof ret->agent, db_text(q, 2));
    text_copy(ret->reason, sizeof ret->reason, db_text(q, 6));
    text_copy(ret->address, sizeof ret->address, db_text(q, 7));
    const void *sha256 = db_blob(q, 12, &n);
    if (n == sizeof ret->sha256)
        memcpy(ret->sha256, sha256, n);
}

static int first_row(struct store *s, struct stmt *q, struct wanted *ret)
{
    int row = db_step(s->db, q);
    if (row == 1)
        take_row(q, ret);
    db_done(q);
    return row < 0 ? row : row == 0;
}

int store_wanted_find(struct store *s, const char *url, int64_t since, struct wanted *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT " COLUMNS " FROM wanted WHERE url=? AND added >= ? ORDER BY added DESC, id DESC LIMIT 1");
    db_bind_text(q, 1, url);
    db_bind_int(q, 2, since);
    return first_row(s, q, ret);
}

int store_wanted_of(struct store *s, const uint8_t sha256[static 32], struct wanted *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT " COLUMNS " FROM wanted WHERE state=1 AND sha256=? ORDER BY id DESC LIMIT 1");
    db_bind_blob(q, 1, sha256, SHA256_BYTES);
    return first_row(s, q, ret);
}

int store_wanted_next(struct store *s, int64_t now, const int64_t *but, size_t n, struct wanted *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT " COLUMNS " FROM wanted WHERE state=0 AND next <= ? ORDER BY next, id LIMIT ?");
    db_bind_int(q, 1, now);
    db_bind_int(q, 2, (int64_t)n + 1);
    int row, none = 1;
    while (none == 1 && (row = db_step(s->db, q)) != 0) {
        if (row < 0) {
            none = row;
            break;
        }
        bool left_out = false;
        for (size_t i = 0; i < n; i++)
            left_out |= but[i] == db_int(q, 0);
        if (!left_out) {
            take_row(q, ret);
            none = 0;
        }
    }
    db_done(q);
    return none;
}

int store_wanted_try(struct store *s, int64_t id, const char *address, const char *network, int64_t now)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "INSERT INTO wanted_try(at, wanted, address, network) VALUES(?, ?, ?, ?)");
    db_bind_int(q, 1, now);
    db_bind_int(q, 2, id);
    db_bind_text(q, 3, address);
    db_bind_text(q, 4, network);
    TRY(db_run(s->db, q));
    q = db_stmt(s->db, "UPDATE wanted SET tries=tries+1, address=?2, at=?3 WHERE id=?1");
    db_bind_int(q, 1, id);
    db_bind_text(q, 2, address);
    db_bind_int(q, 3, now);
    return db_run(s->db, q);
}

int store_wanted_tries(struct store *s, int64_t since, const char *address, const char *network, uint64_t *ret)
{
    int64_t n;
    struct stmt *q = db_stmt(s->db, "SELECT count(*) FROM wanted_try WHERE at >= ?1 AND (?2='' OR address=?2) AND (?3='' OR network=?3)");
    db_bind_int(q, 1, since);
    db_bind_text(q, 2, address);
    db_bind_text(q, 3, network);
    TRY(db_number(s->db, q, &n));
    *ret = (uint64_t)n;
    return 0;
}

int store_wanted_set(struct store *s, const struct wanted *w)
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "UPDATE wanted SET state=?2, reason=?3, at=?4, next=?5, sha256=?6 WHERE id=?1");
    db_bind_int(q, 1, w->id);
    db_bind_int(q, 2, (int64_t)w->state);
    db_bind_text(q, 3, w->reason);
    db_bind_int(q, 4, w->at);
    db_bind_int(q, 5, w->next);
    db_bind_blob(q, 6, w->sha256, w->state == WANTED_DONE ? sizeof w->sha256 : 0);
    TRY(db_run(s->db, q));
    return note(s, w->id, w->state, w->reason);
}

int store_wanted_list(struct store *s, size_t limit, int (*take)(void *context, const struct wanted *w), void *context)
{
    if (s->version < SCHEMA_SAMPLES)
        return 0;
    struct stmt *q = db_stmt(s->db, "SELECT " COLUMNS " FROM wanted ORDER BY added DESC, id DESC LIMIT ?");
    db_bind_int(q, 1, limit ? (int64_t)limit : -1);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        struct wanted w;
        if (row == 1)
            take_row(q, &w);
        err = row < 0 ? row : take(context, &w);
    }
    db_done(q);
    return err;
}
