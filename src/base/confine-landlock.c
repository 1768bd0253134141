/* Landlock by its system calls. Debian 12's headers know ABI 2, kernels may know more: see landlock(7). */
#include "base/confine-parts.h"
#include "base/own.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    ABI_2_FS = 14, ABI_3_FS = 15, ABI_5_FS = 16, /* rights on files, in bits from the first */
    TCP_BIND = 1, TCP_CONNECT = 2,               /* ABI 4 */
    SCOPE_ABSTRACT_UNIX = 1, SCOPE_SIGNAL = 2,   /* ABI 6 */
};

#define FS_TRUNCATE (UINT64_C(1) << 14)

#define MAY_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define MAY_EXECUTE (MAY_READ | LANDLOCK_ACCESS_FS_EXECUTE)
/* Files and folders of plain kinds: no device, no socket, no link that leads elsewhere. */
#define MAY_WRITE                                                                                  \
    (MAY_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                      \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                                \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)
/* Of these, what means something for a file. */
#define OF_FILES                                                                                   \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |   \
     FS_TRUNCATE)

/* As newer kernels have it; older ones take it where what they do not know is zero. */
struct ruleset {
    uint64_t fs, net, scoped;
};

static uint64_t fs_rights(long abi)
{
    unsigned bits = abi >= 5 ? ABI_5_FS : abi >= 3 ? ABI_3_FS : abi >= 2 ? ABI_2_FS : ABI_2_FS - 1;
    return (UINT64_C(1) << bits) - 1;
}

static struct ruleset rules_of(long abi, uint64_t tcp)
{
    return (struct ruleset){
        .fs = fs_rights(abi),
        .net = abi >= 4 ? (TCP_BIND | TCP_CONNECT) & ~tcp : 0,
        .scoped = abi >= 6 ? SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL : 0,
    };
}

/* One folder that cannot be had is no reason to do without the rest. */
static bool is_out_of_reach(int err)
{
    return err == ENOENT || err == EACCES || err == ENOTDIR || err == ELOOP;
}

static int allow(int ruleset, const struct confine_path *p, uint64_t handled)
{
    static const uint64_t rights[] = { [CONFINE_READ] = MAY_READ,
                                       [CONFINE_EXECUTE] = MAY_EXECUTE,
                                       [CONFINE_WRITE] = MAY_WRITE };
    auto_fd int fd = open(p->path, O_PATH | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return is_out_of_reach(errno) ? 0 : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    struct landlock_path_beneath_attr beneath = { .allowed_access = rights[p->may] & handled, .parent_fd = fd };
    if (!S_ISDIR(st.st_mode))
        beneath.allowed_access &= OF_FILES;
    return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0 ? -errno : 0;
}

int confine_landlock(const struct confine_rules *rules, const struct confine_path *paths, size_t n)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return -ENOSYS;
    struct ruleset r = rules_of(abi, rules->tcp);
    auto_fd int fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof r, 0);
    if (fd < 0)
        return -errno;
    for (size_t i = 0; i < n; i++)
        TRY(allow(fd, &paths[i], r.fs));
    return syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
}
