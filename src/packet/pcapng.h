#pragma once
/*
 * pcapng (draft-ietf-opsawg-pcapng): any number of sections, each with its byte order and
 * interfaces; enhanced, simple and obsolete packet blocks; all other blocks are stepped over.
 *
 * Limits: a block is at most 16 MiB long, a section has at most 65536 interfaces.
 */
#include "packet/walk.h"

enum {
    PCAPNG_BLOCK_MAX = 16 * 1024 * 1024,
    PCAPNG_INTERFACES_MAX = 65536,
};

struct pcapng_interface {
    uint32_t link, snaplen; /* snaplen 0: no limit */
    uint8_t resolution;     /* if_tsresol as it stands in the file */
    int64_t offset;         /* if_tsoffset, seconds */
};

/* Zero to begin with; released with pcapng_release(). */
struct pcapng {
    bool swapped;
    struct pcapng_interface *interfaces; /* of this section */
    size_t count, room;
};

/* Whether a file that begins with these bytes (a block's type, length and byte-order magic) is
 * pcapng. */
bool pcapng_recognise(const uint8_t head[static 12]);
/*
 * How many frames; see walk.h. Frames of simple packet blocks have no time: sec and nsec are 0.
 * Problems: READER_LENGTH, READER_FORMAT. -ENOMEM.
 */
int must_check pcapng_walk(struct pcapng *c, struct walk *w,
                           struct frame frames[static READER_BATCH]);
void pcapng_release(struct pcapng *c);

/* A count of 1 / resolution seconds since 1970, plus offset seconds: exact, rounded down to
 * nanoseconds. False where the second does not fit. */
bool pcapng_time(uint64_t count, uint8_t resolution, int64_t offset, int64_t *ret_sec,
                 uint32_t *ret_nsec);
