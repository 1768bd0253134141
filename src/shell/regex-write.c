#include "shell/regex-inside.h"

#include <string.h>

struct writer {
    struct memory *memory;
    const struct regex_tree *tree;
    struct regex_op *ops;
    uint32_t n, room;
    bool full;
};

static uint32_t put(struct writer *w, enum regex_code code, uint8_t byte, uint32_t x, uint32_t y)
{
    if (w->n >= REGEX_OPS_MOST) {
        w->full = true;
        return 0;
    }
    if (w->n == w->room) {
        w->room = w->room ? w->room * 2 : 8;
        w->ops = memory_array(w->memory, w->ops, w->room, sizeof *w->ops);
    }
    w->ops[w->n] = (struct regex_op){ .code = (uint8_t)code, .byte = byte, .x = x, .y = y };
    return w->n++;
}

/* How a node is written: as a round of a repetition that may be left out; inside of a second copy.
 * Of the latter glibc forgets the former. */
struct copy {
    bool optional, second;
};

static void node(struct writer *w, regex_ref ref, struct copy how);

/* What stands inside of it. */
static struct copy inside(struct copy how)
{
    return (struct copy){ .second = how.second };
}

static void list(struct writer *w, regex_ref first, struct copy how)
{
    for (regex_ref i = first; i && !w->full; i = w->tree->nodes[i].next)
        node(w, i, how);
}

/* Jumps to the end are linked through x until it is known. */
static void choice(struct writer *w, regex_ref first, struct copy how)
{
    uint32_t jumps = 0;
    for (regex_ref i = first; i && !w->full; i = w->tree->nodes[i].next) {
        if (!w->tree->nodes[i].next) {
            node(w, i, how);
            break;
        }
        uint32_t split = put(w, OP_SPLIT, 0, w->n + 1, 0);
        node(w, i, how);
        jumps = put(w, OP_JUMP, 0, jumps, 0);
        w->ops[split].y = w->n;
    }
    while (jumps && !w->full) {
        uint32_t older = w->ops[jumps].x;
        w->ops[jumps].x = w->n;
        jumps = older;
    }
}

/* A round that can be empty ends at a choice of its own: so the loop is left after an empty one. */
static void star(struct writer *w, regex_ref child, struct copy how)
{
    uint32_t split = put(w, OP_SPLIT, 0, w->n + 1, 0);
    node(w, child, how);
    if (w->tree->nodes[child].empty)
        put(w, OP_SPLIT, 0, split + 1, w->n + 1);
    else
        put(w, OP_JUMP, 0, split, 0);
    w->ops[split].y = w->n;
}

/* n rounds, each of which may be left out: ((x?x)?x)?, so that which rounds there are is decided
 * before what they match, as glibc does. */
static void options(struct writer *w, regex_ref child, uint32_t n, struct copy how)
{
    uint32_t splits = w->n;
    for (uint32_t i = 0; i < n && !w->full; i++)
        put(w, OP_SPLIT, 0, w->n + 1, 0);
    for (uint32_t i = n; i > 0 && !w->full; i--) {
        node(w, child, how);
        w->ops[splits + i - 1].y = w->n;
        how = (struct copy){ .second = true };
    }
}

static void repeat(struct writer *w, const struct regex_node *r, struct copy how)
{
    struct copy round = inside(how);
    for (uint32_t i = 0; i < r->value && !w->full; i++) {
        node(w, r->child, round);
        round.second = true;
    }
    round.optional = !how.second;
    if (r->most < 0)
        star(w, r->child, round);
    else
        options(w, r->child, (uint32_t)r->most - r->value, round);
}

static void group(struct writer *w, const struct regex_node *g, struct copy how)
{
    put(w, OP_OPEN, 0, g->value, 0);
    if (g->child)
        node(w, g->child, inside(how));
    put(w, how.optional ? OP_CLOSE_OPTIONAL : OP_CLOSE, 0, g->value, 0);
}

/* As deep as REGEX_DEPTH groups and repetitions. */
static void node(struct writer *w, regex_ref ref, struct copy how)
{
    const struct regex_node *n = &w->tree->nodes[ref];
    switch ((enum regex_kind)n->kind) {
    case NODE_BYTE:
        put(w, OP_BYTE, n->byte, 0, 0);
        break;
    case NODE_SET:
        put(w, OP_SET, 0, n->value, 0);
        break;
    case NODE_PLACE:
        put(w, OP_PLACE, n->byte, 0, 0);
        break;
    case NODE_REFERENCE:
        put(w, OP_REFERENCE, n->byte, 0, 0);
        break;
    case NODE_GROUP:
        group(w, n, how);
        break;
    case NODE_LIST:
        list(w, n->child, inside(how));
        break;
    case NODE_CHOICE:
        choice(w, n->child, inside(how));
        break;
    case NODE_REPEAT:
        repeat(w, n, how);
        break;
    }
}

bool regex_write(struct regex *r, struct memory *m, const struct regex_tree *t)
{
    struct writer w = { .memory = m, .tree = t };
    if (t->top)
        node(&w, t->top, (struct copy){ 0 });
    put(&w, OP_MATCH, 0, 0, 0);
    r->ops = w.ops;
    r->n_ops = w.n;
    return !w.full;
}

/* ---- What is known beforehand ---- */

/* What a match can begin with: a walk over all that is reached without taking a byte. */
static void study_first(struct regex *r, struct memory *m)
{
    uint32_t *stack = memory_take(m, (r->n_ops + 1) * sizeof *stack);
    bool *seen = memory_take(m, r->n_ops);
    uint32_t n = 0;
    stack[n++] = 0;
    while (n) {
        uint32_t pc = stack[--n];
        const struct regex_op *op = &r->ops[pc];
        if (seen[pc])
            continue;
        seen[pc] = true;
        if (op->code == OP_BYTE)
            set_add(&r->first, op->byte);
        else if (op->code == OP_SET)
            for (size_t i = 0; i < 4; i++)
                r->first.bits[i] |= r->sets[op->x].bits[i];
        else if (op->code == OP_MATCH || op->code == OP_REFERENCE)
            r->empty = true;
        else if (op->code != OP_SPLIT && op->code != OP_JUMP)
            stack[n++] = pc + 1;
        else
            stack[n++] = op->x;
        if (op->code == OP_SPLIT && !seen[op->y])
            stack[n++] = op->y;
    }
    memory_give(m, stack);
    memory_give(m, seen);
}

/* The bytes up to the first operation that has a choice. */
static void study_literal(struct regex *r, struct memory *m)
{
    uint32_t pc = 0, n = 0;
    char *bytes = memory_take(m, r->n_ops);
    for (;; pc++) {
        enum regex_code code = r->ops[pc].code;
        if (code == OP_BYTE)
            bytes[n++] = (char)r->ops[pc].byte;
        else if (code != OP_OPEN && code != OP_CLOSE)
            break;
    }
    if (n == 0) {
        memory_give(m, bytes);
        return;
    }
    r->literal = bytes;
    r->literal_n = n;
    r->whole = r->ops[pc].code == OP_MATCH;
}

static bool study_start(const struct regex *r)
{
    uint32_t pc = 0;
    while (r->ops[pc].code == OP_OPEN)
        pc++;
    return r->ops[pc].code == OP_PLACE &&
           (r->ops[pc].byte == PLACE_TEXT_START ||
            (r->ops[pc].byte == PLACE_LINE_START && !(r->flags & (REGEX_NEWLINE | REGEX_GREP))));
}

void regex_study(struct regex *r, struct memory *m)
{
    study_first(r, m);
    study_literal(r, m);
    r->at_start = study_start(r);
}
