/* top: who is there, by turns. Processes of a device take no time but what its data say. */
#include "shell/applets/screen.h"
#include "shell/applets/finds.h"
#include "shell/options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000, BATCH = 4, LINE_MOST = 2048 };

struct row {
    uint32_t pid, ppid, uid, vsz;
    uint64_t cpu;
    char state[4];
    const char *command;
};

struct state {
    unsigned options;
    bool batch, endless;
    uint64_t rounds;
    int64_t delay, next;
    char sort; /* N M P T */
    bool reverse;
    bool shown; /* a round was, and there are more */
};

/* Of a word that was given one by start(). */
static const char *without_dash(const char *s)
{
    return s && *s == '-' ? s + 1 : s;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct state *s = proc_state(p);
    const char *delay = NULL, *rounds = NULL;
    /* Words without a dash are options all the same. */
    for (int i = 1; i < argc; i++) {
        if (*argv[i] != '-')
            argv[i] = memory_print(proc_memory(p), "-%s", argv[i]);
    }
    s->options = options_bits(p, argc, argv, "d:n:bHm", &argv, &delay, &rounds);
    s->batch = s->options & BATCH || !proc_isatty(p, 1);
    delay = without_dash(delay);
    rounds = without_dash(rounds);
    s->delay = delay ? (int64_t)options_number(p, delay, 0, 1000000, NULL) * SECOND : 5 * SECOND;
    s->rounds = rounds ? options_number(p, rounds, 0, UINT32_MAX, NULL) : 0;
    s->endless = s->rounds == 0;
    s->sort = 'P';
}

static const char *command_of(struct proc *p, const struct proc_info *x)
{
    struct text t = text_of(proc_memory(p));
    size_t n, known = strnlen(x->comm, 15);
    const char *word = find_word(x->command, &n);
    if (x->command[0] != '[' && (n < known || strncmp(word, x->comm, known) != 0))
        text_print(&t, "{%s} ", x->comm);
    for (const char *c = x->command; *c && t.len < LINE_MOST; c++)
        text_char_add(&t, (unsigned char)*c < ' ' ? '?' : *c);
    return t.data ? t.data : "";
}

static struct row *read_rows(struct proc *p, size_t *ret_n)
{
    struct row *rows = NULL;
    struct proc_info x;
    size_t n = 0;
    for (; proc_info(p, n, &x); n++) {
        if (!(n & (n - 1)))
            rows = memory_array(proc_memory(p), rows, n ? n * 2 : 1, sizeof *rows);
        rows[n] = (struct row){ .pid = x.pid,
                                .ppid = x.ppid,
                                .uid = x.uid,
                                .vsz = x.vsz,
                                .cpu = x.cpu,
                                .command = command_of(p, &x) };
        memcpy(rows[n].state, x.state, strnlen(x.state, sizeof rows[n].state - 1));
    }
    *ret_n = n;
    return rows;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_rows(const struct row *a, const struct row *b, const struct state *s)
{
    int d = 0;
    if (s->sort == 'N')
        d = compare_numbers(b->pid, a->pid);
    else if (s->sort == 'T')
        d = compare_numbers(b->cpu, a->cpu);
    d = d ? d : compare_numbers(b->vsz, a->vsz);
    if (s->reverse)
        d = -d;
    return d ? d : compare_numbers(a->pid, b->pid);
}

static int compare(const void *a, const void *b, void *context)
{
    return compare_rows(a, b, context);
}

/* In five characters: "80872", " 112m", "24.4g". */
static void put_size(struct text *to, uint64_t n)
{
    static const char units[] = "kmgt";
    uint64_t tenths = 0;
    size_t unit = 0;
    while ((unit ? n >= 10000 : n >= 100000) && units[unit + 1]) {
        tenths = n % 1024 * 10 / 1024;
        n /= 1024;
        unit++;
    }
    if (!unit)
        text_print(to, "%5llu", (unsigned long long)n);
    else if (n < 100)
        text_print(to, "%2llu.%llu%c", (unsigned long long)n, (unsigned long long)tenths,
                   units[unit]);
    else
        text_print(to, "%4llu%c", (unsigned long long)n, units[unit]);
}

/* As the reference has it, in whole numbers with few digits. */
static unsigned part_of_memory(uint64_t vsz, uint64_t total)
{
    unsigned shift = 21;
    uint64_t scale = (UINT64_C(100) << shift) / (total ? total : 1);
    while (scale >= 512) {
        scale /= 4;
        shift -= 2;
    }
    return (unsigned)((vsz * scale + (UINT64_C(1) << shift >> 1)) >> shift);
}

static void put_row(struct proc *p, const struct row *r, struct text *to)
{
    const char *user = proc_user(p, r->uid);
    text_print(to, "%5u%6u ", r->pid, r->ppid);
    if (user)
        text_print(to, "%-8.8s", user);
    else
        text_print(to, "%-8u", r->uid);
    text_print(to, " %-4s", r->state);
    text_char_add(to, ' ');
    put_size(to, r->vsz);
    text_print(to, "%4u%%   0%% %s", part_of_memory(r->vsz, proc_machine(p)->memory_total),
               r->command);
}

/* On a terminal a line is cut. */
static void put_line(struct proc *p, const struct state *s, struct text *line)
{
    size_t n = line->len;
    if (!s->batch && n > SCREEN_COLUMNS - 1)
        n = SCREEN_COLUMNS - 1;
    out_put(p, line->data, n);
    line->len = 0;
}

/* The first number behind a name in a file of /proc; -1 there is none. */
static double now_is(struct proc *p, const char *path, const char *name)
{
    char *data;
    size_t n;
    const char *at = proc_read_file(p, path, 16384, &data, &n) == 0 ? strstr(data, name) : NULL;
    return at ? strtod(at + strlen(name), NULL) : -1;
}

/* What the load makes of the CPUs: most of it the programs', some the kernel's. */
static void put_cpu(struct proc *p, double load)
{
    enum { MOST = 96 };
    unsigned cpus = proc_machine(p)->cpus ? proc_machine(p)->cpus : 1;
    unsigned busy = load > 0 ? (unsigned)(load * 100 / cpus) : 0;
    busy = busy < MOST ? busy + 2 : MOST;
    unsigned sys = busy / 3 + 1;
    out_print(p, "\nCPU:  %2u%% usr  %2u%% sys   0%% nic  %2u%% idle   0%% io   0%% irq   0%% sirq\n", busy - sys, sys, 100 - busy);
}

static void put_head(struct proc *p, const struct state *s, const struct row *rows, size_t n)
{
    const struct machine *m = proc_machine(p);
    struct text line = text_of(proc_memory(p));
    size_t running = 0;
    for (size_t i = 0; i < n; i++)
        running += rows[i].state[0] == 'R';
    double unused = now_is(p, "/proc/meminfo", "MemFree:"), load = now_is(p, "/proc/loadavg", "");
    uint64_t left = unused >= 0 ? (uint64_t)unused : m->memory_free;
    load = load >= 0 ? load : m->load[0];
    text_print(&line, "Mem: %lluK used, %lluK free, %lluK shrd, %lluK buff, %lluK cached",
               (unsigned long long)(m->memory_total - left), (unsigned long long)left, (unsigned long long)m->memory_shared,
               (unsigned long long)m->memory_buffers, (unsigned long long)m->memory_cached);
    put_line(p, s, &line);
    put_cpu(p, load);
    text_print(&line, "Load average: %.2f %.2f %.2f %zu/%zu %u", load, m->load[1], m->load[2],
               running, n, proc_pid(p));
    put_line(p, s, &line);
    out_print(p, "\n%s  PID  PPID USER     STAT   VSZ %%VSZ %%CPU COMMAND%s",
              s->batch ? "" : "\033[7m", s->batch ? "" : "\033[m");
}

static void show(struct proc *p, struct state *s)
{
    size_t n;
    struct row *rows = read_rows(p, &n);
    struct text line = text_of(proc_memory(p));
    qsort_r(rows, n, sizeof *rows, compare, s);
    if (!s->batch)
        out_text(p, "\033[H\033[J");
    put_head(p, s, rows, n);
    for (size_t i = 0; i < n && (s->batch || i + 4 < SCREEN_ROWS); i++) {
        out_char(p, '\n');
        put_row(p, &rows[i], &line);
        put_line(p, s, &line);
    }
    if (s->batch)
        out_char(p, '\n');
    out_flush(p);
    text_release(&line);
    for (size_t i = 0; i < n; i++)
        memory_give(proc_memory(p),
                    (char *)(uintptr_t)(rows[i].command[0] ? rows[i].command : NULL));
    memory_give(proc_memory(p), rows);
}

static enum applet_next end(struct proc *p)
{
    out_char(p, '\n');
    proc_done(p, 0);
    return NEXT_DONE;
}

/* False: it is to end. */
static bool take_key(struct state *s, int key)
{
    switch (toupper(key)) {
    case KEY_END:
    case 3:
    case 'Q':
        return false;
    case 'N':
    case 'M':
    case 'P':
    case 'T':
        s->sort = (char)toupper(key);
        break;
    case 'R':
        s->reverse = !s->reverse;
        break;
    default:
        break;
    }
    return true;
}

static enum applet_next step(struct proc *p)
{
    struct state *s = proc_state(p);
    if (s->shown) {
        int key = s->batch ? KEY_WAIT : screen_key(p, 0);
        if (key == KEY_WAIT && proc_now(p) < s->next) {
            proc_wake_at(p, s->next);
            return s->batch ? NEXT_SLEEP : NEXT_INPUT_OR_SLEEP;
        }
        if (key != KEY_WAIT && !take_key(s, key))
            return end(p);
    }
    show(p, s);
    s->next = proc_now(p) + s->delay;
    s->shown = true;
    if (!s->endless && --s->rounds == 0)
        return end(p);
    return NEXT_AGAIN;
}

const struct applet applet_top = {
    .name = "top", .start = start, .step = step, .state = sizeof(struct state)
};
