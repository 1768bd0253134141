/* nice, renice and nohup. Nobody here is nicer than others: what they say is all they do. */
#include "shell/applet.h"
#include "shell/options.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

enum { NOT_RUN = 126, NOT_FOUND = 127 };

static void become(struct proc *p, char **argv) __attribute__((noreturn));
static void become(struct proc *p, char **argv)
{
    int e = proc_exec(p, argv);
    proc_fails_with(p, e == -ENOENT ? NOT_FOUND : NOT_RUN);
    proc_die_errno(p, e, "can't execute '%s'", *argv);
}

static bool is_number(const char *s)
{
    s += *s == '-';
    return *s >= '0' && *s <= '9';
}

static int nice(struct proc *p, int argc, char **argv)
{
    if (argc == 1) {
        out_text(p, "0\n");
        return 0;
    }
    /* -n ADJUST, -nADJUST and -ADJUST */
    argv++;
    if ((*argv)[0] == '-') {
        const char *adjust = *argv + 1;
        if (*adjust == 'n' && !*++adjust)
            adjust = *++argv;
        if (!adjust)
            proc_usage(p);
        (void)options_signed(p, adjust, INT_MIN / 2, INT_MAX / 2, NULL);
        argv++;
    }
    if (!*argv)
        proc_usage(p);
    become(p, argv);
}

/* ---- renice ---- */

enum { WHICH_PROCESS, WHICH_GROUP, WHICH_USER };

static bool user_has_process(struct proc *p, uint32_t uid)
{
    struct proc_info info;
    for (size_t i = 0; proc_info(p, i, &info); i++) {
        if (info.uid == uid)
            return true;
    }
    return false;
}

static uint32_t user_of(struct proc *p, const char *s)
{
    uint32_t uid, gid;
    if (!proc_user_id(p, s, &uid, &gid))
        return uid;
    if (!is_number(s))
        proc_die(p, "unknown user %s", s);
    return (uint32_t)options_number(p, s, 0, UINT32_MAX, NULL);
}

static int reach(struct proc *p, int which, const char *s)
{
    if (which == WHICH_USER)
        return user_has_process(p, user_of(p, s)) ? 0 : -ESRCH;
    uint64_t id = options_number(p, s, 0, INT_MAX, NULL);
    return id ? proc_kill(p, (int32_t)id, 0) : 0;
}

static int renice(struct proc *p, int argc, char **argv)
{
    static const char letters[] = "pgu";
    int which = WHICH_PROCESS, status = 0;
    (void)argc;
    argv++;
    bool relative = *argv && !strcmp(*argv, "-n");
    argv += relative;
    if (!*argv)
        proc_usage(p);
    int64_t priority = options_signed(p, *argv, INT_MIN / 2, INT_MAX / 2, NULL);
    for (argv++; *argv; argv++) {
        const char *letter =
            (*argv)[0] == '-' && (*argv)[1] && !(*argv)[2] ? strchr(letters, (*argv)[1]) : NULL;
        if (letter) {
            which = (int)(letter - letters);
            continue;
        }
        int e = reach(p, which, *argv);
        if (!e && priority < 0 && proc_uid(p))
            e = -EACCES;
        if (e) {
            proc_perror(p, e, "%s", relative && e == -ESRCH ? "getpriority" : "setpriority");
            status = 1;
        }
    }
    return status;
}

/* ---- nohup ---- */

static int open_output(struct proc *p)
{
    const char *file = "nohup.out", *home = proc_getenv(p, "HOME");
    int flags = O_CREAT | O_WRONLY | O_APPEND, fd = proc_open(p, file, flags, 0600);
    if (fd < 0 && home) {
        file = proc_join(p, home, file);
        fd = proc_open(p, file, flags, 0600);
    }
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", file);
    proc_error(p, "appending output to %s", file);
    return fd;
}

/* fd becomes `to`. */
static void move(struct proc *p, int fd, int to)
{
    int e = proc_dup(p, fd, to);
    if (e < 0)
        proc_die_errno(p, e, "dup2");
    proc_close(p, fd);
}

static int nohup(struct proc *p, int argc, char **argv)
{
    proc_fails_with(p, NOT_FOUND);
    if (argc < 2)
        proc_usage(p);
    if (proc_isatty(p, 0)) {
        int fd = proc_open(p, "/dev/null", O_RDONLY, 0);
        if (fd >= 0)
            move(p, fd, 0);
    }
    bool errors = proc_isatty(p, 2);
    if (proc_isatty(p, 1))
        move(p, open_output(p), 1);
    if (errors) {
        int e = proc_dup(p, 1, 2);
        if (e < 0)
            proc_die_errno(p, e, "dup2");
    }
    become(p, argv + 1);
}

const struct applet applet_nice = { .name = "nice", .once = nice };
const struct applet applet_renice = { .name = "renice", .once = renice };
const struct applet applet_nohup = { .name = "nohup", .once = nohup };
