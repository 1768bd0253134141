#include "shell/lex.h"

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_special(int c)
{
    return c > 0 && strchr("@*#?-$!", c);
}

/* The next character, where backslashes before ends of line are none. */
static int peek_joined(struct lex *x)
{
    if (lex_peek(x) == '\\')
        lex_joined(x);
    return lex_peek(x);
}

/* Writes a parameter's name: a name, digits (one, or in braces all), or a special one. False: it is
 * none. */
static bool name(struct lex *x, bool braces)
{
    int c = peek_joined(x);
    arena_open(x->arena);
    if (is_letter(c)) {
        do
            arena_put(x->arena, (char)lex_next(x));
        while (is_letter(c = peek_joined(x)) || is_digit(c));
    } else if (is_digit(c)) {
        do
            arena_put(x->arena, (char)lex_next(x));
        while (braces && is_digit(peek_joined(x)));
    } else if (is_special(c)) {
        arena_put(x->arena, (char)lex_next(x));
    } else {
        arena_forget(x->arena);
        return false;
    }
    return true;
}

static struct word *argument(struct lex *x, const struct build *outer, bool quoted,
                             enum word_end end)
{
    bool of_value = outer->n_name || outer->inner;
    struct build b = { .inner = true,
                       .assignment = outer->assignment && of_value,
                       .argument = outer->argument && of_value };
    build_begin(x, &b);
    if (quoted)
        lex_quoted(x, &b, end == WORD_COLON ? QUOTED_COLON : QUOTED_ARGUMENT);
    else
        lex_word(x, &b, end);
    lex_finish(x, &b);
    return b.word;
}

/* Sets the operator that stands next, and passes over it. What is none makes the whole a bad one.
 */
static void operator(struct lex *x, struct part *p)
{
    static const char letters[] = "-=?+#%/";
    static const enum part_op ops[] = { OP_DEFAULT,  OP_ASSIGN,    OP_ERROR,  OP_ALTERNATIVE,
                                        OP_CUT_LEFT, OP_CUT_RIGHT, OP_REPLACE };
    static const enum part_op doubled[] = { OP_CUT_LEFT_MOST, OP_CUT_RIGHT_MOST, OP_REPLACE_ALL };
    if (lex_take(x, ':')) {
        int c = peek_joined(x);
        if (c == '}')
            lex_error(x, "syntax error: missing '}'");
        p->colon = c > 0 && strchr("-=?+", c);
        if (!p->colon) {
            p->op = OP_SLICE;
            return;
        }
    }
    int c = lex_peek(x);
    const char *known = c > 0 ? strchr(letters, c) : NULL;
    if (!known) {
        p->op = OP_BAD;
        return;
    }
    size_t i = (size_t)(known - letters);
    p->op = ops[i];
    lex_next(x);
    if (i >= 4 && peek_joined(x) == c) {
        p->op = doubled[i - 4];
        lex_next(x);
    }
}

/* Whose words are quoted for themselves, whatever is around them. */
static bool takes_pattern(const struct part *p)
{
    return p->op >= OP_CUT_LEFT && p->op <= OP_REPLACE_ALL && p->op != OP_SLICE;
}

static void arguments(struct lex *x, struct build *b, struct part *p)
{
    bool quoted = p->quoted && !takes_pattern(p), was = x->in.doubled;
    x->in.doubled = was && !takes_pattern(p);
    if (p->op == OP_SLICE) {
        p->argument = argument(x, b, quoted, WORD_COLON);
        if (lex_take(x, ':'))
            p->second = argument(x, b, quoted, WORD_BRACE);
    } else if (p->op == OP_REPLACE || p->op == OP_REPLACE_ALL) {
        p->argument = argument(x, b, quoted, WORD_SLASH);
        if (lex_take(x, '/'))
            p->second = argument(x, b, quoted, WORD_BRACE);
    } else {
        p->argument = argument(x, b, quoted, WORD_BRACE);
    }
    x->in.doubled = was;
}

/* What makes it a bad one is passed over: a quote there quotes nothing. */
static void pass_bad(struct lex *x)
{
    int c = lex_peek(x);
    if (c > 0 && strchr("\"'\\`", c))
        lex_next(x);
}

/* ${#x}, whose # may be the parameter itself: ${#}, ${#:-x}, ${##x}. Behind the #. */
static bool is_length(struct lex *x)
{
    int c = peek_joined(x);
    if (is_letter(c) || is_digit(c))
        return true;
    return c >= 0 && c != '}' && lex_ahead(x, 1) == '}';
}

static void braces(struct lex *x, struct build *b, bool quoted)
{
    build_close(x, b);
    bool bad = false, length = false;
    if (peek_joined(x) == '#') {
        lex_next(x);
        length = is_length(x);
        if (!length) {
            arena_open(x->arena);
            arena_put(x->arena, '#');
        }
    }
    if (!x->arena->open)
        bad = !name(x, true);
    size_t n = bad ? 0 : arena_length(x->arena);
    const char *text = bad ? "" : arena_close(x->arena);
    struct part *p = build_part(x, b, PART_VARIABLE);
    p->quoted = quoted;
    p->text = text;
    p->n = n;
    if (length)
        p->op = OP_LENGTH;
    if (bad || (length && peek_joined(x) != '}'))
        p->op = OP_BAD;
    else if (!length && peek_joined(x) != '}')
        operator(x, p);
    if (p->op == OP_BAD && !length)
        pass_bad(x);
    if (p->op != OP_NONE && p->op != OP_LENGTH)
        arguments(x, b, p);
    if (x->in.ended || !lex_take(x, '}'))
        lex_error(x, x->in.doubled && !takes_pattern(p) ? "syntax error: unterminated quoted string"
                                                        : "syntax error: missing '}'");
}

static void arithmetic(struct lex *x, struct build *b, bool quoted)
{
    struct part *p = build_part(x, b, PART_ARITH);
    struct build inner = { .inner = true };
    bool was = x->in.doubled;
    p->quoted = quoted;
    x->in.doubled = true;
    build_begin(x, &inner);
    lex_quoted(x, &inner, QUOTED_ARITHMETIC);
    x->in.doubled = was;
    lex_finish(x, &inner);
    p->argument = inner.word;
    if (x->in.ended || lex_next(x) != ')' || lex_next(x) != ')')
        lex_error(x, "syntax error: missing '))'");
}

static void plainly(struct lex *x, struct build *b, bool quoted)
{
    build_close(x, b);
    name(x, false);
    size_t n = arena_length(x->arena);
    const char *text = arena_close(x->arena);
    struct part *p = build_part(x, b, PART_VARIABLE);
    p->quoted = quoted;
    p->text = text;
    p->n = n;
}

void lex_dollar(struct lex *x, struct build *b, bool quoted)
{
    int c = peek_joined(x);
    lex_deeper(x);
    if (c == '(') {
        lex_next(x);
        if (peek_joined(x) == '(') {
            lex_next(x);
            arithmetic(x, b, quoted);
        } else {
            lex_substitution(x, b, PART_COMMAND, quoted);
        }
    } else if (c == '{') {
        lex_next(x);
        braces(x, b, quoted);
    } else if (c == '\'' && !quoted) {
        lex_next(x);
        lex_dollar_single(x, b);
    } else if (is_letter(c) || is_digit(c) || is_special(c)) {
        plainly(x, b, quoted);
    } else {
        build_text(x, b, quoted, false);
        arena_put(x->arena, '$');
    }
    x->depth--;
}

/* A list inside a word: it has tokens and here-documents of its own. */
static struct node *list_inside(struct lex *x, bool closed)
{
    struct lex_place outer = x->in;
    x->in = (struct lex_place){ 0 };
    x->in.here_last = &x->in.here;
    struct node *list = parse_list(x, true);
    if (closed && lex_token(x, 0) != T_RIGHT)
        lex_unexpected(x, T_RIGHT);
    x->in = outer;
    return list;
}

void lex_substitution(struct lex *x, struct build *b, enum part_type type, bool quoted)
{
    struct part *p = build_part(x, b, type);
    p->quoted = quoted;
    lex_deeper(x);
    p->tree = list_inside(x, true);
    x->depth--;
}

/* The text up to the closing `, without the backslashes that belong to the level of the quotes. */
static const char *backquoted(struct lex *x, bool quoted, size_t *ret_n)
{
    arena_open(x->arena);
    for (int c; (c = lex_next(x)) != '`';) {
        if (c == '\\') {
            c = lex_peek(x);
            if (c == '\n') {
                lex_next(x);
                continue;
            }
            if (c == '\\' || c == '`' || c == '$' || (c == '"' && quoted))
                lex_next(x);
            else
                c = '\\';
        }
        if (c < 0)
            lex_error(x, "syntax error: EOF in backquote substitution");
        if (c)
            arena_put(x->arena, (char)c);
    }
    *ret_n = arena_length(x->arena);
    return arena_close(x->arena);
}

void lex_backquote(struct lex *x, struct build *b, bool quoted)
{
    build_close(x, b);
    size_t n;
    const char *text = backquoted(x, quoted, &n);
    uint32_t after = x->line;
    struct part *p = build_part(x, b, PART_COMMAND);
    p->quoted = quoted;
    struct lex_source source = { .at = text, .end = text + n, .counts = true };
    x->line = x->parse->ran;
    lex_deeper(x);
    lex_begin(x, &source);
    p->tree = list_inside(x, false);
    while (x->source != &source)
        lex_leave(x);
    lex_leave(x);
    x->depth--;
    x->line = after;
}
