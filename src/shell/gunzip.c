#include "shell/gunzip.h"

#include "shell/deflate.h"

/* RFC 1952, 2.3: a member's header is ten bytes, then what its flags say; its trailer eight. */
enum { HEADER = 10, TRAILER = 8, DEFLATED = 8, METHOD_AT = 2, FLAGS_AT = 3, TIME_AT = 4 };
enum { FLAG_CRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16 };

enum step { IN_HEADER, IN_EXTRA_SIZE, IN_EXTRA, IN_NAME, IN_COMMENT, IN_CRC, IN_DATA, IN_TRAILER, OVER };

struct gunzip {
    struct inflate *inflate;
    enum step step;
    bool later; /* a member was read whole */
    uint8_t held[HEADER];
    size_t have;
    uint8_t flags;
    bool full; /* the window was: more may come without input */
    size_t extra; /* bytes of it that are still to come */
    uint32_t crc, length;
    size_t filled; /* of the window */
    uint32_t time;
    const char *why;
    uint8_t window[GUNZIP_WINDOW];
};

struct gunzip *gunzip_make(struct memory *m)
{
    struct gunzip *g = memory_take(m, sizeof *g);
    g->inflate = inflate_make(m);
    return g;
}

const char *gunzip_why(const struct gunzip *g)
{
    return g->why;
}

int64_t gunzip_time(const struct gunzip *g)
{
    return g->time;
}

static uint32_t number_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static enum gunzip_state damaged(struct gunzip *g, const char *why)
{
    g->step = OVER;
    g->why = why;
    return GUNZIP_DAMAGED;
}

/* Holds bytes until there are `want`. */
static bool gather(struct gunzip *g, const uint8_t **data, size_t *n, size_t want)
{
    for (; g->have < want && *n; (*data)++, (*n)--)
        g->held[g->have++] = **data;
    if (g->have < want)
        return false;
    g->have = 0;
    return true;
}

/* From a part of the header on, the first that this member has. */
static void header_step(struct gunzip *g, enum step from)
{
    static const struct {
        enum step step;
        unsigned flag;
    } parts[] = {
        { IN_EXTRA_SIZE, FLAG_EXTRA }, { IN_NAME, FLAG_NAME }, { IN_COMMENT, FLAG_COMMENT }, { IN_CRC, FLAG_CRC }
    };
    g->step = IN_DATA;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].step >= from && g->flags & parts[i].flag) {
            g->step = parts[i].step;
            return;
        }
}

static bool is_magic(const uint8_t *held)
{
    return held[0] == 0x1f && held[1] == 0x8b;
}

static enum gunzip_state read_header(struct gunzip *g, const uint8_t **data, size_t *n)
{
    for (; *n && g->have < HEADER; (*data)++, (*n)--) {
        g->held[g->have++] = **data;
        if (g->have == 2 && !is_magic(g->held)) {
            g->step = OVER;
            return g->later ? GUNZIP_DONE : GUNZIP_MAGIC;
        }
    }
    if (g->have < HEADER)
        return GUNZIP_MORE;
    g->have = 0;
    if (g->held[METHOD_AT] != DEFLATED)
        return damaged(g, "corrupted data");
    g->flags = g->held[FLAGS_AT];
    if (!g->later)
        g->time = number_at(g->held + TIME_AT);
    g->crc = g->length = 0;
    header_step(g, IN_EXTRA_SIZE);
    return GUNZIP_MORE;
}

/* Up to a NUL. */
static void pass_text(struct gunzip *g, const uint8_t **data, size_t *n, enum step next)
{
    while (*n) {
        (*n)--;
        if (*(*data)++ == 0) {
            header_step(g, next);
            return;
        }
    }
}

/* The size of the extra field, or the header's checksum, which nobody looks at. */
static void read_pair(struct gunzip *g, const uint8_t **data, size_t *n)
{
    if (!gather(g, data, n, 2))
        return;
    bool size = g->step == IN_EXTRA_SIZE;
    g->extra = (size_t)g->held[0] | (size_t)g->held[1] << 8;
    if (size && g->extra)
        g->step = IN_EXTRA;
    else
        header_step(g, size ? IN_NAME : IN_DATA);
}

static void pass_extra(struct gunzip *g, const uint8_t **data, size_t *n)
{
    size_t step = g->extra < *n ? g->extra : *n;
    *data += step;
    *n -= step;
    g->extra -= step;
    if (!g->extra)
        header_step(g, IN_NAME);
}

static enum gunzip_state put_out(struct gunzip *g, const uint8_t **ret, size_t *ret_n)
{
    g->crc = deflate_crc(g->crc, g->window, g->filled);
    g->length += (uint32_t)g->filled;
    *ret = g->window;
    *ret_n = g->filled;
    g->filled = 0;
    return *ret_n ? GUNZIP_OUT : GUNZIP_MORE;
}

static enum gunzip_state read_data(struct gunzip *g, const uint8_t **data, size_t *n, const uint8_t **ret, size_t *ret_n)
{
    size_t given;
    enum inflate_state state =
        inflate_run(g->inflate, data, n, g->window + g->filled, GUNZIP_WINDOW - g->filled, &given);
    g->filled += given;
    g->full = false;
    if (state == INFLATE_BAD)
        return damaged(g, "corrupted data");
    if (state == INFLATE_END) {
        g->step = IN_TRAILER;
        return put_out(g, ret, ret_n);
    }
    g->full = g->filled == GUNZIP_WINDOW;
    return g->full ? put_out(g, ret, ret_n) : GUNZIP_MORE;
}

static enum gunzip_state read_trailer(struct gunzip *g, const uint8_t **data, size_t *n)
{
    if (!gather(g, data, n, TRAILER))
        return GUNZIP_MORE;
    if (number_at(g->held) != g->crc)
        return damaged(g, "crc error");
    if (number_at(g->held + 4) != g->length)
        return damaged(g, "incorrect length");
    inflate_again(g->inflate);
    g->later = true;
    g->step = IN_HEADER;
    return GUNZIP_MORE;
}

static enum gunzip_state run_step(struct gunzip *g, const uint8_t **data, size_t *n, const uint8_t **ret, size_t *ret_n)
{
    switch (g->step) {
    case IN_HEADER:
        return read_header(g, data, n);
    case IN_EXTRA_SIZE:
    case IN_CRC:
        read_pair(g, data, n);
        return GUNZIP_MORE;
    case IN_EXTRA:
        pass_extra(g, data, n);
        return GUNZIP_MORE;
    case IN_NAME:
        pass_text(g, data, n, IN_COMMENT);
        return GUNZIP_MORE;
    case IN_COMMENT:
        pass_text(g, data, n, IN_CRC);
        return GUNZIP_MORE;
    case IN_DATA:
        return read_data(g, data, n, ret, ret_n);
    case IN_TRAILER:
        return read_trailer(g, data, n);
    case OVER:
        break;
    }
    return GUNZIP_DONE;
}

enum gunzip_state gunzip_run(struct gunzip *g, const uint8_t **data, size_t *n, const uint8_t **ret, size_t *ret_n)
{
    *ret_n = 0;
    enum gunzip_state state = GUNZIP_MORE;
    while ((*n || g->full) && state == GUNZIP_MORE)
        state = run_step(g, data, n, ret, ret_n);
    return state;
}

enum gunzip_state gunzip_end(struct gunzip *g)
{
    if (g->step == OVER)
        return g->why ? GUNZIP_DAMAGED : GUNZIP_DONE;
    if (g->step == IN_DATA)
        return damaged(g, "unexpected end of file");
    if (g->step != IN_HEADER || g->have >= 2)
        return damaged(g, "corrupted data");
    return g->later ? GUNZIP_DONE : GUNZIP_MAGIC;
}
