#pragma once
/*
 * Live capture: an AF_PACKET socket with a TPACKET_V3 ring. ring_make() needs CAP_NET_RAW and is
 * called by whoever has it; the descriptor can then be handed to a worker, which maps it with
 * ring_map(). A block is given back to the kernel only by ring_release(), after its frames were
 * folded.
 *
 * Frames are as the wire had them: whole (no snap length), and a VLAN tag that the kernel moved
 * into its own notes is put back. On a loopback interface the outgoing copy of each packet is left
 * out.
 */
#include "base/err.h"
#include "packet/reader.h"

struct ring_options {
    const char *interface;
    unsigned block_kib;   /* 64 KiB to 64 MiB; 0: 1 MiB */
    unsigned blocks;      /* at most 4096, and 2 GiB together; 0: 64 */
    unsigned block_ms;    /* a block is handed over at the latest after this long; 0: 100 */
    bool ignore_outgoing; /* PACKET_IGNORE_OUTGOING */
    bool promiscuous;     /* frames to other stations, too: for a mirror port */
};

struct ring_stats {
    uint64_t packets, drops; /* since the ring was made; packets are those that found room */
};

/*
 * A bound socket with its ring made. Descriptor or -errno: -ENODEV where there is no such
 * interface, -EPROTONOSUPPORT where its frames are neither Ethernet nor bare IP, -EPERM without
 * CAP_NET_RAW, -EINVAL for sizes out of range. An interface that is down may be named: see
 * ring_next().
 */
int must_check ring_make(const struct ring_options *o);

struct ring;
/* Maps the ring of fd, made with the same block_kib and blocks (the kernel does not tell them; the
 * other options are not looked at). Takes ownership of fd, also on failure. */
int must_check ring_map(struct ring **ret, int fd, const struct ring_options *o);
void ring_unmap(struct ring *r); /* closes the descriptor, too; NULL is fine */
/* Poll it for POLLIN; POLLERR means the interface went down. Call ring_release() before, for a
 * block that is kept is ready for ever. */
int ring_fd(const struct ring *r);

/*
 * The next frames of the current block, at most READER_BATCH: how many, 0 where nothing is ready.
 * Frames stay valid until ring_release(). Sets frame.link by the interface's hardware type.
 * -ENETDOWN, once, where the interface went down: it may be asked again, and frames come again when
 * the interface is up. -ENODEV where the interface is gone: nothing will come any more.
 */
int must_check ring_next(struct ring *r, struct frame frames[static READER_BATCH]);
/* Gives back every block whose frames were all handed out. */
void ring_release(struct ring *r);
/* Adds the kernel's counters, which reset at each asking. */
int must_check ring_stats(struct ring *r, struct ring_stats *s);
