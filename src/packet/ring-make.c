#include "packet/ring-inside.h"

#include "base/own.h"
#include "packet/steer.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

enum {
    /* A block goes over when its time is up, however little is in it: many blocks are what lets a slow
     * trickle wait for a minute. It holds the largest packet, 64 KiB. */
    BLOCK_KIB = 128,
    BLOCK_KIB_MIN = 64,
    BLOCK_KIB_MAX = 64 * 1024,
    BLOCKS = 512,
    BLOCKS_MAX = 4096,
    BLOCK_MS = 100,
    RING_MIB_MAX = 2048,
    FRAME_BYTES = 2048, /* has to be named, but V3 packs frames by their own length */
};

/* Interfaces by hardware type; those of the second kind hand over IP packets without a header. */
static const struct {
    unsigned short hardware;
    uint32_t link;
} LINKS[] = {
    { ARPHRD_ETHER, LINK_ETHERNET }, { ARPHRD_LOOPBACK, LINK_ETHERNET },
    { ARPHRD_NONE, LINK_RAW },       { ARPHRD_PPP, LINK_RAW },
    { ARPHRD_RAWIP, LINK_RAW },      { ARPHRD_TUNNEL, LINK_RAW },
    { ARPHRD_TUNNEL6, LINK_RAW },    { ARPHRD_SIT, LINK_RAW },
};

uint32_t ring_link(unsigned short hardware)
{
    for (size_t i = 0; i < sizeof LINKS / sizeof *LINKS; i++) {
        if (LINKS[i].hardware == hardware)
            return LINKS[i].link;
    }
    return LINK_NONE;
}

int ring_geometry(const struct ring_options *o, size_t *ret_bytes, unsigned *ret_blocks)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned kib = o->block_kib ? o->block_kib : BLOCK_KIB;
    unsigned blocks = o->blocks ? o->blocks : BLOCKS;

    if (kib < BLOCK_KIB_MIN || kib > BLOCK_KIB_MAX || blocks > BLOCKS_MAX)
        return -EINVAL;
    if ((uint64_t)kib * blocks > (uint64_t)RING_MIB_MAX * 1024)
        return -EINVAL;
    *ret_bytes = ((size_t)kib * 1024 + page - 1) / page * page;
    *ret_blocks = blocks;
    return 0;
}

uint64_t ring_bytes(const struct ring_options *o)
{
    size_t bytes;
    unsigned blocks;
    return ring_geometry(o, &bytes, &blocks) ? 0 : (uint64_t)bytes * blocks;
}

static int must_check option(int fd, int name, int value)
{
    return setsockopt(fd, SOL_PACKET, name, &value, sizeof value) < 0 ? -errno : 0;
}

/* Where to bind, and the interface's hardware type. */
static int must_check find_interface(int fd, const char *name, struct sockaddr_ll *ret)
{
    struct ifreq ask = { 0 };
    size_t n = strlen(name);

    *ret = (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
    if (n == 0 || n >= sizeof ask.ifr_name)
        return -ENODEV;
    memcpy(ask.ifr_name, name, n);
    if (ioctl(fd, SIOCGIFINDEX, &ask) < 0)
        return -errno;
    ret->sll_ifindex = ask.ifr_ifindex;
    if (ioctl(fd, SIOCGIFHWADDR, &ask) < 0)
        return -errno;
    ret->sll_hatype = ask.ifr_hwaddr.sa_family;
    return 0;
}

static int must_check make_blocks(int fd, const struct ring_options *o)
{
    size_t bytes;
    unsigned blocks;
    TRY(ring_geometry(o, &bytes, &blocks));
    if (o->block_ms > INT_MAX)
        return -EINVAL;

    struct tpacket_req3 req = {
        .tp_block_size = (unsigned)bytes,
        .tp_block_nr = blocks,
        .tp_frame_size = FRAME_BYTES,
        .tp_frame_nr = (unsigned)(bytes / FRAME_BYTES) * blocks,
        .tp_retire_blk_tov = o->block_ms ? o->block_ms : BLOCK_MS,
    };
    TRY(option(fd, PACKET_VERSION, TPACKET_V3));
    /* Room before each frame for the tag that the kernel took out of it: see put_tag_back(). */
    TRY(option(fd, PACKET_RESERVE, VLAN_TAG));
    return setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof req) < 0 ? -errno : 0;
}

/* It ends with the socket. */
static int must_check hear_all(int fd, int interface)
{
    struct packet_mreq all = { .mr_ifindex = interface, .mr_type = PACKET_MR_PROMISC };
    return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0 ? -errno : 0;
}

/* A socket with its ring, and the address that it is to be bound to. Protocol 0 hears nothing: bind()
 * names the protocol once all is set, so that no packet of another interface and none of the wrong
 * direction is ever in the ring. */
static int must_check prepare(const struct ring_options *o, struct sockaddr_ll *ret_at)
{
    auto_fd int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    TRY(find_interface(fd, o->interface, ret_at));
    if (ring_link(ret_at->sll_hatype) == LINK_NONE)
        return -EPROTONOSUPPORT;
    TRY(make_blocks(fd, o));
    if (o->promiscuous)
        TRY(hear_all(fd, ret_at->sll_ifindex));
    return take_fd(fd);
}

/* On a loopback interface every packet passes twice, going out and coming in. */
static bool leaves_out_outgoing(const struct ring_options *o, const struct sockaddr_ll *at)
{
    return o->ignore_outgoing || at->sll_hatype == ARPHRD_LOOPBACK;
}

static int must_check bind_to(int fd, const struct sockaddr_ll *at)
{
    return bind(fd, (const struct sockaddr *)at, sizeof *at) < 0 ? -errno : 0;
}

int ring_make(const struct ring_options *o)
{
    struct sockaddr_ll at;
    auto_fd int fd = prepare(o, &at);
    if (fd < 0)
        return fd;
    if (leaves_out_outgoing(o, &at))
        TRY(option(fd, PACKET_IGNORE_OUTGOING, 1));
    TRY(bind_to(fd, &at));
    return take_fd(fd);
}

/* ---- groups ---- */

static int must_check attach(int fd, int level, int name, struct sock_filter *op, size_t n)
{
    struct sock_fprog program = { .len = (unsigned short)n, .filter = op };
    return setsockopt(fd, level, name, &program, sizeof program) < 0 ? -errno : 0;
}

/* The group's kind, and its number once its first member made it. */
struct group {
    unsigned flags, number;
    bool made;
};

/*
 * A socket has to be bound before it can join, and hears everything until it did: it is deaf meanwhile.
 */
static int must_check join(int fd, const struct sockaddr_ll *at, struct group *g)
{
    struct sock_filter deaf = BPF_STMT(BPF_RET | BPF_K, 0);
    unsigned flags = g->flags | (g->made ? 0 : PACKET_FANOUT_FLAG_UNIQUEID);
    socklen_t n = sizeof g->number;

    TRY(attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, &deaf, 1));
    TRY(bind_to(fd, at));
    int e = option(fd, PACKET_FANOUT, (int)(g->number | flags << 16));
    if (e == -EINVAL) {
        int down = 0;
        socklen_t down_n = sizeof down;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &down, &down_n) == 0 && down)
            return -down;
    }
    TRY(e);
    if (!g->made && getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &g->number, &n) < 0)
        return -errno;
    g->number &= 0xffff;
    g->made = true;
    return 0;
}

static int must_check steer_group(int fd, uint32_t link, const struct prefix_list *own)
{
    struct steering by_source;
    uint64_t key;
    if (getrandom(&key, sizeof key, 0) != sizeof key)
        return -EIO;
    steer_build(&by_source, link, own, key);
    return attach(fd, SOL_PACKET, PACKET_FANOUT_DATA, by_source.op, by_source.n);
}

/* fd[] is -1 where nothing is open yet. */
static int must_check fill_group(const struct ring_options *o, const struct prefix_list *own, size_t n,
                                 int *fd)
{
    struct group g = { .flags = PACKET_FANOUT_CBPF };
    struct sockaddr_ll at;

    for (size_t i = 0; i < n; i++) {
        fd[i] = prepare(o, &at);
        TRY(fd[i]);
        /* The members' own PACKET_IGNORE_OUTGOING does not count in a group. */
        if (leaves_out_outgoing(o, &at))
            g.flags |= PACKET_FANOUT_FLAG_IGNORE_OUTGOING;
        TRY(join(fd[i], &at, &g));
    }
    TRY(steer_group(fd[0], ring_link(at.sll_hatype), own));
    for (size_t i = 0; i < n; i++) {
        int unused = 0;
        if (setsockopt(fd[i], SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) < 0)
            return -errno;
    }
    return 0;
}

int ring_make_group(const struct ring_options *o, const struct prefix_list *own, size_t n, int *ret_fd)
{
    if (n < 1 || n > RING_GROUP_MOST)
        return -EINVAL;
    if (n == 1) {
        ret_fd[0] = ring_make(o);
        return ret_fd[0] < 0 ? ret_fd[0] : 0;
    }
    for (size_t i = 0; i < n; i++)
        ret_fd[i] = -1;
    int e = fill_group(o, own, n, ret_fd);
    for (size_t i = 0; e < 0 && i < n; i++) {
        if (ret_fd[i] >= 0)
            close(ret_fd[i]);
        ret_fd[i] = -1;
    }
    return e;
}

/* ---- what a ring is bound to, and counts ---- */

int ring_bound(int fd, struct sockaddr_ll *ret)
{
    socklen_t n = sizeof *ret;

    if (getsockname(fd, (struct sockaddr *)ret, &n) < 0)
        return -errno;
    if (ret->sll_family != AF_PACKET)
        return -EINVAL;
    return ret->sll_ifindex > 0 ? 0 : -ENODEV;
}

int ring_check(int fd)
{
    struct sockaddr_ll at;
    return ring_bound(fd, &at);
}

int ring_stats(int fd, struct ring_stats *s)
{
    struct tpacket_stats_v3 now;
    socklen_t n = sizeof now;

    if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &now, &n) < 0)
        return -errno;
    /* The kernel's packets are all that came, those that found no room as well. */
    s->packets += now.tp_packets - now.tp_drops;
    s->drops += now.tp_drops;
    return 0;
}
