#include "trap/words.h"

#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of the escape behind a backslash; *at moves over it. 0: it is none. */
static char escaped(const char **at)
{
    static const char letters[] = "r\rn\nt\t\\\\";
    char c = *(*at)++;
    for (size_t i = 0; letters[i]; i += 2) {
        if (letters[i] == c)
            return letters[i + 1];
    }
    int high = c == 'x' ? digit((*at)[0]) : -1;
    int low = high >= 0 ? digit((*at)[1]) : -1;
    if (low < 0)
        return 0;
    *at += 2;
    return (char)(high << 4 | low);
}

bool words_unescape(char *text)
{
    const char *from = text;
    char *to = text;
    while (*from) {
        char c = *from++;
        if (c == '\\')
            c = *from ? escaped(&from) : 0;
        if (!c)
            return false;
        *to++ = c;
    }
    *to = '\0';
    return true;
}

static unsigned column_of(const uint8_t *data, size_t n)
{
    unsigned column = 0;
    for (size_t i = 0; i < n; i++)
        column = data[i] == '\r' || data[i] == '\n' ? 0 : column + (data[i] >= ' ');
    return column;
}

/* What stands for a percent sign and the letter behind it; false: nothing does. */
static bool put_mark(struct buf *out, char letter, const char *hostname, const char *line, size_t n)
{
    if (letter == 'h')
        buf_put(out, hostname, strlen(hostname));
    else if (letter == 'c' && line)
        buf_put(out, line, n);
    else if (letter == '%')
        buf_u8(out, '%');
    else
        return false;
    return true;
}

void words_answer(struct buf *out, const char *text, const char *hostname, const char *line,
                  size_t n)
{
    for (const char *at = text; *at;) {
        size_t some = strcspn(at, "%");
        buf_put(out, at, some);
        at += some;
        if (*at && put_mark(out, at[1], hostname, line, n))
            at += 2;
        else if (*at)
            buf_u8(out, (uint8_t)*at++);
    }
}

unsigned words_say(struct buf *out, const char *text, const char *hostname)
{
    size_t before = out->len;
    words_answer(out, text, hostname, NULL, 0);
    return out->len > before ? column_of(out->data + before, out->len - before) : 0;
}
