/*
 * An exchange on 53413/UDP. u8: bit 0 IPv6, bit 1 a source that is never answered, bits 2 and 3 steps of a turn, bit 4 a source that
 * has proven itself; then datagrams: le16 length (its high four bits: time that passes before it), bytes.
 *
 * No answer is longer than NETIS_ANSWER; what is sent was asked for, and no more than came and the credit; what a datagram is does
 * not depend on what stands behind its first NUL.
 */
#include "base/rd.h"
#include "trap/conn.h"
#include "trap/netis.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MOST = 8192, CREDIT = 64, UDP_HEAD = 8, TURNS_MOST = 100000 };

struct scene {
    struct conn *conn;
    struct conn_world world;
    bool six, mute, proven;
    int64_t now, steps;
    uint64_t left, granted, sent; /* bytes of IP */
    unsigned opened, closed, datagrams;
};

static void event(void *context, const struct session_event *e)
{
    struct scene *s = context;
    struct session_event again;
    struct buf b;
    buf_init(&b, 1 << 20);
    session_put(&b, e);
    int bad = session_get(rd_init(b.data, b.len), &again);
    assert(!bad && again.type == e->type && again.has == e->has);
    buf_release(&b);
    s->opened += e->type == SESSION_OPEN;
    s->closed += e->type == SESSION_CLOSE;
    s->datagrams += e->type == SESSION_DATAGRAM;
    assert(e->type != SESSION_DATAGRAM || !s->mute || session_number(e, FIELD_ANSWERED) == 0);
}

static bool may_send(void *context, const struct addr *to, uint32_t in, uint32_t out)
{
    struct scene *s = context;
    assert(to->family == (s->six ? 6 : 4) && !s->mute);
    s->left += in;
    if (!s->proven && s->left < out)
        return false;
    s->left -= s->proven ? 0 : out;
    s->granted += out;
    return true;
}

static void take_output(struct scene *s)
{
    size_t n, head = (s->six ? 40 : 20) + UDP_HEAD;
    for (const uint8_t *data; (data = conn_output(s->conn, &n)); conn_sent(s->conn, n)) {
        assert(n >= NETIS_HEAD && n <= NETIS_ANSWER && data[2] == 0 && data[3] >= 4 && data[3] <= 6);
        s->sent += head + n;
    }
    assert(s->sent <= s->granted);
}

static void run(struct scene *s)
{
    enum conn_state state = CONN_RUNNING;
    for (int i = 0; i < TURNS_MOST && (state == CONN_RUNNING || (state == CONN_WAITS && conn_wakes(s->conn) <= s->now)); i++) {
        state = conn_run(s->conn, s->steps, s->now);
        take_output(s);
    }
}

static void check_reading(const uint8_t *data, size_t n)
{
    struct netis_request r, cut;
    netis_read(data, n, &r);
    assert(r.class < NETIS_CLASSES && *netis_class_name(r.class) && r.n <= n);
    const uint8_t *nul = n > NETIS_HEAD ? memchr(data + NETIS_HEAD, 0, n - NETIS_HEAD) : NULL;
    if (!nul)
        return;
    netis_read(data, (size_t)(nul - data), &cut);
    assert(cut.n == r.n && (cut.class == r.class || r.class == NETIS_PROBE || cut.class == NETIS_PROBE));
}

static void say(struct scene *s, const uint8_t *data, size_t n)
{
    uint8_t *whole = malloc(n ? n : 1);
    assert(whole);
    if (n)
        memcpy(whole, data, n);
    check_reading(whole, n);
    conn_input(s->conn, whole, n, s->now);
    free(whole);
    run(s);
}

static const struct persona *device(void)
{
    static struct personas personas;
    char why[200] = "";
    if (!personas.n) {
        int e = personas_load(&personas, PERSONAS, why);
        assert(e == 0);
    }
    return personas_find(&personas, "netis-router");
}

static void visit(struct scene *s, struct rd r)
{
    static const uint8_t key[16] = { 3 };
    static const int64_t passes[16] = { 0, 0, 0, 0, 0, 0, 1000, 1000000, 2000000, 3000000, 9000000, 11000000, 59000000, 61000000, 0, 0 };
    struct conn_options o = { .world = &s->world, .service = SERVICE_NETIS, .id = 7, .source = addr_v4(0xc0000201),
                              .destination = addr_v4(0xcb007105), .source_port = 40000, .destination_port = 53413,
                              .mute = s->mute, .now = s->now, .seed = 5 };
    if (s->six)
        o.destination = o.source = (struct addr){ .family = 6, .bytes = { 0x20, 1, 0x0d, 0xb8, [15] = 9 } };
    persona_here_as(device(), key, &o.destination, s->now, &o.here);
    int e = conn_make(&s->conn, &o);
    assert(e == 0);
    while (rd_left(&r)) {
        uint16_t word = rd_le16(&r);
        size_t n = word & 0xfff;
        s->now += passes[word >> 12];
        run(s);
        n = n < rd_left(&r) ? n : rd_left(&r);
        say(s, rd_take(&r, n), n);
    }
    conn_free(s->conn, "closed", s->now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t turns[] = { 1, 50, 200, 2000 };
    if (!size || size > SIZE_MOST)
        return 0;
    struct scene s = { .six = data[0] & 1, .mute = data[0] & 2, .proven = data[0] & 16, .steps = turns[data[0] >> 2 & 3],
                       .now = INT64_C(1700000000) * 1000000, .left = CREDIT };
    s.world = (struct conn_world){ .context = &s, .event = event, .may_send = may_send };
    visit(&s, rd_init(data + 1, size - 1));
    assert(s.opened == 1 && s.closed == 1 && (!s.mute || !s.sent));
    return 0;
}
