#pragma once
/*
 * The compiler's own: one pass from words to instructions. An expression that has been read may
 * still be a variable, a field or an element whose value nobody has asked for, so that it can be
 * assigned to: of those only what leads to them (an index, a key) is on the stack.
 */
#include "shell/awk/lex.h"
#include "shell/awk/program.h"

#include <stdbool.h>

/* How tightly operators bind. */
enum prec {
    P_OR = 1,
    P_AND,
    P_IN,
    P_MATCH,
    P_COMPARE,
    P_PIPE,
    P_CONCAT,
    P_ADD,
    P_MUL,
    P_UNARY,
    P_POWER,
};

enum { COMPILE_DEPTH = 256, COMPILE_LIST = 10000 };

enum expr_kind {
    E_VALUE,    /* on the stack */
    E_VAR,      /* b: variable */
    E_FIELD,    /* index on the stack */
    E_FIELD_AT, /* b: index */
    E_ELEMENT,  /* key on the stack; b: array */
    E_REGEX,    /* b: which */
    E_LIST,     /* b values on the stack, from (a, b) */
};

struct expr {
    enum expr_kind kind;
    uint32_t b;
    bool bare_length; /* `length` without parentheses: what follows is no redirection */
};

/* Jumps to one place that is not known yet: the last of them, which holds the one before. */
struct chain {
    size_t last; /* its index + 1; 0: none */
};

struct loop {
    struct loop *outer;
    struct chain breaks, continues;
};

struct compiler {
    struct lexer l;
    struct proc *p;
    struct memory *m;
    struct awk_program *g;
    struct awk_name *locals; /* of the function being read */
    size_t n_locals;
    struct loop *loop;
    unsigned depth;
    bool redirects; /* a > b is no comparison but print's */
};

/* Instructions that are put elsewhere. */
struct piece {
    struct awk_code *code;
    uint32_t *lines;
    size_t n;
};

/* code.c */
size_t awk_emit(struct compiler *c, enum awk_op op, unsigned a, unsigned n,
                uint32_t b); /* its index */
struct piece awk_cut(struct compiler *c, size_t from);
void awk_paste(struct compiler *c, const struct piece *p);
void awk_jump_to(struct compiler *c, enum awk_op op, size_t target);
void awk_jump_chain(struct compiler *c, enum awk_op op, struct chain *chain);
void awk_land(struct compiler *c, struct chain *chain, size_t target);
size_t awk_function_index(struct compiler *c, const char *name,
                          size_t n); /* made where there is none */
uint32_t awk_variable(struct compiler *c, const char *name, size_t n);
void awk_emit_number(struct compiler *c, double d);
void awk_emit_text(struct compiler *c, const char *s, size_t n);
uint32_t awk_regex_constant(struct compiler *c, const char *s, size_t n);

/* parse.c */
extern const struct expr awk_on_stack;
bool awk_is_nf(struct expr e); /* reading or setting it needs the fields */
bool awk_assignable(struct expr e);
void awk_unexpected(const struct compiler *c) __attribute__((noreturn));
void awk_expect(struct compiler *c, enum token t); /* and takes it */
bool awk_take(struct compiler *c, enum token t);
void awk_skip_newlines(struct compiler *c);
void awk_deeper(struct compiler *c); /* undone by c->depth-- */
struct expr awk_expression(struct compiler *c);
struct expr awk_binary(struct compiler *c, enum prec least); /* operators that bind at least so */
void awk_load(struct compiler *c, struct expr e);
void awk_load_regex(struct compiler *c, struct expr e); /* as an argument that may be one */
/* Stores what is on the stack into it, and leaves it there. */
void awk_store(struct compiler *c, struct expr e);
enum awk_place awk_place_of(struct compiler *c, struct expr e);
/* Expressions between commas, as one value; what was read of the first is handed in. */
void awk_load_list(struct compiler *c, struct expr first);

/* operand.c */
struct expr awk_primary(struct compiler *c); /* nothing behind it is looked at */
struct expr awk_step_expr(struct compiler *c, struct expr e, enum awk_step how);
/* getline, and < FILE behind it; of `command` what stands before it is on the stack. */
struct expr awk_getline_from(struct compiler *c, bool command);

/* statement.c */
void awk_block(struct compiler *c); /* { ... } */
bool awk_ends_statement(enum token t);
