#include "shell/applets/ask.h"
#include "shell/applets/walk.h"
#include "shell/options.h"

#include <string.h>
#include <unistd.h>

enum { FORCE = 1, ASKS = 2, RECURSE = 4, VERBOSE = 16 };

enum question { NOTHING, FILE_GOES, DESCENDS, DIRECTORY_GOES };

struct rm {
    uint32_t flags;
    char **paths;
    int status;
    size_t broken; /* something stays at this depth: those above it stay, too, and nothing more is
                      said of them */
    struct walk walk;
    bool walks;
    enum question asked;
    struct ask ask;
};

static void start(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = {
        { "force", 0, 'f' }, { "interactive", 0, 'i' }, { "recursive", 0, 'r' }, { NULL, 0, 0 }
    };
    struct rm *rm = proc_state(p);
    struct options o;
    options_begin(&o, p, argc, argv, "firRv", longs);
    for (int c; (c = options_next(&o)) != -1;) {
        if (c == 'f')
            rm->flags = (rm->flags & ~(uint32_t)ASKS) | FORCE;
        else if (c == 'i')
            rm->flags = (rm->flags & ~(uint32_t)FORCE) | ASKS;
        else
            rm->flags |= c == 'v' ? VERBOSE : RECURSE;
    }
    rm->paths = argv + o.index;
    if (!*rm->paths && !(rm->flags & FORCE))
        proc_usage(p);
}

static void stays(struct rm *rm)
{
    rm->status = 1;
    if (rm->broken < rm->walk.depth)
        rm->broken = rm->walk.depth;
}

static void failed(struct proc *p, struct rm *rm, const char *path, int e)
{
    proc_perror(p, e, "can't remove '%s'", path);
    stays(rm);
}

static void gone(struct proc *p, const struct rm *rm, const char *what)
{
    if (rm->flags & VERBOSE)
        out_print(p, "removed %s'%s'\n", what, rm->walk.path.data);
}

static void remove_file(struct proc *p, struct rm *rm)
{
    int e = proc_unlink(p, rm->walk.path.data);
    if (e < 0)
        failed(p, rm, rm->walk.path.data, e);
    else
        gone(p, rm, "");
}

static void remove_directory(struct proc *p, struct rm *rm)
{
    int e = proc_rmdir(p, rm->walk.path.data);
    if (e < 0)
        failed(p, rm, rm->walk.path.data, e);
    else
        gone(p, rm, "directory: ");
}

static bool asks_about(struct proc *p, const struct rm *rm)
{
    if (rm->flags & ASKS)
        return true;
    return !(rm->flags & FORCE) && !S_ISLNK(rm->walk.st.mode) &&
           proc_access(p, rm->walk.path.data, W_OK) < 0 && proc_isatty(p, 0);
}

/* What could not be looked at, or a directory that could not be read. */
static void on_error(struct proc *p, struct rm *rm)
{
    struct vfs_stat st;
    const char *path = rm->walk.path.data;
    int e = proc_lstat(p, path, &st);
    if (e == 0) {
        stays(rm); /* of a directory that it cannot read the reference says nothing */
        return;
    }
    if (e == -ENOENT && rm->flags & FORCE)
        return;
    if (e == -ENOENT) {
        failed(p, rm, path, e);
        return;
    }
    proc_perror(p, e, "can't stat '%s'", path);
    stays(rm);
}

static void say_question(struct proc *p, struct rm *rm, enum question what)
{
    static const char *const questions[] = { [FILE_GOES] = "remove",
                                             [DESCENDS] = "descend into directory",
                                             [DIRECTORY_GOES] = "remove directory" };
    err_print(p, "%s: %s '%s'? ", proc_name(p), questions[what], rm->walk.path.data);
    rm->asked = what;
}

static void on_event(struct proc *p, struct rm *rm, enum walk_event event)
{
    switch (event) {
    case WALK_FILE:
        if (S_ISDIR(rm->walk.st.mode)) {
            proc_error(p, "'%s' is a directory", rm->walk.path.data);
            stays(rm);
        } else if (asks_about(p, rm)) {
            say_question(p, rm, FILE_GOES);
        } else {
            remove_file(p, rm);
        }
        break;
    case WALK_ENTER:
        if (asks_about(p, rm))
            say_question(p, rm, DESCENDS);
        break;
    case WALK_LEAVE:
        if (rm->broken > rm->walk.depth)
            rm->broken = rm->walk.depth;
        else if (rm->flags & ASKS)
            say_question(p, rm, DIRECTORY_GOES);
        else
            remove_directory(p, rm);
        break;
    case WALK_ERROR:
        on_error(p, rm);
        break;
    case WALK_END:
        walk_end(&rm->walk);
        rm->walks = false;
        break;
    }
}

static void on_answer(struct proc *p, struct rm *rm, bool yes)
{
    enum question asked = rm->asked;
    rm->asked = NOTHING;
    if (asked == DESCENDS && !yes)
        walk_skip(&rm->walk);
    else if (asked == FILE_GOES && yes)
        remove_file(p, rm);
    else if (asked == DIRECTORY_GOES && yes)
        remove_directory(p, rm);
}

/* Slashes at the end do not count; "." and ".." are never removed. */
static void next_path(struct proc *p, struct rm *rm)
{
    char *path = *rm->paths++;
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    const char *slash = strrchr(path, '/'), *last = slash && slash[1] ? slash + 1 : path;
    if (strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
        proc_error(p, "can't remove '.' or '..'");
        rm->status = 1;
        return;
    }
    rm->broken = 0;
    walk_begin(&rm->walk, p, path, rm->flags & RECURSE ? WALK_RECURSE : 0);
    rm->walks = true;
}

static enum applet_next step(struct proc *p)
{
    struct rm *rm = proc_state(p);
    for (int i = 0; i < 64; i++) {
        if (rm->asked) {
            enum ask_answer answer = ask_read(p, &rm->ask);
            if (answer == ASK_WAIT)
                return NEXT_INPUT;
            on_answer(p, rm, answer == ASK_YES);
        } else if (rm->walks) {
            on_event(p, rm, walk_next(&rm->walk));
        } else if (*rm->paths) {
            next_path(p, rm);
        } else {
            proc_done(p, rm->status);
            return NEXT_DONE;
        }
    }
    return NEXT_AGAIN;
}

const struct applet applet_rm = {
    .name = "rm", .start = start, .step = step, .state = sizeof(struct rm)
};
