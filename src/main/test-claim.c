/* Claims, in network namespaces of their own, visited over the loopback: the kernel asks the same program there. */
#include "main/claim.h"

#include "base/own.h"
#include "base/time.h"
#include "main/listener.h"
#include "main/netlink.h"
#include "main/test-alone.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORKERS = 2, SOCKETS = 4, SOON_MS = 100 };

static struct {
    struct claim claim;
    struct ports ports;
    struct request_claim wanted;
    int socket[SOCKETS][WORKERS]; /* TCP and UDP, of IPv4 and IPv6 */
} here;
enum { TCP4, UDP4, TCP6, UDP6 };

/* ---- a namespace ---- */

static void raise_loopback(void)
{
    struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(control >= 0 && ioctl(control, SIOCSIFFLAGS, &lo) == 0);
    /* The host's own address. */
    struct sockaddr_in *a = (void *)&lo.ifr_addr;
    memcpy(lo.ifr_name, "lo:1", 5);
    *a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = inet_addr("192.0.2.1") };
    REQUIRE(ioctl(control, SIOCSIFADDR, &lo) == 0);
    a->sin_addr.s_addr = inet_addr("255.255.255.255");
    REQUIRE(ioctl(control, SIOCSIFNETMASK, &lo) == 0);
    close(control);
    /* And one of IPv6: from ::1 nobody visits others. */
    struct request6 {
        struct in6_addr addr;
        uint32_t bits;
        int interface;
    } six = { .bits = 128, .interface = (int)if_nametoindex("lo") };
    control = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(inet_pton(AF_INET6, "2001:db8::1", &six.addr) == 1 && ioctl(control, SIOCSIFADDR, &six) == 0);
    close(control);
}

/* Two devices, one of them with 53413/UDP; a few ports more. */
static void make_ports(void)
{
    struct ports *p = &here.ports;
    p->catchall = CATCHALL_SOME;
    p->n_personas = 2;
    p->persona[0] = (struct ports_persona){ { { 23, SERVICE_TELNET }, { 80, SERVICE_HTTP } }, 2, true };
    p->persona[1] = (struct ports_persona){ { { 2323, SERVICE_TELNET }, { 65535, SERVICE_OTHER } }, 2, false };
    REQUIRE(getrandom(p->key, sizeof p->key, 0) == sizeof p->key);
    for (unsigned i = 0; i < PORTS_CLASSES; i++)
        p->persona_of_class[i] = i * 7 % 3 == 0;
    for (uint16_t i = 0; i < PORTS_EXTRAS; i++)
        p->extra[i] = (struct ports_extra){ { (uint16_t)(5000 + i) }, 1 };
}

static void want(const char *prefixes, uint32_t confirm_s)
{
    const char *bad;
    REQUIRE(prefix_list_parse(prefixes, &here.wanted.prefix, &bad) == 0);
    here.wanted.confirm_s = confirm_s;
    here.wanted.ports = &here.ports;
}

static void make_sockets(void)
{
    static const char *const at[SOCKETS] = { "127.0.0.1", "198.18.0.0", "::1", "2001:db8:5::" };
    for (int i = 0; i < SOCKETS; i++) {
        struct request_listen v = { .tcp = i % 2 == 0, .claimed = true, .n = WORKERS, .port = i % 2 ? PORTS_NETIS : 0 };
        REQUIRE(addr_parse(at[i], &v.addr) == 0);
        REQUIRE(listener_make(&v, here.socket[i]) == 0);
        REQUIRE(claim_give(&here.claim, v.tcp, v.addr.family == 4, here.socket[i][0]) == 0);
    }
}

static void prepare(void)
{
    static char log[1 << 22];
    const uint64_t needed = UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_NET_BIND_SERVICE;
    keep_rights(needed | UINT64_C(1) << CAP_BPF);
    claim_prepare(&here.claim, open("/dev/net/tun", O_RDWR | O_CLOEXEC), log, sizeof log);
    keep_rights(needed);
    if (here.claim.err)
        printf("%s\n%s\n", strerror(-here.claim.err), strlen(log) > 3000 ? log + strlen(log) - 3000 : log);
    REQUIRE(here.claim.err == 0);
    make_ports();
    make_sockets();
}

static void enter(void)
{
    if (unshare(CLONE_NEWNET) < 0 || access("/dev/net/tun", R_OK | W_OK) < 0)
        _exit(ALONE_CANNOT);
    raise_loopback();
}

/* ---- visitors ---- */

union any {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static union any place(const struct addr *a, uint16_t port)
{
    union any to;
    memset(&to, 0, sizeof to);
    to.any.sa_family = a->family == 4 ? AF_INET : AF_INET6;
    to.v4.sin_port = htons(port); /* of either family in the same place */
    memcpy(a->family == 4 ? (void *)&to.v4.sin_addr : (void *)&to.v6.sin6_addr, a->bytes, a->family == 4 ? 4 : 16);
    return to;
}

static struct addr parsed(const char *text)
{
    struct addr a;
    REQUIRE(addr_parse(text, &a) == 0);
    return a;
}

/* A connection, or -errno. */
static int visit(const struct addr *a, uint16_t port)
{
    union any to = place(a, port);
    int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0);
    const struct linger gone = { 1, 0 };
    REQUIRE(setsockopt(fd, SOL_SOCKET, SO_LINGER, &gone, sizeof gone) == 0);
    if (connect(fd, &to.any, a->family == 4 ? sizeof to.v4 : sizeof to.v6) == 0)
        return fd;
    int err = -errno;
    close(fd);
    return err;
}

/* Who came to a listener of ours: at which address and port he thinks he is. */
static bool came_to(int which, const struct addr *a, uint16_t port)
{
    for (int i = 0; i < WORKERS; i++) {
        int fd = accept(here.socket[which][i], NULL, NULL);
        if (fd < 0)
            continue;
        union any at, wanted = place(a, port);
        socklen_t n = sizeof at;
        memset(&at, 0, sizeof at);
        REQUIRE(getsockname(fd, &at.any, &n) == 0);
        close(fd);
        return memcmp(&at, &wanted, sizeof at) == 0;
    }
    return false;
}

/* One that is open is let in by us, at the address that was meant; one that is not is refused. */
static void check_visit(const struct addr *a, uint16_t port, bool open)
{
    int fd = visit(a, port);
    REQUIRE(open ? fd >= 0 : fd == -ECONNREFUSED);
    if (open) {
        REQUIRE(came_to(a->family == 4 ? TCP4 : TCP6, a, port));
        close(fd);
    }
}

/* What comes of a datagram: 0, or -errno where an error message came. */
static int send_to(const struct addr *a, uint16_t port)
{
    union any to = place(a, port);
    auto_fd int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0 && connect(fd, &to.any, a->family == 4 ? sizeof to.v4 : sizeof to.v6) == 0);
    REQUIRE(send(fd, "hello", 5, 0) == 5);
    struct pollfd p = { fd, POLLIN, 0 };
    (void)!poll(&p, 1, 20);
    int err = 0;
    socklen_t n = sizeof err;
    REQUIRE(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) == 0);
    return -err;
}

static size_t datagrams(int fd)
{
    char data[64];
    size_t n = 0;
    while (recv(fd, data, sizeof data, MSG_DONTWAIT) >= 0)
        n++;
    return n;
}

static int serve_at(const char *address, bool tcp, uint16_t port)
{
    struct request_listen v = { .tcp = tcp, .n = 1, .addr = parsed(address), .port = port };
    int fd;
    REQUIRE(listener_make(&v, &fd) == 0);
    return fd;
}

/* ---- the tests ---- */

static struct addr random_address(bool v4)
{
    struct addr a = { .family = v4 ? 4 : 6 };
    if (v4) {
        memcpy(a.bytes, (uint8_t[]){ 198, 18, (uint8_t)random(), (uint8_t)random() }, 4);
        return a;
    }
    memcpy(a.bytes, (uint8_t[]){ 0x20, 1, 0xd, 0xb8, 0, 5, 0, 0 }, 8);
    for (int i = 8; i < 16; i++)
        a.bytes[i] = (uint8_t)random();
    return a;
}

/* Nothing is answered, while the others' ports are as they were. */
static bool is_mute(const struct addr *a, uint16_t port)
{
    union any to = place(a, port);
    auto_fd int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0 && connect(fd, &to.any, a->family == 4 ? sizeof to.v4 : sizeof to.v6) < 0);
    struct pollfd p = { fd, POLLOUT, 0 };
    return errno == EINPROGRESS && poll(&p, 1, SOON_MS) == 0;
}

static void try_silent(void)
{
    enter();
    prepare();
    here.ports.persona[1].silent = true;
    want("198.18.0.0/16, 2001:db8:5::/64", 0);
    REQUIRE(claim_take(&here.claim, &here.wanted) == 0);
    unsigned mute = 0;
    for (int i = 0; i < 60; i++) {
        struct addr a = random_address(i % 2);
        bool silent = here.ports.persona_of_class[ports_class(ports_hash(here.ports.key, &a))] == 1;
        check_visit(&a, silent ? 2323 : 23, true);
        REQUIRE(is_mute(&a, 22) == silent);
        mute += silent;
    }
    REQUIRE(mute > 5 && mute < 55);
}

static void try_prefixes(void)
{
    static const unsigned ports[] = { 23, 80, 2323, 65535, 22, 1, 0 };
    enter();
    prepare();
    int ssh = serve_at("0.0.0.0", true, 22), dns = serve_at("0.0.0.0", false, 53);
    want("198.18.0.0/16, 2001:db8:5::/64, 203.0.113.0/25", 0);
    struct addr one = parsed("198.18.7.7"), six = parsed("2001:db8:5::7"), out = parsed("203.0.113.200");
    REQUIRE(visit(&one, 23) == -ENETUNREACH);
    REQUIRE(claim_take(&here.claim, &here.wanted) == 0);
    unsigned open = 0;
    for (int i = 0; i < 3000; i++) {
        struct addr a = random_address(i % 2);
        unsigned chosen = ports[(size_t)random() % (sizeof ports / sizeof *ports)];
        const uint16_t port = (uint16_t)(chosen ? chosen : 5000 + (unsigned)random() % PORTS_EXTRAS);
        bool is_open = ports_service(&here.ports, &a, port) != PORTS_CLOSED;
        check_visit(&a, port, is_open);
        open += is_open;
    }
    REQUIRE(open > 300 && open < 2700);
    REQUIRE(visit(&out, 23) == -ENETUNREACH);
    /* What the host serves at all its addresses is not to be had at those that are not its own. */
    REQUIRE(visit(&one, 22) == -ECONNREFUSED);
    REQUIRE(send_to(&one, 53) == 0 && datagrams(dns) == 0);
    for (unsigned port = 1; port < 53000; port += 997)
        REQUIRE(send_to(&one, (uint16_t)port) == 0);
    REQUIRE(send_to(&six, 9999) == 0 && datagrams(here.socket[UDP4][0]) + datagrams(here.socket[UDP4][1]) == 0);
    REQUIRE(send_to(&one, PORTS_NETIS) == 0 && send_to(&six, PORTS_NETIS) == 0);
    REQUIRE(datagrams(here.socket[UDP4][0]) + datagrams(here.socket[UDP4][1]) == 1);
    REQUIRE(datagrams(here.socket[UDP6][0]) + datagrams(here.socket[UDP6][1]) == 1);
    claim_release(&here.claim);
    REQUIRE(visit(&one, 23) == -ENETUNREACH);
    close(ssh);
    close(dns);
}

/* A port of the host's own address that is open at it. */
static uint16_t open_port(const struct addr *a)
{
    return ports_service(&here.ports, a, 23) != PORTS_CLOSED ? 23 : 2323;
}

static bool came(int listener)
{
    int fd = accept(listener, NULL, NULL);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* The only address of a host: what it serves stays, also what it serves later. */
static void try_own(void)
{
    enter();
    prepare();
    struct addr own = parsed("192.0.2.1"), lo = parsed("127.0.0.1");
    uint16_t port = open_port(&own);
    int ssh = serve_at("0.0.0.0", true, 22), dns = serve_at("192.0.2.1", false, 53);
    int before = visit(&own, 22);
    REQUIRE(before >= 0 && came(ssh));
    want("192.0.2.1/32", 0);
    here.wanted.except[here.wanted.excepts++] = (struct request_except){ .port = 80 };
    here.wanted.except[here.wanted.excepts++] = (struct request_except){ parsed("192.0.2.1"), 65535 };
    here.wanted.except[here.wanted.excepts++] = (struct request_except){ parsed("192.0.2.2"), port };
    memset(here.ports.persona_of_class, 0, sizeof here.ports.persona_of_class);
    here.ports.persona[0] = (struct ports_persona){ { { 22, 0 }, { 80, 0 }, { port, 0 }, { 40000, 0 }, { 65535, 0 } }, 5, true };
    REQUIRE(claim_take(&here.claim, &here.wanted) == 0);
    check_visit(&own, port, true);
    static const uint16_t not_ours[] = { 80, 65535, 40000, 7 };
    for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
        check_visit(&own, not_ours[i], false);
    int fd = visit(&own, 22);
    REQUIRE(fd >= 0 && came(ssh) && send(before, "x", 1, 0) == 1);
    REQUIRE(send_to(&own, 53) == 0 && datagrams(dns) == 1);
    REQUIRE(send_to(&own, 54) == 0);
    REQUIRE(visit(&lo, port) == -ECONNREFUSED);

    int later = serve_at("192.0.2.1", true, port), later_dns = serve_at("192.0.2.1", false, PORTS_NETIS);
    check_visit(&own, port, true); /* the second that it takes */
    claim_tick(&here.claim, time_mono() + NS_A_S + 1);
    fd = visit(&own, port);
    REQUIRE(fd >= 0 && came(later));
    REQUIRE(send_to(&own, PORTS_NETIS) == 0 && datagrams(later_dns) == 1);
    close(later);
    claim_tick(&here.claim, time_mono() + 3 * NS_A_S);
    check_visit(&own, port, true);
}

/* An address that the host gets when the prefix is claimed already. */
static void try_later_address(void)
{
    enter();
    prepare();
    struct addr a = parsed("203.0.113.9");
    want("203.0.113.0/24", 0);
    REQUIRE(claim_take(&here.claim, &here.wanted) == 0);
    int ssh = serve_at("0.0.0.0", true, 22);
    REQUIRE(visit(&a, 22) == -ECONNREFUSED);
    struct ifreq r = { .ifr_name = "lo:2" };
    struct sockaddr_in *to = (void *)&r.ifr_addr;
    *to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = inet_addr("203.0.113.9") };
    REQUIRE(ioctl(ssh, SIOCSIFADDR, &r) == 0);
    claim_tick(&here.claim, time_mono() + NS_A_S + 1);
    REQUIRE(visit(&a, 22) >= 0 && came(ssh));
}

static void try_confirm(void)
{
    enter();
    prepare();
    struct addr a = parsed("203.0.113.9");
    want("203.0.113.0/24", 60);
    REQUIRE(claim_confirm(&here.claim) == -ENOENT);
    REQUIRE(claim_take(&here.claim, &here.wanted) == 0);
    claim_tick(&here.claim, time_mono() + 59 * NS_A_S);
    REQUIRE(here.claim.stands && visit(&a, 1) == -ECONNREFUSED);
    claim_tick(&here.claim, time_mono() + 61 * NS_A_S);
    REQUIRE(!here.claim.stands && visit(&a, 1) == -ENETUNREACH);
    REQUIRE(claim_confirm(&here.claim) == -ETIMEDOUT);
    REQUIRE(claim_take(&here.claim, &here.wanted) == -EINVAL);
}

static void try_confirmed(void)
{
    enter();
    prepare();
    struct addr a = parsed("203.0.113.9");
    want("203.0.113.0/24", 60);
    REQUIRE(claim_take(&here.claim, &here.wanted) == 0);
    REQUIRE(claim_confirm(&here.claim) == 0);
    claim_tick(&here.claim, time_mono() + 99 * NS_A_S);
    REQUIRE(here.claim.stands && visit(&a, 1) == -ECONNREFUSED);
}

/* A route that was there is neither taken nor removed, and then nothing is claimed. */
static void try_taken(void)
{
    enter();
    prepare();
    struct prefix p;
    struct addr theirs = parsed("203.0.113.9"), other = parsed("198.18.1.1");
    REQUIRE(prefix_parse("203.0.113.0/24", &p) == 0);
    REQUIRE(netlink_claim(here.claim.route, &p, if_nametoindex("lo")) == 0);
    want("198.18.0.0/16 203.0.113.0/24", 0);
    REQUIRE(claim_take(&here.claim, &here.wanted) == -EEXIST);
    int web = serve_at("0.0.0.0", true, 23);
    REQUIRE(visit(&theirs, 23) >= 0 && came(web));
    REQUIRE(visit(&other, 23) == -ENETUNREACH);
}

static void try_unsound(void)
{
    static const char *const prefixes[] = { "0.0.0.0/0", "10.0.0.0/7", "127.1.0.0/16", "169.254.1.0/24", "224.1.0.0/16",
                                            "255.255.255.255/32", "::/0", "2001::/16", "fe80::/64", "ff02::1/128", "::1/128" };
    enter();
    prepare();
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        here.wanted.prefix = (struct prefix_list){ 0 };
        want(prefixes[i], 0);
        REQUIRE(claim_take(&here.claim, &here.wanted) == -EINVAL);
    }
    REQUIRE(here.claim.lookup.rules->prefixes == 0);
}

/* Whatever ends the keeper ends the claim. */
static void try_kill(void)
{
    int told[2], status;
    char byte;
    enter();
    struct addr a = parsed("198.18.7.7"), own = parsed("192.0.2.1");
    int ssh = serve_at("0.0.0.0", true, 22);
    REQUIRE(pipe2(told, O_CLOEXEC) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        prepare();
        want("198.18.0.0/16 2001:db8:5::/64 192.0.2.1/32", 0);
        REQUIRE(claim_take(&here.claim, &here.wanted) == 0);
        REQUIRE(write(told[1], "", 1) == 1);
        for (;;)
            pause();
    }
    close(told[1]);
    REQUIRE(read(told[0], &byte, 1) == 1);
    REQUIRE(visit(&a, 1) == -ECONNREFUSED && if_nametoindex("teiten0") != 0);
    int fd = visit(&own, 22);
    REQUIRE(fd >= 0 && came(ssh));
    REQUIRE(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
    for (int i = 0; i < 100 && if_nametoindex("teiten0"); i++)
        usleep(10000);
    REQUIRE(visit(&a, 1) == -ENETUNREACH && if_nametoindex("teiten0") == 0);
    REQUIRE(visit(&own, 22) >= 0 && came(ssh));
    REQUIRE(visit(&own, open_port(&own)) == -ECONNREFUSED);
}

#define ALONE(name, try)                                                                                   \
    static void name(void **state)                                                                         \
    {                                                                                                      \
        (void)state;                                                                                       \
        check_alone(try);                                                                                  \
    }
ALONE(every_address_is_answered, try_prefixes)
ALONE(some_devices_are_silent, try_silent)
ALONE(the_host_stays_reachable, try_own)
ALONE(so_does_an_address_it_gets_later, try_later_address)
ALONE(a_claim_ends_where_nobody_confirms_it, try_confirm)
ALONE(a_confirmed_one_stays, try_confirmed)
ALONE(what_is_taken_is_left_alone, try_taken)
ALONE(no_host_gives_these_away, try_unsound)
ALONE(a_kill_ends_it, try_kill)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_is_answered), cmocka_unit_test(some_devices_are_silent),
        cmocka_unit_test(the_host_stays_reachable),
        cmocka_unit_test(so_does_an_address_it_gets_later),
        cmocka_unit_test(a_claim_ends_where_nobody_confirms_it),
        cmocka_unit_test(a_confirmed_one_stays),
        cmocka_unit_test(what_is_taken_is_left_alone),
        cmocka_unit_test(no_host_gives_these_away),
        cmocka_unit_test(a_kill_ends_it),
    };
    return cmocka_run_group_tests_name("main/claim", tests, NULL, NULL);
}
