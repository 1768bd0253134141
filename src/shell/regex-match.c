#include "shell/regex-inside.h"

#include <string.h>

/* ---- Places ---- */

/* A newline begins and ends lines only where the flags say so. */
static bool newline_at(const struct regex *r, const struct regex_text *t, size_t at)
{
    return (r->flags & (REGEX_NEWLINE | REGEX_GREP)) && t->s[at] == '\n';
}

static bool word_at(const struct regex_text *t, size_t at)
{
    return regex_is_word((uint8_t)t->s[at]);
}

bool regex_at(const struct regex *r, const struct regex_text *t, size_t at, uint8_t place)
{
    bool before = at > 0 && word_at(t, at - 1), behind = at < t->n && word_at(t, at);
    switch ((enum regex_place)place) {
    case PLACE_LINE_START:
        return at == 0 ? !t->not_bol : newline_at(r, t, at - 1);
    case PLACE_LINE_END:
        return at == t->n || newline_at(r, t, at);
    case PLACE_TEXT_START:
        return at == 0;
    case PLACE_TEXT_END:
        return at == t->n;
    case PLACE_WORD_START:
        return !before && behind;
    case PLACE_WORD_END:
        return before && !behind;
    case PLACE_WORD_EDGE:
        return before != behind;
    case PLACE_NO_EDGE:
        return before == behind;
    }
    return false;
}

/* ---- Where a match may begin ---- */

static int64_t skip_to_first(const struct regex *r, const struct regex_text *t, size_t from)
{
    for (size_t i = from; i < t->n; i++)
        if (set_has(&r->first, (uint8_t)t->s[i]))
            return (int64_t)i;
    return -1;
}

static int64_t skip_to_literal(const struct regex *r, const struct regex_text *t, size_t from)
{
    const char *s = t->s + from;
    size_t n = t->n - from;
    const char *found =
        r->literal_n == 1 ? memchr(s, r->literal[0], n) : memmem(s, n, r->literal, r->literal_n);
    return found ? found - t->s : -1;
}

int64_t regex_candidate(const struct regex *r, struct regex_text *t, size_t from)
{
    int64_t at = (int64_t)from;
    if (from > t->n)
        return -1;
    if (r->at_start)
        return from == 0 ? 0 : -1;
    if (r->literal)
        at = skip_to_literal(r, t, from);
    else if (!r->empty)
        at = skip_to_first(r, t, from);
    t->work += ((at < 0 ? t->n : (size_t)at) - from) / 8;
    return at;
}

/* ---- All threads at once ---- */

void regex_room(struct regex *r, struct memory *m)
{
    if (r->marks)
        return;
    size_t n = r->n_ops;
    r->now.pc = memory_array(m, NULL, n, sizeof *r->now.pc);
    r->now.start = memory_array(m, NULL, n, sizeof *r->now.start);
    r->then.pc = memory_array(m, NULL, n, sizeof *r->then.pc);
    r->then.start = memory_array(m, NULL, n, sizeof *r->then.start);
    r->stack = memory_array(m, NULL, n + 1, sizeof *r->stack);
    r->marks = memory_take(m, n * sizeof *r->marks);
}

/* Adds the thread that stands at pc, and all that it can become without taking a byte. */
static void follow(struct regex *r, struct regex_text *t, struct regex_threads *to, uint32_t pc,
                   int64_t start, size_t at)
{
    uint32_t n = 0;
    r->stack[n++] = pc;
    while (n) {
        pc = r->stack[--n];
        if (r->marks[pc] == r->mark)
            continue;
        r->marks[pc] = r->mark;
        t->work++;
        const struct regex_op *op = &r->ops[pc];
        switch ((enum regex_code)op->code) {
        case OP_SPLIT:
            if (r->marks[op->y] != r->mark)
                r->stack[n++] = op->y;
            r->stack[n++] = op->x;
            break;
        case OP_JUMP:
            r->stack[n++] = op->x;
            break;
        case OP_PLACE:
            if (!regex_at(r, t, at, op->byte))
                break;
            r->stack[n++] = pc + 1;
            break;
        case OP_OPEN:
        case OP_CLOSE:
        case OP_CLOSE_OPTIONAL:
            r->stack[n++] = pc + 1;
            break;
        default:
            to->pc[to->n] = pc;
            to->start[to->n++] = start;
        }
    }
}

static bool takes(const struct regex *r, const struct regex_op *op, uint8_t c)
{
    return op->code == OP_BYTE ? op->byte == c : op->code == OP_SET && set_has(&r->sets[op->x], c);
}

/* Threads stand in the order of where they began: those behind the best match's are of no use. */
static void step(struct regex *r, struct regex_text *t, size_t at, struct regex_span *best)
{
    r->then.n = 0;
    r->mark++;
    for (uint32_t i = 0; i < r->now.n; i++) {
        const struct regex_op *op = &r->ops[r->now.pc[i]];
        int64_t start = r->now.start[i];
        if (best->start >= 0 && start > best->start)
            break;
        if (op->code == OP_MATCH)
            *best = (struct regex_span){ start, (int64_t)at };
        else if (at < t->n && takes(r, op, (uint8_t)t->s[at]))
            follow(r, t, &r->then, r->now.pc[i] + 1, start, at + 1);
    }
    t->work += r->now.n;
    struct regex_threads swap = r->now;
    r->now = r->then;
    r->then = swap;
}

static bool may_begin(const struct regex *r, const struct regex_text *t, size_t at)
{
    return r->empty || (at < t->n && set_has(&r->first, (uint8_t)t->s[at]));
}

/* Leftmost, then longest. */
enum regex_verdict regex_threads_run(struct regex *r, struct memory *m, struct regex_text *t,
                                     size_t from, struct regex_span *ret)
{
    struct regex_span best = { -1, -1 };
    regex_room(r, m);
    r->now.n = 0;
    r->mark++;
    for (size_t at = from; at <= t->n; at++) {
        if (best.start < 0 && r->now.n == 0) {
            int64_t candidate = regex_candidate(r, t, at);
            if (candidate < 0)
                break;
            at = (size_t)candidate;
            r->mark++;
        }
        if (best.start < 0 && may_begin(r, t, at))
            follow(r, t, &r->now, 0, (int64_t)at, at);
        if (r->now.n == 0 && best.start >= 0)
            break;
        step(r, t, at, &best);
        if (t->work > t->work_most)
            return REGEX_TOO_MUCH;
    }
    *ret = best;
    return best.start < 0 ? REGEX_NONE : REGEX_MATCH;
}
