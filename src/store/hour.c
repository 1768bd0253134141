/*
 * An hour whole: its runs remade into one, its totals and census as stored or worked out.
 */
#include "store/inside.h"

#include <stdlib.h>

int hour_runs(struct store *s, uint32_t hour, size_t *ret_n, int64_t *ret_run)
{
    struct stmt *q = db_stmt(s->db, "SELECT count(*), max(id) FROM run WHERE hour=? AND state=1");
    db_bind_int(q, 1, hour);
    int row = db_step(s->db, q);
    if (row == 1) {
        *ret_n = (size_t)db_int(q, 0);
        *ret_run = db_int(q, 1);
    }
    db_done(q);
    return row < 0 ? row : 0;
}

static int decode_summary(struct store *s, struct stmt *q, struct totals *totals, struct census *census)
{
    size_t n;
    int err = 0;
    if (totals) {
        const void *data = db_blob(q, 0, &n);
        err = totals_decode(totals, s->zstd, data, n);
    }
    if (census && !err) {
        const void *data = db_blob(q, 1, &n);
        err = census_decode(census, s->zstd, data, n);
    }
    return err > 0 ? -EUCLEAN : err;
}

int run_summary_load(struct store *s, int64_t run, struct totals *totals, struct census *census)
{
    struct stmt *q = db_stmt(s->db, "SELECT totals, census FROM summary WHERE run=?");
    db_bind_int(q, 1, run);
    int row = db_step(s->db, q);
    int err = row < 0 ? row : row == 0 ? -EUCLEAN : decode_summary(s, q, totals, census);
    db_done(q);
    return err;
}

/* The tallies of all runs of an hour, folded. */
static int hour_tallies(struct store *s, uint32_t hour, int level, struct totals *ret)
{
    struct totals all = { 0 };
    struct stmt *q = db_stmt(s->db, "SELECT totals, NULL FROM summary WHERE run IN"
                                    " (SELECT id FROM run WHERE hour=?1 AND state=1"
                                    " AND (?2=-1 OR level=?2))");
    db_bind_int(q, 1, hour);
    db_bind_int(q, 2, level);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0)
        err = row < 0 ? row : decode_summary(s, q, &all, NULL);
    db_done(q);
    for (size_t i = 0; !err && i < all.n; i++)
        if (scope_is_tally(all.item[i].scope))
            err = totals_add(ret, all.item[i].scope, all.item[i].packets, all.item[i].bytes, 0);
    totals_release(&all);
    totals_settle(ret);
    return err;
}

/* The flows of an hour on their way into a new run. */
struct remake {
    struct store *s;
    struct span span;
    struct run_writer *w;
    struct sort_item *item; /* of one family */
    size_t n, room;
};

static int remember(struct remake *r, const struct flow *f)
{
    if (r->n == r->room) {
        size_t room = r->room ? r->room * 2 : 4096;
        struct sort_item *p = realloc(r->item, 2 * room * sizeof *p);
        if (!p)
            return -ENOMEM;
        r->item = p;
        r->room = room;
    }
    r->item[r->n++] = (struct sort_item){ f->key, f->packets };
    return 0;
}

/* First pass over a family: who was there. */
static int remake_census(struct remake *r, uint8_t family)
{
    struct merge *m;
    struct span span = r->span;
    span.how = CHUNK_COUNTS;
    span.family = family;
    TRY(merge_open(&m, r->s, &span));
    struct flow f;
    const uint32_t *dest;
    int more;
    r->n = 0;
    while ((more = merge_next(m, &f, &dest)) == 1)
        if ((more = remember(r, &f)) < 0)
            break;
    size_t n;
    const uint8_t(*dictionary)[16] = merge_dictionary(m, &n);
    if (more >= 0 && family == 6)
        more = run_writer_family(r->w, 6, dictionary, n);
    if (more >= 0) {
        sort_items(r->item, r->item + r->room, r->n, 0, 32);
        more = run_writer_census(r->w, r->item, r->n, true);
    }
    merge_close(m);
    return more < 0 ? more : 0;
}

/* The place of an address, at or after the one before it of the same head. */
static uint32_t number_of(const uint32_t *source, size_t n, size_t low, uint32_t address)
{
    size_t high = low + 1, step = 1;
    while (high < n && source[high] < address) {
        low = high;
        step *= 2;
        high = low + step;
    }
    high = high < n ? high : n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (source[mid] < address)
            low = mid + 1;
        else
            high = mid;
    }
    return (uint32_t)low;
}

/* Second pass: the flows. */
static int remake_flows(struct remake *r, uint8_t family)
{
    struct merge *m;
    struct span span = r->span;
    span.family = family;
    TRY(merge_open(&m, r->s, &span));
    size_t n;
    const uint32_t *source = run_writer_sources(r->w, &n);
    struct flow f;
    const uint32_t *dest;
    uint32_t head = 0, number = 0;
    int more;
    if (family == 6) {
        const uint8_t(*dictionary)[16] = merge_dictionary(m, &n);
        run_writer_dictionary(r->w, dictionary, n);
    }
    while ((more = merge_next(m, &f, &dest)) == 1) {
        if (family == 4) {
            number = number_of(source, n, flow_head(&f) == head ? number : 0, flow_source(&f));
            if (number >= n || source[number] != flow_source(&f)) {
                more = -EUCLEAN; /* of a run that was shown after the first pass, most likely */
                break;
            }
            head = flow_head(&f);
            f.key = (uint64_t)head << 32 | number;
        }
        if ((more = run_writer_flow(r->w, &f, dest)) < 0)
            break;
    }
    if (more >= 0)
        more = run_writer_close(r->w);
    merge_close(m);
    return more < 0 ? more : 0;
}

static int remake_tallies(struct remake *r)
{
    struct totals tallies = { 0 };
    int err = hour_tallies(r->s, r->span.hour, r->span.level, &tallies);
    for (size_t i = 0; !err && i < tallies.n; i++)
        err = run_writer_tally(r->w, tallies.item[i].scope, tallies.item[i].packets,
                               tallies.item[i].bytes);
    totals_release(&tallies);
    return err;
}

int hour_remake(struct store *s, uint32_t hour, int level, struct run_writer *w,
               struct run_summary *ret)
{
    struct remake r = { .s = s, .w = w, .span = { .hour = hour, .level = level, .last = UINT64_MAX } };
    run_writer_begin(w, hour);
    int err = remake_census(&r, 4);
    if (!err)
        err = remake_flows(&r, 4);
    if (!err)
        err = remake_census(&r, 6);
    if (!err)
        err = remake_flows(&r, 6);
    if (!err)
        err = remake_tallies(&r);
    if (!err)
        err = run_writer_end(w, ret);
    free(r.item);
    return err;
}

static int discard(void *context, const struct run_chunk *chunk)
{
    (void)context;
    (void)chunk;
    return 0;
}

static int worked_out_summary(struct store *s, uint32_t hour, struct totals *totals,
                              struct census *census)
{
    struct run_writer *w;
    TRY(run_writer_make(&w, discard, NULL));
    struct run_summary sum;
    int err = hour_remake(s, hour, EVERY_LEVEL, w, &sum);
    for (size_t i = 0; !err && totals && i < sum.totals->n; i++) {
        const struct total *t = &sum.totals->item[i];
        err = totals_add(totals, t->scope, t->packets, t->bytes, t->sources);
    }
    struct census none = { 0 };
    if (!err && census)
        err = census_merge(sum.census, &none, census);
    run_writer_free(w);
    return err;
}

int hour_summary(struct store *s, uint32_t hour, struct totals *totals, struct census *census)
{
    size_t n;
    int64_t run;
    TRY(hour_runs(s, hour, &n, &run));
    if (n == 0)
        return 0;
    return n == 1 ? run_summary_load(s, run, totals, census)
                  : worked_out_summary(s, hour, totals, census);
}

int hour_minutes(struct store *s, uint32_t hour, int level, struct minutes *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT m.blob FROM minute m JOIN run r ON r.id=m.run"
                                    " WHERE m.hour=?1 AND r.state=1 AND (?2=-1 OR r.level=?2)");
    db_bind_int(q, 1, hour);
    db_bind_int(q, 2, level);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        size_t n;
        const void *data = row < 0 ? NULL : db_blob(q, 0, &n);
        err = row < 0 ? row : minutes_decode(ret, s->zstd, data, n);
        err = err > 0 ? -EUCLEAN : err;
    }
    db_done(q);
    minutes_settle(ret);
    return err;
}
