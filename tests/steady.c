/*
 * Test tool: steady traffic on one end of a veth pair, of which every frame tells when it was sent.
 *
 *   steady INTERFACE TRUTH [--rate FRAMES_PER_SECOND] [--seconds N] [--slot MILLISECONDS]
 *
 * TCP SYNs and UDP datagrams in turn, from 1,021 sources in 198.18.0.0/15 to all of 203.0.113.0/24.
 * Time is cut into slots; the destination port is FIRST_PORT and the number of the slot, so what
 * was counted can be laid beside what was sent slot by slot, whatever the clocks of the two say.
 * TRUTH gets a line a slot when it is over: its port, when it began (CLOCK_REALTIME, seconds),
 * frames sent in it, frames sent so far.
 *
 * It ends after --seconds, when ports are used up, or on SIGTERM; the last slot is written then,
 * too. Exit 0 done, 1 trouble, 2 wrong usage. Where it refuses to send at all: veth.h.
 */
#include "base/own.h"
#include "veth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum {
    FIRST_PORT = 1024,
    SOURCE_PORT = 40000, /* no service whose datagrams would be replies */
    BATCH = 64,
    SOURCES = 1021, /* a prime, so that sources, destinations and protocols meet in every way */
    TICKS = 1000,   /* a second */
};

#define SOURCE_NET 0xc6120000u      /* 198.18.0.0 */
#define DESTINATION_NET 0xcb007100u /* 203.0.113.0 */

struct order {
    const char *interface, *truth;
    uint64_t rate, seconds, slot; /* slot in milliseconds */
};

struct frame {
    struct ethhdr ethernet;
    struct iphdr ip;
    union {
        struct tcphdr tcp;
        struct udphdr udp;
    };
} __attribute__((packed));

struct slot {
    uint64_t number, sent, before;
    double began;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static uint32_t sum_words(const void *data, size_t n, uint32_t sum)
{
    const uint8_t *p = data;
    for (size_t i = 0; i + 1 < n; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    return sum;
}

static uint16_t checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

/* RFC 9293, 3.1: the pseudo header. */
static uint16_t transport_checksum(const struct frame *f, size_t n)
{
    return checksum(
        sum_words(&f->tcp, n, sum_words(&f->ip.saddr, 8, f->ip.protocol + (uint32_t)n)));
}

static size_t put_tcp(struct frame *f, uint64_t number, uint16_t port)
{
    f->tcp = (struct tcphdr){ .source = htons(SOURCE_PORT),
                              .dest = htons(port),
                              .seq = htonl((uint32_t)number * 2654435761u),
                              .doff = sizeof f->tcp / 4,
                              .syn = 1,
                              .window = htons(64240) };
    f->tcp.check = transport_checksum(f, sizeof f->tcp);
    return sizeof f->tcp;
}

static size_t put_udp(struct frame *f, uint16_t port)
{
    f->udp = (struct udphdr){ .source = htons(SOURCE_PORT), .dest = htons(port), .len = htons(8) };
    f->udp.check = transport_checksum(f, sizeof f->udp);
    return sizeof f->udp;
}

/* Frame `number` of all; returns its length. */
static size_t make_frame(struct frame *f, uint64_t number, uint16_t port)
{
    static const struct ethhdr ethernet = { .h_dest = { 2, 0, 0, 0, 0, 1 },
                                            .h_source = { 2, 0, 0, 0, 0, 2 } };
    bool is_tcp = number % 2 == 0;
    size_t transport = is_tcp ? sizeof f->tcp : sizeof f->udp;
    f->ethernet = ethernet;
    f->ethernet.h_proto = htons(ETH_P_IP);
    f->ip = (struct iphdr){ .version = 4,
                            .ihl = 5,
                            .tot_len = htons((uint16_t)(sizeof f->ip + transport)),
                            .id = htons((uint16_t)number),
                            .ttl = 64,
                            .protocol = is_tcp ? IPPROTO_TCP : IPPROTO_UDP,
                            .saddr = htonl(SOURCE_NET + (uint32_t)(number % SOURCES * 127)),
                            .daddr = htonl(DESTINATION_NET + (uint32_t)(number / 2 % 256)) };
    f->ip.check = checksum(sum_words(&f->ip, sizeof f->ip, 0));
    return sizeof f->ethernet + sizeof f->ip +
           (is_tcp ? put_tcp(f, number, port) : put_udp(f, port));
}

static int send_batch(int fd, uint64_t first, unsigned n, uint16_t port)
{
    struct frame frame[BATCH];
    struct iovec part[BATCH];
    struct mmsghdr message[BATCH];
    for (unsigned i = 0; i < n; i++) {
        part[i] = (struct iovec){ &frame[i], make_frame(&frame[i], first + i, port) };
        message[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &part[i], .msg_iovlen = 1 } };
    }
    for (unsigned done = 0; done < n;) {
        int sent = sendmmsg(fd, message + done, n - done, 0);
        if (sent > 0)
            done += (unsigned)sent;
        else if (errno == ENOBUFS)
            veth_sleep_until(veth_now() + SECOND / TICKS);
        else if (errno != EINTR)
            return veth_fail("frame %llu: %s", (unsigned long long)(first + done), strerror(errno));
    }
    return 0;
}

static double real_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int write_slot(FILE *truth, const struct slot *s)
{
    fprintf(truth, "%llu %.3f %llu %llu\n", (unsigned long long)(FIRST_PORT + s->number), s->began,
            (unsigned long long)s->sent, (unsigned long long)(s->before + s->sent));
    return fflush(truth) ? veth_fail("truth: %s", strerror(errno)) : 0;
}

/* A slot in which nothing was sent, because the machine was slow, has no line. */
static int enter_slot(FILE *truth, struct slot *s, uint64_t number)
{
    if (s->number == number)
        return 0;
    int err = s->sent ? write_slot(truth, s) : 0;
    *s = (struct slot){ .number = number, .before = s->before + s->sent, .began = real_now() };
    return err;
}

/* A thousand times a second what is due by then, in the slot of that moment. */
static int send_all(int fd, FILE *truth, const struct order *o)
{
    uint64_t start = veth_now(), slot_ns = o->slot * (SECOND / TICKS);
    struct slot s = { .began = real_now() };
    int err = 0;
    for (uint64_t tick = 1; !err && !stop && tick <= o->seconds * TICKS; tick++) {
        veth_sleep_until(start + tick * (SECOND / TICKS));
        uint64_t number = (veth_now() - start) / slot_ns;
        if (number > UINT16_MAX - FIRST_PORT)
            break;
        err = enter_slot(truth, &s, number);
        uint64_t due = tick * o->rate / TICKS;
        for (uint64_t sent; !err && (sent = s.before + s.sent) < due;) {
            unsigned n = due - sent < BATCH ? (unsigned)(due - sent) : BATCH;
            err = send_batch(fd, sent, n, (uint16_t)(FIRST_PORT + number));
            s.sent += n;
        }
    }
    return err || !s.sent ? err : write_slot(truth, &s);
}

static bool parse_words(int argc, char **argv, struct order *ret)
{
    static const struct option options[] = {
        { "rate", required_argument, NULL, 'r' },
        { "seconds", required_argument, NULL, 's' },
        { "slot", required_argument, NULL, 'l' },
        { 0 },
    };
    int c;
    bool good = true;
    *ret = (struct order){ .rate = 5000, .seconds = 60, .slot = 50 };
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'r')
            good = good && veth_number(optarg, 1000 * 1000, &ret->rate);
        else if (c == 's')
            good = good && veth_number(optarg, 3600, &ret->seconds);
        else if (c == 'l')
            good = good && veth_number(optarg, 1000, &ret->slot);
        else
            good = false;
    }
    if (!good || argc - optind != 2)
        return false;
    ret->interface = argv[optind];
    ret->truth = argv[optind + 1];
    return true;
}

static int run(const struct order *o)
{
    auto_fd int fd = veth_socket(o->interface);
    if (fd < 0)
        return -1;
    auto_file FILE *truth = fopen(o->truth, "we");
    if (!truth)
        return veth_fail("%s: %s", o->truth, strerror(errno));
    prctl(PR_SET_TIMERSLACK, 1000UL);
    signal(SIGTERM, on_signal);
    return send_all(fd, truth, o);
}

int main(int argc, char **argv)
{
    struct order order;
    if (!parse_words(argc, argv, &order)) {
        fputs("usage: steady INTERFACE TRUTH [--rate FRAMES_PER_SECOND] [--seconds N] [--slot "
              "MILLISECONDS]\n",
              stderr);
        return 2;
    }
    return run(&order) < 0;
}
