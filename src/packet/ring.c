#include "packet/ring.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

enum {
    LINK_NONE = 0, /* frames that nobody here can read */
    LINK_ETHERNET = 1,
    LINK_RAW = 101,

    VLAN_TAG = 4,           /* bytes of a tag */
    VLAN_AT = 2 * ETH_ALEN, /* where it stands in an Ethernet frame */

    BLOCK_KIB = 1024,
    BLOCK_KIB_MIN = 64,
    BLOCK_KIB_MAX = 64 * 1024,
    BLOCKS = 64,
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

struct ring {
    int fd;
    uint8_t *map;
    size_t map_bytes, block_bytes;
    unsigned blocks;
    uint32_t link;

    unsigned oldest;     /* the first block that is ours to give back */
    unsigned held;       /* blocks from there on whose frames were all handed out */
    const uint8_t *next; /* the next frame of the block after those */
    unsigned next_left;  /* frames left in that block; 0: it is not opened yet */
    bool down;           /* the interface went down, and nothing came since */
};

static uint32_t link_of_hardware(unsigned short hardware)
{
    for (size_t i = 0; i < sizeof LINKS / sizeof *LINKS; i++) {
        if (LINKS[i].hardware == hardware)
            return LINKS[i].link;
    }
    return LINK_NONE;
}

/* The block's size in bytes and their number, as the kernel shall have them. 0 or -EINVAL. */
static int must_check geometry(const struct ring_options *o, size_t *ret_bytes,
                               unsigned *ret_blocks)
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
    TRY(geometry(o, &bytes, &blocks));
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

int ring_make(const struct ring_options *o)
{
    struct sockaddr_ll at;

    /* Protocol 0 hears nothing: bind() names the protocol once all is set, so that no packet of
     * another interface and none of the wrong direction is ever in the ring. */
    auto_fd int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    TRY(find_interface(fd, o->interface, &at));
    if (link_of_hardware(at.sll_hatype) == LINK_NONE)
        return -EPROTONOSUPPORT;
    TRY(make_blocks(fd, o));
    /* On a loopback interface every packet passes twice, going out and coming in. */
    if (o->ignore_outgoing || at.sll_hatype == ARPHRD_LOOPBACK)
        TRY(option(fd, PACKET_IGNORE_OUTGOING, 1));
    if (o->promiscuous)
        TRY(hear_all(fd, at.sll_ifindex));
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
        return -errno;
    return take_fd(fd);
}

/* The interface that fd is bound to. -ENODEV where it is gone. */
static int must_check bound_interface(int fd, struct sockaddr_ll *ret)
{
    socklen_t n = sizeof *ret;

    if (getsockname(fd, (struct sockaddr *)ret, &n) < 0)
        return -errno;
    if (ret->sll_family != AF_PACKET)
        return -EINVAL;
    return ret->sll_ifindex > 0 ? 0 : -ENODEV;
}

static int must_check map_blocks(struct ring *r, const struct ring_options *o)
{
    struct sockaddr_ll at;
    int version = -1;
    socklen_t n = sizeof version;

    TRY(bound_interface(r->fd, &at));
    r->link = link_of_hardware(at.sll_hatype);
    if (r->link == LINK_NONE)
        return -EPROTONOSUPPORT;
    if (getsockopt(r->fd, SOL_PACKET, PACKET_VERSION, &version, &n) < 0)
        return -errno;
    if (version != TPACKET_V3)
        return -EINVAL;

    TRY(geometry(o, &r->block_bytes, &r->blocks));
    r->map_bytes = r->block_bytes * r->blocks;
    void *map = mmap(NULL, r->map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    r->map = map;
    return 0;
}

int ring_map(struct ring **ret, int fd, const struct ring_options *o)
{
    struct ring *r = calloc(1, sizeof *r);
    if (!r) {
        close(fd);
        return -ENOMEM;
    }
    r->fd = fd;
    int e = map_blocks(r, o);
    if (e < 0) {
        ring_unmap(r);
        return e;
    }
    *ret = r;
    return 0;
}

void ring_unmap(struct ring *r)
{
    if (!r)
        return;
    if (r->map)
        munmap(r->map, r->map_bytes);
    if (r->fd >= 0)
        close(r->fd);
    free(r);
}

int ring_fd(const struct ring *r)
{
    return r->fd;
}

static struct tpacket_block_desc *block_at(const struct ring *r, unsigned number)
{
    return (void *)(r->map + r->block_bytes * (number % r->blocks));
}

/* Makes the block after the held ones the current one; false where the kernel still has it. */
static bool open_block(struct ring *r)
{
    while (r->held < r->blocks) {
        struct tpacket_block_desc *block = block_at(r, r->oldest + r->held);
        const struct tpacket_hdr_v1 *head = &block->hdr.bh1;
        if (!(__atomic_load_n(&head->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
            return false;
        r->next = (const uint8_t *)block + head->offset_to_first_pkt;
        r->next_left = head->num_pkts;
        if (r->next_left)
            return true;
        r->held++;
    }
    return false;
}

/*
 * The kernel takes the outermost VLAN tag out of every frame before anybody sees it. It goes back
 * where it was: the two Ethernet addresses move into the room that PACKET_RESERVE keeps before the
 * frame.
 */
static void put_tag_back(struct frame *f, const struct tpacket3_hdr *h)
{
    uint16_t type = ETH_P_8021Q, tci = (uint16_t)h->hv1.tp_vlan_tci;
    if (h->tp_status & TP_STATUS_VLAN_TPID_VALID)
        type = h->hv1.tp_vlan_tpid;

    uint8_t *data = (uint8_t *)h + h->tp_mac - VLAN_TAG;
    memmove(data, f->data, VLAN_AT);
    data[VLAN_AT] = (uint8_t)(type >> 8);
    data[VLAN_AT + 1] = (uint8_t)type;
    data[VLAN_AT + 2] = (uint8_t)(tci >> 8);
    data[VLAN_AT + 3] = (uint8_t)tci;
    f->data = data;
    f->caplen += VLAN_TAG;
    f->len += VLAN_TAG;
}

static void fill_frame(const struct ring *r, const struct tpacket3_hdr *h, struct frame *ret)
{
    *ret = (struct frame){
        .data = (const uint8_t *)h + h->tp_mac,
        .caplen = h->tp_snaplen,
        .len = h->tp_len,
        .sec = h->tp_sec,
        .nsec = h->tp_nsec,
        .link = r->link,
    };
    if (__builtin_expect(h->tp_status & TP_STATUS_VLAN_VALID, 0) && r->link == LINK_ETHERNET &&
        ret->caplen >= VLAN_AT)
        put_tag_back(ret, h);
}

/* Why nothing comes: 0 where nothing is wrong. */
static int must_check trouble(struct ring *r)
{
    struct sockaddr_ll at;
    int e = 0;
    socklen_t n = sizeof e;

    if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &e, &n) < 0)
        return -errno;
    if (e == ENETDOWN)
        r->down = true;
    /* An interface that is removed goes down first and tells of that only. */
    if (r->down)
        TRY(bound_interface(r->fd, &at));
    return -e;
}

int ring_next(struct ring *r, struct frame frames[static READER_BATCH])
{
    if (!r->next_left && !open_block(r))
        return r->held < r->blocks ? trouble(r) : 0;

    unsigned n = r->next_left < READER_BATCH ? r->next_left : READER_BATCH;
    for (unsigned i = 0; i < n; i++) {
        const struct tpacket3_hdr *h = (const void *)r->next;
        r->next += h->tp_next_offset;
        __builtin_prefetch(r->next);
        fill_frame(r, h, &frames[i]);
    }
    r->next_left -= n;
    if (!r->next_left)
        r->held++;
    r->down = false;
    return (int)n;
}

void ring_release(struct ring *r)
{
    for (; r->held; r->held--) {
        struct tpacket_hdr_v1 *head = &block_at(r, r->oldest)->hdr.bh1;
        __atomic_store_n(&head->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        r->oldest = (r->oldest + 1) % r->blocks;
    }
}

int ring_stats(struct ring *r, struct ring_stats *s)
{
    struct tpacket_stats_v3 now;
    socklen_t n = sizeof now;

    if (getsockopt(r->fd, SOL_PACKET, PACKET_STATISTICS, &now, &n) < 0)
        return -errno;
    /* The kernel's packets are all that came, those that found no room as well. */
    s->packets += now.tp_packets - now.tp_drops;
    s->drops += now.tp_drops;
    return 0;
}
