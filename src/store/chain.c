/*
 * The two streams of evidence: events, and what transactions vouch for; their segments and their end.
 */
#include "base/clock.h"
#include "base/rd.h"
#include "base/text.h"
#include "base/time.h"
#include "store/evidence.h"
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_MOST = 64 << 10, /* bytes of an event's text */
    PRUNED_AT_ONCE = 16,  /* segments that a seal gives up */
    SLICE = 512,          /* rows of a deletion */
};

/* ---- links ---- */

void chain_link(const uint8_t before[static SHA256_BYTES], int64_t seq, int64_t at, const char *event,
                const char *text, uint8_t ret[static SHA256_BYTES])
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, before, SHA256_BYTES);
    sha256_add_int(&h, seq);
    sha256_add_int(&h, at);
    sha256_add_part(&h, event, strlen(event));
    sha256_add_part(&h, text, strlen(text));
    sha256_end(&h, ret);
}

void vouch_link(const uint8_t before[static SHA256_BYTES], int64_t seq, int64_t at, int64_t after,
                const void *said, size_t n, uint8_t ret[static SHA256_BYTES])
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, before, SHA256_BYTES);
    sha256_add_int(&h, seq);
    sha256_add_int(&h, at);
    sha256_add_int(&h, after);
    sha256_add_part(&h, said, n);
    sha256_end(&h, ret);
}

/* The number and link of a stream's last row; of a stream without rows 0 and zeros. */
static int last_of(struct store *s, const char *sql, int64_t *ret_seq, uint8_t ret[static SHA256_BYTES])
{
    size_t n = 0;
    *ret_seq = 0;
    memset(ret, 0, SHA256_BYTES);
    struct stmt *q = db_stmt(s->db, sql);
    int row = db_step(s->db, q);
    if (row == 1) {
        *ret_seq = db_int(q, 0);
        const void *link = db_blob(q, 1, &n);
        if (n == SHA256_BYTES)
            memcpy(ret, link, n);
    }
    db_done(q);
    return row < 0 ? row : 0;
}

static int last_event(struct store *s, int64_t *ret_seq, uint8_t ret[static SHA256_BYTES])
{
    return last_of(s, "SELECT seq, link FROM event ORDER BY seq DESC LIMIT 1", ret_seq, ret);
}

/* Rows that were given up live on in their segment's. */
static int last_vouch(struct store *s, int64_t *ret_seq, uint8_t ret[static SHA256_BYTES])
{
    TRY(last_of(s, "SELECT seq, link FROM vouch ORDER BY seq DESC LIMIT 1", ret_seq, ret));
    return *ret_seq ? 0
                    : last_of(s, "SELECT last, link FROM segment ORDER BY last DESC LIMIT 1", ret_seq, ret);
}

static int64_t clock_now(const struct store *s)
{
    return time_now() + s->evidence.clock;
}

/* ---- writing ---- */

int chain_add(struct store *s, const char *event, const char *text)
{
    uint8_t before[SHA256_BYTES], link[SHA256_BYTES];
    int64_t seq, at = clock_now(s);
    TRY(store_begin(s));
    TRY(last_event(s, &seq, before));
    chain_link(before, ++seq, at, event, text, link);
    struct stmt *q = db_stmt(s->db, "INSERT INTO event(seq, at, event, text, link) VALUES(?, ?, ?, ?, ?)");
    db_bind_int(q, 1, seq);
    db_bind_int(q, 2, at);
    db_bind_text(q, 3, event);
    db_bind_text(q, 4, text);
    db_bind_blob(q, 5, link, SHA256_BYTES);
    return db_run(s->db, q);
}

/* Events that only this room writes: verification draws conclusions from them. */
static bool is_ours(const char *event)
{
    static const char *const ours[] = { "begun",    "sensor",  "label",   "file",    "run",      "day",
                                        "coverage", "segment", "cleaned", "altered", "sessions", "sessions-gone" };
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(event, ours[i]) == 0)
            return true;
    return false;
}

int store_note(struct store *s, const char *event, const char *text)
{
    if (is_ours(event))
        return -EINVAL;
    struct buf b;
    buf_init(&b, TEXT_MOST);
    text_escape(&b, text, strlen(text), TEXT_PLAIN);
    buf_u8(&b, 0);
    int err = buf_ok(&b) ? chain_add(s, event, (const char *)b.data) : -EINVAL;
    buf_release(&b);
    return err;
}

void evidence_name_text(int64_t id, const char *name, char ret[static NAME_TEXT])
{
    struct buf b;
    buf_init(&b, NAME_TEXT - 1);
    buf_print(&b, "id=%lld name=\"", (long long)id);
    text_escape(&b, name, strlen(name), TEXT_QUOTED);
    buf_text(&b, "\"");
    memcpy(ret, b.data ? (const char *)b.data : "", b.len);
    ret[b.len] = '\0';
    buf_release(&b);
}

int evidence_name(struct store *s, const char *event, int64_t id, const char *name)
{
    char text[NAME_TEXT];
    evidence_name_text(id, name, text);
    return chain_add(s, event, text);
}

int evidence_commit(struct store *s)
{
    struct buf *said = &s->evidence.said;
    uint8_t before[SHA256_BYTES], link[SHA256_BYTES];
    int64_t seq, after, at = clock_now(s);
    TRY(buf_status(said));
    if (said->len == 0)
        return 0;
    TRY(last_event(s, &after, before));
    TRY(last_vouch(s, &seq, before));
    vouch_link(before, ++seq, at, after, said->data, said->len, link);
    struct stmt *q = db_stmt(s->db, "INSERT INTO vouch(seq, at, after, said, link) VALUES(?, ?, ?, ?, ?)");
    db_bind_int(q, 1, seq);
    db_bind_int(q, 2, at);
    db_bind_int(q, 3, after);
    db_bind_blob(q, 4, said->data, said->len);
    db_bind_blob(q, 5, link, SHA256_BYTES);
    TRY(db_run(s->db, q));
    buf_reset(said);
    return 0;
}

/* ---- what an event says ---- */

bool chain_field(const char *text, const char *key, char *ret, size_t room)
{
    size_t n = strlen(key);
    for (const char *at = text; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, key, n) != 0 || at[n] != '=')
            continue;
        size_t len = strcspn(at + n + 1, " ");
        if (len >= room)
            return false;
        memcpy(ret, at + n + 1, len);
        ret[len] = '\0';
        return true;
    }
    return false;
}

bool chain_field_int(const char *text, const char *key, int64_t *ret)
{
    char value[32];
    return chain_field(text, key, value, sizeof value) && text_int(value, INT64_MIN, INT64_MAX, ret) == 0;
}

bool chain_field_hash(const char *text, const char *key, uint8_t ret[static SHA256_BYTES])
{
    char value[SHA256_HEX];
    return chain_field(text, key, value, sizeof value) && sha256_parse(value, ret);
}

bool chain_range(const char **at, int64_t *ret_first, int64_t *ret_last)
{
    char *end;
    const char *from = *at + (**at == ',');
    *ret_first = *ret_last = strtoll(from, &end, 10);
    if (end == from)
        return false;
    if (*end == '-')
        *ret_last = strtoll(end + 1, &end, 10);
    *at = end;
    return *ret_last >= *ret_first;
}

/* ---- segments ---- */

struct segment {
    int64_t hour, first, last, rows;
    uint8_t link[SHA256_BYTES];
};

/* The rows of one hour that no event seals, where that hour is over, or not yet come: a clock was put back.
 * 1; 0 where there is none. */
static int find_segment(struct store *s, int64_t now, struct segment *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT seq, at/3600 FROM vouch WHERE seq > (SELECT coalesce(max(last), 0)"
                                    " FROM segment) ORDER BY seq LIMIT 1");
    int row = db_step(s->db, q);
    if (row == 1)
        *ret = (struct segment){ .first = db_int(q, 0), .hour = db_int(q, 1) };
    db_done(q);
    if (row <= 0 || ret->hour == now / HOUR_SECONDS)
        return row < 0 ? row : 0;
    q = db_stmt(s->db, "SELECT seq, link, (SELECT count(*) FROM vouch WHERE seq BETWEEN ?1 AND v.seq)"
                       " FROM vouch v WHERE seq >= ?1 AND seq < coalesce((SELECT min(seq) FROM vouch"
                       " WHERE seq > ?1 AND at/3600 <> ?2), 9223372036854775807) ORDER BY seq DESC LIMIT 1");
    db_bind_int(q, 1, ret->first);
    db_bind_int(q, 2, ret->hour);
    row = db_step(s->db, q);
    if (row == 1) {
        size_t n;
        const void *link = db_blob(q, 1, &n);
        ret->last = db_int(q, 0);
        ret->rows = db_int(q, 2);
        if (n == SHA256_BYTES)
            memcpy(ret->link, link, n);
    }
    db_done(q);
    return row;
}

/* Whether something shows that only its entry in a row vouches for. */
static int needs_entry(struct store *s, const struct vouch *v)
{
    if (v->kind == VOUCH_COVER)
        return 0;
    struct stmt *q =
        v->kind == VOUCH_RUN
            ? db_stmt(s->db, "SELECT 1 FROM run WHERE id=? AND state=1 AND kept=0")
            : db_stmt(s->db, "SELECT 1 FROM session s JOIN session_batch b ON b.id=s.batch WHERE s.id=? AND b.state=0");
    db_bind_int(q, 1, v->id);
    int row = db_step(s->db, q);
    db_done(q);
    return row;
}

static int needs_row(struct store *s, const void *said, size_t n)
{
    struct rd r = rd_init(said, n);
    struct vouch v;
    int more;
    while ((more = vouch_next(&r, &v)) == 1) {
        int needed = needs_entry(s, &v);
        if (needed)
            return needed;
    }
    return more < 0 ? 1 : 0; /* what cannot be read is for verification to find */
}

static int is_needed(struct store *s, int64_t first, int64_t last)
{
    struct stmt *q = db_stmt(s->db, "SELECT said FROM vouch WHERE seq BETWEEN ? AND ?");
    db_bind_int(q, 1, first);
    db_bind_int(q, 2, last);
    int row, needed = 0;
    while (!needed && (row = db_step(s->db, q)) != 0) {
        size_t n = 0;
        const void *said = row < 0 ? NULL : db_blob(q, 0, &n);
        needed = row < 0 ? row : needs_row(s, said, n);
    }
    db_done(q);
    return needed;
}

/* The last link of a segment, as the event that sealed it tells: 1, 0 where none does. */
static int sealed_link(struct store *s, int64_t last, uint8_t ret[static SHA256_BYTES])
{
    memset(ret, 0, SHA256_BYTES);
    if (last == 0) /* before the first */
        return 1;
    struct stmt *q = db_stmt(s->db, "SELECT text FROM event WHERE event='segment' AND text LIKE '% last=' || ? ||"
                                    " ' %' ORDER BY seq DESC LIMIT 1");
    db_bind_int(q, 1, last);
    int row = db_step(s->db, q);
    if (row == 1)
        row = chain_field_hash(db_text(q, 0), "digest", ret);
    db_done(q);
    return row;
}

/* Whether the rows of a segment are as they were sealed: 1 or 0. Once they are gone nobody can tell. */
static int is_as_sealed(struct store *s, int64_t first, int64_t last)
{
    uint8_t link[SHA256_BYTES], digest[SHA256_BYTES];
    int known = sealed_link(s, first - 1, link);
    if (known == 1)
        known = sealed_link(s, last, digest);
    if (known != 1)
        return known;
    struct stmt *q = db_stmt(s->db, "SELECT seq, at, after, said FROM vouch WHERE seq BETWEEN ? AND ? ORDER BY seq");
    db_bind_int(q, 1, first);
    db_bind_int(q, 2, last);
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        size_t n;
        const void *said = db_blob(q, 3, &n);
        vouch_link(link, db_int(q, 0), db_int(q, 1), db_int(q, 2), said, n, link);
    }
    db_done(q);
    return row < 0 ? row : memcmp(link, digest, SHA256_BYTES) == 0;
}

/* Whether a segment must stay: a run needs it, or it is the only trace of what was done to it. */
static int must_stay(struct store *s, int64_t first, int64_t last)
{
    int needed = is_needed(s, first, last);
    int sealed = needed ? 0 : is_as_sealed(s, first, last);
    if (is_damage(needed) || is_damage(sealed)) /* what cannot be read stays, and is a fault */
        return 1;
    return needed ? needed : sealed < 0 ? sealed : !sealed;
}

/* Segments that nothing needs any more; what is not needed now never will be, so there is no hurry. */
struct given_up {
    int64_t first[PRUNED_AT_ONCE], last[PRUNED_AT_ONCE];
    size_t n;
};

/* The next segments, from the newest to the oldest and over again: many may be needed for long. */
static int list_segments(struct store *s, struct given_up *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT first, last FROM segment WHERE pruned=0 AND (last < ?1 OR ?1=0)"
                                    " ORDER BY last DESC LIMIT ?2");
    db_bind_int(q, 1, s->evidence.looked);
    db_bind_int(q, 2, PRUNED_AT_ONCE);
    int row;
    ret->n = 0;
    while ((row = db_step(s->db, q)) == 1 && ret->n < PRUNED_AT_ONCE) {
        ret->first[ret->n] = db_int(q, 0);
        ret->last[ret->n++] = db_int(q, 1);
    }
    db_done(q);
    s->evidence.looked = ret->n == PRUNED_AT_ONCE ? ret->last[ret->n - 1] : 0;
    return row < 0 && !is_damage(row) ? row : 0;
}

static int find_given_up(struct store *s, struct given_up *ret)
{
    struct given_up all;
    TRY(list_segments(s, &all));
    ret->n = 0;
    for (size_t i = 0; i < all.n; i++) {
        int stays = must_stay(s, all.first[i], all.last[i]);
        TRY(stays);
        if (stays)
            continue;
        ret->first[ret->n] = all.first[i];
        ret->last[ret->n++] = all.last[i];
    }
    return 0;
}

static void put_clock(struct buf *b)
{
    struct clock_state c = clock_look();
    if (!c.known)
        buf_text(b, " clock=unknown");
    else
        buf_print(b, " clock=%s error-us=%lld most-us=%lld", c.synchronised ? "synchronised" : "free",
                  (long long)c.error_us, (long long)c.max_error_us);
}

/* The running period of each sensor, as it stands. */
static int put_cover(struct store *s, struct buf *b)
{
    struct stmt *q = db_stmt(s->db, "SELECT max(id) FROM coverage WHERE ingest=0 GROUP BY sensor");
    int row;
    for (bool first = true; (row = db_step(s->db, q)) == 1; first = false) {
        uint8_t hash[SHA256_BYTES];
        char hex[SHA256_HEX];
        if ((row = hash_cover(s, db_int(q, 0), hash)) < 0)
            break;
        buf_print(b, "%s%lld:%s", first ? " cover=" : ",", (long long)db_int(q, 0), sha256_hex(hash, hex));
    }
    db_done(q);
    return row;
}

static int write_segment(struct store *s, const struct segment *g)
{
    struct stmt *q = db_stmt(s->db, "INSERT INTO segment(last, first, link, pruned) VALUES(?, ?, ?, 0)");
    db_bind_int(q, 1, g->last);
    db_bind_int(q, 2, g->first);
    db_bind_blob(q, 3, g->link, SHA256_BYTES);
    return db_run(s->db, q);
}

static int give_up(struct store *s, const struct given_up *up, struct buf *b)
{
    for (size_t i = 0; i < up->n; i++) {
        struct stmt *q = db_stmt(s->db, "UPDATE segment SET pruned=1 WHERE last=?");
        db_bind_int(q, 1, up->last[i]);
        TRY(db_run(s->db, q));
        buf_print(b, "%s%lld-%lld", i ? "," : " pruned=", (long long)up->first[i], (long long)up->last[i]);
    }
    return 0;
}

static int seal(struct store *s, const struct segment *g, const struct given_up *up)
{
    struct buf b;
    char hex[SHA256_HEX];
    buf_init(&b, TEXT_MOST);
    buf_print(&b, "hour=%lld first=%lld last=%lld rows=%lld digest=%s", (long long)g->hour,
              (long long)g->first, (long long)g->last, (long long)g->rows, sha256_hex(g->link, hex));
    put_clock(&b);
    int err = give_up(s, up, &b);
    if (!err)
        err = put_cover(s, &b);
    buf_u8(&b, 0);
    if (!err)
        err = buf_status(&b);
    if (!err)
        err = write_segment(s, g);
    if (!err)
        err = chain_add(s, "segment", (const char *)b.data);
    buf_release(&b);
    return err;
}

/* Seals the next segment: 1, 0 where there is none. */
static int seal_next(struct store *s, int64_t now, int64_t *ret_event)
{
    struct given_up up;
    struct segment g;
    int found = find_segment(s, now, &g);
    if (found <= 0)
        return found;
    TRY(find_given_up(s, &up));
    TRY(store_begin(s));
    found = find_segment(s, now, &g); /* nobody was faster */
    if (found == 1)
        TRY(seal(s, &g, &up));
    TRY(found);
    uint8_t link[SHA256_BYTES];
    TRY(last_event(s, ret_event, link));
    TRY(store_commit(s));
    return found;
}

/* All that there is to seal: 1 where there was something. */
static int seal_all(struct store *s, int64_t now, int64_t *ret_event)
{
    bool sealed = false;
    int more;
    while ((more = seal_next(s, now, ret_event)) == 1)
        sealed = true;
    if (more < 0)
        store_rollback(s);
    return more < 0 ? more : sealed;
}

int store_seal(struct store *s, int64_t now)
{
    struct segment g;
    int64_t event = 0;
    s->evidence.clock = now - time_now();
    int found = find_segment(s, now, &g);
    if (found <= 0)
        return found;
    TRY(store_commit(s));
    /* What is copied must be on the disk first, or a power failure would leave more in the copy. */
    TRY(db_exec(s->db, "PRAGMA synchronous=FULL"));
    int sealed = seal_all(s, now, &event);
    TRY(db_exec(s->db, "PRAGMA synchronous=NORMAL"));
    return sealed == 1 ? chain_export(s, event) : sealed;
}

int chain_prune(struct store *s)
{
    struct stmt *q = db_stmt(s->db, "SELECT first, last FROM segment WHERE pruned=1 LIMIT 1");
    int row = db_step(s->db, q);
    int64_t first = row == 1 ? db_int(q, 0) : 0, last = row == 1 ? db_int(q, 1) : 0;
    db_done(q);
    if (row <= 0)
        return row;
    TRY(store_begin(s));
    q = db_stmt(s->db, "DELETE FROM vouch WHERE seq IN (SELECT seq FROM vouch WHERE seq BETWEEN ? AND ?"
                       " LIMIT ?)");
    db_bind_int(q, 1, first);
    db_bind_int(q, 2, last);
    db_bind_int(q, 3, SLICE);
    TRY(db_run(s->db, q));
    if (db_changes(s->db) < SLICE) {
        q = db_stmt(s->db, "UPDATE segment SET pruned=2 WHERE last=?");
        db_bind_int(q, 1, last);
        TRY(db_run(s->db, q));
        TRY(db_exec(s->db, "DELETE FROM segment WHERE pruned=2 AND last < (SELECT max(last) FROM segment)"));
    }
    TRY(store_commit(s));
    return 1;
}
