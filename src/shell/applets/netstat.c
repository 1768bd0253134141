#include "shell/applets/net.h"
#include "shell/applets/routes.h"
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROUTES = 1,
    ALL = 2,
    LISTEN = 4,
    TCP = 8,
    UDP = 16,
    RAW = 32,
    UNIX = 64,
    MORE = 128,
    NUMERIC = 256
};

struct view {
    struct proc *p;
    uint32_t flags;
};

static bool six(const struct machine_socket *s)
{
    return s->local[0] == ':';
}

/* "0.0.0.0:23", ":::23"; the port by name unless numbers are asked for. */
static const char *end_point(const struct view *v, const struct machine_socket *s, const char *text)
{
    const char *colon = strrchr(text, ':'), *name = NULL;
    unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : 0;
    int n = (int)(colon ? colon - text : (ptrdiff_t)strlen(text));
    if (!port)
        return memory_print(proc_memory(v->p), "%.*s:*", n, text);
    if (!(v->flags & NUMERIC))
        name = net_service(v->p, (uint16_t)port, s->protocol);
    return name ? memory_print(proc_memory(v->p), "%.*s:%s", n, text, name)
                : memory_print(proc_memory(v->p), "%.*s:%lu", n, text, port);
}

/* Without -a those that listen, or those that do not. */
static bool wanted(const struct view *v, const struct machine_socket *s)
{
    bool listens =
        strcmp(s->state, "LISTEN") == 0 || (strcmp(s->protocol, "udp") == 0 && !*s->state);
    return v->flags & ALL || listens == ((v->flags & LISTEN) != 0);
}

static void show_file(const struct view *v, const char *protocol, bool v6)
{
    const struct machine_socket *s;
    const char *path = memory_print(proc_memory(v->p), "/proc/net/%s%s", protocol, v6 ? "6" : "");
    int e = proc_access(v->p, path, R_OK);
    if (e)
        proc_perror(v->p, e, "%s", path);
    for (size_t i = 0; !e && (s = proc_socket(v->p, i)); i++) {
        if (strcmp(s->protocol, protocol) != 0 || six(s) != v6 || !wanted(v, s))
            continue;
        out_print(v->p, "%-5s %6d %6d %-23s %-23s %-12s\n", protocol, 0, 0,
                  end_point(v, s, s->local), end_point(v, s, s->remote), s->state);
    }
}

static const char *which(uint32_t flags)
{
    return flags & ALL      ? "(servers and established)"
           : flags & LISTEN ? "(only servers)"
                            : "(w/o servers)";
}

static void show_inet(const struct view *v)
{
    static const struct {
        uint32_t flag;
        const char *protocol;
    } protocols[] = { { TCP, "tcp" }, { UDP, "udp" }, { RAW, "raw" } };
    out_print(v->p,
              "Active Internet connections %s\nProto Recv-Q Send-Q Local Address           Foreign "
              "Address         "
              "State       \n",
              which(v->flags));
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        if (!(v->flags & protocols[i].flag))
            continue;
        show_file(v, protocols[i].protocol, false);
        if (protocols[i].flag != RAW)
            show_file(v, protocols[i].protocol, true);
    }
}

/* A line of /proc/net/unix. */
struct unix_socket {
    unsigned long references, flags, type, state, node;
    const char *path;
};

static bool read_unix(char *line, struct unix_socket *s)
{
    unsigned long *const fields[] = { &s->references, NULL, &s->flags, &s->type, &s->state };
    char *at = strchr(line, ':');
    if (!at)
        return false;
    at++;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        unsigned long value = strtoul(at, &at, 16);
        if (fields[i])
            *fields[i] = value;
    }
    s->node = strtoul(at, &at, 10);
    s->path = at + strspn(at, " ");
    return true;
}

static void show_unix_socket(const struct view *v, const struct unix_socket *s)
{
    static const char *const types[] = { "", "STREAM", "DGRAM", "RAW", "RDM", "SEQPACKET" };
    static const char *const states[] = { "FREE", "", "CONNECTING", "CONNECTED", "DISCONNECTING" };
    bool accepts = s->flags >> 16 & 1;
    if (!(v->flags & ALL) && accepts != ((v->flags & LISTEN) != 0))
        return;
    const char *state = s->state == 1 && accepts ? "LISTENING"
                        : s->state < 5           ? states[s->state]
                                                 : "UNKNOWN";
    out_print(v->p, "unix  %-6lu [ %s]     %-10s %-13s %6lu %s\n", s->references,
              accepts ? "ACC " : "", s->type < 6 ? types[s->type] : "UNKNOWN", state, s->node,
              s->path);
}

static void show_unix(const struct view *v)
{
    char *data;
    size_t n;
    struct unix_socket s;
    out_print(v->p,
              "Active UNIX domain sockets %s\nProto RefCnt Flags       Type       State         "
              "I-Node Path\n",
              which(v->flags));
    int e = proc_read_file(v->p, "/proc/net/unix", 1 << 18, &data, &n);
    if (e) {
        proc_perror(v->p, e, "/proc/net/unix");
        return;
    }
    for (char *line = strchr(data, '\n'), *next; line; line = next) {
        next = strchr(++line, '\n');
        if (next)
            *next = '\0';
        if (read_unix(line, &s))
            show_unix_socket(v, &s);
    }
}

static int netstat_once(struct proc *p, int argc, char **argv)
{
    struct view v = { p, options_bits(p, argc, argv, "raltuwxen", &argv) };
    if (v.flags & ROUTES) {
        routes_show(p, v.flags & NUMERIC, true);
        return 0;
    }
    if (!(v.flags & (TCP | UDP | RAW | UNIX)))
        v.flags |= TCP | UDP | RAW | UNIX;
    if (v.flags & (TCP | UDP | RAW))
        show_inet(&v);
    if (v.flags & UNIX)
        show_unix(&v);
    return 0;
}

const struct applet applet_netstat = { .name = "netstat", .once = netstat_once };
