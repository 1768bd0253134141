/* Calls of a program's functions, and the ways out of them. */
#include "shell/awk/calls.h"
#include "shell/awk/stack.h"

#include <string.h>

enum { STACK_LEAST = 64, FRAMES_MOST = 100000 };

void awk_stack_grow(struct awk *a)
{
    a->stack_room = a->stack_room ? a->stack_room * 2 : STACK_LEAST;
    a->stack = memory_array(a->m, a->stack, a->stack_room, sizeof *a->stack);
}

static void cell_clear(struct awk *a, struct awk_cell *c)
{
    value_drop(&a->pool, &c->value);
    if (c->owned)
        awk_array_free(&a->pool, c->array);
}

static void drop_cells(struct awk *a, size_t to)
{
    while (a->n_cells > to)
        cell_clear(a, &a->cells[--a->n_cells]);
}

static struct awk_cell *more_cells(struct awk *a, size_t n)
{
    if (!a->cells || a->n_cells + n > a->cells_room) {
        a->cells_room = a->cells_room * 2 + n;
        a->cells = memory_array(a->m, a->cells, a->cells_room, sizeof *a->cells);
    }
    struct awk_cell *c = a->cells + a->n_cells;
    if (n)
        memset(c, 0, n * sizeof *c);
    a->n_cells += n;
    return c;
}

void awk_call(struct awk *a, const struct awk_code *k)
{
    const struct awk_function *f = &a->program.functions[k->b];
    if (!f->defined)
        awk_fail(a, "Call to undefined function");
    if (a->n_frames == FRAMES_MOST)
        proc_die(a->p, "out of memory");
    size_t given = k->n < f->params ? k->n : f->params, before = a->n_cells;
    drop(a, k->n - given);
    struct awk_cell *c = more_cells(a, f->params);
    a->n_stack -= given;
    for (size_t i = 0; i < given; i++) {
        c[i].value = a->stack[a->n_stack + i];
        c[i].origin = c[i].value.origin;
        c[i].value.origin = 0;
    }
    if (a->n_frames == a->frames_room) {
        a->frames_room = a->frames_room ? a->frames_room * 2 : 16;
        a->frames = memory_array(a->m, a->frames, a->frames_room, sizeof *a->frames);
    }
    a->frames[a->n_frames++] = (struct awk_frame){ .pc = (uint32_t)a->pc + 1,
                                                   .base = (uint32_t)a->n_stack,
                                                   .cells = (uint32_t)before,
                                                   .before = a->local };
    a->local = (uint32_t)before;
    a->pc = f->start;
}

/* Everything that was under way is given up. */
static void unwind(struct awk *a)
{
    drop(a, a->n_stack);
    drop_cells(a, 0);
    a->n_frames = 0;
    a->local = 0;
}

/* The next block of a phase, or its end. */
void awk_next_block(struct awk *a, const struct awk_blocks *blocks)
{
    if (a->block < blocks->n) {
        a->pc = blocks->start[a->block++];
        return;
    }
    a->block = 0;
    if (a->phase == PHASE_END)
        a->phase = PHASE_CLOSE;
    else
        a->phase = PHASE_READ;
}

const struct awk_blocks *awk_blocks_of(const struct awk *a)
{
    return a->phase == PHASE_BEGIN ? &a->program.begin
           : a->phase == PHASE_END ? &a->program.end
                                   : &a->program.main;
}

void awk_skip_rest(struct awk *a)
{
    unwind(a);
    a->block = awk_blocks_of(a)->n;
    awk_next_block(a, awk_blocks_of(a));
}

void awk_leave(struct awk *a)
{
    if (a->n_frames == 0) {
        awk_skip_rest(a);
        return;
    }
    struct awk_frame f = a->frames[--a->n_frames];
    struct awk_value v = value_keep(top(a, 0));
    v.origin = 0;
    drop(a, a->n_stack - f.base);
    drop_cells(a, f.cells);
    a->local = f.before;
    a->pc = f.pc;
    push(a, v);
}

void awk_leave_program(struct awk *a, bool valued)
{
    if (valued)
        a->status = awk_number_int(value_num(top(a, 0)));
    unwind(a);
    a->block = 0;
    a->phase = a->phase == PHASE_END ? PHASE_CLOSE : PHASE_END;
    if (a->phase == PHASE_END)
        awk_next_block(a, &a->program.end);
}
