#include "shell/deflate.h"

#include <limits.h>
#include <zlib.h>

enum { RAW = -MAX_WBITS, LEVEL = 6, MEMORY_LEVEL = 8 };

struct deflate {
    z_stream z;
};

struct inflate {
    z_stream z;
};

static void *take(void *m, uInt n, uInt size)
{
    return memory_array(m, NULL, n, size);
}

static void give(void *m, void *p)
{
    memory_give(m, p);
}

static uInt as_uint(size_t n)
{
    return n > UINT_MAX ? UINT_MAX : (uInt)n;
}

static void set(z_stream *z, const uint8_t *data, size_t n, uint8_t *to, size_t room)
{
    z->next_in = (z_const Bytef *)data;
    z->avail_in = as_uint(n);
    z->next_out = to;
    z->avail_out = as_uint(room);
}

/* The library fails at the beginning only where there is no memory, which the owner does not see. */
struct deflate *deflate_make(struct memory *m)
{
    struct deflate *d = memory_take(m, sizeof *d);
    d->z.zalloc = take;
    d->z.zfree = give;
    d->z.opaque = m;
    if (deflateInit2(&d->z, LEVEL, Z_DEFLATED, RAW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        m->exhausted(m);
    return d;
}

size_t deflate_run(struct deflate *d, const uint8_t **data, size_t *n, bool ends, uint8_t *to, size_t room)
{
    set(&d->z, *data, *n, to, room);
    (void)deflate(&d->z, ends ? Z_FINISH : Z_NO_FLUSH);
    *n -= (size_t)(d->z.next_in - *data);
    *data = d->z.next_in;
    return (size_t)(d->z.next_out - to);
}

struct inflate *inflate_make(struct memory *m)
{
    struct inflate *i = memory_take(m, sizeof *i);
    i->z.zalloc = take;
    i->z.zfree = give;
    i->z.opaque = m;
    if (inflateInit2(&i->z, RAW) != Z_OK)
        m->exhausted(m);
    return i;
}

void inflate_again(struct inflate *i)
{
    (void)inflateReset(&i->z);
}

enum inflate_state inflate_run(struct inflate *i, const uint8_t **data, size_t *n, uint8_t *to, size_t room,
                               size_t *ret_given)
{
    set(&i->z, *data, *n, to, room);
    int code = inflate(&i->z, Z_NO_FLUSH);
    *n -= (size_t)(i->z.next_in - *data);
    *data = i->z.next_in;
    *ret_given = (size_t)(i->z.next_out - to);
    if (code == Z_STREAM_END)
        return INFLATE_END;
    return code == Z_OK || code == Z_BUF_ERROR ? INFLATE_MORE : INFLATE_BAD;
}

uint32_t deflate_crc(uint32_t crc, const void *data, size_t n)
{
    return n ? (uint32_t)crc32_z(crc, data, n) : crc;
}
