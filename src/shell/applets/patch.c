#include "shell/applets/patch.h"

#include "shell/applets/reader.h"
#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { REVERSE = 1, FORWARD = 2, EMPTY = 4, DRY = 8, TURN = 1 << 16, FILE_MOST = 64 << 20 };

struct patch {
    uint32_t bits;
    int64_t strip;    /* parts that are taken off names; -1: all but the last */
    const char *file; /* the operand, or NULL */
    struct reader input;
    const char *names[2]; /* of --- and +++ (with -R the other way round) */
    enum {
        OUTSIDE, /* of hunks, and of what may have some */
        NAMED,   /* a hunk may come */
        INSIDE,
        SEARCHING
    } state;
    struct patch_file at;
    struct patch_hunk hunk;
    int status;
};

static const struct option_long longs[] = {
    { "strip", 1, 'p' },   { "input", 1, 'i' },
    { "reverse", 0, 'R' }, { "forward", 0, 'N' },
    { "remove-empty-files", 0, 'E' }, { "dry-run", 0, 'd' },
    { "force", 0, 'f' },   { "get", 1, 'g' },
    { "unified", 0, 'u' }, { NULL, 0, 0 },
};

static uint32_t bit_of(int letter)
{
    return letter == 'R' ? REVERSE : letter == 'N' ? FORWARD : letter == 'E' ? EMPTY : letter == 'd' ? DRY : 0;
}

/* -f, -g and -u are taken, and change nothing. */
static void start(struct proc *p, int argc, char **argv)
{
    struct patch *t = proc_state(p);
    struct options o;
    const char *input = NULL;
    t->strip = -1;
    options_begin(&o, p, argc, argv, "p:i:RNEfug", longs);
    for (int letter; (letter = options_next(&o)) != -1;) {
        t->bits |= bit_of(letter);
        if (letter == 'p')
            t->strip = (int64_t)options_number(p, o.argument, 0, INT32_MAX, NULL);
        if (letter == 'i')
            input = o.argument;
    }
    t->file = argv[o.index];
    if (!input && t->file)
        input = argv[o.index + 1];
    int fd = input && strcmp(input, "-") ? proc_open(p, input, O_RDONLY, 0) : 0;
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", input);
    reader_begin(&t->input, p, fd);
    t->names[0] = t->names[1] = t->file ? t->file : "";
}

static void forget_file(struct proc *p, struct patch *t)
{
    struct memory *m = proc_memory(p);
    memory_give(m, t->at.data);
    memory_give(m, t->at.lines);
    memory_give(m, t->at.temporary);
    text_release(&t->at.out);
    t->at = (struct patch_file){ .name = NULL };
}

/* What is left of the old file follows as it is, and the new one takes its place. */
static void finish_file(struct proc *p, struct patch *t)
{
    struct patch_file *f = &t->at;
    if (f->temporary) {
        size_t done = f->at < f->n_lines ? (size_t)(f->lines[f->at].s - f->data) : f->n;
        int fd = proc_open(p, f->temporary, O_WRONLY, 0);
        if (fd < 0)
            proc_die_errno(p, fd, "can't open '%s'", f->temporary);
        text_add(&f->out, f->data ? f->data + done : "", f->n - done);
        int64_t error = proc_write(p, fd, f->out.data, f->out.len);
        (void)proc_close(p, fd);
        if (error < 0)
            proc_die_errno(p, (int)error, "write error");
        int failed = proc_rename_file(p, f->temporary, f->name);
        if (failed < 0)
            proc_die_errno(p, failed, "can't move '%s'", f->temporary);
    }
    forget_file(p, t);
}

static void fail_hunk(struct proc *p, struct patch *t)
{
    struct patch_hunk *h = &t->hunk;
    out_flush(p);
    if (h->reversed)
        err_print(p, "Possibly reversed hunk %u at %zu\n", t->at.hunks, t->at.n_lines + 1);
    err_print(p, "Hunk %u FAILED %lld/%lld.\n", t->at.hunks, (long long)h->old_line, (long long)h->new_line);
    for (size_t i = 0; i < h->n; i++)
        err_print(p, "%s\n", h->lines[i].s);
    patch_hunk_free(p, h);
    if (t->at.temporary && proc_unlink(p, t->at.temporary) < 0)
        proc_error(p, "can't remove file '%s'", t->at.temporary);
    forget_file(p, t);
    t->status = 1;
    t->state = OUTSIDE;
}

/* Up to a tab; where what follows is a year before there were patches, the file is none. */
static const char *read_name(struct proc *p, const char *s)
{
    size_t n = 0;
    while (s[n] && s[n] != '\t')
        n += s[n] == '\\' && s[n + 1] ? 2 : 1;
    long year = s[n] ? strtol(s + n + 1, NULL, 10) : 0;
    if (year > 1900 && year <= 1970)
        return "/dev/null";
    return memory_bytes(proc_memory(p), s, n);
}

static void begin_file(struct proc *p, struct patch *t, const char *line)
{
    bool second = *line == '+';
    finish_file(p, t);
    if (!t->file)
        t->names[second != !!(t->bits & REVERSE)] = read_name(p, line + 4);
    t->state = second ? NAMED : t->state;
}

static const char *stripped(const struct patch *t, const char *name)
{
    if (t->file)
        return name;
    int64_t parts = 0;
    for (const char *s = name; *s && parts != t->strip;) {
        if (*s++ != '/')
            continue;
        s += strspn(s, "/");
        name = s;
        parts++;
    }
    return name;
}

static void make_folders(struct proc *p, const char *name)
{
    char *path = memory_text(proc_memory(p), name);
    for (char *at = path; (at = strchr(at + 1, '/'));) {
        *at = '\0';
        int error = proc_mkdir(p, path, 0777);
        if (error < 0 && error != -EEXIST) {
            proc_perror(p, error, "can't create directory '%s'", path);
            return;
        }
        *at = '/';
    }
}

/* A file beside it, of its mode. */
static void make_temporary(struct proc *p, struct patch_file *f)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    char six[7] = "";
    for (size_t i = 0; i < 6; i++)
        six[i] = letters[proc_random(p) % (sizeof letters - 1)];
    f->temporary = memory_print(proc_memory(p), "%s%s", f->name, six);
    int fd = proc_open(p, f->temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        proc_die_errno(p, fd, "can't create temp file '%s'", f->temporary);
    (void)proc_close(p, fd);
    if (proc_chmod(p, f->temporary, f->mode & 07777) < 0)
        proc_error(p, "can't change mode of '%s'", f->temporary);
}

static void open_old(struct proc *p, struct patch *t)
{
    struct patch_file *f = &t->at;
    struct vfs_stat st = { 0 };
    out_print(p, "patching file %s\n", f->name);
    int error = proc_read_file(p, f->name, FILE_MOST, &f->data, &f->n);
    if (error < 0 && error != -EISDIR)
        proc_die_errno(p, error, "can't open '%s'", f->name);
    if (error < 0)
        f->n = 0;
    if (proc_stat(p, f->name, &st) >= 0)
        f->mode = st.mode;
    patch_file_lines(p, f);
}

static void make_new(struct proc *p, struct patch *t)
{
    struct patch_file *f = &t->at;
    out_print(p, "creating %s\n", f->name);
    if (t->bits & DRY)
        return;
    make_folders(p, f->name);
    int fd = proc_open(p, f->name, O_RDWR | O_CREAT | O_EXCL, 0666);
    struct vfs_stat st;
    if (fd < 0 || proc_fstat(p, fd, &st) < 0)
        proc_die_errno(p, fd, "can't open '%s'", f->name);
    f->mode = st.mode;
    (void)proc_close(p, fd);
}

/* A file of which nothing is left is removed or emptied at once; what follows for it is passed over. */
static void empty_file(struct proc *p, struct patch *t, const char *name)
{
    bool removes = t->bits & EMPTY;
    out_print(p, removes ? "removing %s\n" : "patching file %s\n", name);
    t->state = OUTSIDE;
    if (t->bits & DRY)
        return;
    int e = removes ? proc_unlink(p, name) : proc_open(p, name, O_WRONLY | O_TRUNC, 0);
    if (e < 0)
        proc_die_errno(p, e, removes ? "can't remove file '%s'" : "can't open '%s'", name);
    if (!removes)
        (void)proc_close(p, e);
}

/* Which file it is shows in its first hunk. */
static void open_file(struct proc *p, struct patch *t)
{
    const struct patch_hunk *h = &t->hunk;
    bool reverse = t->bits & REVERSE;
    int64_t old_sum = h->old_line + h->old_n, new_sum = h->new_line + h->new_n;
    const char *name = t->names[!reverse];
    if (!strcmp(name, "/dev/null") || !(reverse ? old_sum : new_sum)) {
        empty_file(p, t, stripped(t, t->names[reverse]));
        return;
    }
    t->at = (struct patch_file){ .name = stripped(t, name), .out = text_of(proc_memory(p)) };
    if (!strcmp(t->names[0], "/dev/null") || !old_sum)
        make_new(p, t);
    else
        open_old(p, t);
    if (!(t->bits & DRY))
        make_temporary(p, &t->at);
}

static int64_t read_number(const char **s, char **end)
{
    long n = strtol(*s, end, 10);
    *s = *end;
    return n < -INT32_MAX ? -INT32_MAX : n > INT32_MAX ? INT32_MAX : n;
}

/* LINE[,COUNT] */
static void read_range(const char **s, int64_t *line, int64_t *count)
{
    char *end;
    *count = 1;
    *line = read_number(s, &end);
    if (**s == ',') {
        ++*s;
        *count = read_number(s, &end);
    }
}

static void begin_hunk(struct proc *p, struct patch *t, const char *line)
{
    struct patch_hunk *h = &t->hunk;
    const char *s = line + 4;
    *h = (struct patch_hunk){ 0 };
    read_range(&s, &h->old_line, &h->old_n);
    s += strnlen(s, 2);
    read_range(&s, &h->new_line, &h->new_n);
    if (h->old_n < 1 && h->new_n < 1)
        proc_die(p, "Really? %s", line);
    h->old_left = h->old_n;
    h->new_left = h->new_n;
    t->state = INSIDE;
    if (!t->at.name)
        open_file(p, t);
    t->at.hunks++;
}

static void take_hunk_line(struct proc *p, struct patch *t, const char *line, size_t n)
{
    struct patch_hunk *h = &t->hunk;
    if (*line != ' ' && *line != '+' && *line != '-') {
        fail_hunk(p, t);
        return;
    }
    patch_hunk_add(p, h, line, n);
    if (h->old_left || h->new_left)
        return;
    patch_hunk_begin(h, &t->at, t->bits & REVERSE);
    t->state = SEARCHING;
}

static void take_line(struct proc *p, struct patch *t, const char *line)
{
    /* Damaged ones are taken, too: a space at the end of a line is easily lost. */
    if (!*line)
        line = " ";
    if (t->state == INSIDE)
        take_hunk_line(p, t, line, strlen(line));
    else if (!strncmp(line, "--- ", 4) || !strncmp(line, "+++ ", 4))
        begin_file(p, t, line);
    else if (t->state == NAMED && !strncmp(line, "@@ -", 4))
        begin_hunk(p, t, line);
}

static void search(struct proc *p, struct patch *t)
{
    int64_t turn = TURN;
    enum patch_found found = patch_hunk_find(&t->hunk, &t->at, t->bits & FORWARD, &turn);
    proc_charge(p, (uint64_t)(TURN - turn) / 16);
    if (found == PATCH_FAILED) {
        fail_hunk(p, t);
    } else if (found == PATCH_FOUND) {
        patch_hunk_apply(&t->hunk, &t->at);
        patch_hunk_free(p, &t->hunk);
        t->state = NAMED;
    }
}

static enum applet_next step(struct proc *p)
{
    struct patch *t = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (t->state == SEARCHING) {
        search(p, t);
        return NEXT_AGAIN;
    }
    const char *line;
    size_t n;
    enum applet_next next = reader_line(&t->input, p, &line, &n);
    if (next != NEXT_DONE)
        return next;
    if (!line) {
        finish_file(p, t);
        proc_done(p, t->status);
        return NEXT_DONE;
    }
    char *copy = memory_bytes(proc_memory(p), line, filter_chop(line, n));
    take_line(p, t, copy);
    memory_give(proc_memory(p), copy);
    return NEXT_AGAIN;
}

const struct applet applet_patch = {
    .name = "patch",
    .start = start,
    .step = step,
    .state = sizeof(struct patch),
};
