#include "shell/applets/escape.h"
#include "shell/applets/reader.h"
#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

/* The reference, without -s: files that have ended leave the row; the end of line belongs to the last
 * that was named, and goes with it. */

struct paste {
    struct reader **files, *input;
    size_t n, at;
    struct reader *last;
    bool serial, begun; /* -s; a line of this file or row was put out */
    struct text delimiters;
    size_t delimiter;
};

static void read_delimiters(struct proc *p, struct paste *t, const char *s)
{
    t->delimiters = text_of(proc_memory(p));
    if (!*s)
        proc_die(p, "-d '' is not supported");
    while (*s) {
        char c = *s++;
        if (c == '\\')
            s = escape_read(s, false, &c);
        text_char_add(&t->delimiters, c);
    }
}

static struct reader *open_reader(struct proc *p, struct paste *t, const char *name)
{
    bool standard = !strcmp(name, "-");
    if (standard && t->input)
        return t->input;
    int fd = standard ? 0 : proc_open(p, name, O_RDONLY, 0);
    if (fd < 0)
        proc_die_errno(p, fd, "%s", name);
    struct reader *r = memory_take(proc_memory(p), sizeof *r);
    reader_begin(r, p, fd);
    r->nul_too = true;
    if (standard)
        t->input = r;
    return r;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct paste *t = proc_state(p);
    const char *delimiters = "\t";
    char **names, *standard[] = { memory_text(proc_memory(p), "-"), NULL };
    t->serial = options_bits(p, argc, argv, "d:s", &names, &delimiters) & 2;
    read_delimiters(p, t, delimiters);
    if (!*names)
        names = standard;
    while (names[t->n])
        t->n++;
    t->files = memory_array(proc_memory(p), NULL, t->n, sizeof *t->files);
    for (size_t i = 0; i < t->n; i++)
        t->files[i] = open_reader(p, t, names[i]);
    t->last = t->files[t->n - 1];
}

static void put_delimiter(struct proc *p, struct paste *t)
{
    char c = t->delimiters.data[t->delimiter];
    t->delimiter = (t->delimiter + 1) % t->delimiters.len;
    if (c)
        out_char(p, c);
}

static void put_serial(struct proc *p, struct paste *t, const char *line, size_t n)
{
    if (!line) {
        if (t->begun)
            out_char(p, '\n');
        t->begun = false;
        t->delimiter = 0;
        t->at++;
        return;
    }
    if (t->begun)
        put_delimiter(p, t);
    out_put(p, line, filter_chop(line, n));
    t->begun = true;
}

static void put_parallel(struct proc *p, struct paste *t, const char *line, size_t n)
{
    if (line) {
        out_put(p, line, filter_chop(line, n));
        if (t->files[t->at++] == t->last && t->at == t->n)
            out_char(p, '\n');
        else
            put_delimiter(p, t);
    } else {
        if (t->at + 1 == t->n)
            t->last = NULL;
        t->n--;
        memmove(t->files + t->at, t->files + t->at + 1, (t->n - t->at) * sizeof *t->files);
    }
    if (t->at >= t->n)
        t->at = t->delimiter = 0;
}

static enum applet_next step(struct proc *p)
{
    struct paste *t = proc_state(p);
    while (!out_full(p)) {
        if (t->at >= t->n) {
            proc_done(p, 0);
            return NEXT_DONE;
        }
        const char *line;
        size_t n;
        enum applet_next next = reader_line(t->files[t->at], p, &line, &n);
        if (next != NEXT_DONE)
            return next;
        (t->serial ? put_serial : put_parallel)(p, t, line, n);
    }
    return NEXT_AGAIN;
}

const struct applet applet_paste = {
    .name = "paste",
    .start = start,
    .step = step,
    .state = sizeof(struct paste),
    .unwritten = UNWRITTEN_OUTPUT,
};
