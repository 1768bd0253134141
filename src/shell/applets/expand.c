#include "shell/filter.h"
#include "shell/options.h"

/* expand and unexpand. A NUL is lost, and columns are counted anew behind it. */

enum { SMALL_STOP = 64, BLANKS = 4096 };

struct expand {
    struct filter filter;
    bool initial;   /* expand -i, unexpand without -a: only what stands before anything else */
    bool inside;    /* something else stood before */
    uint32_t stop;
    uint64_t column;
    uint64_t blanks; /* that are still to be put out */
    uint64_t from;   /* unexpand: the column that the run of blanks began at */
};

static const struct option_long expand_longs[] = {
    { "initial", 0, 'i' },
    { "tabs", 1, 't' },
    { NULL, 0, 0 },
};

static const struct option_long unexpand_longs[] = {
    { "first-only", 0, 'f' },
    { "tabs", 1, 't' },
    { "all", 0, 'a' },
    { NULL, 0, 0 },
};

static void read_stop(struct proc *p, struct expand *e, const char *s)
{
    e->stop = s ? (uint32_t)options_number(p, s, 1, UINT32_MAX, NULL) : 8;
    if (e->stop > SMALL_STOP)
        e->filter.piece = 1; /* of which may become very much */
}

static char **expand_start(struct proc *p, int argc, char **argv)
{
    struct expand *e = proc_state(p);
    const char *stop = NULL;
    char **files;
    e->initial = options_bits_long(p, argc, argv, "it:", expand_longs, &files, &stop) & 1;
    read_stop(p, e, stop);
    return files;
}

static void begin(struct proc *p)
{
    struct expand *e = proc_state(p);
    e->column = e->from = 0;
    e->inside = false;
}

static void put_blanks(struct proc *p)
{
    static const char blanks[] = "                                                                ";
    struct expand *e = proc_state(p);
    for (size_t put = 0; e->blanks && put < BLANKS;) {
        size_t n = e->blanks < sizeof blanks - 1 ? (size_t)e->blanks : sizeof blanks - 1;
        out_put(p, blanks, n);
        e->blanks -= n;
        put += n;
    }
    if (e->blanks)
        filter_drain(p);
}

static void expand_feed(struct proc *p, const char *data, size_t n)
{
    struct expand *e = proc_state(p);
    for (size_t i = 0; i < n; i++) {
        char c = data[i];
        if (c == '\n' || !c)
            begin(p);
        if (!c)
            continue;
        if (c == '\t' && !(e->initial && e->inside)) {
            e->blanks = e->stop - e->column % e->stop;
            e->column += e->blanks;
            put_blanks(p);
            continue;
        }
        out_char(p, c);
        if (c == '\n')
            continue;
        e->column++;
        e->inside |= c != ' ' && c != '\t';
    }
}

static char **unexpand_start(struct proc *p, int argc, char **argv)
{
    struct expand *e = proc_state(p);
    const char *stop = NULL;
    char **files;
    uint32_t bits = options_bits_long(p, argc, argv, "ft:a", unexpand_longs, &files, &stop);
    e->initial = bits & 1 || !(bits & 6);
    read_stop(p, e, stop);
    e->filter.piece = FILTER_PIECE; /* nothing becomes more */
    return files;
}

/* The run of blanks that ends here. */
static void put_run(struct proc *p, struct expand *e)
{
    uint64_t tabs = e->column / e->stop - e->from / e->stop;
    uint64_t blanks = tabs ? e->column % e->stop : e->column - e->from;
    for (; tabs; tabs--)
        out_char(p, '\t');
    for (; blanks; blanks--)
        out_char(p, ' ');
    e->from = e->column;
}

static void unexpand_feed(struct proc *p, const char *data, size_t n)
{
    struct expand *e = proc_state(p);
    for (size_t i = 0; i < n; i++) {
        char c = data[i];
        bool converts = !(e->initial && e->inside);
        if (converts && c == ' ') {
            e->column++;
            continue;
        }
        if (converts && c == '\t') {
            e->column += e->stop - e->column % e->stop;
            continue;
        }
        put_run(p, e);
        if (c)
            out_char(p, c);
        if (!c || c == '\n') {
            begin(p);
            continue;
        }
        e->inside = true;
        e->from = ++e->column;
    }
}

static void unexpand_end(struct proc *p)
{
    put_run(p, proc_state(p));
}

static void failed(struct proc *p, int e)
{
    const struct expand *x = proc_state(p);
    (void)e;
    proc_error(p, "%s: Input/output error", x->filter.unnamed ? "standard input" : x->filter.name);
}

static void finish(struct proc *p)
{
    struct expand *e = proc_state(p);
    e->filter.status |= proc_close_input(p);
}

static const struct filter_ops expand_ops = {
    .start = expand_start,
    .begin = begin,
    .feed = expand_feed,
    .drain = put_blanks,
    .failed = failed,
    .finish = finish,
    .plain = true,
};

static const struct filter_ops unexpand_ops = {
    .start = unexpand_start,
    .begin = begin,
    .feed = unexpand_feed,
    .end = unexpand_end,
    .failed = failed,
    .finish = finish,
    .plain = true,
};

const struct applet applet_expand = {
    .name = "expand",
    .filter = &expand_ops,
    .state = sizeof(struct expand),
    .unwritten = UNWRITTEN_OUTPUT,
};
const struct applet applet_unexpand = {
    .name = "unexpand",
    .filter = &unexpand_ops,
    .state = sizeof(struct expand),
    .unwritten = UNWRITTEN_OUTPUT,
};
