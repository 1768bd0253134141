#include "shell/filter.h"
#include "shell/options.h"

struct cat {
    struct filter filter;
    uint32_t number;
    bool numbers, nonempty, visible, tabs, ends;
    bool inside; /* a line has begun */
};

static char **start(struct proc *p, int argc, char **argv)
{
    struct cat *c = proc_state(p);
    struct options o;
    options_begin(&o, p, argc, argv, "nbvteAu", NULL);
    for (int letter; (letter = options_next(&o)) != -1;) {
        c->numbers |= letter == 'n';
        c->nonempty |= letter == 'b';
        c->tabs |= letter == 't' || letter == 'A';
        c->ends |= letter == 'e' || letter == 'A';
        c->visible |= letter == 'v' || letter == 't' || letter == 'e' || letter == 'A';
    }
    c->filter.lines = c->filter.plain = !c->visible && (c->numbers || c->nonempty);
    return argv + o.index;
}

static void put_line(struct proc *p, struct cat *c, const char *data, size_t n)
{
    n = filter_chop(data, n);
    if (n || !c->nonempty)
        out_print(p, "%6u\t", ++c->number);
    out_put(p, data, n);
    out_char(p, '\n');
}

static void put_visible(struct proc *p, const struct cat *c, unsigned char b)
{
    if (b == '\n' && c->ends)
        out_char(p, '$');
    if (b == '\n' || (b == '\t' && !c->tabs)) {
        out_char(p, (char)b);
        return;
    }
    if (b >= 128)
        out_text(p, "M-");
    b &= 127;
    if (b < ' ' || b == 127)
        out_char(p, '^');
    out_char(p, (char)(b < ' ' || b == 127 ? b ^ 64 : b));
}

static void put_bytes(struct proc *p, struct cat *c, const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool numbered = c->nonempty ? data[i] != '\n' : c->numbers;
        if (!c->inside && numbered)
            out_print(p, "%6u  ", ++c->number);
        put_visible(p, c, (unsigned char)data[i]);
        c->inside = data[i] != '\n';
    }
}

/* Each file is told of by itself. */
static void put_plain(struct proc *p, struct cat *c, const char *data, size_t n)
{
    int64_t e = proc_write(p, 1, data, n);
    if (e >= 0)
        return;
    proc_perror(p, (int)e, "write error");
    c->filter.status = 1;
    filter_skip(p);
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct cat *c = proc_state(p);
    if (c->visible)
        put_bytes(p, c, data, n);
    else if (c->filter.lines)
        put_line(p, c, data, n);
    else
        put_plain(p, c, data, n);
}

static void failed(struct proc *p, int e)
{
    const struct cat *c = proc_state(p);
    if (c->filter.lines)
        filter_failed_silent(p, e);
    else if (!c->visible)
        proc_perror(p, e, "read error");
}

static const struct filter_ops ops = {
    .start = start, .feed = feed, .failed = failed, .nul_too = true, .keeps_input = true
};

const struct applet applet_cat = {
    .name = "cat",
    .filter = &ops,
    .state = sizeof(struct cat),
    .unwritten = UNWRITTEN_OUTPUT,
};
