#include "shell/filter.h"
#include "shell/options.h"

#include <ctype.h>
#include <string.h>

enum { ALL = 1, NAMES = 2, OFFSETS = 4, LENGTH = 8, RADIX = 16 };

struct strings {
    struct filter filter;
    uint32_t bits;
    char radix;
    size_t least;
    struct text held; /* the beginning of what may become a string */
    bool inside;      /* its beginning was put out */
    uint64_t offset;
};

static char **start(struct proc *p, int argc, char **argv)
{
    struct strings *s = proc_state(p);
    const char *least = "4", *radix = "o";
    char **files;
    s->bits = options_bits(p, argc, argv, "afon:t:", &files, &least, &radix);
    s->least = (size_t)options_number(p, least, 1, INT32_MAX, NULL);
    if (s->bits & RADIX && (!strchr("odx", radix[0]) || !radix[0] || radix[1]))
        proc_usage(p);
    s->radix = radix[0];
    s->held = text_of(proc_memory(p));
    return files;
}

static void begin(struct proc *p)
{
    struct strings *s = proc_state(p);
    s->offset = 0;
    s->held.len = 0;
    s->inside = false;
}

static void put_beginning(struct proc *p, struct strings *s)
{
    const char *name = s->filter.name;
    unsigned long long from = s->offset + 1 - s->held.len;
    if (s->bits & NAMES)
        out_print(p, "%s: ", strcmp(name, "-") ? name : "{standard input}");
    if (s->bits & (OFFSETS | RADIX))
        out_print(p, s->radix == 'o' ? "%7llo " : s->radix == 'x' ? "%7llx " : "%7llu ", from);
    out_put(p, s->held.data, s->held.len);
    s->inside = true;
}

static void end_string(struct proc *p, struct strings *s)
{
    if (s->inside)
        out_char(p, '\n');
    s->inside = false;
    s->held.len = 0;
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct strings *s = proc_state(p);
    for (size_t i = 0; i < n; i++, s->offset++) {
        if (!isprint((unsigned char)data[i]) && data[i] != '\t') {
            end_string(p, s);
        } else if (s->inside) {
            out_char(p, data[i]);
        } else {
            text_char_add(&s->held, data[i]);
            if (s->held.len >= s->least)
                put_beginning(p, s);
        }
    }
}

static void end(struct proc *p)
{
    end_string(p, proc_state(p));
}

static const struct filter_ops ops = {
    .start = start,
    .begin = begin,
    .feed = feed,
    .end = end,
    .failed = filter_failed_silent,
    .plain = true,
};

const struct applet applet_strings = {
    .name = "strings",
    .filter = &ops,
    .state = sizeof(struct strings),
    .unwritten = UNWRITTEN_OUTPUT,
};
