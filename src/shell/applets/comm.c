#include "shell/applets/reader.h"
#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

/*
 * The reference that teiten is compared with was built without; POSIX.1-2017, comm, is what is followed, with
 * the messages of its other readers of lines.
 */
enum { ONLY_FIRST = 1, ONLY_SECOND = 2, BOTH = 4 };

struct comm {
    uint32_t hidden; /* columns that are not shown */
    struct reader side[2];
    const char *line[2]; /* the next of each; NULL at its end */
    size_t n[2];
    bool taken[2];
};

static void start(struct proc *p, int argc, char **argv)
{
    struct comm *c = proc_state(p);
    char **names;
    c->hidden = options_bits(p, argc, argv, "123", &names);
    if (!names[0] || !names[1] || names[2])
        proc_usage(p);
    for (size_t i = 0; i < 2; i++) {
        int fd = strcmp(names[i], "-") ? proc_open(p, names[i], O_RDONLY, 0) : 0;
        if (fd < 0)
            proc_die_errno(p, fd, "can't open '%s'", names[i]);
        reader_begin(&c->side[i], p, fd);
        c->side[i].nul_too = true;
    }
}

/* NEXT_DONE: the next line of each is there. */
static enum applet_next take(struct proc *p, struct comm *c)
{
    for (size_t i = 0; i < 2; i++) {
        if (c->taken[i])
            continue;
        enum applet_next next = reader_line(&c->side[i], p, &c->line[i], &c->n[i]);
        if (next != NEXT_DONE)
            return next;
        c->n[i] = c->line[i] ? filter_chop(c->line[i], c->n[i]) : 0;
        c->taken[i] = true;
    }
    return NEXT_DONE;
}

static int compare(const struct comm *c)
{
    if (!c->line[0] || !c->line[1])
        return c->line[0] ? -1 : 1;
    size_t n = c->n[0] < c->n[1] ? c->n[0] : c->n[1];
    int order = memcmp(c->line[0], c->line[1], n);
    return order ? order : c->n[0] < c->n[1] ? -1 : c->n[0] > c->n[1];
}

/* A column stands behind a tab for each before it that is shown. */
static void put(struct proc *p, const struct comm *c, int order)
{
    uint32_t column = order < 0 ? ONLY_FIRST : order > 0 ? ONLY_SECOND : BOTH;
    if (c->hidden & column)
        return;
    if (column > ONLY_FIRST && !(c->hidden & ONLY_FIRST))
        out_char(p, '\t');
    if (column > ONLY_SECOND && !(c->hidden & ONLY_SECOND))
        out_char(p, '\t');
    out_put(p, c->line[order > 0], c->n[order > 0]);
    out_char(p, '\n');
}

static enum applet_next step(struct proc *p)
{
    struct comm *c = proc_state(p);
    while (!out_full(p)) {
        enum applet_next next = take(p, c);
        if (next != NEXT_DONE)
            return next;
        if (!c->line[0] && !c->line[1]) {
            proc_done(p, 0);
            return NEXT_DONE;
        }
        int order = compare(c);
        put(p, c, order);
        c->taken[0] = order > 0;
        c->taken[1] = order < 0;
    }
    return NEXT_AGAIN;
}

const struct applet applet_comm = {
    .name = "comm",
    .start = start,
    .step = step,
    .state = sizeof(struct comm),
};
