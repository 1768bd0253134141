#include "shell/applets/finds.h"
#include "shell/applets/net.h"
#include "shell/applets/screen.h"
#include "shell/options.h"
#include "shell/since.h"

#include <stdio.h>
#include <string.h>

/*
 * Two shapes: a small build shows PID USER VSZ STAT COMMAND and knows -w and -T; one with columns
 * of its choice has -o. Which one a device has is its data (machine.h, ps).
 */
enum { COLUMNS_MOST = 32, WIDE = 132, LINE_MOST = 32767, NAME = 16 };

enum { KNOWN_MOST = 16 };

/* Users that were looked up for a line before. */
struct known {
    struct {
        uint32_t uid;
        const char *name;
    } users[KNOWN_MOST];
    size_t n;
};

struct line {
    struct proc *p;
    const struct proc_info *x;
    struct text *to;
    struct known *known;
};

/* "{name} words" where the words do not begin with the process's name, as of a script. */
static void add_command(const struct line *l)
{
    size_t n;
    const char *word = find_word(l->x->command, &n);
    if (*word == '-' && word == l->x->command) { /* a login's shell */
        word++;
        n--;
    }
    size_t known = strnlen(l->x->comm, NAME - 1);
    if (l->x->command[0] != '[' && (n < known || strncmp(word, l->x->comm, known) != 0))
        text_print(l->to, "{%s} ", l->x->comm);
    for (const char *s = l->x->command; *s; s++)
        text_char_add(l->to, (unsigned char)*s < ' ' ? '?' : *s);
}

static const char *user_of(const struct line *l)
{
    struct known *known = l->known;
    for (size_t i = 0; i < known->n; i++)
        if (known->users[i].uid == l->x->uid)
            return known->users[i].name;
    const char *name = proc_user(l->p, l->x->uid);
    if (!name)
        name = memory_print(proc_memory(l->p), "%u", l->x->uid);
    if (known->n < KNOWN_MOST) {
        known->users[known->n].uid = l->x->uid;
        known->users[known->n++].name = name;
    }
    return name;
}

/* Group ids of others are not known; a user's own group is. */
static const char *group_of(const struct line *l)
{
    uint32_t uid, gid = l->x->uid;
    const char *user = proc_user(l->p, l->x->uid), *name;
    if (user && proc_user_id(l->p, user, &uid, &gid) != 0)
        gid = l->x->uid;
    name = proc_group(l->p, gid);
    return name ? name : memory_print(proc_memory(l->p), "%u", gid);
}

/* ---- Columns ---- */

/* In four characters: "2592", " 17m", "1.2m". */
static void add_size(const struct line *l, int width, uint64_t n)
{
    static const char units[] = "kmgt";
    uint64_t tenths = 0;
    size_t unit = 0;
    while (n >= 10000 && units[unit + 1]) {
        tenths = n % 1024 * 10 / 1024;
        n /= 1024;
        unit++;
    }
    if (!unit)
        text_print(l->to, "%*u", width, (unsigned)n);
    else if (n < 10)
        text_print(l->to, "%*u.%u%c", width - 3, (unsigned)n, (unsigned)tenths, units[unit]);
    else
        text_print(l->to, "%*u%c", width - 1, (unsigned)n, units[unit]);
}

static void put_user(const struct line *l, int width)
{
    text_print(l->to, "%-*.*s", width, width, user_of(l));
}

static void put_group(const struct line *l, int width)
{
    text_print(l->to, "%-*.*s", width, width, group_of(l));
}

static void put_comm(const struct line *l, int width)
{
    text_print(l->to, "%-*.*s", width, width, l->x->comm);
}

static void put_args(const struct line *l, int width)
{
    (void)width;
    add_command(l);
}

static void put_pid(const struct line *l, int width)
{
    text_print(l->to, "%*u", width, l->x->pid);
}

static void put_ppid(const struct line *l, int width)
{
    text_print(l->to, "%*u", width, l->x->ppid);
}

static void put_pgid(const struct line *l, int width)
{
    text_print(l->to, "%*u", width, l->x->command[0] == '[' ? 0 : l->x->pid);
}

static void put_nice(const struct line *l, int width)
{
    text_print(l->to, "%*d", width,
               strchr(l->x->state, '<')   ? -20
               : strchr(l->x->state, 'N') ? 19
                                          : 0);
}

static void put_tty(const struct line *l, int width)
{
    text_print(l->to, "%-*s", width, "?");
}

static void put_vsz(const struct line *l, int width)
{
    add_size(l, width, l->x->vsz);
}

static void put_rss(const struct line *l, int width)
{
    add_size(l, width, l->x->rss);
}

static void put_stat(const struct line *l, int width)
{
    text_print(l->to, "%-*.3s", width < 3 ? 3 : width, l->x->state);
}

static void put_time(const struct line *l, int width)
{
    uint64_t seconds = l->x->cpu / 100;
    char *time = memory_print(proc_memory(l->p), "%3llu:%02llu", (unsigned long long)(seconds / 60),
                              (unsigned long long)(seconds % 60));
    text_print(l->to, "%-*s", width, time);
}

struct column {
    const char *name, *header;
    int width;
    void (*put)(const struct line *l, int width);
};

/* clang-format off */
static const struct column columns[] = {
    { "user", "USER", 8, put_user },
    { "group", "GROUP", 8, put_group },
    { "comm", "COMMAND", 16, put_comm },
    { "args", "COMMAND", 256, put_args },
    { "pid", "PID", 5, put_pid },
    { "ppid", "PPID", 5, put_ppid },
    { "pgid", "PGID", 5, put_pgid },
    { "nice", "NI", 5, put_nice },
    { "rgroup", "RGROUP", 8, put_group },
    { "ruser", "RUSER", 8, put_user },
    { "tty", "TT", 6, put_tty },
    { "vsz", "VSZ", 4, put_vsz },
    { "sid", "SID", 5, put_pgid },
    { "stat", "STAT", 4, put_stat },
    { "rss", "RSS", 4, put_rss },
    { "time", "TIME", 5, put_time }, /* of the device's own columns alone */
};
/* clang-format on */

enum { N_COLUMNS = sizeof columns / sizeof columns[0], CHOICES = N_COLUMNS - 1 };

struct chosen {
    struct column column[COLUMNS_MOST];
    size_t n;
};

static void die_column(struct proc *p, const char *name)
{
    struct text t = text_of(proc_memory(p));
    for (size_t i = 0; i < CHOICES; i++)
        text_print(&t, "%s%s", i ? "," : "", columns[i].name);
    proc_die(p, "bad -o argument '%s', supported arguments: %s", name, t.data);
}

static void choose(struct proc *p, struct chosen *c, const char *name, size_t n_names)
{
    const char *header = strchr(name, '=');
    char *bare =
        memory_bytes(proc_memory(p), name, header ? (size_t)(header - name) : strlen(name));
    size_t i = 0;
    while (i < n_names && strcmp(columns[i].name, bare) != 0)
        i++;
    if (i == n_names)
        die_column(p, bare);
    if (c->n == COLUMNS_MOST)
        return;
    struct column *column = &c->column[c->n++];
    *column = columns[i];
    if (header) {
        column->header = header + 1;
        column->width = header[1] ? (int)strnlen(header + 1, 256) : column->width;
    }
}

/* "pid,comm=NAME": a header is the rest of the word. */
static void choose_list(struct proc *p, struct chosen *c, const char *list, size_t n_names)
{
    for (bool more = true; more;) {
        size_t n = strcspn(list, ",=");
        if (list[n] == '=')
            n += strcspn(list + n, ",");
        choose(p, c, memory_bytes(proc_memory(p), list, n), n_names);
        more = list[n] == ',';
        list += n + more;
    }
}

/* ---- Output ---- */

static void put_line(struct proc *p, struct text *t, unsigned width)
{
    if (t->len > width)
        t->len = width;
    out_put(p, t->data ? t->data : "", t->len);
    out_char(p, '\n');
    t->len = 0;
}

/* What stands in the last column is not filled up. */
static void put_heading(struct proc *p, const struct chosen *c, struct text *t, unsigned width)
{
    bool any = false;
    for (size_t i = 0; i < c->n; i++) {
        const struct column *k = &c->column[i];
        bool last = i + 1 == c->n || k->put == put_args;
        any |= *k->header != '\0';
        text_print(t, "%-*s%s", last ? 0 : k->width, k->header, last ? "" : " ");
        if (last)
            break;
    }
    if (any)
        put_line(p, t, width);
    t->len = 0;
}

static void put_process(const struct line *l, const struct chosen *c, unsigned width)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct column *k = &c->column[i];
        size_t begin = l->to->len;
        k->put(l, k->width);
        if (k->put == put_args)
            break;
        if (i + 1 < c->n) {
            text_char_add(l->to, ' ');
            continue;
        }
        if (k->put == put_stat) /* a text of three characters */
            l->to->len = begin + 3;
        while (k->put != put_stat && l->to->len > begin && l->to->data[l->to->len - 1] == ' ')
            l->to->len--;
    }
    put_line(l->p, l->to, width);
}

static void put_small(const struct line *l, unsigned width)
{
    char size[6];
    net_size(l->x->vsz, 'k', size);
    if (size[4] == 'M')
        size[4] = 'm';
    text_print(l->to, "%5u %-8.8s %s %-3s  ", l->x->pid, user_of(l), size, l->x->state);
    add_command(l);
    put_line(l->p, l->to, width);
}

/* What is resident, and nothing of who has nothing; threads of the kernel have no size. */
static void put_old(const struct line *l, unsigned width)
{
    char size[12] = "";
    if (l->x->rss)
        snprintf(size, sizeof size, "%u", l->x->rss);
    text_print(l->to, "%5u %-8.8s %6s %-3s %s", l->x->pid, user_of(l), size, l->x->state, l->x->command);
    put_line(l->p, l->to, width);
}

static void each(struct proc *p, const struct chosen *c, unsigned width)
{
    struct proc_info info;
    struct text t = text_of(proc_memory(p));
    struct known known = { .n = 0 };
    bool old = !machine_since(proc_machine(p), SINCE_PS_CAPITALS);
    for (size_t i = 0; proc_info(p, i, &info); i++) {
        struct line l = { p, &info, &t, &known };
        if (c)
            put_process(&l, c, width);
        else if (old)
            put_old(&l, width);
        else
            put_small(&l, width);
    }
}

static int small(struct proc *p, int argc, char **argv)
{
    struct options o;
    unsigned wide = 0, width;
    int option;
    options_begin(&o, p, argc, argv, "wT", NULL);
    while ((option = options_next(&o)) != -1)
        wide += option == 'w';
    width = wide > 1 ? LINE_MOST : wide ? WIDE : screen_size(p, 0).columns - 1;
    out_text(p, machine_since(proc_machine(p), SINCE_PS_CAPITALS) ? "  PID USER       VSZ STAT COMMAND\n"
                                                                  : "  PID  Uid     VmSize Stat Command\n");
    each(p, NULL, width);
    return 0;
}

static int ps_once(struct proc *p, int argc, char **argv)
{
    const char *preset = proc_machine(p)->ps;
    struct chosen *c = memory_take(proc_memory(p), sizeof *c);
    struct options o;
    int option;
    if (!*preset)
        return small(p, argc, argv);
    options_begin(&o, p, argc, argv, "o:aAdeflT", NULL);
    while ((option = options_next(&o)) != -1) {
        if (option == 'o')
            choose_list(p, c, o.argument, CHOICES);
    }
    if (!c->n)
        choose_list(p, c, preset, N_COLUMNS);
    unsigned width = proc_isatty(p, 1) ? screen_size(p, 0).columns - 1 : LINE_MOST;
    struct text t = text_of(proc_memory(p));
    put_heading(p, c, &t, width);
    each(p, c, width);
    return 0;
}

const struct applet applet_ps = { .name = "ps", .once = ps_once };
