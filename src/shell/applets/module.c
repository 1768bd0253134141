/* lsmod, insmod, rmmod, modprobe, modinfo */
#include "shell/options.h"
#include "shell/pattern.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 22, LIST_MOST = 1 << 18 };

/* ---- lsmod ---- */

static void show_module(struct proc *p, char *line)
{
    char *field[4], *rest = line;
    for (size_t i = 0; i < 4; i++) {
        field[i] = strtok_r(i ? NULL : line, " ", &rest);
        if (!field[i])
            return;
    }
    size_t n = strlen(field[3]);
    if (n && field[3][n - 1] == ',')
        field[3][n - 1] = '\0';
    out_print(p, "%-19s %8s %2s %s\n", field[0], field[1], field[2],
              strcmp(field[3], "-") == 0 ? "" : field[3]);
}

static const char *taint(struct proc *p)
{
    char *data;
    size_t n;
    if (proc_read_file(p, "/proc/sys/kernel/tainted", 64, &data, &n) != 0 ||
        strtoul(data, NULL, 10) == 0)
        return "    Not tainted";
    return strtoul(data, NULL, 10) & 1 ? "    Tainted: P  " : "    Tainted: G  ";
}

static int lsmod_once(struct proc *p, int argc, char **argv)
{
    char *data;
    size_t n;
    (void)argc, (void)argv;
    out_print(p, "Module                  Size  Used by%s\n", taint(p));
    int e = proc_read_file(p, "/proc/modules", LIST_MOST, &data, &n);
    if (e) {
        proc_perror(p, e, "/proc/modules");
        return 0;
    }
    for (char *line = data, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        show_module(p, line);
    }
    return 0;
}

/* ---- Names ---- */

/* A module's name is that of its file without folder and ".ko"; dashes and underscores are the
 * same. */
static char *name_of(struct proc *p, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base);
    if (n > 3 && strcmp(base + n - 3, ".ko") == 0)
        n -= 3;
    char *name = memory_bytes(proc_memory(p), base, n);
    for (char *c = name; *c; c++)
        *c = *c == '-' ? '_' : *c;
    return name;
}

static const struct machine_module *loaded(struct proc *p, const char *name)
{
    const struct machine *m = proc_machine(p);
    for (size_t i = 0; i < m->n_modules; i++) {
        if (strcmp(name_of(p, m->modules[i].name), name) == 0)
            return &m->modules[i];
    }
    return NULL;
}

/* ---- insmod, rmmod ---- */

static bool for_this_cpu(struct proc *p, const uint8_t *program)
{
    const uint8_t *own;
    char *data;
    size_t n;
    if (proc_read_file(p, "/bin/busybox", FILE_MOST, &data, &n) != 0 || n < 20)
        return true;
    own = (const uint8_t *)data;
    return memcmp(own + 4, program + 4, 2) == 0 && memcmp(own + 18, program + 18, 2) == 0;
}

/* Nothing is ever put into a kernel: what looks like a module of this device is of another kernel.
 */
static int insert(struct proc *p, const char *path)
{
    char *data;
    size_t n;
    int e = proc_read_file(p, path, FILE_MOST, &data, &n);
    if (e == 0 && n == 0) {
        proc_error(p, "short read");
        return 1;
    }
    if (e == 0 && proc_uid(p) != 0)
        e = EPERM;
    else if (e == 0 && memcmp(data, "\177ELF", 4) == 0 && for_this_cpu(p, (const uint8_t *)data) &&
             loaded(p, name_of(p, path)))
        e = EEXIST;
    else if (e == 0)
        e = ENOEXEC;
    proc_error(p, "can't insert '%s': %s", path,
               e == ENOEXEC ? "invalid module format" : errno_text(e));
    return e & 255; /* of a file that cannot be read it is the negative, so says the reference */
}

static int insmod_once(struct proc *p, int argc, char **argv)
{
    (void)argc;
    if (!argv[1])
        proc_usage(p);
    return insert(p, argv[1]);
}

static int remove_module(struct proc *p, const char *name)
{
    const struct machine_module *m = loaded(p, name_of(p, name));
    int e = proc_uid(p) ? EPERM : !m ? ENOENT : m->count ? EAGAIN : 0;
    if (e == EAGAIN)
        proc_perror(p, EAGAIN, "can't unload module '%s'", name);
    else if (e)
        proc_perror(p, e, "can't unload module '%s'", name);
    return e ? 1 : 0;
}

static int rmmod_once(struct proc *p, int argc, char **argv)
{
    enum { ALL = 4 };
    uint32_t given = options_bits(p, argc, argv, "wfa", &argv);
    int status = 0;
    if (!*argv && !(given & ALL))
        proc_usage(p);
    for (; *argv; argv++)
        status |= remove_module(p, *argv);
    return status;
}

/* ---- modprobe, modinfo ---- */

enum { MODPROBE_ALL = 1, LIST = 2, REMOVE = 4, QUIET = 8, SHOW = 64 };

/* The files that modules.dep names, one a line before its colon; NULL: there is none. */
static char *read_list(struct proc *p, const char **ret_path)
{
    char *data;
    size_t n;
    *ret_path =
        memory_print(proc_memory(p), "/lib/modules/%s/modules.dep", proc_machine(p)->release);
    return proc_read_file(p, *ret_path, LIST_MOST, &data, &n) == 0 ? data : NULL;
}

/* The file of a module, or NULL. Cuts the list into lines. */
static const char *find_in(struct proc *p, char *list, const char *name)
{
    for (char *line = list, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        line[strcspn(line, ":")] = '\0';
        if (strcmp(name_of(p, line), name) == 0)
            return line;
    }
    return NULL;
}

static void list_matching(struct proc *p, char *list, const char *pattern)
{
    for (char *line = list, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        line[strcspn(line, ":")] = '\0';
        const char *name = name_of(p, line);
        if (!pattern || pattern_match(pattern, strlen(pattern), name, strlen(name), 0))
            out_print(p, "%s\n", line);
    }
}

static void enter_folder(struct proc *p)
{
    static const char top[] = "/lib/modules";
    const char *folder = memory_print(proc_memory(p), "%s/%s", top, proc_machine(p)->release);
    struct vfs_stat st;
    const char *const wanted[] = { top, folder };
    for (size_t i = 0; i < 2; i++) {
        int e = proc_stat(p, wanted[i], &st);
        if (e)
            proc_die_errno(p, e, "can't change directory to '%s'",
                           i ? proc_machine(p)->release : top);
    }
}

static int probe(struct proc *p, char *list, const char *name, uint32_t given)
{
    const char *plain = name_of(p, name);
    const struct machine_module *m = loaded(p, plain);
    const char *file = list ? find_in(p, memory_text(proc_memory(p), list), plain) : NULL;
    if (given & REMOVE) {
        if (m)
            return remove_module(p, name);
    } else if (m) {
        return 0;
    } else if (file) {
        if (given & SHOW)
            out_print(p, "insmod /lib/modules/%s/%s\n", proc_machine(p)->release, file);
        return 0;
    }
    if (!(given & QUIET))
        proc_error(p, "module %s not found in modules.dep", name);
    return 1;
}

static int modprobe_once(struct proc *p, int argc, char **argv)
{
    const char *path;
    uint32_t given = options_bits(p, argc, argv, "alrqvsDb", &argv);
    enter_folder(p);
    char *list = read_list(p, &path);
    if (given & LIST) {
        list_matching(p, list ? list : memory_text(proc_memory(p), ""), *argv);
        return 0;
    }
    if (!*argv && !(given & REMOVE))
        proc_usage(p);
    int status = 0;
    for (; *argv;
         argv++) { /* what stands behind the first are its parameters, but with -a and -r */
        status |= probe(p, list, *argv, given);
        if (!(given & (MODPROBE_ALL | REMOVE)))
            break;
    }
    return status;
}

static int modinfo_once(struct proc *p, int argc, char **argv)
{
    const char *path, *field = NULL;
    options_bits(p, argc, argv, "nadlp0F:", &argv, &field);
    if (!*argv)
        proc_usage(p);
    char *list = read_list(p, &path);
    if (!list)
        proc_die_errno(p, ENOENT, "can't open '%s'", path);
    const char *file = find_in(p, list, name_of(p, *argv));
    if (!file)
        proc_die(p, "module '%s' not found", *argv);
    if (!field)
        out_print(p, "filename:       /lib/modules/%s/%s\n", proc_machine(p)->release, file);
    return 0;
}

const struct applet applet_lsmod = { .name = "lsmod", .once = lsmod_once };
const struct applet applet_insmod = { .name = "insmod", .once = insmod_once };
const struct applet applet_rmmod = { .name = "rmmod", .once = rmmod_once };
const struct applet applet_modprobe = { .name = "modprobe", .once = modprobe_once };
const struct applet applet_modinfo = { .name = "modinfo", .once = modinfo_once };
