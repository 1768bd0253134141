#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>

struct tee {
    struct filter filter;
    int *to; /* -1 ends */
};

enum { IGNORE_INTERRUPT = 1, APPEND = 2 };

static char **start(struct proc *p, int argc, char **argv)
{
    struct tee *t = proc_state(p);
    char **files;
    uint32_t bits = options_bits(p, argc, argv, "ia", &files);
    size_t n = 0;
    for (char **file = files; *file; file++)
        n++;
    t->to = memory_array(proc_memory(p), NULL, n + 1, sizeof *t->to);
    n = 0;
    for (; *files; files++) {
        int fd = 1;
        if ((*files)[0] != '-' || (*files)[1])
            fd = proc_open(p, *files, O_WRONLY | O_CREAT | (bits & APPEND ? O_APPEND : O_TRUNC), 0666);
        if (fd >= 0) {
            t->to[n++] = fd;
        } else {
            proc_perror(p, fd, "%s", *files);
            t->filter.status = 1;
        }
    }
    t->to[n] = -1;
    return files; /* its end: standard input is read */
}

static void feed(struct proc *p, const char *data, size_t n)
{
    const struct tee *t = proc_state(p);
    out_put(p, data, n);
    for (const int *to = t->to; *to >= 0; to++)
        if (*to == 1)
            out_put(p, data, n);
        else if (proc_write(p, *to, data, n) < 0)
            continue; /* the reference does not look, either */
}

static const struct filter_ops ops = { .start = start, .feed = feed };

const struct applet applet_tee = { .name = "tee", .filter = &ops, .state = sizeof(struct tee) };
