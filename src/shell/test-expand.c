#include "shell/expand.h"
#include "base/test-folder.h"
#include "shell/parse.h"
#include "shell/vars.h"
#include "shell/vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static const struct expansion_case {
    const char *variables[6];
    const char *parameters[6];
    size_t n;
    const char *words, *fields;
} cases[] = {
#include "shell/test-expand-cases.h"
};

static struct memory_account account = { .most = 256 << 20 };
static struct memory memory;
static struct vfs_tree *tree;
static struct vfs *vfs;

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    abort();
}

/* ---- A shell of its own ---- */

struct world {
    struct vars *vars;
    const char *const *parameters;
    size_t n;
    char number[24];
};

static void put(struct world *w, const char *assignment, unsigned flags)
{
    size_t n = strcspn(assignment, "=");
    assert_int_equal(vars_set(&w->vars, &memory, assignment, n, assignment + n + 1, flags), 0);
}

static const char *get(void *context, const char *name, size_t n)
{
    struct world *w = context;
    if (n == 1 && *name == '#') {
        snprintf(w->number, sizeof w->number, "%zu", w->n);
        return w->number;
    }
    if (n == 1 && strchr("?$-", *name))
        return *name == '?' ? "0" : "77";
    if (*name >= '0' && *name <= '9') {
        size_t i = 0;
        for (size_t j = 0; j < n; j++)
            i = i * 10 + (size_t)(name[j] - '0');
        return !i ? "sh" : i <= w->n ? w->parameters[i - 1] : NULL;
    }
    const struct var *x = vars_find(w->vars, name, n);
    return x ? x->text + n + 1 : NULL;
}

static bool set(void *context, const char *name, size_t n, const char *value)
{
    struct world *w = context;
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
    return w->parameters[i - 1];
}

static const char *home(void *context, const char *user)
{
    const struct world *w = context;
    if (!*user)
        return vars_get(w->vars, "HOME");
    return strcmp(user, "root") == 0 ? "/root" : NULL;
}

static struct expand_scope scope_of(struct world *w)
{
    vfs_ino cwd;
    assert_int_equal(vfs_find(vfs, VFS_ROOT, "t", true, (struct vfs_who){ 0, 0 }, &cwd), 0);
    return (struct expand_scope){
        .context = w,
        .get = get,
        .set = set,
        .count = count,
        .positional = positional,
        .home = home,
        .vfs = vfs,
        .cwd = cwd,
    };
}

/* ---- Expanding ---- */

/* The command that a substitution runs is echo, with words that mean nothing more. */
static void capture(struct expansion *x)
{
    const struct node *n = expand_tree(x);
    struct text t = text_of(&memory);
    for (const struct word *w = n ? n->words->next : NULL; w; w = w->next) {
        text_add(&t, w->parts->text, w->parts->n);
        if (w->next)
            text_char_add(&t, ' ');
    }
    text_say(&t, "\n");
    expand_captured(x, t.data, t.len);
    text_release(&t);
}

static enum expand_next run(struct expansion *x, int64_t budget)
{
    for (;;) {
        int64_t steps = budget;
        enum expand_next next = expand_run(x, &steps);
        if (next == EXPAND_CAPTURE)
            capture(x);
        else if (next != EXPAND_AGAIN)
            return next;
    }
}

/* The fields as <a><b>, or ! and the message. */
static void show(struct text *to, struct expansion *x, int64_t budget)
{
    if (run(x, budget) == EXPAND_ERROR) {
        text_print(to, "!%s", expand_error(x));
        return;
    }
    size_t n;
    char **fields = expand_take(x, &n);
    for (size_t i = 0; i < n; i++) {
        text_print(to, "<%s>", fields[i]);
        memory_give(&memory, fields[i]);
    }
    assert_null(fields[n]);
    memory_give(&memory, fields);
}

static char *expanded(const char *words, struct world *w, enum expand_how how, int64_t budget)
{
    char *text = memory_print(&memory, "p %s\n", words);
    struct parse p = { .text = text, .n = strlen(text), .whole = true, .line = 1 };
    struct text to = text_of(&memory);
    enum parse_verdict verdict = parse_command(&p, &memory);
    if (verdict == PARSE_ERROR) {
        text_print(&to, "!%s", p.error);
    } else {
        struct expand_scope scope = scope_of(w);
        struct expansion *x = expand_make(&memory, &scope, p.tree->words->next, how);
        show(&to, x, budget);
        expand_free(x);
    }
    text_add(&to, "", 0);
    arena_drop(p.arena);
    memory_give(&memory, text);
    return to.data;
}

static struct world world_of(const struct expansion_case *c)
{
    struct world w = { .vars = vars_make(&memory), .parameters = c->parameters, .n = c->n };
    put(&w, "HOME=/root", 0);
    put(&w, "r=1", VAR_READONLY);
    for (size_t i = 0; i < LENGTH(c->variables) && c->variables[i]; i++)
        put(&w, c->variables[i], 0);
    return w;
}

static void try_all(int64_t budget)
{
    size_t wrong = 0;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct world w = world_of(&cases[i]);
        char *is = expanded(cases[i].words, &w, EXPAND_FIELDS, budget);
        if (strcmp(is, cases[i].fields) != 0) {
            print_error("%zu: %s | %s | %s: %s, not %s\n", i,
                        cases[i].variables[0] ? cases[i].variables[0] : "",
                        cases[i].n ? cases[i].parameters[0] : "-", cases[i].words, is,
                        cases[i].fields);
            wrong++;
        }
        memory_give(&memory, is);
        vars_drop(w.vars);
    }
    assert_int_equal(wrong, 0);
}

static void as_the_reference(void **state)
{
    (void)state;
    try_all(INT64_MAX);
}

static void the_same_step_by_step(void **state)
{
    (void)state;
    try_all(1);
}

static void one(const char *words, enum expand_how how, const char *wanted)
{
    static const struct expansion_case with = {
        { "x=a  b", "y=*", "IFS=:" }, { "1", "2 3" }, 2, "", ""
    };
    struct world w = world_of(&with);
    char *is = expanded(words, &w, how, 1);
    assert_string_equal(is, wanted);
    memory_give(&memory, is);
    vars_drop(w.vars);
}

static void single_texts(void **state)
{
    (void)state;
    one("$x", EXPAND_SINGLE, "<a  b>");
    one("$y*", EXPAND_SINGLE, "<**>");
    one("$@", EXPAND_SINGLE, "<1:2 3>");
    one("\"$@\"", EXPAND_SINGLE, "<1:2 3>");
    one("\"a*\"'?'$y\\*b[a]", EXPAND_PATTERN, "<a\\*\\?*\\*b[a]>");
    one("\"a$x ${u-\"b\"} $@\"", EXPAND_HERE, "<aa  b b 1:2 3>");
    one("", EXPAND_SINGLE, "<>");
    one("", EXPAND_FIELDS, "");
    one("a=$x b$x \"c=$x\" d=* \"e\"=$x", EXPAND_DECLARE, "<a=a  b><ba  b><c=a  b><d=*><e=a  b>");
}

static void unset_is_an_error(void **state)
{
    static const struct expansion_case with = { { "x=1" }, { 0 }, 0, "", "" };
    static const char *const rows[][2] = {
        { "$u", "!u: parameter not set" },
        { "${u-a}", "<a>" },
        { "${#u}", "!u: parameter not set" },
        { "${u#a}", "!u: parameter not set" },
        { "$1", "!1: parameter not set" },
        { "\"$@\" \"$*\" $#", "<><0>" },
        { "${u+a} ${u:+a} ${u=b}", "<b>" },
        { "$!", "!!: parameter not set" },
        { "$((u+1))", "<1>" },
        { "${u/a}", "!u: parameter not set" },
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct world w = world_of(&with);
        char *text = memory_print(&memory, "p %s\n", rows[i][0]);
        struct parse p = { .text = text, .n = strlen(text), .whole = true, .line = 1 };
        assert_int_equal(parse_command(&p, &memory), PARSE_COMMAND);
        struct expand_scope scope = scope_of(&w);
        scope.no_unset = true;
        struct expansion *x = expand_make(&memory, &scope, p.tree->words->next, EXPAND_FIELDS);
        struct text to = text_of(&memory);
        show(&to, x, 5);
        assert_string_equal(to.data, rows[i][1]);
        text_release(&to);
        expand_free(x);
        arena_drop(p.arena);
        memory_give(&memory, text);
        vars_drop(w.vars);
    }
}

/* Steps that words need with x of n bytes and n parameters. */
static int64_t cost(const char *words, size_t n)
{
    const char **parameters = memory_array(&memory, NULL, n + 1, sizeof *parameters);
    for (size_t i = 0; i < n; i++)
        parameters[i] = "ab";
    struct world w = { .vars = vars_make(&memory), .parameters = parameters, .n = n };
    char *value = memory_take(&memory, n + 3);
    memcpy(value, "x=", 2);
    memset(value + 2, 'a', n);
    put(&w, value, 0);
    char *text = memory_print(&memory, "p %s\n", words);
    struct parse p = { .text = text, .n = strlen(text), .whole = true, .line = 1 };
    assert_int_equal(parse_command(&p, &memory), PARSE_COMMAND);
    struct expand_scope scope = scope_of(&w);
    struct expansion *x = expand_make(&memory, &scope, p.tree->words->next, EXPAND_FIELDS);
    int64_t steps = INT64_MAX;
    assert_int_equal(expand_run(x, &steps), EXPAND_DONE);
    expand_free(x);
    arena_drop(p.arena);
    memory_give(&memory, text);
    memory_give(&memory, value);
    memory_give(&memory, parameters);
    vars_drop(w.vars);
    return INT64_MAX - steps;
}

static void cost_is_in_proportion(void **state)
{
    static const char *const words[] = {
        "$x",       "\"$x\"",      "\"$@\"",       "$*",        "\"$*\"",    "${x##*/}",
        "${x%%/*}", "${x%%*a*b*}", "${x##*[b]*c}", "${x//a/b}", "${x//b/c}", "${x#*}",
        "${x:5}",   "${#x}",       "\"${@#a}\"",   "${x/a*/b}",
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(words); i++) {
        int64_t some = cost(words[i], 1000), many = cost(words[i], 100000);
        assert_true(many <= 120 * (some + 20));
        assert_true(many < 200000);
    }
}

static void bad_cases_are_charged(void **state)
{
    (void)state;
    assert_true(cost("${x//a*b/c}", 4000) > 4000LL * 4000 / 64);
    assert_true(cost("${x##*a*a*a*a*b}", 10000) < 100000);
}

static void nothing_is_left(void **state)
{
    struct memory one = { .account = &account, .exhausted = exhausted };
    static const struct expansion_case with = { { "x=a  b" }, { "1" }, 1, "", "" };
    struct world w = world_of(&with);
    size_t before = account.used;
    (void)state;
    for (int64_t turns = 0; turns < 40; turns++) {
        char text[] = "p $x ${u=c} ${x##*\"b\"} d* ${x/a*/\"$@\"} $(echo a) * ${x:1:$((1))}\n";
        struct parse p = { .text = text, .n = strlen(text), .whole = true, .line = 1 };
        assert_int_equal(parse_command(&p, &one), PARSE_COMMAND);
        struct expand_scope scope = scope_of(&w);
        struct expansion *x = expand_make(&one, &scope, p.tree->words->next, EXPAND_FIELDS);
        for (int64_t i = 0; i < turns; i++) {
            int64_t steps = 1;
            enum expand_next next = expand_run(x, &steps);
            if (next == EXPAND_CAPTURE)
                expand_captured(x, "q\0r\n", 4);
            else if (next != EXPAND_AGAIN)
                break;
        }
        expand_free(x);
        arena_drop(p.arena);
        assert_null(one.blocks);
    }
    vars_drop(w.vars);
    assert_true(account.used <= before);
}

/* ---- The folder ---- */

static void make(const char *folder, const char *name, bool is_folder)
{
    char path[FOLDER_PATH * 2];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = is_folder ? NULL : fopen(path, "w");
    assert_int_equal(is_folder ? mkdir(path, 0755) : f ? fclose(f) : -1, 0);
}

static int set_up(void **state)
{
    static const char *const folders[] = { "t", "t/d", "t/d/e", "t/d2", "t/.hd" };
    static const char *const files[] = { "t/a", "t/b",   "t/ab",    "t/.h",   "t/x y",
                                         "t/*", "t/d/f", "t/d/e/g", "t/d2/f", "t/a\\b" };
    char folder[FOLDER_PATH], why[200];
    (void)state;
    assert_int_equal(folder_make(folder, "expand"), 0);
    for (size_t i = 0; i < LENGTH(folders); i++)
        make(folder, folders[i], true);
    for (size_t i = 0; i < LENGTH(files); i++)
        make(folder, files[i], false);
    int e = vfs_tree_load(&tree, folder, why);
    folder_remove(folder);
    assert_int_equal(e, 0);
    assert_int_equal(vfs_make(&vfs, tree, &account, NULL, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vfs_free(vfs);
    vfs_tree_free(tree);
    assert_int_equal(account.used, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_reference),      cmocka_unit_test(the_same_step_by_step),
        cmocka_unit_test(single_texts),          cmocka_unit_test(unset_is_an_error),
        cmocka_unit_test(cost_is_in_proportion), cmocka_unit_test(bad_cases_are_charged),
        cmocka_unit_test(nothing_is_left),
    };
    memory.account = &account;
    memory.exhausted = exhausted;
    return cmocka_run_group_tests_name("shell/expand", tests, set_up, tear_down);
}
