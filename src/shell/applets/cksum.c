#include "shell/applets/reader.h"
#include "shell/deflate.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

/* cksum and crc32: two sums of one polynomial, read from its two ends. */

enum { BYTES = 256 };

struct cksum {
    bool posix; /* POSIX.1-2017, cksum: the length counts, too, and is told */
    uint32_t table[BYTES];
    char **files;
    bool unnamed; /* nothing but standard input */
    const char *file; /* at work, or NULL */
    struct reader from;
    uint32_t crc;
    uint64_t length;
    int status;
};

static void fill_table(uint32_t *table)
{
    for (uint32_t i = 0; i < BYTES; i++) {
        uint32_t v = i << 24;
        for (int bit = 0; bit < 8; bit++)
            v = v << 1 ^ (v & 0x80000000 ? 0x04c11db7 : 0);
        table[i] = v;
    }
}

static void start(struct proc *p, int argc, char **argv)
{
    struct cksum *c = proc_state(p);
    c->posix = !strcmp(proc_name(p), "cksum");
    options_bits(p, argc, argv, "", &c->files);
    fill_table(c->table);
    if (!*c->files) {
        c->unnamed = true;
        c->files = memory_array(proc_memory(p), NULL, 2, sizeof *c->files);
        c->files[0] = memory_text(proc_memory(p), "-");
        c->files[1] = NULL;
    }
}

static uint32_t one(const struct cksum *c, uint32_t crc, uint8_t byte)
{
    return crc << 8 ^ c->table[crc >> 24 ^ byte];
}

static void add(struct cksum *c, const char *data, size_t n)
{
    c->length += n;
    if (!c->posix)
        c->crc = deflate_crc(c->crc, data, n);
    for (size_t i = 0; c->posix && i < n; i++)
        c->crc = one(c, c->crc, (uint8_t)data[i]);
}

static void show(struct proc *p, const struct cksum *c)
{
    uint32_t crc = c->crc;
    for (uint64_t n = c->length; c->posix && n; n >>= 8)
        crc = one(c, crc, (uint8_t)n);
    if (c->posix)
        out_print(p, "%u %llu", ~crc, (unsigned long long)c->length);
    else
        out_print(p, "%08x", crc);
    out_print(p, c->unnamed ? "\n" : " %s\n", c->file);
}

static void begin_file(struct proc *p, struct cksum *c)
{
    c->file = *c->files++;
    int fd = strcmp(c->file, "-") != 0 ? proc_open(p, c->file, O_RDONLY, 0) : 0;
    if (fd < 0) {
        proc_perror(p, fd, "can't open '%s'", c->file);
        c->status = 1;
        c->file = NULL;
        return;
    }
    reader_begin(&c->from, p, fd);
    c->crc = 0;
    c->length = 0;
}

static void end_file(struct proc *p, struct cksum *c)
{
    if (c->from.error) {
        proc_perror(p, c->from.error, "%s", c->file);
        c->status = 1;
    } else {
        show(p, c);
    }
    if (c->from.fd == 0)
        proc_close(p, 0); /* a second "-" finds nothing there */
    reader_end(&c->from, p);
    c->file = NULL;
}

static enum applet_next step(struct proc *p)
{
    struct cksum *c = proc_state(p);
    if (!c->file && !*c->files) {
        proc_done(p, c->status);
        return NEXT_DONE;
    }
    if (out_full(p))
        return NEXT_AGAIN;
    if (!c->file) {
        begin_file(p, c);
        return NEXT_AGAIN;
    }
    struct reader *r = &c->from;
    enum applet_next next = reader_fill(r, p);
    if (next != NEXT_DONE)
        return next;
    add(c, r->data + r->at, r->n - r->at);
    r->at = r->n;
    if (r->ended)
        end_file(p, c);
    return NEXT_AGAIN;
}

#define CKSUM(NAME) { .name = NAME, .start = start, .step = step, .state = sizeof(struct cksum), .unwritten = UNWRITTEN_OUTPUT }
const struct applet applet_cksum = CKSUM("cksum");
const struct applet applet_crc32 = CKSUM("crc32");
