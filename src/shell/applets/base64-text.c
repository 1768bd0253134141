#include "shell/applets/base64-text.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_char(struct base64_encoder *e, struct proc *p, char c)
{
    if (e->width && e->column == e->width) {
        out_char(p, '\n');
        e->column = 0;
    }
    out_char(p, c);
    e->column++;
}

static void put_group(struct base64_encoder *e, struct proc *p)
{
    const uint8_t *r = e->rest;
    uint32_t v = (uint32_t)(r[0] << 16 | r[1] << 8 | r[2]);
    for (size_t i = 0; i < 4; i++)
        put_char(e, p, i > e->n ? '=' : alphabet[v >> (18 - 6 * i) & 63]);
    memset(e->rest, 0, sizeof e->rest);
    e->n = 0;
}

void base64_encode(struct base64_encoder *e, struct proc *p, const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        e->rest[e->n++] = (uint8_t)data[i];
        if (e->n == 3)
            put_group(e, p);
    }
}

void base64_encode_end(struct base64_encoder *e, struct proc *p)
{
    if (e->n)
        put_group(e, p);
    if (e->column && e->width)
        out_char(p, '\n');
    e->column = 0;
}

static int value_of(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/*
 * The groups of the buffer, as far as the first that is padded. What is left for the next time is what
 * stands behind it; or the last bytes of the buffer, as many as the open group has characters: so the
 * reference counts, whatever stood between them.
 */
static void decode_buffer(struct base64_decoder *d, struct proc *p)
{
    uint32_t v = 0;
    size_t have = 0, at = 0;
    while (at < d->n) {
        char c = d->buffer[at++];
        if (c == '=' && (have == 3 || (have == 2 && at < d->n && d->buffer[at] == '='))) {
            v <<= 6 * (4 - have);
            out_char(p, (char)(v >> 16));
            if (have == 3)
                out_char(p, (char)(v >> 8));
            at += have == 2;
            have = d->n - at;
            break;
        }
        int value = value_of(c);
        if (value < 0)
            continue;
        v = v << 6 | (uint32_t)value;
        if (++have == 4) {
            const char bytes[] = { (char)(v >> 16), (char)(v >> 8), (char)v };
            out_put(p, bytes, sizeof bytes);
            v = 0;
            have = 0;
        }
    }
    memmove(d->buffer, d->buffer + d->n - have, have);
    d->n = have;
}

void base64_decode(struct base64_decoder *d, struct proc *p, const char *data, size_t n)
{
    for (size_t i = 0; i < n && !d->stopped; i++) {
        bool blank = (unsigned char)data[i] <= ' ';
        if (!blank)
            d->buffer[d->n++] = data[i];
        d->stopped = blank && d->stops && d->n == 4 && !memcmp(d->buffer, "====", 4);
        if (blank || d->n == BASE64_BUFFER)
            decode_buffer(d, p);
    }
}

bool base64_decode_end(struct base64_decoder *d, struct proc *p)
{
    decode_buffer(d, p);
    return d->n == 0;
}
