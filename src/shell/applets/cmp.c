#include "shell/applet.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { PIECE = 1024 };
enum { SILENT = 1, LIST = 2, MOST = 4 };

struct side {
    const char *name;
    int fd;
    uint64_t skip; /* bytes that are still to be passed over */
    bool ended;
    size_t at, n;
    unsigned char data[PIECE];
};

struct cmp {
    struct side side[2];
    uint32_t bits;
    uint64_t most;
    uint64_t byte, line;
    int status;
};

static void open_side(struct proc *p, const struct cmp *c, struct side *s, const char *name)
{
    s->name = name;
    s->fd = strcmp(name, "-") ? proc_open(p, name, O_RDONLY, 0) : 0;
    if (s->fd < 0 && c->bits & SILENT)
        proc_exit(p, 2);
    if (s->fd < 0)
        proc_die_errno(p, s->fd, "%s", name);
}

static void start(struct proc *p, int argc, char **argv)
{
    struct cmp *c = proc_state(p);
    const char *most = NULL;
    char **words;
    c->bits = options_bits(p, argc, argv, "sln:", &words, &most);
    size_t n = 0;
    while (words[n])
        n++;
    if (n < 1 || n > 4 || (c->bits & (SILENT | LIST)) == (SILENT | LIST))
        proc_usage(p);
    c->most = most ? options_number(p, most, 0, INT32_MAX, NULL) : UINT64_MAX;
    for (size_t i = 0; i < 2; i++)
        if (n > 2 + i)
            c->side[i].skip = options_number(p, words[2 + i], 0, INT64_MAX, NULL);
    proc_fails_with(p, 2);
    open_side(p, c, &c->side[0], words[0]);
    open_side(p, c, &c->side[1], n > 1 ? words[1] : "-");
    c->line = 1;
}

/* NEXT_DONE: there is a byte to look at, or the end is known. */
static enum applet_next fill(struct proc *p, struct side *s)
{
    if (s->at < s->n || s->ended)
        return NEXT_DONE;
    int64_t n = proc_read(p, s->fd, s->data, sizeof s->data);
    if (n == -EAGAIN) {
        proc_waits_on(p, s->fd);
        return NEXT_INPUT;
    }
    if (n < 0)
        proc_die(p, "%s: I/O error", s->name);
    s->ended = !n;
    s->n = (size_t)n;
    s->at = s->skip < s->n ? (size_t)s->skip : s->n;
    s->skip -= s->at;
    return s->at < s->n || s->ended ? NEXT_DONE : NEXT_AGAIN;
}

static enum applet_next finish(struct proc *p, int status)
{
    proc_done(p, status);
    return NEXT_DONE;
}

/* One byte of each. Whether there is more to be said: with -n, too, the reference goes on. */
static bool compare_bytes(struct proc *p, struct cmp *c)
{
    struct side *a = &c->side[0], *b = &c->side[1];
    unsigned char left = a->data[a->at++], right = b->data[b->at++];
    c->byte++;
    if (left != right) {
        c->status = 1;
        if (c->bits & LIST)
            out_print(p, "%llu %3o %3o\n", (unsigned long long)c->byte, left, right);
        else if (!(c->bits & SILENT))
            out_print(p, "%s %s differ: char %llu, line %llu\n", a->name, b->name,
                      (unsigned long long)c->byte, (unsigned long long)c->line);
        if (!(c->bits & (LIST | MOST)))
            return false;
    } else if (left == '\n') {
        c->line++;
    }
    return true;
}

static enum applet_next step(struct proc *p)
{
    struct cmp *c = proc_state(p);
    struct side *a = &c->side[0], *b = &c->side[1];
    if (out_full(p))
        return NEXT_AGAIN;
    for (size_t i = 0; i < 2; i++) {
        enum applet_next next = fill(p, &c->side[i]);
        if (next != NEXT_DONE)
            return next;
    }
    while (a->at < a->n && b->at < b->n && c->byte < c->most)
        if (!compare_bytes(p, c))
            return finish(p, c->status);
    bool left = a->at < a->n || !a->ended, right = b->at < b->n || !b->ended;
    if (c->byte >= c->most || (!left && !right))
        return finish(p, c->status);
    if ((left || b->at == b->n) && (right || a->at == a->n))
        return NEXT_AGAIN;
    if (!(c->bits & SILENT))
        proc_error(p, "EOF on %s", left ? b->name : a->name);
    return finish(p, 1);
}

const struct applet applet_cmp = {
    .name = "cmp",
    .start = start,
    .step = step,
    .state = sizeof(struct cmp),
    .unwritten = UNWRITTEN_OUTPUT,
};
