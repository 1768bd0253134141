#include "shell/inside.h"
#include "shell/tty.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file *file_hold(struct file *f)
{
    f->refs++;
    return f;
}

static void pipe_leave(struct shell *sh, struct file *f)
{
    struct pipe *pipe = f->pipe;
    if (f->writes)
        pipe->writers--;
    else
        pipe->readers--;
    if (!pipe->readers && !pipe->writers)
        memory_give(&sh->memory, pipe);
}

void file_drop(struct shell *sh, struct file *f)
{
    if (!f || --f->refs)
        return;
    if (f->ino)
        vfs_drop(sh->vfs, f->ino);
    if (f->type == FILE_PIPE)
        pipe_leave(sh, f);
    if (f->type == FILE_LIVE) {
        text_release(f->live);
        memory_give(&sh->memory, f->live);
    }
    memory_give(&sh->memory, f);
}

static struct file *file_make(struct shell *sh, enum file_type type, int flags)
{
    struct file *f = memory_take(&sh->memory, sizeof *f);
    f->type = (uint8_t)type;
    f->flags = flags;
    f->refs = 1;
    return f;
}

static struct file *live_make(struct shell *sh, int flags)
{
    struct text *live = memory_take(&sh->memory, sizeof *live);
    *live = text_of(&sh->memory);
    struct file *f = file_make(sh, FILE_LIVE, flags);
    f->live = live;
    return f;
}

struct file *pipe_make(struct shell *sh, struct file **ret_write)
{
    struct pipe *pipe = memory_take(&sh->memory, sizeof *pipe);
    struct file *reader = file_make(sh, FILE_PIPE, O_RDONLY);
    reader->pipe = pipe;
    pipe->readers = 1;
    struct file *writer = file_make(sh, FILE_PIPE, O_WRONLY);
    writer->pipe = pipe;
    writer->writes = true;
    pipe->writers = 1;
    *ret_write = writer;
    return reader;
}

struct file *file_of_text(struct proc *p, const char *s)
{
    struct file *f = live_make(p->shell, O_RDONLY);
    text_say(f->live, s);
    return f;
}

/* ---- Descriptors ---- */

static struct descriptor *descriptor_find(const struct proc *p, int fd)
{
    for (size_t i = 0; i < p->fds.n; i++)
        if (p->fds.items[i].fd == fd)
            return &p->fds.items[i];
    return NULL;
}

struct file *descriptor_file(const struct proc *p, int fd)
{
    const struct descriptor *d = descriptor_find(p, fd);
    return d ? d->file : NULL;
}

static int lowest_free(const struct proc *p, int least)
{
    while (descriptor_find(p, least))
        least++;
    return least;
}

static void descriptors_room(struct proc *p, size_t n)
{
    if (n <= p->fds.room)
        return;
    size_t room = n <= 3 ? 3 : n <= 12 ? 12 : n <= 64 ? 64 : DESCRIPTORS_MOST;
    p->fds.items = memory_array(&p->shell->memory, p->fds.items, room, sizeof *p->fds.items);
    p->fds.room = (uint16_t)room;
}

int descriptor_set(struct proc *p, int fd, int least, struct file *f, bool closes)
{
    if (fd < 0)
        fd = lowest_free(p, least);
    if (fd >= 1024)
        return -EBADF;
    struct descriptor *d = descriptor_find(p, fd);
    if (d) {
        struct file *old = d->file;
        d->file = file_hold(f);
        d->closes = closes;
        file_drop(p->shell, old);
        return fd;
    }
    if (p->fds.n == DESCRIPTORS_MOST)
        return -EMFILE;
    descriptors_room(p, p->fds.n + 1u);
    p->fds.items[p->fds.n++] = (struct descriptor){ (int16_t)fd, closes, file_hold(f) };
    return fd;
}

int proc_close(struct proc *p, int fd)
{
    struct descriptor *d = descriptor_find(p, fd);
    if (!d)
        return -EBADF;
    struct file *f = d->file;
    *d = p->fds.items[--p->fds.n];
    file_drop(p->shell, f);
    return 0;
}

void descriptors_copy(struct proc *to, const struct proc *from)
{
    descriptors_room(to, from->fds.n);
    for (size_t i = 0; i < from->fds.n; i++) {
        to->fds.items[i] = from->fds.items[i];
        file_hold(to->fds.items[i].file);
    }
    to->fds.n = from->fds.n;
}

void descriptors_clear(struct proc *p, bool exec_only)
{
    for (size_t i = p->fds.n; i-- > 0;)
        if (!exec_only || p->fds.items[i].closes)
            (void)proc_close(p, p->fds.items[i].fd);
    if (!p->fds.n) {
        memory_give(&p->shell->memory, p->fds.items);
        p->fds = (struct descriptors){ 0 };
    }
}

/* ---- Opening ---- */

static struct file *open_console(struct shell *sh, bool writes)
{
    return file_hold(&sh->console[writes ? 1 : 0]);
}

/* What the device nodes of any Linux are. */
static const struct {
    uint8_t major, minor, type;
} devices[] = {
    { 1, 3, FILE_NULL },   { 1, 5, FILE_ZERO },    { 1, 7, FILE_FULL }, { 1, 8, FILE_RANDOM },
    { 1, 9, FILE_RANDOM }, { 5, 0, FILE_CONSOLE }, { 5, 1, FILE_NULL },
};

static int open_device(struct shell *sh, const struct vfs_stat *st, int flags, struct file **ret)
{
    if (vfs_mount_at(sh->vfs, st->mount)->no_dev)
        return -EACCES;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        if (!S_ISCHR(st->mode) || devices[i].major != st->major || devices[i].minor != st->minor)
            continue;
        if (devices[i].type == FILE_CONSOLE && !sh->terminal)
            return -ENXIO;
        *ret = devices[i].type == FILE_CONSOLE
                   ? open_console(sh, (flags & O_ACCMODE) != O_RDONLY)
                   : file_make(sh, devices[i].type, flags);
        return 0;
    }
    return S_ISCHR(st->mode) && (st->major == 136 || st->major == 4) && sh->terminal
               ? (*ret = open_console(sh, (flags & O_ACCMODE) != O_RDONLY), 0)
               : -ENXIO;
}

static int open_live(struct proc *p, vfs_ino ino, const struct vfs_stat *st, int flags, struct file **ret)
{
    if ((flags & O_ACCMODE) != O_RDONLY && !(st->mode & 0222))
        return -EACCES;
    struct file *f = live_make(p->shell, flags);
    int e = vfs_live_content(p->shell->vfs, ino, f->live);
    if (e) {
        file_drop(p->shell, f);
        return e;
    }
    f->ino = ino;
    vfs_hold(p->shell->vfs, ino);
    *ret = f;
    return 0;
}

static unsigned rights_for(int flags)
{
    int how = flags & O_ACCMODE;
    return how == O_RDONLY ? R_OK : how == O_WRONLY ? W_OK : R_OK | W_OK;
}

static int open_node(struct proc *p, vfs_ino ino, int flags, bool made, struct file **ret)
{
    struct vfs *v = p->shell->vfs;
    struct vfs_stat st;
    TRY(vfs_stat(v, ino, &st));
    if (S_ISLNK(st.mode))
        return -ELOOP;
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    if (S_ISDIR(st.mode) && (writes || (flags & O_CREAT)))
        return -EISDIR;
    if (!S_ISDIR(st.mode) && (flags & O_DIRECTORY))
        return -ENOTDIR;
    if (!made)
        TRY(vfs_access(v, ino, rights_for(flags), proc_who(p)));
    if (S_ISCHR(st.mode) || S_ISBLK(st.mode))
        return open_device(p->shell, &st, flags, ret);
    if (S_ISSOCK(st.mode) || S_ISFIFO(st.mode))
        return -ENXIO;
    if (S_ISREG(st.mode) && vfs_is_live(v, ino))
        return open_live(p, ino, &st, flags, ret);
    if (writes && vfs_mount_at(v, st.mount)->read_only)
        return -EROFS;
    if ((flags & O_TRUNC) && writes && st.size)
        TRY(vfs_truncate(v, ino, 0));
    struct file *f = file_make(p->shell, FILE_NODE, flags);
    f->ino = ino;
    vfs_hold(v, ino);
    if (writes && p->fetched)
        shell_mark_fetched(p->shell, ino);
    *ret = f;
    return 0;
}

/* The node of a path; `flags` say whether one is made. */
static int find_or_make(struct proc *p, const char *path, int flags, uint32_t mode, vfs_ino *ret, bool *ret_made)
{
    struct vfs *v = p->shell->vfs;
    *ret_made = false;
    if (!(flags & O_CREAT))
        return vfs_find(v, p->cwd, path, !(flags & O_NOFOLLOW), proc_who(p), ret);
    if ((flags & O_EXCL) && vfs_find(v, p->cwd, path, false, proc_who(p), ret) == 0)
        return -EEXIST; /* a link is in the way itself */
    return vfs_find_or_make(v, p->cwd, path, S_IFREG | (mode & 07777 & ~p->umask), proc_who(p), ret, ret_made);
}

/* /dev/fd/N and its like are what the process has open; NULL: another path, or not open. */
static struct file *named_descriptor(const struct proc *p, const char *path)
{
    static const struct {
        const char *path;
        int fd; /* -1: a number follows */
    } names[] = { { "/dev/stdin", 0 }, { "/dev/stdout", 1 }, { "/dev/stderr", 2 }, { "/dev/fd/", -1 },
                  { "/proc/self/fd/", -1 } };
    if (path[0] != '/')
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i].path);
        const char *digits = path + n;
        if (strncmp(path, names[i].path, n))
            continue;
        if (names[i].fd >= 0 && !*digits)
            return descriptor_file(p, names[i].fd);
        if (names[i].fd < 0 && *digits && !digits[strspn(digits, "0123456789")] && strlen(digits) < 5)
            return descriptor_file(p, (int)strtol(digits, NULL, 10));
    }
    return NULL;
}

int file_open(struct proc *p, const char *path, int flags, uint32_t mode, struct file **ret)
{
    struct file *open = named_descriptor(p, path);
    if (open && open->type == FILE_NODE)
        return open_node(p, open->ino, flags, false, ret); /* anew, from its beginning */
    if (open) {
        *ret = file_hold(open);
        return 0;
    }
    vfs_ino ino;
    bool made;
    vfs_clock(p->shell->vfs, shell_clock(p->shell) / 1000000);
    TRY(find_or_make(p, path, flags, mode, &ino, &made));
    return open_node(p, ino, flags, made, ret);
}

int proc_open(struct proc *p, const char *path, int flags, uint32_t mode)
{
    struct file *f;
    TRY(file_open(p, path, flags, mode, &f));
    int fd = descriptor_set(p, -1, 0, f, flags & O_CLOEXEC);
    file_drop(p->shell, f);
    return fd;
}

/* ---- Reading ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int64_t read_pipe(struct pipe *pipe, char *to, size_t n)
{
    if (!pipe->n)
        return pipe->writers ? -EAGAIN : 0;
    n = least(n, pipe->n);
    size_t first = least(n, PIPE_ROOM - pipe->from);
    memcpy(to, pipe->ring + pipe->from, first);
    memcpy(to + first, pipe->ring, n - first);
    pipe->from = (uint32_t)((pipe->from + n) % PIPE_ROOM);
    pipe->n -= (uint32_t)n;
    return (int64_t)n;
}

/* What was typed is forgotten as it is read. */
static void input_took(struct shell *sh, size_t n)
{
    sh->input_read += (uint32_t)n;
    if (sh->input_read < sh->input.len)
        return;
    text_release(&sh->input);
    sh->input_read = 0;
}

enum { END_OF_INPUT = 4 }; /* ^D */

/* A terminal hands on a line at a time, or what stands before an ^D: nothing is the end. */
static int64_t read_terminal(struct shell *sh, char *to, size_t n)
{
    const char *at = sh->input.data + sh->input_read;
    size_t left = least(sh->input.len - sh->input_read, PIPE_ROOM), len = 0;
    while (len < left && at[len] != '\n' && at[len] != END_OF_INPUT)
        len++;
    if (len == left && !sh->input_ended && len < PIPE_ROOM)
        return -EAGAIN;
    bool line = len < left && at[len] == '\n', end = len < left && at[len] == END_OF_INPUT;
    size_t give = least(n, len + line);
    memcpy(to, at, give);
    input_took(sh, give + (end && give == len));
    return (int64_t)give;
}

static int64_t read_console(struct shell *sh, char *to, size_t n)
{
    size_t left = sh->input.len - sh->input_read;
    if (sh->tty)
        return tty_read(sh, to, n);
    if (!left)
        return sh->input_ended ? 0 : -EAGAIN;
    if (sh->terminal)
        return read_terminal(sh, to, n);
    n = least(n, left);
    memcpy(to, sh->input.data + sh->input_read, n);
    input_took(sh, n);
    return (int64_t)n;
}

/* As the kernel does it, what is read is made when its beginning is read, for whoever opened it. */
static int64_t read_live(struct proc *p, struct file *f, char *to, size_t n)
{
    if (f->ino && !f->at) {
        f->live->len = 0;
        if (vfs_live_content(p->shell->vfs, f->ino, f->live))
            return -ESRCH;
    }
    size_t left = f->at < f->live->len ? f->live->len - (size_t)f->at : 0;
    n = least(n, left);
    if (n)
        memcpy(to, f->live->data + f->at, n);
    f->at += n;
    return (int64_t)n;
}

static int64_t read_random(struct proc *p, char *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (char)proc_random(p);
    return (int64_t)n;
}

static int64_t read_node(struct shell *sh, struct file *f, void *to, size_t n)
{
    int64_t got = vfs_read(sh->vfs, f->ino, f->at, to, n);
    if (got > 0)
        f->at += (uint64_t)got;
    return got;
}

int64_t file_read(struct proc *p, struct file *f, void *to, size_t n)
{
    switch ((enum file_type)f->type) {
    case FILE_NODE:
        return read_node(p->shell, f, to, n);
    case FILE_LIVE:
        return read_live(p, f, to, n);
    case FILE_PIPE:
        return f->writes ? -EBADF : read_pipe(f->pipe, to, n);
    case FILE_CONSOLE:
        return read_console(p->shell, to, n);
    case FILE_NULL:
        return 0;
    case FILE_ZERO:
    case FILE_FULL:
        memset(to, 0, n);
        return (int64_t)n;
    case FILE_RANDOM:
        return read_random(p, to, n);
    }
    return -EBADF;
}

enum { READ_MOST = 65536 };

int64_t proc_read(struct proc *p, int fd, void *to, size_t n)
{
    struct file *f = descriptor_file(p, fd);
    if (!f || (f->flags & O_ACCMODE) == O_WRONLY)
        return -EBADF;
    int64_t got = file_read(p, f, to, least(n, READ_MOST));
    proc_charge(p, got > 0 ? (uint64_t)got / 64 + 1 : 1);
    return got;
}

bool file_readable(struct shell *sh, const struct file *f)
{
    if (f->type == FILE_PIPE)
        return f->pipe->n || !f->pipe->writers;
    if (f->type != FILE_CONSOLE || sh->input_ended)
        return true;
    if (sh->tty)
        return tty_readable(sh);
    size_t left = sh->input.len - sh->input_read;
    if (!sh->terminal || !left || left >= PIPE_ROOM)
        return left;
    const char *at = sh->input.data + sh->input_read;
    return memchr(at, '\n', left) || memchr(at, END_OF_INPUT, left);
}

/* ---- Writing ---- */

static int64_t write_pipe(struct pipe *pipe, const char *data, size_t n)
{
    if (!pipe->readers)
        return -EPIPE;
    if (pipe->n == PIPE_ROOM)
        return -EAGAIN;
    n = least(n, PIPE_ROOM - pipe->n);
    size_t at = (pipe->from + pipe->n) % PIPE_ROOM, first = least(n, PIPE_ROOM - at);
    memcpy(pipe->ring + at, data, first);
    memcpy(pipe->ring, data + first, n - first);
    pipe->n += (uint32_t)n;
    return (int64_t)n;
}

bool console_pays(struct shell *sh, size_t n)
{
    bool pays = n <= sh->output_left;
    sh->output_left -= pays ? n : sh->output_left;
    sh->over |= !pays;
    return pays;
}

void console_put(struct shell *sh, int stream, const void *data, size_t n)
{
    stream = stream ? stream : 1;
    if (!console_pays(sh, n))
        return;
    if (sh->tty)
        tty_show(sh, stream, data, n);
    else
        sh->hook->output(sh->context, stream, data, n);
}

/* Who writes a program anew does not write its rights. */
static void drop_rights(struct proc *p, vfs_ino ino)
{
    struct vfs_stat st;
    struct vfs_who root = { 0, 0 };
    if (proc_uid(p) == 0 || vfs_stat(p->shell->vfs, ino, &st) < 0)
        return;
    uint32_t bits = st.mode & (st.mode & S_IXGRP ? S_ISUID | S_ISGID : S_ISUID);
    if (bits)
        (void)!vfs_chmod(p->shell->vfs, ino, st.mode & 07777 & ~bits, root);
}

static int64_t write_node(struct proc *p, struct file *f, const void *data, size_t n)
{
    struct shell *sh = p->shell;
    if (f->flags & O_APPEND) {
        struct vfs_stat st;
        TRY(vfs_stat(sh->vfs, f->ino, &st));
        f->at = st.size;
    }
    vfs_clock(sh->vfs, shell_clock(sh) / 1000000);
    int64_t put = vfs_write(sh->vfs, f->ino, f->at, data, n);
    if (put > 0) {
        f->at += (uint64_t)put;
        drop_rights(p, f->ino);
    }
    return put;
}

int64_t file_write(struct proc *p, struct file *f, const void *data, size_t n)
{
    switch ((enum file_type)f->type) {
    case FILE_NODE:
        return write_node(p, f, data, n);
    case FILE_LIVE:
        return vfs_write(p->shell->vfs, f->ino, 0, data, n);
    case FILE_PIPE:
        return f->writes ? write_pipe(f->pipe, data, n) : -EBADF;
    case FILE_CONSOLE:
        console_put(p->shell, f->stream, data, n);
        return (int64_t)n;
    case FILE_FULL:
        return -ENOSPC;
    case FILE_NULL:
    case FILE_ZERO:
    case FILE_RANDOM:
        return (int64_t)n;
    }
    return -EBADF;
}

static void pending_add(struct proc *p, struct file *f, const void *data, size_t n)
{
    struct pending *w = memory_take(&p->shell->memory, sizeof *w + n); /* a builtin's is cleared before it is taken */
    w->file = file_hold(f);
    w->n = n;
    memcpy(w->data, data, n);
    *p->pending_end = w;
    p->pending_end = &w->next;
}

static int64_t write_now(struct proc *p, struct file *f, const char *data, size_t n)
{
    size_t done = 0;
    while (done < n) {
        int64_t put = file_write(p, f, data + done, n - done);
        if (put == -EAGAIN) {
            pending_add(p, f, data + done, n - done);
            return (int64_t)n;
        }
        if (put < 0)
            return done ? (int64_t)done : put;
        done += (size_t)put;
        if (!put)
            break;
    }
    return (int64_t)done;
}

static void pipe_is_broken(struct proc *p)
{
    if (p->ignored & 1u << SIGPIPE)
        return;
    proc_signal(p, SIGPIPE);
    if (p->ended)
        proc_unwind(p);
}

int64_t proc_write(struct proc *p, int fd, const void *data, size_t n)
{
    struct file *f = descriptor_file(p, fd);
    proc_charge(p, n / 64 + 1);
    if (!f || (f->flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (!n)
        return 0;
    if (p->pending) {
        pending_add(p, f, data, n);
        return (int64_t)n;
    }
    int64_t put = write_now(p, f, data, n);
    if (put == -EPIPE)
        pipe_is_broken(p);
    return put;
}

bool proc_drain(struct proc *p)
{
    while (p->pending) {
        struct pending *w = p->pending;
        int64_t put = file_write(p, w->file, w->data + w->done, w->n - w->done);
        if (put == -EAGAIN)
            return false;
        if (put == -EPIPE && !(p->ignored & 1u << SIGPIPE))
            proc_signal(p, SIGPIPE);
        if (p->ended)
            return true;
        w->done = put < 0 ? w->n : w->done + (size_t)put;
        if (w->done < w->n)
            continue;
        p->pending = w->next;
        if (!p->pending)
            p->pending_end = &p->pending;
        file_drop(p->shell, w->file);
        memory_give(&p->shell->memory, w);
    }
    return true;
}

/* ---- The rest ---- */

int64_t proc_seek(struct proc *p, int fd, int64_t at, int whence)
{
    struct file *f = descriptor_file(p, fd);
    struct vfs_stat st;
    if (!f)
        return -EBADF;
    if (f->type == FILE_PIPE || f->type == FILE_CONSOLE)
        return -ESPIPE;
    if (f->type != FILE_NODE && f->type != FILE_LIVE)
        return 0;
    TRY(proc_fstat(p, fd, &st));
    int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)f->at : (int64_t)st.size;
    if (__builtin_add_overflow(from, at, &from) || from < 0)
        return -EINVAL;
    f->at = (uint64_t)from;
    return from;
}

int proc_dup(struct proc *p, int fd, int to)
{
    struct file *f = descriptor_file(p, fd);
    if (!f)
        return -EBADF;
    return fd == to ? to : descriptor_set(p, to, 0, f, false);
}

int proc_truncate(struct proc *p, int fd, uint64_t size)
{
    struct file *f = descriptor_file(p, fd);
    if (!f || (f->flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    return f->type == FILE_NODE ? vfs_truncate(p->shell->vfs, f->ino, size) : -EINVAL;
}

int proc_fstat(struct proc *p, int fd, struct vfs_stat *ret)
{
    struct file *f = descriptor_file(p, fd);
    if (!f)
        return -EBADF;
    if (f->ino)
        return vfs_stat(p->shell->vfs, f->ino, ret);
    *ret = (struct vfs_stat){ .mode = f->type == FILE_PIPE || (f->type == FILE_CONSOLE && !p->shell->terminal)
                                          ? S_IFIFO | 0600
                                          : S_IFCHR | 0666,
                              .links = 1 };
    return 0;
}

bool proc_isatty(struct proc *p, int fd)
{
    const struct file *f = descriptor_file(p, fd);
    return f && f->type == FILE_CONSOLE && p->shell->terminal;
}

void proc_waits_on(struct proc *p, int fd)
{
    p->wait_fd = fd;
}

int proc_pipe(struct proc *p, int fds[static 2])
{
    struct file *writer, *reader = pipe_make(p->shell, &writer);
    int a = descriptor_set(p, -1, 0, reader, true);
    int b = a < 0 ? a : descriptor_set(p, -1, 0, writer, true);
    file_drop(p->shell, reader);
    file_drop(p->shell, writer);
    if (b < 0) {
        if (a >= 0)
            (void)proc_close(p, a);
        return b;
    }
    fds[0] = a;
    fds[1] = b;
    return 0;
}

int proc_read_file(struct proc *p, const char *path, size_t most, char **ret, size_t *ret_n)
{
    struct file *f;
    TRY(file_open(p, path, O_RDONLY, 0, &f));
    struct text all = text_of(&p->memory);
    text_add(&all, "", 0);
    int64_t got = 0;
    char piece[4096];
    while (f->type != FILE_PIPE && f->type != FILE_CONSOLE && all.len < most &&
           (got = file_read(p, f, piece, least(sizeof piece, most - all.len))) > 0) {
        text_add(&all, piece, (size_t)got);
        proc_charge(p, 64);
    }
    file_drop(p->shell, f);
    if (got < 0)
        return (int)got;
    *ret = all.data;
    *ret_n = all.len;
    return 0;
}
