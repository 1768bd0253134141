/* What starts another program in the place of itself: setsid, chroot, ionice, taskset */
#include "shell/options.h"

#include <string.h>

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

/* Returns never: where it cannot be run that is said. */
static void __attribute__((noreturn)) become(struct proc *p, char **argv)
{
    int e = proc_exec(p, argv);
    proc_fails_with(p, e == -ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
    proc_die_errno(p, e, "can't execute '%s'", argv[0]);
}

static int setsid_once(struct proc *p, int argc, char **argv)
{
    options_bits(p, argc, argv, "+c", &argv);
    if (!*argv)
        proc_usage(p);
    become(p, argv);
}

/* The shell of the environment where no program is named. */
static char **program_of(struct proc *p, char **argv)
{
    static char fallback[] = "/bin/sh", interactive[] = "-i";
    const char *shell = proc_getenv(p, "SHELL");
    char **words = argv;
    if (!*argv) {
        words = memory_array(proc_memory(p), NULL, 3, sizeof *words);
        words[0] = shell && *shell ? memory_text(proc_memory(p), shell) : fallback;
        words[1] = interactive;
        words[2] = NULL;
    }
    return words;
}

/* The root stays what it is: what the new one does not have is not found, the rest runs in its
 * folder. */
static int chroot_once(struct proc *p, int argc, char **argv)
{
    struct vfs_stat st;
    options_bits(p, argc, argv, "+", &argv);
    if (!*argv)
        proc_usage(p);
    const char *root = *argv++;
    int e = proc_stat(p, root, &st);
    e = e ? e : !S_ISDIR(st.mode) ? -ENOTDIR : proc_uid(p) ? -EPERM : proc_chdir(p, root);
    if (e)
        proc_die_errno(p, e, "can't change root directory to '%s'", root);
    char **words = program_of(p, argv);
    if (strchr(words[0], '/') && proc_stat(p, proc_join(p, root, words[0]), &st) != 0) {
        proc_fails_with(p, NOT_FOUND);
        proc_die_errno(p, ENOENT, "can't execute '%s'", words[0]);
    }
    become(p, words);
}

static bool process_known(struct proc *p, uint64_t pid)
{
    struct proc_info info;
    for (size_t i = 0; proc_info(p, i, &info); i++) {
        if (info.pid == pid)
            return true;
    }
    return false;
}

static int ionice_once(struct proc *p, int argc, char **argv)
{
    enum { LEVEL = 1, CLASS = 2, OF_PID = 4, IGNORE = 8 };
    const char *level = NULL, *class = NULL, *pid = NULL;
    uint32_t given = options_bits(p, argc, argv, "+n:c:p:t", &argv, &level, &class, &pid);
    uint64_t n = class ? options_number(p, class, 0, INT32_MAX, NULL) : 0;
    if (level)
        options_number(p, level, 0, INT32_MAX, NULL);
    if (n > 3)
        proc_die(p, "bad class %llu", (unsigned long long)n);
    if (!(given & (LEVEL | CLASS))) {
        uint64_t of = pid     ? options_number(p, pid, 0, INT32_MAX, NULL)
                      : *argv ? options_number(p, *argv, 0, INT32_MAX, NULL)
                              : proc_pid(p);
        if (of && !process_known(p, of))
            proc_die_errno(p, ESRCH, "ioprio_get");
        out_text(p, pid ? "best-effort: prio 4\n" : "none: prio 0\n");
        return 0;
    }
    if (!pid && !*argv && !class)
        proc_die_errno(p, EINVAL, "ioprio_set");
    if (pid || !*argv)
        return 0;
    become(p, argv);
}

/* "0,2-3" or a mask in hexadecimal. */
static bool is_affinity(const char *s, bool list)
{
    if (!list && strncasecmp(s, "0x", 2) == 0)
        s += 2;
    return *s && s[strspn(s, list ? "0123456789,-" : "0123456789abcdefABCDEF")] == '\0';
}

static void tell_affinity(struct proc *p, uint64_t pid, const char *when, const char *mask,
                          bool list)
{
    uint32_t cpus = proc_machine(p)->cpus;
    out_print(p, "pid %llu's %s affinity %s: ", (unsigned long long)pid, when,
              list ? "list" : "mask");
    if (mask)
        out_print(p, "%s\n", mask);
    else if (list && cpus > 1)
        out_print(p, "0-%u\n", cpus - 1);
    else if (list)
        out_text(p, "0\n");
    else
        out_print(p, "%x\n", cpus < 32 ? (1u << cpus) - 1 : UINT32_MAX);
}

static int taskset_once(struct proc *p, int argc, char **argv)
{
    enum { OF_PID = 1, ALL = 2, LIST = 4 };
    uint32_t given = options_bits(p, argc, argv, "+pac", &argv);
    bool list = given & LIST;
    if (!*argv || (!(given & OF_PID) && !argv[1]))
        proc_usage(p);
    const char *mask = given & OF_PID && !argv[1] ? NULL : *argv++;
    if (mask && !is_affinity(mask, list))
        proc_die(p, "bad affinity '%s'", mask);
    if (!(given & OF_PID))
        become(p, argv);
    uint64_t pid = options_number(p, *argv, 0, INT32_MAX, NULL);
    if (pid && !process_known(p, pid))
        proc_die_errno(p, ESRCH, "can't get pid %llu's affinity", (unsigned long long)pid);
    tell_affinity(p, pid, "current", NULL, list);
    if (mask)
        tell_affinity(p, pid, "new", mask, list);
    return 0;
}

const struct applet applet_setsid = { .name = "setsid", .once = setsid_once };
const struct applet applet_chroot = { .name = "chroot", .once = chroot_once };
const struct applet applet_ionice = { .name = "ionice", .once = ionice_once };
const struct applet applet_taskset = { .name = "taskset", .once = taskset_once };
