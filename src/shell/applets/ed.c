#include "shell/applets/ed.h"

#include "shell/applets/reader.h"
#include "shell/options.h"

#include <ctype.h>
#include <string.h>

struct session {
    struct ed ed;
    struct reader input;
    const char *prompt;
    bool prompted;
    enum { COMMANDS, LINES, QUITS } state;
    int64_t to; /* of LINES: the number of the next */
};

/* A command with the lines that it is for. */
struct command {
    int64_t from, to;
    bool given; /* there was a number */
    char *words; /* what follows the letter */
};

static void start(struct proc *p, int argc, char **argv)
{
    struct session *s = proc_state(p);
    char **words;
    s->prompt = "";
    s->ed.none.s = memory_text(proc_memory(p), "");
    options_bits(p, argc, argv, "p:", &words, &s->prompt);
    reader_begin(&s->input, p, 0);
    if (!words[0])
        return;
    s->ed.name = memory_text(proc_memory(p), words[0]);
    if (!ed_read(p, &s->ed, words[0], 1))
        proc_exit(p, 0);
    s->ed.dirty = false;
}

static char *skip_blanks(char *s)
{
    return s + strspn(s, " \t");
}

/* /text/ or /text: *s moves behind it. */
static bool find(struct proc *p, struct ed *e, char **s, int64_t *ret)
{
    char *text = *s + 1, *end = strchr(text, '/');
    *s = end ? end + 1 : text + strlen(text);
    if (end)
        *end = '\0';
    return ed_find(p, e, text, e->now, ret);
}

static bool read_mark(struct proc *p, const struct ed *e, char **s, int64_t *ret)
{
    char letter = (*s)[1];
    if (letter < 'a' || letter > 'z') {
        proc_error(p, "bad mark name");
        return false;
    }
    *s += 2;
    *ret = e->marks[letter - 'a'];
    return true;
}

/* One part of a number. Whether there was none that made no sense; *ret_any: whether there was one. */
static bool read_part(struct proc *p, struct ed *e, char **s, int64_t *ret, bool *ret_any)
{
    *ret_any = true;
    switch (**s) {
    case '.':
        *ret = e->now;
        ++*s;
        return true;
    case '$':
        *ret = e->last;
        ++*s;
        return true;
    case '\'':
        return read_mark(p, e, s, ret);
    case '/':
        return find(p, e, s, ret);
    default:
        *ret_any = isdigit((unsigned char)**s);
        for (*ret = 0; isdigit((unsigned char)**s); ++*s)
            *ret = *ret > INT32_MAX ? *ret : *ret * 10 + (**s - '0');
        return true;
    }
}

/* Parts with + and - between them. */
static bool read_number(struct proc *p, struct ed *e, char **s, int64_t *ret, bool *ret_given)
{
    int sign = 1;
    *ret = 0;
    *ret_given = false;
    for (;;) {
        int64_t part;
        bool any;
        *s = skip_blanks(*s);
        if (!read_part(p, e, s, &part, &any))
            return false;
        if (!any)
            return true;
        *ret += sign * part;
        *ret_given = true;
        *s = skip_blanks(*s);
        if (**s != '+' && **s != '-')
            return true;
        sign = *(*s)++ == '-' ? -1 : 1;
    }
}

static bool read_range(struct proc *p, struct ed *e, char **s, struct command *c)
{
    bool second = false;
    if (!read_number(p, e, s, &c->from, &c->given))
        return false;
    *s = skip_blanks(*s);
    if (**s == ',') {
        ++*s;
        if (!read_number(p, e, s, &c->to, &second))
            return false;
        if (!c->given)
            c->from = 1;
        if (!second)
            c->to = e->last;
        c->given = second = true;
    }
    if (!c->given)
        c->from = e->now;
    if (!second)
        c->to = c->from;
    *s = skip_blanks(*s);
    return true;
}

/* ---- Commands ---- */

static void add_from(struct session *s, int64_t number)
{
    s->to = number;
    s->state = LINES;
}

static void append(struct proc *p, struct session *s, const struct command *c)
{
    (void)p;
    add_from(s, c->from + 1);
}

static void insert(struct proc *p, struct session *s, const struct command *c)
{
    (void)p;
    add_from(s, c->given || s->ed.last ? c->from : 1);
}

static void change(struct proc *p, struct session *s, const struct command *c)
{
    ed_delete(p, &s->ed, c->from, c->to);
    add_from(s, c->from);
}

static void delete_lines(struct proc *p, struct session *s, const struct command *c)
{
    ed_delete(p, &s->ed, c->from, c->to);
}

/* The name behind a command, "" where there is none; NULL, and it is said, where there is no blank before it. */
static char *name_of(struct proc *p, const struct command *c, const char *what)
{
    if (!*c->words || *c->words == ' ' || *c->words == '\t')
        return skip_blanks(c->words);
    proc_error(p, "bad %s command", what);
    return NULL;
}

static void set_name(struct proc *p, struct ed *e, const char *name)
{
    memory_give(proc_memory(p), e->name);
    e->name = memory_text(proc_memory(p), name);
}

static void file(struct proc *p, struct session *s, const struct command *c)
{
    const char *name = name_of(p, c, "file");
    if (name && *name)
        set_name(p, &s->ed, name);
    else if (name && s->ed.name)
        out_print(p, "\"%s\"\n", s->ed.name);
    else if (name)
        out_text(p, "No file name\n");
}

static void mark(struct proc *p, struct session *s, const struct command *c)
{
    const char *name = skip_blanks(c->words);
    if (*name < 'a' || *name > 'z' || name[1])
        proc_error(p, "bad mark name");
    else
        s->ed.marks[*name - 'a'] = c->to;
}

static void print(struct proc *p, struct session *s, const struct command *c)
{
    ed_print(p, &s->ed, c->from, c->to, false);
}

static void list(struct proc *p, struct session *s, const struct command *c)
{
    ed_print(p, &s->ed, c->from, c->to, true);
}

static void quit(struct proc *p, struct session *s, const struct command *c)
{
    if (*skip_blanks(c->words) || c->given) {
        proc_error(p, "bad quit command");
        return;
    }
    if (!s->ed.dirty)
        proc_exit(p, 0);
    out_text(p, "Really quit? ");
    out_flush(p);
    s->state = QUITS;
}

static void read_file(struct proc *p, struct session *s, const struct command *c)
{
    const char *name = name_of(p, c, "read");
    if (name && !*name)
        proc_error(p, "no file name");
    else if (name)
        ed_read(p, &s->ed, name, (c->given ? c->from : s->ed.last) + 1);
}

static void substitute(struct proc *p, struct session *s, const struct command *c)
{
    ed_substitute(p, &s->ed, c->words, c->from, c->to);
}

static void write_file(struct proc *p, struct session *s, const struct command *c)
{
    const char *name = name_of(p, c, "write");
    if (name && !*name)
        name = s->ed.name ? s->ed.name : name;
    if (name && !*name)
        proc_error(p, "no file name specified");
    if (!name || !*name)
        return;
    ed_write(p, &s->ed, name, c->given ? c->from : 1, c->given ? c->to : s->ed.last);
    /* Written or not. */
    if (!c->given)
        s->ed.dirty = false;
}

/* A screen of lines. */
static void page(struct proc *p, struct session *s, const struct command *c)
{
    int64_t now = s->ed.now;
    if (*c->words == '-')
        ed_print(p, &s->ed, now - 21, now, false);
    else if (*c->words == '.')
        ed_print(p, &s->ed, now - 11, now + 10, false);
    else
        ed_print(p, &s->ed, now, now + 21, false);
}

static void number(struct proc *p, struct session *s, const struct command *c)
{
    (void)s;
    out_print(p, "%lld\n", (long long)c->from);
}

static void go_to(struct proc *p, struct ed *e, int64_t line)
{
    if (line < 1 || line > e->last)
        proc_error(p, "line number %lld does not exist", (long long)line);
    else
        ed_print(p, e, line, line, false);
}

static void back(struct proc *p, struct session *s, const struct command *c)
{
    (void)c;
    go_to(p, &s->ed, s->ed.now - 1);
}

static void point(struct proc *p, struct session *s, const struct command *c)
{
    (void)s, (void)c;
    proc_error(p, "no arguments allowed");
}

static void nothing(struct proc *p, struct session *s, const struct command *c)
{
    if (c->given)
        ed_print(p, &s->ed, c->to, c->to, false);
    else
        go_to(p, &s->ed, s->ed.now + 1);
}

static const struct letter {
    char letter;
    void (*run)(struct proc *p, struct session *s, const struct command *c);
} letters[] = {
    { 'a', append }, { 'c', change },    { 'd', delete_lines }, { 'f', file },       { 'i', insert },
    { 'k', mark },   { 'l', list },      { 'p', print },        { 'q', quit },       { 'r', read_file },
    { 'w', write_file }, { 's', substitute }, { 'z', page },    { '=', number },     { '-', back },
    { '.', point },  { '\0', nothing },
};

static void run(struct proc *p, struct session *s, char *line)
{
    struct command c = { 0 };
    size_t n = strlen(line);
    while (n && isspace((unsigned char)line[n - 1]))
        line[--n] = '\0';
    line = skip_blanks(line);
    if (!read_range(p, &s->ed, &line, &c))
        return;
    c.words = *line ? line + 1 : line;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].letter == *line) {
            letters[i].run(p, s, &c);
            return;
        }
    }
    proc_error(p, "unimplemented command");
}

static void take_line(struct proc *p, struct session *s, const char *line, size_t n)
{
    if (s->state == QUITS) {
        s->state = COMMANDS;
        line += strspn(line, " \t");
        if (*line == 'y' || *line == 'Y')
            proc_exit(p, 0);
    } else if (s->state == LINES) {
        bool over = n == 2 && line[0] == '.' && line[1] == '\n';
        if (over || !ed_insert(p, &s->ed, s->to++, line, n))
            s->state = COMMANDS;
    } else {
        char *copy = memory_bytes(proc_memory(p), line, n);
        run(p, s, copy);
        memory_give(proc_memory(p), copy);
    }
}

static enum applet_next step(struct proc *p)
{
    struct session *s = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (s->state == COMMANDS && !s->prompted) {
        out_text(p, s->prompt);
        out_flush(p);
    }
    s->prompted = true;
    const char *line;
    size_t n;
    enum applet_next next = reader_line(&s->input, p, &line, &n);
    if (next != NEXT_DONE)
        return next;
    if (!line) {
        proc_done(p, 0);
        return NEXT_DONE;
    }
    s->prompted = false;
    take_line(p, s, line, n);
    return NEXT_AGAIN;
}

const struct applet applet_ed = {
    .name = "ed",
    .start = start,
    .step = step,
    .state = sizeof(struct session),
};
