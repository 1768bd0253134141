#pragma once
/*
 * Captured frames, from files and streams: pcap (micro- and nanosecond, either byte order) and pcapng,
 * plain or compressed with gzip or zstd, recognised by their first bytes. The hot path is ours; what is
 * rare is libpcap's (packet/rare.c).
 *
 * pcap: draft-ietf-opsawg-pcap. pcapng: draft-ietf-opsawg-pcapng.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct frame {
    const uint8_t *data; /* borrowed until the next call of reader_next() */
    uint32_t caplen;     /* bytes in data */
    uint32_t len;        /* bytes on the wire */
    int64_t sec;         /* since 1970, UTC */
    uint32_t nsec;
    uint32_t link; /* LINKTYPE_ value of the file or interface */
};

/* What is wrong with a file: the first problem found; what could be read up to it was handed out. */
enum reader_problem {
    READER_FINE,
    READER_NOT_A_CAPTURE, /* the first bytes are no known format */
    READER_CUT,           /* ends in mid-packet or mid-block */
    READER_LENGTH,        /* a length that cannot be: over 256 KiB, or a block that lies about itself */
    READER_FORMAT,        /* a known block whose content makes no sense */
    READER_COMPRESSION,   /* the gzip or zstd stream is damaged or cut */
    READER_IO,            /* read() failed; reader_errno() says how */
};

enum { READER_BATCH = 64 };

struct reader;

/* Takes ownership of fd (a file or a pipe), also on failure. 0 or -errno. */
int must_check reader_open(struct reader **ret, int fd);
void reader_close(struct reader *r); /* NULL is fine */

/*
 * Up to READER_BATCH frames, all of which stay valid until the next call. Returns how many; 0 at the
 * end (see reader_problem()); -errno on our own trouble.
 */
int must_check reader_next(struct reader *r, struct frame frames[static READER_BATCH]);

/* After the end: what was wrong, and at which offset of the decompressed stream. */
enum reader_problem reader_problem(const struct reader *r, uint64_t *ret_offset);
int reader_errno(const struct reader *r);
const char *reader_problem_text(enum reader_problem problem);

/* Bytes of the (compressed) file consumed so far, for progress. */
uint64_t reader_position(const struct reader *r);
/* Bytes of the decompressed stream handed to the parser so far. */
uint64_t reader_offset(const struct reader *r);
/* XXH3-128 of the whole decompressed stream (canonical, big-endian); call after the end. After a problem
 * the rest of the stream is still read, so that the digest names the content whole. */
int must_check reader_digest(struct reader *r, uint8_t ret[static 16]);
