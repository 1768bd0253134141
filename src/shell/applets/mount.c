#include "shell/applets/mount-words.h"

#include "shell/applets/realpath-whole.h"
#include "shell/options.h"

#include <string.h>

enum { FAILED = 255 };

struct mounting {
    struct proc *p;
    bool all, dry, read_only;
    const char *types, *table; /* -t; the fstab */
    const char *only;          /* -O */
    struct text options;
};

/* ---- The list ---- */

static bool is_listed(const char *types, const char *type)
{
    return !types || words_have(types, type);
}

static void show_all(struct proc *p, const char *types)
{
    for (size_t i = 0; i < vfs_mounts(proc_vfs(p)); i++) {
        const struct vfs_mount *m = vfs_mount_at(proc_vfs(p), i);
        if (strcmp(m->type, "rootfs") != 0 && is_listed(types, m->type))
            out_print(p, "%s on %s type %s (%s)\n", m->device, m->path, m->type, m->options);
    }
}

/* ---- One mount ---- */

static int failed(const struct mounting *m, const char *device, const char *path, int e)
{
    if (e == -EPERM) {
        proc_error(m->p, "permission denied (are you root?)");
        return 1;
    }
    proc_perror(m->p, e, "mounting %s on %s failed", device, path);
    return FAILED;
}

/* The last mount of this place or device. */
static int64_t find_mounted(struct proc *p, const char *name)
{
    char *whole = NULL;
    if (mount_place(p, name, &whole) < 0)
        whole = NULL;
    for (size_t i = vfs_mounts(proc_vfs(p)); i-- > 0;) {
        const struct vfs_mount *m = vfs_mount_at(proc_vfs(p), i);
        if (strcmp(m->path, name) == 0 || strcmp(m->device, name) == 0 ||
            (whole && strcmp(m->path, whole) == 0))
            return (int64_t)i;
    }
    return -1;
}

static int remount(const struct mounting *m, const char *name)
{
    int64_t i = find_mounted(m->p, name);
    if (i < 0) {
        proc_error(m->p, "can't find %s in /proc/mounts", name);
        return 1;
    }
    struct vfs_mount old = *vfs_mount_at(proc_vfs(m->p), (size_t)i);
    if (m->dry)
        return 0;
    const char *options = words_shown(m->p, m->options.data, old.type, old.options);
    int e = !options              ? -EINVAL
            : proc_uid(m->p) != 0 ? -EPERM
                                  : vfs_remount(proc_vfs(m->p), (size_t)i, options);
    return e < 0 ? failed(m, memory_text(proc_memory(m->p), old.device), name, e) : 0;
}

/* A device that must be there, and be one. */
static int check_device(const struct mounting *m, const char *device)
{
    struct vfs_stat st;
    TRY(proc_stat(m->p, device, &st));
    if (S_ISREG(st.mode))
        return -EINVAL; /* in a loop device is nothing that is known */
    return S_ISBLK(st.mode) ? 0 : -ENOTBLK;
}

static int mount_as(const struct mounting *m, const char *device, const char *path,
                    const char *type)
{
    struct proc *p = m->p;
    struct vfs *v = proc_vfs(p);
    vfs_ino at;
    char *whole;
    bool binds = words_have(m->options.data, "bind") || words_have(m->options.data, "rbind");
    if (proc_uid(p) != 0)
        return -EPERM;
    TRY(vfs_find(v, proc_cwd(p), path, true, proc_who(p), &at));
    TRY(mount_place(p, path, &whole));
    if (binds) {
        char *from;
        vfs_ino ino;
        TRY(vfs_find(v, proc_cwd(p), device, true, proc_who(p), &ino));
        TRY(path_whole(p, device, &from));
        return m->dry ? 0 : vfs_mount(v, from, at, whole, "", "bind");
    }
    if (words_needs_device(type))
        TRY(check_device(m, device));
    const char *options = words_shown(p, m->options.data, type, "");
    if (!options)
        return -EINVAL;
    return m->dry ? 0 : vfs_mount(v, device, at, whole, type, options);
}

static int mount_one(const struct mounting *m, const char *device, const char *path,
                     const char *types)
{
    static const char *const guesses[] = { "ext4", "ext3", "ext2", "vfat", "squashfs", "jffs2" };
    if (words_have(m->options.data, "remount"))
        return remount(m, path);
    if (words_have(m->options.data, "move"))
        return failed(m, device, path, -EINVAL);
    int e = -EINVAL;
    if (types && strcmp(types, "auto") != 0) {
        for (const char *s = types; *s && e < 0; s += strcspn(s, ","), s += *s == ',')
            e = mount_as(m, device, path, memory_bytes(proc_memory(m->p), s, strcspn(s, ",")));
    } else {
        for (size_t i = 0; i < sizeof guesses / sizeof guesses[0] && e == -EINVAL; i++)
            e = mount_as(m, device, path, guesses[i]);
    }
    return e < 0 ? failed(m, device, path, e) : 0;
}

/* ---- /etc/fstab ---- */

struct line {
    char *device, *path, *type, *options;
};

/* The next line that says something; false: there is none. */
static bool next_line(char **text, struct line *ret)
{
    while (**text) {
        char *line = *text, *end = line + strcspn(line, "\n"), *save = NULL;
        *text = *end ? end + 1 : end;
        *end = '\0';
        ret->device = strtok_r(line, " \t", &save);
        ret->path = strtok_r(NULL, " \t", &save);
        ret->type = strtok_r(NULL, " \t", &save);
        ret->options = strtok_r(NULL, " \t", &save);
        if (ret->device && ret->device[0] != '#' && ret->type)
            return true;
    }
    return false;
}

static char *read_table(const struct mounting *m)
{
    char *text;
    size_t n;
    int e = proc_read_file(m->p, m->table, 65536, &text, &n);
    if (e < 0)
        proc_die_errno(m->p, e, "can't read '%s'", m->table);
    return text;
}

static int mount_line(const struct mounting *outer, const struct line *line)
{
    struct mounting m = *outer;
    m.options = text_of(proc_memory(m.p));
    words_add(&m.options, line->options ? line->options : "defaults");
    if (outer->options.data)
        words_add(&m.options, outer->options.data);
    return mount_one(&m, line->device, line->path, line->type);
}

static int mount_all(const struct mounting *m)
{
    char *text = read_table(m);
    struct line line;
    int status = 0;
    while (next_line(&text, &line)) {
        bool skip = strcmp(line.type, "swap") == 0 || strcmp(line.path, "/") == 0 ||
                    !is_listed(m->types, line.type) ||
                    (line.options && words_have(line.options, "noauto")) ||
                    (m->only && !(line.options && words_have(line.options, m->only))) ||
                    find_mounted(m->p, line.path) >= 0;
        if (!skip)
            status |= mount_line(m, &line);
    }
    return status;
}

static int mount_named(const struct mounting *m, const char *name)
{
    char *text = read_table(m);
    struct line line;
    while (next_line(&text, &line))
        if (strcmp(line.device, name) == 0 || strcmp(line.path, name) == 0)
            return mount_line(m, &line);
    proc_error(m->p, "can't find %s in %s", name, m->table);
    return 1;
}

/* ---- Options ---- */

enum { BIND = 256 };

static const struct option_long longs[] = { { "bind", 0, BIND },
                                            { "rbind", 0, BIND + 1 },
                                            { "make-shared", 0, BIND + 2 },
                                            { "make-private", 0, BIND + 3 },
                                            { "make-slave", 0, BIND + 4 },
                                            { "move", 0, BIND + 5 },
                                            { NULL, 0, 0 } };

static void set_option(struct mounting *m, int c, const char *argument)
{
    m->all |= c == 'a';
    m->dry |= c == 'f';
    if (c == 'r')
        words_add(&m->options, "ro");
    if (c == 'w')
        words_add(&m->options, "rw");
    if (c == 'o')
        words_add(&m->options, argument);
    if (c == 't')
        m->types = argument;
    if (c == 'T')
        m->table = argument;
    if (c == 'O')
        m->only = argument;
    if (c >= BIND)
        words_add(&m->options,
                  longs[c - BIND].name + (strncmp(longs[c - BIND].name, "make-", 5) == 0 ? 5 : 0));
}

static int once(struct proc *p, int argc, char **argv)
{
    struct mounting m = { .p = p, .table = "/etc/fstab", .options = text_of(proc_memory(p)) };
    struct options o;
    options_begin(&o, p, argc, argv, "o:t:rwanfvsiO:T:", longs);
    for (int c; (c = options_next(&o)) != -1;)
        set_option(&m, c, o.argument);
    argv += o.index;
    if (!m.options.data)
        text_add(&m.options, "", 0);
    if (argv[0] && argv[1] && argv[2])
        proc_usage(p);
    if (argv[0] && argv[1])
        return mount_one(&m, argv[0], argv[1], m.types);
    if (argv[0])
        return words_have(m.options.data, "remount") ? remount(&m, argv[0])
                                                     : mount_named(&m, argv[0]);
    if (m.all)
        return mount_all(&m);
    show_all(p, m.types);
    return 0;
}

const struct applet applet_mount = { .name = "mount", .once = once };
