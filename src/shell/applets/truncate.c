#include "shell/options.h"

#include <fcntl.h>

/* The reference's table of dd's suffixes from k on. */
static const struct options_suffix suffixes[] = {
    { "kD", 1000 },       { "kB", 1000 },       { "KB", 1000 },      { "k", 1024 },
    { "K", 1024 },        { "MD", 1000000 },    { "MB", 1000000 },   { "M", 1048576 },
    { "GD", 1000000000 }, { "GB", 1000000000 }, { "G", 1073741824 }, { "", 0 },
};

static int once(struct proc *p, int argc, char **argv)
{
    const char *size = NULL;
    uint32_t bits = options_bits(p, argc, argv, "cs:", &argv, &size);
    if (!size || !*argv)
        proc_usage(p);
    uint64_t n = options_number(p, size, 0, INT64_MAX, suffixes);
    int status = 0;
    for (; *argv; argv++) {
        int fd = proc_open(p, *argv, O_WRONLY | O_NONBLOCK | (bits & 1 ? 0 : O_CREAT), 0666);
        if (fd < 0) {
            if (fd != -ENOENT || !(bits & 1)) {
                proc_perror(p, fd, "%s: open", *argv);
                status = 1;
            }
            continue;
        }
        int e = proc_truncate(p, fd, n);
        if (e < 0) {
            proc_perror(p, e, "%s: truncate", *argv);
            status = 1;
        }
        proc_close(p, fd);
    }
    return status;
}

const struct applet applet_truncate = { .name = "truncate", .once = once };
