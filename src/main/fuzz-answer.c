/*
 * A compromised keeper against the supervisor: u8 how many descriptors ride along, u8 how many were
 * asked for, then the answer's bytes. Nothing that came is left open but what the caller is told
 * of.
 */
#include "main/request.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PASSED_MOST = 80, BYTES_MOST = 4096 };

static size_t open_files(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    if (!d)
        abort();
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void send_bytes(int to, const uint8_t *data, size_t size, size_t passed)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * PASSED_MOST)];
        struct cmsghdr align;
    } control = { 0 };
    struct iovec part = { (void *)data, size };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    if (passed) {
        m.msg_control = control.bytes;
        m.msg_controllen = CMSG_SPACE(sizeof(int) * passed);
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        *c = (struct cmsghdr){ CMSG_LEN(sizeof(int) * passed), SOL_SOCKET, SCM_RIGHTS };
        for (size_t i = 0; i < passed; i++)
            memcpy(CMSG_DATA(c) + i * sizeof(int), &to, sizeof(int));
    }
    if (sendmsg(to, &m, MSG_NOSIGNAL) != (ssize_t)size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int pair[2], fd[REQUEST_RINGS_MOST];
    struct request_answer answer;
    size_t n;
    if (size < 2 || size > BYTES_MOST)
        return 0;
    size_t passed = data[0] % (PASSED_MOST + 1), most = data[1] % (REQUEST_RINGS_MOST + 1);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        abort();
    size_t before = open_files();
    send_bytes(pair[0], data + 2, size - 2, passed);
    int err = answer_receive(pair[1], &answer, fd, most, &n);
    assert(err == 0 || err == -EPROTO || err == -EPIPE);
    assert(open_files() == before + n);
    if (err)
        assert(n == 0);
    else
        assert(answer.status <= 0 && answer.status >= -4095 && n == (answer.status ? 0 : passed));
    for (size_t i = 0; i < n; i++) {
        assert(fcntl(fd[i], F_GETFD) & FD_CLOEXEC);
        close(fd[i]);
    }
    close(pair[0]);
    close(pair[1]);
    return 0;
}
