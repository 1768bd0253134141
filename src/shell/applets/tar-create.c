#include "shell/applets/tar.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is put into an archive. */

enum { PIECE = 4096 };

static void put(struct proc *p, const struct tar *t, const void *data, size_t n)
{
    int64_t e = n ? proc_write(p, t->archive, data, n) : 0;
    if (e < 0)
        proc_die_errno(p, (int)e, "write error");
}

/* The reference looks for it in PATH alone, not among its applets. */
static bool is_in_path(struct proc *p, const char *name)
{
    const char *path = proc_getenv(p, "PATH");
    bool found = false;
    for (const char *at = path ? path : "/bin:/usr/bin"; !found;) {
        size_t n = strcspn(at, ":");
        char *dir = memory_bytes(proc_memory(p), n ? at : ".", n ? n : 1);
        found = proc_access(p, proc_join(p, dir, name), X_OK) == 0;
        if (!at[n])
            break;
        at += n + 1;
    }
    return found;
}

/* Another program compresses what is written. */
static void start_packer(struct proc *p, struct tar *t)
{
    char force[] = "-f", *argv[] = { memory_text(proc_memory(p), t->packer->name), force, NULL };
    int fds[2];
    int e = proc_pipe(p, fds);
    if (e < 0)
        proc_die_errno(p, e, "can't create pipe");
    int pid = is_in_path(p, t->packer->name) ? proc_spawn(p, argv, fds[0], t->archive) : -ENOENT;
    if (pid < 0)
        proc_die_errno(p, pid, "can't execute '%s'", t->packer->name);
    proc_close(p, fds[0]);
    if (t->archive > 1)
        proc_close(p, t->archive);
    t->child = (uint32_t)pid;
    t->archive = fds[1];
}

void tar_create(struct proc *p, struct tar *t)
{
    int e = proc_fstat(p, t->archive, &t->archive_stat);
    if (e < 0)
        proc_die_errno(p, e, "can't stat tar file");
    /* Names are told where the archive does not go. */
    t->out = t->archive;
    if (t->packer)
        start_packer(p, t);
    t->now = TAR_WALKS;
}

/* ---- Headers ---- */

static void put_padding(struct proc *p, const struct tar *t, uint64_t after)
{
    static const uint8_t zeros[TAR_BLOCK];
    put(p, t, zeros, -after % TAR_BLOCK);
}

static void put_header(struct proc *p, struct tar *t, const struct tar_header *h)
{
    tar_header_write(h, t->block);
    put(p, t, t->block, TAR_BLOCK);
}

/* With its NUL. */
static void put_long(struct proc *p, struct tar *t, uint8_t type, const char *name)
{
    size_t n = strlen(name);
    struct tar_header h = { .name = "././@LongLink", .type = type, .size = (int64_t)n + 1 };
    if (n < TAR_NAME)
        return;
    put_header(p, t, &h);
    put(p, t, name, n + 1);
    put_padding(p, t, n + 1);
}

static void cut_text(char *to, size_t room, const char *s)
{
    size_t n = strnlen(s, room - 1);
    memcpy(to, s, n);
    to[n] = '\0';
}

static void put_owner(char to[static TAR_USER + 1], const char *name, uint32_t number)
{
    if (name)
        cut_text(to, TAR_USER + 1, name);
    else
        snprintf(to, TAR_USER + 1, "%u", number);
}

static uint8_t type_of(uint32_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFLNK:
        return TAR_SYMLINK;
    case S_IFCHR:
        return TAR_CHARACTERS;
    case S_IFBLK:
        return TAR_BLOCKS;
    case S_IFDIR:
        return TAR_FOLDER;
    case S_IFIFO:
        return TAR_FIFO;
    default:
        return TAR_FILE;
    }
}

static void put_entry(struct proc *p, struct tar *t, const char *name, uint8_t type, const char *target)
{
    const struct vfs_stat *st = &t->walk.st;
    struct tar_header h = {
        .mode = st->mode,
        .uid = st->uid,
        .gid = st->gid,
        .mtime = st->mtime,
        .type = type,
        .size = type == TAR_FILE ? (int64_t)st->size : 0,
        .major = st->major,
        .minor = st->minor,
    };
    cut_text(h.name, TAR_NAME + 1, name);
    cut_text(h.target, TAR_NAME + 1, target);
    put_owner(h.user, proc_user(p, st->uid), st->uid);
    put_owner(h.group, proc_group(p, st->gid), st->gid);
    put_long(p, t, TAR_LONG_TARGET, target);
    put_long(p, t, TAR_LONG_NAME, name);
    put_header(p, t, &h);
    if (t->bits & TAR_VERBOSE) {
        if (t->out == 1)
            err_print(p, "%s\n", name);
        else
            out_print(p, "%s\n", name);
    }
}

/* ---- Files of several names ---- */

/* The first name of what was put in before; else this one is remembered as such. */
static const char *seen_as(struct proc *p, struct tar *t, const char *name)
{
    const struct vfs_stat *st = &t->walk.st;
    if (st->links < 2)
        return NULL;
    proc_charge(p, t->n_seen / 64 + 1);
    for (size_t i = 0; i < t->n_seen; i++)
        if (t->seen[i].ino == st->ino && t->seen[i].mount == st->mount)
            return t->seen[i].name;
    if (t->n_seen == t->room_seen) {
        t->room_seen = t->room_seen ? t->room_seen * 2 : 16;
        t->seen = memory_array(proc_memory(p), t->seen, t->room_seen, sizeof *t->seen);
    }
    t->seen[t->n_seen++] = (struct tar_seen){ st->ino, st->mount, memory_text(proc_memory(p), name) };
    return NULL;
}

/* ---- One item ---- */

static void add_file(struct proc *p, struct tar *t, const char *path, const char *name)
{
    t->in_file = proc_open(p, path, O_RDONLY, 0);
    if (t->in_file < 0) {
        proc_perror(p, t->in_file, "can't open '%s'", path);
        t->failed = true;
        return;
    }
    put_entry(p, t, name, TAR_FILE, "");
    t->left = t->walk.st.size;
    t->now = TAR_ADDS;
}

static void add_symlink(struct proc *p, struct tar *t, const char *path, const char *name)
{
    char *target;
    int e = proc_readlink(p, path, &target);
    if (e < 0) {
        proc_perror(p, e, "%s", path);
        t->failed = true;
        return;
    }
    put_entry(p, t, name, TAR_SYMLINK, target);
    memory_give(proc_memory(p), target);
}

static void add_folder(struct proc *p, struct tar *t, const char *name)
{
    char *slashed = memory_print(proc_memory(p), "%s/", name);
    put_entry(p, t, slashed, TAR_FOLDER, "");
    memory_give(proc_memory(p), slashed);
}

static void add(struct proc *p, struct tar *t)
{
    const char *path = t->walk.path.data;
    const struct vfs_stat *st = &t->walk.st;
    const char *name = tar_safe_name(p, t, path);
    if (!*name)
        return;
    const char *first = S_ISDIR(st->mode) ? NULL : seen_as(p, t, name);
    if (st->ino == t->archive_stat.ino && st->mount == t->archive_stat.mount)
        proc_error(p, "%s: file is the archive; skipping", path);
    else if (first)
        put_entry(p, t, name, TAR_LINK, first);
    else if (S_ISDIR(st->mode))
        add_folder(p, t, name);
    else if (S_ISREG(st->mode))
        add_file(p, t, path, name);
    else if (S_ISLNK(st->mode))
        add_symlink(p, t, path, name);
    else if (S_ISSOCK(st->mode))
        proc_error(p, "%s: socket ignored", path);
    else
        put_entry(p, t, name, type_of(st->mode), "");
}

static void fail(struct proc *p, struct tar *t, int e)
{
    proc_perror(p, e, "%s", t->walk.path.data);
    t->failed = true;
}

static void walk_on(struct proc *p, struct tar *t)
{
    switch (walk_next(&t->walk)) {
    case WALK_FILE:
        if (t->bits & TAR_FOLLOW && S_ISLNK(t->walk.st.mode))
            fail(p, t, -ENOENT);
        else
            add(p, t);
        break;
    case WALK_ENTER:
        add(p, t);
        break;
    case WALK_ERROR:
        fail(p, t, t->walk.error);
        break;
    case WALK_LEAVE:
        break;
    case WALK_END:
        walk_end(&t->walk);
        t->walking = false;
        break;
    }
}

/* ---- The steps ---- */

static enum applet_next add_piece(struct proc *p, struct tar *t)
{
    uint8_t piece[PIECE];
    int64_t n = t->left ? proc_read(p, t->in_file, piece, t->left < PIECE ? (size_t)t->left : PIECE) : 0;
    if (n == -EAGAIN) {
        proc_waits_on(p, t->in_file);
        return NEXT_INPUT;
    }
    if (n < 0)
        proc_die_errno(p, (int)n, "read error");
    if (t->left && !n)
        proc_die(p, "short read");
    put(p, t, piece, (size_t)n);
    t->left -= (uint64_t)n;
    if (!t->left) {
        put_padding(p, t, t->walk.st.size);
        proc_close(p, t->in_file);
        t->now = TAR_WALKS;
    }
    return NEXT_AGAIN;
}

static enum applet_next end_archive(struct proc *p, struct tar *t)
{
    static const uint8_t zeros[2 * TAR_BLOCK];
    put(p, t, zeros, sizeof zeros);
    if (t->archive > 1)
        proc_close(p, t->archive);
    if (t->failed) {
        proc_error(p, "error exit delayed from previous errors");
        t->status = 1;
    }
    if (t->child) {
        t->now = TAR_WAITS;
        return NEXT_AGAIN;
    }
    proc_done(p, t->status);
    return NEXT_DONE;
}

enum applet_next tar_create_step(struct proc *p, struct tar *t)
{
    if (t->now == TAR_ADDS)
        return add_piece(p, t);
    if (t->walking) {
        walk_on(p, t);
        return NEXT_AGAIN;
    }
    if (!*t->words)
        return end_archive(p, t);
    unsigned flags = (t->bits & TAR_FLAT ? 0 : WALK_RECURSE) | (t->bits & TAR_FOLLOW ? WALK_LINKS : 0);
    walk_begin(&t->walk, p, *t->words++, flags);
    t->walking = true;
    return NEXT_AGAIN;
}
