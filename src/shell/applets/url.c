#include "shell/applets/url.h"

#include <string.h>

static const struct {
    const char *prefix;
    enum fetch_scheme scheme;
    uint16_t port;
} schemes[] = {
    { "http://", FETCH_HTTP, 80 },
    { "https://", FETCH_HTTPS, 443 },
    { "ftp://", FETCH_FTP, 21 },
};

/* Returns what follows the scheme; without one it is HTTP. */
static const char *scheme_of(struct proc *p, const char *s, struct url *u)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t n = strlen(schemes[i].prefix);
        if (strncmp(s, schemes[i].prefix, n) == 0) {
            u->scheme = schemes[i].scheme;
            u->port = schemes[i].port;
            return s + n;
        }
    }
    if (strstr(s, "://"))
        proc_die(p, "not an http or ftp url: %s", s);
    u->scheme = FETCH_HTTP;
    u->port = 80;
    return s;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986, 2.1 */
static void decode(char *s)
{
    char *to = s;
    for (; *s; s++) {
        bool coded = s[0] == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0;
        int c = coded ? hex(s[1]) << 4 | hex(s[2]) : *s;
        *to++ = (char)c;
        s += coded ? 2 : 0;
    }
    *to = '\0';
}

static void split_user(char *user, struct url *u)
{
    char *colon = strchr(user, ':');
    if (colon)
        *colon++ = '\0';
    else
        colon = user + strlen(user);
    decode(user);
    decode(colon);
    u->user = user;
    u->password = colon;
}

/* RFC 3986, 3.2.2: an IPv6 address stands in brackets. */
static void split_host(struct proc *p, char *host, struct url *u)
{
    char *port = NULL, *close = *host == '[' ? strchr(host, ']') : NULL;
    u->shown = memory_text(proc_memory(p), host);
    if (close) {
        *close = '\0';
        host++;
        port = close[1] == ':' ? close + 2 : NULL;
    } else {
        port = strrchr(host, ':');
        if (port)
            *port++ = '\0';
    }
    u->host = host;
    if (port)
        u->port = net_port(p, port, "tcp");
}

struct url url_parse(struct proc *p, const char *s)
{
    struct url u = { .user = "", .password = "" };
    const char *rest = scheme_of(p, s, &u);
    size_t n = strcspn(rest, "/?#");
    char *host = memory_bytes(proc_memory(p), rest, n), *at = strrchr(host, '@');
    u.path = rest[n] == '/' ? rest + n : memory_print(proc_memory(p), "/%s", rest + n);
    if (at) {
        *at = '\0';
        split_user(host, &u);
        host = at + 1;
    }
    split_host(p, host, &u);
    return u;
}

const char *url_file(const struct url *u)
{
    const char *name = strrchr(u->path, '/') + 1;
    return *name ? name : "index.html";
}
