#include "main/cover.h"

enum { SILENT_S = 15 }; /* three times what a part is silent for that has nothing to tell */

static uint64_t grown(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* A worker may say what it likes, but the store's numbers have a sign. */
static void add_up(uint64_t *sum, uint64_t more)
{
    *sum = more < INT64_MAX - *sum ? *sum + more : INT64_MAX;
}

/* Counters that went back are another period's, that began in the same second. */
static bool is_same(const struct cover_part *part, const struct record_coverage *v)
{
    return part->on && part->last.start == v->start && part->last.packets <= v->packets;
}

static uint64_t addresses_now(const struct cover *c)
{
    uint64_t sum = 0;
    const struct cover_part *counted = NULL;
    for (const struct cover_part *p = c->part; p < c->part + c->n; p++)
        if (p->on && !p->silent && !(counted && counted->group == p->group)) {
            sum += p->addresses;
            counted = p;
        }
    return c->fixed ? c->fixed : sum;
}

/* What all parts have told of. A part that is silent while others go on for so long observes no more. */
static int64_t told_by_all(struct cover *c, int64_t newest)
{
    int64_t told = newest;
    for (struct cover_part *p = c->part; p < c->part + c->n; p++) {
        p->silent = newest - p->last.end > SILENT_S;
        if (p->on && !p->silent && p->last.end < told)
            told = p->last.end;
    }
    return told;
}

int cover_add(struct cover *c, struct store *s, int64_t sensor, size_t i, const struct record_coverage *v,
              uint64_t kernel_drops)
{
    struct cover_part *part = &c->part[i];
    bool same = !part->renewed && is_same(part, v);
    uint64_t packets = grown(v->packets, same ? part->last.packets : 0);
    uint64_t drops = grown(v->drops, same ? part->last.drops : 0) + grown(kernel_drops, part->drops);
    uint64_t lost = packets < c->owed ? packets : c->owed;
    c->owed -= lost;
    packets -= lost;
    add_up(&drops, lost);
    part->on = true;
    part->renewed = false;
    part->drops = kernel_drops;
    part->last = *v;
    add_up(&c->packets, packets);
    add_up(&c->drops, drops);

    int64_t told = told_by_all(c, v->end);
    uint64_t addresses = addresses_now(c);
    bool joins = c->id && v->start <= c->reach && v->end >= c->row.start;
    c->reach = joins && c->reach > v->end ? c->reach : v->end;
    if (joins && addresses == c->row.addresses) {
        c->row.end = told > c->row.end ? told : c->row.end;
        add_up(&c->row.packets, packets);
        add_up(&c->row.drops, drops);
        return store_coverage_extend(s, c->id, &c->row);
    }
    int64_t start = v->start;
    if (joins)
        start = c->row.end < v->end ? c->row.end : v->end;
    c->row = (struct coverage){ .start = start,
                                .end = v->end,
                                .addresses = addresses,
                                .dark = c->row.dark,
                                .packets = packets,
                                .drops = drops };
    return store_coverage_add(s, sensor, 0, &c->row, &c->id);
}

void cover_renew(struct cover *c, size_t i)
{
    c->part[i].renewed = true;
}

void cover_shed(struct cover *c, uint64_t packets)
{
    c->owed = packets;
}

void cover_settle(struct cover *c)
{
    c->owed = 0;
}

void cover_part_ways(struct cover *c)
{
    c->id = 0;
}

void cover_leave(struct cover *c, size_t i)
{
    c->part[i].on = false;
}
