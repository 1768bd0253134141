#include "shell/lex.h"

struct node *parse_make(struct lex *x, enum node_type type, uint32_t line)
{
    struct node *n = arena_take(x->arena, sizeof *n);
    n->type = type;
    n->line = line;
    return n;
}

static void expect(struct lex *x, enum token t)
{
    if (lex_token(x, 0) != t)
        lex_unexpected(x, t);
}

/* ---- Redirections ---- */

/* >&FILE with no number before it is &>FILE, unless what follows is a number, - or not known yet.
 */
static bool names_file(const struct lex *x, const struct redirect *r)
{
    if (r->type != REDIRECT_DUP_OUT || r->fd != 1 || !x->in.plain)
        return false;
    const char *s = x->in.plain;
    size_t n = x->in.n_plain, digits = 0;
    while (digits < n && s[digits] >= '0' && s[digits] <= '9')
        digits++;
    return digits < n && !(n == 1 && *s == '-');
}

/* The token was T_REDIRECT: its target. */
static void redirect(struct lex *x, struct redirect ***last)
{
    struct redirect *r = x->in.redirect;
    bool here = r->type == REDIRECT_HERE;
    if (lex_token(x, here ? WANT_DELIMITER : 0) != T_WORD)
        lex_unexpected(x, T_NONE);
    if (here)
        lex_here_add(x, r);
    else
        r->target = x->in.word;
    if (names_file(x, r))
        r->type = REDIRECT_OUT_ERROR;
    **last = r;
    *last = &r->next;
}

static void redirects(struct lex *x, struct node *n)
{
    struct redirect **last = &n->redirects;
    while (lex_token(x, WANT_KEYWORD | WANT_ALIAS) == T_REDIRECT)
        redirect(x, &last);
    lex_back(x);
}

/* ---- Simple commands and functions ---- */

static bool is(const char *s, size_t n, const char *const *words)
{
    for (; *words; words++) {
        if (**words == *s && strlen(*words) == n && !memcmp(*words, s, n))
            return true;
    }
    return false;
}

/* The special builtins that are names: no function may hide them. */
static const char *const reserved[] = {
    "break",  "continue", "eval",  "exec",   "exit",  "export", "local", "readonly",
    "return", "set",      "shift", "source", "times", "trap",   "unset", NULL,
};

static const char *function_name(struct lex *x, const char *s, size_t n)
{
    if (!s || !lex_is_name(s, n) || is(s, n, reserved))
        lex_error(x, "syntax error: bad function name");
    return s;
}

/* name ( has been read. */
static struct node *function(struct lex *x, const char *name, size_t n, uint32_t line)
{
    expect(x, T_RIGHT);
    struct node *f = parse_make(x, NODE_FUNCTION, line);
    f->name = function_name(x, name, n);
    f->first = parse_one(x, WANT_LINES | WANT_COMMAND);
    return f;
}

/* `function` has been read: the parentheses are not needed. */
static struct node *function_word(struct lex *x)
{
    uint32_t line = x->in.line;
    expect(x, T_WORD);
    const char *name = function_name(x, x->in.plain, x->in.n_plain);
    enum token t = lex_token(x, WANT_LINES | WANT_COMMAND);
    if (t == T_LEFT)
        return function(x, name, strlen(name), line);
    if (t != T_BEGIN && t != T_IF && t != T_CASE && t != T_UNTIL && t != T_WHILE && t != T_FOR)
        lex_unexpected(x, T_NONE);
    lex_back(x);
    struct node *f = parse_make(x, NODE_FUNCTION, line);
    f->name = name;
    f->first = parse_one(x, 0);
    return f;
}

static void assignment(struct lex *x, struct assignment ***last)
{
    struct assignment *a = arena_take(x->arena, sizeof *a);
    struct word *w = x->in.word;
    struct part *p = w->parts;
    a->name = arena_text(x->arena, p->text, x->in.n_name);
    a->n_name = x->in.n_name;
    p->text += a->n_name + 1;
    p->n -= a->n_name + 1;
    if (!p->n)
        w->parts = p->next;
    w->plain &= p->n > 0;
    a->value = w;
    **last = a;
    *last = &a->next;
}

/* Whether the arguments of a command surely have tildes as assignments have. */
static bool declares(const struct lex *x)
{
    static const char *const words[] = { "alias", "export", "local", "readonly", NULL };
    static const char *const before[] = { "command", "builtin", NULL };
    const char *s = x->in.plain;
    return s && (is(s, x->in.n_plain, words) || is(s, x->in.n_plain, before));
}

struct simple {
    struct node *node;
    struct word **words;
    struct redirect **redirects;
    struct assignment **assignments;
    unsigned want;
    bool brackets; /* behind [[, before ]] */
};

static void argument(struct simple *s, struct word *w)
{
    *s->words = w;
    s->words = &w->next;
}

static void word(struct lex *x, struct simple *s)
{
    if (!s->node->words && x->in.n_name) {
        assignment(x, &s->assignments);
        return;
    }
    if (x->in.plain && x->in.n_plain == 2) {
        if (!memcmp(x->in.plain, "[[", 2))
            s->brackets = true;
        else if (!memcmp(x->in.plain, "]]", 2))
            s->brackets = false;
    }
    bool first = !s->node->words;
    argument(s, x->in.word);
    if (first)
        s->want = declares(x) ? WANT_ARGUMENT | WANT_ASSIGNMENT : WANT_ARGUMENT;
}

/* && and || are words between [[ and ]]. */
static void bracket_word(struct lex *x, struct simple *s)
{
    struct word *w = arena_take(x->arena, sizeof *w);
    w->parts = arena_take(x->arena, sizeof *w->parts);
    w->parts->type = PART_TEXT;
    w->parts->text = x->in.token == T_AND ? "&&" : "||";
    w->parts->n = 2;
    w->plain = true;
    argument(s, w);
}

static struct node *simple(struct lex *x)
{
    struct node *n = parse_make(x, NODE_COMMAND, x->line); /* where its first word ends */
    struct simple s = {
        n, &n->words, &n->redirects, &n->assignments, WANT_ALIAS | WANT_ASSIGNMENT, false
    };
    for (;;) {
        enum token t = lex_token(x, s.want);
        if (t == T_WORD) {
            word(x, &s);
        } else if (t == T_REDIRECT) {
            redirect(x, &s.redirects);
        } else if ((t == T_AND || t == T_OR) && s.brackets) {
            bracket_word(x, &s);
        } else if (t == T_LEFT && n->words && !n->words->next && !n->assignments && !n->redirects) {
            const struct part *p = n->words->parts;
            bool plain = p && !p->next && p->type == PART_TEXT && !p->quoted;
            return function(x, plain ? p->text : NULL, plain ? p->n : 0, n->line);
        } else {
            lex_back(x);
            return n;
        }
    }
}

/* ---- Compound commands ---- */

static struct node *if_clause(struct lex *x)
{
    struct node *whole = parse_make(x, NODE_IF, x->in.line), *n = whole;
    for (;;) {
        n->first = parse_list(x, false);
        expect(x, T_THEN);
        n->second = parse_list(x, false);
        if (lex_token(x, 0) != T_ELIF)
            break;
        n = n->third = parse_make(x, NODE_IF, x->in.line);
    }
    if (x->in.token == T_ELSE)
        n->third = parse_list(x, false);
    else
        lex_back(x);
    expect(x, T_FI);
    return whole;
}

static void do_done(struct lex *x, struct node **ret)
{
    expect(x, T_DO);
    *ret = parse_list(x, false);
    expect(x, T_DONE);
}

static struct node *loop(struct lex *x, enum node_type type)
{
    struct node *n = parse_make(x, type, x->in.line);
    n->first = parse_list(x, false);
    do_done(x, &n->second);
    return n;
}

static void for_words(struct lex *x, struct node *n)
{
    struct word **last = &n->words;
    n->words_given = true;
    while (lex_token(x, 0) == T_WORD) {
        *last = x->in.word;
        last = &x->in.word->next;
    }
    if (x->in.token != T_NEWLINE && x->in.token != T_SEMICOLON)
        lex_unexpected(x, T_NONE);
}

static struct node *for_clause(struct lex *x)
{
    struct node *n = parse_make(x, NODE_FOR, x->in.line);
    if (lex_token(x, 0) != T_WORD || !x->in.plain || !lex_is_name(x->in.plain, x->in.n_plain))
        lex_error(x, "syntax error: bad for loop variable");
    n->name = x->in.plain;
    if (lex_token(x, WANT_LINES | WANT_COMMAND) == T_IN)
        for_words(x, n);
    else if (x->in.token != T_SEMICOLON)
        lex_back(x);
    lex_token(x, WANT_LINES | WANT_COMMAND);
    lex_back(x);
    do_done(x, &n->first);
    return n;
}

/* Whatever token stands where a pattern should is one: it has the text of the word before. */
static struct word *pattern(struct lex *x)
{
    struct word *w = arena_take(x->arena, sizeof *w);
    if (x->in.word)
        *w = *x->in.word;
    w->next = NULL;
    return w;
}

static struct case_item *case_item(struct lex *x)
{
    struct case_item *item = arena_take(x->arena, sizeof *item);
    struct word **last = &item->patterns;
    if (x->in.token == T_LEFT)
        lex_token(x, 0);
    for (;;) {
        *last = pattern(x);
        last = &(*last)->next;
        if (lex_token(x, 0) != T_PIPE)
            break;
        lex_token(x, 0);
    }
    lex_back(x);
    expect(x, T_RIGHT);
    item->body = parse_list(x, true);
    return item;
}

static struct node *case_clause(struct lex *x)
{
    enum { WANT = WANT_LINES | WANT_KEYWORD };
    struct node *n = parse_make(x, NODE_CASE, x->in.line);
    expect(x, T_WORD);
    n->subject = x->in.word;
    if (lex_token(x, WANT_LINES | WANT_COMMAND) != T_IN)
        lex_unexpected(x, T_IN);
    struct case_item **last = &n->items;
    lex_token(x, WANT);
    while (x->in.token != T_ESAC) {
        *last = case_item(x);
        last = &(*last)->next;
        if (lex_token(x, WANT) == T_ESAC)
            break;
        if (x->in.token != T_CASE_END)
            lex_unexpected(x, T_CASE_END);
        lex_token(x, WANT);
    }
    return n;
}

static struct node *enclosed(struct lex *x, enum node_type type, enum token end)
{
    struct node *n = parse_make(x, type, x->in.line);
    n->first = parse_list(x, false);
    expect(x, end);
    return n;
}

static struct node *compound(struct lex *x)
{
    switch (x->in.token) {
    case T_IF:
        return if_clause(x);
    case T_WHILE:
        return loop(x, NODE_WHILE);
    case T_UNTIL:
        return loop(x, NODE_UNTIL);
    case T_FOR:
        return for_clause(x);
    case T_CASE:
        return case_clause(x);
    case T_LEFT:
        return enclosed(x, NODE_SUBSHELL, T_RIGHT);
    case T_BEGIN:
        return enclosed(x, NODE_GROUP, T_FINISH);
    default:
        lex_unexpected(x, T_NONE);
    }
}

struct node *parse_one(struct lex *x, unsigned want)
{
    struct node *n;
    lex_deeper(x);
    enum token t = lex_token(x, want);
    if (t == T_WORD || t == T_REDIRECT) {
        lex_back(x);
        n = simple(x);
    } else if (t == T_FUNCTION) {
        n = function_word(x);
    } else {
        n = compound(x);
        redirects(x, n);
    }
    x->depth--;
    return n;
}
