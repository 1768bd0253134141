#include "trap/hold.h"

#include "base/own.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    longjmp(((struct hold *)m)->full, 1);
}

void hold_init(struct hold *h, char (*why)[HOLD_WHY])
{
    *h = (struct hold){ .account.most = HOLD_MEMORY, .why = why };
    h->memory = (struct memory){ .account = &h->account, .exhausted = exhausted };
}

int hold_wrong(struct hold *h, const char *file, unsigned line, const char *format, ...)
{
    char *why = *h->why;
    int n = line ? snprintf(why, HOLD_WHY, "%.80s:%u: ", file, line)
                 : snprintf(why, HOLD_WHY, "%.80s: ", file);
    va_list args;
    va_start(args, format);
    vsnprintf(why + n, (size_t)(HOLD_WHY - n), format, args);
    va_end(args);
    return 1;
}

char *hold_line(struct hold *h, struct hold_lines *lines, int *ret_e)
{
    const char *at = lines->rest, *end = lines->end;
    *ret_e = 0;
    if (at >= end)
        return NULL;
    lines->line++;
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t n = (size_t)((stop ? stop : end) - at);
    if (n > HOLD_LINE || memchr(at, '\0', n)) {
        *ret_e = hold_wrong(h, lines->file, lines->line,
                            n > HOLD_LINE ? "the line is too long" : "a NUL");
        return NULL;
    }
    lines->rest = stop ? stop + 1 : end;
    if (n && at[n - 1] == '\r')
        n--;
    return memory_bytes(&h->memory, at, n);
}

int hold_file(struct hold *h, const char *path, char **ret, size_t *ret_n)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size > HOLD_FILE)
        return -EFBIG;
    char *data = memory_take(&h->memory, (size_t)st.st_size +
                                             1); /* before the file is opened: it may not return */
    auto_file FILE *f = fopen(path, "rb");
    if (!f)
        return -errno;
    size_t n = fread(data, 1, (size_t)st.st_size, f);
    if (ferror(f))
        return -EIO;
    *ret = data;
    *ret_n = n;
    return 0;
}

char *hold_trimmed(char *s)
{
    s += strspn(s, " \t");
    size_t n = strlen(s);
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    s[n] = '\0';
    return s;
}
