#pragma once
/*
 * A chunk: some thousand flows of one hour and one address family, sorted by key, in columns.
 *
 * A flow's key is its head (event/service.h) and the number of its source: of IPv4 its place in the run's
 * census, which takes half the bits of an address; of IPv6 its place in the chunk's own dictionary, which
 * holds destinations too. Both are ascending, so keys compare as addresses would. IPv4 destinations are
 * themselves.
 *
 * As bytes (written by chunk_encode(), read by chunk_decode()):
 *
 *   u8 version 2, u8 family, varint hour, flows, destinations
 *   part: zstd of [heads: run lengths and head deltas][packets - 1][mean length][packets - destinations],
 *         with its unpacked size in front
 *   part: source of each head run's first flow; part: deltas - 1 of the others        (bit-packed)
 *   part: first second;  part: last - first, where packets > 1                        (bit-packed)
 *   part: least destination, then each flow's first - least; part: deltas - 1         (bit-packed)
 *   part (IPv6): the dictionary, 16 bytes an address
 *   a seal (event/seal.h); version 1 has none
 */
#include "base/addr.h"
#include "base/buf.h"
#include "base/rd.h"
#include "event/service.h"

enum {
    CHUNK_FLOWS = 8192,           /* flows in a chunk, at most */
    CHUNK_DESTS = 1 << 16,        /* a chunk is closed when its lists reach this */
    CHUNK_DESTS_MAX = 1 << 25,    /* no list of destinations is longer, whatever a chunk says */
    CHUNK_BYTES_MAX = 192 << 20,
    HOUR_SECONDS = 3600,
};

struct flow {
    uint64_t key;     /* head << 32 | number of the source */
    uint64_t bytes;   /* of IP packets, as on the wire */
    uint32_t packets; /* at least 1 */
    uint32_t dests;   /* distinct destinations, 1..packets */
    uint16_t first, last; /* seconds in the hour */
};

static inline uint32_t flow_head(const struct flow *f)
{
    return (uint32_t)(f->key >> 32);
}
static inline uint32_t flow_source(const struct flow *f)
{
    return (uint32_t)f->key;
}

struct chunk {
    uint8_t family;
    uint32_t hour; /* hours since 1970 */
    size_t n, dest_n, addr_n;
    size_t room, dest_room, addr_room;
    struct flow *flow;   /* owned; sorted by key, each key once */
    uint32_t *dest;      /* owned; each flow's list in turn, ascending */
    uint8_t (*addr)[16]; /* owned; IPv6 only: the dictionary, ascending */
};

void chunk_release(struct chunk *c);
/* Empties it and keeps its memory. */
void chunk_clear(struct chunk *c, uint8_t family, uint32_t hour);
/* Room for one more flow with dests destinations; 0 or -ENOMEM. */
int must_check chunk_grow(struct chunk *c, size_t dests);
static inline int must_check chunk_reserve(struct chunk *c, size_t dests)
{
    return c->n < c->room && dests <= c->dest_room - c->dest_n ? 0 : chunk_grow(c, dests);
}
static inline bool chunk_is_full(const struct chunk *c)
{
    return c->n >= CHUNK_FLOWS || c->dest_n >= CHUNK_DESTS;
}
/* What decoding may leave out. */
enum { CHUNK_ALL, CHUNK_NO_DESTS, CHUNK_COUNTS /* no times either */ };

/* The keys alone of an IPv4 chunk: heads, each with the number of flows in a row that have it, and the flows'
 * sources, which ascend within a head. */
struct head_run {
    uint32_t head, flows;
};
struct chunk_keys {
    uint32_t hour;
    size_t runs, n;
    size_t run_room, room;
    struct head_run *run; /* owned */
    uint32_t *source;     /* owned */
};
void chunk_keys_release(struct chunk_keys *keys);

struct chunk_codec; /* compression contexts and scratch; one a thread */
int must_check chunk_codec_make(struct chunk_codec **ret);
void chunk_codec_free(struct chunk_codec *k);

/* Appends the chunk's bytes. 0 or -ENOMEM. */
int must_check chunk_encode(struct chunk_codec *k, const struct chunk *c, struct buf *out);
/* 0; positive where the bytes are no chunk (*c is then empty); -ENOMEM. Without lists each flow's count of
 * destinations is there all the same. */
int must_check chunk_decode(struct chunk_codec *k, const void *data, size_t n, unsigned how,
                            struct chunk *c);
/* The same; an IPv6 chunk is none. */
int must_check chunk_decode_keys(struct chunk_codec *k, const void *data, size_t n,
                                 struct chunk_keys *keys);
