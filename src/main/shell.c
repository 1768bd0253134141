/*
 * teiten-shell: one session of the emulated shell on standard input and output, for trying a device and for
 * looking at a script without running anything of it. A private program that `teiten shell` becomes:
 *
 *   teiten-shell MACHINE [-c COMMAND [NAME [ARGUMENT...]]]
 *   teiten-shell --dry text|json
 *
 * It reads the device's folder, and is held in (base/confine.h) before the first byte of a stranger's: it
 * opens nothing, connects to nothing, starts nothing. Nobody is asked over the network; downloads find it
 * unreachable.
 */
#include "base/confine.h"
#include "base/time.h"
#include "main/hook.h"
#include "main/shell-dry.h"
#include "shell/shell.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

enum {
    TURN = 200000, /* steps between two looks at the clock and the input */
    TROUBLE = 1,
    USAGE = 2,
};

#define MEMORY_MOST ((size_t)1 << 30)

/* ---- The terminal ---- */

static struct termios before;
static bool changed;

/* Every key is the session's affair: it has a terminal of its own. */
static void take_terminal(void)
{
    struct termios now;
    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return;
    now = before;
    cfmakeraw(&now);
    changed = tcsetattr(STDIN_FILENO, TCSADRAIN, &now) == 0;
}

static void give_terminal_back(void)
{
    if (changed)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

/* ---- What the session asks of us ---- */

static void put_all(int fd, const char *data, size_t n)
{
    while (n) {
        ssize_t put = write(fd, data, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno == EAGAIN) {
            struct pollfd ready = { fd, POLLOUT, 0 };
            (void)poll(&ready, 1, -1);
            continue;
        }
        if (put <= 0)
            return;
        data += put;
        n -= (size_t)put;
    }
}

static void output(void *context, int stream, const void *data, size_t n)
{
    (void)context;
    put_all(stream == 2 ? STDERR_FILENO : STDOUT_FILENO, data, n);
}

static bool is_numeric(const char *host)
{
    return host[strspn(host, "0123456789.:")] == '\0' || strchr(host, ':');
}

static void fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    (void)context;
    ret->answer = is_numeric(what->host) ? FETCH_UNREACHABLE : FETCH_UNRESOLVED;
}

/* ---- The loop ---- */

/* Milliseconds to wait, -1: for input alone. */
static int wait_for(const struct shell *sh, enum shell_state state)
{
    if (state != SHELL_ASLEEP)
        return -1;
    int64_t left = (shell_wakes(sh) - time_now_us() + 999) / 1000;
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static void read_input(struct shell *sh, bool *ended)
{
    char piece[4096];
    ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    *ended = n <= 0;
    if (n <= 0)
        shell_input_end(sh);
    else if (shell_input(sh, piece, (size_t)n))
        *ended = true; /* more than a device would take */
}

static void wait_a_while(struct shell *sh, enum shell_state state, bool *ended)
{
    struct pollfd input = { STDIN_FILENO, POLLIN, 0 };
    bool reads = !*ended;
    if (state == SHELL_RUNNING && !reads)
        return;
    int n = poll(&input, reads ? 1 : 0, state == SHELL_RUNNING ? 0 : wait_for(sh, state));
    if (n > 0 && input.revents)
        read_input(sh, ended);
}

static int run(struct shell *sh)
{
    bool ended = false;
    for (;;) {
        enum shell_state state = shell_run(sh, TURN, time_now_us());
        if (state == SHELL_ENDED)
            return shell_status(sh);
        if (state == SHELL_RUNNING && !changed)
            continue; /* only a terminal can interrupt */
        wait_a_while(sh, state, &ended);
    }
}

/* ---- Beginning ---- */

static int trouble(const char *what, const char *why)
{
    fprintf(stderr, "teiten: shell: %s: %s\n", what, why);
    return TROUBLE;
}

static int load(const char *folder, struct machine **ret_machine, struct shell_device **ret)
{
    char why[200];
    int e = machine_load(ret_machine, folder, why);
    if (e)
        return trouble(folder, e > 0 ? why : strerror(-e));
    e = shell_device_make(ret, *ret_machine);
    return e ? trouble(folder, strerror(-e)) : 0;
}

static void read_words(struct shell_options *o, char **words)
{
    if (!*words)
        return;
    o->command = words[1];
    o->name_argument = words[1] ? words[2] : NULL;
    o->arguments = o->name_argument ? words + 3 : NULL;
}

static const struct shell_hook hook = { .output = output, .fetch = fetch };

static int session(const struct shell_device *device, char **words)
{
    struct shell *sh;
    unsigned confined;
    struct winsize size;
    struct shell_options o = { .device = device, .name = "sh", .now = time_now_us(),
                               .hook = &hook };
    read_words(&o, words);
    o.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    o.tty = o.terminal && !o.command;
    if (o.tty && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
        o.columns = size.ws_col;
        o.rows = size.ws_row;
    }
    if (getrandom(&o.seed, sizeof o.seed, 0) != sizeof o.seed)
        return trouble("random numbers", strerror(errno));
    signal(SIGPIPE, SIG_IGN);
    int e = confine_enter(CONFINE_SHELL, NULL, 0, MEMORY_MOST, &confined);
    if (e)
        return trouble("cannot be confined", strerror(-e));
    CONFINE_HOOK();
    if (o.tty)
        take_terminal();
    e = shell_make(&sh, &o);
    int status = e ? trouble("session", strerror(-e)) : run(sh);
    give_terminal_back();
    if (!e)
        shell_free(sh);
    return status;
}

static int dry(bool json)
{
    unsigned confined;
    shell_dry_begin();
    int e = confine_enter(CONFINE_SHELL, NULL, 0, MEMORY_MOST, &confined);
    if (e)
        return trouble("cannot be confined", strerror(-e));
    CONFINE_HOOK();
    return shell_dry(json);
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "--dry"))
        return dry(!strcmp(argv[2], "json"));
    if (argc < 2 || (argc > 2 && strcmp(argv[2], "-c")) || argc == 3) {
        fprintf(stderr, "teiten: teiten-shell: is started by `teiten shell`\n");
        return USAGE;
    }
    struct machine *machine = NULL;
    struct shell_device *device = NULL;
    int status = load(argv[1], &machine, &device);
    if (!status)
        status = session(device, argv + 2);
    shell_device_free(device);
    machine_free(machine);
    return status;
}
