#include "shell/applets/find.h"

#include <string.h>

static void start(struct proc *p, int argc, char **argv)
{
    struct find *f = proc_state(p);
    (void)argc;
    f->path = text_of(proc_memory(p));
    find_words(p, f, argv);
}

static void complain(struct proc *p, struct find *f, int e)
{
    proc_perror(p, e, "%s", f->path.data);
    f->status = 1;
}

static void cut_path(struct find *f, size_t n)
{
    f->path.len = n;
    f->path.data[n] = '\0';
}

/* ---- The walk ---- */

/* Goes into the folder that is looked at; false: it cannot be read. */
static bool enter(struct proc *p, struct find *f)
{
    if (f->depth == f->room_dirs) {
        f->room_dirs = f->room_dirs ? f->room_dirs * 2 : 8;
        f->dirs = memory_array(proc_memory(p), f->dirs, f->room_dirs, sizeof *f->dirs);
    }
    struct find_dir *d = &f->dirs[f->depth];
    *d = (struct find_dir){ .n_path = f->path.len, .stat = f->stat };
    int e = proc_list(p, f->path.data, &d->names, &d->n);
    if (e) {
        complain(p, f, e);
        return false;
    }
    f->depth++;
    return true;
}

static void leave(struct proc *p, struct find *f)
{
    struct find_dir *d = &f->dirs[--f->depth];
    for (size_t i = 0; i < d->n; i++)
        memory_give(proc_memory(p), d->names[i]);
    memory_give(proc_memory(p), d->names);
    cut_path(f, d->n_path);
    f->stat = d->stat;
}

/* The path of the next file; false: there is none. A folder that is over is left, whose turn it
 * then is where the deepest come first. */
static bool next_path(struct find *f)
{
    if (!f->depth) {
        const char *root = *f->roots;
        if (!root)
            return false;
        f->roots++;
        text_say(&f->path, "");
        cut_path(f, 0);
        text_say(&f->path, root);
        return true;
    }
    struct find_dir *d = &f->dirs[f->depth - 1];
    cut_path(f, d->n_path);
    if (f->path.data[d->n_path - 1] != '/')
        text_char_add(&f->path, '/');
    text_say(&f->path, d->names[d->i++]);
    return true;
}

/* A link that leads nowhere is looked at itself. */
static int look(struct proc *p, struct find *f)
{
    int e = -ENOENT;
    if (f->follow || (f->follow_roots && !f->depth))
        e = proc_stat(p, f->path.data, &f->stat);
    return e == -ENOENT ? proc_lstat(p, f->path.data, &f->stat) : e;
}

static void begin_tests(struct find *f)
{
    f->prune = false;
    f->at = f->depth < f->depth_least ? FIND_FALSE : f->entry;
    f->phase = FIND_EVALUATE;
}

static enum find_phase next_file(struct proc *p, struct find *f)
{
    if (f->depth && f->dirs[f->depth - 1].i == f->dirs[f->depth - 1].n) {
        leave(p, f);
        if (!f->deepest_first)
            return FIND_NEXT;
        begin_tests(f);
        return FIND_EVALUATE;
    }
    if (!next_path(f))
        return FIND_LAST;
    int e = look(p, f);
    if (e) {
        complain(p, f, e);
        return FIND_NEXT;
    }
    if (!f->depth)
        f->mount = f->stat.mount;
    if (f->deepest_first && S_ISDIR(f->stat.mode))
        return FIND_ENTER;
    begin_tests(f);
    return FIND_EVALUATE;
}

static bool descends(const struct find *f)
{
    return S_ISDIR(f->stat.mode) && f->depth < f->depth_most &&
           !(f->one_mount && f->stat.mount != f->mount);
}

static enum find_phase enter_dir(struct proc *p, struct find *f)
{
    if (!descends(f)) {
        if (!f->deepest_first)
            return FIND_NEXT;
        begin_tests(f);
        return FIND_EVALUATE;
    }
    enter(p, f);
    return FIND_NEXT;
}

/* ---- The expression ---- */

/* A child of the test at f->at; false: it still runs. */
static bool reap(struct proc *p, struct find *f)
{
    int signal, status = proc_wait(p, f->child, NULL, &signal);
    if (status == -EAGAIN)
        return false;
    f->child = 0;
    if (f->direct && signal)
        (void)!proc_kill(p, (int32_t)proc_pid(p), signal);
    if (f->direct)
        out_flush(p);
    struct find_test *t = &f->code[f->at - FIND_CODE];
    if (t->kind == FIND_EXEC_ALL && status)
        f->status = 1;
    f->at = status ? t->failed : t->held;
    return true;
}

/* Until it ends or something must be waited for. */
static bool evaluate(struct proc *p, struct find *f)
{
    while (f->at >= FIND_CODE && !f->quit) {
        struct find_test *t = &f->code[f->at - FIND_CODE];
        enum find_verdict v = find_test(p, f, t);
        if (v == FIND_WAITS)
            return false;
        f->at = v == FIND_HELD ? t->held : t->failed;
    }
    return true;
}

static enum find_phase after_tests(const struct find *f)
{
    if (f->quit)
        return FIND_LEAVE;
    return f->deepest_first || f->prune ? FIND_NEXT : FIND_ENTER;
}

/* What -exec ... + still holds, one after the other. */
static enum applet_next last(struct proc *p, struct find *f)
{
    for (size_t i = 0; i < f->n_code; i++) {
        f->at = FIND_CODE + i;
        if (f->code[i].kind == FIND_EXEC_ALL && find_start_all(p, f, &f->code[i]))
            return NEXT_CHILD;
    }
    proc_done(p, f->status);
    return NEXT_DONE;
}

static enum applet_next step(struct proc *p)
{
    struct find *f = proc_state(p);
    if (f->child && !reap(p, f))
        return NEXT_CHILD;
    switch (f->phase) {
    case FIND_NEXT:
        f->phase = next_file(p, f);
        break;
    case FIND_EVALUATE:
        if (!evaluate(p, f))
            return NEXT_CHILD;
        f->phase = after_tests(f);
        break;
    case FIND_ENTER:
        f->phase = enter_dir(p, f);
        break;
    case FIND_LEAVE:
        proc_done(p, f->status);
        return NEXT_DONE;
    case FIND_LAST:
        return last(p, f);
    }
    return NEXT_AGAIN;
}

const struct applet applet_find_files = {
    .name = "find", .start = start, .step = step, .state = sizeof(struct find)
};
