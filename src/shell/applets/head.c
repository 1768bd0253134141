#include "shell/filter.h"
#include "shell/options.h"

#include <string.h>

enum { BUFFER = 4096, COMPACT = 65536, HELD_MOST = 268435454 };

struct head {
    struct filter filter;
    char **files; /* all, for how many there are and which is the first */
    bool headers;
    bool bytes, but_last; /* -c; all but the last `count` */
    uint64_t count, left;
    uint64_t given;   /* bytes that were put out */
    struct text held; /* of but_last: what may be among the last, from `from` on */
    size_t from;
    uint64_t n_held; /* lines of it */
};

/* What -c and a "-" said once holds for whatever count comes last. */
static void read_count(struct proc *p, struct head *h, const char *s, bool bytes)
{
    h->bytes |= bytes;
    h->but_last |= *s == '-';
    h->count = options_number(p, s + (*s == '-'), 0, UINT64_MAX, options_bkm);
}

static char **start(struct proc *p, int argc, char **argv)
{
    struct head *h = proc_state(p);
    int headers = -1;
    h->count = 10;
    h->held = text_of(proc_memory(p));
    if (argc > 1 && argv[1][0] == '-' && argv[1][1] >= '0' && argv[1][1] <= '9') {
        read_count(p, h, argv[1] + 1, false);
        argv++;
        argc--;
    }
    struct options o;
    options_begin(&o, p, argc, argv, "n:c:qv", NULL);
    o.short_only = true;
    for (int letter; (letter = options_next(&o)) != -1;)
        if (letter == 'n' || letter == 'c')
            read_count(p, h, o.argument, letter == 'c');
        else
            headers = letter == 'v';
    if (h->but_last && h->count > HELD_MOST)
        proc_die(p, "count is too big: %llu", (unsigned long long)h->count);
    h->files = argv + o.index;
    h->headers = headers == -1 ? h->files[0] && h->files[1] : headers;
    h->filter.lines = h->but_last && !h->bytes;
    return h->files;
}

static const char *shown_name(const struct head *h)
{
    return strcmp(h->filter.name, "-") ? h->filter.name : "standard input";
}

static void begin(struct proc *p)
{
    struct head *h = proc_state(p);
    bool first = !h->files[0] || h->filter.files == h->files + 1;
    if (h->headers)
        out_print(p, "%s==> %s <==\n", first ? "" : "\n", shown_name(h));
    h->left = h->count;
    h->held.len = h->from = h->n_held = 0;
    if (!h->but_last && !h->left)
        filter_skip(p);
}

/* How many of the n bytes belong to the first lines. */
static size_t lines_end(struct head *h, const char *data, size_t n)
{
    const char *s = data, *end = data + n;
    while (s < end && h->left) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        h->left -= newline != NULL;
        s = newline ? newline + 1 : end;
    }
    return (size_t)(s - data);
}

/* The first n of what is held go, and all but `lost` of them are put out. */
static void put_held(struct proc *p, struct head *h, size_t n, size_t lost)
{
    out_put(p, h->held.data + h->from, n - lost);
    h->given += n - lost;
    h->from += n;
    if (h->from < COMPACT || h->from < h->held.len / 2)
        return;
    h->held.len -= h->from;
    memmove(h->held.data, h->held.data + h->from, h->held.len);
    h->from = 0;
}

static void hold_bytes(struct proc *p, struct head *h, const char *data, size_t n)
{
    text_add(&h->held, data, n);
    size_t held = h->held.len - h->from;
    if (held > h->count)
        put_held(p, h, held - (size_t)h->count, 0);
}

/* A NUL ends a line, too, and is lost. */
static void hold_line(struct proc *p, struct head *h, const char *data, size_t n)
{
    text_add(&h->held, data, n);
    if (h->n_held < h->count) {
        h->n_held++;
        return;
    }
    const char *line = h->held.data + h->from;
    size_t held = h->held.len - h->from, length = 0;
    while (length < held && line[length] && line[length] != '\n')
        length++;
    bool ends = length < held;
    put_held(p, h, length + ends, ends && !line[length]);
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct head *h = proc_state(p);
    if (h->but_last) {
        (h->bytes ? hold_bytes : hold_line)(p, h, data, n);
        return;
    }
    if (h->bytes) {
        n = n > h->left ? (size_t)h->left : n;
        h->left -= n;
    } else {
        n = lines_end(h, data, n);
    }
    out_put(p, data, n);
    h->given += n;
    if (!h->left)
        filter_skip(p);
}

/* More than a buffer of it was lost: then the reference does not know any more why. */
static void end(struct proc *p)
{
    const struct head *h = proc_state(p);
    if (h->given > BUFFER && out_failed(p))
        proc_die(p, "standard output: I/O error");
}

static void failed(struct proc *p, int e)
{
    (void)e;
    proc_error(p, "%s: Input/output error", shown_name(proc_state(p)));
}

static const struct filter_ops ops = {
    .start = start,
    .begin = begin,
    .feed = feed,
    .end = end,
    .nul_too = true,
    .failed = failed,
    .plain = true,
};

const struct applet applet_head = {
    .name = "head",
    .filter = &ops,
    .state = sizeof(struct head),
    .unwritten = UNWRITTEN_OUTPUT,
};
