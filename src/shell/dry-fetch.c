#include "shell/dry-inside.h"

#include <stdlib.h>
#include <string.h>

enum { HTTP = 80, HTTPS = 443, FTP = 21, TELNET = 23, TFTP = 69, PORT_MOST = 65535 };

static uint16_t port_of(const char *s)
{
    char *end;
    unsigned long n = s && *s >= '0' && *s <= '9' ? strtoul(s, &end, 10) : 0;
    return n && n <= PORT_MOST && !*end ? (uint16_t)n : 0;
}

/* ---- URLs ---- */

static const struct {
    const char *name;
    uint16_t port;
} schemes[] = {
    { "http", HTTP }, { "https", HTTPS }, { "ftp", FTP }, { "ftps", 990 }, { "tftp", TFTP }
};

/* host[:port], where host may be [::1]; false: there is none. */
static bool split_host(struct walk *w, const char *s, size_t n, struct dry_found *f)
{
    const char *at = memchr(s, '@', n);
    if (at) {
        n -= (size_t)(at + 1 - s);
        s = at + 1;
    }
    size_t host = *s == '[' ? strcspn(s, "]") + 1 : strcspn(s, ":");
    if (host > n)
        host = n;
    f->host = memory_bytes(&w->memory, s, host);
    if (host < n && s[host] == ':')
        f->port = port_of(memory_bytes(&w->memory, s + host + 1, n - host - 1));
    return host;
}

static bool split_url(struct walk *w, const char *url, struct dry_found *f)
{
    const char *rest = strstr(url, "://");
    f->scheme = rest ? memory_bytes(&w->memory, url, (size_t)(rest - url)) : "http";
    f->url = rest ? url : memory_print(&w->memory, "http://%s", url);
    rest = rest ? rest + 3 : url;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (!strcmp(schemes[i].name, f->scheme))
            f->port = schemes[i].port;
    }
    size_t n = strcspn(rest, "/?#");
    f->path = rest + n;
    return split_host(w, rest, n, f);
}

/* The name that a download gets where none is given. */
static const char *name_of(struct walk *w, const char *path)
{
    size_t n = strcspn(path, "?#");
    const char *name = dry_last_part(memory_bytes(&w->memory, path, n));
    return *name ? name : "index.html";
}

/* ---- Options ---- */

/* What a table of options needs to know: letters and long names that have an argument of their own.
 */
struct known {
    const char *letters;
    const char *const *longs;
};

struct words {
    char **at;
    const char *inside; /* letters of one word */
    const char *argument;
    const char *name; /* of a long option */
    const struct known *known;
};

enum { LONG = 256 };

/* A letter, LONG of a long one, 0 of an operand (in argument), -1 at the end. */
static int next(struct words *s)
{
    while (!s->inside || !*s->inside) {
        s->inside = NULL;
        const char *word = *s->at;
        if (!word)
            return -1;
        s->at++;
        s->argument = word;
        if (word[0] != '-' || !word[1])
            return 0;
        if (word[1] != '-') {
            s->inside = word + 1;
            continue;
        }
        s->name = word + 2;
        s->argument = strchr(word, '=');
        if (s->argument)
            s->argument++;
        for (const char *const *l = s->known->longs; !s->argument && *l; l++) {
            if (!strcmp(*l, s->name) && *s->at)
                s->argument = *s->at++;
        }
        return LONG;
    }
    int letter = (unsigned char)*s->inside++;
    s->argument = NULL;
    if (strchr(s->known->letters, letter)) {
        s->argument = *s->inside ? s->inside : *s->at ? *s->at++ : "";
        s->inside = NULL;
    }
    return letter;
}

static bool is_long(const struct words *s, const char *name)
{
    size_t n = strlen(name);
    return !strncmp(s->name, name, n) && (!s->name[n] || s->name[n] == '=') && s->argument;
}

/* ---- wget and curl ---- */

struct urls {
    const char *items[16];
    size_t n;
    const char *save;
    bool by_name, upload;
};

static void add_url(struct urls *u, const char *url)
{
    if (u->n < sizeof u->items / sizeof *u->items)
        u->items[u->n++] = url;
}

static void tell_urls(struct walk *w, const char *applet, const struct urls *u)
{
    for (size_t i = 0; i < u->n; i++) {
        struct dry_found f = { .kind = DRY_FETCH, .applet = applet, .upload = u->upload };
        if (!split_url(w, u->items[i], &f))
            continue;
        f.save = u->save ? u->save : u->by_name ? name_of(w, f.path) : "";
        if (!strcmp(f.save, "-"))
            f.save = "";
        dry_found(w, &f);
        if (*f.save)
            dry_file(w, f.save, true)->content.len = 0;
    }
}

static void do_wget(struct walk *w, const char *applet, char **argv)
{
    static const char *const longs[] = {
        "output-document", "header",    "user-agent", "post-data", "timeout",
        "tries",           "user",      "password",   "referer",   "directory-prefix",
        "output-file",     "post-file", "proxy",      NULL
    };
    static const struct known known = { "OoPUTtYieQA", longs };
    struct words s = { .at = argv + 1, .known = &known };
    struct urls u = { .by_name = true };
    for (int c; (c = next(&s)) >= 0;) {
        if (!c)
            add_url(&u, s.argument);
        else if (c == 'O' || (c == LONG && is_long(&s, "output-document")))
            u.save = s.argument;
        else if (c == LONG && (is_long(&s, "post-data") || is_long(&s, "post-file")))
            u.upload = true;
    }
    tell_urls(w, applet, &u);
}

static void do_curl(struct walk *w, const char *applet, char **argv)
{
    static const char *const longs[] = {
        "output", "user-agent",  "header", "data",     "request",
        "url",    "user",        "proxy",  "max-time", "connect-timeout",
        "retry",  "upload-file", "cookie", "referer",  "resolve",
        "cacert", "form",        NULL
    };
    static const struct known known = { "oAHdeuxmXTFbcwrCKEYyztDQP", longs };
    struct words s = { .at = argv + 1, .known = &known };
    struct urls u = { 0 };
    for (int c; (c = next(&s)) >= 0;) {
        if (!c || (c == LONG && is_long(&s, "url")))
            add_url(&u, s.argument);
        else if (c == 'o' || (c == LONG && is_long(&s, "output")))
            u.save = s.argument;
        else if (c == 'O' || (c == LONG && !strcmp(s.name, "remote-name")))
            u.by_name = true;
        else if (c == 'T' || c == 'd' ||
                 (c == LONG && (is_long(&s, "upload-file") || is_long(&s, "data"))))
            u.upload = true;
    }
    tell_urls(w, applet, &u);
}

/* ---- tftp and ftp ---- */

static void tell_file(struct walk *w, const struct dry_found *f)
{
    struct dry_found whole = *f;
    const char *slash = f->path && *f->path != '/' ? "/" : "";
    if (!f->host || !*f->host)
        return;
    whole.kind = DRY_FETCH;
    whole.path = memory_print(&w->memory, "%s%s", slash, f->path ? f->path : "");
    whole.url = memory_print(&w->memory, "%s://%s%s", f->scheme, f->host, whole.path);
    dry_found(w, &whole);
    if (f->save && *f->save && !f->upload)
        dry_file(w, f->save, true)->content.len = 0;
}

static void do_tftp(struct walk *w, const char *applet, char **argv)
{
    static const char *const longs[] = { NULL };
    static const struct known known = { "rlbmkB", longs };
    struct words s = { .at = argv + 1, .known = &known };
    struct dry_found f = { .applet = applet, .scheme = "tftp", .port = TFTP };
    const char *operands[4] = { NULL };
    size_t n = 0;
    for (int c; (c = next(&s)) >= 0;) {
        if (c == 'r')
            f.path = s.argument;
        else if (c == 'l')
            f.save = s.argument;
        else if (c == 'p')
            f.upload = true;
        else if (c == 'c')
            break;
        else if (!c && n < 4)
            operands[n++] = s.argument;
    }
    f.host = operands[0];
    if (n > 1 && port_of(operands[1]))
        f.port = port_of(operands[1]);
    /* The other tftp: HOST -c get FILE */
    if (*s.at && s.at[1] && !f.path) {
        f.upload = !strcmp(s.at[0], "put");
        f.path = s.at[1];
    }
    if (!f.save && f.path)
        f.save = dry_last_part(f.path);
    tell_file(w, &f);
}

static void do_ftp(struct walk *w, const char *applet, char **argv)
{
    static const char *const longs[] = { "username", "password", "port", NULL };
    static const struct known known = { "uPp", longs };
    struct words s = { .at = argv + 1, .known = &known };
    struct dry_found f = { .applet = applet, .scheme = "ftp", .port = FTP };
    const char *operands[3] = { NULL };
    size_t n = 0;
    for (int c; (c = next(&s)) >= 0;) {
        if (c == 'P' || (c == LONG && is_long(&s, "port")))
            f.port = port_of(s.argument);
        else if (!c && n < 3)
            operands[n++] = s.argument;
    }
    f.upload = !strcmp(applet, "ftpput");
    f.host = operands[0];
    f.save = operands[f.upload ? 2 : 1];
    f.path = operands[f.upload ? 1 : 2];
    if (!f.path)
        f.path = f.save;
    if (!f.save)
        f.save = f.path;
    tell_file(w, &f);
}

/* ---- nc and telnet ---- */

static void tell_socket(struct walk *w, const char *applet, const char *scheme, const char *host,
                        const char *port)
{
    struct dry_found f = {
        .kind = DRY_FETCH, .applet = applet, .scheme = scheme, .host = host, .port = port_of(port)
    };
    if (!strcmp(applet, "telnet") && !port)
        f.port = TELNET;
    f.url = memory_print(&w->memory, "%s://%s", scheme, host);
    if (port)
        f.url = memory_print(&w->memory, "%s:%s", f.url, port);
    dry_found(w, &f);
}

static void do_socket(struct walk *w, const char *applet, char **argv)
{
    static const char *const longs[] = { "exec", "wait", NULL };
    static const struct known of_nc = { "ewipsqcgxXoOTG", longs }, of_telnet = { "lbnx", longs };
    bool telnet = !strcmp(applet, "telnet"), udp = false;
    struct words s = { .at = argv + 1, .known = telnet ? &of_telnet : &of_nc };
    const char *operands[2] = { NULL };
    size_t n = 0;
    for (int c; (c = next(&s)) >= 0;) {
        udp |= c == 'u' && !telnet;
        if (!c && n < 2)
            operands[n++] = s.argument;
    }
    if (operands[0])
        tell_socket(w, applet, udp ? "udp" : "tcp", operands[0], operands[1]);
}

void dry_socket(struct walk *w, const char *applet, const char *path)
{
    static const char *const prefixes[] = { "/dev/tcp/", "/dev/udp/" };
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(prefixes[i]);
        if (strncmp(path, prefixes[i], n) != 0 || !path[n])
            continue;
        const char *host = path + n, *slash = strchr(host, '/');
        size_t n_host = slash ? (size_t)(slash - host) : strlen(host);
        tell_socket(w, applet, i ? "udp" : "tcp", memory_bytes(&w->memory, host, n_host),
                    slash ? slash + 1 : NULL);
    }
}

static const struct {
    const char *name;
    void (*tell)(struct walk *w, const char *applet, char **argv);
} fetchers[] = {
    { "wget", do_wget },
    { "curl", do_curl },
    { "tftp", do_tftp },
    { "ftpget", do_ftp },
    { "ftpput", do_ftp },
    { "ftp", do_ftp },
    { "nc", do_socket },
    { "netcat", do_socket },
    { "ncat", do_socket },
    { "telnet", do_socket },
    { "nc.traditional", do_socket },
    { "nc.openbsd", do_socket },
};

bool dry_fetch(struct walk *w, char **argv)
{
    const char *name = dry_last_part(argv[0]);
    for (size_t i = 0; i < sizeof fetchers / sizeof *fetchers; i++) {
        if (!strcmp(fetchers[i].name, name)) {
            fetchers[i].tell(w, name, argv);
            return true;
        }
    }
    return false;
}
