/* What the instructions do. */
#include "shell/awk/operations.h"
#include "shell/awk/builtin.h"
#include "shell/awk/calls.h"
#include "shell/awk/stack.h"

#include <math.h>
#include <string.h>

struct awk_value awk_load_variable(struct awk *a, uint32_t variable)
{
    struct awk_value v = value_keep(&awk_cell_of(a, variable)->value);
    v.origin = 0;
    return v;
}

struct awk_value awk_load_element(struct awk *a, uint32_t array, struct awk_value *key)
{
    char digits[24];
    struct awk_item *i;
    if (key->kind == AWK_NUMBER && awk_number_is_whole(key->num)) {
        i = awk_array_at(&a->pool, awk_array_of(a, array), digits,
                         awk_number_whole(key->num, digits));
    } else {
        struct awk_str *s = awk_str_of(a, key);
        i = awk_array_at(&a->pool, awk_array_of(a, array), s->data, s->len);
        str_drop(&a->pool, s);
    }
    return value_keep(&i->value);
}

/* What a getline, ++ or sub() works on. */
static struct awk_value load_place(struct awk *a, enum awk_place place, uint32_t b,
                                   struct awk_value *key)
{
    switch (place) {
    case PLACE_VAR:
        return awk_load_variable(a, b);
    case PLACE_FIELD:
        return awk_field_get(a, awk_field_index(a, key));
    case PLACE_ELEMENT:
        return awk_load_element(a, b, key);
    default:
        return value_keep(key);
    }
}

static size_t keys_of(enum awk_place place)
{
    return place == PLACE_FIELD || place == PLACE_ELEMENT;
}

/* What leads to a place, where anything does. */
static struct awk_value *key_of(struct awk *a, enum awk_place place, size_t below)
{
    return place == PLACE_VAR ? NULL : top(a, below);
}

static void step_place(struct awk *a, const struct awk_code *k)
{
    enum awk_place place = (enum awk_place)k->a;
    struct awk_value *key = key_of(a, place, 0);
    struct awk_value v = load_place(a, place, (uint32_t)k->b, key);
    double before = value_num(&v),
           after = before + (k->n == STEP_PRE_UP || k->n == STEP_POST_UP ? 1 : -1);
    value_drop(&a->pool, &v);
    awk_set_place(a, place, (uint32_t)k->b, key, value_number(after));
    answer_number(a, keys_of(place), k->n == STEP_PRE_UP || k->n == STEP_PRE_DOWN ? after : before);
}

double awk_arithmetic(struct awk *a, enum awk_op op, double l, double r)
{
    switch (op) {
    case OP_ADD:
        return l + r;
    case OP_SUB:
        return l - r;
    case OP_MUL:
        return l * r;
    case OP_POW:
        if (!proc_machine(a->p)->awk_math)
            awk_fail(a, "Math support is not compiled in");
        return pow(l, r);
    default:
        break;
    }
    if (r == 0)
        awk_fail(a, "Division by zero");
    return op == OP_DIV ? l / r : l - (double)awk_number_int64(l / r) * r;
}

void awk_concatenate(struct awk *a, size_t n, const struct awk_str *between)
{
    struct awk_value *v = top(a, n - 1);
    size_t whole = between ? between->len * (n - 1) : 0;
    for (size_t i = 0; i < n; i++) {
        if (!value_has_str(&v[i]))
            v[i] = value_string(awk_str_of(a, &v[i]));
        whole += v[i].str->len;
    }
    struct awk_str *s = awk_str_room(&a->pool, whole);
    char *to = s->data;
    for (size_t i = 0; i < n; i++) {
        if (i && between)
            to = mempcpy(to, between->data, between->len);
        to = mempcpy(to, v[i].str->data, v[i].str->len);
    }
    a->steps -= (int64_t)(whole / 64);
    answer(a, n, value_string(s));
}

static void subscript(struct awk *a, size_t n)
{
    struct awk_str *between = awk_special_str(a, V_SUBSEP);
    awk_concatenate(a, n, between);
    str_drop(&a->pool, between);
}

void awk_match_text(struct awk *a, bool not )
{
    struct awk_str *s = awk_str_of(a, top(a, 1));
    bool found = awk_regex_find(a, awk_regex_of(a, top(a, 0)), s->data, s->len, false, NULL);
    str_drop(&a->pool, s);
    answer_number(a, 2, found != not );
}

void awk_match_line(struct awk *a, uint32_t regex)
{
    struct awk_value v = awk_record_get(a);
    struct awk_str *s = awk_str_of(a, &v);
    bool found = awk_regex_find(a, awk_regex_program(a, regex), s->data, s->len, false, NULL);
    str_drop(&a->pool, s);
    value_drop(&a->pool, &v);
    push(a, value_number(found));
}

static void membership(struct awk *a, uint32_t array)
{
    struct awk_str *key = awk_str_of(a, top(a, 0));
    bool found = awk_array_find(&a->pool, awk_array_of(a, array), key->data, key->len) != NULL;
    str_drop(&a->pool, key);
    answer_number(a, 1, found);
}

bool awk_walk_on(struct awk *a)
{
    struct awk_walk *w = top(a, 0)->walk;
    if (w->at == w->n)
        return false;
    push(a, value_user(w->keys[w->at++]));
    return true;
}

static void delete_element(struct awk *a, uint32_t array)
{
    struct awk_str *key = awk_str_of(a, top(a, 0));
    awk_array_remove(&a->pool, awk_array_of(a, array), key->data, key->len);
    str_drop(&a->pool, key);
    drop(a, 1);
}

void awk_set_element(struct awk *a, uint32_t array)
{
    struct awk_value v = a->stack[--a->n_stack];
    v.origin = 0;
    awk_set_place(a, PLACE_ELEMENT, array, top(a, 0), value_keep(&v));
    answer(a, 1, v);
}

/* The line that getline was told of, where it goes. */
static void got_line(struct awk *a, const struct awk_code *k, struct awk_value *key,
                     struct awk_value line)
{
    if (k->n == PLACE_NONE)
        awk_record_set(a, line);
    else
        awk_set_place(a, (enum awk_place)k->n, (uint32_t)k->b, key, line);
}

/* On the stack: the command, what leads to the place, the file. */
static enum awk_wait get_line(struct awk *a, const struct awk_code *k)
{
    enum awk_got got = GOT_ERROR;
    struct awk_value line;
    enum awk_wait w = AWK_GO;
    size_t keys = keys_of((enum awk_place)k->n), values = keys + (k->a != SOURCE_MAIN);
    if (k->n == PLACE_FIELD && !awk_record_ready(a))
        return AWK_AGAIN;
    if (k->a == SOURCE_MAIN) {
        w = awk_read_here(a, &got, &line);
    } else {
        struct awk_str *name = awk_str_of(a, top(a, k->a == SOURCE_FILE ? 0 : keys));
        struct awk_stream *s = awk_stream_in(a, name, k->a == SOURCE_COMMAND);
        str_drop(&a->pool, name);
        if (s)
            w = awk_read_record(a, s, &got, &line);
    }
    if (w != AWK_GO)
        return w;
    if (got == GOT_RECORD)
        got_line(a, k, keys ? top(a, k->a == SOURCE_FILE ? 1 : 0) : NULL, line);
    answer_number(a, values, got);
    return AWK_GO;
}

static void redirect(struct awk *a, enum awk_redirect how)
{
    struct awk_str *name = awk_str_of(a, top(a, 0));
    uint32_t i = 0;
    awk_stream_out(a, name, how, &i);
    str_drop(&a->pool, name);
    answer(a, 1, (struct awk_value){ .kind = AWK_STREAM, .origin = i });
    a->printing++;
}

static void put_special(struct awk *a, struct awk_stream *to, enum awk_special v)
{
    struct awk_str *s = awk_special_str(a, v);
    awk_stream_put(a, to, s->data, s->len);
    str_drop(&a->pool, s);
}

/* Numbers are printed with OFMT. */
static void put_value(struct awk *a, struct awk_stream *to, const struct awk_value *v)
{
    if (v->kind != AWK_NUMBER || awk_number_is_whole(v->num)) {
        struct awk_str *s = awk_str_of(a, v);
        awk_stream_put(a, to, s->data, s->len);
        str_drop(&a->pool, s);
        return;
    }
    struct awk_str *format = awk_special_str(a, V_OFMT);
    struct text t = text_of(a->m);
    awk_format_number(a, format, v->num, &t);
    awk_stream_put(a, to, t.data, t.len);
    text_release(&t);
    str_drop(&a->pool, format);
}

static struct awk_stream *stream_at(struct awk *a, bool elsewhere, size_t below)
{
    return elsewhere ? a->streams[top(a, below)->origin] : NULL;
}

static void print_item(struct awk *a, const struct awk_code *k)
{
    struct awk_stream *to = stream_at(a, k->a, 1);
    put_value(a, to, top(a, 0));
    if (k->n)
        put_special(a, to, V_OFS);
    drop(a, 1);
}

static void print_end(struct awk *a, const struct awk_code *k)
{
    struct awk_stream *to = stream_at(a, k->a, 0);
    if (k->n) {
        struct awk_value v = awk_record_get(a);
        put_value(a, to, &v);
        value_drop(&a->pool, &v);
    }
    put_special(a, to, V_ORS);
    drop(a, k->a);
}

static void print_formatted(struct awk *a, const struct awk_code *k)
{
    struct awk_stream *to = stream_at(a, k->a, k->n);
    if (k->n) {
        struct awk_value *args = top(a, k->n - 1u);
        struct awk_str *format = awk_str_of(a, &args[0]);
        struct text t = text_of(a->m);
        awk_format_values(a, format, args + 1, k->n - 1u, &t);
        awk_stream_put(a, to, t.data, t.len);
        a->steps -= (int64_t)(t.len / 16);
        text_release(&t);
        str_drop(&a->pool, format);
    }
    drop(a, k->n + (size_t)k->a);
}

/* sub() and gsub(): on the stack the expression, what is put in, what leads to the text. */
static enum awk_wait substitute_place(struct awk *a, const struct awk_code *k)
{
    enum awk_place place = (enum awk_place)k->n;
    size_t keys = place == PLACE_VAR ? 0 : 1;
    if (place == PLACE_FIELD && !awk_record_ready(a))
        return AWK_AGAIN;
    struct awk_value *key = key_of(a, place, 0);
    struct awk_value was = load_place(a, place, (uint32_t)k->b, key);
    struct awk_str *with = awk_str_of(a, top(a, keys)), *text = awk_str_of(a, &was);
    bool done =
        awk_substitute(a, awk_regex_of(a, top(a, keys + 1)), with, text, k->a == B_SUB, false);
    str_drop(&a->pool, with);
    str_drop(&a->pool, text);
    value_drop(&a->pool, &was);
    if (!done)
        return AWK_AGAIN;
    struct text *out = &a->job.out;
    if (a->job.count > 0 && place != PLACE_NONE)
        awk_set_place(a, place, (uint32_t)k->b, key,
                      value_string(awk_str_make(&a->pool, out->data, out->len)));
    text_release(out);
    answer_number(a, keys + 2, (double)a->job.count);
    return AWK_GO;
}

/* How many an array has, or how long a text is; that a function's own is an array is known only
 * when it made it itself. */
static void length_of_variable(struct awk *a, uint32_t variable)
{
    struct awk_cell *c = awk_cell_of(a, variable);
    if (c->array && c->owned) {
        push(a, value_number(c->array->count));
        return;
    }
    struct awk_str *s = awk_str_of(a, &c->value);
    push(a, value_number(s->len));
    str_drop(&a->pool, s);
}

static void fail_for(struct awk *a, enum awk_failure why)
{
    static const char *const texts[] = {
        [FAIL_FEW] = "Too few arguments",
        [FAIL_MANY] = "Too many arguments",
        [FAIL_ARRAY] = "Not an array",
    };
    awk_fail(a, texts[why]);
}

static enum awk_wait run_builtin(struct awk *a, const struct awk_code *k)
{
    struct awk_value v = { .kind = AWK_UNSET };
    enum awk_wait w = awk_call_builtin(a, k, a->stack + a->n_stack - k->n, &v);
    if (w == AWK_GO)
        answer(a, k->n, v);
    return w;
}

enum awk_wait awk_waiting(struct awk *a, const struct awk_code *k)
{
    switch ((enum awk_op)k->op) {
    case OP_FIELDS:
        return awk_record_ready(a) ? AWK_GO : AWK_AGAIN;
    case OP_FIELD: {
        size_t i = awk_field_index(a, top(a, 0));
        if (i && !awk_record_ready(a))
            return AWK_AGAIN;
        answer(a, 1, awk_field_get(a, i));
        return AWK_GO;
    }
    case OP_FIELD_AT:
        if (k->b && !awk_record_ready(a))
            return AWK_AGAIN;
        push(a, awk_field_get(a, (size_t)k->b));
        return AWK_GO;
    case OP_SET_FIELD: {
        size_t i = awk_field_index(a, top(a, 1));
        if (i && !awk_record_ready(a))
            return AWK_AGAIN;
        struct awk_value v = a->stack[--a->n_stack];
        awk_field_set(a, i, value_keep(&v));
        answer(a, 1, v);
        return AWK_GO;
    }
    case OP_STEP:
        if (k->a == PLACE_FIELD && !awk_record_ready(a))
            return AWK_AGAIN;
        step_place(a, k);
        return AWK_GO;
    case OP_GETLINE:
        return get_line(a, k);
    case OP_BUILTIN:
        return run_builtin(a, k);
    case OP_SUBSTITUTE:
        return substitute_place(a, k);
    default:
        return AWK_GO;
    }
}

bool awk_moving(struct awk *a, const struct awk_code *k)
{
    switch ((enum awk_op)k->op) {
    case OP_CALL:
        awk_call(a, k);
        return true;
    case OP_RETURN:
        awk_leave(a);
        return true;
    case OP_NEXT_FILE:
        a->next_file = a->phase == PHASE_MAIN && a->input;
        awk_skip_rest(a);
        return true;
    case OP_NEXT:
        awk_skip_rest(a);
        return true;
    case OP_EXIT:
        awk_leave_program(a, k->n);
        return true;
    case OP_END:
        awk_next_block(a, awk_blocks_of(a));
        return true;
    default:
        return false;
    }
}

void awk_plain(struct awk *a, const struct awk_code *k)
{
    uint32_t b = (uint32_t)k->b;
    switch ((enum awk_op)k->op) {
    case OP_SUBSCRIPT:
        subscript(a, k->n);
        break;
    case OP_IN:
        membership(a, b);
        break;
    case OP_WALK:
        push(a, (struct awk_value){ .kind = AWK_WALK,
                                    .walk = awk_walk_make(&a->pool, awk_array_of(a, b)) });
        break;
    case OP_DELETE:
        delete_element(a, b);
        break;
    case OP_DELETE_ALL:
        awk_array_clear(&a->pool, awk_array_of(a, b));
        break;
    case OP_REDIRECT:
        redirect(a, (enum awk_redirect)k->a);
        break;
    case OP_PRINT_ITEM:
        print_item(a, k);
        break;
    case OP_PRINT_END:
        print_end(a, k);
        break;
    case OP_PRINTF:
        print_formatted(a, k);
        break;
    case OP_LENGTH_VAR:
        length_of_variable(a, b);
        break;
    case OP_RANGE_ON:
    case OP_RANGE_OFF:
        a->ranges[k->n] = k->op == OP_RANGE_ON;
        break;
    case OP_FAIL:
        fail_for(a, (enum awk_failure)b);
        break;
    default:
        break;
    }
}
