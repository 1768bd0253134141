#include "shell/applets/net.h"

#include <string.h>

enum { CONFIG_MOST = 4096 };

struct nslookup {
    struct shell_fetch what;
    const char *server;
    bool v4, v6, debug; /* what is asked for */
};

static const char *const types[] = { "soa", "ns",  "a",   "aaaa", "cname",
                                     "mx",  "txt", "ptr", "srv",  "any" };

static void take_type(struct proc *p, struct nslookup *n, const char *type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcasecmp(types[i], type) == 0) {
            n->v4 = strcmp(types[i], "a") == 0 || strcmp(types[i], "any") == 0;
            n->v6 = !n->v4;
            return;
        }
    }
    proc_die(p, "invalid query type \"%s\"", type);
}

/* The first nameserver of /etc/resolv.conf. */
static const char *server_of(struct proc *p)
{
    static const char word[] = "nameserver";
    char *data;
    size_t n;
    if (proc_read_file(p, "/etc/resolv.conf", CONFIG_MOST, &data, &n) != 0)
        return "127.0.0.1";
    for (char *line = data; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        size_t blank =
            strncmp(line, word, sizeof word - 1) == 0 ? strspn(line + sizeof word - 1, " \t") : 0;
        if (blank) {
            char *address = line + sizeof word - 1 + blank;
            return memory_bytes(proc_memory(p), address, strcspn(address, " \t\n"));
        }
    }
    return "127.0.0.1";
}

/* Words that begin with a dash are options, wherever they stand; the first that is none is the
 * host. */
static void nslookup_start(struct proc *p, int argc, char **argv)
{
    struct nslookup *n = proc_state(p);
    const char *words[2] = { NULL, NULL };
    size_t found = 0;
    n->v4 = n->v6 = true;
    for (int i = 1; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        if (argv[i][0] != '-' && found == 2)
            proc_usage(p);
        else if (argv[i][0] != '-')
            words[found++] = argv[i];
        else if (strcmp(argv[i], "-debug") == 0)
            n->debug = true;
        else if (equals &&
                 (strncmp(argv[i], "-type=", 6) == 0 || strncmp(argv[i], "-querytype=", 11) == 0))
            take_type(p, n, equals + 1);
        else if (!equals)
            proc_usage(p);
    }
    if (!found)
        proc_usage(p);
    n->server = words[1] ? words[1] : server_of(p);
    n->what = (struct shell_fetch){
        .applet = "nslookup",
        .scheme = FETCH_UDP,
        .host = words[0],
        .port = 53,
        .path = "",
        .url = "",
        .user = "",
        .password = "",
        .method = "",
        .save = "",
    };
}

/* "192.0.2.1" is asked for as "1.2.0.192.in-addr.arpa"; nobody knows it. */
static enum applet_next tell_reverse(struct proc *p, const uint8_t o[static 4])
{
    out_print(p, "** server can't find %u.%u.%u.%u.in-addr.arpa: NXDOMAIN\n\n", o[3], o[2], o[1],
              o[0]);
    proc_done(p, 1);
    return NEXT_DONE;
}

/* A query of its own for each kind of address: what there is, or that there is nothing. */
static void tell_records(struct proc *p, const struct nslookup *n, const char *address, bool six,
                         unsigned query)
{
    if (n->debug)
        out_print(p, "Query #%u completed in %ums:\n", query, 9 + (unsigned)(proc_random(p) % 30));
    out_text(p, "Non-authoritative answer:\n");
    if ((strchr(address, ':') != NULL) == six)
        out_print(p, "Name:\t%s\nAddress: %s\n", n->what.host, address);
    out_char(p, '\n');
}

static enum applet_next tell(struct proc *p, const struct nslookup *n,
                             const struct shell_fetched *got)
{
    uint8_t octets[4];
    const char *address = net_address(&n->what, got);
    if (got->answer == FETCH_TIMEOUT || got->answer == FETCH_UNREACHABLE) {
        if (got->answer == FETCH_UNREACHABLE)
            proc_die_errno(p, ENETUNREACH, "can't connect to remote host (%s)", n->server);
        out_text(p, ";; connection timed out; no servers could be reached\n\n");
        proc_done(p, 1);
        return NEXT_DONE;
    }
    out_print(p, "Server:\t\t%s\nAddress:\t%s:53\n\n", n->server, n->server);
    if (net_ipv4(n->what.host, octets))
        return tell_reverse(p, octets);
    bool known = got->answer != FETCH_UNRESOLVED && net_is_address(address);
    for (unsigned i = 0; !known && i < (unsigned)(n->v4 + n->v6); i++)
        out_print(p, "** server can't find %s: NXDOMAIN\n\n", n->what.host);
    if (known && n->v4)
        tell_records(p, n, address, false, 0);
    if (known && n->v6)
        tell_records(p, n, address, true, n->v4);
    proc_done(p, known ? 0 : 1);
    return NEXT_DONE;
}

static enum applet_next nslookup_step(struct proc *p)
{
    struct nslookup *n = proc_state(p);
    struct shell_fetched got = { 0 };
    return proc_fetch(p, &n->what, &got) ? tell(p, n, &got) : NEXT_FETCH;
}

const struct applet applet_nslookup = { .name = "nslookup",
                                        .start = nslookup_start,
                                        .step = nslookup_step,
                                        .state = sizeof(struct nslookup) };
