#include "shell/shell.h"
#include "shell/turn.h"
#include "shell/tty.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    MEMORY = 4 << 20,
    STEPS = 200 * 1000 * 1000,
    OUTPUT = 64 << 20,
};

/* ---- The device ---- */

static void __attribute__((noreturn)) device_exhausted(struct memory *m)
{
    (void)m;
    abort(); /* our own data, at start: nothing of a stranger's is in it */
}

static void find_busybox(struct shell_device *d, struct vfs *v)
{
    vfs_ino ino;
    struct vfs_who root = { 0, 0 };
    if (!vfs_find(v, VFS_ROOT, "/bin/busybox", true, root, &ino))
        d->busybox = vfs_bytes(v, ino, &d->n_busybox);
}

static void find_home(struct shell_device *d, struct vfs *v)
{
    const struct machine *m = d->machine;
    struct vfs_who root = { 0, 0 };
    bool there = *m->home && !vfs_find(v, VFS_ROOT, m->home, true, root, &d->home);
    if (!there)
        d->home = VFS_ROOT;
    struct variables_from from = { m->environment, m->nodename, there ? m->home : "/", proc_daemon(m) };
    d->vars = variables_begin(&d->memory, m, &from);
    vars_freeze(d->vars);
}

int shell_device_make(struct shell_device **ret, const struct machine *machine)
{
    struct shell_device *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->machine = machine;
    d->account.most = SIZE_MAX / 2;
    d->memory = (struct memory){ &d->account, NULL, device_exhausted };
    struct vfs *v;
    int e = vfs_make(&v, machine->tree, &d->account, NULL, NULL);
    if (e) {
        free(d);
        return e;
    }
    find_busybox(d, v);
    find_home(d, v);
    vfs_free(v);
    *ret = d;
    return 0;
}

void shell_device_free(struct shell_device *d)
{
    if (!d)
        return;
    memory_clear(&d->memory);
    free(d);
}

/* ---- The session ---- */

static void open_console(struct shell *sh)
{
    for (int i = 0; i < 3; i++) {
        sh->console[i] = (struct file){ .refs = 1, .type = FILE_CONSOLE, .stream = (uint8_t)i };
        sh->console[i].flags = sh->terminal ? O_RDWR : i ? O_WRONLY : O_RDONLY;
    }
}

static void set_limits(struct shell *sh, const struct shell_limits *limits)
{
    sh->account.most = limits->memory ? limits->memory : MEMORY;
    sh->steps_left = limits->steps ? limits->steps : STEPS;
    sh->output_left = limits->output ? limits->output : OUTPUT;
    sh->procs_most = limits->processes ? limits->processes : PROCESSES_MOST;
}

/* "sh -c COMMAND NAME ARGUMENT..." */
static char **words_of(struct proc *p, const struct shell_options *o)
{
    size_t n = 0, at = 0;
    while (o->arguments && o->arguments[n])
        n++;
    char **words = memory_array(&p->memory, NULL, n + 5, sizeof *words);
    words[at++] = memory_text(&p->memory, p->name);
    words[at++] = memory_text(&p->memory, "-c");
    words[at++] = memory_text(&p->memory, o->command);
    if (o->name_argument)
        words[at++] = memory_text(&p->memory, o->name_argument);
    for (size_t i = 0; i < n; i++)
        words[at++] = memory_text(&p->memory, o->arguments[i]);
    words[at] = NULL;
    return words;
}

static void start_first(struct shell *sh, const struct shell_options *o)
{
    struct shell_start start = { .name = o->name ? o->name : "sh", .arguments = o->arguments, .command = o->command,
                                 .interactive = o->terminal && !o->command };
    start.login = start.name[0] == '-';
    if (o->command && o->name_argument)
        start.name = o->name_argument;
    struct proc *p = proc_first(sh, o->name ? o->name : "sh");
    sh->first_pid = p->pid;
    sh->running = p;
    if (o->terminal && o->tty) {
        tty_make(sh);
        sh->tty->line.spaces = o->spaces;
        shell_resize(sh, o->columns, o->rows);
    }
    if (o->command)
        p->argv = words_of(p, o);
    interp_start(p, &start);
}

int shell_make(struct shell **ret, const struct shell_options *o)
{
    struct shell *sh = calloc(1, sizeof *sh);
    if (!sh)
        return -ENOMEM;
    sh->device = o->device;
    sh->identity = o->identity;
    sh->hook = o->hook;
    sh->context = o->context;
    sh->terminal = o->terminal;
    sh->now = sh->began = o->now;
    sh->random = o->seed;
    sh->next_pid = o->identity && o->identity->pid_first ? o->identity->pid_first : shell_machine(sh)->pid_first;
    sh->memory = (struct memory){ &sh->account, NULL, shell_exhausted };
    sh->input.memory = &sh->memory;
    set_limits(sh, &o->limits);
    open_console(sh);
    int e = vfs_make(&sh->vfs, shell_machine(sh)->tree, &sh->account, &shell_live, sh);
    jmp_buf unwind;
    sh->unwind = &unwind;
    if (!e && setjmp(unwind))
        e = -ENOMEM;
    else if (!e)
        start_first(sh, o);
    sh->unwind = NULL;
    sh->running = NULL;
    if (e) {
        shell_free(sh);
        return e;
    }
    *ret = sh;
    return 0;
}

void shell_clear(struct shell *sh)
{
    while (sh->procs)
        proc_free(sh->procs);
    vfs_free(sh->vfs);
    sh->vfs = NULL;
    memory_clear(&sh->memory);
}

void shell_free(struct shell *sh)
{
    if (!sh)
        return;
    shell_clear(sh);
    free(sh);
}

/* ---- Input ---- */

enum { INTERRUPT = 3 }; /* ^C */

static void interrupt(struct shell *sh)
{
    text_release(&sh->input);
    sh->input_read = 0;
    for (struct proc *p = sh->procs; p; p = p->next)
        if (!p->background)
            proc_signal(p, SIGINT);
}

static void take_input(struct shell *sh, const char *data, size_t n)
{
    if (sh->tty) {
        tty_arrive(sh, data, n);
        return;
    }
    const char *at = sh->terminal ? memrchr(data, INTERRUPT, n) : NULL;
    if (at) {
        interrupt(sh);
        n -= (size_t)(at + 1 - data);
        data = at + 1;
    }
    if (sh->input_read) { /* what was read makes room */
        sh->input.len -= sh->input_read;
        memmove(sh->input.data, sh->input.data + sh->input_read, sh->input.len);
        sh->input_read = 0;
    }
    if (n)
        text_add(&sh->input, data, n);
}

int shell_input(struct shell *sh, const void *data, size_t n)
{
    if (sh->input.len - sh->input_read + n > INPUT_MOST)
        return -ENOBUFS;
    jmp_buf unwind;
    sh->unwind = &unwind;
    int e = 0;
    if (setjmp(unwind))
        e = -ENOBUFS;
    else
        take_input(sh, data, n);
    sh->unwind = NULL;
    return e;
}

void shell_input_end(struct shell *sh)
{
    sh->input_ended = true;
}

void shell_resize(struct shell *sh, uint16_t columns, uint16_t rows)
{
    enum { COLUMNS = 80, ROWS = 24, MOST = 1000, LEAST = 10 };
    if (!sh->tty)
        return;
    sh->tty->sized = columns && rows;
    sh->tty->columns = columns >= LEAST && columns <= MOST ? columns : COLUMNS;
    sh->tty->rows = rows && rows <= MOST ? rows : ROWS;
}

/* ---- Running ---- */

enum shell_state shell_run(struct shell *sh, int64_t steps, int64_t now)
{
    sh->now = now > sh->now ? now : sh->now;
    sh->steps = steps;
    while (!sh->over && sh->steps > 0) {
        if (!sh->steps_left) {
            sh->over = true;
            break;
        }
        if (!turn_take(sh))
            return sh->over ? SHELL_ENDED : turn_state(sh);
    }
    return sh->over ? SHELL_ENDED : SHELL_RUNNING;
}

int64_t shell_wakes(const struct shell *sh)
{
    return turn_wakes(sh);
}

void shell_wake(struct shell *sh)
{
    for (struct proc *p = sh->procs; p; p = p->next)
        p->woken = true;
}

int shell_status(const struct shell *sh)
{
    return sh->status;
}

size_t shell_memory(const struct shell *sh)
{
    return sh->account.used + memory_cost((struct shell *)sh);
}

void shell_left(const struct shell *sh, uint64_t *ret_steps, uint64_t *ret_output)
{
    *ret_steps = sh->steps_left;
    *ret_output = sh->output_left;
}

struct vfs *shell_vfs(struct shell *sh)
{
    return sh->vfs;
}
