/* A port that no service of its own is behind. */
#include "trap/test-play.h"

enum { TAKEN = 64 << 10 };

static void visit(struct play *p, const char *name)
{
    static const uint8_t key[16] = { 7 };
    const struct persona *persona = play_persona("hi3518-camera");
    play_init(p, name);
    struct conn_options o = { .world = &p->world,
                              .service = SERVICE_OTHER,
                              .id = 7,
                              .source = addr_v4(0xc0000201),
                              .destination = addr_v4(0xcb007105),
                              .source_port = 40000,
                              .destination_port = 5555,
                              .now = p->now,
                              .seed = 1 };
    persona_here_as(persona, key, &o.destination, p->now, &o.here);
    assert_int_equal(conn_make(&p->conn, &o), 0);
    run(p);
}

static void expect(struct play *p, const char *words)
{
    if (!seen_next(p, words))
        fail_at(p, "not seen", words);
}

static size_t times_seen(const struct play *p, const char *type)
{
    size_t n = 0;
    const char *at = (const char *)p->events.data, *end = at + p->events.len;
    for (; at < end; at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1)
        n += strncmp(at, type, strlen(type)) == 0;
    return n;
}

static void hang_up(struct play *p)
{
    conn_input_end(p->conn);
    run(p);
    assert_int_equal(p->state, CONN_ENDED);
    play_leave(p);
}

/* ---- What is said first is told, whole or in pieces, and nothing is answered ---- */

#define BYTES(s) s, sizeof(s) - 1

static const struct {
    const char *bytes;
    size_t n;
    const char *seen;
} said[] = {
    { BYTES("SSH-2.0-Go\r\n"), "protocol protocol=ssh size=12 agent=SSH-2.0-Go" },
    { BYTES("*1\r\n$4\r\nPING\r\n"), "protocol protocol=redis" },
    { BYTES("OPTIONS sip:nm SIP/2.0\r\nUser-Agent: x\r\n\r\n"), "protocol protocol=sip agent=x" },
    { BYTES("CONNECT example.com:443 HTTP/1.1\r\n\r\n"), "protocol protocol=proxy host=example.com:443" },
    { BYTES("root\r\n12345\r\n"), "protocol protocol=text" },
    { BYTES("root"), "protocol protocol=text size=4" }, /* no more comes */
    { BYTES("\001\002\003"), "protocol protocol=unknown size=3" },
};

static void test_named(void **state)
{
    static const size_t pieces[] = { 0, 1, 7 };
    (void)state;
    for (size_t i = 0; i < 3 * sizeof said / sizeof said[0]; i++) {
        struct play p;
        visit(&p, said[i / 3].seen);
        p.piece = pieces[i % 3];
        type(&p, said[i / 3].bytes, said[i / 3].n);
        hang_up(&p);
        p.events_at = 0;
        expect(&p, "open service=other persona=hi3518-camera destination_port=5555");
        expect(&p, said[i / 3].seen);
        expect(&p, "close reason=closed bytes_out=0");
        assert_int_equal(times_seen(&p, "protocol "), 1);
        assert_int_equal(p.said.len, 0);
        play_release(&p);
    }
}

/* ---- Who says nothing, or no more ---- */

static void test_silent(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "silent");
    wait_until(&p, p.now + 29 * SECOND);
    assert_int_equal(p.state, CONN_WAITS);
    wait_until(&p, p.now + 2 * SECOND);
    assert_int_equal(p.state, CONN_ENDED);
    play_leave(&p);
    expect(&p, "close reason=timeout bytes_in=0");
    assert_int_equal(times_seen(&p, "protocol "), 0);
    play_release(&p);
}

/* What may be one or another still is told when nothing comes for long, and where he is lost or makes room for others. */
static void test_unfinished(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "unfinished");
    type(&p, "GET / HT", 8);
    assert_int_equal(times_seen(&p, "protocol "), 0);
    wait_until(&p, p.now + 31 * SECOND);
    assert_int_equal(p.state, CONN_ENDED);
    play_leave(&p);
    expect(&p, "spoken direction=0");
    expect(&p, "protocol protocol=http size=8");
    expect(&p, "close reason=timeout");
    play_release(&p);
    visit(&p, "lost");
    type(&p, "EHLO", 4);
    conn_free(p.conn, "lost", p.now);
    p.conn = NULL;
    expect(&p, "protocol protocol=smtp size=4");
    expect(&p, "close reason=lost");
    play_release(&p);
}

/* ---- Who says much is read so far, and no further ---- */

static void test_much(void **state)
{
    (void)state;
    static char much[4096];
    struct play p;
    size_t taken = 0;
    memset(much, 'x', sizeof much);
    visit(&p, "much");
    for (int i = 0; i < 100 && conn_reads(p.conn); i++) {
        conn_input(p.conn, much, sizeof much, p.now);
        run(&p);
        taken += sizeof much;
        assert_true(conn_memory(p.conn) < 16 << 10);
    }
    assert_int_equal(taken, TAKEN);
    wait_until(&p, p.now + 31 * SECOND);
    assert_int_equal(p.state, CONN_ENDED);
    play_leave(&p);
    expect(&p, "protocol protocol=text");
    expect(&p, "close reason=timeout bytes_in=65536");
    play_release(&p);
}

/* ---- Who speaks Telnet is answered by it, with all that he said ---- */

static void test_telnet(void **state)
{
    (void)state;
    static const char hello[] = "\xff\xfd\x01\xff\xfb\x1f";
    struct play p;
    visit(&p, "telnet");
    type(&p, hello, 3);
    expect(&p, "protocol protocol=telnet size=3");
    assert_true(said_next(&p, "\xff", 1) && said_next(&p, "login: ", 7));
    type(&p, hello + 3, 3);
    type(&p, "root\r\n", 6);
    assert_true(said_next(&p, "Password: ", 10));
    type(&p, "nobody's\r\n", 10);
    wait_until(&p, p.now + 10 * SECOND);
    expect(&p, "client");
    expect(&p, "login user=root password=nobody's");
    hang_up(&p);
    expect(&p, "close reason=closed");
    assert_int_equal(times_seen(&p, "protocol "), 1);
    play_release(&p);
}

/* ---- and who speaks HTTP by that ---- */

static void test_http(void **state)
{
    static const char request[] = "GET /cgi-bin/x?a=1 HTTP/1.1\r\nHost: 203.0.113.5:5555\r\nUser-Agent: t\r\n\r\n";
    static const size_t pieces[] = { 0, 1, 9 };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct play p;
        visit(&p, "http");
        p.piece = pieces[i];
        type(&p, request, sizeof request - 1);
        expect(&p, "protocol protocol=http host=203.0.113.5:5555 agent=t");
        expect(&p, "request method=GET target=/cgi-bin/x?a=1");
        assert_true(said_next(&p, "HTTP/1.", 7));
        hang_up(&p);
        assert_int_equal(times_seen(&p, "protocol "), 1);
        assert_int_equal(times_seen(&p, "request "), 1);
        play_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_named), cmocka_unit_test(test_silent),
                                        cmocka_unit_test(test_unfinished), cmocka_unit_test(test_much),
                                        cmocka_unit_test(test_telnet),   cmocka_unit_test(test_http) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
