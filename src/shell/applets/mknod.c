#include "shell/applets/chmod-mode.h"
#include "shell/options.h"

#include <string.h>

static const struct {
    char letter;
    uint32_t type;
} types[] = { { 'p', S_IFIFO }, { 'c', S_IFCHR }, { 'u', S_IFCHR }, { 'b', S_IFBLK } };

static uint32_t type_of(const char *word)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (word[0] == types[i].letter)
            return types[i].type;
    return 0;
}

static uint32_t number(struct proc *p, const char *word, uint64_t most)
{
    uint64_t n = options_number(p, word, 0, UINT64_MAX, NULL);
    if (n > most)
        proc_die(p, "number %s is not in 0..%llu range", word, (unsigned long long)most);
    return (uint32_t)n;
}

static int once(struct proc *p, int argc, char **argv)
{
    const char *wanted = NULL;
    uint32_t mode = 0666, major = 0, minor = 0;
    options_bits(p, argc, argv, "m:", &argv, &wanted);
    bool mode_bad = wanted && !mode_parse(wanted, proc_umask(p), &mode);
    size_t n = 0;
    while (argv[n])
        n++;
    if (n < 2)
        proc_usage(p);
    uint32_t type = type_of(argv[1]);
    bool device = type == S_IFCHR || type == S_IFBLK;
    if (n != (device || argv[1][0] == '\0' ? 4 : 2) || (!type && argv[1][0]))
        proc_usage(p);
    if (n == 4) {
        minor = number(p, argv[3], 1048575);
        major = number(p, argv[2], 4095);
    }
    int e =
        mode_bad || !type ? -EINVAL : proc_mknod(p, argv[0], type | (mode & 07777), major, minor);
    if (e == 0 && wanted)
        e = proc_chmod(p, argv[0], mode & 07777);
    if (e < 0)
        proc_die_errno(p, e, "%s", argv[0]);
    return 0;
}

const struct applet applet_mknod = { .name = "mknod", .once = once };
