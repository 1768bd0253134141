#include "main/observe.h"

#include "base/log.h"
#include "base/time.h"
#include "main/crew.h"
#include "main/doors.h"
#include "main/fetches.h"
#include "main/health.h"
#include "main/ledger.h"
#include "main/samples.h"
#include "main/signals.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    POLL_MS = 500,
    HOUR_S = 3600,
    DROPS_S = 60, /* between lines about drops */
    STOP_S = 10,  /* for workers to hand over their last delta */
    CLOCK_S = 2,  /* by which the clock may drift from one round to the next */
};

/* Counters of the hourly line. */
struct tally {
    uint64_t packets, drops, flows, restarts;
};

struct run {
    struct observe *o;
    struct crew crew;
    struct doors doors;
    struct samples samples;
    struct fetches fetches;
    struct ledger ledger;
    struct health health;
    uint64_t hour, drops_due;
    uint64_t drops_said;
    bool asks; /* somebody at the terminal is to confirm what is claimed */
    struct tally told, gone; /* gone: flows and restarts of crews before */
    int64_t clock_ahead; /* of the monotonic clock, seconds */
};

static bool is_past(uint64_t when)
{
    return time_mono() >= when;
}

static uint64_t in_seconds(unsigned n)
{
    return time_mono() + n * NS_A_S;
}

/* ---- the log ---- */

static struct tally tally_now(const struct run *r)
{
    struct tally t = { .packets = r->ledger.cover.packets,
                       .drops = r->ledger.cover.drops,
                       .flows = r->gone.flows,
                       .restarts = r->gone.restarts };
    for (size_t i = 0; i < r->crew.n; i++) {
        t.flows += r->crew.watch[i].flows;
        t.restarts += r->crew.watch[i].restarts;
    }
    return t;
}

/* Since it was started. */
static void say_visitors(const struct run *r)
{
    struct trap_counts n = doors_counts(&r->doors);
    log_info("trap", LOG_INT("sessions", n.accepted), LOG_INT("open", n.open), LOG_INT("refused", n.refused),
             LOG_INT("shed", n.shed), LOG_INT("failed", n.failed), LOG_INT("unsaid-bytes", n.unsaid),
             LOG_INT("held-ms", n.held), LOG_INT("datagrams", n.datagrams), LOG_INT("answered", n.answered),
             LOG_INT("unanswered", n.unanswered), LOG_INT("untold", n.untold), LOG_INT("lost", n.lost), LOG_INT("facts-dropped", store_trap_facts_dropped(r->o->store)),
             LOG_INT("restarts", doors_restarts(&r->doors)));
}

static void say_counters(struct run *r, const char *event)
{
    struct tally now = tally_now(r);
    log_info(event, LOG_INT("packets", now.packets - r->told.packets),
             LOG_INT("flows", now.flows - r->told.flows), LOG_INT("drops", now.drops - r->told.drops),
             LOG_INT("restarts", now.restarts - r->told.restarts),
             LOG_INT("held-bytes", ledger_waiting(r->crew.watch, r->crew.n) + doors_waiting(&r->doors)));
    if (r->doors.n)
        say_visitors(r);
}

static void say_hourly(struct run *r)
{
    if (!is_past(r->hour))
        return;
    say_counters(r, "hour");
    r->told = tally_now(r);
    r->hour = in_seconds(HOUR_S);
}

static void say_drops(struct run *r)
{
    const struct cover *c = &r->ledger.cover;
    uint64_t drops = c->drops - r->ledger.shed_all;
    if (c->drops < r->ledger.shed_all || drops <= r->drops_said || !is_past(r->drops_due))
        return;
    log_warning("kernel-drops", LOG_INT("drops", drops - r->drops_said), LOG_INT("packets", c->packets),
                LOG_TEXT("what-now", "packets came faster than they were read; rates tell of it"));
    r->drops_said = drops;
    r->drops_due = in_seconds(DROPS_S);
}

static void say_plan(const struct run *r, const char *event)
{
    const struct observe_plan *p = &r->o->plan;
    for (size_t i = 0; i < r->crew.n; i++)
        log_info("capture", LOG_TEXT("interface", r->crew.watch[i].interface),
                 LOG_INT("worker", r->crew.watch[i].worker.pid));
    log_info(event, LOG_INT("interfaces", p->n), LOG_INT("workers", r->crew.n),
             LOG_INT("addresses", observe_plan_addresses(p)),
             LOG_TEXT("mode", p->sensor.setup.dark ? "dark" : "trap"),
             LOG_TEXT("p0f", p->sensor.labels_off[0] ? "off" : "on"),
             LOG_INT("clock-offset", r->o->clock_offset));
    if (p->sensor.labels_off[0])
        log_warning("p0f-off", LOG_TEXT("why", p->sensor.labels_off));
}

static void note_plan(struct run *r, const char *event)
{
    char text[120];
    const struct observe_plan *p = &r->o->plan;
    snprintf(text, sizeof text, "interfaces=%zu addresses=%llu mode=%s", p->n,
             (unsigned long long)observe_plan_addresses(p), p->sensor.setup.dark ? "dark" : "trap");
    ledger_note(&r->ledger, event, text);
}

/* ---- what happens beside counting ---- */

/* The clock was set, or the machine slept. Counts go on under the new time; that it came so is kept. */
static void watch_clock(struct run *r)
{
    char text[40];
    int64_t ahead = time_now() - (int64_t)(time_mono() / NS_A_S), step = ahead - r->clock_ahead;
    if (step > -CLOCK_S && step < CLOCK_S)
        return;
    r->clock_ahead = ahead;
    log_warning("clock-step", LOG_INT("seconds", step));
    snprintf(text, sizeof text, "seconds=%lld", (long long)step);
    ledger_note(&r->ledger, "clock-step", text);
}

/* Rings are ours, so counting goes on; what only the keeper can do cannot be had until we are started again. */
static void watch_keeper(struct run *r)
{
    if (!r->crew.keeper_died && !r->doors.keeper_died)
        return;
    r->crew.keeper_died = r->doors.keeper_died = false;
    log_error("keeper-died", LOG_TEXT("what-now", "counting goes on; a new interface needs a new start"));
    ledger_note(&r->ledger, "keeper-died", "");
}

/* ---- from start to stop ---- */

/* The cover of a plan: the rings of an interface share its addresses. */
static void set_cover(struct run *r)
{
    const struct observe_plan *p = &r->o->plan;
    struct cover *c = &r->ledger.cover;
    cover_part_ways(c);
    memset(c->part, 0, sizeof c->part);
    c->n = r->crew.n;
    c->row.dark = p->sensor.setup.dark;
    c->fixed = p->together ? observe_plan_addresses(p) : 0;
    for (size_t i = 0; i < c->n; i++) {
        c->part[i].group = i / p->workers;
        c->part[i].addresses = p->interface[i / p->workers].addresses;
        c->part[i].drops = r->crew.watch[i].stats.drops; /* told before */
    }
    r->ledger.keep = p->keep;
    store_session_rules(r->o->store, &p->sessions);
    r->ledger.held_most = p->held_most;
}

/* Enter, at the terminal. Whoever hung up did not confirm anything. */
static void hear_terminal(struct run *r)
{
    char line[256];
    r->asks = false;
    if (read(STDIN_FILENO, line, sizeof line) <= 0)
        return;
    int err = privilege_confirm(&r->o->daemon->privilege);
    if (err)
        log_error("claim-not-confirmed", LOG_ERRNO(err), LOG_TEXT("what-now", "start anew to claim it again"));
    else
        log_info("claim-confirmed");
}

/* Waits for words of workers, and holds them. */
static int hear_workers(struct run *r, int wait)
{
    struct pollfd p[1 + COVER_PARTS + TRAP_WORKERS + TRAYS_MOST + FETCH_POLLS + 1];
    nfds_t crew = crew_listen(&r->crew, p), doors = doors_listen(&r->doors, p + crew),
           desks = samples_listen(&r->samples, p + crew + doors), fetches = fetches_listen(&r->fetches, p + crew + doors + desks),
           all = crew + doors + desks + fetches;
    p[all] = (struct pollfd){ .fd = r->asks ? STDIN_FILENO : -1, .events = POLLIN };
    if (poll(p, all + 1, wait) < 0)
        return errno == EINTR ? 0 : -errno;
    crew_hear(&r->crew, p, crew);
    doors_hear(&r->doors, p + crew, doors);
    TRY(samples_hear(&r->samples, p + crew + doors, desks));
    if (fetches)
        TRY(fetches_hear(&r->fetches, p + crew + doors + desks));
    if (p[all].revents)
        hear_terminal(r);
    return 0;
}

static int listen_and_store(struct run *r, int wait)
{
    struct watch *bad;
    TRY(hear_workers(r, wait));
    TRY(doors_store(&r->doors, false));
    ledger_shed(&r->ledger, r->crew.watch, r->crew.n);
    TRY(ledger_store(&r->ledger, r->crew.watch, r->crew.n, &bad));
    if (bad && bad->running)
        crew_kill(&r->crew, bad);
    return 0;
}

/* Workers hand over what they hold, and end; all of it is stored. */
static int stop_workers(struct run *r)
{
    uint64_t end = in_seconds(STOP_S);
    crew_stop(&r->crew);
    while (crew_running(&r->crew) && !is_past(end))
        TRY(listen_and_store(r, POLL_MS));
    size_t rest = crew_end_rest(&r->crew);
    if (rest)
        log_error("sense-stuck", LOG_INT("workers", rest), LOG_TEXT("what-now", "ended without a last word"));
    return ledger_store_last(&r->ledger, r->crew.watch, r->crew.n);
}

/* The same at the trap: visitors are shown out. */
static int stop_trap(struct run *r)
{
    uint64_t end = in_seconds(STOP_S);
    doors_stop(&r->doors);
    while (doors_running(&r->doors) && !is_past(end))
        TRY(listen_and_store(r, POLL_MS));
    size_t rest = doors_end_rest(&r->doors);
    if (rest)
        log_error("trap-stuck", LOG_INT("workers", rest), LOG_TEXT("what-now", "ended without a last word"));
    return doors_store(&r->doors, true);
}

static int stop(struct run *r)
{
    notify_send(&r->o->daemon->notify, "STOPPING=1");
    int err = stop_trap(r);
    int sense = stop_workers(r);
    fetches_end(&r->fetches);
    samples_end(&r->samples);
    err = err ? err : sense;
    if (err)
        log_error("stopped-with-loss", LOG_ERRNO(err),
                  LOG_INT("lost-bytes", ledger_waiting(r->crew.watch, r->crew.n) + doors_waiting(&r->doors)));
    else
        note_plan(r, "stopped");
    health_end(&r->health, r->o->store);
    return err;
}

/* ---- a new plan ---- */

/* Whether the plan can be followed, before anything is changed; 1 and why not. */
static int find_plan(struct run *r, struct observe_plan *ret, const char **ret_why)
{
    *ret_why = "the store cannot be written now";
    if (r->ledger.stuck || r->ledger.retry)
        return 1;
    *ret_why = "see above";
    if (r->o->plan_anew(r->o->context, ret))
        return 1;
    if (!sample_plan_same(&r->o->plan.samples, &ret->samples))
        log_warning("samples-differ", LOG_TEXT("what-now", "what is done of samples and fetches is as at the start: start anew"));
    ret->trap.setup.fetch = r->o->plan.trap.setup.fetch;
    int err = observe_plan_same_claim(&r->o->plan, ret) ? 0 : -EBUSY;
    if (err)
        log_error("claims-differ", LOG_TEXT("what-now", "what is claimed, and what answers there, is as at the start: start anew"));
    if (!err)
        err = observe_plan_same_rings(&r->o->plan, ret) ? 0 : crew_try(&r->crew, ret);
    if (!err && !observe_plan_same_trap(&r->o->plan, ret))
        err = doors_try(&r->doors, &ret->trap, r->o->listener);
    if (!err)
        return 0;
    *ret_why = errno_text(err);
    r->o->plan_chosen(r->o->context, false);
    observe_plan_release(ret);
    return 1;
}

static void forget_crew(struct run *r)
{
    struct tally now = tally_now(r);
    r->gone.flows = now.flows;
    r->gone.restarts = now.restarts;
    crew_release(&r->crew);
}

/* Where it cannot be had, though it was tried a moment ago, counting goes on without. */
static void open_trap_anew(struct run *r)
{
    int err = doors_open(&r->doors, r->o->listener);
    if (err)
        log_error("trap-off", LOG_TEXT("at", r->o->listener), LOG_ERRNO(err), LOG_TEXT("what-now", "nothing answers"));
}

/* All that was counted under the old plan is stored before the new one begins. 1 where that cannot be, just now: the
 * old one goes on. */
static int follow(struct run *r, struct observe_plan *next)
{
    const char *trouble;
    bool same = observe_plan_same_rings(&r->o->plan, next), same_trap = observe_plan_same_trap(&r->o->plan, next);
    if (stop_workers(r) || (!same_trap && stop_trap(r))) {
        r->o->plan_chosen(r->o->context, false);
        observe_plan_release(next);
        (void)!crew_start(&r->crew, &trouble);
        r->doors.ending = false;
        return 1;
    }
    struct sample_plan samples = next->samples;
    next->samples = r->o->plan.samples;
    r->o->plan.samples = samples;
    observe_plan_release(&r->o->plan);
    r->o->plan = *next;
    r->o->plan_chosen(r->o->context, true);
    if (!same) {
        forget_crew(r);
        TRY(crew_make(&r->crew));
    }
    set_cover(r);
    /* Before a process is started that has our descriptors until it is another program: places would seem taken. */
    if (!same_trap)
        open_trap_anew(r);
    /* What does not start now is due again at once. */
    (void)!crew_start(&r->crew, &trouble);
    return 0;
}

static int reload(struct run *r)
{
    struct observe_plan next = { 0 };
    const char *why;
    signals_reload = false;
    notify_reloading(&r->o->daemon->notify);
    int refused = find_plan(r, &next, &why);
    if (!refused) {
        why = "the store cannot be written now";
        refused = follow(r, &next);
    }
    if (refused < 0)
        return refused;
    if (refused) {
        log_error("reload-refused", LOG_TEXT("why", why), LOG_TEXT("what-now", "all goes on as before"));
    } else {
        say_plan(r, "reloaded");
        note_plan(r, "config");
    }
    notify_ready(&r->o->daemon->notify);
    return 0;
}

/* ---- the loop ---- */

static int run_workers(struct run *r)
{
    bool busy = false;
    while (!signals_stop) {
        TRY(listen_and_store(r, busy ? 0 : POLL_MS));
        crew_restart_due(&r->crew);
        doors_restart_due(&r->doors);
        watch_keeper(r);
        watch_clock(r);
        say_drops(r);
        say_hourly(r);
        health_tell(&r->health, &r->ledger, r->crew.watch, r->crew.n, &r->doors, &r->samples,
                    r->o->daemon->privilege.pid);
        notify_alive(&r->o->daemon->notify);
        if (signals_reload)
            TRY(reload(r));
        busy = ledger_keep_up(&r->ledger) || ledger_behind(&r->ledger, r->crew.watch, r->crew.n);
    }
    return 0;
}

static int begin(struct run *r)
{
    TRY(store_live_small(r->o->store));
    TRY(crew_make(&r->crew));
    set_cover(r);
    r->clock_ahead = time_now() - (int64_t)(time_mono() / NS_A_S);
    r->hour = in_seconds(HOUR_S);
    TRY(crew_start(&r->crew, &r->o->trouble));
    bool had = r->o->daemon->claimed;
    r->o->trouble = r->o->listener;
    TRY(doors_open(&r->doors, r->o->listener));
    r->o->trouble = NULL;
    samples_begin(&r->samples);
    fetches_begin(&r->fetches);
    r->asks = !had && r->o->daemon->claimed && r->o->plan.trap.claim.confirm_s;
    say_plan(r, "started");
    note_plan(r, "started");
    notify_ready(&r->o->daemon->notify);
    return 0;
}

static int run(struct run *r)
{
    TRY(begin(r));
    int err = run_workers(r);
    if (!err)
        err = stop(r);
    else
        log_error("store-failed", LOG_ERRNO(err), LOG_TEXT("store", store_why(r->o->store)),
                  LOG_INT("lost-bytes", ledger_waiting(r->crew.watch, r->crew.n)));
    r->told = (struct tally){ 0 };
    say_counters(r, "stopped");
    return err;
}

static void hear_made(void *context, const struct session_event *e)
{
    struct run *r = context;
    samples_made(&r->samples, e);
}

static void hear_asked(void *context, const struct trap_ask *ask)
{
    struct run *r = context;
    fetches_asked(&r->fetches, ask);
}

/* What a merge took of memory goes back when it is done: else the heap keeps the greatest hour for good. */
static void tame_heap(void)
{
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

int observe_run(struct observe *o)
{
    struct run *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->o = o;
    r->ledger = (struct ledger){ .store = o->store, .clock_offset = o->clock_offset };
    r->crew = (struct crew){ .daemon = o->daemon,
                             .plan = &o->plan,
                             .store = o->store,
                             .cover = &r->ledger.cover,
                             .clock_offset = o->clock_offset };
    r->doors = (struct doors){ .daemon = o->daemon,
                               .plan = &o->plan.trap,
                               .store = o->store,
                               .ledger = &r->ledger,
                               .clock_offset = o->clock_offset };
    r->samples = (struct samples){ .daemon = o->daemon,
                                   .plan = &o->plan.samples,
                                   .store = o->store,
                                   .ledger = &r->ledger,
                                   .vault = { .fd = -1, .tmp = -1 } };
    r->fetches = (struct fetches){ .daemon = o->daemon,
                                   .plan = &o->plan.samples,
                                   .store = o->store,
                                   .ledger = &r->ledger,
                                   .doors = &r->doors,
                                   .samples = &r->samples,
                                   .clock_offset = o->clock_offset };
    r->doors.ear = (struct doors_ear){ .context = r, .made = hear_made, .asked = hear_asked };
    r->samples.ear = (struct samples_ear){ .context = &r->fetches, .script = fetches_script };
    doors_init(&r->doors);
    tame_heap();
    int err = run(r);
    fetches_end(&r->fetches);
    samples_end(&r->samples);
    doors_release(&r->doors);
    crew_release(&r->crew);
    free(r);
    return err;
}
