/* Standard output and error of a process, as stdio and BusyBox have them. */
#include "shell/inside.h"

#include <stdio.h>
#include <string.h>

enum { OUT_ROOM = 4096, OUT_FULL = 65536 };

static void write_out(struct proc *p, size_t n)
{
    int64_t put = proc_write(p, 1, p->out.data, n);
    if (put < 0)
        p->out_error = p->out_lost = (int16_t)-put;
}

void out_flush(struct proc *p)
{
    if (!p->out.len)
        return;
    size_t n = p->out.len;
    p->out.len = 0;
    write_out(p, n);
}

int out_failed(const struct proc *p)
{
    return p->out_lost;
}

void out_drop(struct proc *p)
{
    out_flush(p);
    text_release(&p->out);
}

/* Up to the last end of line at once; of a terminal. */
static void flush_lines(struct proc *p)
{
    char *end = memrchr(p->out.data, '\n', p->out.len);
    if (!end)
        return;
    size_t n = (size_t)(end + 1 - p->out.data), rest = p->out.len - n;
    write_out(p, n);
    memmove(p->out.data, p->out.data + n, rest);
    p->out.len = rest;
}

static void out_added(struct proc *p)
{
    if (p->out.len >= OUT_ROOM)
        out_flush(p);
    else if (p->shell->terminal && proc_isatty(p, 1))
        flush_lines(p);
}

void out_put(struct proc *p, const void *data, size_t n)
{
    text_add(&p->out, data, n);
    out_added(p);
}

void out_char(struct proc *p, char c)
{
    out_put(p, &c, 1);
}

void out_print(struct proc *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *s = memory_vprint(&p->memory, format, args);
    va_end(args);
    out_text(p, s);
    memory_give(&p->memory, s);
}

bool out_full(const struct proc *p)
{
    size_t n = p->out.len;
    for (const struct pending *w = p->pending; w; w = w->next)
        n += w->n - w->done;
    return n >= OUT_FULL || p->pending;
}

void err_put(struct proc *p, const void *data, size_t n)
{
    (void)proc_write(p, 2, data, n);
}

void err_print(struct proc *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *s = memory_vprint(&p->memory, format, args);
    va_end(args);
    err_put(p, s, strlen(s));
    memory_give(&p->memory, s);
}

/* ---- Messages ---- */

/* What was lost of it by then is not spoken of at the end. */
static void flush_before_words(struct proc *p)
{
    out_flush(p);
    p->out_error = 0;
}

static void say(struct proc *p, int e, const char *format, va_list args)
{
    flush_before_words(p);
    struct text line = text_of(&p->memory);
    text_print(&line, "%s: ", p->name);
    char *what = memory_vprint(&p->memory, format, args);
    text_say(&line, what);
    if (e)
        text_print(&line, ": %s", errno_text(e));
    text_say(&line, "\n");
    err_put(p, line.data, line.len);
    memory_give(&p->memory, what);
    text_release(&line);
}

void proc_error(struct proc *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(p, 0, format, args);
    va_end(args);
}

void proc_perror(struct proc *p, int e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(p, e, format, args);
    va_end(args);
}

int proc_close_input(struct proc *p)
{
    int e = proc_close(p, 0);
    if (e < 0)
        proc_perror(p, e, "standard input");
    return e < 0;
}

void proc_die(struct proc *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(p, 0, format, args);
    va_end(args);
    proc_exit(p, p->fails_with);
}

void proc_die_errno(struct proc *p, int e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(p, e, format, args);
    va_end(args);
    proc_exit(p, p->fails_with);
}

void proc_usage(struct proc *p)
{
    const char *name = p->applet && p->applet->name ? p->applet->name : p->name, *usage = applet_usage(name);
    flush_before_words(p);
    if (p->inside)
        err_print(p, "%s: usage: %s", p->name, usage ? usage : "");
    else if (usage)
        err_print(p, "%s\n\nUsage: %s\n", proc_machine(p)->banner, usage);
    else
        err_print(p, "%s\n\nNo help available\n", proc_machine(p)->banner);
    proc_exit(p, p->fails_with);
}
