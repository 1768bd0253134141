#include "shell/lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void lex_begin(struct lex *x, struct lex_source *base)
{
    if (x->source)
        x->source->at = x->at;
    base->outer = x->source;
    x->source = base;
    x->at = base->at;
    x->end = base->end;
}

void lex_leave(struct lex *x)
{
    x->source = x->source->outer;
    x->at = x->source->at;
    x->end = x->source->end;
}

int lex_ahead(struct lex *x, size_t i)
{
    const struct lex_source *s = x->source;
    const char *at = x->at, *end = x->end;
    while (i >= (size_t)(end - at)) {
        if (!s->alias && s->open)
            lex_more(x);
        if (!s->alias)
            return -1;
        i -= (size_t)(end - at);
        s = s->outer;
        at = s->at;
        end = s->end;
    }
    return (unsigned char)at[i];
}

int lex_next_far(struct lex *x)
{
    while (x->at == x->end) {
        if (!x->source->alias)
            return lex_ahead(x, 0);
        x->alias_next |= x->source->blank;
        lex_leave(x);
    }
    return lex_next(x);
}

bool lex_alias_open(const struct lex *x, const char *name, size_t n)
{
    for (const struct lex_source *s = x->source; s; s = s->outer) {
        if (s->alias && s->n_alias == n && !memcmp(s->alias, name, n))
            return true;
    }
    return false;
}

void lex_push_alias(struct lex *x, const char *name, size_t n, const char *value)
{
    size_t n_value = strlen(value);
    x->alias_bytes += n_value + 1;
    if (x->alias_bytes > PARSE_MOST)
        lex_error(x, "out of memory");
    if (!n_value)
        return;
    struct lex_source *s = arena_take(x->arena, sizeof *s);
    s->at = value;
    s->end = value + n_value;
    s->alias = name;
    s->n_alias = n;
    s->counts = true;
    s->blank = s->end[-1] == ' ' || s->end[-1] == '\t';
    lex_begin(x, s);
}

void lex_joined(struct lex *x)
{
    while (lex_peek(x) == '\\' && lex_ahead(x, 1) == '\n') {
        lex_next(x);
        lex_next(x);
    }
}

static _Noreturn void leave(struct lex *x, enum parse_verdict verdict)
{
    x->verdict = verdict;
    longjmp(x->out, 1);
}

void lex_more(struct lex *x)
{
    struct parse *p = x->parse;
    if (p->n >= PARSE_MOST)
        lex_error(x, "out of memory");
    if (x->waits && x->waits->n < sizeof p->waits) {
        memcpy(p->waits, x->waits->delimiter, x->waits->n);
        p->waits[x->waits->n] = '\0';
        p->waits_for = p->waits;
    }
    leave(x, PARSE_MORE);
}

void lex_error(struct lex *x, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(x->parse->error, sizeof x->parse->error, format, args);
    va_end(args);
    x->parse->error_line = x->line + x->in.ended; /* its delimiter is read, then */
    leave(x, PARSE_ERROR);
}

void lex_deeper(struct lex *x)
{
    if (++x->depth > PARSE_DEPTH)
        lex_error(x, "out of memory");
}
