#include "main/identity.h"

#include "base/own.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

/* What teiten makes in a state folder: these names, and all that begin with the first. */
static const char *const ours[] = { "teiten.db", "observe.lock", "log", "vault" };

int identity_find(struct identity *ret, int folder, const char *user)
{
    struct stat st;
    *ret = (struct identity){ .uid = geteuid(), .gid = getegid() };
    if (ret->uid != 0)
        return 0;
    if (fstat(folder, &st) < 0)
        return -errno;
    const struct passwd *p = st.st_uid ? getpwuid(st.st_uid) : getpwnam(user);
    if (st.st_uid)
        *ret = (struct identity){ st.st_uid, p ? p->pw_gid : st.st_gid, true };
    else if (p && p->pw_uid)
        *ret = (struct identity){ p->pw_uid, p->pw_gid, true };
    return 0;
}

static bool is_ours(const char *name)
{
    if (strncmp(name, ours[0], strlen(ours[0])) == 0)
        return true;
    for (size_t i = 1; i < sizeof ours / sizeof *ours; i++)
        if (strcmp(name, ours[i]) == 0)
            return true;
    return false;
}

/* Never through a link, and a name of several links is as good as one: what lies elsewhere, too, was not made for
 * this folder. */
static int hand_over(int folder, const char *name, const struct identity *who)
{
    auto_fd int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return errno == ELOOP || errno == ENOENT || errno == ENXIO ? 0 : -errno; /* a link, gone, a socket */
    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_uid != 0 || (S_ISREG(st.st_mode) && st.st_nlink > 1) ||
        (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return 0;
    return fchown(fd, who->uid, who->gid) < 0 ? -errno : 0;
}

static void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

/* `all`: of a folder that is teiten's own. */
static int hand_over_in(int folder, const struct identity *who, bool all)
{
    __attribute__((cleanup(close_dir))) DIR *d = fdopendir(fcntl(folder, F_DUPFD_CLOEXEC, 3));
    if (!d)
        return -errno;
    for (const struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.' && (all || is_ours(e->d_name)))
            TRY(hand_over(folder, e->d_name, who));
    return 0;
}

/* Whatever lies in a folder that others may write to can be theirs, moved there to be handed over. */
static bool is_roots_alone(int folder)
{
    struct stat st;
    return fstat(folder, &st) == 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_inner(int folder, const char *name)
{
    return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The vault: folders of samples. */
static int hand_over_vault(int vault, const struct identity *who)
{
    __attribute__((cleanup(close_dir))) DIR *d = fdopendir(fcntl(vault, F_DUPFD_CLOEXEC, 3));
    if (!d)
        return -errno;
    for (const struct dirent *e; (e = readdir(d));) {
        auto_fd int inner = e->d_name[0] != '.' ? open_inner(vault, e->d_name) : -1;
        if (inner < 0 || !is_roots_alone(inner))
            continue;
        TRY(hand_over_in(inner, who, true));
        TRY(hand_over(vault, e->d_name, who));
    }
    return 0;
}

/* Inner things first: who has a folder may put things there. */
int identity_take(const struct identity *who, int folder)
{
    if (!is_roots_alone(folder))
        return 0;
    auto_fd int log = open_inner(folder, "log"), vault = open_inner(folder, "vault");
    if (log >= 0 && is_roots_alone(log))
        TRY(hand_over_in(log, who, true));
    if (vault >= 0 && is_roots_alone(vault))
        TRY(hand_over_vault(vault, who));
    TRY(hand_over_in(folder, who, false));
    return fchown(folder, who->uid, who->gid) < 0 ? -errno : 0;
}
