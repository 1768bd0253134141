#pragma once
/*
 * Zstandard: small blobs in one piece, and streams. The only user of zstd.h.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/rd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Verdicts on compressed input. */
enum zstd_verdict {
    ZSTD_SOUND,
    ZSTD_DAMAGED, /* not zstd, altered, cut, of another size than said, or too large a window */
};

/*
 * Contexts that are kept between blobs (making one anew costs more than a small blob). One thread
 * at a time. Memory: some hundred kilobytes at level 1 to 3, megabytes at the high levels.
 */
struct zstd_packer;

int must_check zstd_packer_make(struct zstd_packer **ret); /* 0 or -ENOMEM */
void zstd_packer_free(struct zstd_packer *z);              /* NULL is fine */

/* Appends the n bytes as one frame with a checksum to out. 0; -ENOMEM, also where out's maximum would be passed
 * (out is then bad and as long as before). */
int must_check zstd_pack(struct zstd_packer *z, struct buf *out, const void *in, size_t n,
                         int level);
/* Fills out with exactly n bytes out of the m bytes of in. 0; ZSTD_DAMAGED where they hold anything
 * else (out is then undefined); -ENOMEM. */
int must_check zstd_unpack(struct zstd_packer *z, void *out, size_t n, const void *in, size_t m);

/* One or more frames, skippable ones among them, as a stream. Windows over 128 MiB are refused. */
struct zstd_stream;

int must_check zstd_stream_make(struct zstd_stream **ret); /* 0 or -ENOMEM */
void zstd_stream_free(struct zstd_stream *z);              /* NULL is fine */
/* Takes what it can from in, writes at most n bytes; 0, ZSTD_DAMAGED or -ENOMEM. *ret_n holds in
 * every case. Where *ret_n == n more may be waiting without further input. */
int must_check zstd_stream_run(struct zstd_stream *z, struct rd *in, uint8_t *out, size_t n,
                               size_t *ret_n);
/* Whether the input may end here: no frame is half read. */
bool zstd_stream_whole(const struct zstd_stream *z);
