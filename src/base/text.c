#include "base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

enum { WORD_LONGEST = 63 }; /* longer words are nobody's slip of the finger */

/* RFC 3629, section 4: the length that a first byte announces; 0 where it may not be one. */
static size_t announced(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t text_char(const char *s, size_t n, uint32_t *ret_point)
{
    const uint8_t *u = (const uint8_t *)s;
    uint32_t point = u[0];
    size_t length = announced(u[0]);
    if (length == 0 || length > n)
        return 0;
    if (length > 1)
        point &= 0x7fu >> length;
    for (size_t i = 1; i < length; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (u[i] & 0x3f);
    }
    /* neither overlong, nor a surrogate, nor past the last code point */
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *ret_point = point;
    return length;
}

bool text_is_utf8(const char *s, size_t n)
{
    uint32_t point;
    while (n > 0) {
        size_t length = text_char(s, n, &point);
        if (length == 0)
            return false;
        s += length;
        n -= length;
    }
    return true;
}

/* Bidirectional controls and line separators: they show a text other than it is. */
static bool deceives(uint32_t point)
{
    return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
           point == 0x200e || point == 0x200f || point == 0x2028 || point == 0x2029 ||
           point == 0x061c || point == 0xfeff;
}

static void escape_control(struct buf *b, uint32_t c)
{
    if (c == '\n' || c == '\r' || c == '\t')
        buf_print(b, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    else
        buf_print(b, "\\x%02x", (unsigned)c);
}

static void escape_char(struct buf *b, const char *s, size_t length, uint32_t point,
                        enum text_escape how)
{
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
        escape_control(b, point);
        return;
    }
    if (deceives(point)) {
        buf_print(b, "\\u{%04x}", (unsigned)point);
        return;
    }
    if (how == TEXT_QUOTED && (point == '"' || point == '\\'))
        buf_u8(b, '\\');
    buf_put(b, s, length);
}

void text_escape(struct buf *b, const char *s, size_t n, enum text_escape how)
{
    while (n > 0) {
        uint32_t point = 0;
        size_t length = text_char(s, n, &point);
        if (length == 0) {
            length = 1;
            escape_control(b, (uint8_t)*s);
        } else {
            escape_char(b, s, length, point, how);
        }
        s += length;
        n -= length;
    }
}

static unsigned point_width(uint32_t point)
{
    int width = wcwidth((wchar_t)point);
    return width < 0 ? 1 : (unsigned)width; /* -1 also where the locale is C */
}

size_t text_fit(const char *s, size_t n, unsigned columns)
{
    size_t at = 0;
    for (unsigned used = 0; at < n;) {
        uint32_t point = ' ';
        size_t length = text_char(s + at, n - at, &point);
        used += point_width(point);
        if (used > columns)
            break;
        at += length ? length : 1;
    }
    return at;
}

unsigned text_width(const char *s, size_t n)
{
    unsigned width = 0;
    for (size_t at = 0; at < n;) {
        uint32_t point = ' ';
        size_t length = text_char(s + at, n - at, &point);
        width += point_width(point);
        at += length ? length : 1;
    }
    return width;
}

int text_int(const char *s, int64_t least, int64_t most, int64_t *ret)
{
    if (!isdigit((unsigned char)s[*s == '-']))
        return 1;
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (errno || *end || v < least || v > most)
        return 1;
    *ret = v;
    return 0;
}

/* Levenshtein's distance, one row at a time; case is no difference. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_LONGEST + 1], n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t best = corner + !same;
            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

const char *text_nearest(const char *word, const char *(*known)(size_t i, const void *context),
                         const void *context)
{
    if (strlen(word) > WORD_LONGEST)
        return NULL;
    size_t best = 2 + strlen(word) / 4; /* more slips than that are another word */
    const char *found = NULL, *name;
    for (size_t i = 0; (name = known(i, context)); i++) {
        if (strlen(name) > WORD_LONGEST)
            continue;
        size_t d = distance(word, name);
        if (d < best && d < strlen(name)) {
            best = d;
            found = name;
        }
    }
    return found;
}

void text_copy(char *to, size_t room, const char *s)
{
    size_t n = 0;
    while (n + 1 < room && s[n])
        n++;
    memcpy(to, s, n);
    to[n] = '\0';
}

void buf_print(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n >= 0 && buf_reserve(b, (size_t)n + 1)) {
        vsnprintf((char *)b->data + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(args);
}
