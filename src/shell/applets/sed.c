#include "shell/applets/sed.h"

#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

static const struct option_long longs[] = {
    { "in-place", 2, 'i' },
    { "regexp-extended", 0, 'r' },
    { "quiet", 0, 'n' },
    { "silent", 0, 'n' },
    { "expression", 1, 'e' },
    { "file", 1, 'f' },
    { NULL },
};

/* Files that the last line names are opened, and so emptied, before the next is read. */
static void open_files(struct proc *p, struct sed *s, size_t from)
{
    for (size_t i = from; i < s->script.n; i++)
        if (s->script.commands[i].writes && !s->script.commands[i].file)
            sed_file_open(p, &s->script.commands[i]);
}

static void read_line(struct proc *p, struct sed *s, const char *line, size_t n)
{
    size_t had = s->script.n;
    const char *why = sed_script_line(&s->script, line, n);
    open_files(p, s, had);
    if (why)
        proc_die(p, "%s", why);
}

static void read_text(struct proc *p, struct sed *s, const char *text)
{
    for (;;) {
        const char *end = strchrnul(text, '\n');
        read_line(p, s, text, (size_t)(end - text));
        if (!*end)
            return;
        text = end + 1;
    }
}

static void read_option(struct proc *p, struct sed *s, int letter, const char *argument)
{
    struct memory *m = proc_memory(p);
    switch (letter) {
    case 'i':
        s->in_place = true;
        s->suffix = argument && *argument ? argument : s->suffix;
        break;
    case 'n':
        s->quiet = true;
        break;
    case 'f':
        s->lists = memory_array(m, s->lists, s->n_lists + 1, sizeof *s->lists);
        s->lists[s->n_lists++] = argument;
        break;
    default:
        s->script.extended = true;
    }
}

/* Commands of -e come before those of -f, and all are read with -r in force wherever it stands. */
static void read_options(struct proc *p, struct sed *s, int argc, char **argv)
{
    struct options o;
    const char **expressions =
        memory_array(proc_memory(p), NULL, (size_t)argc, sizeof *expressions);
    size_t n = 0;
    options_begin(&o, p, argc, argv, "i::rEne:f:", longs);
    for (int letter; (letter = options_next(&o)) != -1;) {
        if (letter == 'e')
            expressions[n++] = o.argument;
        else
            read_option(p, s, letter, o.argument);
    }
    s->files = argv + o.index;
    if (n == 0 && s->n_lists == 0) {
        if (!*s->files)
            proc_usage(p);
        expressions[n++] = *s->files++;
    }
    for (size_t i = 0; i < n; i++)
        read_text(p, s, expressions[i]);
    memory_give(proc_memory(p), expressions);
}

static void start(struct proc *p, int argc, char **argv)
{
    struct sed *s = proc_state(p);
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        out_text(p, "This is not GNU sed version 4.0\n");
        proc_exit(p, 0);
    }
    s->script.memory = proc_memory(p);
    s->in = lines_of(-1, '\n');
    read_options(p, s, argc, argv);
}

/* -f: C strings. false: it waits for more. */
static bool read_list(struct proc *p, struct sed *s)
{
    struct text_line line;
    if (s->in.fd < 0) {
        const char *path = s->lists[s->list];
        int fd = strcmp(path, "-") ? proc_open(p, path, O_RDONLY, 0) : 0;
        if (fd < 0)
            proc_die_errno(p, fd, "%s", path);
        s->in = lines_of(fd, '\n');
    }
    enum lines_next next;
    while ((next = lines_take(p, &s->in, &line)) == LINES_LINE)
        read_line(p, s, line.s, strlen(line.s));
    if (next == LINES_WAIT)
        return false;
    if (s->in.fd > 0)
        proc_close(p, s->in.fd);
    lines_free(p, &s->in);
    s->list++;
    return true;
}

static void end_script(struct proc *p, struct sed *s)
{
    size_t had = s->script.n;
    const char *why = sed_script_end(&s->script);
    open_files(p, s, had);
    if (why)
        proc_die(p, "%s", why);
    s->quiet = s->quiet || s->script.quiet;
    if (!*s->files && s->in_place)
        proc_die(p, "-i requires an argument");
    if (!*s->files) {
        s->files = memory_take(s->script.memory, 2 * sizeof *s->files);
        *s->files = memory_text(s->script.memory, "-");
    }
    s->phase = PHASE_OPEN;
}

/* Where a new cycle has a line to begin with; in place, of the next file. */
static enum applet_next begin(struct proc *p, struct sed *s)
{
    if (!s->over && !sed_know_next(p, s))
        return NEXT_INPUT;
    if (s->over || !(s->again || s->has_next)) {
        if (s->in_place)
            sed_edit_end(p, s);
        s->phase = s->in_place ? PHASE_OPEN : PHASE_END;
        s->over = s->again = false;
        return NEXT_AGAIN;
    }
    if (!s->again) {
        sed_take(p, s, false);
        s->substituted = false;
    }
    s->again = false;
    s->pc = 0;
    s->phase = PHASE_RUN;
    return NEXT_AGAIN;
}

static enum applet_next end(struct proc *p, struct sed *s)
{
    sed_flush(p, s);
    proc_done(p, s->failed);
    return NEXT_DONE;
}

static enum applet_next step(struct proc *p)
{
    struct sed *s = proc_state(p);
    switch (s->phase) {
    case PHASE_SCRIPT:
        if (s->list == s->n_lists)
            end_script(p, s);
        else if (!read_list(p, s))
            return NEXT_INPUT;
        return NEXT_AGAIN;
    case PHASE_OPEN:
        s->phase = !s->in_place || sed_edit_begin(p, s) ? PHASE_BEGIN : PHASE_END;
        return NEXT_AGAIN;
    case PHASE_BEGIN:
        return begin(p, s);
    case PHASE_RUN:
        return sed_run(p, s);
    case PHASE_END:
        break;
    }
    return end(p, s);
}

const struct applet applet_sed = {
    .name = "sed", .start = start, .step = step, .state = sizeof(struct sed)
};
