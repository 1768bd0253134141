#include "main/daemon.h"

#include "base/confine.h"
#include "base/log.h"
#include "base/own.h"
#include "main/hook.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILES = 1 << 16, /* what a trap with many sessions wants */
    PATHS_MOST = 40,
    OPENED = 7,
    PATH_ROOM = 40,
};

/* Beside what the caller names. Programs of ours are loaded by the system's loader, from its libraries. */
static const struct confine_path system_paths[] = {
    { "/usr/lib", CONFINE_EXECUTE },
    { "/usr/local/lib", CONFINE_EXECUTE },
    { "/lib", CONFINE_EXECUTE },
    { "/lib64", CONFINE_EXECUTE },
    { "/etc/ld.so.cache", CONFINE_READ },
    { "/etc/localtime", CONFINE_READ },
    { "/etc/timezone", CONFINE_READ },
    { "/etc/resolv.conf", CONFINE_READ },
    { "/usr/share/zoneinfo", CONFINE_READ },
    { "/proc", CONFINE_READ },
    { "/dev/null", CONFINE_READ },
    { "/dev/urandom", CONFINE_READ },
};

/* By its descriptor: what it lies in may be out of our reach by now. */
static const char *path_of(int fd, char path[static PATH_ROOM])
{
    snprintf(path, PATH_ROOM, "/proc/self/fd/%d", fd);
    return path;
}

/* Programs to be started and folders to be read that are open. */
static size_t add_opened(const struct daemon *d, struct confine_path *path, char text[][PATH_ROOM])
{
    const struct {
        int fd;
        enum confine_may may;
    } opened[OPENED] = { { d->sense.fd, CONFINE_EXECUTE },  { d->trap.fd, CONFINE_EXECUTE }, { d->triage.fd, CONFINE_EXECUTE },
                         { d->fetch.fd, CONFINE_EXECUTE },  { d->personas, CONFINE_READ },   { d->rules, CONFINE_READ },
                         { d->own_rules, CONFINE_READ } };
    size_t n = 0;
    for (size_t i = 0; i < OPENED; i++)
        if (opened[i].fd >= 0) {
            path[n] = (struct confine_path){ path_of(opened[i].fd, text[n]), opened[i].may };
            n++;
        }
    return n;
}

static int confine(struct daemon *d, const struct daemon_wants *w)
{
    struct confine_path path[PATHS_MOST];
    char text[OPENED][PATH_ROOM];
    size_t n = sizeof system_paths / sizeof *system_paths;
    for (size_t i = 0; i < n; i++)
        path[i] = system_paths[i];
    n += add_opened(d, path + n, text);
    path[n++] = (struct confine_path){ w->state, CONFINE_WRITE };
    for (const char *const *reads = w->reads; *reads && n < PATHS_MOST; reads++)
        path[n++] = (struct confine_path){ *reads, CONFINE_READ };
    return confine_enter(CONFINE_SUPERVISOR, path, n, 0, &d->confined);
}

static int start_keeper(struct daemon *d, bool claims)
{
    struct program keeper;
    d->trouble = "teiten-keeper";
    TRY(program_open(&keeper, "teiten-keeper"));
    int err = privilege_start(&d->privilege, &keeper, claims);
    program_close(&keeper);
    return err;
}

/* Without such a user there is nobody to become; without capabilities root is no more than an owner of files. */
static int become(struct daemon *d, const char *state, const char *user)
{
    d->trouble = state;
    auto_fd int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -errno;
    TRY(identity_find(&d->identity, folder, user));
    if (geteuid() == 0 && !d->identity.changes)
        log_warning("no-user", LOG_TEXT("user", user),
                    LOG_TEXT("what-now", "stays root, but without its rights; as root, type: useradd --system "
                                         "--no-create-home --shell /usr/sbin/nologin teiten"));
    if (!d->identity.changes)
        return 0;
    TRY(identity_take(&d->identity, folder));
    d->trouble = user;
    TRY(confine_become(d->identity.uid, d->identity.gid));
    d->trouble = state;
    return access(state, R_OK | W_OK | X_OK) < 0 ? -errno : 0;
}

/* The keeper may go beyond the hard limit, where this machine lets anybody; up to it we may ourselves. */
static void raise_limits(struct daemon *d)
{
    struct rlimit r;
    if (privilege_limits(&d->privilege, FILES) == 0 || getrlimit(RLIMIT_NOFILE, &r) < 0)
        return;
    r.rlim_cur = r.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < FILES)
        log_info("open-files", LOG_INT("most", r.rlim_cur), LOG_INT("wanted", FILES));
}

static int open_trap(struct daemon *d, const char *personas)
{
    d->trouble = "teiten-trap";
    TRY(program_open(&d->trap, "teiten-trap"));
    d->trouble = personas;
    d->personas = open(personas, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return d->personas < 0 ? -errno : 0;
}

static int open_folder(const char *path)
{
    return path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
}

static int open_triage(struct daemon *d, const struct daemon_wants *w)
{
    d->trouble = "teiten-triage";
    TRY(program_open(&d->triage, "teiten-triage"));
    for (; d->trays < w->desks && d->trays < TRAYS_MOST; d->trays++)
        TRY(tray_make(&d->tray[d->trays]));
    d->rules = open_folder(w->rules);
    if (d->rules < 0)
        log_warning("no-rules", LOG_TEXT("folder", w->rules), LOG_ERRNO(-errno));
    d->own_rules = open_folder(w->own_rules);
    return 0;
}

static int start_dialler(struct daemon *d)
{
    struct program dial;
    d->trouble = "teiten-fetch";
    TRY(program_open(&d->fetch, "teiten-fetch"));
    d->trouble = "teiten-dial";
    TRY(program_open(&dial, "teiten-dial"));
    int err = dialler_start(&d->dialler, &dial);
    program_close(&dial);
    return err;
}

static int enter(struct daemon *d, const struct daemon_wants *w)
{
    char missing[128];
    d->trouble = "teiten-sense";
    TRY(program_open(&d->sense, "teiten-sense"));
    if (w->personas)
        TRY(open_trap(d, w->personas));
    if (w->desks)
        TRY(open_triage(d, w));
    if (w->dials)
        TRY(start_dialler(d));
    TRY(start_keeper(d, w->claims));
    TRY(become(d, w->state, w->user));
    raise_limits(d);
    d->trouble = NULL;
    TRY(confine(d, w));
    CONFINE_HOOK();
    confine_missing(d->confined, missing, sizeof missing);
    if (missing[0])
        log_warning("confined-less", LOG_TEXT("program", "supervisor"), LOG_TEXT("missing", missing));
    return 0;
}

int daemon_enter(struct daemon *ret, const struct daemon_wants *wants)
{
    *ret = (struct daemon){ .state = wants->state, .sense = { .fd = -1 }, .trap = { .fd = -1 }, .triage = { .fd = -1 }, .fetch = { .fd = -1 },
                            .personas = -1, .rules = -1, .own_rules = -1, .budget = -1, .privilege = { .fd = -1 } };
    dialler_init(&ret->dialler);
    umask(027); /* who came is for those who are let into the folder */
    notify_open(&ret->notify);
    int err = enter(ret, wants);
    if (err) {
        const char *trouble = ret->trouble;
        daemon_leave(ret);
        ret->trouble = trouble;
    }
    return err;
}

void daemon_leave(struct daemon *d)
{
    program_close(&d->sense);
    program_close(&d->trap);
    program_close(&d->triage);
    program_close(&d->fetch);
    close_fd(&d->personas);
    close_fd(&d->rules);
    close_fd(&d->own_rules);
    close_fd(&d->budget);
    for (; d->trays; d->trays--)
        tray_release(&d->tray[d->trays - 1]);
    dialler_end(&d->dialler);
    privilege_end(&d->privilege);
    notify_close(&d->notify);
}
