/*
 * Visitors of the Telnet trap, for bench/trap: one thread, one epoll, on loopback only.
 *
 *   bench-visit PORT sessions N TOGETHER      N whole sessions (log-in, five commands, exit), so many at a time
 *   bench-visit PORT hold N WHAT              N visitors who stay; says "held N seconds S", waits for the end of its input,
 *                                             says "left N" of those who are still connected. WHAT they did before:
 *                                               silent  nothing, not even read
 *                                               prompt  logged in
 *                                               file    logged in and wrote one small file
 *                                               slow    logged in, asked for endless output, and read none of it
 *   bench-visit PORT rate R SECONDS           R whole sessions begin each second whatever becomes of those before
 *   bench-visit PORT knock N TOGETHER         N visitors of a port that no service is behind: each says who it is, hangs up, and
 *                                             has heard the end of it when it is closed. They are of 64 networks, which are
 *                                             known to be there once one of each has come
 *   bench-visit PORT refused N TOGETHER       N log-ins with a wrong pair, by visitors who leave when they are asked again
 *   bench-visit PORT bare N 0                 what the kernel alone takes: answers N sessions with so many bytes, unread
 *
 * Each visitor has an address of its own in 127.0.0.0/8, so that no cap on a source bites. Of `rate` every moment is fixed
 * beforehand: session i begins at i/R, its k-th line is due k*GAP after that, and an answer's time counts from when its
 * question was due, also where it could not be asked then. An answer has come with the prompt at its end.
 */
#include "base/own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST = 2000000,     /* sessions of a run */
    HOLD_TOGETHER = 64, /* that are on their way in */
    TAIL = 8,           /* bytes at the end of what was heard: the longest prompt */
    EVENTS = 256,
    SMALL = 4096,       /* what the kernel may hold for a slow reader, in bytes */
};
#define GAP INT64_C(20062500) /* nanoseconds between a session's lines: those of others are due at other moments at 2,000 a second */
#define PATIENCE INT64_C(30000000000) /* with no visitor getting anywhere */

/* What is awaited, then what is said to it. */
struct line {
    const char *prompt, *say;
    bool command; /* whose answer is timed */
};

#define LOGIN { "ogin: ", "root\r\n", false }, { "word: ", "xc3511\r\n", false }
#define AT "]$ " /* of the device that bench/trap chooses */

static const struct line whole[] = { LOGIN,
                                     { AT, "uname -a\r\n", true },
                                     { AT, "cat /proc/cpuinfo\r\n", true },
                                     { AT, "cd /tmp && ls -l\r\n", true },
                                     { AT, "echo $((7*9)); id\r\n", true },
                                     { AT, "/bin/busybox ECCHI\r\n", true },
                                     { AT, "exit\r\n", false },
                                     { NULL, NULL, false } };
static const struct line prompt[] = { LOGIN, { AT, NULL, false } };
static const struct line file[] = { LOGIN, { AT, "echo hello > /tmp/x\r\n", true }, { AT, NULL, false } };
static const struct line slow[] = { LOGIN, { AT, "yes\r\n", false }, { NULL, NULL, false } };
/* A log-in that is refused at once. */
static const struct line refused[] = { { "ogin:", "root\r\n", false }, { "word:", "none\r\n", true }, { "ogin:", NULL, false } };
/* What a client of SSH says first. */
static const struct line knock[] = { { NULL, "SSH-2.0-bench\r\n", false }, { NULL, NULL, false } };
enum { LINES = sizeof whole / sizeof *whole };

struct visitor {
    int fd; /* -1: was never there, or has gone */
    uint8_t at;       /* line of the script that is next */
    bool asked;       /* its prompt is there: what is said to it may be said */
    bool timed;       /* an answer is awaited */
    bool settled;     /* of those who stay */
    uint8_t n_tail;
    char tail[TAIL];
    int64_t due;      /* when what was said last should have been */
};

struct bench {
    uint16_t port;
    const struct line *script;
    size_t lines, n, together, networks;
    bool knocks;         /* it says its first line unasked, and no more */
    bool stays;          /* once settled, nobody of them is listened to */
    double rate;         /* 0: as fast as it goes */
    int epoll;
    struct visitor *visitor;
    size_t begun, open, settled, finished, failed;
    size_t next[LINES];  /* of each line: the session that it is due of next */
    int64_t start, moved;
    uint32_t *answer;    /* microseconds */
    size_t answers;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench-visit: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t due_at(const struct bench *b, size_t i, size_t line)
{
    return b->start + (int64_t)((double)i / b->rate * 1e9) + (int64_t)(line + 1) * GAP;
}

/* ---- coming and going ---- */

/* A network of its own for each, as long as there are such. */
static struct sockaddr_in source_of(size_t i, size_t networks)
{
    uint32_t network = (uint32_t)(i % networks), host = (uint32_t)(i / networks % 250) + 2;
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(UINT32_C(127) << 24 | (network + 256) << 8 | host) };
}

static void begin(struct bench *b)
{
    size_t i = b->begun++;
    struct visitor *v = &b->visitor[i];
    struct sockaddr_in from = source_of(i, b->networks), to = { .sin_family = AF_INET, .sin_port = htons(b->port),
                                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1, small = SMALL;
    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (v->fd < 0)
        die("socket");
    (void)setsockopt(v->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (b->script == slow)
        (void)setsockopt(v->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (bind(v->fd, (struct sockaddr *)&from, sizeof from) < 0)
        die("bind");
    if (connect(v->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
        die("connect");
    /* A silent one is settled once it is connected; who says something unasked can do so then. */
    struct epoll_event e = { .events = b->lines && !b->knocks ? EPOLLIN : EPOLLOUT, .data.u64 = i };
    if (epoll_ctl(b->epoll, EPOLL_CTL_ADD, v->fd, &e) < 0)
        die("epoll");
    b->open++;
}

static void leave(struct bench *b, struct visitor *v, bool good)
{
    close(v->fd);
    v->fd = -1;
    b->open--;
    b->finished += good;
    b->failed += !good;
    b->moved = now();
}

static void settle(struct bench *b, struct visitor *v)
{
    if (epoll_ctl(b->epoll, EPOLL_CTL_DEL, v->fd, NULL) < 0)
        die("epoll");
    v->settled = true;
    b->settled++;
    b->moved = now();
}

/* ---- one visitor ---- */

static void say(struct bench *b, struct visitor *v)
{
    const struct line *l = &b->script[v->at];
    size_t n = strlen(l->say);
    if (send(v->fd, l->say, n, MSG_NOSIGNAL) != (ssize_t)n) {
        leave(b, v, false);
        return;
    }
    v->due = b->rate ? due_at(b, (size_t)(v - b->visitor), v->at) : now();
    v->timed = l->command;
    v->asked = false;
    v->n_tail = 0;
    v->at++;
    if (b->stays && v->at + 1U == b->lines && !b->script[v->at].prompt)
        settle(b, v);
}

/* All that it has to say. */
static void speak_up(struct bench *b, struct visitor *v)
{
    say(b, v);
    if (v->fd < 0)
        return;
    struct epoll_event e = { .events = EPOLLIN, .data.u64 = (uint64_t)(v - b->visitor) };
    if (shutdown(v->fd, SHUT_WR) < 0 || epoll_ctl(b->epoll, EPOLL_CTL_MOD, v->fd, &e) < 0)
        leave(b, v, false);
}

static void prompted(struct bench *b, struct visitor *v)
{
    int64_t t = now();
    b->moved = t;
    if (v->timed)
        b->answer[b->answers++] = (uint32_t)((t - v->due) / 1000);
    v->timed = false;
    v->asked = true;
    if (!b->script[v->at].say && b->stays)
        settle(b, v);
    else if (!b->script[v->at].say)
        leave(b, v, true);
    else if (!b->rate || due_at(b, (size_t)(v - b->visitor), v->at) <= t)
        say(b, v);
}

static void keep_tail(struct visitor *v, const char *data, size_t n)
{
    size_t kept = n >= TAIL ? 0 : v->n_tail + n <= TAIL ? v->n_tail : TAIL - n;
    memmove(v->tail, v->tail + v->n_tail - kept, kept);
    size_t part = n < TAIL ? n : TAIL;
    memcpy(v->tail + kept, data + n - part, part);
    v->n_tail = (uint8_t)(kept + part);
}

static void hear(struct bench *b, struct visitor *v)
{
    char data[16384];
    ssize_t n = recv(v->fd, data, sizeof data, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    const char *awaited = b->script[v->at].prompt;
    if (n <= 0) {
        leave(b, v, n == 0 && !awaited && !b->stays);
        return;
    }
    keep_tail(v, data, (size_t)n);
    size_t length = awaited ? strlen(awaited) : 0;
    if (awaited && !v->asked && v->n_tail >= length && !memcmp(v->tail + v->n_tail - length, awaited, length))
        prompted(b, v);
}

/* ---- all of them ---- */

/* What is due by now; when the next is. */
static int64_t keep_time(struct bench *b)
{
    int64_t t = now(), next = INT64_MAX;
    while (b->begun < b->n && due_at(b, b->begun, 0) - GAP <= t)
        begin(b);
    if (b->begun < b->n)
        next = due_at(b, b->begun, 0) - GAP;
    for (size_t k = 0; k + 1 < b->lines; k++) {
        for (; b->next[k] < b->begun && due_at(b, b->next[k], k) <= t; b->next[k]++) {
            struct visitor *v = &b->visitor[b->next[k]];
            if (v->fd >= 0 && v->asked && v->at == k) /* else it is said as soon as it is asked for */
                say(b, v);
        }
        if (b->next[k] < b->begun && due_at(b, b->next[k], k) < next)
            next = due_at(b, b->next[k], k);
    }
    return next;
}

static void work(struct bench *b)
{
    struct epoll_event events[EVENTS];
    b->start = b->moved = now();
    while (b->finished + b->failed + b->settled < b->n) {
        int64_t until = now() + PATIENCE / 30, next = INT64_MAX;
        if (b->rate)
            next = keep_time(b);
        while (!b->rate && b->begun < b->n && b->open - b->settled < b->together)
            begin(b);
        int64_t left = (next < until ? next : until) - now();
        left = left < 0 ? 0 : left;
        struct timespec wait = { left / 1000000000, left % 1000000000 };
        int n = epoll_pwait2(b->epoll, events, EVENTS, &wait, NULL);
        if (n < 0 && errno != EINTR)
            die("epoll_pwait2");
        for (int i = 0; i < n; i++) {
            struct visitor *v = &b->visitor[events[i].data.u64];
            if (b->knocks && !v->at)
                speak_up(b, v);
            else if (b->lines)
                hear(b, v);
            else if (events[i].events & (EPOLLERR | EPOLLHUP))
                leave(b, v, false);
            else
                settle(b, v);
        }
        if (now() - b->moved > PATIENCE) {
            errno = ETIMEDOUT;
            die("nobody gets anywhere");
        }
    }
}

/* ---- what is shown ---- */

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t quantile(const struct bench *b, double q)
{
    return b->answers ? b->answer[(size_t)(q * (double)(b->answers - 1))] : 0;
}

static void show(struct bench *b)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    qsort(b->answer, b->answers, sizeof *b->answer, by_size);
    printf("sessions %zu failed %zu seconds %.3f answers %zu p50_us %" PRIu32 " p90_us %" PRIu32 " p99_us %" PRIu32
           " p999_us %" PRIu32 " most_us %" PRIu32 " own_cpu_s %.3f\n",
           b->finished, b->failed, (double)(now() - b->start) / 1e9, b->answers, quantile(b, 0.5), quantile(b, 0.9),
           quantile(b, 0.99), quantile(b, 0.999), quantile(b, 1),
           (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

/* Connected still, whatever is there to be read of it. */
static bool is_there(const struct visitor *v)
{
    char data[16384];
    ssize_t n;
    while ((n = recv(v->fd, data, sizeof data, MSG_DONTWAIT)) > 0)
        ;
    return n < 0 && errno == EAGAIN;
}

static void hold(struct bench *b)
{
    size_t left = 0;
    printf("held %zu failed %zu seconds %.3f\n", b->settled, b->failed, (double)(now() - b->start) / 1e9);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    for (size_t i = 0; i < b->n; i++) {
        struct visitor *v = &b->visitor[i];
        int error = 0;
        socklen_t n = sizeof error;
        if (!v->settled)
            continue;
        if (b->script == slow) /* to its endless output's end nobody reads */
            left += getsockopt(v->fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0;
        else
            left += is_there(v);
    }
    printf("left %zu\n", left);
}

/* ---- a server that knows nothing ---- */

/* As long as what the trap says at each of a session's lines; each ends in all of the prompts that are awaited. */
static const uint16_t answer_bytes[LINES] = { 32, 16, 165, 102, 384, 50, 71, 68, 6 };

static void bare_answer(int fd, size_t at)
{
    static const char prompts[] = "login: ", words[] = "word: ", shell[] = AT;
    char data[512];
    const char *ending = at == 0 ? prompts : at == 1 ? words : at + 1 < LINES ? shell : "";
    size_t n = answer_bytes[at], length = strlen(ending);
    memset(data, '.', n);
    memcpy(data + n - length, ending, length);
    (void)!send(fd, data, n, MSG_NOSIGNAL);
}

static void bare_accept(int epoll, int listener, uint8_t *at)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        die("epoll");
    at[fd] = 0;
    bare_answer(fd, at[fd]++);
}

/* One line came; whether that was the last. */
static bool bare_hear(int fd, uint8_t *at)
{
    char data[4096];
    ssize_t n = recv(fd, data, sizeof data, 0);
    if (n < 0)
        return false;
    if (n > 0)
        bare_answer(fd, at[fd]++);
    if (n > 0 && at[fd] < LINES)
        return false;
    (void)shutdown(fd, SHUT_WR);
    (void)!recv(fd, data, sizeof data, 0);
    close(fd);
    return true;
}

static void bare(uint16_t port, size_t most)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct epoll_event events[EVENTS] = { 0 };
    static uint8_t at[1 << 16]; /* by descriptor: its next line */
    int on = 1, epoll = epoll_create1(EPOLL_CLOEXEC), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    events[0].events = EPOLLIN;
    events[0].data.fd = listener;
    (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 4096) < 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, listener, events) < 0)
        die("listen");
    for (size_t over = 0; over < most;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++)
            if (events[i].data.fd == listener)
                bare_accept(epoll, listener, at);
            else
                over += bare_hear(events[i].data.fd, at);
    }
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("bare sessions %zu user_us %.1f system_us %.1f\n", most,
           ((double)u.ru_utime.tv_sec * 1e6 + (double)u.ru_utime.tv_usec) / (double)most,
           ((double)u.ru_stime.tv_sec * 1e6 + (double)u.ru_stime.tv_usec) / (double)most);
}

/* ---- which of them ---- */

static bool choose_hold(struct bench *b, const char *what)
{
    static const struct {
        const char *what;
        const struct line *script;
        size_t lines;
    } all[] = { { "silent", NULL, 0 },
                { "prompt", prompt, sizeof prompt / sizeof *prompt },
                { "file", file, sizeof file / sizeof *file },
                { "slow", slow, sizeof slow / sizeof *slow } };
    b->stays = true;
    b->together = HOLD_TOGETHER;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(what, all[i].what)) {
            b->script = all[i].script;
            b->lines = all[i].lines;
            return true;
        }
    return false;
}

static bool choose(struct bench *b, char **word)
{
    double a = strtod(word[2], NULL), c = strtod(word[3], NULL);
    b->port = (uint16_t)strtoul(word[0], NULL, 10);
    b->script = whole;
    b->lines = LINES;
    b->n = (size_t)a;
    b->networks = 60000;
    if (!strcmp(word[1], "hold"))
        return choose_hold(b, word[3]);
    if (!strcmp(word[1], "sessions")) {
        b->together = (size_t)c;
        return c >= 1;
    }
    if (!strcmp(word[1], "refused")) {
        b->script = refused;
        b->lines = sizeof refused / sizeof *refused;
        b->networks = 64;
        b->together = (size_t)c;
        return c >= 1;
    }
    if (!strcmp(word[1], "knock")) {
        b->script = knock;
        b->lines = sizeof knock / sizeof *knock;
        b->knocks = true;
        b->networks = 64;
        b->together = (size_t)c;
        return c >= 1;
    }
    if (!strcmp(word[1], "bare"))
        return true;
    b->rate = a;
    b->n = (size_t)(a * c);
    return !strcmp(word[1], "rate");
}

int main(int argc, char **argv)
{
    struct bench b = { 0 };
    if (argc != 5 || !choose(&b, argv + 1) || b.n < 1 || b.n > MOST) {
        fprintf(stderr, "usage: bench-visit PORT sessions N TOGETHER | hold N silent|prompt|file|slow | rate R SECONDS |\n"
                        "                        knock N TOGETHER | refused N TOGETHER | bare N 0\n");
        return 2;
    }
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
    auto_free struct visitor *visitor = calloc(b.n, sizeof *visitor);
    auto_free uint32_t *answer = calloc(b.n * LINES, sizeof *answer);
    if (!strcmp(argv[2], "bare")) {
        bare(b.port, b.n);
        return 0;
    }
    b.visitor = visitor;
    b.answer = answer;
    b.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!visitor || !answer || b.epoll < 0)
        die("setting up");
    work(&b);
    if (b.stays)
        hold(&b);
    else
        show(&b);
    return b.failed ? 1 : 0;
}
