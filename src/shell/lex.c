#include "shell/lex.h"

#include <limits.h>

static const char *const names[T_NONE] = {
    "end of file", "newline",   "\";\"",     "\"&\"",        "\"&&\"",      "\"||\"",
    "\"|\"",       "\"(\"",     "\")\"",     "\";;\"",       "redirection", "word",
    "\"!\"",       "\"case\"",  "\"do\"",    "\"done\"",     "\"elif\"",    "\"else\"",
    "\"esac\"",    "\"fi\"",    "\"for\"",   "\"function\"", "\"if\"",      "\"in\"",
    "\"then\"",    "\"until\"", "\"while\"", "\"{\"",        "\"}\"",
};

void lex_unexpected(struct lex *x, enum token expected)
{
    const char *is = names[x->in.token];
    if (expected == T_NONE)
        lex_error(x, "syntax error: unexpected %s", is);
    lex_error(x, "syntax error: unexpected %s (expecting %s)", is, names[expected]);
}

/* One of the words of the language, or T_WORD. */
static enum token keyword(const char *s, size_t n)
{
    enum { LONGEST = 8 };
    if (n > LONGEST || !strchr("!cdefituw{}", *s))
        return T_WORD;
    for (int t = T_NOT; t < T_NONE; t++) {
        const char *word = names[t] + 1;
        if (word[0] == s[0] && !strncmp(word, s, n) && word[n] == '"')
            return (enum token)t;
    }
    return T_WORD;
}

static void skip_blanks(struct lex *x)
{
    for (;;) {
        int c = lex_peek(x);
        if (c == '\\' && lex_ahead(x, 1) == '\n') {
            lex_joined(x);
        } else if (c == '#') {
            while ((c = lex_peek(x)) >= 0 && c != '\n')
                lex_next(x);
        } else if (c == ' ' || c == '\t' || c == '\0') {
            lex_next(x);
        } else {
            return;
        }
    }
}

static bool take_joined(struct lex *x, char c)
{
    lex_joined(x);
    return lex_take(x, c);
}

static enum token redirect(struct lex *x, enum redirect_type type, int fd)
{
    struct redirect *r = arena_take(x->arena, sizeof *r);
    r->type = type;
    r->fd = fd;
    x->in.redirect = r;
    x->in.here_tabs = type == REDIRECT_HERE && take_joined(x, '-');
    return T_REDIRECT;
}

/* Behind a < or >; fd -1: none was given. */
static enum token angle(struct lex *x, int c, int fd)
{
    if (fd < 0)
        fd = c == '>';
    if (c == '<') {
        if (take_joined(x, '<'))
            return redirect(x, REDIRECT_HERE, fd);
        if (take_joined(x, '&'))
            return redirect(x, REDIRECT_DUP_IN, fd);
        return redirect(x, take_joined(x, '>') ? REDIRECT_BOTH : REDIRECT_IN, fd);
    }
    if (take_joined(x, '>'))
        return redirect(x, REDIRECT_APPEND, fd);
    if (take_joined(x, '&'))
        return redirect(x, REDIRECT_DUP_OUT, fd);
    return redirect(x, take_joined(x, '|') ? REDIRECT_CLOBBER : REDIRECT_OUT, fd);
}

/* A number right before a redirection, or -1. */
static int descriptor(const char *s, size_t n)
{
    int fd = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        if (__builtin_mul_overflow(fd, 10, &fd) || __builtin_add_overflow(fd, s[i] - '0', &fd))
            return -1;
    }
    return n ? fd : -1;
}

static enum token word(struct lex *x, unsigned want)
{
    struct build b = { .assignment = want & WANT_ASSIGNMENT, .argument = want & WANT_ARGUMENT };
    build_begin(x, &b);
    x->in.delimiter = want & WANT_DELIMITER;
    lex_word(x, &b, WORD_TOKEN);
    x->in.delimiter = false;
    lex_finish(x, &b);
    const struct part *p = b.word->parts;
    bool plain = p && !p->next && p->type == PART_TEXT && !b.any_quoted;
    int c = lex_peek(x);
    if (plain && (c == '<' || c == '>' || c == '&')) {
        int fd = descriptor(p->text, p->n);
        if (fd >= 0 && c != '&')
            return angle(x, lex_next(x), fd);
        if (fd >= 0 && lex_ahead(x, 1) == '>') {
            lex_next(x);
            lex_next(x);
            return redirect(x, REDIRECT_OUT_ERROR, fd);
        }
    }
    x->in.word = b.word;
    x->in.n_name = b.n_name;
    x->in.plain = plain ? p->text : NULL;
    x->in.n_plain = plain ? p->n : 0;
    return T_WORD;
}

static enum token after(struct lex *x, int c)
{
    switch (c) {
    case ';':
        return take_joined(x, ';') ? T_CASE_END : T_SEMICOLON;
    case '|':
        return take_joined(x, '|') ? T_OR : T_PIPE;
    case '(':
        return T_LEFT;
    case ')':
        return T_RIGHT;
    case '&':
        if (take_joined(x, '&'))
            return T_AND;
        return take_joined(x, '>') ? redirect(x, REDIRECT_OUT_ERROR, 1) : T_BACKGROUND;
    default:
        return angle(x, c, -1);
    }
}

static enum token plainly(struct lex *x, unsigned want)
{
    skip_blanks(x);
    x->in.line = x->line;
    int c = lex_peek(x);
    switch (c) {
    case -1:
        return T_END;
    case '\n':
        lex_next(x);
        if (x->in.here)
            lex_here_bodies(x);
        return T_NEWLINE;
    case '<':
    case '>':
        if (lex_ahead(x, 1) == '(')
            return word(x, want);
        return after(x, lex_next(x));
    case ';':
    case '|':
    case '&':
    case '(':
    case ')':
        return after(x, lex_next(x));
    default:
        return word(x, want);
    }
}

/* Puts an alias's text before what follows; false: the word is none. */
static bool alias(struct lex *x)
{
    const struct parse_aliases *a = &x->parse->aliases;
    if (!a->find || lex_alias_open(x, x->in.plain, x->in.n_plain))
        return false;
    const char *value = a->find(a->context, x->in.plain, x->in.n_plain);
    if (value)
        lex_push_alias(x, x->in.plain, x->in.n_plain, value);
    return value;
}

static enum token next(struct lex *x, unsigned want)
{
    for (;;) {
        enum token t = plainly(x, want);
        if (t == T_NEWLINE && want & WANT_LINES)
            continue;
        if (t != T_WORD || !x->in.plain)
            return t;
        if (want & WANT_KEYWORD) {
            t = keyword(x->in.plain, x->in.n_plain);
            if (t != T_WORD)
                return t;
        }
        if ((!(want & WANT_ALIAS) && !x->alias_next) || !alias(x))
            return t;
    }
}

enum token lex_token(struct lex *x, unsigned want)
{
    if (x->in.pushed)
        x->in.pushed = false;
    else
        x->in.token = next(x, want);
    x->alias_next = false;
    return x->in.token;
}
