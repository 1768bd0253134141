/*
 * An empty root, without a folder of ours that would have to be there: a child that shares its root with us
 * makes /proc/self/fdinfo the root, and ends. What was there is gone with it, for both.
 */
#include "base/confine-parts.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who may not have namespaces has them in a user namespace of its own; but capabilities that are to be kept
 * would mean nothing outside of that. */
static bool leave_namespaces(const struct confine_rules *rules)
{
    if (unshare(rules->namespaces) == 0)
        return true;
    if (confine_capabilities() & rules->capabilities)
        return false;
    if (unshare(CLONE_NEWUSER | rules->namespaces) == 0)
        return true;
    /* A service manager may permit these alone, which is enough for an empty root. */
    (void)!unshare(CLONE_NEWUSER);
    return false;
}

static _Noreturn void make_root(void)
{
    bool good = chroot("/proc/self/fdinfo") == 0 && chdir("/") == 0;
    _exit(good ? 0 : 1);
}

static bool empty_root(void)
{
    /* No signal tells of its end, so that it can be waited for whatever the caller does about SIGCHLD. */
    long child = syscall(SYS_clone, CLONE_FS, NULL, NULL, NULL, NULL);
    if (child == 0)
        make_root();
    int status = -1;
    while (child > 0 && waitpid((pid_t)child, &status, __WALL) < 0 && errno == EINTR)
        ;
    return child > 0 && status == 0 && access("/proc", F_OK) < 0;
}

unsigned confine_root(const struct confine_rules *rules)
{
    unsigned confined = 0;
    bool apart = rules->namespaces && leave_namespaces(rules);
    if (apart || !(rules->namespaces & CLONE_NEWNET))
        confined |= CONFINED_NETWORK;
    if (!rules->empty_root || empty_root())
        confined |= CONFINED_ROOT;
    return confined;
}
