#include "shell/arith.h"

#include <stdbool.h>
#include <string.h>

/*
 * Two stacks, of values and of operators that wait for their right side (Dijkstra's shunting yard).
 * An expression counts as one in parentheses; what is left open at its end is closed there once.
 */
static const char bad_syntax[] = "arithmetic syntax error";
static const char bad_choice[] = "malformed ?: operator";
static const char by_zero[] = "divide by zero";
static const char bad_exponent[] = "exponent less than 0";
static const char too_deep[] = "expression recursion loop detected";
static const char said[] = "";

enum op {
    /* clang-format off */
    OP_END, OP_OPEN, OP_CLOSE, OP_COMMA, OP_SET, OP_QUESTION, OP_COLON, OP_OR, OP_AND, OP_BIT_OR, OP_BIT_XOR,
    OP_BIT_AND, OP_EQUAL, OP_UNEQUAL, OP_LESS, OP_MOST, OP_GREATER, OP_LEAST, OP_LEFT, OP_RIGHT, OP_ADD,
    OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_REST, OP_POWER, OP_NOT, OP_INVERT, OP_PLUS, OP_MINUS, OP_BEFORE_UP,
    OP_BEFORE_DOWN, OP_AFTER_UP, OP_AFTER_DOWN
    /* clang-format on */
};

/* What an operator waits for. Those of a rank stand in the order of evaluation, left first but
 * where they group from the right. */
enum rank {
    RANK_OPEN,
    RANK_COMMA,
    RANK_SET,
    RANK_CHOICE,
    RANK_OR,
    RANK_AND,
    RANK_BIT_OR,
    RANK_BIT_XOR,
    RANK_BIT_AND,
    RANK_EQUAL,
    RANK_ORDER,
    RANK_SHIFT,
    RANK_SUM,
    RANK_PRODUCT,
    RANK_POWER,
    RANK_UNARY,
};

struct operator
{
    char text[4];
    uint8_t op, rank;
    uint8_t after; /* of an assignment: what is done with the old value; else OP_END */
};

/* The longer first, where one begins with another. ++ and -- are seen to before. */
static const struct operator operators[] = {
    { "<<=", OP_SET, RANK_SET, OP_LEFT },       { ">>=", OP_SET, RANK_SET, OP_RIGHT },
    { "+=", OP_SET, RANK_SET, OP_ADD },         { "-=", OP_SET, RANK_SET, OP_SUBTRACT },
    { "*=", OP_SET, RANK_SET, OP_MULTIPLY },    { "/=", OP_SET, RANK_SET, OP_DIVIDE },
    { "%=", OP_SET, RANK_SET, OP_REST },        { "&=", OP_SET, RANK_SET, OP_BIT_AND },
    { "|=", OP_SET, RANK_SET, OP_BIT_OR },      { "^=", OP_SET, RANK_SET, OP_BIT_XOR },
    { "**", OP_POWER, RANK_POWER, OP_END },     { "<<", OP_LEFT, RANK_SHIFT, OP_END },
    { ">>", OP_RIGHT, RANK_SHIFT, OP_END },     { "<=", OP_MOST, RANK_ORDER, OP_END },
    { ">=", OP_LEAST, RANK_ORDER, OP_END },     { "==", OP_EQUAL, RANK_EQUAL, OP_END },
    { "!=", OP_UNEQUAL, RANK_EQUAL, OP_END },   { "&&", OP_AND, RANK_AND, OP_END },
    { "||", OP_OR, RANK_OR, OP_END },           { "=", OP_SET, RANK_SET, OP_END },
    { "<", OP_LESS, RANK_ORDER, OP_END },       { ">", OP_GREATER, RANK_ORDER, OP_END },
    { "!", OP_NOT, RANK_UNARY, OP_END },        { "~", OP_INVERT, RANK_UNARY, OP_END },
    { "+", OP_ADD, RANK_SUM, OP_END },          { "-", OP_SUBTRACT, RANK_SUM, OP_END },
    { "*", OP_MULTIPLY, RANK_PRODUCT, OP_END }, { "/", OP_DIVIDE, RANK_PRODUCT, OP_END },
    { "%", OP_REST, RANK_PRODUCT, OP_END },     { "&", OP_BIT_AND, RANK_BIT_AND, OP_END },
    { "|", OP_BIT_OR, RANK_BIT_OR, OP_END },    { "^", OP_BIT_XOR, RANK_BIT_XOR, OP_END },
    { "?", OP_QUESTION, RANK_CHOICE, OP_END },  { ":", OP_COLON, RANK_CHOICE, OP_END },
    { ",", OP_COMMA, RANK_COMMA, OP_END },      { "(", OP_OPEN, RANK_OPEN, OP_END },
    { ")", OP_CLOSE, RANK_OPEN, OP_END },
};
static const struct operator before_up = { "++", OP_BEFORE_UP, RANK_UNARY, OP_END };
static const struct operator before_down = { "--", OP_BEFORE_DOWN, RANK_UNARY, OP_END };
static const struct operator plus = { "+", OP_PLUS, RANK_UNARY, OP_END };
static const struct operator minus = { "-", OP_MINUS, RANK_UNARY, OP_END };

struct value {
    const char *name; /* of a variable whose value was not asked for yet, or NULL */
    size_t n_name;
    int64_t v;
    bool stepped; /* ++ or -- stands behind it: no other may */
    bool pair;    /* of a colon: `second`, too */
    int64_t second;
};

/* A variable whose value is being evaluated. */
struct chain {
    const struct chain *outer;
    const char *name;
    size_t n, depth;
};

enum { FIRST_ROOM = 8 };

/* Of one expression. */
struct arith {
    struct memory *memory;
    const struct arith_scope *scope;
    const struct chain *chain;
    const char *why;
    uint64_t *work;
    uint64_t *inner;      /* characters of variables' values, of the whole */
    struct value *values; /* the first ones, until they are too few; so `waiting` */
    const struct operator** waiting;
    size_t n_values, n_waiting, room_values, room_waiting;
    bool has_value; /* the last that was read is one, so an operator must follow */
    struct value first_values[FIRST_ROOM];
    const struct operator* first_waiting[FIRST_ROOM];
};

static bool evaluate(struct arith *a, const char *s, int64_t *ret);

static bool fail(struct arith *a, const char *why)
{
    a->why = why;
    return false;
}

/* What is first need not be cleared. */
static void begin(struct arith *a, struct memory *m, const struct arith_scope *scope)
{
    memset(a, 0, offsetof(struct arith, first_values));
    a->memory = m;
    a->scope = scope;
}

/* ---- Values ---- */

/* What a variable's own value is worth. */
static bool evaluate_inner(struct arith *a, const char *text, const struct value *x, int64_t *ret)
{
    size_t n = strlen(text), depth = a->chain ? a->chain->depth + 1 : 1;
    *a->inner += n + 1;
    if (depth > ARITH_DEPTH || *a->inner > ARITH_WORK)
        return fail(a, too_deep);
    for (const struct chain *c = a->chain; c; c = c->outer) {
        if (c->n == x->n_name && memcmp(c->name, x->name, c->n) == 0)
            return fail(a, too_deep);
    }
    struct chain chain = { a->chain, x->name, x->n_name, depth };
    struct arith inner;
    begin(&inner, a->memory, a->scope);
    inner.chain = &chain;
    inner.work = a->work;
    inner.inner = a->inner;
    char *copy = memory_bytes(a->memory, text, n);
    bool good = evaluate(&inner, copy, ret);
    memory_give(a->memory, copy);
    return good || fail(a, inner.why);
}

/* A number, without the detour over an expression. */
static bool is_simple(const char *s, int64_t *ret)
{
    int64_t v = 0;
    size_t i = 0;
    while (i < 18 && s[i] >= '0' && s[i] <= '9')
        v = v * 10 + (s[i++] - '0');
    *ret = v;
    return i && !s[i] && (s[0] != '0' || i == 1);
}

static bool resolve(struct arith *a, struct value *x)
{
    if (!x->name)
        return true;
    const char *text = a->scope->get(a->scope->context, x->name, x->n_name);
    if (text && !is_simple(text, &x->v) && !evaluate_inner(a, text, x, &x->v))
        return false;
    x->name = NULL;
    return true;
}

static bool assign(struct arith *a, struct value *x, int64_t v)
{
    char text[ARITH_DIGITS];
    arith_text(v, text);
    if (!a->scope->set(a->scope->context, x->name, x->n_name, text))
        return fail(a, said);
    *x = (struct value){ .v = v };
    return true;
}

/* Room for twice as many items; the first ones are not of the memory. */
static void *grown(struct arith *a, void *items, void *first, size_t *room, size_t size)
{
    void *more = memory_array(a->memory, items == first ? NULL : items, *room * 2, size);
    if (items == first)
        memcpy(more, first, *room * size);
    *room *= 2;
    return more;
}

static void push_value(struct arith *a, struct value x)
{
    if (a->n_values == a->room_values)
        a->values = grown(a, a->values, a->first_values, &a->room_values, sizeof *a->values);
    a->values[a->n_values++] = x;
    a->has_value = true;
}

static void push_waiting(struct arith *a, const struct operator* o)
{
    if (a->n_waiting == a->room_waiting)
        a->waiting = grown(a, a->waiting, a->first_waiting, &a->room_waiting, sizeof o);
    a->waiting[a->n_waiting++] = o;
    a->has_value = false;
}

/* ---- Operators ---- */

static int64_t power(int64_t base, int64_t exponent)
{
    uint64_t result = 1, square = (uint64_t)base;
    for (; exponent; exponent >>= 1, square *= square)
        result *= exponent & 1 ? square : 1;
    return (int64_t)result;
}

static int64_t divide(int64_t x, int64_t y)
{
    return y == -1 ? (int64_t) - (uint64_t)x : x / y;
}

static int64_t of_two(uint8_t op, int64_t x, int64_t y)
{
    uint64_t ux = (uint64_t)x, uy = (uint64_t)y;
    switch (op) {
    case OP_OR:
        return x || y;
    case OP_AND:
        return x && y;
    case OP_BIT_OR:
        return x | y;
    case OP_BIT_XOR:
        return x ^ y;
    case OP_BIT_AND:
        return x & y;
    case OP_EQUAL:
        return x == y;
    case OP_UNEQUAL:
        return x != y;
    case OP_LESS:
        return x < y;
    case OP_MOST:
        return x <= y;
    case OP_GREATER:
        return x > y;
    case OP_LEAST:
        return x >= y;
    case OP_LEFT:
        return (int64_t)(ux << (uy & 63));
    case OP_RIGHT:
        return x >> (uy & 63);
    case OP_ADD:
        return (int64_t)(ux + uy);
    case OP_SUBTRACT:
        return (int64_t)(ux - uy);
    case OP_MULTIPLY:
        return (int64_t)(ux * uy);
    case OP_DIVIDE:
        return divide(x, y);
    case OP_REST:
        return y == -1 ? 0 : x % y;
    case OP_POWER:
        return power(x, y);
    default: /* the comma, and = */
        return y;
    }
}

static bool checked_of_two(struct arith *a, uint8_t op, int64_t x, int64_t y, int64_t *ret)
{
    if (!y && (op == OP_DIVIDE || op == OP_REST))
        return fail(a, by_zero);
    if (y < 0 && op == OP_POWER)
        return fail(a, bad_exponent);
    *ret = of_two(op, x, y);
    return true;
}

static bool step(struct arith *a, struct value *x, int by, bool after)
{
    struct value named = *x;
    if (!x->name)
        return fail(a, bad_syntax);
    if (!resolve(a, x))
        return false;
    int64_t was = x->v, is = (int64_t)((uint64_t)was + (uint64_t)(int64_t)by);
    if (!assign(a, &named, is))
        return false;
    x->v = after ? was : is;
    return true;
}

static bool apply_unary(struct arith *a, uint8_t op, struct value *x)
{
    if (x->pair)
        return fail(a, bad_choice);
    if (op >= OP_BEFORE_UP)
        return step(a, x, op == OP_BEFORE_UP || op == OP_AFTER_UP ? 1 : -1, op >= OP_AFTER_UP);
    if (!resolve(a, x))
        return false;
    if (op == OP_NOT)
        x->v = !x->v;
    else if (op == OP_INVERT)
        x->v = ~x->v;
    else if (op == OP_MINUS)
        x->v = (int64_t) - (uint64_t)x->v;
    return true;
}

/* What stands left of a colon may have been told apart by another already; right of it not. */
static bool apply_choice(struct arith *a, uint8_t op, struct value *x, const struct value *y)
{
    if (op == OP_COLON ? y->pair : !y->pair || x->pair)
        return fail(a, bad_choice);
    if (!resolve(a, x))
        return false;
    if (op == OP_QUESTION) {
        *x = (struct value){ .v = x->v ? y->v : y->second };
    } else {
        x->pair = true;
        x->second = y->v;
    }
    return true;
}

static bool apply_set(struct arith *a, const struct operator* o, struct value *x, int64_t y)
{
    struct value named = *x;
    int64_t v = y;
    if (!x->name)
        return fail(a, bad_syntax);
    if (o->after != OP_END && (!resolve(a, x) || !checked_of_two(a, o->after, x->v, y, &v)))
        return false;
    *x = named;
    return assign(a, x, v);
}

static bool apply(struct arith *a, const struct operator* o)
{
    if (a->n_values < 1 || (o->rank != RANK_UNARY && a->n_values < 2))
        return fail(a, bad_syntax);
    struct value *y = &a->values[a->n_values - 1], *x = y - 1;
    if (o->rank == RANK_UNARY)
        return apply_unary(a, o->op, y);
    a->n_values--;
    if (!resolve(a, y))
        return false;
    if (o->rank == RANK_CHOICE)
        return apply_choice(a, o->op, x, y);
    if (x->pair || y->pair)
        return fail(a, bad_choice);
    if (o->op == OP_SET)
        return apply_set(a, o, x, y->v);
    return resolve(a, x) && checked_of_two(a, o->op, x->v, y->v, &x->v);
}

static bool groups_right(uint8_t rank)
{
    return rank == RANK_SET || rank == RANK_CHOICE || rank == RANK_POWER;
}

/* Those that wait and bind closer than what comes. */
static bool apply_waiting(struct arith *a, uint8_t rank)
{
    while (a->n_waiting) {
        const struct operator* o = a->waiting[a->n_waiting - 1];
        if (o->rank < rank || (o->rank == rank && groups_right(rank)))
            break;
        a->n_waiting--;
        if (!apply(a, o))
            return false;
    }
    return true;
}

static bool close_parenthesis(struct arith *a)
{
    if (!a->has_value)
        return fail(a, bad_syntax);
    if (!apply_waiting(a, RANK_COMMA))
        return false;
    if (!a->n_waiting)
        return fail(a, bad_syntax);
    a->n_waiting--;
    struct value *inside = &a->values[a->n_values - 1];
    inside->stepped = false;
    return resolve(a, inside);
}

/* ---- What stands there ---- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A digit's worth; as much as a base or more where it is none of it. */
static unsigned digit_of(char c, unsigned base)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A') + (base > 36 ? 36 : 10);
    return c == '@' ? 62 : c == '_' ? 63 : 64;
}

/* As strtoull(), but for a number that is too large, which is 0. */
static const char *read_digits(const char *s, unsigned base, uint64_t *ret)
{
    bool over = false;
    uint64_t v = 0;
    for (unsigned d; (d = digit_of(*s, base)) < base; s++)
        over = over || __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v);
    *ret = over ? 0 : v;
    return s;
}

/* BASE#DIGITS wrap around instead; none are 0. */
static const char *read_based(const char *s, unsigned base, uint64_t *ret)
{
    uint64_t v = 0;
    for (unsigned d; (d = digit_of(*s, base)) < base; s++)
        v = v * base + d;
    *ret = v;
    return s;
}

static const char *read_number(struct arith *a, const char *s)
{
    uint64_t v;
    if (a->has_value) {
        fail(a, bad_syntax);
        return NULL;
    }
    if (s[0] == '0' && (s[1] | 0x20) == 'x' && digit_of(s[2], 16) < 16) {
        s = read_digits(s + 2, 16, &v);
    } else if (s[0] == '0') {
        s = read_digits(s, 8, &v);
    } else {
        s = read_digits(s, 10, &v);
        if (*s == '#' && v >= 2 && v <= 64)
            s = read_based(s + 1, (unsigned)v, &v);
    }
    push_value(a, (struct value){ .v = (int64_t)v });
    return s;
}

static const char *read_name(struct arith *a, const char *s)
{
    size_t n = 1;
    while (begins_name(s[n]) || is_digit(s[n]))
        n++;
    if (a->has_value) {
        fail(a, bad_syntax);
        return NULL;
    }
    push_value(a, (struct value){ .name = s, .n_name = n });
    return s + n;
}

/* ++ and -- belong to a name beside them; else they are two signs, of which the first is read. */
static const char *read_step(struct arith *a, const char *s)
{
    bool up = s[0] == '+';
    struct value *last = a->has_value ? &a->values[a->n_values - 1] : NULL;
    if (last && last->name) {
        bool good = apply_unary(a, up ? OP_AFTER_UP : OP_AFTER_DOWN, last);
        last->stepped = true;
        return good ? s + 2 : NULL;
    }
    const char *next = s + 2;
    while (is_space(*next))
        next++;
    bool stepped = last && last->stepped;
    /* The reference looks for the name on its stack of values, past the operator between: "n + --9" is wrong, "3 + --9" is not. */
    bool behind_name = !a->has_value && a->n_values && a->values[a->n_values - 1].name;
    if (!begins_name(*next) && behind_name) {
        fail(a, bad_syntax);
        return NULL;
    }
    if (!begins_name(*next) && !stepped)
        return s;
    if (last) {
        fail(a, bad_syntax);
        return NULL;
    }
    push_waiting(a, up ? &before_up : &before_down);
    return s + 2;
}

static const struct operator* find_operator(const char *s)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        const char *text = operators[i].text;
        if (s[0] == text[0] && strncmp(s, text, strlen(text)) == 0)
            return &operators[i];
    }
    return NULL;
}

static bool put_operator(struct arith *a, const struct operator* o)
{
    if (o->op == OP_CLOSE)
        return close_parenthesis(a);
    if (!a->has_value && (o->op == OP_ADD || o->op == OP_SUBTRACT))
        o = o->op == OP_ADD ? &plus : &minus;
    bool wants_value = o->rank != RANK_UNARY && o->op != OP_OPEN;
    if (wants_value != a->has_value)
        return fail(a, bad_syntax);
    if (wants_value && !apply_waiting(a, o->rank))
        return false;
    push_waiting(a, o);
    return true;
}

static const char *read_operator(struct arith *a, const char *s)
{
    if ((s[0] == '+' || s[0] == '-') && s[1] == s[0]) {
        const char *after = read_step(a, s);
        if (after != s)
            return after;
        return put_operator(a, find_operator(s[0] == '+' ? "+" : "-")) ? s + 1 : NULL;
    }
    const struct operator* o = find_operator(s);
    if (!o) {
        fail(a, bad_syntax);
        return NULL;
    }
    return put_operator(a, o) ? s + strlen(o->text) : NULL;
}

static const struct operator* opening(void)
{
    return &operators[sizeof operators / sizeof *operators - 2];
}

static bool read_all(struct arith *a, const char *s)
{
    while (*s) {
        ++*a->work;
        if (is_space(*s))
            s++;
        else if (is_digit(*s))
            s = read_number(a, s);
        else if (begins_name(*s))
            s = read_name(a, s);
        else
            s = read_operator(a, s);
        if (!s)
            return false;
    }
    return true;
}

static bool finish(struct arith *a, int64_t *ret)
{
    if (!close_parenthesis(a))
        return false;
    if (a->n_values != 1)
        return fail(a, bad_syntax);
    if (a->values[0].pair)
        return fail(a, bad_choice);
    *ret = a->values[0].v;
    return true;
}

static bool evaluate(struct arith *a, const char *s, int64_t *ret)
{
    while (is_space(*s))
        s++;
    *ret = 0;
    if (!*s)
        return true;
    a->values = a->first_values;
    a->waiting = a->first_waiting;
    a->room_values = a->room_waiting = FIRST_ROOM;
    push_waiting(a, opening());
    bool good = read_all(a, s) && finish(a, ret);
    if (a->values != a->first_values)
        memory_give(a->memory, a->values);
    if (a->waiting != a->first_waiting)
        memory_give(a->memory, a->waiting);
    return good;
}

int arith_value(const char *s, struct memory *m, const struct arith_scope *scope, int64_t *ret,
                const char **ret_why, uint64_t *work)
{
    uint64_t steps = 0, inner = 0;
    struct arith a;
    begin(&a, m, scope);
    a.work = &steps;
    a.inner = &inner;
    bool good = evaluate(&a, s, ret);
    if (work)
        *work += steps + inner;
    *ret_why = a.why == said ? NULL : a.why;
    return good ? 0 : 1;
}

size_t arith_text(int64_t v, char to[static ARITH_DIGITS])
{
    char digits[ARITH_DIGITS];
    size_t at = sizeof digits, n = 0;
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (v < 0)
        to[n++] = '-';
    memcpy(to + n, digits + at, sizeof digits - at);
    n += sizeof digits - at;
    to[n] = '\0';
    return n;
}
