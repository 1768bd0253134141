#include "shell/dry-inside.h"

#include <string.h>

/* ---- Variables ---- */

static struct dry_var *find(const struct walk *w, const char *name, size_t n)
{
    struct dry_var *v = w->vars;
    while (v && (strlen(v->name) != n || memcmp(v->name, name, n) != 0))
        v = v->next;
    return v;
}

static bool has(const struct dry_var *v, const char *value)
{
    for (size_t i = 0; i < v->n; i++) {
        if (!strcmp(v->values[i], value))
            return true;
    }
    return false;
}

void dry_set(struct walk *w, const char *name, size_t n, const char *value, bool adds)
{
    struct dry_var *v = find(w, name, n);
    if (!v) {
        v = memory_take(&w->memory, sizeof *v);
        v->name = memory_bytes(&w->memory, name, n);
        v->next = w->vars;
        w->vars = v;
    }
    if (!adds)
        v->n = 0;
    if (has(v, value))
        return;
    /* One too many: anything. */
    if (v->n == DRY_VALUES)
        v->values[DRY_VALUES - 1] = "*";
    else
        v->values[v->n++] = memory_text(&w->memory, value);
}

void dry_ways_begin(struct walk *w)
{
    w->n_choices = 0;
}

bool dry_ways_next(struct walk *w)
{
    for (size_t i = 0; i < w->n_choices; i++) {
        if (++w->choices[i].at < w->choices[i].of)
            return true;
        w->choices[i].at = 0;
    }
    return false;
}

static size_t choice(struct walk *w, const struct dry_var *v)
{
    for (size_t i = 0; i < w->n_choices; i++) {
        if (w->choices[i].name == v->name)
            return w->choices[i].at < v->n ? w->choices[i].at : 0;
    }
    if (v->n > 1 && w->n_choices < DRY_CHOICES)
        w->choices[w->n_choices++] = (struct dry_choice){ v->name, 0, v->n };
    return 0;
}

static size_t count_arguments(const struct walk *w)
{
    size_t n = 0;
    while (w->arguments && w->arguments[n])
        n++;
    return n;
}

static const char *positional(const struct walk *w, char digit)
{
    size_t i = (size_t)(digit - '0');
    if (!w->arguments)
        return "*";
    return i && i <= count_arguments(w) ? w->arguments[i - 1] : i ? "" : "sh";
}

const char *dry_get(struct walk *w, const char *name, size_t n)
{
    if (n == 1 && *name >= '0' && *name <= '9')
        return positional(w, *name);
    if (n == 1 && *name == '#' && w->arguments)
        return memory_print(&w->memory, "%zu", count_arguments(w));
    const struct dry_var *v = find(w, name, n);
    return v && v->n ? v->values[choice(w, v)] : NULL;
}

/* ---- Words ---- */

void dry_words_add(struct walk *w, struct dry_words *words, char *word)
{
    if (words->n + 1 >= words->room) {
        words->room = words->room ? words->room * 2 : 8;
        words->items = memory_array(&w->memory, words->items, words->room, sizeof *words->items);
    }
    words->items[words->n++] = word;
    words->items[words->n] = NULL;
}

/* A word in the making. */
struct field {
    struct dry_words *to; /* NULL: all is one text */
    struct text text;
    bool open; /* there is one, be it empty */
};

static void close_field(struct walk *w, struct field *f)
{
    if (f->open)
        dry_words_add(w, f->to, memory_bytes(&w->memory, f->text.data, f->text.len));
    f->text.len = 0;
    f->open = false;
}

static void add(struct walk *w, struct field *f, const char *s, size_t n, bool splits)
{
    dry_step(w, n / 64);
    if (f->text.len + n > DRY_TEXT)
        return;
    if (!splits || !f->to) {
        text_add(&f->text, s, n);
        f->open |= n > 0 || !splits;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (s[i] == ' ' || s[i] == '\t' || s[i] == '\n') {
            close_field(w, f);
        } else {
            text_char_add(&f->text, s[i]);
            f->open = true;
        }
    }
}

/* $@ and $*. */
static void add_arguments(struct walk *w, struct field *f, const struct part *p)
{
    if (!w->arguments) {
        add(w, f, "*", 1, false);
        return;
    }
    for (char **at = w->arguments; *at; at++) {
        bool parts = p->quoted && *p->text == '@' && f->to;
        if (at != w->arguments && parts)
            close_field(w, f);
        else if (at != w->arguments)
            add(w, f, " ", 1, !p->quoted);
        add(w, f, *at, strlen(*at), !p->quoted);
    }
}

static void add_variable(struct walk *w, struct field *f, const struct part *p)
{
    if (p->op == OP_NONE && p->n == 1 && (*p->text == '@' || *p->text == '*')) {
        add_arguments(w, f, p);
        return;
    }
    struct text t = text_of(&w->memory);
    dry_value_of(w, p, dry_get(w, p->text, p->n), &t);
    add(w, f, t.len ? t.data : "", t.len, !p->quoted);
    text_release(&t);
}

static void add_output(struct walk *w, struct field *f, const struct part *p)
{
    struct text out = text_of(&w->memory);
    struct dry_choice choices[DRY_CHOICES];
    size_t n_choices = w->n_choices;
    memcpy(choices, w->choices, sizeof choices);
    if (p->tree)
        dry_node(w, p->tree, NULL, &out);
    memcpy(w->choices, choices, sizeof choices);
    w->n_choices = n_choices;
    while (out.len && out.data[out.len - 1] == '\n')
        out.len--;
    if (p->type != PART_COMMAND)
        add(w, f, "*", 1, false);
    else if (out.len)
        add(w, f, out.data, out.len, !p->quoted);
    text_release(&out);
}

/* A plain number is one; sums are not made. */
static void add_arithmetic(struct walk *w, struct field *f, const struct part *p)
{
    const char *s = dry_single(w, p->argument);
    s += strspn(s, " ");
    size_t digits = strspn(s, "0123456789");
    bool number = digits && !s[digits + strspn(s + digits, " ")];
    add(w, f, number ? s : "*", number ? digits : 1, false);
}

static void add_parts(struct walk *w, struct field *f, const struct part *p)
{
    for (; p; p = p->next) {
        dry_step(w, 1);
        switch (p->type) {
        case PART_TEXT:
            add(w, f, p->text, p->n, false);
            break;
        case PART_VARIABLE:
            add_variable(w, f, p);
            break;
        case PART_COMMAND:
        case PART_READ_FROM:
        case PART_WRITE_TO:
            add_output(w, f, p);
            break;
        case PART_ARITH:
            add_arithmetic(w, f, p);
            break;
        case PART_TILDE:
            add(w, f, "~", 1, false);
            add(w, f, p->text, p->n, false);
            break;
        }
    }
}

void dry_expand(struct walk *w, const struct word *word, struct dry_words *to)
{
    struct field f = { .to = to, .text = text_of(&w->memory) };
    add_parts(w, &f, word->parts);
    close_field(w, &f);
    text_release(&f.text);
}

char *dry_single(struct walk *w, const struct word *word)
{
    struct field f = { .to = NULL, .text = text_of(&w->memory) };
    text_say(&f.text, "");
    if (word)
        add_parts(w, &f, word->parts);
    return f.text.data;
}

/* ---- Files ---- */

const char *dry_last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Folders are not told apart: a script that makes a name twice means the same file mostly. */
struct dry_file *dry_file(struct walk *w, const char *path, bool make)
{
    const char *name = dry_last_part(path);
    struct dry_file *f = w->files;
    while (f && strcmp(f->name, name) != 0)
        f = f->next;
    if (f || !make)
        return f;
    f = memory_take(&w->memory, sizeof *f);
    f->name = memory_text(&w->memory, name);
    f->content = text_of(&w->memory);
    f->next = w->files;
    return w->files = f;
}
