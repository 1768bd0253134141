/* Files and commands that a program writes to and reads from, by their names. */
#include "shell/awk/run.h"

#include <fcntl.h>
#include <string.h>

enum { OUT_BLOCK = 4096 };

struct awk_stream *awk_stream_find(struct awk *a, const struct awk_str *name)
{
    for (size_t i = 0; i < a->n_streams; i++) {
        struct awk_stream *s = a->streams[i];
        if (s->open && !s->hidden && s->name->len == name->len &&
            memcmp(s->name->data, name->data, name->len) == 0)
            return s;
    }
    return NULL;
}

/* A place in the table; those that were closed are used again while no print statement names one.
 */
static struct awk_stream *make(struct awk *a, struct awk_str *name, enum awk_stream_kind kind,
                               int fd)
{
    size_t i = 0;
    while (i < a->n_streams && (a->streams[i]->open || a->printing > 0))
        i++;
    if (i == a->n_streams) {
        a->streams = memory_array(a->m, a->streams, a->n_streams + 1, sizeof(struct awk_stream *));
        a->streams[a->n_streams] = NULL;
        a->streams[a->n_streams] = memory_take(a->m, sizeof(struct awk_stream));
        a->n_streams++;
    }
    struct awk_stream *s = a->streams[i];
    *s = (struct awk_stream){ .name = str_keep(name), .kind = kind, .open = true, .fd = fd };
    return s;
}

/* An end for us, and a shell with the command at the other. */
static int start_command(struct awk *a, const char *command, bool write, uint32_t *ret_pid)
{
    awk_stream_settle(a);
    int fds[2];
    int e = proc_pipe(a->p, fds);
    if (e < 0)
        return e;
    int pid = proc_spawn_shell(a->p, command, write ? fds[0] : -1, write ? -1 : fds[1]);
    proc_close(a->p, write ? fds[0] : fds[1]);
    if (pid < 0) {
        proc_close(a->p, write ? fds[1] : fds[0]);
        return pid;
    }
    *ret_pid = (uint32_t)pid;
    return write ? fds[1] : fds[0];
}

static int open_out(struct awk *a, const char *name, enum awk_redirect how)
{
    if (strcmp(name, "/dev/stdout") == 0)
        return 1;
    int flags = O_WRONLY | O_CREAT | (how == REDIRECT_APPEND ? O_APPEND : O_TRUNC);
    return proc_open(a->p, name, flags, 0666);
}

struct awk_stream *awk_stream_out(struct awk *a, struct awk_str *name, enum awk_redirect how,
                                  uint32_t *ret_index)
{
    struct awk_stream *s = awk_stream_find(a, name);
    if (!s && how == REDIRECT_PIPE) {
        uint32_t pid = 0;
        int fd = start_command(a, name->data, true, &pid);
        if (fd < 0)
            proc_die_errno(a->p, fd, "popen");
        s = make(a, name, STREAM_PIPE_OUT, fd);
        s->pid = pid;
    } else if (!s && strcmp(name->data, "/dev/stderr") == 0) {
        s = make(a, name, STREAM_ERROR, 2);
    } else if (!s) {
        int fd = open_out(a, name->data, how);
        if (fd < 0)
            proc_die_errno(a->p, fd, "can't open '%s'", name->data);
        s = make(a, name, fd == 1 ? STREAM_STDOUT : STREAM_FILE_OUT, fd);
    }
    for (uint32_t i = 0; i < a->n_streams; i++) {
        if (a->streams[i] == s)
            *ret_index = i;
    }
    return s;
}

static struct awk_stream *open_in(struct awk *a, struct awk_str *name, bool command)
{
    int fd;
    uint32_t pid = 0;
    awk_stream_settle(a);
    if (command)
        fd = start_command(a, name->data, false, &pid);
    else if (strcmp(name->data, "-") == 0 || strcmp(name->data, "/dev/stdin") == 0)
        fd = 0;
    else
        fd = proc_open(a->p, name->data, O_RDONLY, 0);
    if (fd < 0) {
        awk_set_special(a, V_ERRNO, value_number(-fd));
        return NULL;
    }
    struct awk_stream *s = make(a, name, command ? STREAM_COMMAND : STREAM_FILE_IN, fd);
    s->pid = pid;
    return s;
}

struct awk_stream *awk_stream_in(struct awk *a, struct awk_str *name, bool command)
{
    struct awk_stream *s = awk_stream_find(a, name);
    return s ? s : open_in(a, name, command);
}

struct awk_stream *awk_stream_main(struct awk *a, struct awk_str *name)
{
    struct awk_stream *s = open_in(a, name, false);
    if (!s)
        proc_die_errno(a->p, awk_number_int(value_num(&a->globals[V_ERRNO].value)), "%s",
                       name->data);
    s->hidden = true;
    return s;
}

static void write_out(struct awk *a, struct awk_stream *s)
{
    if (s->len > 0)
        proc_write(a->p, s->fd, s->data, s->len);
    s->len = 0;
}

void awk_stream_flush(struct awk *a, struct awk_stream *s)
{
    if (!s)
        out_flush(a->p);
    else if (s->open &&
             (s->kind == STREAM_FILE_OUT || s->kind == STREAM_PIPE_OUT || s->kind == STREAM_STDOUT))
        write_out(a, s);
}

void awk_stream_settle(struct awk *a)
{
    awk_stream_flush(a, a->written);
}

static void buffer(struct awk *a, struct awk_stream *s, const char *from, size_t n)
{
    if (!s->data)
        s->data = memory_take(a->m, OUT_BLOCK);
    while (n > 0) {
        size_t part = OUT_BLOCK - s->len < n ? OUT_BLOCK - s->len : n;
        memcpy(s->data + s->len, from, part);
        s->len += part;
        from += part;
        n -= part;
        if (s->len == OUT_BLOCK)
            write_out(a, s);
    }
}

/* As if all were flushed after each statement; one after the other may wait for company. */
void awk_stream_put(struct awk *a, struct awk_stream *s, const void *data, size_t n)
{
    if (a->written != s)
        awk_stream_settle(a);
    a->written = s;
    a->steps -= (int64_t)(n / 16);
    if (!s)
        out_put(a->p, data, n);
    else if (s->open && s->kind == STREAM_ERROR)
        err_put(a->p, data, n);
    else if (s->open && s->kind != STREAM_FILE_IN && s->kind != STREAM_COMMAND)
        buffer(a, s, data, n);
}

static bool is_command(const struct awk_stream *s)
{
    return s->kind == STREAM_PIPE_OUT || s->kind == STREAM_COMMAND;
}

/* As wait() has it: the status in the higher byte, a signal in the lower. */
static int wait_status(int status, int by_signal)
{
    return by_signal ? by_signal : (status & 0xff) << 8;
}

enum awk_wait awk_stream_close(struct awk *a, struct awk_stream *s, int *ret)
{
    *ret = 0;
    awk_stream_flush(a, s);
    if (a->written == s)
        a->written = NULL;
    if (s->fd > 2)
        proc_close(a->p, s->fd);
    s->fd = -1;
    if (is_command(s)) {
        uint32_t pid;
        int by_signal = 0, status = proc_wait(a->p, s->pid, &pid, &by_signal);
        if (status == -EAGAIN)
            return AWK_CHILD;
        *ret = status < 0 ? -1 : wait_status(status, by_signal);
    }
    s->open = false;
    memory_give(a->m, s->data);
    s->data = NULL;
    str_drop(&a->pool, s->name);
    s->name = NULL;
    return AWK_GO;
}

enum awk_wait awk_stream_close_all(struct awk *a)
{
    for (size_t i = 0; i < a->n_streams; i++) {
        int ignored;
        if (a->streams[i]->open && awk_stream_close(a, a->streams[i], &ignored) == AWK_CHILD)
            return AWK_CHILD;
    }
    return AWK_GO;
}
