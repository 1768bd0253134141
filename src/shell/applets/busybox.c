/* busybox itself: what it has, and the way to each of them. */
#include "shell/applets/busybox-head.h"
#include "shell/applets/screen.h"
#include "shell/since.h"

#include <string.h>

enum { MARGIN = 9, MARGIN_OLD = 20, NOT_FOUND = 127 };

/* The names in lines, as wide as the terminal. */
static void list_names(struct proc *p)
{
    const struct machine *m = proc_machine(p);
    size_t at = 0, width = screen_size(p, 2).columns;
    bool old = !machine_since(m, SINCE_WIDE_LIST);
    for (size_t i = 0; i < m->n_applets; i++) {
        size_t n = strlen(m->applets[i]) + 1;
        bool wraps = at && (old ? at + MARGIN_OLD > width : at + 1 + n + MARGIN > width);
        out_text(p, !at ? "\t" : wraps ? "\n\t" : " ");
        at = !at || wraps ? n : at + 1 + n;
        out_text(p, m->applets[i]);
        out_text(p, i + 1 < m->n_applets ? "," : "\n");
    }
    if (!machine_since(m, SINCE_LIST_TIGHT))
        out_char(p, '\n');
}

/* The reference puts it all out on standard error, which is standard output where that is open. */
static void use_output(struct proc *p)
{
    struct vfs_stat st;
    if (proc_fstat(p, 1, &st) < 0)
        (void)!proc_dup(p, 2, 1);
}

static int show_all(struct proc *p)
{
    use_output(p);
    busybox_head(p);
    out_text(p, "\nCurrently defined functions:\n");
    list_names(p);
    return 0;
}

/* Where it is installed, without the slash before it: as the reference says, or else as the device
 * has it. */
static char *path_of(struct proc *p, const char *name)
{
    static const char *const folders[] = { "/bin", "/sbin", "/usr/bin", "/usr/sbin" };
    const char *line = applet_usage("busybox --list-full");
    while (line && *line) {
        size_t n = strcspn(line, "\n"), n_name = strlen(name);
        const char *end = line + n;
        if (n >= n_name && !memcmp(end - n_name, name, n_name) &&
            (n == n_name || end[-1 - (ptrdiff_t)n_name] == '/'))
            return memory_bytes(proc_memory(p), line, n);
        line = end + (*end == '\n');
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct vfs_stat st;
        char *path = proc_join(p, folders[i], name);
        if (!proc_lstat(p, path, &st))
            return path + 1;
    }
    return proc_join(p, "bin", name);
}

static int list(struct proc *p, bool whole)
{
    const struct machine *m = proc_machine(p);
    use_output(p);
    for (size_t i = 0; i < m->n_applets; i++)
        out_print(p, "%s\n", whole ? path_of(p, m->applets[i]) : m->applets[i]);
    return 0;
}

/* --install [-s] [DIR] */
static int install(struct proc *p, char **argv)
{
    static const char self[] = "/bin/busybox";
    const struct machine *m = proc_machine(p);
    bool soft = *argv && !strcmp(*argv, "-s");
    const char *dir = argv[soft];
    for (size_t i = 0; i < m->n_applets; i++) {
        const char *name = m->applets[i];
        char *path = proc_join(p, dir ? dir : "/", dir ? name : path_of(p, name));
        int e = soft ? proc_symlink(p, self, path) : proc_link(p, self, path);
        if (e && e != -EEXIST)
            proc_perror(p, e, "%s", path);
    }
    return 0;
}

static int become(struct proc *p, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    if (slash)
        argv[0] = memory_text(proc_memory(p), slash + 1);
    int e = proc_exec_applet(p, argv);
    if (e == -ENOENT)
        proc_no_applet(p, argv[0]);
    return NOT_FOUND;
}

static int run(struct proc *p, int argc, char **argv)
{
    static const char list_word[] = "--list", help_word[] = "--help";
    if (argc < 2 || (argc == 2 && !strcmp(argv[1], help_word)))
        return show_all(p);
    if (!strncmp(argv[1], list_word, sizeof list_word - 1))
        return list(p, argv[1][sizeof list_word - 1]);
    if (!strcmp(argv[1], "--install"))
        return install(p, argv + 2);
    if (!strcmp(argv[1], help_word)) {
        char *words[] = { argv[2], argv[1], NULL };
        return become(p, words);
    }
    return become(p, argv + 1);
}

const struct applet applet_busybox = { .name = "busybox", .once = run };
