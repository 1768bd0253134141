/* ftpget and ftpput */
#include "shell/applets/net.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { SENT_MOST = 1 << 22, RESUME = 1, VERBOSE = 2 };

struct ftp {
    struct shell_fetch what;
    const char *local, *remote;
    struct text input; /* of ftpput's "-" */
    uint64_t from;     /* -c: so much is there already */
    int error;         /* of what should be sent */
    bool verbose, resume, ready, told;
};

/* What cannot be read is said after the login. */
static void read_local(struct proc *p, struct ftp *f)
{
    char *data;
    f->error = proc_read_file(p, f->local, SENT_MOST, &data, &f->what.n_sent);
    f->what.sent = f->error ? NULL : data;
    f->what.n_sent = f->error ? 0 : f->what.n_sent;
    f->ready = true;
}

static bool read_input(struct proc *p, struct ftp *f)
{
    if (!net_read_all(p, 0, SENT_MOST, &f->input))
        return false;
    f->what.sent = f->input.data ? f->input.data : "";
    f->what.n_sent = f->input.len;
    f->ready = true;
    return true;
}

static void start(struct proc *p, int argc, char **argv, const char *letters, bool get)
{
    struct ftp *f = proc_state(p);
    const char *user = "anonymous", *password = "busybox", *port = "21";
    uint32_t given = options_bits(p, argc, argv, letters, &argv, &user, &password, &port);
    given = get ? given : given << 1; /* ftpput has no -c */
    if (!argv[0] || !argv[1] || (argv[2] && argv[3]))
        proc_usage(p);
    f->verbose = given & VERBOSE;
    f->resume = given & RESUME;
    const char *last = argv[2] ? argv[2] : argv[1];
    f->local = get ? argv[1] : last;
    f->remote = get ? last : argv[1];
    f->what = (struct shell_fetch){
        .applet = get ? "ftpget" : "ftpput",
        .scheme = FETCH_FTP,
        .host = argv[0],
        .port = net_port(p, port, "tcp"),
        .path = f->remote,
        .user = user,
        .password = password,
        .method = get ? "GET" : "PUT",
        .save = get && strcmp(f->local, "-") != 0 ? f->local : "",
    };
    f->what.url =
        memory_print(proc_memory(p), "ftp://%s/%s", argv[0], f->remote + (*f->remote == '/'));
    f->input = text_of(proc_memory(p));
    f->ready = get;
    if (!get && strcmp(f->local, "-") != 0)
        read_local(p, f);
}

static void ftpget_start(struct proc *p, int argc, char **argv)
{
    start(p, argc, argv, "cvu:p:P:", true);
}

static void ftpput_start(struct proc *p, int argc, char **argv)
{
    start(p, argc, argv, "vu:p:P:", false);
}

static void tell(struct proc *p, const struct ftp *f, const char *command, const char *argument)
{
    if (f->verbose)
        proc_error(p, "cmd %s %s", command, argument);
}

static void tell_connecting(struct proc *p, struct ftp *f, const struct shell_fetched *got,
                            bool answered)
{
    const char *address = net_address(&f->what, got);
    if (!f->verbose || f->told || (!answered && !net_is_address(address)))
        return;
    f->told = true;
    out_print(p, "Connecting to %s (%s:%u)\n", f->what.host, address, f->what.port);
    out_flush(p);
}

/* The words of the dialogue, as -v shows them; where the server refuses it ends there. */
static void tell_login(struct proc *p, const struct ftp *f, const struct shell_fetched *got)
{
    tell(p, f, "(null)", "(null)");
    tell(p, f, "USER", f->what.user);
    tell(p, f, "PASS", f->what.password);
    if (got->answer == FETCH_FORBIDDEN)
        proc_die(p, "unexpected server response to PASS: 530 Login incorrect.");
    tell(p, f, "TYPE I", "(null)");
    tell(p, f, "EPSV", "(null)");
}

static int open_local(struct proc *p, struct ftp *f, size_t n)
{
    struct vfs_stat st;
    if (strcmp(f->local, "-") == 0)
        return 1;
    if (f->resume && proc_stat(p, f->local, &st) == 0 && S_ISREG(st.mode))
        f->from = st.size < n ? st.size : n;
    return proc_open(p, f->local, O_WRONLY | O_CREAT | (f->from ? 0 : O_TRUNC), 0666);
}

static void receive(struct proc *p, struct ftp *f, const struct shell_fetched *got)
{
    tell(p, f, "SIZE", f->remote);
    if (got->answer == FETCH_MISSING) {
        tell(p, f, "RETR", f->remote);
        proc_die(p, "unexpected server response to RETR: 550 Failed to open file.");
    }
    int fd = open_local(p, f, got->n);
    if (f->from)
        tell(p, f, memory_print(proc_memory(p), "REST %llu", (unsigned long long)f->from),
             "(null)");
    tell(p, f, "RETR", f->remote);
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", f->local);
    if (f->from && proc_seek(p, fd, (int64_t)f->from, 0) < 0)
        f->from = 0;
    int64_t e = proc_write(p, fd, (const char *)got->content + f->from, got->n - f->from);
    if (e < 0)
        proc_die_errno(p, (int)e, "write error");
}

static void send_up(struct proc *p, const struct ftp *f, const struct shell_fetched *got)
{
    if (f->error)
        proc_die_errno(p, f->error, "can't open '%s'", f->local);
    tell(p, f, "STOR", f->remote);
    if (got->answer == FETCH_MISSING)
        proc_die(p, "unexpected server response to STOR: 553 Could not create file.");
}

static enum applet_next ftp_step(struct proc *p)
{
    struct ftp *f = proc_state(p);
    struct shell_fetched got = { 0 };
    bool get = strcmp(f->what.method, "GET") == 0;
    if (!f->ready && !read_input(p, f))
        return NEXT_INPUT;
    if (!proc_fetch(p, &f->what, &got)) {
        tell_connecting(p, f, &got, false);
        return NEXT_FETCH;
    }
    if (got.answer != FETCH_UNRESOLVED)
        tell_connecting(p, f, &got, true);
    net_must_reach(p, &f->what, &got);
    tell_login(p, f, &got);
    if (get)
        receive(p, f, &got);
    else
        send_up(p, f, &got);
    tell(p, f, "(null)", "(null)");
    tell(p, f, "QUIT", "(null)");
    proc_done(p, 0);
    return NEXT_DONE;
}

const struct applet applet_ftpget = {
    .name = "ftpget", .start = ftpget_start, .step = ftp_step, .state = sizeof(struct ftp)
};
const struct applet applet_ftpput = {
    .name = "ftpput", .start = ftpput_start, .step = ftp_step, .state = sizeof(struct ftp)
};
