#include "shell/awk/run.h"
#include "shell/awk/calls.h"
#include "shell/awk/operations.h"
#include "shell/awk/stack.h"

#include <string.h>

enum { TURN = 4000 };

void awk_fail(struct awk *a, const char *why)
{
    size_t pc = a->pc < a->program.n ? a->pc : 0;
    uint32_t line = a->program.n ? a->program.lines[pc] : 0;
    proc_die(a->p, "%s:%u: %s", awk_program_source(&a->program, pc), line, why);
}

/* A variable that goes to a function takes with it whose array it is. */
static struct awk_value load_argument(struct awk *a, uint32_t variable)
{
    struct awk_value v = value_keep(&awk_cell_of(a, variable)->value);
    uint32_t absolute =
        VAR_IS_LOCAL(variable) ? VAR_LOCAL(a->local + VAR_INDEX(variable)) : variable;
    v.origin = absolute + 1;
    return v;
}

static void two_numbers(struct awk *a, enum awk_op op)
{
    double l = value_num(top(a, 1)), r = value_num(top(a, 0));
    answer_number(a, 2, awk_arithmetic(a, op, l, r));
}

static void set_top(struct awk *a, uint32_t variable)
{
    struct awk_value *v = top(a, 0);
    v->origin = 0;
    awk_set_variable(a, variable, value_keep(v));
}

static void swap(struct awk *a)
{
    struct awk_value v = *top(a, 0);
    *top(a, 0) = *top(a, 1);
    *top(a, 1) = v;
}

static void from_number(struct awk *a, enum awk_op op)
{
    double d = value_num(top(a, 0));
    answer_number(a, 1, op == OP_NEGATE ? -d : d);
}

static bool pop_truth(struct awk *a)
{
    bool b = awk_value_true(top(a, 0));
    drop(a, 1);
    return b;
}

/* a && b: where a decides, its truth is the answer. */
static bool decided(struct awk *a, bool by)
{
    if (pop_truth(a) != by)
        return false;
    push(a, value_number(by));
    return true;
}

/* Whether a jump is made. */
static bool jumps(struct awk *a, const struct awk_code *k)
{
    switch ((enum awk_op)k->op) {
    case OP_JUMP:
        return true;
    case OP_JUMP_FALSE:
        return !pop_truth(a);
    case OP_JUMP_TRUE:
        return pop_truth(a);
    case OP_AND:
        return decided(a, false);
    case OP_OR:
        return decided(a, true);
    case OP_RANGE:
        return a->ranges[k->n];
    default: /* OP_WALK_NEXT */
        return !awk_walk_on(a);
    }
}

/* One instruction; the next is a->pc. */
static enum awk_wait execute(struct awk *a, const struct awk_code *k)
{
    enum awk_op op = (enum awk_op)k->op;
    uint32_t b = (uint32_t)k->b;
    switch (op) {
    case OP_CONST:
        push(a, value_keep(&a->program.consts[b]));
        break;
    case OP_VAR:
        push(a, awk_load_variable(a, b));
        break;
    case OP_ARGUMENT:
        push(a, load_argument(a, b));
        break;
    case OP_REGEX:
        push(a, (struct awk_value){ .kind = AWK_REGEX, .origin = b });
        break;
    case OP_ELEMENT:
        answer(a, 1, awk_load_element(a, b, top(a, 0)));
        break;
    case OP_SET_VAR:
        set_top(a, b);
        break;
    case OP_SET_ELEMENT:
        awk_set_element(a, b);
        break;
    case OP_DUP:
        push(a, value_keep(top(a, 0)));
        break;
    case OP_SWAP:
        swap(a);
        break;
    case OP_POP:
        drop(a, 1);
        break;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_MOD:
    case OP_POW:
        two_numbers(a, op);
        break;
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQ:
    case OP_NE:
        answer_number(a, 2, awk_compare(a, op, top(a, 1), top(a, 0)));
        break;
    case OP_MATCH:
        awk_match_text(a, k->a);
        break;
    case OP_MATCH_LINE:
        awk_match_line(a, b);
        break;
    case OP_NEGATE:
    case OP_PLUS:
        from_number(a, op);
        break;
    case OP_NOT:
    case OP_TRUTH:
        answer_number(a, 1, awk_value_true(top(a, 0)) == (op == OP_TRUTH));
        break;
    case OP_CONCAT:
        awk_concatenate(a, k->n, NULL);
        break;
    case OP_JUMP:
    case OP_JUMP_FALSE:
    case OP_JUMP_TRUE:
    case OP_AND:
    case OP_OR:
    case OP_RANGE:
    case OP_WALK_NEXT:
        if (jumps(a, k))
            a->pc += (size_t)(int64_t)k->b;
        break;
    case OP_FIELDS:
    case OP_FIELD:
    case OP_FIELD_AT:
    case OP_SET_FIELD:
    case OP_STEP:
    case OP_GETLINE:
    case OP_BUILTIN:
    case OP_SUBSTITUTE: {
        enum awk_wait w = awk_waiting(a, k);
        if (w != AWK_GO)
            return w;
        break;
    }
    default:
        if (awk_moving(a, k))
            return AWK_GO;
        awk_plain(a, k);
        break;
    }
    a->pc++;
    return AWK_GO;
}

static bool runs(const struct awk *a)
{
    return a->phase == PHASE_BEGIN || a->phase == PHASE_MAIN || a->phase == PHASE_END;
}

static enum awk_wait run_code(struct awk *a)
{
    enum awk_wait w = AWK_GO;
    while (w == AWK_GO && runs(a)) {
        if (--a->steps <= 0)
            return AWK_AGAIN;
        w = execute(a, &a->program.code[a->pc]);
    }
    return w;
}

static void enter(struct awk *a, enum awk_phase phase)
{
    a->phase = phase;
    a->block = 0;
    awk_next_block(a, awk_blocks_of(a));
}

/* The next line, and what is done with it. */
static enum awk_wait next_line(struct awk *a)
{
    enum awk_got got;
    struct awk_value line;
    if (a->program.main.n == 0 && a->program.end.n == 0) {
        a->phase = PHASE_CLOSE;
        return AWK_GO;
    }
    enum awk_wait w = awk_read_main(a, &got, &line);
    if (w != AWK_GO)
        return w;
    if (got == GOT_RECORD)
        awk_record_set(a, line);
    enter(a, got == GOT_RECORD ? PHASE_MAIN : PHASE_END);
    a->steps--;
    return a->steps > 0 ? AWK_GO : AWK_AGAIN;
}

/* Commands are waited for when everything is written. */
static enum awk_wait finish(struct awk *a)
{
    awk_stream_settle(a);
    enum awk_wait w = awk_stream_close_all(a);
    if (w == AWK_GO)
        a->phase = PHASE_DONE;
    return w;
}

static enum awk_wait advance(struct awk *a)
{
    switch (a->phase) {
    case PHASE_READ:
        return next_line(a);
    case PHASE_CLOSE:
        return finish(a);
    default:
        return run_code(a);
    }
}

enum applet_next awk_run(struct awk *a)
{
    a->steps = TURN;
    a->pool.work = 0;
    enum awk_wait w = AWK_GO;
    if (a->phase == PHASE_BEGIN && a->block == 0 && !a->begun) {
        a->begun = true;
        awk_next_block(a, &a->program.begin);
    }
    while (w == AWK_GO && a->phase != PHASE_DONE && !out_full(a->p))
        w = advance(a);
    proc_charge(a->p, (uint64_t)(TURN - a->steps) + a->pool.work);
    if (w != AWK_GO)
        awk_stream_settle(a);
    switch (w) {
    case AWK_INPUT:
        proc_waits_on(a->p, a->waits_on);
        return NEXT_INPUT;
    case AWK_CHILD:
        return NEXT_CHILD;
    default:
        break;
    }
    if (a->phase != PHASE_DONE)
        return NEXT_AGAIN;
    proc_done(a->p, a->status & 0xff);
    return NEXT_DONE;
}
