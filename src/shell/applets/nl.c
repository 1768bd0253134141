#include "shell/filter.h"
#include "shell/options.h"

#include <string.h>

/* Of a field that is wider nothing can be seen. */
enum { WIDTH_MOST = 65536 };

struct nl {
    struct filter filter;
    uint32_t number, step;
    int width;
    const char *separator;
    char style;
};

static const struct option_long longs[] = {
    { "body-numbering", 1, 'b' },     { "starting-line-number", 1, 'v' }, { "line-increment", 1, 'i' },
    { "number-separator", 1, 's' },   { "number-width", 1, 'w' },         { NULL, 0, 0 },
};

static char **start(struct proc *p, int argc, char **argv)
{
    struct nl *n = proc_state(p);
    const char *width = "6", *separator = "\t", *first = "1", *step = "1", *style = "t";
    char **files;
    options_bits_long(p, argc, argv, "w:s:v:i:b:", longs, &files, &width, &separator, &first, &step, &style);
    uint64_t wide = options_number(p, width, 0, INT32_MAX, NULL);
    n->width = wide > WIDTH_MOST ? WIDTH_MOST : (int)wide;
    n->separator = separator;
    n->number = (uint32_t)options_number(p, first, 0, INT32_MAX, NULL);
    n->step = (uint32_t)options_number(p, step, 0, INT32_MAX, NULL);
    n->style = style[0];
    return files;
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct nl *l = proc_state(p);
    n = filter_chop(data, n);
    if (l->style == 'a' || (l->style == 't' && n)) {
        out_print(p, "%*u%s", l->width, l->number, l->separator);
        l->number += l->step;
    } else {
        out_print(p, "%*s", l->width + (int)strnlen(l->separator, WIDTH_MOST), "");
    }
    out_put(p, data, n);
    out_char(p, '\n');
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .failed = filter_failed_silent,
    .lines = true,
    .nul_too = true,
    .plain = true,
};

const struct applet applet_nl = {
    .name = "nl",
    .filter = &ops,
    .state = sizeof(struct nl),
    .unwritten = UNWRITTEN_OUTPUT,
};
