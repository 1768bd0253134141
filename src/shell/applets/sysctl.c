#include "shell/options.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VALUE_MOST = 1 << 16, CONFIG_MOST = 1 << 16, DEPTH = 8 };
enum { NO_NAMES = 1, NO_ERRORS = 2, QUIET = 4, ALL = 8, ALL_TOO = 16, FILES = 32, WRITE = 64 };

struct view {
    struct proc *p;
    uint32_t flags;
    bool failed;
};

/* Dots and slashes change places: kernel.hostname is kernel/hostname. */
static char *swapped(struct proc *p, const char *s)
{
    char *copy = memory_text(proc_memory(p), s);
    for (char *c = copy; *c; c++)
        *c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
    return copy;
}

/* The path under /proc/sys of a name, in whichever of its two shapes. */
static char *path_of(struct proc *p, const char *name)
{
    size_t dot = strcspn(name, "./");
    return name[dot] == '/' ? memory_text(proc_memory(p), name) : swapped(p, name);
}

static void tell_unknown(struct view *v, const char *name)
{
    v->failed = true;
    if (!(v->flags & NO_ERRORS))
        proc_error(v->p, "error: '%s' is an unknown key", name);
}

static void show_value(const struct view *v, const char *name, char *value)
{
    for (char *line = value, *next; *line; line = next) {
        next = strchrnul(line, '\n');
        next += *next ? (*next = '\0', 1) : 0;
        if (v->flags & NO_NAMES)
            out_print(v->p, "%s\n", line);
        else
            out_print(v->p, "%s = %s\n", name, line);
    }
}

static void show_file(struct view *v, const char *path)
{
    char *value, *name = swapped(v->p, path);
    size_t n;
    int e = proc_read_file(v->p, proc_join(v->p, "/proc/sys", path), VALUE_MOST, &value, &n);
    if (e) {
        v->failed = true;
        if (e != -EACCES || !(v->flags & (ALL | ALL_TOO)))
            proc_perror(v->p, e, "error reading key '%s'", name);
        return;
    }
    show_value(v, name, value);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A folder's files in the order of their names, and the folders in it. */
static void show_tree(struct view *v, const char *path, unsigned depth)
{
    struct vfs_stat st;
    char **names;
    size_t n;
    const char *whole = proc_join(v->p, "/proc/sys", path);
    int e = proc_stat(v->p, whole, &st);
    if (e) {
        tell_unknown(v, path);
        return;
    }
    if (!S_ISDIR(st.mode)) {
        show_file(v, path);
        return;
    }
    if (depth == DEPTH || proc_list(v->p, whole, &names, &n) != 0)
        return;
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++)
        show_tree(v, *path ? memory_print(proc_memory(v->p), "%s/%s", path, names[i]) : names[i],
                  depth + 1);
}

static int store(struct proc *p, const char *path, const char *value)
{
    const char *whole = proc_join(p, "/proc/sys", path);
    int fd = proc_open(p, whole, O_WRONLY | O_TRUNC, 0);
    if (fd < 0)
        return fd;
    int64_t e = proc_write(p, fd, value, strlen(value));
    proc_close(p, fd);
    return e < 0 ? (int)e : 0;
}

static void set(struct view *v, const char *name, const char *value)
{
    struct vfs_stat st;
    char *path = path_of(v->p, name), *shown = swapped(v->p, path);
    if (proc_stat(v->p, proc_join(v->p, "/proc/sys", path), &st) != 0) {
        tell_unknown(v, path);
        return;
    }
    int e = store(v->p, path, value);
    if (e) {
        v->failed = true;
        proc_perror(v->p, e, "error setting key '%s'", shown);
        return;
    }
    if (v->flags & QUIET)
        return;
    show_value(v, shown, memory_text(proc_memory(v->p), value));
}

/* "name" or "name=value" */
static void take_word(struct view *v, const char *word)
{
    const char *equals = strchr(word, '=');
    if (equals) {
        set(v, memory_bytes(proc_memory(v->p), word, (size_t)(equals - word)), equals + 1);
        return;
    }
    if (v->flags & WRITE) {
        v->failed = true;
        proc_error(v->p, "error: '%s' must be of the form name=value", word);
        return;
    }
    struct vfs_stat st;
    const char *path = path_of(v->p, word);
    if (proc_stat(v->p, proc_join(v->p, "/proc/sys", path), &st) != 0)
        tell_unknown(v, word);
    else
        show_tree(v, path, 0);
}

static char *trimmed(char *s)
{
    s += strspn(s, " \t");
    size_t n = strlen(s);
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r'))
        s[--n] = '\0';
    return s;
}

static void take_line(struct view *v, char *line, unsigned number)
{
    line = trimmed(line);
    if (!*line || *line == '#' || *line == ';')
        return;
    char *equals = strchr(line, '=');
    if (!equals) {
        proc_error(v->p, "bad line %u: 1 tokens found, 2 needed", number);
        return;
    }
    *equals = '\0';
    set(v, trimmed(line), trimmed(equals + 1));
}

/* What goes wrong in a file does not count. */
static void take_file(struct view *v, const char *path)
{
    char *data;
    size_t n;
    unsigned number = 0;
    int e = proc_read_file(v->p, path, CONFIG_MOST, &data, &n);
    if (e) {
        proc_perror(v->p, e, "%s", path);
        return;
    }
    for (char *line = data, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        take_line(v, line, ++number);
    }
    v->failed = false;
}

static int sysctl_once(struct proc *p, int argc, char **argv)
{
    struct view v = { p, options_bits(p, argc, argv, "+neqaApw", &argv), false };
    if (v.flags & FILES) {
        static char preset[] = "/etc/sysctl.conf";
        if (!*argv)
            take_file(&v, preset);
        for (; *argv; argv++)
            take_file(&v, *argv);
        return 0;
    }
    if (v.flags & (ALL | ALL_TOO))
        show_tree(&v, "", 0);
    for (; !(v.flags & (ALL | ALL_TOO)) && *argv; argv++)
        take_word(&v, *argv);
    return v.failed;
}

const struct applet applet_sysctl = { .name = "sysctl", .once = sysctl_once };
