#include "shell/applets/net.h"
#include "shell/options.h"

#include <string.h>

/* RFC 854 */
enum { SENT_MOST = 1 << 16, IAC = 255, DONT = 254, WILL = 251, SB = 250, SE = 240, ECHO = 1 };

struct telnet {
    struct shell_fetch what;
    struct text input;
    bool reading;
};

static void telnet_start(struct proc *p, int argc, char **argv)
{
    struct telnet *t = proc_state(p);
    const char *user = NULL;
    options_bits(p, argc, argv, "al:", &argv, &user);
    if (!argv[0])
        proc_usage(p);
    uint16_t port = argv[1] ? net_port(p, argv[1], "tcp") : 23;
    if (argv[1] && argv[2])
        proc_usage(p);
    t->what = (struct shell_fetch){
        .applet = "telnet",
        .scheme = FETCH_TCP,
        .host = argv[0],
        .port = port,
        .path = "",
        .user = user ? user : "",
        .password = "",
        .method = "",
        .save = "",
    };
    t->what.url = memory_print(proc_memory(p), "telnet://%s:%u", t->what.host, t->what.port);
    t->input = text_of(proc_memory(p));
    t->reading = !proc_isatty(p, 0);
}

/* How many bytes of a command of the protocol stand at s: 0 where s is no command. */
static size_t command_length(const uint8_t *s, size_t n)
{
    if (n < 2 || s[0] != IAC || s[1] == IAC)
        return 0;
    if (s[1] == SB) {
        for (size_t i = 2; i + 1 < n; i++) {
            if (s[i] == IAC && s[i + 1] == SE)
                return i + 2;
        }
        return n;
    }
    return s[1] >= WILL && s[1] <= DONT ? (n < 3 ? n : 3) : 2;
}

/* What was said without the commands. *ret_echoes: the other side will echo. */
static struct text plain(struct proc *p, const struct shell_fetched *got, bool *ret_echoes)
{
    struct text t = text_of(proc_memory(p));
    const uint8_t *s = got->content;
    size_t i = 0;
    *ret_echoes = false;
    while (i < got->n) {
        size_t n = command_length(s + i, got->n - i);
        if (n == 3 && s[i + 1] == WILL && s[i + 2] == ECHO)
            *ret_echoes = true;
        if (!n) {
            text_char_add(&t, (char)s[i]);
            i += s[i] == IAC; /* doubled */
        }
        i += n ? n : 1;
    }
    return t;
}

/* Words of its own go through a buffer that a pipe sees at the end, what is received does not. */
static void take_answer(struct proc *p, const struct telnet *t, const struct shell_fetched *got)
{
    bool echoes, tty = proc_isatty(p, 1);
    net_must_reach(p, &t->what, got);
    struct text said = plain(p, got, &echoes);
    out_print(p, "Connected to %s\n", t->what.host);
    if (echoes)
        out_print(p, "\r\nEntering character mode\r\nEscape character is '^]'.\r\n%s",
                  tty ? "\n" : "");
    if (tty)
        out_flush(p);
    proc_write(p, 1, said.data ? said.data : "", said.len);
    const char closed[] = "Connection closed by foreign host\r\n";
    proc_write(p, 1, closed, sizeof closed - 1);
}

static enum applet_next telnet_step(struct proc *p)
{
    struct telnet *t = proc_state(p);
    struct shell_fetched got = { 0 };
    if (t->reading && !net_read_all(p, 0, SENT_MOST, &t->input))
        return NEXT_INPUT;
    if (t->reading) {
        t->what.sent = t->input.data;
        t->what.n_sent = t->input.len;
        t->reading = false;
    }
    if (!proc_fetch(p, &t->what, &got))
        return NEXT_FETCH;
    take_answer(p, t, &got);
    proc_done(p, 1);
    return NEXT_DONE;
}

const struct applet applet_telnet = {
    .name = "telnet", .start = telnet_start, .step = telnet_step, .state = sizeof(struct telnet)
};
