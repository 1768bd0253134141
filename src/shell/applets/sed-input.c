#include "shell/applets/sed.h"

#include <fcntl.h>
#include <string.h>

/* Opens the next file that can be. -1: there are no more. */
static int open_next(struct proc *p, struct sed *s)
{
    while ((s->name = *s->files)) {
        bool standard = !s->in_place && strcmp(s->name, "-") == 0;
        int fd = standard ? 0 : proc_open(p, s->name, O_RDONLY, 0);
        s->files++;
        proc_charge(p, 1);
        if (fd >= 0)
            return fd;
        proc_perror(p, fd, "%s", s->name);
        s->failed = true;
    }
    return -1;
}

/* Without -i all files are one input. With it, what q left of one comes before the next. */
static bool next_input(struct proc *p, struct sed *s)
{
    int fd = -1;
    if (s->waiting_at < s->n_waiting)
        fd = s->waiting[s->waiting_at++];
    else if (!s->in_place)
        fd = open_next(p, s);
    if (fd < 0)
        return false;
    s->in = lines_of(fd, '\n');
    s->in.nul_ends = true;
    s->open = true;
    return true;
}

static void close_input(struct proc *p, struct sed *s)
{
    if (s->in.fd > 0)
        proc_close(p, s->in.fd);
    lines_free(p, &s->in);
    s->open = false;
}

/* A line ends at a NUL as well, and ends with one again when it is put out. */
static void keep_next(struct proc *p, struct sed *s, const struct text_line *line)
{
    if (!s->next.text.memory)
        s->next.text = text_of(proc_memory(p));
    s->next.text.len = 0;
    text_add(&s->next.text, line->s, line->n);
    s->next.end = !line->ended ? END_NONE : line->end == '\0' ? END_NUL : END_NEWLINE;
    s->next_known = s->has_next = true;
}

bool sed_know_next(struct proc *p, struct sed *s)
{
    struct text_line line;
    while (!s->next_known) {
        if (!s->open && !next_input(p, s)) {
            s->next_known = true;
            s->has_next = false;
            return true;
        }
        enum lines_next next = lines_take(p, &s->in, &line);
        if (next == LINES_WAIT)
            return false;
        if (next == LINES_LINE) {
            keep_next(p, s, &line);
            continue;
        }
        close_input(p, s);
        if (s->pattern.end == END_NUL)
            s->pattern.end = END_LAST_NUL;
    }
    return true;
}

void sed_take(struct proc *p, struct sed *s, bool add)
{
    struct text *to = &s->pattern.text;
    if (!to->memory)
        *to = text_of(proc_memory(p));
    if (add) {
        text_char_add(to, '\n');
        text_add(to, s->next.text.data, s->next.text.len);
    } else {
        struct text had = *to;
        *to = s->next.text;
        s->next.text = had;
    }
    s->pattern.end = s->next.end;
    s->next_known = s->has_next = false;
    s->number++;
}

/* ---- In place ---- */

/* Six letters that make the name a new one. */
static char *made_name(struct proc *p, const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char six[7] = "";
    for (size_t i = 0; i < 6; i++)
        six[i] = letters[proc_random(p) % (sizeof letters - 1)];
    return memory_print(proc_memory(p), "%s%s", name, six);
}

static void begin_numbers(struct sed *s)
{
    s->number = 0;
    s->next_known = false;
    for (size_t i = 0; i < s->script.n; i++)
        s->script.commands[i].spent = false;
}

/* After the last file, what q left of it goes to standard output. */
static bool begin_rest(struct sed *s)
{
    s->in_place = false;
    s->out = (struct sed_file){ 0 };
    begin_numbers(s);
    return s->open || s->waiting_at < s->n_waiting;
}

bool sed_edit_begin(struct proc *p, struct sed *s)
{
    int from = open_next(p, s);
    if (from < 0)
        return begin_rest(s);
    int e = proc_fstat(p, from, &s->stat);
    s->made = made_name(p, s->name);
    int fd = e ? e : proc_open(p, s->made, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        proc_die_errno(p, fd, "can't create temp file '%s'", s->made);
    s->waiting = memory_array(proc_memory(p), s->waiting, s->n_waiting + 1, sizeof *s->waiting);
    s->waiting[s->n_waiting++] = from;
    s->out = (struct sed_file){ .fd = fd, .data = text_of(proc_memory(p)) };
    begin_numbers(s);
    return true;
}

static void drop_made(struct proc *p, struct sed *s)
{
    if (proc_unlink(p, s->made) == 0)
        s->made = NULL;
}

void sed_give_up(struct proc *p, struct sed *s)
{
    sed_flush(p, s);
    if (s->made)
        drop_made(p, s);
}

static void move(struct proc *p, struct sed *s, const char *from, const char *to)
{
    int e = proc_rename_file(p, from, to);
    if (e) {
        proc_perror(p, e, "can't move '%s' to '%s'", from, to);
        s->failed = true;
        if (from == s->made)
            drop_made(p, s);
    }
}

/* The new file has the old one's mode and owner, as far as it may. */
void sed_edit_end(struct proc *p, struct sed *s)
{
    struct memory *m = proc_memory(p);
    sed_file_flush(p, &s->out);
    proc_close(p, s->out.fd);
    text_release(&s->out.data);
    if (proc_chmod(p, s->made, s->stat.mode & 07777) == 0 && proc_uid(p) == 0 &&
        proc_chown(p, s->made, s->stat.uid, s->stat.gid, true))
        s->failed = true;
    if (s->suffix)
        move(p, s, s->name, memory_print(m, "%s%s", s->name, s->suffix));
    move(p, s, s->made, s->name);
    memory_give(m, s->made);
    s->made = NULL;
}
