#include "shell/interp.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void job_remove(struct proc *p, struct job *job)
{
    struct job **at = &p->interp->jobs;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    memory_give(&p->memory, job->text);
    memory_give(&p->memory, job);
}

/* "[1]+  ", and what stands before the words. */
enum { NUMBER_WIDTH = 6, STATE_WIDTH = 27 };

static const char BAR[] = " | "; /* between stages */

enum { JOBS_MOST = 256 }; /* whose ends are remembered; POSIX 2.9.3 asks for CHILD_MAX, which is no more */

/* The oldest that has ended, where there are too many. */
static void forget_one(struct proc *p)
{
    struct job *ended = NULL;
    size_t n = 0;
    for (struct job *j = p->interp->jobs; j; j = j->next, n++)
        if (j->ended)
            ended = j;
    if (ended && n >= JOBS_MOST)
        job_remove(p, ended);
}

/* The least that no job has; there are JOBS_MOST ones at most that have ended, and as many that run as processes. */
static uint32_t free_number(const struct interp *in)
{
    uint32_t number = 1;
    for (const struct job *j = in->jobs; j;) {
        bool taken = j->number == number;
        number += taken;
        j = taken ? in->jobs : j->next;
    }
    return number;
}

struct job *job_add(struct proc *p, const uint32_t *pids, uint32_t n, const struct node *node)
{
    struct interp *in = p->interp;
    forget_one(p);
    struct job *j = memory_take(&p->memory, sizeof *j + n * sizeof *j->members);
    j->n = n;
    for (uint32_t i = 0; i < n; i++)
        j->members[i].pid = pids[i];
    struct text text = text_of(&p->memory);
    text_add(&text, "", 0);
    const struct node *stage = node->type == NODE_PIPE ? node->first : node;
    for (uint32_t i = 0; i < n; i++, stage = stage->next) {
        text_say(&text, i ? BAR : "");
        j->members[i].text = (uint32_t)text.len;
        if (in->flags & FLAG_MONITOR) /* else the words are not kept */
            node_text(stage, &text);
    }
    j->text = text.data;
    j->number = free_number(in);
    j->next = in->jobs;
    in->jobs = j;
    return j;
}

static struct job *newest(const struct interp *in, size_t back)
{
    struct job *j = in->jobs;
    while (j && back--)
        j = j->next;
    return j;
}

/* Of those that were waited for the least makes room for the next process; where a person reads of them, all do. */
void jobs_forget(struct proc *p)
{
    bool all = p->interp->flags & FLAG_MONITOR;
    struct job *least = NULL;
    for (struct job *j = p->interp->jobs, *next; j; j = next) {
        next = j->next;
        if (!j->ended || !j->told)
            continue;
        if (all)
            job_remove(p, j);
        else if (!least || j->number < least->number)
            least = j;
    }
    if (least)
        job_remove(p, least);
}

struct job *job_named(struct proc *p, const char *name)
{
    struct interp *in = p->interp;
    if (*name != '%') {
        for (struct job *j = in->jobs; j; j = j->next)
            if (j->members[j->n - 1].pid == strtoul(name, NULL, 10))
                return j;
        return NULL;
    }
    name++;
    if (!*name || !strcmp(name, "%") || !strcmp(name, "+"))
        return newest(in, 0);
    if (!strcmp(name, "-"))
        return newest(in, 1);
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    for (struct job *j = in->jobs; j; j = j->next)
        if (*end ? !strncmp(j->text, name, strlen(name)) : j->number == number)
            return j;
    return NULL;
}

struct proc *job_process(struct proc *p, const struct job *job, uint32_t i)
{
    return job->members[i].ended ? NULL : proc_by_pid(p->shell, job->members[i].pid);
}

bool job_is_stopped(struct proc *p, const struct job *job)
{
    bool any = false;
    for (uint32_t i = 0; i < job->n; i++) {
        const struct proc *process = job_process(p, job, i);
        if (process && !process->stopped)
            return false;
        any |= process != NULL;
    }
    return any;
}

static void update(struct proc *p, struct job *j)
{
    uint32_t ended = 0;
    for (struct member *m = j->members; m < j->members + j->n; m++) {
        int signal = 0, status = m->ended ? -EAGAIN : proc_wait(p, m->pid, NULL, &signal);
        if (status != -EAGAIN) {
            m->ended = true;
            m->status = status < 0 ? 127 : status;
            m->signal = (uint8_t)signal;
        }
        ended += m->ended;
    }
    if (ended < j->n)
        return;
    j->ended = true;
    j->status = j->members[j->n - 1].status;
    j->signal = j->members[j->n - 1].signal;
    for (uint32_t i = j->n; p->interp->flags & FLAG_PIPEFAIL && !j->status && i-- > 0;)
        j->status = j->members[i].status;
}

void jobs_update(struct proc *p)
{
    for (struct job *j = p->interp->jobs; j; j = j->next)
        if (!j->ended)
            update(p, j);
}

bool jobs_keep(struct proc *p)
{
    struct interp *in = p->interp;
    if (in->job_warning || !(in->flags & FLAG_INTERACTIVE) || in->subshell)
        return false;
    for (struct job *j = in->jobs; j; j = j->next) {
        if (!job_is_stopped(p, j))
            continue;
        out_flush(p);
        err_print(p, "You have stopped jobs.\n");
        in->job_warning = 2;
        return true;
    }
    return false;
}

/* ---- Telling ---- */

static const struct {
    int signal;
    const char *text;
} deaths[] = {
    { SIGHUP, "Hangup" },
    { SIGINT, "Interrupt" },
    { SIGQUIT, "Quit" },
    { SIGILL, "Illegal instruction" },
    { SIGTRAP, "Trace/breakpoint trap" },
    { SIGABRT, "Aborted" },
    { SIGBUS, "Bus error" },
    { SIGFPE, "Floating point exception" },
    { SIGKILL, "Killed" },
    { SIGUSR1, "User defined signal 1" },
    { SIGSEGV, "Segmentation fault" },
    { SIGUSR2, "User defined signal 2" },
    { SIGPIPE, "Broken pipe" },
    { SIGALRM, "Alarm clock" },
    { SIGTERM, "Terminated" },
};

static const char *death(int signal)
{
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++)
        if (deaths[i].signal == signal)
            return deaths[i].text;
    return "Unknown signal";
}

void tell_signal(struct proc *p, int signal)
{
    if (signal != SIGINT && signal != SIGPIPE)
        err_print(p, "%s\n", death(signal));
}

static const char *state_text(struct proc *p, const struct job *j)
{
    if (!j->ended)
        return memory_text(&p->memory, job_is_stopped(p, j) ? "Stopped" : "Running");
    if (j->signal)
        return memory_text(&p->memory, death(j->signal));
    return j->status ? memory_print(&p->memory, "Done(%d)", j->status) : memory_text(&p->memory, "Done");
}

/* Behind the job's number: a line for each of its processes. */
static void tell_each(struct text *line, const struct job *j, const char *state)
{
    for (uint32_t i = 0; i < j->n; i++) {
        const struct member *m = &j->members[i];
        size_t end = i + 1 < j->n ? m[1].text - strlen(BAR) : strlen(j->text);
        char head[80];
        int n = snprintf(head, sizeof head, "%s%u %s", i ? "      " : "", m->pid, i ? "" : state);
        int width = i ? NUMBER_WIDTH + STATE_WIDTH : STATE_WIDTH;
        text_print(line, "%s%*s%s%.*s\n", head, n < width ? width - n : 0, "", i ? BAR + 1 : "", (int)(end - m->text), j->text + m->text);
    }
}

static void tell(struct proc *p, const struct job *j, bool with_pid, int fd)
{
    const char *state = state_text(p, j);
    char mark = j == newest(p->interp, 0) ? '+' : j == newest(p->interp, 1) ? '-' : ' ';
    struct text line = text_of(&p->memory);
    text_print(&line, "[%u]%c  ", j->number, mark);
    if (with_pid)
        tell_each(&line, j, state);
    else
        text_print(&line, "%-*s%s\n", STATE_WIDTH, state, j->text);
    out_flush(p);
    (void)proc_write(p, fd, line.data, line.len);
    text_release(&line);
    memory_give(&p->memory, (char *)state);
}

void job_tell(struct proc *p, struct job *job, bool with_pid)
{
    tell(p, job, with_pid, 1);
    if (job->ended)
        job_remove(p, job);
}

void jobs_tell(struct proc *p, enum jobs_how how)
{
    jobs_update(p);
    for (struct job *j = p->interp->jobs, *next; j; j = next) {
        next = j->next;
        if (how == JOBS_CHANGED && !j->ended && !j->has_stopped)
            continue;
        j->has_stopped = false;
        tell(p, j, how == JOBS_PIDS, how == JOBS_CHANGED ? 2 : 1);
        if (j->ended)
            job_remove(p, j);
    }
}
