/*
 * Test tool: more packets a second over a veth pair than sockets can send.
 *
 *   flood INTERFACE [--rate FRAMES_PER_SECOND] [--seconds N]
 *
 * TCP SYNs from 65,536 sources in 198.18.0.0/16 to all of 203.0.113.0/24 and a handful of ports.
 * The kernel makes them itself: a little XDP program runs over copies of one frame
 * (BPF_F_TEST_XDP_LIVE_FRAMES), gives each another source, destination, ports and sequence number,
 * and redirects it to the interface. They are addressed to a station that is not there, so that
 * captures see them, but nobody looks for routes. The other end must have generic receive offload
 * on, or else takes none: ethtool -K sensor0 gro on.
 *
 * Prints how many frames were sent in how many seconds, as the interface's own counter tells. Exit
 * 0 done, 1 trouble, 2 wrong usage. Where it refuses to send at all: veth.h.
 */
#include "base/own.h"
#include "veth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { BATCH = 64, CALLS = 4 /* a second */, UNPACED = 1 << 16 };

struct order {
    const char *interface;
    uint64_t rate, seconds;
};

struct frame {
    struct ethhdr ethernet;
    struct iphdr ip;
    struct tcphdr tcp;
} __attribute__((packed));

#define AT(field) ((short)offsetof(struct frame, field))
#define OP(c, d, s, o, i)                                                                          \
    ((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOVE(d, s) OP(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, n) OP(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, n)
#define DO(op, d, n) OP(BPF_ALU64 | (op) | BPF_K, d, 0, 0, n)
#define ADD(d, s) OP(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define LOAD32(d, s, o) OP(BPF_LDX | BPF_MEM | BPF_W, d, s, o, 0)
#define STORE16(d, o, s) OP(BPF_STX | BPF_MEM | BPF_H, d, s, o, 0)
#define STORE8(d, o, s) OP(BPF_STX | BPF_MEM | BPF_B, d, s, o, 0)
#define SKIP_AT_MOST(d, n, o) OP(BPF_JMP | BPF_JLE | BPF_K, d, 0, o, n)
#define CALL(n) OP(BPF_JMP | BPF_CALL, 0, 0, 0, n)
#define EXIT OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* Checksums stay as they are in the frame that is copied: what a random word adds, its complement
 * takes away again (RFC 1071), once in the IP header and once in the TCP header. */
static int load_program(unsigned interface)
{
    struct bpf_insn program[] = {
        LOAD32(7, 1, offsetof(struct xdp_md, data)),
        LOAD32(3, 1, offsetof(struct xdp_md, data_end)),
        MOVE(4, 7),
        DO(BPF_ADD, 4, sizeof(struct frame)),
        SET(0, XDP_DROP),
        OP(BPF_JMP | BPF_JGT | BPF_X, 4, 3, 38, 0),
        CALL(BPF_FUNC_get_prandom_u32),
        MOVE(1, 0),
        DO(BPF_AND, 1, 0xffff),
        STORE16(7, AT(ip.saddr) + 2, 1),
        MOVE(2, 0),
        DO(BPF_RSH, 2, 16),
        DO(BPF_AND, 2, 0xff),
        STORE8(7, AT(ip.daddr) + 3, 2),
        DO(BPF_LSH, 2, 8), /* where that byte stands in its word, in this machine's order */
        ADD(1, 2),
        MOVE(3, 1),
        DO(BPF_RSH, 3, 16),
        ADD(1, 3),
        DO(BPF_XOR, 1, 0xffff),
        STORE16(7, AT(ip.id), 1),
        STORE16(7, AT(tcp.seq) + 2, 1),
        CALL(BPF_FUNC_get_prandom_u32),
        STORE16(7, AT(tcp.source), 0),
        MOVE(1, 0),
        DO(BPF_XOR, 0, 0xffff),
        STORE16(7, AT(tcp.seq), 0),
        DO(BPF_RSH, 1, 16),
        DO(BPF_AND, 1, 7),
        SET(2, htons(23)),
        SKIP_AT_MOST(1, 3, 7),
        SET(2, htons(2323)),
        SKIP_AT_MOST(1, 4, 5),
        SET(2, htons(445)),
        SKIP_AT_MOST(1, 5, 3),
        SET(2, htons(80)),
        SKIP_AT_MOST(1, 6, 1),
        SET(2, htons(8080)),
        STORE16(7, AT(tcp.dest), 2),
        DO(BPF_XOR, 2, 0xffff),
        STORE16(7, AT(tcp.window), 2),
        SET(1, (int)interface),
        SET(2, 0),
        CALL(BPF_FUNC_redirect),
        EXIT,
    };
    static char log[8192];
    union bpf_attr load = { .prog_type = BPF_PROG_TYPE_XDP,
                            .insns = (uintptr_t)program,
                            .insn_cnt = sizeof program / sizeof *program,
                            .license = (uintptr_t) "Apache-2.0",
                            .log_buf = (uintptr_t)log,
                            .log_size = sizeof log,
                            .log_level = 1 };
    int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
    return fd >= 0 ? fd
                   : veth_fail("the kernel takes no XDP program: %s: %s", strerror(errno), log);
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

/* With 0 for every random word, and so all ones for its complement */
static struct frame make_frame(void)
{
    struct frame f = {
        .ethernet = { .h_dest = { 2, 0, 0, 0, 0, 3 },
                      .h_source = { 2, 0, 0, 0, 0, 2 },
                      .h_proto = htons(ETH_P_IP) },
        .ip = { .version = 4,
                .ihl = 5,
                .tot_len = htons(sizeof f.ip + sizeof f.tcp),
                .id = 0xffff,
                .ttl = 64,
                .protocol = IPPROTO_TCP,
                .saddr = htonl(0xc6120000u),
                .daddr = htonl(0xcb007100u) },
        .tcp = { .seq = 0xffffffff, .doff = sizeof f.tcp / 4, .syn = 1, .window = 0xffff },
    };
    f.ip.check = checksum(sum_words(&f.ip, sizeof f.ip, 0));
    f.tcp.check = checksum(sum_words(
        &f.tcp, sizeof f.tcp, sum_words(&f.ip.saddr, 8, IPPROTO_TCP + (uint32_t)sizeof f.tcp)));
    return f;
}

static int send_some(int program, struct frame *f, unsigned n)
{
    union bpf_attr run = { .test = { .prog_fd = (uint32_t)program,
                                     .data_in = (uintptr_t)f,
                                     .data_size_in = sizeof *f,
                                     .repeat = n,
                                     .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                                     .batch_size = BATCH } };
    if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &run, sizeof run) == 0 || errno == EINTR)
        return 0;
    return veth_fail("BPF_PROG_TEST_RUN: %s", strerror(errno));
}

static uint64_t count_sent(const char *interface)
{
    char path[128];
    unsigned long long n = 0;
    snprintf(path, sizeof path, "/sys/class/net/%s/statistics/tx_packets", interface);
    auto_file FILE *f = fopen(path, "re");
    return f && fscanf(f, "%llu", &n) == 1 ? n : 0;
}

/* How long after the start frame number `sent` is due. */
static uint64_t due(uint64_t sent, uint64_t rate)
{
    return sent / rate * SECOND + sent % rate * SECOND / rate;
}

/* A call costs much before its first frame, so it sends what is due in a quarter of a second. */
static int send_all(int program, const struct order *o)
{
    struct frame frame = make_frame();
    uint64_t some = o->rate ? o->rate / CALLS + 1 : UNPACED;
    uint64_t before = count_sent(o->interface), start = veth_now(), now = start;
    for (uint64_t sent = 0; now < start + o->seconds * SECOND; sent += some) {
        if (o->rate && now < start + due(sent, o->rate))
            veth_sleep_until(start + due(sent, o->rate));
        if (send_some(program, &frame, (unsigned)some) < 0)
            return -1;
        now = veth_now();
    }
    uint64_t sent = count_sent(o->interface) - before;
    if (sent == 0)
        return veth_fail("%s: no frame was taken; the other end needs gro on", o->interface);
    printf("%llu frames in %.3f s\n", (unsigned long long)sent, (double)(now - start) / 1e9);
    return 0;
}

static bool parse_words(int argc, char **argv, struct order *ret)
{
    static const struct option options[] = {
        { "rate", required_argument, NULL, 'r' },
        { "seconds", required_argument, NULL, 's' },
        { 0 },
    };
    int c;
    bool good = true;
    *ret = (struct order){ .seconds = 10 };
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'r')
            good = good && veth_number(optarg, 100 * 1000 * 1000, &ret->rate);
        else if (c == 's')
            good = good && veth_number(optarg, 3600, &ret->seconds);
        else
            good = false;
    }
    ret->interface = argv[optind];
    return good && argc - optind == 1;
}

static int run(const struct order *o)
{
    /* The socket is not sent on; who may not have it may not flood either. */
    auto_fd int allowed = veth_socket(o->interface);
    if (allowed < 0)
        return -1;
    auto_fd int program = load_program(if_nametoindex(o->interface));
    if (program < 0)
        return -1;
    prctl(PR_SET_TIMERSLACK, 1000UL);
    return send_all(program, o);
}

int main(int argc, char **argv)
{
    struct order order;
    if (!parse_words(argc, argv, &order)) {
        fputs("usage: flood INTERFACE [--rate FRAMES_PER_SECOND] [--seconds N]\n", stderr);
        return 2;
    }
    return run(&order) < 0;
}
