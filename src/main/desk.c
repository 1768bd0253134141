#include "main/desk.h"

#include "base/log.h"
#include "base/time.h"

enum {
    SLOW_S = 30,    /* that one sample may take, and so may the start */
    LEAVE_MS = 200, /* for one that has closed its channel */
};

void desk_init(struct desk *d, const struct desk_tools *tools, struct tray *tray)
{
    *d = (struct desk){ .tools = tools, .tray = tray };
}

/* Absent folders come last, so that the numbers of the others stay. */
int desk_start(struct desk *d)
{
    const struct desk_tools *t = d->tools;
    int fd[3] = { d->tray->fd, t->rules, t->own_rules };
    if (d->running || time_mono() < d->restart.due)
        return 0;
    bool again = d->started != 0;
    TRY(worker_start(&d->worker, t->triage, fd, t->rules < 0 ? 1 : t->own_rules < 0 ? 2 : 3));
    d->running = true;
    d->ready = d->busy = false;
    d->started = time_now();
    d->heard = time_mono();
    d->restarts += again;
    restart_began(&d->restart);
    return channel_nonblocking(&d->worker.channel);
}

bool desk_is_free(const struct desk *d)
{
    return d->running && d->ready && !d->busy;
}

int desk_give(struct desk *d, uint64_t number, int fd)
{
    TRY(tray_lay(d->tray, fd));
    d->busy = true;
    d->number = number;
    d->heard = time_mono();
    const struct triage_ask ask = { .number = number, .size = d->tray->size };
    TRY(record_put_triage(&d->worker.channel, &ask));
    (void)!channel_flush(&d->worker.channel);
    return 0;
}

struct pollfd desk_listen(const struct desk *d)
{
    return (struct pollfd){ .fd = d->running ? d->worker.channel.fd : -1, .events = POLLIN };
}

/* ---- what it says ---- */

static void free_tray(struct desk *d)
{
    d->busy = false;
    tray_clear(d->tray);
}

static enum desk_said leave(struct desk *d, const char *why)
{
    bool busy = d->busy;
    d->running = false;
    d->failed += busy;
    free_tray(d);
    if (restart_plan(&d->restart, d->ready))
        log_error("triage-died", LOG_TEXT("why", why), LOG_TEXT("what-now", "the sample is told of without it, and it is started again"));
    return busy ? DESK_FAILED : DESK_NOTHING;
}

static enum desk_said fail(struct desk *d, const char **ret_why, const char *why)
{
    worker_kill(&d->worker);
    *ret_why = why;
    return leave(d, why);
}

static bool take_ready(struct desk *d, struct rd record)
{
    struct record_ready v;
    if (d->ready || record_get_ready(record, &v))
        return false;
    d->ready = true;
    d->confined = v.confined;
    return true;
}

/* One word at most: nothing is asked before it was answered. */
static enum desk_said take(struct desk *d, uint8_t type, struct rd record, struct sample_report *ret, const char **ret_why)
{
    static const char nonsense[] = "it spoke nonsense";
    uint64_t number;
    if (type == RECORD_READY)
        return take_ready(d, record) ? DESK_NOTHING : fail(d, ret_why, nonsense);
    if (type != RECORD_TRIAGED || !d->busy || record_get_triaged(record, &number, ret))
        return fail(d, ret_why, nonsense);
    if (number != d->number) {
        sample_report_release(ret);
        return fail(d, ret_why, nonsense);
    }
    d->done++;
    free_tray(d);
    return DESK_TOLD;
}

enum desk_said desk_hear(struct desk *d, short revents, struct sample_report *ret, const char **ret_why)
{
    uint8_t type;
    struct rd record;
    if (!d->running)
        return DESK_NOTHING;
    if (revents & (POLLIN | POLLHUP | POLLERR)) {
        int got = channel_fill(&d->worker.channel);
        if (got <= 0 && got != -EAGAIN) {
            *ret_why = worker_status_text(worker_end(&d->worker, LEAVE_MS));
            return leave(d, *ret_why);
        }
    }
    int got;
    while ((got = channel_next(&d->worker.channel, &type, &record)) == 1) {
        enum desk_said said = take(d, type, record, ret, ret_why);
        if (said != DESK_NOTHING || !d->running)
            return said;
    }
    if (got < 0)
        return fail(d, ret_why, "it spoke nonsense");
    if ((d->busy || !d->ready) && time_mono() - d->heard > SLOW_S * NS_A_S)
        return fail(d, ret_why, "it took too long");
    (void)!channel_flush(&d->worker.channel);
    return DESK_NOTHING;
}

void desk_end(struct desk *d)
{
    if (d->running)
        (void)worker_end(&d->worker, LEAVE_MS);
    d->running = false;
}
