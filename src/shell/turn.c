/*
 * Whose turn it is: processes run one after the other, each for a quantum that no budget changes, so that
 * the same input has the same outcome however often the owner interrupts.
 */
#include "shell/turn.h"
#include "shell/filter.h"

#include <stdio.h>
#include <string.h>

/* ---- What a process waits for ---- */

/* News of a child that it does not ask for do not keep it awake. */
static bool has_child_news(const struct proc *p)
{
    for (const struct proc *child = p->shell->procs; child && !p->child_news; child = child->next) {
        if (child->ppid == p->pid && child != p)
            return false;
    }
    return true;
}

static bool output_moves(const struct proc *p)
{
    const struct file *f = p->pending ? p->pending->file : NULL;
    return !f || f->type != FILE_PIPE || f->pipe->n < PIPE_ROOM || !f->pipe->readers;
}

static bool input_is_there(const struct proc *p)
{
    const struct file *f = descriptor_file(p, p->wait_fd);
    return !f || file_readable(p->shell, f);
}

static bool ready(const struct proc *p)
{
    if (p->ended || p->stopped)
        return false;
    if (p->pending) /* what it writes is written before it does anything else, whatever it waits for then */
        return output_moves(p);
    switch ((enum proc_waits)p->waits) {
    case WAITS_NOT:
        return true;
    case WAITS_INPUT:
        return p->signalled || input_is_there(p);
    case WAITS_PIPE:
        return file_readable(p->shell, p->wait_file);
    case WAITS_INPUT_OR_SLEEP:
        return p->signalled || input_is_there(p) || p->shell->now >= p->wake_at;
    case WAITS_SLEEP:
        return p->signalled || p->shell->now >= p->wake_at;
    case WAITS_CHILD:
        return p->signalled || has_child_news(p);
    case WAITS_CHILD_OR_SLEEP:
        return p->signalled || has_child_news(p) || p->shell->now >= p->wake_at;
    case WAITS_FETCH:
        return p->woken;
    case WAITS_OUTPUT:
        return output_moves(p);
    }
    return false;
}

/* ---- A turn ---- */

/* --help alone, of all but those that are true, false or what they print whatever is given them. */
static bool asks_for_help(const struct proc *p)
{
    static const char *const deaf[] = { "true", "false", "test", "echo", "busybox" };
    if (p->argc != 2 || !p->applet->name || strcmp(p->argv[1], "--help"))
        return false;
    for (size_t i = 0; i < sizeof deaf / sizeof *deaf; i++)
        if (!strcmp(p->applet->name, deaf[i]))
            return false;
    return true;
}

static void applet_begin(struct proc *p)
{
    const struct applet *a = p->applet;
    p->begun = true;
    p->state = a->state ? memory_take(&p->memory, a->state) : NULL;
    if (asks_for_help(p)) {
        proc_fails_with(p, 0);
        proc_usage(p);
    }
    if (a->filter)
        filter_start(p, a->filter, p->argc, p->argv);
    else if (a->start)
        a->start(p, p->argc, p->argv);
}

static void wait_for(struct proc *p, enum applet_next next)
{
    static const uint8_t waits[] = {
        [NEXT_DONE] = WAITS_NOT,    [NEXT_AGAIN] = WAITS_NOT,   [NEXT_INPUT] = WAITS_INPUT,
        [NEXT_SLEEP] = WAITS_SLEEP, [NEXT_CHILD] = WAITS_CHILD, [NEXT_FETCH] = WAITS_FETCH,
        [NEXT_CHILD_OR_SLEEP] = WAITS_CHILD_OR_SLEEP,
        [NEXT_INPUT_OR_SLEEP] = WAITS_INPUT_OR_SLEEP,
    };
    p->waits = waits[next];
}

static void applet_step(struct proc *p)
{
    const struct applet *a = p->applet;
    proc_charge(p, 1);
    if (!p->begun)
        applet_begin(p);
    if (a->once) {
        proc_done(p, a->once(p, p->argc, p->argv));
        return;
    }
    enum applet_next next = a->filter ? filter_step(p, a->filter) : a->step(p);
    if (next != NEXT_AGAIN || out_full(p))
        out_flush(p);
    wait_for(p, next);
}

/* One step of p's; false: it waits for something. */
static bool step(struct proc *p)
{
    p->interrupted = p->signalled && (p->waits == WAITS_INPUT || p->waits == WAITS_INPUT_OR_SLEEP);
    p->signalled = p->child_news = false;
    p->waits = WAITS_NOT;
    if (p->pending && !proc_drain(p)) {
        p->waits = WAITS_OUTPUT;
        return false;
    }
    if (p->ended)
        return false;
    if (p->done) {
        proc_end(p, p->status, 0);
        return false;
    }
    if (p->interp)
        return interp_step(p);
    applet_step(p);
    return p->waits == WAITS_NOT;
}

enum { WORK_A_STEP = 16 }; /* parts of paths that were looked up */

/* Unwinding (an end, an exec, exhaustion) comes back to here. */
static bool step_safely(struct proc *p)
{
    jmp_buf unwind;
    struct shell *sh = p->shell;
    jmp_buf *outer = sh->unwind;
    sh->running = p;
    sh->unwind = &unwind;
    bool goes_on = setjmp(unwind) ? !p->ended : step(p);
    sh->unwind = outer;
    sh->running = NULL;
    proc_charge(p, vfs_work(sh->vfs) / WORK_A_STEP);
    return goes_on;
}

/* true: it has more to do in this turn, but the budget is used up. */
static bool run(struct proc *p)
{
    if (p->quantum <= 0)
        p->quantum = QUANTUM;
    while (!p->ended && !p->stopped && !p->shell->over && step_safely(p)) {
        if (p->quantum <= 0)
            return false;
        if (p->shell->steps <= 0)
            return true;
    }
    p->quantum = 0;
    return false;
}

static struct proc *next_ready(struct shell *sh, struct proc *from)
{
    for (struct proc *p = from; p; p = p->next)
        if (ready(p))
            return p;
    for (struct proc *p = sh->procs; p && p != from; p = p->next)
        if (ready(p))
            return p;
    return NULL;
}

bool turn_take(struct shell *sh)
{
    procs_sweep(sh);
    struct proc *p = next_ready(sh, sh->turn ? sh->turn : sh->procs);
    if (!p)
        return false;
    sh->turn = p;
    if (run(p))
        return true;
    if (sh->turn == p)
        sh->turn = p->next;
    return true;
}

/* ---- Why nobody has a turn ---- */

static bool sleeps(const struct proc *p)
{
    return p->waits == WAITS_SLEEP || p->waits == WAITS_INPUT_OR_SLEEP || p->waits == WAITS_CHILD_OR_SLEEP;
}

enum shell_state turn_state(const struct shell *sh)
{
    bool asleep = false, fetches = false;
    for (const struct proc *p = sh->procs; p; p = p->next) {
        if (p->ended || p->stopped)
            continue;
        asleep |= sleeps(p);
        fetches |= p->waits == WAITS_FETCH;
    }
    return fetches ? SHELL_FETCHING : asleep ? SHELL_ASLEEP : SHELL_INPUT;
}

int64_t turn_wakes(const struct shell *sh)
{
    int64_t first = INT64_MAX;
    for (const struct proc *p = sh->procs; p; p = p->next)
        if (sleeps(p) && !p->ended && p->wake_at < first)
            first = p->wake_at;
    return first;
}

/* ---- Exhaustion ---- */

enum { DYING = 4096 };

/* With a little more room, so that the message can be said. */
static void say_exhausted(struct proc *p)
{
    struct shell *sh = p->shell;
    char line[64];
    struct file *f = descriptor_file(p, 2);
    int n = snprintf(line, sizeof line, "%.40s: out of memory\n", p->name);
    if (!f || n <= 0)
        return;
    sh->dying = true;
    sh->account.most += DYING;
    (void)!file_write(p, f, line, (size_t)n);
    sh->account.most -= DYING;
    sh->dying = false;
}

void shell_exhausted(struct memory *m)
{
    struct shell *sh = (struct shell *)((char *)m - offsetof(struct shell, memory));
    struct proc *p = sh->running;
    if (sh->dying) { /* not even for the message */
        sh->account.most -= DYING;
        sh->dying = false;
        proc_end(p, 1, 0);
    } else if (p && !p->ended) {
        say_exhausted(p);
        proc_end(p, 1, 0);
    } else {
        sh->over = true;
    }
    longjmp(*sh->unwind, 1);
}
