#include "shell/applets/escape.h"
#include "shell/filter.h"
#include "shell/options.h"

#include <ctype.h>
#include <string.h>

enum { COMPLEMENT = 1, COMPLEMENT_TOO = 2, DELETE = 4, SQUEEZE = 8 };
enum { BYTES = 256 };

struct tr {
    struct filter filter;
    unsigned char to[BYTES];
    bool deletes[BYTES], squeezes[BYTES];
    int last; /* the byte put out last, or -1 */
};

static const struct class {
    const char *name;
    int (*has)(int c);
} classes[] = {
    { "[:alpha:]", isalpha }, { "[:alnum:]", isalnum }, { "[:digit:]", isdigit }, { "[:lower:]", islower },
    { "[:upper:]", isupper }, { "[:space:]", isspace }, { "[:blank:]", isblank }, { "[:punct:]", ispunct },
    { "[:cntrl:]", iscntrl }, { "[:xdigit:]", isxdigit },
};

/* One character, escaped or not. */
static unsigned char read_char(const char **s)
{
    char c = *(*s)++;
    if (c == '\\')
        *s = escape_read(*s, false, &c);
    return (unsigned char)c;
}

/* A class, [:alpha:] or [=a=]. Whether there was one. */
static bool read_class(struct proc *p, const char **s, struct text *to)
{
    const char *at = *s;
    if (at[0] == '[' && at[1] == '=') {
        if (!at[2] || at[3] != '=' || at[4] != ']')
            proc_usage(p);
        text_char_add(to, at[2]);
        *s += 5;
        return true;
    }
    for (const struct class *c = classes; c < classes + sizeof classes / sizeof *classes; c++) {
        if (strncmp(at, c->name, strlen(c->name)))
            continue;
        for (int b = 0; b < BYTES; b++)
            if (c->has(b))
                text_char_add(to, (char)b);
        *s += strlen(c->name);
        return true;
    }
    return false;
}

static struct text read_set(struct proc *p, const char *s)
{
    struct text set = text_of(proc_memory(p));
    while (*s) {
        if (read_class(p, &s, &set))
            continue;
        unsigned from = read_char(&s), to = from;
        if (s[0] == '-' && s[1]) {
            s++;
            to = read_char(&s);
        }
        for (unsigned c = from; c <= to; c++)
            text_char_add(&set, (char)c);
    }
    return set;
}

static struct text complement(struct proc *p, const struct text *set)
{
    struct text rest = text_of(proc_memory(p));
    for (int c = 0; c < BYTES; c++)
        if (!set->len || !memchr(set->data, c, set->len))
            text_char_add(&rest, (char)c);
    return rest;
}

static void mark(bool marks[static BYTES], const struct text *set)
{
    for (size_t i = 0; i < set->len; i++)
        marks[(unsigned char)set->data[i]] = true;
}

static char **start(struct proc *p, int argc, char **argv)
{
    struct tr *t = proc_state(p);
    char **words;
    uint32_t bits = options_bits(p, argc, argv, "+cCds", &words);
    if (!words[0])
        proc_usage(p);
    struct text from = read_set(p, words[0]), to = text_of(proc_memory(p));
    if (bits & (COMPLEMENT | COMPLEMENT_TOO))
        from = complement(p, &from);
    if (words[1]) {
        if (!words[1][0])
            proc_die(p, "STRING2 cannot be empty");
        to = read_set(p, words[1]);
    }
    t->last = -1;
    for (unsigned c = 0; c < BYTES; c++)
        t->to[c] = (unsigned char)c;
    if (!(bits & DELETE) && to.len)
        for (size_t i = 0; i < from.len; i++)
            t->to[(unsigned char)from.data[i]] = (unsigned char)to.data[i < to.len ? i : to.len - 1];
    if (bits & DELETE)
        mark(t->deletes, &from);
    if (bits & SQUEEZE)
        mark(t->squeezes, words[1] || bits & DELETE ? &to : &from);
    while (*words)
        words++;
    return words; /* only standard input is read */
}

static void feed(struct proc *p, const char *data, size_t n)
{
    struct tr *t = proc_state(p);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)data[i];
        if (t->deletes[c])
            continue;
        c = t->to[c];
        if (c == t->last && t->squeezes[c])
            continue;
        t->last = c;
        out_char(p, (char)c);
    }
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .failed = filter_failed_die,
};

const struct applet applet_tr = {
    .name = "tr",
    .filter = &ops,
    .state = sizeof(struct tr),
    .unwritten = UNWRITTEN_WRITE,
};
