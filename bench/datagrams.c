/*
 * Datagrams for the trap at 53413/UDP, for bench/trap: one thread, on loopback only.
 *
 *   bench-datagrams PORT N RATE       N datagrams, so many a second (0: as fast as can be), from 1,024 networks
 *
 * Probes, log-ins, commands and others by turns, sixty-four at a time and never faster than that: what was late is not made up
 * for. Says "datagrams N seconds S".
 */
#include "base/own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, SOCKETS = 1024, MOST = 100000000 };

static const struct {
    const char *data;
    size_t n;
} said[] = { { "\n", 1 }, { "AAAAAAAAnetcore", 16 }, { "AA\0\0AAAAls", 11 }, { "\1\2\3\4\5\6\7\10\11", 9 } };
enum { SAID = sizeof said / sizeof *said };

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench-datagrams: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A network of its own for each. */
static int source(size_t i)
{
    uint32_t host = UINT32_C(127) << 24 | (uint32_t)(i + 256) << 8 | 1;
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(host) };
    int room = 4 << 20, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        die("a source");
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return fd;
}

static void send_all(uint16_t port, size_t n, double rate)
{
    static int fd[SOCKETS];
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct mmsghdr message[BATCH];
    struct iovec piece[BATCH];
    for (size_t i = 0; i < SOCKETS; i++)
        fd[i] = source(i);
    for (size_t i = 0; i < BATCH; i++) {
        piece[i] = (struct iovec){ (void *)(uintptr_t)said[i % SAID].data, said[i % SAID].n };
        message[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &piece[i], .msg_iovlen = 1 } };
    }
    int64_t start = now(), due = start, apart = rate > 0 ? (int64_t)(BATCH / rate * 1e9) : 0;
    for (size_t sent = 0, turn = 0; sent < n; turn++) {
        int64_t t = now();
        for (; t < due; t = now()) {
            struct timespec wait = { 0, due - t };
            nanosleep(&wait, NULL);
        }
        due = (t - due > apart ? t : due) + apart;
        size_t some = n - sent < BATCH ? n - sent : BATCH;
        int done = sendmmsg(fd[turn % SOCKETS], message, (unsigned)some, 0);
        if (done < 0 && errno != EINTR && errno != ENOBUFS)
            die("sendmmsg");
        sent += done > 0 ? (size_t)done : 0;
    }
    printf("datagrams %zu seconds %.3f\n", n, (double)(now() - start) / 1e9);
}

int main(int argc, char **argv)
{
    uint64_t port = argc == 4 ? strtoull(argv[1], NULL, 10) : 0, n = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
    double rate = argc == 4 ? strtod(argv[3], NULL) : -1;
    if (!port || port > UINT16_MAX || !n || n > MOST || rate < 0) {
        fprintf(stderr, "usage: bench-datagrams PORT N RATE\n");
        return 2;
    }
    send_all((uint16_t)port, n, rate);
    return 0;
}
