#include "shell/applets/sed.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

void sed_fail(struct sed_reader *r, const char *format, ...)
{
    va_list args;
    if (!r->why) {
        va_start(args, format);
        r->why = memory_vprint(r->script->memory, format, args);
        va_end(args);
    }
    r->p = r->end;
}

char sed_peek(const struct sed_reader *r)
{
    return r->p < r->end ? *r->p : '\0';
}

/* ---- Between delimiters ---- */

/* The next delimiter that no backslash stands before; `brackets`: and that stands in none. */
static const char *find_delimiter(const struct sed_reader *r, char delimiter, bool brackets)
{
    const char *bracket = NULL;
    for (const char *p = r->p; p < r->end; p++) {
        if (bracket) {
            bool first = p == bracket + 1 || (p == bracket + 2 && p[-1] == '^');
            if (*p == ']' && !first)
                bracket = NULL;
        } else if (*p == '\\') {
            p++;
        } else if (*p == delimiter) {
            return p;
        } else if (*p == '[' && brackets) {
            bracket = p;
        }
    }
    return NULL;
}

static char escaped(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : '\0';
}

void sed_unescape(struct text *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->len; i++) {
        char c = t->data[i];
        if (c == '\\' && i + 1 < t->len) {
            char means = escaped(t->data[++i]);
            if (!means)
                t->data[n++] = c;
            c = means ? means : t->data[i];
        }
        t->data[n++] = c;
    }
    t->len = n;
    if (t->data)
        t->data[n] = '\0';
}

/* The delimiter loses its backslash, but in an expression, where it may mean something with it. */
static void drop_escapes(struct text *t, char delimiter)
{
    size_t n = 0;
    for (size_t i = 0; i < t->len; i++) {
        if (t->data[i] == '\\' && i + 1 < t->len) {
            if (t->data[i + 1] != delimiter)
                t->data[n++] = t->data[i];
            i++;
        }
        t->data[n++] = t->data[i];
    }
    t->len = n;
}

struct text sed_delimited(struct sed_reader *r, char delimiter, enum sed_what what)
{
    struct text t = text_of(r->script->memory);
    const char *end = find_delimiter(r, delimiter, what != WHAT_TEXT);
    text_add(&t, "", 0);
    if (!end) {
        sed_fail(r, "unmatched '%c'", delimiter);
        return t;
    }
    text_add(&t, r->p, (size_t)(end - r->p));
    r->p = end + 1;
    if (what != WHAT_REGEX)
        drop_escapes(&t, delimiter);
    sed_unescape(&t);
    return t;
}

struct regex *sed_regex(struct sed_reader *r, const struct text *t, unsigned flags)
{
    const char *why;
    if (t->len == 0)
        return NULL;
    flags |= r->script->extended ? REGEX_EXTENDED : 0;
    struct regex *regex = regex_make(r->script->memory, t->data, t->len, flags, &why);
    if (!regex)
        sed_fail(r, "bad regex '%s': %s", t->data, why);
    return regex;
}

/* The rest of the line. */
char *sed_file_name(struct sed_reader *r)
{
    while (isspace((unsigned char)sed_peek(r)))
        r->p++;
    if (r->p == r->end)
        sed_fail(r, "empty filename");
    char *name = memory_bytes(r->script->memory, r->p, (size_t)(r->end - r->p));
    r->p = r->end;
    return name;
}

/* ---- s and y ---- */

int32_t sed_number(struct sed_reader *r)
{
    int64_t n = 0;
    for (; isdigit((unsigned char)sed_peek(r)); r->p++)
        n = n > INT64_MAX / 10 - 1 ? INT64_MAX : n * 10 + (*r->p - '0');
    return (int32_t)(uint32_t)n;
}

static void read_flags(struct sed_reader *r, struct sed_command *c, unsigned *ret_flags)
{
    c->nth = 1;
    for (;; r->p++) {
        char flag = sed_peek(r);
        if (isdigit((unsigned char)flag)) {
            c->nth = (uint32_t)sed_number(r);
            flag = sed_peek(r);
        }
        if (flag == '\0' || isspace((unsigned char)flag) || strchr(";}#", flag))
            return;
        if (flag == 'g')
            c->nth = 0;
        else if (flag == 'p')
            c->prints = true;
        else if (flag == 'i' || flag == 'I')
            *ret_flags |= REGEX_ICASE;
        else if (flag != 'w')
            sed_fail(r, "bad option in substitution expression");
        if (r->why)
            return;
        if (flag == 'w') {
            r->p++;
            c->writes = true;
            c->file_name = sed_file_name(r);
            return;
        }
    }
}

static char read_delimiter(struct sed_reader *r)
{
    char delimiter = sed_peek(r);
    if (delimiter == '\0' || delimiter == '\n') {
        sed_fail(r, "bad format in substitution expression");
        return '\0';
    }
    r->p++;
    return delimiter;
}

void sed_read_subst(struct sed_reader *r, struct sed_command *c)
{
    unsigned flags = 0;
    char delimiter = read_delimiter(r);
    struct text regex = text_of(r->script->memory), with = regex;
    if (!r->why)
        regex = sed_delimited(r, delimiter, WHAT_REGEX);
    if (!r->why)
        with = sed_delimited(r, delimiter, WHAT_TEXT);
    if (!r->why)
        read_flags(r, c, &flags);
    if (!r->why)
        c->regex = sed_regex(r, &regex, flags);
    c->text = with.data;
    c->n = with.len;
    text_release(&regex);
}

/* The first of several that are the same counts; what has no partner stays. */
void sed_read_map(struct sed_reader *r, struct sed_command *c)
{
    bool seen[256] = { 0 };
    char delimiter = read_delimiter(r);
    struct text from = text_of(r->script->memory), to = from;
    c->map = memory_take(r->script->memory, 256);
    for (unsigned i = 0; i < 256; i++)
        c->map[i] = (uint8_t)i;
    if (!r->why)
        from = sed_delimited(r, delimiter, WHAT_MAP);
    if (!r->why)
        to = sed_delimited(r, delimiter, WHAT_TEXT);
    for (size_t i = 0; !r->why && i < from.len && i < to.len; i++) {
        uint8_t byte = (uint8_t)from.data[i];
        if (!seen[byte])
            c->map[byte] = (uint8_t)to.data[i];
        seen[byte] = true;
    }
    text_release(&from);
    text_release(&to);
}
