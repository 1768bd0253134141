#include "shell/settings.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_MOST = 8 };

/* Where not every number will do. */
static const struct {
    const char *name;
    long least, most;
} ranges[] = {
    { "sys/fs/file-max", 0, LONG_MAX },
    { "sys/kernel/pid_max", 301, 4194304 },
    { "sys/kernel/threads-max", 1, INT_MAX },
    { "sys/net/core/rmem_max", 256, INT_MAX },
    { "sys/net/core/somaxconn", 0, 65535 },
    { "sys/net/core/wmem_max", 2048, INT_MAX },
    { "sys/net/ipv4/ip_local_port_range", 1, 65535 },
    { "sys/vm/drop_caches", 0, 4 },
    { "sys/vm/min_free_kbytes", 0, INT_MAX },
    { "sys/vm/overcommit_memory", 0, 2 },
    { "sys/vm/panic_on_oom", 0, 2 },
    { "sys/vm/swappiness", 0, 100 },
};

static const struct {
    const char *name;
    size_t most;
} texts[] = {
    { "sys/kernel/core_pattern", 127 },
    { "sys/kernel/domainname", HOST_NAME_MOST },
};

static struct setting *find(const struct setting *list, const char *name)
{
    while (list && strcmp(list->name, name) != 0)
        list = list->next;
    return (struct setting *)list;
}

const char *setting_find(const struct setting *list, const char *name)
{
    const struct setting *s = find(list, name);
    return s ? s->value : NULL;
}

static bool is_space(char c)
{
    return c && strchr(" \t\n\v\f\r", c);
}

/* The numbers of a text; -1: there is something else. Reads no more than `most` of them. */
static int read_numbers(const char *s, long *to, int most, long least, long greatest)
{
    int n = 0;
    for (; n < most; n++) {
        char *end;
        while (is_space(*s))
            s++;
        if (!*s)
            break;
        if (*s == '+' || !strchr("-0123456789", *s))
            return -1;
        errno = 0;
        to[n] = strtol(s, &end, 0);
        if (errno || end == s || (*end && !is_space(*end)) || to[n] < least || to[n] > greatest)
            return -1;
        s = end;
    }
    return n;
}

static void limits_of(const char *name, long *least, long *most)
{
    *least = INT_MIN;
    *most = INT_MAX;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (strcmp(ranges[i].name, name) == 0) {
            *least = ranges[i].least;
            *most = ranges[i].most;
        }
    }
}

/* What is not written of a row of numbers stays. NULL: it is no number. */
static char *numbers(struct memory *m, const char *name, long *now, int n_now, const char *written)
{
    long value[NUMBERS_MOST], least, most;
    limits_of(name, &least, &most);
    int n = read_numbers(written, value, n_now, least, most);
    if (n <= 0)
        return NULL;
    memcpy(now, value, (size_t)n * sizeof *now);
    struct text t = text_of(m);
    for (int i = 0; i < n_now; i++)
        text_print(&t, "%ld%c", now[i], i + 1 < n_now ? '\t' : '\n');
    return t.data;
}

char *setting_text(struct memory *m, const void *data, size_t n, size_t most)
{
    const char *line = memchr(data, '\n', n);
    n = line ? (size_t)(line - (const char *)data) : n;
    return memory_bytes(m, data, strnlen(data, n < most ? n : most));
}

static char *words(struct memory *m, const char *name, const void *data, size_t n)
{
    size_t most = SETTING_MOST - 2;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        most = strcmp(texts[i].name, name) == 0 ? texts[i].most : most;
    char *line = setting_text(m, data, n, most), *value = memory_print(m, "%s\n", line);
    memory_give(m, line);
    return value;
}

int setting_write(struct setting **list, struct memory *m, const char *name, const char *now,
                  const void *data, size_t n)
{
    long present[NUMBERS_MOST];
    int n_present = read_numbers(now, present, NUMBERS_MOST, LONG_MIN, LONG_MAX);
    char *value;
    if (n_present > 0) {
        char *written = memory_bytes(m, data, n < SETTING_MOST ? n : SETTING_MOST);
        value = numbers(m, name, present, n_present, written);
        memory_give(m, written);
    } else {
        value = words(m, name, data, n);
    }
    if (!value)
        return -EINVAL;
    struct setting *s = find(*list, name);
    if (!s) {
        size_t size = strlen(name) + 1;
        s = memory_take(m, sizeof *s + size);
        memcpy(s->name, name, size);
        s->next = *list;
        *list = s;
    }
    memory_give(m, s->value);
    s->value = value;
    return 0;
}
