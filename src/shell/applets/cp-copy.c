#include "shell/applets/cp-copy.h"

#include <fcntl.h>
#include <string.h>

enum { PIECE = 32 << 10, DEEP = 2048 };

struct copy_level {
    vfs_ino dir;
    uint64_t cursor;
    size_t from, to; /* lengths of their paths */
    struct vfs_stat st;
    bool made;
    uint32_t mode; /* that it gets at the end */
};

struct copy_made {
    vfs_ino ino;
    char *to; /* of a file with several names: where it was copied to; NULL of a directory */
};

int copy_look(struct proc *p, const char *path, bool follow, struct vfs_stat *ret)
{
    int e = follow ? proc_stat(p, path, ret) : proc_lstat(p, path, ret);
    if (e == 0)
        return 1;
    if (e == -ENOENT)
        return 0;
    if (e == -ENOTDIR)
        proc_error(p, "can't stat '%s': Path has non-directory component", path);
    else
        proc_perror(p, e, "can't stat '%s'", path);
    return -1;
}

char *copy_target(struct proc *p, const char *folder, const char *path)
{
    char *copy = memory_text(proc_memory(p), path);
    size_t n = strlen(copy);
    while (n > 1 && copy[n - 1] == '/')
        copy[--n] = '\0';
    char *slash = strrchr(copy, '/');
    return proc_join(p, folder, slash && slash[1] ? slash + 1 : copy);
}

static void set_path(struct text *t, const char *path)
{
    t->len = 0;
    text_say(t, path);
}

void copy_begin(struct copy *c, struct proc *p, const char *from, const char *to, uint32_t flags)
{
    c->p = p;
    c->flags = flags;
    c->failed = false;
    c->from.memory = c->to.memory = proc_memory(p);
    set_path(&c->from, from);
    set_path(&c->to, to);
    c->n = 0;
    c->now = COPY_LOOKS;
}

static const struct copy_made *find_made(const struct copy *c, vfs_ino ino, bool directory)
{
    for (size_t i = 0; i < c->n_made; i++)
        if (c->made[i].ino == ino && !c->made[i].to == directory)
            return &c->made[i];
    return NULL;
}

static void remember(struct copy *c, vfs_ino ino, const char *to)
{
    if (c->n_made == c->room_made) {
        c->room_made = c->room_made ? c->room_made * 2 : 16;
        c->made = memory_array(proc_memory(c->p), c->made, c->room_made, sizeof *c->made);
    }
    c->made[c->n_made++] =
        (struct copy_made){ ino, to ? memory_text(proc_memory(c->p), to) : NULL };
}

/* "WHAT 'path': why" */
static void fail(struct copy *c, int e, const char *what, const char *path)
{
    proc_perror(c->p, e, "%s '%s'", what, path);
    c->failed = true;
}

static void done(struct copy *c)
{
    if (c->flags & COPY_VERBOSE)
        out_print(c->p, "'%s' -> '%s'\n", c->from.data, c->to.data);
}

/* ---- What is kept of the source ---- */

static void preserve(struct copy *c, const struct vfs_stat *st)
{
    struct proc *p = c->p;
    const char *to = c->to.data;
    uint32_t mode = st->mode & 07777;
    if (proc_utime(p, to, st->atime, st->mtime) < 0)
        proc_error(p, "can't preserve times of '%s'", to);
    int e = proc_chown(p, to, st->uid, st->gid, true);
    if (e < 0) {
        mode &= 01777;
        proc_perror(p, e, "can't preserve ownership of '%s'", to);
    }
    e = proc_chmod(p, to, mode);
    if (e < 0)
        proc_perror(p, e, "can't preserve permissions of '%s'", to);
}

/* ---- Directories ---- */

static void push(struct copy *c, vfs_ino dir, bool made)
{
    if (c->n == c->room) {
        c->room = c->room ? c->room * 2 : 8;
        c->levels = memory_array(proc_memory(c->p), c->levels, c->room, sizeof *c->levels);
    }
    c->levels[c->n++] = (struct copy_level){
        .dir = dir,
        .from = c->from.len,
        .to = c->to.len,
        .st = c->st,
        .made = made,
        .mode = c->st.mode & 07777 & ~(c->flags & COPY_PRESERVE ? 0 : proc_umask(c->p)),
    };
}

static int make_directory(struct copy *c)
{
    struct vfs_stat made;
    uint32_t mask = proc_umask(c->p);
    proc_set_umask(c->p, 0);
    int e = proc_mkdir(c->p, c->to.data, (c->st.mode & 07777) | 0700);
    proc_set_umask(c->p, mask);
    TRY(e);
    TRY(proc_stat(c->p, c->to.data, &made));
    remember(c, made.ino, NULL);
    return 0;
}

static void enter(struct copy *c)
{
    struct vfs *v = proc_vfs(c->p);
    vfs_ino dir;
    if (!(c->flags & COPY_RECURSE) || find_made(c, c->st.ino, true)) {
        proc_error(c->p, "%s '%s'",
                   c->flags & COPY_RECURSE ? "recursion detected, omitting directory"
                                           : "omitting directory",
                   c->from.data);
        c->failed = true;
        return;
    }
    if (c->exists && !S_ISDIR(c->old.mode)) {
        proc_error(c->p, "target '%s' is not a directory", c->to.data);
        c->failed = true;
        return;
    }
    int e = c->exists ? 0 : make_directory(c);
    if (e < 0) {
        fail(c, e, "can't create directory", c->to.data);
        return;
    }
    e = vfs_find(v, proc_cwd(c->p), c->from.data, true, proc_who(c->p), &dir);
    if (e < 0 || vfs_access(v, dir, 4, proc_who(c->p)) < 0) {
        c->failed = true; /* of this the reference says nothing */
        return;
    }
    push(c, dir, !c->exists);
}

static void cut(struct text *t, size_t n)
{
    t->len = n;
    t->data[n] = '\0';
}

static void leave(struct copy *c)
{
    struct copy_level *level = &c->levels[--c->n];
    cut(&c->from, level->from);
    cut(&c->to, level->to);
    if (c->flags & COPY_PRESERVE)
        preserve(c, &level->st);
    else if (level->made && proc_chmod(c->p, c->to.data, level->mode) < 0)
        proc_error(c->p, "can't preserve permissions of '%s'", c->to.data);
    done(c);
}

static void append(struct text *path, size_t n, const char *name)
{
    cut(path, n);
    if (n == 0 || path->data[n - 1] != '/')
        text_char_add(path, '/');
    text_say(path, name);
}

/* The next of the innermost directory. */
static enum copy_next walk(struct copy *c)
{
    if (c->n == 0)
        return COPY_DONE;
    struct copy_level *level = &c->levels[c->n - 1];
    struct vfs_entry entry;
    if (vfs_next(proc_vfs(c->p), level->dir, &level->cursor, &entry) <= 0) {
        leave(c);
        return COPY_AGAIN;
    }
    append(&c->from, level->from, entry.name);
    append(&c->to, level->to, entry.name);
    c->now = COPY_LOOKS;
    return COPY_AGAIN;
}

/* ---- Files ---- */

static void ask(struct copy *c, int why)
{
    err_print(c->p, "%s: overwrite '%s'? ", proc_name(c->p), c->to.data);
    c->why = why;
    c->now = COPY_ASKED;
}

/* The target could not be made. Whether it was taken away, so that another try may go well; COPY_ASKED comes first
 * where it is asked for, even of what is not there. */
static bool make_way(struct copy *c, int e)
{
    if (c->flags & COPY_ASKS) {
        ask(c, e);
        return false;
    }
    bool missing = c->flags & COPY_FORCE && !c->exists && e == -ENOENT;
    if (c->flags & COPY_FORCE && c->exists && proc_unlink(c->p, c->to.data) == 0)
        return true;
    if (missing)
        proc_error(c->p, "can't create '%s': Path does not exist", c->to.data);
    else
        fail(c, e, "can't create", c->to.data);
    c->failed = true;
    return false;
}

/* `again`: the target was taken away. */
static void open_target(struct copy *c, bool again)
{
    uint32_t mode = S_ISREG(c->st.mode) ? c->st.mode & 07777 : 0666;
    bool fresh = !c->exists || again;
    c->out = proc_open(c->p, c->to.data, O_WRONLY | O_CREAT | O_TRUNC | (fresh ? O_EXCL : 0), mode);
    if (c->out < 0 && !again && make_way(c, c->out)) {
        again = true;
        c->out = proc_open(c->p, c->to.data, O_WRONLY | O_CREAT | O_TRUNC | O_EXCL, mode);
    }
    if (c->out >= 0) {
        c->now = COPY_BYTES;
        return;
    }
    if (again)
        fail(c, c->out, "can't create", c->to.data);
    if (c->now != COPY_ASKED)
        proc_close(c->p, c->in);
}

static void copy_file(struct copy *c)
{
    const struct copy_made *made =
        c->flags & COPY_DEREFERENCE ? NULL : find_made(c, c->st.ino, false);
    if (made) {
        int e = proc_link(c->p, made->to, c->to.data);
        if (e < 0)
            fail(c, e, "can't create", c->to.data);
        else
            done(c);
        return;
    }
    if (c->st.links > 1 && S_ISREG(c->st.mode) && !(c->flags & COPY_DEREFERENCE))
        remember(c, c->st.ino, c->to.data);
    c->in = proc_open(c->p, c->from.data, O_RDONLY, 0);
    if (c->in < 0) {
        fail(c, c->in, "can't open", c->from.data);
        return;
    }
    if (c->exists && c->flags & COPY_ASKS)
        ask(c, -EEXIST);
    else
        open_target(c, false);
}

static void end_bytes(struct copy *c, bool whole)
{
    proc_close(c->p, c->in);
    proc_close(c->p, c->out);
    c->now = COPY_WALKS;
    c->failed |= !whole;
    if (!whole)
        return;
    if (S_ISREG(c->st.mode) && c->flags & COPY_PRESERVE)
        preserve(c, &c->st);
    done(c);
}

static enum copy_next copy_bytes(struct copy *c)
{
    char *piece = memory_take(proc_memory(c->p), PIECE);
    int64_t n = proc_read(c->p, c->in, piece, PIECE), put = 0;
    if (n == -EAGAIN) {
        memory_give(proc_memory(c->p), piece);
        proc_waits_on(c->p, c->in);
        return COPY_INPUT;
    }
    if (n > 0)
        put = proc_write(c->p, c->out, piece, (size_t)n);
    memory_give(proc_memory(c->p), piece);
    if (n < 0 || put < 0) {
        proc_perror(c->p, (int)(n < 0 ? n : put), n < 0 ? "read error" : "write error");
        end_bytes(c, false);
    } else if (n == 0) {
        end_bytes(c, true);
    }
    return COPY_AGAIN;
}

/* ---- Links and special files ---- */

static int make_special(struct copy *c)
{
    struct proc *p = c->p;
    char *target;
    if (c->flags & COPY_LINK)
        return proc_link(p, c->from.data, c->to.data);
    if (c->flags & COPY_SYMLINK)
        return proc_symlink(p, c->from.data, c->to.data);
    if (!S_ISLNK(c->st.mode))
        return proc_mknod(p, c->to.data, c->st.mode, c->st.major, c->st.minor);
    TRY(proc_readlink(p, c->from.data, &target));
    return proc_symlink(p, target, c->to.data);
}

static void special_made(struct copy *c)
{
    if (c->flags & COPY_PRESERVE && !(c->flags & (COPY_LINK | COPY_SYMLINK))) {
        if (!S_ISLNK(c->st.mode))
            preserve(c, &c->st);
        else if (proc_chown(c->p, c->to.data, c->st.uid, c->st.gid, false) < 0)
            proc_error(c->p, "can't preserve ownership of '%s'", c->to.data);
    }
    done(c);
}

static void special_failed(struct copy *c, int e)
{
    char *target;
    bool link = S_ISLNK(c->st.mode) && !(c->flags & (COPY_LINK | COPY_SYMLINK));
    c->failed = true;
    if (link && !c->exists && proc_readlink(c->p, c->from.data, &target) >= 0)
        proc_perror(c->p, e, "can't create symlink '%s' to '%s'", c->to.data, target);
    else
        fail(c, e, "can't create", c->to.data);
}

static void copy_special(struct copy *c, bool again)
{
    bool other = !(c->flags & (COPY_LINK | COPY_SYMLINK)); /* of these what is there is all that is in the way */
    c->in = -1;
    if (!again && c->exists && c->flags & COPY_ASKS) {
        ask(c, -EEXIST);
        return;
    }
    int e = make_special(c);
    if (e < 0 && !again && (c->exists || !other)) {
        if (!make_way(c, e))
            return;
        e = make_special(c);
    }
    if (e < 0)
        special_failed(c, e);
    else
        special_made(c);
}

/* ---- One item ---- */

static bool look(struct copy *c)
{
    bool follow = c->flags & COPY_DEREFERENCE || (c->n == 0 && c->flags & COPY_DEREFERENCE_FIRST);
    int e = follow ? proc_stat(c->p, c->from.data, &c->st) : proc_lstat(c->p, c->from.data, &c->st);
    if (e < 0) {
        fail(c, e, "can't stat", c->from.data);
        return false;
    }
    e = proc_lstat(c->p, c->to.data, &c->old);
    c->exists = e == 0;
    if (e < 0 && e != -ENOENT) {
        fail(c, e, "can't stat", c->to.data);
        return false;
    }
    if (c->exists && c->st.ino == c->old.ino && c->st.mount == c->old.mount) {
        proc_error(c->p, "'%s' and '%s' are the same file", c->from.data, c->to.data);
        c->failed = true;
        return false;
    }
    return true;
}

static void copy_item(struct copy *c)
{
    c->now = COPY_WALKS;
    if (!look(c))
        return;
    if (S_ISDIR(c->st.mode)) {
        enter(c);
        return;
    }
    if (c->exists &&
        (c->flags & COPY_KEEP || (c->flags & COPY_NEWER && c->old.mtime >= c->st.mtime)))
        return;
    bool follow = c->flags & (COPY_DEREFERENCE | COPY_DEREFERENCE_FIRST);
    if (c->flags & (COPY_LINK | COPY_SYMLINK) || S_ISLNK(c->st.mode) ||
        (!S_ISREG(c->st.mode) && (c->flags & COPY_RECURSE || !follow)))
        copy_special(c, false);
    else
        copy_file(c);
}

static enum copy_next asked(struct copy *c)
{
    enum ask_answer answer = ask_read(c->p, &c->ask);
    if (answer == ASK_WAIT)
        return COPY_INPUT;
    c->now = COPY_WALKS;
    int gone = answer == ASK_YES ? proc_unlink(c->p, c->to.data) : 0;
    if (gone < 0)
        fail(c, c->why, "can't create", c->to.data);
    if (answer != ASK_YES || gone < 0) {
        if (c->in >= 0)
            proc_close(c->p, c->in);
    } else if (c->in >= 0) {
        open_target(c, true);
    } else {
        copy_special(c, true);
    }
    return COPY_AGAIN;
}

enum copy_next copy_step(struct copy *c)
{
    proc_charge(c->p, 1);
    switch (c->now) {
    case COPY_LOOKS:
        copy_item(c);
        return COPY_AGAIN;
    case COPY_BYTES:
        return copy_bytes(c);
    case COPY_ASKED:
        return asked(c);
    case COPY_WALKS:
        break;
    }
    return walk(c);
}
