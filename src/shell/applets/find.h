#pragma once
/*
 * find: what its words make of it (find-words.c), one file looked at (find-test.c), the walk
 * (find.c).
 *
 * The expression is code: a test, and where to go on when it holds and when it does not.
 */
#include "shell/applet.h"
#include "shell/regex.h"

#include <stddef.h>
#include <stdint.h>

/* Where an expression ends: it held, or not. */
enum { FIND_TRUE = 0, FIND_FALSE = 1, FIND_CODE = 2 };

enum find_kind {
    FIND_PRINT,
    FIND_PRINT0,
    FIND_EXEC,     /* ... ; */
    FIND_EXEC_ALL, /* ... + */
    FIND_PRUNE,
    FIND_QUIT,
    FIND_NAME,
    FIND_PATH,
    FIND_REGEX,
    FIND_TYPE,
    FIND_EXECUTABLE,
    FIND_PERMISSIONS,
    FIND_TIME,
    FIND_NEWER,
    FIND_INODE,
    FIND_SAME,
    FIND_USER,
    FIND_GROUP,
    FIND_SIZE,
    FIND_LINKS,
    FIND_EMPTY,
};

enum find_stamp { FIND_MTIME, FIND_ATIME, FIND_CTIME };

struct find_test {
    enum find_kind kind;
    size_t held, failed; /* where to go on */
    char sign;           /* + - or 0 of a number */
    uint64_t
        number; /* size in bytes, links, inode, uid, gid, permissions, type, mount of FIND_SAME */
    uint64_t ino;
    int64_t time, unit; /* of -newer, -mtime and their like */
    enum find_stamp stamp;
    unsigned flags; /* of a pattern */
    const char *pattern;
    struct regex *regex;
    char **command; /* of -exec; NULL-ended */
    char **files;   /* FIND_EXEC_ALL: those that wait */
    size_t n_files, room, bytes;
};

struct find_dir {
    char **names;
    size_t i, n, n_path; /* the path's length up to here */
    struct vfs_stat stat;
};

enum find_phase { FIND_NEXT, FIND_EVALUATE, FIND_ENTER, FIND_LEAVE, FIND_LAST };

struct find {
    char **roots;
    bool follow, follow_roots, one_mount, deepest_first, acts, quit;
    uint64_t depth_least, depth_most;
    struct find_test *code;
    size_t n_code, room_code, entry;
    int status;

    enum find_phase phase;
    struct find_dir *dirs;
    size_t depth, room_dirs; /* of the file that is looked at */
    struct text path;
    struct vfs_stat stat;
    uint32_t mount; /* of the root that is walked */
    bool prune;
    size_t at; /* the test that is next */
    uint32_t child;
    bool direct; /* it writes beside our buffer */
};

/* Reads all words: roots, options, the expression. */
void find_words(struct proc *p, struct find *f, char **argv);
/* A mode of -perm, octal or symbolic; false: it is none. */
bool find_mode(const char *s, uint32_t umask, uint32_t *ret);

enum find_verdict { FIND_HELD, FIND_FAILED, FIND_WAITS };
enum find_verdict find_test(struct proc *p, struct find *f, struct find_test *t);
/* Starts what -exec ... + gathered; false: nothing was. */
bool find_start_all(struct proc *p, struct find *f, struct find_test *t);
