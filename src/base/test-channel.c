#include "base/channel.h"

#include "base/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct pair {
    struct channel a, b;
};

static struct pair make_pair(void)
{
    int fd[2];
    struct pair p;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    channel_init(&p.a, fd[0]);
    channel_init(&p.b, fd[1]);
    return p;
}

static void release_pair(struct pair *p)
{
    channel_release(&p->a);
    channel_release(&p->b);
}

static void send_record(struct channel *c, uint8_t type, const void *data, size_t n)
{
    size_t begun = channel_begin(c, type);
    buf_put(&c->out, data, n);
    assert_int_equal(channel_end(c, begun), 0);
}

static int receive(struct channel *c, uint8_t *type, struct rd *r)
{
    int got;
    while ((got = channel_next(c, type, r)) == 0) {
        got = channel_fill(c);
        if (got <= 0)
            return got;
    }
    return got;
}

static void test_records(void **state)
{
    (void)state;
    static const size_t size[] = { 0, 1, 4, 5, 100, 65536, 0, 3 };
    enum { N = sizeof size / sizeof size[0] };
    static uint8_t bytes[65536];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    struct pair p = make_pair();
    uint8_t type;
    struct rd r;
    assert_int_equal(channel_next(&p.b, &type, &r), 0); /* nothing came yet */
    for (size_t i = 0; i < N; i++)
        send_record(&p.a, (uint8_t)(i * 50), bytes, size[i]);
    assert_int_equal(channel_flush(&p.a), 0);
    assert_int_equal(channel_waiting(&p.a), 0);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(receive(&p.b, &type, &r), 1);
        assert_int_equal(type, (uint8_t)(i * 50));
        assert_int_equal(rd_left(&r), size[i]);
        assert_memory_equal(rd_take(&r, size[i]), bytes, size[i]);
    }
    close(take_fd(p.a.fd));
    assert_int_equal(receive(&p.b, &type, &r), 0);
    release_pair(&p);
}

/* However the stream is cut, the same records come out. */
static void test_pieces(void **state)
{
    (void)state;
    struct pair p = make_pair();
    for (unsigned i = 0; i < 20; i++)
        send_record(&p.a, (uint8_t)i, "0123456789abcdefghij", i);
    unsigned seen = 0;
    for (size_t i = 0; i < p.a.out.len; i++) {
        uint8_t type;
        struct rd r;
        assert_int_equal(write(p.a.fd, p.a.out.data + i, 1), 1);
        assert_int_equal(channel_fill(&p.b), 1);
        while (channel_next(&p.b, &type, &r) == 1) {
            assert_int_equal(type, seen);
            assert_int_equal(rd_left(&r), seen);
            seen++;
        }
    }
    assert_int_equal(seen, 20);
    release_pair(&p);
}

static void test_broken(void **state)
{
    (void)state;
    static const struct {
        uint32_t length;
        int want;
    } row[] = {
        { 0, -EPROTO },
        { 1, 1 },
        { 2, 0 },
        { RECORD_MAX, 0 },
        { RECORD_MAX + 1, -EPROTO },
        { INT32_MAX, -EPROTO },
        { UINT32_MAX, -EPROTO },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct pair p = make_pair();
        uint8_t header[5] = { (uint8_t)row[i].length, (uint8_t)(row[i].length >> 8),
                              (uint8_t)(row[i].length >> 16), (uint8_t)(row[i].length >> 24), 9 };
        assert_int_equal(write(p.a.fd, header, sizeof header), sizeof header);
        assert_int_equal(channel_fill(&p.b), 1);
        uint8_t type = 0;
        struct rd r;
        assert_int_equal(channel_next(&p.b, &type, &r), row[i].want);
        if (row[i].want == -EPROTO) /* and it stays broken */
            assert_int_equal(channel_next(&p.b, &type, &r), -EPROTO);
        release_pair(&p);
    }
}

/* Half a record of a dead peer is never handed out. */
static void test_half(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < 15; cut++) {
        struct pair p = make_pair();
        send_record(&p.a, 3, "0123456789", 10);
        assert_int_equal(write(p.a.fd, p.a.out.data, cut), cut);
        close(take_fd(p.a.fd));
        uint8_t type;
        struct rd r;
        assert_int_equal(receive(&p.b, &type, &r), 0);
        release_pair(&p);
    }
}

static void test_largest(void **state)
{
    (void)state;
    struct pair p = make_pair();
    size_t begun = channel_begin(&p.a, 1);
    assert_non_null(buf_add(&p.a.out, RECORD_MAX - 1)); /* with its type: RECORD_MAX */
    assert_int_equal(channel_end(&p.a, begun), 0);
    size_t before = p.a.out.len;
    begun = channel_begin(&p.a, 1);
    assert_non_null(buf_add(&p.a.out, RECORD_MAX));
    assert_int_equal(channel_end(&p.a, begun), -ENOMEM);
    assert_int_equal(p.a.out.len, before); /* taken back */
    begun = channel_begin(&p.a, 1);
    assert_null(buf_add(&p.a.out, 5 * (size_t)RECORD_MAX));
    assert_int_equal(channel_end(&p.a, begun), -ENOMEM);
    send_record(&p.a, 2, "x", 1); /* and the channel goes on */
    assert_int_equal(p.a.out.len, before + 6);
    release_pair(&p);
}

static void test_nonblocking(void **state)
{
    (void)state;
    struct pair p = make_pair();
    assert_int_equal(channel_nonblocking(&p.a), 0);
    assert_int_equal(channel_nonblocking(&p.b), 0);
    assert_int_equal(channel_fill(&p.b), -EAGAIN);
    enum { N = 1 << 22 };
    uint8_t *bytes = calloc(1, N);
    assert_non_null(bytes);
    send_record(&p.a, 7, bytes, N);
    bytes[0] = 1;
    send_record(&p.a, 8, bytes, 10);
    assert_int_equal(channel_flush(&p.a), 0);
    assert_true(channel_waiting(&p.a) > 0); /* more than a socket holds */
    unsigned seen = 0;
    while (seen < 2) {
        uint8_t type;
        struct rd r;
        int got = channel_fill(&p.b);
        assert_true(got == 1 || got == -EAGAIN);
        while (channel_next(&p.b, &type, &r) == 1) {
            assert_int_equal(type, 7 + seen);
            assert_int_equal(rd_left(&r), seen ? 10 : N);
            assert_memory_equal(rd_take(&r, 10), seen ? bytes : bytes + 1, 10);
            seen++;
        }
        assert_int_equal(channel_flush(&p.a), 0);
    }
    assert_int_equal(channel_waiting(&p.a), 0);
    assert_int_equal(channel_blocking(&p.a), 0);
    free(bytes);
    release_pair(&p);
}

static void test_nobody_reads(void **state)
{
    (void)state;
    struct pair p = make_pair();
    close(take_fd(p.b.fd));
    send_record(&p.a, 1, "x", 1);
    assert_int_equal(channel_flush(&p.a), -EPIPE); /* and no signal */
    release_pair(&p);
    release_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),     cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_broken),      cmocka_unit_test(test_half),
        cmocka_unit_test(test_largest),     cmocka_unit_test(test_nonblocking),
        cmocka_unit_test(test_nobody_reads),
    };
    return cmocka_run_group_tests_name("base/channel", tests, NULL, NULL);
}
