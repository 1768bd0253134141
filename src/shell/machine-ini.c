#include "shell/machine-inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char file[] = "machine.ini";

enum { LIST_MOST = 1024 };

/* Lists that grow as they are read. */
enum list_id { APPLETS, PROGRAMS, ENVIRONMENT, LISTS };

enum item_type { ITEM_TEXT, ITEM_U32, ITEM_U64, ITEM_FLAG, ITEM_WORDS, ITEM_LOAD };

struct item {
    const char *section, *name;
    enum item_type type;
    size_t at; /* in struct machine; of words the list */
    const char *preset;
};

#define AT_(field) offsetof(struct machine, field)
/* clang-format off */
static const struct item items[] = {
    { "busybox", "banner", ITEM_TEXT, AT_(banner), NULL }, /* made of the version */
    { "busybox", "version", ITEM_TEXT, AT_(version), "v1.19.4 (2014-11-06 14:09:49 CST)" },
    { "busybox", "applets", ITEM_WORDS, APPLETS, NULL }, /* these may stand more than once */
    { "busybox", "programs", ITEM_WORDS, PROGRAMS, NULL },
    { "busybox", "ps", ITEM_TEXT, AT_(ps), "" },
    { "busybox", "standalone", ITEM_FLAG, AT_(standalone), "no" },
    { "busybox", "editing", ITEM_FLAG, AT_(editing), "yes" },
    { "busybox", "ask_terminal", ITEM_FLAG, AT_(ask_terminal), "no" },
    { "busybox", "awk_math", ITEM_FLAG, AT_(awk_math), "yes" },
    { "system", "sysname", ITEM_TEXT, AT_(sysname), "Linux" },
    { "system", "nodename", ITEM_TEXT, AT_(nodename), "router" },
    { "system", "release", ITEM_TEXT, AT_(release), "2.6.36" },
    { "system", "version", ITEM_TEXT, AT_(version_kernel), "#1 Thu Nov 6 14:07:12 CST 2014" },
    { "system", "machine", ITEM_TEXT, AT_(machine), "mips" },
    { "system", "processor", ITEM_TEXT, AT_(processor), "unknown" },
    { "system", "platform", ITEM_TEXT, AT_(platform), "unknown" },
    { "system", "domain", ITEM_TEXT, AT_(domain), "(none)" },
    { "system", "order", ITEM_TEXT, AT_(order), "" },
    { "system", "os", ITEM_TEXT, AT_(os), "GNU/Linux" },
    { "system", "prompt", ITEM_TEXT, AT_(prompt), "# " },
    { "user", "user", ITEM_TEXT, AT_(user), "root" },
    { "user", "uid", ITEM_U32, AT_(uid), "0" },
    { "user", "gid", ITEM_U32, AT_(gid), "0" },
    { "user", "home", ITEM_TEXT, AT_(home), "/" },
    { "user", "shell", ITEM_TEXT, AT_(shell), "/bin/sh" },
    { "hardware", "cpus", ITEM_U32, AT_(cpus), "1" },
    { "hardware", "uptime", ITEM_U64, AT_(uptime), "86400" },
    { "hardware", "memory_total", ITEM_U64, AT_(memory_total), "60372" },
    { "hardware", "memory_free", ITEM_U64, AT_(memory_free), "31240" },
    { "hardware", "memory_shared", ITEM_U64, AT_(memory_shared), "0" },
    { "hardware", "memory_buffers", ITEM_U64, AT_(memory_buffers), "2572" },
    { "hardware", "memory_cached", ITEM_U64, AT_(memory_cached), "11304" },
    { "hardware", "swap_total", ITEM_U64, AT_(swap_total), "0" },
    { "hardware", "swap_free", ITEM_U64, AT_(swap_free), "0" },
    { "hardware", "load", ITEM_LOAD, AT_(load), "0.08 0.03 0.05" },
    { "hardware", "pid_first", ITEM_U32, AT_(pid_first), "1200" },
    { "hardware", "foreign", ITEM_TEXT, AT_(foreign), "%s: Exec format error" },
};
/* clang-format on */

enum { N_ITEMS = sizeof items / sizeof items[0] };

/* What has been seen of the file so far. */
struct reading {
    struct machine_hold *h;
    unsigned line;
    char section[16];
    bool given[N_ITEMS];
    struct list {
        const char **items; /* NULL-ended */
        size_t n;
    } lists[LISTS];
};

static int wrong(const struct reading *r, const char *what, const char *value)
{
    return machine_wrong(r->h, file, r->line, "%s cannot be '%.80s'", what, value);
}

static int add_to(struct reading *r, enum list_id id, const char *s)
{
    struct list *l = &r->lists[id];
    if (l->n >= LIST_MOST)
        return machine_wrong(r->h, file, r->line, "more than %d of them", LIST_MOST);
    l->items = memory_array(&r->h->memory, l->items, l->n + 2, sizeof *l->items);
    l->items[l->n++] = s;
    l->items[l->n] = NULL;
    return 0;
}

/* Cuts a text into its words, in place. */
static char *next_word(char **rest)
{
    char *at = *rest + strspn(*rest, " \t,");
    size_t n = strcspn(at, " \t,");
    *rest = at + n + (at[n] != '\0');
    at[n] = '\0';
    return n ? at : NULL;
}

static int put_words(struct reading *r, enum list_id id, char *value)
{
    char *word;
    int e = 0;
    while (!e && (word = next_word(&value)))
        e = add_to(r, id, word);
    return e;
}

static int put_load(const struct reading *r, struct machine *m, char *value)
{
    char *rest = value, *word = NULL, *end;
    for (size_t i = 0; i < 3; i++) {
        word = next_word(&rest);
        double v = word ? strtod(word, &end) : -1;
        if (!word || *end || !isfinite(v) || v < 0 || v > 10000)
            return machine_wrong(r->h, file, r->line, "load is three numbers");
        m->load[i] = v;
    }
    return next_word(&rest) ? machine_wrong(r->h, file, r->line, "load is three numbers") : 0;
}

static int put_flag(const struct reading *r, const struct item *it, bool *to, const char *value)
{
    *to = strcmp(value, "yes") == 0;
    return *to || strcmp(value, "no") == 0 ? 0 : wrong(r, it->name, value);
}

static int put(struct reading *r, const struct item *it, char *value)
{
    struct machine *m = &r->h->machine;
    void *to = (char *)m + it->at;
    uint64_t v = 0;
    switch (it->type) {
    case ITEM_TEXT:
        *(const char **)to = value;
        return 0;
    case ITEM_U32:
        if (!machine_number(value, UINT32_MAX, &v))
            return wrong(r, it->name, value);
        *(uint32_t *)to = (uint32_t)v;
        return 0;
    case ITEM_U64:
        if (!machine_number(value, UINT32_MAX, &v)) /* kB and seconds: 2^32 is more than enough */
            return wrong(r, it->name, value);
        *(uint64_t *)to = v;
        return 0;
    case ITEM_FLAG:
        return put_flag(r, it, to, value);
    case ITEM_WORDS:
        return put_words(r, (enum list_id)it->at, value);
    case ITEM_LOAD:
        return put_load(r, m, value);
    }
    return 0;
}

static char *trimmed(char *s)
{
    s += strspn(s, " \t");
    size_t n = strlen(s);
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    s[n] = '\0';
    return s;
}

/* Quotes around a value keep the blanks at its ends. */
static char *unquoted(char *s)
{
    size_t n = strlen(s);
    if (n < 2 || s[0] != '"' || s[n - 1] != '"')
        return s;
    s[n - 1] = '\0';
    return s + 1;
}

static bool is_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool letter = (s[i] | 32) >= 'a' && (s[i] | 32) <= 'z';
        if (!letter && s[i] != '_' && (i == 0 || s[i] < '0' || s[i] > '9'))
            return false;
    }
    return n > 0;
}

static int put_variable(struct reading *r, const char *name, const char *value)
{
    size_t n = strlen(name);
    if (!is_name(name, n))
        return machine_wrong(r->h, file, r->line, "'%.60s' is no name of a variable", name);
    const struct list *l = &r->lists[ENVIRONMENT];
    for (size_t i = 0; i < l->n; i++) {
        if (strncmp(l->items[i], name, n) == 0 && l->items[i][n] == '=')
            return machine_wrong(r->h, file, r->line, "%.60s is set twice", name);
    }
    return add_to(r, ENVIRONMENT, memory_print(&r->h->memory, "%s=%s", name, value));
}

static int read_item(struct reading *r, char *line)
{
    char *equals = strchr(line, '=');
    if (!equals)
        return machine_wrong(r->h, file, r->line, "neither [section] nor item = value");
    *equals = '\0';
    char *name = trimmed(line), *value = unquoted(trimmed(equals + 1));
    if (strcmp(r->section, "environment") == 0)
        return put_variable(r, name, value);
    for (size_t i = 0; i < N_ITEMS; i++) {
        const struct item *it = &items[i];
        if (strcmp(it->section, r->section) != 0 || strcmp(it->name, name) != 0)
            continue;
        if (r->given[i] && it->type != ITEM_WORDS)
            return machine_wrong(r->h, file, r->line, "%s stands twice", name);
        r->given[i] = true;
        return put(r, it, value);
    }
    return machine_wrong(r->h, file, r->line, "[%s] has no item '%.60s'", r->section, name);
}

static int read_section(struct reading *r, const char *line)
{
    size_t n = strcspn(line + 1, "]");
    bool known = strncmp(line, "[environment]", 14) == 0;
    for (size_t i = 0; i < N_ITEMS && !known; i++)
        known = strlen(items[i].section) == n && strncmp(items[i].section, line + 1, n) == 0;
    if (!known || strcmp(line + 1 + n, "]") != 0)
        return machine_wrong(r->h, file, r->line, "there is no section '%.60s'", line);
    memcpy(r->section, line + 1, n);
    r->section[n] = '\0';
    return 0;
}

static int read_lines(struct reading *r, const char *data, size_t n)
{
    const char *rest = data, *end = data + n;
    char *text;
    int e = 0;
    while ((text = machine_line(r->h, file, &rest, end, &r->line, &e))) {
        text = trimmed(text);
        if (*text == '\0' || *text == '#' || *text == ';')
            continue;
        e = *text == '[' ? read_section(r, text) : read_item(r, text);
        if (e)
            return e;
    }
    return e;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once. */
static void end_list(struct list *l, const char *const **ret, size_t *ret_n)
{
    size_t kept = 0;
    if (l->n)
        qsort(l->items, l->n, sizeof *l->items, by_name);
    for (size_t i = 0; i < l->n; i++) {
        if (!kept || strcmp(l->items[kept - 1], l->items[i]) != 0)
            l->items[kept++] = l->items[i];
    }
    *ret = l->items;
    *ret_n = kept;
}

/* An environment that the file does not have is a login's. */
static int end_environment(struct reading *r)
{
    struct machine *m = &r->h->machine;
    const char *const preset[][2] = { { "USER", m->user },
                                      { "LOGNAME", m->user },
                                      { "HOME", m->home },
                                      { "PATH", "/bin:/sbin:/usr/bin:/usr/sbin" },
                                      { "SHELL", m->shell } };
    int e = 0;
    if (!r->lists[ENVIRONMENT].n) {
        for (size_t i = 0; i < sizeof preset / sizeof preset[0] && !e; i++)
            e = put_variable(r, preset[i][0], preset[i][1]);
    }
    m->environment = r->lists[ENVIRONMENT].items;
    return e;
}

/* Numbers that contradict each other are a mistake that a visitor would see. */
static int check_whole(struct reading *r)
{
    const struct machine *m = &r->h->machine;
    uint64_t used = m->memory_free + m->memory_buffers + m->memory_cached;
    r->line = 0;
    if (used > m->memory_total || m->memory_shared > m->memory_total)
        return machine_wrong(r->h, file, 0, "more memory is free, cached or shared than there is");
    if (m->swap_free > m->swap_total)
        return machine_wrong(r->h, file, 0, "more swap is free than there is");
    if (!m->cpus || m->cpus > 256)
        return machine_wrong(r->h, file, 0, "cpus is from 1 to 256");
    if (m->pid_first < 2 || m->pid_first > 32000)
        return machine_wrong(r->h, file, 0, "pid_first is from 2 to 32000");
    return 0;
}

int machine_read_ini(struct machine_hold *h, const void *data, size_t n)
{
    struct reading *r = memory_take(&h->memory, sizeof *r);
    r->h = h;
    int e = 0;
    for (size_t i = 0; i < N_ITEMS && !e; i++) {
        if (items[i].preset)
            e = put(r, &items[i], memory_text(&h->memory, items[i].preset));
    }
    e = e ? e : read_lines(r, data, n);
    if (!h->machine.banner)
        h->machine.banner =
            memory_print(&h->memory, "BusyBox %s multi-call binary.", h->machine.version);
    end_list(&r->lists[APPLETS], &h->machine.applets, &h->machine.n_applets);
    end_list(&r->lists[PROGRAMS], &h->machine.programs, &h->machine.n_programs);
    e = e ? e : end_environment(r);
    return e ? e : check_whole(r);
}
