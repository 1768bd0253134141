#include "shell/awk/run.h"
#include "shell/awk/lex.h"

#include <ctype.h>
#include <string.h>

struct awk_cell *awk_cell_of(struct awk *a, uint32_t variable)
{
    size_t i = VAR_INDEX(variable);
    return VAR_IS_LOCAL(variable) ? &a->cells[a->local + i] : &a->globals[i];
}

/* An origin is a variable + 1 whose index, of a function's own, counts from the first cell of all.
 */
static struct awk_cell *cell_at(struct awk *a, uint32_t origin)
{
    size_t i = VAR_INDEX(origin - 1);
    return VAR_IS_LOCAL(origin - 1) ? &a->cells[i] : &a->globals[i];
}

struct awk_array *awk_array_of(struct awk *a, uint32_t variable)
{
    struct awk_cell *c = awk_cell_of(a, variable), *owner = c;
    if (c->array)
        return c->array;
    while (!owner->array && owner->origin)
        owner = cell_at(a, owner->origin);
    if (!owner->array) {
        owner->array = awk_array_make(&a->pool);
        owner->owned = true;
    }
    c->array = owner->array;
    return c->array;
}

struct awk_str *awk_str_of(struct awk *a, const struct awk_value *v)
{
    if (value_has_str(v))
        return str_keep(v->str);
    if (v->kind != AWK_NUMBER)
        return awk_str_make(&a->pool, "", 0);
    if (awk_number_is_whole(v->num)) {
        char digits[24];
        return awk_str_make(&a->pool, digits, awk_number_whole(v->num, digits));
    }
    struct awk_str *format = awk_special_str(a, V_CONVFMT);
    struct text t = text_of(a->m);
    awk_format_number(a, format, v->num, &t);
    struct awk_str *s = awk_str_make(&a->pool, t.data, t.len);
    text_release(&t);
    str_drop(&a->pool, format);
    return s;
}

struct awk_str *awk_special_str(struct awk *a, enum awk_special v)
{
    const struct awk_value *value = &a->globals[v].value;
    /* CONVFMT itself may be a number: it is not asked how that is written. */
    if (v == V_CONVFMT && !value_has_str(value))
        return awk_str_make(&a->pool, "%.6g", 4);
    return awk_str_of(a, value);
}

static void replace(struct awk *a, struct awk_cell *c, struct awk_value v)
{
    struct awk_value old = c->value;
    v.origin = 0;
    c->value = v;
    value_drop(&a->pool, &old);
}

void awk_set_special(struct awk *a, enum awk_special which, struct awk_value v)
{
    if (which == V_NF) {
        int n = awk_number_int(value_num(&v));
        if (n < 0)
            awk_fail(a, "NF set to negative value");
        awk_record_resize(a, (size_t)n);
    }
    if (which == V_OFS) /* a record that was changed is put together with the OFS of then */
        awk_record_settle(a);
    replace(a, &a->globals[which], v);
    if (which == V_FS || which == V_IGNORECASE)
        awk_splitter_keep(a, &a->fields_by, V_FS);
    if (which == V_RS || which == V_IGNORECASE)
        awk_splitter_keep(a, &a->records_by, V_RS);
}

void awk_set_variable(struct awk *a, uint32_t variable, struct awk_value v)
{
    if (!VAR_IS_LOCAL(variable) && VAR_INDEX(variable) < V_SPECIALS)
        awk_set_special(a, (enum awk_special)VAR_INDEX(variable), v);
    else
        replace(a, awk_cell_of(a, variable), v);
}

void awk_set_place(struct awk *a, enum awk_place place, uint32_t b, struct awk_value *key,
                   struct awk_value v)
{
    switch (place) {
    case PLACE_VAR:
        awk_set_variable(a, b, v);
        break;
    case PLACE_FIELD:
        awk_field_set(a, awk_field_index(a, key), v);
        break;
    case PLACE_ELEMENT: {
        struct awk_str *k = awk_str_of(a, key);
        awk_array_set(&a->pool, awk_array_of(a, b), k->data, k->len, v);
        str_drop(&a->pool, k);
        break;
    }
    case PLACE_NONE:
        value_drop(&a->pool, &v);
        break;
    }
}

static bool is_named(const struct awk_name *name, const char *s, size_t n)
{
    return name->n == n && memcmp(name->name, s, n) == 0;
}

bool awk_assign_text(struct awk *a, const char *word)
{
    const char *s = word;
    if (!isalpha((unsigned char)*s) && *s != '_')
        return false;
    while (isalnum((unsigned char)*s) || *s == '_')
        s++;
    if (*s != '=')
        return false;
    size_t n = strlen(s + 1);
    char *text = memory_take(a->m, n + 1);
    n = awk_lex_unescape(text, s + 1, s + 1 + n, false);
    size_t i = 0;
    while (i < a->n_globals && !is_named(&a->program.globals[i], word, (size_t)(s - word)))
        i++;
    if (i < a->n_globals) /* else the program does not know it */
        awk_set_variable(a, VAR_GLOBAL(i), value_user(awk_str_make(&a->pool, text, n)));
    memory_give(a->m, text);
    return true;
}

static int truth_of(enum awk_op op, double difference)
{
    switch (op) {
    case OP_LT:
        return !(difference >= 0);
    case OP_LE:
        return !(difference > 0);
    case OP_GT:
        return difference > 0;
    case OP_GE:
        return difference >= 0;
    case OP_EQ:
        return difference == 0;
    default:
        return !(difference == 0);
    }
}

static int case_compare(struct awk *a, const struct awk_str *l, const struct awk_str *r)
{
    if (value_num(&a->globals[V_IGNORECASE].value) != 0)
        return strcasecmp(l->data, r->data);
    size_t n = l->len < r->len ? l->len : r->len;
    int d = memcmp(l->data, r->data, n);
    return d ? d : (l->len > r->len) - (l->len < r->len);
}

/* Infinite values differ from themselves, as the reference subtracts. */
int awk_compare(struct awk *a, enum awk_op op, struct awk_value *l, struct awk_value *r)
{
    if (awk_value_is_numeric(l) && awk_value_is_numeric(r))
        return truth_of(op, value_num(l) - value_num(r));
    struct awk_str *ls = awk_str_of(a, l), *rs = awk_str_of(a, r);
    int d = case_compare(a, ls, rs);
    str_drop(&a->pool, ls);
    str_drop(&a->pool, rs);
    return truth_of(op, d);
}
