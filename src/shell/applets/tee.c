#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>

struct output {
    const char *name; /* as given */
    int fd;           /* 1: standard output, once more */
    bool failed;
};

struct tee {
    struct filter filter;
    struct output *to; /* one without a name ends them */
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
            t->to[n++] = (struct output){ .name = *files, .fd = fd };
        } else {
            proc_perror(p, fd, "%s", *files);
            t->filter.status = 1;
        }
    }
    t->to[n] = (struct output){ 0 };
    return files; /* its end: standard input is read */
}

static void feed(struct proc *p, const char *data, size_t n)
{
    const struct tee *t = proc_state(p);
    out_put(p, data, n);
    for (struct output *to = t->to; to->name; to++)
        if (to->fd == 1)
            out_put(p, data, n);
        else
            to->failed |= proc_write(p, to->fd, data, n) < 0;
}

/* Of what could not be written the first is named; standard output only where it was, too. */
static void finish(struct proc *p)
{
    const struct tee *t = proc_state(p);
    out_flush(p);
    for (const struct output *to = t->to; to->name; to++)
        if (to->failed || (to->fd == 1 && out_failed(p)))
            proc_die(p, "%s: I/O error", to->name);
}

static void failed(struct proc *p, int e)
{
    (void)p, (void)e; /* the status tells */
}

static const struct filter_ops ops = { .start = start, .feed = feed, .finish = finish, .failed = failed };

const struct applet applet_tee = { .name = "tee", .filter = &ops, .state = sizeof(struct tee) };
