/*
 * What could not be read, and how questions go on without it.
 *
 * Who meets damage knows which hour or day it is of, notes it here and fails; store_ask() then asks again,
 * and the plan leaves out what is noted. So nothing half read is ever in an answer.
 */
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>

/* Hours next to each other are one stretch. False where there is no room for more. */
static bool add(struct store *s, const struct lost *x)
{
    for (size_t i = 0; !x->day && i < s->lost_n; i++)
        if (!s->lost[i].day && s->lost[i].end == x->start) {
            s->lost[i].end = x->end;
            return true;
        }
    if (s->lost_n == STRETCHES)
        return false;
    s->lost[s->lost_n++] = *x;
    return true;
}

int damage_of_hour(struct store *s, int64_t start, int err)
{
    const struct lost x = { .start = start, .end = start + HOUR_SECONDS };
    if (is_damage(err) && !damage_has_hour(s, start) && add(s, &x))
        s->losses++;
    return err;
}

int damage_of_day(struct store *s, int64_t start, int64_t end, int err)
{
    const struct lost x = { .start = start, .end = end, .day = true };
    if (is_damage(err) && !damage_has_day(s, start) && add(s, &x))
        s->losses++;
    return err;
}

static struct lost *find_hour(const struct store *s, int64_t start)
{
    for (size_t i = 0; i < s->lost_n; i++)
        if (!s->lost[i].day && s->lost[i].start <= start && s->lost[i].end > start)
            return (struct lost *)&s->lost[i];
    return NULL;
}

static struct lost *find_day(const struct store *s, int64_t start)
{
    for (size_t i = 0; i < s->lost_n; i++)
        if (s->lost[i].day && s->lost[i].start == start)
            return (struct lost *)&s->lost[i];
    return NULL;
}

bool damage_has_hour(const struct store *s, int64_t start)
{
    return find_hour(s, start) != NULL;
}

bool damage_has_day(const struct store *s, int64_t start)
{
    return find_day(s, start) != NULL;
}

void damage_leave_out(struct store *s, int64_t start, bool day, bool counts)
{
    struct lost *x = day ? find_day(s, start) : find_hour(s, start);
    if (x) {
        x->told = true;
        x->left_out |= counts;
    }
}

bool damage_is_in(const struct store *s, int64_t from, int64_t to)
{
    for (size_t i = 0; i < s->lost_n; i++)
        if (s->lost[i].left_out && s->lost[i].start < to && s->lost[i].end > from)
            return true;
    return false;
}

void damage_begin(struct store *s)
{
    for (size_t i = 0; i < s->lost_n; i++)
        s->lost[i].left_out = false;
}

void damage_days_text(const struct store *s, struct buf *out)
{
    char text[32];
    for (size_t i = 0; i < s->lost_n; i++)
        if (s->lost[i].day) {
            int n = snprintf(text, sizeof text, ",%lld,", (long long)s->lost[i].start);
            buf_put(out, text, (size_t)n);
        }
    buf_u8(out, '\0');
}

static int by_time(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : (x->to > y->to) - (x->to < y->to);
}

size_t store_unreadable(const struct store *s, struct stretch *ret, size_t room)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < s->lost_n && n < room; i++)
        if (s->lost[i].told)
            ret[n++] = (struct stretch){ s->lost[i].start, s->lost[i].end };
    if (n)
        qsort(ret, n, sizeof *ret, by_time);
    for (size_t i = 0; i < n; i++) {
        if (kept && ret[i].from <= ret[kept - 1].to)
            ret[kept - 1].to = ret[i].to > ret[kept - 1].to ? ret[i].to : ret[kept - 1].to;
        else
            ret[kept++] = ret[i];
    }
    return kept;
}
