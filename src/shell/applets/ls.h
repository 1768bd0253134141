#pragma once
/* What ls.c reads and sorts, and ls-show.c shows. */
#include "shell/proc.h"

enum ls_flags {
    LS_ALL = 1 << 0,    /* . and .. too */
    LS_HIDDEN = 1 << 1, /* names that begin with a dot */
    LS_ITSELF = 1 << 2, /* -d */
    LS_FOLLOW = 1 << 3, /* -L */
    LS_FOLLOW_FIRST = 1 << 4,
    LS_RECURSE = 1 << 5,
    LS_INODE = 1 << 6,
    LS_BLOCKS = 1 << 7,
    LS_NUMERIC = 1 << 8,
    LS_NO_OWNER = 1 << 9,
    LS_HUMAN = 1 << 10,
    LS_SLASH = 1 << 11, /* -p */
    LS_CLASS = 1 << 12, /* -F */
    LS_FULL_TIME = 1 << 13,
    LS_COLOR = 1 << 14,
    LS_REVERSE = 1 << 15,
    LS_DIRS_FIRST = 1 << 16,
    LS_ATIME = 1 << 17,
    LS_CTIME = 1 << 18,
    LS_QUOTES = 1 << 19, /* -Q */
};

enum ls_sort { LS_BY_NAME, LS_BY_SIZE, LS_BY_TIME, LS_BY_VERSION, LS_BY_EXTENSION };

enum ls_format { LS_LINES, LS_LONG, LS_COLUMNS, LS_ACROSS };

struct ls {
    struct proc *p;
    uint32_t flags;
    enum ls_format format;
    enum ls_sort sort;
    uint64_t width; /* of the terminal */
    bool unicode;
    int status;
    bool any; /* something was shown before */
};

struct ls_item {
    const char *name, *path;
    struct vfs_stat st;
    uint32_t mode;   /* its own: of a link that is followed st is what it leads to */
    uint32_t target; /* mode of what a link leads to, 0: nowhere */
};

void ls_show(const struct ls *ls, struct ls_item *const *items, size_t n);
int64_t ls_time(const struct ls *ls, const struct ls_item *item);
