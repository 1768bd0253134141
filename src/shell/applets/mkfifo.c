#include "shell/applets/chmod-mode.h"
#include "shell/options.h"

#include <sys/stat.h>

static int once(struct proc *p, int argc, char **argv)
{
    const char *wanted = NULL;
    uint32_t mode = 0666;
    options_bits(p, argc, argv, "m:", &argv, &wanted);
    bool bad = wanted && !mode_parse(wanted, proc_umask(p), &mode);
    if (!argv[0] || argv[1])
        proc_usage(p);
    int e = bad ? -EINVAL : proc_mknod(p, argv[0], S_IFIFO | (mode & 07777), 0, 0);
    if (e == 0 && wanted)
        e = proc_chmod(p, argv[0], mode & 07777);
    if (e < 0)
        proc_die_errno(p, e, "%s", argv[0]);
    return 0;
}

const struct applet applet_mkfifo = { .name = "mkfifo", .once = once };
