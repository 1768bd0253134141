#pragma once
/*
 * The bytes of a capture: a descriptor, read in large pieces, gzip and zstd undone on the way.
 * What is compressed is recognised by its first bytes. Every byte that comes out is hashed, once.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes to ask for at a time: large, and at home in a core's cache. */
enum { STREAM_PIECE = 1 << 18 };

enum stream_verdict {
    STREAM_FINE,
    STREAM_COMPRESSION, /* damaged or cut */
    STREAM_IO,          /* read() failed; stream_errno() */
};

struct stream;

/* Takes ownership of fd, also on failure. 0 or -errno. */
int must_check stream_open(struct stream **ret, int fd);
void stream_close(struct stream *s); /* NULL is fine */

/*
 * The next bytes, at least one and at most n (n >= 16). *ret_n == 0 is the end, for ever: what
 * was wrong is told by stream_verdict(), never before the bytes ahead of it were handed out.
 * Waits for a pipe, but hands out what has come without waiting for more. 0 or -ENOMEM.
 */
int must_check stream_read(struct stream *s, uint8_t *to, size_t n, size_t *ret_n);
enum stream_verdict stream_verdict(const struct stream *s);
int stream_errno(const struct stream *s);

/* Bytes of the descriptor that were used; bytes that came out. */
uint64_t stream_position(const struct stream *s);
uint64_t stream_total(const struct stream *s);
/* XXH3-128 of what came out so far, canonical. */
void stream_digest(const struct stream *s, uint8_t ret[static 16]);
