#include "trap/conn-inside.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_HEAD = 2 }; /* before each datagram that waits to be sent: its length */

/* ---- Saying ---- */

static void put_message(struct conn *c, const void *data, size_t n)
{
    if (n <= UINT16_MAX) {
        buf_le16(&c->out, (uint16_t)n);
        buf_put(&c->out, data, n);
    }
}

void conn_say(struct conn *c, const void *data, size_t n)
{
    size_t before = c->out.len;
    record_spoken(c, 1, data, n, c->now);
    if (c->service->put)
        c->service->put(c, data, n);
    else if (c->service->datagrams)
        put_message(c, data, n);
    else
        buf_put(&c->out, data, n);
    c->bytes_out += c->out.len - before - (c->service->datagrams && c->out.len > before ? MESSAGE_HEAD : 0);
}

void conn_end(struct conn *c, const char *reason)
{
    if (c->over)
        return;
    c->over = true;
    c->reason = reason;
}

bool conn_judge(struct conn *c, const char *user, size_t n_user, const char *password, size_t n_password)
{
    struct pair_try t = { .persona = c->here.persona, .source = &c->source, .destination = &c->destination,
                          .user = user, .password = password, .n_user = n_user,
                          .n_password = n_password, .now = c->now };
    struct pair_verdict v = pairs_judge(c->world->pairs, &t);
    c->tries++;
    record_login(c, &t, v.accepted, v.remembered);
    if (v.fact && c->world->decided)
        c->world->decided(c->world->context, &c->destination, v.fact, v.accepted, v.until);
    return v.accepted;
}

/* ---- The shell ---- */

/* What is this address's own. */
static struct identity *identify(const struct conn *c)
{
    struct identity *i = malloc(sizeof *i);
    if (!i)
        return NULL;
    i->shell = (struct shell_identity){ .hostname = c->here.hostname,
                                        .has_mac = true,
                                        .booted = c->here.booted,
                                        .pid_first = c->here.pid_first,
                                        .address = addr_text(&c->destination, i->address),
                                        .peer = addr_text(&c->source, i->peer),
                                        .port = c->destination_port,
                                        .peer_port = c->source_port,
                                        .secret = c->here.secret };
    memcpy(i->shell.mac, c->here.mac, sizeof i->shell.mac);
    return i;
}

void conn_begin_shell(struct conn *c, const char *command)
{
    const struct persona *p = c->here.persona;
    if (!c->identity && !(c->identity = identify(c))) {
        conn_end(c, "memory");
        return;
    }
    struct shell_options o = { .device = p->device,
                               .limits = c->limits,
                               .hook = &conn_hook,
                               .context = c,
                               .name = command ? "sh" : p->shell_name,
                               .command = command,
                               .terminal = !command,
                               .tty = !command,
                               .spaces = !command,
                               .columns = c->columns,
                               .rows = c->rows,
                               .now = c->now,
                               .seed = c->seed,
                               .identity = &c->identity->shell };
    c->shell_state = SHELL_RUNNING;
    if (shell_make(&c->shell, &o))
        conn_end(c, "memory");
}

static void shell_ended(struct conn *c)
{
    int status = shell_status(c->shell);
    shell_left(c->shell, &c->limits.steps, &c->limits.output);
    shell_free(c->shell);
    c->shell = NULL;
    if (!c->limits.steps || !c->limits.output)
        conn_end(c, "limit");
    else if (c->service->shell_ended)
        c->service->shell_ended(c, status);
}

/* In parts, so that output without end stops soon after there is enough: a visitor who does not read holds what is left. */
void conn_run_shell(struct conn *c, int64_t steps)
{
    enum { PART = 50 };
    if (!c->shell || conn_is_full(c))
        return;
    bool late = c->shell_state == SHELL_FETCHING && c->now >= conn_waits_until(c);
    if (late)
        shell_wake(c->shell);
    bool woken = late || (c->shell_state == SHELL_ASLEEP && c->now >= shell_wakes(c->shell));
    if (c->shell_state != SHELL_RUNNING && !woken)
        return;
    do {
        c->shell_state = shell_run(c->shell, steps < PART ? steps : PART, c->now);
        steps -= PART;
    } while (steps > 0 && c->shell_state == SHELL_RUNNING && !conn_is_full(c));
    if (c->shell_state == SHELL_ENDED)
        shell_ended(c);
}

/* ---- Turns ---- */

static void limits(struct conn *c)
{
    const struct persona *p = c->here.persona;
    if (c->visitor_ended && !c->gone)
        c->gone = c->now;
    if (p->budget && c->now - c->began >= p->budget)
        conn_end(c, "budget");
    else if (c->visitor_ended && c->now - c->gone >= GONE_MOST)
        conn_end(c, "closed");
    else if (p->idle && c->now - c->last >= p->idle && !conn_awaits(c))
        conn_end(c, "timeout");
    else if (!buf_ok(&c->out))
        conn_end(c, "limit");
}

static size_t waiting(const struct conn *c)
{
    return c->out.len - c->out_at;
}

bool conn_is_full(const struct conn *c)
{
    return waiting(c) >= OUT_ENOUGH;
}

bool conn_is_deserted(const struct conn *c)
{
    return c->visitor_ended && c->typed.len == c->typed_at;
}

bool conn_feed(struct conn *c)
{
    size_t n = c->typed.len - c->typed_at;
    if (!n || c->over || conn_is_full(c))
        return false;
    size_t taken = c->service->take(c, c->typed.data + c->typed_at, n);
    c->typed_at += taken;
    if (c->typed_at == c->typed.len) {
        buf_release(&c->typed);
        c->typed_at = 0;
    }
    return taken;
}

enum conn_state conn_run(struct conn *c, int64_t steps, int64_t now)
{
    c->now = now > c->now ? now : c->now;
    limits(c);
    bool had_shell = c->shell;
    bool runs = !c->over && c->service->run(c, steps);
    bool left_shell = had_shell && !c->shell; /* what was typed behind it is the service's */
    limits(c);
    if (c->over)
        return CONN_ENDED;
    c->held = conn_is_full(c);
    return (runs || left_shell) && !c->held ? CONN_RUNNING : CONN_WAITS;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t conn_wakes(const struct conn *c)
{
    const struct persona *p = c->here.persona;
    int64_t when = INT64_MAX;
    if (c->held && !conn_is_full(c))
        return c->now;
    if (p->budget)
        when = earlier(when, c->began + p->budget);
    if (p->idle && !conn_awaits(c))
        when = earlier(when, c->last + p->idle);
    if (c->visitor_ended)
        when = earlier(when, (c->gone ? c->gone : c->now) + GONE_MOST);
    if (c->service->wakes)
        when = earlier(when, c->service->wakes(c));
    if (c->shell && c->shell_state == SHELL_ASLEEP && !conn_is_full(c)) /* else what is sent wakes it */
        when = earlier(when, shell_wakes(c->shell));
    return earlier(when, conn_waits_until(c));
}

/* ---- Input and output ---- */

bool conn_reads(const struct conn *c)
{
    return !c->over && c->typed.len - c->typed_at < TYPED_MOST / 2;
}

/* What was taken makes room for what comes. */
static void compact(struct conn *c)
{
    if (!c->typed_at)
        return;
    c->typed.len -= c->typed_at;
    memmove(c->typed.data, c->typed.data + c->typed_at, c->typed.len);
    c->typed_at = 0;
}

void conn_input(struct conn *c, const void *data, size_t n, int64_t now)
{
    if (!conn_reads(c))
        return;
    compact(c);
    size_t before = c->typed.len;
    c->now = now > c->now ? now : c->now;
    c->last = c->now;
    c->bytes_in += n;
    if (c->service->input)
        c->service->input(c, data, n);
    else
        buf_put(&c->typed, data, n);
    if (c->typed.len > before)
        record_spoken(c, 0, c->typed.data + before, c->typed.len - before, c->now);
    if (!buf_ok(&c->typed))
        conn_end(c, "limit");
}

void conn_input_end(struct conn *c)
{
    c->visitor_ended = true;
}

/* Of datagrams the first one that waits. */
static size_t message_length(const struct conn *c)
{
    return c->out.data[c->out_at] | (size_t)c->out.data[c->out_at + 1] << 8;
}

const uint8_t *conn_output(const struct conn *c, size_t *ret_n)
{
    *ret_n = waiting(c);
    if (!*ret_n)
        return NULL;
    if (!c->service->datagrams)
        return c->out.data + c->out_at;
    *ret_n = message_length(c);
    return c->out.data + c->out_at + MESSAGE_HEAD;
}

void conn_sent(struct conn *c, size_t n)
{
    c->out_at += c->service->datagrams ? MESSAGE_HEAD + message_length(c) : n;
    if (c->out_at < c->out.len)
        return;
    buf_release(&c->out);
    c->out_at = 0;
}

/* ---- Beginning and end ---- */

/* By enum trap_service. */
static const struct conn_service *const services[TRAP_SERVICES] = { [SERVICE_TELNET] = &conn_telnet,
                                                                    [SERVICE_HTTP] = &conn_http,
                                                                    [SERVICE_NETIS] = &conn_netis,
                                                                    [SERVICE_OTHER] = &conn_other };

bool conn_become(struct conn *c, enum trap_service s)
{
    const struct conn_service *service = services[s];
    struct buf said = c->typed;
    void *talk = service ? calloc(1, service->talk) : NULL;
    if (!talk)
        return false;
    if (c->service->release)
        c->service->release(c);
    free(c->talk_later);
    c->talk = c->talk_later = talk;
    c->service = service;
    if (service->open)
        service->open(c);
    if (service->input) {
        buf_init(&c->typed, TYPED_MOST);
        service->input(c, said.data + c->typed_at, said.len - c->typed_at);
        c->typed_at = 0;
        buf_release(&said);
    }
    return true;
}

int conn_make(struct conn **ret, const struct conn_options *o)
{
    const struct conn_service *service = services[o->service];
    size_t head = (sizeof(struct conn) + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct conn *c = calloc(1, head + service->talk);
    if (!c)
        return -ENOMEM;
    c->service = service;
    c->talk = (uint8_t *)c + head;
    c->world = o->world;
    c->id = o->id;
    c->seed = o->seed;
    c->limits = o->world->limits;
    c->limits.steps = c->limits.steps ? c->limits.steps : STEPS_MOST;
    c->here = o->here;
    c->source = o->source;
    c->destination = o->destination;
    c->source_port = o->source_port;
    c->destination_port = o->destination_port;
    c->mute = o->mute;
    c->began = c->last = c->now = o->now;
    c->reason = "closed";
    buf_init(&c->typed, TYPED_MOST);
    buf_init(&c->out, OUT_MOST);
    buf_init(&c->fetched, 0);
    record_open(c);
    if (service->open)
        service->open(c);
    *ret = c;
    return 0;
}

void conn_free(struct conn *c, const char *reason, int64_t now)
{
    if (!c)
        return;
    c->now = now > c->now ? now : c->now;
    conn_end(c, reason);
    conn_free_waits(c);
    record_close(c, c->now);
    shell_free(c->shell);
    if (c->service->release)
        c->service->release(c);
    free(c->talk_later);
    free(c->stub);
    free(c->spoken);
    free(c->identity);
    buf_release(&c->typed);
    buf_release(&c->out);
    free(c);
}

size_t conn_memory(const struct conn *c)
{
    return sizeof *c + c->service->talk + (c->service->memory ? c->service->memory(c) : 0) +
           (c->shell ? shell_memory(c->shell) : 0) + (c->stub ? STUB_MOST : 0) +
           (c->spoken ? sizeof *c->spoken : 0) + (c->identity ? sizeof *c->identity : 0) +
           c->typed.room + c->out.room + conn_waits_memory(c);
}
