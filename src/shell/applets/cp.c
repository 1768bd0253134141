#include "shell/applets/cp-copy.h"
#include "shell/options.h"

#include <string.h>

struct cp {
    struct copy copy;
    bool copies;
    uint32_t flags;
    const char *folder, *last; /* -t; the last operand */
    char **names, **next;
    bool to_folder; /* names go into it */
    bool no_folder, parents;
    int status;
};

enum { NOTHING = 256, PARENTS };

static const struct option_long longs[] = {
    { "archive", 0, 'a' },
    { "force", 0, 'f' },
    { "interactive", 0, 'i' },
    { "no-clobber", 0, 'n' },
    { "link", 0, 'l' },
    { "dereference", 0, 'L' },
    { "no-dereference", 0, 'P' },
    { "recursive", 0, 'R' },
    { "symbolic-link", 0, 's' },
    { "no-target-directory", 0, 'T' },
    { "target-directory", 1, 't' },
    { "verbose", 0, 'v' },
    { "update", 0, 'u' },
    { "remove-destination", 0, NOTHING }, /* the reference does not remove it, either */
    { "parents", 0, PARENTS },
    { "reflink", 2, NOTHING },
    { NULL, 0, 0 },
};

/* A row an option: what it adds and takes off. */
static const struct {
    int letter;
    uint32_t on, off;
} rows[] = {
    { 'a', COPY_RECURSE | COPY_PRESERVE, COPY_DEREFERENCE | COPY_DEREFERENCE_FIRST },
    { 'd', 0, COPY_DEREFERENCE | COPY_DEREFERENCE_FIRST },
    { 'P', 0, COPY_DEREFERENCE | COPY_DEREFERENCE_FIRST },
    { 'L', COPY_DEREFERENCE, COPY_DEREFERENCE_FIRST },
    { 'H', COPY_DEREFERENCE_FIRST, COPY_DEREFERENCE },
    { 'p', COPY_PRESERVE, 0 },
    { 'f', COPY_FORCE, COPY_ASKS },
    { 'i', COPY_ASKS, COPY_FORCE },
    { 'n', COPY_KEEP, 0 },
    { 'l', COPY_LINK, 0 },
    { 's', COPY_SYMLINK, 0 },
    { 'u', COPY_NEWER, 0 },
    { 'v', COPY_VERBOSE, 0 },
};

static void set_option(struct cp *cp, int c, const char *argument, bool *links)
{
    *links |= c == 'L' || c == 'H';
    if (c == 'R' || c == 'r') {
        cp->flags |= COPY_RECURSE;
        if (!*links)
            cp->flags &= ~(uint32_t)COPY_DEREFERENCE;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].letter == c)
            cp->flags = (cp->flags & ~rows[i].off) | rows[i].on;
    if (c == 't')
        cp->folder = argument;
    cp->no_folder |= c == 'T';
    cp->parents |= c == PARENTS;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct cp *cp = proc_state(p);
    struct options o;
    bool links = false;
    cp->flags = COPY_DEREFERENCE;
    options_begin(&o, p, argc, argv, "pdRfinlsLHarPvuTt:", longs);
    for (int c; (c = options_next(&o)) != -1;)
        set_option(cp, c, o.argument, &links);
    cp->names = cp->next = argv + o.index;
    int n = argc - o.index;
    bool both = (cp->flags & (COPY_LINK | COPY_SYMLINK)) == (COPY_LINK | COPY_SYMLINK);
    if (n < (cp->folder ? 1 : 2) || both || (cp->no_folder && (n > 2 || cp->folder)))
        proc_usage(p);
    cp->last = cp->folder ? cp->folder : cp->names[n - 1];
    if (!cp->folder)
        cp->names[n - 1] = NULL;
    cp->to_folder = cp->folder || n > 2;
}

/* Two operands: the last may be a directory that the first goes into. 0, or 1: it is refused. */
static int to_one(struct proc *p, struct cp *cp, const char *from, const char **ret_to)
{
    struct vfs_stat st, old;
    int there = copy_look(p, from, cp->flags & (COPY_DEREFERENCE | COPY_DEREFERENCE_FIRST), &st);
    int taken = there < 0 ? -1 : copy_look(p, cp->last, true, &old);
    *ret_to = cp->last;
    if (there < 0 || taken < 0)
        return 1;
    bool folder = taken && S_ISDIR(old.mode);
    if (cp->no_folder && folder && !(there && S_ISDIR(st.mode))) {
        proc_error(p, "'%s' is a directory", cp->last);
        return 1;
    }
    bool source = there && S_ISDIR(st.mode);
    bool anew = cp->flags & COPY_RECURSE && source && !taken;
    if (!cp->no_folder && (folder || source) && !anew)
        *ret_to = copy_target(p, cp->last, from);
    return 0;
}

static void make_parents(struct proc *p, const char *path)
{
    char *copy = memory_text(proc_memory(p), path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)!proc_mkdir(p, copy, 0777);
        *slash = '/';
    }
}

static void next_name(struct proc *p, struct cp *cp)
{
    const char *from = *cp->next++, *to;
    if (cp->parents) {
        to = proc_join(p, cp->last, from);
        make_parents(p, to);
    } else if (cp->to_folder) {
        to = copy_target(p, cp->last, from);
    } else if (to_one(p, cp, from, &to)) {
        cp->status = 1;
        return;
    }
    copy_begin(&cp->copy, p, from, to, cp->flags);
    cp->copies = true;
}

static enum applet_next step(struct proc *p)
{
    struct cp *cp = proc_state(p);
    for (int i = 0; i < 16; i++) {
        if (cp->copies) {
            enum copy_next next = copy_step(&cp->copy);
            if (next == COPY_INPUT)
                return NEXT_INPUT;
            if (next == COPY_DONE) {
                cp->copies = false;
                cp->status |= cp->copy.failed;
            }
        } else if (*cp->next) {
            next_name(p, cp);
        } else {
            proc_done(p, cp->status);
            return NEXT_DONE;
        }
    }
    return NEXT_AGAIN;
}

const struct applet applet_cp = {
    .name = "cp", .start = start, .step = step, .state = sizeof(struct cp)
};
