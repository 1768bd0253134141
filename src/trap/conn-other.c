/*
 * What no other service is behind: it takes what is said first and tells what it is. It says nothing; a visitor who turns out to
 * speak Telnet or HTTP is answered by those.
 */
#include "trap/conn-inside.h"

#include "trap/protocol.h"

enum {
    TAKEN_MOST = 64 << 10,     /* bytes; but for a few kB at hand, what comes then is not read */
    QUIET_MOST = 30 * 1000000, /* microseconds that nothing is said */
};

struct other_talk {
    bool named;
};

/* clang-format off */
static const struct {
    const char *protocol;
    enum trap_service service;
} answered[] = {
    { "telnet", SERVICE_TELNET },
    { "http", SERVICE_HTTP },
};
/* clang-format on */

static void set_words(struct session_event *e, enum session_field f, const struct protocol_words *w)
{
    if (w->n)
        session_set_bytes(e, f, w->text, w->n);
}

static void tell(struct conn *c, const struct protocol *p, size_t n)
{
    struct session_event e;
    ((struct other_talk *)c->talk)->named = true;
    record_flush(c);
    session_begin(&e, SESSION_PROTOCOL, c->id, c->now);
    session_set_text(&e, FIELD_PROTOCOL, p->name);
    session_set(&e, FIELD_SIZE, n);
    set_words(&e, FIELD_HOST, &p->host);
    set_words(&e, FIELD_AGENT, &p->agent);
    record_event(c, &e);
}

/* Whether there was enough to tell what it is, or that it is nothing known. */
static bool name(struct conn *c, const uint8_t *data, size_t n, bool ended, struct protocol *ret)
{
    static const struct protocol unknown = { .name = "unknown" };
    enum protocol_verdict v = protocol_name(data, n, ended, ret);
    if (v == PROTOCOL_MORE)
        return false;
    if (v == PROTOCOL_UNKNOWN)
        *ret = unknown;
    tell(c, ret, n);
    return true;
}

/* Whether another service has him now, and what he said. */
static bool hand_over(struct conn *c, const char *protocol)
{
    for (size_t i = 0; i < sizeof answered / sizeof answered[0]; i++) {
        if (strcmp(protocol, answered[i].protocol) == 0)
            return conn_become(c, answered[i].service);
    }
    return false;
}

static size_t take(struct conn *c, const uint8_t *data, size_t n)
{
    const struct other_talk *x = c->talk;
    struct protocol p;
    if (c->bytes_in >= TAKEN_MOST)
        return 0;
    if (!x->named && (!name(c, data, n, false, &p) || hand_over(c, p.name)))
        return 0;
    return n;
}

static bool run(struct conn *c, int64_t steps)
{
    (void)steps;
    (void)conn_feed(c);
    if (c->service != &conn_other)
        return true;
    if (c->visitor_ended)
        conn_end(c, "closed");
    else if (c->now - c->last >= QUIET_MOST)
        conn_end(c, "timeout");
    return false;
}

/* At the end, however it comes. */
static void tell_client(struct conn *c, int64_t now)
{
    const struct other_talk *x = c->talk;
    size_t n = c->typed.len - c->typed_at;
    struct protocol p;
    (void)now;
    if (!x->named && n)
        (void)name(c, c->typed.data + c->typed_at, n, true, &p);
}

static int64_t wakes(const struct conn *c)
{
    return c->last + QUIET_MOST;
}

const struct conn_service conn_other = { .name = "other",
                                         .talk = sizeof(struct other_talk),
                                         .take = take,
                                         .run = run,
                                         .tell_client = tell_client,
                                         .wakes = wakes };
