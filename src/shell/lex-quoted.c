#include "shell/lex.h"

/* In the body of a here-document only the pattern of a ${...} has quotes. */
static _Noreturn void unterminated(struct lex *x)
{
    lex_error(x, x->in.body ? "syntax error: missing '}'" : "syntax error: unterminated quoted string");
}

void lex_single(struct lex *x, struct build *b)
{
    build_text(x, b, true, true);
    for (int c; (c = lex_next(x)) != '\'';) {
        if (c < 0)
            unterminated(x);
        if (c)
            arena_put(x->arena, (char)c);
    }
}

static int digit_of(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to `most` digits of a number in base 8 or 16; how many there were. */
static unsigned number(struct lex *x, int base, unsigned most, unsigned *ret)
{
    unsigned n = 0;
    for (*ret = 0; n < most; n++) {
        int digit = digit_of(lex_peek(x));
        if (digit < 0 || digit >= base)
            break;
        *ret = *ret * (unsigned)base + (unsigned)digit;
        lex_next(x);
    }
    return n;
}

/* The escapes of $'...'; what is none stays with its backslash. */
static void escape(struct lex *x)
{
    static const char from[] = "abfnrtv\\'\"", to[] = "\a\b\f\n\r\t\v\\'\"";
    int c = lex_peek(x);
    const char *known = c > 0 ? strchr(from, c) : NULL;
    unsigned value;
    if (known) {
        lex_next(x);
        arena_put(x->arena, to[known - from]);
    } else if (c >= '0' && c <= '7') {
        number(x, 8, 3, &value);
        if (value & 0xff)
            arena_put(x->arena, (char)value);
    } else {
        bool hex = c == 'x' && digit_of(lex_ahead(x, 1)) >= 0;
        if (!hex) {
            arena_put(x->arena, '\\');
            return;
        }
        lex_next(x);
        number(x, 16, 2, &value);
        if (value)
            arena_put(x->arena, (char)value);
    }
}

void lex_dollar_single(struct lex *x, struct build *b)
{
    b->any_quoted = true;
    build_text(x, b, true, true);
    for (int c; (c = lex_next(x)) != '\'';) {
        if (c < 0)
            unterminated(x);
        if (c == '\\')
            escape(x);
        else if (c)
            arena_put(x->arena, (char)c);
    }
}

void lex_backslash(struct lex *x, struct build *b)
{
    lex_next(x);
    int c = lex_peek(x);
    if (c == '\n') {
        lex_next(x);
        return;
    }
    build_text(x, b, true, true);
    if (c < 0)
        arena_put(x->arena, '\\');
    else
        arena_put(x->arena, (char)lex_next(x));
}

/* Double quotes in the open: an empty pair is a word, too. */
void lex_double(struct lex *x, struct build *b)
{
    struct part **last = b->last;
    bool open = b->open && b->quoted, was = x->in.doubled;
    x->in.doubled = true;
    lex_quoted(x, b, QUOTED_DOUBLE);
    x->in.doubled = was;
    if (lex_next(x) != '"')
        unterminated(x);
    if (!open && b->last == last)
        build_text(x, b, true, false);
}

static void put(struct lex *x, struct build *b, int c)
{
    build_text(x, b, true, false);
    arena_put(x->arena, (char)c);
}

/* A backslash takes the meaning of few characters here. */
static void backslash(struct lex *x, struct build *b, enum quoted_kind kind)
{
    lex_next(x);
    int c = lex_peek(x);
    bool brace = kind == QUOTED_ARGUMENT || kind == QUOTED_COLON;
    if (c == '\n') {
        lex_next(x);
        return;
    }
    if (c == '$' || c == '`' || c == '\\' || (c == '"' && kind != QUOTED_HERE) ||
        (c == '}' && brace))
        put(x, b, lex_next(x));
    else
        put(x, b, '\\');
}

static void nested_double(struct lex *x, struct build *b)
{
    lex_next(x);
    lex_deeper(x);
    lex_quoted(x, b, QUOTED_DOUBLE);
    x->depth--;
    lex_take(x, '"');
}

/* What ends in a text of this kind where it is not nested in anything. */
static bool ends(int c, enum quoted_kind kind, size_t parentheses)
{
    switch (kind) {
    case QUOTED_DOUBLE:
        return c == '"';
    case QUOTED_ARGUMENT:
        return c == '}';
    case QUOTED_COLON:
        return c == '}' || c == ':';
    case QUOTED_ARITHMETIC:
        return c == ')' && !parentheses;
    case QUOTED_HERE:
        return false;
    }
    return false;
}

/* The run of what means nothing in any kind. */
static bool plain_run(struct lex *x, struct build *b)
{
    const char *p = x->at;
    while (p < x->end && *p && !memchr("\"\\$`}:\n()", *p, 9))
        p++;
    if (p == x->at)
        return false;
    build_text(x, b, true, false);
    arena_add(x->arena, x->at, (size_t)(p - x->at));
    x->at = p;
    return true;
}

static void special(struct lex *x, struct build *b, enum quoted_kind kind, int c)
{
    if (c == '\\') {
        backslash(x, b, kind);
    } else if (c == '$' && !x->in.delimiter) {
        lex_next(x);
        lex_dollar(x, b, true);
    } else if (c == '`' && !x->in.delimiter) {
        lex_next(x);
        lex_backquote(x, b, true);
    } else if (c == '"' && (kind == QUOTED_ARGUMENT || kind == QUOTED_COLON)) {
        nested_double(x, b);
    } else {
        lex_next(x);
        if (c)
            put(x, b, c);
    }
}

void lex_quoted(struct lex *x, struct build *b, enum quoted_kind kind)
{
    size_t parentheses = 0;
    while (!x->in.ended) {
        if (plain_run(x, b))
            continue;
        int c = lex_peek(x);
        if (c < 0 || ends(c, kind, parentheses))
            return;
        special(x, b, kind, c);
        parentheses += c == '(';
        parentheses -= c == ')' && parentheses;
        if (c == '\n' && x->in.body)
            lex_here_line(x);
    }
}
