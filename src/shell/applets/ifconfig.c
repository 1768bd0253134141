#include "shell/applets/net.h"
#include "shell/live.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct machine_interface *find(struct proc *p, const char *name)
{
    const struct machine *m = proc_machine(p);
    for (size_t i = 0; i < m->n_interfaces; i++) {
        if (strcmp(m->interfaces[i].name, name) == 0)
            return &m->interfaces[i];
    }
    return NULL;
}

static bool has_flag(const struct machine_interface *x, const char *flag)
{
    const char *at = strstr(x->flags, flag);
    return at && (at == x->flags || at[-1] == ' ');
}

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
    const char *kind = has_flag(x, "LOOPBACK")      ? "Local Loopback"
                       : has_flag(x, "POINTOPOINT") ? "Point-to-Point Protocol"
                                                    : "Ethernet";
    out_print(p, "%-9s Link encap:%s  ", x->name, kind);
    if (*x->hardware && !has_flag(x, "LOOPBACK")) {
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
    if (has_flag(x, "POINTOPOINT"))
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
    out_print(p, "          %s  MTU:%u  Metric:%u\n", x->flags, x->mtu, x->metric ? x->metric : 1);
    if (!strchr(x->name, ':')) /* a second address has no counts of its own */
        show_counts(p, x);
    out_char(p, '\n');
}

static int show_all(struct proc *p, bool down)
{
    const struct machine *m = proc_machine(p);
    int e = proc_access(p, "/proc/net/dev", R_OK);
    if (e)
        proc_perror(p, e, "/proc/net/dev");
    for (size_t i = 0; i < m->n_interfaces; i++) {
        if (down || has_flag(&m->interfaces[i], "UP"))
            show(p, &m->interfaces[i]);
    }
    return 0;
}

/* A word that changes something, and how many words it takes behind it. */
static const struct {
    const char *name;
    int arguments;
    const char *call;
} words[] = {
    { "up", 0, "SIOCSIFFLAGS" },
    { "down", 0, "SIOCSIFFLAGS" },
    { "netmask", 1, "SIOCSIFNETMASK" },
    { "broadcast", 1, "SIOCSIFBRDADDR" },
    { "mtu", 1, "SIOCSIFMTU" },
    { "metric", 1, "SIOCSIFMETRIC" },
    { "txqueuelen", 1, "SIOCSIFTXQLEN" },
    { "hw", 2, "SIOCSIFHWADDR" },
    { "promisc", 0, "SIOCSIFFLAGS" },
    { "allmulti", 0, "SIOCSIFFLAGS" },
    { "multicast", 0, "SIOCSIFFLAGS" },
    { "arp", 0, "SIOCSIFFLAGS" },
    { "trailers", 0, "SIOCSIFFLAGS" },
    { "dynamic", 0, "SIOCSIFFLAGS" },
    { "pointopoint", 1, "SIOCSIFDSTADDR" },
    { "dstaddr", 1, "SIOCSIFDSTADDR" },
    { "add", 1, "SIOCSIFADDR" },
    { "del", 1, "SIOCDIFADDR" },
    { "inet", 0, "SIOCSIFADDR" },
    { "mem_start", 1, "SIOCSIFMAP" },
    { "io_addr", 1, "SIOCSIFMAP" },
    { "irq", 1, "SIOCSIFMAP" },
    { "keepalive", 1, "SIOCSKEEPALIVE" },
    { "outfill", 1, "SIOCSOUTFILL" },
};

/* Returns how many words were taken. */
static size_t change(struct proc *p, const char *name, char **argv)
{
    uint8_t octets[4];
    const char *word = argv[0] + (argv[0][0] == '-'), *call = "SIOCSIFADDR";
    size_t used = 1, i = 0;
    while (i < sizeof words / sizeof words[0] && strcmp(words[i].name, word) != 0)
        i++;
    if (i < sizeof words / sizeof words[0]) {
        call = words[i].call;
        for (int k = 0; k < words[i].arguments; k++) {
            if (!argv[used++])
                proc_usage(p);
        }
    } else if (!net_ipv4(memory_bytes(proc_memory(p), word, strcspn(word, "/")), octets) &&
               word[strspn(word, "0123456789.")]) {
        proc_die(p, "bad address '%s'", argv[0]);
    }
    char *base = memory_bytes(proc_memory(p), name, strcspn(name, ":"));
    if (!find(p, base))
        proc_die_errno(p, ENODEV, "%s", strcmp(call, "SIOCSIFFLAGS") == 0 ? "SIOCGIFFLAGS" : call);
    if (proc_uid(p) != 0)
        proc_die_errno(p, EPERM, "%s", call);
    return used;
}

/* What is changed is not shown afterwards: the interfaces are the device's. */
static int ifconfig_once(struct proc *p, int argc, char **argv)
{
    (void)argc;
    const char *name = argv[1];
    bool all = name && strcmp(name, "-a") == 0;
    if (!name || (all && !argv[2]))
        return show_all(p, all);
    argv += 2;
    if (!*argv) {
        const struct machine_interface *x = find(p, name);
        if (!x)
            proc_die(p, "%s: error fetching interface information: Device not found", name);
        show(p, x);
        return 0;
    }
    while (*argv)
        argv += change(p, name, argv);
    return 0;
}

const struct applet applet_ifconfig = { .name = "ifconfig", .once = ifconfig_once };
