/*
 * A compromised teiten-trap against the supervisor: u8 options, then what it does, in records whose bodies are its own:
 * u8 what, u8 length, bytes. Whatever comes, sessions of other workers stay as they are, none of its own is of another
 * worker's numbers, the store can be asked, and nothing but the worker itself ends by it.
 */
#include "base/own.h"
#include "base/time.h"
#include "main/doors.h"
#include "main/fuzz-store.h"
#include "shell/hook.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORKER = 3, OTHER = 4 };

enum option {
    SPARED = 1, /* the store is left alone until the end */
    RAW = 2,    /* the bytes are the channel's, not bodies of records */
};

struct scene {
    struct daemon daemon;
    struct trap_plan plan;
    struct ledger ledger;
    struct doors doors;
    int trap; /* its end of the channel */
    uint64_t others; /* a session of another worker's, open */
};

static void open_other(struct scene *s)
{
    struct session_event e;
    s->others = trap_session_id(time_now_us(), OTHER) + TRAP_WORKERS * (uint64_t)inputs;
    session_begin(&e, SESSION_OPEN, s->others, time_now_us());
    if (store_session_event(store, &e) < 0 || store_commit(store))
        abort();
}

/* Whoever waits is told at once that there is nothing. */
static void refuse(void *context, const struct trap_ask *ask)
{
    const struct trap_told t = { .session = ask->session, .ticket = ask->ticket, .answer = FETCH_MISSING };
    doors_tell(context, &t, -1);
}

static void begin(struct scene *s, uint8_t options)
{
    int pair[2];
    *s = (struct scene){ .trap = -1, .daemon = { .personas = -1 }, .ledger = { .store = store }, .plan = { .workers = 1 } };
    s->doors = (struct doors){ .daemon = &s->daemon, .plan = &s->plan, .store = store, .ledger = &s->ledger };
    s->doors.ear = (struct doors_ear){ .context = &s->doors, .asked = refuse };
    doors_init(&s->doors);
    open_other(s);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        abort();
    s->trap = pair[1];
    s->doors.n = TRAP_WORKERS;
    s->doors.ending = true; /* nothing is started */
    struct door *x = &s->doors.door[WORKER];
    channel_init(&x->worker.channel, pair[0]);
    x->running = true;
    s->ledger.retry = options & SPARED ? UINT64_MAX : 0;
}

static void serve(struct scene *s)
{
    struct pollfd p[TRAP_WORKERS];
    nfds_t n = doors_listen(&s->doors, p);
    if (poll(p, n, 0) < 0)
        abort();
    doors_hear(&s->doors, p, n);
    if (doors_store(&s->doors, false))
        abort();
}

static void say(struct scene *s, const uint8_t *data, size_t n)
{
    if (write(s->trap, data, n) != (ssize_t)n && errno != EPIPE && errno != EAGAIN)
        abort();
    serve(s);
}

/* Most bytes would be spent on getting numbers and times right, so these are given, and the rest is the input's. */
static void say_event(struct scene *s, uint8_t type, struct rd r)
{
    struct channel c;
    struct session_event e;
    channel_init(&c, -1);
    session_begin(&e, (enum session_type)(type % SESSION_TYPES ? type % SESSION_TYPES : SESSION_OPEN),
                  trap_session_id(time_now_us() - 1000, WORKER) + TRAP_WORKERS * (rd_u8(&r) % 8), time_now_us());
    enum session_field f = (enum session_field)(rd_u8(&r) % SESSION_FIELDS);
    size_t n = rd_left(&r);
    uint8_t kind = session_field(f)->kind;
    if (kind == SESSION_NUMBER)
        session_set(&e, f, rd_varint(&r));
    else if (kind == SESSION_FLAG)
        session_set(&e, f, rd_u8(&r) & 1);
    else if (kind != SESSION_ADDRESS)
        session_set_bytes(&e, f, r.p, n);
    if (record_put_session(&c, &e))
        abort();
    say(s, c.out.data, c.out.len);
    channel_release(&c);
}

static void say_body(struct scene *s, uint8_t type, struct rd body)
{
    struct channel c;
    channel_init(&c, -1);
    size_t at = channel_begin(&c, type);
    buf_put(&c.out, body.p, rd_left(&body));
    if (channel_end(&c, at))
        abort();
    say(s, c.out.data, c.out.len);
    channel_release(&c);
}

static void play(struct scene *s, struct rd r)
{
    enum { RECORDS = 32 };
    while (rd_left(&r) && s->doors.door[WORKER].running) {
        uint8_t what = rd_u8(&r), n = rd_u8(&r);
        struct rd body = rd_sub(&r, n < rd_left(&r) ? n : rd_left(&r));
        if (what & 1)
            say_event(s, what >> 1, body);
        else
            say_body(s, (what >> 1) % RECORDS, body);
    }
}

/* Nobody speaks for others. */
static void check(struct scene *s)
{
    struct session_facts f;
    if (store_session(store, s->others, &f))
        abort();
    assert(f.end == 0 && f.events == 1);
}

static int check_row(void *context, const struct session_facts *f)
{
    (void)context;
    assert(f->id % TRAP_WORKERS == WORKER || f->id % TRAP_WORKERS == OTHER);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene s;
    if (size < 1 || size > 1 << 14)
        return 0;
    need_store();
    begin(&s, data[0]);
    if (data[0] & RAW)
        say(&s, data + 1, size - 1);
    else
        play(&s, rd_init(data + 1, size - 1));
    close(s.trap);
    serve(&s);
    (void)!doors_end_rest(&s.doors);
    s.ledger.retry = 0;
    if (doors_store(&s.doors, true))
        abort();
    check(&s);
    assert(facts().packets == 0);
    if (store_sessions(store, &(struct session_filter){ .port = -1 }, check_row, NULL))
        abort();
    doors_release(&s.doors);
    return 0;
}
