#include "shell/machine-inside.h"

#include <string.h>

enum { ROWS_MOST = 4096, COLUMNS_MOST = 16 };

enum column_type { COLUMN_TEXT, COLUMN_U32, COLUMN_U64, COLUMN_STATE };

/* A column and its place in the row's struct. */
struct column {
    const char *name;
    enum column_type type;
    size_t at;
};

struct machine_table {
    const char *file;
    size_t row;      /* bytes of the row's struct */
    size_t items, n; /* where in struct machine_hold its array and length are */
    size_t columns;
    struct column column[COLUMNS_MOST];
    /* NULL, or what else is wrong with the last of n rows, or makes it whole. */
    const char *(*check)(struct machine_hold *h, void *rows, size_t n);
};

static bool is_path(const char *s)
{
    return s[0] == '/';
}

static const char *mount_check(struct machine_hold *h, void *rows, size_t n)
{
    (void)h;
    const struct machine_mount *m = (struct machine_mount *)rows + (n - 1);
    if (!is_path(m->path))
        return "a mount's path begins with a slash";
    if (!*m->device || !*m->type || !*m->options)
        return "a mount has a device, a type and options";
    return m->size && m->used > m->size ? "more is used than there is" : NULL;
}

/* A kernel's thread has no command line: it is shown by its name. */
static const char *process_check(struct machine_hold *h, void *rows, size_t n)
{
    struct machine_process *all = rows, *last = all + (n - 1);
    if (!last->pid || (n > 1 && last[-1].pid >= last->pid))
        return "process ids begin at 1 and ascend";
    if (!*last->comm || strlen(last->comm) > 15)
        return "a process's name has 1 to 15 characters";
    if (!*last->command)
        last->command = memory_print(&h->memory, "[%s]", last->comm);
    return NULL;
}

static const char *name_check(struct machine_hold *h, void *rows, size_t n)
{
    (void)h;
    const char *name = ((struct machine_interface *)rows)[n - 1].name;
    return *name && strlen(name) < 16 ? NULL : "an interface's name has 1 to 15 characters";
}

#define HOLD_(list) offsetof(struct machine_hold, list), offsetof(struct machine_hold, n_##list)
#define MACHINE_(list)                                                                             \
    offsetof(struct machine_hold, machine.list), offsetof(struct machine_hold, machine.n_##list)
#define AT_(type, field) offsetof(struct machine_##type, field)

/* clang-format off */
static const struct machine_table tables[] = {
    { "mounts.tsv", sizeof(struct machine_mount), HOLD_(mounts), 6,
      { { "device", COLUMN_TEXT, AT_(mount, device) }, { "path", COLUMN_TEXT, AT_(mount, path) },
        { "type", COLUMN_TEXT, AT_(mount, type) }, { "options", COLUMN_TEXT, AT_(mount, options) },
        { "size", COLUMN_U64, AT_(mount, size) }, { "used", COLUMN_U64, AT_(mount, used) } },
      mount_check },
    { "processes.tsv", sizeof(struct machine_process), MACHINE_(processes), 8,
      { { "pid", COLUMN_U32, AT_(process, pid) }, { "ppid", COLUMN_U32, AT_(process, ppid) },
        { "uid", COLUMN_U32, AT_(process, uid) }, { "vsz", COLUMN_U32, AT_(process, vsz) },
        { "rss", COLUMN_U32, AT_(process, rss) }, { "state", COLUMN_STATE, AT_(process, state) },
        { "comm", COLUMN_TEXT, AT_(process, comm) }, { "command", COLUMN_TEXT, AT_(process, command) } },
      process_check },
    { "interfaces.tsv", sizeof(struct machine_interface), MACHINE_(interfaces), 13,
      { { "name", COLUMN_TEXT, AT_(interface, name) }, { "address", COLUMN_TEXT, AT_(interface, address) },
        { "broadcast", COLUMN_TEXT, AT_(interface, broadcast) }, { "mask", COLUMN_TEXT, AT_(interface, mask) },
        { "hardware", COLUMN_TEXT, AT_(interface, hardware) }, { "flags", COLUMN_TEXT, AT_(interface, flags) },
        { "mtu", COLUMN_U32, AT_(interface, mtu) }, { "metric", COLUMN_U32, AT_(interface, metric) },
        { "queue", COLUMN_U32, AT_(interface, queue) },
        { "rx_packets", COLUMN_U64, AT_(interface, rx_packets) }, { "rx_bytes", COLUMN_U64, AT_(interface, rx_bytes) },
        { "tx_packets", COLUMN_U64, AT_(interface, tx_packets) }, { "tx_bytes", COLUMN_U64, AT_(interface, tx_bytes) } },
      name_check },
    { "routes.tsv", sizeof(struct machine_route), MACHINE_(routes), 6,
      { { "destination", COLUMN_TEXT, AT_(route, destination) }, { "gateway", COLUMN_TEXT, AT_(route, gateway) },
        { "mask", COLUMN_TEXT, AT_(route, mask) }, { "flags", COLUMN_TEXT, AT_(route, flags) },
        { "metric", COLUMN_U32, AT_(route, metric) }, { "interface", COLUMN_TEXT, AT_(route, interface) } },
      NULL },
    { "sockets.tsv", sizeof(struct machine_socket), MACHINE_(sockets), 5,
      { { "protocol", COLUMN_TEXT, AT_(socket, protocol) }, { "local", COLUMN_TEXT, AT_(socket, local) },
        { "remote", COLUMN_TEXT, AT_(socket, remote) }, { "state", COLUMN_TEXT, AT_(socket, state) },
        { "pid", COLUMN_U32, AT_(socket, pid) } },
      NULL },
    { "modules.tsv", sizeof(struct machine_module), MACHINE_(modules), 4,
      { { "name", COLUMN_TEXT, AT_(module, name) }, { "size", COLUMN_U32, AT_(module, size) },
        { "count", COLUMN_U32, AT_(module, count) }, { "used_by", COLUMN_TEXT, AT_(module, used_by) } },
      NULL },
};
/* clang-format on */

const struct machine_table *machine_table_at(size_t i)
{
    return i < sizeof tables / sizeof tables[0] ? &tables[i] : NULL;
}

const char *machine_table_file(const struct machine_table *t)
{
    return t->file;
}

static bool put_cell(const struct column *c, char *row, char *cell)
{
    uint64_t v = 0;
    switch (c->type) {
    case COLUMN_TEXT:
        *(const char **)(void *)(row + c->at) = strcmp(cell, "-") == 0 ? "" : cell;
        return true;
    case COLUMN_U32:
        if (!machine_number(cell, UINT32_MAX, &v))
            return false;
        *(uint32_t *)(void *)(row + c->at) = (uint32_t)v;
        return true;
    case COLUMN_U64:
        return machine_number(cell, UINT64_MAX, (uint64_t *)(void *)(row + c->at));
    case COLUMN_STATE:
        if (!*cell || strlen(cell) > 3)
            return false;
        memcpy(row + c->at, cell, strlen(cell) + 1);
        return true;
    }
    return false;
}

/* Cells are cut out of the line, which stays the machine's. */
static int read_row(struct machine_hold *h, const struct machine_table *t, unsigned line,
                    char *text, char *row)
{
    for (size_t i = 0; i < t->columns; i++) {
        char *tab = text ? strchr(text, '\t') : NULL;
        if (!text || (tab != NULL) != (i + 1 < t->columns))
            return machine_wrong(h, t->file, line, "%zu columns are needed", t->columns);
        if (tab)
            *tab = '\0';
        if (!put_cell(&t->column[i], row, text))
            return machine_wrong(h, t->file, line, "%s cannot be '%.60s'", t->column[i].name, text);
        text = tab ? tab + 1 : NULL;
    }
    return 0;
}

static int add_row(struct machine_hold *h, const struct machine_table *t, unsigned line, char *text)
{
    void *items; /* of any struct: moved, not aliased */
    memcpy(&items, (char *)h + t->items, sizeof items);
    size_t *n = (size_t *)(void *)((char *)h + t->n);
    if (*n >= ROWS_MOST)
        return machine_wrong(h, t->file, line, "more than %d rows", ROWS_MOST);
    items = memory_array(&h->memory, items, *n + 1, t->row);
    memcpy((char *)h + t->items, &items, sizeof items);
    char *row = (char *)items + *n * t->row;
    memset(row, 0, t->row);
    int e = read_row(h, t, line, text, row);
    if (e)
        return e;
    ++*n;
    const char *wrong = t->check ? t->check(h, items, *n) : NULL;
    return wrong ? machine_wrong(h, t->file, line, "%s", wrong) : 0;
}

int machine_read_table(struct machine_hold *h, const struct machine_table *t, const void *data,
                       size_t n)
{
    const char *rest = data, *end = rest + n;
    unsigned line = 0;
    int e = 0;
    char *text;
    while ((text = machine_line(h, t->file, &rest, end, &line, &e))) {
        if (*text == '\0' || *text == '#')
            continue;
        e = add_row(h, t, line, text);
        if (e)
            return e;
    }
    return e;
}
