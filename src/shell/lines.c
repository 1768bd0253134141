#include "shell/lines.h"

#include <string.h>

enum { PIECE = 4096 };

struct lines lines_of(int fd, char end)
{
    return (struct lines){ .fd = fd, .end = end };
}

void lines_free(struct proc *p, struct lines *l)
{
    memory_give(proc_memory(p), l->data);
    *l = lines_of(-1, l->end);
}

/* Room for a piece and a NUL behind it; what was taken makes way first. */
static void make_room(struct proc *p, struct lines *l)
{
    if (l->at) {
        memmove(l->data, l->data + l->at, l->n - l->at);
        l->n -= l->at;
        l->scanned -= l->at;
        l->at = 0;
    }
    if (l->room - l->n > PIECE)
        return;
    l->room = l->room ? l->room * 2 : 2 * PIECE;
    l->data = memory_more(proc_memory(p), l->data, l->room);
}

static const char *find_end(const struct lines *l)
{
    size_t n = l->n - l->scanned;
    if (n == 0)
        return NULL;
    const char *from = l->data + l->scanned;
    const char *end = memchr(from, l->end, n);
    if (!l->nul_ends)
        return end;
    const char *nul = memchr(from, '\0', end ? (size_t)(end - from) : n);
    return nul ? nul : end;
}

static void take(struct lines *l, size_t end, bool ended, struct text_line *ret)
{
    *ret = (struct text_line){ l->data + l->at, end - l->at, ended, l->data[end] };
    l->data[end] = '\0';
    l->at = l->scanned = end + ended;
}

enum lines_next lines_take(struct proc *p, struct lines *l, struct text_line *ret)
{
    for (;;) {
        const char *end = find_end(l);
        if (end) {
            take(l, (size_t)(end - l->data), true, ret);
            return LINES_LINE;
        }
        l->scanned = l->n;
        if (l->over && l->n == l->at)
            return LINES_END;
        if (l->over) {
            take(l, l->n, false, ret);
            return LINES_LINE;
        }
        make_room(p, l);
        int64_t n = proc_read(p, l->fd, l->data + l->n, PIECE);
        if (n == -EAGAIN) {
            proc_waits_on(p, l->fd);
            return LINES_WAIT;
        }
        l->over = n <= 0;
        l->error = n < 0 ? (int)-n : 0;
        l->n += n > 0 ? (size_t)n : 0;
    }
}
