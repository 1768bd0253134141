/* env and printenv. */
#include "shell/applet.h"
#include "shell/options.h"

#include <string.h>

enum { NOT_RUN = 126, NOT_FOUND = 127 };

static void clear(struct proc *p)
{
    char **environ = proc_environ(p);
    size_t n = 0;
    while (environ[n])
        n++;
    /* The list is of what was there; unsetting makes a new one. */
    char **names = memory_array(proc_memory(p), NULL, n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = memory_bytes(proc_memory(p), environ[i], strcspn(environ[i], "="));
    for (size_t i = 0; i < n; i++)
        proc_setenv(p, names[i], NULL);
}

static bool set(struct proc *p, const char *word)
{
    const char *equals = strchr(word, '=');
    if (equals)
        proc_setenv(p, memory_bytes(proc_memory(p), word, (size_t)(equals - word)), equals + 1);
    return equals;
}

static void show(struct proc *p, char end)
{
    for (char **at = proc_environ(p); *at; at++) {
        out_text(p, *at);
        out_char(p, end);
    }
}

static int env(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = {
        { "ignore-environment", 0, 'i' }, { "null", 0, '0' }, { "unset", 1, 'u' }, { NULL, 0, 0 }
    };
    struct options o;
    bool empty = false, nul = false;
    const char **unset = memory_array(proc_memory(p), NULL, (size_t)argc, sizeof *unset);
    size_t n_unset = 0;
    options_begin(&o, p, argc, argv, "+i0u:", longs);
    for (int c; (c = options_next(&o)) >= 0;) {
        empty |= c == 'i';
        nul |= c == '0';
        if (c == 'u')
            unset[n_unset++] = o.argument;
    }
    argv += o.index;
    if (*argv && !strcmp(*argv, "-")) {
        empty = true;
        argv++;
    }
    if (empty)
        clear(p);
    for (size_t i = 0; i < n_unset; i++)
        proc_setenv(p, unset[i], NULL);
    while (*argv && set(p, *argv))
        argv++;
    if (!*argv) {
        show(p, nul ? '\0' : '\n');
        return 0;
    }
    int e = proc_exec(p, argv);
    proc_fails_with(p, e == -ENOENT ? NOT_FOUND : NOT_RUN);
    proc_die_errno(p, e, "can't execute '%s'", *argv);
}

static int printenv(struct proc *p, int argc, char **argv)
{
    int status = 0;
    if (argc < 2)
        show(p, '\n');
    for (argv++; *argv; argv++) {
        const char *value = proc_getenv(p, *argv);
        if (value)
            out_print(p, "%s\n", value);
        else
            status = 1;
    }
    return status;
}

const struct applet applet_env = { .name = "env", .once = env, .unwritten = UNWRITTEN_OUTPUT };
const struct applet applet_printenv = { .name = "printenv", .once = printenv };
