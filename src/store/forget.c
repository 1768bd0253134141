/*
 * Forgetting: addresses give way to pseudonyms that say nothing, and the bytes that held them go.
 *
 * A pseudonym is a number that no source of the store has yet, as an address of 0.0.0.0/8 or 100::/64: nobody
 * is there. Which address got which is known to one call only, or, where it was killed, to the calls after it
 * until one of them ends: then a source that was replaced in some hours is still one source in all of them.
 */
#include "store/evidence.h"
#include "store/plan.h"
#include "store/rewrite.h"
#include "store/sample.h"
#include "store/session.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    LOCK_SECONDS = 60,
    V4_NUMBERS = 1 << 24,   /* 0.0.0.0/8 */
    EMPTY_TRIES = 100,      /* at emptying the log while others read it */
    EMPTY_WAIT_US = 500000,
};

struct numbers {
    uint64_t *v; /* ascending, from settle_numbers() on */
    size_t n, room, at;
    uint64_t next;
};

struct forgetting {
    struct store *s;
    const struct prefix *who;
    struct swap swap;
    struct addr *met; /* from settle_met() on ascending, each once, then in no order */
    size_t met_n, met_room;
    struct numbers used[2]; /* IPv4, IPv6 */
    int64_t *run, *day;
    size_t run_n, day_n;
    size_t damaged;
};

/* ---- pseudonyms ---- */

static struct addr pseudonym(uint8_t family, uint64_t number)
{
    if (family == 4)
        return addr_v4((uint32_t)number);
    struct addr a = { .family = 6, .bytes = { 1 } }; /* 100::/64, RFC 6666 */
    for (int i = 0; i < 8; i++)
        a.bytes[15 - i] = (uint8_t)(number >> (8 * i));
    return a;
}

/* Whether it is one, of ours or of a forger's: nobody's address. */
static bool is_pseudonym(const struct addr *a, uint64_t *ret_number)
{
    *ret_number = 0;
    if (a->family == 4) {
        *ret_number = addr_u32(a);
        return *ret_number < V4_NUMBERS;
    }
    for (int i = 8; i < 16; i++)
        *ret_number = *ret_number << 8 | a->bytes[i];
    static const uint8_t nobody[8] = { 1 };
    return memcmp(a->bytes, nobody, sizeof nobody) == 0;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void settle_numbers(struct numbers *u)
{
    if (u->n)
        qsort(u->v, u->n, sizeof *u->v, by_number);
    u->next = 1;
}

static int new_number(struct forgetting *k, uint8_t family, uint64_t *ret)
{
    struct numbers *u = &k->used[family == 6];
    for (; u->at < u->n && u->v[u->at] <= u->next; u->at++)
        u->next += u->v[u->at] == u->next;
    if (family == 4 && u->next >= V4_NUMBERS)
        return store_refuse(k->s, "no pseudonyms are left");
    *ret = u->next++;
    return 0;
}

/* ---- who was met ---- */

static int look_at(struct forgetting *k, const struct addr *a)
{
    uint64_t number;
    struct numbers *u = &k->used[a->family == 6];
    if (is_pseudonym(a, &number)) {
        TRY(ARRAY_ROOM(u->v, u->room, u->n + 1));
        u->v[u->n++] = number;
        return 0;
    }
    if (!prefix_has(k->who, a))
        return 0;
    TRY(ARRAY_ROOM(k->met, k->met_room, k->met_n + 1));
    k->met[k->met_n++] = *a;
    return 0;
}

static int look_at_census(struct forgetting *k, const struct census *c)
{
    for (size_t i = 0; i < c->v4_n; i++) {
        struct addr a = addr_v4(c->v4[i]);
        TRY(look_at(k, &a));
    }
    for (size_t i = 0; i < c->v6_n; i++) {
        struct addr a = { .family = 6 };
        memcpy(a.bytes, c->v6[i], 16);
        TRY(look_at(k, &a));
    }
    return 0;
}

/* What cannot be read is counted, and the rest goes on; the end tells. */
static int bear_damage(struct forgetting *k, int err)
{
    k->damaged += is_damage(err);
    return is_damage(err) ? 0 : err;
}

static int look_at_run(struct forgetting *k, int64_t run)
{
    struct census c = { 0 };
    int err = run_summary_load(k->s, run, NULL, &c);
    if (!err)
        err = look_at_census(k, &c);
    census_release(&c);
    return err;
}

static int look_at_day(struct forgetting *k, int64_t start)
{
    struct census c = { 0 };
    const struct unit day = { .start = start, .day = true };
    int err = unit_summary(k->s, &day, NULL, &c);
    if (!err)
        err = look_at_census(k, &c);
    census_release(&c);
    return err;
}

/* Those that cannot be read leave the list. */
static int look_at_each(struct forgetting *k, int (*look)(struct forgetting *, int64_t), int64_t *id, size_t *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        int err = look(k, id[i]);
        if (!err)
            id[kept++] = id[i];
        TRY(bear_damage(k, err));
    }
    *n = kept;
    return 0;
}

static int see(void *context, const struct addr *a)
{
    return look_at(context, a);
}

/* An address of the prefix that stands in what was said: not a pseudonym, whatever it looks like. */
static int note_named(void *context, const struct addr *a)
{
    struct forgetting *k = context;
    TRY(ARRAY_ROOM(k->met, k->met_room, k->met_n + 1));
    k->met[k->met_n++] = *a;
    return 0;
}

static int look_at_sessions(struct forgetting *k)
{
    struct sessions_look l = { .who = k->who, .seen = see, .named = note_named, .context = k };
    int err = sessions_look_at(k->s, &l);
    k->damaged += l.damaged;
    return err;
}

static int look_at_all(struct forgetting *k)
{
    TRY(store_numbers(k->s, "SELECT id FROM run WHERE state=1 ORDER BY hour, id", &k->run, &k->run_n));
    TRY(store_numbers(k->s, "SELECT start FROM day", &k->day, &k->day_n));
    TRY(look_at_each(k, look_at_run, k->run, &k->run_n));
    TRY(look_at_each(k, look_at_day, k->day, &k->day_n));
    TRY(look_at_sessions(k));
    return samples_look_at(k->s, k->who, note_named, k, &k->damaged);
}

static int by_address(const void *a, const void *b)
{
    return addr_cmp(a, b);
}

/* Each once, and in an order that says nothing either. */
static int settle_met(struct forgetting *k)
{
    size_t kept = 0;
    if (k->met_n)
        qsort(k->met, k->met_n, sizeof *k->met, by_address);
    for (size_t i = 0; i < k->met_n; i++)
        if (i == 0 || addr_cmp(&k->met[kept - 1], &k->met[i]) != 0)
            k->met[kept++] = k->met[i];
    k->met_n = kept;
    for (size_t i = kept; i > 1; i--) {
        uint64_t random;
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -EIO;
        struct addr swap = k->met[i - 1];
        k->met[i - 1] = k->met[random % i];
        k->met[random % i] = swap;
    }
    return 0;
}

/* ---- who gets which: kept from the first change to the last ---- */

/* What a call that was killed had begun. */
static int load_pairs(struct forgetting *k)
{
    struct store *s = k->s;
    struct stmt *q = db_stmt(s->db, "SELECT address, number FROM forgetting");
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        size_t n;
        const void *bytes = db_blob(q, 0, &n);
        uint64_t number = (uint64_t)db_int(q, 1);
        struct addr from = { .family = n == 4 ? 4 : 6 };
        memcpy(from.bytes, bytes, n < sizeof from.bytes ? n : sizeof from.bytes);
        struct addr to = pseudonym(from.family, number);
        struct numbers *u = &k->used[from.family == 6];
        if ((row = swap_add(&k->swap, &from, &to)) < 0 || (row = ARRAY_ROOM(u->v, u->room, u->n + 1)) < 0)
            break;
        u->v[u->n++] = number;
    }
    db_done(q);
    swap_settle(&k->swap);
    return row;
}

static int keep_pair(struct forgetting *k, const struct addr *from, uint64_t number)
{
    struct store *s = k->s;
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "INSERT INTO forgetting VALUES(?, ?)");
    db_bind_blob(q, 1, from->bytes, from->family == 4 ? 4 : 16);
    db_bind_int(q, 2, (int64_t)number);
    TRY(db_run(s->db, q));
    return store_commit_due(s);
}

static int make_pairs(struct forgetting *k)
{
    struct swap fresh = { 0 };
    int err = 0;
    for (size_t i = 0; !err && i < k->met_n; i++) {
        uint64_t number = 0;
        const struct addr *from = &k->met[i];
        if (swap_find(&k->swap, from))
            continue;
        err = new_number(k, from->family, &number);
        if (!err)
            err = keep_pair(k, from, number);
        struct addr to = pseudonym(from->family, number);
        if (!err)
            err = swap_add(&fresh, from, &to);
    }
    for (size_t i = 0; !err && i < fresh.n; i++)
        err = swap_add(&k->swap, &fresh.pair[i].from, &fresh.pair[i].to);
    swap_release(&fresh);
    swap_settle(&k->swap);
    return err ? err : store_commit(k->s);
}

static int choose_pseudonyms(struct forgetting *k)
{
    TRY(db_exec(k->s->db, "CREATE TABLE IF NOT EXISTS forgetting(address BLOB PRIMARY KEY,"
                          " number INTEGER NOT NULL) WITHOUT ROWID"));
    TRY(load_pairs(k));
    settle_numbers(&k->used[0]);
    settle_numbers(&k->used[1]);
    TRY(settle_met(k));
    return make_pairs(k);
}

/* ---- the work ---- */

static int rewrite_all(struct forgetting *k)
{
    for (size_t i = 0; i < k->run_n; i++)
        TRY(bear_damage(k, rewrite_run(k->s, k->run[i], &k->swap)));
    for (size_t i = 0; i < k->day_n; i++)
        TRY(bear_damage(k, rewrite_day(k->s, k->day[i], &k->swap)));
    TRY(sessions_rewrite(k->s, &k->swap, &k->damaged));
    return samples_rewrite(k->s, &k->swap, &k->damaged);
}

/* The chain tells that it was done and of how many, in the transaction that ends it. */
static int vouch_for_end(struct store *s, size_t addresses)
{
    char text[40];
    snprintf(text, sizeof text, "addresses=%zu", addresses);
    return store_note(s, "forgot", text);
}

/* Also source sets without their day, which a day that was never finished leaves behind. */
static int end_job(struct forgetting *k)
{
    TRY(store_begin(k->s));
    TRY(db_exec(k->s->db, "DELETE FROM forgetting;"
                          "DELETE FROM day_sources WHERE start NOT IN (SELECT start FROM day)"));
    if (k->swap.n)
        TRY(vouch_for_end(k->s, k->swap.n));
    return store_commit(k->s);
}

/* Free pages leave the file, some at a time: those that were freed long ago may hold anything. */
static int give_back(struct store *s)
{
    int64_t before = INT64_MAX, pages;
    for (;;) {
        TRY(store_number(s, "PRAGMA freelist_count", &pages));
        if (pages == 0 || pages >= before)
            return 0;
        before = pages;
        TRY(db_exec(s->db, "PRAGMA incremental_vacuum(512)"));
    }
}

/* The log is copied into the file and cut to nothing; who reads an older state is waited for. */
static int empty_log(struct store *s)
{
    int err;
    for (int i = 0; (err = db_empty_log(s->db)) == -EBUSY && i < EMPTY_TRIES; i++)
        usleep(EMPTY_WAIT_US);
    if (err == -EBUSY)
        snprintf(s->why, sizeof s->why, "others read what is to be gone; ask again when they are done");
    return err;
}

static int wipe(struct forgetting *k)
{
    int more;
    while ((more = upkeep_bury(k->s)) == 1)
        ;
    if (more < 0)
        store_rollback(k->s);
    /* A page that cannot be read cannot be changed or moved; the others are. */
    TRY(bear_damage(k, more));
    TRY(bear_damage(k, give_back(k->s)));
    return empty_log(k->s);
}

static int check_files(struct store *s)
{
    int64_t pending;
    TRY(ingest_drop_abandoned(s));
    TRY(store_number(s, "SELECT count(*) FROM ingest WHERE state=0", &pending));
    return pending ? store_refuse(s, "a file is being taken in; ask again when that is done") : 0;
}

static int forget_locked(struct forgetting *k)
{
    struct store *s = k->s;
    int err = check_files(s);
    if (!err)
        err = look_at_all(k);
    if (!err)
        err = choose_pseudonyms(k);
    if (!err)
        err = rewrite_all(k);
    if (!err)
        err = end_job(k);
    if (!err)
        err = wipe(k);
    if (err || !k->damaged)
        return err;
    snprintf(s->why, sizeof s->why, "%zu runs, days or sessions are damaged and could not be looked through",
             k->damaged);
    return -EUCLEAN;
}

static void release(struct forgetting *k)
{
    swap_release(&k->swap);
    free(k->met);
    free(k->used[0].v);
    free(k->used[1].v);
    free(k->run);
    free(k->day);
}

int store_forget(struct store *s, const struct prefix *who, uint64_t *ret_n)
{
    struct forgetting k = { .s = s, .who = who };
    s->why[0] = '\0';
    TRY(store_commit(s));
    int lock = upkeep_lock(s, LOCK_SECONDS);
    TRY(lock);
    int err = forget_locked(&k);
    if (err)
        store_rollback(s);
    evidence_looked(s);
    close(lock);
    *ret_n = k.swap.n;
    release(&k);
    return err;
}
