#include "store/inside.h"

#include <stdlib.h>

/* A period of one sensor, cut to what is asked for. */
struct period {
    int64_t sensor, start, end;
    uint64_t addresses;
};

static int by_start(const void *a, const void *b)
{
    const struct period *x = a, *y = b;
    if (x->sensor != y->sensor)
        return x->sensor < y->sensor ? -1 : 1;
    if (x->addresses != y->addresses) /* more addresses first: they win where periods overlap */
        return x->addresses > y->addresses ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

static const char periods_sql[] =
    "SELECT sensor, max(start, ?1), min(end, ?2), addresses, estimated, dark FROM coverage"
    " WHERE end > ?1 AND start < ?2 AND (ingest=0 OR ingest IN"
    " (SELECT id FROM ingest WHERE state=1)) ORDER BY sensor, start";

static int list_periods(struct store *s, int64_t from, int64_t to, struct period **ret, size_t *ret_n,
                        struct exposure *modes)
{
    struct period *item = NULL;
    size_t n = 0, room = 0;
    struct stmt *q = db_stmt(s->db, periods_sql);
    db_bind_int(q, 1, from);
    db_bind_int(q, 2, to);
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        if (n == room) {
            room = room ? room * 2 : 64;
            struct period *p = realloc(item, room * sizeof *p);
            if (!p) {
                row = -ENOMEM;
                break;
            }
            item = p;
        }
        item[n++] = (struct period){ db_int(q, 0), db_int(q, 1), db_int(q, 2), (uint64_t)db_int(q, 3) };
        modes->estimated |= db_int(q, 4) != 0;
        modes->dark |= db_int(q, 5) != 0;
        modes->answering |= db_int(q, 5) == 0;
    }
    db_done(q);
    if (row < 0) {
        free(item);
        return row;
    }
    *ret = item;
    *ret_n = n;
    return 0;
}

int store_exposure(struct store *s, int64_t from, int64_t to, struct exposure *ret)
{
    struct exposure e = { 0 };
    struct period *item;
    size_t n;
    TRY(list_periods(s, from, to, &item, &n, &e));
    if (n)
        qsort(item, n, sizeof *item, by_start);
    /* Of one sensor and size, each second once. */
    int64_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        bool fresh = i == 0 || item[i].sensor != item[i - 1].sensor ||
                     item[i].addresses != item[i - 1].addresses;
        if (fresh)
            seen = item[i].start;
        int64_t start = item[i].start > seen ? item[i].start : seen;
        if (item[i].end > start)
            e.address_seconds += (double)(item[i].end - start) * (double)item[i].addresses;
        seen = item[i].end > seen ? item[i].end : seen;
    }
    free(item);
    *ret = e;
    return 0;
}
