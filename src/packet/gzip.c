#include "packet/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

enum {
    GZIP_ONLY = 16 + MAX_WBITS, /* inflateInit2(): gzip's header and trailer, no other */
};

enum state {
    AT_START, /* nothing read yet, or a member's first byte comes next */
    IN_MEMBER,
    IN_PADDING, /* only zeros may follow */
};

struct gzip {
    z_stream z;
    enum state state;
    bool began; /* a member was read whole */
};

int gzip_make(struct gzip **ret)
{
    struct gzip *g = calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    if (inflateInit2(&g->z, GZIP_ONLY) != Z_OK) {
        free(g);
        return -ENOMEM;
    }
    *ret = g;
    return 0;
}

void gzip_free(struct gzip *g)
{
    if (!g)
        return;
    inflateEnd(&g->z);
    free(g);
}

static int skip_padding(struct rd *in)
{
    while (rd_left(in) > 0)
        if (rd_u8(in) != 0)
            return GZIP_DAMAGED;
    return 0;
}

static uInt as_uint(size_t n)
{
    return n > UINT_MAX ? UINT_MAX : (uInt)n;
}

/* One call of inflate(); moves in and counts *at. 0, GZIP_DAMAGED or -ENOMEM. */
static int inflate_some(struct gzip *g, struct rd *in, uint8_t *out, size_t n, size_t *at)
{
    g->z.next_in = (z_const Bytef *)in->p;
    g->z.avail_in = as_uint(rd_left(in));
    g->z.next_out = out + *at;
    g->z.avail_out = as_uint(n - *at);
    int code = inflate(&g->z, Z_NO_FLUSH);
    (void)rd_take(in, (size_t)(g->z.next_in - in->p));
    *at = (size_t)(g->z.next_out - out);
    switch (code) {
    case Z_OK:
    case Z_BUF_ERROR: /* no progress was possible: not an error, only the end of in or out */
        return 0;
    case Z_STREAM_END:
        g->state = AT_START;
        g->began = true;
        return inflateReset(&g->z) == Z_OK ? 0 : -ENOMEM;
    case Z_MEM_ERROR:
        return -ENOMEM;
    default:
        return GZIP_DAMAGED;
    }
}

int gzip_run(struct gzip *g, struct rd *in, uint8_t *out, size_t n, size_t *ret_n)
{
    int e = 0;
    size_t at = 0;
    bool more = true;
    while (!e && more) {
        if (g->state == AT_START) {
            if (rd_left(in) == 0)
                break;
            g->state = g->began && *in->p == 0 ? IN_PADDING : IN_MEMBER;
        }
        if (g->state == IN_PADDING)
            e = skip_padding(in);
        else
            e = inflate_some(g, in, out, n, &at);
        more = rd_left(in) > 0 && at < n;
    }
    *ret_n = at;
    return e;
}

bool gzip_whole(const struct gzip *g)
{
    return g->state != IN_MEMBER;
}
