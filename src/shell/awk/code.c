#include "shell/awk/compile.h"

#include <string.h>

/* clang-format off */
const char *const awk_special_names[V_SPECIALS] = {
    [V_CONVFMT] = "CONVFMT", [V_OFMT] = "OFMT",     [V_FS] = "FS",
    [V_OFS] = "OFS",         [V_ORS] = "ORS",       [V_RS] = "RS",
    [V_RT] = "RT",           [V_FILENAME] = "FILENAME", [V_SUBSEP] = "SUBSEP",
    [V_ARGIND] = "ARGIND",   [V_ARGC] = "ARGC",     [V_ARGV] = "ARGV",
    [V_ERRNO] = "ERRNO",     [V_FNR] = "FNR",       [V_NR] = "NR",
    [V_NF] = "NF",           [V_IGNORECASE] = "IGNORECASE", [V_ENVIRON] = "ENVIRON",
    [V_SCRATCH] = "",
};
/* clang-format on */

/* Arrays of the program double when a power of two is reached. */
static void *one_more(struct memory *m, void *items, size_t n, size_t size)
{
    return n & (n - 1) ? items : memory_array(m, items, n ? n * 2 : 1, size);
}

size_t awk_emit(struct compiler *c, enum awk_op op, unsigned a, unsigned n, uint32_t b)
{
    struct awk_program *g = c->g;
    if (g->n == g->room) {
        g->room = g->room ? g->room * 2 : 64;
        g->code = memory_array(c->m, g->code, g->room, sizeof *g->code);
        g->lines = memory_array(c->m, g->lines, g->room, sizeof *g->lines);
    }
    g->code[g->n] =
        (struct awk_code){ .op = (uint8_t)op, .a = (uint8_t)a, .n = (uint16_t)n, .b = (int32_t)b };
    g->lines[g->n] = c->l.token_line;
    return g->n++;
}

struct piece awk_cut(struct compiler *c, size_t from)
{
    struct awk_program *g = c->g;
    struct piece p = { .n = g->n - from };
    if (!p.n)
        return p;
    p.code = (struct awk_code *)memory_bytes(c->m, g->code + from, p.n * sizeof *p.code);
    p.lines = (uint32_t *)memory_bytes(c->m, g->lines + from, p.n * sizeof *p.lines);
    g->n = from;
    return p;
}

void awk_paste(struct compiler *c, const struct piece *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct awk_code *k = &p->code[i];
        size_t at = awk_emit(c, k->op, k->a, k->n, (uint32_t)k->b);
        c->g->lines[at] = p->lines[i];
    }
    memory_give(c->m, p->code);
    memory_give(c->m, p->lines);
}

static void aim(struct compiler *c, size_t at, size_t target)
{
    c->g->code[at].b = (int32_t)((int64_t)target - (int64_t)at - 1);
}

void awk_jump_to(struct compiler *c, enum awk_op op, size_t target)
{
    size_t at = awk_emit(c, op, 0, 0, 0);
    aim(c, at, target);
}

void awk_jump_chain(struct compiler *c, enum awk_op op, struct chain *chain)
{
    size_t at = awk_emit(c, op, 0, 0, (uint32_t)chain->last);
    chain->last = at + 1;
}

void awk_land(struct compiler *c, struct chain *chain, size_t target)
{
    for (size_t at = chain->last, before; at; at = before) {
        before = (uint32_t)c->g->code[at - 1].b;
        aim(c, at - 1, target);
    }
    chain->last = 0;
}

size_t awk_function_index(struct compiler *c, const char *name, size_t n)
{
    struct awk_program *g = c->g;
    for (size_t i = 0; i < g->n_functions; i++) {
        if (g->functions[i].n_name == n && memcmp(g->functions[i].name, name, n) == 0)
            return i;
    }
    g->functions = one_more(c->m, g->functions, g->n_functions, sizeof *g->functions);
    g->functions[g->n_functions] =
        (struct awk_function){ .name = memory_bytes(c->m, name, n), .n_name = n };
    return g->n_functions++;
}

uint32_t awk_program_global(struct awk_program *g, const char *name, size_t n)
{
    for (size_t i = 0; i < g->n_globals; i++) {
        if (g->globals[i].n == n && memcmp(g->globals[i].name, name, n) == 0)
            return (uint32_t)i;
    }
    g->globals = one_more(g->m, g->globals, g->n_globals, sizeof *g->globals);
    g->globals[g->n_globals] = (struct awk_name){ memory_bytes(g->m, name, n), n };
    return (uint32_t)g->n_globals++;
}

uint32_t awk_variable(struct compiler *c, const char *name, size_t n)
{
    for (size_t i = c->n_locals; i > 0; i--) { /* the last of the same name is meant */
        if (c->locals[i - 1].n == n && memcmp(c->locals[i - 1].name, name, n) == 0)
            return VAR_LOCAL(i - 1);
    }
    return VAR_GLOBAL(awk_program_global(c->g, name, n));
}

static void emit_constant(struct compiler *c, struct awk_value v)
{
    struct awk_program *g = c->g;
    g->consts = one_more(c->m, g->consts, g->n_consts, sizeof *g->consts);
    g->consts[g->n_consts] = v;
    awk_emit(c, OP_CONST, 0, 0, (uint32_t)g->n_consts++);
}

void awk_emit_number(struct compiler *c, double d)
{
    emit_constant(c, value_number(d));
}

void awk_emit_text(struct compiler *c, const char *s, size_t n)
{
    struct awk_value v = value_string(awk_str_make(c->g->pool, s, n));
    awk_value_parse(&v);
    emit_constant(c, v);
}

uint32_t awk_regex_constant(struct compiler *c, const char *s, size_t n)
{
    const char *why;
    struct regex *r = regex_make(c->m, s, n, REGEX_EXTENDED, &why);
    if (!r)
        proc_die(c->p, "bad regex '%s': %s", s, why);
    struct awk_program *g = c->g;
    g->regexes = one_more(c->m, g->regexes, g->n_regexes, sizeof *g->regexes);
    g->regexes[g->n_regexes] = (struct awk_regex){ .text = s, .n = n, .as_is = r };
    return (uint32_t)g->n_regexes++;
}
