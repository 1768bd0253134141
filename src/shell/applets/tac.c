#include "shell/filter.h"
#include "shell/options.h"

struct tac {
    struct filter filter;
    struct text all; /* of the file being read */
    size_t *ends;    /* of its lines */
    size_t n, room;
};

static char **start(struct proc *p, int argc, char **argv)
{
    struct tac *t = proc_state(p);
    char **files;
    t->all = text_of(proc_memory(p));
    options_bits(p, argc, argv, "", &files);
    return files;
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct tac *t = proc_state(p);
    text_add(&t->all, data, n);
    if (t->n == t->room) {
        t->room = t->room ? t->room * 2 : 64;
        t->ends = memory_array(proc_memory(p), t->ends, t->room, sizeof *t->ends);
    }
    t->ends[t->n++] = t->all.len;
}

static void drain(struct proc *p)
{
    struct tac *t = proc_state(p);
    while (t->n && !out_full(p)) {
        size_t end = t->ends[--t->n], from = t->n ? t->ends[t->n - 1] : 0;
        out_put(p, t->all.data + from, end - from);
    }
    if (t->n)
        filter_drain(p);
    else
        t->all.len = 0;
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .end = filter_drain,
    .drain = drain,
    .failed = filter_failed_name,
    .lines = true,
    .plain = true,
};

const struct applet applet_tac = {
    .name = "tac",
    .filter = &ops,
    .state = sizeof(struct tac),
    .unwritten = UNWRITTEN_WRITE,
};
