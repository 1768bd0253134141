#include "main/health.h"

#include "base/own.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TELL_S = 5, OURS = 2 /* supervisor and keeper */ };

/* Resident bytes; 0 where it cannot be told. */
static uint64_t memory_of(pid_t pid)
{
    char path[40];
    uint64_t all, resident;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    auto_file FILE *f = fopen(path, "re");
    if (!f || fscanf(f, "%" SCNu64 " %" SCNu64, &all, &resident) != 2)
        return 0;
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static struct worker_facts facts_of(const char *name, pid_t pid, int64_t started, int64_t now)
{
    struct worker_facts f = { .pid = pid, .started = started, .at = now };
    snprintf(f.name, sizeof f.name, "%s", name);
    f.memory = pid ? memory_of(pid) : 0;
    return f;
}

static struct worker_facts facts_of_watch(const struct watch *w, int64_t now)
{
    struct worker_facts f = facts_of("sense", w->running ? w->worker.pid : 0, w->started, now);
    memcpy(f.interface, w->interface, sizeof f.interface);
    f.restarts = w->restarts;
    f.queue = delta_waiting(&w->delta);
    f.packets = w->packets;
    f.drops = w->stats.drops;
    f.confined = w->confined;
    return f;
}

static struct worker_facts facts_of_door(const struct door *x, int64_t now)
{
    struct worker_facts f = facts_of("trap", x->running ? x->worker.pid : 0, x->started, now);
    f.restarts = x->restarts;
    f.queue = x->held.len;
    f.confined = x->confined;
    f.trap = door_counts(x);
    return f;
}

static struct worker_facts facts_of_desk(const struct desk *d, int64_t now)
{
    struct worker_facts f = facts_of("triage", d->running ? d->worker.pid : 0, d->started, now);
    f.restarts = d->restarts;
    f.confined = d->confined;
    return f;
}

static int put(struct store *s, const struct worker_facts *f, size_t n)
{
    int err = store_workers_put(s, f, n);
    if (!err)
        err = store_commit(s);
    if (err)
        store_rollback(s);
    return err;
}

void health_tell(struct health *h, struct ledger *l, const struct watch *w, size_t n, const struct doors *d,
                 const struct samples *samples, pid_t keeper)
{
    struct worker_facts f[OURS + COVER_PARTS + TRAP_WORKERS + TRAYS_MOST];
    size_t all = OURS + n + d->n;
    int64_t now = time_now();
    if (l->retry || time_mono() < h->due)
        return;
    h->started = h->started ? h->started : now;
    f[0] = facts_of("supervisor", getpid(), h->started, now);
    f[0].queue = ledger_waiting(w, n) + doors_waiting(d);
    f[1] = facts_of("keeper", keeper, h->started, now);
    for (size_t i = 0; i < n; i++)
        f[OURS + i] = facts_of_watch(&w[i], now);
    for (size_t i = 0; i < d->n; i++)
        f[OURS + n + i] = facts_of_door(&d->door[i], now);
    for (size_t i = 0; i < samples->n; i++)
        if (samples->desk[i].started) /* one that nobody needed yet is not told of */
            f[all++] = facts_of_desk(&samples->desk[i], now);
    /* Where this fails the next delta will tell, and be held. */
    (void)!put(l->store, f, all);
    h->due = time_mono() + TELL_S * NS_A_S;
}

void health_end(struct health *h, struct store *s)
{
    h->due = 0;
    (void)!put(s, NULL, 0);
}
