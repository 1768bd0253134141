/* Rules and functions: what a program is made of. */
#include "shell/awk/compile.h"

#include <string.h>

static void add_block(struct compiler *c, struct awk_blocks *b)
{
    b->start = memory_array(c->m, b->start, b->n + 1, sizeof *b->start);
    b->start[b->n++] = (uint32_t)c->g->n;
}

/* a, b: on from a line of which a is true until one of which b is. */
static void range(struct compiler *c, struct chain *skip)
{
    struct chain on = { 0 }, stays = { 0 };
    unsigned i = (unsigned)c->g->n_ranges++;
    if (i > UINT16_MAX)
        awk_unexpected(c);
    struct piece first = awk_cut(c, c->g->main.start[c->g->main.n - 1]);
    size_t at = awk_emit(c, OP_RANGE, 0, i, 0);
    on.last = at + 1;
    awk_paste(c, &first);
    awk_jump_chain(c, OP_JUMP_FALSE, skip);
    awk_emit(c, OP_RANGE_ON, 0, i, 0);
    awk_land(c, &on, c->g->n);
    awk_load(c, awk_expression(c));
    awk_jump_chain(c, OP_JUMP_FALSE, &stays);
    awk_emit(c, OP_RANGE_OFF, 0, i, 0);
    awk_land(c, &stays, c->g->n);
}

static void action(struct compiler *c)
{
    if (c->l.token == T_LBRACE)
        awk_block(c);
    else
        awk_emit(c, OP_PRINT_END, 0, 1, 0);
}

static void main_rule(struct compiler *c)
{
    struct chain skip = { 0 };
    add_block(c, &c->g->main);
    if (c->l.token != T_LBRACE) {
        awk_load(c, awk_expression(c));
        if (awk_take(c, T_COMMA)) {
            awk_skip_newlines(c);
            range(c, &skip);
        } else {
            awk_jump_chain(c, OP_JUMP_FALSE, &skip);
        }
        if (c->l.token != T_LBRACE && !awk_ends_statement(c->l.token))
            awk_unexpected(c);
    }
    action(c);
    awk_land(c, &skip, c->g->n);
    awk_emit(c, OP_END, 0, 0, 0);
}

static void special_rule(struct compiler *c, struct awk_blocks *b)
{
    awk_lex_next(&c->l);
    add_block(c, b);
    awk_block(c);
    awk_emit(c, OP_END, 0, 0, 0);
}

static void parameters(struct compiler *c)
{
    awk_expect(c, T_LPAREN);
    while (c->l.token != T_RPAREN) {
        if (c->l.token != T_NAME)
            awk_unexpected(c);
        c->locals = memory_array(c->m, c->locals, c->n_locals + 1, sizeof *c->locals);
        c->locals[c->n_locals++] = (struct awk_name){ c->l.text, c->l.n };
        awk_lex_next(&c->l);
        if (!awk_take(c, T_COMMA))
            break;
        awk_skip_newlines(c);
    }
    awk_expect(c, T_RPAREN);
}

static void function(struct compiler *c)
{
    awk_lex_next(&c->l);
    if (c->l.token != T_NAME && c->l.token != T_CALL)
        awk_unexpected(c);
    size_t i = awk_function_index(c, c->l.text, c->l.n);
    if (c->g->functions[i].defined)
        awk_lex_fail(&c->l, "Duplicate function");
    awk_lex_next(&c->l);
    parameters(c);
    c->g->functions[i].defined = true;
    c->g->functions[i].params = (uint32_t)c->n_locals;
    c->g->functions[i].start = (uint32_t)c->g->n;
    awk_skip_newlines(c);
    awk_block(c);
    awk_emit_text(c, "", 0);
    awk_emit(c, OP_RETURN, 0, 0, 0);
    c->n_locals = 0;
}

static void item(struct compiler *c)
{
    switch (c->l.token) {
    case T_BEGIN:
        special_rule(c, &c->g->begin);
        break;
    case T_END_WORD:
        special_rule(c, &c->g->end);
        break;
    case T_FUNCTION:
        function(c);
        break;
    default:
        main_rule(c);
        break;
    }
}

void awk_program_init(struct awk_program *g, struct awk_pool *pool)
{
    *g = (struct awk_program){ .m = pool->m, .pool = pool };
    for (size_t i = 0; i < V_SPECIALS; i++)
        awk_program_global(g, awk_special_names[i], strlen(awk_special_names[i]));
}

void awk_program_add(struct awk_program *g, struct proc *p, const char *name, const char *text)
{
    struct compiler c = { .p = p, .m = g->m, .g = g };
    c.l = (struct lexer){ .p = p, .m = g->m, .name = name, .at = text, .line = 1 };
    g->sources = memory_array(g->m, g->sources, g->n_sources + 1, sizeof *g->sources);
    g->sources[g->n_sources++] = (struct awk_source_name){ g->n, name };
    awk_lex_next(&c.l);
    awk_skip_newlines(&c);
    /* The reference takes a word of the language for the beginning of something else here. */
    if (c.l.token >= T_IN && c.l.token <= T_PRINTF)
        awk_lex_fail(&c.l, "Unexpected end of string");
    while (c.l.token != T_END) {
        item(&c);
        awk_take(&c, T_SEMICOLON);
        awk_skip_newlines(&c);
    }
}

const char *awk_program_source(const struct awk_program *g, size_t pc)
{
    const char *name = "";
    for (size_t i = 0; i < g->n_sources && g->sources[i].from <= pc; i++)
        name = g->sources[i].name;
    return name;
}
