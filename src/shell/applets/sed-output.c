#include "shell/applets/sed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { BUFFER = 4096 };

void sed_file_open(struct proc *p, struct sed_command *c)
{
    struct sed_file *f = memory_take(proc_memory(p), sizeof *f);
    struct vfs_stat st;
    int standard = strcmp(c->file_name, "/dev/stdout") == 0 ? 1 : strcmp(c->file_name, "/dev/stderr") == 0 ? 2 : -1;
    if (standard > 0 && proc_fstat(p, standard, &st) < 0)
        f->fd = -ENOENT;
    else if (standard > 0)
        f->fd = standard;
    else
        f->fd = proc_open(p, c->file_name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (f->fd < 0)
        proc_die_errno(p, f->fd, "can't open '%s'", c->file_name);
    f->terminal = proc_isatty(p, f->fd);
    f->data = text_of(proc_memory(p));
    c->file = f;
}

static void write_out(struct proc *p, struct sed_file *f, size_t n)
{
    proc_write(p, f->fd, f->data.data, n);
    f->data.len -= n;
    memmove(f->data.data, f->data.data + n, f->data.len);
}

void sed_file_flush(struct proc *p, struct sed_file *f)
{
    if (f->data.len)
        write_out(p, f, f->data.len);
}

void sed_flush(struct proc *p, struct sed *s)
{
    for (size_t i = 0; i < s->script.n; i++)
        if (s->script.commands[i].file)
            sed_file_flush(p, s->script.commands[i].file);
}

/* As stdio does it: whole blocks, to a terminal whole lines. */
static void put(struct proc *p, struct sed_file *f, const char *data, size_t n)
{
    if (n == 0)
        return;
    if (!f->data.memory) {
        out_put(p, data, n);
        return;
    }
    text_add(&f->data, data, n);
    if (f->terminal)
        sed_file_flush(p, f);
    else if (f->data.len >= BUFFER)
        write_out(p, f, f->data.len - f->data.len % BUFFER);
}

/* A line that had no end gets one when another follows. */
void sed_say(struct proc *p, struct sed_file *f, const char *text, size_t n, enum sed_end end)
{
    if (f->open_line)
        put(p, f, "\n", 1);
    f->open_line = false;
    put(p, f, text, n);
    if (end != END_NONE)
        put(p, f, end == END_NEWLINE ? "\n" : "", 1);
    f->open_line = end == END_LAST_NUL || (end == END_NONE && n);
    if (!f->data.memory && out_failed(p)) {
        proc_fails_with(p, 4);
        proc_die(p, "write error");
    }
}

/* ---- What a and r put behind the line ---- */

void sed_append(struct proc *p, struct sed *s, const struct sed_command *c)
{
    if (s->n_appends == s->appends_room) {
        s->appends_room = s->appends_room ? s->appends_room * 2 : 4;
        s->appends = memory_array(proc_memory(p), s->appends, s->appends_room, sizeof *s->appends);
    }
    s->appends[s->n_appends++] = c;
}

/* What cannot be read, or has nothing to read yet, is silently nothing. */
static void say_file(struct proc *p, struct sed *s, const char *name)
{
    struct text_line line;
    int fd = strcmp(name, "/dev/stdin") ? proc_open(p, name, O_RDONLY, 0) : 0;
    if (fd < 0)
        return;
    struct lines in = lines_of(fd, '\n');
    while (lines_take(p, &in, &line) == LINES_LINE)
        sed_say(p, &s->out, line.s, line.n, END_NEWLINE);
    lines_free(p, &in);
    if (fd > 0)
        proc_close(p, fd);
}

void sed_say_appends(struct proc *p, struct sed *s)
{
    for (size_t i = 0; i < s->n_appends; i++) {
        const struct sed_command *c = s->appends[i];
        if (c->letter == 'a')
            sed_say(p, &s->out, c->text, c->n, END_NEWLINE);
        else
            say_file(p, s, c->file_name);
    }
    s->n_appends = 0;
}
