#pragma once
/*
 * Live capture: AF_PACKET sockets with a TPACKET_V3 ring each. ring_make() needs CAP_NET_RAW and is
 * called by whoever has it; a descriptor can then be handed to a worker, which maps it with
 * ring_map(). Its maker keeps the descriptor: what the kernel queues while no worker reads, the next
 * worker finds.
 *
 * The kernel fills the ring's blocks in turn and numbers them from 1. A block is given back to it only
 * by ring_release(), after its frames were handed out; who tells another process what was in a block,
 * and releases it after that, may die at any instant: its successor names the first block that was not
 * told, and reads on from there.
 *
 * Frames are as the wire had them: whole (no snap length), and a VLAN tag that the kernel moved
 * into its own notes is put back. On a loopback interface the outgoing copy of each packet is left
 * out.
 */
#include "base/addr.h"
#include "base/err.h"
#include "packet/reader.h"

struct ring_options {
    const char *interface;
    unsigned block_kib;   /* 64 KiB to 64 MiB; 0: 128 KiB */
    unsigned blocks;      /* at most 4096, and 2 GiB together; 0: 512 */
    unsigned block_ms;    /* a block is handed over at the latest after this long; 0: 100 */
    bool ignore_outgoing; /* PACKET_IGNORE_OUTGOING */
    bool promiscuous;     /* frames to other stations, too: for a mirror port */
};

/* ---- for who makes rings, and keeps them ---- */

enum { RING_GROUP_MOST = 256 };

/* Of the kernel's memory, for one ring; 0 for sizes out of range. */
uint64_t ring_bytes(const struct ring_options *o);

/*
 * A bound socket with its ring made. Descriptor or -errno: -ENODEV where there is no such
 * interface, -EPROTONOSUPPORT where its frames are neither Ethernet nor bare IP, -EPERM without
 * CAP_NET_RAW, -EINVAL for sizes out of range. An interface that is down may be named: see
 * ring_next().
 */
int must_check ring_make(const struct ring_options *o);
/*
 * n rings of one interface, among which the kernel deals the packets by their sources (packet/steer.h),
 * so that each packet is in one of them; `own` may be empty, and is not kept. n = 1 is ring_make(). 0,
 * and n descriptors in ret_fd; or -errno as above, nothing is open then, and before Linux 6.13 -ENETDOWN
 * where the interface is down. A member that is closed leaves the group: the rest is dealt anew.
 */
int must_check ring_make_group(const struct ring_options *o, const struct prefix_list *own, size_t n,
                               int *ret_fd);
/* 0; -ENODEV where the interface of the ring is gone: nothing will come any more. */
int must_check ring_check(int fd);

struct ring_stats {
    uint64_t packets, drops; /* packets are those that found room */
};
/* Adds the kernel's counters, which it sets to zero at each asking: for one process alone, and for one
 * that lives as long as the ring, or what it asked for dies with it. */
int must_check ring_stats(int fd, struct ring_stats *s);

/* ---- for who reads one ---- */

struct ring;

/* As `first`: whatever lies in the ring is given up. For a ring on which reader after reader died. */
#define RING_GIVE_UP UINT64_MAX

/*
 * Maps the ring of fd, made with the same block_kib and blocks (the kernel does not tell them; the
 * other options are not looked at). Of the blocks that wait already, those numbered below `first` are
 * given back unread; 0 reads them all. Takes ownership of fd, also on failure; -EBADMSG where the ring
 * is not as the kernel leaves one.
 */
int must_check ring_map(struct ring **ret, int fd, const struct ring_options *o, uint64_t first);
void ring_unmap(struct ring *r); /* closes the descriptor, too; NULL is fine */
/* Poll it for POLLIN, but only while ring_held() is 0, for a block that is held is ready for ever;
 * POLLERR means the interface went down. */
int ring_fd(const struct ring *r);
/* Packets that RING_GIVE_UP gave up. */
uint64_t ring_given_up(const struct ring *r);

/*
 * The next frames of the current block, at most READER_BATCH: how many, 0 where nothing is ready.
 * Frames stay valid until their block is released. Sets frame.link by the interface's hardware type.
 * -ENETDOWN, once, where the interface is or went down: it may be asked again, and frames come again
 * when the interface is up. -ENODEV where the interface is gone: nothing will come any more. -EBADMSG
 * where the ring holds what the kernel did not write: another reader's doing.
 */
int must_check ring_next(struct ring *r, struct frame frames[static READER_BATCH]);
/* Whether the last frames that were handed out ended their block. */
bool ring_between_blocks(const struct ring *r);
/* Number of the first block whose frames were not all handed out. */
uint64_t ring_at(const struct ring *r);
/* Blocks whose frames were all handed out and that were not given back, and how many there are in all. */
unsigned ring_held(const struct ring *r);
unsigned ring_blocks(const struct ring *r);
/* Gives back the held blocks that are numbered below `before`. */
void ring_release(struct ring *r, uint64_t before);
