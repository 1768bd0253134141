#include "shell/applets/xargs.h"

#include "shell/applets/direct.h"
#include "shell/options.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

enum {
    CHARS = (32 << 10) - 2048, /* of a command line, where -s does not say */
    ABORTS = 255,              /* a status that ends everything */
    FAILED = 123,
    ABORTED = 124,
    KILLED = 125,
    NOT_RUN = 126,
    NOT_FOUND = 127,
};

struct xargs {
    struct xargs_reader in;
    char **command; /* and its words */
    size_t n_command;
    const char *replaced; /* -I */
    uint64_t words_most, chars_most, parallel;
    bool quiet_if_empty, traces, asks;
    int null, tty; /* descriptors; -1: not open */

    char **argv;
    size_t n, room, chars; /* the line in the making; chars are of what was added to the command */
    bool ready;            /* it is whole */
    bool held;             /* a word was read that had no room in it */
    bool shown, asked;
    bool any;  /* something was run */
    bool over; /* the input is at its end */
    size_t children;
    int status;
};

/* ---- Words ---- */

static void read_options(struct proc *p, struct xargs *x, int argc, char **argv)
{
    static const struct option_long longs[] = { { "no-run-if-empty", 0, 'r' }, { NULL, 0, 0 } };
    struct options o;
    options_begin(&o, p, argc, argv, "+0a:rtpE:e::I:i::n:s:P:x", longs);
    for (int c; (c = options_next(&o)) >= 0;) {
        switch (c) {
        case '0':
            x->in.nul_ends = true;
            break;
        case 'a':
            x->in.fd = proc_open(p, o.argument, O_RDONLY, 0);
            if (x->in.fd < 0)
                proc_die_errno(p, x->in.fd, "can't open '%s'", o.argument);
            break;
        case 'r':
            x->quiet_if_empty = true;
            break;
        case 'p':
            x->asks = true;
            break;
        case 't':
            x->traces = true;
            break;
        case 'E':
        case 'e':
            x->in.last = o.argument && *o.argument ? o.argument : NULL;
            break;
        case 'I':
        case 'i':
            x->replaced = o.argument && *o.argument ? o.argument : "{}";
            break;
        case 'n':
            x->words_most = options_number(p, o.argument, 1, INT_MAX, NULL);
            break;
        case 's':
            x->chars_most = options_number(p, o.argument, 1, INT_MAX, NULL);
            break;
        case 'P':
            x->parallel = options_number(p, o.argument, 0, INT_MAX, NULL);
            break;
        default:
            break;
        }
    }
    x->command = argv + o.index;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct xargs *x = proc_state(p);
    x->words_most = UINT64_MAX;
    x->chars_most = CHARS;
    x->parallel = 1;
    x->tty = x->null = -1;
    x->in.word = text_of(proc_memory(p));
    read_options(p, x, argc, argv);
    if (!*x->command) {
        x->command = memory_array(proc_memory(p), NULL, 2, sizeof *x->command);
        x->command[0] = memory_text(proc_memory(p), "echo");
        x->command[1] = NULL;
    }
    x->in.lines = x->replaced;
    size_t fixed = 0;
    for (; x->command[x->n_command]; x->n_command++)
        fixed += strlen(x->command[x->n_command]) + 1;
    if (fixed >= x->chars_most)
        proc_die(p, "can't fit single argument within argument list size limit");
    x->chars_most -= fixed;
}

/* ---- The line in the making ---- */

static void add_word(struct proc *p, struct xargs *x, char *word)
{
    if (x->n + 1 >= x->room) {
        x->room = x->room ? x->room * 2 : 16;
        x->argv = memory_array(proc_memory(p), x->argv, x->room, sizeof *x->argv);
    }
    x->argv[x->n++] = word;
    x->argv[x->n] = NULL;
}

static char *replace(struct proc *p, const struct xargs *x, const char *word, const char *by)
{
    struct text t = text_of(proc_memory(p));
    size_t n = strlen(x->replaced);
    for (const char *at; (at = strstr(word, x->replaced)); word = at + n) {
        text_add(&t, word, (size_t)(at - word));
        text_say(&t, by);
    }
    text_say(&t, word);
    return t.data;
}

static void begin_line(struct proc *p, struct xargs *x, const char *by)
{
    for (size_t i = 0; i < x->n_command; i++) {
        const char *word = x->command[i];
        add_word(p, x, by ? replace(p, x, word, by) : memory_text(proc_memory(p), word));
    }
}

static void clear_line(struct proc *p, struct xargs *x)
{
    for (size_t i = 0; i < x->n; i++)
        memory_give(proc_memory(p), x->argv[i]);
    x->n = x->chars = 0;
    x->ready = x->shown = x->asked = false;
}

/* The word that was read goes into the line; or the line is ready without it. */
static void take_word(struct proc *p, struct xargs *x)
{
    size_t n = x->in.word.data ? strlen(x->in.word.data) : 0;
    if (n + 1 > x->chars_most)
        proc_die(p, "argument line too long");
    if (x->chars + n + 1 > x->chars_most) {
        x->held = x->ready = true;
        return;
    }
    x->held = false;
    if (x->replaced) {
        begin_line(p, x, x->in.word.data);
        x->ready = true;
    } else {
        if (!x->n)
            begin_line(p, x, NULL);
        add_word(p, x, memory_bytes(proc_memory(p), x->in.word.data, n));
        x->chars += n + 1;
        x->ready = x->n - x->n_command >= x->words_most;
    }
    x->in.word.len = 0;
    if (x->in.word.data)
        x->in.word.data[0] = '\0';
}

/* false: there is no input yet. */
static bool gather(struct proc *p, struct xargs *x)
{
    while (!x->ready && !x->over) {
        enum xargs_read got = x->held ? XARGS_WORD : xargs_read(p, &x->in);
        if (got == XARGS_WAIT) {
            proc_waits_on(p, x->in.fd);
            return false;
        }
        if (got == XARGS_WORD)
            take_word(p, x);
        else
            x->over = true;
    }
    if (x->over && !x->ready) {
        if (!x->n && !x->any && !x->quiet_if_empty && !x->replaced)
            begin_line(p, x, NULL);
        x->ready = x->n;
    }
    return true;
}

/* ---- Running ---- */

/* After it everything ends, once the children did. */
static void stop(struct xargs *x, int status)
{
    x->status = status;
    x->over = true;
    x->ready = x->held = false;
    x->n = 0;
    x->any = true;
    x->in.ended = true;
    x->in.quote = '\0';
    x->in.word.len = 0;
}

static void count(struct proc *p, struct xargs *x, int status, int signal)
{
    x->children--;
    if (signal && is_direct(x->command[0]))
        (void)!proc_kill(p, (int32_t)proc_pid(p), signal);
    if (signal) {
        proc_error(p, "'%s' terminated by signal %d", x->command[0], signal);
        stop(x, KILLED);
    } else if (status == ABORTS) {
        proc_error(p, "%s: exited with status %d; aborting", x->command[0], status);
        stop(x, ABORTED);
    } else if (status && !x->status) {
        x->status = FAILED;
    }
}

/* Takes the children that ended. */
static void reap(struct proc *p, struct xargs *x)
{
    while (x->children) {
        int signal, status = proc_wait(p, 0, NULL, &signal);
        if (status < 0)
            break;
        count(p, x, status, signal);
    }
}

static void show(struct proc *p, const struct xargs *x)
{
    struct text t = text_of(proc_memory(p));
    for (size_t i = 0; i < x->n; i++)
        text_print(&t, "%s%s", i ? " " : "", x->argv[i]);
    if (!x->asks)
        text_char_add(&t, '\n');
    err_put(p, t.data, t.len);
    text_release(&t);
}

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_LATER };

static enum answer ask(struct proc *p, struct xargs *x)
{
    if (x->tty < 0) {
        x->tty = proc_open(p, "/dev/tty", O_RDONLY, 0);
        if (x->tty < 0)
            proc_die_errno(p, x->tty, "can't open '/dev/tty'");
    }
    if (!x->asked)
        err_print(p, " ?...");
    x->asked = true;
    char line[256];
    int64_t n = proc_read(p, x->tty, line, sizeof line);
    if (n == -EAGAIN) {
        proc_waits_on(p, x->tty);
        return ANSWER_LATER;
    }
    return n > 0 && (*line == 'y' || *line == 'Y') ? ANSWER_YES : ANSWER_NO;
}

static void run(struct proc *p, struct xargs *x)
{
    if (x->null < 0)
        x->null = proc_open(p, "/dev/null", O_RDONLY, 0);
    out_flush(p);
    int pid = proc_spawn(p, x->argv, x->null, -1);
    x->any = true;
    if (pid < 0) {
        proc_perror(p, pid, "%s", x->argv[0]);
        clear_line(p, x);
        stop(x, pid == -ENOENT ? NOT_FOUND : NOT_RUN);
        return;
    }
    x->children++;
    clear_line(p, x);
}

static enum applet_next step(struct proc *p)
{
    struct xargs *x = proc_state(p);
    reap(p, x);
    if (x->children && x->parallel && x->children >= x->parallel)
        return NEXT_CHILD;
    if (!gather(p, x))
        return NEXT_INPUT;
    if (!x->ready) {
        if (x->children)
            return NEXT_CHILD;
        proc_done(p, x->status);
        return NEXT_DONE;
    }
    if (!x->shown && (x->traces || x->asks))
        show(p, x);
    x->shown = true;
    enum answer answer = x->asks ? ask(p, x) : ANSWER_YES;
    if (answer == ANSWER_LATER)
        return NEXT_INPUT;
    if (answer == ANSWER_YES)
        run(p, x);
    else
        clear_line(p, x);
    x->any = true;
    return NEXT_AGAIN;
}

const struct applet applet_xargs = {
    .name = "xargs", .start = start, .step = step, .state = sizeof(struct xargs)
};
