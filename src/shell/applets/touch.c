#include "shell/applets/touch-date.h"
#include "shell/options.h"

#include <fcntl.h>

enum { NO_MAKE = 1, NO_FOLLOW = 2, ATIME = 8, MTIME = 16 };

struct touching {
    struct proc *p;
    uint32_t bits;
    int64_t atime, mtime;
};

static int set_times(const struct touching *t, const char *path)
{
    vfs_ino ino;
    struct vfs *v = proc_vfs(t->p);
    TRY(vfs_find(v, proc_cwd(t->p), path, !(t->bits & NO_FOLLOW), proc_who(t->p), &ino));
    return vfs_utime(v, ino, t->atime, t->mtime, proc_who(t->p));
}

static int touch(const struct touching *t, const char *path)
{
    proc_charge(t->p, 1);
    int e = set_times(t, path);
    if (e == -ENOENT && t->bits & NO_MAKE)
        return 0;
    if (e == -ENOENT) {
        int fd = proc_open(t->p, path, O_RDWR | O_CREAT, 0666);
        if (fd >= 0)
            proc_close(t->p, fd);
        e = fd < 0 ? fd : t->mtime == VFS_NOW && t->atime == VFS_NOW ? 0 : set_times(t, path);
    }
    if (e < 0)
        proc_perror(t->p, e, "%s", path);
    return e < 0;
}

static int once(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = {
        { "no-create", 0, 'c' }, { "reference", 1, 'r' }, { "date", 1, 'd' }, { NULL, 0, 0 }
    };
    const char *date[2] = { NULL, NULL }, *reference = NULL;
    struct touching t = { .p = p, .atime = VFS_NOW, .mtime = VFS_NOW };
    t.bits = options_bits_long(p, argc, argv, "chfamd:t:r:", longs, &argv, &date[0], &date[1],
                               &reference);
    if (!*argv)
        proc_usage(p);
    if (reference) {
        struct vfs_stat st;
        int e = proc_stat(p, reference, &st);
        if (e < 0)
            proc_die_errno(p, e, "can't stat '%s'", reference);
        t.atime = st.atime;
        t.mtime = st.mtime;
    }
    const char *when = date[0] ? date[0] : date[1];
    if (when) {
        if (!date_parse(when, proc_getenv(p, "TZ"), proc_now(p) / 1000000, &t.mtime))
            proc_die(p, "invalid date '%s'", when);
        t.atime = t.mtime;
    }
    if ((t.bits & (ATIME | MTIME)) == ATIME)
        t.mtime = VFS_KEEP;
    if ((t.bits & (ATIME | MTIME)) == MTIME)
        t.atime = VFS_KEEP;
    int status = 0;
    for (; *argv; argv++)
        status |= touch(&t, *argv);
    return status;
}

const struct applet applet_touch = { .name = "touch", .once = once };
