/*
 * A damaged store makes room for a new one, and stays where it can be asked.
 */
#include "store/inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAME = 4200, SAME_SECOND = 100 };

/* damaged-20260301T120000Z, with a number where there is one already. */
static int make_folder(const char *state, int64_t now, char ret[static NAME])
{
    struct tm tm;
    time_t t = (time_t)now;
    char stamp[32];
    if (!gmtime_r(&t, &tm) || strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm) == 0)
        return -EINVAL;
    for (int i = 1; i <= SAME_SECOND; i++) {
        char number[16] = "";
        if (i > 1)
            snprintf(number, sizeof number, "-%d", i);
        if ((size_t)snprintf(ret, NAME, "%s/damaged-%s%s", state, stamp, number) >= NAME - 32)
            return -ENAMETOOLONG;
        if (mkdir(ret, 0700) == 0)
            return 0;
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

/* The log and its index first: a file without its log lacks the newest, a log without its file is nothing, and
 * beside a new file the old log must never lie; nor the copy of the old chain. */
static int move_files(const char *state, const char *folder)
{
    static const char *const names[] = { "teiten.db-wal", "teiten.db-shm", "teiten.db", "log" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char from[NAME + 32], to[NAME + 32];
        snprintf(from, sizeof from, "%s/%s", state, names[i]);
        snprintf(to, sizeof to, "%s/%s", folder, names[i]);
        if (rename(from, to) < 0 && errno != ENOENT)
            return -errno;
    }
    return 0;
}

/* The names are on the disk before anything new takes them. */
static int sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int err = fsync(fd) < 0 ? -errno : 0;
    close(fd);
    return err;
}

/* Nobody else may be at upkeep, which writes: others who write fail with the file gone from under them. */
int store_set_aside(const char *state, int64_t now, char ret[static NAME])
{
    char path[NAME + 32];
    if ((size_t)snprintf(path, sizeof path, "%s/teiten.db", state) >= NAME - 64)
        return -ENAMETOOLONG;
    if (access(path, F_OK) < 0)
        return -errno;
    snprintf(path, sizeof path, "%s/teiten.db-upkeep", state);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int err = flock(fd, LOCK_EX | LOCK_NB) < 0 ? (errno == EWOULDBLOCK ? -EBUSY : -errno) : 0;
    if (!err)
        err = make_folder(state, now, ret);
    if (!err)
        err = move_files(state, ret);
    if (!err)
        err = sync_folder(ret);
    if (!err)
        err = sync_folder(state);
    close(fd);
    return err;
}
