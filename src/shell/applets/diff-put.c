#include "shell/applets/diff.h"

#include <string.h>

static uint32_t least(uint32_t n, int32_t context)
{
    int32_t from = diff_plus((int64_t)n + 1, -(int64_t)context);
    return from < 1 ? 0 : (uint32_t)from - 1;
}

static int32_t most(uint32_t n, int32_t context, uint32_t n_lines)
{
    int32_t to = diff_plus(n, context);
    return to > (int64_t)n_lines ? (int32_t)n_lines : to;
}

static void put_range(struct proc *p, char sign, uint32_t from, int32_t to)
{
    int64_t n = (int64_t)to - from;
    if (n < 1)
        out_print(p, "%c%d,0", sign, to);
    else if (n == 1)
        out_print(p, "%c%d", sign, to);
    else
        out_print(p, "%c%u,%lld", sign, from + 1, (long long)n);
}

static int32_t hunk_stop(const struct diff_put *o, const struct diff_match *m, size_t side)
{
    const struct diff_change *last = &m->changes[o->hunk_end - 1];
    return most(side ? last->d : last->b, o->context, m->of[side].n_lines);
}

static void begin_hunk(struct proc *p, struct diff_put *o, const struct diff_match *m)
{
    o->hunk = o->change = o->hunk_end;
    const struct diff_change *first = &m->changes[o->hunk];
    o->hunk_end += first->together;
    out_text(p, "@@ ");
    put_range(p, '-', least(first->a, o->context), hunk_stop(o, m, 0));
    out_char(p, ' ');
    put_range(p, '+', least(first->c, o->context), hunk_stop(o, m, 1));
    out_text(p, " @@\n");
    o->line = least(first->a, o->context);
}

static void put_expanded(struct proc *p, const char *s, size_t n)
{
    size_t column = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '\t') {
            out_char(p, s[i]);
            column++;
            continue;
        }
        do
            out_char(p, ' ');
        while (++column % 8);
    }
}

static void put_line(struct proc *p, const struct diff_put *o, const struct diff_text *t, uint32_t line, char sign)
{
    const char *s = t->bytes.data + t->lines[line];
    size_t n = t->lines[line + 1] - t->lines[line];
    out_char(p, sign);
    if (o->bits & DIFF_TAB)
        out_char(p, '\t');
    if (o->bits & DIFF_EXPAND)
        put_expanded(p, s, n);
    else
        out_put(p, s, n);
    if (s[n - 1] != '\n')
        out_text(p, "\n\\ No newline at end of file\n");
}

/* Lines up to `stop`. Whether there is room for more. */
static bool put_lines(struct proc *p, struct diff_put *o, const struct diff_text *t, int64_t stop, char sign)
{
    for (; o->line < stop && !out_full(p); o->line++)
        put_line(p, o, t, o->line, sign);
    return o->line >= stop;
}

static void put_names(struct proc *p, const struct diff_put *o)
{
    out_print(p, "--- %s\n+++ %s\n", o->names[0], o->names[1]);
}

static void end_change(struct diff_put *o, const struct diff_change *c)
{
    o->line = c->b;
    o->next = ++o->change < o->hunk_end ? PUT_BEFORE : PUT_AFTER;
}

bool diff_put_some(struct proc *p, struct diff_put *o, const struct diff_match *m)
{
    while (!out_full(p)) {
        const struct diff_change *c = &m->changes[o->change];
        switch (o->next) {
        case PUT_NAMES:
            put_names(p, o);
            o->next = PUT_HUNK;
            break;
        case PUT_HUNK:
            if (o->hunk_end == m->n_changes)
                return false;
            begin_hunk(p, o, m);
            o->next = PUT_BEFORE;
            break;
        case PUT_BEFORE:
            if (put_lines(p, o, &m->of[0], c->a, ' '))
                o->next = PUT_OLD;
            break;
        case PUT_OLD:
            if (put_lines(p, o, &m->of[0], c->b, '-')) {
                o->line = c->c;
                o->next = PUT_NEW;
            }
            break;
        case PUT_NEW:
            if (put_lines(p, o, &m->of[1], c->d, '+'))
                end_change(o, c);
            break;
        case PUT_AFTER:
            if (put_lines(p, o, &m->of[0], hunk_stop(o, m, 0), ' '))
                o->next = PUT_HUNK;
            break;
        }
    }
    return true;
}
