#include "packet/gauge.h"

static int64_t jump_of(int64_t step)
{
    return step < -GAUGE_BACK || step > GAUGE_FORWARD ? step : 0;
}

/* No host's clock says more; the fold counts such packets at the start of time, too. */
static bool is_a_time(int64_t sec)
{
    return sec >= 0 && sec < INT64_C(3600) * (UINT32_MAX / 2);
}

int gauge_add(struct gauge *g, int64_t sec, struct gauge *ret_done, int64_t *ret_jump)
{
    *ret_jump = 0;
    if (!is_a_time(sec))
        sec = 0;
    if (sec == g->latest && g->end) {
        g->packets++;
        return 0;
    }
    int ended = 0;
    if (g->end) {
        *ret_jump = jump_of(sec - g->latest);
        ended = sec - g->end > GAUGE_GAP || g->start - sec > GAUGE_GAP;
    }
    if (ended)
        *ret_done = *g;
    if (ended || !g->end)
        *g = (struct gauge){ .start = sec, .end = sec + 1 };
    g->start = sec < g->start ? sec : g->start;
    g->end = sec + 1 > g->end ? sec + 1 : g->end;
    g->latest = sec;
    g->packets++;
    return ended;
}
