/* Datagrams at the loop, with real sockets on the loopback. */
#include "trap/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define BYTES(s) s, sizeof(s) - 1

static struct personas personas;

struct place {
    struct loop *loop;
    struct pairs *pairs;
    struct conn_world world;
    struct prefix_list own;
    struct budget budget;
    int fd;
    uint16_t port;
    int64_t ahead; /* of the clock */
    uint64_t ids;
    unsigned refused;
    unsigned seen[SESSION_TYPES];
    char last[64]; /* persona, or class, or command, or reason: of the last event that has one */
    uint64_t answered;
};

static void event(void *context, const struct session_event *e)
{
    static const enum session_field fields[] = { FIELD_PERSONA, FIELD_CLASS, FIELD_COMMAND, FIELD_REASON };
    struct place *p = context;
    p->seen[e->type]++;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (session_has(e, fields[i]))
            snprintf(p->last, sizeof p->last, "%.*s", (int)e->value[fields[i]].bytes.n, (const char *)e->value[fields[i]].bytes.data);
    if (e->type == SESSION_DATAGRAM)
        p->answered = session_number(e, FIELD_ANSWERED);
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

static bool may_send(void *context, const struct addr *to, uint32_t in, uint32_t out)
{
    struct place *p = context;
    bool may = budget_charge(&p->budget, budget_prefix(to), in, out, 1);
    p->refused += !may;
    return may;
}

static int socket_at(int family, const char *address, uint16_t *port)
{
    struct sockaddr_storage at = { .ss_family = (sa_family_t)family };
    struct sockaddr_in *in = (void *)&at;
    struct sockaddr_in6 *in6 = (void *)&at;
    socklen_t n = family == AF_INET ? sizeof *in : sizeof *in6;
    in->sin_port = htons(*port); /* at the same place in both */
    assert_int_equal(inet_pton(family, address, family == AF_INET ? (void *)&in->sin_addr : (void *)&in6->sin6_addr), 1);
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (bind(fd, (struct sockaddr *)&at, n) < 0) {
        close(fd);
        return -errno;
    }
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    *port = ntohs(in->sin_port);
    return fd;
}

static void make_at(struct place *p, int family, const char *address, const struct loop_caps *caps, const char *pinned)
{
    static const uint8_t key[16] = { 9 };
    *p = (struct place){ .budget = { .slots = 1024 } };
    p->budget.slot = calloc(p->budget.slots, sizeof *p->budget.slot);
    assert_non_null(p->budget.slot);
    assert_int_equal(pairs_make(&p->pairs, key, 86400 * SECOND, 1000), 0);
    p->world = (struct conn_world){ .pairs = p->pairs, .context = p, .event = event, .may_send = may_send };
    struct loop_options o = { .world = &p->world, .personas = &personas, .pinned = pinned ? personas_find(&personas, pinned) : NULL,
                              .caps = *caps, .own = &p->own, .budget = &p->budget, .new_id = new_id, .now = now };
    assert_int_equal(loop_make(&p->loop, &o), 0);
    p->fd = socket_at(family, address, &p->port);
    assert_true(p->fd >= 0);
    assert_int_equal(loop_listen(p->loop, p->fd, SERVICE_NETIS), 0);
}

static void make(struct place *p)
{
    make_at(p, AF_INET, "0.0.0.0", &(struct loop_caps){ 0 }, NULL);
}

static void drop(struct place *p)
{
    loop_free(p->loop);
    pairs_free(p->pairs);
    prefix_list_release(&p->own);
    free(p->budget.slot);
    close(p->fd);
    assert_int_equal(p->seen[SESSION_OPEN], p->seen[SESSION_CLOSE]);
}

static int visitor(const char *from, uint16_t port)
{
    int fd = socket_at(AF_INET, from, &port);
    assert_true(fd >= 0);
    return fd;
}

static void say(struct place *p, int fd, const char *to, const void *data, size_t n)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(p->port) };
    assert_int_equal(inet_pton(AF_INET, to, &at.sin_addr), 1);
    assert_int_equal(sendto(fd, data, n, 0, (struct sockaddr *)&at, sizeof at), (ssize_t)n);
}

static void step(struct place *p, int times)
{
    for (int i = 0; i < times; i++)
        assert_int_equal(loop_step(p->loop, 1), 0);
}

/* Whether the next datagram that comes, of `from`, is these bytes (of which those behind `n_least` may be others); NULL: none does. */
static bool hears(struct place *p, int fd, const char *from, const void *data, size_t n)
{
    uint8_t said[2048];
    struct sockaddr_in at = { 0 };
    socklen_t room = sizeof at;
    char text[INET_ADDRSTRLEN];
    ssize_t got = -1;
    for (int i = 0; i < 30 && got < 0; i++) {
        assert_int_equal(loop_step(p->loop, 2), 0);
        got = recvfrom(fd, said, sizeof said, 0, (struct sockaddr *)&at, &room);
    }
    if (!data)
        return got < 0;
    return got == (ssize_t)n && !memcmp(said, data, n) && ntohs(at.sin_port) == p->port &&
           !strcmp(inet_ntop(AF_INET, &at.sin_addr, text, sizeof text), from);
}

static const char probe[] = "\n", login[] = "AAAAAAAAnetcore\0";

/* From the first word to a command; answers come from the address that was asked. */
static void a_visit(void **state)
{
    (void)state;
    struct place p;
    make(&p);
    int fd = visitor("127.0.2.1", 0);
    say(&p, fd, "127.0.0.5", BYTES(probe));
    assert_true(hears(&p, fd, "127.0.0.5", BYTES("\n\0\0\6\0\1\0\0\0\0\xd0\xa5Login:")));
    assert_int_equal(p.answered, 46);
    say(&p, fd, "127.0.0.5", BYTES(login));
    assert_true(hears(&p, fd, "127.0.0.5", BYTES("AA\0\5ABAA\0\0\0\0Login successed!\r\n")));
    say(&p, fd, "127.0.0.5", BYTES("AA\0\0AAAAecho $((6*7)); echo to nobody >&2; exit 3                     \0"));
    assert_true(hears(&p, fd, "127.0.0.5", BYTES("AA\0\4ABAA42\n")));
    assert_true(hears(&p, fd, "127.0.0.5", BYTES("AA\0\5ACAA\0\0\0\3")));
    assert_int_equal(p.seen[SESSION_OPEN], 1);
    assert_int_equal(p.seen[SESSION_DATAGRAM], 3);
    assert_int_equal(p.seen[SESSION_LOGIN], 1);
    assert_int_equal(p.seen[SESSION_COMMAND], 1);
    /* At another address it is another exchange, where nobody has logged in. */
    say(&p, fd, "127.0.0.6", BYTES("AA\0\0AAAAls\0"));
    step(&p, 5);
    assert_int_equal(p.seen[SESSION_OPEN], 2);
    assert_int_equal(p.seen[SESSION_COMMAND], 1);
    p.ahead = 11 * SECOND;
    step(&p, 3);
    assert_int_equal(p.seen[SESSION_CLOSE], 1);
    p.ahead = 61 * SECOND;
    step(&p, 3);
    assert_int_equal(p.seen[SESSION_CLOSE], 2);
    assert_string_equal(p.last, "timeout");
    struct loop_counts c = loop_counts(p.loop);
    assert_true(c.datagrams == 4 && c.probes == 1 && c.logins == 1 && c.commands == 2 && c.others == 0 && !c.untold && !c.open);
    close(fd);
    drop(&p);
}

/* Where the persona that is there has no such door, one that has answers. */
static void personas_with_the_door(void **state)
{
    (void)state;
    struct place p;
    make_at(&p, AF_INET, "127.0.0.1", &(struct loop_caps){ 0 }, "hi3518-camera");
    int fd = visitor("127.0.2.1", 0);
    say(&p, fd, "127.0.0.1", BYTES(login));
    step(&p, 3);
    assert_int_equal(p.seen[SESSION_LOGIN], 1);
    say(&p, fd, "127.0.0.1", BYTES("AA\0\0AAAAcat /etc/version   \0"));
    step(&p, 5);
    close(fd);
    drop(&p);
}

/* Never more than came and 64 bytes, whatever ports of a network ask; what is not answered is seen all the same. */
static void budget(void **state)
{
    (void)state;
    struct place p;
    uint8_t said[2048];
    size_t in = 0, out = 0;
    char from[16];
    int fd[40];
    make(&p);
    for (int i = 0; i < 40; i++) {
        snprintf(from, sizeof from, "127.0.3.%d", i + 1);
        fd[i] = visitor(from, 0);
        say(&p, fd[i], "127.0.0.1", BYTES(probe));
        in += 29;
    }
    step(&p, 30);
    say(&p, fd[0], "127.0.0.1", BYTES(login));
    say(&p, fd[0], "127.0.0.1", BYTES("AA\0\0AAAAcat /proc/cpuinfo /proc/cpuinfo /proc/meminfo\0"));
    in += 28 + sizeof login - 1 + 28 + sizeof "AA\0\0AAAAcat /proc/cpuinfo /proc/cpuinfo /proc/meminfo";
    step(&p, 30);
    for (int i = 0; i < 40; i++) {
        for (ssize_t got; (got = recv(fd[i], said, sizeof said, 0)) >= 0;) {
            assert_true(got <= 64);
            out += 28 + (size_t)got;
        }
        close(fd[i]);
    }
    assert_true(out <= in + 64 && out > in / 2);
    assert_int_equal(p.seen[SESSION_OPEN], 40);
    assert_int_equal(p.seen[SESSION_DATAGRAM], 42);
    assert_int_equal(p.seen[SESSION_COMMAND], 1);
    assert_true(p.refused > 0);
    drop(&p);
}

/* What a handshake has proven is sent more; but no datagram has more than 64 bytes, and no command more than eight blocks. */
static void proven(void **state)
{
    (void)state;
    struct place p;
    uint8_t said[2048];
    size_t blocks = 0, n = 0, long_ones = 0;
    make(&p);
    int fd = visitor("127.0.2.1", 0);
    struct addr source = addr_v4(0x7f000201);
    budget_prove(&p.budget, budget_prefix(&source), 1);
    say(&p, fd, "127.0.0.1", BYTES(login));
    say(&p, fd, "127.0.0.1", BYTES("AA\0\0AAAAcat /proc/cpuinfo /proc/meminfo /proc/mounts\0"));
    step(&p, 30);
    for (ssize_t got; (got = recv(fd, said, sizeof said, 0)) >= 0; n++) {
        blocks += said[3] == 4;
        long_ones += got > 64;
    }
    assert_true(blocks == 8 && n == 10 && !long_ones);
    close(fd);
    drop(&p);
}

/* Whom nobody answers: himself, services, those of the sensor's own. */
static void never(void **state)
{
    static const struct {
        const char *from, *to;
        uint16_t port;
    } rows[] = {
        { "127.0.2.1", "127.0.0.1", 53413 }, { "127.0.2.1", "127.0.0.1", 1023 }, { "127.0.2.1", "127.0.0.1", 53 },
        { "127.0.9.7", "127.0.0.1", 0 },     { "127.0.0.1", "127.0.0.1", 0 },
    };
    (void)state;
    struct place p;
    struct prefix own;
    make(&p);
    assert_int_equal(prefix_parse("127.0.9.0/24", &own), 0);
    assert_int_equal(prefix_list_add(&p.own, &own), 0);
    unsigned told = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint16_t port = rows[i].port;
        int fd = socket_at(AF_INET, rows[i].from, &port);
        if (fd == -EACCES || fd == -EADDRINUSE) /* not ours to have */
            continue;
        assert_true(fd >= 0);
        say(&p, fd, rows[i].to, BYTES(probe));
        assert_true(hears(&p, fd, "", NULL, 0));
        assert_int_equal(p.answered, 0);
        told++;
        close(fd);
    }
    assert_true(told >= 3);
    assert_int_equal(p.seen[SESSION_DATAGRAM], told);
    assert_int_equal(loop_counts(p.loop).answered, 0);
    assert_int_equal(p.refused, 0); /* nor is anything asked for */
    drop(&p);
}

/* A flood is counted to the last, and only so much of it is kept and told. */
static void flood(void **state)
{
    enum { NETWORKS = 250, EACH = 60, SENT = NETWORKS * EACH };
    (void)state;
    struct place p;
    char from[16];
    make_at(&p, AF_INET, "127.0.0.1", &(struct loop_caps){ .source = 10 }, NULL);
    loop_pause(p.loop, true);
    for (int i = 0; i < NETWORKS; i++) {
        snprintf(from, sizeof from, "127.1.%d.1", i);
        for (int k = 0; k < EACH; k++) {
            int fd = visitor(from, 0);
            say(&p, fd, "127.0.0.1", k % 2 ? login : probe, k % 2 ? sizeof login - 1 : 1);
            close(fd);
        }
        if (i == 50)
            loop_pause(p.loop, false);
        step(&p, 1);
    }
    step(&p, 30);
    struct loop_counts c = loop_counts(p.loop);
    assert_int_equal(c.lost, 0);
    assert_int_equal(c.datagrams, SENT);
    assert_true(c.probes == SENT / 2 && c.logins == SENT / 2);
    assert_int_equal(c.untold + p.seen[SESSION_DATAGRAM], SENT);
    assert_in_range(p.seen[SESSION_OPEN], 1000, 2000);
    assert_true(c.open <= 2048);
    assert_true(c.untold >= 50 * EACH);
    drop(&p);
}

/* One who goes on and on in one exchange. */
static void on_and_on(void **state)
{
    (void)state;
    struct place p;
    make(&p);
    int fd = visitor("127.0.2.1", 0);
    for (int i = 0; i < 1000; i++) {
        say(&p, fd, "127.0.0.1", BYTES(probe));
        step(&p, 1);
    }
    assert_int_equal(p.seen[SESSION_DATAGRAM], 256);
    assert_int_equal(p.seen[SESSION_OPEN], 1);
    assert_int_equal(loop_counts(p.loop).datagrams, 1000);
    close(fd);
    drop(&p);
}

/* What the kernel has no room for is known. */
static void lost(void **state)
{
    (void)state;
    struct place p;
    int small = 4096;
    make(&p);
    assert_int_equal(setsockopt(p.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    int fd = visitor("127.0.2.1", 0);
    for (int i = 0; i < 500; i++)
        say(&p, fd, "127.0.0.1", BYTES(probe));
    step(&p, 5);
    say(&p, fd, "127.0.0.1", BYTES(probe)); /* by which it tells */
    step(&p, 5);
    struct loop_counts c = loop_counts(p.loop);
    assert_true(c.lost > 0);
    assert_int_equal(c.datagrams + c.lost, 501);
    close(fd);
    drop(&p);
}

/* Datagrams of all lengths, and none at all. */
static void lengths(void **state)
{
    static uint8_t data[4000];
    (void)state;
    struct place p;
    make(&p);
    int fd = visitor("127.0.2.1", 0);
    say(&p, fd, "127.0.0.1", "", 0);
    memset(data + 8, 'x', sizeof data - 8);
    for (size_t n = 1; n < sizeof data; n = n * 3 + 1)
        say(&p, fd, "127.0.0.1", data, n);
    say(&p, fd, "127.0.0.1", data, sizeof data);
    step(&p, 10);
    struct loop_counts c = loop_counts(p.loop);
    assert_true(c.datagrams == 10 && c.answered < 10 && p.seen[SESSION_DATAGRAM] == 10);
    close(fd);
    drop(&p);
}

static void six(void **state)
{
    (void)state;
    struct place p;
    uint16_t port = 0;
    int fd = socket_at(AF_INET6, "::1", &port);
    if (fd < 0)
        skip();
    make_at(&p, AF_INET6, "::", &(struct loop_caps){ 0 }, NULL);
    struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(p.port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    assert_int_equal(sendto(fd, login, sizeof login - 1, 0, (struct sockaddr *)&at, sizeof at), (ssize_t)sizeof login - 1);
    step(&p, 5);
    assert_int_equal(p.seen[SESSION_LOGIN], 1);
    close(fd);
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
        cmocka_unit_test(a_visit), cmocka_unit_test(personas_with_the_door), cmocka_unit_test(budget),
        cmocka_unit_test(proven),  cmocka_unit_test(never),                  cmocka_unit_test(flood),
        cmocka_unit_test(on_and_on), cmocka_unit_test(lost),                 cmocka_unit_test(lengths),
        cmocka_unit_test(six),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
