#include "shell/options.h"

#include <string.h>

/* A line of the log begins with its level, "<5>"; -r shows it. */
static void show(struct proc *p, const char *log, bool raw)
{
    while (*log) {
        const char *end = strchrnul(log, '\n');
        const char *level = log[0] == '<' ? memchr(log, '>', (size_t)(end - log)) : NULL;
        const char *begin = level && !raw ? level + 1 : log;
        out_put(p, begin, (size_t)(end - begin));
        out_char(p, '\n');
        log = end + (*end != '\0');
    }
}

static int dmesg_once(struct proc *p, int argc, char **argv)
{
    enum { CLEAR = 1, SIZE = 2, LEVEL = 4, RAW = 8 };
    const char *size = NULL, *level = NULL;
    uint32_t given = options_bits(p, argc, argv, "cs:n:r", &argv, &size, &level);
    uint64_t bytes = size ? options_number(p, size, 0, INT32_MAX, NULL) : 0;
    if (level) {
        uint64_t n = options_number(p, level, 0, INT32_MAX, NULL);
        if (proc_uid(p) != 0 || n < 1 || n > 8)
            proc_die_errno(p, proc_uid(p) ? EPERM : EINVAL, "klogctl");
        return 0;
    }
    if (given & CLEAR && proc_uid(p) != 0)
        proc_die_errno(p, EPERM, "klogctl");
    const char *log = proc_machine(p)->dmesg;
    size_t n = strlen(log);
    if (bytes && bytes < n) { /* from the next whole line on */
        const char *cut = strchr(log + (n - bytes), '\n');
        log = cut ? cut + 1 : log + n;
    }
    show(p, log, given & RAW);
    return 0;
}

const struct applet applet_dmesg = { .name = "dmesg", .once = dmesg_once };
