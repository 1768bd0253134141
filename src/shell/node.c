/* Compound commands: what each type of node does in each of its states. */
#include "shell/interp.h"

#include "shell/pattern.h"

#include <fcntl.h>
#include <string.h>

/* The node is replaced by another: sequences, branches and groups need no depth. */
static bool become(struct proc *p, const struct node *node, bool tested, bool last)
{
    frame_pop(p);
    run_node(p, node, tested, last);
    return true;
}

static bool end(struct proc *p, int status)
{
    p->interp->status = status;
    frame_pop(p);
    return true;
}

/* set -e: a command that failed, and whose status nobody looks at, ends the shell. */
static bool end_checked(struct proc *p, struct frame *f, int status)
{
    bool exits = status && !f->tested && (p->interp->flags & FLAG_ERREXIT);
    end(p, status);
    if (exits)
        p->interp->skip = SKIP_EXIT;
    return true;
}

static bool first_of(struct proc *p, struct frame *f, bool tested)
{
    f->state = 1;
    run_node(p, f->node->first, tested, false);
    return true;
}

/* ---- ; && || ! if ---- */

static bool sequence(struct proc *p, struct frame *f)
{
    if (!f->state)
        return first_of(p, f, f->tested);
    return become(p, f->node->second, f->tested, f->last);
}

static bool and_or(struct proc *p, struct frame *f)
{
    if (!f->state)
        return first_of(p, f, true);
    bool goes_on = (f->node->type == NODE_AND) == (p->interp->status == 0);
    return goes_on ? become(p, f->node->second, f->tested, f->last) : end(p, p->interp->status);
}

static bool not(struct proc *p, struct frame *f)
{
    if (!f->state)
        return first_of(p, f, true);
    return end(p, !p->interp->status);
}

static bool if_then(struct proc *p, struct frame *f)
{
    if (!f->state)
        return first_of(p, f, true);
    if (p->interp->status == 0)
        return become(p, f->node->second, f->tested, f->last);
    return f->node->third ? become(p, f->node->third, f->tested, f->last) : end(p, 0);
}

/* ---- Loops ---- */

static bool while_until(struct proc *p, struct frame *f)
{
    struct interp *in = p->interp;
    if (f->state == 2) { /* the body is over */
        f->status = in->status;
        f->state = 0;
    }
    if (!f->state) {
        if (!f->data) { /* begun once */
            f->data = in;
            in->loops++;
        }
        return first_of(p, f, true);
    }
    if ((in->status == 0) != (f->node->type == NODE_WHILE))
        return end(p, f->status);
    f->state = 2;
    run_node(p, f->node->second, f->tested, false);
    return true;
}

struct list {
    struct expansion *x;
    char **words;
    size_t n, i;
    bool counted; /* among the loops that break can leave */
};

static struct list *list_of(struct proc *p, struct frame *f)
{
    if (!f->data)
        f->data = memory_take(&p->memory, sizeof(struct list));
    return f->data;
}

static void list_free(struct proc *p, struct list *l)
{
    if (!l)
        return;
    expand_free(l->x);
    for (size_t i = 0; i < l->n; i++)
        memory_give(&p->memory, l->words[i]);
    memory_give(&p->memory, l->words);
    memory_give(&p->memory, l);
}

static void all_arguments(struct proc *p, struct list *l)
{
    const struct interp *in = p->interp;
    l->n = 0;
    l->words = memory_array(&p->memory, NULL, in->arguments->n + 1, sizeof *l->words);
    for (size_t i = in->shifted; i < in->arguments->n; i++)
        l->words[l->n++] = memory_text(&p->memory, in->arguments->words[i]);
}

static enum expansion_state list_words(struct proc *p, struct frame *f, struct list *l)
{
    if (!f->node->words_given) {
        all_arguments(p, l);
        return EXPANSION_DONE;
    }
    if (!l->x)
        l->x = expansion_of(p, f->node->words, EXPAND_FIELDS);
    enum expansion_state state = expansion_run(p, l->x);
    if (state != EXPANSION_DONE)
        return state;
    l->words = expand_take(l->x, &l->n);
    expand_free(l->x);
    l->x = NULL;
    return state;
}

static bool for_in(struct proc *p, struct frame *f)
{
    struct list *l = list_of(p, f);
    struct interp *in = p->interp;
    if (!l->words) {
        enum expansion_state state = list_words(p, f, l);
        if (state != EXPANSION_DONE)
            return p->waits == WAITS_NOT;
        l->counted = true;
        in->loops++;
    }
    if (l->i == l->n)
        return end(p, l->n ? in->status : 0);
    const char *word = l->words[l->i++];
    in->line = f->node->line;
    if (!variable_set(p, f->node->name, strlen(f->node->name), word, 0))
        return true;
    f->state = 0;
    run_node(p, f->node->first, f->tested, false);
    return true;
}

/* ---- case ---- */

struct choice {
    struct expansion *x;
    char *subject;
    const struct case_item *item;
    const struct word *pattern;
};

static void choice_free(struct proc *p, struct choice *c)
{
    if (!c)
        return;
    expand_free(c->x);
    memory_give(&p->memory, c->subject);
    memory_give(&p->memory, c);
}

static char *one_text(struct proc *p, struct choice *c, const struct word *word, enum expand_how how)
{
    if (!c->x)
        c->x = expansion_of(p, word, how);
    if (expansion_run(p, c->x) != EXPANSION_DONE)
        return NULL;
    size_t n;
    char **one = expand_take(c->x, &n);
    char *s = one[0];
    memory_give(&p->memory, one);
    expand_free(c->x);
    c->x = NULL;
    return s;
}

static bool try_pattern(struct proc *p, struct frame *f, struct choice *c)
{
    char *pattern = one_text(p, c, c->pattern, EXPAND_PATTERN);
    if (!pattern)
        return p->waits == WAITS_NOT;
    size_t n = strlen(pattern), m = strlen(c->subject);
    proc_charge(p, n * m / 256);
    bool fits = pattern_match(pattern, n, c->subject, m, 0);
    memory_give(&p->memory, pattern);
    if (!fits) {
        c->pattern = c->pattern->next;
        return true;
    }
    const struct node *body = c->item->body;
    p->interp->status = body ? p->interp->status : 0;
    return become(p, body, f->tested, f->last);
}

static bool choose(struct proc *p, struct frame *f)
{
    if (!f->data) {
        struct choice *made = f->data = memory_take(&p->memory, sizeof *made);
        made->item = f->node->items;
        made->pattern = made->item ? made->item->patterns : NULL;
    }
    struct choice *c = f->data;
    if (!c->subject) {
        c->subject = one_text(p, c, f->node->subject, EXPAND_SINGLE);
        return c->subject || p->waits == WAITS_NOT;
    }
    while (c->item && !c->pattern) {
        c->item = c->item->next;
        c->pattern = c->item ? c->item->patterns : NULL;
    }
    return c->item ? try_pattern(p, f, c) : end(p, 0);
}

/* ---- Processes ---- */

struct pipeline {
    size_t n;
    uint32_t *pids;
    int *statuses;
    size_t waited;
};

static size_t stages(const struct node *n)
{
    size_t count = 0;
    for (const struct node *stage = n->first; stage; stage = stage->next)
        count++;
    return count;
}

static struct proc *fork_node(struct proc *p, const struct node *node, bool first)
{
    struct proc *child = first ? interp_fork(p) : interp_fork_more(p);
    if (child && !source_tree(child, node, arena_running(p)))
        child->interp->skip = SKIP_EXIT;
    return child;
}

/* Starts one stage; in is its input or NULL, and the next one's is handed back. */
static struct proc *start_stage(struct proc *p, const struct node *stage, struct file **in)
{
    struct file *writer = NULL, *reader = stage->next ? pipe_make(p->shell, &writer) : NULL;
    struct proc *child = fork_node(p, stage, !*in);
    if (child && *in)
        (void)!descriptor_set(child, 0, 0, *in, false);
    if (child && writer)
        (void)!descriptor_set(child, 1, 0, writer, false);
    file_drop(p->shell, *in);
    file_drop(p->shell, writer);
    *in = reader;
    return child;
}

static bool start_pipe(struct proc *p, struct frame *f)
{
    size_t n = stages(f->node);
    struct pipeline *l = memory_take(&p->memory, sizeof *l);
    f->data = l;
    l->pids = memory_array(&p->memory, NULL, n, sizeof *l->pids);
    l->statuses = memory_array(&p->memory, NULL, n, sizeof *l->statuses);
    f->state = 1;
    struct file *in = NULL;
    for (const struct node *stage = f->node->first; stage; stage = stage->next) {
        struct proc *child = start_stage(p, stage, &in);
        if (!child)
            break;
        l->pids[l->n] = child->pid;
        l->statuses[l->n++] = -1;
    }
    file_drop(p->shell, in);
    return true;
}

static int pipe_status(const struct proc *p, const struct pipeline *l)
{
    int status = l->n ? l->statuses[l->n - 1] : 2;
    if (p->interp->flags & FLAG_PIPEFAIL)
        for (size_t i = 0; i < l->n && !status; i++)
            status = l->statuses[l->n - 1 - i];
    return status;
}

static bool pipe_of(struct proc *p, struct frame *f)
{
    struct pipeline *l = f->data;
    if (!f->state)
        return start_pipe(p, f);
    for (size_t i = 0; i < l->n; i++) {
        int signal = 0, status = l->statuses[i] < 0 ? proc_wait(p, l->pids[i], NULL, &signal) : -EAGAIN;
        if (status == -EAGAIN)
            continue;
        l->statuses[i] = status < 0 ? 127 : status;
        l->waited++;
        if (signal)
            tell_signal(p, signal);
    }
    if (l->waited < l->n) {
        p->waits = WAITS_CHILD;
        return false;
    }
    return end_checked(p, f, pipe_status(p, l));
}

/* A subshell that is the last thing of its process has the process to itself. */
static bool subshell_in_place(struct proc *p, struct frame *f)
{
    const struct node *node = f->node;
    bool tested = f->tested;
    if (!node->redirects)
        return become(p, node->first, tested, true);
    frame_pop(p);
    struct frame *redirected = frame_push(p, FRAME_REDIRECTED, node);
    if (redirected)
        redirected->tested = tested;
    return true;
}

static bool subshell(struct proc *p, struct frame *f)
{
    if (!f->state && f->last && p->interp->subshell)
        return subshell_in_place(p, f);
    if (!f->state) {
        struct proc *child = fork_node(p, f->node, true);
        if (!child)
            return true;
        f->state = 1;
        f->status = (int)child->pid;
    }
    int signal = 0, status = proc_wait(p, (uint32_t)f->status, NULL, &signal);
    if (status == -EAGAIN) {
        p->waits = WAITS_CHILD;
        return false;
    }
    if (signal)
        tell_signal(p, signal);
    return end_checked(p, f, status < 0 ? 127 : status);
}

/* Out of the reach of ^C, and the first of a job of what is typed. */
static void to_background(struct proc *p, struct proc *child, bool first)
{
    struct file *nothing;
    child->background = true;
    if (p->interp->flags & FLAG_MONITOR)
        return;
    child->ignored |= 1u << 2 | 1u << 3; /* INT, QUIT */
    if (first && !file_open(child, "/dev/null", O_RDONLY, 0, &nothing)) {
        (void)!descriptor_set(child, 0, 0, nothing, false);
        file_drop(p->shell, nothing);
    }
}

/* The stages of a pipeline are the shell's own children, and of one job. */
static bool background(struct proc *p, struct frame *f)
{
    const struct node *node = f->node->first;
    while (node->type == NODE_GROUP && !node->redirects)
        node = node->first;
    const struct node *stage = node->type == NODE_PIPE ? node->first : node;
    size_t most = node->type == NODE_PIPE ? stages(node) : 1;
    uint32_t *pids = memory_array(&p->memory, NULL, most, sizeof *pids), n = 0;
    struct file *in = NULL;
    for (; n < most; stage = stage->next) {
        struct proc *child = most > 1 ? start_stage(p, stage, &in) : fork_node(p, stage, true);
        if (!child)
            break;
        to_background(p, child, n == 0);
        pids[n++] = child->pid;
    }
    file_drop(p->shell, in);
    if (n) {
        p->interp->background = pids[n - 1];
        (void)job_add(p, pids, n, node);
    }
    memory_give(&p->memory, pids);
    return n == most ? end(p, 0) : true;
}

static bool define(struct proc *p, struct frame *f)
{
    function_define(p, f->node->name, f->node->first, arena_running(p));
    return end(p, 0);
}

bool node_step(struct proc *p, struct frame *f)
{
    switch (f->node->type) {
    case NODE_SEQUENCE:
        return sequence(p, f);
    case NODE_AND:
    case NODE_OR:
        return and_or(p, f);
    case NODE_NOT:
        return not(p, f);
    case NODE_IF:
        return if_then(p, f);
    case NODE_WHILE:
    case NODE_UNTIL:
        return while_until(p, f);
    case NODE_FOR:
        return for_in(p, f);
    case NODE_CASE:
        return choose(p, f);
    case NODE_PIPE:
        return pipe_of(p, f);
    case NODE_SUBSHELL:
        return subshell(p, f);
    case NODE_BACKGROUND:
        return background(p, f);
    case NODE_FUNCTION:
        return define(p, f);
    case NODE_GROUP:
        return become(p, f->node->first, f->tested, f->last);
    case NODE_COMMAND:
        break;
    }
    return end(p, 0);
}

void node_leave(struct proc *p, struct frame *f)
{
    struct pipeline *l = f->data;
    switch (f->node->type) {
    case NODE_WHILE:
    case NODE_UNTIL:
        if (f->data)
            p->interp->loops--;
        break;
    case NODE_FOR:
        if (f->data && ((struct list *)f->data)->counted)
            p->interp->loops--;
        list_free(p, f->data);
        break;
    case NODE_CASE:
        choice_free(p, f->data);
        break;
    case NODE_PIPE:
        if (l) {
            memory_give(&p->memory, l->pids);
            memory_give(&p->memory, l->statuses);
            memory_give(&p->memory, l);
        }
        break;
    default:
        break;
    }
}

/* ---- Redirections of a compound command ---- */

/* The redirections are in force while a frame of the bare node runs above this one. */
bool redirected_step(struct proc *p, struct frame *f)
{
    struct redirecting *r = f->data;
    if (f->state == 1)
        return end(p, p->interp->status);
    if (!r) {
        r = f->data = memory_take(&p->memory, sizeof *r);
        r->next = f->node->redirects;
    }
    p->interp->line = f->node->line;
    enum redirect_state state = redirect_run(p, r);
    if (state == REDIRECT_BUSY)
        return p->waits == WAITS_NOT;
    if (state == REDIRECT_FAILED)
        return p->interp->skip ? true : end_checked(p, f, f->node->type == NODE_SUBSHELL ? 2 : 1);
    f->state = 1;
    if (f->node->type == NODE_SUBSHELL) {
        run_node(p, f->node->first, f->tested, false);
        return true;
    }
    struct frame *bare = frame_push(p, FRAME_NODE, f->node);
    if (bare) {
        bare->tested = p->interp->frames[p->interp->n_frames - 2].tested;
        bare->last = false;
    }
    return true;
}

void redirected_leave(struct proc *p, struct frame *f)
{
    if (!f->data)
        return;
    redirect_restore(p, f->data);
    memory_give(&p->memory, f->data);
}
