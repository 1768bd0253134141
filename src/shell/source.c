#include "shell/edit.h"
#include "shell/interp.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* Where commands come from: a text, or a descriptor that is read as far as it is needed. */
struct source {
    struct text own;      /* what was read or given, from `at` on not parsed yet */
    size_t at;
    size_t shown;         /* of a script whose lines are shown (set -v): those before it were read */
    uint32_t line;
    int fd;               /* -1: a text */
    bool ended;
    bool closes;          /* fd is its own */
    bool typed;           /* by a person: prompts */
    bool more;            /* a command has begun: the second prompt */
    bool prompted;
    bool base;            /* the first of its process */
    bool ran;             /* a command: else its status is 0 */
    struct arguments *outer_arguments; /* of a dot file with its own */
    uint32_t outer_shifted;
    bool trap;            /* an action: $? is put back after it */
    int kept_status;
    bool told;            /* the world knows of the command that runs, and waits for its status */
    bool returns;         /* a dot file: `return` ends it */
    const char *name;     /* of the file, in messages; owned */
    const char *outer;    /* what in->command was before */
    char *waits;          /* the end of a here-document that is waited for; NULL: none */
    struct arena *arena;  /* of the command that runs */
    struct arena *kept;   /* of a subshell: its whole work */
};

enum {
    BLOCK = 1024,
    PARSING = 16, /* steps that any text takes, however short: memory is taken for it and given back */
};

static void wait_for_end(struct proc *p, struct source *s, const char *end)
{
    memory_give(&p->memory, s->waits);
    s->waits = end ? memory_text(&p->memory, end) : NULL;
}

static struct source *push(struct proc *p)
{
    bool base = !p->interp->n_frames;
    struct frame *f = frame_push(p, FRAME_SOURCE, NULL);
    if (!f)
        return NULL;
    struct source *s = memory_take(&p->memory, sizeof *s);
    f->data = s;
    f->last = base;
    s->own.memory = &p->memory;
    s->fd = -1;
    s->base = base;
    s->outer = p->interp->command;
    return s;
}

bool source_text(struct proc *p, const char *text, size_t n, uint32_t line, const char *name)
{
    struct source *s = push(p);
    if (!s)
        return false;
    text_add(&s->own, text, n);
    s->line = line;
    s->ended = true;
    if (name) {
        s->name = memory_text(&p->memory, name);
        p->interp->command = s->name;
        s->returns = true;
    }
    return true;
}

bool source_dot(struct proc *p, const char *text, size_t n, const char *name, struct arguments *outer, uint32_t shifted)
{
    if (!source_text(p, text, n, 1, name))
        return false;
    struct source *s = frame_top(p->interp)->data;
    s->outer_arguments = outer;
    s->outer_shifted = shifted;
    return true;
}

bool trap_push(struct proc *p, const char *action)
{
    if (!source_text(p, action, strlen(action), p->interp->line, NULL))
        return false;
    struct source *s = frame_top(p->interp)->data;
    s->trap = true;
    s->kept_status = p->interp->status;
    p->interp->trapped = true;
    return true;
}

bool source_input(struct proc *p, int fd)
{
    struct source *s = push(p);
    if (!s)
        return false;
    s->fd = fd;
    s->line = 1;
    s->typed = p->interp->flags & FLAG_INTERACTIVE;
    return true;
}

bool source_stream(struct proc *p, struct file *stream, const char *name)
{
    struct source *s = push(p);
    if (!s)
        return false;
    s->fd = descriptor_set(p, -1, 10, stream, true);
    s->closes = s->fd >= 0;
    s->ended = s->fd < 0;
    s->line = 1;
    s->returns = true;
    s->name = memory_text(&p->memory, name);
    p->interp->command = s->name;
    return true;
}

/* What the visitor enters, the world is told. */
static bool is_visitors(const struct proc *p, const struct source *s)
{
    return s->base && !s->name && p->pid == p->shell->first_pid;
}

static void tell_command(struct proc *p, struct source *s, const struct parse *parsed)
{
    const struct shell_hook *hook = p->shell->hook;
    const char *text = s->own.data + s->at;
    size_t n = parsed->used;
    if (!hook->command || !is_visitors(p, s))
        return;
    while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    hook->command(p->shell->context, text, n);
    s->told = true;
}

static void tell_status(struct proc *p, struct source *s)
{
    const struct shell_hook *hook = p->shell->hook;
    if (s->told && hook->status)
        hook->status(p->shell->context, p->interp->status);
    s->told = false;
}

void source_leave(struct proc *p, struct frame *f)
{
    struct source *s = f->data;
    if (!s) /* there was no memory for it */
        return;
    tell_status(p, s);
    if (s->closes)
        (void)proc_close(p, s->fd);
    arena_drop(s->arena);
    arena_drop(s->kept);
    p->interp->command = s->outer;
    if (s->outer_arguments) {
        arguments_drop(p->shell, p->interp->arguments);
        p->interp->arguments = s->outer_arguments;
        p->interp->shifted = s->outer_shifted;
    }
    if (s->trap) {
        p->interp->trapped = false;
        if (p->interp->skip != SKIP_EXIT)
            p->interp->status = s->kept_status;
    }
    text_release(&s->own);
    memory_give(&p->memory, (char *)s->name);
    memory_give(&p->memory, s->waits);
    memory_give(&p->memory, s);
}

bool source_returns(const struct frame *f)
{
    return ((const struct source *)f->data)->returns;
}

bool source_is_base(const struct frame *f)
{
    return ((const struct source *)f->data)->base;
}

static struct source *innermost(struct proc *p)
{
    for (size_t i = p->interp->n_frames; i-- > 0;)
        if (p->interp->frames[i].type == FRAME_SOURCE)
            return p->interp->frames[i].data;
    return NULL;
}

bool source_is_typed(struct proc *p)
{
    const struct source *s = innermost(p);
    return !s || s->typed || s->fd <= 0;
}

void source_forget_line(struct proc *p, struct frame *f)
{
    struct source *s = f->data;
    arena_drop(s->arena);
    s->arena = NULL;
    p->interp->command = s->name;
    text_release(&s->own);
    s->at = s->shown = 0;
    s->more = s->prompted = false;
    wait_for_end(p, s, NULL);
}

/* Nodes stand in the arena of the innermost source's command; a subshell's in one that it keeps itself. */
struct arena *arena_running(struct proc *p)
{
    struct source *s = innermost(p);
    for (size_t i = p->interp->n_frames; i-- > 0;) {
        const struct frame *f = &p->interp->frames[i];
        if (f->type == FRAME_CALL)
            return call_arena(f);
        if (f->type == FRAME_SOURCE)
            break;
    }
    return !s ? NULL : s->kept ? s->kept : s->arena;
}

bool source_tree(struct proc *p, const struct node *node, struct arena *arena)
{
    struct source *s = push(p);
    if (!s)
        return false;
    s->ended = true;
    s->ran = true;
    s->kept = arena;
    arena_hold(arena);
    run_node(p, node, false, true);
    return true;
}

/* ---- Reading more ---- */

static void forget_parsed(struct source *s)
{
    if (!s->at)
        return;
    size_t rest = s->own.len - s->at;
    s->shown = s->shown > s->at ? s->shown - s->at : 0;
    if (!rest) {
        text_release(&s->own);
    } else {
        memmove(s->own.data, s->own.data + s->at, rest);
        s->own.len = rest;
        s->own.data[rest] = '\0';
    }
    s->at = 0;
}

static void prompt(struct proc *p, struct source *s)
{
    const char *which = s->more ? "PS2" : "PS1";
    if (!s->typed || s->prompted)
        return;
    s->prompted = true;
    if (!s->more)
        jobs_tell(p, JOBS_CHANGED);
    if (edit_serves(p, s->fd))
        edit_begin(p, which);
    else
        prompt_show(p, which);
}

static bool wait_for_input(struct proc *p, struct source *s)
{
    text_release(&p->out); /* an idle session holds nothing that it does not need */
    p->waits = WAITS_INPUT;
    proc_waits_on(p, s->fd);
    return false;
}

static bool ended(struct proc *p, struct source *s)
{
    if (s->prompted && !s->more)
        err_put(p, "\n", 1); /* the end is typed on the prompt's line */
    s->prompted = false;
    s->ended = true;
    return true;
}

/* A line that is edited on the terminal. */
static bool edit_more(struct proc *p, struct source *s)
{
    size_t n;
    switch (edit_keys(p)) {
    case EDIT_MORE:
        return wait_for_input(p, s);
    case EDIT_END:
        return ended(p, s);
    case EDIT_BREAK:
        s->prompted = false;
        proc_signal(p, SIGINT);
        p->interrupted = true;
        return true;
    case EDIT_LINE:
        break;
    }
    const char *line = edit_line(p, &n);
    text_add(&s->own, line, n);
    text_add(&s->own, "\n", 1);
    s->prompted = false;
    return true;
}

/* false: nothing is there yet. */
static bool read_more(struct proc *p, struct source *s)
{
    char block[BLOCK];
    prompt(p, s);
    forget_parsed(s);
    if (s->prompted && edit_serves(p, s->fd))
        return edit_more(p, s);
    int64_t got = proc_read(p, s->fd, block, sizeof block);
    if (got == -EAGAIN)
        return wait_for_input(p, s);
    if (got <= 0)
        return ended(p, s);
    s->prompted = false;
    text_add(&s->own, block, (size_t)got);
    return true;
}

/* A here-document's lines are not parsed again before its end has come. */
static bool still_waits(struct source *s)
{
    size_t n = s->waits ? strlen(s->waits) : 0;
    if (!n || s->ended || !s->own.len)
        return false;
    const char *end = s->own.data + s->own.len - (s->own.data[s->own.len - 1] == '\n');
    const char *line = memrchr(s->own.data, '\n', (size_t)(end - s->own.data));
    line = line ? line + 1 : s->own.data;
    while (line < end && *line == '\t')
        line++;
    return (size_t)(end - line) != n || memcmp(line, s->waits, n);
}

/* ---- Commands ---- */

static const char *find_alias(void *context, const char *name, size_t n)
{
    struct proc *p = context;
    const struct definition *d = definition_find(p, p->interp->aliases, name, n);
    return d ? d->value : NULL;
}

/* The lines of a file, as they are read for what runs next. */
static void show_lines(struct proc *p, struct source *s)
{
    size_t end = s->at;
    if (end && s->own.data[end - 1] != '\n') {
        const char *line = memchr(s->own.data + end, '\n', s->own.len - end);
        end = line ? (size_t)(line + 1 - s->own.data) : s->own.len;
    }
    if (end <= s->shown)
        return;
    if (p->interp->flags & FLAG_VERBOSE && (s->fd >= 0 || s->name))
        err_put(p, s->own.data + s->shown, end - s->shown);
    s->shown = end;
}

static void take(struct proc *p, struct source *s, const struct parse *parsed)
{
    s->at += parsed->used;
    show_lines(p, s);
    s->line += parsed->lines;
    s->more = false;
    if (p->interp->job_warning)
        p->interp->job_warning--;
    wait_for_end(p, s, NULL);
}

static void run(struct proc *p, struct source *s, struct frame *f, const struct parse *parsed)
{
    bool last = f->last && s->fd < 0 && s->ended && s->at == s->own.len && !p->interp->traps && !(p->interp->flags & FLAG_INTERACTIVE);
    s->arena = parsed->arena;
    s->ran = true;
    run_node(p, parsed->tree, false, last);
}

static void parse_failed(struct proc *p, struct source *s, const struct parse *parsed)
{
    struct interp *in = p->interp;
    in->line = parsed->error_line;
    s->at = s->own.len;
    shell_fail(p, 2, "%s", parsed->error);
}

static bool parse_next(struct proc *p, struct frame *f, struct source *s)
{
    struct parse parsed = { .text = s->own.data ? s->own.data + s->at : "",
                            .n = s->own.len - s->at,
                            .whole = s->ended,
                            .line = s->line,
                            .ran = p->interp->line,
                            .aliases = { p, p->interp->aliases ? find_alias : NULL } };
    enum parse_verdict verdict = parse_command(&parsed, &p->shell->memory);
    proc_charge(p, PARSING);
    proc_charge(p, (verdict == PARSE_MORE ? parsed.n : parsed.used) / 8); /* it is read anew, then */
    switch (verdict) {
    case PARSE_COMMAND:
        tell_command(p, s, &parsed);
        take(p, s, &parsed);
        run(p, s, f, &parsed);
        return true;
    case PARSE_EMPTY:
        take(p, s, &parsed);
        return true;
    case PARSE_MORE:
        proc_charge(p, parsed.n / 8);
        s->more = parsed.n > 0;
        wait_for_end(p, s, parsed.waits_for);
        return read_more(p, s);
    case PARSE_ERROR:
        tell_command(p, s, &parsed);
        take(p, s, &parsed);
        parse_failed(p, s, &parsed);
        s->ended = s->ended && !s->typed; /* a terminal has no end: it was only said */
        return true;
    case PARSE_END:
        break;
    }
    if (!s->ran)
        p->interp->status = 0;
    frame_pop(p);
    return true;
}

bool source_step(struct proc *p, struct frame *f)
{
    struct source *s = f->data;
    tell_status(p, s);
    arena_drop(s->arena);
    s->arena = NULL;
    if (s->at == s->own.len && !s->ended)
        return read_more(p, s);
    if (still_waits(s))
        return read_more(p, s);
    return parse_next(p, f, s);
}
