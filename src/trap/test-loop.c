/* The loop with real sockets on the loopback: clients of the test's own process, a step at a time. */
#include "trap/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

enum { CLIENTS = 64, SAID = 1 << 16 };

static struct personas personas;

struct place {
    struct loop *loop;
    struct pairs *pairs;
    struct conn_world world;
    int listener;
    struct sockaddr_in address;
    int64_t ahead; /* of the clock */
    uint64_t ids;
    unsigned opened, closed;
    char reason[32];
};

static void event(void *context, const struct session_event *e)
{
    struct place *p = context;
    p->opened += e->type == SESSION_OPEN;
    p->closed += e->type == SESSION_CLOSE;
    if (e->type == SESSION_CLOSE)
        snprintf(p->reason, sizeof p->reason, "%.*s", (int)e->value[FIELD_REASON].bytes.n, (const char *)e->value[FIELD_REASON].bytes.data);
}

static uint64_t new_id(void *context)
{
    return ++((struct place *)context)->ids;
}

static int64_t now(void *context)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000 + ((struct place *)context)->ahead;
}

static void make(struct place *p, const struct loop_caps *caps)
{
    static const uint8_t key[16] = { 9 };
    socklen_t n = sizeof p->address;
    *p = (struct place){ .address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
    assert_int_equal(pairs_make(&p->pairs, key, 86400 * SECOND, 1000), 0);
    p->world = (struct conn_world){ .pairs = p->pairs, .context = p, .event = event };
    struct loop_options o = { .world = &p->world, .personas = &personas, .pinned = personas_find(&personas, "hi3518-camera"),
                              .caps = *caps, .new_id = new_id, .now = now };
    assert_int_equal(loop_make(&p->loop, &o), 0);
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(p->listener >= 0);
    assert_int_equal(bind(p->listener, (struct sockaddr *)&p->address, n), 0);
    assert_int_equal(listen(p->listener, CLIENTS), 0);
    assert_int_equal(getsockname(p->listener, (struct sockaddr *)&p->address, &n), 0);
    assert_int_equal(loop_listen(p->loop, p->listener, SERVICE_TELNET), 0);
}

static void drop(struct place *p)
{
    loop_free(p->loop);
    pairs_free(p->pairs);
    close(p->listener);
    assert_int_equal(p->opened, p->closed);
}

static int visit(const struct place *p)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&p->address, sizeof p->address), 0);
    return fd;
}

/* Steps until the client has read the text, or its end where text is NULL. */
static bool reads(struct place *p, int fd, const char *text)
{
    static char said[SAID];
    size_t n = 0;
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(loop_step(p->loop, 5), 0);
        ssize_t got = recv(fd, said + n, sizeof said - 1 - n, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno == ECONNRESET))
            return !text;
        n += got > 0 ? (size_t)got : 0;
        if (text && n && memmem(said, n, text, strlen(text)))
            return true;
        if (n > sizeof said / 2)
            n = 0;
    }
    return false;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void log_in(struct place *p, int fd)
{
    assert_true(reads(p, fd, "login: "));
    say(fd, "root\r\n");
    assert_true(reads(p, fd, "Password: "));
    say(fd, "x\r\n");
    assert_true(reads(p, fd, "# "));
}

static void a_visit(void **state)
{
    (void)state;
    struct place p;
    make(&p, &(struct loop_caps){ 0 });
    int fd = visit(&p);
    log_in(&p, fd);
    say(fd, "echo $((7*9)); cat /proc/cpuinfo | head -n 2\r\n");
    assert_true(reads(&p, fd, "63\r\n"));
    say(fd, "exit\r\n");
    assert_true(reads(&p, fd, NULL));
    assert_string_equal(p.reason, "left");
    close(fd);
    fd = visit(&p);
    assert_true(reads(&p, fd, "login: "));
    p.ahead = 61 * SECOND;
    assert_true(reads(&p, fd, "timed out"));
    assert_true(reads(&p, fd, NULL));
    close(fd);
    drop(&p);
}

static void step(struct place *p, int times)
{
    for (int i = 0; i < times; i++)
        assert_int_equal(loop_step(p->loop, 1), 0);
}

/* Who goes away, at any time; and who only says no more. */
static void leaving(void **state)
{
    (void)state;
    struct place p;
    make(&p, &(struct loop_caps){ 0 });
    int fd = visit(&p);
    log_in(&p, fd);
    say(fd, "sleep 1000\r\n");
    step(&p, 20);
    close(fd);
    step(&p, 50);
    fd = visit(&p);
    log_in(&p, fd);
    say(fd, "echo last; exit\r\n");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_true(reads(&p, fd, "last\r\n"));
    assert_true(reads(&p, fd, NULL));
    close(fd);
    fd = visit(&p);
    log_in(&p, fd);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger)), 0);
    close(fd); /* with a reset */
    step(&p, 50);
    assert_int_equal(loop_counts(p.loop).open, 0);
    assert_int_equal(p.closed, 3);
    assert_string_equal(p.reason, "lost");
    drop(&p);
}

/* One that never reads costs its buffer and no time; others are served. */
static void slow_reader(void **state)
{
    (void)state;
    struct place p;
    make(&p, &(struct loop_caps){ 0 });
    int slow = visit(&p), small = 4096;
    (void)setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    log_in(&p, slow);
    say(slow, "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done\r\n");
    step(&p, 3000);
    int fd = visit(&p);
    log_in(&p, fd);
    say(fd, "echo here\r\n");
    assert_true(reads(&p, fd, "here\r\n"));
    close(fd);
    close(slow);
    drop(&p);
}

/* Steps of the loop in half a second: one that waits makes few. */
static int steps_of_half_a_second(struct place *p)
{
    int64_t end = now(p) + SECOND / 2;
    int n = 0;
    for (; now(p) < end; n++)
        assert_int_equal(loop_step(p->loop, 50), 0);
    return n;
}

/* One who reads nothing of what he asked for, while the shell sleeps now and then, and types on: nobody else's time stands
 * still, and the loop does not spin. */
static void deaf_and_typing(void **state)
{
    (void)state;
    static char line[2000];
    struct place p;
    int small = 4096;
    make(&p, &(struct loop_caps){ 0 });
    assert_int_equal(setsockopt(p.listener, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    assert_int_equal(setsockopt(p.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    int deaf = visit(&p), other = visit(&p);
    log_in(&p, deaf);
    log_in(&p, other);
    say(deaf, "while :; do for i in 1 2 3 4 5 6 7 8 9; do cat /proc/net/tcp /proc/cpuinfo /proc/mounts; done; sleep 1; done\r\n");
    for (int i = 0; i < 300; i++)
        assert_int_equal(loop_step(p.loop, 5), 0);
    memset(line, 'x', sizeof line);
    for (int i = 0; i < 400; i++) {
        (void)send(deaf, line, sizeof line, MSG_NOSIGNAL | MSG_DONTWAIT);
        assert_int_equal(loop_step(p.loop, 1), 0);
    }
    assert_true(steps_of_half_a_second(&p) < 100);
    say(other, "sleep 1; echo 6$((9*5))\r\n");
    int64_t began = now(&p);
    assert_true(reads(&p, other, "645"));
    assert_true(now(&p) - began < 5 * SECOND);
    close(deaf);
    close(other);
    drop(&p);
}

static void caps(void **state)
{
    (void)state;
    struct place p;
    int fd[6];
    make(&p, &(struct loop_caps){ .total = 4, .source = 100, .network = 100 });
    for (int i = 0; i < 6; i++) {
        fd[i] = visit(&p);
        assert_true(reads(&p, fd[i], "login: "));
    }
    struct loop_counts c = loop_counts(p.loop);
    assert_true(c.open == 4 && c.shed == 2 && c.accepted == 6);
    assert_true(reads(&p, fd[0], NULL)); /* who had said nothing for longest */
    for (int i = 0; i < 6; i++)
        close(fd[i]);
    drop(&p);
    make(&p, &(struct loop_caps){ .total = 2, .source = 2 }); /* full, and who is one too many makes nobody go */
    for (int i = 0; i < 3; i++)
        fd[i] = visit(&p);
    assert_true(reads(&p, fd[2], NULL));
    c = loop_counts(p.loop);
    assert_true(c.refused == 1 && c.shed == 0 && c.open == 2);
    for (int i = 0; i < 3; i++)
        close(fd[i]);
    drop(&p);
}

/* No descriptors: the oldest makes room; with nobody to go, it waits without spinning. */
static void no_descriptors(void **state)
{
    (void)state;
    struct place p;
    struct rlimit was, few;
    make(&p, &(struct loop_caps){ 0 });
    int first = visit(&p);
    assert_true(reads(&p, first, "login: "));
    int second = visit(&p), lowest = dup(0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    few = was;
    few.rlim_cur = (rlim_t)lowest;
    close(lowest);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_true(reads(&p, second, "login: "));
    assert_int_equal(loop_counts(p.loop).shed, 1);
    few.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    close(second);
    step(&p, 20);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    int third = visit(&p);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    step(&p, 20);
    assert_true(loop_counts(p.loop).failed < 5);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    p.ahead = 2 * SECOND;
    assert_true(reads(&p, third, "login: "));
    close(first);
    close(third);
    drop(&p);
}

static int set_up(void **state)
{
    char folder[1024], why[200] = "";
    const char *source = getenv("TEITEN_SOURCE");
    (void)state;
    snprintf(folder, sizeof folder, "%s/personas", source ? source : ".");
    int e = personas_load(&personas, folder, why);
    if (e)
        print_error("%s: %s\n", folder, why);
    return e;
}

static int tear_down(void **state)
{
    (void)state;
    personas_release(&personas);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit), cmocka_unit_test(leaving), cmocka_unit_test(deaf_and_typing), cmocka_unit_test(slow_reader),
        cmocka_unit_test(caps),    cmocka_unit_test(no_descriptors),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
