#include "shell/lex.h"

static struct node *pair(struct lex *x, enum node_type type, struct node *first,
                         struct node *second)
{
    struct node *n = parse_make(x, type, first->line);
    n->first = first;
    n->second = second;
    return n;
}

/* ---- Lists ---- */

static struct node *pipeline(struct lex *x, unsigned want)
{
    bool not = lex_token(x, want) == T_NOT;
    uint32_t line = x->in.line;
    if (!not )
        lex_back(x);
    struct node *n = parse_one(x, WANT_COMMAND);
    if (lex_token(x, 0) == T_PIPE) {
        struct node *pipe = parse_make(x, NODE_PIPE, n->line);
        pipe->first = n;
        do
            n = n->next = parse_one(x, WANT_LINES | WANT_COMMAND);
        while (lex_token(x, 0) == T_PIPE);
        n = pipe;
    }
    lex_back(x);
    if (not )
        n = pair(x, NODE_NOT, n, NULL);
    n->line = not ? line : n->line;
    return n;
}

/* a && b && c is a && (b && c), which means the same and is a chain that can be walked; where &&
 * and
 * || change, what was before is one level deeper. */
static struct node *and_or(struct lex *x, unsigned want)
{
    struct node *whole = pipeline(x, want), **last = &whole;
    unsigned depth = x->depth;
    enum token before = T_NONE, t;
    while ((t = lex_token(x, 0)) == T_AND || t == T_OR) {
        enum node_type type = t == T_AND ? NODE_AND : NODE_OR;
        if (t != before) {
            lex_deeper(x);
            last = &whole;
        }
        before = t;
        *last = pair(x, type, *last, NULL);
        last = &(*last)->second;
        *last = pipeline(x, WANT_LINES | WANT_COMMAND);
    }
    x->depth = depth;
    lex_back(x);
    return whole;
}

static bool ends_list(enum token t)
{
    switch (t) {
    case T_RIGHT:
    case T_CASE_END:
    case T_DO:
    case T_DONE:
    case T_ELIF:
    case T_ELSE:
    case T_ESAC:
    case T_FI:
    case T_THEN:
    case T_FINISH:
        return true;
    default:
        return false;
    }
}

/* A list in the making: a; b; c is a; (b; c). */
struct chain {
    struct node *whole, **last;
};

static void chain_add(struct lex *x, struct chain *c, struct node *n)
{
    if (!c->whole) {
        c->whole = n;
        c->last = &c->whole;
        return;
    }
    *c->last = pair(x, NODE_SEQUENCE, *c->last, n);
    c->last = &(*c->last)->second;
}

/* One and_or and what ends it. */
static enum token item(struct lex *x, struct chain *c)
{
    struct node *n = and_or(x, 0);
    enum token t = lex_token(x, 0);
    chain_add(x, c, t == T_BACKGROUND ? pair(x, NODE_BACKGROUND, n, NULL) : n);
    return t;
}

struct node *parse_list(struct lex *x, bool may_be_empty)
{
    struct chain c = { NULL, NULL };
    for (;;) {
        enum token t = lex_token(x, WANT_LINES | WANT_COMMAND);
        lex_back(x);
        if (t == T_END || (may_be_empty && ends_list(t)))
            return c.whole;
        may_be_empty = true;
        t = item(x, &c);
        if (t != T_NEWLINE && t != T_SEMICOLON && t != T_BACKGROUND) {
            lex_back(x);
            return c.whole;
        }
    }
}

/* One line, at the outermost. What an alias adds to it belongs to it. */
static struct node *line(struct lex *x)
{
    struct chain c = { NULL, NULL };
    for (;;) {
        enum token t = lex_token(x, WANT_COMMAND);
        if (t != T_END && t != T_NEWLINE) {
            lex_back(x);
            t = item(x, &c);
        }
        if (t == T_END || (t == T_NEWLINE && !x->source->alias))
            return c.whole;
        if (t != T_NEWLINE && t != T_SEMICOLON && t != T_BACKGROUND)
            lex_unexpected(x, T_NONE);
    }
}

/* ---- The door ---- */

/* The bytes of a line with nothing but blanks and a comment, its end included; 0: there is more in
 * it. */
static size_t blank_line(const struct parse *p)
{
    size_t i = 0;
    while (i < p->n && (p->text[i] == ' ' || p->text[i] == '\t'))
        i++;
    if (i < p->n && p->text[i] == '#') {
        const char *end = memchr(p->text + i, '\n', p->n - i);
        i = end ? (size_t)(end - p->text) : p->n;
    }
    if (i < p->n)
        return p->text[i] == '\n' ? i + 1 : 0;
    return p->whole ? i : 0;
}

static void count_lines(struct parse *p)
{
    const char *s = p->text, *end = s + p->used;
    while (s < end && (s = memchr(s, '\n', (size_t)(end - s)))) {
        p->lines++;
        s++;
    }
}

/* How far the lexer came in the text itself. */
static size_t reached(struct lex *x, const struct lex_source *base)
{
    while (x->source != base)
        lex_leave(x);
    return (size_t)(x->at - x->parse->text);
}

/* After an error, what stands in the same line is gone, too. */
static size_t to_end_of_line(const struct parse *p, size_t used)
{
    if (used && p->text[used - 1] == '\n')
        return used;
    const char *end = memchr(p->text + used, '\n', p->n - used);
    return end ? (size_t)(end - p->text) + 1 : p->n;
}

static void run(struct lex *x, struct parse *p)
{
    struct lex_source base = {
        .at = p->text, .end = p->text + p->n, .open = !p->whole, .counts = true
    };
    lex_begin(x, &base);
    if (!setjmp(x->out)) {
        p->tree = line(x);
        x->verdict = p->tree ? PARSE_COMMAND : PARSE_EMPTY;
    }
    if (x->verdict == PARSE_MORE)
        return;
    p->used = reached(x, &base);
    if (x->verdict == PARSE_ERROR)
        p->used = to_end_of_line(p, p->used);
}

enum parse_verdict parse_command(struct parse *p, struct memory *m)
{
    p->used = p->lines = 0;
    p->arena = NULL;
    p->tree = NULL;
    p->error[0] = '\0';
    p->waits_for = NULL;
    if (!p->n)
        return p->whole ? PARSE_END : PARSE_MORE;
    p->used = blank_line(p);
    if (p->used) {
        count_lines(p);
        return PARSE_EMPTY;
    }
    struct lex x;
    memset(&x, 0, sizeof x);
    x.arena = arena_make(m);
    x.parse = p;
    x.line = p->line;
    x.in.here_last = &x.in.here;
    run(&x, p);
    if (x.verdict == PARSE_COMMAND)
        p->arena = x.arena;
    else
        arena_drop(x.arena);
    if (x.verdict == PARSE_ERROR)
        count_lines(p);
    else if (x.verdict != PARSE_MORE)
        p->lines = x.line - p->line; /* aliases have lines, too */
    return x.verdict;
}

/* A caller of its own, so that what setjmp() keeps is not between its variables. */
static struct word *quoted(struct lex *x, struct lex_source *source)
{
    struct build b = { .inner = true };
    lex_begin(x, source);
    if (setjmp(x->out))
        return NULL;
    build_begin(x, &b);
    lex_quoted(x, &b, QUOTED_HERE);
    lex_finish(x, &b);
    return b.word;
}

struct word *parse_quoted(struct arena *a, struct memory *m, const char *s, size_t n)
{
    (void)m;
    struct lex x;
    struct parse p;
    memset(&x, 0, sizeof x);
    memset(&p, 0, sizeof p);
    x.arena = a;
    x.parse = &p;
    x.in.here_last = &x.in.here;
    struct lex_source source = { .at = s, .end = s + n };
    return quoted(&x, &source);
}
