#pragma once
/*
 * The stack of a running program.
 */
#include "shell/awk/run.h"

void awk_stack_grow(struct awk *a);

static inline void push(struct awk *a, struct awk_value v)
{
    if (a->n_stack == a->stack_room)
        awk_stack_grow(a);
    a->stack[a->n_stack++] = v;
}

static inline struct awk_value *top(struct awk *a, size_t below)
{
    return &a->stack[a->n_stack - 1 - below];
}

static inline void discard(struct awk *a, struct awk_value *v)
{
    if (v->kind == AWK_WALK)
        awk_walk_free(&a->pool, v->walk);
    else if (v->kind == AWK_STREAM)
        a->printing--;
    else
        value_drop(&a->pool, v);
}

static inline void drop(struct awk *a, size_t n)
{
    while (n-- > 0)
        discard(a, &a->stack[--a->n_stack]);
}

/* In place of the n values on top. */
static inline void answer(struct awk *a, size_t n, struct awk_value v)
{
    drop(a, n);
    push(a, v);
}

static inline void answer_number(struct awk *a, size_t n, double d)
{
    drop(a, n);
    push(a, value_number(d));
}
