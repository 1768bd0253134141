#include "store/inside.h"

#include "base/array.h"

#include <stdlib.h>

/* A period of one sensor, cut to what is asked for. */
struct period {
    int64_t sensor, start, end;
    uint64_t addresses;
};

/* Where a period begins or ends. */
struct edge {
    int64_t sensor, at;
    size_t period;
    bool begins;
};

static int by_time(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->sensor != y->sensor)
        return x->sensor < y->sensor ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static const char periods_sql[] =
    "SELECT sensor, max(start, ?1), min(end, ?2), addresses, estimated, dark FROM coverage"
    " WHERE max(start, ?1) < min(end, ?2) AND (ingest=0 OR ingest IN"
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
        if ((row = ARRAY_ROOM(item, room, n + 1)) < 0)
            break;
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

/* The most addresses that any of the running periods observed. */
static uint64_t most_addresses(const struct period *item, const size_t *running, size_t n)
{
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++)
        most = item[running[i]].addresses > most ? item[running[i]].addresses : most;
    return most;
}

/* Sweeps over the edges: of one sensor every second counts once, whatever periods overlap. */
static double sweep(const struct period *item, const struct edge *edge, size_t edges, size_t *running)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < edges; i++) {
        if (n)
            sum += (double)(edge[i].at - edge[i - 1].at) *
                   (double)most_addresses(item, running, n);
        if (edge[i].begins) {
            running[n++] = edge[i].period;
            continue;
        }
        size_t j = 0;
        while (running[j] != edge[i].period)
            j++;
        running[j] = running[--n];
    }
    return sum;
}

static int observed(struct store *s, int64_t from, int64_t to, struct exposure *ret)
{
    struct exposure e = { 0 };
    struct period *item;
    size_t n;
    TRY(list_periods(s, from, to, &item, &n, &e));
    struct edge *edge = malloc((2 * n + 1) * sizeof *edge);
    size_t *running = malloc((n + 1) * sizeof *running);
    int err = edge && running ? 0 : -ENOMEM;
    for (size_t i = 0; !err && i < n; i++) {
        edge[2 * i] = (struct edge){ item[i].sensor, item[i].start, i, true };
        edge[2 * i + 1] = (struct edge){ item[i].sensor, item[i].end, i, false };
    }
    if (!err && n) {
        qsort(edge, 2 * n, sizeof *edge, by_time);
        e.address_seconds = sweep(item, edge, 2 * n, running);
    }
    free(edge);
    free(running);
    free(item);
    if (!err)
        *ret = e;
    return err;
}

int store_exposure(struct store *s, int64_t from, int64_t to, struct exposure *ret)
{
    struct exposure e;
    TRY(observed(s, from, to, &e));
    for (size_t i = 0; i < s->lost_n; i++) {
        const struct lost *x = &s->lost[i];
        int64_t start = x->start > from ? x->start : from, end = x->end < to ? x->end : to;
        struct exposure less;
        if (!x->left_out || start >= end)
            continue;
        TRY(observed(s, start, end, &less));
        e.address_seconds -= less.address_seconds;
    }
    *ret = e;
    return 0;
}
