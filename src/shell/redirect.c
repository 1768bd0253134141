#include "shell/interp.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct saved_fd {
    struct saved_fd *next;
    int fd;
    struct file *file; /* NULL: it was closed */
};

static void save(struct proc *p, struct redirecting *r, int fd)
{
    if (r->keeps)
        return;
    for (const struct saved_fd *s = r->saved; s; s = s->next)
        if (s->fd == fd)
            return;
    struct saved_fd *s = memory_take(&p->memory, sizeof *s);
    struct file *f = descriptor_file(p, fd);
    *s = (struct saved_fd){ r->saved, fd, f ? file_hold(f) : NULL };
    r->saved = s;
}

void redirect_restore(struct proc *p, struct redirecting *r)
{
    expand_free(r->x);
    r->x = NULL;
    if (p->ended) {
        redirect_forget(p, r);
        return;
    }
    out_flush(p);
    while (r->saved) {
        struct saved_fd *s = r->saved;
        r->saved = s->next;
        if (s->file)
            (void)!descriptor_set(p, s->fd, 0, s->file, false);
        else
            (void)proc_close(p, s->fd);
        file_drop(p->shell, s->file);
        memory_give(&p->memory, s);
    }
}

void redirect_forget(struct proc *p, struct redirecting *r)
{
    while (r->saved) {
        struct saved_fd *s = r->saved;
        r->saved = s->next;
        file_drop(p->shell, s->file);
        memory_give(&p->memory, s);
    }
}

/* ---- Opening ---- */

static int flags_of(const struct proc *p, enum redirect_type type)
{
    switch (type) {
    case REDIRECT_IN:
        return O_RDONLY;
    case REDIRECT_BOTH:
        return O_RDWR | O_CREAT;
    case REDIRECT_APPEND:
        return O_WRONLY | O_CREAT | O_APPEND;
    case REDIRECT_OUT:
        return O_WRONLY | O_CREAT | (p->interp->flags & FLAG_NOCLOBBER ? O_EXCL : O_TRUNC);
    default:
        return O_WRONLY | O_CREAT | O_TRUNC;
    }
}

/* ash has words of its own for what is missing. */
static const char *why(int e, bool creates)
{
    if (e == -ENOENT)
        return creates ? "nonexistent directory" : "no such file";
    if (e == -ENOTDIR)
        return creates ? "nonexistent directory" : "no such file";
    return errno_text(e);
}

static bool is_regular(struct proc *p, const char *path)
{
    struct vfs_stat st;
    return !proc_stat(p, path, &st) && S_ISREG(st.mode);
}

/* What was opened cannot be put where it is wanted: ash names the descriptor that it has meanwhile. */
static void not_put(struct proc *p, int e)
{
    int fd = 0;
    while (descriptor_file(p, fd))
        fd++;
    shell_error(p, "%d: %s", fd, errno_text(e));
}

static bool open_at(struct proc *p, struct redirecting *r, const struct redirect *redirect, const char *path)
{
    struct file *f;
    int flags = flags_of(p, redirect->type);
    int e = file_open(p, path, flags, 0666, &f);
    if (e == -EEXIST && !(flags & O_TRUNC) && !is_regular(p, path))
        e = file_open(p, path, flags & ~(O_EXCL | O_CREAT), 0, &f);
    if (e) {
        bool creates = flags & O_CREAT;
        if (creates)
            shell_error(p, "can't create %s: %s", path, why(e, true));
        else
            shell_error(p, "can't open %s: %s", path, why(e, false));
        return false;
    }
    save(p, r, redirect->fd);
    e = descriptor_set(p, redirect->fd, 0, f, false);
    if (e >= 0 && redirect->type == REDIRECT_OUT_ERROR) {
        save(p, r, 2);
        e = descriptor_set(p, 2, 0, f, false);
    }
    file_drop(p->shell, f);
    if (e < 0)
        not_put(p, e);
    return e >= 0;
}

/* A - that was quoted or came of a variable is the name of a file. */
static bool dup_at(struct proc *p, struct redirecting *r, const struct redirect *redirect, const char *word)
{
    if (!*word) {
        shell_fail(p, 2, "syntax error: bad fd number");
        return false;
    }
    if (!strcmp(word, "-") && redirect->target->plain) {
        save(p, r, redirect->fd);
        (void)proc_close(p, redirect->fd);
        return true;
    }
    char *end;
    long from = strtol(word, &end, 10);
    if (*end || from < 0 || from > 1023) {
        if (redirect->type == REDIRECT_DUP_OUT && redirect->fd == 1) {
            struct redirect both = *redirect;
            both.type = REDIRECT_OUT_ERROR;
            return open_at(p, r, &both, word);
        }
        shell_fail(p, 2, "redir error");
        return false;
    }
    struct file *f = descriptor_file(p, (int)from);
    if (!f || redirect->fd > 1023) {
        shell_error(p, "%ld: Bad file descriptor", from);
        return false;
    }
    save(p, r, redirect->fd);
    int e = descriptor_set(p, redirect->fd, 0, f, false);
    if (e < 0)
        shell_error(p, "%ld: %s", from, errno_text(e));
    return e >= 0;
}

/* A here-document is a file that nobody can name, read to its end: a pipe would have to be filled by
 * somebody. */
static bool here(struct proc *p, struct redirecting *r, const struct redirect *redirect, const char *body)
{
    struct file *f = file_of_text(p, body);
    save(p, r, redirect->fd);
    int e = descriptor_set(p, redirect->fd, 0, f, false);
    file_drop(p->shell, f);
    if (e < 0)
        not_put(p, e);
    return e >= 0;
}

static bool make_one(struct proc *p, struct redirecting *r, const struct redirect *redirect, const char *word)
{
    switch (redirect->type) {
    case REDIRECT_DUP_IN:
    case REDIRECT_DUP_OUT:
        return dup_at(p, r, redirect, word);
    case REDIRECT_HERE:
        return here(p, r, redirect, word);
    default:
        return open_at(p, r, redirect, word);
    }
}

enum redirect_state redirect_run(struct proc *p, struct redirecting *r)
{
    while (r->next) {
        const struct redirect *redirect = r->next;
        if (!r->x)
            r->x = expansion_of(p, redirect->target, redirect->type == REDIRECT_HERE ? EXPAND_HERE : EXPAND_SINGLE);
        enum expansion_state state = expansion_run(p, r->x);
        if (state == EXPANSION_FAILED && redirect->type == REDIRECT_HERE && p->interp->skip == SKIP_ABORT)
            p->interp->skip = SKIP_NOT; /* as a file that cannot be opened: the shell goes on */
        if (state != EXPANSION_DONE)
            return state == EXPANSION_BUSY ? REDIRECT_BUSY : REDIRECT_FAILED;
        size_t n;
        char **word = expand_take(r->x, &n);
        expand_free(r->x);
        r->x = NULL;
        out_flush(p);
        bool good = make_one(p, r, redirect, word[0]);
        memory_give(&p->memory, word[0]);
        memory_give(&p->memory, word);
        if (!good)
            return REDIRECT_FAILED;
        r->next = redirect->next;
    }
    return REDIRECT_DONE;
}
