#include "shell/applets/tar.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* What is made of an entry. The order of things is the reference's: what is in the way goes, links that lead out of
 * the archive come last, and then owners, permissions and times. */

/* ---- Where it stands ---- */

/* A folder of the way that is missing is made. */
static void make_way(struct proc *p, const char *name)
{
    char *path = memory_text(proc_memory(p), name);
    int e = 0;
    for (char *s = strchr(path, '/'); s && e == 0; s = strchr(s + 1, '/')) {
        struct vfs_stat st;
        *s = '\0';
        e = proc_mkdir(p, path, 0777);
        if (e == -EEXIST)
            e = proc_stat(p, path, &st) == 0 && S_ISDIR(st.mode) ? 0 : -EEXIST;
        if (e < 0)
            proc_perror(p, e, "can't create directory '%s'", path);
        *s = '/';
    }
    memory_give(proc_memory(p), path);
}

static void remove_old(struct proc *p, const struct tar *t)
{
    if (t->bits & (TAR_KEEP | TAR_OVER) || S_ISDIR(t->header.mode))
        return;
    int e = proc_unlink(p, t->name);
    if (e < 0 && e != -ENOENT)
        proc_die_errno(p, e, "can't remove old file %s", t->name);
}

/* ---- What is put off ---- */

static bool leads_out(const char *target)
{
    for (const char *s = target; *s;) {
        size_t n = strcspn(s, "/");
        if ((n == 2 && s[0] == '.' && s[1] == '.') || *target == '/')
            return true;
        s += n + (s[n] == '/');
    }
    return false;
}

static void put_off(struct proc *p, struct tar *t, bool hard)
{
    struct tar_later *later = memory_take(proc_memory(p), sizeof *later);
    later->hard = hard;
    later->name = memory_text(proc_memory(p), t->name);
    later->target = memory_text(proc_memory(p), t->target);
    *t->later_end = later;
    t->later_end = &later->next;
}

bool tar_extract_later(struct proc *p, struct tar *t)
{
    struct tar_later *later = t->later;
    if (!later)
        return false;
    t->later = later->next;
    int e = later->hard ? proc_link(p, later->target, later->name) : proc_symlink(p, later->target, later->name);
    if (e < 0)
        proc_die(p, "can't create %s '%s' to '%s'", later->hard ? "hardlink" : "symlink", later->name, later->target);
    return true;
}

/* ---- What it is ---- */

static void make_file(struct proc *p, struct tar *t)
{
    int flags = O_WRONLY | O_CREAT | (t->bits & TAR_OVER ? O_TRUNC : O_EXCL);
    t->out = proc_open(p, t->name, flags, t->header.mode & 07777);
    if (t->out < 0)
        proc_die_errno(p, t->out, "can't open '%s'", t->name);
}

static void make_folder(struct proc *p, struct tar *t)
{
    int e = proc_mkdir(p, t->name, t->header.mode & 07777);
    if (e < 0 && e != -EEXIST)
        proc_perror(p, e, "can't make dir %s", t->name);
}

/* One that leads to nothing is what the reference does not survive. */
static void make_symlink(struct proc *p, struct tar *t)
{
    if (!*t->target) {
        (void)!proc_kill(p, (int32_t)proc_pid(p), SIGSEGV);
        proc_exit(p, 128 + SIGSEGV);
    }
    if (leads_out(t->target)) {
        put_off(p, t, false);
        return;
    }
    int e = proc_symlink(p, t->target, t->name);
    if (e < 0)
        proc_die_errno(p, e, "can't create symlink '%s' to '%s'", t->name, t->target);
}

static void make_node(struct proc *p, struct tar *t)
{
    const struct tar_header *h = &t->header;
    int e = proc_mknod(p, t->name, h->mode, h->major, h->minor);
    if (e < 0)
        proc_perror(p, e, "can't create node %s", t->name);
}

/* ---- Whose it is ---- */

/* Names go before numbers where they are known. */
static void give_owner(struct proc *p, const struct tar *t)
{
    const struct tar_header *h = &t->header;
    uint32_t uid = h->uid, gid = h->gid, of_user;
    if (!(t->bits & TAR_NUMBERS)) {
        if (!*h->user || proc_user_id(p, h->user, &uid, &of_user) < 0)
            uid = h->uid;
        if (!*h->group || proc_group_id(p, h->group, &gid) < 0)
            gid = h->gid;
    }
    (void)!proc_chown(p, t->name, uid, gid, false);
}

/* What of it cannot be done is no matter. */
void tar_extracted(struct proc *p, struct tar *t)
{
    const struct tar_header *h = &t->header;
    if (t->out > 1)
        proc_close(p, t->out);
    if (!(t->bits & TAR_OWN))
        give_owner(p, t);
    if (S_ISLNK(h->mode))
        return;
    if (!(t->bits & TAR_MASKED) && proc_uid(p) == 0)
        (void)!proc_chmod(p, t->name, h->mode & 07777);
    if (!(t->bits & TAR_NOW))
        (void)!proc_utime(p, t->name, h->mtime, h->mtime);
}

/* ---- All of it ---- */

static void strip(struct proc *p, struct tar *t, char **path)
{
    const char *rest = tar_strip(*path, t->strip);
    if (rest && rest != *path)
        *path = memory_text(proc_memory(p), rest);
}

static void make(struct proc *p, struct tar *t)
{
    bool hard = t->header.type == TAR_LINK && *t->target;
    if (t->strip && !tar_strip(t->name, t->strip))
        return;
    strip(p, t, &t->name);
    if (hard)
        strip(p, t, &t->target);
    size_t n = strlen(t->name);
    if (n && t->name[n - 1] == '/')
        t->name[n - 1] = '\0';
    make_way(p, t->name);
    if (hard && !strcmp(t->name, t->target))
        return;
    remove_old(p, t);
    if (hard) {
        put_off(p, t, true);
    } else if (S_ISREG(t->header.mode)) {
        make_file(p, t);
    } else {
        (S_ISDIR(t->header.mode) ? make_folder : S_ISLNK(t->header.mode) ? make_symlink : make_node)(p, t);
        tar_extracted(p, t);
    }
}

/* ---- Or given to a command ---- */

static void tell(struct proc *p, const struct tar *t, bool there)
{
    const struct tar_header *h = &t->header;
    char mode[16], uid[16], gid[16], size[24];
    snprintf(mode, sizeof mode, "%o", h->mode);
    snprintf(uid, sizeof uid, "%u", h->uid);
    snprintf(gid, sizeof gid, "%u", h->gid);
    snprintf(size, sizeof size, "%lld", (long long)h->size);
    const struct {
        const char *name, *value;
    } told[] = {
        { "TAR_FILETYPE", "f" }, { "TAR_MODE", mode },         { "TAR_FILENAME", t->name }, { "TAR_REALNAME", t->name },
        { "TAR_UNAME", h->user }, { "TAR_GNAME", h->group }, { "TAR_SIZE", size },        { "TAR_UID", uid },
        { "TAR_GID", gid },
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        proc_setenv(p, told[i].name, there ? told[i].value : NULL);
}

static void start_command(struct proc *p, struct tar *t)
{
    int fds[2];
    int e = proc_pipe(p, fds);
    if (e < 0)
        proc_die_errno(p, e, "can't create pipe");
    tell(p, t, true);
    int pid = proc_spawn_shell(p, t->command, fds[0], -1);
    tell(p, t, false);
    if (pid < 0)
        proc_die_errno(p, pid, "can't execute '%s'", "sh");
    proc_close(p, fds[0]);
    proc_ignore(p, SIGPIPE, true);
    t->child = (uint32_t)pid;
    t->out = fds[1];
}

void tar_extract(struct proc *p, struct tar *t)
{
    t->out = -1;
    if (t->command && S_ISREG(t->header.mode))
        start_command(p, t);
    else if (t->bits & TAR_OUTPUT && S_ISREG(t->header.mode))
        t->out = 1;
    else if (t->bits & TAR_EXTRACT && !t->command && !(t->bits & TAR_OUTPUT))
        make(p, t);
}
