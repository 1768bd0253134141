#include "base/zstd.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG_MAX = 27 };

struct zstd_packer {
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
};

int zstd_packer_make(struct zstd_packer **ret)
{
    struct zstd_packer *z = calloc(1, sizeof *z);
    if (!z)
        return -ENOMEM;
    z->pack = ZSTD_createCCtx();
    z->unpack = ZSTD_createDCtx();
    if (!z->pack || !z->unpack ||
        ZSTD_isError(ZSTD_CCtx_setParameter(z->pack, ZSTD_c_checksumFlag, 1))) {
        zstd_packer_free(z);
        return -ENOMEM;
    }
    *ret = z;
    return 0;
}

void zstd_packer_free(struct zstd_packer *z)
{
    if (!z)
        return;
    ZSTD_freeCCtx(z->pack);
    ZSTD_freeDCtx(z->unpack);
    free(z);
}

int zstd_pack(struct zstd_packer *z, struct buf *out, const void *in, size_t n, int level)
{
    size_t room = ZSTD_compressBound(n);
    if (ZSTD_isError(room))
        return -ENOMEM;
    /* The bound is larger than the result, which may fit under the maximum where it does not. */
    if (room > out->max - out->len)
        room = out->max - out->len;
    if (!buf_reserve(out, room))
        return -ENOMEM;
    size_t got = ZSTD_CCtx_setParameter(z->pack, ZSTD_c_compressionLevel, level);
    if (!ZSTD_isError(got))
        got = ZSTD_compress2(z->pack, out->data + out->len, room, in, n);
    if (ZSTD_isError(got)) {
        out->bad = true;
        return -ENOMEM;
    }
    out->len += got;
    return 0;
}

static int verdict_of(size_t code)
{
    return ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation ? -ENOMEM : ZSTD_DAMAGED;
}

int zstd_unpack(struct zstd_packer *z, void *out, size_t n, const void *in, size_t m)
{
    size_t got = ZSTD_decompressDCtx(z->unpack, out, n, in, m);
    if (ZSTD_isError(got))
        return verdict_of(got);
    /* No bytes at all decompress to no bytes; a blob has at least its frame. */
    return got == n && m > 0 ? 0 : ZSTD_DAMAGED;
}

struct zstd_stream {
    ZSTD_DCtx *context;
    bool whole;
};

int zstd_stream_make(struct zstd_stream **ret)
{
    struct zstd_stream *z = calloc(1, sizeof *z);
    if (!z)
        return -ENOMEM;
    z->whole = true;
    z->context = ZSTD_createDCtx();
    if (!z->context ||
        ZSTD_isError(ZSTD_DCtx_setParameter(z->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        zstd_stream_free(z);
        return -ENOMEM;
    }
    *ret = z;
    return 0;
}

void zstd_stream_free(struct zstd_stream *z)
{
    if (!z)
        return;
    ZSTD_freeDCtx(z->context);
    free(z);
}

int zstd_stream_run(struct zstd_stream *z, struct rd *in, uint8_t *out, size_t n, size_t *ret_n)
{
    ZSTD_inBuffer from = { .src = in->p, .size = rd_left(in) };
    ZSTD_outBuffer to = { .dst = out, .size = n };
    size_t code = 0;
    while (from.pos < from.size && to.pos < to.size && !ZSTD_isError(code)) {
        code = ZSTD_decompressStream(z->context, &to, &from);
        z->whole = code == 0;
    }
    /* Without input, what the last call had no room for. A whole frame has nothing waiting, and
     * to ask then would begin the next one. */
    if (!z->whole && from.pos == from.size && to.pos < to.size && !ZSTD_isError(code)) {
        code = ZSTD_decompressStream(z->context, &to, &from);
        z->whole = code == 0;
    }
    (void)rd_take(in, from.pos);
    *ret_n = to.pos;
    return ZSTD_isError(code) ? verdict_of(code) : 0;
}

bool zstd_stream_whole(const struct zstd_stream *z)
{
    return z->whole;
}
