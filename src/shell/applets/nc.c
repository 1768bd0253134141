#include "shell/applets/net.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

/*
 * A connection as far as it can be had: what standard input holds is sent, what the world answers
 * is received, and then the other side hangs up. A terminal is not read to its end first: it has
 * none.
 */
enum { SENT_MOST = 1 << 18, HOUR = 3600 };

enum phase { READING, FETCHING, FEEDING, WAITING, LISTENING };

struct nc {
    struct shell_fetch what;
    struct text input;
    char **program; /* -e */
    enum phase phase;
    int feed; /* our end of the program's standard input */
    uint32_t child;
    int64_t until; /* -w of a listener, microseconds; 0: for ever */
};

/* -f: a file in the place of a connection. */
static void copy_file(struct proc *p, const char *path)
{
    char *data;
    size_t n;
    int e = proc_read_file(p, path, SENT_MOST, &data, &n);
    if (e)
        proc_die_errno(p, e, "can't open '%s'", path);
    proc_write(p, 1, data, n);
    proc_exit(p, 0);
}

/* -e takes the rest of the line: what is before it is left in argv, what it runs is returned. */
static char **split_program(struct proc *p, int *argc, char **argv)
{
    for (int i = 1; i + 1 < *argc; i++) {
        size_t n = strlen(argv[i]);
        if (argv[i][0] != '-' || n < 2 || strchr(argv[i], 'e') != argv[i] + n - 1)
            continue;
        size_t words = (size_t)(*argc - i); /* with the NULL behind them */
        char **program = memory_array(proc_memory(p), NULL, words, sizeof *program);
        memcpy(program, argv + i + 1, words * sizeof *program);
        argv[i][n - 1] = '\0';
        *argc = i + (n > 2);
        argv[*argc] = NULL;
        return program;
    }
    return NULL;
}

static void listen_until(struct proc *p, struct nc *c, const char *seconds)
{
    c->phase = LISTENING;
    if (seconds)
        c->until = proc_now(p) + (int64_t)options_number(p, seconds, 0, INT32_MAX, NULL) * 1000000;
}

static void connect_to(struct proc *p, struct nc *c, char **argv)
{
    c->what = (struct shell_fetch){
        .applet = "nc",
        .scheme = FETCH_TCP,
        .host = argv[0],
        .port = argv[1] ? net_port(p, argv[1], "tcp") : 0,
        .path = "",
        .user = "",
        .password = "",
        .method = "",
        .save = "",
    };
    c->what.url = memory_print(proc_memory(p), "tcp://%s:%u", c->what.host, c->what.port);
    c->phase = c->program || proc_isatty(p, 0) ? FETCHING : READING;
}

static void nc_start(struct proc *p, int argc, char **argv)
{
    enum { LISTEN = 1 };
    struct nc *c = proc_state(p);
    const char *port = NULL, *seconds = NULL, *delay = NULL, *file = NULL, *program = NULL;
    c->input = text_of(proc_memory(p));
    c->program = split_program(p, &argc, argv);
    uint32_t given =
        options_bits(p, argc, argv, "!lp:w:i:f:e:", &argv, &port, &seconds, &delay, &file, &program);
    if (seconds)
        options_number(p, seconds, 0, INT32_MAX, NULL);
    if (delay)
        options_number(p, delay, 0, INT32_MAX, NULL);
    if (port)
        net_port(p, port, "tcp");
    if (file)
        copy_file(p, file);
    if (given & LISTEN)
        listen_until(p, c, seconds);
    else if (!argv[0] || (argv[1] && argv[2]))
        proc_usage(p);
    else
        connect_to(p, c, argv);
}

/* The program's output goes where a visitor does not see it: to whoever it called. */
static void begin_program(struct proc *p, struct nc *c)
{
    int ends[2], nowhere = proc_open(p, "/dev/null", O_RDWR, 0);
    int e = proc_pipe(p, ends);
    if (e || nowhere < 0)
        proc_die_errno(p, e ? e : nowhere, "can't execute '%s'", c->program[0]);
    if (proc_dup(p, nowhere, 2) < 0)
        proc_exit(p, 1);
    e = proc_spawn(p, c->program, ends[0], nowhere);
    proc_close(p, ends[0]);
    if (e < 0)
        proc_exit(p, 127); /* said into the connection */
    c->child = (uint32_t)e;
    c->feed = ends[1];
}

static enum applet_next take_answer(struct proc *p, struct nc *c, const struct shell_fetched *got)
{
    net_must_reach(p, &c->what, got);
    if (!c->program) {
        proc_write(p, 1, got->content, got->n);
        proc_done(p, 0);
        return NEXT_DONE;
    }
    begin_program(p, c);
    if (got->n)
        proc_write(p, c->feed, got->content, got->n);
    c->phase = FEEDING; /* what the pipe does not take at once waits until it does */
    return NEXT_AGAIN;
}

static enum applet_next listen_step(struct proc *p, const struct nc *c)
{
    if (c->until && proc_now(p) >= c->until)
        proc_die(p, "timed out");
    proc_wake_at(p, c->until ? c->until : proc_now(p) + HOUR * (int64_t)1000000);
    return NEXT_SLEEP;
}

static enum applet_next wait_step(struct proc *p, const struct nc *c)
{
    uint32_t pid;
    int by = 0, status = proc_wait(p, c->child, &pid, &by);
    if (status == -EAGAIN)
        return NEXT_CHILD;
    proc_done(p, status < 0 ? 1 : status);
    return NEXT_DONE;
}

static enum applet_next nc_step(struct proc *p)
{
    struct nc *c = proc_state(p);
    struct shell_fetched got = { 0 };
    switch (c->phase) {
    case READING:
        if (!net_read_all(p, 0, SENT_MOST, &c->input))
            return NEXT_INPUT;
        c->what.sent = c->input.data;
        c->what.n_sent = c->input.len;
        c->phase = FETCHING;
        return NEXT_AGAIN;
    case FETCHING:
        return proc_fetch(p, &c->what, &got) ? take_answer(p, c, &got) : NEXT_FETCH;
    case FEEDING:
        proc_close(p, c->feed);
        c->phase = WAITING;
        return NEXT_AGAIN;
    case WAITING:
        return wait_step(p, c);
    case LISTENING:
        return listen_step(p, c);
    }
    return NEXT_DONE;
}

const struct applet applet_nc = {
    .name = "nc", .start = nc_start, .step = nc_step, .state = sizeof(struct nc)
};
