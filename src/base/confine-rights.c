#include "base/confine-parts.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CAPABILITIES_MOST = 64, HALF = 32 };

/* From now on no user id, not even root's, brings a capability back. */
enum {
    SECURE = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
             SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED
};

static int get_capabilities(struct __user_cap_data_struct data[static 2])
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    return syscall(SYS_capget, &head, data) < 0 ? -errno : 0;
}

uint64_t confine_capabilities(void)
{
    struct __user_cap_data_struct data[2];
    return get_capabilities(data) < 0 ? 0 : data[0].permitted | (uint64_t)data[1].permitted << HALF;
}

static int set_capabilities(uint64_t keep)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    TRY(get_capabilities(data));
    for (unsigned i = 0; i < 2; i++) {
        data[i].permitted &= (uint32_t)(keep >> (HALF * i));
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

/*
 * Bounds are cut while CAP_SETPCAP is there. Without it they cannot be, and need not: with no_new_privs no
 * program that is started gains anything.
 */
static int cut_bounds(uint64_t keep)
{
    struct __user_cap_data_struct data[2];
    TRY(get_capabilities(data));
    if (!(data[0].effective >> CAP_SETPCAP & 1))
        return 0;
    for (unsigned long i = 0; i < CAPABILITIES_MOST; i++) {
        if (keep >> i & 1 || prctl(PR_CAPBSET_READ, i, 0, 0, 0) != 1)
            continue;
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
            return -errno;
    }
    return prctl(PR_SET_SECUREBITS, SECURE, 0, 0, 0) < 0 ? -errno : 0;
}

int confine_rights(uint64_t keep)
{
    TRY(cut_bounds(keep));
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return -errno;
    return set_capabilities(keep);
}

int confine_become(uid_t uid, gid_t gid)
{
    /* Bounds and groups first: once the id is gone nobody may. */
    TRY(cut_bounds(0));
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        return -errno;
    TRY(confine_rights(0));
    return uid != 0 && setuid(0) == 0 ? -EPERM : 0;
}
