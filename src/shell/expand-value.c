#include "shell/arith.h"
#include "shell/expand-inside.h"
#include "shell/vars.h"

#include <string.h>

/* The value of a parameter: of $@ and $* all in one, with NULs between where they are to stay
 * apart. */
struct value {
    const char *s;
    size_t n;
    char *own; /* to be given back */
};

static bool is_list(const struct part *p)
{
    return p->n == 1 && (*p->text == '@' || *p->text == '*');
}

static const char *parameter(struct expansion *x, size_t i)
{
    const char *s = x->scope.positional(x->scope.context, i);
    return s ? s : "";
}

static bool is_set(struct expansion *x, const struct part *p)
{
    return is_list(p) || x->scope.get(x->scope.context, p->text, p->n);
}

static bool is_null(struct expansion *x, const struct part *p)
{
    if (is_list(p)) {
        size_t n = x->scope.count(x->scope.context);
        return !n || (n == 1 && !*parameter(x, 1));
    }
    const char *s = x->scope.get(x->scope.context, p->text, p->n);
    return !s || !*s;
}

/* ---- $@ and $* ---- */

/* What stands between the parameters where they become one text: at most one byte. */
static size_t separator(struct expansion *x, char *ret)
{
    const char *ifs = x->scope.get(x->scope.context, "IFS", 3);
    *ret = ifs ? *ifs : ' ';
    return *ret != '\0';
}

/* Whether they become one text here. */
static bool joins(struct expansion *x, const struct part *p, bool quoted)
{
    return (quoted && *p->text == '*') || expand_sink(x);
}

static void put_joined(struct expansion *x, bool quoted)
{
    size_t count = x->scope.count(x->scope.context);
    char between;
    size_t n = separator(x, &between);
    for (size_t i = 1; i <= count; i++) {
        const char *s = parameter(x, i);
        if (i > 1)
            expand_put(x, &between, n, quoted, false);
        expand_put(x, s, strlen(s), quoted, false);
    }
}

static void put_apart(struct expansion *x, bool quoted)
{
    size_t count = x->scope.count(x->scope.context);
    expand_ready(x, quoted);
    for (size_t i = 1; i <= count; i++) {
        const char *s = parameter(x, i);
        if (i > 1 && quoted)
            fields_break(&x->fields);
        else if (i > 1)
            fields_blank(&x->fields);
        expand_put(x, s, strlen(s), quoted, true);
    }
    x->debt += (int64_t)count;
}

static void put_list(struct expansion *x, const struct part *p, bool quoted)
{
    if (joins(x, p, quoted))
        put_joined(x, quoted);
    else
        put_apart(x, quoted);
}

static struct value list_value(struct expansion *x, const struct part *p, bool quoted)
{
    struct text t = text_of(x->memory);
    size_t count = x->scope.count(x->scope.context);
    char between = '\0';
    size_t n = joins(x, p, quoted) ? separator(x, &between) : 1;
    text_add(&t, "", 0);
    for (size_t i = 1; i <= count; i++) {
        if (i > 1)
            text_add(&t, &between, n);
        text_say(&t, parameter(x, i));
    }
    return (struct value){ t.data, t.len, t.data };
}

static struct value value_of(struct expansion *x, const struct part *p, bool quoted)
{
    if (is_list(p))
        return list_value(x, p, quoted);
    const char *s = x->scope.get(x->scope.context, p->text, p->n);
    return (struct value){ s ? s : "", s ? strlen(s) : 0, NULL };
}

/* What was made of a value, which may be a list's; after expand_ready(). */
static void put_pieces(struct expansion *x, const struct part *p, const char *s, size_t n,
                       bool quoted)
{
    if (quoted)
        expand_mark(x);
    if (!is_list(p) || joins(x, p, quoted)) {
        expand_put(x, s, n, quoted, true);
        return;
    }
    for (const char *end = s + n;;) {
        const char *nul = memchr(s, '\0', (size_t)(end - s));
        expand_put(x, s, (size_t)((nul ? nul : end) - s), quoted, true);
        if (!nul)
            return;
        if (quoted)
            fields_break(&x->fields);
        else
            fields_blank(&x->fields);
        s = nul + 1;
    }
}

/* ---- Parameters ---- */

static void put_number(struct expansion *x, int64_t number, bool quoted)
{
    char digits[ARITH_DIGITS];
    expand_put_value(x, digits, arith_text(number, digits), quoted);
}

static void put_length(struct expansion *x, const struct part *p, bool quoted)
{
    size_t n = 0;
    if (is_list(p)) {
        size_t count = x->scope.count(x->scope.context);
        char between;
        for (size_t i = 1; i <= count; i++)
            n += strlen(parameter(x, i));
        n += count ? (count - 1) * separator(x, &between) : 0;
        x->debt += (int64_t)(count + n / 64);
    } else {
        const char *s = x->scope.get(x->scope.context, p->text, p->n);
        n = s ? strlen(s) : 0;
        x->debt += (int64_t)(n / 64);
    }
    put_number(x, (int64_t)n, quoted);
}

static void put_itself(struct expansion *x, const struct part *p, bool quoted)
{
    if (is_list(p)) {
        if (quoted && (p->op != OP_NONE || *p->text == '*'))
            expand_mark(x);
        put_list(x, p, quoted);
        return;
    }
    expand_ready(x, quoted);
    const char *s = x->scope.get(x->scope.context, p->text, p->n);
    expand_put(x, s ? s : "", s ? strlen(s) : 0, quoted, true);
}

static void unset_error(struct expansion *x, const struct part *p, bool or_null)
{
    expand_fail(x, "%.*s: parameter not set%s", (int)p->n, p->text, or_null ? " or null" : "");
}

/* ${x-word} and ${x+word}: the word goes where the value would. */
static void put_word(struct expansion *x, const struct part *p, bool quoted)
{
    if (quoted)
        expand_mark(x);
    struct level *l = expand_push(x, p, p->argument, DO_NOTHING, COLLECT_NOT);
    l->quoted = quoted;
    l->parted = !quoted;
}

static void assign(struct expansion *x, const struct part *p, bool quoted)
{
    if (!var_name_ok(p->text, p->n)) {
        expand_fail(x, "%.*s: bad variable name", (int)p->n, p->text);
        return;
    }
    expand_push(x, p, p->argument, DO_ASSIGN, COLLECT_TEXT)->value_quoted = quoted;
}

static void complain(struct expansion *x, const struct part *p)
{
    if (p->argument && p->argument->parts)
        expand_push(x, p, p->argument, DO_ERROR, COLLECT_TEXT);
    else
        unset_error(x, p, p->colon);
}

/* - = ? +, which ask whether there is a value. */
static void conditional(struct expansion *x, const struct part *p, bool quoted)
{
    bool has = p->colon ? !is_null(x, p) : is_set(x, p);
    if (p->op == OP_ALTERNATIVE) {
        if (has)
            put_word(x, p, quoted);
        else if (quoted)
            expand_mark(x);
    } else if (has) {
        put_itself(x, p, quoted);
    } else if (p->op == OP_DEFAULT) {
        put_word(x, p, quoted);
    } else if (p->op == OP_ASSIGN) {
        assign(x, p, quoted);
    } else {
        complain(x, p);
    }
}

/* Those that make something else of the value, for which their word must be known. */
static void changing(struct expansion *x, const struct part *p, bool quoted)
{
    static const enum doing doing[] = {
        [OP_SLICE] = DO_SLICE_FROM, [OP_REPLACE] = DO_REPLACE, [OP_REPLACE_ALL] = DO_REPLACE
    };
    enum doing what = p->op >= OP_SLICE ? doing[p->op] : DO_CUT;
    enum collect collect = p->op == OP_SLICE ? COLLECT_TEXT : COLLECT_PATTERN;
    expand_push(x, p, p->argument, what, collect)->value_quoted = quoted;
}

void expand_variable(struct expansion *x, const struct part *p, bool quoted)
{
    bool conditional_op = p->op >= OP_DEFAULT && p->op <= OP_ALTERNATIVE;
    if (p->op == OP_BAD) {
        expand_fail(x, "syntax error: bad substitution");
    } else if (!conditional_op && x->scope.no_unset && !is_set(x, p)) {
        unset_error(x, p, false);
    } else if (p->op == OP_NONE) {
        put_itself(x, p, quoted);
    } else if (p->op == OP_LENGTH) {
        put_length(x, p, quoted);
    } else if (conditional_op) {
        conditional(x, p, quoted);
    } else {
        changing(x, p, quoted);
    }
}

bool expand_simple_variable(struct expansion *x, const struct part *p, bool many)
{
    bool parted = many && !p->quoted;
    if (is_list(p) || x->scope.no_unset)
        return false;
    if (parted)
        expand_ready(x, false);
    const char *s = x->scope.get(x->scope.context, p->text, p->n);
    size_t n = s ? strlen(s) : 0;
    if (parted && !fields_add_value(&x->fields, &x->ifs, s ? s : "", n))
        return false;
    if (!parted)
        fields_add(&x->fields, s ? s : "", n);
    x->debt += (int64_t)(n / 64);
    return true;
}

/* ---- When a word inside is through ---- */

static const char *text_end(struct text *t)
{
    text_add(t, "", 0);
    return t->data;
}

/* From here on text goes to where the level's value goes: its own sink is no more. */
static bool leave(struct level *l)
{
    l->collect = COLLECT_NOT;
    return true;
}

static bool evaluate(struct expansion *x, const char *s, int64_t *ret)
{
    const struct arith_scope scope = { x->scope.context, x->scope.get, x->scope.set };
    const char *why;
    uint64_t work = 0;
    x->failed = arith_value(s, x->memory, &scope, ret, &why, &work);
    x->debt += (int64_t)(work / 16);
    if (x->failed && why)
        expand_fail(x, "%s", why);
    return !x->failed;
}

void expand_arith(struct expansion *x, const char *s, bool quoted)
{
    int64_t number;
    if (evaluate(x, s, &number))
        put_number(x, number, quoted);
}

static bool finish_arith(struct expansion *x, struct level *l)
{
    const char *s = text_end(&l->text);
    leave(l);
    expand_arith(x, s, l->value_quoted);
    return true;
}

/* The value is what the variable then says: its text is parted, too. */
static bool finish_assign(struct expansion *x, struct level *l)
{
    const struct part *p = l->owner;
    if (!x->scope.set(x->scope.context, p->text, p->n, text_end(&l->text))) {
        x->failed = true;
        return true;
    }
    leave(l);
    put_itself(x, p, l->value_quoted);
    return true;
}

static bool finish_error(struct expansion *x, struct level *l)
{
    expand_fail(x, "%.*s: %s", (int)l->owner->n, l->owner->text, text_end(&l->text));
    return true;
}

static bool finish_slice(struct expansion *x, struct level *l, bool counted)
{
    int64_t count = INT64_MAX;
    if (!evaluate(x, text_end(&l->text), counted ? &count : &l->from))
        return true;
    if (!counted && l->owner->second) {
        l->doing = DO_SLICE_COUNT;
        l->next = l->owner->second->parts;
        l->text.len = 0;
        return false;
    }
    leave(l);
    expand_ready(x, l->value_quoted);
    struct value v = value_of(x, l->owner, l->value_quoted);
    int64_t n = (int64_t)v.n, from = l->from < 0 ? l->from + n : l->from;
    if (from < 0 || from > n)
        from = n;
    /* Less than none counts as all: so has it ash. */
    if (count < 0)
        count += n - from;
    if (count < 0 || count > n - from)
        count = n - from;
    put_pieces(x, l->owner, v.s + from, (size_t)count, l->value_quoted);
    memory_give(x->memory, v.own);
    return true;
}

static enum scan_what scan_of(enum part_op op)
{
    switch (op) {
    case OP_CUT_LEFT:
        return SCAN_LEFT;
    case OP_CUT_LEFT_MOST:
        return SCAN_LEFT_MOST;
    case OP_CUT_RIGHT:
        return SCAN_RIGHT;
    case OP_CUT_RIGHT_MOST:
        return SCAN_RIGHT_MOST;
    case OP_REPLACE_ALL:
        return SCAN_REPLACE_ALL;
    default:
        return SCAN_REPLACE;
    }
}

/* The pattern is in `pattern`, what takes its place in `with`. */
static bool finish_scan(struct expansion *x, struct level *l, const struct text *pattern,
                        const struct text *with, int64_t *steps)
{
    const struct part *p = l->owner;
    if (!l->scan) {
        leave(l);
        struct value v = value_of(x, p, l->value_quoted);
        l->scan = scan_make(x->memory, scan_of(p->op), v.s, v.n, pattern->data, pattern->len,
                            with->data, with->len);
        x->debt += (int64_t)(v.n / 64);
        memory_give(x->memory, v.own);
    }
    if (!scan_run(l->scan, steps))
        return false;
    size_t n;
    const char *s = scan_result(l->scan, &n);
    expand_ready(x, l->value_quoted);
    put_pieces(x, p, s, n, l->value_quoted);
    return true;
}

static bool finish_pattern(struct level *l)
{
    l->first = l->text;
    l->text = text_of(l->first.memory);
    l->doing = DO_REPLACE_WITH;
    l->collect = COLLECT_TEXT;
    l->next = l->owner->second ? l->owner->second->parts : NULL;
    return false;
}

bool expand_finish_level(struct expansion *x, int64_t *steps)
{
    struct level *l = expand_top(x);
    static const struct text nothing;
    switch (l->doing) {
    case DO_NOTHING:
        return true;
    case DO_ASSIGN:
        return finish_assign(x, l);
    case DO_ERROR:
        return finish_error(x, l);
    case DO_CUT:
        return finish_scan(x, l, &l->text, &nothing, steps);
    case DO_SLICE_FROM:
    case DO_SLICE_COUNT:
        return finish_slice(x, l, l->doing == DO_SLICE_COUNT);
    case DO_REPLACE:
        return finish_pattern(l);
    case DO_REPLACE_WITH:
        return finish_scan(x, l, &l->first, &l->text, steps);
    case DO_ARITH:
        return finish_arith(x, l);
    }
    return true;
}
