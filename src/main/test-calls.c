#include "main/calls.h"

#include "base/own.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int serve(struct calls *c, const struct request *v, struct call_result *ret)
{
    struct buf b;
    buf_init(&b, REQUEST_BYTES);
    request_put(&b, v);
    int err = buf_ok(&b) ? calls_serve(c, rd_init(b.data, b.len), ret) : -ENOMEM;
    buf_release(&b);
    return err;
}

/* ---- limits ---- */

/* Somebody whose limits may be raised. */
static pid_t start_sleeper(rlim_t soft, rlim_t hard)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    assert_true(pid > 0);
    assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &(struct rlimit){ soft, hard }, NULL), 0);
    return pid;
}

static void end_sleeper(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void check_limits(pid_t pid, rlim_t soft, rlim_t hard)
{
    struct rlimit r;
    assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &r), 0);
    assert_int_equal(r.rlim_cur, soft);
    assert_int_equal(r.rlim_max, hard);
}

static void limits_are_raised_once(void **state)
{
    (void)state;
    pid_t pid = start_sleeper(64, 128);
    struct calls c = { .supervisor = pid };
    struct call_result result;
    struct request v = { .type = REQUEST_LIMITS, .files = 100 };
    assert_int_equal(serve(&c, &v, &result), 0);
    assert_int_equal(result.answer.status, 0);
    assert_int_equal(result.n, 0);
    check_limits(pid, 100, 128);
    v.files = 120;
    assert_int_equal(serve(&c, &v, &result), -EPROTO);
    check_limits(pid, 100, 128);
    end_sleeper(pid);
}

static void limits_are_never_lowered(void **state)
{
    (void)state;
    pid_t pid = start_sleeper(64, 128);
    struct call_result result;
    for (uint32_t files = 0; files <= 64; files += 16) {
        struct calls c = { .supervisor = pid };
        struct request v = { .type = REQUEST_LIMITS, .files = files };
        assert_int_equal(serve(&c, &v, &result), 0);
        assert_int_equal(result.answer.status, 0);
        check_limits(pid, 64, 128);
    }
    end_sleeper(pid);
}

/* Beyond the hard limit only who has rights may go, and nobody beyond reason. */
static void limits_have_a_limit(void **state)
{
    (void)state;
    pid_t pid = start_sleeper(64, 128);
    struct calls c = { .supervisor = pid };
    struct call_result result;
    struct request v = { .type = REQUEST_LIMITS, .files = UINT32_MAX };
    assert_int_equal(serve(&c, &v, &result), 0);
    if (result.answer.status == 0) {
        check_limits(pid, 1 << 20, 1 << 20);
    } else {
        assert_int_equal(result.answer.status, -EPERM);
        check_limits(pid, 64, 128);
    }
    end_sleeper(pid);
    c = (struct calls){ .supervisor = pid };
    assert_int_equal(serve(&c, &v, &result), 0);
    assert_int_equal(result.answer.status, -ESRCH);
}

/* ---- sockets ---- */

static struct request listen_at(bool tcp, const char *address, uint16_t port)
{
    struct request v = { .type = REQUEST_LISTEN, .listen = { .tcp = tcp, .n = 1, .port = port } };
    assert_int_equal(addr_parse(address, &v.listen.addr), 0);
    return v;
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t n = sizeof value;
    assert_int_equal(getsockopt(fd, level, name, &value, &n), 0);
    return value;
}

/* The port that it got. */
static uint16_t check_socket(int fd, bool tcp, int family)
{
    struct sockaddr_storage at;
    socklen_t n = sizeof at;
    assert_int_equal(option(fd, SOL_SOCKET, SO_DOMAIN), family);
    assert_int_equal(option(fd, SOL_SOCKET, SO_TYPE), tcp ? SOCK_STREAM : SOCK_DGRAM);
    assert_int_equal(option(fd, SOL_SOCKET, SO_ACCEPTCONN), tcp);
    if (family == AF_INET6)
        assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    /* What is accepted from it inherits how little the kernel may hold of a visitor; it doubles what it is told. */
    if (tcp)
        assert_true(option(fd, SOL_SOCKET, SO_SNDBUF) == 32 << 10 && option(fd, SOL_SOCKET, SO_RCVBUF) == 32 << 10);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    assert_int_equal(at.ss_family, family);
    uint16_t port = ntohs(family == AF_INET ? ((struct sockaddr_in *)(void *)&at)->sin_port
                                            : ((struct sockaddr_in6 *)(void *)&at)->sin6_port);
    assert_int_not_equal(port, 0);
    return port;
}

static bool has_ipv6(void)
{
    auto_fd int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    return fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
}

static void sockets_are_bound(void **state)
{
    static const struct {
        bool tcp;
        const char *address;
        int family;
    } table[] = { { true, "127.0.0.1", AF_INET },
                  { false, "127.0.0.1", AF_INET },
                  { true, "::1", AF_INET6 },
                  { false, "::1", AF_INET6 } };
    (void)state;
    struct calls c = { .supervisor = getpid() };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].family == AF_INET6 && !has_ipv6()) {
            puts("skipped IPv6: there is none here");
            continue;
        }
        struct call_result first, second;
        struct request v = listen_at(table[i].tcp, table[i].address, 0);
        assert_int_equal(serve(&c, &v, &first), 0);
        assert_int_equal(first.answer.status, 0);
        assert_int_equal(first.n, 1);
        v.listen.port = check_socket(first.fd[0], table[i].tcp, table[i].family);

        assert_int_equal(serve(&c, &v, &second), 0); /* it is in use now */
        assert_int_equal(second.answer.status, -EADDRINUSE);
        assert_int_equal(second.n, 0);
        call_result_release(&first);
        assert_int_equal(first.n, 0);
        assert_int_equal(serve(&c, &v, &second), 0); /* and free again */
        assert_int_equal(second.answer.status, 0);
        assert_int_equal(check_socket(second.fd[0], table[i].tcp, table[i].family), v.listen.port);
        call_result_release(&second);
    }
    struct call_result result;
    struct request elsewhere = listen_at(true, "192.0.2.1", 0);
    assert_int_equal(serve(&c, &elsewhere, &result), 0);
    assert_int_equal(result.answer.status, -EADDRNOTAVAIL);
    assert_int_equal(result.n, 0);
}

/* Comes from an address of this host's own. */
static void visit(bool tcp, const char *from, uint16_t port)
{
    struct sockaddr_in at = { .sin_family = AF_INET }, to = { .sin_family = AF_INET, .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    assert_int_equal(inet_pton(AF_INET, from, &at.sin_addr), 1);
    int fd = socket(AF_INET, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    if (!tcp)
        assert_int_equal(send(fd, "\n", 1, 0), 1);
    close(fd);
}

/* Which of the sockets somebody waits at; he is let in and leaves. */
static size_t visited(bool tcp, const struct call_result *at)
{
    char said[8];
    for (size_t i = 0; i < at->n; i++) {
        int fd = tcp ? accept(at->fd[i], NULL, NULL) : -1;
        if (!tcp && recv(at->fd[i], said, sizeof said, 0) == 1)
            return i;
        if (fd < 0)
            continue;
        close(fd);
        return i;
    }
    fail();
    return 0;
}

/* One network meets one socket, and many networks meet all. */
static void are_shared(bool tcp)
{
    enum { SOCKETS = 4, NETWORKS = 64 };
    unsigned met[SOCKETS] = { 0 };
    char from[16];
    struct calls c = { .supervisor = getpid() };
    struct call_result at, other;
    struct request v = listen_at(tcp, "127.0.0.1", 0);
    v.listen.n = SOCKETS;
    assert_int_equal(serve(&c, &v, &at), 0);
    assert_int_equal(at.answer.status, 0);
    assert_int_equal(at.n, SOCKETS);
    v.listen.port = check_socket(at.fd[0], tcp, AF_INET);
    assert_int_equal(check_socket(at.fd[3], tcp, AF_INET), v.listen.port);
    if (tcp)
        assert_int_equal(option(at.fd[1], IPPROTO_TCP, TCP_SYNCNT), 1);
    for (int i = 0; i < NETWORKS; i++) {
        snprintf(from, sizeof from, "127.7.%d.1", i);
        visit(tcp, from, v.listen.port);
        size_t first = visited(tcp, &at);
        snprintf(from, sizeof from, "127.7.%d.%d", i, i + 2);
        visit(tcp, from, v.listen.port);
        assert_int_equal(visited(tcp, &at), first);
        met[first]++;
    }
    for (size_t i = 0; i < SOCKETS; i++)
        assert_true(met[i] > 0);
    /* Nobody else joins them unseen. */
    assert_int_equal(serve(&c, &v, &other), 0);
    assert_int_equal(other.answer.status, -EADDRINUSE);
    assert_int_equal(other.n, 0);
    call_result_release(&at);
}

static void sockets_are_shared_by_network(void **state)
{
    (void)state;
    are_shared(true);
    are_shared(false);
}

/* A keeper that was not made for it claims nothing, and gives no socket for it. */
static void nothing_is_claimed_unasked(void **state)
{
    (void)state;
    struct calls c = { .supervisor = getpid() };
    struct call_result result;
    struct request v = listen_at(true, "127.0.0.1", 0), claim = { .type = REQUEST_CLAIM }, confirm = { .type = REQUEST_CONFIRM };
    const char *bad;
    v.listen.claimed = true;
    assert_int_equal(serve(&c, &v, &result), 0);
    assert_true(result.answer.status == -EOPNOTSUPP && result.n == 0);
    claim.claim.ports = calloc(1, sizeof *claim.claim.ports);
    assert_non_null(claim.claim.ports);
    claim.claim.ports->n_personas = 1;
    assert_int_equal(prefix_list_parse("192.0.2.0/24", &claim.claim.prefix, &bad), 0);
    assert_int_equal(serve(&c, &claim, &result), 0);
    assert_int_equal(result.answer.status, -EOPNOTSUPP);
    assert_int_equal(serve(&c, &confirm, &result), 0);
    assert_int_equal(result.answer.status, -EOPNOTSUPP);
    request_release(&claim);
}

/* ---- the budget ---- */

/* Once it was asked for, listeners charge to it; where the kernel does not help, there is the table all the same. */
static void a_budget_is_one_table(void **state)
{
    (void)state;
    for (int with = 0; with < 2; with++) {
        struct syn_filter filter;
        assert_int_equal(syn_filter_make(&filter, NULL, 0), 0);
        if (!with) {
            close(filter.four);
            close(filter.six);
            filter.four = filter.six = -1;
        }
        bool kernel = filter.four >= 0;
        struct calls c = { .supervisor = getpid(), .filter = &filter };
        struct call_result table, before, after, again;
        struct request v = { .type = REQUEST_BUDGET }, tcp = listen_at(true, "127.0.0.1", 0);
        assert_int_equal(serve(&c, &tcp, &before), 0);
        assert_int_equal(serve(&c, &v, &table), 0);
        assert_true(table.answer.status == 0 && table.n == 1 && table.answer.has_budget);
        assert_int_equal(table.answer.budget.kernel, kernel);
        assert_memory_equal(table.answer.budget.key, filter.key, sizeof filter.key);
        void *p = mmap(NULL, BUDGET_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, table.fd[0], 0);
        assert_true(p != MAP_FAILED);
        ((struct budget_slot *)p)[BUDGET_SLOTS - 1].state = 1;
        munmap(p, BUDGET_BYTES);
        assert_int_equal(serve(&c, &tcp, &after), 0);
        assert_int_equal(after.answer.status, 0);
        assert_int_equal(option(before.fd[0], SOL_SOCKET, SO_LOCK_FILTER), 0);
        assert_int_equal(option(after.fd[0], SOL_SOCKET, SO_LOCK_FILTER), kernel);
        assert_int_equal(serve(&c, &v, &again), -EPROTO);
        call_result_release(&before);
        call_result_release(&after);
        call_result_release(&table);
        syn_filter_release(&filter);
    }
}

/* ---- what is no call ---- */

static void nonsense_is_fatal(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
    } table[] = {
        { "", 0 },
        { "\0", 1 },
        { "\5", 1 },
        { "\4\1", 2 },
        { "\6\1", 2 },
        { "\7", 1 },
        { "\xff\0\0\0\0", 5 },
        { "\1\0\1\0", 4 },
        { "\1\0\1\0\0\0", 6 }, /* a byte behind it */
        { "\3\1\0\1\0\0\0\4\x7f\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 25 },
        { "\3\1\0\1\0\0\0\4\x7f\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 27 },
        { "\3\1\0\1\0\0\0\7\x7f\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 26 },
        { "\3\1\0\0\0\0\0\4\x7f\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 26 }, /* no socket */
        { "\3\1\0\x11\0\0\0\4\x7f\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 26 }, /* too many */
    };
    (void)state;
    struct calls c = { .supervisor = getpid() };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct call_result result;
        assert_int_equal(calls_serve(&c, rd_init(table[i].bytes, table[i].n), &result), -EPROTO);
    }
    for (size_t i = 0; i < REQUEST_TYPES; i++)
        assert_int_equal(c.made[i], 0);
}

/* ---- rings ---- */

static struct request rings_of(const char *interface)
{
    struct request v = { .type = REQUEST_RINGS, .rings = { .n = 1, .block_kib = 64, .blocks = 4 } };
    memcpy(v.rings.interface, interface, strlen(interface));
    return v;
}

static bool is_ring_of(int fd, const char *interface)
{
    struct sockaddr_ll at;
    socklen_t n = sizeof at;
    return getsockname(fd, (struct sockaddr *)&at, &n) == 0 && at.sll_family == AF_PACKET &&
           at.sll_ifindex == (int)if_nametoindex(interface);
}

enum { NO_NAMESPACE = 77 };

/* 0; the number of the check that failed. */
static int try_rings(void)
{
    struct calls c = { .supervisor = getpid() };
    struct call_result result;
    struct request lo = rings_of("lo"), none = rings_of("nosuch0");
    if (serve(&c, &lo, &result) || result.answer.status || result.n != 1)
        return 1;
    if (!is_ring_of(result.fd[0], "lo"))
        return 2;
    call_result_release(&result);
    if (serve(&c, &none, &result) || result.answer.status != -ENODEV || result.n)
        return 3;
    lo.rings.block_kib = 1; /* smaller than any ring may be */
    if (serve(&c, &lo, &result) || result.answer.status != -EINVAL || result.n)
        return 4;
    return c.made[REQUEST_RINGS] == 1 ? 0 : 5;
}

/* An interface that is away for long is asked for again and again. */
static int try_failures(void)
{
    struct calls c = { .supervisor = getpid(), .made[REQUEST_RINGS] = 4095 };
    struct call_result result;
    struct request none = rings_of("nosuch0"), lo = rings_of("lo");
    for (unsigned i = 0; i < 4; i++)
        if (serve(&c, &none, &result) || result.answer.status != -ENODEV)
            return 1;
    if (serve(&c, &lo, &result) || result.answer.status || result.n != 1)
        return 2;
    call_result_release(&result);
    return serve(&c, &lo, &result) == -EPROTO ? 0 : 3;
}

/* One GiB a request, whether the sizes are named or left to the ring. */
static int try_too_much(void)
{
    static const struct {
        uint32_t n, block_kib, blocks;
        int err;
    } table[] = {
        { 2, 1 << 10, 512, 0 },     { 2, 1 << 10, 513, -EINVAL }, { 2, 0, 4096, 0 },
        { 3, 0, 4096, -EINVAL },    { 1, 1 << 16, 16, 0 },        { 1, 1 << 16, 17, -EINVAL },
        { 16, 1 << 10, 0, -EINVAL }, { 16, 64, 4, 0 },            { 1, UINT32_MAX, UINT32_MAX, -EINVAL },
    };
    for (int i = 0; i < (int)(sizeof table / sizeof *table); i++) {
        struct calls c = { .supervisor = getpid() };
        struct call_result result;
        struct request v = rings_of("nosuch0"); /* so that what is not too much fails after that */
        v.rings.n = table[i].n;
        v.rings.block_kib = table[i].block_kib;
        v.rings.blocks = table[i].blocks;
        if (serve(&c, &v, &result) || result.n ||
            result.answer.status != (table[i].err ? table[i].err : -ENODEV))
            return i + 1;
    }
    return 0;
}

/* All addresses of both families on one port: a listener for IPv6 leaves IPv4 alone. */
static int try_both_families(void)
{
    for (int tcp = 0; tcp < 2; tcp++) {
        struct calls c = { .supervisor = getpid() };
        struct call_result six, four;
        struct request all6 = listen_at(tcp, "::", 2323), all4 = listen_at(tcp, "0.0.0.0", 2323);
        if (serve(&c, &all6, &six) || serve(&c, &all4, &four))
            return 1;
        if (six.answer.status && six.answer.status != -EAFNOSUPPORT)
            return 2;
        if (four.answer.status || four.n != 1)
            return 3;
        call_result_release(&six);
        call_result_release(&four);
    }
    return 0;
}

/* Runs in a network namespace of its own. */
static void check_alone(int (*try)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(unshare(CLONE_NEWNET) < 0 ? NO_NAMESPACE : try());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_NAMESPACE) {
        puts("skipped: needs a network namespace of its own");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void rings_are_made(void **state)
{
    (void)state;
    check_alone(try_rings);
}

static void failures_are_not_counted(void **state)
{
    (void)state;
    check_alone(try_failures);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    check_alone(try_too_much);
}

static void families_are_apart(void **state)
{
    (void)state;
    check_alone(try_both_families);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_raised_once), cmocka_unit_test(limits_are_never_lowered),
        cmocka_unit_test(limits_have_a_limit),    cmocka_unit_test(sockets_are_bound),
        cmocka_unit_test(sockets_are_shared_by_network), cmocka_unit_test(a_budget_is_one_table),
        cmocka_unit_test(nothing_is_claimed_unasked),
        cmocka_unit_test(nonsense_is_fatal),      cmocka_unit_test(rings_are_made),
        cmocka_unit_test(failures_are_not_counted), cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(families_are_apart),
    };
    return cmocka_run_group_tests_name("main/calls", tests, NULL, NULL);
}
