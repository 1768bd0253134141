#include "shell/applets/curl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FAILED_PROTOCOL = 1,
    FAILED_URL = 3,
    FAILED_RESOLVE = 6,
    FAILED_CONNECT = 7,
    FAILED_HTTP = 22,
    FAILED_WRITE = 23,
    FAILED_TFTP = 68,
    FAILED_FILE = 78,
};

static const char missing_page[] =
    "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n"
    "<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n";
static const char forbidden_page[] =
    "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n"
    "<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n";

/* ---- The meter ---- */

/* curl's own way to show a size in five columns. */
static void five(uint64_t n, char to[static 8])
{
    const uint64_t k = 1024, m = k * k;
    if (n < 100000)
        snprintf(to, 8, "%5u", (unsigned)n);
    else if (n < 10000 * k)
        snprintf(to, 8, "%4uk", (unsigned)(n / k));
    else if (n < 100 * m)
        snprintf(to, 8, "%2u.%uM", (unsigned)(n / m), (unsigned)(n % m / (m / 10)) % 10);
    else
        snprintf(to, 8, "%4uM", (unsigned)(n / m % 10000));
}

static void meter_line(struct proc *p, uint64_t total, uint64_t received, uint64_t sent,
                       uint64_t milliseconds)
{
    char all[8], got[8], up[8], speed[8], speed_up[8];
    uint64_t done = received + sent;
    five(total + sent, all);
    five(received, got);
    five(sent, up);
    five(milliseconds ? received * 1000 / milliseconds : 0, speed);
    five(milliseconds ? sent * 1000 / milliseconds : 0, speed_up);
    err_print(p, "\r%3d %s  %3d %s  %3d %s  %s  %s --:--:-- --:--:-- --:--:-- %s", done ? 100 : 0,
              all, received ? 100 : 0, got, sent ? 100 : 0, up, speed, speed_up, speed);
}

static void meter_begin(struct proc *p, const struct curl *c)
{
    if (!c->meter || c->bar)
        return;
    err_print(p,
              "  %% Total    %% Received %% Xferd  Average Speed   Time    Time     Time  Current\n"
              "                                 Dload  Upload   Total   Spent    Left  Speed\n");
    meter_line(p, 0, 0, 0, 0);
}

/* How long it took is made up: a connection's way there and back, and half a megabyte a second. */
static void meter_end(struct proc *p, const struct curl *c, uint64_t total, uint64_t received)
{
    if (!c->meter)
        return;
    if (c->bar && received)
        err_print(
            p,
            "\r######################################################################## 100.0%%");
    else if (!c->bar)
        meter_line(p, total, received, c->what.n_sent, 80 + proc_random(p) % 60 + received / 512);
    err_print(p, "\n");
}

/* ---- A transfer ---- */

static void fail(struct proc *p, const struct curl *c, int status, const char *why)
{
    if (!c->silent || c->show_errors)
        err_print(p, "curl: (%d) %s\n", status, why);
    proc_exit(p, status);
}

static const struct {
    const char *name;
    enum fetch_scheme scheme;
    unsigned port;
} schemes[] = {
    { "http", FETCH_HTTP, 80 },
    { "https", FETCH_HTTPS, 443 },
    { "ftp", FETCH_FTP, 21 },
    { "tftp", FETCH_TFTP, 69 },
};

/* Returns what follows the scheme. */
static const char *take_scheme(struct proc *p, struct curl *c, const char *url)
{
    const char *end = strstr(url, "://");
    size_t n = end ? (size_t)(end - url) : 0;
    if (!end) {
        c->what.scheme = strncmp(url, "ftp.", 4) == 0 ? FETCH_FTP : FETCH_HTTP;
        c->what.port = c->what.scheme == FETCH_FTP ? 21 : 80;
        return url;
    }
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (strlen(schemes[i].name) == n && strncasecmp(schemes[i].name, url, n) == 0) {
            c->what.scheme = schemes[i].scheme;
            c->what.port = (uint16_t)schemes[i].port;
            return end + 3;
        }
    }
    fail(p, c, FAILED_PROTOCOL,
         memory_print(proc_memory(p), "Protocol \"%.*s\" not supported or disabled in libcurl",
                      (int)n, url));
    return end + 3;
}

static void take_host(struct proc *p, struct curl *c, char *host)
{
    char *at = strrchr(host, '@'), *colon, *end = NULL;
    if (at) {
        *at = '\0';
        colon = strchr(host, ':');
        if (colon)
            *colon = '\0';
        c->what.user = host;
        c->what.password = colon ? colon + 1 : "";
        host = at + 1;
    }
    colon = *host == '[' ? strstr(host, "]:") : strrchr(host, ':');
    unsigned long port = c->what.port;
    if (colon) {
        char *digits = colon + (*colon == ']') + 1;
        port = *digits >= '0' && *digits <= '9' ? strtoul(digits, &end, 10)
               : *digits                        ? 65536
                                                : port;
        *colon = '\0';
    }
    c->what.host = host + (*host == '[');
    if (!*c->what.host || port > 65535 || (end && *end) || strpbrk(host, " \t"))
        fail(p, c, FAILED_URL, "URL using bad/illegal format or missing URL");
    c->what.port = (uint16_t)port;
}

static void take_upload(struct proc *p, struct curl *c)
{
    char *data;
    size_t n;
    if (!c->upload)
        return;
    if (proc_read_file(p, c->upload, CURL_SENT_MOST, &data, &n) != 0) {
        err_print(p, "curl: Can't open '%s'!\n", c->upload);
        err_print(p, "curl: try 'curl --help' or 'curl --manual' for more information\n");
        proc_exit(p, 26);
    }
    c->what.method = "PUT";
    c->what.sent = data;
    c->what.n_sent = n;
}

/* The name under which a URL's content is kept; NULL is standard output. */
static const char *out_of(struct proc *p, struct curl *c)
{
    const char *out = c->at < c->n_outs ? c->outs[c->at] : c->remote_all ? "" : NULL;
    if (!out || *out)
        return out;
    size_t n = strcspn(c->what.path, "?#");
    const char *name = memory_bytes(proc_memory(p), c->what.path, n), *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    if (!*name) {
        err_print(p, "curl: Remote file name has no length!\n");
        fail(p, c, FAILED_WRITE, "Failed writing received data to disk/application");
    }
    return name;
}

static void begin(struct proc *p, struct curl *c)
{
    const char *url = c->urls[c->at];
    c->begun = true;
    c->what = (struct shell_fetch){
        .applet = "curl", .url = url, .user = c->user, .password = c->password
    };
    const char *rest = take_scheme(p, c, url);
    size_t n = strcspn(rest, "/?#");
    c->what.path = rest[n] == '/' ? rest + n : memory_print(proc_memory(p), "/%s", rest + n);
    take_host(p, c, memory_bytes(proc_memory(p), rest, n));
    if (strpbrk(url, " \t\n"))
        fail(p, c, FAILED_URL, "URL using bad/illegal format or missing URL");
    if (!strstr(url, "://"))
        c->what.url = memory_print(proc_memory(p), "%s://%s",
                                   c->what.scheme == FETCH_FTP ? "ftp" : "http", url);
    c->what.method = c->method ? c->method : c->head ? "HEAD" : "GET";
    c->what.sent = c->sent.data;
    c->what.n_sent = c->sent.len;
    take_upload(p, c);
    const char *out = out_of(p, c);
    c->what.save = out ? out : "";
    c->meter = !c->silent && (out || !proc_isatty(p, 1));
    meter_begin(p, c);
}

/* Nobody was reached: said behind the meter's first line, as it stands. */
static void check_reached(struct proc *p, const struct curl *c, const struct shell_fetched *got)
{
    struct memory *m = proc_memory(p);
    if (got->answer == FETCH_UNRESOLVED)
        fail(p, c, FAILED_RESOLVE, memory_print(m, "Could not resolve host: %s", c->what.host));
    int e = net_errno(got->answer);
    if (e)
        fail(p, c, FAILED_CONNECT,
             memory_print(m, "Failed to connect to %s port %u: %s", c->what.host, c->what.port,
                          errno_text(e)));
}

struct answer {
    const char *status; /* "200 OK" */
    const void *content;
    size_t n;
};

static struct text headers(struct proc *p, const struct answer *a)
{
    struct text t = text_of(proc_memory(p));
    char date[40];
    time_t now = (time_t)(proc_now(p) / 1000000);
    struct tm tm;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
    text_print(&t, "HTTP/1.1 %s\r\nServer: nginx\r\nDate: %s\r\n", a->status, date);
    text_print(&t, "Content-Type: %s\r\nContent-Length: %zu\r\nConnection: keep-alive\r\n\r\n",
               *a->status == '2' ? "application/octet-stream" : "text/html", a->n);
    return t;
}

static void tell_dialogue(struct proc *p, const struct curl *c, const struct text *heads)
{
    if (!c->verbose)
        return;
    err_print(p,
              "* Connected to %s port %u (#0)\n> %s %s HTTP/1.1\r\n> Host: %s\r\n> User-Agent: "
              "curl/7.40.0\r\n",
              c->what.host, c->what.port, c->what.method, c->what.path, c->what.host);
    err_print(p, "> Accept: */*\r\n> \r\n");
    for (const char *at = heads->data; *at; at = strchr(at, '\n') + 1)
        err_print(p, "< %.*s", (int)(strchr(at, '\n') - at + 1), at);
}

static void write_content(struct proc *p, const struct curl *c, const struct text *heads,
                          const struct answer *a)
{
    bool with_heads = c->head || c->include;
    int fd = *c->what.save ? proc_open(p, c->what.save, O_WRONLY | O_CREAT | O_TRUNC, 0666) : 1;
    if (fd < 0) {
        if (!c->silent)
            err_print(p, "Warning: Failed to open the file %s: %s\n", c->what.save, errno_text(fd));
        meter_end(p, c, a->n, a->n);
        fail(p, c, FAILED_WRITE, "Failure writing output to destination");
    }
    int64_t e = with_heads ? proc_write(p, fd, heads->data, heads->len) : 0;
    if (e >= 0 && !c->head)
        e = proc_write(p, fd, a->content, a->n);
    if (e < 0) {
        meter_end(p, c, a->n, 0);
        fail(p, c, FAILED_WRITE, "Failure writing output to destination");
    }
    if (fd != 1)
        proc_close(p, fd);
    meter_end(p, c, a->n, c->head ? 0 : a->n);
}

/* -w: %{http_code} and the like, with the escapes of C. */
static void write_out(struct proc *p, const struct curl *c, const struct answer *a)
{
    for (const char *s = c->write_out; s && *s; s++) {
        if (s[0] == '\\' && (s[1] == 'n' || s[1] == 't' || s[1] == 'r')) {
            s++;
            out_char(p, *s == 'n' ? '\n' : *s == 't' ? '\t' : '\r');
        } else if (strncmp(s, "%{", 2) == 0 && strchr(s, '}')) {
            if (strncmp(s, "%{http_code}", 12) == 0 || strncmp(s, "%{response_code}", 16) == 0)
                out_print(p, "%.3s", a->status);
            else if (strncmp(s, "%{size_download}", 16) == 0)
                out_print(p, "%zu", a->n);
            else if (strncmp(s, "%{url_effective}", 16) == 0)
                out_text(p, c->what.url);
            s = strchr(s, '}');
        } else {
            out_char(p, *s);
        }
    }
    out_flush(p);
}

static void check_found(struct proc *p, const struct curl *c, const struct shell_fetched *got,
                        struct answer *a)
{
    bool missing = got->answer == FETCH_MISSING;
    if (got->answer == FETCH_FOUND)
        return;
    if (c->what.scheme == FETCH_FTP || c->what.scheme == FETCH_TFTP) {
        meter_end(p, c, 0, 0);
        if (c->what.scheme == FETCH_TFTP)
            fail(p, c, FAILED_TFTP + !missing,
                 missing ? "TFTP: File Not Found" : "TFTP: Access Violation");
        fail(p, c, missing ? FAILED_FILE : 67,
             missing ? "The file does not exist" : "Access denied: 530");
    }
    *a = missing ? (struct answer){ "404 Not Found", missing_page, sizeof missing_page - 1 }
                 : (struct answer){ "403 Forbidden", forbidden_page, sizeof forbidden_page - 1 };
    if (!c->fail)
        return;
    meter_end(p, c, a->n, 0);
    fail(p, c, FAILED_HTTP,
         memory_print(proc_memory(p), "The requested URL returned error: %.3s", a->status));
}

static enum applet_next curl_step(struct proc *p)
{
    struct curl *c = proc_state(p);
    struct shell_fetched got = { 0 };
    if (!c->begun)
        begin(p, c);
    if (!proc_fetch(p, &c->what, &got))
        return NEXT_FETCH;
    check_reached(p, c, &got);
    struct answer a = { "200 OK", got.content, got.n };
    check_found(p, c, &got, &a);
    struct text heads = headers(p, &a);
    tell_dialogue(p, c, &heads);
    write_content(p, c, &heads, &a);
    write_out(p, c, &a);
    c->begun = false;
    if (++c->at < c->n_urls)
        return NEXT_AGAIN;
    proc_done(p, 0);
    return NEXT_DONE;
}

static void curl_start(struct proc *p, int argc, char **argv)
{
    curl_options(p, proc_state(p), argc, argv);
}

const struct applet applet_curl = {
    .name = "curl", .start = curl_start, .step = curl_step, .state = sizeof(struct curl)
};
