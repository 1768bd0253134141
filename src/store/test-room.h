#pragma once
/*
 * What the tests of this room share: a state folder, a store in it, runs put into that.
 */
#include "base/test-folder.h"
#include "store/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { HOUR = 480000, DAY = HOUR * 3600 }; /* midnight UTC */

static char folder[FOLDER_PATH];
static uint64_t random_state;

static inline uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

/* Two may be in use at a time. */
static inline const char *path_of(const char *name)
{
    static char path[2][600];
    static unsigned turn;
    snprintf(path[++turn % 2], sizeof path[0], "%s/%s", folder, name);
    return path[turn % 2];
}

static inline int make_folder(void **state)
{
    (void)state;
    random_state = 1234567;
    return folder_make(folder, "store");
}

static inline int remove_folder(void **state)
{
    (void)state;
    chmod(folder, 0700);
    return folder_remove(folder);
}

static inline struct store *open_store(enum store_mode mode)
{
    struct store *s;
    assert_int_equal(store_open(&s, folder, mode), 0);
    return s;
}

static inline int64_t number_in(struct store *s, const char *sql)
{
    struct stmt *q = db_stmt(s->db, sql);
    assert_int_equal(db_step(s->db, q), 1);
    int64_t v = db_int(q, 0);
    db_done(q);
    return v;
}

/* Upkeep until there is nothing more to do. */
static inline void keep_up_as(struct store *s, int64_t now, const struct keep *keep)
{
    int more, pieces = 0;
    while ((more = store_upkeep(s, keep, now)) == 1)
        assert_true(++pieces < 2000);
    assert_int_equal(more, 0);
}

/* ---- a run ---- */

struct target {
    struct store *s;
    int64_t run;
};

static inline int put_chunk(void *context, const struct run_chunk *c)
{
    struct target *t = context;
    return store_run_chunk(t->s, t->run, c);
}

static inline void end_run(struct store *s, int64_t run, const struct run_summary *sum,
                           const struct minutes *minutes)
{
    struct buf tot, min, cen;
    buf_init(&tot, 1 << 24);
    buf_init(&min, 1 << 24);
    buf_init(&cen, 1 << 24);
    assert_int_equal(totals_encode(sum->totals, s->zstd, &tot), 0);
    assert_int_equal(minutes_encode(minutes, s->zstd, &min), 0);
    assert_int_equal(census_encode(sum->census, s->zstd, &cen), 0);
    const struct run_blobs b = { sum->flows, sum->packets, tot.data, min.data, cen.data,
                                 tot.len,    min.len,      cen.len };
    assert_int_equal(store_run_end(s, run, &b), 0);
    buf_release(&tot);
    buf_release(&min);
    buf_release(&cen);
}
