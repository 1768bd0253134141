#include "shell/expand.h"
#include "base/test-folder.h"
#include "shell/parse.h"
#include "shell/vars.h"
#include "shell/vfs.h"

#include <assert.h>
#include <setjmp.h>
#include <string.h>

/* The first byte is how they are expanded; then texts that end in NUL: words, IFS, $1, $2 and so
 * on, which are the values of a, b... and the outputs of commands, too. In turns of a few steps the
 * same must come as in one. */

enum { PARAMETERS = 6, RUNS_MOST = 300000 };

static jmp_buf out;
static struct memory_account account = { .most = 8 << 20 }, tree_account = { .most = 1 << 20 };

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    longjmp(out, 1);
}

static struct memory memory = { .account = &account, .exhausted = exhausted };

struct world {
    struct vars *vars;
    const char *parameters[PARAMETERS];
    size_t n, captured;
    char number[24];
};

static const char *get(void *context, const char *name, size_t n)
{
    struct world *w = context;
    assert(!memchr(name, '\0', n));
    if (*name == '#') {
        snprintf(w->number, sizeof w->number, "%zu", w->n);
        return w->number;
    }
    if (*name >= '1' && *name <= '9')
        return n == 1 && (size_t)(*name - '0') <= w->n ? w->parameters[*name - '1'] : NULL;
    const struct var *x = vars_find(w->vars, name, n);
    /* It is lent until the next call: here nobody may count on more. */
    memset(w->number, 'x', sizeof w->number - 1);
    return x && !(x->flags & VAR_UNSET) ? x->text + n + 1 : NULL;
}

static bool set(void *context, const char *name, size_t n, const char *value)
{
    struct world *w = context;
    assert(var_name_ok(name, n));
    return vars_set(&w->vars, &memory, name, n, value, 0) == 0;
}

static size_t count(void *context)
{
    const struct world *w = context;
    return w->n;
}

static const char *positional(void *context, size_t i)
{
    const struct world *w = context;
    assert(i && i <= w->n);
    return w->parameters[i - 1];
}

static const char *home(void *context, const char *user)
{
    (void)context;
    return !*user ? "/home" : *user == 'r' ? "/root" : NULL;
}

static struct vfs *folder(void)
{
    static struct vfs *vfs;
    static const char *const files[] = { "a", "ab", ".h", "*", "x y", "b" };
    static struct vfs_tree *tree;
    const struct vfs_who who = { 0, 0 };
    char path[FOLDER_PATH], why[200];
    vfs_ino ino, dir;
    if (vfs)
        return vfs;
    int e = folder_make(path, "fuzz-expand");
    assert(!e);
    e = vfs_tree_load(&tree, path, why);
    folder_remove(path);
    assert(!e);
    e = vfs_make(&vfs, tree, &tree_account, NULL, NULL);
    assert(!e);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        e |= vfs_make_node(vfs, VFS_ROOT, files[i], S_IFREG | 0644, 0, 0, who, &ino);
    e |= vfs_make_node(vfs, VFS_ROOT, "d", S_IFDIR | 0755, 0, 0, who, &dir);
    e |= vfs_make_node(vfs, dir, "f", S_IFREG | 0644, 0, 0, who, &ino);
    e |= vfs_make_link(vfs, dir, "l", "..", who);
    assert(!e);
    return vfs;
}

static void capture(struct world *w, struct expansion *x)
{
    const char *s = w->n ? w->parameters[w->captured++ % w->n] : "";
    (void)expand_tree(x);
    expand_captured(x, s, strlen(s));
}

static int declares(void *context, char *const *words, size_t n)
{
    (void)context;
    return n < 2 ? -1 : *words[0] == 'e';
}

/* All that comes, as text; empty where it takes too long. */
static struct text run(const struct word *words, struct world *w, uint8_t how, int64_t budget)
{
    const struct expand_scope scope = {
        .context = w,
        .get = get,
        .set = set,
        .count = count,
        .positional = positional,
        .home = home,
        .declares = declares,
        .no_unset = how & 8,
        .no_glob = how & 16,
        .vfs = folder(),
        .cwd = VFS_ROOT,
    };
    struct expansion *x = expand_make(&memory, &scope, words, (enum expand_how)(how % 6));
    struct text t = text_of(&memory);
    enum expand_next next = EXPAND_AGAIN;
    for (int i = 0; i < RUNS_MOST && (next == EXPAND_AGAIN || next == EXPAND_CAPTURE); i++) {
        int64_t steps = budget;
        next = expand_run(x, &steps);
        if (next == EXPAND_CAPTURE)
            capture(w, x);
    }
    if (next == EXPAND_ERROR)
        text_print(&t, "!%s", expand_error(x));
    size_t n = 0;
    char **fields = next == EXPAND_DONE ? expand_take(x, &n) : NULL;
    bool many = how % 6 == EXPAND_FIELDS || how % 6 == EXPAND_DECLARE || how % 6 == EXPAND_COMMAND;
    assert(next != EXPAND_DONE || many || n == 1);
    for (size_t i = 0; i < n; i++) {
        text_print(&t, "<%s>", fields[i]);
        memory_give(&memory, fields[i]);
    }
    memory_give(&memory, fields);
    expand_free(x);
    text_add(&t, next == EXPAND_AGAIN ? "~" : "", next == EXPAND_AGAIN);
    return t;
}

static struct world world_of(const char *text, size_t n)
{
    struct world w = { .vars = vars_make(&memory) };
    size_t at = strlen(text) + 1;
    int e = 0;
    if (at < n) {
        e |= vars_set(&w.vars, &memory, "IFS", 3, text + at, 0);
        at += strlen(text + at) + 1;
    }
    for (; at < n && w.n < PARAMETERS; at += strlen(text + at) + 1) {
        const char name = (char)('a' + w.n);
        e |= vars_set(&w.vars, &memory, &name, 1, text + at, w.n == 5 ? VAR_READONLY : 0);
        w.parameters[w.n++] = text + at;
    }
    assert(!e);
    return w;
}

static void expand(const char *text, size_t n, uint8_t how)
{
    char *line = memory_print(&memory, "p %s\n", text);
    struct parse p = { .text = line, .n = strlen(line), .whole = true, .line = 1 };
    if (parse_command(&p, &memory) == PARSE_COMMAND && p.tree->type == NODE_COMMAND) {
        struct world w = world_of(text, n);
        struct text once = run(p.tree->words->next, &w, how, 1 << 22);
        vars_drop(w.vars);
        w = world_of(text, n);
        struct text often = run(p.tree->words->next, &w, how, 1 + how % 7);
        vars_drop(w.vars);
        bool late = often.len && often.data[often.len - 1] == '~';
        assert(late || (once.len == often.len && memcmp(once.data, often.data, once.len) == 0));
    }
    arena_drop(p.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    folder();
    if (!setjmp(out)) {
        char *text = memory_bytes(&memory, data + 1, size - 1);
        expand(text, size - 1, data[0]);
    }
    memory_clear(&memory);
    return 0;
}
