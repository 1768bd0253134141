#include "main/identity.h"

#include "base/own.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

/* What teiten makes in a state folder: these names, and all that begin with the first. */
static const char *const ours[] = { "teiten.db", "observe.lock", "log" };

int identity_find(struct identity *ret, const char *state, const char *user)
{
    struct stat st;
    *ret = (struct identity){ .uid = geteuid(), .gid = getegid() };
    if (ret->uid != 0)
        return 0;
    if (stat(state, &st) < 0)
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

/* Never through a link: the folder may be another's by now, and a link of his would give him anything. A name
 * of several links is as good as one. */
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

int identity_take(const struct identity *who, const char *state)
{
    auto_fd int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (folder < 0 || fstat(folder, &st) < 0)
        return -errno;
    TRY(hand_over_in(folder, who, false));
    auto_fd int log = openat(folder, "log", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (log >= 0)
        TRY(hand_over_in(log, who, true));
    return st.st_uid == 0 && fchown(folder, who->uid, who->gid) < 0 ? -errno : 0;
}
