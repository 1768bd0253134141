#include "shell/filter.h"
#include "shell/options.h"

#include <ctype.h>
#include <string.h>

enum { LINES, WORDS, CHARACTERS, BYTES, LONGEST, COUNTS };

struct wc {
    struct filter filter;
    uint32_t wanted; /* bits of the counts */
    bool named;      /* files were */
    size_t files;
    uint64_t count[COUNTS], total[COUNTS];
    uint64_t column;
    bool in_word;
};

static char **start(struct proc *p, int argc, char **argv)
{
    struct wc *w = proc_state(p);
    char **files;
    w->wanted = options_bits(p, argc, argv, "lwmcL", &files);
    if (!w->wanted)
        w->wanted = 1 << LINES | 1 << WORDS | 1 << BYTES;
    w->named = *files;
    for (char **file = files; *file; file++)
        w->files++;
    return files;
}

static void begin(struct proc *p)
{
    struct wc *w = proc_state(p);
    for (size_t i = 0; i < COUNTS; i++)
        w->count[i] = 0;
    w->column = 0;
    w->in_word = false;
}

static void end_line(struct wc *w)
{
    if (w->column > w->count[LONGEST])
        w->count[LONGEST] = w->column;
    w->column = 0;
}

static void look_at(struct wc *w, unsigned char c)
{
    if (isprint(c) && c != ' ') {
        w->column++;
        w->count[WORDS] += !w->in_word;
        w->in_word = true;
        return;
    }
    if (!isspace(c))
        return;
    w->in_word = false;
    if (c == '\t')
        w->column = (w->column | 7) + 1;
    else if (c == ' ')
        w->column++;
    else if (c != '\v')
        end_line(w);
    w->count[LINES] += c == '\n';
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct wc *w = proc_state(p);
    w->count[BYTES] += n;
    w->count[CHARACTERS] += n;
    for (size_t i = 0; i < n; i++)
        look_at(w, (unsigned char)data[i]);
}

static void put_counts(struct proc *p, const struct wc *w, const uint64_t count[static COUNTS], const char *name)
{
    bool only = !(w->wanted & (w->wanted - 1)) && w->files < 2, first = true;
    for (unsigned i = 0; i < COUNTS; i++) {
        if (!(w->wanted & 1u << i))
            continue;
        out_print(p, first ? "%*llu" : " %*llu", only ? 1 : 9, (unsigned long long)count[i]);
        first = false;
    }
    if (name)
        out_print(p, " %s", name);
    out_char(p, '\n');
}

static void end(struct proc *p)
{
    struct wc *w = proc_state(p);
    end_line(w);
    for (size_t i = 0; i < LONGEST; i++)
        w->total[i] += w->count[i];
    if (w->count[LONGEST] > w->total[LONGEST])
        w->total[LONGEST] = w->count[LONGEST];
    put_counts(p, w, w->count, w->named ? w->filter.name : NULL);
}

static void finish(struct proc *p)
{
    struct wc *w = proc_state(p);
    if (w->files > 1)
        put_counts(p, w, w->total, "total");
}

static void failed(struct proc *p, int e)
{
    const struct wc *w = proc_state(p);
    proc_perror(p, e, "%s", w->filter.unnamed ? "standard input" : w->filter.name);
}

static const struct filter_ops ops = {
    .start = start,
    .begin = begin,
    .feed = feed,
    .end = end,
    .finish = finish,
    .failed = failed,
    .plain = true,
};

const struct applet applet_wc = {
    .name = "wc",
    .filter = &ops,
    .state = sizeof(struct wc),
    .unwritten = UNWRITTEN_OUTPUT,
};
