/* sh and ash: the process becomes a shell. */
#include "shell/interp.h"

#include <errno.h>
#include <string.h>

struct words {
    struct shell_start start;
    uint32_t flags;
    bool command, input;
};

/* "-o name"; without a name all are shown, as they stand while options are read: on. */
static void read_named(struct proc *p, struct words *w, char ***at, bool on)
{
    if (!(*at)[1]) {
        option_list_all(p, on);
        out_flush(p);
        return;
    }
    uint32_t flag = option_flag_named(*++*at);
    if (!flag) {
        proc_error(p, "illegal option %co %s", on ? '-' : '+', **at);
        proc_exit(p, 0);
    }
    w->flags = on ? w->flags | flag : w->flags & ~flag;
}

/* One word of options, "-ex" or "-o name"; *at moves on over what it takes. */
static void read_options(struct proc *p, struct words *w, char ***at)
{
    bool on = ***at == '-';
    for (const char *s = **at + 1; *s; s++) {
        uint32_t flag = option_flag(*s);
        if (*s == 'c') {
            w->command = true;
        } else if (*s == 's') {
            w->input = true;
        } else if (*s == 'i') {
            w->start.interactive = on;
        } else if (*s == 'l') {
            w->start.login = on;
        } else if (*s == 'o') {
            read_named(p, w, at, on);
        } else if (!flag) {
            proc_die(p, "illegal option %c%c", on ? '-' : '+', *s);
        } else {
            w->flags = on ? w->flags | flag : w->flags & ~flag;
        }
    }
}

/* A long word is none of its own, but --login. */
static char **read_words(struct proc *p, struct words *w, char **argv)
{
    char **at = argv + 1;
    for (; *at && (**at == '-' || **at == '+'); at++) {
        if (!strcmp(*at, "--") || !strcmp(*at, "-")) {
            at++;
            break;
        }
        if (!strncmp(*at, "--", 2))
            w->start.login |= !strcmp(*at, "--login");
        else
            read_options(p, w, &at);
    }
    return at;
}

static void read_script(struct proc *p, struct words *w, const char *path)
{
    char *text;
    size_t n;
    int e = proc_read_file(p, path, p->shell->account.most, &text, &n);
    if (e == -EISDIR) { /* it has no lines */
        text = memory_text(proc_memory(p), "");
        n = 0;
    } else if (e) {
        proc_fails_with(p, 2);
        proc_die(p, "can't open '%s': %s", path, errno_text(e));
    }
    w->start.script = w->start.name = path;
    w->start.text = text;
    w->start.n_text = n;
}

static int become(struct proc *p, int argc, char **argv)
{
    (void)argc;
    struct words w = { .start = { .name = argv[0], .login = p->login } };
    if (p->login)
        w.start.name = argv[0] = memory_print(proc_memory(p), "-%s", argv[0]);
    p->login = false;
    proc_fails_with(p, 2);
    char **at = read_words(p, &w, argv);
    if (w.command) {
        if (!*at)
            proc_die(p, "-c requires an argument");
        w.start.command = *at++;
        if (*at)
            w.start.name = *at++;
    } else if (*at && !w.input) {
        read_script(p, &w, *at++);
    }
    w.start.arguments = at;
    if (!w.command && !w.start.script && proc_isatty(p, 0) && proc_isatty(p, 2))
        w.start.interactive = true;
    p->applet = NULL;
    interp_start(p, &w.start);
    p->interp->flags |= w.flags | (w.input ? FLAG_STDIN : 0);
    proc_unwind(p);
}

const struct applet applet_sh = { .name = "sh", .once = become };
const struct applet applet_ash = { .name = "ash", .once = become };
