#pragma once
/*
 * Records between our own processes, over a stream socket: le32 length of what follows, u8 type, payload.
 *
 * The other side may be compromised: lengths are checked, a record over RECORD_MAX or of length zero is a
 * broken channel, and half a record from a dead peer is thrown away with the channel.
 */
#include "base/buf.h"
#include "base/rd.h"

enum {
    RECORD_MAX = 64 << 20, /* the census of a run may take half of it: two million IPv6 sources */
    RECORD_HEADER = 5,
};

struct channel {
    int fd; /* owned */
    struct buf in, out;
    size_t in_at, out_at;
};

/* Takes the descriptor. */
void channel_init(struct channel *c, int fd);
void channel_release(struct channel *c);

/* A record under construction at the end of `out`: begin, put the payload into c->out, end. 0 or -ENOMEM
 * (the record is then taken back). */
size_t channel_begin(struct channel *c, uint8_t type);
int must_check channel_end(struct channel *c, size_t begun);
/* Writes what is waiting; a non-blocking descriptor may leave some. 0, or -errno (-EPIPE: nobody reads). */
int must_check channel_flush(struct channel *c);
size_t channel_waiting(const struct channel *c);

int must_check channel_nonblocking(struct channel *c);
int must_check channel_blocking(struct channel *c);

/* Reads once. 1: bytes came; 0: the end; -EAGAIN; -errno. */
int must_check channel_fill(struct channel *c);
/* The next whole record: 1; 0: not yet; -EPROTO: broken. Borrowed until the next channel_fill(). */
int must_check channel_next(struct channel *c, uint8_t *ret_type, struct rd *ret);
/* The same, waited for, of a blocking descriptor. 0; -EPIPE: the other side ended; -EPROTO; -errno. */
int must_check channel_wait(struct channel *c, uint8_t *ret_type, struct rd *ret);
