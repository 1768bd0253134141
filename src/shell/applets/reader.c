#include "shell/applets/reader.h"

#include <string.h>

void reader_begin(struct reader *r, struct proc *p, int fd)
{
    *r = (struct reader){ .fd = fd, .line = text_of(proc_memory(p)) };
    r->data = memory_take(proc_memory(p), READER_PIECE);
}

void reader_end(struct reader *r, struct proc *p)
{
    memory_give(proc_memory(p), r->data);
    text_release(&r->line);
    if (r->fd > 0)
        proc_close(p, r->fd);
    r->data = NULL;
    r->fd = -1;
}

enum applet_next reader_fill(struct reader *r, struct proc *p)
{
    if (r->at < r->n || r->ended)
        return NEXT_DONE;
    int64_t n = proc_read(p, r->fd, r->data, READER_PIECE);
    if (n == -EAGAIN) {
        proc_waits_on(p, r->fd);
        return NEXT_INPUT;
    }
    r->ended = n <= 0;
    r->error = n < 0 ? (int)n : 0;
    r->at = 0;
    r->n = n > 0 ? (size_t)n : 0;
    return NEXT_DONE;
}

static const char *find_end(const struct reader *r, const char *data, size_t n)
{
    if (r->nul_ends)
        return memchr(data, '\0', n);
    const char *end = memchr(data, '\n', n);
    const char *nul = r->nul_too ? memchr(data, '\0', end ? (size_t)(end - data) : n) : NULL;
    return nul ? nul : end;
}

enum applet_next reader_line(struct reader *r, struct proc *p, const char **ret, size_t *ret_n)
{
    enum applet_next next = reader_fill(r, p);
    if (next != NEXT_DONE)
        return next;
    const char *data = r->data + r->at;
    size_t left = r->n - r->at;
    const char *end = left ? find_end(r, data, left) : NULL;
    size_t n = end ? (size_t)(end + 1 - data) : left;
    r->at += n;
    if (r->whole) {
        r->line.len = 0;
        r->whole = false;
    }
    if (end && !r->line.len) {
        *ret = data;
        *ret_n = n;
        return NEXT_DONE;
    }
    text_add(&r->line, data, n);
    if (!end && !r->ended)
        return NEXT_AGAIN;
    *ret = r->line.len ? r->line.data : NULL;
    *ret_n = r->line.len;
    r->whole = true;
    return NEXT_DONE;
}
