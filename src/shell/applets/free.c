#include "shell/applet.h"
#include "shell/since.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* kB, as /proc/meminfo tells them */
struct memory_now {
    uint64_t total, free, shared, buffers, cached, reclaimable, available, swap_total, swap_free;
    bool has_available;
};

struct scale {
    uint64_t unit; /* bytes; 0: for human eyes */
};

static bool line_value(const char *data, const char *name, uint64_t *ret)
{
    const char *at = strstr(data, name);
    if (!at)
        return false;
    *ret = strtoull(at + strlen(name), NULL, 10);
    return true;
}

static struct memory_now read_memory(struct proc *p)
{
    const struct machine *m = proc_machine(p);
    struct memory_now now = { m->memory_total,
                              m->memory_free,
                              m->memory_shared,
                              m->memory_buffers,
                              m->memory_cached,
                              0,
                              0,
                              m->swap_total,
                              m->swap_free,
                              false };
    char *data;
    size_t n;
    if (proc_read_file(p, "/proc/meminfo", 16384, &data, &n) != 0)
        return now;
    line_value(data, "MemTotal:", &now.total);
    line_value(data, "MemFree:", &now.free);
    line_value(data, "Shmem:", &now.shared);
    line_value(data, "Buffers:", &now.buffers);
    line_value(data, "\nCached:", &now.cached);
    line_value(data, "SReclaimable:", &now.reclaimable);
    line_value(data, "SwapTotal:", &now.swap_total);
    line_value(data, "SwapFree:", &now.swap_free);
    now.has_available = line_value(data, "MemAvailable:", &now.available);
    return now;
}

/* In tenths of the largest unit that it fills: "114.8M". */
static const char *for_eyes(struct proc *p, uint64_t kilobytes)
{
    static const char units[] = "KMGT";
    uint64_t factor = 1;
    size_t unit = 0;
    while (kilobytes / factor >= 1024 && units[unit + 1]) {
        factor *= 1024;
        unit++;
    }
    uint64_t tenths = (kilobytes * 10 + factor / 2) / factor;
    return memory_print(proc_memory(p), "%llu.%llu%c", (unsigned long long)(tenths / 10),
                        (unsigned long long)(tenths % 10), units[unit]);
}

static const char *scaled(struct proc *p, const struct scale *s, uint64_t kilobytes)
{
    if (!s->unit)
        return kilobytes ? for_eyes(p, kilobytes) : "0";
    uint64_t n = (kilobytes * 1024 + s->unit / 2) / s->unit;
    return memory_print(proc_memory(p), "%llu", (unsigned long long)n);
}

static void row(struct proc *p, const struct scale *s, const char *name, const uint64_t *values,
                size_t n)
{
    out_print(p, "%-7s", name);
    for (size_t i = 0; i < n; i++)
        out_print(p, i ? " %11s" : "%12s", scaled(p, s, values[i]));
    out_char(p, '\n');
}

/* ---- The shapes that it had: all that is cached counts as used ---- */

static const struct shape {
    const char *head, *memory, *without, *swap, *all; /* without what is cached, and swap beside memory */
    int width;
    size_t columns;
} lean = { "      ", "  Mem:", NULL, " Swap:", "Total:", 13, 5 },
  buffers = { "     ", "Mem: ", "-/+ buffers:      ", "Swap:", NULL, 13, 5 },
  cached = { "       ", "Mem:   ", "-/+ buffers/cache:", "Swap:  ", NULL, 11, 6 };

static void cells(struct proc *p, const struct scale *s, const struct shape *shape, const char *name,
                  const uint64_t *values, size_t n)
{
    out_text(p, name);
    for (size_t i = 0; i < n; i++)
        out_print(p, "%*s", shape->width, scaled(p, s, values[i]));
    out_char(p, '\n');
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static void show_as(struct proc *p, const struct scale *s, const struct shape *shape, const struct memory_now *m)
{
    static const char *const heads[] = { "total", "used", "free", "shared", "buffers", "cached" };
    uint64_t used = less(m->total, m->free), swapped = less(m->swap_total, m->swap_free);
    uint64_t kept = m->buffers + (shape == &cached ? m->cached : 0);
    const uint64_t memory[] = { m->total, used, m->free, m->shared, m->buffers, m->cached };
    const uint64_t without[] = { less(used, kept), m->free + kept };
    const uint64_t swap[] = { m->swap_total, swapped, m->swap_free };
    const uint64_t all[] = { m->total + m->swap_total, used + swapped, m->free + m->swap_free };
    out_text(p, shape->head);
    for (size_t i = 0; i < shape->columns; i++)
        out_print(p, "%*s", shape->width, heads[i]);
    out_char(p, '\n');
    cells(p, s, shape, shape->memory, memory, shape->columns);
    if (shape->without)
        cells(p, s, shape, shape->without, without, 2);
    cells(p, s, shape, shape->swap, swap, 3);
    if (shape->all)
        cells(p, s, shape, shape->all, all, 3);
}

static const struct shape *shape_of(const struct machine *m)
{
    return machine_since(m, SINCE_FREE_AVAILABLE) ? NULL
           : machine_since(m, SINCE_FREE_CACHED)  ? &cached
           : machine_since(m, SINCE_FREE_BUFFERS) ? &buffers
                                                  : &lean;
}

static uint64_t unit_of(struct proc *p, char letter)
{
    switch (letter) {
    case 'b':
        return 1;
    case 'k':
        return 1 << 10;
    case 'm':
        return 1 << 20;
    case 'g':
        return 1 << 30;
    case 'h':
        return 0;
    default:
        proc_usage(p);
    }
}

static int free_once(struct proc *p, int argc, char **argv)
{
    struct scale s = { 1 << 10 };
    if (argc > 1 && argv[1][0] == '-') /* only the first letter counts */
        s.unit = unit_of(p, argv[1][1]);
    struct memory_now m = read_memory(p);
    const struct shape *shape = shape_of(proc_machine(p));
    if (shape) {
        show_as(p, &s, shape, &m);
        return 0;
    }
    uint64_t cache = m.buffers + m.cached + m.reclaimable, kept = m.free + cache;
    uint64_t used = m.total > kept ? m.total - kept : 0;
    out_text(p,
             "              total        used        free      shared  buff/cache   available\n");
    const uint64_t memory[] = { m.total,  used,  m.free,
                                m.shared, cache, m.has_available ? m.available : kept };
    const uint64_t swap[] = { m.swap_total, m.swap_total - m.swap_free, m.swap_free };
    row(p, &s, "Mem:", memory, 6);
    row(p, &s, "Swap:", swap, 3);
    return 0;
}

const struct applet applet_free = { .name = "free", .once = free_once };
