#include "sample/url.h"

#include "base/addr.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    uint16_t port;
} schemes[URL_SCHEMES] = { [URL_HTTP] = { "http", 80 }, [URL_HTTPS] = { "https", 443 }, [URL_FTP] = { "ftp", 21 }, [URL_TFTP] = { "tftp", 69 } };

const char *url_verdict_name(enum url_verdict v)
{
    static const char *const names[URL_VERDICTS] = {
        [URL_FINE] = "fine",   [URL_NO_SCHEME] = "scheme", [URL_CREDENTIALS] = "credentials", [URL_CONTROL] = "control-bytes",
        [URL_SHELL] = "shell-characters", [URL_LONG] = "too-long", [URL_NO_HOST] = "no-host", [URL_PORT] = "port",
    };
    return v < URL_VERDICTS ? names[v] : "";
}

/* ---- characters ---- */

/* What would be run by a device that hands its query to a shell: a URL of a file has none of it. */
static bool is_shells(char c)
{
    return c && strchr(";|`$<>(){}\\\"'*!^[]", c);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What stands there when a percent sign is undone, however often it was done; and how many bytes that takes. */
static int character(const char *s, size_t *ret_n)
{
    const char *at = s;
    *ret_n = 1;
    if (*s != '%')
        return (unsigned char)*s;
    while (at[1] == '2' && at[2] == '5')
        at += 2;
    int high = at[1] ? hex_digit(at[1]) : -1, low = high >= 0 ? hex_digit(at[2]) : -1;
    if (low < 0)
        return '%';
    *ret_n = (size_t)(at - s) + 3;
    return high * 16 + low;
}

/* An & parts values, as it stands; hidden, it is meant for a shell. */
static enum url_verdict check_path(const char *s)
{
    for (size_t n; *s; s += n) {
        int c = character(s, &n);
        if (c < 0x20 || c >= 0x7f)
            return URL_CONTROL;
        if (is_shells((char)c) || (c == '&' && n > 1))
            return URL_SHELL;
    }
    return URL_FINE;
}

static enum url_verdict check_bytes(const char *s)
{
    size_t n = strlen(s);
    if (n >= URL_MOST)
        return URL_LONG;
    for (size_t i = 0; i < n; i++)
        if (s[i] <= ' ' || s[i] >= 0x7f)
            return URL_CONTROL;
    return URL_FINE;
}

/* ---- parts ---- */

static bool take_scheme(const char **at, struct url *ret)
{
    for (enum url_scheme s = 0; s < URL_SCHEMES; s++) {
        size_t n = strlen(schemes[s].name);
        if (strncasecmp(*at, schemes[s].name, n) == 0 && strncmp(*at + n, "://", 3) == 0) {
            ret->scheme = s;
            ret->port = schemes[s].port;
            *at += n + 3;
            return true;
        }
    }
    return false;
}

/* Letters, digits, dots and hyphens; or an address. What looks like a number in another way than with four parts is none. */
static bool is_host(const char *host)
{
    struct addr a;
    size_t n = strlen(host);
    if (addr_parse(host, &a) == 0)
        return true;
    if (n == 0 || host[0] == '.' || host[0] == '-' || strstr(host, "..") || !strchr(host, '.'))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)host[i]) && host[i] != '.' && host[i] != '-' && host[i] != '_')
            return false;
    const char *last = strrchr(host, '.');
    return isalpha((unsigned char)last[1]) != 0;
}

/* "host", "host:port", "[address]:port". */
static enum url_verdict take_authority(const char *s, size_t n, struct url *ret)
{
    const char *end = s + n, *host = s, *host_end = end, *port = NULL;
    if (memchr(s, '@', n))
        return URL_CREDENTIALS;
    if (n && s[0] == '[') {
        host = s + 1;
        host_end = memchr(s, ']', n);
        if (!host_end)
            return URL_NO_HOST;
        port = host_end + 1 < end ? host_end + 1 : NULL;
    } else if ((port = memchr(s, ':', n))) {
        host_end = port;
    }
    size_t length = (size_t)(host_end - host);
    if (length == 0 || length >= sizeof ret->host)
        return URL_NO_HOST;
    memcpy(ret->host, host, length);
    ret->host[length] = '\0';
    if (!is_host(ret->host) || (s[0] == '[') != (strchr(ret->host, ':') != NULL))
        return URL_NO_HOST;
    if (!port)
        return URL_FINE;
    char digits[8] = "";
    int64_t number;
    size_t digits_n = (size_t)(end - port - 1);
    if (*port != ':' || digits_n == 0 || digits_n >= sizeof digits)
        return URL_PORT;
    memcpy(digits, port + 1, digits_n);
    if (text_int(digits, 1, UINT16_MAX, &number))
        return URL_PORT;
    ret->port = (uint16_t)number;
    return URL_FINE;
}

/* Where something else than files is spoken: what we send there might act upon others (the ports that browsers refuse, and
 * those of devices' log-ins). */
static bool is_open_to_us(uint16_t port)
{
    static const uint16_t closed[] = { 7, 9, 13, 19, 22, 23, 25, 53, 110, 111, 119, 123, 135, 137, 139, 143, 161, 179, 389, 445, 465, 514,
                                       587, 993, 995, 2323, 3306, 3389, 5060, 5432, 5555, 6379, 6667, 7547, 9100, 11211, 27017, 37215,
                                       52869, 53413 };
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (closed[i] == port)
            return false;
    return true;
}

enum url_verdict url_read(const char *text, struct url *ret)
{
    struct url u = { 0 };
    const char *at = text;
    enum url_verdict v = check_bytes(text);
    if (v)
        return v;
    if (!take_scheme(&at, &u))
        return URL_NO_SCHEME;
    size_t n = strcspn(at, "/?#");
    v = take_authority(at, n, &u);
    if (v)
        return v;
    if (!is_open_to_us(u.port))
        return URL_PORT;
    at += n;
    size_t most = u.scheme == URL_TFTP ? URL_FILE_MOST : sizeof u.path;
    if ((size_t)snprintf(u.path, sizeof u.path, "%s%.*s", *at == '/' ? "" : "/", (int)strcspn(at, "#"), at) >= most)
        return URL_LONG;
    v = check_path(u.path);
    if (v)
        return v;
    *ret = u;
    return URL_FINE;
}

void url_text(const struct url *u, char ret[static URL_MOST])
{
    bool six = strchr(u->host, ':') != NULL;
    char port[8] = "";
    if (u->port != schemes[u->scheme].port)
        snprintf(port, sizeof port, ":%u", u->port);
    snprintf(ret, URL_MOST, "%s://%s%s%s%s%s", schemes[u->scheme].name, six ? "[" : "", u->host, six ? "]" : "", port, u->path);
}

/* What is between slashes, as in RFC 3986, section 5.2.4; what is empty is passed over, as most servers do. It begins with a
 * slash. */
static void drop_dots(char *path)
{
    size_t kept = 0;
    for (const char *at = path; *at;) {
        at += strspn(at, "/");
        size_t n = strcspn(at, "/");
        bool up = n == 2 && at[0] == '.' && at[1] == '.', here = n == 0 || (n == 1 && at[0] == '.');
        while (up && kept && path[--kept] != '/')
            ;
        if (!up && !here) {
            path[kept++] = '/';
            memmove(path + kept, at, n);
            kept += n;
        }
        at += n;
    }
    path[kept] = '\0';
}

void url_plain(const struct url *u, char ret[static URL_PATH_MOST])
{
    size_t n, kept = 0;
    int c;
    for (const char *at = u->path; *at && (c = character(at, &n)) != '?'; at += n)
        ret[kept++] = (char)c;
    ret[kept] = '\0';
    drop_dots(ret);
}
