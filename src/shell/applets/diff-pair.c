#include "shell/applets/diff.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 16384, TURN = 1 << 16 };

/* What cannot be opened is left out; with -N it counts as empty. */
static bool open_side(struct proc *p, const struct diff_pair *d, struct diff_side *s)
{
    if (s->absent)
        return true;
    if (s->fd == 0) {
        /* From its beginning, where it is no pipe. */
        int64_t at = proc_seek(p, 0, 0, SEEK_SET);
        (void)at;
        return true;
    }
    s->fd = proc_open(p, s->path, O_RDONLY, 0);
    if (s->fd >= 0)
        return true;
    s->absent = d->bits & DIFF_NEW;
    if (!s->absent)
        proc_perror(p, s->fd, "can't open '%s'", s->path);
    s->fd = -1;
    return s->absent;
}

static void close_side(struct proc *p, struct diff_side *s)
{
    if (s->fd > 0)
        (void)proc_close(p, s->fd);
    s->fd = -1;
}

/* NEXT_DONE: the whole of a side is there. What cannot be read, a directory, counts as empty. */
static enum applet_next read_side(struct proc *p, struct diff_pair *d)
{
    struct diff_side *s = &d->side[d->at];
    char piece[PIECE];
    while (s->fd >= 0) {
        int64_t n = proc_read(p, s->fd, piece, sizeof piece);
        if (n == -EAGAIN) {
            proc_waits_on(p, s->fd);
            return NEXT_INPUT;
        }
        if (n <= 0)
            break;
        if (d->of[d->at].bytes.len > UINT32_MAX - PIECE)
            proc_die(p, "out of memory");
        text_add(&d->of[d->at].bytes, piece, (size_t)n);
        return NEXT_AGAIN;
    }
    close_side(p, s);
    return NEXT_DONE;
}

static enum applet_next finish(struct proc *p, struct diff_pair *d, enum diff_verdict verdict, enum diff_verdict *ret)
{
    for (size_t i = 0; i < 2; i++) {
        close_side(p, &d->side[i]);
        text_release(&d->of[i].bytes);
    }
    *ret = verdict;
    return NEXT_DONE;
}

/* Both are read. NEXT_AGAIN: their lines are to be compared. */
static enum applet_next compare_bytes(struct proc *p, struct diff_pair *d, enum diff_verdict *ret)
{
    const struct diff_side *s = d->side;
    bool binary;
    if (!diff_bytes(d->of, &binary))
        return finish(p, d, DIFF_ALIKE, ret);
    if (binary && !(d->bits & DIFF_TEXT)) {
        out_print(p, "Files %s and %s differ\n", s[0].path, s[1].path);
        return finish(p, d, DIFF_DIFFER, ret);
    }
    diff_match_begin(&d->match, p, d->bits, d->context, d->of);
    d->stage = PAIR_MATCH;
    return NEXT_AGAIN;
}

/* Their changes are known. */
static void begin_put(struct proc *p, struct diff_pair *d)
{
    const struct diff_side *s = d->side;
    d->put = (struct diff_put){
        .bits = d->bits, .context = d->context, .names = { s[0].label, s[1].label }
    };
    d->stage = PAIR_PUT;
    if (d->match.n_changes && d->bits & DIFF_BRIEF)
        out_print(p, "Files %s and %s differ\n", s[0].path, s[1].path);
}

enum applet_next diff_pair_step(struct proc *p, struct diff_pair *d, enum diff_verdict *ret)
{
    if (d->stage == PAIR_OPEN) {
        for (size_t i = 0; i < 2; i++)
            d->of[i] = (struct diff_text){ .bytes = text_of(proc_memory(p)) };
        if (!open_side(p, d, &d->side[0]) || !open_side(p, d, &d->side[1]))
            return finish(p, d, DIFF_LEFT_OUT, ret);
        d->at = 0;
        d->stage = PAIR_READ;
    }
    if (d->stage == PAIR_READ) {
        enum applet_next next = read_side(p, d);
        if (next != NEXT_DONE)
            return next;
        return ++d->at < 2 ? NEXT_AGAIN : compare_bytes(p, d, ret);
    }
    if (d->stage == PAIR_MATCH) {
        d->match.turn = TURN;
        bool over = diff_match_run(&d->match);
        proc_charge(p, (uint64_t)(TURN - d->match.turn) / 16);
        if (over)
            begin_put(p, d);
        return NEXT_AGAIN;
    }
    bool differ = d->match.n_changes;
    if (differ && !(d->bits & DIFF_BRIEF) && diff_put_some(p, &d->put, &d->match))
        return NEXT_AGAIN;
    diff_match_end(&d->match);
    return finish(p, d, differ ? DIFF_DIFFER : DIFF_ALIKE, ret);
}
