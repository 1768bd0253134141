#pragma once
/*
 * A walk over a file and, of a directory, over all that is in it, one event a call: rm -r, chmod
 * -R, du and their like. It keeps no names but those on its way, and neither minds removals nor
 * follows what is made while it goes.
 */
#include "shell/proc.h"

enum walk_flags {
    WALK_RECURSE = 1,     /* into directories */
    WALK_LINKS = 2,       /* through links to directories */
    WALK_LINKS_FIRST = 4, /* through the first path's alone */
};

enum walk_event {
    WALK_END,
    WALK_FILE,  /* no directory, or one that is not entered */
    WALK_ENTER, /* a directory, before what is in it */
    WALK_LEAVE, /* the same after it */
    WALK_ERROR, /* w->error: it cannot be looked at, or read (then WALK_LEAVE does not come) */
};

struct walk_level;

struct walk {
    struct proc *p;
    unsigned flags;
    struct text path;   /* of the event */
    struct vfs_stat st; /* of WALK_FILE and WALK_ENTER; of WALK_LEAVE as it was at the entering */
    int error;
    size_t depth; /* 0: the first path */
    struct walk_level *levels;
    size_t n, room;
    enum { WALK_FIRST, WALK_GOES, WALK_OPENS, WALK_OVER } next;
};

void walk_begin(struct walk *w, struct proc *p, const char *path, unsigned flags);
enum walk_event walk_next(struct walk *w);
/* After WALK_ENTER: not into it. WALK_LEAVE does not come. */
void walk_skip(struct walk *w);
void walk_end(struct walk *w);
