/* Builtins that may have to wait: read, wait; and jobs, fg, bg. */
#include "shell/builtin.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* ---- read ---- */

enum { READ_AT_ONCE = 1024 }; /* bytes a step: some inputs have no end, nor a line's */

struct reading {
    const char *prompt, *delimiter;
    char **names;
    bool raw, silent, timed, counted;
    bool asks; /* -t 0: only whether something is there */
    int64_t most, until;
    int64_t taken; /* bytes, of which some are not of the line */
    int fd;
    struct text line;
    struct text escaped; /* a byte each of line: 1: it was behind a backslash */
    bool escape;
};

static bool read_option(struct proc *p, struct reading *r, char letter, const char *value)
{
    int n = 0;
    switch (letter) {
    case 'p':
        r->prompt = value;
        return true;
    case 'd':
        r->delimiter = value;
        return true;
    case 't':
        if (!*value || value[strspn(value, "0123456789.")]) {
            shell_fail(p, 2, "invalid timeout");
            return false;
        }
        r->timed = true;
        r->asks = strtod(value, NULL) <= 0;
        r->until = proc_now(p) + (int64_t)(strtod(value, NULL) * 1e6);
        return true;
    case 'n':
        if (!*value || value[strspn(value, "0123456789")] || strlen(value) > 9) {
            shell_fail(p, 2, "invalid count");
            return false;
        }
        n = (int)strtol(value, NULL, 10);
        r->counted = n > 0;
        r->most = n;
        return true;
    case 'u':
        if (!builtin_number(p, value, &n))
            return false;
        r->fd = n;
        return true;
    }
    return false;
}

static bool read_options(struct proc *p, struct reading *r, char **argv)
{
    char **word = argv + 1;
    for (; *word && **word == '-' && (*word)[1]; word++) {
        if (!strcmp(*word, "--")) {
            word++;
            break;
        }
        for (const char *s = *word + 1; *s; s++) {
            if (*s == 'r' || *s == 's') {
                r->raw |= *s == 'r';
                r->silent |= *s == 's';
                continue;
            }
            if (!strchr("pdtnu", *s)) {
                shell_fail(p, 2, "illegal option -%c", *s);
                return false;
            }
            const char *value = s[1] ? s + 1 : *++word;
            if (!value) {
                shell_fail(p, 2, "no arg for -%c option", *s);
                return false;
            }
            if (!read_option(p, r, *s, value))
                return false;
            break;
        }
    }
    for (char **name = word; *name; name++) {
        if (!var_name_ok(*name, strlen(*name))) {
            err_print(p, "%s: read: '%s': bad variable name\n", p->interp->name, *name);
            p->interp->status = 1;
            return false;
        }
    }
    r->names = word;
    return true;
}

static void add(struct reading *r, char byte, bool escaped)
{
    text_char_add(&r->line, byte);
    text_char_add(&r->escaped, escaped ? 1 : 0);
}

/* false: the line is whole. */
static bool take_byte(struct reading *r, char byte)
{
    r->taken++;
    if (r->escape && byte) {
        r->escape = false;
        if (byte != '\n')
            add(r, byte, true);
    } else if (!r->raw && byte == '\\') {
        r->escape = true;
    } else if (byte) {
        if (byte == (r->delimiter ? r->delimiter[0] : '\n'))
            return false;
        add(r, byte, false);
    }
    return !r->counted || r->taken < r->most;
}

static bool is_in(const char *set, const struct reading *r, size_t i)
{
    return !r->escaped.data[i] && strchr(set, r->line.data[i]);
}

static bool is_space_of(const char *ifs, const struct reading *r, size_t i)
{
    return is_in(ifs, r, i) && strchr(" \t\n", r->line.data[i]);
}

static bool give(struct proc *p, const char *name, const struct reading *r, size_t from, size_t end)
{
    char *value = memory_bytes(&p->memory, r->line.data ? r->line.data + from : "", end - from);
    bool good = variable_set(p, name, strlen(name), value, 0);
    memory_give(&p->memory, value);
    return good;
}

/* The last name takes the rest, without blanks at its end; nor a separator, where it is the only one. */
static size_t rest_end(const struct reading *r, const char *ifs, size_t from, size_t end)
{
    while (end > from && is_space_of(ifs, r, end - 1))
        end--;
    size_t at = from;
    while (at < end && !is_in(ifs, r, at))
        at++;
    if (at + 1 == end)
        end = at;
    while (end > from && is_space_of(ifs, r, end - 1))
        end--;
    return end;
}

/* What lies before a field: blanks, and one other separator; ash forgets that a field has begun while it
 * has escaped characters alone. */
enum beginning { BEGUN, AT_START, AFTER_BLANKS };

static bool is_skipped(const struct reading *r, const char *ifs, size_t i, int *beginning)
{
    if (!*beginning || !is_in(ifs, r, i))
        return false;
    if (is_space_of(ifs, r, i))
        return true;
    return --*beginning == AT_START;
}

/* Fields are moved to the front of the line as they are found: [from, to) is the one that is being read. */
static bool split(struct proc *p, struct reading *r, const char *ifs)
{
    char *line = r->line.data, *escaped = r->escaped.data;
    char **name = r->names;
    size_t from = 0, to = 0;
    int beginning = AT_START;
    for (size_t i = 0; i < r->line.len; i++) {
        if (is_skipped(r, ifs, i, &beginning))
            continue;
        if (!escaped[i])
            beginning = BEGUN;
        if (name[1] && is_in(ifs, r, i)) {
            beginning = is_space_of(ifs, r, i) ? AFTER_BLANKS : AT_START;
            if (!give(p, *name++, r, from, to))
                return false;
            from = to = i + 1;
            continue;
        }
        line[to] = line[i];
        escaped[to++] = escaped[i];
    }
    if (!give(p, *name, r, from, rest_end(r, ifs, from, to)))
        return false;
    for (name++; *name; name++)
        if (!give(p, *name, r, 0, 0))
            return false;
    return true;
}

static bool give_fields(struct proc *p, struct reading *r)
{
    if (!*r->names)
        return give(p, "REPLY", r, 0, r->line.len);
    const char *found = vars_get(p->vars, "IFS");
    char *ifs = memory_text(&p->memory, found ? found : " \t\n");
    bool good = split(p, r, ifs);
    memory_give(&p->memory, ifs);
    return good;
}

static struct reading *reading_begin(struct proc *p, struct command *c, char **argv)
{
    struct reading *r = c->state = memory_take(&p->memory, sizeof *r);
    r->line = r->escaped = text_of(&p->memory);
    if (!read_options(p, r, argv))
        return NULL;
    if (r->silent && proc_isatty(p, r->fd))
        proc_terminal(p, TTY_QUIET);
    if (r->prompt && proc_isatty(p, r->fd))
        err_put(p, r->prompt, strlen(r->prompt));
    return r;
}

static enum builtin_next reading_end(struct proc *p, struct reading *r, int status)
{
    bool good = give_fields(p, r);
    if (r->silent && proc_isatty(p, r->fd))
        proc_terminal(p, TTY_COOKED);
    text_release(&r->line);
    text_release(&r->escaped);
    return good ? builtin_status(p, status) : BUILTIN_GONE;
}

enum builtin_next builtin_read(BUILTIN_ARGS)
{
    (void)argc;
    struct reading *r = c->state ? c->state : reading_begin(p, c, argv);
    char byte;
    if (!r)
        return p->interp->skip ? BUILTIN_GONE : BUILTIN_DONE;
    if (r->asks) {
        const struct file *f = descriptor_file(p, r->fd);
        return builtin_status(p, !f || file_readable(p->shell, f) ? 0 : 1);
    }
    for (int i = 0; i < READ_AT_ONCE; i++) {
        int64_t got = proc_read(p, r->fd, &byte, 1);
        if (got == -EAGAIN) {
            if (r->timed && proc_now(p) >= r->until)
                return reading_end(p, r, 1);
            p->waits = r->timed ? WAITS_INPUT_OR_SLEEP : WAITS_INPUT;
            proc_wake_at(p, r->until);
            proc_waits_on(p, r->fd);
            return BUILTIN_WAITS;
        }
        if (got <= 0)
            return reading_end(p, r, 1);
        if (!take_byte(r, byte))
            return reading_end(p, r, 0);
    }
    return BUILTIN_WAITS; /* for its next turn */
}

/* ---- wait ---- */

static enum builtin_next wait_one(struct proc *p, const char *name)
{
    struct job *job = *name == '%' || name[strspn(name, "0123456789")] == '\0' ? job_named(p, name) : NULL;
    if (!job && (*name == '%' || name[strspn(name, "0123456789")])) {
        shell_fail(p, 2, *name == '%' ? "%s: no such job" : "Illegal number: %s", name);
        return BUILTIN_GONE;
    }
    if (!job)
        return builtin_status(p, 127);
    if (!job->ended) {
        p->waits = WAITS_CHILD;
        return BUILTIN_WAITS;
    }
    for (uint32_t i = 0; i < job->n && !job->told; i++)
        if (job->members[i].signal)
            tell_signal(p, job->members[i].signal);
    job->told = true;
    return builtin_status(p, job->status);
}

static bool any_running(const struct interp *in)
{
    for (const struct job *j = in->jobs; j; j = j->next)
        if (!j->ended)
            return true;
    return false;
}

enum builtin_next builtin_wait(BUILTIN_ARGS)
{
    (void)argc;
    struct interp *in = p->interp;
    jobs_update(p);
    uint32_t caught = p->caught & ~(1u << SIGCHLD);
    if (c->state && caught) {
        return builtin_status(p, 128 + __builtin_ctz(caught));
    }
    if (!c->state)
        c->state = memory_take(&p->memory, 1);
    int status = 0;
    char **words = argv + 1;
    bool one = *words && !strcmp(*words, "-n");
    for (char **word = words + one; *word; word++) {
        enum builtin_next next = wait_one(p, *word);
        if (next != BUILTIN_DONE)
            return next;
        status = in->status;
    }
    if (!words[one] && any_running(in)) {
        p->waits = WAITS_CHILD;
        return BUILTIN_WAITS;
    }
    for (struct job *j = words[one] ? NULL : in->jobs; j; j = j->next)
        j->told = true;
    return builtin_status(p, status);
}

/* ---- jobs, fg, bg ---- */

static enum builtin_next jobs_named(struct proc *p, char **words, uint32_t bits)
{
    for (; *words; words++) {
        struct job *job = job_named(p, *words);
        if (!job) {
            shell_fail(p, 2, "%s: no such job", *words);
            return BUILTIN_GONE;
        }
        if (bits & 2)
            out_print(p, "%u\n", job->members[0].pid);
        else
            job_tell(p, job, bits & 1);
    }
    return builtin_status(p, 0);
}

enum builtin_next builtin_jobs(BUILTIN_ARGS)
{
    (void)c, (void)argc;
    uint32_t bits;
    char **words;
    if (!builtin_options(p, argv, "lp", &bits, &words))
        return BUILTIN_GONE;
    jobs_update(p);
    for (const struct job *j = p->interp->jobs; j && (bits & 2) && !*words; j = j->next)
        out_print(p, "%u\n", j->members[0].pid);
    if (*words)
        return jobs_named(p, words, bits);
    if (!(bits & 2))
        jobs_tell(p, bits & 1 ? JOBS_PIDS : JOBS_ALL);
    return builtin_status(p, 0);
}

static struct job *chosen(struct proc *p, const char *word)
{
    struct job *job = job_named(p, word ? word : "%%");
    if (!job && word)
        shell_fail(p, 2, "%s: no such job", word);
    else if (!job)
        shell_fail(p, 2, "No current job");
    else if (!(p->interp->flags & FLAG_MONITOR))
        shell_fail(p, 2, "job %s not created under job control", word ? word : "(null)");
    else
        return job;
    return NULL;
}

static bool descends(const struct proc *p, const struct proc *from)
{
    while (p && p != from)
        p = proc_by_pid(p->shell, p->ppid);
    return p;
}

/* With all that it started: ^C is for them, or is not. */
static void move_job(struct proc *p, const struct job *job, bool background)
{
    for (uint32_t i = 0; i < job->n; i++) {
        struct proc *process = job_process(p, job, i);
        for (struct proc *each = process ? p->shell->procs : NULL; each; each = each->next)
            if (descends(each, process))
                each->background = background;
        if (process)
            proc_signal(process, SIGCONT);
    }
}

enum builtin_next builtin_bg(BUILTIN_ARGS)
{
    (void)argc;
    jobs_update(p);
    struct job *job = chosen(p, argv[1]);
    if (!job)
        return BUILTIN_GONE;
    if (!c->state) {
        c->state = memory_take(&p->memory, 1);
        if (argv[0][0] == 'b')
            out_print(p, "[%u] %s\n", job->number, job->text);
        else
            out_print(p, "%s\n", job->text);
        move_job(p, job, argv[0][0] == 'b');
    }
    if (argv[0][0] == 'b')
        return builtin_status(p, 0);
    if (!job->ended) {
        p->waits = WAITS_CHILD;
        return BUILTIN_WAITS;
    }
    int status = job->status;
    job_remove(p, job);
    return builtin_status(p, status);
}
