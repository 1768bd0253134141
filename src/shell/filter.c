#include "shell/filter.h"

#include <fcntl.h>
#include <string.h>

static struct filter *state(struct proc *p)
{
    return proc_state(p);
}

void filter_skip(struct proc *p)
{
    state(p)->skip = true;
}

void filter_stop(struct proc *p)
{
    state(p)->skip = state(p)->stop = true;
}

void filter_drain(struct proc *p)
{
    state(p)->drains = true;
}

size_t filter_chop(const char *line, size_t n)
{
    return n && (line[n - 1] == '\n' || !line[n - 1]) ? n - 1 : n;
}

void filter_failed_name(struct proc *p, int e)
{
    proc_perror(p, e, "%s", state(p)->name);
}

void filter_failed_silent(struct proc *p, int e)
{
    (void)e;
    state(p)->status = 0;
}

void filter_failed_die(struct proc *p, int e)
{
    proc_die_errno(p, e, "read error");
}

void filter_start(struct proc *p, const struct filter_ops *ops, int argc, char **argv)
{
    struct filter *f = state(p);
    f->fd = -1;
    f->piece = FILTER_PIECE;
    f->lines = ops->lines;
    f->nul_too = ops->nul_too;
    f->plain = ops->plain;
    f->line = text_of(proc_memory(p));
    f->files = ops->start(p, argc, argv);
    f->unnamed = !*f->files;
    if (f->unnamed) {
        f->files = memory_array(proc_memory(p), NULL, 2, sizeof *f->files);
        f->files[0] = memory_text(proc_memory(p), "-");
        f->files[1] = NULL;
    }
    f->data = memory_take(proc_memory(p), f->piece);
}

static void open_next(struct proc *p, const struct filter_ops *ops, struct filter *f)
{
    f->name = *f->files++;
    int fd = strcmp(f->name, "-") ? proc_open(p, f->name, O_RDONLY, 0) : 0;
    if (fd < 0) {
        f->status = 1;
        if (ops->missing)
            ops->missing(p, fd);
        else if (!f->quiet && f->plain)
            proc_perror(p, fd, "%s", f->name);
        else if (!f->quiet)
            proc_perror(p, fd, "can't open '%s'", f->name);
        return;
    }
    f->fd = fd;
    f->skip = false;
    f->done++;
    if (ops->begin)
        ops->begin(p);
}

static void close_file(struct proc *p, const struct filter_ops *ops, struct filter *f)
{
    f->at = f->n = 0;
    if (f->line.len && !f->skip)
        ops->feed(p, f->line.data, f->line.len);
    f->line.len = 0;
    if (ops->end)
        ops->end(p);
    if (ops->keeps_input ? f->fd > 0 : strcmp(f->name, "-") != 0)
        proc_close(p, f->fd);
    f->fd = -1;
}

static const char *find_end(const struct filter *f, const char *data, size_t n)
{
    if (f->nul_ends)
        return memchr(data, '\0', n);
    const char *end = memchr(data, '\n', n);
    const char *nul = f->nul_too ? memchr(data, '\0', end ? (size_t)(end - data) : n) : NULL;
    return nul ? nul : end;
}

static void feed_line(struct proc *p, const struct filter_ops *ops, struct filter *f)
{
    const char *data = f->data + f->at;
    size_t left = f->n - f->at;
    const char *end = find_end(f, data, left);
    size_t n = end ? (size_t)(end + 1 - data) : left;
    f->at += n;
    if (!end || f->line.len)
        text_add(&f->line, data, n);
    if (!end)
        return;
    if (f->line.len)
        ops->feed(p, f->line.data, f->line.len);
    else
        ops->feed(p, data, n);
    f->line.len = 0;
}

static void feed_piece(struct proc *p, const struct filter_ops *ops, struct filter *f)
{
    if (f->lines) {
        while (!f->skip && f->at < f->n && !out_full(p))
            feed_line(p, ops, f);
    } else {
        f->at = f->n;
        ops->feed(p, f->data, f->n);
    }
}

static enum applet_next read_piece(struct proc *p, const struct filter_ops *ops, struct filter *f)
{
    int64_t n = proc_read(p, f->fd, f->data, f->piece);
    if (n == -EAGAIN) {
        proc_waits_on(p, f->fd);
        return NEXT_INPUT;
    }
    if (n < 0) {
        f->status = 1;
        if (ops->failed)
            ops->failed(p, (int)n);
        else
            proc_perror(p, (int)n, "read error");
    }
    if (n <= 0) {
        close_file(p, ops, f);
        return NEXT_AGAIN;
    }
    f->at = 0;
    f->n = (size_t)n;
    feed_piece(p, ops, f);
    return NEXT_AGAIN;
}

enum applet_next filter_step(struct proc *p, const struct filter_ops *ops)
{
    struct filter *f = state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (f->drains) {
        f->drains = false;
        ops->drain(p);
    } else if (f->fd >= 0 && f->skip)
        close_file(p, ops, f);
    else if (f->at < f->n)
        feed_piece(p, ops, f);
    else if (f->fd >= 0)
        return read_piece(p, ops, f);
    else if (*f->files && !f->stop)
        open_next(p, ops, f);
    else if (!f->ended) {
        f->ended = true;
        if (ops->finish)
            ops->finish(p);
    } else {
        proc_done(p, f->status);
        return NEXT_DONE;
    }
    return NEXT_AGAIN;
}
