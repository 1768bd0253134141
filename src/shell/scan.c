#include "shell/scan.h"
#include "shell/pattern.h"

#include <string.h>

/* An element of a pattern. Of brackets it is found out once for each byte that is met. */
enum kind { KIND_BYTE, KIND_ANY, KIND_STAR, KIND_BRACKET, KIND_NEVER };

struct bracket {
    const char *text;
    size_t n;
    uint64_t known[4], in[4];
};

struct element {
    uint8_t kind, byte;
    uint32_t bracket;
};

/* States of the pattern's automaton: so many of its elements have been matched. */
struct states {
    uint32_t *at;
    size_t n;
};

struct scan {
    struct memory *memory;
    enum scan_what what;
    char *value, *pattern;
    size_t n;
    const char *with;
    size_t n_with;

    struct element *elements; /* backwards where what is cut stands on the right */
    size_t n_elements;
    struct bracket *brackets;
    size_t n_brackets;
    struct states now, next;
    uint32_t *seen, turn; /* the turn that a state was last added in */
    uint64_t work;

    size_t from, to;  /* the piece between NULs that is looked at */
    size_t start, at; /* where the automaton was begun, and how far it has come */
    bool running, found;
    size_t best; /* where the match that was found ends */
    bool done;
    size_t result_from, result_to;
    struct text out;
};

/* ---- The pattern ---- */

static void add_element(struct scan *s, struct element e)
{
    s->elements[s->n_elements++] = e;
}

static void add_bracket(struct scan *s, const char *text, size_t n)
{
    add_element(s, (struct element){ .kind = KIND_BRACKET, .bracket = (uint32_t)s->n_brackets });
    s->brackets[s->n_brackets++] = (struct bracket){ .text = text, .n = n };
}

/* The element at the beginning of n bytes; how many it takes. */
static size_t read_element(struct scan *s, const char *p, size_t n, bool *brackets)
{
    bool in;
    if (*p == '*') {
        if (!s->n_elements || s->elements[s->n_elements - 1].kind != KIND_STAR)
            add_element(s, (struct element){ .kind = KIND_STAR });
        return 1;
    }
    if (*p == '?') {
        add_element(s, (struct element){ .kind = KIND_ANY });
        return 1;
    }
    if (*p == '[' && *brackets) {
        size_t length = pattern_one(p, n, 0, &in);
        *brackets = length > 1; /* where one has no end, none behind it has */
        if (length > 1) {
            add_bracket(s, p, length);
            return length;
        }
    }
    if (*p == '\\') {
        add_element(s, (struct element){ .kind = n > 1 ? KIND_BYTE : KIND_NEVER,
                                         .byte = (uint8_t)p[n > 1] });
        return n > 1 ? 2 : 1;
    }
    add_element(s, (struct element){ .kind = KIND_BYTE, .byte = (uint8_t)*p });
    return 1;
}

static void turn_around(struct scan *s)
{
    for (size_t i = 0, j = s->n_elements; i + 1 < j; i++) {
        struct element e = s->elements[i];
        s->elements[i] = s->elements[--j];
        s->elements[j] = e;
    }
}

static bool is_right(const struct scan *s)
{
    return s->what == SCAN_RIGHT || s->what == SCAN_RIGHT_MOST;
}

static size_t count_brackets(const char *p, size_t n)
{
    size_t count = 0;
    for (const char *end = p + n; (p = memchr(p, '[', (size_t)(end - p))); p++)
        count++;
    return count;
}

static void compile(struct scan *s, size_t n)
{
    bool brackets = true;
    struct memory *m = s->memory;
    size_t most = count_brackets(s->pattern, n);
    s->elements = memory_array(m, NULL, n + 1, sizeof *s->elements);
    s->brackets = most ? memory_array(m, NULL, most, sizeof *s->brackets) : NULL;
    for (size_t i = 0; i < n;)
        i += read_element(s, s->pattern + i, n - i, &brackets);
    if (is_right(s))
        turn_around(s);
    size_t states = s->n_elements + 1;
    s->now.at = memory_array(m, NULL, states, sizeof *s->now.at);
    s->next.at = memory_array(m, NULL, states, sizeof *s->next.at);
    s->seen = memory_take(m, states * sizeof *s->seen);
}

struct scan *scan_make(struct memory *m, enum scan_what what, const char *value, size_t n,
                       const char *pattern, size_t n_pattern, const char *with, size_t n_with)
{
    struct scan *s = memory_take(m, sizeof *s);
    s->memory = m;
    s->what = what;
    s->n = s->result_to = n;
    s->value = memory_bytes(m, value, n);
    s->pattern = memory_bytes(m, pattern, n_pattern);
    s->with = with;
    s->n_with = n_with;
    s->out = text_of(m);
    compile(s, n_pattern);
    const char *end = memchr(s->value, '\0', n);
    s->to = end ? (size_t)(end - s->value) : n;
    if (what == SCAN_RIGHT && end) {
        s->from = (size_t)((const char *)memrchr(s->value, '\0', n) - s->value) + 1;
        s->to = n;
    }
    s->done = !n_pattern;
    if (s->done && what == SCAN_RIGHT_MOST)
        s->result_to = s->to;
    return s;
}

void scan_free(struct scan *s)
{
    if (!s)
        return;
    void *const parts[] = { s->value,  s->pattern, s->elements, s->brackets,
                            s->now.at, s->next.at, s->seen };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        memory_give(s->memory, parts[i]);
    text_release(&s->out);
    memory_give(s->memory, s);
}

/* ---- The automaton ---- */

static bool in_bracket(struct scan *s, struct bracket *b, uint8_t c)
{
    uint64_t bit = 1ULL << (c & 63);
    if (!(b->known[c >> 6] & bit)) {
        bool in;
        s->work += b->n;
        pattern_one(b->text, b->n, c, &in);
        b->known[c >> 6] |= bit;
        b->in[c >> 6] |= in ? bit : 0;
    }
    return b->in[c >> 6] & bit;
}

static bool takes(struct scan *s, const struct element *e, uint8_t c)
{
    switch ((enum kind)e->kind) {
    case KIND_BYTE:
        return e->byte == c;
    case KIND_ANY:
    case KIND_STAR:
        return true;
    case KIND_BRACKET:
        return in_bracket(s, &s->brackets[e->bracket], c);
    case KIND_NEVER:
        return false;
    }
    return false;
}

/* A star may be passed over. */
static void add_state(struct scan *s, struct states *to, uint32_t state)
{
    for (;; state++) {
        if (s->seen[state] == s->turn)
            return;
        s->seen[state] = s->turn;
        to->at[to->n++] = state;
        if (state == s->n_elements || s->elements[state].kind != KIND_STAR)
            return;
    }
}

static void new_turn(struct scan *s)
{
    if (++s->turn == 0) {
        memset(s->seen, 0, (s->n_elements + 1) * sizeof *s->seen);
        s->turn = 1;
    }
}

static void begin(struct scan *s, size_t start)
{
    s->running = true;
    s->found = false;
    s->start = s->at = start;
    s->now.n = 0;
    new_turn(s);
    add_state(s, &s->now, 0);
}

static void advance(struct scan *s, uint8_t c)
{
    s->next.n = 0;
    new_turn(s);
    s->work += s->now.n + 1;
    for (size_t i = 0; i < s->now.n; i++) {
        uint32_t state = s->now.at[i];
        if (state < s->n_elements && takes(s, &s->elements[state], c))
            add_state(s, &s->next, s->elements[state].kind == KIND_STAR ? state : state + 1);
    }
    struct states was = s->now;
    s->now = s->next;
    s->next = was;
}

/* All elements matched: the last state is among them, and it was added in this turn. */
static bool accepts(const struct scan *s)
{
    return s->now.n && s->seen[s->n_elements] == s->turn;
}

/* One byte on, in the scan's direction; false: the match that there is is as long as can be. */
static bool go_on(struct scan *s, bool shortest)
{
    bool right = is_right(s);
    if (accepts(s)) {
        s->found = true;
        s->best = s->at;
    }
    if ((s->found && shortest) || !s->now.n || s->at == (right ? s->from : s->to))
        return false;
    advance(s, (uint8_t)s->value[right ? s->at - 1 : s->at]);
    s->at = right ? s->at - 1 : s->at + 1;
    return true;
}

/* ---- What is done with it ---- */

static void cut_left(struct scan *s)
{
    if (!s->running)
        begin(s, 0);
    if (go_on(s, s->what == SCAN_LEFT))
        return;
    s->done = true;
    if (s->found)
        s->result_from = s->what == SCAN_LEFT_MOST && s->best == s->to ? s->n : s->best;
}

/* From the right one piece is tried after the other; the longest match is looked for in the first
 * alone. */
static bool other_piece(struct scan *s)
{
    if (s->what == SCAN_RIGHT_MOST || !s->from)
        return false;
    s->to = s->from - 1;
    const char *before = memrchr(s->value, '\0', s->to);
    s->from = before ? (size_t)(before - s->value) + 1 : 0;
    return true;
}

static void cut_right(struct scan *s)
{
    if (!s->running)
        begin(s, s->to);
    if (go_on(s, s->what == SCAN_RIGHT))
        return;
    s->running = false;
    s->done = s->found || !other_piece(s);
    if (s->found)
        s->result_to = s->best;
}

static void finish_replacing(struct scan *s, size_t to)
{
    text_add(&s->out, s->value + s->result_from, to - s->result_from);
    s->done = true;
}

/* result_from is where what was not yet put out begins. */
static void replace(struct scan *s)
{
    size_t end = s->found && s->best == s->to ? s->n : s->best;
    text_add(&s->out, s->value + s->result_from, s->start - s->result_from);
    text_add(&s->out, s->with, s->n_with);
    s->work += s->n_with;
    s->result_from = end;
    s->start = end > s->start ? end : end + 1;
    if (s->what == SCAN_REPLACE) {
        const char *nul = memchr(s->value + end, '\0', s->n - end);
        finish_replacing(s, nul ? (size_t)(nul - s->value) : s->n);
    }
}

/* Where a match might begin next; false: nowhere any more. */
static bool next_start(struct scan *s)
{
    const struct element *first = s->elements;
    if (s->start >= s->n)
        return !s->n && !s->start;
    if (first->kind == KIND_BYTE) {
        const char *at = memchr(s->value + s->start, first->byte, s->n - s->start);
        size_t to = at ? (size_t)(at - s->value) : s->n;
        s->work += (to - s->start) / 16;
        s->start = to;
    }
    return s->start < s->n;
}

static void try_replacing(struct scan *s)
{
    if (!s->running) {
        if (!next_start(s)) {
            finish_replacing(s, s->n);
            return;
        }
        if (s->start > s->to) {
            const char *nul = memchr(s->value + s->start, '\0', s->n - s->start);
            s->to = nul ? (size_t)(nul - s->value) : s->n;
        }
        begin(s, s->start);
    }
    if (go_on(s, false))
        return;
    s->running = false;
    if (s->found && (s->best > s->start || !s->n))
        replace(s);
    else
        s->start++;
}

bool scan_run(struct scan *s, int64_t *steps)
{
    uint64_t most = *steps > 0 ? (uint64_t)*steps * 16 : 1;
    s->work = 0;
    while (!s->done && s->work < most) {
        if (is_right(s))
            cut_right(s);
        else if (s->what <= SCAN_LEFT_MOST)
            cut_left(s);
        else
            try_replacing(s);
        s->work++;
    }
    *steps -= (int64_t)(s->work / 16) + 1;
    return s->done;
}

const char *scan_result(const struct scan *s, size_t *ret_n)
{
    if (s->what >= SCAN_REPLACE && s->n_elements) {
        *ret_n = s->out.len;
        return s->out.data ? s->out.data : "";
    }
    *ret_n = s->result_to - s->result_from;
    return s->value + s->result_from;
}
