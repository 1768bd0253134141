#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { DIRECTORY = 1, QUIET = 2, IN_FOLDER = 4, BASE = 8, ONLY_NAME = 16, TRIES = 100, MARKS = 6 };

/* Fills in the last six characters, which must be X. */
static void fill(struct proc *p, char *path)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t n = strlen(path);
    uint64_t random = proc_random(p);
    for (size_t i = n - MARKS; i < n; i++) {
        path[i] = letters[random % (sizeof letters - 1)];
        random /= sizeof letters - 1;
    }
}

static int make(struct proc *p, const char *path, uint32_t bits)
{
    struct vfs_stat st;
    if (bits & ONLY_NAME)
        return proc_lstat(p, path, &st) == 0 ? -EEXIST : 0;
    if (bits & DIRECTORY)
        return proc_mkdir(p, path, 0700);
    int fd = proc_open(p, path, O_RDWR | O_CREAT | O_EXCL, 0600);
    return fd < 0 ? fd : proc_close(p, fd);
}

static int once(struct proc *p, int argc, char **argv)
{
    const char *base = NULL;
    uint32_t bits = options_bits(p, argc, argv, "dqtp:u", &argv, &base);
    if (argv[0] && argv[1])
        proc_usage(p);
    const char *template = argv[0];
    if (!template || bits & (IN_FOLDER | BASE)) {
        const char *folder = base ? base : proc_getenv(p, "TMPDIR");
        template =
            proc_join(p, folder && *folder ? folder : "/tmp", template ? template : "tmp.XXXXXX");
    }
    char *path = memory_text(proc_memory(p), template);
    size_t n = strlen(path);
    int e = n < MARKS || strcmp(path + n - MARKS, "XXXXXX") != 0 ? -EINVAL : -EEXIST;
    for (int i = 0; i < TRIES && e == -EEXIST; i++) {
        fill(p, path);
        e = make(p, path, bits);
    }
    if (e < 0 && bits & QUIET)
        return 1;
    if (e < 0)
        proc_die_errno(p, e, "(null)");
    out_print(p, "%s\n", path);
    return 0;
}

const struct applet applet_mktemp = { .name = "mktemp", .once = once };
