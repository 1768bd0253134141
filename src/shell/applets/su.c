/* su, login */
#include "shell/options.h"

#include <string.h>

/* What /etc/passwd says of somebody. */
struct account {
    const char *name, *home, *shell;
    uint32_t uid, gid;
};

static bool find(struct proc *p, const char *name, struct account *a)
{
    char *data;
    size_t n;
    if (proc_user_id(p, name, &a->uid, &a->gid) != 0)
        return false;
    a->name = name;
    a->home = proc_user_home(p, name);
    a->shell = "/bin/sh";
    size_t length = strlen(name);
    if (proc_read_file(p, "/etc/passwd", 1 << 16, &data, &n) != 0)
        return true;
    for (char *line = data, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (strncmp(line, name, length) != 0 || line[length] != ':')
            continue;
        const char *last = strrchr(line, ':') + 1;
        a->shell = *last ? last : a->shell;
        break;
    }
    return true;
}

static void set_environment(struct proc *p, const struct account *a, bool login, bool keep)
{
    if (login) {
        const char *term = proc_getenv(p, "TERM");
        char **all = proc_environ(p);
        for (; all && *all; all++) {
            const char *name = memory_bytes(proc_memory(p), *all, strcspn(*all, "="));
            if (!term || strcmp(name, "TERM") != 0)
                proc_setenv(p, name, NULL);
        }
        proc_setenv(p, "PATH", a->uid ? "/bin:/usr/bin" : "/sbin:/usr/sbin:/bin:/usr/bin");
    } else if (keep) {
        return;
    }
    if (login || a->uid) {
        proc_setenv(p, "USER", a->name);
        proc_setenv(p, "LOGNAME", a->name);
    }
    proc_setenv(p, "HOME", a->home ? a->home : "/");
    proc_setenv(p, "SHELL", a->shell);
}

static void add(char **words, size_t *n, const char *word)
{
    words[(*n)++] = (char *)word;
}

/* The shell in the place of this process, as that user. */
static void __attribute__((noreturn))
run_shell(struct proc *p, const struct account *a, const char *shell, bool login,
          const char *command, char **rest)
{
    size_t n_rest = 0, n = 0;
    while (rest && rest[n_rest])
        n_rest++;
    char **words = memory_array(proc_memory(p), NULL, n_rest + 5, sizeof *words);
    bool own = strcmp(shell, "/bin/sh") == 0 || strcmp(shell, "/bin/ash") == 0;
    add(words, &n, own ? shell + 5 : shell);
    if (login && own)
        proc_exec_login(p);
    if (command) {
        add(words, &n, "-c");
        add(words, &n, command);
    }
    for (size_t i = 0; i < n_rest; i++)
        add(words, &n, rest[i]);
    words[n] = NULL;
    struct vfs_stat st;
    int e = strchr(shell, '/') ? proc_stat(p, shell, &st) : 0;
    proc_set_ids(p, a->uid, a->gid);
    e = e ? e : proc_exec(p, words);
    proc_die_errno(p, e, "can't execute '%s'", shell);
}

static int su_once(struct proc *p, int argc, char **argv)
{
    enum { LOGIN = 1, KEEP = 2, KEEP_TOO = 4 };
    const char *command = NULL, *shell = NULL;
    struct account a;
    uint32_t given = options_bits(p, argc, argv, "lmpc:s:", &argv, &command, &shell);
    bool login = given & LOGIN, keep = given & (KEEP | KEEP_TOO);
    if (*argv && strcmp(*argv, "-") == 0) {
        login = true;
        argv++;
    }
    if (proc_uid(p) != 0)
        proc_die(p, "must be suid to work properly");
    const char *name = *argv ? *argv++ : "root";
    if (!find(p, name, &a))
        proc_die(p, "unknown user %s", name);
    const char *kept = keep ? proc_getenv(p, "SHELL") : NULL;
    shell = shell ? shell : kept && *kept ? kept : a.shell;
    a.shell = shell;
    set_environment(p, &a, login, keep);
    if (login && a.home && proc_chdir(p, a.home) != 0 && proc_chdir(p, "/") != 0)
        proc_exit(p, 1);
    run_shell(p, &a, shell, login, command, argv);
}

/* ---- login ---- */

enum { TRIES = 3, WAIT = 3 * 1000000, NAME_MOST = 64 };
enum phase { ASKING_NAME, READING_NAME, ASKING_PASSWORD, READING_PASSWORD, WAITING };

struct login {
    enum phase phase;
    struct text word;
    const char *name;
    unsigned tries;
    int64_t until;
};

static void login_start(struct proc *p, int argc, char **argv)
{
    enum { FORCED = 1 };
    struct login *l = proc_state(p);
    struct account a;
    const char *host = NULL, *name = NULL;
    uint32_t given = options_bits(p, argc, argv, "f:h:p", &argv, &name, &host);
    if (proc_uid(p) != 0)
        proc_die(p, "must be suid to work properly");
    if (!proc_isatty(p, 0) || !proc_isatty(p, 1))
        proc_exit(p, 1);
    if (given & FORCED && find(p, name, &a)) {
        set_environment(p, &a, true, false);
        run_shell(p, &a, a.shell, true, NULL, NULL);
    }
    l->word = text_of(proc_memory(p));
    l->name = name ? name : *argv;
    l->phase = l->name ? ASKING_PASSWORD : ASKING_NAME;
}

/* A line of the terminal: 1 it is whole, 0 wait, -1 there are no more. */
static int read_line(struct proc *p, struct login *l)
{
    char piece[256];
    int64_t n = proc_read(p, 0, piece, sizeof piece);
    if (n == -EAGAIN) {
        proc_waits_on(p, 0);
        return 0;
    }
    if (n <= 0)
        return -1;
    char *end = memchr(piece, '\n', (size_t)n);
    if (l->word.len < NAME_MOST)
        text_add(&l->word, piece, (size_t)(end ? end - piece : n));
    return end != NULL;
}

/* Nobody's password is known: each is wrong, after a while. */
static enum applet_next login_step(struct proc *p)
{
    struct login *l = proc_state(p);
    int whole;
    switch (l->phase) {
    case ASKING_NAME:
    case ASKING_PASSWORD:
        if (l->phase == ASKING_NAME)
            out_print(p, "\r\n%s login: ", proc_hostname(p));
        else
            out_text(p, "Password: ");
        out_flush(p);
        proc_terminal(p, l->phase == ASKING_NAME ? TTY_COOKED : TTY_QUIET);
        l->word.len = 0;
        l->phase = l->phase == ASKING_NAME ? READING_NAME : READING_PASSWORD;
        return NEXT_AGAIN;
    case READING_NAME:
    case READING_PASSWORD:
        whole = read_line(p, l);
        if (whole < 0)
            proc_exit(p, 1);
        if (!whole)
            return NEXT_INPUT;
        l->until = proc_now(p) + WAIT;
        l->phase = l->phase == READING_PASSWORD ? WAITING
                   : l->word.len                ? ASKING_PASSWORD
                                                : ASKING_NAME;
        return NEXT_AGAIN;
    case WAITING:
        break;
    }
    if (proc_now(p) < l->until) {
        proc_wake_at(p, l->until);
        return NEXT_SLEEP;
    }
    out_text(p, "\r\nLogin incorrect\n");
    if (++l->tries == TRIES)
        proc_exit(p, 1);
    l->phase = ASKING_NAME;
    return NEXT_AGAIN;
}

const struct applet applet_su = { .name = "su", .once = su_once };
const struct applet applet_login = {
    .name = "login", .start = login_start, .step = login_step, .state = sizeof(struct login)
};
