#include "main/interface.h"

#include "base/own.h"

#include <ifaddrs.h>
#include <limits.h>
#include <net/route.h>
#include <netinet/in.h>
#include <string.h>

struct route {
    char interface[IF_NAMESIZE];
    unsigned metric; /* of the best so far */
    bool found;
};

static void take_route(struct route *best, const char *interface, unsigned metric)
{
    if (best->found && metric >= best->metric)
        return;
    best->found = true;
    best->metric = metric;
    memcpy(best->interface, interface, sizeof best->interface);
}

/* /proc/self/net/route: Iface Destination Gateway Flags RefCnt Use Metric Mask ..., addresses in hex. */
static void read_route4(const char *line, struct route *best)
{
    char interface[IF_NAMESIZE] = "";
    unsigned destination, flags, metric, mask;
    if (sscanf(line, "%15s %x %*x %x %*u %*u %u %x", interface, &destination, &flags, &metric, &mask) == 5 &&
        destination == 0 && mask == 0 && (flags & RTF_UP))
        take_route(best, interface, metric);
}

/* /proc/self/net/ipv6_route: destination, its length, source, its length, next hop, metric, references, uses,
 * flags (all in hex), interface. The loopback holds the routes that lead nowhere. */
static void read_route6(const char *line, struct route *best)
{
    char destination[33] = "", interface[IF_NAMESIZE] = "";
    unsigned bits, metric, flags;
    if (sscanf(line, "%32s %x %*s %*x %*s %x %*x %*x %x %15s", destination, &bits, &metric, &flags,
               interface) == 5 &&
        bits == 0 && strspn(destination, "0") == 32 && (flags & RTF_UP) && strcmp(interface, "lo") != 0)
        take_route(best, interface, metric);
}

static void read_routes(const char *path, void (*read_line)(const char *line, struct route *best),
                        struct route *best)
{
    auto_file FILE *f = fopen(path, "re");
    char line[512];
    while (f && fgets(line, sizeof line, f))
        read_line(line, best);
}

int interface_default(char ret[static IF_NAMESIZE])
{
    struct route best = { 0 };
    read_routes("/proc/self/net/route", read_route4, &best);
    if (!best.found)
        read_routes("/proc/self/net/ipv6_route", read_route6, &best);
    memcpy(ret, best.interface, IF_NAMESIZE);
    return best.found ? 0 : -ENODEV;
}

/* Whether it is an address that others know us by. */
static bool address_of(const struct sockaddr *from, struct addr *ret)
{
    *ret = (struct addr){ 0 };
    if (from && from->sa_family == AF_INET) {
        ret->family = 4;
        memcpy(ret->bytes, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
        return true;
    }
    if (from && from->sa_family == AF_INET6) {
        const struct in6_addr *a = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
        ret->family = 6;
        memcpy(ret->bytes, a, 16);
        return !IN6_IS_ADDR_LINKLOCAL(a) && !IN6_IS_ADDR_LOOPBACK(a);
    }
    return false;
}

int interface_addresses(const char *name, struct prefix_list *ret)
{
    struct ifaddrs *list;
    if (getifaddrs(&list) < 0)
        return -errno;
    int err = 0;
    for (const struct ifaddrs *at = list; at && !err; at = at->ifa_next) {
        struct prefix p = { 0 };
        if (strcmp(at->ifa_name, name) != 0 || !address_of(at->ifa_addr, &p.addr))
            continue;
        p.bits = p.addr.family == 4 ? 32 : 128;
        err = prefix_list_add(ret, &p);
    }
    freeifaddrs(list);
    return err;
}
