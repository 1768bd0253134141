#include "shell/expand-inside.h"
#include "shell/vars.h"

#include <string.h>

/* ---- Levels ---- */

static void more_levels(struct expansion *x)
{
    bool first = x->levels == x->first_levels;
    size_t room = x->room_levels * 2;
    struct level *levels = memory_array(x->memory, first ? NULL : x->levels, room, sizeof *levels);
    if (first)
        memcpy(levels, x->first_levels, sizeof x->first_levels);
    x->levels = levels;
    x->room_levels = room;
}

struct level *expand_push(struct expansion *x, const struct part *owner, const struct word *word,
                          enum doing doing, enum collect collect)
{
    if (x->n_levels == x->room_levels)
        more_levels(x);
    struct level *l = &x->levels[x->n_levels++];
    *l = (struct level){
        .next = word ? word->parts : NULL,
        .owner = owner,
        .doing = doing,
        .collect = collect,
        .text = text_of(x->memory),
        .first = text_of(x->memory),
    };
    return l;
}

static void pop(struct expansion *x)
{
    struct level *l = expand_top(x);
    text_release(&l->text);
    text_release(&l->first);
    scan_free(l->scan);
    x->n_levels--;
}

void expand_fail(struct expansion *x, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    x->failed = true;
    memory_give(x->memory, x->error);
    x->error = memory_vprint(x->memory, format, args);
    va_end(args);
}

/* ---- Where text goes ---- */

struct level *expand_sink(struct expansion *x)
{
    for (size_t i = x->n_levels; i-- > 0;) {
        if (x->levels[i].collect != COLLECT_NOT)
            return &x->levels[i];
    }
    return NULL;
}

void expand_put(struct expansion *x, const char *s, size_t n, bool quoted, bool parted)
{
    struct level *sink = expand_sink(x);
    x->debt += (int64_t)(n / 64);
    if (sink && quoted && sink->collect == COLLECT_PATTERN)
        pattern_add_quoted(&sink->text, s, n);
    else if (sink)
        text_add(&sink->text, s, n);
    else if (quoted)
        fields_quoted(&x->fields, s, n);
    else if (parted)
        fields_parted(&x->fields, &x->ifs, s, n);
    else if (n)
        fields_plain(&x->fields, s, n);
}

/* IFS may change from one value to the next: ${IFS:=:}. */
void expand_ready(struct expansion *x, bool quoted)
{
    if (quoted || expand_sink(x))
        return;
    ifs_set(&x->ifs, x->scope.get(x->scope.context, "IFS", 3));
    fields_begin_value(&x->fields);
}

void expand_put_value(struct expansion *x, const char *s, size_t n, bool quoted)
{
    expand_ready(x, quoted);
    expand_put(x, s, n, quoted, true);
}

void expand_mark(struct expansion *x)
{
    if (!expand_sink(x))
        fields_quoted(&x->fields, "", 0);
}

/* ---- Parts ---- */

static void put_text(struct expansion *x, const char *s, size_t n, bool quoted)
{
    if (!quoted && expand_top(x)->parted)
        expand_put_value(x, s, n, false);
    else
        expand_put(x, s, n, quoted, false);
}

static void put_tilde(struct expansion *x, const struct part *p)
{
    if (p->declared && !x->assigns) {
        put_text(x, "~", 1, false);
        put_text(x, p->text, p->n, false);
        return;
    }
    char *user = memory_bytes(x->memory, p->text, p->n);
    const char *home = x->scope.home(x->scope.context, user);
    memory_give(x->memory, user);
    if (home && !*home)
        return;
    if (home) {
        expand_put(x, home, strlen(home), true, false);
    } else {
        expand_put(x, "~", 1, false, false);
        expand_put(x, p->text, p->n, false, false);
        /* ash loses what stands behind a name that nobody has. */
        if (p->n)
            expand_top(x)->next = NULL;
    }
}

static void put_arith(struct expansion *x, const struct part *p, bool quoted)
{
    const struct part *inside = p->argument ? p->argument->parts : NULL;
    if (inside && !inside->next && inside->type == PART_TEXT) {
        expand_arith(x, inside->text, quoted);
        return;
    }
    struct level *l = expand_push(x, p, p->argument, DO_ARITH, COLLECT_TEXT);
    l->value_quoted = quoted;
}

static void begin_part(struct expansion *x, const struct part *p)
{
    const struct level *l = expand_top(x);
    bool quoted = p->quoted || l->quoted;
    switch (p->type) {
    case PART_TEXT:
        put_text(x, p->text, p->n, quoted);
        break;
    case PART_VARIABLE:
        expand_variable(x, p, quoted);
        break;
    case PART_ARITH:
        put_arith(x, p, quoted);
        break;
    case PART_TILDE:
        put_tilde(x, p);
        break;
    case PART_COMMAND:
    case PART_READ_FROM:
    case PART_WRITE_TO:
        x->waits = p;
        x->waits_quoted = quoted;
        break;
    }
}

void expand_captured(struct expansion *x, const char *data, size_t n)
{
    const struct part *p = x->waits;
    char *clean = NULL;
    x->waits = NULL;
    if (p->type != PART_COMMAND) {
        expand_put(x, data, n, true, false);
        return;
    }
    if (n && memchr(data, '\0', n)) {
        size_t kept = 0;
        clean = memory_take(x->memory, n);
        for (size_t i = 0; i < n; i++) {
            clean[kept] = data[i];
            kept += data[i] != '\0';
        }
        data = clean;
        n = kept;
    }
    while (n && data[n - 1] == '\n')
        n--;
    expand_put_value(x, data, n, x->waits_quoted);
    memory_give(x->memory, clean);
}

/* ---- Words ---- */

/* NAME=... at the beginning of a word, in the open. */
static bool is_assignment(const struct word *w)
{
    const struct part *p = w->parts;
    if (!p || p->type != PART_TEXT || p->quoted)
        return false;
    const char *is = memchr(p->text, '=', p->n);
    return is && var_name_ok(p->text, (size_t)(is - p->text));
}

static bool many(const struct expansion *x)
{
    return x->how == EXPAND_FIELDS || x->how == EXPAND_DECLARE || x->how == EXPAND_COMMAND;
}

/* Most words have one part, and need no building. */
static bool expand_simply(struct expansion *x, const struct word *w)
{
    const struct part *p = w->parts;
    if (!p || p->next || x->how == EXPAND_PATTERN)
        return false;
    if (p->type == PART_TEXT && (w->plain || p->quoted || !many(x))) {
        fields_add(&x->fields, p->text, p->n);
        return true;
    }
    return p->type == PART_VARIABLE && p->op == OP_NONE && expand_simple_variable(x, p, many(x));
}

/* export, local and their like take assignments, whose values are one field each. */
static void decide(struct expansion *x)
{
    int declares = x->fields.n ? x->scope.declares(x->scope.context, x->fields.done, x->fields.n) : -1;
    if (declares >= 0)
        x->how = declares ? EXPAND_DECLARE : EXPAND_FIELDS;
}

static void begin_word(struct expansion *x)
{
    const struct word *w = x->word;
    x->word = many(x) ? w->next : NULL;
    if (x->how == EXPAND_COMMAND)
        decide(x);
    x->assigns = x->how == EXPAND_DECLARE && is_assignment(w);
    if (expand_simply(x, w))
        return;
    enum collect collect = COLLECT_TEXT;
    if (x->how == EXPAND_PATTERN)
        collect = COLLECT_PATTERN;
    else if (many(x) && !x->assigns)
        collect = COLLECT_NOT;
    expand_push(x, NULL, w, DO_NOTHING, collect);
    x->in_word = true;
}

static void end_word(struct expansion *x)
{
    struct level *l = expand_top(x);
    if (l->collect != COLLECT_NOT) {
        fields_add(&x->fields, l->text.data, l->text.len);
    } else {
        fields_end(&x->fields);
        x->matching = x->fields.n_pending;
    }
    pop(x);
    x->in_word = false;
}

static void match_paths(struct expansion *x, int64_t *steps)
{
    const struct fields_place place = { x->scope.vfs,
                                        x->scope.cwd,
                                        { x->scope.uid, x->scope.gid } };
    x->matching = !fields_match(&x->fields, &place, steps);
}

/* A single text is there even where there was no word. */
static void end_all(struct expansion *x)
{
    x->done = true;
    if (!many(x) && !x->fields.n)
        fields_add(&x->fields, "", 0);
}

static void step(struct expansion *x, int64_t *steps)
{
    if (x->matching) {
        match_paths(x, steps);
    } else if (!x->in_word) {
        if (x->word)
            begin_word(x);
        else
            end_all(x);
    } else if (expand_top(x)->next) {
        struct level *l = expand_top(x);
        const struct part *p = l->next;
        l->next = p->next;
        begin_part(x, p);
    } else if (!expand_top(x)->owner) {
        end_word(x);
    } else if (expand_finish_level(x, steps)) {
        pop(x);
    }
}

enum expand_next expand_run(struct expansion *x, int64_t *steps)
{
    for (bool first = true; !x->done && !x->failed && !x->waits; first = false) {
        *steps -= x->debt;
        x->debt = 0;
        if (*steps <= 0 && !first)
            return EXPAND_AGAIN;
        step(x, steps);
        --*steps;
    }
    if (x->failed)
        return EXPAND_ERROR;
    return x->waits ? EXPAND_CAPTURE : EXPAND_DONE;
}

/* ---- Beginning and end ---- */

struct expansion *expand_make(struct memory *m, const struct expand_scope *scope,
                              const struct word *words, enum expand_how how)
{
    struct expansion *x = memory_take(m, sizeof *x);
    x->memory = m;
    x->scope = *scope;
    x->word = words;
    x->how = how;
    x->levels = x->first_levels;
    x->room_levels = sizeof x->first_levels / sizeof *x->first_levels;
    x->fields.memory = m;
    x->fields.text = text_of(m);
    x->fields.paths = many(x) && !scope->no_glob;
    return x;
}

void expand_free(struct expansion *x)
{
    if (!x)
        return;
    while (x->n_levels)
        pop(x);
    fields_release(&x->fields);
    if (x->levels != x->first_levels)
        memory_give(x->memory, x->levels);
    memory_give(x->memory, x->error);
    memory_give(x->memory, x);
}

const struct node *expand_tree(const struct expansion *x)
{
    return x->waits->tree;
}

enum part_type expand_part(const struct expansion *x)
{
    return x->waits->type;
}

const char *expand_error(const struct expansion *x)
{
    return x->error ? x->error : "";
}

char **expand_take(struct expansion *x, size_t *ret_n)
{
    char **fields = x->fields.done;
    *ret_n = x->fields.n;
    if (!fields)
        fields = memory_take(x->memory, sizeof *fields);
    x->fields.done = NULL;
    x->fields.n = x->fields.room = 0;
    return fields;
}
