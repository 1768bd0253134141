#include "shell/regex-inside.h"

#include <string.h>

/*
 * Expressions with back-references: one path after the other, in the order of their choices; the
 * longest match wins, the first path of that length tells the groups. Where a path comes to where
 * another has been with the same groups, it is left. A text that needs too many steps is given up.
 */
enum {
    WAYS_MOST = 1 << 17, /* choices that wait */
    SEEN_LEAST = 1 << 8,
    SEEN_MOST = 1 << 15, /* of those no more are remembered */
};

/* A choice that waits (slot -1), or what a slot was before the choice above it. */
struct way {
    int32_t slot;
    uint32_t value; /* the operation; the slot's old value */
    uint32_t at;
};

struct paths {
    struct regex *r;
    struct memory *memory;
    struct regex_text *text;
    uint32_t groups;
    int32_t spans[4 * REGEX_REFS];
    struct way *ways;
    uint32_t n, room;
    uint64_t *seen; /* hashes; 0 is free */
    uint32_t seen_n, seen_room;
    bool too_much;
    int64_t end; /* of the longest match so far, or -1 */
    int32_t best[2 * REGEX_REFS];
};

static void wait(struct paths *p, int32_t slot, uint32_t value, uint32_t at)
{
    if (p->n == WAYS_MOST) {
        p->too_much = true;
        return;
    }
    if (p->n == p->room) {
        p->room = p->room ? p->room * 2 : 64;
        p->ways = memory_array(p->memory, p->ways, p->room, sizeof *p->ways);
    }
    p->ways[p->n++] = (struct way){ slot, value, at };
}

/* ---- Where paths have been ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

static uint64_t hash_of(const struct paths *p, uint32_t pc, size_t at)
{
    uint64_t h = mix(mix(pc, at), p->groups);
    for (uint32_t i = 0; i < 4 * p->groups; i++)
        h = mix(h, (uint32_t)p->spans[i]);
    return h ? h : 1;
}

static bool seen_put(uint64_t *seen, uint32_t room, uint64_t h)
{
    uint32_t i = (uint32_t)(h >> 32) & (room - 1);
    while (seen[i] && seen[i] != h)
        i = (i + 1) & (room - 1);
    bool had = seen[i] == h;
    seen[i] = h;
    return had;
}

/* When it is full it forgets all. */
static void seen_grow(struct paths *p)
{
    uint64_t *old = p->seen;
    uint32_t had = p->seen_room;
    if (had == SEEN_MOST) {
        memset(p->seen, 0, had * sizeof *p->seen);
        p->seen_n = 0;
        return;
    }
    p->seen_room = had ? had * 4 : SEEN_LEAST;
    if (p->seen_room > SEEN_MOST)
        p->seen_room = SEEN_MOST;
    p->seen = memory_take(p->memory, p->seen_room * sizeof *p->seen);
    for (uint32_t i = 0; i < had; i++)
        if (old[i])
            seen_put(p->seen, p->seen_room, old[i]);
    memory_give(p->memory, old);
}

static bool been_here(struct paths *p, uint32_t pc, size_t at)
{
    if (p->seen_n * 2 >= p->seen_room)
        seen_grow(p);
    bool had = seen_put(p->seen, p->seen_room, hash_of(p, pc, at));
    p->seen_n += !had;
    return had;
}

/* ---- Groups ---- */

/* What changes is written down, for the way back. */
static void spans_become(struct paths *p, const int32_t *spans)
{
    for (uint32_t i = 0; i < 4 * p->groups; i++) {
        if (p->spans[i] == spans[i])
            continue;
        wait(p, (int32_t)i, (uint32_t)p->spans[i], 0);
        p->spans[i] = spans[i];
    }
}

static void group(struct paths *p, const struct regex_op *op, size_t at)
{
    int32_t spans[4 * REGEX_REFS];
    memcpy(spans, p->spans, sizeof spans);
    if (op->code == OP_OPEN)
        regex_group_open(op->x, p->groups, (int32_t)at, spans);
    else
        regex_group_close(op->x, p->groups, (int32_t)at, op->code == OP_CLOSE_OPTIONAL, spans);
    spans_become(p, spans);
}

/* The text of a group stands here again: how far it goes, or -1. A group that took no part is
 * nowhere. */
static int64_t reference(struct paths *p, uint8_t group, size_t at)
{
    int32_t start = p->spans[2 * group - 2], end = p->spans[2 * group - 1];
    if (end < 0)
        return -1;
    size_t n = (size_t)(end - start);
    if (n > p->text->n - at)
        return -1;
    const char *a = p->text->s + start, *b = p->text->s + at;
    p->text->work += n;
    for (size_t i = 0; i < n; i++)
        if (regex_fold(p->r->flags, (uint8_t)a[i]) != regex_fold(p->r->flags, (uint8_t)b[i]))
            return -1;
    return (int64_t)(at + n);
}

/* ---- Paths ---- */

static void matched(struct paths *p, size_t at)
{
    if ((int64_t)at <= p->end)
        return;
    p->end = (int64_t)at;
    memcpy(p->best, p->spans, 2 * p->groups * sizeof *p->best);
}

static bool takes(const struct paths *p, const struct regex_op *op, size_t at)
{
    if (at >= p->text->n)
        return false;
    uint8_t c = (uint8_t)p->text->s[at];
    return op->code == OP_BYTE ? op->byte == c : set_has(&p->r->sets[op->x], c);
}

/* One operation: where the path goes on, or false where it ends. */
static bool advance(struct paths *p, uint32_t *pc, size_t *at)
{
    const struct regex_op *op = &p->r->ops[*pc];
    int64_t end;
    switch ((enum regex_code)op->code) {
    case OP_SPLIT:
        if (been_here(p, *pc, *at))
            return false;
        wait(p, -1, op->y, (uint32_t)*at);
        *pc = op->x;
        return true;
    case OP_JUMP:
        *pc = op->x;
        return true;
    case OP_PLACE:
        ++*pc;
        return regex_at(p->r, p->text, *at, op->byte);
    case OP_OPEN:
    case OP_CLOSE:
    case OP_CLOSE_OPTIONAL:
        group(p, op, *at);
        ++*pc;
        return true;
    case OP_REFERENCE:
        end = reference(p, op->byte, *at);
        ++*pc;
        *at = end < 0 ? *at : (size_t)end;
        return end >= 0;
    case OP_MATCH:
        matched(p, *at);
        return false;
    case OP_BYTE:
    case OP_SET:
        break;
    }
    ++*pc;
    return takes(p, op, (*at)++);
}

static void path(struct paths *p, uint32_t pc, size_t at)
{
    while (!p->too_much && advance(p, &pc, &at))
        if (++p->text->work > p->text->work_most)
            p->too_much = true;
}

/* All paths that begin here, unless one takes the whole text: there is no longer one. */
static void paths_from(struct paths *p, size_t at)
{
    memset(p->spans, 0xff, sizeof p->spans);
    p->n = 0;
    if (p->seen)
        memset(p->seen, 0, p->seen_room * sizeof *p->seen);
    p->seen_n = 0;
    path(p, 0, at);
    while (p->n && !p->too_much && p->end != (int64_t)p->text->n) {
        struct way *w = &p->ways[--p->n];
        if (w->slot >= 0)
            p->spans[w->slot] = (int32_t)w->value;
        else
            path(p, w->value, w->at);
    }
}

static void tell(const struct paths *p, size_t start, struct regex_span spans[REGEX_GROUPS])
{
    spans[0] = (struct regex_span){ (int64_t)start, p->end };
    for (uint32_t g = 0; g < p->groups; g++)
        if (p->best[2 * g + 1] >= 0)
            spans[g + 1] = (struct regex_span){ p->best[2 * g], p->best[2 * g + 1] };
}

enum regex_verdict regex_paths_run(struct regex *r, struct memory *m, struct regex_text *t,
                                   size_t from, struct regex_span spans[REGEX_GROUPS])
{
    struct paths p = { .r = r, .memory = m, .text = t, .end = -1 };
    p.groups = r->groups < REGEX_REFS ? r->groups : REGEX_REFS;
    int64_t at = t->n > INT32_MAX ? -1 : regex_candidate(r, t, from);
    while (at >= 0 && p.end < 0 && !p.too_much) {
        paths_from(&p, (size_t)at);
        if (p.end >= 0)
            tell(&p, (size_t)at, spans);
        else
            at = regex_candidate(r, t, (size_t)at + 1);
    }
    memory_give(m, p.ways);
    memory_give(m, p.seen);
    return p.end >= 0 ? REGEX_MATCH : p.too_much ? REGEX_TOO_MUCH : REGEX_NONE;
}
