#include "shell/filter.h"
#include "shell/options.h"

#include <string.h>

static char **start(struct proc *p, int argc, char **argv)
{
    char **files;
    options_bits(p, argc, argv, "", &files);
    return files;
}

/* What stands after a NUL is lost, its end of line with it. */
static void feed(struct proc *p, const char *data, size_t n)
{
    size_t length = strnlen(data, n);
    bool ends = length == n && n && data[n - 1] == '\n';
    for (size_t i = length - ends; i > 0; i--)
        out_char(p, data[i - 1]);
    if (ends)
        out_char(p, '\n');
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .failed = filter_failed_silent,
    .lines = true,
    .plain = true,
};

const struct applet applet_rev = {
    .name = "rev",
    .filter = &ops,
    .state = sizeof(struct filter),
    .unwritten = UNWRITTEN_OUTPUT,
};
