#include "shell/machine-inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_MOST = 64 << 20 };

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    longjmp(((struct machine_hold *)m)->full, 1);
}

struct machine_hold *machine_hold_make(char (*why)[MACHINE_WHY])
{
    struct machine_hold *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->account.most = MEMORY_MOST;
    h->memory = (struct memory){ .account = &h->account, .exhausted = exhausted };
    h->why = why;
    h->machine.memory = h;
    return h;
}

void machine_hold_free(struct machine_hold *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < MACHINE_DEPTH; i++) {
        if (h->open[i])
            closedir(h->open[i]);
    }
    memory_clear(&h->memory);
    free(h);
}

int machine_wrong(struct machine_hold *h, const char *file, unsigned line, const char *format, ...)
{
    char *why = *h->why;
    int n = line ? snprintf(why, MACHINE_WHY, "%s:%u: ", file, line)
                 : snprintf(why, MACHINE_WHY, "%s: ", file);
    if (n < 0 || n >= MACHINE_WHY)
        return 1;
    va_list args;
    va_start(args, format);
    vsnprintf(why + n, (size_t)(MACHINE_WHY - n), format, args);
    va_end(args);
    return 1;
}

char *machine_line(struct machine_hold *h, const char *file, const char **rest, const char *end,
                   unsigned *line, int *ret_e)
{
    const char *at = *rest;
    *ret_e = 0;
    if (at >= end)
        return NULL;
    ++*line;
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t n = (size_t)((stop ? stop : end) - at);
    if (n > MACHINE_LINE_MOST || memchr(at, '\0', n)) {
        *ret_e =
            machine_wrong(h, file, *line, n > MACHINE_LINE_MOST ? "the line is too long" : "a NUL");
        return NULL;
    }
    *rest = stop ? stop + 1 : end;
    if (n && at[n - 1] == '\r')
        n--;
    return memory_bytes(&h->memory, at, n);
}

bool machine_number(const char *s, uint64_t most, uint64_t *ret)
{
    uint64_t v = 0;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
            return false;
    }
    *ret = v;
    return v <= most;
}
