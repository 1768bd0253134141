/*
 * A simple command: its words are expanded, its redirections made, its assignments taken, and then it is a
 * function, a builtin or a program. The order is ash's.
 */
#include "shell/interp.h"
#include "shell/program.h"

#include <string.h>

enum { WORDS, REDIRECT, ASSIGN, RUN, BUILTIN, CHILD, CALLED };

static void words_free(struct proc *p, struct command *c)
{
    for (size_t i = 0; c->argv && i < c->argc; i++)
        memory_give(&p->memory, c->argv[i]);
    memory_give(&p->memory, c->argv);
    c->argv = NULL;
    c->argc = 0;
}

void command_leave(struct proc *p, struct frame *f)
{
    struct command *c = f->data;
    if (!c)
        return;
    if (c->named)
        p->interp->command = c->outer;
    while (p->interp->n_ends > c->n_ends)
        (void)proc_close(p, p->interp->ends[--p->interp->n_ends]);
    expand_free(c->x);
    redirect_restore(p, &c->redirecting);
    locals_restore(p, c->locals);
    words_free(p, c);
    for (size_t i = 0; i < c->n_values; i++)
        memory_give(&p->memory, c->values[i]);
    memory_give(&p->memory, c->values);
    memory_give(&p->memory, c->state);
    memory_give(&p->memory, c);
}

static bool end(struct proc *p, struct frame *f, int status)
{
    struct interp *in = p->interp;
    bool exits = status && !f->tested && (in->flags & FLAG_ERREXIT);
    frame_pop(p);
    in->status = status;
    if (exits && !in->skip)
        in->skip = SKIP_EXIT;
    return true;
}

/* ---- Words ---- */

int command_declares(struct proc *p, char *const *words, size_t n)
{
    size_t i = 0;
    while (i < n && (!strcmp(words[i], "command") || (i && (!strcmp(words[i], "-p") || !strcmp(words[i], "--")))))
        i++;
    if (i == n)
        return -1;
    const struct builtin *b = builtin_find(words[i]);
    if (!b || !b->assigns)
        return 0;
    return b->special || i || !definition_find(p, p->interp->functions, words[i], strlen(words[i]));
}

static bool expand_words(struct proc *p, struct frame *f, struct command *c)
{
    if (!c->x)
        c->x = expansion_of(p, c->node->words, EXPAND_COMMAND);
    if (expansion_run(p, c->x) != EXPANSION_DONE)
        return p->waits == WAITS_NOT;
    c->argv = expand_take(c->x, &c->argc);
    expand_free(c->x);
    c->x = NULL;
    f->state = REDIRECT;
    return true;
}

/* ---- Redirections ---- */

static bool special(const struct command *c)
{
    const struct builtin *b = c->argc ? builtin_find(c->argv[0]) : NULL;
    return b && b->special && !c->no_function;
}

static bool redirect(struct proc *p, struct frame *f, struct command *c)
{
    c->redirecting.keeps = c->argc && !strcmp(c->argv[0], "exec");
    enum redirect_state state = redirect_run(p, &c->redirecting);
    if (state == REDIRECT_BUSY)
        return p->waits == WAITS_NOT;
    if (state == REDIRECT_DONE) {
        c->assignment = c->node->assignments;
        f->state = ASSIGN;
        return true;
    }
    if (p->interp->skip)
        return true;
    if (special(c)) {
        p->interp->status = 1;
        p->interp->skip = SKIP_ABORT;
        return true;
    }
    return end(p, f, 1);
}

/* ---- Assignments ---- */

static void trace(struct proc *p, const struct command *c);

static void keep_value(struct proc *p, struct command *c, const struct assignment *a, const char *value)
{
    c->values = memory_array(&p->memory, c->values, c->n_values + 1, sizeof *c->values);
    c->values[c->n_values++] = memory_print(&p->memory, "%.*s=%s", (int)a->n_name, a->name, value);
}

static bool assign_one(struct proc *p, struct command *c, const struct assignment *a, const char *value)
{
    bool alone = c->argc && !special(c);
    unsigned flags = c->redirecting.keeps ? VAR_EXPORT : 0; /* of exec they are the new program's */
    if (!alone && !variable_set(p, a->name, a->n_name, value, flags))
        return false;
    if (alone) {
        /* in force at once, so that the next may use it; put back with the command's end */
        if (!variable_keep(p, &c->locals, a->name, a->n_name) ||
            !variable_set(p, a->name, a->n_name, value, VAR_EXPORT))
            return false;
    }
    if (alone || (p->interp->flags & FLAG_XTRACE))
        keep_value(p, c, a, value);
    return true;
}

static bool assign(struct proc *p, struct frame *f, struct command *c)
{
    const struct assignment *a = c->assignment;
    if (!a) {
        f->state = RUN;
        if (p->interp->flags & FLAG_XTRACE)
            trace(p, c);
        return true;
    }
    if (!c->x)
        c->x = expansion_of(p, a->value, EXPAND_SINGLE);
    if (expansion_run(p, c->x) != EXPANSION_DONE)
        return p->waits == WAITS_NOT;
    size_t n;
    char **value = expand_take(c->x, &n);
    expand_free(c->x);
    c->x = NULL;
    bool good = assign_one(p, c, a, value[0]);
    memory_give(&p->memory, value[0]);
    memory_give(&p->memory, value);
    c->assignment = a->next;
    (void)good; /* a failure has set what is skipped */
    return true;
}

/* ---- set -x ---- */

static bool bare_enough(const char *s)
{
    if (is_keyword(s))
        return false;
    for (; *s; s++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./,:@%^]", *s))
            return false;
    return true;
}

/* In single quotes, single quotes in double ones. */
void trace_quoted(struct text *to, const char *s)
{
    if (bare_enough(s)) {
        text_say(to, s);
        return;
    }
    do {
        size_t n = strcspn(s, "'"), quotes;
        text_char_add(to, '\'');
        text_add(to, s, n);
        text_char_add(to, '\'');
        s += n;
        quotes = strspn(s, "'");
        if (quotes) {
            text_char_add(to, '"');
            text_add(to, s, quotes);
            text_char_add(to, '"');
        }
        s += quotes;
    } while (*s);
}

static void trace(struct proc *p, const struct command *c)
{
    struct text line = text_of(&p->memory);
    if (!c->n_values && !c->argc)
        return;
    char *ps4 = prompt_text(p, "PS4");
    text_say(&line, ps4 ? ps4 : "");
    memory_give(&p->memory, ps4);
    const char *gap = "";
    for (size_t i = 0; i < c->n_values; i++, gap = " ") {
        const char *is = strchr(c->values[i], '=');
        text_say(&line, gap);
        text_add(&line, c->values[i], (size_t)(is + 1 - c->values[i]));
        if (is_keyword(is + 1))
            text_say(&line, is + 1);
        else
            trace_quoted(&line, is + 1);
    }
    for (size_t i = 0; i < c->argc; i++, gap = " ") {
        text_say(&line, gap);
        trace_quoted(&line, c->argv[i]);
    }
    text_say(&line, "\n");
    err_put(p, line.data, line.len);
    text_release(&line);
}

/* ---- Running ---- */

static void not_run(struct proc *p, const char *name, int e)
{
    struct interp *in = p->interp;
    if (e == -ENOENT || e == -ENOTDIR)
        shell_not_found(p, name, "%s: not found", name);
    else
        shell_error(p, "%s: %s", name, errno_text(e));
    in->status = e == -ENOENT || e == -ENOTDIR ? 127 : 126;
}

static void not_run_foreign(struct proc *p, const char *name)
{
    const char *foreign = proc_machine(p)->foreign, *at = strstr(foreign, "%s");
    shell_error(p, "%.*s%s%s", at ? (int)(at - foreign) : 0, foreign, at ? name : "", at ? at + 2 : foreign);
    p->interp->status = 126;
}

void command_exec(struct proc *p, const struct program *program, char **argv)
{
    const char *name = memory_text(&p->memory, argv[0]);
    int e = program_run(p, program, argv);
    if (!e)
        return;
    if (e == -ENOEXEC)
        not_run_foreign(p, name);
    else
        not_run(p, name, e);
    p->interp->skip = SKIP_EXIT;
}

/* A child is forked for the program, which sees the assignments; when nothing comes after it, none is. */
static bool run_program(struct proc *p, struct frame *f, struct command *c)
{
    struct program program;
    program_find(p, c->argv[0], c->default_path ? "/sbin:/usr/sbin:/bin:/usr/bin" : NULL, &program);
    int e = program_error(&program);
    if (e)
        program_release(p, &program);
    if (e && !*c->argv[0]) {
        shell_error(p, ": Permission denied");
        return end(p, f, 127);
    }
    if (e) {
        not_run(p, c->argv[0], e);
        return end(p, f, p->interp->status);
    }
    if (f->last && !p->interp->traps) {
        redirect_forget(p, &c->redirecting); /* closed by exec */
        p->interp->n_ends = 0;               /* the program's from now on */
        c->locals = NULL;
        command_exec(p, &program, c->argv);
        return true;
    }
    struct proc *child = interp_fork(p);
    if (!child)
        return true;
    c->child = child->pid;
    command_exec(child, &program, c->argv);
    program_release(p, &program);
    f->state = CHILD;
    return true;
}

static bool wait_child(struct proc *p, struct frame *f, struct command *c)
{
    int signal = 0, status = proc_wait(p, c->child, NULL, &signal);
    struct proc *child = status == -EAGAIN ? proc_by_pid(p->shell, c->child) : NULL;
    if (child && child->stopped && (p->interp->flags & FLAG_MONITOR)) {
        struct job *job = job_add(p, &c->child, 1, c->node);
        job->has_stopped = true;
        return end(p, f, 128 + 20);
    }
    if (status == -EAGAIN) {
        p->waits = WAITS_CHILD;
        return false;
    }
    if (signal)
        tell_signal(p, signal);
    return end(p, f, status < 0 ? 127 : status);
}

struct call {
    struct arguments *arguments;
    uint32_t shifted;
    uint32_t option_at;
    struct local *locals;
    struct arena *arena;
};

static bool call(struct proc *p, struct frame *f, struct command *c, const struct definition *function)
{
    struct interp *in = p->interp;
    if (in->calls >= FUNCTIONS_DEEP) {
        shell_fail(p, 2, "out of memory");
        return true;
    }
    f->state = CALLED;
    const struct node *body = function->body;
    struct arena *arena = function->arena;
    bool tested = f->tested;
    struct frame *called = frame_push(p, FRAME_CALL, body);
    if (!called)
        return true;
    called->tested = tested;
    struct call *k = called->data = memory_take(&p->memory, sizeof *k);
    *k = (struct call){ in->arguments, in->shifted, in->option_at, in->locals, arena };
    arena_hold(arena);
    in->arguments = arguments_make(p->shell, c->argv + 1, c->argc - 1);
    in->shifted = 0;
    in->option_at = 0;
    in->locals = NULL;
    in->calls++;
    return true;
}

struct arena *call_arena(const struct frame *f)
{
    return ((const struct call *)f->data)->arena;
}

bool call_step(struct proc *p, struct frame *f)
{
    if (f->state) {
        frame_pop(p);
        return true;
    }
    f->state = 1;
    run_node(p, f->node, f->tested, false);
    return true;
}

void call_leave(struct proc *p, struct frame *f)
{
    struct interp *in = p->interp;
    struct call *k = f->data;
    if (!k)
        return;
    locals_restore(p, in->locals);
    arguments_drop(p->shell, in->arguments);
    in->arguments = k->arguments;
    in->shifted = k->shifted;
    in->option_at = k->option_at;
    in->locals = k->locals;
    in->calls--;
    arena_drop(k->arena);
    memory_give(&p->memory, k);
}

/* ---- Builtins ---- */

static bool run_builtin(struct proc *p, struct frame *f, struct command *c)
{
    struct interp *in = p->interp;
    const char *name = p->name;
    if (f->state != BUILTIN)
        c->outer = in->command;
    if (!c->builtin->raw_name)
        in->command = c->argv[0];
    p->waits = WAITS_NOT;
    size_t depth = in->n_frames;
    f->state = BUILTIN;
    c->named = true;
    enum builtin_next next = c->builtin->run(p, c, (int)c->argc, c->argv);
    if (p->interp != in || p->applet)
        return true; /* exec */
    p->name = name;
    out_flush(p);
    if (p->out_error && next == BUILTIN_DONE)
        in->status = 1;
    p->out_error = p->out_lost = 0;
    if (in->skip == SKIP_ABORT && (!c->builtin->special || c->no_function)) {
        in->skip = SKIP_NOT; /* an error of a builtin that is not special is only its status */
        next = BUILTIN_DONE;
    }
    if (next == BUILTIN_PUSHED) {
        in->frames[depth - 1].state = CALLED;
        return true;
    }
    in->command = c->outer;
    if (next == BUILTIN_WAITS)
        return p->waits == WAITS_NOT;
    if (next == BUILTIN_GONE || next == BUILTIN_AGAIN || in->skip)
        return true;
    return end(p, frame_top(in), in->status);
}

/* ---- Choosing ---- */

static bool run(struct proc *p, struct frame *f, struct command *c)
{
    if (!c->argc)
        return end(p, f, p->interp->substituted);
    const char *name = c->argv[0];
    const struct builtin *b = builtin_find(name);
    if (!(b && b->special) && !c->no_function) {
        const struct definition *function = definition_find(p, p->interp->functions, name, strlen(name));
        if (function)
            return call(p, f, c, function);
    }
    if (!b)
        return run_program(p, f, c);
    c->builtin = b;
    return run_builtin(p, f, c);
}

void command_again(struct proc *p, struct command *c, size_t skip)
{
    for (size_t i = 0; i < skip; i++)
        memory_give(&p->memory, c->argv[i]);
    memmove(c->argv, c->argv + skip, (c->argc - skip + 1) * sizeof *c->argv);
    c->argc -= skip;
    c->builtin = NULL;
    frame_top(p->interp)->state = RUN;
}

bool command_step(struct proc *p, struct frame *f)
{
    struct command *c = f->data;
    if (!c) {
        c = f->data = memory_take(&p->memory, sizeof *c);
        c->node = f->node;
        c->redirecting.next = f->node->redirects;
        p->interp->line = f->node->line;
        p->interp->substituted = 0;
        c->n_ends = p->interp->n_ends;
    }
    switch (f->state) {
    case WORDS:
        return expand_words(p, f, c);
    case REDIRECT:
        return redirect(p, f, c);
    case ASSIGN:
        return assign(p, f, c);
    case RUN:
        return run(p, f, c);
    case BUILTIN:
        return run_builtin(p, f, c);
    case CHILD:
        return wait_child(p, f, c);
    default:
        return end(p, f, p->interp->status);
    }
}
