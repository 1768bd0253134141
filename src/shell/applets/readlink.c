#include "shell/applets/realpath-whole.h"
#include "shell/options.h"

#include <errno.h>

enum { WHOLE = 1, NO_NEWLINE = 2, VERBOSE = 4 };

static int once(struct proc *p, int argc, char **argv)
{
    uint32_t bits = options_bits(p, argc, argv, "fnvsq", &argv);
    if (!argv[0] || argv[1])
        proc_usage(p);
    char *text = NULL;
    int e = bits & WHOLE ? path_whole(p, argv[0], &text) : proc_readlink(p, argv[0], &text);
    if (e < 0) {
        if (bits & VERBOSE && !(bits & WHOLE))
            proc_error(p, "%s: cannot read link: %s", argv[0], e == -EINVAL ? "not a symlink" : errno_text(e));
        return 1;
    }
    out_print(p, "%s%s", text, bits & NO_NEWLINE ? "" : "\n");
    return 0;
}

const struct applet applet_readlink = { .name = "readlink", .once = once };
