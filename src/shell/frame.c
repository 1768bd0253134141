#include "shell/interp.h"
#include "shell/since.h"

#include <string.h>

static const struct {
    bool (*step)(struct proc *p, struct frame *f);
    void (*free)(struct proc *p, struct frame *f);
} types[] = {
    [FRAME_SOURCE] = { source_step, source_leave },
    [FRAME_NODE] = { node_step, node_leave },
    [FRAME_COMMAND] = { command_step, command_leave },
    [FRAME_CALL] = { call_step, call_leave },
    [FRAME_REDIRECTED] = { redirected_step, redirected_leave },
    [FRAME_CAPTURE] = { capture_step, capture_leave },
};

struct frame *frame_top(struct interp *in)
{
    return &in->frames[in->n_frames - 1];
}

struct frame *frame_push(struct proc *p, enum frame_type type, const struct node *node)
{
    struct interp *in = p->interp;
    if (in->n_frames == FRAMES_MOST) {
        shell_fail(p, 2, "out of memory");
        return NULL;
    }
    if (in->n_frames == in->room) {
        uint16_t room = (uint16_t)(in->room ? in->room * 2 : 2);
        in->frames = memory_array(&p->memory, in->frames, room, sizeof *in->frames);
        in->room = room;
    }
    struct frame *f = &in->frames[in->n_frames++];
    *f = (struct frame){ .type = (uint8_t)type, .node = node };
    return f;
}

void frame_pop(struct proc *p)
{
    struct frame *f = frame_top(p->interp);
    types[f->type].free(p, f);
    p->interp->n_frames--;
}

void run_node(struct proc *p, const struct node *node, bool tested, bool last)
{
    if (!node) {
        p->interp->status = 0;
        return;
    }
    if ((p->interp->flags & (FLAG_NOEXEC | FLAG_INTERACTIVE)) == FLAG_NOEXEC)
        return;
    enum frame_type type = node->type == NODE_COMMAND                         ? FRAME_COMMAND
                           : node->redirects && node->type != NODE_SUBSHELL   ? FRAME_REDIRECTED
                                                                              : FRAME_NODE;
    struct frame *f = frame_push(p, type, node);
    if (!f)
        return;
    f->tested = tested;
    f->last = last;
}

/* ---- Leaving frames ---- */

static bool is_loop(const struct frame *f)
{
    return f->type == FRAME_NODE && f->node && (f->node->type == NODE_WHILE || f->node->type == NODE_UNTIL || f->node->type == NODE_FOR);
}

/* break and continue: the loop goes on, or is left. */
static bool loop_takes(struct proc *p, struct frame *f)
{
    struct interp *in = p->interp;
    if (in->skips > 1) {
        in->skips--;
        return false;
    }
    bool goes_on = in->skip == SKIP_CONTINUE;
    in->skip = SKIP_NOT;
    in->skips = 0;
    if (!goes_on)
        return false;
    f->state = 0;
    return true;
}

/* Takes one frame off; true: it stays, and knows what to do. */
static void skip_frame(struct proc *p)
{
    struct interp *in = p->interp;
    struct frame *f = frame_top(in);
    uint8_t skip = in->skip;
    if ((skip == SKIP_BREAK || skip == SKIP_CONTINUE) && is_loop(f) && loop_takes(p, f))
        return;
    if (skip == SKIP_ABORT && f->type == FRAME_SOURCE && source_is_base(f) && (in->flags & FLAG_INTERACTIVE) && !in->subshell) {
        in->skip = SKIP_NOT;
        source_forget_line(p, f);
        return;
    }
    if ((skip == SKIP_RETURN && (f->type == FRAME_CALL || (f->type == FRAME_SOURCE && source_returns(f)))))
        in->skip = SKIP_NOT;
    frame_pop(p);
}

/* ---- The end ---- */

static bool leave(struct proc *p)
{
    struct interp *in = p->interp;
    if (!in->exiting) {
        in->exiting = true;
        in->exit_status = in->status;
        in->skip = SKIP_NOT;
        const char *action = in->traps ? in->traps->actions[0] : NULL;
        if (action && *action) {
            char *copy = memory_text(&p->memory, action);
            in->traps->actions[0] = NULL;
            if (source_text(p, copy, strlen(copy), 0, NULL))
                return true;
        }
    } else if (in->skip) {
        in->exit_status = in->status; /* `exit N` in the trap, or an error */
    }
    proc_done(p, in->exit_status);
    return true;
}

bool interp_step(struct proc *p)
{
    struct interp *in = p->interp;
    proc_charge(p, 1);
    if (!in->n_frames)
        return leave(p);
    if (in->skip) {
        skip_frame(p);
        return true;
    }
    struct frame *f = frame_top(in);
    if (p->caught && (f->state == 0 || p->interrupted) && trap_run(p))
        return true;
    return types[f->type].step(p, f);
}

/* ---- Beginning ---- */

static struct interp *make(struct proc *p)
{
    struct interp *in = memory_take(&p->memory, sizeof *in);
    p->interp = in;
    in->shell_pid = p->pid;
    return in;
}

static void greet(struct proc *p)
{
    if (!p->shell->terminal) {
        p->interp->flags &= ~(uint32_t)FLAG_MONITOR;
        shell_error(p, "can't access tty; job control turned off");
    }
    trap_defaults(p, UINT32_MAX);
    const struct machine *m = proc_machine(p);
    out_print(p, "\n\nBusyBox %s %cuilt-in shell (ash)\nEnter 'help' for a list of built-in commands.\n\n",
              m->version, machine_since(m, SINCE_SMALL_GREETING) ? 'b' : 'B');
    if (p->shell->terminal)
        out_flush(p);
}

/* A file of commands that runs before what was pushed until now; none is no matter. */
static void run_first(struct proc *p, const char *path)
{
    char *text;
    size_t n;
    if (!path || !*path || proc_read_file(p, path, p->shell->account.most, &text, &n) != 0)
        return;
    (void)source_text(p, text, n, 1, path);
    memory_give(&p->memory, text);
}

/* What runs last is pushed first. */
static void run_profiles(struct proc *p, const struct shell_start *start)
{
    const char *home = vars_get(p->vars, "HOME");
    if (start->interactive)
        run_first(p, vars_get(p->vars, "ENV"));
    if (!start->login)
        return;
    if (home) {
        char *path = memory_print(&p->memory, "%s/.profile", home);
        run_first(p, path);
        memory_give(&p->memory, path);
    }
    run_first(p, "/etc/profile");
}

void interp_start(struct proc *p, const struct shell_start *start)
{
    static char *const none[] = { NULL };
    char *const *words = start->arguments ? start->arguments : none;
    size_t n = 0;
    while (words[n])
        n++;
    struct interp *in = make(p);
    in->name = memory_text(&p->memory, start->name);
    p->name = in->name;
    in->arguments = arguments_make(p->shell, words, n);
    in->flags = (start->command ? FLAG_COMMAND : 0) | (start->interactive ? FLAG_INTERACTIVE | FLAG_MONITOR : 0) |
                (!start->command && !start->script ? FLAG_STDIN : 0);
    variables_of_shell(p);
    if (start->interactive)
        greet(p);
    if (start->command)
        (void)source_text(p, start->command, strlen(start->command),
                          machine_since(proc_machine(p), SINCE_LINE_NONE) ? 0 : 1, NULL);
    else if (start->script)
        (void)source_text(p, start->text, start->n_text, 1, start->script);
    else
        (void)source_input(p, 0);
    run_profiles(p, start);
}

void interp_run_script(struct proc *p, const char *path, char *const *argv)
{
    char *text;
    size_t n, most = p->shell->account.most;
    char *name = memory_text(&p->memory, path);
    int e = proc_read_file(p, path, most, &text, &n);
    if (e) {
        text = memory_text(&p->memory, "");
        n = 0;
    }
    struct shell_start start = { .name = name, .arguments = argv[0] ? argv + 1 : argv, .script = name, .text = text,
                                 .n_text = n };
    struct interp *old = p->interp;
    size_t argc = 0;
    while (argv[argc])
        argc++;
    struct arguments *words = arguments_make(p->shell, argv, argc);
    start.arguments = words->n ? words->words + 1 : words->words;
    if (old)
        interp_free(p);
    p->applet = NULL;
    p->trapped = p->caught = 0;
    descriptors_clear(p, true);
    p->argv = memory_array(&p->memory, NULL, argc + 1, sizeof *p->argv);
    for (size_t i = 0; i <= argc; i++)
        p->argv[i] = i < argc ? memory_text(&p->memory, words->words[i]) : NULL;
    interp_start(p, &start);
    arguments_drop(p->shell, words);
    memory_give(&p->memory, text);
}

/* A subshell has its parent's everything, and nothing to do yet. */
struct proc *interp_fork(struct proc *p)
{
    if (p->interp->jobs)
        jobs_forget(p);
    return interp_fork_more(p);
}

struct proc *interp_fork_more(struct proc *p)
{
    if (p->shell->n_procs > p->shell->procs_most / 2) { /* who has ended makes room, the others get their turn */
        jobs_update(p);
        p->quantum = 0;
    }
    struct proc *child = proc_make(p);
    if (!child) {
        shell_fail(p, 2, "can't fork: Resource temporarily unavailable");
        return NULL;
    }
    const struct interp *from = p->interp;
    struct interp *in = make(child);
    descriptors_clear(child, true);
    struct memory *m = &child->memory;
    in->status = from->status;
    in->flags = from->flags & ~(uint32_t)FLAG_MONITOR;
    in->subshell = true;
    in->loops = from->loops;
    in->calls = from->calls;
    in->line = from->line;
    in->option_at = from->option_at;
    in->background = from->background;
    in->shell_pid = from->shell_pid;
    in->name = memory_text(m, from->name);
    child->name = in->name;
    if (from->limits) {
        in->limits = memory_array(m, NULL, LIMITS, sizeof *in->limits);
        memcpy(in->limits, from->limits, LIMITS * sizeof *in->limits);
    }
    in->place = from->place ? memory_text(m, from->place) : NULL;
    in->command = from->command ? memory_text(m, from->command) : NULL;
    in->arguments = from->arguments;
    in->arguments->refs++;
    in->shifted = from->shifted;
    if ((in->functions = from->functions))
        in->functions->refs++;
    if ((in->aliases = from->aliases))
        in->aliases->refs++;
    child->argv = NULL;
    child->trapped = 0;
    if (from->traps) {
        in->traps = memory_take(m, sizeof *in->traps);
        for (int i = 1; i < 32; i++)
            if (from->traps->actions[i] && !*from->traps->actions[i])
                in->traps->actions[i] = memory_text(m, "");
    }
    if (from->flags & FLAG_INTERACTIVE && !from->subshell)
        trap_forget_defaults(child);
    return child;
}

void interp_free(struct proc *p)
{
    struct interp *in = p->interp;
    while (in->n_frames)
        frame_pop(p);
    definitions_drop(p->shell, in->functions);
    definitions_drop(p->shell, in->aliases);
    arguments_drop(p->shell, in->arguments);
    memory_give(&p->memory, in->frames);
    in->functions = in->aliases = NULL;
    in->arguments = NULL;
    p->interp = NULL;
    memory_give(&p->memory, in);
}

/* ---- Messages ---- */

static struct text message(struct proc *p, const char *format, va_list args)
{
    struct interp *in = p->interp;
    struct text line = text_of(&p->memory);
    text_print(&line, "%s: ", in->name);
    if (in->command) {
        if (strcmp(in->command, in->name))
            text_print(&line, "%s: ", in->command);
        if (!(in->flags & FLAG_INTERACTIVE) || !source_is_typed(p))
            text_print(&line, "line %u: ", in->line);
    }
    char *what = memory_vprint(&p->memory, format, args);
    text_say(&line, what);
    memory_give(&p->memory, what);
    return line;
}

static void say_message(struct proc *p, struct text *line)
{
    out_flush(p);
    text_say(line, "\n");
    err_put(p, line->data, line->len);
    text_release(line);
}

static void vsay(struct proc *p, const char *format, va_list args)
{
    struct text line = message(p, format, args);
    say_message(p, &line);
}

void shell_not_found(struct proc *p, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct text line = message(p, format, args);
    va_end(args);
    proc_tell_unknown(p, name, line.data);
    say_message(p, &line);
}

void shell_error(struct proc *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsay(p, format, args);
    va_end(args);
}

void shell_fail(struct proc *p, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsay(p, format, args);
    va_end(args);
    p->interp->status = status;
    p->interp->skip = SKIP_ABORT;
}
