#include "main/doors.h"

#include "base/confine.h"
#include "base/log.h"
#include "base/time.h"
#include "main/shed.h"
#include "shell/hook.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    STORE_MS = 250,        /* that what was told waits for more */
    STORE_AT = 256 << 10,  /* bytes that do not */
    HELD_ENOUGH = 4 << 20, /* then a worker is not read from */
    HELD_MOST = 128 << 20, /* one record more is none of ours */
    FACTS_WAIT = 8 << 20,  /* that wait for a worker: it is not told more */
    CONTENT_WAIT = 4 << 20, /* nor handed what its visitors wait for */
    LEAVE_MS = 200,        /* for one that has closed its channel */
    AHEAD_S = 3600,        /* that an event may be ahead of the clock */
    LOST_AT_ONCE = 8,      /* pieces of lost sessions in one transaction: others have their turn */
    SILENT_S = 60,         /* after which one that is read from is taken for stuck */
};
#define IDS_AHEAD (UINT64_C(1) << 40) /* some days */

static int64_t now_us(const struct doors *d)
{
    return time_now_us() + d->clock_offset * US_A_S;
}

void doors_init(struct doors *d)
{
    for (size_t i = 0; i < TRAP_WORKERS; i++) {
        d->door[i] = (struct door){ .number = (uint8_t)i };
        buf_init(&d->door[i].held, HELD_MOST);
        for (size_t k = 0; k < PLAN_DOORS; k++)
            d->door[i].listener[k] = -1;
    }
}

void doors_close(struct doors *d)
{
    for (size_t i = 0; i < TRAP_WORKERS; i++)
        for (size_t k = 0; k < PLAN_DOORS; k++)
            if (d->door[i].listener[k] >= 0) {
                close(d->door[i].listener[k]);
                d->door[i].listener[k] = -1;
            }
    d->n = 0;
    d->open.n = d->for_claims = 0;
}

void doors_release(struct doors *d)
{
    (void)doors_end_rest(d);
    doors_close(d);
    for (size_t i = 0; i < TRAP_WORKERS; i++)
        buf_release(&d->door[i].held);
}

/* ---- listeners ---- */

static void name_of(const struct endpoint *e, char ret[static ADDR_TEXT + 8])
{
    char address[ADDR_TEXT];
    addr_text(&e->addr, address);
    snprintf(ret, ADDR_TEXT + 8, e->addr.family == 6 ? "[%s]:%u" : "%s:%u", address, (unsigned)e->port);
}

static int ask_listeners(struct doors *d, const struct request_listen *v, int *ret_fd)
{
    bool had = d->daemon->privilege.fd >= 0;
    int err = privilege_listen(&d->daemon->privilege, v, ret_fd);
    d->keeper_died |= had && d->daemon->privilege.fd < 0;
    return err;
}

static int make_listeners(struct doors *d, const struct trap_plan *p, size_t at, int *ret_fd)
{
    const struct trap_place *place = &p->place[at];
    struct request_listen v = { .tcp = place->service != SERVICE_NETIS, .n = p->workers, .addr = place->at.addr,
                                .port = place->at.port };
    return ask_listeners(d, &v, ret_fd);
}

static bool is_open(const struct doors *d, const struct trap_plan *p, size_t at)
{
    for (size_t i = 0; i < d->open.n; i++)
        if (trap_place_same(&d->open.place[i], &p->place[at]))
            return true;
    return false;
}

/* Whether all that the plan names is open already, for as many workers. Those for claimed addresses are behind them. */
static bool listeners_serve(const struct doors *d, const struct trap_plan *p)
{
    bool serve = d->n == p->workers && d->open.n - d->for_claims == p->n;
    for (size_t i = 0; serve && i < p->n; i++)
        serve = is_open(d, p, i);
    return serve;
}

/* Where one of ours is in the way of another of ours, that one will have gone. */
static bool is_ours(const struct doors *d, const struct trap_place *place)
{
    static const struct addr any4 = { .family = 4 }, any6 = { .family = 6 };
    const struct endpoint *e = &place->at;
    const struct addr *any = e->addr.family == 4 ? &any4 : &any6;
    for (size_t i = 0; i < d->open.n; i++) {
        const struct endpoint *x = &d->open.place[i].at;
        bool meet = addr_cmp(&x->addr, &e->addr) == 0 || addr_cmp(&x->addr, any) == 0 || addr_cmp(&e->addr, any) == 0;
        bool alike = (d->open.place[i].service == SERVICE_NETIS) == (place->service == SERVICE_NETIS);
        if (alike && x->port == e->port && x->addr.family == e->addr.family && meet)
            return true;
    }
    return false;
}

int doors_try(struct doors *d, const struct trap_plan *p, char ret_trouble[static ADDR_TEXT + 8])
{
    int fd[TRAP_WORKERS];
    if (listeners_serve(d, p))
        return 0;
    snprintf(ret_trouble, ADDR_TEXT + 8, "teiten-keeper");
    if (p->n && d->daemon->privilege.fd < 0)
        return -EPIPE;
    for (size_t i = 0; i < p->n; i++) {
        if (!p->place[i].must || is_ours(d, &p->place[i]))
            continue;
        name_of(&p->place[i].at, ret_trouble);
        TRY(make_listeners(d, p, i, fd));
        for (unsigned k = 0; k < p->workers; k++)
            close(fd[k]);
    }
    return 0;
}

static const char *const instead[TRAP_SERVICES] = {
    [SERVICE_TELNET] = "nothing answers there; name what is free with trap.telnet",
    [SERVICE_HTTP] = "nothing answers there; name what is free with trap.http",
    [SERVICE_NETIS] = "nothing answers there; name what is free with trap.netis",
    [SERVICE_OTHER] = "nothing answers there; name what is free with trap.other",
};

static void add_place(struct doors *d, const struct trap_place *place, const int *fd)
{
    for (unsigned i = 0; i < d->plan->workers; i++)
        d->door[i].listener[d->open.n] = fd[i];
    d->open.place[d->open.n++] = *place;
}

/* One that was not asked for may be another's. */
static int open_one(struct doors *d, size_t at, char name[static ADDR_TEXT + 8])
{
    int fd[TRAP_WORKERS];
    const struct trap_plan *p = d->plan;
    name_of(&p->place[at].at, name);
    int err = make_listeners(d, p, at, fd);
    if (err && !p->place[at].must) {
        log_warning("not-listening", LOG_TEXT("at", name), LOG_ERRNO(err), LOG_TEXT("what-now", instead[p->place[at].service]));
        return 0;
    }
    TRY(err);
    add_place(d, &p->place[at], fd);
    log_info("listening", LOG_TEXT("at", name), LOG_TEXT("service", trap_service_name(p->place[at].service)),
             LOG_INT("workers", p->workers));
    return 0;
}

/* ---- claims ---- */

/* Sockets that get what comes to claimed addresses, wherever they are bound themselves: what is sent by UDP leaves from the port
 * where that is. */
static int open_claimed(struct doors *d, const struct addr *at, uint16_t port, enum trap_service service)
{
    int fd[TRAP_WORKERS];
    const struct trap_place place = { .at = { *at, port }, .service = service };
    const struct request_listen v = { .tcp = service != SERVICE_NETIS, .claimed = true, .n = d->plan->workers, .addr = *at,
                                      .port = port };
    if (d->open.n == PLAN_DOORS)
        return -ENOSPC;
    TRY(ask_listeners(d, &v, fd));
    add_place(d, &place, fd);
    d->for_claims++;
    return 0;
}

static int open_family(struct doors *d, uint8_t family)
{
    static const struct addr loopback4 = { 4, { 127, 0, 0, 1 } }, loopback6 = { 6, { [15] = 1 } };
    const struct prefix_list *list = &d->plan->claim.prefix;
    size_t i = 0;
    while (i < list->n && list->item[i].addr.family != family)
        i++;
    if (i == list->n)
        return 0;
    TRY(open_claimed(d, family == 4 ? &loopback4 : &loopback6, 0, SERVICE_BY_PORT));
    int err = open_claimed(d, &list->item[i].addr, PORTS_NETIS, SERVICE_NETIS);
    if (err == -EADDRINUSE) /* another's: then datagrams are swallowed */
        log_warning("not-listening", LOG_TEXT("at", "claimed addresses"), LOG_INT("udp-port", PORTS_NETIS), LOG_ERRNO(err));
    return err == -EADDRINUSE ? 0 : err;
}

static void say_claimed(const struct request_claim *c)
{
    char text[ADDR_TEXT];
    for (size_t i = 0; i < c->prefix.n; i++)
        log_info("claimed", LOG_TEXT("prefix", prefix_text(&c->prefix.item[i], text)), LOG_INT("confirm-seconds", c->confirm_s));
}

/* The listeners first: what is claimed is answered from the first packet on. */
static int open_claims(struct doors *d, char ret_trouble[static ADDR_TEXT + 8])
{
    const struct request_claim *c = &d->plan->claim;
    if (!c->prefix.n)
        return 0;
    snprintf(ret_trouble, ADDR_TEXT + 8, "claims");
    TRY(open_family(d, 4));
    TRY(open_family(d, 6));
    if (d->daemon->claimed)
        return 0;
    bool had = d->daemon->privilege.fd >= 0;
    int err = privilege_claim(&d->daemon->privilege, c);
    d->keeper_died |= had && d->daemon->privilege.fd < 0;
    TRY(err);
    d->daemon->claimed = true;
    say_claimed(c);
    return 0;
}

/* ---- starting ---- */

static int put_facts_held(const struct door *from, struct channel *to)
{
    struct rd r = rd_init(from->held.data, from->held.len), record;
    struct trap_fact f;
    uint8_t type;
    while (held_next(&r, &type, &record))
        if (type == RECORD_TRAP_FACT && record_get_trap_fact(record, &f) == 0)
            TRY(record_put_trap_fact(to, &f));
    return 0;
}

static int put_fact(void *context, const struct trap_fact *f)
{
    return record_put_trap_fact(context, f);
}

/* What it has to know of before, in the store or on the way there, and that this is all. */
static int put_facts(struct doors *d, struct channel *to)
{
    TRY(store_trap_facts(d->store, now_us(d), put_fact, to));
    for (size_t i = 0; i < TRAP_WORKERS; i++)
        TRY(put_facts_held(&d->door[i], to));
    return record_put_ready(to, &(struct record_ready){ 0 });
}

static int send_setup(struct doors *d, struct door *x)
{
    struct trap_setup setup = d->plan->setup;
    setup.worker = x->number;
    setup.first_id = x->first_id;
    setup.listeners = (uint32_t)d->open.n;
    for (size_t i = 0; i < d->open.n; i++)
        setup.service[i] = (uint8_t)d->open.place[i].service;
    memcpy(setup.budget_key, d->daemon->budget_is.key, sizeof setup.budget_key);
    setup.clock_offset = d->clock_offset;
    setup.total = setup.total / d->plan->workers + 1;
    TRY(channel_nonblocking(&x->worker.channel));
    TRY(record_put_trap_setup(&x->worker.channel, &setup));
    TRY(put_facts(d, &x->worker.channel));
    return channel_flush(&x->worker.channel);
}

/* No session of a life has the number of one before it. */
static int choose_first_id(struct doors *d, struct door *x)
{
    uint64_t stored;
    TRY(store_session_greatest(d->store, &stored));
    x->first_id = stored > x->last_id ? stored : x->last_id;
    x->last_id = x->first_id;
    return 0;
}

static int start(struct doors *d, struct door *x)
{
    int fd[2 + PLAN_DOORS] = { d->daemon->personas, d->daemon->budget };
    memcpy(fd + 2, x->listener, d->open.n * sizeof *fd);
    TRY(choose_first_id(d, x));
    TRY(worker_start(&x->worker, &d->daemon->trap, fd, 2 + d->open.n));
    int err = send_setup(d, x);
    if (err && err != -EPIPE) { /* one that is dead by now is found so at the channel's end, as any other */
        worker_kill(&x->worker);
        return err;
    }
    x->lost = x->first_id;
    x->counts = (struct trap_counts){ 0 };
    x->running = true;
    x->ready = false;
    x->started = time_now();
    restart_began(&x->restart);
    x->heard = time_mono();
    return 0;
}

/* Whatever an observatory before this one left open is over, also of workers that it had more. */
static int end_those_before(struct doors *d)
{
    for (size_t i = 0; i < TRAP_WORKERS; i++) {
        TRY(choose_first_id(d, &d->door[i]));
        d->door[i].lost = d->door[i].last_id;
    }
    return 0;
}

/* Before the first listener, which is bounded from its first packet on. */
static int have_budget(struct doors *d)
{
    if (d->daemon->budget >= 0 || (d->plan->n == 0 && d->plan->claim.prefix.n == 0))
        return 0;
    bool had = d->daemon->privilege.fd >= 0;
    int err = privilege_budget(&d->daemon->privilege, &d->daemon->budget, &d->daemon->budget_is);
    d->keeper_died |= had && d->daemon->privilege.fd < 0;
    if (!err && !d->daemon->budget_is.kernel)
        log_warning("syns-not-bounded", LOG_TEXT("why", "no BPF"),
                    LOG_TEXT("what-now", "a forged SYN is answered twice; see 'teiten doctor'"));
    return err;
}

static int open_all(struct doors *d, char ret_trouble[static ADDR_TEXT + 8])
{
    TRY(end_those_before(d));
    snprintf(ret_trouble, ADDR_TEXT + 8, "teiten-keeper");
    TRY(have_budget(d));
    if (!listeners_serve(d, d->plan)) {
        doors_close(d);
        for (size_t i = 0; i < d->plan->n; i++)
            TRY(open_one(d, i, ret_trouble));
        TRY(open_claims(d, ret_trouble));
        d->n = d->open.n ? d->plan->workers : 0;
    }
    snprintf(ret_trouble, ADDR_TEXT + 8, "teiten-trap");
    for (size_t i = 0; i < d->n; i++)
        TRY(start(d, &d->door[i]));
    return 0;
}

int doors_open(struct doors *d, char ret_trouble[static ADDR_TEXT + 8])
{
    d->ending = false;
    int err = open_all(d, ret_trouble);
    if (err) {
        (void)doors_end_rest(d);
        doors_close(d);
    }
    return err;
}

/* ---- ending ---- */

/* While the store takes nothing, what it says stays with it. */
static bool is_read(const struct door *x)
{
    return x->held.len < HELD_ENOUGH;
}

static struct trap_counts sum_of(const struct trap_counts *a, const struct trap_counts *b)
{
    struct trap_counts sum = *a;
    trap_counts_add(&sum, b);
    return sum;
}

static void leave(struct door *x)
{
    x->running = false;
    x->before = sum_of(&x->before, &x->counts);
    x->before.memory = x->before.open = 0;
    x->counts = (struct trap_counts){ 0 };
    x->lost = x->last_id;
    x->due = x->due ? x->due : 1;
}

static void plan_restart(struct doors *d, struct door *x, const char *why, bool useful)
{
    if (!d->ending && restart_plan(&x->restart, useful))
        log_error("trap-died", LOG_INT("worker", x->number), LOG_TEXT("why", why),
                  LOG_TEXT("what-now", "its sessions are lost, and it is started again"));
}

static void bury(struct doors *d, struct door *x)
{
    int status = worker_end(&x->worker, LEAVE_MS);
    leave(x);
    plan_restart(d, x, worker_status_text(status), x->ready);
}

static void end_for(struct doors *d, struct door *x, const char *why)
{
    worker_kill(&x->worker);
    leave(x);
    plan_restart(d, x, why, false);
}

static void start_again(struct doors *d, struct door *x)
{
    int err = start(d, x);
    if (!err)
        x->restarts++;
    else if (restart_plan(&x->restart, false))
        log_error("trap-not-started", LOG_INT("worker", x->number), LOG_ERRNO(err));
}

void doors_restart_due(struct doors *d)
{
    uint64_t now = time_mono();
    for (size_t i = 0; i < d->n && !d->ending; i++) {
        struct door *x = &d->door[i];
        if (!x->running && now >= x->restart.due)
            start_again(d, x);
        else if (x->running && !is_read(x))
            x->heard = now;
        else if (x->running && now - x->heard > SILENT_S * NS_A_S)
            end_for(d, x, "it is stuck");
    }
}

void doors_stop(struct doors *d)
{
    d->ending = true;
    for (size_t i = 0; i < d->n; i++)
        if (d->door[i].running)
            shutdown(d->door[i].worker.channel.fd, SHUT_WR);
}

size_t doors_end_rest(struct doors *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->door[i].running) {
            worker_kill(&d->door[i].worker);
            leave(&d->door[i]);
            n++;
        }
    return n;
}

size_t doors_running(const struct doors *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        n += d->door[i].running;
    return n;
}

/* ---- what workers say ---- */

static int hold(struct door *x, uint8_t type, struct rd record)
{
    size_t before = x->held.len;
    held_put(&x->held, type, record);
    if (!buf_ok(&x->held)) {
        x->held.len = before;
        x->held.bad = false;
        return -EPROTO;
    }
    if (!x->due)
        x->due = time_mono() + STORE_MS * (NS_A_S / 1000);
    return 0;
}

/* It speaks of sessions of its own, in numbers that leave room for others. */
static bool is_its_own(struct doors *d, const struct door *x, const struct session_event *e)
{
    int64_t now = now_us(d), began = (x->started + d->clock_offset) * US_A_S;
    d->latest = now > d->latest ? now : d->latest; /* a worker may have seen a clock that was set back since */
    now = d->latest;
    uint64_t id = trap_session_id(now, x->number), greatest = id > x->first_id ? id : x->first_id;
    return e->session % TRAP_WORKERS == x->number && e->session > x->first_id && e->session < greatest + IDS_AHEAD &&
           e->time >= began - AHEAD_S * US_A_S && e->time <= now + AHEAD_S * US_A_S;
}

static int take_session(struct doors *d, struct door *x, struct rd record)
{
    struct session_event e;
    if (record_get_session(record, &e) || !is_its_own(d, x, &e))
        return -EPROTO;
    x->last_id = e.session > x->last_id ? e.session : x->last_id;
    return hold(x, RECORD_SESSION, record);
}

/* One that holds for longer would never leave the others' memory. */
static int64_t latest_fact(const struct doors *d)
{
    int64_t now = now_us(d), latest = now > d->latest ? now : d->latest;
    return latest + (int64_t)d->plan->setup.remember + AHEAD_S * US_A_S;
}

/* The others hear of it at once. */
static int take_fact(struct doors *d, struct door *x, struct rd record)
{
    struct trap_fact f;
    if (record_get_trap_fact(record, &f) || f.until > latest_fact(d))
        return -EPROTO;
    for (size_t i = 0; i < d->n; i++)
        if (d->door[i].running && &d->door[i] != x && channel_waiting(&d->door[i].worker.channel) < FACTS_WAIT)
            (void)!record_put_trap_fact(&d->door[i].worker.channel, &f);
    return hold(x, RECORD_TRAP_FACT, record);
}

/* ---- what visitors wait for ---- */

static int take_ask(struct doors *d, struct door *x, struct rd record)
{
    struct trap_ask ask;
    if (record_get_trap_ask(record, &ask) || ask.session % TRAP_WORKERS != x->number || !d->ear.asked)
        return -EPROTO;
    d->ear.asked(d->ear.context, &ask);
    return 0;
}

/* In pieces: as much as was promised, whatever became of the file meanwhile. */
static void tell_content(struct channel *c, const struct trap_told *t, int fd)
{
    static uint8_t piece[TRAP_PIECE];
    uint64_t size = t->size < TRAP_CONTENT ? t->size : TRAP_CONTENT;
    for (uint64_t at = 0; at < size;) {
        size_t want = size - at < TRAP_PIECE ? (size_t)(size - at) : TRAP_PIECE;
        ssize_t got = pread(fd, piece, want, (off_t)at);
        if (got <= 0)
            memset(piece, 0, want);
        size_t n = got <= 0 ? want : (size_t)got;
        if (record_put_trap_bytes(c, t->session, t->ticket, piece, n))
            return;
        at += n;
    }
}

void doors_tell(struct doors *d, const struct trap_told *t, int fd)
{
    struct door *x = &d->door[t->session % TRAP_WORKERS];
    struct trap_told told = *t;
    if (!x->running || t->session <= x->first_id) /* who asked was of a life before */
        return;
    if (told.answer == FETCH_FOUND && channel_waiting(&x->worker.channel) > CONTENT_WAIT)
        told.answer = FETCH_TIMEOUT;
    if (record_put_trap_told(&x->worker.channel, &told) == 0 && told.answer == FETCH_FOUND)
        tell_content(&x->worker.channel, &told, fd);
}

/* ---- */

static void say_weak(struct doors *d, const struct door *x)
{
    char missing[128];
    if (d->weak_said || x->confined == CONFINED_ALL)
        return;
    confine_missing(x->confined, missing, sizeof missing);
    log_warning("confined-less", LOG_TEXT("program", "trap"), LOG_TEXT("missing", missing),
                LOG_TEXT("what-now", "see 'teiten doctor'"));
    d->weak_said = true;
}

static int take_ready(struct doors *d, struct door *x, struct rd record)
{
    struct record_ready v;
    if (x->ready || record_get_ready(record, &v))
        return -EPROTO;
    x->ready = true;
    x->confined = v.confined;
    say_weak(d, x);
    return 0;
}

static int take_record(struct doors *d, struct door *x, uint8_t type, struct rd record)
{
    switch (type) {
    case RECORD_READY:
        return take_ready(d, x, record);
    case RECORD_SESSION:
        return take_session(d, x, record);
    case RECORD_TRAP_FACT:
        return take_fact(d, x, record);
    case RECORD_TRAP_ASK:
        return take_ask(d, x, record);
    case RECORD_TRAP_COUNTS:
        return record_get_trap_counts(record, &x->counts) ? -EPROTO : 0;
    default:
        return -EPROTO;
    }
}

/* 0; 1: it is at its end; -errno. */
static int serve(struct doors *d, struct door *x)
{
    uint8_t type;
    struct rd record;
    int got = channel_fill(&x->worker.channel);
    if (got == -EAGAIN)
        return 0;
    if (got <= 0)
        return 1;
    x->heard = time_mono();
    while ((got = channel_next(&x->worker.channel, &type, &record)) == 1)
        TRY(take_record(d, x, type, record));
    return got;
}

nfds_t doors_listen(struct doors *d, struct pollfd *ret)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct door *x = &d->door[i];
        /* One that is not read from says even that it is dead in vain: so nothing of it is waited for. */
        ret[i] = (struct pollfd){ .fd = x->running && is_read(x) ? x->worker.channel.fd : -1, .events = POLLIN };
        if (x->running && channel_waiting(&x->worker.channel))
            ret[i].events |= POLLOUT;
    }
    return (nfds_t)d->n;
}

void doors_hear(struct doors *d, const struct pollfd *p, nfds_t n)
{
    for (nfds_t i = 0; i < n; i++) {
        struct door *x = &d->door[i];
        int got = p[i].revents & (POLLIN | POLLHUP | POLLERR) ? serve(d, x) : 0;
        if (got < 0)
            end_for(d, x, "it spoke nonsense");
        else if (got > 0)
            bury(d, x);
    }
    for (size_t i = 0; i < d->n; i++)
        if (d->door[i].running)
            (void)!channel_flush(&d->door[i].worker.channel); /* a dead one is found by its silence */
}

/* ---- storing ---- */

static int store_record(struct doors *d, uint8_t type, struct rd record)
{
    struct session_event e;
    struct trap_fact f;
    if (type == RECORD_TRAP_FACT)
        return record_get_trap_fact(record, &f) ? 0 : store_trap_fact(d->store, &f);
    if (record_get_session(record, &e))
        return 0;
    int err = store_session_event(d->store, &e);
    return err > 0 ? 0 : err; /* a stray: what of its session came before was left out */
}

static int store_held(struct doors *d, struct door *x)
{
    struct rd r = rd_init(x->held.data, x->held.len), record;
    uint8_t type;
    while (held_next(&r, &type, &record))
        TRY(store_record(d, type, record));
    return 0;
}

/* Of those that a life before this one left behind nobody will tell any more. Some at a time: 1 while there may be more. */
static int store_lost(struct doors *d, const struct door *x)
{
    int more = x->lost != 0;
    for (int i = 0; i < LOST_AT_ONCE && more > 0; i++)
        more = store_sessions_left(d->store, x->lost, TRAP_WORKERS, x->number);
    return more;
}

/* Once they are stored. */
static void tell_made(struct doors *d, const struct door *x)
{
    struct rd r = rd_init(x->held.data, x->held.len), record;
    struct session_event e;
    uint8_t type;
    while (d->ear.made && held_next(&r, &type, &record))
        if (type == RECORD_SESSION && record_get_session(record, &e) == 0 && e.type == SESSION_FILE &&
            session_has(&e, FIELD_CONTENT))
            d->ear.made(d->ear.context, &e);
}

/* In one transaction. */
static int store_door(struct doors *d, struct door *x)
{
    int more = 0, err = store_held(d, x);
    if (!err) {
        more = store_lost(d, x);
        err = more < 0 ? more : store_commit(d->store);
    }
    if (err) {
        store_rollback(d->store);
        return err;
    }
    tell_made(d, x);
    buf_reset(&x->held);
    x->due = 0;
    x->lost = more ? x->lost : 0;
    return 0;
}

int doors_store(struct doors *d, bool all)
{
    for (size_t i = 0; i < TRAP_WORKERS; i++) {
        struct door *x = &d->door[i];
        bool due = x->due || x->lost;
        if (!due || (!all && (ledger_spared(d->ledger) || (x->held.len < STORE_AT && time_mono() < x->due))))
            continue;
        int err;
        do
            err = store_door(d, x);
        while (!err && all && x->lost);
        if (err)
            return all ? err : ledger_bear(d->ledger, err);
    }
    return 0;
}

/* ---- numbers ---- */

size_t doors_waiting(const struct doors *d)
{
    size_t n = 0;
    for (size_t i = 0; i < TRAP_WORKERS; i++)
        n += d->door[i].held.len;
    return n;
}

struct trap_counts door_counts(const struct door *x)
{
    return sum_of(&x->before, &x->counts);
}

struct trap_counts doors_counts(const struct doors *d)
{
    struct trap_counts sum = { 0 };
    for (size_t i = 0; i < TRAP_WORKERS; i++) {
        struct trap_counts one = door_counts(&d->door[i]);
        sum = sum_of(&sum, &one);
    }
    return sum;
}

uint64_t doors_restarts(const struct doors *d)
{
    uint64_t n = 0;
    for (size_t i = 0; i < TRAP_WORKERS; i++)
        n += d->door[i].restarts;
    return n;
}
