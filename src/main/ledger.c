#include "main/ledger.h"

#include "base/log.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    RETRY_S = 3, /* between attempts at a store that cannot be written */
    UPKEEP_S = 5,
    UPKEEP_TROUBLE_S = 60,
    PAST_S = 3600,   /* what waits in a ring is not older */
    FUTURE_S = 10,   /* a worker's clock is ours */
    HOUR_S = 3600,
    AT_ONCE = 64,    /* deltas in one call, so that other things have their turn */
};

size_t ledger_waiting(const struct watch *w, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += delta_waiting(&w[i].delta);
    return sum;
}

/* ---- trouble ---- */

/* What a disk may recover from. */
static bool is_passing(int err)
{
    return err == -ENOSPC || err == -EDQUOT || err == -EBUSY || err == -EIO || err == -EROFS ||
           err == -EMFILE || err == -ENOMEM;
}

bool ledger_spared(const struct ledger *l)
{
    return l->retry && time_mono() < l->retry;
}

int ledger_bear(struct ledger *l, int err)
{
    if (!is_passing(err))
        return err;
    if (!l->stuck)
        log_error("store-stuck", LOG_ERRNO(err),
                  LOG_TEXT("what-now", "counts are held in memory, and tried again every few seconds"));
    l->stuck = true;
    l->retry = time_mono() + RETRY_S * NS_A_S;
    return 0;
}

static void note_success(struct ledger *l, size_t waiting)
{
    char text[40];
    l->retry = 0;
    if (!l->stuck || waiting)
        return;
    log_info("store-well", LOG_INT("packets", l->cover.packets), LOG_INT("shed", l->shed));
    l->stuck = false;
    if (l->shed) {
        snprintf(text, sizeof text, "packets=%" PRIu64, l->shed);
        l->shed = 0;
        ledger_note(l, "shed", text);
    }
}

static bool is_too_much(const struct ledger *l, const struct watch *w, size_t n, size_t i)
{
    return ledger_waiting(w, n) > l->held_most || delta_waiting(&w[i].delta) > DELTA_MOST / 2;
}

void ledger_shed(struct ledger *l, struct watch *w, size_t n)
{
    for (size_t i = 0; l->stuck && i < n; i++) {
        uint64_t lost;
        /* Where there is no memory for it, the next delta is another chance. */
        if (!is_too_much(l, w, n, i) || delta_shed(&w[i].delta, &lost))
            continue;
        if (lost && !l->shed)
            log_error("store-shed", LOG_INT("held-bytes", ledger_waiting(w, n)),
                      LOG_TEXT("what-now", "the newest counts are lost, and told as drops"));
        l->shed += lost;
        l->shed_all += lost;
    }
}

/* ---- storing ---- */

static struct clock_span span_of(const struct clock_span *a, const struct clock_span *b)
{
    return (struct clock_span){ .least = a->least < b->least ? a->least : b->least,
                                .most = a->most > b->most ? a->most : b->most };
}

/* A worker may tell of what was before the clock was set, but not of last year. */
static void look_at_clock(struct ledger *l)
{
    int64_t now = time_now() + l->clock_offset;
    struct clock_span instant = { now, now };
    if (time_mono() >= l->clock_due) {
        l->clock_before = l->clock_due ? l->clock : instant;
        l->clock = instant;
        l->clock_due = time_mono() + HOUR_S * NS_A_S;
    }
    l->clock = span_of(&l->clock, &instant);
}

/* 1 where a delta was stored or dropped, 0 where the store gave trouble that passes. */
static int store_one(struct ledger *l, struct watch *w, struct watch **ret_bad)
{
    if (w->ring >= 0)
        TRY(ring_stats(w->ring, &w->stats));
    struct clock_span clock = span_of(&l->clock, &l->clock_before);
    struct delta_target target = { .intake = &w->intake,
                                   .cover = &l->cover,
                                   .part = w->number,
                                   .drops = w->stats.drops,
                                   .earliest = clock.least - PAST_S,
                                   .latest = clock.most + FUTURE_S };
    uint64_t flows = w->intake.flows;
    int err = delta_store(&w->delta, &target);
    if (err == -EPROTO) {
        *ret_bad = w;
        return 1;
    }
    if (err)
        return ledger_bear(l, err);
    w->flows += w->intake.flows - flows;
    return 1;
}

int ledger_store_last(struct ledger *l, struct watch *w, size_t n)
{
    struct watch *bad;
    l->retry = 0;
    /* What one worker told makes no sense: that is no reason to lose what the others did. */
    do
        TRY(ledger_store(l, w, n, &bad));
    while (bad || ledger_behind(l, w, n));
    return l->retry ? -ENOSPC : 0;
}

int ledger_store(struct ledger *l, struct watch *w, size_t n, struct watch **ret_bad)
{
    *ret_bad = NULL;
    look_at_clock(l);
    if (ledger_spared(l))
        return 0;
    int left = AT_ONCE;
    for (bool more = true; more && left > 0;) {
        more = false;
        for (size_t i = 0; i < n; i++) {
            if (!delta_ready(&w[i].delta))
                continue;
            int stored = store_one(l, &w[i], ret_bad);
            if (stored <= 0)
                return stored;
            note_success(l, ledger_waiting(w, n));
            more = true;
            left--;
            if (*ret_bad)
                return 0;
        }
    }
    return 0;
}

bool ledger_behind(const struct ledger *l, const struct watch *w, size_t n)
{
    bool ready = false;
    for (size_t i = 0; i < n; i++)
        ready |= delta_ready(&w[i].delta);
    return ready && !l->retry;
}

/* ---- beside that ---- */

bool ledger_keep_up(struct ledger *l)
{
    if (l->retry || time_mono() < l->upkeep)
        return false;
    int64_t now = time_now() + l->clock_offset;
    int sealed = store_seal(l->store, now);
    int more = sealed > 0 ? sealed : store_upkeep(l->store, &l->keep, now);
    more = more == 0 ? sealed : more; /* a seal that fails keeps nothing else from its turn */
    if (more < 0 && !l->upkeep_failed)
        log_error("upkeep-failed", LOG_ERRNO(more), LOG_TEXT("store", store_why(l->store)));
    l->upkeep_failed = more < 0;
    if (more <= 0)
        l->upkeep = time_mono() + (more < 0 ? UPKEEP_TROUBLE_S : UPKEEP_S) * NS_A_S;
    return more > 0;
}

void ledger_note(struct ledger *l, const char *event, const char *text)
{
    int err = store_note(l->store, event, text);
    if (!err)
        err = store_commit(l->store);
    if (!err)
        return;
    store_rollback(l->store);
    log_warning("not-noted", LOG_TEXT("event", event), LOG_ERRNO(err));
}
