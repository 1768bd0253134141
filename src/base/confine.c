#include "base/confine-parts.h"

#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- limits ---- */

static bool limit(__rlimit_resource_t resource, uint64_t most)
{
    struct rlimit l;
    if (getrlimit(resource, &l) < 0)
        return false;
    l.rlim_max = l.rlim_max < most ? l.rlim_max : most;
    l.rlim_cur = l.rlim_max;
    return setrlimit(resource, &l) == 0;
}

/* Where the log is a file, its lines are the one thing that is written to files. */
static bool logs_to_file(void)
{
    struct stat st;
    return fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

static bool limit_all(const struct confine_rules *rules, size_t memory_most)
{
    bool good = true;
    for (const struct confine_limit *l = rules->limit; l->resource >= 0; l++)
        if (l->resource != RLIMIT_FSIZE || !logs_to_file())
            good &= limit((__rlimit_resource_t)l->resource, l->most);
    if (memory_most && !CONFINE_SANITIZED)
        good &= limit(RLIMIT_AS, memory_most);
    return good;
}

/* ---- sanitized builds ---- */

#if CONFINE_SANITIZED
static bool entered;

/* The search for leaks stops the process from a thread that traces it: impossible from within. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return entered;
}

static bool is_left_out(void)
{
    const char *word = getenv("TEITEN_UNCONFINED");
    entered = !word || strcmp(word, "1") != 0;
    return !entered;
}
#else
static bool is_left_out(void)
{
    return false;
}
#endif

/* ---- entering ---- */

/* Root of a container may have no right to become somebody else; then it stays root without capabilities. */
static bool drop_rights(const struct confine_rules *rules, uint64_t keep)
{
    const uint64_t needed = UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID;
    bool good = true;
    if (rules->user && getuid() == 0 && (confine_capabilities() & needed) == needed)
        good = confine_become(rules->user, rules->user) == 0;
    return confine_rights(keep) == 0 && good;
}

/* After the last change of ids, which undoes it. A parent that went away before is not told of any more. */
static int end_with_parent(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return -errno;
    return getppid() == parent ? 0 : -EPIPE;
}

int confine_enter(enum confine_program program, const struct confine_path *paths, size_t n,
                  size_t memory_most, unsigned *ret_confined)
{
    const struct confine_rules *rules = confine_rules(program);
    const pid_t parent = getppid();
    *ret_confined = 0;
    if (is_left_out())
        return 0;
    /* The first broken-down time, UTC or not, reads the zone's file. */
    tzset();
    /* What a user namespace of its own would add is not kept. */
    uint64_t keep = rules->capabilities & confine_capabilities();
    /* The empty root is made by a child: it comes before the limit that no child may be had. */
    unsigned confined = confine_root(rules);
    if (limit_all(rules, memory_most))
        confined |= CONFINED_LIMITS;
    if (drop_rights(rules, keep))
        confined |= CONFINED_RIGHTS;
    /* Nobody of the same user looks into it, and no core of it is kept. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    if (rules->ends_with_parent)
        TRY(end_with_parent(parent));
    if (confine_landlock(rules, paths, n) == 0)
        confined |= CONFINED_LANDLOCK;
    TRY(confine_filter(rules));
    *ret_confined = confined | CONFINED_SECCOMP;
    return 0;
}

int confine_narrow(enum confine_program program)
{
    return is_left_out() ? 0 : confine_filter(confine_rules(program));
}
