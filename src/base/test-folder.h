#pragma once
/*
 * A folder of a test's own, which goes with all that is in it.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FOLDER_PATH = 256 };

/* In $TMPDIR, else /tmp. 0 or -1. */
static inline int folder_make(char ret[static FOLDER_PATH], const char *name)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(ret, FOLDER_PATH, "%.150s/teiten-%.40s-XXXXXX", tmp ? tmp : "/tmp", name);
    return mkdtemp(ret) ? 0 : -1;
}

static inline int folder_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static inline int folder_remove(const char *path)
{
    return nftw(path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
