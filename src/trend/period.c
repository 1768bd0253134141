#include "trend/period.h"

#include "base/time.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
enum { HOURLY_MOST = 7 * DAY, DAYS_WHERE_OPEN = 30 * DAY, DAYS_COMPARED = 400 * DAY };

const char *step_name(enum store_step step)
{
    static const char *const names[] = {
        [STEP_MINUTE] = "minute",
        [STEP_HOUR] = "hour",
        [STEP_DAY] = "day",
    };
    return names[step];
}

/* ---- whole steps ---- */

static int64_t down(int64_t when, int64_t unit)
{
    int64_t past = when % unit;
    return when - (past < 0 ? past + unit : past);
}

static int64_t up(int64_t when, int64_t unit)
{
    return down(when + unit - 1, unit);
}

/* Where a day begins that is made of whole hours, as the store makes them. */
static int64_t day_down(int64_t when, const char *zone)
{
    return up(time_day_start(when, zone), HOUR);
}

static int64_t day_up(int64_t when, const char *zone)
{
    int64_t start = time_day_start(when, zone);
    if (start == when || up(start, HOUR) == when)
        return up(start, HOUR);
    return up(time_day_next(start, zone), HOUR);
}

static int64_t step_down(int64_t when, enum store_step step, const char *zone)
{
    return step == STEP_DAY ? day_down(when, zone) : down(when, step == STEP_HOUR ? HOUR : MINUTE);
}

static int64_t step_up(int64_t when, enum store_step step, const char *zone)
{
    return step == STEP_DAY ? day_up(when, zone) : up(when, step == STEP_HOUR ? HOUR : MINUTE);
}

/* ---- the period asked for ---- */

/* Up to the present while a sensor runs; else up to where what is stored ends. */
static int64_t open_end(const struct period_wish *w)
{
    bool running = w->last == 0 || (w->last >= w->now - HOUR && w->last <= w->now);
    return up(running ? w->now : w->last, HOUR);
}

static int64_t find_end(const struct period_wish *w)
{
    if (w->to != PERIOD_OPEN)
        return w->to;
    int64_t end = open_end(w);
    return w->from != PERIOD_OPEN && w->from >= end ? up(w->now, HOUR) : end;
}

static int64_t find_start(const struct period_wish *w, int64_t end)
{
    if (w->from != PERIOD_OPEN)
        return w->from;
    if (w->step != STEP_DAY)
        return end - DAY;
    int64_t start = end - DAYS_WHERE_OPEN;
    return w->first > start && w->first < end ? w->first : start;
}

static enum store_step choose_step(const struct period_wish *w, int64_t length)
{
    if (w->step >= 0)
        return (enum store_step)w->step;
    return length > HOURLY_MOST ? STEP_DAY : STEP_HOUR;
}

static int64_t step_seconds(enum store_step step)
{
    static const int64_t seconds[] = { [STEP_MINUTE] = MINUTE, [STEP_HOUR] = HOUR, [STEP_DAY] = DAY };
    return seconds[step];
}

int period_make(struct period *ret, const struct period_wish *w)
{
    int64_t end = find_end(w), start = find_start(w, end);
    if (start >= end)
        return PERIOD_BACKWARD;
    struct period p = { .step = choose_step(w, end - start) };
    p.from = step_down(start, p.step, w->zone);
    p.to = step_up(end, p.step, w->zone);
    p.rounded = (w->from != PERIOD_OPEN && p.from != w->from) || (w->to != PERIOD_OPEN && p.to != w->to);
    if (!w->unbounded && (p.to - p.from) / step_seconds(p.step) > PERIOD_STEPS_MOST)
        return PERIOD_TOO_LONG;
    *ret = p;
    return PERIOD_FINE;
}

/* ---- the one before ---- */

static bool whole_days(const struct period *p, const char *zone)
{
    return p->to - p->from <= DAYS_COMPARED && day_up(p->from, zone) == p->from &&
           day_up(p->to, zone) == p->to;
}

struct period period_previous(const struct period *p, const char *zone)
{
    struct period before = { .from = p->from - (p->to - p->from), .to = p->from, .step = p->step };
    if (!whole_days(p, zone))
        return before;
    before.from = p->from;
    for (int64_t at = p->from; at < p->to; at = day_up(at + 1, zone))
        before.from = day_down(before.from - HOUR, zone);
    return before;
}
