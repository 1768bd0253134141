#include "base/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_PIECE = 256 << 10 };

void channel_init(struct channel *c, int fd)
{
    *c = (struct channel){ .fd = fd };
    buf_init(&c->in, 2 * (size_t)RECORD_MAX + READ_PIECE);
    buf_init(&c->out, 4 * (size_t)RECORD_MAX);
}

void channel_release(struct channel *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    buf_release(&c->in);
    buf_release(&c->out);
}

size_t channel_begin(struct channel *c, uint8_t type)
{
    size_t begun = c->out.len;
    buf_le32(&c->out, 0);
    buf_u8(&c->out, type);
    return begun;
}

int channel_end(struct channel *c, size_t begun)
{
    size_t length = c->out.len - begun - 4;
    if (c->out.bad || c->out.len < begun + RECORD_HEADER || length > RECORD_MAX) {
        c->out.len = begun;
        c->out.bad = false;
        return -ENOMEM;
    }
    for (int i = 0; i < 4; i++)
        c->out.data[begun + (size_t)i] = (uint8_t)(length >> (8 * i));
    return 0;
}

int channel_flush(struct channel *c)
{
    while (c->out_at < c->out.len) {
        ssize_t n = send(c->fd, c->out.data + c->out_at, c->out.len - c->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return 0;
        if (n < 0)
            return -errno;
        c->out_at += (size_t)n;
    }
    buf_reset(&c->out);
    c->out_at = 0;
    return 0;
}

size_t channel_waiting(const struct channel *c)
{
    return c->out.len - c->out_at;
}

static int set_flag(struct channel *c, int flag, bool on)
{
    int flags = fcntl(c->fd, F_GETFL);
    if (flags < 0 || fcntl(c->fd, F_SETFL, on ? flags | flag : flags & ~flag) < 0)
        return -errno;
    return 0;
}

int channel_nonblocking(struct channel *c)
{
    return set_flag(c, O_NONBLOCK, true);
}

int channel_blocking(struct channel *c)
{
    return set_flag(c, O_NONBLOCK, false);
}

int channel_fill(struct channel *c)
{
    if (c->in_at) {
        memmove(c->in.data, c->in.data + c->in_at, c->in.len - c->in_at);
        c->in.len -= c->in_at;
        c->in_at = 0;
    }
    if (!buf_reserve(&c->in, READ_PIECE))
        return -ENOMEM;
    ssize_t n;
    do
        n = read(c->fd, c->in.data + c->in.len, c->in.room - c->in.len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == ECONNRESET ? 0 : -errno;
    c->in.len += (size_t)n;
    return n > 0;
}

int channel_next(struct channel *c, uint8_t *ret_type, struct rd *ret)
{
    if (c->in.len - c->in_at < RECORD_HEADER)
        return 0;
    struct rd r = rd_init(c->in.data + c->in_at, c->in.len - c->in_at);
    uint32_t length = rd_le32(&r);
    if (length == 0 || length > RECORD_MAX)
        return -EPROTO;
    if (length > rd_left(&r))
        return 0;
    struct rd record = rd_sub(&r, length);
    *ret_type = rd_u8(&record);
    *ret = record;
    c->in_at += 4 + (size_t)length;
    return 1;
}

int channel_wait(struct channel *c, uint8_t *ret_type, struct rd *ret)
{
    int got;
    while ((got = channel_next(c, ret_type, ret)) == 0) {
        got = channel_fill(c);
        TRY(got);
        if (got == 0)
            return -EPIPE;
    }
    return got < 0 ? got : 0;
}
