#include "shell/applets/reader.h"
#include "shell/options.h"

#include <fcntl.h>

enum { TO_UNIX = 1, TO_DOS = 2, NAME = 6 };

struct dos2unix {
    bool dos;
    char **files; /* what is still to be done; NULL: standard input */
    const char *name;
    char *real, *scratch; /* the file, links followed, and the new one beside it */
    struct reader from;
    int to;
    bool reading;
};

static void start(struct proc *p, int argc, char **argv)
{
    struct dos2unix *d = proc_state(p);
    uint32_t bits = options_bits(p, argc, argv, "ud", &d->files);
    if (bits == (TO_UNIX | TO_DOS))
        proc_usage(p);
    d->dos = bits ? bits & TO_DOS : proc_name(p)[0] == 'u';
    if (!*d->files) {
        d->files = NULL;
        d->to = 1;
        d->reading = true;
        reader_begin(&d->from, p, 0);
    }
}

static char *scratch_name(struct proc *p, const char *name)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char tail[NAME + 1] = "";
    uint64_t random = proc_random(p);
    for (size_t i = 0; i < NAME; i++) {
        tail[i] = letters[random % (sizeof letters - 1)];
        random /= sizeof letters - 1;
    }
    return memory_print(proc_memory(p), "%s%s", name, tail);
}

static void begin_file(struct proc *p, struct dos2unix *d)
{
    struct vfs_stat st;
    d->name = *d->files++;
    d->real = proc_realpath(p, d->name);
    int fd = proc_open(p, d->name, O_RDONLY, 0), e = fd < 0 ? fd : proc_fstat(p, fd, &st);
    if (e < 0 || !d->real)
        proc_die_errno(p, e < 0 ? e : -ENOENT, "can't open '%s'", d->name);
    d->scratch = scratch_name(p, d->name);
    d->to = proc_open(p, d->scratch, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (d->to < 0)
        proc_die_errno(p, d->to, "can't create temp file '%sXXXXXX'", d->name);
    e = proc_chmod(p, d->scratch, st.mode & 07777);
    if (!e)
        e = proc_chown(p, d->scratch, st.uid, st.gid, true);
    if (e)
        proc_perror(p, e, "%s", d->scratch);
    reader_begin(&d->from, p, fd);
    d->reading = true;
}

static void end_file(struct proc *p, struct dos2unix *d)
{
    d->reading = false;
    if (!d->files)
        return;
    reader_end(&d->from, p);
    proc_close(p, d->to);
    int e = proc_rename_file(p, d->scratch, d->real);
    if (e)
        proc_die_errno(p, e, "can't move '%s' to '%s'", d->scratch, d->name);
}

static void convert(struct proc *p, const struct dos2unix *d, const char *data, size_t n)
{
    struct text t = text_of(proc_memory(p));
    for (size_t i = 0; i < n; i++) {
        if (data[i] == '\n' && d->dos)
            text_char_add(&t, '\r');
        if (data[i] != '\r')
            text_char_add(&t, data[i]);
    }
    if (d->to == 1)
        out_put(p, t.data, t.len);
    else if (t.len) {
        int64_t written = proc_write(p, d->to, t.data, t.len);
        if (written < 0)
            proc_die_errno(p, (int)written, "write error");
    }
    text_release(&t);
}

static enum applet_next step(struct proc *p)
{
    struct dos2unix *d = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (!d->reading) {
        if (d->files && *d->files) {
            begin_file(p, d);
            return NEXT_AGAIN;
        }
        proc_done(p, 0);
        return NEXT_DONE;
    }
    enum applet_next next = reader_fill(&d->from, p);
    if (next != NEXT_DONE)
        return next;
    convert(p, d, d->from.data + d->from.at, d->from.n - d->from.at);
    d->from.at = d->from.n;
    if (d->from.ended)
        end_file(p, d);
    return NEXT_AGAIN;
}

const struct applet applet_dos2unix = {
    .name = "dos2unix",
    .start = start,
    .step = step,
    .state = sizeof(struct dos2unix),
};
const struct applet applet_unix2dos = {
    .name = "unix2dos",
    .start = start,
    .step = step,
    .state = sizeof(struct dos2unix),
};
