#include "packet/kinds.h"

#include <string.h>

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10 };

const struct tcp_rule tcp_rules[] = {
    { SYN | ACK | RST | FIN, SYN, KIND_ACCESS,
      "tcp[tcpflags] & (tcp-syn|tcp-ack|tcp-rst|tcp-fin) == tcp-syn" },
    { RST, RST, KIND_BACKSCATTER, "tcp[tcpflags] & tcp-rst != 0" },
    { SYN | ACK, SYN | ACK, KIND_BACKSCATTER,
      "tcp[tcpflags] & (tcp-syn|tcp-ack|tcp-rst) == (tcp-syn|tcp-ack)" },
};
const size_t tcp_rules_n = sizeof tcp_rules / sizeof tcp_rules[0];

const struct icmp_rule icmp_rules[] = {
    { 8, KIND_ACCESS, "icmp[icmptype] == icmp-echo" },
    { 0, KIND_BACKSCATTER, "icmp[icmptype] == icmp-echoreply" },
    { 3, KIND_BACKSCATTER, "icmp[icmptype] == icmp-unreach" },
    { 4, KIND_BACKSCATTER, "icmp[icmptype] == icmp-sourcequench" },
    { 5, KIND_BACKSCATTER, "icmp[icmptype] == icmp-redirect" },
    { 11, KIND_BACKSCATTER, "icmp[icmptype] == icmp-timxceed" },
    { 12, KIND_BACKSCATTER, "icmp[icmptype] == icmp-paramprob" },
    { 14, KIND_BACKSCATTER, "icmp[icmptype] == icmp-tstampreply" },
    { 18, KIND_BACKSCATTER, "icmp[icmptype] == icmp-maskreply" },
};
const size_t icmp_rules_n = sizeof icmp_rules / sizeof icmp_rules[0];

/* These filters hold where no extension header stands before ICMPv6. */
const struct icmp_rule icmp6_rules[] = {
    { 128, KIND_ACCESS, "icmp6[icmp6type] == icmp6-echo" },
    { 129, KIND_BACKSCATTER, "icmp6[icmp6type] == icmp6-echoreply" },
    { 1, KIND_BACKSCATTER, "icmp6[icmp6type] == icmp6-destinationunreach" },
    { 2, KIND_BACKSCATTER, "icmp6[icmp6type] == icmp6-packettoobig" },
    { 3, KIND_BACKSCATTER, "icmp6[icmp6type] == icmp6-timeexceeded" },
    { 4, KIND_BACKSCATTER, "icmp6[icmp6type] == icmp6-parameterproblem" },
};
const size_t icmp6_rules_n = sizeof icmp6_rules / sizeof icmp6_rules[0];

/* Every filter goes with "udp and dst port >= 1024" (dst portrange 1024-65535). */
const struct udp_rule udp_rules[] = {
    { 17, 0, 0, 0, 0, "src port 17" },                                      /* QOTD, RFC 865 */
    { 19, 0, 0, 0, 0, "src port 19" },                                      /* CHARGEN, RFC 864 */
    { 53, 2, 1, 0x80, 0x80, "src port 53 and udp[10] & 0x80 != 0" },        /* QR, RFC 1035 4.1.1 */
    { 111, 4, 4, 0xffffffff, 1, "src port 111 and udp[12:4] == 1" },        /* REPLY, RFC 5531 9 */
    { 123, 0, 1, 0x07, 4, "src port 123 and udp[8] & 7 == 4" },             /* server, RFC 5905 7.3 */
    { 123, 0, 2, 0x0780, 0x0680, "src port 123 and udp[8:2] & 0x0780 == 0x0680" }, /* RFC 9327 2 */
    { 123, 0, 1, 0x87, 0x87, "src port 123 and udp[8] & 0x87 == 0x87" },    /* private, response */
    { 137, 2, 1, 0x80, 0x80, "src port 137 and udp[10] & 0x80 != 0" },      /* RFC 1002 4.2.1.1 */
    { 389, 0, 1, 0xff, 0x30, "src port 389 and udp[8] == 0x30" },           /* CLDAP, RFC 1798 */
    { 1900, 0, 4, 0xffffffff, 0x48545450, "src port 1900 and udp[8:4] == 0x48545450" }, /* "HTTP" */
    { 5060, 0, 4, 0xffffffff, 0x5349502f, "src port 5060 and udp[8:4] == 0x5349502f" }, /* "SIP/" */
    { 5353, 2, 1, 0x80, 0x80, "src port 5353 and udp[10] & 0x80 != 0" },    /* RFC 6762 18.2 */
    { 11211, 0, 0, 0, 0, "src port 11211" },                                /* memcached */
};
const size_t udp_rules_n = sizeof udp_rules / sizeof udp_rules[0];

uint8_t tcp_kinds[256], icmp_kinds[256], icmp6_kinds[256];

/* One bit for each residue that some row's port has: most datagrams are settled by it. */
static uint64_t udp_ports;

static uint8_t tcp_kind(unsigned flags)
{
    for (size_t i = 0; i < tcp_rules_n; i++)
        if ((flags & tcp_rules[i].mask) == tcp_rules[i].value)
            return (uint8_t)tcp_rules[i].kind;
    return KIND_OTHER;
}

static void fill_icmp(uint8_t kinds[256], const struct icmp_rule *rules, size_t n)
{
    memset(kinds, KIND_OTHER, 256);
    for (size_t i = 0; i < n; i++)
        kinds[rules[i].type] = (uint8_t)rules[i].kind;
}

void kinds_init(void)
{
    for (unsigned flags = 0; flags < 256; flags++)
        tcp_kinds[flags] = tcp_kind(flags);
    fill_icmp(icmp_kinds, icmp_rules, icmp_rules_n);
    fill_icmp(icmp6_kinds, icmp6_rules, icmp6_rules_n);
    for (size_t i = 0; i < udp_rules_n; i++)
        udp_ports |= UINT64_C(1) << (udp_rules[i].port & 63);
}

static bool rule_fits(const struct udp_rule *rule, const uint8_t *payload, size_t n)
{
    if ((size_t)rule->offset + rule->size > n)
        return false;
    uint32_t v = 0;
    for (unsigned i = 0; i < rule->size; i++)
        v = v << 8 | payload[rule->offset + i];
    return (v & rule->mask) == rule->value;
}

bool udp_is_reply(uint16_t source, uint16_t destination, const uint8_t *payload, size_t n)
{
    if (destination < 1024 || !(udp_ports >> (source & 63) & 1))
        return false;
    for (size_t i = 0; i < udp_rules_n; i++)
        if (udp_rules[i].port == source && rule_fits(&udp_rules[i], payload, n))
            return true;
    return false;
}
