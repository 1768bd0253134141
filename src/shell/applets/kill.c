/* kill, killall, killall5, pidof */
#include "shell/applets/finds.h"
#include "shell/applets/signals.h"
#include "shell/options.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static bool number(const char *s, int32_t *ret)
{
    const char *digits = s + (*s == '-');
    size_t n = strlen(digits);
    long v = n < 12 ? strtol(s, NULL, 10) : INT64_MAX;
    *ret = (int32_t)v;
    return digits[strspn(digits, "0123456789")] == '\0' && n && v >= INT32_MIN && v <= INT32_MAX;
}

static int kill_each(struct proc *p, char **pids, int signal)
{
    int failed = 0;
    for (; *pids; pids++) {
        int32_t pid = 0;
        if (!**pids) /* no number, no message, and nobody dies */
            continue;
        if (!number(*pids, &pid)) {
            proc_error(p, "invalid number '%s'", *pids);
            failed++;
            continue;
        }
        int e = proc_kill(p, pid, signal);
        if (e) {
            proc_perror(p, e, "can't kill pid %d", pid);
            failed++;
        }
    }
    return failed;
}

static int kill_once(struct proc *p, int argc, char **argv)
{
    int status = 0;
    (void)argc;
    argv++;
    int signal = kill_signal_option(p, &argv, &status);
    if (signal < 0)
        return status;
    if (!*argv)
        proc_die(p, "you need to specify whom to kill");
    return kill_each(p, argv, signal);
}

/* How many of a name there were; those that would not die are said. */
static size_t kill_named(struct proc *p, const char *name, int signal, bool quiet)
{
    uint32_t pids[FINDS_MOST];
    size_t n = find_named(p, name, pids), killed = 0;
    for (size_t i = 0; i < n; i++) {
        if (pids[i] == proc_pid(p))
            continue;
        int e = proc_kill(p, (int32_t)pids[i], signal);
        killed += e == 0;
        if (e && !quiet)
            proc_perror(p, e, "can't kill pid %u", pids[i]);
    }
    return n ? killed : SIZE_MAX;
}

static int killall_once(struct proc *p, int argc, char **argv)
{
    int status = 0, failed = 0;
    bool quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
    argv += quiet ? 2 : 1;
    if (quiet && !*argv)
        proc_usage(p);
    int signal = kill_signal_option(p, &argv, &status);
    if (signal < 0)
        return status;
    if (!*argv)
        proc_die(p, "you need to specify whom to kill");
    for (; *argv; argv++) {
        size_t killed = kill_named(p, *argv, signal, quiet);
        failed += killed == 0 || killed == SIZE_MAX;
        if (killed == SIZE_MAX && !quiet)
            proc_error(p, "%s: no process killed", *argv);
    }
    return failed;
}

static bool omitted(char **argv, uint32_t pid)
{
    for (; argv[0] && argv[1]; argv++) {
        if (strcmp(argv[0], "-o") == 0 && strtoul(argv[1], NULL, 10) == pid)
            return true;
    }
    return false;
}

/* Everything but init, the kernel's threads and who calls. */
static int killall5_once(struct proc *p, int argc, char **argv)
{
    int status = 0;
    (void)argc;
    argv++;
    int signal =
        *argv && strcmp(*argv, "-o") == 0 ? SIGTERM : kill_signal_option(p, &argv, &status);
    if (signal < 0)
        return status;
    struct proc_info info;
    uint32_t pids[FINDS_MOST];
    size_t n = 0;
    for (size_t i = 0; proc_info(p, i, &info) && n < FINDS_MOST; i++) {
        if (info.pid > 1 && info.command[0] != '[' && info.pid != proc_pid(p) &&
            info.pid != proc_ppid(p) && !omitted(argv, info.pid))
            pids[n++] = info.pid;
    }
    size_t killed = 0;
    for (size_t i = 0; i < n; i++)
        killed += proc_kill(p, (int32_t)pids[i], signal) == 0;
    return killed ? 0 : 2;
}

static int pidof_once(struct proc *p, int argc, char **argv)
{
    options_bits(p, argc, argv, "", &argv);
    bool any = false;
    for (; *argv; argv++) {
        uint32_t pids[FINDS_MOST];
        size_t n = find_named(p, *argv, pids);
        for (size_t i = 0; i < n; i++) {
            out_print(p, any ? " %u" : "%u", pids[i]);
            any = true;
        }
    }
    if (any)
        out_char(p, '\n');
    return any ? 0 : 1;
}

const struct applet applet_kill = { .name = "kill", .once = kill_once, .unwritten = UNWRITTEN_BUILTIN };
const struct applet applet_killall = { .name = "killall", .once = killall_once };
const struct applet applet_killall5 = { .name = "killall5", .once = killall5_once };
const struct applet applet_pidof = { .name = "pidof", .once = pidof_once };
