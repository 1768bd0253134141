#include "shell/filter.h"
#include "shell/options.h"

#include <ctype.h>
#include <string.h>

enum { BYTES = 1, SPACES = 2 };
enum { WIDTH_MOST = 10000 };

struct fold {
    struct filter filter;
    uint32_t bits;
    size_t width, column;
    struct text line; /* what of a line was not put out yet: at most some bytes a column */
};

/* -N is -w N, wherever it stands. */
static void make_modern(struct proc *p, char **argv)
{
    for (; *++argv;)
        if ((*argv)[0] == '-' && (*argv)[1] >= '0' && (*argv)[1] <= '9')
            *argv = memory_print(proc_memory(p), "-w%s", *argv + 1);
}

static char **start(struct proc *p, int argc, char **argv)
{
    struct fold *f = proc_state(p);
    const char *width = "80";
    char **files;
    make_modern(p, argv);
    f->bits = options_bits(p, argc, argv, "bsw:", &files, &width);
    f->width = (size_t)options_number(p, width, 1, WIDTH_MOST, NULL);
    f->line = text_of(proc_memory(p));
    return files;
}

static size_t column_after(const struct fold *f, size_t column, char c)
{
    if (f->bits & BYTES)
        return column + 1;
    switch (c) {
    case '\b':
        return column ? column - 1 : 0;
    case '\r':
        return 0;
    case '\t':
        return (column | 7) + 1;
    default:
        return column + 1;
    }
}

static void put(struct proc *p, struct fold *f, size_t n, bool ends)
{
    out_put(p, f->line.data, n);
    if (ends)
        out_char(p, '\n');
    f->line.len -= n;
    memmove(f->line.data, f->line.data + n, f->line.len);
    f->column = 0;
    for (size_t i = 0; i < f->line.len; i++)
        f->column = column_after(f, f->column, f->line.data[i]);
}

/* How much of the line stands before a break: up to its last blank, else all. */
static size_t break_at(const struct fold *f)
{
    size_t n = f->line.len;
    if (f->bits & SPACES)
        while (n && !isblank((unsigned char)f->line.data[n - 1]))
            n--;
    return n ? n : f->line.len;
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct fold *f = proc_state(p);
    for (size_t i = 0; i < n; i++) {
        if (data[i] == '\n') {
            text_char_add(&f->line, '\n');
            put(p, f, f->line.len, false);
            continue;
        }
        size_t column = column_after(f, f->column, data[i]);
        while (column > f->width && f->line.len) {
            put(p, f, break_at(f), true);
            column = column_after(f, f->column, data[i]);
        }
        text_char_add(&f->line, data[i]);
        f->column = column;
    }
}

static void end(struct proc *p)
{
    struct fold *f = proc_state(p);
    if (f->line.len)
        put(p, f, f->line.len, false);
}

static void failed(struct proc *p, int e)
{
    (void)e;
    proc_error(p, "%s: Input/output error", ((struct fold *)proc_state(p))->filter.name);
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .end = end,
    .failed = failed,
    .plain = true,
};

const struct applet applet_fold = {
    .name = "fold",
    .filter = &ops,
    .state = sizeof(struct fold),
    .unwritten = UNWRITTEN_OUTPUT,
};
