#include "shell/applet.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { PIECE = 4096, COMPACT = 65536, SECOND = 1000000 };

struct followed {
    const char *name;
    int fd; /* -1: it is missing, and waited for */
};

struct tail {
    struct followed *files;
    size_t n, at;
    int status;
    bool bytes, from_start; /* -c; +N */
    uint32_t count, period;
    bool headers, follow, retry;
    bool opened, printing, polling;
    size_t shown; /* the file whose header was put last; n: none */
    struct text held;
    size_t from;
    uint64_t lines; /* ends of line among what is held */
    uint64_t passed; /* of from_start: lines or bytes that are still to be passed over */
};

static void read_count(struct proc *p, struct tail *t, const char *s)
{
    t->from_start |= *s == '+';
    t->count = (uint32_t)options_number(p, s + (*s == '+' || *s == '-'), 0, UINT32_MAX, options_bkm);
}

static void open_files(struct proc *p, struct tail *t, char **names)
{
    size_t n = 0;
    while (names[n])
        n++;
    t->files = memory_array(proc_memory(p), NULL, n + 1, sizeof *t->files);
    if (!n) {
        struct vfs_stat s;
        t->files[t->n++] = (struct followed){ "-", 0 };
        if (!proc_fstat(p, 0, &s) && S_ISFIFO(s.mode))
            t->follow = false;
    }
    for (; *names; names++) {
        int fd = strcmp(*names, "-") ? proc_open(p, *names, O_RDONLY, 0) : 0;
        if (fd < 0) {
            proc_perror(p, fd, "can't open '%s'", *names);
            t->status = 1;
        }
        if (fd >= 0 || t->retry)
            t->files[t->n++] = (struct followed){ *names, fd < 0 ? -1 : fd };
    }
    if (!t->n)
        proc_die(p, "no files");
}

static void start(struct proc *p, int argc, char **argv)
{
    struct tail *t = proc_state(p);
    bool quiet = false, loud = false;
    t->count = 10;
    t->period = 1;
    t->held = text_of(proc_memory(p));
    if (argc > 1 && (argv[1][0] == '-' || argv[1][0] == '+') && argv[1][1] >= '0' && argv[1][1] <= '9') {
        read_count(p, t, argv[1]);
        argv++;
        argc--;
    }
    const char *lines = NULL, *bytes = NULL;
    struct options o;
    options_begin(&o, p, argc, argv, "fc:n:qs:vF", NULL);
    for (int letter; (letter = options_next(&o)) != -1;) {
        if (letter == 'n')
            lines = o.argument;
        else if (letter == 'c')
            bytes = o.argument;
        else if (letter == 's')
            t->period = (uint32_t)options_number(p, o.argument, 0, INT32_MAX, NULL);
        quiet |= letter == 'q';
        loud |= letter == 'v';
        t->follow |= letter == 'f' || letter == 'F';
        t->retry |= letter == 'F';
    }
    t->bytes = bytes; /* of -c 3 -n 2 the last two bytes, in either order */
    if (bytes)
        read_count(p, t, bytes);
    if (lines)
        read_count(p, t, lines);
    open_files(p, t, argv + o.index);
    t->headers = loud || (!quiet && t->n > 1);
    t->shown = t->n;
}

static void put_header(struct proc *p, struct tail *t)
{
    struct memory *m = proc_memory(p);
    if (t->headers && t->shown != t->at) {
        char *s = memory_print(m, "%s==> %s <==\n", t->shown == t->n ? "" : "\n", t->files[t->at].name);
        int64_t e = proc_write(p, 1, s, strlen(s));
        if (e < 0)
            proc_die_errno(p, (int)e, "(null)"); /* so says the reference */
        memory_give(m, s);
    }
    t->shown = t->at;
}

/* Of -c and a file in which one can go to and fro the reference goes on with the next. */
static int64_t put(struct proc *p, struct tail *t, const char *data, size_t n)
{
    struct vfs_stat st;
    int64_t e = n ? proc_write(p, 1, data, n) : 0;
    if (e >= 0)
        return e;
    bool goes_on = t->bytes && !t->from_start && !proc_fstat(p, t->files[t->at].fd, &st) && S_ISREG(st.mode);
    if (!goes_on)
        proc_die_errno(p, (int)e, "write error");
    proc_perror(p, (int)e, "write error");
    return e;
}

/* The n bytes without those that are passed over. */
static void pass_over(struct proc *p, struct tail *t, const char *data, size_t n)
{
    const char *s = data, *end = data + n;
    while (t->passed && s < end) {
        const char *newline = t->bytes ? NULL : memchr(s, '\n', (size_t)(end - s));
        size_t step = newline ? (size_t)(newline + 1 - s) : (size_t)(end - s);
        if (t->bytes && step > t->passed)
            step = (size_t)t->passed;
        s += step;
        t->passed -= t->bytes ? step : (size_t)(newline != NULL);
    }
    put(p, t, s, (size_t)(end - s));
}

static void compact(struct tail *t)
{
    if (t->from < COMPACT || t->from < t->held.len / 2)
        return;
    t->held.len -= t->from;
    memmove(t->held.data, t->held.data + t->from, t->held.len);
    t->from = 0;
}

/* Lets go of what can no longer be among the last. */
static void let_go(struct tail *t)
{
    size_t held = t->held.len - t->from;
    if (t->bytes) {
        t->from += held > t->count ? held - t->count : 0;
    } else {
        bool open = held && t->held.data[t->held.len - 1] != '\n';
        for (; t->lines + open > t->count && t->lines; t->lines--) {
            const char *s = t->held.data + t->from;
            const char *newline = memchr(s, '\n', t->held.len - t->from);
            t->from += (size_t)(newline + 1 - s);
        }
        if (!t->count)
            t->from = t->held.len;
    }
    compact(t);
}

static void hold(struct tail *t, const char *data, size_t n)
{
    text_add(&t->held, data, n);
    const char *s = data, *end = data + n;
    while ((s = memchr(s, '\n', (size_t)(end - s)))) {
        s++;
        t->lines++;
    }
    let_go(t);
}

/* What was read of a file already belongs to its last part, too. */
static void go_back(struct proc *p, const struct tail *t)
{
    struct vfs_stat st;
    int fd = t->files[t->at].fd;
    if (t->from_start || proc_fstat(p, fd, &st) || !S_ISREG(st.mode) || !st.size)
        return;
    uint64_t from = t->bytes && st.size > t->count ? st.size - t->count : 0;
    (void)!proc_seek(p, fd, (int64_t)from, SEEK_SET);
}

static void begin_file(struct proc *p, struct tail *t)
{
    put_header(p, t);
    go_back(p, t);
    t->opened = true;
    t->held.len = t->from = t->lines = 0;
    t->passed = t->count ? t->count - 1 : 0;
}

static enum applet_next end_file(struct proc *p, struct tail *t)
{
    t->printing = true;
    size_t left = t->held.len - t->from, n = left < PIECE ? left : PIECE;
    int64_t e = put(p, t, n ? t->held.data + t->from : "", n);
    t->from += n;
    if (n && e >= 0)
        return NEXT_AGAIN;
    t->printing = t->opened = false;
    t->at++;
    return NEXT_AGAIN;
}

static enum applet_next read_file(struct proc *p, struct tail *t)
{
    char piece[PIECE];
    int fd = t->files[t->at].fd;
    if (!t->opened && fd >= 0)
        begin_file(p, t);
    if (t->printing || fd < 0)
        return end_file(p, t);
    int64_t n = proc_read(p, fd, piece, sizeof piece);
    if (n == -EAGAIN) {
        proc_waits_on(p, fd);
        return NEXT_INPUT;
    }
    if (n < 0) {
        proc_perror(p, (int)n, "read error");
        t->status = 1;
    }
    if (n <= 0)
        return end_file(p, t);
    if (t->from_start)
        pass_over(p, t, piece, (size_t)n);
    else
        hold(t, piece, (size_t)n);
    return NEXT_AGAIN;
}

/* -F: whether another file has the name now. */
static void look_for(struct proc *p, struct followed *f)
{
    struct vfs_stat named, open;
    if (f->fd == 0)
        return;
    int e = proc_stat(p, f->name, &named);
    bool missing = f->fd < 0;
    if (e) {
        if (!missing)
            proc_perror(p, e, "%s has been renamed or deleted", f->name);
        return;
    }
    if (!missing && !proc_fstat(p, f->fd, &open) && open.ino == named.ino && open.mount == named.mount)
        return;
    int fd = proc_open(p, f->name, O_RDONLY, 0);
    if (fd < 0)
        return;
    if (!missing)
        proc_close(p, f->fd);
    f->fd = fd;
    proc_error(p, "%s has %s; following end of new file", f->name, missing ? "appeared" : "been replaced");
}

/* A file that became shorter is read from its beginning. */
static void look_back(struct proc *p, int fd)
{
    struct vfs_stat s;
    int64_t at = proc_seek(p, fd, 0, SEEK_CUR);
    if (at < 0 || proc_fstat(p, fd, &s) || !S_ISREG(s.mode) || s.size >= (uint64_t)at)
        return;
    if (proc_seek(p, fd, 0, SEEK_SET) < 0)
        proc_die(p, "seek");
}

static enum applet_next poll_file(struct proc *p, struct tail *t)
{
    char piece[PIECE];
    struct followed *f = &t->files[t->at];
    if (!t->opened) {
        t->opened = true;
        if (t->retry)
            look_for(p, f);
        if (f->fd >= 0)
            look_back(p, f->fd);
    }
    int64_t n = f->fd < 0 ? 0 : proc_read(p, f->fd, piece, sizeof piece);
    if (n < 0 && n != -EAGAIN) {
        proc_perror(p, (int)n, "read error");
        t->status = 1;
    }
    if (n <= 0) {
        t->opened = false;
        t->at++;
    } else {
        put_header(p, t);
        put(p, t, piece, (size_t)n);
    }
    return NEXT_AGAIN;
}

static enum applet_next step(struct proc *p)
{
    struct tail *t = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (t->at < t->n)
        return t->polling ? poll_file(p, t) : read_file(p, t);
    if (!t->follow) {
        proc_done(p, t->status);
        return NEXT_DONE;
    }
    out_flush(p);
    t->polling = true;
    t->at = 0;
    proc_wake_at(p, proc_now(p) + (int64_t)t->period * SECOND);
    return NEXT_SLEEP;
}

const struct applet applet_tail = {
    .name = "tail",
    .start = start,
    .step = step,
    .state = sizeof(struct tail),
};
