#include "shell/applets/bar.h"
#include "shell/applets/url.h"
#include "shell/options.h"
#include "shell/since.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

enum { POST_MOST = 1 << 20 };

struct wget {
    struct shell_fetch what;
    char **urls; /* what is still to be fetched */
    bool quiet, resume, headers, spider, no_check, no_proxy, logged;
    const char *save, *folder;
    int out;          /* of -O, open from the first URL on; -1 */
    const char *post; /* NULL: GET */
    size_t n_post;
    const char *post_file;
    int post_error;
    const char *shown; /* the host in "Connecting to" */
    const char *target;
    bool begun, told; /* of the URL being fetched */
};

enum { LONG_SPIDER = 256, LONG_HEADER, LONG_DATA, LONG_FILE, LONG_NO_CHECK, LONG_NOTHING };

/* clang-format off */
static const struct option_long longs[] = {
    { "continue", 0, 'c' }, { "quiet", 0, 'q' }, { "server-response", 0, 'S' },
    { "output-document", 1, 'O' }, { "output-file", 1, 'o' }, { "directory-prefix", 1, 'P' },
    { "proxy", 1, 'Y' }, { "user-agent", 1, 'U' }, { "tries", 1, 't' },
    { "spider", 0, LONG_SPIDER }, { "header", 1, LONG_HEADER }, { "post-data", 1, LONG_DATA },
    { "post-file", 1, LONG_FILE }, { "no-check-certificate", 0, LONG_NO_CHECK },
    { "passive-ftp", 0, LONG_NOTHING }, { "no-verbose", 0, LONG_NOTHING },
    { "no-clobber", 0, LONG_NOTHING }, { "no-host-directories", 0, LONG_NOTHING },
    { "no-parent", 0, LONG_NOTHING }, { "no-cache", 0, LONG_NOTHING },
    { NULL, 0, 0 },
};
/* clang-format on */

/* What cannot be read is said once there is somebody to send it to. */
static void read_post_file(struct proc *p, struct wget *w, const char *path)
{
    char *data;
    w->post_error = proc_read_file(p, path, POST_MOST, &data, &w->n_post);
    w->post_file = path;
    w->post = w->post_error ? "" : data;
    w->n_post = w->post_error ? 0 : w->n_post;
}

static void take_option(struct proc *p, struct wget *w, int option, const char *argument,
                        const char **log)
{
    switch (option) {
    case 'c':
        w->resume = true;
        break;
    case 'q':
        w->quiet = true;
        break;
    case 'S':
        w->headers = true;
        break;
    case 'O':
        w->save = argument;
        break;
    case 'o':
        *log = argument;
        break;
    case 'P':
        w->folder = argument;
        break;
    case 'Y':
        w->no_proxy = strcmp(argument, "off") == 0;
        break;
    case 'T':
        options_number(p, argument, 0, INT32_MAX, NULL);
        break;
    case LONG_SPIDER:
        w->spider = true;
        break;
    case LONG_DATA:
        w->post = argument;
        w->n_post = strlen(argument);
        break;
    case LONG_FILE:
        read_post_file(p, w, argument);
        break;
    case LONG_NO_CHECK:
        w->no_check = true;
        break;
    default: /* accepted, and without a use here */
        break;
    }
}

/* All that is said from here on stands in the log, errors too. */
static void open_log(struct proc *p, const char *log)
{
    int fd = proc_open(p, log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", log);
    if (proc_dup(p, fd, 2) >= 0)
        proc_close(p, fd);
}

static void wget_start(struct proc *p, int argc, char **argv)
{
    struct wget *w = proc_state(p);
    struct options o;
    const char *log = NULL;
    int option;
    w->out = -1;
    options_begin(&o, p, argc, argv, "cqSO:o:P:Y:U:T:t:n::", longs);
    while ((option = options_next(&o)) != -1)
        take_option(p, w, option, o.argument, &log);
    w->urls = argv + o.index;
    if (!*w->urls)
        proc_usage(p);
    if (log && strcmp(log, "-") != 0) {
        w->logged = true;
        open_log(p, log);
    }
}

/* Through a proxy its host is asked for the whole URL. */
static void through_proxy(struct proc *p, struct wget *w, const char *url)
{
    const char *name = w->what.scheme == FETCH_FTP ? "ftp_proxy" : "http_proxy";
    const char *proxy = w->no_proxy || w->what.scheme == FETCH_HTTPS ? NULL : proc_getenv(p, name);
    if (!proxy || !*proxy)
        return;
    struct url u = url_parse(p, proxy);
    w->what.host = u.host;
    w->what.port = u.port;
    w->what.path = url;
    w->shown = u.shown;
}

static void begin_url(struct proc *p, struct wget *w, const char *url)
{
    struct url u = url_parse(p, url);
    w->begun = true;
    w->told = false;
    w->shown = u.shown;
    w->target = w->save     ? w->save
                : w->folder ? proc_join(p, w->folder, url_file(&u))
                            : url_file(&u);
    w->what = (struct shell_fetch){
        .applet = "wget",
        .scheme = u.scheme,
        .host = u.host,
        .port = u.port,
        .path = u.path,
        .url = strstr(url, "://") ? url : memory_print(proc_memory(p), "http://%s", url),
        .user = u.user,
        .password = u.password,
        .method = w->post     ? "POST"
                  : w->spider ? "HEAD"
                              : "GET",
        .sent = w->post,
        .n_sent = w->n_post,
        .save = strcmp(w->target, "-") == 0 ? "" : w->target,
    };
    if (w->what.scheme == FETCH_FTP && !*w->what.user) {
        w->what.user = "anonymous";
        w->what.password = "busybox";
    }
    through_proxy(p, w, w->what.url);
}

/* Once, as soon as the address is known; at the latest with the answer. */
static void tell_connecting(struct proc *p, struct wget *w, const struct shell_fetched *got,
                            bool answered)
{
    const char *address = net_address(&w->what, got);
    if (w->told || w->quiet || (!answered && !net_is_address(address)))
        return;
    w->told = true;
    if (!machine_since(proc_machine(p), SINCE_FETCH_BRACES)) {
        err_print(p, "Connecting to %s[%s]:%u\n", w->shown, address, w->what.port);
        return;
    }
    bool six = strchr(address, ':') != NULL;
    err_print(p, "Connecting to %s (%s%s%s:%u)\n", w->shown, six ? "[" : "", address,
              six ? "]" : "", w->what.port);
}

static void tell_headers(struct proc *p, const struct wget *w, const char *status, size_t n)
{
    char date[40];
    time_t now = (time_t)(proc_now(p) / 1000000);
    struct tm tm;
    if (!w->headers || w->what.scheme == FETCH_FTP)
        return;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
    err_print(p,
              "  HTTP/1.1 %s\n  Date: %s\n  Content-Type: application/octet-stream\n  "
              "Content-Length: %zu\n"
              "  Connection: close\n  \n",
              status, date, n);
}

static void die_refused(struct proc *p, const struct wget *w, bool missing)
{
    const char *status = missing ? "404 Not Found" : "403 Forbidden";
    if (w->what.scheme == FETCH_FTP && missing)
        proc_die(p, "bad response to RETR: 550 Failed to open file.");
    if (w->what.scheme == FETCH_FTP)
        proc_die(p, "ftp login: 530 Login incorrect.");
    tell_headers(p, w, status, 0);
    proc_die(p, "server returned error: HTTP/1.1 %s", status);
}

/* The descriptor that content is written to. *ret_from: how much of it is there already (-c). */
static int open_target(struct proc *p, struct wget *w, size_t n, size_t *ret_from)
{
    struct vfs_stat st;
    *ret_from = 0;
    if (w->save && strcmp(w->save, "-") == 0)
        return 1;
    if (w->out >= 0)
        return w->out;
    int how = w->resume ? 0 : w->save ? O_TRUNC : O_EXCL;
    if (w->resume && proc_stat(p, w->target, &st) == 0 && S_ISREG(st.mode))
        *ret_from = st.size > n ? n : (size_t)st.size;
    if (*ret_from && *ret_from == n && w->what.scheme != FETCH_FTP)
        proc_die(p, "server returned error: HTTP/1.1 416 Range Not Satisfiable");
    int fd = proc_open(p, w->target, O_WRONLY | O_CREAT | how, 0666);
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", w->target);
    if (*ret_from && proc_seek(p, fd, (int64_t)*ret_from, 0) < 0)
        *ret_from = 0;
    return fd;
}

static void tell_saving(struct proc *p, const struct wget *w, bool out, bool done)
{
    if (w->quiet || !machine_since(proc_machine(p), SINCE_FETCH_SAVING))
        return;
    if (out)
        err_print(p, "%s to stdout\n", done ? "written" : "writing");
    else if (done)
        err_print(p, "'%s' saved\n", w->target);
    else
        err_print(p, "saving to '%s'\n", w->target);
}

static void save(struct proc *p, struct wget *w, const struct shell_fetched *got)
{
    size_t from;
    int fd = open_target(p, w, got->n, &from);
    tell_saving(p, w, fd == 1, false);
    int64_t e =
        got->n > from ? proc_write(p, fd, (const char *)got->content + from, got->n - from) : 0;
    if (e < 0)
        proc_die_errno(p, (int)e, "write error");
    if (!w->quiet && !w->logged && got->n)
        bar_end(p, w->target, got->n);
    tell_saving(p, w, fd == 1, true);
    if (w->save)
        w->out = fd;
    else
        proc_close(p, fd);
}

static void take_answer(struct proc *p, struct wget *w, const struct shell_fetched *got)
{
    if (got->answer != FETCH_UNRESOLVED)
        tell_connecting(p, w, got, true);
    net_must_reach(p, &w->what, got);
    if (w->post_error)
        proc_die_errno(p, w->post_error, "can't open '%s'", w->post_file);
    if (got->answer != FETCH_FOUND)
        die_refused(p, w, got->answer == FETCH_MISSING);
    if (w->what.scheme == FETCH_HTTPS && !w->no_check)
        proc_error(p, "note: TLS certificate validation not implemented");
    tell_headers(p, w, "200 OK", got->n);
    if (!w->spider)
        save(p, w, got);
    else if (!w->quiet)
        err_print(p, "remote file exists\n");
}

static enum applet_next wget_step(struct proc *p)
{
    struct wget *w = proc_state(p);
    struct shell_fetched got = { 0 };
    if (!w->begun)
        begin_url(p, w, *w->urls);
    if (!proc_fetch(p, &w->what, &got)) {
        tell_connecting(p, w, &got, false);
        return NEXT_FETCH;
    }
    take_answer(p, w, &got);
    w->begun = false;
    if (*++w->urls)
        return NEXT_AGAIN;
    proc_done(p, 0);
    return NEXT_DONE;
}

const struct applet applet_wget = {
    .name = "wget", .start = wget_start, .step = wget_step, .state = sizeof(struct wget)
};
