#include "shell/applets/chmod-mode.h"
#include "shell/options.h"

#include <string.h>
#include <sys/stat.h>

struct making {
    struct proc *p;
    bool parents, verbose, has_mode;
    uint32_t mode;
};

static int fail(const struct making *m, const char *path, int e)
{
    proc_perror(m->p, e, "can't create directory '%s'", path);
    return 1;
}

/* A directory that is there already is fine where its parents may be. */
static int make_last(const struct making *m, const char *path)
{
    struct vfs_stat st;
    int e = proc_mkdir(m->p, path, 0777);
    if (e < 0) {
        if (!m->parents || e != -EEXIST)
            return fail(m, path, e);
        int there = proc_stat(m->p, path, &st);
        if (there == 0 && S_ISDIR(st.mode))
            return 0;
        return fail(m, path, there < 0 ? there : e);
    }
    if (m->verbose)
        out_print(m->p, "created directory: '%s'\n", path);
    if (m->has_mode && (e = proc_chmod(m->p, path, m->mode)) < 0) {
        proc_perror(m->p, e, "can't set permissions of directory '%s'", path);
        return 1;
    }
    return 0;
}

/* Those above can be written and searched by their owner, whatever the umask. */
static int make_above(const struct making *m, const char *path)
{
    struct vfs_stat st;
    uint32_t mask = proc_umask(m->p);
    proc_set_umask(m->p, mask & ~0300u);
    int e = proc_mkdir(m->p, path, 0777);
    proc_set_umask(m->p, mask);
    if (e == 0) {
        if (m->verbose)
            out_print(m->p, "created directory: '%s'\n", path);
        return 0;
    }
    int there = proc_stat(m->p, path, &st);
    if (there == 0 && S_ISDIR(st.mode))
        return 0;
    return fail(m, path, there < 0 && e == -EEXIST ? there : e == -EEXIST ? -ENOTDIR : e);
}

static int make(const struct making *m, char *path)
{
    if (strcmp(path, ".") == 0 || strcmp(path, "/") == 0)
        return 0;
    for (char *s = path; m->parents && *s;) {
        s += strspn(s, "/");
        s += strcspn(s, "/");
        size_t slashes = strspn(s, "/");
        if (!s[slashes])
            break;
        char kept = s[slashes];
        s[slashes] = '\0';
        int status = make_above(m, path);
        s[slashes] = kept;
        if (status)
            return status;
        s += slashes;
    }
    return make_last(m, path);
}

static int once(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = {
        { "mode", 1, 'm' }, { "parents", 0, 'p' }, { "verbose", 0, 'v' }, { NULL, 0, 0 }
    };
    const char *mode = NULL;
    struct making m = { .p = p, .mode = S_IFDIR | 0777 };
    uint32_t bits = options_bits_long(p, argc, argv, "m:pv", longs, &argv, &mode);
    m.parents = bits & 2;
    m.verbose = bits & 4;
    m.has_mode = mode;
    if (mode && !mode_parse(mode, proc_umask(p), &m.mode))
        proc_die(p, "invalid mode '%s'", mode);
    if (!*argv)
        proc_usage(p);
    int status = 0;
    for (; *argv; argv++)
        status |= make(&m, *argv);
    return status;
}

const struct applet applet_mkdir = { .name = "mkdir", .once = once };
