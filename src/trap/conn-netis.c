/*
 * An exchange of datagrams as 53413/UDP of a Netis router has it (trap/netis.h): once somebody has said the word, each datagram
 * is a command of its own, whose output comes back in blocks, and then its status. All that is sent is asked for first.
 */
#include "trap/conn-inside.h"
#include "trap/netis.h"

#include <stdlib.h>
#include <string.h>

enum {
    QUIET = 60 * 1000000, /* microseconds without a datagram: it is over */
    ALONE = 10 * 1000000, /* the same, of one who is not in: its source may be nobody's */
    TOLD_MOST = 256,      /* datagrams of an exchange that are told of */
    BLOCKS_MOST = 8,      /* of a command's output */
    WAITING_MOST = 4 << 10, /* bytes of commands that wait for the one before */
    STEPS = 500 * 1000,   /* of an exchange: 50 ms of CPU for an empty loop */
    MEMORY = 1 << 20,     /* of its shell */
    UDP_HEAD = 8,
};

struct netis_talk {
    bool in;
    bool runs;        /* a command does, and `command` is it: its head, then its text */
    bool promised;    /* its end may be sent: it was asked for when the command came */
    bool refused;     /* what it says is no longer sent */
    uint16_t number;  /* of its next block */
    uint16_t told;    /* datagrams */
    uint8_t n_block;
    uint8_t block[NETIS_BLOCK];
    char *command;    /* owned: a head, the text, a NUL */
    struct netis_request request; /* whose text is there */
    struct buf waiting; /* commands: u8 promised, le16 length, datagram */
};

static struct netis_talk *talk_of(const struct conn *c)
{
    return c->talk;
}

/* ---- Sending ---- */

static uint32_t on_wire(const struct conn *c, size_t n)
{
    enum { V4_HEAD = 20, V6_HEAD = 40 };
    return (uint32_t)n + UDP_HEAD + (c->source.family == 4 ? V4_HEAD : V6_HEAD);
}

/* Whether an answer of n bytes may be sent, now that `in` bytes of IP came. */
static bool may_say(const struct conn *c, uint32_t in, size_t n)
{
    const struct conn_world *w = c->world;
    return !c->mute && (!w->may_send || w->may_send(w->context, &c->source, in, on_wire(c, n)));
}

static void record_datagram(struct conn *c, const struct netis_request *r, const uint8_t *data, size_t n, size_t answered)
{
    struct session_event e;
    record_flush(c);
    session_begin(&e, SESSION_DATAGRAM, c->id, c->now);
    session_set_text(&e, FIELD_CLASS, netis_class_name(r->class));
    session_set(&e, FIELD_SIZE, n);
    session_set(&e, FIELD_ANSWERED, answered ? on_wire(c, answered) : 0);
    session_set_bytes(&e, FIELD_DATA, data, n);
    record_event(c, &e);
}

/* ---- A command ---- */

static void say_block(struct conn *c)
{
    struct netis_talk *t = talk_of(c);
    uint8_t answer[NETIS_ANSWER];
    if (!t->n_block)
        return;
    size_t n = netis_block(&t->request, t->number, t->block, t->n_block, answer);
    t->n_block = 0;
    t->refused = t->refused || t->number > BLOCKS_MOST || !may_say(c, 0, n);
    if (t->refused)
        return;
    t->number++;
    conn_say(c, answer, n);
}

/* What it says of errors its router does not send on. */
static void shell_said(struct conn *c, const void *data, size_t n)
{
    struct netis_talk *t = talk_of(c);
    const uint8_t *from = data;
    while (n && c->stream == 1 && t->runs && !t->refused) {
        size_t room = sizeof t->block - t->n_block, part = n < room ? n : room;
        memcpy(t->block + t->n_block, from, part);
        t->n_block = (uint8_t)(t->n_block + part);
        from += part;
        n -= part;
        if (t->n_block == sizeof t->block)
            say_block(c);
    }
}

static void forget_command(struct netis_talk *t)
{
    free(t->command);
    t->command = NULL;
    t->runs = false;
}

static void shell_ended(struct conn *c, int status)
{
    struct netis_talk *t = talk_of(c);
    uint8_t answer[NETIS_ANSWER];
    say_block(c);
    if (t->promised)
        conn_say(c, answer, netis_end(&t->request, t->number, (uint32_t)status, answer));
    forget_command(t);
}

static void begin_command(struct conn *c, const uint8_t *data, size_t n, bool promised)
{
    struct netis_talk *t = talk_of(c);
    t->command = malloc(n + 1);
    if (!t->command)
        return;
    memcpy(t->command, data, n);
    t->command[n] = '\0';
    netis_read(t->command, n, &t->request);
    char *text = t->command + (t->request.text - (const uint8_t *)t->command);
    text[t->request.n] = '\0';
    t->runs = true;
    t->promised = promised;
    t->refused = !promised;
    t->number = 1;
    t->n_block = 0;
    conn_begin_shell(c, text);
    if (c->shell)
        shell_input_end(c->shell);
}

/* Those that came while another ran, in their order. */
static bool begin_waiting(struct conn *c)
{
    struct netis_talk *t = talk_of(c);
    struct rd r = rd_init(t->waiting.data, t->waiting.len);
    if (t->runs || !t->waiting.len || c->over)
        return false;
    bool promised = rd_u8(&r);
    size_t n = rd_le16(&r);
    const uint8_t *data = rd_take(&r, n);
    begin_command(c, data, n, promised);
    size_t left = rd_left(&r);
    memmove(t->waiting.data, r.p, left);
    t->waiting.len = left;
    if (!left)
        buf_release(&t->waiting);
    return true;
}

static void put_waiting(struct conn *c, const uint8_t *data, size_t n, bool promised)
{
    struct netis_talk *t = talk_of(c);
    size_t before = t->waiting.len;
    buf_u8(&t->waiting, promised);
    buf_le16(&t->waiting, (uint16_t)n);
    buf_put(&t->waiting, data, n);
    if (!buf_ok(&t->waiting)) {
        t->waiting.len = before;
        t->waiting.bad = false;
    }
}

/* ---- What comes ---- */

/* There is one word, and it lets in. */
static void log_in(struct conn *c, const struct netis_request *r)
{
    struct pair_try t = { .persona = c->here.persona, .source = &c->source, .destination = &c->destination,
                          .user = "", .password = (const char *)r->text, .n_user = 0, .n_password = r->n, .now = c->now };
    talk_of(c)->in = true;
    c->tries++;
    record_login(c, &t, true, false);
}

static bool is_command(const struct netis_talk *t, const struct netis_request *r)
{
    return t->in && (r->class == NETIS_COMMAND || r->class == NETIS_LOGIN);
}

static void input(struct conn *c, const uint8_t *data, size_t n)
{
    struct netis_talk *t = talk_of(c);
    struct netis_request r;
    uint8_t answer[NETIS_ANSWER];
    netis_read(data, n, &r);
    if (t->told >= TOLD_MOST)
        return;
    t->told++;
    bool command = is_command(t, &r);
    size_t n_answer = command ? NETIS_END : netis_answer(&r, t->in, c->here.persona->netis, answer);
    bool allowed = n_answer && may_say(c, on_wire(c, n), n_answer);
    record_spoken(c, 0, data, n, c->now);
    record_datagram(c, &r, data, n, allowed ? n_answer : 0);
    if (command) {
        put_waiting(c, data, n, allowed);
        return;
    }
    if (r.class == NETIS_LOGIN)
        log_in(c, &r);
    if (allowed)
        conn_say(c, answer, n_answer);
}

/* ---- Turns ---- */

static bool is_quiet(const struct conn *c)
{
    return c->now - c->last >= (talk_of(c)->in ? QUIET : ALONE);
}

static bool run(struct conn *c, int64_t steps)
{
    bool begun = begin_waiting(c);
    conn_run_shell(c, steps);
    if (is_quiet(c) || (conn_is_deserted(c) && !c->shell && !talk_of(c)->waiting.len))
        conn_end(c, "timeout");
    return begun || conn_shell_runs(c) || (!talk_of(c)->runs && talk_of(c)->waiting.len);
}

static int64_t wakes(const struct conn *c)
{
    return c->last + (talk_of(c)->in ? QUIET : ALONE);
}

/* Nothing is kept to be taken. */
static size_t take(struct conn *c, const uint8_t *data, size_t n)
{
    (void)c;
    (void)data;
    return n;
}

/* ---- Beginning and end ---- */

static void open(struct conn *c)
{
    buf_init(&talk_of(c)->waiting, WAITING_MOST);
    c->limits.steps = c->limits.steps < STEPS ? c->limits.steps : STEPS;
    c->limits.memory = c->limits.memory && c->limits.memory < MEMORY ? c->limits.memory : MEMORY;
}

static void release(struct conn *c)
{
    forget_command(talk_of(c));
    buf_release(&talk_of(c)->waiting);
}

static size_t memory(const struct conn *c)
{
    const struct netis_talk *t = talk_of(c);
    return t->waiting.room + (t->command ? NETIS_TEXT : 0);
}

const struct conn_service conn_netis = { .name = "netis",
                                         .datagrams = true,
                                         .talk = sizeof(struct netis_talk),
                                         .open = open,
                                         .input = input,
                                         .take = take,
                                         .run = run,
                                         .shell_said = shell_said,
                                         .shell_ended = shell_ended,
                                         .wakes = wakes,
                                         .release = release,
                                         .memory = memory };
