#include "shell/inside.h"
#include "shell/interp.h"
#include "shell/program.h"
#include "shell/tty.h"

#include <signal.h>
#include <string.h>

/* ---- Beginning ---- */

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    struct proc *p = (struct proc *)((char *)m - offsetof(struct proc, memory));
    shell_exhausted(&p->shell->memory);
}

static struct proc *make(struct shell *sh, uint32_t pid)
{
    struct proc *p = memory_take(&sh->memory, sizeof *p);
    p->shell = sh;
    p->pid = pid;
    p->memory.account = &sh->account;
    p->memory.exhausted = exhausted;
    p->pending_end = &p->pending;
    p->out.memory = &sh->memory; /* an applet that gives back what it took must not give back what it said */
    p->fails_with = 1;
    p->started = sh->now;
    struct proc **at = &sh->procs;
    while (*at && (*at)->pid < pid)
        at = &(*at)->next;
    p->next = *at;
    *at = p;
    sh->n_procs++;
    return p;
}

enum { PID_MOST = 32768, PID_LEAST = 300 };

static bool pid_taken(struct shell *sh, uint32_t pid)
{
    const struct machine *m = shell_machine(sh);
    for (size_t i = 0; i < m->n_processes; i++)
        if (m->processes[i].pid == pid)
            return true;
    return proc_by_pid(sh, pid);
}

static uint32_t next_pid(struct shell *sh)
{
    do {
        if (sh->next_pid >= PID_MOST)
            sh->next_pid = PID_LEAST;
    } while (pid_taken(sh, sh->next_pid++));
    return sh->next_pid - 1;
}

uint32_t proc_daemon(const struct machine *m)
{
    static const char *const names[] = { "telnetd", "utelnetd", "inetd" };
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        for (size_t i = 0; i < m->n_processes; i++)
            if (!strcmp(m->processes[i].comm, names[k]))
                return m->processes[i].pid;
    return 1;
}

struct proc *proc_first(struct shell *sh, const char *name)
{
    const struct machine *m = shell_machine(sh);
    struct proc *p = make(sh, next_pid(sh));
    p->ppid = proc_daemon(m);
    p->uid = m->uid;
    p->gid = m->gid;
    p->umask = 022;
    p->name = name;
    p->exe = "/bin/busybox";
    p->cwd = sh->device->home;
    p->vars = vars_share(sh->device->vars);
    vfs_hold(sh->vfs, p->cwd);
    for (int fd = 0; fd < 3; fd++)
        (void)!descriptor_set(p, fd, 0, &sh->console[fd], false);
    return p;
}

struct proc *proc_make(struct proc *parent)
{
    struct shell *sh = parent->shell;
    if (sh->n_procs >= sh->procs_most)
        procs_sweep(sh);
    if (sh->n_procs >= sh->procs_most)
        return NULL;
    struct proc *p = make(sh, next_pid(sh));
    p->ppid = parent->pid;
    p->uid = parent->uid;
    p->gid = parent->gid;
    p->grouped = parent->grouped;
    p->umask = parent->umask;
    p->ignored = parent->ignored;
    p->fetched = parent->fetched;
    p->background = parent->background;
    p->deep = parent->deep;
    p->exe = parent->exe;
    p->name = memory_text(&p->memory, parent->name);
    p->cwd = parent->cwd;
    vfs_hold(sh->vfs, p->cwd);
    p->vars = vars_share(parent->vars);
    descriptors_copy(p, parent);
    return p;
}

struct proc *proc_by_pid(struct shell *sh, uint32_t pid)
{
    for (struct proc *p = sh->procs; p; p = p->next)
        if (p->pid == pid)
            return p;
    return NULL;
}

/* ---- Ending ---- */

static void drop_pending(struct proc *p)
{
    while (p->pending) {
        struct pending *w = p->pending;
        p->pending = w->next;
        file_drop(p->shell, w->file);
        memory_give(&p->shell->memory, w);
    }
    p->pending_end = &p->pending;
}

/* What it holds of others; a zombie keeps its number and its status alone. It has ended before, so that nothing
 * is written or put back for it any more: that might need memory, which it may have ended for the want of. */
static void let_go(struct proc *p)
{
    p->ended = true;
    tty_left(p->shell, p->pid);
    text_release(&p->out);
    drop_pending(p);
    descriptors_clear(p, false);
    if (p->interp)
        interp_free(p);
    p->interp = NULL;
    vars_drop(p->vars);
    p->vars = NULL;
    vfs_drop(p->shell->vfs, p->cwd);
    p->applet = NULL;
    p->state = NULL;
    p->argv = NULL;
    p->name = "";
    memory_clear(&p->memory);
}

void proc_free(struct proc *p)
{
    struct shell *sh = p->shell;
    if (!p->ended)
        let_go(p);
    struct proc **at = &sh->procs;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    if (sh->turn == p)
        sh->turn = p->next;
    sh->n_procs--;
    memory_give(&sh->memory, p);
}

void procs_sweep(struct shell *sh)
{
    for (struct proc *p = sh->procs, *next; p; p = next) {
        next = p->next;
        if (p->reaped && p != sh->running)
            proc_free(p);
    }
}

static void orphan_children(struct proc *p)
{
    for (struct proc *child = p->shell->procs, *next; child; child = next) {
        next = child->next;
        if (child->ppid != p->pid || child == p)
            continue;
        child->ppid = 1;
        if (child->ended)
            proc_free(child);
    }
}

void proc_end(struct proc *p, int status, int signal)
{
    if (p->ended)
        return;
    bool first = !proc_by_pid(p->shell, p->ppid);
    let_go(p);
    p->status = status & 0xff;
    p->signal = (uint8_t)signal;
    orphan_children(p);
    struct proc *parent = proc_by_pid(p->shell, p->ppid);
    if (parent && !parent->ended) {
        parent->child_news = true;
        proc_signal(parent, SIGCHLD);
    }
    if (p->pid == p->shell->first_pid) {
        p->shell->status = p->status;
        p->shell->over = true;
    } else if (first) {
        p->reaped = true; /* swept later: the turn may still look at it */
    }
}

void proc_unwind(struct proc *p)
{
    longjmp(*p->shell->unwind, 1);
}

void proc_exit(struct proc *p, int status)
{
    if (p->inside) {
        p->status = status;
        proc_unwind(p);
    }
    proc_done(p, status);
    proc_unwind(p);
}

int proc_written(struct proc *p, const struct applet *a, int status)
{
    out_flush(p);
    int e = p->out_error;
    p->out_error = p->out_lost = 0;
    if (!e)
        return status;
    switch (a->unwritten) {
    case UNWRITTEN_QUIET:
        return status;
    case UNWRITTEN_BUILTIN:
        return p->inside ? 1 : status;
    case UNWRITTEN_STATUS:
        return 1;
    case UNWRITTEN_255:
        return 255;
    case UNWRITTEN_WRITE:
        proc_perror(p, e, "write error");
        return 1;
    case UNWRITTEN_OUTPUT:
        proc_perror(p, e, "standard output");
        return status;
    }
    return status;
}

/* What is buffered goes out; the end comes when all of it was taken. */
void proc_done(struct proc *p, int status)
{
    out_flush(p);
    if (p->applet)
        status = proc_written(p, p->applet, status);
    p->done = true;
    p->status = status & 0xff;
}

/* ---- Signals ---- */

static const uint32_t harmless = 1u << SIGCHLD | 1u << SIGURG | 1u << SIGWINCH | 1u << SIGCONT;

static bool stops(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void stop(struct proc *p)
{
    struct proc *parent = proc_by_pid(p->shell, p->ppid);
    p->stopped = true;
    if (parent)
        parent->child_news = true;
}

/* What came meanwhile comes now. */
static void go_on(struct proc *p)
{
    uint32_t held = p->held;
    p->stopped = false;
    p->held = 0;
    for (int i = 1; i < 32 && !p->ended; i++)
        if (held & 1u << i)
            proc_signal(p, i);
}

void proc_signal(struct proc *p, int signal)
{
    if (p->ended || signal <= 0 || signal >= 32)
        return;
    uint32_t bit = 1u << signal;
    bool sure = signal == SIGKILL || signal == SIGSTOP;
    if (signal == SIGCONT)
        go_on(p);
    if (p->stopped && !sure) {
        p->held |= bit;
        return;
    }
    if (!sure && (p->ignored & bit))
        return;
    if (!sure && (p->trapped & bit)) {
        p->caught |= bit;
        p->signalled = true;
        return;
    }
    if (harmless & bit)
        return;
    if (stops(signal))
        stop(p);
    else
        proc_end(p, 128 + signal, signal);
}

void proc_ignore(struct proc *p, int signal, bool ignores)
{
    uint32_t bit = 1u << signal;
    p->ignored = ignores ? p->ignored | bit : p->ignored & ~bit;
}

bool shell_was_killed(const struct shell *sh, uint32_t pid)
{
    for (const struct killed *k = shell_changes(sh)->killed; k; k = k->next)
        if (k->pid == pid)
            return true;
    return false;
}

static int kill_device_process(struct proc *p, uint32_t pid, int signal)
{
    const struct machine *m = proc_machine(p);
    for (size_t i = 0; i < m->n_processes; i++) {
        if (m->processes[i].pid != pid || shell_was_killed(p->shell, pid))
            continue;
        if (p->uid && m->processes[i].uid != p->uid)
            return -EPERM;
        bool kernel = m->processes[i].ppid == 2 || pid <= 2;
        if (!signal || kernel || (harmless & 1u << signal))
            return 0;
        struct killed *k = memory_take(&p->shell->memory, sizeof *k);
        k->pid = pid;
        struct changes *changes = shell_own_changes(p->shell);
        k->next = changes->killed;
        changes->killed = k;
        return 0;
    }
    return -ESRCH;
}

static int kill_one(struct proc *p, uint32_t pid, int signal)
{
    struct proc *other = proc_by_pid(p->shell, pid);
    if (!other || other->reaped)
        return kill_device_process(p, pid, signal);
    if (p->uid && other->uid != p->uid)
        return -EPERM;
    if (signal)
        proc_signal(other, signal);
    return 0;
}

/* Groups are not kept: 0 is everyone of the session but the first shell, -1 the device's as well. */
static int kill_many(struct proc *p, bool device, int signal)
{
    const struct machine *m = proc_machine(p);
    for (struct proc *other = p->shell->procs; signal && other; other = other->next)
        if (other != p && other->pid != p->shell->first_pid)
            proc_signal(other, signal);
    for (size_t i = 0; device && i < m->n_processes; i++)
        if (m->processes[i].pid > 1)
            (void)!kill_device_process(p, m->processes[i].pid, signal);
    if (!device && signal)
        proc_signal(p, signal);
    return 0;
}

int proc_kill(struct proc *p, int32_t pid, int signal)
{
    if (signal < 0 || signal > 64)
        return -EINVAL;
    signal = signal >= 32 ? SIGKILL : signal;
    int e = pid > 0 ? kill_one(p, (uint32_t)pid, signal)
                    : pid >= -1 ? kill_many(p, pid < 0, signal) : kill_one(p, 0u - (uint32_t)pid, signal);
    if (p->ended)
        proc_unwind(p);
    return e;
}

/* ---- Children ---- */

char **proc_started_with(const struct proc *p)
{
    if (p->argv)
        return p->argv - p->words_before;
    const struct proc *shell = p->interp ? proc_by_pid(p->shell, p->interp->shell_pid) : NULL;
    return shell && shell->argv ? shell->argv - shell->words_before : NULL;
}

void proc_use_applet(struct proc *p, const struct applet *a, int argc, char **argv)
{
    p->applet = a;
    p->name = a->name ? a->name : argv[0];
    p->argv = argv;
    p->argc = argc;
    p->words_before = 0;
    p->begun = false;
    p->interp = NULL;
    p->fails_with = 1;
}

int proc_exec(struct proc *p, char *const *argv)
{
    struct program program;
    program_find(p, argv[0], NULL, &program);
    TRY(program_run(p, &program, argv));
    proc_unwind(p);
}

int proc_exec_applet(struct proc *p, char *const *argv)
{
    const struct applet *a = program_applet(p->shell, argv[0]);
    if (!a)
        return -ENOENT;
    char **before = proc_started_with(p);
    int n_before = 0, argc = 0;
    while (before[n_before] && n_before < UINT16_MAX - 1)
        n_before++;
    while (argv[argc])
        argc++;
    char **words = memory_array(&p->memory, NULL, (size_t)n_before + (size_t)argc + 2, sizeof *words);
    memcpy(words, before, (size_t)n_before * sizeof *words);
    words[n_before] = NULL;
    for (int i = 0; i < argc; i++)
        words[n_before + 1 + i] = memory_text(&p->memory, argv[i]);
    words[n_before + 1 + argc] = NULL;
    proc_use_applet(p, a, argc, words + n_before + 1);
    p->words_before = (uint16_t)(n_before + 1);
    proc_unwind(p);
}

static int give_streams(struct proc *p, struct proc *child, int fd_in, int fd_out)
{
    struct file *in = fd_in < 0 ? NULL : descriptor_file(p, fd_in);
    struct file *out = fd_out < 0 ? NULL : descriptor_file(p, fd_out);
    if ((fd_in >= 0 && !in) || (fd_out >= 0 && !out))
        return -EBADF;
    if (in)
        TRY(descriptor_set(child, 0, 0, in, false));
    if (out)
        TRY(descriptor_set(child, 1, 0, out, false));
    descriptors_clear(child, true);
    return 0;
}

/* The child's pid, or -errno. */
static int spawn(struct proc *p, const struct program *program, char *const *argv, int fd_in, int fd_out)
{
    TRY(program_error(program));
    struct proc *child = proc_make(p);
    if (!child)
        return -EAGAIN;
    int e = give_streams(p, child, fd_in, fd_out);
    if (!e)
        e = program_run(child, program, argv);
    if (!e)
        return (int)child->pid;
    proc_free(child);
    return e;
}

int proc_spawn(struct proc *p, char *const *argv, int fd_in, int fd_out)
{
    struct program program;
    program_find(p, argv[0], NULL, &program);
    int e = spawn(p, &program, argv, fd_in, fd_out);
    program_release(p, &program);
    return e;
}

int proc_spawn_shell(struct proc *p, const char *command, int fd_in, int fd_out)
{
    char sh[] = "sh", dash_c[] = "-c";
    char *argv[] = { sh, dash_c, memory_text(&p->memory, command), NULL };
    int pid = proc_spawn(p, argv, fd_in, fd_out);
    memory_give(&p->memory, argv[2]); /* the child has a copy */
    return pid;
}

int proc_wait(struct proc *p, uint32_t pid, uint32_t *ret_pid, int *ret_signal)
{
    bool any = false;
    for (struct proc *child = p->shell->procs; child; child = child->next) {
        if (child->ppid != p->pid || child == p || (pid && child->pid != pid))
            continue;
        any = true;
        if (!child->ended)
            continue;
        int status = child->status;
        if (ret_pid)
            *ret_pid = child->pid;
        if (ret_signal)
            *ret_signal = child->signal;
        proc_free(child);
        return status;
    }
    return any ? -EAGAIN : -ECHILD;
}
