#include "shell/applets/net.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { BLOCK_LEAST = 24, BLOCK_MOST = 65464, SENT_MOST = 1 << 22 };

struct tftp {
    struct shell_fetch what;
    const char *local;
    struct text input; /* of -l - */
    bool get, ready;
};

/* The client of Debian knows "tftp HOST -c get FILE", and so does the reference: "-c get" is "-g
 * -r". */
static void as_options(int argc, char **argv)
{
    static char get[] = "-g", put[] = "-p", name[] = "-r";
    for (int i = 1; i + 1 < argc; i++) {
        bool is_get = strcmp(argv[i + 1], "get") == 0;
        if (strcmp(argv[i], "-c") != 0 || (!is_get && strcmp(argv[i + 1], "put") != 0))
            continue;
        argv[i] = is_get ? get : put;
        argv[++i] = name;
    }
}

static void check_block(struct proc *p, const char *s)
{
    uint64_t v = 0;
    for (const char *c = s; *c; c++)
        v = *c >= '0' && *c <= '9' && v <= BLOCK_MOST ? v * 10 + (uint64_t)(*c - '0')
                                                      : BLOCK_MOST + 1;
    if (v < BLOCK_LEAST || v > BLOCK_MOST)
        proc_die(p, "bad blocksize '%s'", s);
}

static void read_local(struct proc *p, struct tftp *t)
{
    char *data;
    int e = proc_read_file(p, t->local, SENT_MOST, &data, &t->what.n_sent);
    if (e)
        proc_die_errno(p, e, "can't open '%s'", t->local);
    t->what.sent = data;
    t->ready = true;
}

/* Standard input may have to be waited for. */
static bool read_input(struct proc *p, struct tftp *t)
{
    if (!net_read_all(p, 0, SENT_MOST, &t->input))
        return false;
    t->what.sent = t->input.data ? t->input.data : "";
    t->what.n_sent = t->input.len;
    t->ready = true;
    return true;
}

static void save(struct proc *p, const struct tftp *t, const struct shell_fetched *got)
{
    int fd =
        strcmp(t->local, "-") == 0 ? 1 : proc_open(p, t->local, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", t->local);
    if (proc_write(p, fd, got->content, got->n) < 0)
        proc_die(p, "write error");
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void tftp_start(struct proc *p, int argc, char **argv)
{
    enum { GET = 1, PUT = 2 };
    struct tftp *t = proc_state(p);
    const char *remote = NULL, *local = NULL, *block = NULL, *mode = NULL;
    as_options(argc, argv);
    uint32_t given =
        options_bits(p, argc, argv, "gpr:l:b:m:", &argv, &remote, &local, &block, &mode);
    if (block)
        check_block(p, block);
    t->get = given & GET;
    if (!local)
        local = t->get && remote ? last_part(remote) : remote;
    if (!remote)
        remote = local;
    if (!(given & (GET | PUT)) || (given & (GET | PUT)) == (GET | PUT) || !remote || !*argv)
        proc_usage(p);
    t->local = local;
    t->what = (struct shell_fetch){
        .applet = "tftp",
        .scheme = FETCH_TFTP,
        .host = argv[0],
        .port = argv[1] ? net_port(p, argv[1], "udp") : 69,
        .path = remote,
        .user = "",
        .password = "",
        .method = t->get ? "GET" : "PUT",
        .save = t->get && strcmp(local, "-") != 0 ? local : "",
    };
    t->what.url = memory_print(proc_memory(p), "tftp://%s/%s", argv[0], remote + (*remote == '/'));
    t->input = text_of(proc_memory(p));
    t->ready = t->get;
    if (!t->get && strcmp(local, "-") != 0)
        read_local(p, t);
}

static void take_answer(struct proc *p, const struct tftp *t, const struct shell_fetched *got)
{
    switch (got->answer) {
    case FETCH_UNRESOLVED:
        proc_die(p, "bad address '%s'", t->what.host);
    case FETCH_UNREACHABLE:
        proc_die_errno(p, ENETUNREACH, "sendto");
    case FETCH_MISSING:
        proc_die(p, "server error: (1) file not found");
    case FETCH_FORBIDDEN:
        proc_die(p, "server error: (2) access violation");
    case FETCH_FOUND:
        break;
    default: /* nothing tells UDP that nobody listens */
        proc_die(p, "timeout");
    }
}

static enum applet_next tftp_step(struct proc *p)
{
    struct tftp *t = proc_state(p);
    struct shell_fetched got = { 0 };
    if (!t->ready && !read_input(p, t))
        return NEXT_INPUT;
    if (!proc_fetch(p, &t->what, &got))
        return NEXT_FETCH;
    take_answer(p, t, &got);
    if (t->get)
        save(p, t, &got);
    proc_done(p, 0);
    return NEXT_DONE;
}

const struct applet applet_tftp = {
    .name = "tftp", .start = tftp_start, .step = tftp_step, .state = sizeof(struct tftp)
};
