#include "main/cover.h"

static uint64_t grown(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

static uint64_t addresses_now(const struct cover *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->n; i++)
        sum += c->part[i].on ? c->part[i].addresses : 0;
    return c->fixed ? c->fixed : sum;
}

int cover_add(struct cover *c, struct store *s, int64_t sensor, size_t i, const struct record_coverage *v,
              uint64_t kernel_drops)
{
    struct cover_part *part = &c->part[i];
    bool same = part->on && !part->renewed && part->last.start == v->start;
    uint64_t packets = grown(v->packets, same ? part->last.packets : 0);
    uint64_t drops = grown(v->drops, same ? part->last.drops : 0) + grown(kernel_drops, part->drops);
    part->on = true;
    part->renewed = false;
    part->last = *v;
    part->drops = kernel_drops;
    c->packets += packets;
    c->drops += drops;

    uint64_t addresses = addresses_now(c);
    bool joins = c->id && v->start <= c->row.end && v->end >= c->row.start;
    if (joins && addresses == c->row.addresses) {
        c->row.end = v->end > c->row.end ? v->end : c->row.end;
        c->row.packets += packets;
        c->row.drops += drops;
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

void cover_leave(struct cover *c, size_t i)
{
    c->part[i].on = false;
}
