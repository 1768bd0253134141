/* Expressions: operators, by precedence. */
#include "shell/awk/compile.h"

#include <string.h>

struct infix {
    enum token token;
    enum prec prec;
    enum awk_op op;
};

/* clang-format off */
static const struct infix infixes[] = {
    { T_OR, P_OR, OP_OR },         { T_AND, P_AND, OP_AND },     { T_IN, P_IN, OP_IN },
    { T_MATCH, P_MATCH, OP_MATCH }, { T_NOMATCH, P_MATCH, OP_MATCH }, { T_LT, P_COMPARE, OP_LT },
    { T_LE, P_COMPARE, OP_LE },    { T_GT, P_COMPARE, OP_GT },   { T_GE, P_COMPARE, OP_GE },
    { T_EQ, P_COMPARE, OP_EQ },    { T_NE, P_COMPARE, OP_NE },   { T_PIPE, P_PIPE, OP_GETLINE },
    { T_PLUS, P_ADD, OP_ADD },     { T_MINUS, P_ADD, OP_SUB },   { T_STAR, P_MUL, OP_MUL },
    { T_SLASH, P_MUL, OP_DIV },    { T_PERCENT, P_MUL, OP_MOD }, { T_POWER, P_POWER, OP_POW },
};
/* clang-format on */

static const struct infix assignments[] = {
    { T_ADD_TO, 0, OP_ADD }, { T_SUB_TO, 0, OP_SUB }, { T_MUL_TO, 0, OP_MUL },
    { T_DIV_TO, 0, OP_DIV }, { T_MOD_TO, 0, OP_MOD }, { T_POW_TO, 0, OP_POW },
};

void awk_unexpected(const struct compiler *c)
{
    proc_die(c->p, "%s:%u: Unexpected token", c->l.name, c->l.token_line);
}

void awk_expect(struct compiler *c, enum token t)
{
    if (!awk_take(c, t))
        awk_unexpected(c);
}

bool awk_take(struct compiler *c, enum token t)
{
    if (c->l.token != t)
        return false;
    awk_lex_next(&c->l);
    return true;
}

void awk_skip_newlines(struct compiler *c)
{
    while (c->l.token == T_NEWLINE)
        awk_lex_next(&c->l);
}

void awk_deeper(struct compiler *c)
{
    if (++c->depth > COMPILE_DEPTH)
        proc_die(c->p, "out of memory");
}

const struct expr awk_on_stack = { .kind = E_VALUE };

bool awk_is_nf(struct expr e)
{
    return e.kind == E_VAR && e.b == VAR_GLOBAL(V_NF);
}

bool awk_assignable(struct expr e)
{
    return e.kind == E_VAR || e.kind == E_FIELD || e.kind == E_FIELD_AT || e.kind == E_ELEMENT;
}

void awk_load(struct compiler *c, struct expr e)
{
    static const uint8_t ops[] = {
        [E_VAR] = OP_VAR,         [E_FIELD] = OP_FIELD,      [E_FIELD_AT] = OP_FIELD_AT,
        [E_ELEMENT] = OP_ELEMENT, [E_REGEX] = OP_MATCH_LINE,
    };
    if (e.kind == E_VALUE)
        return;
    if (e.kind == E_LIST) {
        awk_emit(c, OP_SUBSCRIPT, 0, e.b, 0);
        return;
    }
    if (awk_is_nf(e))
        awk_emit(c, OP_FIELDS, 0, 0, 0);
    awk_emit(c, ops[e.kind], 0, 0, e.b);
}

void awk_load_regex(struct compiler *c, struct expr e)
{
    if (e.kind == E_REGEX)
        awk_emit(c, OP_REGEX, 0, 0, e.b);
    else
        awk_load(c, e);
}

enum awk_place awk_place_of(struct compiler *c, struct expr e)
{
    switch (e.kind) {
    case E_VAR:
        /* A line is split by the FS that there was when it came. */
        if (awk_is_nf(e) || e.b == VAR_GLOBAL(V_FS))
            awk_emit(c, OP_FIELDS, 0, 0, 0);
        return PLACE_VAR;
    case E_FIELD_AT:
        awk_emit_number(c, e.b);
        return PLACE_FIELD;
    case E_FIELD:
        return PLACE_FIELD;
    case E_ELEMENT:
        return PLACE_ELEMENT;
    default:
        return PLACE_NONE;
    }
}

void awk_store(struct compiler *c, struct expr e)
{
    static const uint8_t ops[] = {
        [E_VAR] = OP_SET_VAR, [E_FIELD] = OP_SET_FIELD, [E_ELEMENT] = OP_SET_ELEMENT
    };
    awk_emit(c, ops[e.kind], 0, 0, e.b);
}

/* A field whose index is known has it put on the stack, so that one kind of field is stored to. */
static struct expr placed(struct compiler *c, struct expr e)
{
    awk_place_of(c, e);
    if (e.kind == E_FIELD_AT)
        e = (struct expr){ .kind = E_FIELD };
    return e;
}

static struct expr assignment(struct compiler *c, struct expr to)
{
    enum token t = c->l.token;
    const struct infix *a = NULL;
    for (size_t i = 0; i < sizeof assignments / sizeof *assignments; i++) {
        if (assignments[i].token == t)
            a = &assignments[i];
    }
    to = placed(c, to);
    if (a) {
        if (to.kind != E_VAR)
            awk_emit(c, OP_DUP, 0, 0, 0);
        awk_load(c, to);
    }
    awk_lex_next(&c->l);
    awk_skip_newlines(c);
    awk_load(c, awk_expression(c));
    if (a)
        awk_emit(c, a->op, 0, 0, 0);
    awk_store(c, to);
    return awk_on_stack;
}

static bool is_assignment(enum token t)
{
    return t == T_ASSIGN || (t >= T_ADD_TO && t <= T_POW_TO);
}

void awk_load_list(struct compiler *c, struct expr first)
{
    unsigned n = 1;
    awk_load(c, first);
    while (awk_take(c, T_COMMA)) {
        awk_skip_newlines(c);
        awk_load(c, awk_expression(c));
        if (++n > COMPILE_LIST)
            awk_unexpected(c);
    }
    if (n > 1)
        awk_emit(c, OP_SUBSCRIPT, 0, n, 0);
}

static struct expr postfix(struct compiler *c)
{
    struct expr e = awk_primary(c);
    if (!awk_assignable(e))
        return e;
    if (awk_take(c, T_INCR))
        return awk_step_expr(c, e, STEP_POST_UP);
    if (awk_take(c, T_DECR))
        return awk_step_expr(c, e, STEP_POST_DOWN);
    return e;
}

static bool begins_operand(enum token t)
{
    return (t >= T_NUMBER && t <= T_BUILTIN) || t == T_LPAREN || t == T_DOLLAR || t == T_NOT ||
           t == T_INCR || t == T_DECR || t == T_GETLINE;
}

static const struct infix *infix_of(const struct compiler *c, const struct expr *left)
{
    enum token t = c->l.token;
    if (c->redirects && (t == T_GT || t == T_PIPE || t == T_OR || t == T_GE) && !left->bare_length)
        return NULL;
    for (size_t i = 0; i < sizeof infixes / sizeof *infixes; i++) {
        if (infixes[i].token == t)
            return &infixes[i];
    }
    return NULL;
}

static void concatenation(struct compiler *c)
{
    unsigned n = 1;
    do {
        awk_load(c, awk_binary(c, P_CONCAT + 1));
        if (++n > COMPILE_LIST)
            awk_unexpected(c);
    } while (begins_operand(c->l.token));
    awk_emit(c, OP_CONCAT, 0, n, 0);
}

/* a && b: the answer is 0 or 1, and b is not looked at where a decides. */
static void logical(struct compiler *c, const struct infix *in)
{
    struct chain decided = { 0 };
    awk_jump_chain(c, in->op, &decided);
    awk_load(c, awk_binary(c, in->prec + 1));
    awk_emit(c, OP_TRUTH, 0, 0, 0);
    awk_land(c, &decided, c->g->n);
}

static void membership(struct compiler *c, struct expr left)
{
    if (left.kind == E_LIST)
        awk_emit(c, OP_SUBSCRIPT, 0, left.b, 0);
    else
        awk_load(c, left);
    struct expr right = awk_primary(c);
    if (right.kind != E_VAR) {
        awk_load(c, right);
        awk_emit(c, OP_POP, 0, 0, 0);
    }
    awk_emit(c, OP_IN, 0, 0, right.kind == E_VAR ? right.b : VAR_GLOBAL(V_SCRATCH));
}

/* The operator was taken, what stands left of it is not loaded. */
static void infix(struct compiler *c, const struct infix *in, struct expr left)
{
    if (in->op == OP_IN) {
        membership(c, left);
        return;
    }
    awk_load(c, left);
    switch (in->op) {
    case OP_AND:
    case OP_OR:
        logical(c, in);
        return;
    case OP_GETLINE:
        awk_getline_from(c, true);
        return;
    case OP_MATCH:
        awk_load_regex(c, awk_binary(c, in->prec + 1));
        awk_emit(c, OP_MATCH, in->token == T_NOMATCH, 0, 0);
        return;
    case OP_POW:
        awk_load(c, awk_binary(c, P_POWER)); /* 2^3^2 is 2^9 */
        break;
    default:
        awk_load(c, awk_binary(c, in->prec + 1));
        break;
    }
    awk_emit(c, in->op, 0, 0, 0);
}

struct expr awk_binary(struct compiler *c, enum prec least)
{
    struct expr left = postfix(c);
    for (;;) {
        const struct infix *in = infix_of(c, &left);
        if (in && in->prec >= least) {
            awk_lex_next(&c->l);
            awk_skip_newlines(c);
            infix(c, in, left);
        } else if (!in && least <= P_CONCAT && begins_operand(c->l.token)) {
            awk_load(c, left);
            concatenation(c);
        } else {
            return left;
        }
        left = awk_on_stack;
    }
}

/* a ? b : c; `condition` was read. */
static struct expr conditional(struct compiler *c, struct expr condition)
{
    struct chain otherwise = { 0 }, end = { 0 };
    awk_deeper(c);
    awk_load(c, condition);
    awk_jump_chain(c, OP_JUMP_FALSE, &otherwise);
    awk_skip_newlines(c);
    struct expr e = awk_binary(c, P_OR);
    awk_load(c, awk_take(c, T_QUESTION) ? conditional(c, e) : e);
    awk_jump_chain(c, OP_JUMP, &end);
    awk_skip_newlines(c);
    awk_expect(c, T_COLON);
    awk_skip_newlines(c);
    awk_land(c, &otherwise, c->g->n);
    e = awk_binary(c, P_OR);
    awk_load(c, awk_take(c, T_QUESTION) ? conditional(c, e) : e);
    awk_land(c, &end, c->g->n);
    c->depth--;
    return awk_on_stack;
}

struct expr awk_expression(struct compiler *c)
{
    awk_deeper(c);
    struct expr e = awk_binary(c, P_OR);
    if (is_assignment(c->l.token) && awk_assignable(e))
        e = assignment(c, e);
    else if (awk_take(c, T_QUESTION))
        e = conditional(c, e);
    c->depth--;
    return e;
}
