#include "shell/applets/sed.h"

#include <ctype.h>
#include <string.h>

/* ---- Addresses ---- */

static void skip_blanks(struct sed_reader *r)
{
    while (isspace((unsigned char)sed_peek(r)))
        r->p++;
}

static struct sed_address line_address(struct sed_reader *r)
{
    int32_t line = sed_number(r);
    if (line == 0)
        return (struct sed_address){ 0 };
    return (struct sed_address){ .where = line == -1 ? WHERE_LAST : WHERE_LINE, .line = line };
}

/* An empty one is the last address before it in the script. */
static struct sed_address regex_address(struct sed_reader *r)
{
    char delimiter = *r->p++;
    if (delimiter == '\\' && r->p < r->end)
        delimiter = *r->p++;
    struct text t = sed_delimited(r, delimiter, WHAT_REGEX);
    struct sed_address a = { .where = WHERE_MATCH };
    if (!r->why && t.len)
        r->script->last_address = sed_regex(r, &t, 0);
    a.regex = r->script->last_address;
    if (!a.regex)
        sed_fail(r, "no previous regexp");
    text_release(&t);
    return a;
}

/* *ret_any: there was one, be it 0. */
static struct sed_address address(struct sed_reader *r, bool *ret_any)
{
    char c = sed_peek(r);
    *ret_any = true;
    if (isdigit((unsigned char)c))
        return line_address(r);
    if (c == '/' || c == '\\')
        return regex_address(r);
    *ret_any = c == '$';
    if (c == '$') {
        r->p++;
        return (struct sed_address){ .where = WHERE_LAST };
    }
    return (struct sed_address){ 0 };
}

static void second_address(struct sed_reader *r, struct sed_command *c)
{
    bool any;
    r->p++;
    if (sed_peek(r) != '+') {
        c->to = address(r, &any);
    } else {
        r->p++;
        any = isdigit((unsigned char)sed_peek(r));
        c->to = (struct sed_address){ .where = WHERE_LATER, .line = sed_number(r) };
        any = any && c->to.line >= 0;
    }
    if (!any)
        sed_fail(r, "no address after comma");
}

static void addresses(struct sed_reader *r, struct sed_command *c)
{
    bool any;
    c->from = address(r, &any);
    if (sed_peek(r) == ',')
        second_address(r, c);
    skip_blanks(r);
    if (sed_peek(r) == '!') {
        r->p++;
        c->negated = true;
        skip_blanks(r);
    }
}

/* ---- Commands ---- */

static void read_nothing(struct sed_reader *r, struct sed_command *c)
{
    (void)r;
    (void)c;
}

/* Up to a blank or ; the brace belongs to it. */
static void read_label(struct sed_reader *r, struct sed_command *c)
{
    skip_blanks(r);
    const char *start = r->p;
    while (r->p < r->end && !isspace((unsigned char)*r->p) && *r->p != ';')
        r->p++;
    c->n = (size_t)(r->p - start);
    c->text = memory_bytes(r->script->memory, start, c->n);
}

/* The rest of the line: blanks before it go, but for those behind a backslash. */
static void read_text(struct sed_reader *r, struct sed_command *c)
{
    struct text t = text_of(r->script->memory);
    while (r->p < r->end && isspace((unsigned char)*r->p) && *r->p != '\n')
        r->p++;
    if (sed_peek(r) == '\\')
        r->p++;
    if (sed_peek(r) == '\n')
        r->p++;
    text_add(&t, r->p, (size_t)(r->end - r->p));
    r->p = r->end;
    sed_unescape(&t);
    size_t n = 0;
    for (size_t i = 0; i < t.len; i++) {
        if (t.data[i] == '\\' && ++i == t.len)
            break;
        t.data[n++] = t.data[i];
    }
    c->text = t.data;
    c->n = n;
}

static void read_name(struct sed_reader *r, struct sed_command *c)
{
    c->file_name = sed_file_name(r);
    c->writes = c->letter == 'w';
}

static const struct kind {
    char letter;
    bool one_address;
    void (*read)(struct sed_reader *r, struct sed_command *c);
} kinds[] = {
    { 's', false, sed_read_subst }, { 'a', true, read_text },     { 'i', true, read_text },
    { 'c', false, read_text },      { 'r', true, read_name },     { 'w', false, read_name },
    { ':', false, read_label },     { 'b', false, read_label },   { 't', false, read_label },
    { 'T', false, read_label },     { 'y', false, sed_read_map }, { 'd', false, read_nothing },
    { 'D', false, read_nothing },   { 'g', false, read_nothing }, { 'G', false, read_nothing },
    { 'h', false, read_nothing },   { 'H', false, read_nothing }, { 'l', false, read_nothing },
    { 'n', false, read_nothing },   { 'N', false, read_nothing }, { 'p', false, read_nothing },
    { 'P', false, read_nothing },   { 'q', false, read_nothing }, { 'x', false, read_nothing },
    { '=', false, read_nothing },   { '{', false, read_nothing }, { '}', false, read_nothing },
};

static const struct kind *kind_of(char letter)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].letter == letter)
            return &kinds[i];
    return NULL;
}

static void keep(struct sed_script *s, const struct sed_command *c)
{
    if (s->n == s->room) {
        s->room = s->room ? s->room * 2 : 4;
        s->commands = memory_array(s->memory, s->commands, s->room, sizeof *s->commands);
    }
    s->commands[s->n++] = *c;
}

static void command(struct sed_reader *r)
{
    struct sed_command c = { 0 };
    addresses(r, &c);
    if (r->why)
        return;
    c.letter = sed_peek(r);
    const struct kind *kind = kind_of(c.letter);
    if (c.letter == '\0')
        sed_fail(r, "missing command");
    else if (!kind)
        sed_fail(r, "unsupported command %c", c.letter);
    else if (kind->one_address && c.to.where != WHERE_NONE)
        sed_fail(r, "command '%c' uses only one address", c.letter);
    if (r->why)
        return;
    r->p++;
    kind->read(r, &c);
    if (!r->why)
        keep(r->script, &c);
}

/* ---- Lines ---- */

static const char *whole_line(struct sed_script *s, const char *line, size_t n)
{
    struct sed_reader r = { .script = s, .p = line, .end = line + n };
    for (;;) {
        while (r.p < r.end && (isspace((unsigned char)*r.p) || *r.p == ';'))
            r.p++;
        if (sed_peek(&r) == '#' && r.end - r.p > 1 && r.p[1] == 'n')
            s->quiet = true;
        if (r.p == r.end || *r.p == '#')
            return r.why;
        command(&r);
    }
}

static size_t backslashes_at_end(const char *line, size_t n)
{
    size_t count = 0;
    while (count < n && line[n - 1 - count] == '\\')
        count++;
    return count;
}

/* A backslash at the end of a line gives way to the line's end; the next line is a part of it. */
const char *sed_script_line(struct sed_script *s, const char *line, size_t n)
{
    bool waits = backslashes_at_end(line, n) % 2;
    if (!s->pending.len && !waits)
        return whole_line(s, line, n);
    if (!s->pending.memory)
        s->pending = text_of(s->memory);
    text_add(&s->pending, line, n - waits);
    if (waits) {
        text_char_add(&s->pending, '\n');
        return NULL;
    }
    return sed_script_end(s);
}

const char *sed_script_end(struct sed_script *s)
{
    if (!s->pending.len)
        return NULL;
    const char *why = whole_line(s, s->pending.data, s->pending.len);
    text_release(&s->pending);
    return why;
}
