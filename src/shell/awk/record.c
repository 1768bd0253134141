/* The record and its fields: split when first asked for, put together again when one was changed.
 */
#include "shell/awk/run.h"

#include <ctype.h>
#include <string.h>

static void drop_fields(struct awk *a)
{
    struct awk_record *r = &a->record;
    for (size_t i = 0; i < r->n; i++) {
        if (r->fields[i].made)
            value_drop(&a->pool, &r->fields[i].value);
    }
    r->n = 0;
}

void awk_record_set(struct awk *a, struct awk_value v)
{
    struct awk_record *r = &a->record;
    struct awk_value old = r->whole;
    r->whole = v;
    r->whole_valid = true;
    r->fields_valid = false;
    r->split = (struct awk_split){ 0 };
    value_drop(&a->pool, &old);
}

static void put_field(struct awk *a, const struct awk_field *f, struct text *t)
{
    if (!f->made) {
        text_add(t, a->record.source->data + f->start, f->len);
        return;
    }
    struct awk_str *s = awk_str_of(a, &f->value);
    text_add(t, s->data, s->len);
    str_drop(&a->pool, s);
}

static void rebuild(struct awk *a)
{
    struct awk_record *r = &a->record;
    struct awk_str *between = awk_special_str(a, V_OFS);
    struct text t = text_of(a->m);
    for (size_t i = 0; i < r->n; i++) {
        if (i)
            text_add(&t, between->data, between->len);
        put_field(a, &r->fields[i], &t);
    }
    a->steps -= (int64_t)(t.len / 16 + r->n);
    str_drop(&a->pool, between);
    value_drop(&a->pool, &r->whole);
    r->whole = value_user(awk_str_make(&a->pool, t.data, t.len));
    r->whole_valid = true;
    text_release(&t);
}

void awk_record_settle(struct awk *a)
{
    if (!a->record.whole_valid)
        rebuild(a);
}

struct awk_value awk_record_get(struct awk *a)
{
    awk_record_settle(a);
    return value_keep(&a->record.whole);
}

static void make_room(struct awk *a, size_t n)
{
    struct awk_record *r = &a->record;
    if (n <= r->room)
        return;
    size_t room = r->room * 2 < n ? n : r->room * 2;
    r->fields = memory_array(a->m, r->fields, room, sizeof *r->fields);
    r->room = room;
}

static void set_nf(struct awk *a)
{
    struct awk_cell *nf = &a->globals[V_NF];
    value_drop(&a->pool, &nf->value);
    nf->value = value_number((double)a->record.n);
}

bool awk_record_ready(struct awk *a)
{
    struct awk_record *r = &a->record;
    if (r->fields_valid)
        return true;
    if (!r->split.begun) {
        drop_fields(a);
        if (r->source)
            str_drop(&a->pool, r->source);
        r->source = awk_str_of(a, &r->whole);
    }
    size_t start, end;
    int more;
    while ((more = awk_split_next(a, &a->fields_by, &r->split, r->source->data, r->source->len,
                                  &start, &end)) > 0) {
        make_room(a, r->n + 1);
        r->fields[r->n++] =
            (struct awk_field){ .start = (uint32_t)start, .len = (uint32_t)(end - start) };
    }
    if (more < 0)
        return false;
    r->fields_valid = true;
    set_nf(a);
    return true;
}

size_t awk_field_index(struct awk *a, struct awk_value *v)
{
    int i = awk_number_int(value_num(v));
    if (i < 0)
        awk_fail(a, "Access to negative field");
    return (size_t)i;
}

struct awk_value awk_field_get(struct awk *a, size_t i)
{
    struct awk_record *r = &a->record;
    if (i == 0)
        return awk_record_get(a);
    if (i > r->n)
        return (struct awk_value){ .kind = AWK_UNSET };
    struct awk_field *f = &r->fields[i - 1];
    if (!f->made) {
        f->value = value_user(awk_str_make(&a->pool, r->source->data + f->start, f->len));
        f->made = true;
    }
    return value_keep(&f->value);
}

void awk_record_resize(struct awk *a, size_t n)
{
    struct awk_record *r = &a->record;
    make_room(a, n);
    for (size_t i = n; i < r->n; i++) {
        if (r->fields[i].made)
            value_drop(&a->pool, &r->fields[i].value);
    }
    for (size_t i = r->n; i < n; i++)
        r->fields[i] = (struct awk_field){ .made = true };
    r->n = n;
    r->whole_valid = false;
}

void awk_field_set(struct awk *a, size_t i, struct awk_value v)
{
    struct awk_record *r = &a->record;
    v.origin = 0;
    if (i == 0) {
        awk_record_set(a, v);
        return;
    }
    if (i > r->n) {
        awk_record_resize(a, i);
        set_nf(a);
    }
    struct awk_field *f = &r->fields[i - 1];
    struct awk_value old = f->value;
    bool had = f->made;
    f->value = v;
    f->made = true;
    r->whole_valid = false;
    if (had)
        value_drop(&a->pool, &old);
}

static char swap_case(char c)
{
    return (char)(isupper((unsigned char)c) ? tolower((unsigned char)c)
                                            : toupper((unsigned char)c));
}

void awk_splitter_make(struct awk *a, struct awk_splitter *s, const struct awk_str *separator)
{
    char c = separator->data[0];
    bool any_case = value_num(&a->globals[V_IGNORECASE].value) != 0;
    *s = (struct awk_splitter){ .kind = SPLIT_REGEX };
    if (separator->len > 1) {
        s->cached = awk_regex_cached(a, separator, true);
        s->regex = s->cached->regex;
    } else if (separator->len == 1) {
        s->kind = c == ' ' ? SPLIT_BLANKS : SPLIT_CHAR;
        s->c = c;
        s->other_case = any_case ? swap_case(c) : c;
    } else {
        s->kind = SPLIT_EACH;
    }
}

void awk_splitter_keep(struct awk *a, struct awk_splitter *s, enum awk_special separator)
{
    struct awk_str *text = awk_special_str(a, separator), *rs = awk_special_str(a, V_RS);
    if (s->cached)
        s->cached->pins--;
    awk_splitter_make(a, s, text);
    if (s->cached)
        s->cached->pins++;
    a->fields_by.lines = rs->len == 0;
    str_drop(&a->pool, rs);
    str_drop(&a->pool, text);
}

static int next_blank(const char *text, size_t n, size_t *at, size_t *ret_start, size_t *ret_end)
{
    size_t i = *at;
    while (i < n && isspace((unsigned char)text[i]))
        i++;
    *ret_start = i;
    while (i < n && !isspace((unsigned char)text[i]))
        i++;
    *ret_end = *at = i;
    return *ret_end > *ret_start;
}

static bool find_char(const struct awk_splitter *s, const char *text, size_t n, size_t at,
                      struct regex_span *ret)
{
    for (size_t i = at; i < n; i++) {
        if (text[i] == s->c || text[i] == s->other_case || (s->lines && text[i] == '\n')) {
            *ret = (struct regex_span){ (int64_t)i, (int64_t)i + 1 };
            return true;
        }
    }
    return false;
}

/* An empty match separates nothing: the next that is not empty does. */
static bool find_regex(struct awk *a, const struct awk_splitter *s, const char *text, size_t n,
                       size_t at, struct regex_span *ret)
{
    struct regex_span spans[REGEX_GROUPS];
    const char *line = s->lines && n > at ? memchr(text + at, '\n', n - at) : NULL;
    bool found = false;
    for (size_t from = at; !found && from < n;) {
        if (!awk_regex_find(a, s->regex, text + from, n - from, from > 0, spans))
            break;
        size_t start = from + (size_t)spans[0].start, end = from + (size_t)spans[0].end;
        found = end > start;
        *ret = (struct regex_span){ (int64_t)start, (int64_t)end };
        from = start + 1;
    }
    if (line && (!found || ret->start > line - text)) {
        *ret = (struct regex_span){ line - text, line - text + 1 };
        found = true;
    }
    return found;
}

int awk_split_next(struct awk *a, const struct awk_splitter *s, struct awk_split *at,
                   const char *text, size_t n, size_t *ret_start, size_t *ret_end)
{
    if (a->steps <= 0 && at->begun)
        return -1;
    a->steps--;
    at->begun = true;
    if (at->ended || n == 0)
        return 0;
    if (s->kind == SPLIT_BLANKS)
        return next_blank(text, n, &at->at, ret_start, ret_end);
    *ret_start = at->at;
    if (s->kind == SPLIT_EACH) {
        *ret_end = ++at->at;
        at->ended = at->at == n;
        return 1;
    }
    struct regex_span span;
    bool found = s->kind == SPLIT_CHAR ? find_char(s, text, n, at->at, &span)
                                       : find_regex(a, s, text, n, at->at, &span);
    *ret_end = found ? (size_t)span.start : n;
    at->ended = !found;
    at->at = found ? (size_t)span.end : n;
    a->steps -= (int64_t)(*ret_end - *ret_start) / 64;
    return 1;
}
