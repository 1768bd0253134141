#include "shell/applets/finds.h"
#include "shell/applets/signals.h"
#include "shell/options.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/*
 * The reference that teiten is compared with was built without; the manual page of psmisc's, fuser(1), is what is
 * followed, of which BusyBox's has -m, -k, -s, -4, -6 and a signal. What is asked for is a file (an
 * inode; with -m a mount) or a local port of the device's.
 */
enum { MOUNT = 1, KILL = 2, SILENT = 4, SIX = 8, FOUR = 16 };

struct wanted {
    bool port;
    struct vfs_stat st;
    unsigned long number;
    const char *protocol; /* "tcp" */
};

/* NUMBER/PROTOCOL, where there is no file of the name. */
static bool read_port(const char *word, struct wanted *w)
{
    char *end;
    w->number = strtoul(word, &end, 10);
    w->protocol = end + 1;
    w->port = end > word && *end == '/' && (!strcmp(end + 1, "tcp") || !strcmp(end + 1, "udp"));
    return w->port;
}

static bool has_port(struct proc *p, const struct wanted *w, uint32_t pid, uint32_t bits)
{
    const uint32_t kinds = bits & (FOUR | SIX);
    const struct machine_socket *s;
    for (size_t i = 0; (s = proc_socket(p, i)); i++) {
        const char *colon = strrchr(s->local, ':');
        if (s->pid != pid || strncmp(s->protocol, w->protocol, 3) || !colon || strtoul(colon + 1, NULL, 10) != w->number)
            continue;
        if (!kinds || kinds & (s->protocol[3] == '6' ? SIX : FOUR))
            return true;
    }
    return false;
}

/* An open file of which no path is known shows as a link to the root: of descriptors folders do not count. */
static bool leads_to(struct proc *p, const struct wanted *w, const char *path, bool descriptor, bool mount)
{
    struct vfs_stat st;
    proc_charge(p, 1);
    if (proc_stat(p, path, &st) < 0 || (descriptor && S_ISDIR(st.mode)))
        return false;
    return mount ? st.mount == w->st.mount : st.ino == w->st.ino;
}

static bool has_file(struct proc *p, const struct wanted *w, uint32_t pid, bool mount)
{
    static const char *const links[] = { "cwd", "exe", "root" };
    struct memory *m = proc_memory(p);
    bool found = false;
    for (size_t i = 0; i < sizeof links / sizeof *links && !found; i++) {
        char *path = memory_print(m, "/proc/%u/%s", pid, links[i]);
        found = leads_to(p, w, path, false, mount);
        memory_give(m, path);
    }
    char *folder = memory_print(m, "/proc/%u/fd", pid), **names;
    size_t n;
    if (proc_list(p, folder, &names, &n) < 0)
        n = 0;
    for (size_t i = 0; i < n && !found; i++) {
        char *path = proc_join(p, folder, names[i]);
        found = leads_to(p, w, path, true, mount);
        memory_give(m, path);
    }
    memory_give(m, folder);
    return found;
}

/* A signal may stand anywhere among the words; it is taken out. */
static int take_signal(int *argc, char **argv)
{
    int signal = SIGKILL, n = 0;
    for (int i = 0; i < *argc; i++) {
        int one = i && argv[i][0] == '-' && argv[i][1] ? kill_signal(argv[i] + 1) : -1;
        bool option = one >= 0 && (!strcmp(argv[i], "-4") || !strcmp(argv[i], "-6"));
        if (one >= 0 && !option)
            signal = one;
        else
            argv[n++] = argv[i];
    }
    argv[n] = NULL;
    *argc = n;
    return signal;
}

static struct wanted *read_words(struct proc *p, char **words, size_t *ret_n)
{
    size_t n = 0;
    while (words[n])
        n++;
    struct wanted *all = memory_take(proc_memory(p), n * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        int error = proc_stat(p, words[i], &all[i].st);
        if (error < 0 && !read_port(words[i], &all[i]))
            proc_die_errno(p, error, "can't open '%s'", words[i]);
    }
    *ret_n = n;
    return all;
}

static bool uses(struct proc *p, const struct wanted *all, size_t n, uint32_t pid, uint32_t bits)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].port ? has_port(p, &all[i], pid, bits) : has_file(p, &all[i], pid, bits & MOUNT))
            return true;
    return false;
}

/* Those that use one of them, but itself. */
static size_t find_users(struct proc *p, char **words, uint32_t bits, uint32_t pids[static FINDS_MOST])
{
    size_t n, n_pids = 0;
    const struct wanted *all = read_words(p, words, &n);
    struct proc_info info;
    for (size_t i = 0; proc_info(p, i, &info) && n_pids < FINDS_MOST; i++) {
        uint32_t pid = info.pid;
        if (pid != proc_pid(p) && uses(p, all, n, pid, bits))
            pids[n_pids++] = pid;
    }
    return n_pids;
}

static int once(struct proc *p, int argc, char **argv)
{
    uint32_t pids[FINDS_MOST];
    char **words;
    int signal = take_signal(&argc, argv), status;
    uint32_t bits = options_bits(p, argc, argv, "mks64", &words);
    if (!words[0])
        proc_usage(p);
    size_t n = find_users(p, words, bits, pids);
    status = n ? 0 : 1;
    for (size_t i = 0; i < n; i++) {
        if (bits & KILL) {
            int error = proc_kill(p, (int32_t)pids[i], signal);
            if (error < 0) {
                proc_perror(p, error, "kill pid %u", pids[i]);
                status = 1;
            }
        } else if (!(bits & SILENT)) {
            out_print(p, "%s%u", i ? " " : "", pids[i]);
        }
    }
    if (n && !(bits & (KILL | SILENT)))
        out_char(p, '\n');
    return status;
}

const struct applet applet_fuser = { .name = "fuser", .once = once };
