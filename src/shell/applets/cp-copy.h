#pragma once
/*
 * The copying of a file or a whole directory, a piece at a time: cp, and mv from one mount to
 * another. Part of a step's state.
 */
#include "shell/applets/ask.h"

enum copy_flags {
    COPY_DEREFERENCE = 1,       /* follow links */
    COPY_DEREFERENCE_FIRST = 2, /* those that are named */
    COPY_RECURSE = 4,
    COPY_PRESERVE = 8, /* mode, owner, times */
    COPY_FORCE = 16,
    COPY_ASKS = 32,
    COPY_LINK = 64,
    COPY_SYMLINK = 128,
    COPY_NEWER = 256, /* only where the target is older */
    COPY_KEEP = 512,  /* what is there */
    COPY_VERBOSE = 1024,
};

enum copy_next { COPY_DONE, COPY_AGAIN, COPY_INPUT };

struct copy_level;
struct copy_made;

struct copy {
    struct proc *p;
    uint32_t flags;
    bool failed; /* something of it could not be copied */
    struct text from, to;
    struct vfs_stat st, old; /* of from and to */
    bool exists;             /* there is a `to` */
    struct copy_level *levels;
    size_t n, room;
    struct copy_made *made; /* by this applet: directories, and files of several names */
    size_t n_made, room_made;
    enum { COPY_LOOKS, COPY_BYTES, COPY_ASKED, COPY_WALKS } now;
    int in, out; /* in is -1 of what has no bytes */
    int why;     /* of COPY_ASKED: what is said where the target cannot be taken away */
    struct ask ask;
};

/* Begins another; what was made before is remembered. */
void copy_begin(struct copy *c, struct proc *p, const char *from, const char *to, uint32_t flags);
/* Goes on; COPY_INPUT: end the step with NEXT_INPUT. */
enum copy_next copy_step(struct copy *c);
/* Looks at a path as cp and mv do: 1 there, 0 not there, -1 said why not. */
int copy_look(struct proc *p, const char *path, bool follow, struct vfs_stat *ret);
/* DIR/last part of PATH */
char *copy_target(struct proc *p, const char *folder, const char *path);
