/* Statements. */
#include "shell/awk/compile.h"

#include <string.h>

static void statement(struct compiler *c);

/* A simple statement is ended by a semicolon or a line's end, or by the brace that ends its block.
 */
static void terminator(struct compiler *c)
{
    if (c->l.token == T_RBRACE)
        return;
    if (c->l.token != T_SEMICOLON && c->l.token != T_NEWLINE)
        awk_unexpected(c);
    awk_lex_next(&c->l);
}

bool awk_ends_statement(enum token t)
{
    return t == T_SEMICOLON || t == T_NEWLINE || t == T_RBRACE || t == T_END;
}

/* Expressions whose values nobody wants. */
static void expressions(struct compiler *c)
{
    do {
        awk_load(c, awk_expression(c));
        awk_emit(c, OP_POP, 0, 0, 0);
    } while (awk_take(c, T_COMMA));
}

static void condition(struct compiler *c)
{
    awk_expect(c, T_LPAREN);
    awk_load_list(c, awk_expression(c));
    awk_expect(c, T_RPAREN);
}

static void body(struct compiler *c)
{
    awk_skip_newlines(c);
    statement(c);
}

static void if_statement(struct compiler *c)
{
    struct chain otherwise = { 0 }, end = { 0 };
    condition(c);
    awk_jump_chain(c, OP_JUMP_FALSE, &otherwise);
    body(c);
    awk_skip_newlines(c);
    if (awk_take(c, T_ELSE)) {
        awk_jump_chain(c, OP_JUMP, &end);
        awk_land(c, &otherwise, c->g->n);
        body(c);
    }
    awk_land(c, &otherwise, c->g->n);
    awk_land(c, &end, c->g->n);
}

static void loop_body(struct compiler *c, struct loop *loop)
{
    loop->outer = c->loop;
    c->loop = loop;
    body(c);
    c->loop = loop->outer;
}

/* The condition stands below the body, so that each round takes one jump. `step` may be NULL. */
static void loop_around(struct compiler *c, const struct piece *test, const struct piece *step)
{
    struct loop loop = { 0 };
    struct chain first = { 0 };
    awk_jump_chain(c, OP_JUMP, &first);
    size_t top = c->g->n;
    loop_body(c, &loop);
    awk_land(c, &loop.continues, c->g->n);
    if (step)
        awk_paste(c, step);
    awk_land(c, &first, c->g->n);
    bool tested = test->n != 0;
    awk_paste(c, test);
    awk_jump_to(c, tested ? OP_JUMP_TRUE : OP_JUMP, top);
    awk_land(c, &loop.breaks, c->g->n);
}

static void while_statement(struct compiler *c)
{
    size_t from = c->g->n;
    condition(c);
    struct piece test = awk_cut(c, from);
    loop_around(c, &test, NULL);
}

static void do_statement(struct compiler *c)
{
    struct loop loop = { 0 };
    size_t top = c->g->n;
    loop_body(c, &loop);
    awk_skip_newlines(c);
    awk_expect(c, T_WHILE);
    awk_land(c, &loop.continues, c->g->n);
    condition(c);
    awk_jump_to(c, OP_JUMP_TRUE, top);
    awk_land(c, &loop.breaks, c->g->n);
}

/* Stores the key on the stack into what the loop names, read anew from `at`. */
static void store_key(struct compiler *c, const struct lexer *at)
{
    struct lexer behind = c->l;
    c->l = *at;
    struct expr to = awk_primary(c);
    if (awk_place_of(c, to) != PLACE_VAR)
        awk_emit(c, OP_SWAP, 0, 0, 0);
    if (to.kind == E_FIELD_AT)
        to.kind = E_FIELD;
    awk_store(c, to);
    awk_emit(c, OP_POP, 0, 0, 0);
    c->l = behind;
}

/* for (k in a), behind the parenthesis; false (and nothing read) where it is another for. */
static bool for_in(struct compiler *c)
{
    struct lexer at = c->l;
    size_t from = c->g->n;
    struct expr to = { .kind = E_VALUE };
    if (at.token == T_NAME || at.token == T_DOLLAR || at.token == T_LPAREN)
        to = awk_primary(c);
    bool names = to.kind != E_VALUE && to.kind != E_LIST && to.kind != E_REGEX && awk_take(c, T_IN);
    if (names) {
        awk_skip_newlines(c);
        c->g->n = from;
        struct expr a = awk_primary(c);
        c->g->n = from;
        names = awk_take(c, T_RPAREN);
        awk_emit(c, OP_WALK, 0, 0, a.kind == E_VAR ? a.b : VAR_GLOBAL(V_SCRATCH));
    }
    if (!names) {
        c->l = at;
        c->g->n = from;
        return false;
    }
    struct loop loop = { 0 };
    size_t top = c->g->n;
    awk_jump_chain(c, OP_WALK_NEXT, &loop.breaks);
    store_key(c, &at);
    loop_body(c, &loop);
    awk_land(c, &loop.continues, top);
    awk_jump_to(c, OP_JUMP, top);
    awk_land(c, &loop.breaks, c->g->n);
    awk_emit(c, OP_POP, 0, 0, 0);
    return true;
}

static void for_statement(struct compiler *c)
{
    awk_expect(c, T_LPAREN);
    if (for_in(c))
        return;
    if (c->l.token != T_SEMICOLON)
        expressions(c);
    awk_expect(c, T_SEMICOLON);
    awk_skip_newlines(c);
    size_t from = c->g->n;
    if (c->l.token != T_SEMICOLON)
        awk_load_list(c, awk_expression(c));
    struct piece test = awk_cut(c, from);
    awk_expect(c, T_SEMICOLON);
    awk_skip_newlines(c);
    if (c->l.token != T_RPAREN)
        expressions(c);
    struct piece step = awk_cut(c, from);
    awk_expect(c, T_RPAREN);
    loop_around(c, &test, &step);
}

/* Items between commas; the first was read already where `read` says so. */
static void print_items(struct compiler *c, const struct expr *read)
{
    unsigned n = 0;
    do {
        if (n)
            awk_skip_newlines(c);
        awk_load(c, n++ == 0 && read ? *read : awk_expression(c));
        awk_emit(c, OP_PRINT_ITEM, 0, c->l.token == T_COMMA, 0);
    } while (awk_take(c, T_COMMA));
}

static bool is_redirect(enum token t)
{
    return t == T_GT || t == T_APPEND || t == T_PIPE;
}

/* print (a, b) prints two items: what was read as a list of values is read anew as items. */
static void print_arguments(struct compiler *c)
{
    struct lexer at = c->l;
    size_t from = c->g->n;
    struct expr e = awk_expression(c);
    if (e.kind != E_LIST || !(awk_ends_statement(c->l.token) || is_redirect(c->l.token))) {
        print_items(c, &e);
        return;
    }
    c->l = at;
    c->g->n = from;
    awk_lex_next(&c->l);
    c->redirects = false;
    print_items(c, NULL);
    awk_expect(c, T_RPAREN);
}

static unsigned printf_arguments(struct compiler *c)
{
    struct expr e = awk_expression(c);
    if (e.kind == E_LIST && (awk_ends_statement(c->l.token) || is_redirect(c->l.token)))
        return e.b;
    awk_load(c, e);
    unsigned n = 1;
    while (awk_take(c, T_COMMA)) {
        awk_skip_newlines(c);
        awk_load(c, awk_expression(c));
        if (++n > COMPILE_LIST)
            awk_unexpected(c);
    }
    return n;
}

/* What stands behind > or >> or |: its name is worked out before what is printed. */
static bool redirect(struct compiler *c)
{
    enum token t = c->l.token;
    c->redirects = false;
    if (!is_redirect(t))
        return false;
    awk_lex_next(&c->l);
    if (c->l.token == T_NEWLINE) /* the reference prints as if nothing had been said */
        return false;
    awk_load_list(c, awk_expression(c));
    awk_emit(c, OP_REDIRECT,
             t == T_PIPE     ? REDIRECT_PIPE
             : t == T_APPEND ? REDIRECT_APPEND
                             : REDIRECT_FILE,
             0, 0);
    return true;
}

static void print_statement(struct compiler *c, bool formatted)
{
    size_t from = c->g->n;
    unsigned n = 0;
    c->redirects = true;
    bool any = !awk_ends_statement(c->l.token) && !is_redirect(c->l.token);
    if (any && formatted)
        n = printf_arguments(c);
    else if (any)
        print_arguments(c);
    struct piece items = awk_cut(c, from);
    bool elsewhere = redirect(c);
    for (size_t i = 0; i < items.n; i++) {
        if (items.code[i].op == OP_PRINT_ITEM)
            items.code[i].a = elsewhere;
    }
    awk_paste(c, &items);
    if (formatted)
        awk_emit(c, OP_PRINTF, elsewhere, n, 0);
    else
        awk_emit(c, OP_PRINT_END, elsewhere, !any, 0);
}

static void delete_statement(struct compiler *c)
{
    struct expr e = awk_primary(c);
    if (e.kind == E_VAR) {
        awk_emit(c, OP_DELETE_ALL, 0, 0, e.b);
    } else if (e.kind == E_ELEMENT) {
        awk_emit(c, OP_DELETE, 0, 0, e.b);
    } else {
        awk_emit(c, OP_FAIL, 0, 0, FAIL_ARRAY);
    }
}

static void leave_loop(struct compiler *c, bool again)
{
    if (!c->loop)
        awk_lex_fail(&c->l, again ? "'continue' not in a loop" : "'break' not in a loop");
    awk_jump_chain(c, OP_JUMP, again ? &c->loop->continues : &c->loop->breaks);
}

/* return and exit, with or without a value. */
static void leave(struct compiler *c, bool program)
{
    bool valued = !awk_ends_statement(c->l.token);
    if (valued)
        awk_load_list(c, awk_expression(c));
    if (program) {
        awk_emit(c, OP_EXIT, 0, valued, 0);
        return;
    }
    if (!valued)
        awk_emit_text(c, "", 0);
    awk_emit(c, OP_RETURN, 0, 0, 0);
}

static void simple_statement(struct compiler *c, enum token t)
{
    awk_lex_next(&c->l);
    switch (t) {
    case T_PRINT:
    case T_PRINTF:
        print_statement(c, t == T_PRINTF);
        break;
    case T_DELETE:
        delete_statement(c);
        break;
    case T_BREAK:
    case T_CONTINUE:
        leave_loop(c, t == T_CONTINUE);
        break;
    case T_NEXT:
        awk_emit(c, OP_NEXT, 0, 0, 0);
        break;
    case T_NEXTFILE:
        awk_emit(c, OP_NEXT_FILE, 0, 0, 0);
        break;
    default:
        leave(c, t == T_EXIT);
        break;
    }
    terminator(c);
}

void awk_block(struct compiler *c)
{
    awk_expect(c, T_LBRACE);
    awk_skip_newlines(c);
    while (c->l.token != T_RBRACE) {
        statement(c);
        awk_skip_newlines(c);
    }
    awk_lex_next(&c->l);
}

static bool compound(struct compiler *c, enum token t)
{
    static const struct {
        enum token token;
        void (*read)(struct compiler *c);
    } kinds[] = {
        { T_IF, if_statement },
        { T_WHILE, while_statement },
        { T_DO, do_statement },
        { T_FOR, for_statement },
    };
    if (t == T_LBRACE) {
        awk_block(c);
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (t == kinds[i].token) {
            awk_lex_next(&c->l);
            kinds[i].read(c);
            return true;
        }
    }
    return false;
}

static void statement(struct compiler *c)
{
    static const enum token simple[] = {
        T_PRINT, T_PRINTF, T_DELETE, T_BREAK, T_CONTINUE, T_NEXT, T_NEXTFILE, T_EXIT, T_RETURN,
    };
    enum token t = c->l.token;
    awk_deeper(c);
    bool known = compound(c, t);
    for (size_t i = 0; !known && i < sizeof simple / sizeof *simple; i++) {
        known = t == simple[i];
        if (known)
            simple_statement(c, t);
    }
    if (!known) {
        if (t != T_SEMICOLON)
            expressions(c);
        terminator(c);
    }
    c->depth--;
}
