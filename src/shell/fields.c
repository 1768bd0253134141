#include "shell/fields.h"
#include "shell/pattern.h"

#include <string.h>

struct span {
    size_t from, to;
};

/* A field that waits until those before it are there; pattern NULL: it is none. */
struct pending {
    char *text, *pattern;
    size_t n_pattern;
};

void ifs_set(struct ifs *ifs, const char *value)
{
    memset(ifs->kind, IFS_NOT, sizeof ifs->kind);
    for (const char *c = value ? value : " \t\n"; *c; c++)
        ifs->kind[(unsigned char)*c] =
            *c == ' ' || *c == '\t' || *c == '\n' ? IFS_BLANK : IFS_PARTS;
}

void fields_release(struct fields *f)
{
    for (size_t i = 0; i < f->n; i++)
        memory_give(f->memory, f->done[i]);
    for (size_t i = f->next_pending; i < f->n_pending; i++) {
        memory_give(f->memory, f->pending[i].text);
        memory_give(f->memory, f->pending[i].pattern);
    }
    memory_give(f->memory, f->done);
    memory_give(f->memory, f->pending);
    memory_give(f->memory, f->quoted);
    glob_free(f->glob);
    text_release(&f->text);
}

/* ---- Whole fields ---- */

static void push(struct fields *f, char *text)
{
    if (f->n + 1 >= f->room) {
        size_t room = f->room ? f->room * 2 : 8;
        f->done = memory_array(f->memory, f->done, room, sizeof *f->done);
        f->room = room;
    }
    f->done[f->n++] = text;
    f->done[f->n] = NULL;
}

static void push_pending(struct fields *f, char *text, char *pattern, size_t n_pattern)
{
    if (f->n_pending == f->room_pending) {
        size_t room = f->room_pending ? f->room_pending * 2 : 4;
        f->pending = memory_array(f->memory, f->pending, room, sizeof *f->pending);
        f->room_pending = room;
    }
    f->pending[f->n_pending++] = (struct pending){ text, pattern, n_pattern };
}

void fields_add(struct fields *f, const char *s, size_t n)
{
    push(f, memory_bytes(f->memory, s, n));
}

void pattern_add_quoted(struct text *to, const char *s, size_t n)
{
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        if (!s[i] || !strchr("*?[]\\-!^", s[i]))
            continue;
        text_add(to, s + from, i - from);
        text_char_add(to, '\\');
        from = i;
    }
    text_add(to, s + from, n - from);
}

/* The field's text as a pattern, or NULL where nothing of it has a meaning after all. */
static char *pattern_of(const struct fields *f, size_t *ret_n)
{
    struct text t = text_of(f->memory);
    const char *s = f->text.data;
    size_t at = 0;
    for (size_t i = 0; i < f->n_quoted; i++) {
        text_add(&t, s + at, f->quoted[i].from - at);
        pattern_add_quoted(&t, s + f->quoted[i].from, f->quoted[i].to - f->quoted[i].from);
        at = f->quoted[i].to;
    }
    text_add(&t, s + at, f->text.len - at);
    *ret_n = t.len;
    if (pattern_is(t.data, t.len))
        return t.data;
    text_release(&t);
    return NULL;
}

static void end_field(struct fields *f)
{
    char *text = memory_bytes(f->memory, f->text.data, f->text.len);
    size_t n_pattern = 0;
    char *pattern = f->magic && f->paths ? pattern_of(f, &n_pattern) : NULL;
    if (pattern || f->n_pending)
        push_pending(f, text, pattern, n_pattern);
    else
        push(f, text);
    f->text.len = 0;
    f->n_quoted = 0;
    f->begun = f->magic = f->opened = false;
}

/* ---- Pieces ---- */

static void add(struct fields *f, const char *s, size_t n)
{
    text_add(&f->text, s, n);
    f->begun = true;
    f->after_blank = false;
}

void fields_quoted(struct fields *f, const char *s, size_t n)
{
    struct span *last = f->n_quoted ? &f->quoted[f->n_quoted - 1] : NULL;
    size_t from = f->text.len;
    add(f, s, n);
    if (!f->paths || !n)
        return;
    if (last && last->to == from) {
        last->to += n;
        return;
    }
    if (f->n_quoted == f->room_quoted) {
        size_t room = f->room_quoted ? f->room_quoted * 2 : 4;
        f->quoted = memory_array(f->memory, f->quoted, room, sizeof *f->quoted);
        f->room_quoted = room;
    }
    f->quoted[f->n_quoted++] = (struct span){ from, from + n };
}

/* A [ that nothing closes (the command of that name) is not worth a look into the folder. */
void fields_plain(struct fields *f, const char *s, size_t n)
{
    for (size_t i = 0; i < n && !f->magic; i++) {
        f->opened |= s[i] == '[';
        f->magic = s[i] == '*' || s[i] == '?' || (s[i] == ']' && f->opened);
    }
    add(f, s, n);
}

bool fields_add_value(struct fields *f, const struct ifs *ifs, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ifs->kind[(unsigned char)s[i]] != IFS_NOT || s[i] == '*' || s[i] == '?' || s[i] == '[')
            return false;
    }
    if (n)
        fields_add(f, s, n);
    return true;
}

void fields_begin_value(struct fields *f)
{
    f->after_blank = false;
}

void fields_blank(struct fields *f)
{
    if (!f->begun)
        return;
    end_field(f);
    f->after_blank = true;
}

void fields_break(struct fields *f)
{
    end_field(f);
    f->after_blank = false;
}

void fields_end(struct fields *f)
{
    if (f->begun)
        end_field(f);
    f->after_blank = false;
}

static void part(struct fields *f, enum ifs_kind kind)
{
    if (kind == IFS_BLANK)
        fields_blank(f);
    else if (f->after_blank)
        f->after_blank = false;
    else
        end_field(f);
}

void fields_parted(struct fields *f, const struct ifs *ifs, const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t from = i;
        while (i < n && ifs->kind[(unsigned char)s[i]] == IFS_NOT)
            i++;
        if (i > from)
            fields_plain(f, s + from, i - from);
        if (i < n)
            part(f, (enum ifs_kind)ifs->kind[(unsigned char)s[i++]]);
    }
}

/* ---- Paths ---- */

static bool match(struct fields *f, struct pending *p, const struct fields_place *place,
                  int64_t *steps)
{
    if (!f->glob)
        f->glob =
            glob_make(f->memory, place->vfs, place->cwd, place->who, p->pattern, p->n_pattern);
    if (!glob_run(f->glob, steps))
        return false;
    size_t n;
    char **found = glob_take(f->glob, &n);
    glob_free(f->glob);
    f->glob = NULL;
    memory_give(f->memory, p->pattern);
    p->pattern = NULL;
    for (size_t i = 0; i < n; i++)
        push(f, found[i]);
    if (n) {
        memory_give(f->memory, p->text);
        p->text = NULL;
    }
    memory_give(f->memory, found);
    return true;
}

bool fields_match(struct fields *f, const struct fields_place *place, int64_t *steps)
{
    while (f->next_pending < f->n_pending) {
        struct pending *p = &f->pending[f->next_pending];
        if (p->pattern && !match(f, p, place, steps))
            return false;
        if (p->text)
            push(f, p->text);
        f->next_pending++;
        if (--*steps <= 0)
            return f->next_pending == f->n_pending;
    }
    f->n_pending = f->next_pending = 0;
    return true;
}
