#include "shell/lex.h"

/* What a character is where nothing is quoted. */
enum class {
    PLAIN,
    BLANK,
    OPERATOR,
    ANGLE,
    SINGLE,
    DOUBLE,
    BACKSLASH,
    DOLLAR,
    BACKQUOTE,
    GLOB,
    TILDE,
    EQUALS,
    COLON,
    SLASH,
    BRACE,
    NUL
};

static const uint8_t classes[256] = {
    ['\0'] = NUL,      [' '] = BLANK,    ['\t'] = BLANK,   ['\n'] = BLANK,     [';'] = OPERATOR,
    ['&'] = OPERATOR,  ['|'] = OPERATOR, ['('] = OPERATOR, [')'] = OPERATOR,   ['<'] = ANGLE,
    ['>'] = ANGLE,     ['\''] = SINGLE,  ['"'] = DOUBLE,   ['\\'] = BACKSLASH, ['$'] = DOLLAR,
    ['`'] = BACKQUOTE, ['*'] = GLOB,     ['?'] = GLOB,     ['['] = GLOB,       ['~'] = TILDE,
    ['='] = EQUALS,    [':'] = COLON,    ['/'] = SLASH,    ['}'] = BRACE,
};

static bool is_name_char(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool lex_is_name(const char *s, size_t n)
{
    if (!n || (*s >= '0' && *s <= '9'))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_name_char((unsigned char)s[i]))
            return false;
    }
    return true;
}

void build_begin(struct lex *x, struct build *b)
{
    b->word = arena_take(x->arena, sizeof *b->word);
    b->last = &b->word->parts;
}

void build_text(struct lex *x, struct build *b, bool quoted, bool single)
{
    if (b->open && b->quoted != quoted)
        build_close(x, b);
    if (!b->open) {
        arena_open(x->arena);
        b->open = true;
        b->quoted = quoted;
        b->single = false;
    }
    b->single |= single;
    b->any_quoted |= quoted;
}

struct part *build_part(struct lex *x, struct build *b, enum part_type type)
{
    build_close(x, b);
    struct part *p = arena_take(x->arena, sizeof *p);
    p->type = type;
    *b->last = p;
    b->last = &p->next;
    return p;
}

void build_close(struct lex *x, struct build *b)
{
    if (!b->open)
        return;
    b->open = false;
    size_t n = arena_length(x->arena);
    if (!n && !b->quoted) {
        arena_forget(x->arena);
        return;
    }
    const char *text = arena_close(x->arena);
    struct part *p = build_part(x, b, PART_TEXT);
    p->text = text;
    p->n = n;
    p->quoted = b->quoted;
    p->single = b->single;
}

void lex_finish(struct lex *x, struct build *b)
{
    build_close(x, b);
    const struct part *p = b->word->parts;
    b->word->plain = p && !p->next && p->type == PART_TEXT && !b->any_quoted && !b->globs;
}

/* A run of what means nothing. Behind a backslash letters and digits go on as if they were quoted,
 * where that makes no difference: a line of echo's has no part for each backslash then. */
static bool plain_run(struct lex *x, struct build *b)
{
    const char *p = x->at;
    if (b->open && b->single && !b->inner) {
        while (p < x->end && is_name_char((unsigned char)*p))
            p++;
    }
    if (p == x->at) {
        while (p < x->end && classes[(unsigned char)*p] == PLAIN)
            p++;
        if (p == x->at)
            return false;
        build_text(x, b, false, false);
    }
    arena_add(x->arena, x->at, (size_t)(p - x->at));
    x->at = p;
    return true;
}

static void put_next(struct lex *x, struct build *b)
{
    build_text(x, b, false, false);
    arena_put(x->arena, (char)lex_next(x));
}

/* The = of NAME=, which may be followed by a tilde. */
static bool equals(struct lex *x, struct build *b)
{
    bool first = !b->word->parts && !b->n_name && b->open && !b->any_quoted && !b->inner;
    if (first && lex_is_name(x->arena->at, arena_length(x->arena)))
        b->n_name = arena_length(x->arena);
    else
        first = false;
    put_next(x, b);
    return first && (b->assignment || b->argument);
}

/* ~ and a name of a user, where the name is all there is up to a slash or the end. */
static void tilde(struct lex *x, struct build *b)
{
    bool declared = b->argument && (b->word->parts || b->open);
    bool colon = declared || (b->assignment && (b->n_name || b->inner));
    build_close(x, b);
    put_next(x, b);
    for (;;) {
        int c = lex_peek(x);
        enum class class = c < 0 ? BLANK : (enum class)classes[c];
        if ((class == BLANK || class == OPERATOR || class == ANGLE) && (c < 0 || !b->inner))
            break;
        if (class == SLASH || (class == BRACE && b->inner) || (class == COLON && colon))
            break;
        if ((class >= SINGLE && class <= BACKQUOTE) || class == NUL)
            return;
        b->globs |= class == GLOB;
        put_next(x, b);
    }
    size_t n = arena_length(x->arena);
    const char *text = arena_close(x->arena);
    b->open = false;
    struct part *p = build_part(x, b, PART_TILDE);
    p->declared = declared;
    p->text = text + 1;
    p->n = n - 1;
}

static bool process(struct lex *x, struct build *b)
{
    if (b->inner || lex_ahead(x, 1) != '(')
        return false;
    enum part_type type = lex_next(x) == '<' ? PART_READ_FROM : PART_WRITE_TO;
    bool delimiter = x->in.delimiter;
    lex_next(x);
    x->in.delimiter = false;
    lex_substitution(x, b, type, false);
    x->in.delimiter = delimiter;
    return true;
}

/* What a $ or ` begins, which mean nothing in the delimiter of a here-document. */
static void dollar(struct lex *x, struct build *b)
{
    int c = lex_peek(x);
    if (x->in.delimiter && !(c == '$' && lex_ahead(x, 1) == '\'')) {
        put_next(x, b);
        return;
    }
    lex_next(x);
    if (c == '$')
        lex_dollar(x, b, false);
    else
        lex_backquote(x, b, false);
}

static void quote(struct lex *x, struct build *b)
{
    b->any_quoted = true;
    if (lex_next(x) == '\'')
        lex_single(x, b);
    else
        lex_double(x, b);
}

static bool ends_word(enum class class, const struct build *b, enum word_end end)
{
    switch (class) {
    case BLANK:
    case OPERATOR:
        return !b->inner;
    case BRACE:
        return b->inner;
    case COLON:
        return end == WORD_COLON;
    case SLASH:
        return end == WORD_SLASH;
    default:
        return false;
    }
}

/* One character that may mean something; false: it ends the word. *tilde_here: at the next, a ~
 * would. */
static bool special(struct lex *x, struct build *b, enum class class, bool *tilde_here)
{
    bool here = *tilde_here;
    *tilde_here = false;
    switch (class) {
    case NUL:
        lex_next(x);
        *tilde_here = here;
        break;
    case SINGLE:
    case DOUBLE:
        quote(x, b);
        break;
    case BACKSLASH:
        lex_backslash(x, b);
        break;
    case DOLLAR:
    case BACKQUOTE:
        dollar(x, b);
        break;
    case ANGLE:
        if (process(x, b))
            break;
        if (!b->inner)
            return false;
        put_next(x, b);
        break;
    case EQUALS:
        *tilde_here = equals(x, b);
        break;
    case COLON:
        put_next(x, b);
        *tilde_here = (b->assignment || b->argument) && (b->n_name || b->inner);
        break;
    case TILDE:
        if (here && !x->in.delimiter)
            tilde(x, b);
        else
            put_next(x, b);
        break;
    default:
        b->globs |= class == GLOB;
        put_next(x, b);
    }
    return true;
}

void lex_word(struct lex *x, struct build *b, enum word_end end)
{
    bool tilde_here = true;
    while (!x->in.ended) {
        if (plain_run(x, b)) {
            tilde_here = false;
            continue;
        }
        int c = lex_peek(x);
        if (c < 0 || ends_word((enum class)classes[c], b, end))
            return;
        if (!special(x, b, (enum class)classes[c], &tilde_here))
            return;
        if (c == '\n' && x->in.body)
            lex_here_line(x);
    }
}
