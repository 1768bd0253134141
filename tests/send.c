/*
 * Test tool: writes the frames of a plain pcap file on one end of a veth pair.
 *
 *   send INTERFACE FILE.pcap [--rate FRAMES_PER_SECOND] [--seconds N | --count N]
 *
 * Without --seconds and --count every frame is sent once; with them the file is sent over and over.
 * Prints how many frames were sent in how many seconds. Exit 0 done, 1 trouble, 2 wrong usage.
 *
 * It cannot send to a real network: it refuses to run in the network namespace of the system, and
 * on any interface but a veth.
 *
 * The pcap parser is its own, so that what it sends and what is counted share no code.
 */
#include "base/own.h"
#include "veth.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum {
    BATCH = 64,
    PCAP_HEADER = 24,
    RECORD_HEADER = 16,
    LINKTYPE_ETHERNET = 1,
    ETHERNET_HEADER = 14,
    FRAME_MAX = 256 * 1024,
};

struct order {
    const char *interface, *file;
    uint64_t rate;    /* frames a second; 0: as fast as they go */
    uint64_t seconds; /* 0: until count */
    uint64_t count;   /* 0: the file once, or until seconds */
};

struct frames {
    struct iovec *item; /* into the mapped file, which stays for the life of the program */
    size_t n, room;
};

static uint32_t u32_at(const uint8_t *p, bool swapped)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return swapped ? __builtin_bswap32(v) : v;
}

static int add_frame(struct frames *frames, const uint8_t *data, size_t n)
{
    if (frames->n == frames->room) {
        size_t room = frames->room ? frames->room * 2 : 1024;
        struct iovec *item = reallocarray(frames->item, room, sizeof *item);
        if (!item)
            return veth_fail("out of memory");
        frames->item = item;
        frames->room = room;
    }
    frames->item[frames->n++] = (struct iovec){ .iov_base = (void *)(uintptr_t)data, .iov_len = n };
    return 0;
}

static int parse_pcap(const char *name, const uint8_t *p, size_t size, struct frames *ret)
{
    const uint8_t *end = p + size;
    if (size < PCAP_HEADER)
        return veth_fail("%s: too short for a pcap file", name);
    uint32_t magic = u32_at(p, false);
    bool swapped = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
    if (!swapped && magic != 0xa1b2c3d4 && magic != 0xa1b23c4d)
        return veth_fail("%s: not a pcap file", name);
    if ((u32_at(p + 20, swapped) & 0xffff) != LINKTYPE_ETHERNET)
        return veth_fail("%s: not a capture of Ethernet frames", name);
    p += PCAP_HEADER;

    while (p < end) {
        if (RECORD_HEADER > end - p)
            return veth_fail("%s: ends inside the header of frame %zu", name, ret->n + 1);
        uint32_t n = u32_at(p + 8, swapped);
        p += RECORD_HEADER;
        if (n > FRAME_MAX || (ptrdiff_t)n > end - p)
            return veth_fail("%s: frame %zu is longer than the file", name, ret->n + 1);
        if (n < ETHERNET_HEADER)
            return veth_fail("%s: frame %zu is shorter than an Ethernet header", name, ret->n + 1);
        if (add_frame(ret, p, n) < 0)
            return -1;
        p += n;
    }
    return ret->n ? 0 : veth_fail("%s: no frames", name);
}

static int read_pcap(const char *name, struct frames *ret)
{
    struct stat st;
    auto_fd int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return veth_fail("%s: %s", name, strerror(errno));
    if (st.st_size < PCAP_HEADER)
        return veth_fail("%s: too short for a pcap file", name);
    size_t size = (size_t)st.st_size;
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED)
        return veth_fail("%s: %s", name, strerror(errno));
    return parse_pcap(name, map, size, ret);
}

/* How long after the start frame number `sent` is due. */
static uint64_t due(uint64_t sent, uint64_t rate)
{
    return sent / rate * SECOND + sent % rate * SECOND / rate;
}

/* All n frames from number `first` on, the file taken as a ring. */
static int send_batch(int fd, const struct frames *frames, uint64_t first, unsigned n)
{
    struct mmsghdr message[BATCH];
    for (unsigned i = 0; i < n; i++) {
        struct iovec *frame = &frames->item[(first + i) % frames->n];
        message[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = frame, .msg_iovlen = 1 } };
    }
    for (unsigned done = 0; done < n;) {
        int sent = sendmmsg(fd, message + done, n - done, 0);
        if (sent > 0)
            done += (unsigned)sent;
        else if (errno == ENOBUFS)
            veth_sleep_until(veth_now() + 100000); /* the driver is full */
        else if (errno != EINTR)
            return veth_fail("frame %zu: %s", (size_t)((first + done) % frames->n) + 1,
                             strerror(errno));
    }
    return 0;
}

static int send_all(int fd, const struct frames *frames, const struct order *o)
{
    uint64_t start = veth_now(), now = start, sent = 0;
    uint64_t end = o->seconds ? start + o->seconds * SECOND : UINT64_MAX;
    uint64_t count = o->count ? o->count : o->seconds ? UINT64_MAX : frames->n;
    /* Slow senders send one by one, fast ones some thousand times a second. */
    uint64_t batch = o->rate == 0 || o->rate / 4096 >= BATCH ? BATCH : o->rate / 4096 + 1;

    while (sent < count && now < end) {
        uint64_t n = batch < count - sent ? batch : count - sent;
        if (o->rate && now < start + due(sent, o->rate))
            veth_sleep_until(start + due(sent, o->rate));
        if (send_batch(fd, frames, sent, (unsigned)n) < 0)
            return -1;
        sent += n;
        now = veth_now();
    }
    printf("%llu frames in %.3f s\n", (unsigned long long)sent, (double)(now - start) / 1e9);
    return 0;
}

static int usage(void)
{
    fputs("usage: send INTERFACE FILE.pcap [--rate FRAMES_PER_SECOND] [--seconds N | --count N]\n",
          stderr);
    return 2;
}

static bool parse_words(int argc, char **argv, struct order *ret)
{
    static const struct option options[] = {
        { "rate", required_argument, NULL, 'r' },
        { "seconds", required_argument, NULL, 's' },
        { "count", required_argument, NULL, 'c' },
        { 0 },
    };
    int c;
    bool good = true;
    *ret = (struct order){ 0 };
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'r')
            good = good && veth_number(optarg, 100 * 1000 * 1000, &ret->rate);
        else if (c == 's')
            good = good && veth_number(optarg, 24 * 3600, &ret->seconds);
        else if (c == 'c')
            good = good && veth_number(optarg, UINT32_MAX, &ret->count);
        else
            good = false;
    }
    if (!good || argc - optind != 2 || (ret->seconds && ret->count))
        return false;
    ret->interface = argv[optind];
    ret->file = argv[optind + 1];
    return true;
}

static int run(const struct order *o, struct frames *frames)
{
    auto_fd int fd = veth_socket(o->interface);
    if (fd < 0 || read_pcap(o->file, frames) < 0)
        return -1;
    prctl(PR_SET_TIMERSLACK, 1000UL);
    return send_all(fd, frames, o);
}

int main(int argc, char **argv)
{
    struct order order;
    struct frames frames = { 0 };

    if (!parse_words(argc, argv, &order))
        return usage();
    int e = run(&order, &frames);
    free(frames.item);
    return e < 0;
}
