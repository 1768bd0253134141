#include "shell/applets/links.h"
#include "shell/applets/routes.h"
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *shown(const char *address, bool numeric, const char *name)
{
    return !numeric && strcmp(address, "0.0.0.0") == 0 ? name : address;
}

void routes_show(struct proc *p, bool numeric, bool more)
{
    const struct machine_route *r;
    int e = proc_access(p, "/proc/net/route", R_OK);
    if (e)
        proc_die_errno(p, e, "can't open '/proc/net/route'");
    out_print(
        p,
        "Kernel IP routing table\nDestination     Gateway         Genmask         Flags %s Iface\n",
        more ? "  MSS Window  irtt" : "Metric Ref    Use");
    for (size_t i = 0; (r = proc_route(p, i)); i++) {
        if (!strchr(r->flags, 'U'))
            continue;
        const char *destination =
            shown(r->destination, numeric || strcmp(r->mask, "0.0.0.0") != 0, "default");
        out_print(p, "%-15.15s %-15.15s %-16s%-6s", destination, shown(r->gateway, numeric, "*"),
                  r->mask, r->flags);
        if (more)
            out_print(p, "%5d %-5d %6d %s\n", 0, 0, 0, r->interface);
        else
            out_print(p, "%-6u %-2d %7d %s\n", r->metric, 0, 0, r->interface);
    }
}

static void show_six(struct proc *p)
{
    out_text(p, "Kernel IPv6 routing table\nDestination                                 Next Hop   "
                "                     "
                "        Flags Metric Ref    Use Iface\n");
}

/* "192.0.2.0/24" or "default", or a name that nobody resolves. */
static void check_target(struct proc *p, const char *target)
{
    uint8_t octets[4];
    size_t n = strcspn(target, "/");
    char *address = memory_bytes(proc_memory(p), target, n);
    if (strcmp(target, "default") != 0 && !net_ipv4(address, octets))
        proc_die(p, "resolving %s", target);
}

struct request {
    const char *target, *mask, *gateway, *device, *metric;
    bool net;
};

/* A key's value is kept, or only passed over. The last word that is none is the device. */
static struct request read_request(struct proc *p, char **words)
{
    static const char *const ignored[] = { "mss", "window", "irtt" };
    struct request r = { .net = *words && strcmp(*words, "-net") == 0 };
    const struct {
        const char *key;
        const char **value;
    } keys[] = { { "netmask", &r.mask },  { "gw", &r.gateway }, { "gateway", &r.gateway },
                 { "metric", &r.metric }, { "dev", &r.device }, { "device", &r.device } };
    words += *words && (r.net || strcmp(*words, "-host") == 0);
    r.target = *words;
    if (!r.target)
        proc_usage(p);
    for (words++; *words; words++) {
        const char **value = NULL;
        bool passes = false;
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            value = strcmp(*words, keys[i].key) == 0 ? keys[i].value : value;
        for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
            passes |= strcmp(*words, ignored[i]) == 0;
        if ((value || passes) && !*++words)
            proc_usage(p);
        if (value)
            *value = *words;
        else if (!passes && strcmp(*words, "reject") != 0)
            r.device = *words;
    }
    return r;
}

/* The bits of the target that its mask leaves out are none; without a mask they all are. */
static void check_mask(struct proc *p, const struct request *r, const char *call)
{
    uint8_t at[4], mask[4] = { 0 };
    const char *slash = strchr(r->target, '/');
    if (slash || !r->net || !net_ipv4(r->target, at))
        return;
    if (r->mask && !net_ipv4(r->mask, mask))
        proc_die(p, "resolving %s", r->mask);
    for (size_t i = 0; i < 4; i++) {
        if (at[i] & ~mask[i] && r->mask)
            proc_die(p, "netmask and route address conflict");
        if (at[i] & ~mask[i])
            proc_die_errno(p, EINVAL, "%s", call);
    }
}

/* What is asked for as the table has it. */
static struct machine_route route_of(struct proc *p, const struct request *r)
{
    const char *slash = strchr(r->target, '/');
    size_t n = strcspn(r->target, "/");
    bool everything = strcmp(r->target, "default") == 0;
    const char *net = everything ? "0.0.0.0" : memory_bytes(proc_memory(p), r->target, n);
    unsigned long prefix = slash ? strtoul(slash + 1, NULL, 10) : 32;
    const char *mask = r->mask ? r->mask
                       : slash ? links_mask(p, prefix < 32 ? (unsigned)prefix : 32)
                       : strcmp(net, "0.0.0.0") == 0 ? net
                                                     : "255.255.255.255";
    uint32_t metric = r->metric ? (uint32_t)strtoul(r->metric, NULL, 10) : 0;
    return (struct machine_route){ net, r->gateway, mask, "", r->device, metric };
}

static int change(struct proc *p, bool add, char **words)
{
    uint8_t octets[4];
    struct request r = read_request(p, words);
    const char *call = add ? "SIOCADDRT" : "SIOCDELRT";
    check_target(p, r.target);
    if (add || r.net)
        check_mask(p, &r, call);
    if (r.gateway && !net_ipv4(r.gateway, octets))
        proc_die(p, "resolving %s", r.gateway);
    if (proc_uid(p) != 0)
        proc_die_errno(p, EPERM, "%s", call);
    struct machine_route route = route_of(p, &r);
    if (!add && r.device && !links_find(p, r.device, NULL))
        proc_die_errno(p, ENODEV, "%s", call);
    int e = add ? links_add_route(p, &route, false) : links_drop_route(p, &route);
    if (e)
        proc_die_errno(p, e, "%s", call);
    return 0;
}

static int route_once(struct proc *p, int argc, char **argv)
{
    enum { NUMERIC = 2, MORE = 4, FAMILY = 1 };
    const char *family = NULL;
    for (int i = 1; i < argc; i++) { /* -net and -host are no options */
        bool add = strcmp(argv[i], "add") == 0;
        if (add || strcmp(argv[i], "del") == 0 || strcmp(argv[i], "delete") == 0)
            return change(p, add, argv + i + 1);
    }
    uint32_t given = options_bits(p, argc, argv, "A:ne", &argv, &family);
    if (argv[0] || (family && strncmp(family, "inet", 4) != 0))
        proc_usage(p);
    if (family && strcmp(family, "inet6") == 0)
        show_six(p);
    else
        routes_show(p, given & NUMERIC, given & MORE);
    return 0;
}

const struct applet applet_route = { .name = "route", .once = route_once, .unwritten = UNWRITTEN_OUTPUT };
