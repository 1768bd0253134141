#include "shell/applets/tar.h"

#include <string.h>
#include <unistd.h>

/* The bytes of an archive, as they are or decompressed. */

void tar_input_begin(struct tar_input *in, struct proc *p, int fd, const struct tar_packer *packer)
{
    reader_begin(&in->from, p, fd);
    if (packer && packer->unpacks)
        in->other = packer;
    else if (packer && packer->letter == 'Z')
        in->lzw = lzw_make(proc_memory(p));
    else if (packer)
        in->gunzip = gunzip_make(proc_memory(p));
    in->seeks = !packer && proc_seek(p, fd, 0, SEEK_CUR) >= 0;
}

/* What went wrong inside is said, and then all is over. */
static void end_packed(struct tar_input *in, struct proc *p, enum gunzip_state state)
{
    if (state == GUNZIP_MORE)
        state = in->lzw ? lzw_end(in->lzw) : gunzip_end(in->gunzip);
    if (state == GUNZIP_DAMAGED)
        proc_error(p, "%s", in->lzw ? lzw_why(in->lzw) : gunzip_why(in->gunzip));
    else if (state == GUNZIP_MAGIC)
        proc_error(p, "invalid magic");
    in->failed = state != GUNZIP_DONE;
    in->ended = true;
}

static enum applet_next unpack(struct tar_input *in, struct proc *p)
{
    struct reader *r = &in->from;
    const uint8_t *data = (const uint8_t *)r->data + r->at;
    size_t n = r->n - r->at;
    enum gunzip_state state = in->lzw ? lzw_run(in->lzw, &data, &n, &in->data, &in->n)
                                      : gunzip_run(in->gunzip, &data, &n, &in->data, &in->n);
    r->at = r->n - n;
    proc_charge(p, in->n / 64 + 1);
    if (state == GUNZIP_OUT)
        return NEXT_DONE;
    in->n = 0;
    if (state == GUNZIP_MORE && !r->ended)
        return NEXT_AGAIN;
    end_packed(in, p, state);
    return NEXT_DONE;
}

/* Nothing on the device undoes it. */
static void refuse(struct tar_input *in, struct proc *p)
{
    const struct tar_packer *packer = in->other;
    const struct reader *r = &in->from;
    size_t n = strlen(packer->magic);
    if (r->n - r->at >= n && !memcmp(r->data + r->at, packer->magic, n))
        proc_error(p, "can't execute '%s': %s", packer->unpacks, errno_text(ENOENT));
    else if (packer->why)
        proc_error(p, "%s", packer->why);
    in->failed = in->ended = true;
}

enum applet_next tar_input_fill(struct tar_input *in, struct proc *p)
{
    struct reader *r = &in->from;
    if (in->n || in->ended)
        return NEXT_DONE;
    enum applet_next next = reader_fill(r, p);
    if (next != NEXT_DONE)
        return next;
    if (in->gunzip || in->lzw)
        return unpack(in, p);
    if (in->other) {
        refuse(in, p);
        return NEXT_DONE;
    }
    in->data = (const uint8_t *)r->data + r->at;
    in->n = r->n - r->at;
    in->ended = !in->n;
    r->at = r->n;
    return NEXT_DONE;
}

uint64_t tar_input_skip(struct tar_input *in, struct proc *p, uint64_t n)
{
    if (!in->seeks && (int64_t)n < 0)
        n = 0 - n;
    if (n <= in->n) {
        in->data += n;
        in->n -= n;
        return 0;
    }
    n -= in->n;
    in->data += in->n;
    in->n = 0;
    if (!in->seeks)
        return n;
    int64_t e = proc_seek(p, in->from.fd, (int64_t)n, SEEK_CUR);
    if (e < 0)
        proc_die_errno(p, (int)e, "seek failure");
    in->ended = false;
    return 0;
}
