/*
 * A whole connection. u8: which persona, bit 7 by HTTP at one of its ports; u8: bits 0 and 1 who is let in, bit 2 an IPv6
 * address, bit 3 the visitor hangs up when he has said all, bits 4 and 5 how much the shell may hold, bits 6 and 7 how much of the
 * output is taken at once; u8: bits 0 to 2 steps of a turn, bit 7 he is at a port that no service of its own is behind; u8: bytes that come at
 * once; u8: seed of the time that passes; then what the visitor sends, as Telnet or HTTP. Control characters cut it: between
 * them time passes, and before that the connection has come to rest.
 *
 * It is played thrice: in turns of so many steps, in long ones, and with all that stands between two cuts at once. The
 * first two must come to the same to the byte, the third to the same events, unless a program reads keys rather than lines: it
 * takes what has come, and leaves the rest to the shell if it ends. Nor at that port, where the transcript has as it came what
 * came before he was known for Telnet. By HTTP a connection may be over at any byte: how many came behind it is not compared.
 */
#include "base/text.h"
#include "event/session-json.h"
#include "trap/conn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 5, SIZE_MOST = 4096, STEPS_MOST = 20000, BESIDE = 200 << 10, LAST_STEPS = 20000 };

static const int64_t second = 1000000, began = INT64_C(1700000000) * 1000000;

/* ---- What is seen ---- */

struct seen {
    uint64_t said[2], n_said[2]; /* of the transcript by direction, whatever its pieces */
    uint64_t events, n_events;   /* of all others, but for how much was said */
    uint64_t close;              /* how much that was */
    uint64_t n_heard;            /* and of the visitor's */
    uint64_t sent, n_sent;       /* what went over the wire */
    bool whole;                  /* no limit cut it off, which may be anywhere in a turn */
    bool keys;                   /* something was begun that may have read keys */
};

static void add(uint64_t *sum, const void *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *sum = *sum * 31 + ((const uint8_t *)data)[i] + 1;
}

static void check_field(const struct session_event *e, const struct session_event *again, enum session_field f)
{
    const union session_value *v = &e->value[f], *w = &again->value[f];
    enum session_kind kind = (enum session_kind)session_field(f)->kind;
    if (kind == SESSION_NUMBER || kind == SESSION_FLAG) {
        assert(v->number == w->number);
        return;
    }
    assert(v->bytes.n == w->bytes.n && v->bytes.n <= session_field(f)->most);
    assert(!v->bytes.n || !memcmp(v->bytes.data, w->bytes.data, v->bytes.n));
}

static bool reads_keys(const struct session_event *e)
{
    static const char *const names[] = { "vi", "less", "more", "top", "read", "stty", "hexedit", "su", "login", "passwd", "reset" };
    const union session_value *v = &e->value[FIELD_COMMAND];
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        found = found || memmem(v->bytes.data, v->bytes.n, names[i], strlen(names[i]));
    return found;
}

/* What is made is what comes back, and JSON of it is text. */
static void check_event(const struct session_event *e, struct buf *binary)
{
    struct session_event again;
    struct buf line;
    session_put(binary, e);
    assert(buf_ok(binary));
    int err = session_get(rd_init(binary->data, binary->len), &again);
    assert(err == 0 && again.type == e->type && again.session == e->session && again.time == e->time && again.has == e->has);
    for (enum session_field f = 0; f < SESSION_FIELDS; f++)
        if (session_has(e, f))
            check_field(e, &again, f);
    buf_init(&line, 8 << 20);
    err = session_json_line(&line, e);
    assert(err == 0 && text_is_utf8((const char *)line.data, line.len));
    buf_release(&line);
}

static void see(void *context, const struct session_event *e)
{
    struct seen *s = context;
    struct buf binary;
    buf_init(&binary, 8 << 20);
    check_event(e, &binary);
    if (e->type == SESSION_SPOKEN) {
        uint64_t direction = session_number(e, FIELD_DIRECTION);
        const union session_value *v = &e->value[FIELD_DATA];
        assert(direction < 2 && v->bytes.n);
        add(&s->said[direction], v->bytes.data, v->bytes.n);
        s->n_said[direction] += v->bytes.n;
    } else {
        struct session_event quiet = *e;
        quiet.has &= ~(UINT64_C(1) << FIELD_BYTES_OUT | UINT64_C(1) << FIELD_BYTES_IN);
        s->close += session_number(e, FIELD_BYTES_OUT);
        s->n_heard += session_number(e, FIELD_BYTES_IN);
        binary.len = 0;
        session_put(&binary, &quiet);
        add(&s->events, binary.data, binary.len);
        s->n_events++;
    }
    s->keys = s->keys || (e->type == SESSION_COMMAND && reads_keys(e));
    const union session_value *reason = &e->value[FIELD_REASON];
    if (e->type == SESSION_CLOSE && reason->bytes.n == 5 && !memcmp(reason->bytes.data, "limit", 5))
        s->whole = false;
    buf_release(&binary);
}

static void decided(void *context, const struct addr *destination, uint64_t fact, bool accepted, int64_t until)
{
    (void)context;
    (void)accepted;
    assert(destination->family && fact && until > began);
}

/* ---- The visitor ---- */

struct visit {
    const uint8_t *head;
    struct conn *conn;
    struct conn_world world;
    struct seen seen;
    int64_t now, steps;
    size_t piece;
    uint32_t random;
    enum conn_state state;
};

static uint32_t chance(struct visit *v, uint32_t n)
{
    v->random = v->random * 1103515245 + 12345;
    return (v->random >> 16) % n;
}

static size_t take_output(struct visit *v)
{
    static const size_t most[] = { SIZE_MAX, 3000, 64, 700 };
    size_t n, some = most[v->head[1] >> 6];
    const uint8_t *data = conn_output(v->conn, &n);
    some = n < some ? n : some;
    add(&v->seen.sent, data, some);
    v->seen.n_sent += some;
    if (some)
        conn_sent(v->conn, some);
    return n - some;
}

/* Until it waits for the visitor or for time. */
static void rest(struct visit *v)
{
    size_t left = 1;
    for (uint64_t turns = 0; left || v->state == CONN_RUNNING || (v->state == CONN_WAITS && conn_wakes(v->conn) <= v->now); turns++) {
        assert(turns < 4 * STEPS_MOST);
        if (v->state != CONN_ENDED)
            v->state = conn_run(v->conn, v->steps, v->now);
        left = take_output(v);
        assert(conn_memory(v->conn) <= 5 * v->world.limits.memory + BESIDE);
    }
}

static void pass(struct visit *v, int64_t time)
{
    int64_t until = v->now + time;
    for (unsigned i = 0; v->state != CONN_ENDED && conn_wakes(v->conn) <= until && i < 200; i++) {
        v->now = conn_wakes(v->conn);
        v->state = CONN_RUNNING;
        rest(v);
    }
    v->now = until;
    v->state = v->state == CONN_ENDED ? CONN_ENDED : CONN_RUNNING;
    rest(v);
}

static void send(struct visit *v, const uint8_t *data, size_t n)
{
    for (size_t at = 0; at < n && v->state != CONN_ENDED;) {
        size_t some = n - at < v->piece ? n - at : v->piece;
        uint8_t *piece = malloc(some);
        assert(piece);
        memcpy(piece, data + at, some);
        conn_input(v->conn, piece, some, v->now);
        free(piece);
        at += some;
        v->state = CONN_RUNNING;
        rest(v);
    }
}

static size_t until_cut(const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (data[i] < ' ' || data[i] == 127)
            return i + 1;
    return n;
}

static void visit(struct visit *v, const uint8_t *data, size_t n)
{
    static const int64_t times[] = { 1000, 90000, 110000, 1000000, 3100000, 11000000, 61000000, 400000000 };
    for (size_t at = 0; at < n && v->state != CONN_ENDED;) {
        size_t some = until_cut(data + at, n - at);
        send(v, data + at, some);
        at += some;
        if (chance(v, 4) == 0 && v->state != CONN_ENDED)
            pass(v, times[chance(v, v->head[4] & 1 ? 8 : 5)]);
    }
    if (v->head[1] & 8 && v->state != CONN_ENDED) {
        conn_input_end(v->conn);
        v->state = CONN_RUNNING;
        rest(v);
        if (v->state != CONN_ENDED)
            pass(v, 10 * second);
        assert(v->state == CONN_ENDED);
    }
}

/* ---- The whole ---- */

static const struct personas *all(void)
{
    static struct personas personas;
    char why[200] = "";
    if (!personas.n) {
        int e = personas_load(&personas, PERSONAS, why);
        assert(e == 0 && personas.n);
    }
    return &personas;
}

static struct persona persona_of(const uint8_t *head)
{
    struct persona p = *all()->list[(head[0] & 127) % all()->n];
    p.policy = (enum persona_policy)(head[1] & 3);
    p.after = 2;
    if (p.policy == POLICY_LISTED && !p.n_pairs)
        p.policy = POLICY_ANY;
    return p;
}

static struct seen play(const uint8_t *head, const uint8_t *data, size_t n, int64_t steps, size_t piece)
{
    static const uint8_t key[16] = { 3 };
    static const size_t memories[] = { 64 << 10, 200 << 10, 500 << 10, 2 << 20 };
    struct persona persona = persona_of(head);
    struct visit v = { .head = head, .now = began, .steps = steps, .piece = piece, .random = head[4], .state = CONN_RUNNING };
    struct conn_options o = { .world = &v.world, .service = head[2] & 0x80 ? SERVICE_OTHER : SERVICE_TELNET, .id = 7, .source = addr_v4(0xc0000201), .destination = addr_v4(0xcb007105),
                              .source_port = 40000, .destination_port = 23, .now = began, .seed = head[4] };
    struct pairs *pairs;
    if (head[0] & 128 && persona.n_http_ports) {
        o.service = SERVICE_HTTP;
        o.destination_port = persona.http_ports[head[4] % persona.n_http_ports];
    }
    if (head[1] & 4)
        o.destination = o.source = (struct addr){ .family = 6, .bytes = { 0x20, 1, 0x0d, 0xb8, [15] = 9 } };
    int e = pairs_make(&pairs, key, 86400 * second, 16);
    assert(e == 0);
    v.seen.whole = true;
    v.world = (struct conn_world){ .pairs = pairs, .context = &v.seen, .event = see, .decided = decided,
                                   .limits = { .memory = memories[head[1] >> 4 & 3], .steps = STEPS_MOST,
                                               .output = 1 << 18, .processes = 12 } };
    persona_here_as(&persona, key, &o.destination, began, &o.here);
    e = conn_make(&v.conn, &o);
    assert(e == 0);
    rest(&v);
    visit(&v, data, n);
    conn_free(v.conn, "closed", v.now);
    pairs_free(pairs);
    return v.seen;
}

static void same_events(const struct seen *a, const struct seen *b)
{
    assert(a->n_events == b->n_events && a->events == b->events);
}

static void same_heard(const struct seen *a, const struct seen *b)
{
    assert(a->n_said[0] == b->n_said[0] && a->said[0] == b->said[0] && a->n_heard == b->n_heard);
}

static void same_to_the_byte(const struct seen *a, const struct seen *b)
{
    same_events(a, b);
    same_heard(a, b);
    assert(a->n_said[1] == b->n_said[1] && a->said[1] == b->said[1] && a->close == b->close);
    assert(a->n_sent == b->n_sent && a->sent == b->sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t turns[] = { 1, 2, 7, 50, 300, 1999, 2000, 5000 };
    if (size < HEAD || size > SIZE_MOST)
        return 0;
    size_t piece = data[3] ? data[3] : SIZE_MOST;
    struct seen few = play(data, data + HEAD, size - HEAD, turns[data[2] % 8], piece);
    struct seen many = play(data, data + HEAD, size - HEAD, LAST_STEPS, piece);
    struct seen whole = play(data, data + HEAD, size - HEAD, LAST_STEPS, SIZE_MOST);
    if (few.whole && many.whole)
        same_to_the_byte(&few, &many);
    bool alike = many.whole && whole.whole && !many.keys;
    if (alike && (data[0] & 0x80 || !(data[2] & 0x80)))
        same_events(&many, &whole);
    if (alike && !((data[0] | data[2]) & 0x80))
        same_heard(&many, &whole);
    return 0;
}
