/* Expressions: what operators stand between. */
#include "shell/awk/builtin.h"
#include "shell/awk/compile.h"

/* Between brackets; the first was taken. */
static void subscript(struct compiler *c)
{
    bool redirects = c->redirects;
    c->redirects = false;
    unsigned n = 0;
    do {
        if (n)
            awk_skip_newlines(c);
        awk_load(c, awk_expression(c));
        if (++n > COMPILE_LIST)
            awk_unexpected(c);
    } while (awk_take(c, T_COMMA));
    if (n > 1)
        awk_emit(c, OP_SUBSCRIPT, 0, n, 0);
    c->redirects = redirects;
    awk_expect(c, T_RBRACKET);
}

/* (a), or (a, b) of which only print and `in` make anything. The parenthesis was taken. */
static struct expr grouping(struct compiler *c)
{
    bool redirects = c->redirects;
    c->redirects = false;
    if (c->l.token == T_RPAREN)
        awk_lex_fail(&c->l, "Empty sequence");
    struct expr e = awk_expression(c);
    if (c->l.token == T_COMMA) {
        awk_load(c, e);
        e = (struct expr){ .kind = E_LIST, .b = 1 };
        while (awk_take(c, T_COMMA)) {
            awk_skip_newlines(c);
            awk_load(c, awk_expression(c));
            if (++e.b > COMPILE_LIST)
                awk_unexpected(c);
        }
    }
    c->redirects = redirects;
    awk_expect(c, T_RPAREN);
    e.bare_length = false;
    return e;
}

static struct expr name(struct compiler *c)
{
    uint32_t v = awk_variable(c, c->l.text, c->l.n);
    awk_lex_next(&c->l);
    if (!awk_take(c, T_LBRACKET))
        return (struct expr){ .kind = E_VAR, .b = v };
    subscript(c);
    return (struct expr){ .kind = E_ELEMENT, .b = v };
}

/* Arguments behind the parenthesis, and the one that ends them. each() loads the i-th. */
static unsigned
arguments(struct compiler *c,
          void (*each)(struct compiler *c, struct expr e, unsigned i, void *context), void *context)
{
    bool redirects = c->redirects;
    c->redirects = false;
    unsigned n = 0;
    while (c->l.token != T_RPAREN) {
        each(c, awk_expression(c), n, context);
        if (++n > COMPILE_LIST)
            awk_unexpected(c);
        if (!awk_take(c, T_COMMA))
            break;
        awk_skip_newlines(c);
        if (c->l.token == T_RPAREN)
            awk_unexpected(c);
    }
    c->redirects = redirects;
    awk_expect(c, T_RPAREN);
    return n;
}

static void load_argument(struct compiler *c, struct expr e, unsigned i, void *context)
{
    (void)i;
    (void)context;
    if (awk_is_nf(e))
        awk_emit(c, OP_FIELDS, 0, 0, 0);
    if (e.kind == E_VAR)
        awk_emit(c, OP_ARGUMENT, 0, 0, e.b);
    else
        awk_load(c, e);
}

static struct expr call(struct compiler *c)
{
    size_t f = awk_function_index(c, c->l.text, c->l.n);
    awk_lex_next(&c->l);
    awk_lex_next(&c->l); /* the parenthesis stands right there */
    unsigned n = arguments(c, load_argument, NULL);
    awk_emit(c, OP_CALL, 0, n, (uint32_t)f);
    return awk_on_stack;
}

/* What a call of a builtin says besides its values. */
struct builtin_call {
    enum awk_builtin which;
    uint32_t array;       /* of split() */
    enum awk_place place; /* of sub() and gsub() */
    uint32_t variable;
    bool done; /* length() of a variable needs no more */
};

static void load_builtin_argument(struct compiler *c, struct expr e, unsigned i, void *context)
{
    struct builtin_call *b = context;
    if (i + 1 == awk_builtins[b->which].regex) {
        awk_load_regex(c, e);
    } else if (b->which == B_SPLIT && i == 1) {
        b->array = VAR_GLOBAL(V_SCRATCH);
        if (e.kind == E_VAR) {
            b->array = e.b;
        } else {
            awk_load(c, e);
            awk_emit(c, OP_POP, 0, 0, 0);
        }
    } else if ((b->which == B_SUB || b->which == B_GSUB) && i == 2 && awk_assignable(e)) {
        b->place = awk_place_of(c, e);
        b->variable = e.b;
    } else if (b->which == B_LENGTH && i == 0 && e.kind == E_VAR) {
        if (awk_is_nf(e))
            awk_emit(c, OP_FIELDS, 0, 0, 0);
        awk_emit(c, OP_LENGTH_VAR, 0, 0, e.b);
        b->done = true;
    } else {
        awk_load(c, e);
    }
}

/* sub() and gsub(): the third argument is where the text is and goes; $0 without one. */
static void emit_substitute(struct compiler *c, struct builtin_call *b, unsigned n)
{
    if (n == 2) {
        awk_emit_number(c, 0);
        b->place = PLACE_FIELD;
    }
    for (; n > 3; n--)
        awk_emit(c, OP_POP, 0, 0, 0);
    awk_emit(c, OP_SUBSTITUTE, b->which, b->place, b->variable);
}

static bool length_may_precede(enum token t)
{
    static const enum token not [] = {
        T_RPAREN, T_RBRACKET, T_DOLLAR, T_NOT, T_IN, T_INCR, T_DECR
    };
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++) {
        if (t == not [i])
            return false;
    }
    return true;
}

static struct expr bare_length(struct compiler *c)
{
    if (!length_may_precede(c->l.token))
        awk_unexpected(c);
    awk_emit(c, OP_BUILTIN, B_LENGTH, 0, 0);
    return (struct expr){ .kind = E_VALUE, .bare_length = true };
}

static struct expr builtin(struct compiler *c)
{
    struct builtin_call b = { .which = (enum awk_builtin)c->l.index,
                              .array = VAR_GLOBAL(V_SCRATCH) };
    const struct builtin *row = &awk_builtins[b.which];
    awk_lex_next(&c->l);
    if (!awk_take(c, T_LPAREN)) {
        if (b.which == B_LENGTH)
            return bare_length(c);
        awk_unexpected(c);
    }
    unsigned n = arguments(c, load_builtin_argument, &b);
    if (n < row->least || n > row->most)
        awk_emit(c, OP_FAIL, 0, 0, n < row->least ? FAIL_FEW : FAIL_MANY);
    else if (b.which == B_SUB || b.which == B_GSUB)
        emit_substitute(c, &b, n);
    else if (b.which == B_SPLIT)
        awk_emit(c, OP_BUILTIN, b.which, n - 1, b.array);
    else if (!b.done)
        awk_emit(c, OP_BUILTIN, b.which, n, 0);
    return awk_on_stack;
}

struct expr awk_getline_from(struct compiler *c, bool command)
{
    enum awk_source source = command ? SOURCE_COMMAND : SOURCE_MAIN;
    enum awk_place place = PLACE_NONE;
    uint32_t b = 0;
    awk_expect(c, T_GETLINE);
    if (c->l.token == T_NAME || c->l.token == T_DOLLAR) {
        struct expr to = awk_primary(c);
        place = awk_place_of(c, to);
        b = to.b;
    }
    if (!command && awk_take(c, T_LT)) {
        source = SOURCE_FILE;
        awk_skip_newlines(c);
        awk_load(c, awk_binary(c, P_CONCAT));
    }
    awk_emit(c, OP_GETLINE, source, place, b);
    return awk_on_stack;
}

/* What $ is put before: ++x and -x and names, but not what would stand behind them. */
static struct expr field(struct compiler *c)
{
    size_t before = c->g->n;
    struct expr e = awk_primary(c);
    const struct awk_code *k = c->g->n == before + 1 ? &c->g->code[before] : NULL;
    if (e.kind == E_VALUE && k && k->op == OP_CONST) {
        const struct awk_value *v = &c->g->consts[k->b];
        if (v->kind == AWK_NUMBER && v->num >= 0 && v->num <= 1000000) {
            c->g->n--;
            return (struct expr){ .kind = E_FIELD_AT, .b = (uint32_t)v->num };
        }
    }
    awk_load(c, e);
    return (struct expr){ .kind = E_FIELD };
}

struct expr awk_step_expr(struct compiler *c, struct expr e, enum awk_step how)
{
    if (!awk_assignable(e))
        awk_unexpected(c);
    enum awk_place place = awk_place_of(c, e);
    awk_emit(c, OP_STEP, place, how, e.b);
    return awk_on_stack;
}

static struct expr prefix(struct compiler *c, enum token t)
{
    static const uint8_t ops[] = { [T_MINUS] = OP_NEGATE, [T_PLUS] = OP_PLUS, [T_NOT] = OP_NOT };
    awk_load(c, awk_binary(c, P_UNARY));
    awk_emit(c, ops[t], 0, 0, 0);
    return awk_on_stack;
}

static struct expr constant(struct compiler *c)
{
    if (c->l.token == T_NUMBER)
        awk_emit_number(c, c->l.number);
    else
        awk_emit_text(c, c->l.text, c->l.n);
    awk_lex_next(&c->l);
    return awk_on_stack;
}

static struct expr regex(struct compiler *c)
{
    awk_lex_regex(&c->l);
    struct expr e = { .kind = E_REGEX, .b = awk_regex_constant(c, c->l.text, c->l.n) };
    awk_lex_next(&c->l);
    return e;
}

static struct expr operand(struct compiler *c)
{
    enum token t = c->l.token;
    switch (t) {
    case T_NUMBER:
    case T_STRING:
        return constant(c);
    case T_SLASH:
    case T_DIV_TO:
        return regex(c);
    case T_NAME:
        return name(c);
    case T_CALL:
        return call(c);
    case T_BUILTIN:
        return builtin(c);
    case T_GETLINE:
        return awk_getline_from(c, false);
    default:
        break;
    }
    if (t != T_LPAREN && t != T_DOLLAR && t != T_INCR && t != T_DECR && t != T_MINUS &&
        t != T_PLUS && t != T_NOT)
        awk_unexpected(c);
    awk_lex_next(&c->l);
    switch (t) {
    case T_LPAREN:
        return grouping(c);
    case T_DOLLAR:
        return field(c);
    case T_INCR:
        return awk_step_expr(c, awk_primary(c), STEP_PRE_UP);
    case T_DECR:
        return awk_step_expr(c, awk_primary(c), STEP_PRE_DOWN);
    default:
        return prefix(c, t);
    }
}

struct expr awk_primary(struct compiler *c)
{
    awk_deeper(c);
    struct expr e = operand(c);
    c->depth--;
    return e;
}
