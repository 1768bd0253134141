#include "main/crew.h"

#include "base/confine.h"
#include "base/log.h"
#include "base/time.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static_assert(PLAN_INTERFACES * PLAN_WORKERS <= COVER_PARTS, "every worker is a part of the cover");
static_assert((int)PLAN_WORKERS <= (int)REQUEST_RINGS_MOST, "an answer holds the rings of an interface");

int crew_make(struct crew *c)
{
    size_t n = c->plan->n * c->plan->workers;
    c->watch = calloc(n, sizeof *c->watch);
    if (!c->watch)
        return -ENOMEM;
    c->n = n;
    for (size_t i = 0; i < n; i++)
        watch_init(&c->watch[i], i, c->plan->interface[i / c->plan->workers].name);
    return 0;
}

void crew_release(struct crew *c)
{
    for (size_t i = 0; i < c->n; i++)
        watch_release(&c->watch[i]);
    free(c->watch);
    c->watch = NULL;
    c->n = 0;
}

/* ---- rings ---- */

static int make_rings(struct crew *c, const struct observe_plan *p, const char *interface, int *ret_fd)
{
    const struct setup *setup = &p->sensor.setup;
    struct request_rings v = { .n = p->workers,
                               .block_kib = setup->block_kib,
                               .blocks = setup->blocks,
                               .ignore_outgoing = setup->dark,
                               .promiscuous = p->promiscuous,
                               .own = setup->own };
    memcpy(v.interface, interface, IF_NAMESIZE);
    bool had = c->daemon->privilege.fd >= 0;
    int err = privilege_rings(&c->daemon->privilege, &v, ret_fd);
    c->keeper_died |= had && c->daemon->privilege.fd < 0;
    return err;
}

int crew_try(struct crew *c, const struct observe_plan *p)
{
    int fd[PLAN_WORKERS];
    for (size_t i = 0; i < p->n; i++) {
        TRY(make_rings(c, p, p->interface[i].name, fd));
        for (unsigned k = 0; k < p->workers; k++)
            close(fd[k]);
    }
    return 0;
}

static struct watch *first_of_interface(struct crew *c, const struct watch *w)
{
    return &c->watch[w->number / c->plan->workers * c->plan->workers];
}

/* Rings of an interface are made together, or the kernel would not share packets among them. */
static int give_rings(struct crew *c, struct watch *first)
{
    int fd[PLAN_WORKERS];
    TRY(make_rings(c, c->plan, first->interface, fd));
    int64_t since = time_now() + c->clock_offset; /* one for all: who shares an interface observes it together */
    for (unsigned i = 0; i < c->plan->workers; i++)
        watch_give_ring(&first[i], fd[i], since);
    return 0;
}

static void take_rings(struct crew *c, struct watch *first)
{
    for (unsigned i = 0; i < c->plan->workers; i++) {
        watch_take_ring(&first[i]);
        cover_leave(c->cover, first[i].number);
    }
}

/* ---- starting and ending ---- */

static int start(struct crew *c, struct watch *w)
{
    struct watch_start how = { .sense = &c->daemon->sense,
                               .sensor = &c->plan->sensor,
                               .store = c->store,
                               .clock_offset = c->clock_offset };
    struct watch *first = first_of_interface(c, w);
    if (w->ring >= 0 && !watch_ring_serves(w))
        take_rings(c, first);
    if (w->ring < 0)
        TRY(give_rings(c, first));
    return watch_start(w, &how);
}

int crew_start(struct crew *c, const char **ret_trouble)
{
    c->ending = false;
    for (size_t i = 0; i < c->n; i++) {
        int err = start(c, &c->watch[i]);
        if (err) {
            *ret_trouble = c->plan->interface[i / c->plan->workers].name;
            return err;
        }
    }
    return 0;
}

void crew_restart_due(struct crew *c)
{
    uint64_t now = time_mono();
    for (size_t i = 0; i < c->n; i++) {
        struct watch *w = &c->watch[i];
        if (w->running || now < w->restart.due)
            continue;
        int err = start(c, w);
        if (err)
            watch_plan_restart(w, errno_text(err));
        else
            w->restarts++;
    }
}

void crew_stop(struct crew *c)
{
    c->ending = true;
    for (size_t i = 0; i < c->n; i++)
        if (c->watch[i].running)
            shutdown(c->watch[i].worker.channel.fd, SHUT_WR);
}

size_t crew_end_rest(struct crew *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->watch[i].running) {
            watch_kill(&c->watch[i]);
            n++;
        }
    return n;
}

size_t crew_running(const struct crew *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += c->watch[i].running;
    return n;
}

static void end(struct crew *c, struct watch *w, const char *why)
{
    if (!c->ending)
        watch_plan_restart(w, why);
}

void crew_kill(struct crew *c, struct watch *w)
{
    watch_kill(w);
    end(c, w, "it spoke nonsense");
}

/* ---- listening ---- */

/* What holds workers in is less than it could be: said once. */
static void say_weak(struct crew *c, const struct watch *w)
{
    char missing[128];
    if (c->weak_said || !w->ready || w->confined == CONFINED_ALL)
        return;
    confine_missing(w->confined, missing, sizeof missing);
    log_warning("confined-less", LOG_TEXT("program", "sense"), LOG_TEXT("missing", missing),
                LOG_TEXT("what-now", "see 'teiten doctor'"));
    c->weak_said = true;
}

static void serve(struct crew *c, struct watch *w)
{
    int got = watch_serve(w);
    say_weak(c, w);
    if (got < 0)
        crew_kill(c, w);
    else if (got > 0)
        end(c, w, watch_bury(w));
}

/* The keeper only ever speaks when it is asked: here it is readable where it died. */
nfds_t crew_listen(const struct crew *c, struct pollfd *ret)
{
    ret[0] = (struct pollfd){ .fd = c->daemon->privilege.fd, .events = POLLIN };
    for (size_t i = 0; i < c->n; i++)
        ret[1 + i] = (struct pollfd){ .fd = c->watch[i].running ? c->watch[i].worker.channel.fd : -1, .events = POLLIN };
    return 1 + (nfds_t)c->n;
}

void crew_hear(struct crew *c, const struct pollfd *p, nfds_t n)
{
    if (p[0].revents) {
        privilege_end(&c->daemon->privilege);
        c->keeper_died = true;
    }
    for (nfds_t i = 1; i < n; i++)
        if (p[i].revents)
            serve(c, &c->watch[i - 1]);
}
