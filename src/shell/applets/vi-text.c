#include "shell/applets/vi-text.h"

#include <ctype.h>
#include <string.h>

size_t vi_line_start(const struct vi_text *t, size_t at)
{
    while (at > 0 && t->bytes.data[at - 1] != '\n')
        at--;
    return at;
}

size_t vi_line_end(const struct vi_text *t, size_t at)
{
    const char *end =
        at < t->bytes.len ? memchr(t->bytes.data + at, '\n', t->bytes.len - at) : NULL;
    return end ? (size_t)(end - t->bytes.data) : t->bytes.len;
}

size_t vi_line_next(const struct vi_text *t, size_t at)
{
    size_t end = vi_line_end(t, at);
    return end < t->bytes.len ? end + 1 : end;
}

size_t vi_line_before(const struct vi_text *t, size_t at)
{
    size_t start = vi_line_start(t, at);
    return start ? vi_line_start(t, start - 1) : 0;
}

size_t vi_lines(const struct vi_text *t, size_t to)
{
    size_t n = 0;
    for (size_t i = 0; i < to && i < t->bytes.len; i++)
        n += t->bytes.data[i] == '\n';
    return n;
}

size_t vi_line_number(const struct vi_text *t, size_t n)
{
    size_t at = 0;
    while (n-- > 1) {
        size_t next = vi_line_next(t, at);
        if (next >= t->bytes.len)
            break;
        at = next;
    }
    return at;
}

size_t vi_column(const struct vi_text *t, size_t at)
{
    return at - vi_line_start(t, at);
}

size_t vi_at_column(const struct vi_text *t, size_t line, size_t column)
{
    size_t end = vi_line_end(t, line), at = line + column;
    size_t last = end > line ? end - 1 : line;
    return at > last ? last : at;
}

static int class_of(const struct vi_text *t, size_t at)
{
    unsigned char c = (unsigned char)t->bytes.data[at];
    return isspace(c) ? 0 : isalnum(c) || c == '_' ? 1 : 2;
}

size_t vi_word_next(const struct vi_text *t, size_t at)
{
    size_t n = t->bytes.len;
    if (at >= n)
        return n;
    for (int c = class_of(t, at); at < n && c != 0 && class_of(t, at) == c;)
        at++;
    while (at < n && class_of(t, at) == 0)
        at++;
    return at;
}

size_t vi_word_before(const struct vi_text *t, size_t at)
{
    while (at > 0 && class_of(t, at - 1) == 0)
        at--;
    while (at > 1 && class_of(t, at - 1) == class_of(t, at - 2))
        at--;
    return at ? at - 1 : 0;
}

size_t vi_word_end(const struct vi_text *t, size_t at)
{
    size_t n = t->bytes.len;
    at++;
    while (at < n && class_of(t, at) == 0)
        at++;
    while (at + 1 < n && class_of(t, at) == class_of(t, at + 1))
        at++;
    return at < n ? at : n ? n - 1 : 0;
}

void vi_insert(struct vi_text *t, size_t at, const char *s, size_t n)
{
    size_t len = t->bytes.len;
    text_add(&t->bytes, s, n);
    memmove(t->bytes.data + at + n, t->bytes.data + at, len - at);
    memcpy(t->bytes.data + at, s, n);
    t->modified = true;
}

void vi_delete(struct vi_text *t, size_t from, size_t to)
{
    if (to <= from)
        return;
    memmove(t->bytes.data + from, t->bytes.data + to, t->bytes.len - to);
    t->bytes.len -= to - from;
    t->bytes.data[t->bytes.len] = '\0';
    t->modified = true;
}

void vi_finish(struct vi_text *t)
{
    if (t->bytes.len == 0 || t->bytes.data[t->bytes.len - 1] != '\n')
        text_char_add(&t->bytes, '\n');
}
