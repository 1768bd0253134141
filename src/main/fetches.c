#include "main/fetches.h"

#include "base/log.h"
#include "base/own.h"
#include "base/text.h"
#include "base/time.h"
#include "sample/judge.h"
#include "sample/url.h"
#include "shell/hook.h"
#include "trap/http-commands.h"

#include <stdio.h>
#include <string.h>

enum {
    AN_ADDRESS = 5,       /* connections in an hour */
    LOOK_MS = 250,
    SCRIPT_MOST = 64,     /* things that one script may want */
    FTP_MORE = 2,         /* connections for data: by EPSV, and where that leads nowhere by PASV */
    FIRST_AGAIN_S = 600,  /* after the first failure; then four times as long each time */
};
#define HOUR_US (3600 * US_A_S)
#define DAY_US (24 * HOUR_US)

static int64_t now_us(const struct fetches *f)
{
    return time_now_us() + f->clock_offset * US_A_S;
}

void fetches_begin(struct fetches *f)
{
    f->tools = (struct slot_tools){ .plan = f->plan, .dialler = &f->daemon->dialler, .fetch = &f->daemon->fetch,
                                    .vault = &f->samples->vault };
    for (size_t i = 0; i < FETCH_SLOTS; i++)
        slot_init(&f->job[i].slot, &f->tools);
    f->live = f->daemon->dialler.fd >= 0 && f->samples->n;
    if (f->live)
        log_warning("fetches-live", LOG_TEXT("what-now", "what visitors want is fetched from others' servers; see fetch.policy"));
}

void fetches_end(struct fetches *f)
{
    for (size_t i = 0; f->live && i < FETCH_SLOTS; i++)
        slot_clear(&f->job[i].slot);
    f->live = false;
}

/* What could not be written is tried again with the next one. */
static int commit(struct fetches *f, int err)
{
    if (!err)
        err = store_commit(f->store);
    if (err)
        store_rollback(f->store);
    return err;
}

/* ---- who waits ---- */

/* What a client says of what became of it. */
static enum fetch_answer answer_of(const struct wanted *w)
{
    static const struct {
        const char *reason;
        enum fetch_answer answer;
    } answers[] = {
        { "status 403", FETCH_FORBIDDEN }, { "status 401", FETCH_FORBIDDEN }, { "status 550", FETCH_MISSING },
        { "status 1", FETCH_MISSING },     { "connection refused", FETCH_REFUSED }, { "unreachable", FETCH_UNREACHABLE },
        { "unresolved", FETCH_UNRESOLVED }, { "status 4", FETCH_MISSING },
    };
    if (w->state == WANTED_DONE)
        return FETCH_FOUND;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (!strncmp(w->reason, answers[i].reason, strlen(answers[i].reason)))
            return answers[i].answer;
    return FETCH_TIMEOUT;
}

static void tell(struct fetches *f, uint64_t session, uint64_t ticket, const struct wanted *w)
{
    struct trap_told t = { .session = session, .ticket = ticket, .answer = (uint8_t)answer_of(w) };
    auto_fd int fd = t.answer == FETCH_FOUND ? vault_read(&f->samples->vault, w->sha256) : -1;
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    if (t.answer == FETCH_FOUND && fd < 0)
        t.answer = FETCH_TIMEOUT;
    text_copy(t.address, sizeof t.address, w->address);
    memcpy(t.sha256, w->sha256, sizeof t.sha256);
    t.size = size > 0 ? (uint64_t)size : 0;
    doors_tell(f->doors, &t, fd);
}

static void tell_waiters(struct fetches *f, const struct wanted *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->waiters; i++)
        if (f->waiter[i].wanted == w->id)
            tell(f, f->waiter[i].session, f->waiter[i].ticket, w);
        else
            f->waiter[kept++] = f->waiter[i];
    f->waiters = kept;
}

/* ---- what is wanted ---- */

/* A known way into a device is nothing that is fetched. */
static bool is_entry(const struct url *u)
{
    char path[URL_PATH_MOST];
    url_plain(u, path);
    return http_is_entry(path);
}

/* NULL: it may be fetched, and is *ret. What a proxy of HTTP cannot carry would go past it. */
static const char *why_not(const struct fetches *f, const char *text, struct url *ret)
{
    enum url_verdict v = url_read(text, ret);
    if (v)
        return url_verdict_name(v);
    if (f->plan->proxy.port && (ret->scheme == URL_FTP || ret->scheme == URL_TFTP))
        return "proxy";
    return is_entry(ret) ? "entry-point" : NULL;
}

/* Adds it; what is refused is told at once. */
static int add(struct fetches *f, const char *url, const char *agent, uint64_t session, unsigned depth, struct wanted *ret)
{
    struct url u;
    const char *no = why_not(f, url, &u);
    *ret = (struct wanted){ .session = session, .depth = depth, .state = no ? WANTED_REFUSED : WANTED_QUEUED };
    ret->added = ret->at = ret->next = now_us(f);
    text_copy(ret->url, sizeof ret->url, url);
    text_copy(ret->agent, sizeof ret->agent, agent);
    text_copy(ret->reason, sizeof ret->reason, no ? no : "");
    f->look = 0;
    return commit(f, store_wanted_add(f->store, ret, &ret->id));
}

static bool is_running(const struct fetches *f, int64_t id)
{
    for (size_t i = 0; i < FETCH_SLOTS; i++)
        if (f->job[i].slot.state != SLOT_FREE && f->job[i].wanted.id == id)
            return true;
    return false;
}

/* The same URL once a day: who comes later finds what came of it, or waits with the others. Of one that is to be tried again
 * much later the last trouble is told. */
static int find(struct fetches *f, const struct trap_ask *ask, struct wanted *ret, bool *ret_waits)
{
    int none = store_wanted_find(f->store, ask->url, now_us(f) - DAY_US, ret);
    TRY(none);
    bool lost = none == 0 && ret->state == WANTED_DONE && !vault_has(&f->samples->vault, ret->sha256);
    if (none || lost)
        TRY(add(f, ask->url, ask->agent, ask->session, 0, ret));
    *ret_waits = ret->state == WANTED_QUEUED && (ret->tries == 0 || is_running(f, ret->id)) && f->waiters < FETCH_WAITERS;
    return 0;
}

/* That it was a visitor of this session who got it, too. */
static int note_origin(struct fetches *f, const struct wanted *w, uint64_t session)
{
    const struct sample_origin o = { .how = HOW_FETCHED, .session = session, .url = w->url, .server = w->address, .time = now_us(f) };
    struct sample_facts facts;
    char hex[SHA256_HEX];
    int none = store_sample(f->store, sha256_hex(w->sha256, hex), &facts);
    return none ? (none < 0 ? none : 0) : store_sample_found(f->store, w->sha256, facts.size, &o);
}

void fetches_asked(struct fetches *f, const struct trap_ask *ask)
{
    struct wanted w = { .state = WANTED_FAILED };
    bool waits = false;
    if (f->live && !ledger_spared(f->ledger) && find(f, ask, &w, &waits))
        w = (struct wanted){ .state = WANTED_FAILED };
    if (waits) {
        f->waiter[f->waiters++] = (struct fetch_waiter){ ask->session, ask->ticket, w.id };
        return;
    }
    if (w.state == WANTED_DONE)
        (void)!commit(f, note_origin(f, &w, ask->session));
    tell(f, ask->session, ask->ticket, &w);
}

static void want(struct fetches *f, const char *url, const struct wanted *origin)
{
    struct wanted w;
    if (!strchr(url, '*') && store_wanted_find(f->store, url, now_us(f) - DAY_US, &w) == 1)
        (void)!add(f, url, origin->agent, origin->session, origin->depth + 1, &w);
}

void fetches_script(void *context, const struct sample_report *r)
{
    struct fetches *f = context;
    struct wanted origin;
    if (!f->live || store_wanted_of(f->store, r->sha256, &origin) || origin.depth >= FETCH_DEPTH)
        return;
    for (size_t i = 0; i < r->endpoints && i < SCRIPT_MOST; i++)
        if (r->endpoint[i].kind == ENDPOINT_URL && !strcmp(r->endpoint[i].reason, "script"))
            want(f, r->endpoint[i].text, &origin);
}

/* ---- what may be dialled ---- */

static void network_of(const struct addr *a, char ret[static ADDR_TEXT])
{
    struct prefix p = { *a, a->family == 4 ? 24 : 48 };
    for (size_t i = p.bits / 8u; i < sizeof p.addr.bytes; i++)
        p.addr.bytes[i] = 0;
    prefix_text(&p, ret);
}

static int has_room(struct fetches *f, const char *address, const char *network, uint64_t most, bool *ret)
{
    uint64_t n;
    TRY(store_wanted_tries(f->store, now_us(f) - HOUR_US, address, network, &n));
    *ret = n < most;
    return 0;
}

/* Why not now; NULL: it may be. */
static int why_later(struct fetches *f, const struct addr *a, const char **ret)
{
    char address[ADDR_TEXT], network[ADDR_TEXT];
    bool room;
    addr_text(a, address);
    network_of(a, network);
    TRY(has_room(f, "", "", f->plan->hourly, &room));
    *ret = room ? NULL : "hourly";
    if (*ret)
        return 0;
    TRY(has_room(f, address, "", AN_ADDRESS, &room));
    *ret = room ? NULL : "hourly of the address";
    if (*ret)
        return 0;
    TRY(has_room(f, "", network, AN_ADDRESS, &room));
    *ret = room ? NULL : "hourly of the network";
    return 0;
}

/* ---- what became of it ---- */

static int64_t again_at(const struct fetches *f, unsigned tries)
{
    int64_t wait = FIRST_AGAIN_S * US_A_S;
    for (unsigned i = 1; i < tries && wait < DAY_US; i++)
        wait *= 4;
    return now_us(f) + wait;
}

static void set(struct wanted *w, enum wanted_state state, const char *reason)
{
    w->state = state;
    text_copy(w->reason, sizeof w->reason, reason);
}

/* It is tried again, where its life is long enough. */
static void put_off(struct fetches *f, struct wanted *w, const char *reason, int64_t next)
{
    bool over = next > w->added + f->plan->life * US_A_S;
    set(w, over ? WANTED_GIVEN_UP : WANTED_QUEUED, reason);
    w->next = next;
}

static const char *trouble_text(int status)
{
    switch (status) {
    case -ENOENT:
        return "unresolved";
    case -ECONNREFUSED:
        return "connection refused";
    case -ETIMEDOUT:
        return "time-out";
    case -ENETUNREACH:
    case -EHOSTUNREACH:
        return "unreachable";
    default:
        return errno_text(status);
    }
}

/* Whether trying again may help: not where the server said that there is no such thing. */
static bool may_pass(const struct fetch_ended *e)
{
    bool servers = e->how == FETCHED_STATUS && e->status >= 500 && e->status < 550; /* of HTTP its own trouble; of FTP from 550 on none */
    return servers || e->how == FETCHED_CUT || e->how == FETCHED_SLOW;
}

static void judge_end(struct fetches *f, struct fetch_job *j)
{
    char reason[WANTED_REASON];
    const struct slot_result *r = &j->slot.result;
    struct wanted *w = &j->wanted;
    if (r->kept) {
        set(w, WANTED_DONE, "");
        memcpy(w->sha256, r->sha256, sizeof w->sha256);
        return;
    }
    if (r->status) {
        put_off(f, w, trouble_text(r->status), again_at(f, w->tries));
        return;
    }
    if (r->ended.how == FETCHED_STATUS)
        snprintf(reason, sizeof reason, "status %u", r->ended.status);
    else
        snprintf(reason, sizeof reason, "%s", r->ended.how == FETCHED_ALL ? "empty" : fetch_end_name(r->ended.how));
    if (may_pass(&r->ended))
        put_off(f, w, reason, again_at(f, w->tries));
    else
        set(w, WANTED_FAILED, reason);
}

/* The job is over, for now. */
static int conclude(struct fetches *f, struct fetch_job *j)
{
    struct wanted *w = &j->wanted;
    w->at = now_us(f);
    int err = store_wanted_set(f->store, w);
    if (!err && w->state == WANTED_DONE) {
        const struct sample_origin o = { .how = HOW_FETCHED, .session = w->session, .url = w->url, .server = w->address, .time = w->at };
        err = store_sample_found(f->store, w->sha256, j->slot.result.size, &o);
        for (size_t i = 0; !err && i < f->waiters; i++)
            if (f->waiter[i].wanted == w->id && f->waiter[i].session != w->session)
                err = note_origin(f, w, f->waiter[i].session);
    }
    err = commit(f, err);
    log_info("fetch", LOG_TEXT("state", wanted_state_name(w->state)), LOG_TEXT("url", w->url), LOG_TEXT("reason", w->reason),
             LOG_TEXT("address", w->address));
    f->samples->look |= w->state == WANTED_DONE;
    tell_waiters(f, w);
    slot_clear(&j->slot);
    return err;
}

static int refuse(struct fetches *f, struct fetch_job *j, const char *reason)
{
    set(&j->wanted, WANTED_REFUSED, reason);
    return conclude(f, j);
}

/* ---- going on ---- */

/* The first address that may be dialled; where none may, what is wrong with the first. */
static int connect_job(struct fetches *f, struct fetch_job *j)
{
    char address[ADDR_TEXT], network[ADDR_TEXT];
    const struct dial_found *found = &j->slot.found;
    const char *later;
    uint32_t i = 0;
    while (i < found->n && found->found[i].verdict != JUDGE_GLOBAL)
        i++;
    if (i == found->n)
        return refuse(f, j, found->n ? judge_name(found->found[0].verdict) : "unresolved");
    const struct addr *a = &found->found[i].addr;
    TRY(why_later(f, a, &later));
    if (later) {
        put_off(f, &j->wanted, later, now_us(f) + HOUR_US);
        return conclude(f, j);
    }
    text_copy(j->wanted.address, sizeof j->wanted.address, addr_text(a, address));
    network_of(a, network);
    TRY(commit(f, store_wanted_try(f->store, j->wanted.id, address, network, now_us(f))));
    j->wanted.tries++;
    slot_connect(&j->slot, a);
    return 0;
}

static int begin_slot(struct fetches *f, struct fetch_job *j, const struct url *u)
{
    struct slot_ask ask = { .port = u->port, .tftp = u->scheme == URL_TFTP,
                            .more = u->scheme == URL_FTP ? FTP_MORE : 0 };
    url_text(u, ask.url);
    text_copy(ask.host, sizeof ask.host, u->host);
    text_copy(ask.file, sizeof ask.file, ask.tftp ? u->path + 1 : "");
    text_copy(ask.agent, sizeof ask.agent, j->wanted.agent);
    int err = slot_begin(&j->slot, &ask);
    if (err == -EPIPE && f->live) {
        log_error("fetches-off", LOG_TEXT("why", "teiten-dial is gone"), LOG_TEXT("what-now", "start anew to fetch again"));
        f->live = false;
    }
    return err;
}

/* Judged anew, whatever it was before. */
static int follow(struct fetches *f, struct fetch_job *j)
{
    struct url u;
    char location[FETCH_URL];
    text_copy(location, sizeof location, j->slot.result.ended.location);
    const char *no = ++j->hops > FETCH_HOPS ? "too many redirects" : why_not(f, location, &u);
    slot_clear(&j->slot);
    if (no)
        return refuse(f, j, no);
    int err = begin_slot(f, j, &u);
    if (!err)
        return 0;
    put_off(f, &j->wanted, errno_text(err), again_at(f, j->wanted.tries));
    return conclude(f, j);
}

static int serve(struct fetches *f, struct fetch_job *j)
{
    if (j->slot.state == SLOT_RESOLVED)
        return connect_job(f, j);
    if (j->slot.state != SLOT_DONE)
        return 0;
    if (j->slot.result.status == 0 && j->slot.result.ended.how == FETCHED_REDIRECT)
        return follow(f, j);
    judge_end(f, j);
    return conclude(f, j);
}

static int begin_next(struct fetches *f, struct fetch_job *j)
{
    int64_t busy[FETCH_SLOTS];
    size_t n = 0;
    struct url u;
    for (size_t i = 0; i < FETCH_SLOTS; i++)
        if (f->job[i].slot.state != SLOT_FREE)
            busy[n++] = f->job[i].wanted.id;
    int none = store_wanted_next(f->store, now_us(f), busy, n, &j->wanted);
    if (none)
        return none;
    j->hops = 0;
    const char *no = why_not(f, j->wanted.url, &u);
    if (no) {
        TRY(refuse(f, j, no));
        return 0;
    }
    int err = begin_slot(f, j, &u);
    if (err) {
        put_off(f, &j->wanted, errno_text(err), again_at(f, j->wanted.tries + 1));
        return conclude(f, j);
    }
    return 0;
}

static int begin_some(struct fetches *f)
{
    if (time_mono() < f->look)
        return 0;
    for (size_t i = 0; i < FETCH_SLOTS && f->live; i++)
        if (f->job[i].slot.state == SLOT_FREE) {
            int none = begin_next(f, &f->job[i]);
            TRY(none);
            if (none) {
                f->look = time_mono() + LOOK_MS * (NS_A_S / 1000);
                break;
            }
        }
    return 0;
}

nfds_t fetches_listen(const struct fetches *f, struct pollfd *ret)
{
    for (size_t i = 0; f->live && i < FETCH_SLOTS; i++)
        slot_listen(&f->job[i].slot, ret + i * SLOT_POLLS);
    return f->live ? FETCH_POLLS : 0;
}

static int hear(struct fetches *f, const struct pollfd *p)
{
    for (size_t i = 0; i < FETCH_SLOTS; i++) {
        slot_hear(&f->job[i].slot, p + i * SLOT_POLLS);
        TRY(serve(f, &f->job[i]));
    }
    return begin_some(f);
}

int fetches_hear(struct fetches *f, const struct pollfd *p)
{
    if (!f->live || ledger_spared(f->ledger))
        return 0;
    int err = hear(f, p);
    if (err)
        store_rollback(f->store);
    return err == -EUCLEAN ? err : 0;
}
