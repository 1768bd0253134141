/* pgrep, pkill */
#include "shell/applets/finds.h"
#include "shell/applets/signals.h"
#include "shell/options.h"
#include "shell/regex.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct search {
    bool full, inverted, exact, newest, oldest, names, commands;
    int64_t parent; /* -1: any */
    struct regex *pattern;
};

static bool matches(struct proc *p, const struct search *s, const struct proc_info *x)
{
    if (s->parent >= 0)
        return x->ppid == (uint64_t)s->parent;
    struct regex_span spans[REGEX_GROUPS];
    uint64_t work = 0;
    const char *text = s->full && x->command[0] != '[' ? x->command : x->comm;
    size_t n = strlen(text);
    bool found =
        regex_search(s->pattern, proc_memory(p), text, n, 0, false, spans, &work) == REGEX_MATCH;
    proc_charge(p, work);
    return found && (!s->exact || (spans[0].start == 0 && (size_t)spans[0].end == n));
}

/* Fills pids, ascending; the caller of pgrep is never among them. */
static size_t search(struct proc *p, const struct search *s, uint32_t pids[static FINDS_MOST])
{
    struct proc_info info;
    size_t n = 0;
    for (size_t i = 0; proc_info(p, i, &info) && n < FINDS_MOST; i++) {
        if (info.pid != proc_pid(p) && matches(p, s, &info) != s->inverted)
            pids[n++] = info.pid;
    }
    if (n && s->newest)
        pids[0] = pids[n - 1];
    return n && (s->newest || s->oldest) ? 1 : n;
}

static void show(struct proc *p, const struct search *s, uint32_t pid)
{
    struct proc_info info;
    for (size_t i = 0; proc_info(p, i, &info); i++) {
        if (info.pid != pid)
            continue;
        if (s->names || s->commands)
            out_print(p, "%u %s\n", pid, s->commands ? info.command : info.comm);
        else
            out_print(p, "%u\n", pid);
    }
}

static void take_pattern(struct proc *p, struct search *s, char **words)
{
    const char *why = "";
    if (s->parent >= 0 ? words[0] != NULL : !words[0] || words[1])
        proc_usage(p);
    if (s->parent >= 0)
        return;
    s->pattern = regex_make(proc_memory(p), words[0], strlen(words[0]), REGEX_EXTENDED, &why);
    if (!s->pattern)
        proc_die(p, "bad regex '%s': %s", words[0], why);
}

static struct search read_options(struct proc *p, int argc, char **argv, const char *letters)
{
    struct search s = { .parent = -1 };
    struct options o;
    int option;
    options_begin(&o, p, argc, argv, letters, NULL);
    while ((option = options_next(&o)) != -1) {
        s.full |= option == 'f';
        s.inverted |= option == 'v';
        s.exact |= option == 'x';
        s.newest |= option == 'n';
        s.oldest |= option == 'o';
        s.names |= option == 'l';
        s.commands |= option == 'a';
        if (option == 'P' || option == 's')
            s.parent = (int64_t)options_number(p, o.argument, 0, INT32_MAX, NULL);
    }
    take_pattern(p, &s, argv + o.index);
    return s;
}

static int pgrep_once(struct proc *p, int argc, char **argv)
{
    uint32_t pids[FINDS_MOST];
    struct search s = read_options(p, argc, argv, "vlafxons:P:");
    size_t n = search(p, &s, pids);
    for (size_t i = 0; i < n; i++)
        show(p, &s, pids[i]);
    return n ? 0 : 1;
}

/* A signal stands before the options: "-9", "-KILL". */
static int take_signal(struct proc *p, int *argc, char ***argv)
{
    const char *word = *argc > 1 ? (*argv)[1] : "";
    int n = word[0] == '-' && word[1] ? kill_signal(word + 1) : -1;
    if (strcmp(word, "-l") == 0 && *argc == 2)
        proc_exit(p, kill_signal_list(p, *argv + 2));
    if (n < 0)
        return SIGTERM;
    (*argv)[1] = (*argv)[0];
    ++*argv;
    --*argc;
    return n;
}

static int pkill_once(struct proc *p, int argc, char **argv)
{
    uint32_t pids[FINDS_MOST];
    int signal = take_signal(p, &argc, &argv);
    struct search s = read_options(p, argc, argv, "vfxones:P:");
    size_t n = search(p, &s, pids), killed = 0;
    for (size_t i = 0; i < n; i++) {
        int e = proc_kill(p, (int32_t)pids[i], signal);
        killed += e == 0;
        if (e)
            proc_perror(p, e, "can't kill pid %u", pids[i]);
    }
    return killed ? 0 : 1;
}

const struct applet applet_pgrep = { .name = "pgrep", .once = pgrep_once };
const struct applet applet_pkill = { .name = "pkill", .once = pkill_once };
