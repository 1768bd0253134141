#include "shell/filter.h"
#include "shell/options.h"
#include "shell/regex.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES = 1, FIELDS = 2, REGEX = 4, DELIMITER = 8, DELIMITED = 16, UNSORTED = 32 };

/* Bytes or fields from `from` on, before `to`; counted from 0. */
struct range {
    uint32_t from, to;
    uint32_t order; /* as it was named */
};

struct cut {
    struct filter filter;
    uint32_t bits;
    struct range *ranges;
    size_t n;
    char delimiter;
    const char *separator;
    size_t n_separator;
    struct regex *regex;
    uint32_t line; /* fields that lie between ends of line are lines: those that were read, */
    size_t range;  /* and the first of `ranges` that is not passed */
    bool *printed; /* -D of bytes: those of the line that were put out */
    size_t printed_room;
};

static struct range read_range(struct proc *p, char *s)
{
    char *dash = strchr(s, '-');
    if (dash)
        *dash++ = '\0';
    uint32_t from = *s ? (uint32_t)options_number(p, s, 0, INT32_MAX, NULL) : 0, to;
    from -= from != 0;
    if (!dash)
        return (struct range){ .from = from, .to = from + 1 };
    to = *dash ? (uint32_t)options_number(p, dash, 0, INT32_MAX, NULL) : INT32_MAX;
    if (to < from)
        proc_die(p, "%u<%u", to, from);
    return (struct range){ .from = from, .to = to };
}

static int compare_ranges(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Of ranges in order: apart from each other. */
static void merge(struct cut *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        struct range r = c->ranges[i];
        if (n && r.from < c->ranges[n - 1].to) {
            if (r.to > c->ranges[n - 1].to)
                c->ranges[n - 1].to = r.to;
        } else if (r.to > r.from) {
            c->ranges[n++] = r;
        }
    }
    c->n = n;
}

static void read_list(struct proc *p, struct cut *c, const char *list)
{
    char *s = memory_text(proc_memory(p), list);
    size_t room = 0;
    while (s) {
        char *item = s;
        s = strchr(s, ',');
        if (s)
            *s++ = '\0';
        if (!*item)
            continue;
        if (c->n == room) {
            room = room ? 2 * room : 8;
            c->ranges = memory_array(proc_memory(p), c->ranges, room, sizeof *c->ranges);
        }
        struct range r = read_range(p, item);
        if (r.to <= r.from && !(c->bits & (FIELDS | REGEX)))
            r.to = r.from + 1;
        r.order = (uint32_t)c->n;
        c->ranges[c->n++] = r;
    }
    if (!c->n)
        proc_die(p, "missing list of positions");
    if (c->bits & UNSORTED)
        return;
    qsort(c->ranges, c->n, sizeof *c->ranges, compare_ranges);
    if (!(c->bits & FIELDS))
        merge(c);
}

/* What was asked for by option, its bits and its arguments. */
struct asked {
    const char *list, *delimiter, *separator;
};

static char **read_options(struct proc *p, struct cut *c, int argc, char **argv, struct asked *ret)
{
    struct options o;
    options_begin(&o, p, argc, argv, "b:c:f:d:O:sDF:n", NULL);
    for (int letter; (letter = options_next(&o)) != -1;) {
        bool list = letter == 'b' || letter == 'c' || letter == 'f';
        if (list && ret->list)
            proc_usage(p);
        if (list || letter == 'F')
            ret->list = o.argument;
        else if (letter == 'd')
            ret->delimiter = o.argument;
        else if (letter == 'O')
            ret->separator = o.argument;
        c->bits |= letter == 'b' || letter == 'c' ? BYTES
                   : letter == 'f'                ? FIELDS
                   : letter == 'F'                ? REGEX
                   : letter == 'd'                ? DELIMITER
                   : letter == 's'                ? DELIMITED
                   : letter == 'D'                ? UNSORTED
                                                  : 0;
    }
    if (!ret->list)
        proc_die(p, "expected a list of bytes, characters, or fields");
    if (!(c->bits & (FIELDS | REGEX)) && c->bits & DELIMITED)
        proc_die(p, "suppressing non-delimited lines makes sense only when operating on fields");
    if (!(c->bits & (FIELDS | REGEX)) && c->bits & DELIMITER)
        proc_die(p, "a delimiter may be specified only when operating on fields");
    return argv + o.index;
}

static char **start(struct proc *p, int argc, char **argv)
{
    struct cut *c = proc_state(p);
    struct asked asked = { 0 };
    const char *why;
    char **files = read_options(p, c, argc, argv, &asked);
    c->delimiter = asked.delimiter && *asked.delimiter ? *asked.delimiter : '\t';
    if (c->bits & REGEX) {
        const char *s = asked.delimiter && *asked.delimiter ? asked.delimiter : "[[:space:]]+";
        c->regex = regex_make(proc_memory(p), s, strlen(s), REGEX_EXTENDED, &why);
        if (!c->regex)
            proc_die(p, "bad regex '%s': %s", s, why);
    }
    read_list(p, c, asked.list);
    c->separator = asked.separator ? asked.separator
                   : c->regex      ? " "
                                   : memory_bytes(proc_memory(p), &c->delimiter, 1);
    c->n_separator = strlen(c->separator);
    return files;
}

static void put_bytes(struct proc *p, struct cut *c, const char *line, size_t n)
{
    if (c->bits & UNSORTED) {
        if (n > c->printed_room) {
            c->printed = memory_array(proc_memory(p), c->printed, n, sizeof *c->printed);
            c->printed_room = n;
        }
        memset(c->printed, 0, n);
    }
    for (size_t i = 0; i < c->n; i++) {
        size_t from = c->ranges[i].from, to = c->ranges[i].to;
        to = to < n ? to : n;
        if (!(c->bits & UNSORTED) && from < to)
            out_put(p, line + from, to - from);
        for (; c->bits & UNSORTED && from < to; from++) {
            if (!c->printed[from])
                out_char(p, line[from]);
            c->printed[from] = true;
        }
    }
}

/* A walk over the fields of a line. */
struct walk {
    size_t at;      /* where field `number` begins; past the line: there are no more */
    uint32_t number;
};

/* The length of the field at w->at, and on to the next. */
static size_t walk_field(struct proc *p, struct cut *c, struct walk *w, const char *line, size_t n)
{
    const char *s = line + w->at, *end = NULL;
    size_t left = n - w->at, length = left, skip = 1;
    struct regex_span spans[REGEX_GROUPS];
    uint64_t work = 0;
    if (!c->regex) {
        end = memchr(s, c->delimiter, left);
        length = end ? (size_t)(end - s) : left;
    } else if (left && regex_search(c->regex, proc_memory(p), s, left, 0, false, spans, &work) == REGEX_MATCH) {
        length = (size_t)spans[0].start;
        skip = (size_t)(spans[0].end - spans[0].start);
    }
    proc_charge(p, work + length);
    w->number++;
    w->at = length < left && skip ? w->at + length + skip : n + 1;
    return length;
}

static void put_separator(struct proc *p, const struct cut *c, bool *begun)
{
    if (*begun)
        out_put(p, c->separator, c->n_separator);
    *begun = true;
}

/* Fields from `from` on, before `to`. Whether there was any. */
static bool put_range(struct proc *p, struct cut *c, struct walk *w, const struct range *r, const char *line,
                      size_t n, bool *begun)
{
    bool some = false;
    while (w->at <= n && (w->number < r->to)) {
        bool wanted = w->number >= r->from;
        const char *field = line + w->at;
        size_t length = walk_field(p, c, w, line, n);
        if (!wanted)
            continue;
        some = true;
        if (!length && c->regex)
            continue;
        put_separator(p, c, begun);
        out_put(p, field, length);
    }
    return some;
}

/*
 * The reference's way with -f and ranges that lie in each other: one that is passed already gives nothing,
 * but a second one in a row the next field; beyond the line's end each gives a separator.
 */
static void put_fields(struct proc *p, struct cut *c, const char *line, size_t n)
{
    struct walk w = { 0 };
    bool begun = false, passed = false;
    for (size_t i = 0; i < c->n; i++) {
        struct range r = c->ranges[i];
        if (c->bits & UNSORTED && r.from < w.number) {
            if (c->regex && w.number == 1 && w.at > n)
                break;
            w = (struct walk){ 0 };
        }
        bool open = w.at < n && line[w.at] != c->delimiter, again = passed;
        passed = open && w.number >= r.to;
        if (passed && again) {
            r = (struct range){ .from = w.number, .to = w.number + 1 };
            passed = false;
        }
        if (!put_range(p, c, &w, &r, line, n, &begun) && !passed && !c->regex && (!open || r.from < r.to))
            put_separator(p, c, &begun);
    }
}

static void begin(struct proc *p)
{
    struct cut *c = proc_state(p);
    c->line = 0;
    c->range = 0;
}

static bool wants_line(struct cut *c)
{
    uint32_t line = c->line++;
    while (c->range < c->n && line >= c->ranges[c->range].to)
        c->range++;
    return c->range < c->n && line >= c->ranges[c->range].from;
}

static void feed(struct proc *p, const char *line, size_t n)
{
    struct cut *c = proc_state(p);
    bool fields = c->bits & (FIELDS | REGEX);
    n = filter_chop(line, n);
    proc_charge(p, c->n);
    if (fields && c->delimiter == '\n') {
        if (!wants_line(c))
            return;
        out_put(p, line, n);
    } else if (!fields) {
        put_bytes(p, c, line, n);
    } else if (c->regex || memchr(line, c->delimiter, n)) {
        put_fields(p, c, line, n);
    } else if (n && c->bits & DELIMITED) {
        return;
    } else {
        out_put(p, line, n);
    }
    out_char(p, '\n');
}

static const struct filter_ops ops = {
    .start = start,
    .begin = begin,
    .feed = feed,
    .failed = filter_failed_silent,
    .lines = true,
    .nul_too = true,
    .plain = true,
};

const struct applet applet_cut = {
    .name = "cut",
    .filter = &ops,
    .state = sizeof(struct cut),
    .unwritten = UNWRITTEN_OUTPUT,
};
