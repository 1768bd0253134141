/*
 * teiten-trap: one worker of the trap. A private program that the supervisor starts, with its descriptors already open:
 *
 *   3 the record channel, 4 the folder of personas, 5 the table of budgets (trap/budget.h), 6 and on its listeners
 *
 * It reads the personas, which are ours, confines itself (base/confine.h), and only then takes the first visitor. What
 * happens goes over the channel as events of sessions (event/session.h). Where the supervisor does not read, things are
 * shed in order and counted: transcripts, then new sessions (who waits, waits in the kernel), then all visitors' turns.
 */
#include "base/confine.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "event/record-trap.h"
#include "main/fds.h"
#include "main/hook.h"
#include "shell/hook.h"
#include "trap/loop.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FACTS_MOST = 1 << 17, /* what the store keeps of either kind */
    UNSAID_AT = 1 << 20, /* bytes that wait for the supervisor: from here on transcripts are left out */
    PAUSE_AT = 4 << 20,  /* nobody new */
    HOLD_AT = 8 << 20,   /* and nobody has a turn */
    COUNTS_MS = 1000,    /* between words about how many came */
    CROWDED_MS = 20,     /* between looks at a channel that is full */
    GATHER_MS = 5,       /* that events wait for others: a message, and the supervisor's waking, cost as much as an answer */
    GATHER_AT = 16 << 10, /* bytes that do not wait */
    SIGN_OF_LIFE_MS = 10000, /* where there is nothing new of them */
};

/* Bytes of address space beside what visitors may hold. */
#define MEMORY_BESIDE ((size_t)1 << 30)

_Static_assert((int)CONFINE_CHANNEL == FD_CHANNEL, "it is named in the table of what it may");

struct trap {
    struct channel channel;
    struct trap_setup setup;
    struct personas personas;
    const struct persona *pinned;
    struct pairs *pairs;
    struct conn_world world;
    struct loop *loop;
    int64_t clock;       /* microseconds between the monotonic clock and that of events */
    struct budget budget;
    struct ports ports;
    uint64_t last_id, unsaid, held, unanswered;
    uint64_t tickets, asked; /* given, and those that nobody answered yet */
    uint64_t gathers;    /* time_mono() since when something waits to be told; 0: nothing does */
    bool urgent;         /* what waits does not wait for more */
    struct trap_counts told;
    uint64_t counts_told; /* time_mono() */
    int trouble;         /* of the channel, met in an event */
    bool stop;
};

/* ---- what the sessions need ---- */

/* Runs evenly while anybody is there, whatever is done to the clock. */
static int64_t trap_now(void *context)
{
    const struct trap *t = context;
    return t->clock + (int64_t)(time_mono() / 1000);
}

static void set_clock(struct trap *t)
{
    t->clock = time_now_us() + t->setup.clock_offset * US_A_S - (int64_t)(time_mono() / 1000);
}

/* Never the same twice, whatever the clock does. */
static uint64_t new_id(void *context)
{
    struct trap *t = context;
    uint64_t id = trap_session_id(trap_now(t), t->setup.worker), next = t->last_id + TRAP_WORKERS;
    t->last_id = id > next ? id : next;
    return t->last_id;
}

/* What is large gives way first: pieces of transcripts, and what was made, whose hash is told all the same. */
static void take_event(void *context, const struct session_event *e)
{
    struct trap *t = context;
    struct session_event bare = *e;
    bool crowded = channel_waiting(&t->channel) > UNSAID_AT;
    if (crowded && session_has(e, FIELD_CONTENT)) {
        t->unsaid += e->value[FIELD_CONTENT].bytes.n;
        bare.has &= ~(UINT64_C(1) << FIELD_CONTENT);
    }
    if (crowded && e->type == SESSION_SPOKEN)
        t->unsaid += e->value[FIELD_DATA].bytes.n;
    else if (record_put_session(&t->channel, &bare))
        t->unsaid++; /* no memory for it: no reason to end all sessions */
}

static void take_decision(void *context, const struct addr *destination, uint64_t fact, bool accepted, int64_t until)
{
    struct trap *t = context;
    (void)destination;
    t->urgent = true; /* the other workers are to know before the visitor's friends are there */
    int err = record_put_trap_fact(&t->channel, &(struct trap_fact){ fact, accepted, until });
    t->trouble = t->trouble ? t->trouble : err;
}

static bool may_send(void *context, const struct addr *to, uint32_t in, uint32_t out)
{
    struct trap *t = context;
    bool may = budget_charge(&t->budget, budget_prefix(to), in, out, budget_now());
    t->unanswered += !may;
    return may;
}

/* ---- what visitors wait for ---- */

enum { ASKED_MOST = 1024 }; /* of a worker at once */

/* As BusyBox and curl call themselves; the others have no word for it. */
static const char *agent_of(const struct shell_fetch *what)
{
    return !strcmp(what->applet, "curl") ? "curl/7.38.0" : "Wget";
}

static uint64_t ask(void *context, uint64_t session, const struct shell_fetch *what)
{
    struct trap *t = context;
    struct trap_ask a = { .session = session, .ticket = t->tickets + 1 };
    if (t->asked >= ASKED_MOST || strlen(what->url) >= sizeof a.url || channel_waiting(&t->channel) > UNSAID_AT)
        return 0;
    text_copy(a.url, sizeof a.url, what->url);
    text_copy(a.agent, sizeof a.agent, agent_of(what));
    if (record_put_trap_ask(&t->channel, &a))
        return 0;
    t->asked++;
    t->urgent = true;
    return ++t->tickets;
}

/* Each is answered once, also where the visitor has left. */
static int take_told(struct trap *t, struct rd r)
{
    struct trap_told v;
    if (record_get_trap_told(r, &v) || !t->asked)
        return -EPROTO;
    t->asked--;
    loop_told(t->loop, &v);
    return 0;
}

static int take_bytes(struct trap *t, struct rd r)
{
    uint64_t session, ticket;
    struct rd bytes;
    if (record_get_trap_bytes(r, &session, &ticket, &bytes))
        return -EPROTO;
    loop_told_bytes(t->loop, session, ticket, bytes.p, rd_left(&bytes));
    return 0;
}

/* ---- what the supervisor says ---- */

static int receive_setup(struct trap *t)
{
    uint8_t type;
    struct rd r;
    TRY(channel_wait(&t->channel, &type, &r));
    if (type != RECORD_TRAP_SETUP)
        return -EPROTO;
    int err = record_get_trap_setup(r, &t->setup);
    return err > 0 ? -EPROTO : err;
}

static int take_fact(struct trap *t, uint8_t type, struct rd r)
{
    struct trap_fact f;
    if (type != RECORD_TRAP_FACT || record_get_trap_fact(r, &f))
        return -EPROTO;
    pairs_learn(t->pairs, f.fact, f.accepted, f.until, trap_now(t));
    return 0;
}

/* What was decided before, up to the word that this is all: nobody is let in, or refused, before it is known. */
static int learn_first(struct trap *t)
{
    uint8_t type;
    struct rd r;
    for (;;) {
        TRY(channel_wait(&t->channel, &type, &r));
        if (type == RECORD_READY)
            return 0;
        TRY(take_fact(t, type, r));
    }
}

static int take_record(struct trap *t, uint8_t type, struct rd r)
{
    switch (type) {
    case RECORD_TRAP_TOLD:
        return take_told(t, r);
    case RECORD_TRAP_BYTES:
        return take_bytes(t, r);
    default:
        return take_fact(t, type, r);
    }
}

static int take_records(struct trap *t)
{
    uint8_t type;
    struct rd r;
    int got;
    while ((got = channel_next(&t->channel, &type, &r)) == 1)
        TRY(take_record(t, type, r));
    return got;
}

/* Its end of the channel closed: time to go. */
static int hear(struct trap *t)
{
    int got = channel_fill(&t->channel);
    if (got == -EAGAIN)
        return 0;
    TRY(got);
    t->stop = got == 0;
    return take_records(t);
}

/* ---- setting up ---- */

static void set_policy(struct persona *p, const struct trap_setup *setup)
{
    static const enum persona_policy policy[LOGIN_WAYS] = { [LOGIN_ANY] = POLICY_ANY,
                                                            [LOGIN_LISTED] = POLICY_LISTED,
                                                            [LOGIN_NEVER] = POLICY_NEVER,
                                                            [LOGIN_AFTER] = POLICY_AFTER };
    if (setup->login == LOGIN_AS_PERSONA)
        return;
    p->policy = policy[setup->login];
    p->after = setup->after;
}

static int load_personas(struct trap *t)
{
    char why[200], folder[32];
    snprintf(folder, sizeof folder, "/proc/self/fd/%d", FD_PERSONAS);
    int err = personas_load(&t->personas, folder, why);
    close(FD_PERSONAS);
    if (err > 0)
        log_error("personas", LOG_TEXT("why", why), LOG_TEXT("what-now", "see 'teiten persona check'"));
    TRY(err > 0 ? -EINVAL : err);
    for (size_t i = 0; i < t->personas.n; i++)
        set_policy(t->personas.list[i], &t->setup);
    t->pinned = t->setup.persona[0] ? personas_find(&t->personas, t->setup.persona) : NULL;
    return t->setup.persona[0] && !t->pinned ? -ENOENT : 0;
}

_Static_assert((int)BUDGET_KEYS == (int)TRAP_BUDGET_KEYS, "they are the same");

/* All workers charge to one table, and so does the kernel. */
static int map_budget(struct trap *t)
{
    t->budget.slots = BUDGET_SLOTS;
    memcpy(t->budget.key, t->setup.budget_key, sizeof t->budget.key);
    int err = budget_map(FD_BUDGET, &t->budget.slot);
    close(FD_BUDGET);
    return err;
}

static int make_loop(struct trap *t)
{
    t->world = (struct conn_world){ .pairs = t->pairs, .context = t, .event = take_event, .decided = take_decision,
                                    .may_send = may_send,
                                    .ask = t->setup.fetch == POLICY_FETCH_LIVE ? ask : NULL,
                                    .unreachable = t->setup.fetch == POLICY_FETCH_OFF };
    struct loop_options o = {
        .world = &t->world,
        .personas = &t->personas,
        .pinned = t->pinned,
        .caps = { t->setup.total, t->setup.source, t->setup.network, t->setup.memory },
        .budget = &t->budget,
        .ports = &t->ports,
        .own = &t->setup.own,
        .new_id = new_id,
        .now = trap_now,
    };
    memcpy(o.key, t->setup.key, sizeof o.key);
    TRY(ports_make(&t->ports, &t->personas, t->pinned, t->setup.key, t->setup.catchall));
    TRY(loop_make(&t->loop, &o));
    TRY(loop_watch(t->loop, FD_CHANNEL));
    for (uint32_t i = 0; i < t->setup.listeners; i++)
        TRY(loop_listen(t->loop, FD_LISTENERS + (int)i, t->setup.service[i]));
    return 0;
}

static int confine(struct trap *t)
{
    struct record_ready ready;
    TRY(confine_enter(CONFINE_TRAP, NULL, 0, (size_t)t->setup.memory + MEMORY_BESIDE, &ready.confined));
    TRY(record_put_ready(&t->channel, &ready));
    return channel_flush(&t->channel);
}

static int set_up(struct trap *t)
{
    channel_init(&t->channel, FD_CHANNEL);
    TRY(receive_setup(t));
    set_clock(t);
    t->last_id = (t->setup.first_id & ~(uint64_t)(TRAP_WORKERS - 1)) + TRAP_WORKERS + t->setup.worker;
    TRY(load_personas(t));
    TRY(pairs_make(&t->pairs, t->setup.key, (int64_t)t->setup.remember, FACTS_MOST));
    TRY(learn_first(t));
    TRY(map_budget(t));
    TRY(make_loop(t));
    TRY(confine(t));
    return channel_nonblocking(&t->channel);
}

/* ---- working ---- */

static struct trap_counts count(const struct trap *t)
{
    struct loop_counts n = loop_counts(t->loop);
    return (struct trap_counts){ .accepted = n.accepted, .refused = n.refused, .shed = n.shed, .failed = n.failed,
                                 .memory = n.memory, .open = n.open, .unsaid = t->unsaid, .held = t->held,
                                 .datagrams = n.datagrams, .probes = n.probes, .logins = n.logins,
                                 .commands = n.commands, .others = n.others, .answered = n.answered,
                                 .unanswered = t->unanswered, .untold = n.untold, .lost = n.lost };
}

static int tell_counts(struct trap *t)
{
    struct trap_counts now = count(t);
    uint64_t since = (time_mono() - t->counts_told) / (NS_A_S / 1000);
    bool same = !memcmp(&now, &t->told, sizeof now);
    if (since < (same ? SIGN_OF_LIFE_MS : COUNTS_MS))
        return 0;
    t->told = now;
    t->counts_told = time_mono();
    return record_put_trap_counts(&t->channel, &now);
}

/* Until the supervisor reads again nobody has a turn. Who said something meanwhile is heard before anybody's time is over. */
static int hold(struct trap *t)
{
    struct pollfd p = { .fd = FD_CHANNEL, .events = POLLIN | POLLOUT };
    uint64_t began = time_mono();
    int n = poll(&p, 1, COUNTS_MS);
    t->held += (time_mono() - began) / (NS_A_S / 1000);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    return p.revents & (POLLIN | POLLHUP) ? hear(t) : 0;
}

/* Few at a time cost most. What the supervisor did not take is tried again with what is new. */
static int tell(struct trap *t)
{
    size_t waiting = channel_waiting(&t->channel);
    uint64_t now = time_mono();
    if (waiting && !t->gathers)
        t->gathers = now;
    if (!t->urgent && waiting < GATHER_AT && now - t->gathers < GATHER_MS * (NS_A_S / 1000))
        return 0;
    t->gathers = 0;
    t->urgent = false;
    return channel_flush(&t->channel);
}

static int step(struct trap *t)
{
    size_t waiting = channel_waiting(&t->channel);
    loop_pause(t->loop, waiting > PAUSE_AT);
    if (loop_counts(t->loop).open == 0)
        set_clock(t);
    if (waiting > HOLD_AT) {
        TRY(hold(t));
    } else {
        int heard = loop_step(t->loop, t->gathers ? GATHER_MS : waiting ? CROWDED_MS : COUNTS_MS);
        TRY(heard);
        if (heard)
            TRY(hear(t));
    }
    TRY(t->trouble);
    TRY(tell_counts(t));
    return tell(t);
}

/* Who is there is told goodbye, and that goes to the store, too. */
static int finish(struct trap *t)
{
    struct trap_counts last = count(t);
    last.open = last.memory = 0;
    loop_free(t->loop);
    t->loop = NULL;
    TRY(t->trouble);
    TRY(record_put_trap_counts(&t->channel, &last));
    TRY(channel_blocking(&t->channel));
    return channel_flush(&t->channel);
}

static int work(struct trap *t)
{
    while (!t->stop)
        TRY(step(t));
    return finish(t);
}

static void tear_down(struct trap *t)
{
    loop_free(t->loop);
    channel_release(&t->channel);
    pairs_free(t->pairs);
    personas_release(&t->personas);
    prefix_list_release(&t->setup.own);
}

int main(void)
{
    /* A service manager tells every process of the service to end; ours end when the supervisor says so. */
    signal(SIGTERM, SIG_IGN);
    struct trap *t = calloc(1, sizeof *t);
    if (!t)
        return 1;
    int err = set_up(t);
    if (!err) {
        CONFINE_HOOK();
        err = work(t);
    }
    if (err && err != -EPIPE)
        log_error("trap-failed", LOG_ERRNO(err));
    tear_down(t);
    free(t);
    return err ? 1 : 0;
}
