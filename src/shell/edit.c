#include "shell/edit.h"

#include "shell/interp.h"

#include <ctype.h>
#include <string.h>

enum {
    EDITED_MOST = 1022,
    HISTORY_MOST = 64, /* lines; a device has more, but nobody looks */
    NEAR = 4,          /* columns that are gone back one by one */
};

/* One call's work: what is shown is collected. */
struct work {
    struct proc *p;
    struct edit *e;
    struct text out;
    enum edit_next next;
};

static size_t columns(const struct proc *p)
{
    return p->shell->tty->columns;
}

static void say(struct work *w, const char *s)
{
    text_say(&w->out, s);
}

/* ---- The cursor ---- */

static void step_right(struct work *w)
{
    struct edit *e = w->e;
    text_char_add(&w->out, e->line.data[e->cursor++]);
    if (++e->x >= columns(w->p)) {
        e->x = 0;
        e->y++;
        say(w, "\r\n");
    }
}

static void go_to_end(struct work *w)
{
    while (w->e->cursor < w->e->line.len)
        step_right(w);
}

static void go_left(struct work *w, size_t n)
{
    struct edit *e = w->e;
    n = n < e->cursor ? n : e->cursor;
    e->cursor = (uint16_t)(e->cursor - n);
    if (n <= e->x) {
        e->x = (uint16_t)(e->x - n);
        if (n > NEAR)
            text_print(&w->out, "\033[%zuD", n);
        else
            text_add(&w->out, "\b\b\b\b", n);
        return;
    }
    size_t place = e->y * columns(w->p) + e->x, y;
    place -= n < place ? n : place;
    y = place / columns(w->p);
    text_print(&w->out, "\r\033[%zuA", e->y - y);
    e->y = (uint16_t)y;
    e->x = (uint16_t)(place % columns(w->p));
    if (e->x)
        text_print(&w->out, "\033[%uC", e->x);
}

static void clear_rest(struct work *w)
{
    say(w, "\033[J");
}

/* The last line of the prompt, and how wide it is. */
static void show_prompt(struct work *w, bool whole)
{
    struct text prompt = prompt_shown(w->p, w->e->variable);
    const char *last = prompt.len ? memrchr(prompt.data, '\n', prompt.len) : NULL;
    last = last ? last + 1 : prompt.data;
    size_t n = prompt.len ? (size_t)(prompt.data + prompt.len - last) : 0, wide = 0;
    for (size_t i = 0; i < n; i++) {
        if (last[i] == '\033' && i + 1 < n && last[i + 1] == '[')
            for (i += 2; i < n && (unsigned char)last[i] < '@'; i++)
                ;
        else
            wide++;
    }
    if (prompt.len)
        text_add(&w->out, whole ? prompt.data : last, whole ? prompt.len : n);
    w->e->x = (uint16_t)(wide % columns(w->p));
    w->e->y = (uint16_t)(wide / columns(w->p));
    text_release(&prompt);
}

/* All of the line anew; the cursor ends `back` before its end. */
static void redraw(struct work *w, size_t back)
{
    if (w->e->y)
        text_print(&w->out, "\033[%uA", w->e->y);
    say(w, "\r");
    show_prompt(w, false);
    w->e->cursor = 0;
    go_to_end(w);
    clear_rest(w);
    if (back)
        go_left(w, back);
}

static size_t behind(const struct edit *e)
{
    return e->line.len - e->cursor;
}

/* ---- Changing the line ---- */

static void insert(struct work *w, char c)
{
    struct edit *e = w->e;
    if (e->line.len >= EDITED_MOST)
        return;
    size_t back = behind(e);
    text_char_add(&e->line, c);
    char *at = e->line.data + e->cursor;
    memmove(at + 1, at, back);
    *at = c;
    go_to_end(w);
    if (back)
        go_left(w, back);
}

static void delete_here(struct work *w)
{
    struct edit *e = w->e;
    if (e->cursor == e->line.len)
        return;
    char *at = e->line.data + e->cursor;
    memmove(at, at + 1, behind(e)); /* and the NUL */
    e->line.len--;
    size_t back = behind(e);
    go_to_end(w);
    clear_rest(w);
    if (back)
        go_left(w, back);
}

static void delete_left(struct work *w)
{
    if (!w->e->cursor)
        return;
    go_left(w, 1);
    delete_here(w);
}

static void put_line(struct edit *e, const char *s, size_t n)
{
    e->line.len = 0;
    text_add(&e->line, s, n < EDITED_MOST ? n : LINE_MOST);
}

/* ---- Keys ---- */

static void key_start(struct work *w)
{
    if (w->e->cursor)
        go_left(w, w->e->cursor);
}

static void key_left(struct work *w)
{
    if (w->e->cursor)
        go_left(w, 1);
}

static void key_right(struct work *w)
{
    if (behind(w->e))
        step_right(w);
}

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void key_word_left(struct work *w)
{
    struct edit *e = w->e;
    while (e->cursor && !is_of_word(e->line.data[e->cursor - 1]))
        go_left(w, 1);
    while (e->cursor && is_of_word(e->line.data[e->cursor - 1]))
        go_left(w, 1);
}

static void key_word_right(struct work *w)
{
    struct edit *e = w->e;
    while (behind(e) && !is_of_word(e->line.data[e->cursor]))
        step_right(w);
    while (behind(e) && is_of_word(e->line.data[e->cursor]))
        step_right(w);
}

static void key_delete_word_left(struct work *w)
{
    size_t end = w->e->cursor;
    key_word_left(w);
    for (size_t i = w->e->cursor; i < end; i++)
        delete_here(w);
}

static void key_delete_word_right(struct work *w)
{
    size_t start = w->e->cursor;
    key_word_right(w);
    size_t n = w->e->cursor - start;
    if (n)
        go_left(w, n);
    while (n-- > 0)
        delete_here(w);
}

static void key_erase_word(struct work *w)
{
    struct edit *e = w->e;
    while (e->cursor && isspace((unsigned char)e->line.data[e->cursor - 1]))
        delete_left(w);
    while (e->cursor && !isspace((unsigned char)e->line.data[e->cursor - 1]))
        delete_left(w);
}

static void key_cut_rest(struct work *w)
{
    struct edit *e = w->e;
    e->line.len = e->cursor;
    if (e->line.data)
        e->line.data[e->line.len] = '\0';
    clear_rest(w);
}

static void key_cut_start(struct work *w)
{
    struct edit *e = w->e;
    if (!e->cursor)
        return;
    size_t rest = behind(e);
    memmove(e->line.data, e->line.data + e->cursor, rest + 1);
    e->line.len = rest;
    redraw(w, rest);
}

static void key_clear(struct work *w)
{
    say(w, "\033[H\033[J");
    w->e->y = 0;
    redraw(w, behind(w->e));
}

static void key_end_or_delete(struct work *w)
{
    if (!w->e->line.len)
        w->next = EDIT_END;
    else
        delete_here(w);
}

static void key_break(struct work *w)
{
    say(w, "^C");
    w->next = EDIT_BREAK;
}

/* ---- The history ---- */

static void forget_unfinished(struct shell *sh, struct edit *e)
{
    if (!e->n_history)
        return;
    memory_give(&sh->memory, e->history[e->n_history]);
    e->history[e->n_history] = NULL;
}

static void remember(struct proc *p, struct edit *e)
{
    struct memory *m = &p->shell->memory;
    if (!e->line.len || (e->n_history && !strcmp(e->history[e->n_history - 1], e->line.data)))
        return;
    forget_unfinished(p->shell, e);
    if (e->n_history == HISTORY_MOST) {
        memory_give(m, e->history[0]);
        memmove(e->history, e->history + 1, e->n_history-- * sizeof *e->history);
    }
    if (e->n_history % 8 == 0) {
        e->history = memory_array(m, e->history, e->n_history + 8u + 1, sizeof *e->history);
        e->history[e->n_history] = NULL;
    }
    e->history[e->n_history] = memory_text(m, e->line.data);
    e->history[++e->n_history] = NULL;
}

/* What was changed of a line is kept where it stands. */
static void keep_shown(struct work *w)
{
    struct edit *e = w->e;
    if (!e->line.len)
        return;
    char **place = &e->history[e->at];
    char *copy = memory_bytes(&w->p->shell->memory, e->line.data, e->line.len);
    memory_give(&w->p->shell->memory, *place);
    *place = copy;
}

static void show_other(struct work *w, bool older)
{
    struct edit *e = w->e;
    if (e->at == (older ? 0 : e->n_history)) {
        say(w, "\a");
        return;
    }
    keep_shown(w);
    e->at = (uint8_t)(older ? e->at - 1 : e->at + 1);
    const char *s = e->history[e->at];
    put_line(e, s ? s : "", s ? strlen(s) : 0);
    redraw(w, 0);
}

static void key_older(struct work *w)
{
    show_other(w, true);
}

static void key_newer(struct work *w)
{
    show_other(w, false);
}

const char *edit_history(const struct shell *sh, size_t i)
{
    const struct edit *e = sh->tty ? &sh->tty->edit : NULL;
    return e && i < e->n_history ? e->history[i] : NULL;
}

/* ---- The end of a line ---- */

static void new_line(struct work *w)
{
    go_to_end(w);
    if (w->e->x)
        say(w, "\n");
}

static void key_enter(struct work *w)
{
    new_line(w);
    w->next = EDIT_LINE;
}

/* ---- Completion ---- */

static size_t common(const struct completion *c)
{
    size_t n = strlen(c->names[0]);
    for (size_t i = 1; i < c->n; i++) {
        size_t same = 0;
        while (same < n && c->names[i][same] == c->names[0][same])
            same++;
        n = same;
    }
    return n;
}

/* A name as it would have to be typed. */
static struct text quoted(struct work *w, const char *name, size_t n, char quote)
{
    struct text t = text_of(&w->p->memory);
    for (size_t i = 0; i < n; i++) {
        if (quote != '"' && strchr(" `\"#$%^&*()=+{}[]:;'|\\<>", name[i]) && name[i])
            text_char_add(&t, '\\');
        text_char_add(&t, name[i]);
    }
    return t;
}

static void put_in(struct work *w, const struct completion *c, const struct text *name, bool whole)
{
    struct edit *e = w->e;
    size_t rest = behind(e);
    struct text line = text_of(&w->p->memory);
    text_add(&line, e->line.data ? e->line.data : "", c->from);
    text_add(&line, name->data ? name->data : "", name->len);
    if (whole && line.data[line.len - 1] != '/')
        text_char_add(&line, ' ');
    if (line.len + rest <= EDITED_MOST) {
        text_add(&line, e->line.data ? e->line.data + e->cursor : "", rest);
        put_line(e, line.data, line.len);
        redraw(w, rest);
    }
    text_release(&line);
}

/* In columns, down first. */
static void list_names(struct work *w, const struct completion *c)
{
    size_t widest = 0;
    for (size_t i = 0; i < c->n; i++)
        widest = strlen(c->names[i]) > widest ? strlen(c->names[i]) : widest;
    size_t a_row = columns(w->p) / (widest + 2), rows = a_row > 1 ? (c->n + a_row - 1) / a_row : c->n;
    for (size_t row = 0; row < rows; row++)
        for (size_t i = row; i < c->n; i += rows) {
            bool last = i + rows >= c->n;
            text_print(&w->out, "%-*s%s", last ? 0 : (int)widest + 2, c->names[i], last ? "\n" : "");
        }
}

static void list_all(struct work *w, const struct completion *c)
{
    size_t back = behind(w->e);
    new_line(w);
    list_names(w, c);
    w->e->y = 0;
    redraw(w, back);
}

static void key_complete(struct work *w)
{
    struct edit *e = w->e;
    struct completion c;
    bool again = e->tabbed;
    complete(w->p, e->line.data ? e->line.data : "", e->cursor, &c);
    proc_charge(w->p, c.n * 4 + 16);
    if (again && c.n > 1) {
        list_all(w, &c);
        return;
    }
    if (c.n != 1)
        say(w, "\a");
    size_t n = c.n ? common(&c) : 0;
    if (!n)
        return;
    struct text name = quoted(w, c.names[0], n, c.quote);
    put_in(w, &c, &name, c.n == 1);
    text_release(&name);
}

/* ---- Which key does what ---- */

static void (*const control_keys[32])(struct work *w) = {
    ['A' - '@'] = key_start, ['B' - '@'] = key_left, ['C' - '@'] = key_break, ['D' - '@'] = key_end_or_delete,
    ['E' - '@'] = go_to_end, ['F' - '@'] = key_right, ['H' - '@'] = delete_left, ['I' - '@'] = key_complete,
    ['J' - '@'] = key_enter, ['K' - '@'] = key_cut_rest, ['L' - '@'] = key_clear, ['M' - '@'] = key_enter,
    ['N' - '@'] = key_newer, ['P' - '@'] = key_older, ['U' - '@'] = key_cut_start, ['W' - '@'] = key_erase_word,
};

static const struct sequence {
    const char *bytes; /* behind the escape */
    void (*act)(struct work *w);
} sequences[] = {
    { "b", key_word_left },     { "f", key_word_right },      { "d", key_delete_word_right }, { "\177", key_delete_word_left },
    { "\b", key_delete_word_left },
    { "[A", key_older },        { "[B", key_newer },          { "[C", key_right },            { "[D", key_left },
    { "OA", key_older },        { "OB", key_newer },          { "OC", key_right },            { "OD", key_left },
    { "[H", key_start },        { "[F", go_to_end },          { "OH", key_start },            { "OF", go_to_end },
    { "[1~", key_start },       { "[7~", key_start },         { "[4~", go_to_end },           { "[8~", go_to_end },
    { "[3~", delete_here },     { "[1;5D", key_word_left },   { "[1;5C", key_word_right },    { "[1;3D", key_word_left },
    { "[1;3C", key_word_right },
};

/* "[ROW;COLUMNR": the answer to where the cursor is. What stood there before the prompt moves it. */
static bool take_place(struct work *w, const char *s)
{
    struct edit *e = w->e;
    unsigned column = 0;
    s = *s == '[' ? s + 1 + strspn(s + 1, "0123456789") : "";
    if (*s++ != ';' || !e->asked)
        return false;
    for (; isdigit((unsigned char)*s) && column < 10000; s++)
        column = column * 10 + (unsigned)(*s - '0');
    if (*s != 'R')
        return false;
    e->asked = false;
    if (!e->cursor && column > e->indent + 1u) {
        size_t place = e->x + column - 1u - e->indent;
        e->x = (uint16_t)(place % columns(w->p));
        e->y = (uint16_t)(e->y + place / columns(w->p));
    }
    return true;
}

static void sequence_ended(struct work *w)
{
    struct edit *e = w->e;
    e->keys[e->n_keys] = '\0';
    e->n_keys = 0;
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (!strcmp(sequences[i].bytes, e->keys + 1)) {
            sequences[i].act(w);
            return;
        }
    (void)take_place(w, e->keys + 1);
}

static void take_key(struct work *w, char c);

/* true: the byte belongs to the sequence. */
static bool add_to_sequence(struct work *w, char c)
{
    struct edit *e = w->e;
    char first = e->n_keys > 1 ? e->keys[1] : '\0';
    e->keys[e->n_keys++] = c;
    if (!first) {
        if (c == '[' || c == 'O')
            return true;
        bool known = strchr("bfd\177\b", c) && c;
        if (known)
            sequence_ended(w);
        e->n_keys = 0;
        return known;
    }
    bool ends = first == 'O' || ((unsigned char)c >= '@' && c != '[') || e->n_keys == KEYS_MOST - 1;
    if (ends)
        sequence_ended(w);
    return true;
}

static void take_key(struct work *w, char c)
{
    struct edit *e = w->e;
    if (e->n_keys && add_to_sequence(w, c))
        return;
    if (c == '\033') {
        e->keys[0] = c;
        e->n_keys = 1;
        return;
    }
    unsigned char code = (unsigned char)c;
    if (c == '\177')
        delete_left(w);
    else if (code >= ' ')
        insert(w, c);
    else if (control_keys[code])
        control_keys[code](w);
    e->tabbed = c == '\t';
}

/* ---- A line ---- */

bool edit_serves(const struct proc *p, int fd)
{
    const struct file *f = p->shell->tty && proc_machine(p)->editing ? descriptor_file(p, fd) : NULL;
    return f && f->type == FILE_CONSOLE;
}

static void show_work(struct work *w)
{
    if (w->out.len)
        console_put(w->p->shell, 1, w->out.data, w->out.len);
    text_release(&w->out);
}

void edit_begin(struct proc *p, const char *prompt_variable)
{
    struct shell *sh = p->shell;
    struct tty *tty = sh->tty;
    struct edit *e = &tty->edit;
    struct work w = { .p = p, .e = e, .out = text_of(&p->memory) };
    text_release(&e->line);
    forget_unfinished(sh, e);
    e->cursor = 0;
    e->n_keys = 0;
    e->tabbed = false;
    e->at = e->n_history;
    e->variable = prompt_variable;
    proc_terminal(p, TTY_RAW);
    show_prompt(&w, true);
    e->indent = e->x;
    e->asked = proc_machine(p)->ask_terminal && !tty_readable(sh);
    if (e->asked)
        say(&w, "\033[6n");
    show_work(&w);
}

enum edit_next edit_keys(struct proc *p)
{
    char c;
    struct work w = { .p = p, .e = &p->shell->tty->edit, .out = text_of(&p->memory) };
    while (w.next == EDIT_MORE) {
        int64_t got = tty_read(p->shell, &c, 1);
        if (got == 0)
            w.next = EDIT_END;
        if (got <= 0)
            break;
        proc_charge(p, 1 + w.e->line.len / 64);
        take_key(&w, c);
    }
    show_work(&w);
    if (w.next == EDIT_LINE)
        remember(p, w.e);
    if (w.next != EDIT_MORE)
        proc_terminal(p, TTY_COOKED);
    return w.next;
}

const char *edit_line(const struct proc *p, size_t *ret_n)
{
    const struct edit *e = &p->shell->tty->edit;
    *ret_n = e->line.len;
    return e->line.data ? e->line.data : "";
}
