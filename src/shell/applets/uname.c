/* uname, arch, hostid, nproc */
#include "shell/options.h"
#include "shell/since.h"

#include <string.h>

enum field { SYSNAME, NODENAME, RELEASE, VERSION, MACHINE, PROCESSOR, PLATFORM, OS, FIELDS };

static const char letters[FIELDS + 1] = "snrvmpio";

/* What is unknown is left out of -a; old ones tell the processor, and know neither platform nor system. */
static bool hides(const struct machine *m, enum field i, const char *value)
{
    if (!machine_since(m, SINCE_UNAME_SYSTEM))
        return i == PLATFORM || i == OS;
    return (i == PROCESSOR || i == PLATFORM) && (!*value || strcmp(value, "unknown") == 0);
}

static void show(struct proc *p, uint32_t asked, bool all)
{
    const struct machine *m = proc_machine(p);
    const char *const values[FIELDS] = { m->sysname,  proc_hostname(p),
                                         m->release,  m->version_kernel,
                                         m->machine,  m->processor,
                                         m->platform, m->os };
    bool first = true;
    for (enum field i = 0; i < FIELDS; i++) {
        if (!(asked >> i & 1) || (all && hides(m, i, values[i])))
            continue;
        out_print(p, "%s%s", first ? "" : " ", values[i]);
        first = false;
    }
    out_char(p, '\n');
}

static int uname_once(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = {
        { "all", 0, 'a' },
        { "kernel-name", 0, 's' },
        { "nodename", 0, 'n' },
        { "kernel-release", 0, 'r' },
        { "release", 0, 'r' },
        { "kernel-version", 0, 'v' },
        { "machine", 0, 'm' },
        { "processor", 0, 'p' },
        { "hardware-platform", 0, 'i' },
        { "operating-system", 0, 'o' },
        { NULL, 0, 0 },
    };
    struct options o;
    uint32_t asked = 0;
    int option;
    bool all = false;
    options_begin(&o, p, argc, argv, "snrvmpioa", longs);
    while ((option = options_next(&o)) != -1) {
        const char *at = option == 'a' ? NULL : strchr(letters, option);
        all |= option == 'a';
        asked |= at ? 1u << (at - letters) : 0;
    }
    if (argv[o.index])
        proc_usage(p);
    if (all)
        asked = (1u << FIELDS) - 1;
    show(p, asked ? asked : 1u << SYSNAME, all);
    return 0;
}

static int arch_once(struct proc *p, int argc, char **argv)
{
    options_bits(p, argc, argv, "", &argv);
    out_print(p, "%s\n", proc_machine(p)->machine);
    return 0;
}

/* What an address that is not known gives. */
static int hostid_once(struct proc *p, int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        proc_usage(p);
    out_text(p, "00000000\n");
    return 0;
}

static int nproc_once(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = { { "ignore", 1, 'i' },
                                                { "all", 0, 'a' },
                                                { NULL, 0, 0 } };
    struct options o;
    uint64_t n = proc_machine(p)->cpus, less = 0;
    int option;
    options_begin(&o, p, argc, argv, "", longs);
    while ((option = options_next(&o)) != -1) {
        if (option == 'i')
            less = options_number(p, o.argument, 0, UINT32_MAX, NULL);
    }
    out_print(p, "%u\n", (unsigned)(n > less ? n - less : 1));
    return 0;
}

const struct applet applet_uname = { .name = "uname", .once = uname_once, .unwritten = UNWRITTEN_OUTPUT };
const struct applet applet_arch = { .name = "arch", .once = arch_once, .unwritten = UNWRITTEN_OUTPUT };
const struct applet applet_hostid = { .name = "hostid", .once = hostid_once, .unwritten = UNWRITTEN_255 };
const struct applet applet_nproc = { .name = "nproc", .once = nproc_once };
