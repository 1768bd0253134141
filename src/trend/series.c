#include "trend/series.h"

#include <math.h>
#include <stdlib.h>

enum { DAY = 86400 };

bool counts_accesses(const struct question *q)
{
    return q->kinds == 0 || (q->kinds >> KIND_ACCESS & 1);
}

double per_address_day(uint64_t counted, const struct exposure *e)
{
    return e->address_seconds > 0 ? (double)counted / (e->address_seconds / DAY) : (double)NAN;
}

static int add_row(struct series *series, size_t *room, const struct series_row *row)
{
    if (series->n == *room) {
        size_t more = *room ? *room * 2 : 64;
        struct series_row *p = realloc(series->row, more * sizeof *p);
        if (!p)
            return -ENOMEM;
        series->row = p;
        *room = more;
    }
    series->row[series->n++] = *row;
    return 0;
}

/* A row and its rate. What was counted where no coverage tells of it was observed all the same. */
static int fill_row(struct series_row *row, struct store *s, const struct question *q,
                    const struct answer *a)
{
    struct exposure e;
    TRY(store_exposure(s, a->time, a->end, &e));
    *row = (struct series_row){ .time = a->time,
                                .end = a->end,
                                .observed = !a->lost && (e.address_seconds > 0 || a->packets > 0),
                                .estimated = e.estimated,
                                .dark = e.dark,
                                .answering = e.answering,
                                .accesses = a->accesses,
                                .packets = a->packets,
                                .sources = a->sources };
    row->per_address_day = per_address_day(counts_accesses(q) ? a->accesses : a->packets, &e);
    return 0;
}

int series_ask(struct series *ret, struct store *s, const struct question *q)
{
    struct series series = { 0 };
    struct answers *answers;
    struct answer a;
    size_t room = 0;
    int err = store_ask(s, q, &answers);
    if (err)
        return err;
    while (!err && answers_next(answers, &a)) {
        struct series_row row;
        err = fill_row(&row, s, q, &a);
        if (!err)
            err = add_row(&series, &room, &row);
        series.accesses += a.lost ? 0 : a.accesses;
        series.packets += a.lost ? 0 : a.packets;
    }
    answers_free(answers);
    if (!err)
        err = store_exposure(s, q->from, q->to, &series.exposure);
    if (err)
        series_release(&series);
    else
        *ret = series;
    return err;
}

void series_release(struct series *series)
{
    free(series->row);
    *series = (struct series){ 0 };
}
