#include "shell/applets/links.h"
#include "shell/live.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "4.7 MiB", cut, not rounded. */
static void show_bytes(struct proc *p, const char *label, uint64_t n)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    uint64_t whole = n, tenths = 0;
    size_t unit = 0;
    while (whole >= 1024 && unit < 4) {
        tenths = whole % 1024 * 10 / 1024;
        whole /= 1024;
        unit++;
    }
    out_print(p, "%s bytes:%llu (%llu.%llu %s)", label, (unsigned long long)n,
              (unsigned long long)whole, (unsigned long long)tenths, units[unit]);
}

static const char *scope_name(unsigned scope)
{
    switch (scope) {
    case 0x00:
        return "Global";
    case 0x10:
        return "Host";
    case 0x20:
        return "Link";
    case 0x40:
        return "Site";
    default:
        return "Unknown";
    }
}

/* A line of /proc/net/if_inet6: "fe80...4455 02 40 20 80     eth0" */
static bool read_six(const char *line, uint8_t address[static 16], unsigned *prefix,
                     unsigned *scope, char name[static 24])
{
    unsigned index, flags, byte;
    for (size_t i = 0; i < 16; i++) {
        if (sscanf(line + 2 * i, "%2x", &byte) != 1)
            return false;
        address[i] = (uint8_t)byte;
    }
    return sscanf(line + 32, " %x %x %x %x %23s", &index, prefix, scope, &flags, name) == 5;
}

static void show_six(struct proc *p, const struct machine_interface *x)
{
    char *data, name[24], text[INET6_ADDRSTRLEN];
    uint8_t address[16];
    unsigned prefix, scope;
    size_t n;
    if (proc_read_file(p, "/proc/net/if_inet6", 8192, &data, &n) != 0)
        return;
    for (char *line = data, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (strlen(line) > 40 && read_six(line, address, &prefix, &scope, name) &&
            strcmp(name, x->name) == 0 && inet_ntop(AF_INET6, address, text, sizeof text))
            out_print(p, "          inet6 addr: %s/%u Scope:%s\n", text, prefix, scope_name(scope));
    }
}

static void show_link(struct proc *p, const struct machine_interface *x)
{
    const char *kind = links_has(x, "LOOPBACK")      ? "Local Loopback"
                       : links_has(x, "POINTOPOINT") ? "Point-to-Point Protocol"
                                                     : "Ethernet";
    out_print(p, "%-9s Link encap:%s  ", x->name, kind);
    if (*x->hardware && !links_has(x, "LOOPBACK")) {
        out_text(p, "HWaddr ");
        for (const char *c = x->hardware; *c; c++)
            out_char(p, (char)toupper((unsigned char)*c));
        out_text(p, "  ");
    }
    out_char(p, '\n');
}

static void show_address(struct proc *p, const struct machine_interface *x)
{
    if (!*x->address)
        return;
    out_print(p, "          inet addr:%s ", x->address);
    if (links_has(x, "POINTOPOINT"))
        out_print(p, " P-t-P:%s ", x->broadcast);
    else if (*x->broadcast)
        out_print(p, " Bcast:%s ", x->broadcast);
    out_print(p, " Mask:%s\n", x->mask);
}

static void show_counts(struct proc *p, const struct machine_interface *x)
{
    const struct machine *m = proc_machine(p);
    uint64_t up = (uint64_t)proc_uptime(p);
    out_print(p, "          RX packets:%llu errors:0 dropped:0 overruns:0 frame:0\n",
              (unsigned long long)live_count(m, x->rx_packets, up));
    out_print(p, "          TX packets:%llu errors:0 dropped:0 overruns:0 carrier:0\n",
              (unsigned long long)live_count(m, x->tx_packets, up));
    out_print(p, "          collisions:0 txqueuelen:%u \n          ", x->queue);
    show_bytes(p, "RX", live_count(m, x->rx_bytes, up));
    show_bytes(p, "  TX", live_count(m, x->tx_bytes, up));
    out_char(p, '\n');
}

static void show(struct proc *p, const struct machine_interface *x)
{
    show_link(p, x);
    show_address(p, x);
    show_six(p, x);
    out_print(p, "          %s  MTU:%u  Metric:%u\n", *x->flags ? x->flags : "[NO FLAGS]", x->mtu,
              x->metric ? x->metric : 1);
    if (!strchr(x->name, ':')) /* a second address has no counts of its own */
        show_counts(p, x);
    out_char(p, '\n');
}

static int show_all(struct proc *p, bool down)
{
    const struct machine_interface *x;
    int e = proc_access(p, "/proc/net/dev", R_OK);
    if (e)
        proc_perror(p, e, "/proc/net/dev");
    for (size_t i = 0; (x = proc_interface(p, i)); i++) {
        bool further = proc_interface_is_further(p, i) && !strchr(x->name, ':');
        if ((down || links_has(x, "UP")) && !further)
            show(p, x);
    }
    return 0;
}

/* ---- Changes ---- */

struct change {
    struct proc *p;
    const char *name;
    size_t at; /* of the interface */
    const char *call;
    const char *value;
    bool off;   /* "-arp" */
    bool wakes; /* it has an address now: up it goes */
};

static void __attribute__((noreturn)) refuse(const struct change *c, int e)
{
    proc_die_errno(c->p, e, "%s", c->call);
}

static const char *address_of(const struct change *c)
{
    uint32_t v;
    if (!network_address(c->value, &v))
        proc_die(c->p, "bad address '%s'", c->value);
    return c->value;
}

static unsigned number_of(const struct change *c, unsigned least, unsigned most)
{
    char *end;
    unsigned long v = *c->value >= '0' && *c->value <= '9' ? strtoul(c->value, &end, 0) : 0;
    if (v < least || v > most)
        refuse(c, EINVAL);
    return (unsigned)v;
}

/* An alias comes with its first address. */
static void make_alias(struct change *c)
{
    struct machine_interface x = *links_find(c->p, links_base(c->p, c->name), NULL);
    if (links_find(c->p, c->name, &c->at))
        return;
    x.name = c->name;
    x.address = x.mask = x.broadcast = "";
    links_put(c->p, SIZE_MAX, &x);
    links_find(c->p, c->name, &c->at);
}

static void set_address(struct change *c)
{
    const char *address = address_of(c);
    make_alias(c);
    const struct machine_interface *x = proc_interface(c->p, c->at);
    c->wakes = true;
    if (strcmp(address, "0.0.0.0") == 0) {
        links_drop(c->p, c->at);
        return;
    }
    const char *mask = links_class_mask(c->p, address);
    links_address(c->p, c->at, address, mask,
                  links_has(x, "BROADCAST") ? links_broadcast(c->p, address, mask) : "");
}

/* The interface as it stands, which must have an address. */
static struct machine_interface addressed(const struct change *c)
{
    const struct machine_interface *x = proc_interface(c->p, c->at);
    if (!links_find(c->p, c->name, NULL) || !*x->address)
        refuse(c, EADDRNOTAVAIL);
    return *x;
}

static void set_mask(struct change *c)
{
    const char *mask = address_of(c);
    struct machine_interface x = addressed(c);
    bool made = *x.broadcast && !strcmp(x.broadcast, links_broadcast(c->p, x.address, x.mask));
    links_address(c->p, c->at, x.address, mask,
                  made ? links_broadcast(c->p, x.address, mask) : x.broadcast);
}

static void set_broadcast(struct change *c)
{
    const char *broadcast = c->off ? "" : address_of(c);
    struct machine_interface x = addressed(c);
    x.broadcast = broadcast;
    links_put(c->p, c->at, &x);
}

static void set_mtu(struct change *c)
{
    enum { LEAST = 68 };
    struct machine_interface x = *proc_interface(c->p, c->at);
    bool loop = links_has(&x, "LOOPBACK");
    x.mtu = number_of(c, loop ? 0 : LEAST, 65536);
    links_put(c->p, c->at, &x);
}

static void set_metric(struct change *c)
{
    if (number_of(c, 0, UINT32_MAX) != 0)
        refuse(c, EOPNOTSUPP);
}

static void set_queue(struct change *c)
{
    struct machine_interface x = *proc_interface(c->p, c->at);
    x.queue = number_of(c, 0, INT32_MAX);
    links_put(c->p, c->at, &x);
}

static void set_hardware(struct change *c)
{
    struct machine_interface x = *proc_interface(c->p, c->at);
    if (links_has(&x, "LOOPBACK"))
        refuse(c, EINVAL);
    x.hardware = c->value;
    links_put(c->p, c->at, &x);
}

static void set_up(struct change *c)
{
    links_up(c->p, c->name);
}

static void set_down(struct change *c)
{
    links_down(c->p, c->name);
}

/* A word that changes something, and how many words it takes behind it. */
static const struct word {
    const char *name;
    int arguments;
    const char *call;
    void (*set)(struct change *c); /* NULL: flag, or nothing comes of it */
    const char *flag;
    bool against; /* the word takes the flag away */
} words[] = {
    { "up", 0, "SIOCSIFFLAGS", set_up, NULL, false },
    { "down", 0, "SIOCSIFFLAGS", set_down, NULL, false },
    { "netmask", 1, "SIOCSIFNETMASK", set_mask, NULL, false },
    { "broadcast", 1, "SIOCSIFBRDADDR", set_broadcast, NULL, false },
    { "mtu", 1, "SIOCSIFMTU", set_mtu, NULL, false },
    { "metric", 1, "SIOCSIFMETRIC", set_metric, NULL, false },
    { "txqueuelen", 1, "SIOCSIFTXQLEN", set_queue, NULL, false },
    { "hw", 2, "SIOCSIFHWADDR", set_hardware, NULL, false },
    { "promisc", 0, "SIOCSIFFLAGS", NULL, "PROMISC", false },
    { "allmulti", 0, "SIOCSIFFLAGS", NULL, "ALLMULTI", false },
    { "multicast", 0, "SIOCSIFFLAGS", NULL, "MULTICAST", false },
    { "arp", 0, "SIOCSIFFLAGS", NULL, "NOARP", true },
    { "trailers", 0, "SIOCSIFFLAGS", NULL, "NOTRAILERS", true },
    { "dynamic", 0, "SIOCSIFFLAGS", NULL, "DYNAMIC", false },
    { "pointopoint", 1, "SIOCSIFDSTADDR", NULL, NULL, false },
    { "dstaddr", 1, "SIOCSIFDSTADDR", NULL, NULL, false },
    { "add", 1, "SIOCSIFADDR", NULL, NULL, false },
    { "del", 1, "SIOCDIFADDR", NULL, NULL, false },
    { "inet", 0, "SIOCSIFADDR", NULL, NULL, false },
    { "mem_start", 1, "SIOCSIFMAP", NULL, NULL, false },
    { "io_addr", 1, "SIOCSIFMAP", NULL, NULL, false },
    { "irq", 1, "SIOCSIFMAP", NULL, NULL, false },
    { "keepalive", 1, "SIOCSKEEPALIVE", NULL, NULL, false },
    { "outfill", 1, "SIOCSOUTFILL", NULL, NULL, false },
    { NULL, 0, "SIOCSIFADDR", set_address, NULL, false },
};

static bool is_hardware(const char *s)
{
    for (int i = 0; i < 6; i++, s += 3) {
        if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]) ||
            s[2] != (i < 5 ? ':' : '\0'))
            return false;
    }
    return true;
}

/* The words behind it; how many there are in all. */
static size_t take_words(struct change *c, const struct word *w, char **argv)
{
    size_t used = 1;
    for (int k = 0; k < w->arguments && !(c->off && w->set == set_broadcast); k++) {
        if (!argv[used])
            proc_usage(c->p);
        c->value = argv[used++];
    }
    if (w->set != set_hardware)
        return used;
    if (strcmp(argv[1], "ether") != 0 && strcmp(argv[1], "infiniband") != 0)
        proc_usage(c->p);
    if (!is_hardware(c->value))
        proc_die(c->p, "invalid hw-addr %s", c->value);
    return used;
}

/* Returns how many words were taken. */
static size_t change(struct change *c, char **argv)
{
    struct proc *p = c->p;
    const struct word *w = words;
    c->off = argv[0][0] == '-';
    while (w->name && strcmp(w->name, argv[0] + c->off) != 0)
        w++;
    c->call = w->call;
    c->value = argv[0];
    uint32_t v;
    if (!w->name && !network_address(argv[0], &v) && argv[0][strspn(argv[0], "0123456789.")])
        proc_die(p, "bad address '%s'", argv[0]);
    size_t used = take_words(c, w, argv);
    if (!links_find(p, links_base(p, c->name), &c->at))
        proc_die_errno(p, ENODEV, "%s",
                       strcmp(c->call, "SIOCSIFFLAGS") == 0 ? "SIOCGIFFLAGS" : c->call);
    links_find(p, c->name, &c->at);
    if (proc_uid(p) != 0)
        refuse(c, EPERM);
    if (w->set)
        w->set(c);
    else if (w->flag)
        links_flags(p, c->at, c->off == w->against ? w->flag : "",
                    c->off == w->against ? "" : w->flag);
    return used;
}

static int ifconfig_once(struct proc *p, int argc, char **argv)
{
    (void)argc;
    const char *name = argv[1];
    bool all = name && strcmp(name, "-a") == 0;
    if (!name || (all && !argv[2]))
        return show_all(p, all);
    struct change c = { .p = p, .name = name };
    argv += 2;
    if (!*argv) {
        const struct machine_interface *x = links_find(p, name, NULL);
        if (!x)
            proc_die(p, "%s: error fetching interface information: Device not found", name);
        show(p, x);
        return 0;
    }
    while (*argv)
        argv += change(&c, argv);
    if (c.wakes)
        links_up(p, name);
    return 0;
}

const struct applet applet_ifconfig = { .name = "ifconfig", .once = ifconfig_once };
