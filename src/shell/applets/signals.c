#include "shell/applets/signals.h"

#include "shell/proc.h"

#include <stdlib.h>
#include <string.h>

/* By number, as Linux has them on most CPUs. */
static const char *const names[] = {
    "EXIT", "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
    "SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "POLL", "PWR",  "SYS",
};

enum { NAMES = sizeof names / sizeof names[0], SIGNAL_MOST = 64, DEFAULT = 15 };

const char *kill_signal_name(int number)
{
    return number >= 0 && number < NAMES ? names[number] : NULL;
}

static bool digits(const char *s)
{
    return *s && s[strspn(s, "0123456789")] == '\0';
}

static int by_name(const char *name)
{
    if (strncasecmp(name, "SIG", 3) == 0)
        name += 3;
    for (int i = 0; i < NAMES; i++) {
        if (strcasecmp(names[i], name) == 0)
            return i;
    }
    return strcasecmp(name, "IO") == 0 ? 29 : strcasecmp(name, "IOT") == 0 ? 6 : -1;
}

int kill_signal(const char *name)
{
    if (!digits(name))
        return by_name(name);
    return strlen(name) < 4 && strtol(name, NULL, 10) <= SIGNAL_MOST ? (int)strtol(name, NULL, 10)
                                                                     : -1;
}

/* A status of a process that died by a signal is its signal, too. */
static void tell_name(struct proc *p, const char *number)
{
    int n = (int)strtol(number, NULL, 10) & 0x7f;
    const char *name = kill_signal_name(n);
    if (name)
        out_print(p, "%s\n", name);
    else
        out_print(p, "%d\n", n);
}

int kill_signal_list(struct proc *p, char **asked)
{
    for (int i = 1; !*asked && i < NAMES; i++)
        out_print(p, "%2d) %s\n", i, names[i]);
    for (; *asked; asked++) {
        int n = digits(*asked) ? 0 : by_name(*asked);
        if (n < 0)
            proc_die(p, "unknown signal '%s'", *asked);
        if (digits(*asked))
            tell_name(p, *asked);
        else
            out_print(p, "%d\n", n);
    }
    return 0;
}

int kill_signal_option(struct proc *p, char ***argv, int *ret_status)
{
    char *word = **argv;
    if (!word || word[0] != '-')
        return DEFAULT;
    if (strcmp(word, "-l") == 0) {
        *ret_status = kill_signal_list(p, *argv + 1);
        return -1;
    }
    ++*argv;
    if (strcmp(word, "--") == 0)
        return DEFAULT;
    const char *name = word + 1;
    if (strcmp(name, "s") == 0 && **argv)
        name = *(*argv)++;
    int n = kill_signal(name);
    if (n < 0)
        proc_die(p, "bad signal name '%s'", name);
    return n;
}
