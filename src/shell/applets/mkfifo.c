#include "shell/applets/chmod-mode.h"
#include "shell/options.h"

#include <sys/stat.h>

static int make(struct proc *p, const char *name, uint32_t mode, bool exactly)
{
    TRY(proc_mknod(p, name, S_IFIFO | (mode & 07777), 0, 0));
    return exactly ? proc_chmod(p, name, mode & 07777) : 0;
}

static int once(struct proc *p, int argc, char **argv)
{
    const char *wanted = NULL;
    uint32_t mode = 0666;
    int status = 0;
    options_bits(p, argc, argv, "m:", &argv, &wanted);
    bool bad = wanted && !mode_parse(wanted, proc_umask(p), &mode);
    if (!argv[0])
        proc_usage(p);
    for (; *argv; argv++) {
        int e = bad ? -EINVAL : make(p, *argv, mode, wanted);
        if (e < 0) {
            proc_perror(p, e, "%s", *argv);
            status = 1;
        }
    }
    return status;
}

const struct applet applet_mkfifo = { .name = "mkfifo", .once = once };
