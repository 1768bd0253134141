/* /proc/net, laid out as Linux does it. */
#include "shell/live-inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool octets(const char *s, uint8_t ret[static 4])
{
    for (size_t i = 0; i < 4; i++) {
        char *end;
        unsigned long v = *s >= '0' && *s <= '9' ? strtoul(s, &end, 10) : 256;
        if (v > 255 || (i < 3 && *end != '.'))
            return false;
        ret[i] = (uint8_t)v;
        s = end + 1;
    }
    return true;
}

uint32_t live_address(const struct machine *m, const char *s)
{
    uint8_t o[4];
    if (!octets(s, o))
        return 0;
    if (live_big_endian(m))
        return (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
    return (uint32_t)o[3] << 24 | (uint32_t)o[2] << 16 | (uint32_t)o[1] << 8 | o[0];
}

/* A line filled up with blanks to `width`. */
static void padded(const struct live *l, size_t begin, size_t width)
{
    size_t n = l->to->len - begin;
    text_print(l->to, "%*s\n", (int)(n < width ? width - n : 0), "");
}

static void say_dev(const struct live *l)
{
    text_say(
        l->to,
        "Inter-|   Receive                                                |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "
        "drop fifo colls carrier compressed\n");
    const struct machine_interface *x;
    for (size_t i = 0; (x = network_interface(l->m, l->v->network, i)); i++) {
        if (network_is_further(l->m, l->v->network, i))
            continue;
        uint64_t up = l->v->uptime / 100;
        text_print(
            l->to,
            "%6s: %7llu %7llu %4d %4d %4d %5d %10d %9d %8llu %7llu %4d %4d %4d %5d %7d %10d\n",
            x->name, (unsigned long long)live_count(l->m, x->rx_bytes, up),
            (unsigned long long)live_count(l->m, x->rx_packets, up), 0, 0, 0, 0, 0, 0,
            (unsigned long long)live_count(l->m, x->tx_bytes, up),
            (unsigned long long)live_count(l->m, x->tx_packets, up), 0, 0, 0, 0, 0, 0);
    }
}

static void say_route(const struct live *l)
{
    static const struct {
        char letter;
        unsigned bit;
    } flags[] = { { 'U', 1 }, { 'G', 2 }, { 'H', 4 }, { '!', 0x200 } };
    size_t begin = l->to->len;
    text_say(l->to,
             "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
    padded(l, begin, 127);
    const struct machine_route *r;
    for (size_t i = 0; (r = network_route(l->m, l->v->network, i)); i++) {
        unsigned bits = 0;
        for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++)
            bits |= strchr(r->flags, flags[k].letter) ? flags[k].bit : 0;
        begin = l->to->len;
        text_print(l->to, "%s\t%08X\t%08X\t%04X\t%d\t%d\t%u\t%08X\t%d\t%d\t%d", r->interface,
                   live_address(l->m, r->destination), live_address(l->m, r->gateway), bits, 0, 0,
                   r->metric, live_address(l->m, r->mask), 0, 0, 0);
        padded(l, begin, 127);
    }
}

static const struct {
    const char *name;
    unsigned number;
} states[] = { { "ESTABLISHED", 1 }, { "SYN_SENT", 2 },   { "TIME_WAIT", 6 },
               { "CLOSE", 7 },       { "CLOSE_WAIT", 8 }, { "LISTEN", 10 } };

static unsigned state_number(const char *name)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i].name, name) == 0)
            return states[i].number;
    }
    return 7;
}

static unsigned port_of(const char *s)
{
    const char *colon = strrchr(s, ':');
    return colon ? (unsigned)strtoul(colon + 1, NULL, 10) & 0xffff : 0;
}

static void say_socket(const struct live *l, const struct machine_socket *s, size_t index,
                       unsigned row)
{
    size_t begin = l->to->len;
    text_print(
        l->to,
        "%4u: %08X:%04X %08X:%04X %02X %08X:%08X %02X:%08X %08X %5u %8d %zu 1 %08x 300 0 0 2 -1",
        row, live_address(l->m, s->local), port_of(s->local), live_address(l->m, s->remote),
        port_of(s->remote), state_number(s->state), 0, 0, 0, 0, 0, 0, 0, 700 + index * 37,
        0x83c00000u + (unsigned)index * 0x4c0u);
    padded(l, begin, 149);
}

static void say_sockets(const struct live *l, const char *protocol)
{
    unsigned row = 0;
    const struct machine_socket *s;
    for (size_t i = 0; (s = network_socket(l->m, l->v->network, i)); i++) {
        if (strcmp(s->protocol, protocol) == 0 && s->local[0] != ':')
            say_socket(l, s, i, row++);
    }
}

static void say_tcp(const struct live *l)
{
    size_t begin = l->to->len;
    text_say(l->to, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
                    "uid  timeout inode");
    padded(l, begin, 149);
    say_sockets(l, "tcp");
}

static void say_udp(const struct live *l)
{
    text_say(l->to, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
                    "uid  timeout inode ref "
                    "pointer drops             \n");
    say_sockets(l, "udp");
}

/* A socket of IPv6 is one whose local address begins with a colon; only those of no address are
 * shown. */
static void say_six(const struct live *l, const char *protocol)
{
    static const char none[] = "00000000000000000000000000000000";
    unsigned row = 0;
    text_say(l->to, "  sl  local_address                         remote_address                    "
                    "    st tx_queue "
                    "rx_queue tr tm->when retrnsmt   uid  timeout inode\n");
    for (size_t i = 0; i < l->m->n_sockets; i++) {
        const struct machine_socket *s = &l->m->sockets[i];
        if (strcmp(s->protocol, protocol) == 0 && s->local[0] == ':')
            text_print(l->to,
                       "%4u: %s:%04X %s:%04X %02X 00000000:00000000 00:00000000 00000000 %5u %8d "
                       "%zu 1 %08x 300 0 0 2 -1\n",
                       row++, none, port_of(s->local), none, port_of(s->remote),
                       state_number(s->state), 0, 0, 700 + i * 37,
                       0x83c00000u + (unsigned)i * 0x4c0u);
    }
}

static void say_tcp6(const struct live *l)
{
    say_six(l, "tcp");
}

static void say_udp6(const struct live *l)
{
    say_six(l, "udp");
}

static void say_raw(const struct live *l)
{
    text_say(l->to, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
                    "uid  timeout inode ref "
                    "pointer drops\n");
    say_sockets(l, "raw");
}

/* local is the path, remote the type, state LISTEN or CONNECTED. */
static void say_unix(const struct live *l)
{
    text_say(l->to, "Num       RefCount Protocol Flags    Type St Inode Path\n");
    for (size_t i = 0; i < l->m->n_sockets; i++) {
        const struct machine_socket *s = &l->m->sockets[i];
        if (strcmp(s->protocol, "unix") != 0)
            continue;
        bool listens = strcmp(s->state, "LISTEN") == 0, stream = strcmp(s->remote, "DGRAM") != 0;
        text_print(l->to, "%08x: %08x 00000000 %08x %04x %02x %5zu%s%s\n",
                   0x83c00000u + (unsigned)i * 0x4c0u, listens ? 2 : 3, listens ? 0x10000 : 0,
                   stream ? 1 : 2, stream && !listens ? 3 : 1, 700 + i * 37, *s->local ? " " : "",
                   s->local);
    }
}

/* clang-format off */
const struct live_file live_net_files[] = {
    { "net/arp", NULL, false,
      "IP address       HW type     Flags       HW address            Mask     Device\n" },
    { "net/dev", say_dev, true, NULL },
    { "net/raw", say_raw, true, NULL },
    { "net/route", say_route, true, NULL },
    { "net/tcp", say_tcp, true, NULL },
    { "net/tcp6", say_tcp6, true, NULL },
    { "net/udp", say_udp, true, NULL },
    { "net/udp6", say_udp6, true, NULL },
    { "net/unix", say_unix, false, NULL },
    { NULL, NULL, false, NULL },
};
/* clang-format on */
