#include "base/pass.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
/* after them */
#include <cmocka.h>

struct pair {
    int side[2];
};

static struct pair open_pair(void)
{
    struct pair p;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, p.side), 0);
    return p;
}

static void close_pair(struct pair *p)
{
    close(p->side[0]);
    close(p->side[1]);
}

static void hands_a_descriptor_over(void **state)
{
    (void)state;
    struct pair p = open_pair();
    int pipes[2], status = 1, fd = -1;
    char letter = 0;
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(pass_send(p.side[0], 0, pipes[1]), 0);
    close(pipes[1]);
    assert_int_equal(pass_receive(p.side[1], &status, &fd), 0);
    assert_int_equal(status, 0);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(read(pipes[0], &letter, 1), 1);
    assert_int_equal(letter, 'x');
    close(fd);
    close(pipes[0]);
    close_pair(&p);
}

static void hands_over_why_there_is_none(void **state)
{
    (void)state;
    struct pair p = open_pair();
    int status = 0, fd = 0;
    assert_int_equal(pass_receive(p.side[1], &status, &fd), -EAGAIN);
    assert_int_equal(pass_send(p.side[0], -ECONNREFUSED, -1), 0);
    assert_int_equal(pass_receive(p.side[1], &status, &fd), 0);
    assert_int_equal(status, -ECONNREFUSED);
    assert_int_equal(fd, -1);
    close(p.side[0]);
    assert_int_equal(pass_receive(p.side[1], &status, &fd), -EPIPE);
    close(p.side[1]);
}

/* n bytes, with a descriptor beside them or none. */
static void send_raw(int socket, void *bytes, size_t n, bool with)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    struct iovec part = { bytes, n };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    if (with) {
        m.msg_control = control.bytes;
        m.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof socket);
        memcpy(CMSG_DATA(c), &socket, sizeof socket);
    }
    assert_int_equal(sendmsg(socket, &m, 0), (ssize_t)n);
}

/* What no sender of ours sends: nothing of it stays open. */
static void refuses_what_makes_no_sense(void **state)
{
    (void)state;
    static const struct {
        int32_t word;
        size_t n;
        bool with;
    } wrong[] = { { 0, 4, false }, { 1, 4, false }, { -5000, 4, false }, { -1, 4, true }, { 0, 3, true }, { 0, 5, true } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pair p = open_pair();
        uint8_t bytes[8] = { 0 };
        int fd = -1, status, next = dup(0);
        close(next);
        memcpy(bytes, &wrong[i].word, sizeof wrong[i].word);
        send_raw(p.side[0], bytes, wrong[i].n, wrong[i].with);
        assert_int_equal(pass_receive(p.side[1], &status, &fd), -EPROTO);
        assert_int_equal(fd, -1);
        int again = dup(0);
        assert_int_equal(again, next);
        close(again);
        close_pair(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_a_descriptor_over),
        cmocka_unit_test(hands_over_why_there_is_none),
        cmocka_unit_test(refuses_what_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
