#include "main/interface.h"

#include "base/own.h"

#include <arpa/inet.h>
#include <limits.h>
#include <net/route.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { ADDRESSES_MOST = 1024 };

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

static int add_address(struct prefix_list *list, const struct addr *a)
{
    struct prefix p = { .addr = *a, .bits = a->family == 4 ? 32 : 128 };
    return prefix_list_add(list, &p);
}

/* An address of its own may have a name of its own, behind a colon. */
static bool is_of(const char *label, const char *name)
{
    size_t n = strlen(name);
    return strncmp(label, name, n) == 0 && (label[n] == '\0' || label[n] == ':');
}

/* netdevice(7), SIOCGIFCONF: IPv4 alone. No netlink here, for a confined supervisor may not bind. */
static int add_addresses4(const char *name, struct prefix_list *ret)
{
    struct ifreq entry[ADDRESSES_MOST];
    struct ifconf ask = { .ifc_len = sizeof entry, .ifc_req = entry };
    auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFCONF, &ask) < 0)
        return -errno;
    for (size_t i = 0; i < (size_t)ask.ifc_len / sizeof *entry; i++) {
        struct sockaddr_in at;
        memcpy(&at, &entry[i].ifr_addr, sizeof at);
        struct addr a = addr_v4(ntohl(at.sin_addr.s_addr));
        if (at.sin_family == AF_INET && is_of(entry[i].ifr_name, name))
            TRY(add_address(ret, &a));
    }
    return 0;
}

/* /proc/net/if_inet6: address, interface number, prefix length, scope, flags (all in hex), interface. Only
 * what others may know us by: scope 0 is global. */
static int add_addresses6(const char *name, struct prefix_list *ret)
{
    auto_file FILE *f = fopen("/proc/self/net/if_inet6", "re");
    char line[256], digits[33], interface[IF_NAMESIZE];
    unsigned scope;
    while (f && fgets(line, sizeof line, f)) {
        struct addr a = { .family = 6 };
        if (sscanf(line, "%32[0-9a-f] %*x %*x %x %*x %15s", digits, &scope, interface) != 3 || scope != 0 ||
            strcmp(interface, name) != 0 || strlen(digits) != 32)
            continue;
        for (size_t i = 0; i < 16; i++)
            if (sscanf(digits + 2 * i, "%2hhx", &a.bytes[i]) != 1)
                return -EIO;
        TRY(add_address(ret, &a));
    }
    return 0;
}

int interface_addresses(const char *name, struct prefix_list *ret)
{
    TRY(add_addresses4(name, ret));
    return add_addresses6(name, ret);
}
