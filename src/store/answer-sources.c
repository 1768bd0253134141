#include "store/asking.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { DESTINATION_ROWS = 100000 }; /* sources whose distinct destinations are gathered, at most */

/* Sources met: rows, and their places by address (open addressing, doubled when half full). */
struct sources {
    struct source {
        struct answer row;
        struct bag dests; /* of the rows that are shown */
    } *item;
    size_t n, room;
    struct place {
        uint32_t item; /* from 1; 0: empty */
        uint32_t check; /* the hash's upper half: spares a look at most of the rows */
    } *place;
    size_t places;
};

static struct place *find_place(const struct sources *t, const struct addr *a, uint32_t *ret_check)
{
    uint64_t hash = hash64(a, sizeof *a, 0);
    size_t at = hash & (t->places - 1);
    *ret_check = (uint32_t)(hash >> 32);
    for (; t->place[at].item; at = (at + 1) & (t->places - 1))
        if (t->place[at].check == *ret_check && addr_cmp(&t->item[t->place[at].item - 1].row.source, a) == 0)
            break;
    return &t->place[at];
}

/* NULL where the address was not met. */
static struct source *find_source(const struct sources *t, const struct addr *a)
{
    uint32_t check;
    const struct place *place = t->places ? find_place(t, a, &check) : NULL;
    return place && place->item ? &t->item[place->item - 1] : NULL;
}

static int grow_places(struct sources *t)
{
    size_t places = t->places ? t->places * 2 : 1024;
    struct place *more = calloc(places, sizeof *more);
    if (!more)
        return -ENOMEM;
    free(t->place);
    t->place = more;
    t->places = places;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t check;
        struct place *place = find_place(t, &t->item[i].row.source, &check);
        *place = (struct place){ (uint32_t)i + 1, check };
    }
    return 0;
}

static int grow_items(struct sources *t)
{
    size_t room = t->room ? t->room * 2 : 256;
    struct source *more = room <= UINT32_MAX ? realloc(t->item, room * sizeof *more) : NULL;
    if (!more)
        return -ENOMEM;
    t->item = more;
    t->room = room;
    return 0;
}

/* Finds a source's row, or begins it; *ret is valid until the next call. */
static int meet_source(struct sources *t, const struct addr *a, struct source **ret)
{
    uint32_t check;
    if (t->n * 2 >= t->places)
        TRY(grow_places(t));
    struct place *place = find_place(t, a, &check);
    if (!place->item) {
        if (t->n == t->room)
            TRY(grow_items(t));
        t->item[t->n] = (struct source){ .row.source = *a };
        *place = (struct place){ (uint32_t)++t->n, check };
    }
    *ret = &t->item[place->item - 1];
    return 0;
}

static void note_times(struct answer *row, const struct passed *p)
{
    int64_t base = (int64_t)p->hour * HOUR_SECONDS;
    int64_t first = base + p->flow->first, last = base + p->flow->last;
    row->first = row->packets == 0 || first < row->first ? first : row->first;
    row->last = last > row->last ? last : row->last;
}

static int take_source(void *context, const struct passed *p)
{
    struct sources *t = context;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    struct source *x;
    TRY(meet_source(t, &a, &x));
    note_times(&x->row, p);
    asking_count_flow(p->flow, &x->row);
    return 0;
}

static int take_dests(void *context, const struct passed *p)
{
    struct sources *t = context;
    struct addr a = merge_address(p->merge, flow_source(p->flow));
    struct source *x = find_source(t, &a);
    if (!x)
        return 0;
    for (uint32_t i = 0; i < p->flow->dests; i++) {
        struct addr d = merge_address(p->merge, p->dest[i]);
        TRY(bag_add(&x->dests, &d));
    }
    return 0;
}

static void free_sources(struct sources *t)
{
    for (size_t i = 0; i < t->n; i++)
        bag_release(&t->item[i].dests);
    free(t->item);
    free(t->place);
}

static int scan_all(struct asking *k, const struct plan *p, unsigned how, passed_fn fn, void *context)
{
    for (size_t i = 0; i < p->n; i++) {
        TRY(asking_check_time(k));
        TRY(scan_hour(k->s, (uint32_t)(p->unit[i].start / HOUR_SECONDS), &k->v, how, fn, context));
    }
    return 0;
}

/* Which fingerprints the shown sources had, hour by hour. */
static int add_classes(struct asking *k, const struct plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct census c = { 0 };
        int err = asking_check_time(k);
        if (!err)
            err = unit_summary(k->s, &p->unit[i], NULL, &c);
        for (size_t j = 0; !err && j < k->a->n; j++) {
            const struct source_class *cl = census_find(&c, &k->a->row[j].source);
            if (cl)
                class_merge(&k->a->row[j].cl, cl);
        }
        census_release(&c);
        TRY(err);
    }
    return 0;
}

static int add_destinations(struct asking *k, const struct plan *p)
{
    struct answers *a = k->a;
    struct sources shown = { 0 };
    struct source *x;
    int err = 0;
    for (size_t i = 0; !err && i < a->n; i++)
        err = meet_source(&shown, &a->row[i].source, &x);
    if (!err)
        err = scan_all(k, p, CHUNK_ALL, take_dests, &shown);
    for (size_t i = 0; !err && i < a->n; i++) { /* items stand as they were met */
        uint64_t n;
        err = bag_count(&shown.item[i].dests, &n);
        a->row[i].destinations = (int64_t)n;
    }
    free_sources(&shown);
    return err;
}

int ask_sources(struct asking *k)
{
    struct plan p;
    struct sources met = { 0 };
    int err = plan_make(&p, k->s, k->q->from, k->q->to, true);
    if (err)
        return err;
    if (k->q->within)
        err = plan_keep_hours_of(&p, k->s, k->q->within);
    if (!err)
        err = scan_all(k, &p, CHUNK_NO_DESTS, take_source, &met);
    for (size_t i = 0; !err && i < met.n; i++) {
        struct answer *row = &met.item[i].row;
        row->destinations = row->sources = ANSWER_UNKNOWN;
        if (k->q->kinds || row->accesses)
            err = asking_add(k->a, row);
    }
    free_sources(&met);
    asking_rank(k);
    if (!err && !k->q->bare)
        err = add_classes(k, &p);
    if (!err && !k->q->bare && k->a->n <= DESTINATION_ROWS)
        err = add_destinations(k, &p);
    plan_release(&p);
    return err;
}
