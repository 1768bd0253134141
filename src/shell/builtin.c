/* The table of ash's builtins, and the simplest of them. */
#include "shell/builtin.h"
#include "shell/edit.h"

#include <stdlib.h>
#include <string.h>

/* In the order that `help` lists them; special ones as ash marks them. */
static const struct builtin table[] = {
    { ".", builtin_dot, true, false, false },
    { ":", builtin_true, true, false, false },
    { "[", builtin_inside, false, false, true },
    { "[[", builtin_inside, false, false, true },
    { "alias", builtin_alias, false, true, false },
    { "bg", builtin_bg, false, false, false },
    { "break", builtin_break, true, false, false },
    { "cd", builtin_cd, false, false, false },
    { "chdir", builtin_cd, false, false, false },
    { "command", builtin_command, false, false, false },
    { "continue", builtin_break, true, false, false },
    { "echo", builtin_inside, false, false, true },
    { "eval", builtin_eval, true, false, false },
    { "exec", builtin_exec, true, false, false },
    { "exit", builtin_exit, true, false, false },
    { "export", builtin_export, true, true, false },
    { "false", builtin_false, false, false, false },
    { "fg", builtin_bg, false, false, false },
    { "getopts", builtin_getopts, false, false, false },
    { "hash", builtin_hash, false, false, false },
    { "help", builtin_help, false, false, false },
    { "history", builtin_history, false, false, false },
    { "jobs", builtin_jobs, false, false, false },
    { "kill", builtin_kill, false, false, false },
    { "let", builtin_let, false, false, false },
    { "local", builtin_local, true, true, false },
    { "printf", builtin_inside, false, false, true },
    { "pwd", builtin_pwd, false, false, false },
    { "read", builtin_read, false, false, false },
    { "readonly", builtin_export, true, true, false },
    { "return", builtin_return, true, false, false },
    { "set", builtin_set, true, false, false },
    { "shift", builtin_shift, true, false, false },
    { "source", builtin_dot, true, false, false },
    { "test", builtin_inside, false, false, true },
    { "times", builtin_times, true, false, false },
    { "trap", builtin_trap, true, false, false },
    { "true", builtin_true, false, false, false },
    { "type", builtin_type, false, false, false },
    { "ulimit", builtin_ulimit, false, false, true },
    { "umask", builtin_umask, false, false, false },
    { "unalias", builtin_unalias, false, false, false },
    { "unset", builtin_unset, true, false, false },
    { "wait", builtin_wait, false, false, false },
};

enum { BUILTINS = sizeof table / sizeof *table };

const char *builtin_name(size_t i)
{
    return i < BUILTINS ? table[i].name : NULL;
}

const struct builtin *builtin_find(const char *name)
{
    for (size_t i = 0; i < BUILTINS; i++)
        if (name[0] == table[i].name[0] && !strcmp(name, table[i].name))
            return &table[i];
    return NULL;
}

enum builtin_next builtin_status(struct proc *p, int status)
{
    p->interp->status = status;
    return BUILTIN_DONE;
}

bool builtin_options(struct proc *p, char **argv, const char *letters, uint32_t *ret, char ***ret_argv)
{
    *ret = 0;
    for (argv++; *argv && (*argv)[0] == '-' && (*argv)[1]; argv++) {
        if (!strcmp(*argv, "--")) {
            argv++;
            break;
        }
        for (const char *s = *argv + 1; *s; s++) {
            const char *at = strchr(letters, *s);
            if (!at) {
                shell_fail(p, 2, "illegal option -%c", *s);
                return false;
            }
            *ret |= 1u << (at - letters);
        }
    }
    *ret_argv = argv;
    return true;
}

bool builtin_number(struct proc *p, const char *s, int *ret)
{
    unsigned long n = strtoul(s, NULL, 10);
    if (!*s || s[strspn(s, "0123456789")]) {
        shell_fail(p, 2, "Illegal number: %s", s);
        return false;
    }
    *ret = n > INT32_MAX ? INT32_MAX : (int)n;
    return true;
}

/* ---- Applets that run in the shell ---- */

enum builtin_next builtin_inside(BUILTIN_ARGS)
{
    (void)c;
    const struct applet *a = applet_find(argv[0]);
    p->name = p->interp->name;
    return builtin_status(p, a ? applet_inside(p, a, argc, argv) : 127);
}

/* A job is all of its processes; of one that has ended there are none, and nothing is wrong. */
enum builtin_next builtin_kill(BUILTIN_ARGS)
{
    void *mark = memory_take(&p->memory, 1);
    char **words = NULL;
    size_t n = 0, aims = 0;
    bool jobs = false;
    for (int i = 0; i < argc; i++) {
        const struct job *job = i && argv[i][0] == '%' ? job_named(p, argv[i]) : NULL;
        if (i && argv[i][0] == '%' && !job) {
            shell_error(p, "%s: no such job", argv[i]);
            memory_back(&p->memory, mark);
            return builtin_status(p, 2);
        }
        words = memory_array(&p->memory, words, n + 2 + (job ? job->n : 0), sizeof *words);
        for (uint32_t k = 0; job && k < job->n; k++)
            if (!job->members[k].ended)
                words[n++] = memory_print(&p->memory, "%u", job->members[k].pid);
        if (!job)
            words[n++] = argv[i];
        jobs |= job != NULL;
        aims += n > 1 && words[n - 1][0] != '-';
    }
    words[n] = NULL;
    enum builtin_next next = jobs && !aims ? builtin_status(p, 0) : builtin_inside(p, c, (int)n, words);
    memory_back(&p->memory, mark);
    return next;
}

/* ---- Nothing, and lists ---- */

enum builtin_next builtin_true(BUILTIN_ARGS)
{
    (void)c, (void)argc, (void)argv;
    return builtin_status(p, 0);
}

enum builtin_next builtin_false(BUILTIN_ARGS)
{
    (void)c, (void)argc, (void)argv;
    return builtin_status(p, 1);
}

static void add_column(struct text *to, size_t *column, const char *name)
{
    *column += strlen(name) + 1;
    text_print(to, "%c%s", *column == strlen(name) + 1 ? '\t' : ' ', name);
    if (*column > 60) {
        text_say(to, "\n");
        *column = 0;
    }
}

enum builtin_next builtin_help(BUILTIN_ARGS)
{
    (void)c, (void)argc, (void)argv;
    const struct machine *m = proc_machine(p);
    struct text all = text_of(&p->memory);
    size_t column = 0;
    text_say(&all, "Built-in commands:\n------------------\n");
    for (size_t i = 0; i < BUILTINS; i++)
        add_column(&all, &column, table[i].name);
    for (size_t i = 0; m->standalone && i < m->n_applets; i++)
        add_column(&all, &column, m->applets[i]);
    text_say(&all, column ? "\n\n" : "\n");
    out_put(p, all.data, all.len);
    text_release(&all);
    return builtin_status(p, 0);
}

enum builtin_next builtin_times(BUILTIN_ARGS)
{
    (void)c, (void)argc, (void)argv;
    out_text(p, "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
    return builtin_status(p, 0);
}

/* Neither keeps anything: what was typed is the visitor's affair, where a command stands is looked up anew. */
enum builtin_next builtin_history(BUILTIN_ARGS)
{
    const char *line;
    (void)c, (void)argc, (void)argv;
    for (size_t i = 0; (line = edit_history(p->shell, i)); i++)
        out_print(p, "%4zu %s\n", i, line);
    return builtin_status(p, 0);
}

enum builtin_next builtin_hash(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    int status = 0;
    uint32_t bits;
    char **words;
    if (!builtin_options(p, argv, "r", &bits, &words))
        return BUILTIN_GONE;
    for (char **word = words; *word; word++) {
        if (builtin_find(*word))
            continue;
        status |= !hash_finds(p, *word);
    }
    return builtin_status(p, status);
}
