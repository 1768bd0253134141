#include "shell/applets/cp-copy.h"
#include "shell/applets/walk.h"
#include "shell/options.h"

#include <string.h>
#include <unistd.h>

enum { FORCE = 1, ASKS = 2, KEEP = 4, VERBOSE = 8, NO_FOLDER = 16 };

struct mv {
    uint32_t flags;
    const char *last, *from, *to; /* the last operand; of the one that moves */
    char **next;
    bool to_folder;
    int status;
    enum { NEXT_NAME, ASKED, COPIES, REMOVES } now;
    struct ask ask;
    struct copy copy;
    struct walk walk;
};

static void start(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = {
        { "interactive", 0, 'i' },
        { "force", 0, 'f' },
        { "no-clobber", 0, 'n' },
        { "verbose", 0, 'v' },
        { "target-directory", 1, 't' },
        { "no-target-directory", 0, 'T' },
        { NULL, 0, 0 },
    };
    struct mv *mv = proc_state(p);
    struct options o;
    const char *folder = NULL;
    options_begin(&o, p, argc, argv, "finvTt:", longs);
    for (int c; (c = options_next(&o)) != -1;) {
        if (c == 't')
            folder = o.argument;
        else if (c == 'v' || c == 'T')
            mv->flags |= c == 'v' ? VERBOSE : NO_FOLDER;
        else
            mv->flags = (mv->flags & ~(uint32_t)(FORCE | ASKS | KEEP)) | (c == 'f'   ? FORCE
                                                                          : c == 'i' ? ASKS
                                                                                     : KEEP);
    }
    mv->next = argv + o.index;
    int n = argc - o.index;
    if (n < (folder ? 1 : 2) || (mv->flags & NO_FOLDER && (n > 2 || folder)))
        proc_usage(p);
    mv->last = folder ? folder : mv->next[n - 1];
    if (!folder)
        mv->next[n - 1] = NULL;
    mv->to_folder = folder || n > 2;
}

static void moved(struct proc *p, const struct mv *mv)
{
    if (mv->flags & VERBOSE)
        out_print(p, "'%s' -> '%s'\n", mv->from, mv->to);
}

static void failed(struct proc *p, struct mv *mv, const char *what, const char *path, int e)
{
    proc_perror(p, e, "can't %s '%s'", what, path);
    mv->status = 1;
}

/* To another mount: a copy, then the removal. What is there goes first. */
static bool prepare_copy(struct proc *p, struct mv *mv)
{
    struct vfs_stat st, old;
    int e = proc_lstat(p, mv->from, &st);
    if (e < 0) {
        failed(p, mv, "rename", mv->from, e);
        return false;
    }
    if (proc_lstat(p, mv->to, &old) < 0)
        return true;
    if (S_ISDIR(old.mode) != S_ISDIR(st.mode)) {
        proc_error(p, "can't overwrite %sdirectory with %sdirectory",
                   S_ISDIR(old.mode) ? "" : "non-", S_ISDIR(st.mode) ? "" : "non-");
        mv->status = 1;
        return false;
    }
    e = proc_unlink(p, mv->to);
    if (e < 0)
        failed(p, mv, "remove", mv->to, e);
    return e == 0;
}

static void rename_it(struct proc *p, struct mv *mv)
{
    mv->now = NEXT_NAME;
    int e = proc_rename_file(p, mv->from, mv->to);
    if (e == -EXDEV) {
        if (!prepare_copy(p, mv))
            return;
        copy_begin(&mv->copy, p, mv->from, mv->to, COPY_RECURSE | COPY_PRESERVE);
        mv->now = COPIES;
        return;
    }
    if (e < 0)
        failed(p, mv, "rename", mv->from, e);
    moved(p, mv);
}

static bool asks_about(struct proc *p, const struct mv *mv, const struct vfs_stat *old)
{
    if (mv->flags & ASKS)
        return true;
    return !(mv->flags & FORCE) && !S_ISLNK(old->mode) && proc_access(p, mv->to, W_OK) < 0 &&
           proc_isatty(p, 0);
}

static void begin(struct proc *p, struct mv *mv)
{
    struct vfs_stat old;
    mv->from = *mv->next++;
    mv->to = mv->last;
    if (mv->to_folder) {
        mv->to = copy_target(p, mv->last, mv->from);
    } else {
        int taken = copy_look(p, mv->last, true, &old);
        bool folder = taken > 0 && S_ISDIR(old.mode);
        struct vfs_stat st;
        mv->status |= taken < 0;
        if (taken < 0)
            return;
        if (folder && mv->flags & NO_FOLDER &&
            !(proc_lstat(p, mv->from, &st) == 0 && S_ISDIR(st.mode))) {
            proc_error(p, "'%s' is a directory", mv->last);
            mv->status = 1;
            return;
        }
        if (folder && !(mv->flags & NO_FOLDER))
            mv->to = copy_target(p, mv->last, mv->from);
    }
    int there = copy_look(p, mv->to, true, &old);
    mv->status |= there < 0;
    if (there < 0 || (there && mv->flags & KEEP))
        return;
    if (there && asks_about(p, mv, &old)) {
        err_print(p, "%s: overwrite '%s'? ", proc_name(p), mv->to);
        mv->now = ASKED;
        return;
    }
    rename_it(p, mv);
}

static enum applet_next on_copy(struct proc *p, struct mv *mv)
{
    enum copy_next next = copy_step(&mv->copy);
    if (next == COPY_INPUT)
        return NEXT_INPUT;
    if (next == COPY_AGAIN)
        return NEXT_AGAIN;
    mv->now = NEXT_NAME;
    mv->status |= mv->copy.failed;
    if (!mv->copy.failed) {
        walk_begin(&mv->walk, p, mv->from, WALK_RECURSE);
        mv->now = REMOVES;
    }
    return NEXT_AGAIN;
}

static void remove_one(struct proc *p, struct mv *mv)
{
    int e = 0;
    enum walk_event event = walk_next(&mv->walk);
    if (event == WALK_FILE)
        e = proc_unlink(p, mv->walk.path.data);
    else if (event == WALK_LEAVE)
        e = proc_rmdir(p, mv->walk.path.data);
    else if (event == WALK_ERROR)
        e = mv->walk.error;
    if (e < 0)
        failed(p, mv, "remove", mv->walk.path.data, e);
    if (event != WALK_END)
        return;
    walk_end(&mv->walk);
    mv->now = NEXT_NAME;
    moved(p, mv);
}

static enum applet_next step(struct proc *p)
{
    struct mv *mv = proc_state(p);
    for (int i = 0; i < 16; i++) {
        if (mv->now == ASKED) {
            enum ask_answer answer = ask_read(p, &mv->ask);
            if (answer == ASK_WAIT)
                return NEXT_INPUT;
            mv->now = NEXT_NAME;
            if (answer == ASK_YES)
                rename_it(p, mv);
        } else if (mv->now == COPIES) {
            if (on_copy(p, mv) == NEXT_INPUT)
                return NEXT_INPUT;
        } else if (mv->now == REMOVES) {
            remove_one(p, mv);
        } else if (*mv->next) {
            begin(p, mv);
        } else {
            proc_done(p, mv->status);
            return NEXT_DONE;
        }
    }
    return NEXT_AGAIN;
}

const struct applet applet_mv = {
    .name = "mv", .start = start, .step = step, .state = sizeof(struct mv)
};
