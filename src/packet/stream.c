#include "packet/stream.h"

#include "base/hash.h"
#include "base/rd.h"
#include "base/zstd.h"
#include "packet/gzip.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAGIC = 4 }; /* bytes that tell plain from compressed */

/* One way to undo a compression; `state` is its own object. */
struct codec {
    bool (*recognise)(uint32_t magic); /* the first four bytes, read as big-endian */
    int (*make)(void **ret);
    int (*run)(void *state, struct rd *in, uint8_t *out, size_t n, size_t *ret_n);
    bool (*whole)(const void *state);
    void (*release)(void *state);
};

struct stream {
    int fd;
    bool begun, fd_end, end;
    bool waiting; /* the codec may have output without further input */
    enum stream_verdict verdict;
    int error; /* errno of STREAM_IO */
    struct hash128 *hash;
    uint64_t taken;            /* bytes read from fd */
    uint64_t total;            /* bytes handed out */
    const struct codec *codec; /* NULL: plain */
    void *state;
    struct rd in; /* compressed bytes not used yet, in `piece` */
    uint8_t *piece;
};

/* RFC 1952, section 2.3.1: ID1, ID2, CM = deflate. */
static bool is_gzip(uint32_t magic)
{
    return magic >> 8 == 0x1f8b08;
}
static int make_gzip(void **ret)
{
    struct gzip *g = NULL;
    int e = gzip_make(&g);
    *ret = g;
    return e;
}
static int run_gzip(void *state, struct rd *in, uint8_t *out, size_t n, size_t *ret_n)
{
    return gzip_run(state, in, out, n, ret_n);
}
static bool whole_gzip(const void *state)
{
    return gzip_whole(state);
}
static void release_gzip(void *state)
{
    gzip_free(state);
}

/* RFC 8878, sections 3.1.1 and 3.1.2: a frame, or one of sixteen kinds of skippable frame. */
static bool is_zstd(uint32_t magic)
{
    return magic == 0x28b52ffd || (magic & 0xf0ffffff) == 0x502a4d18;
}
static int make_zstd(void **ret)
{
    struct zstd_stream *z = NULL;
    int e = zstd_stream_make(&z);
    *ret = z;
    return e;
}
static int run_zstd(void *state, struct rd *in, uint8_t *out, size_t n, size_t *ret_n)
{
    return zstd_stream_run(state, in, out, n, ret_n);
}
static bool whole_zstd(const void *state)
{
    return zstd_stream_whole(state);
}
static void release_zstd(void *state)
{
    zstd_stream_free(state);
}

static const struct codec CODECS[] = {
    { is_gzip, make_gzip, run_gzip, whole_gzip, release_gzip },
    { is_zstd, make_zstd, run_zstd, whole_zstd, release_zstd },
};

int stream_open(struct stream **ret, int fd)
{
    if (fd < 0)
        return -EBADF;
    struct stream *s = calloc(1, sizeof *s);
    int e = s ? hash128_make(&s->hash) : -ENOMEM;
    if (e) {
        free(s);
        close(fd);
        return e;
    }
    s->fd = fd;
    *ret = s;
    return 0;
}

void stream_close(struct stream *s)
{
    if (!s)
        return;
    if (s->codec)
        s->codec->release(s->state);
    hash128_free(s->hash);
    free(s->piece);
    close(s->fd);
    free(s);
}

/* read() that outlasts signals and descriptors that would rather not wait. 0: the end, or
 * trouble. */
static size_t read_some(struct stream *s, uint8_t *to, size_t n)
{
    while (!s->fd_end) {
        ssize_t got = read(s->fd, to, n);
        if (got > 0) {
            s->taken += (uint64_t)got;
            return (size_t)got;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN) {
            (void)poll(&(struct pollfd){ .fd = s->fd, .events = POLLIN }, 1, -1);
            continue;
        }
        s->fd_end = true;
        if (got < 0) {
            s->verdict = STREAM_IO;
            s->error = errno;
        }
    }
    return 0;
}

/* Makes the codec, whose first n bytes of input were read to `from`. */
static int codec_start(struct stream *s, const struct codec *codec, const uint8_t *from, size_t n)
{
    s->piece = malloc(STREAM_PIECE);
    if (!s->piece)
        return -ENOMEM;
    int e = codec->make(&s->state);
    if (e)
        return e;
    s->codec = codec;
    memcpy(s->piece, from, n);
    s->in = rd_init(s->piece, n);
    return 0;
}

/* The first bytes, of which a pipe may give one at a time. */
static int begin(struct stream *s, uint8_t *to, size_t n, size_t *ret_n)
{
    size_t have = 0, got;
    do {
        got = read_some(s, to + have, (n < STREAM_PIECE ? n : STREAM_PIECE) - have);
        have += got;
    } while (got && have < MAGIC);
    s->begun = true;
    *ret_n = have;
    struct rd head = rd_init(to, have);
    uint32_t magic = rd_be32(&head);
    for (size_t i = 0; rd_ok(&head) && i < sizeof CODECS / sizeof *CODECS; i++) {
        if (CODECS[i].recognise(magic)) {
            *ret_n = 0;
            return codec_start(s, &CODECS[i], to, have);
        }
    }
    return 0;
}

/* A failed read() is the verdict even where it also cuts the compressed stream. */
static void compression_failed(struct stream *s)
{
    if (s->verdict == STREAM_FINE)
        s->verdict = STREAM_COMPRESSION;
    s->end = true;
}

static int decompress(struct stream *s, uint8_t *to, size_t n, size_t *ret_n)
{
    *ret_n = 0;
    while (*ret_n == 0 && !s->end) {
        if (rd_left(&s->in) == 0 && !s->waiting) {
            size_t got = read_some(s, s->piece, STREAM_PIECE);
            s->in = rd_init(s->piece, got);
            if (got == 0) {
                if (!s->codec->whole(s->state))
                    compression_failed(s);
                s->end = true;
                break;
            }
        }
        int e = s->codec->run(s->state, &s->in, to, n, ret_n);
        s->waiting = *ret_n == n;
        if (e < 0)
            return e;
        if (e > 0)
            compression_failed(s);
    }
    return 0;
}

int stream_read(struct stream *s, uint8_t *to, size_t n, size_t *ret_n)
{
    *ret_n = 0;
    if (s->end)
        return 0;
    if (!s->begun)
        TRY(begin(s, to, n, ret_n));
    if (s->codec)
        TRY(decompress(s, to, n, ret_n));
    else if (*ret_n == 0)
        *ret_n = read_some(s, to, n);
    if (*ret_n == 0)
        s->end = true;
    hash128_add(s->hash, to, *ret_n);
    s->total += *ret_n;
    return 0;
}

enum stream_verdict stream_verdict(const struct stream *s)
{
    return s->verdict;
}

int stream_errno(const struct stream *s)
{
    return s->error;
}

uint64_t stream_position(const struct stream *s)
{
    return s->taken - rd_left(&s->in);
}

uint64_t stream_total(const struct stream *s)
{
    return s->total;
}

void stream_digest(const struct stream *s, uint8_t ret[static 16])
{
    hash128_value(s->hash, ret);
}
