#include "packet/ring-inside.h"

#include "base/own.h"

#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum {
    VLAN_AT = 2 * ETH_ALEN, /* where a tag stands in an Ethernet frame */
    LOOKS = 100,            /* at a ring that moves while it is looked at */
};

struct ring {
    int fd;
    uint8_t *map;
    size_t map_bytes, block_bytes;
    unsigned blocks;
    uint32_t link;

    unsigned oldest;           /* the first block that is ours to give back */
    uint64_t number;           /* the kernel's number of it */
    unsigned held;             /* blocks from there on whose frames were all handed out */
    const uint8_t *next, *end; /* the next frame of the block after those, and that block's end */
    unsigned next_left;        /* frames left in that block; 0: it is not opened yet */
    uint64_t given_up;
    bool down;                 /* the interface is or went down, and nothing came since */
    bool tell_down;            /* it was found down when the ring was mapped */
};

static struct tpacket_hdr_v1 *head_at(const struct ring *r, unsigned index)
{
    struct tpacket_block_desc *block = (void *)(r->map + r->block_bytes * (index % r->blocks));
    return &block->hdr.bh1;
}

static bool is_ours(const struct ring *r, unsigned index)
{
    return __atomic_load_n(&head_at(r, index)->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

static uint64_t number_of(const struct ring *r, unsigned index)
{
    return __atomic_load_n(&head_at(r, index)->seq_num, __ATOMIC_ACQUIRE);
}

static void give_back_oldest(struct ring *r)
{
    __atomic_store_n(&head_at(r, r->oldest)->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    r->oldest = (r->oldest + 1) % r->blocks;
    r->number++;
}

/* ---- mapping ---- */

/* Whether the interface is up; where that cannot be asked it is taken for up. */
static bool is_up(int fd, int interface)
{
    struct ifreq ask = { .ifr_ifindex = interface };
    if (ioctl(fd, SIOCGIFNAME, &ask) < 0 || ioctl(fd, SIOCGIFFLAGS, &ask) < 0)
        return true;
    return ask.ifr_flags & IFF_UP;
}

static int must_check map_blocks(struct ring *r, const struct ring_options *o)
{
    struct sockaddr_ll at;
    int version = -1;
    socklen_t n = sizeof version;

    TRY(ring_bound(r->fd, &at));
    r->link = ring_link(at.sll_hatype);
    if (r->link == LINK_NONE)
        return -EPROTONOSUPPORT;
    if (getsockopt(r->fd, SOL_PACKET, PACKET_VERSION, &version, &n) < 0)
        return -errno;
    if (version != TPACKET_V3)
        return -EINVAL;
    /* Another reader may have been told already. */
    r->down = r->tell_down = !is_up(r->fd, at.sll_ifindex);

    TRY(ring_geometry(o, &r->block_bytes, &r->blocks));
    r->map_bytes = r->block_bytes * r->blocks;
    void *map = mmap(NULL, r->map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    r->map = map;
    return 0;
}

/* The block that the kernel opened last; it may have closed it since. */
static unsigned newest_block(const struct ring *r)
{
    unsigned newest = 0;
    for (unsigned i = 1; i < r->blocks; i++)
        if (number_of(r, i) > number_of(r, newest))
            newest = i;
    return newest;
}

/*
 * Blocks are filled and given back in turn, so those that wait to be read stand right before the newest.
 * That one itself is waiting, too, or will be the next to wait. The kernel may open another while we look.
 */
static int must_check find_oldest(struct ring *r)
{
    for (int look = 0; look < LOOKS; look++) {
        unsigned newest = newest_block(r), before = 0;
        uint64_t number = number_of(r, newest);
        while (before + 1 < r->blocks && is_ours(r, newest + r->blocks - before - 1))
            before++;
        r->oldest = (newest + r->blocks - before) % r->blocks;
        r->number = number - before;
        if (newest_block(r) == newest && number_of(r, newest) == number)
            return number > before && number_of(r, r->oldest) == r->number ? 0 : -EBADMSG;
    }
    return -EBUSY;
}

static void give_back_told(struct ring *r, uint64_t first)
{
    for (unsigned i = 0; i < r->blocks && r->number < first && is_ours(r, r->oldest); i++) {
        if (first == RING_GIVE_UP)
            r->given_up += head_at(r, r->oldest)->num_pkts;
        give_back_oldest(r);
    }
}

int ring_map(struct ring **ret, int fd, const struct ring_options *o, uint64_t first)
{
    struct ring *r = calloc(1, sizeof *r);
    if (!r) {
        close(fd);
        return -ENOMEM;
    }
    r->fd = fd;
    int e = map_blocks(r, o);
    e = e < 0 ? e : find_oldest(r);
    if (e < 0) {
        ring_unmap(r);
        return e;
    }
    give_back_told(r, first);
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

uint64_t ring_given_up(const struct ring *r)
{
    return r->given_up;
}

/* ---- reading ---- */

/* Makes the block after the held ones the current one: 1, or 0 where the kernel still has it. */
static int must_check open_block(struct ring *r)
{
    while (r->held < r->blocks && is_ours(r, r->oldest + r->held)) {
        const struct tpacket_hdr_v1 *head = head_at(r, r->oldest + r->held);
        const uint8_t *block = r->map + r->block_bytes * ((r->oldest + r->held) % r->blocks);
        if (number_of(r, r->oldest + r->held) != r->number + r->held ||
            head->offset_to_first_pkt > r->block_bytes)
            return -EBADMSG;
        r->next = block + head->offset_to_first_pkt;
        r->end = block + r->block_bytes;
        r->next_left = head->num_pkts;
        if (r->next_left)
            return 1;
        r->held++;
    }
    return 0;
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

/* A reader before us may have written into the ring, and may have been hostile. */
static bool fits(const struct tpacket3_hdr *h, size_t left, bool last)
{
    return left >= sizeof *h && h->tp_mac >= sizeof *h && h->tp_mac <= left &&
           h->tp_snaplen <= left - h->tp_mac &&
           (last || (h->tp_next_offset >= sizeof *h && h->tp_next_offset <= left &&
                     h->tp_next_offset % 4 == 0));
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
    if (r->tell_down)
        e = ENETDOWN;
    r->tell_down = false;
    if (e == ENETDOWN)
        r->down = true;
    /* An interface that is removed goes down first and tells of that only. */
    if (r->down)
        TRY(ring_bound(r->fd, &at));
    return -e;
}

int ring_next(struct ring *r, struct frame frames[static READER_BATCH])
{
    if (!r->next_left) {
        int opened = open_block(r);
        if (opened < 0)
            return opened;
        if (!opened)
            return r->held < r->blocks ? trouble(r) : 0;
    }
    unsigned n = r->next_left < READER_BATCH ? r->next_left : READER_BATCH;
    for (unsigned i = 0; i < n; i++) {
        const struct tpacket3_hdr *h = (const void *)r->next;
        bool last = i + 1 == r->next_left;
        if (!fits(h, (size_t)(r->end - r->next), last))
            return -EBADMSG;
        r->next += last ? 0 : h->tp_next_offset;
        __builtin_prefetch(r->next);
        fill_frame(r, h, &frames[i]);
    }
    r->next_left -= n;
    if (!r->next_left)
        r->held++;
    r->down = false;
    return (int)n;
}

bool ring_between_blocks(const struct ring *r)
{
    return r->next_left == 0;
}

uint64_t ring_at(const struct ring *r)
{
    return r->number + r->held;
}

unsigned ring_held(const struct ring *r)
{
    return r->held;
}

unsigned ring_blocks(const struct ring *r)
{
    return r->blocks;
}

void ring_release(struct ring *r, uint64_t before)
{
    for (; r->held && r->number < before; r->held--)
        give_back_oldest(r);
}
