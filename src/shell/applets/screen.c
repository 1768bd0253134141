#include "shell/applets/screen.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* Not what is too much for the reference. */
static unsigned told(const struct proc *p, const char *name, unsigned usual)
{
    const char *s = proc_getenv(p, name);
    unsigned long n = s ? strtoul(s, NULL, 10) : 0;
    return n > 1 && n < 30000 ? (unsigned)n : usual;
}

struct screen_size screen_size(struct proc *p, int fd)
{
    struct screen_size is;
    if (!proc_window(p, fd, &is.columns, &is.rows))
        is = (struct screen_size){ SCREEN_COLUMNS, SCREEN_ROWS };
    return (struct screen_size){ told(p, "COLUMNS", is.columns), told(p, "LINES", is.rows) };
}

int screen_key(struct proc *p, int fd)
{
    unsigned char c;
    if (proc_isatty(p, fd))
        proc_terminal(p, TTY_RAW);
    int64_t n = proc_read(p, fd, &c, 1);
    if (n == -EAGAIN) {
        proc_waits_on(p, fd);
        return KEY_WAIT;
    }
    return n == 1 ? c : KEY_END;
}

static void say_open(struct proc *p, int e, const char *file)
{
    proc_perror(p, e, "can't open '%s'", file);
}

int plain_pages_next(struct proc *p, struct plain_pages *s,
                     void (*say)(struct proc *p, int e, const char *file))
{
    bool first = !s->begun;
    s->begun = true;
    if (first && !*s->files)
        return 0;
    while (*s->files) {
        const char *file = *s->files++;
        int fd = strcmp(file, "-") == 0 ? 0 : proc_open(p, file, O_RDONLY, 0);
        if (fd >= 0)
            return fd;
        say(p, fd, file);
        s->status = 1;
    }
    return -1;
}

enum applet_next plain_pages_step(struct proc *p, struct plain_pages *s)
{
    char data[4096];
    if (!s->open) {
        s->fd = plain_pages_next(p, s, say_open);
        if (s->fd < 0) {
            proc_done(p, s->status);
            return NEXT_DONE;
        }
        s->open = true;
    }
    while (!out_full(p)) {
        int64_t n = proc_read(p, s->fd, data, sizeof data);
        if (n == -EAGAIN) {
            proc_waits_on(p, s->fd);
            return NEXT_INPUT;
        }
        int64_t put = n > 0 ? proc_write(p, 1, data, (size_t)n) : 0;
        if (n < 0 || put < 0) {
            proc_perror(p, (int)(n < 0 ? n : put), n < 0 ? "read error" : "write error");
            s->status = 1;
        }
        if (n <= 0 || put < 0) {
            if (s->fd > 0)
                proc_close(p, s->fd);
            s->open = false;
            break;
        }
    }
    return NEXT_AGAIN;
}
