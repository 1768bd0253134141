#include "shell/applets/grep.h"

#include <ctype.h>
#include <string.h>

void grep_pattern_add(struct proc *p, struct grep *g, const char *s, size_t n)
{
    if ((g->n_patterns & (g->n_patterns - 1)) == 0) {
        size_t room = g->n_patterns ? g->n_patterns * 2 : 1;
        g->patterns = memory_array(proc_memory(p), g->patterns, room, sizeof *g->patterns);
    }
    g->patterns[g->n_patterns++] =
        (struct grep_pattern){ .s = memory_bytes(proc_memory(p), s, n), .n = n };
}

static char *fold(struct proc *p, const char *s, size_t n)
{
    char *folded = memory_bytes(proc_memory(p), s, n);
    for (size_t i = 0; i < n; i++)
        folded[i] = (char)tolower((unsigned char)s[i]);
    return folded;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Neither side of it goes on as a word. */
static bool stands_alone(const char *s, size_t n, size_t start, size_t end)
{
    return (start == 0 || !is_word(s[start - 1])) && (end >= n || !is_word(s[end]));
}

/* ---- Fixed strings: up to the line's first NUL ---- */

static bool fixed(struct proc *p, struct grep *g, struct grep_pattern *t, struct grep_match *m)
{
    const char *s = g->folded ? g->folded : g->line.s, *what = t->s;
    size_t n = strnlen(g->line.s, g->line.n);
    if (g->folded && !t->folded)
        t->folded = fold(p, t->s, t->n);
    if (g->folded)
        what = t->folded;
    const char *at = memmem(s + g->from, n - g->from, what, t->n);
    proc_charge(p, (n - g->from) / 64);
    g->spent += (n - g->from) / 64;
    if (!at)
        return false;
    m->pattern = t;
    m->start = (size_t)(at - s);
    m->end = m->start + t->n;
    return true;
}

/* Whether what was found is what was asked for: else *ret_again, and it is looked for from g->from
 * on. */
static bool fixed_holds(struct grep *g, const struct grep_match *m, bool *ret_again)
{
    size_t n = strnlen(g->line.s, g->line.n);
    if (g->flags & GREP_WHOLE)
        return m->start == 0 && m->end == n;
    if (!(g->flags & GREP_WORD) || m->end == m->start ||
        stands_alone(g->line.s, n, m->start, m->end))
        return true;
    *ret_again = true;
    g->from = m->start + 1;
    return false;
}

/* ---- Expressions ---- */

static struct regex *regex_of(struct proc *p, const struct grep *g, struct grep_pattern *t)
{
    unsigned flags = REGEX_GREP | (g->flags & GREP_EXTENDED ? REGEX_EXTENDED : 0) |
                     (g->flags & GREP_ICASE ? REGEX_ICASE : 0);
    const char *why;
    if (!t->regex)
        t->regex = regex_make(proc_memory(p), t->s, t->n, flags, &why);
    if (!t->regex)
        proc_die(p, "bad regex '%s'", t->s);
    return t->regex;
}

static bool expression(struct proc *p, struct grep *g, struct grep_pattern *t, size_t from,
                       struct grep_match *m)
{
    struct regex_span spans[REGEX_GROUPS];
    uint64_t work = 0;
    struct regex *r = regex_of(p, g, t);
    enum regex_verdict verdict =
        regex_search(r, proc_memory(p), g->line.s, g->line.n, from, false, spans, &work);
    proc_charge(p, work);
    g->spent += work;
    if (verdict != REGEX_MATCH)
        return false;
    *m = (struct grep_match){ t, (size_t)spans[0].start, (size_t)spans[0].end };
    return true;
}

bool grep_found_again(struct proc *p, struct grep *g, size_t from)
{
    return expression(p, g, g->found.pattern, from, &g->found);
}

/* Only what the expression says first is asked: no other match in the same place is looked for. */
static bool expression_holds(struct grep *g, const struct grep_match *m, bool *ret_again)
{
    if (g->flags & GREP_WHOLE)
        return m->start == 0 && (m->end == g->line.n || g->line.s[m->end] == '\0');
    if (!(g->flags & GREP_WORD) || stands_alone(g->line.s, g->line.n, m->start, m->end))
        return true;
    *ret_again = m->end > m->start;
    g->from = m->end;
    return false;
}

/* ---- Patterns ---- */

void grep_search_begin(struct proc *p, struct grep *g)
{
    g->left = g->n_patterns;
    g->from = 0;
    g->found = (struct grep_match){ 0 };
    memory_give(proc_memory(p), g->folded);
    g->folded = NULL;
    if ((g->flags & GREP_FIXED) && (g->flags & GREP_ICASE))
        g->folded = fold(p, g->line.s, g->line.n);
}

/* Asks the next pattern, once. */
static void ask(struct proc *p, struct grep *g)
{
    struct grep_pattern *t = &g->patterns[g->left - 1];
    struct grep_match m;
    bool again = false,
         is = g->flags & GREP_FIXED ? fixed(p, g, t, &m) : expression(p, g, t, g->from, &m);
    if (is &&
        (g->flags & GREP_FIXED ? fixed_holds(g, &m, &again) : expression_holds(g, &m, &again)))
        g->found = m;
    if (again)
        return;
    g->left--;
    g->from = 0;
}

enum { ASKED_A_STEP = 16 };

/* Of an inverted search all patterns are asked, as the reference does: one may be no expression. */
bool grep_search(struct proc *p, struct grep *g)
{
    for (int i = 0; i < ASKED_A_STEP && g->spent < GREP_SPENT_MOST; i++) {
        if (g->left == 0 || (g->found.pattern && !(g->flags & GREP_INVERT)))
            return true;
        proc_charge(p, 1);
        ask(p, g);
    }
    return false;
}
