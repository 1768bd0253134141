#include "shell/regex-inside.h"

#include <string.h>

/*
 * Where the groups are: of all paths through the program that take the whole match, the first in
 * the order of its choices. That is what glibc tells: not POSIX' rule of longest groups.
 *
 * A thread carries the groups' spans, and what they were before an empty round of a repetition.
 * Where a path ends without asking for a place behind its last byte, glibc knows no others.
 */
struct captures_list {
    uint32_t *pc;
    int32_t *spans; /* `width` a thread */
    uint32_t n, room;
};

struct regex_captures {
    uint32_t groups; /* that are told */
    uint32_t width;  /* start and end of each, now and before */
    bool ask;        /* places may be asked for */
    struct captures_list now, then, stack;
};

static void list_push(struct regex_captures *c, struct memory *m, struct captures_list *l,
                      uint32_t pc, const int32_t *spans)
{
    if (l->n == l->room) {
        l->room = l->room ? l->room * 2 : 8;
        l->pc = memory_array(m, l->pc, l->room, sizeof *l->pc);
        l->spans = memory_array(m, l->spans, l->room, c->width * sizeof *l->spans);
    }
    l->pc[l->n] = pc;
    memcpy(l->spans + (size_t)l->n * c->width, spans, c->width * sizeof *spans);
    l->n++;
}

void regex_group_open(uint32_t group, uint32_t groups, int32_t at, int32_t *spans)
{
    if (group > groups)
        return;
    spans[2 * group - 2] = at;
    spans[2 * group - 1] = -1;
}

void regex_group_close(uint32_t group, uint32_t groups, int32_t at, bool optional, int32_t *spans)
{
    int32_t *before = spans + 2 * groups;
    if (group > groups)
        return;
    if (spans[2 * group - 2] < at) {
        spans[2 * group - 1] = at;
        memcpy(before, spans, 2 * groups * sizeof *spans);
    } else if (optional && before[2 * group - 2] >= 0) {
        memcpy(spans, before, 2 * groups * sizeof *spans);
    } else {
        spans[2 * group - 1] = at;
    }
}

/* One thread's way without taking a byte, up to where it waits for one or is not the first; other
 * ways are put on the stack. */
static void walk(struct regex *r, struct memory *m, struct regex_text *t, uint32_t pc,
                 int32_t *spans, size_t at)
{
    struct regex_captures *c = r->captures;
    while (r->marks[pc] != r->mark) {
        const struct regex_op *op = &r->ops[pc];
        r->marks[pc] = r->mark;
        t->work++;
        switch ((enum regex_code)op->code) {
        case OP_SPLIT:
            list_push(c, m, &c->stack, op->y, spans);
            pc = op->x;
            break;
        case OP_JUMP:
            pc = op->x;
            break;
        case OP_PLACE:
            if (!c->ask || !regex_at(r, t, at, op->byte))
                return;
            pc++;
            break;
        case OP_OPEN:
            regex_group_open(op->x, c->groups, (int32_t)at, spans);
            pc++;
            break;
        case OP_CLOSE:
        case OP_CLOSE_OPTIONAL:
            regex_group_close(op->x, c->groups, (int32_t)at, op->code == OP_CLOSE_OPTIONAL, spans);
            pc++;
            break;
        default:
            list_push(c, m, &c->then, pc, spans);
            return;
        }
    }
}

static void follow(struct regex *r, struct memory *m, struct regex_text *t, uint32_t pc,
                   const int32_t *from, size_t at)
{
    struct regex_captures *c = r->captures;
    int32_t spans[4 * REGEX_REFS];
    list_push(c, m, &c->stack, pc, from);
    while (c->stack.n) {
        c->stack.n--;
        memcpy(spans, c->stack.spans + (size_t)c->stack.n * c->width, c->width * sizeof *spans);
        walk(r, m, t, c->stack.pc[c->stack.n], spans, at);
    }
}

/* All threads on, past the byte that they wait for. */
static void step(struct regex *r, struct memory *m, struct regex_text *t, size_t at, bool ask)
{
    struct regex_captures *c = r->captures;
    uint8_t byte = (uint8_t)t->s[at];
    c->ask = ask;
    c->then.n = 0;
    r->mark++;
    for (uint32_t i = 0; i < c->now.n; i++) {
        const struct regex_op *op = &r->ops[c->now.pc[i]];
        if (op->code == OP_BYTE ? op->byte == byte
                                : op->code == OP_SET && set_has(&r->sets[op->x], byte))
            follow(r, m, t, c->now.pc[i] + 1, c->now.spans + (size_t)i * c->width, at + 1);
    }
    t->work += c->now.n;
}

static void begin(struct regex *r, struct memory *m, struct regex_text *t, size_t at, bool ask)
{
    int32_t none[4 * REGEX_REFS];
    memset(none, 0xff, sizeof none);
    r->captures->ask = ask;
    r->captures->then.n = 0;
    r->mark++;
    follow(r, m, t, 0, none, at);
}

static void swap(struct regex_captures *c)
{
    struct captures_list now = c->now;
    c->now = c->then;
    c->then = now;
}

/* The first thread that stands at the end. false: there is none. */
static bool tell(const struct regex *r, struct regex_span spans[REGEX_GROUPS])
{
    const struct regex_captures *c = r->captures;
    for (uint32_t i = 0; i < c->then.n; i++) {
        if (r->ops[c->then.pc[i]].code != OP_MATCH)
            continue;
        const int32_t *s = c->then.spans + (size_t)i * c->width;
        for (uint32_t g = 0; g < c->groups; g++)
            if (s[2 * g + 1] >= 0)
                spans[g + 1] = (struct regex_span){ s[2 * g], s[2 * g + 1] };
        return true;
    }
    return false;
}

static struct regex_captures *make_room(struct regex *r, struct memory *m)
{
    regex_room(r, m);
    if (!r->captures) {
        r->captures = memory_take(m, sizeof *r->captures);
        r->captures->groups = r->groups < REGEX_REFS ? r->groups : REGEX_REFS;
        r->captures->width = 4 * r->captures->groups;
    }
    r->captures->now.n = r->captures->then.n = r->captures->stack.n = 0;
    return r->captures;
}

enum regex_verdict regex_captures_run(struct regex *r, struct memory *m, struct regex_text *t,
                                      struct regex_span spans[REGEX_GROUPS])
{
    struct regex_captures *c = make_room(r, m);
    size_t start = (size_t)spans[0].start, end = (size_t)spans[0].end;
    if (t->n > INT32_MAX)
        return REGEX_TOO_MUCH;
    begin(r, m, t, start, start < end);
    for (size_t at = start; at < end; at++) {
        swap(c);
        step(r, m, t, at, at + 1 < end);
        if (t->work > t->work_most)
            return REGEX_TOO_MUCH;
    }
    if (tell(r, spans))
        return REGEX_MATCH;
    if (start < end)
        step(r, m, t, end - 1, true);
    else
        begin(r, m, t, start, true);
    tell(r, spans);
    return REGEX_MATCH;
}

static void list_free(struct memory *m, struct captures_list *l)
{
    memory_give(m, l->pc);
    memory_give(m, l->spans);
}

void regex_captures_free(struct regex *r, struct memory *m)
{
    if (!r->captures)
        return;
    list_free(m, &r->captures->now);
    list_free(m, &r->captures->then);
    list_free(m, &r->captures->stack);
    memory_give(m, r->captures);
}
