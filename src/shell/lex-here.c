#include "shell/lex.h"

/* What the delimiter is: its word without its quotes. */
void lex_here_add(struct lex *x, struct redirect *r)
{
    struct lex_here *h = arena_take(x->arena, sizeof *h);
    arena_open(x->arena);
    for (const struct part *p = x->in.word->parts; p; p = p->next) {
        if (p->type == PART_TEXT)
            arena_add(x->arena, p->text, p->n);
        else
            h->endless = true;
        h->quoted |= p->quoted;
    }
    h->n = arena_length(x->arena);
    h->delimiter = arena_close(x->arena);
    h->redirect = r;
    h->tabs = x->in.here_tabs;
    /* Where nothing follows, it is empty. */
    r->target = arena_take(x->arena, sizeof *r->target);
    *x->in.here_last = h;
    x->in.here_last = &h->next;
}

void lex_here_line(struct lex *x)
{
    const struct lex_here *h = x->in.body;
    while (h->tabs && lex_peek(x) == '\t')
        lex_next(x);
    if (h->endless)
        return;
    for (size_t i = 0; i < h->n; i++) {
        if (lex_ahead(x, i) != (unsigned char)h->delimiter[i])
            return;
    }
    int c = lex_ahead(x, h->n);
    x->in.ended = c == '\n' || c < 0;
}

/* The lines as they are. */
static void raw(struct lex *x, struct build *b)
{
    build_text(x, b, true, true);
    while (!x->in.ended && lex_peek(x) >= 0) {
        int c = lex_next(x);
        if (c)
            arena_put(x->arena, (char)c);
        if (c == '\n')
            lex_here_line(x);
    }
}

static void body(struct lex *x, const struct lex_here *h)
{
    struct build b = { .word = h->redirect->target,
                       .last = &h->redirect->target->parts,
                       .inner = true };
    lex_here_line(x);
    if (!x->in.ended) {
        if (h->quoted)
            raw(x, &b);
        else
            lex_quoted(x, &b, QUOTED_HERE);
        lex_finish(x, &b);
    }
    for (size_t i = 0; x->in.ended && i < h->n; i++)
        lex_next(x);
    lex_take(x, '\n');
    x->in.ended = false;
}

void lex_here_bodies(struct lex *x)
{
    struct lex_here *h = x->in.here;
    x->in.here = NULL;
    x->in.here_last = &x->in.here;
    bool outermost = !x->waits;
    for (; h; h = h->next) {
        x->in.body = h;
        if (outermost)
            x->waits = h;
        body(x, h);
    }
    x->in.body = NULL;
    if (outermost)
        x->waits = NULL;
}
