#include "shell/applets/stat-text.h"
#include "shell/applets/stat-mount.h"
#include "shell/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct df {
    struct proc *p;
    bool posix, all, types, inodes, human;
    const char *type;
    uint64_t unit;
};

static void show_head(const struct df *df)
{
    char what[24];
    if (df->inodes)
        snprintf(what, sizeof what, "   Inodes");
    else if (df->human)
        snprintf(what, sizeof what, "     Size");
    else if (df->posix)
        snprintf(what, sizeof what, "%llu-blocks", (unsigned long long)df->unit);
    else if (df->unit == 1024 || df->unit == 1048576)
        snprintf(what, sizeof what, "1%c-blocks", df->unit == 1024 ? 'K' : 'M');
    else
        snprintf(what, sizeof what, "%llu-blocks", (unsigned long long)df->unit);
    out_print(df->p, "Filesystem           %s%-15sUsed Available %s Mounted on\n",
              df->types ? "Type       " : "", what, df->posix ? "Capacity" : "Use%");
}

static void show_number(const struct df *df, uint64_t n)
{
    char text[24];
    if (df->human)
        out_print(df->p, " %9s", human_text(n, text));
    else if (df->inodes)
        out_print(df->p, " %9llu", (unsigned long long)n);
    else
        out_print(df->p, " %9llu",
                  (unsigned long long)(n / df->unit + (n % df->unit >= (df->unit + 1) / 2)));
}

static void show(const struct df *df, struct vfs_mount mount)
{
    struct proc *p = df->p;
    const struct vfs_mount *m = &mount;
    struct mount_space s = mount_space(p, m);
    uint64_t total = df->inodes ? s.nodes : s.size, used = df->inodes ? s.nodes_used : s.used;
    uint64_t available = total > used ? total - used : 0, whole = used + available;
    int n = (int)strlen(m->device);
    if (n > 20 && !df->posix)
        out_print(p, "%s\n%20s", m->device, "");
    else
        out_print(p, "%s%*s", m->device, 20 - n, "");
    if (df->types)
        out_print(p, " %-10s", m->type);
    show_number(df, total);
    show_number(df, used);
    show_number(df, available);
    out_print(p, " %3llu%% %s\n",
              (unsigned long long)(whole ? (used * 100 + whole / 2) / whole : 0), m->path);
}

static bool wanted(const struct df *df, const struct vfs_mount *m)
{
    return strcmp(m->type, "rootfs") != 0 && (!df->type || strcmp(df->type, m->type) == 0);
}

static int show_one(const struct df *df, const char *path)
{
    struct vfs *v = proc_vfs(df->p);
    struct vfs_stat st;
    const struct vfs_mount *m = NULL;
    for (size_t i = 0; !m && i < vfs_mounts(v); i++)
        if (strcmp(vfs_mount_at(v, i)->device, path) == 0 && path[0] == '/')
            m = vfs_mount_at(v, i);
    if (!m && proc_stat(df->p, path, &st) == 0)
        m = vfs_mount_at(v, st.mount);
    if (!m) {
        proc_error(df->p, "%s: can't find mount point", path);
        return 1;
    }
    if (wanted(df, m))
        show(df, *m);
    return 0;
}

static void show_all(const struct df *df)
{
    struct vfs *v = proc_vfs(df->p);
    for (size_t i = 0; i < vfs_mounts(v); i++) {
        struct vfs_mount m = *vfs_mount_at(v, i);
        if (wanted(df, &m) && (df->all || mount_space(df->p, &m).size))
            show(df, m);
    }
}

static int once(struct proc *p, int argc, char **argv)
{
    struct df df = { .p = p, .unit = 1024 };
    struct options o;
    options_begin(&o, p, argc, argv, "kmhTiaPB:t:", NULL);
    for (int c; (c = options_next(&o)) != -1;) {
        df.posix |= c == 'P';
        df.all |= c == 'a';
        df.types |= c == 'T';
        df.inodes |= c == 'i';
        df.human |= c == 'h';
        if (c == 'm')
            df.unit = 1048576;
        if (c == 'k')
            df.unit = 1024;
        if (c == 'B')
            df.unit = options_number(p, o.argument, 1, UINT64_MAX, options_cwbk);
        if (c == 't')
            df.type = o.argument;
    }
    argv += o.index;
    show_head(&df);
    if (!*argv)
        show_all(&df);
    int status = 0;
    for (; *argv; argv++)
        status |= show_one(&df, *argv);
    return status;
}

const struct applet applet_df = { .name = "df", .once = once };
