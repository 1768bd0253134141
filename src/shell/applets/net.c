#include "shell/applets/net.h"

#include "shell/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVICES_MOST = 64 * 1024 };

/* ---- Ports and their names ---- */

/* The next word of *rest, cut out of its line; NULL at the end of the line or at its comment. */
static char *word(char **rest)
{
    char *at = *rest + strspn(*rest, " \t");
    size_t n = strcspn(at, " \t#");
    *rest = at + n + (at[n] == ' ' || at[n] == '\t');
    if (at[n] == '#')
        **rest = '\0';
    at[n] = '\0';
    return n ? at : NULL;
}

struct service {
    const char *name;
    unsigned long port;
};

/* "http 80/tcp www": whether it is of this protocol. */
static bool read_service(char *line, const char *protocol, struct service *ret)
{
    char *name = word(&line), *number = name ? word(&line) : NULL, *end;
    if (!number)
        return false;
    *ret = (struct service){ name, strtoul(number, &end, 10) };
    return *end == '/' && strcmp(end + 1, protocol) == 0 && ret->port < 65536;
}

/* By name, or where that is NULL by port. Its name is of the process's memory. */
static bool find_service(struct proc *p, const char *name, uint16_t port, const char *protocol,
                         struct service *ret)
{
    char *data;
    size_t n;
    if (proc_read_file(p, "/etc/services", SERVICES_MOST, &data, &n) != 0)
        return false;
    for (char *line = data, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (read_service(line, protocol, ret) &&
            (name ? strcmp(ret->name, name) == 0 : ret->port == port))
            return true;
    }
    return false;
}

uint16_t net_port(struct proc *p, const char *s, const char *protocol)
{
    char *end;
    struct service found;
    unsigned long v = *s >= '0' && *s <= '9' ? strtoul(s, &end, 10) : 65536;
    if (v < 65536 && !*end)
        return (uint16_t)v;
    if (*s && find_service(p, s, 0, protocol, &found))
        return (uint16_t)found.port;
    proc_die(p, "bad port '%s'", s);
}

const char *net_service(struct proc *p, uint16_t port, const char *protocol)
{
    struct service found;
    return find_service(p, NULL, port, protocol, &found) ? found.name : NULL;
}

/* ---- Addresses ---- */

bool net_ipv4(const char *s, uint8_t ret[static 4])
{
    uint32_t v;
    if (!network_address(s, &v))
        return false;
    for (size_t i = 0; i < 4; i++)
        ret[i] = (uint8_t)(v >> (24 - 8 * i));
    return true;
}

bool net_is_address(const char *s)
{
    uint8_t octets[4];
    if (net_ipv4(s, octets))
        return true;
    return strchr(s, ':') && s[strspn(s, "0123456789abcdefABCDEF:.%")] == '\0';
}

const char *net_address(const struct shell_fetch *what, const struct shell_fetched *got)
{
    return got->address && *got->address ? got->address : what->host;
}

int net_errno(enum fetch_answer answer)
{
    switch (answer) {
    case FETCH_REFUSED:
        return ECONNREFUSED;
    case FETCH_TIMEOUT:
        return ETIMEDOUT;
    case FETCH_UNREACHABLE:
        return ENETUNREACH;
    default:
        return 0;
    }
}

void net_die_connect(struct proc *p, const struct shell_fetch *what,
                     const struct shell_fetched *got, int e)
{
    const char *address = net_address(what, got);
    if (strchr(address, ':'))
        proc_die_errno(p, e, "can't connect to remote host");
    proc_die_errno(p, e, "can't connect to remote host (%s)", address);
}

void net_must_reach(struct proc *p, const struct shell_fetch *what, const struct shell_fetched *got)
{
    if (got->answer == FETCH_UNRESOLVED || !*what->host)
        proc_die(p, "bad address '%s'", what->host);
    int e = net_errno(got->answer);
    if (e)
        net_die_connect(p, what, got, e);
}

/* ---- Bytes ---- */

bool net_read_all(struct proc *p, int fd, size_t most, struct text *t)
{
    char piece[4096];
    while (t->len < most) {
        int64_t n = proc_read(p, fd, piece, sizeof piece);
        if (n == -EAGAIN) {
            proc_waits_on(p, fd);
            return false;
        }
        if (n <= 0)
            break;
        text_add(t, piece, (size_t)n);
    }
    return true;
}

void net_size(uint64_t n, char unit, char to[static 6])
{
    static const char units[] = " kMGTPE";
    const char *u = strchr(units, unit);
    if (n < 100000) {
        snprintf(to, 6, "%5u", (unsigned)n);
        return;
    }
    uint64_t tenths = 0;
    while (n >= 10000 && u[1]) {
        tenths = n % 1024 * 10 / 1024;
        n /= 1024;
        u++;
    }
    if (n < 100)
        snprintf(to, 6, "%2u.%u%c", (unsigned)n, (unsigned)tenths, *u);
    else
        snprintf(to, 6, "%4u%c", (unsigned)(n % 10000), *u);
}
