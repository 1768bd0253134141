#include "main/request.h"

#include "base/own.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- requests ---- */

static struct request rings_of(const char *interface, uint32_t n)
{
    struct request v = { .type = REQUEST_RINGS, .rings = { .n = n, .block_kib = 256, .blocks = 7 } };
    memcpy(v.rings.interface, interface, strlen(interface));
    return v;
}

static struct request listen_at(bool tcp, const char *address, uint16_t port)
{
    struct request v = { .type = REQUEST_LISTEN, .listen = { .tcp = tcp, .n = 1, .port = port } };
    assert_int_equal(addr_parse(address, &v.listen.addr), 0);
    return v;
}

static void own(struct request *v, const char *prefix, size_t times)
{
    struct prefix p;
    assert_int_equal(prefix_parse(prefix, &p), 0);
    for (size_t i = 0; i < times; i++)
        assert_int_equal(prefix_list_add(&v->rings.own, &p), 0);
}

static void put(struct buf *b, const struct request *v)
{
    buf_init(b, REQUEST_BYTES);
    request_put(b, v);
    assert_true(buf_ok(b));
}

/* A copy in a block of its own size, so that a read past its end is seen. */
static int get(const uint8_t *data, size_t n, struct request *ret)
{
    auto_free uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, data, n);
    return request_get(rd_init(copy, n), ret);
}

static void check_same(const struct request *a, const struct request *b)
{
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->files, b->files);
    assert_string_equal(a->rings.interface, b->rings.interface);
    assert_int_equal(a->rings.n, b->rings.n);
    assert_int_equal(a->rings.block_kib, b->rings.block_kib);
    assert_int_equal(a->rings.blocks, b->rings.blocks);
    assert_int_equal(a->rings.ignore_outgoing, b->rings.ignore_outgoing);
    assert_int_equal(a->rings.promiscuous, b->rings.promiscuous);
    assert_int_equal(a->rings.own.n, b->rings.own.n);
    for (size_t i = 0; i < a->rings.own.n; i++) {
        assert_int_equal(addr_cmp(&a->rings.own.item[i].addr, &b->rings.own.item[i].addr), 0);
        assert_int_equal(a->rings.own.item[i].bits, b->rings.own.item[i].bits);
    }
    assert_int_equal(a->listen.tcp, b->listen.tcp);
    assert_int_equal(a->listen.n, b->listen.n);
    assert_int_equal(addr_cmp(&a->listen.addr, &b->listen.addr), 0);
    assert_int_equal(a->listen.port, b->listen.port);
    assert_int_equal(a->listen.claimed, b->listen.claimed);
    assert_int_equal(a->claim.prefix.n, b->claim.prefix.n);
    assert_int_equal(a->claim.excepts, b->claim.excepts);
    assert_int_equal(a->claim.confirm_s, b->claim.confirm_s);
    for (uint32_t i = 0; i < a->claim.excepts; i++) {
        assert_int_equal(addr_cmp(&a->claim.except[i].addr, &b->claim.except[i].addr), 0);
        assert_int_equal(a->claim.except[i].port, b->claim.except[i].port);
    }
    if (a->claim.ports)
        assert_memory_equal(a->claim.ports->persona_of_class, b->claim.ports->persona_of_class, PORTS_CLASSES);
}

static struct request claim_of(const char *prefixes, uint32_t excepts)
{
    struct request v = { .type = REQUEST_CLAIM, .claim = { .excepts = excepts, .confirm_s = 60 } };
    const char *bad;
    assert_int_equal(prefix_list_parse(prefixes, &v.claim.prefix, &bad), 0);
    for (uint32_t i = 0; i < excepts; i++) {
        v.claim.except[i].port = (uint16_t)i;
        if (i % 2)
            assert_int_equal(addr_parse(i % 4 == 1 ? "192.0.2.1" : "2001:db8::1", &v.claim.except[i].addr), 0);
    }
    v.claim.ports = calloc(1, sizeof *v.claim.ports);
    assert_non_null(v.claim.ports);
    v.claim.ports->n_personas = 2;
    v.claim.ports->persona_of_class[7] = 1;
    return v;
}

/* It is read as it was written; nothing shorter and nothing longer is read at all. */
static void check_whole(struct request *v)
{
    struct request got = { 0 };
    struct buf b;
    put(&b, v);
    assert_int_equal(get(b.data, b.len, &got), 0);
    check_same(v, &got);
    request_release(&got);
    for (size_t cut = 0; cut < b.len; cut += b.len - cut > 8000 ? 997 : 1)
        assert_int_equal(get(b.data, cut, &got), 1);
    buf_u8(&b, 0);
    assert_int_equal(get(b.data, b.len, &got), 1);
    buf_release(&b);
    request_release(v);
}

static void requests_are_read_as_written(void **state)
{
    (void)state;
    struct request all = rings_of("enp0s31f6.1234x", REQUEST_RINGS_MOST);
    all.rings.ignore_outgoing = all.rings.promiscuous = true;
    own(&all, "192.0.2.0/24", 3);
    own(&all, "2001:db8::/32", 2);
    own(&all, "203.0.113.7/32", 1);
    struct request table[] = {
        { .type = REQUEST_LIMITS, .files = 0 },
        { .type = REQUEST_LIMITS, .files = UINT32_MAX },
        rings_of("l", 1),
        all,
        listen_at(true, "192.0.2.1", 23),
        listen_at(false, "2001:db8::1", 65535),
        { .type = REQUEST_BUDGET },
        { .type = REQUEST_CONFIRM },
        claim_of("192.0.2.0/24", 0),
        claim_of("198.18.0.0/16 2001:db8::/64 192.0.2.1/32", REQUEST_EXCEPTS),
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_whole(&table[i]);
}

static void so_many_prefixes_and_no_more(void **state)
{
    (void)state;
    struct request v = rings_of("eth0", 1), got = { 0 };
    struct buf b;
    own(&v, "2001:db8::/128", REQUEST_PREFIXES);
    put(&b, &v);
    assert_int_equal(get(b.data, b.len, &got), 0);
    check_same(&v, &got);
    request_rings_release(&got.rings);
    buf_release(&b);

    own(&v, "192.0.2.0/24", 1);
    put(&b, &v);
    assert_int_equal(get(b.data, b.len, &got), 1);
    buf_release(&b);
    request_rings_release(&v.rings);
}

static void refuse_bytes(struct request v, size_t at, uint8_t byte)
{
    struct request got;
    struct buf b;
    put(&b, &v);
    assert_true(at < b.len);
    assert_int_equal(get(b.data, b.len, &got), 0);
    request_release(&got);
    b.data[at] = byte;
    assert_int_equal(get(b.data, b.len, &got), 1);
    buf_release(&b);
}

/* Where things lie: type, the name with its length, three numbers, two flags, how many prefixes, and of a
 * prefix its family, 16 bytes, its bits. */
static void lies_are_refused(void **state)
{
    (void)state;
    enum { NAME = 1, N = NAME + 5, PREFIXES = N + 12 + 2, FAMILY = PREFIXES + 1, BITS = FAMILY + 17 };
    struct request v = rings_of("eth0", 1), six = rings_of("eth0", 1);
    own(&v, "192.0.2.0/24", 1);
    own(&six, "2001:db8::/32", 1);
    struct request claim = claim_of("192.0.2.0/24", 1);
    refuse_bytes(claim, 1, 0); /* nothing is claimed */
    refuse_bytes(claim, 1, REQUEST_CLAIMS + 1);
    refuse_bytes(claim, 20, REQUEST_EXCEPTS + 1);
    request_release(&claim);
    refuse_bytes(v, 0, 0);             /* no type */
    refuse_bytes(v, 0, REQUEST_TYPES); /* nor this */
    refuse_bytes(v, 0, 255);
    refuse_bytes(v, NAME, 0);       /* no name */
    refuse_bytes(v, NAME, 16);      /* no room for its end */
    refuse_bytes(v, NAME, 200);     /* longer than the message */
    refuse_bytes(v, NAME + 2, '\0'); /* another name than it seems */
    refuse_bytes(v, NAME + 4, '\0');
    refuse_bytes(v, N, 0);
    refuse_bytes(v, N, REQUEST_RINGS_MOST + 1);
    refuse_bytes(v, N + 3, 1);
    refuse_bytes(v, PREFIXES, 0); /* one is left over */
    refuse_bytes(v, PREFIXES, 2);
    refuse_bytes(v, FAMILY, 0);
    refuse_bytes(v, FAMILY, 5);
    refuse_bytes(v, BITS, 33);
    refuse_bytes(six, BITS, 129);
    refuse_bytes(listen_at(true, "192.0.2.1", 1), 3, 0); /* no socket */
    refuse_bytes(listen_at(true, "192.0.2.1", 1), 3, REQUEST_RINGS_MOST + 1);
    refuse_bytes(listen_at(true, "192.0.2.1", 1), 7, 7); /* no family */
    request_rings_release(&v.rings);
    request_rings_release(&six.rings);
}

/* ---- answers ---- */

struct pair {
    int keeper, supervisor;
};

static int make_pair(void **state)
{
    static struct pair p;
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
    p = (struct pair){ fd[0], fd[1] };
    *state = &p;
    return 0;
}

static int close_pair(void **state)
{
    struct pair *p = *state;
    if (p->keeper >= 0)
        close(p->keeper);
    close(p->supervisor);
    return 0;
}

static size_t open_files(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* A message as no honest keeper sends it: `n` times the same descriptor, or who we are, beside. */
static void send_raw(int to, const void *data, size_t n, size_t descriptors, bool who)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * 100) + CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control = { 0 };
    struct iovec part = { (void *)data, n };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes };
    struct cmsghdr *c = (struct cmsghdr *)(void *)control.bytes;
    if (who) {
        struct ucred me = { getpid(), getuid(), getgid() };
        *c = (struct cmsghdr){ CMSG_LEN(sizeof me), SOL_SOCKET, SCM_CREDENTIALS };
        memcpy(CMSG_DATA(c), &me, sizeof me);
        m.msg_controllen += CMSG_SPACE(sizeof me);
        c = (struct cmsghdr *)(void *)(control.bytes + m.msg_controllen);
    }
    if (descriptors) {
        *c = (struct cmsghdr){ CMSG_LEN(sizeof(int) * descriptors), SOL_SOCKET, SCM_RIGHTS };
        for (size_t i = 0; i < descriptors; i++)
            memcpy(CMSG_DATA(c) + i * sizeof(int), &to, sizeof(int));
        m.msg_controllen += CMSG_SPACE(sizeof(int) * descriptors);
    }
    assert_int_equal(sendmsg(to, &m, MSG_NOSIGNAL), (ssize_t)n);
}

static void descriptors_come_closed_on_exec(void **state)
{
    static const size_t table[][2] = { { 0, 0 }, { 0, 4 }, { 1, 1 }, { 5, 8 },
                                       { REQUEST_RINGS_MOST, REQUEST_RINGS_MOST } };
    struct pair *p = *state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int pass[REQUEST_RINGS_MOST], fd[REQUEST_RINGS_MOST];
        struct request_answer got = { .status = 1 };
        size_t n, before = open_files();
        for (size_t j = 0; j < table[i][0]; j++)
            pass[j] = STDERR_FILENO;
        assert_int_equal(answer_send(p->keeper, &(struct request_answer){ 0 }, pass, table[i][0]), 0);
        assert_int_equal(answer_receive(p->supervisor, &got, fd, table[i][1], &n), 0);
        assert_int_equal(got.status, 0);
        assert_int_equal(n, table[i][0]);
        assert_int_equal(open_files(), before + n);
        for (size_t j = 0; j < n; j++) {
            assert_true(fcntl(fd[j], F_GETFD) & FD_CLOEXEC);
            close(fd[j]);
        }
    }
    assert_int_equal(answer_send(p->keeper, &(struct request_answer){ 0 }, NULL, REQUEST_RINGS_MOST + 1),
                     -EINVAL);
}

static void a_refusal_is_told(void **state)
{
    struct pair *p = *state;
    struct request_answer got;
    size_t n;
    assert_int_equal(answer_send(p->keeper, &(struct request_answer){ -ENODEV }, NULL, 0), 0);
    assert_int_equal(answer_receive(p->supervisor, &got, NULL, 0, &n), 0);
    assert_int_equal(got.status, -ENODEV);
    assert_int_equal(n, 0);
}

static void keys_come_with_the_table(void **state)
{
    struct pair *p = *state;
    const struct request_answer told = { .has_budget = true, .budget = { { 1, UINT64_C(1) << 63, UINT64_MAX }, true } };
    struct request_answer got;
    size_t n;
    int fd;
    assert_int_equal(answer_send(p->keeper, &told, (int[]){ STDERR_FILENO }, 1), 0);
    assert_int_equal(answer_receive(p->supervisor, &got, &fd, 1, &n), 0);
    assert_true(n == 1 && got.has_budget && got.budget.kernel);
    assert_memory_equal(got.budget.key, told.budget.key, sizeof told.budget.key);
    close(fd);
}

/* Whatever comes with an answer that makes no sense is closed. */
static void nonsense_leaves_nothing_open(void **state)
{
    enum { MOST = REQUEST_RINGS_MOST };
    static const struct {
        const char *bytes;
        size_t n, descriptors, most;
        bool passcred, who;
        int err;
    } table[] = {
        { "\0\0\0\0", 4, 1, 0, false, false, -EPROTO },   /* more than was asked for */
        { "\0\0\0\0", 4, 9, 4, false, false, -EPROTO },
        { "\0\0\0\0", 4, MOST + 1, MOST, false, false, -EPROTO }, /* more than there is room for */
        { "\0\0\0\0", 4, 100, MOST, false, false, -EPROTO },
        { "\xff\xff\xff\xff", 4, 1, 4, false, false, -EPROTO }, /* a refusal with descriptors */
        { "\1\0\0\0", 4, 1, 4, false, false, -EPROTO },         /* no status */
        { "\0\0\0\x80", 4, 0, 4, false, false, -EPROTO },
        { "\0\0\0", 3, 1, 4, false, false, -EPROTO }, /* too short */
        { "", 0, 0, 4, false, false, -EPIPE },        /* no message at all: as at the end */
        { "", 0, 3, 4, false, false, -EPROTO },       /* but descriptors */
        { "\0\0\0\0\0", 5, 1, 4, false, false, -EPROTO }, /* too long */
        { "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, 2, 4, false, false, -EPROTO },
        { "\0\0\0\0", 4, 1, 1, false, true, 0 },       /* who it is: nobody asked, the kernel leaves it out */
        { "\0\0\0\0", 4, 2, 4, true, true, -EPROTO },  /* asked for, it is none of ours */
        { "\0\0\0\0", 4, MOST, MOST, true, true, -EPROTO },
    };
    struct pair *p = *state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int fd[REQUEST_RINGS_MOST], on = table[i].passcred;
        struct request_answer got;
        size_t n, before = open_files();
        assert_int_equal(setsockopt(p->supervisor, SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
        send_raw(p->keeper, table[i].bytes, table[i].n, table[i].descriptors, table[i].who);
        assert_int_equal(answer_receive(p->supervisor, &got, fd, table[i].most, &n), table[i].err);
        assert_int_equal(open_files(), before + n);
        assert_true(table[i].err == 0 || n == 0);
        while (n)
            close(fd[--n]);
    }
}

static void the_other_side_is_gone(void **state)
{
    struct pair *p = *state;
    struct request_answer got;
    size_t n;
    close(p->keeper);
    p->keeper = -1;
    assert_int_equal(answer_receive(p->supervisor, &got, NULL, 0, &n), -EPIPE);
    assert_int_equal(n, 0);
    struct request v = { .type = REQUEST_LIMITS, .files = 1 };
    assert_int_equal(request_send(p->supervisor, &v), -EPIPE);
}

/* What it left unread makes the end a reset. */
static void gone_without_reading(void **state)
{
    struct pair *p = *state;
    struct request_answer got;
    size_t n;
    struct request v = { .type = REQUEST_LIMITS, .files = 1 };
    assert_int_equal(request_send(p->supervisor, &v), 0);
    close(p->keeper);
    p->keeper = -1;
    assert_int_equal(answer_receive(p->supervisor, &got, NULL, 0, &n), -EPIPE);
}

static void a_request_is_one_message(void **state)
{
    struct pair *p = *state;
    struct request v = rings_of("eth0", 4), got;
    uint8_t data[REQUEST_BYTES];
    own(&v, "192.0.2.0/24", REQUEST_PREFIXES);
    assert_int_equal(request_send(p->supervisor, &v), 0);
    ssize_t n = recv(p->keeper, data, sizeof data, MSG_TRUNC);
    assert_true(n > 0 && (size_t)n <= sizeof data);
    assert_int_equal(get(data, (size_t)n, &got), 0);
    check_same(&v, &got);
    request_rings_release(&got.rings);
    own(&v, "192.0.2.0/24", 1); /* what would be nonsense to the keeper is not sent */
    assert_int_equal(request_send(p->supervisor, &v), -E2BIG);
    assert_int_equal(recv(p->keeper, data, sizeof data, MSG_DONTWAIT), -1);
    request_rings_release(&v.rings);
}

int main(void)
{
#define TEST_(name) cmocka_unit_test_setup_teardown(name, make_pair, close_pair)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_read_as_written),
        cmocka_unit_test(so_many_prefixes_and_no_more),
        cmocka_unit_test(lies_are_refused),
        TEST_(descriptors_come_closed_on_exec),
        TEST_(a_refusal_is_told),
        TEST_(keys_come_with_the_table),
        TEST_(nonsense_leaves_nothing_open),
        TEST_(the_other_side_is_gone),
        TEST_(gone_without_reading),
        TEST_(a_request_is_one_message),
    };
    return cmocka_run_group_tests_name("main/request", tests, NULL, NULL);
}
