#include "packet/filter-words.h"

#include <arpa/inet.h>
#include <string.h>

/* pcap-filter(7), but for what only pf's link types and wireless management frames have. */
static const char *const words[] = {
    "aarp", "ah", "and", "arp", "atalk", "broadcast", "carp", "clnp", "csnp", "decnet", "dst", "esh", "esis",
    "esp", "ether", "fddi", "gateway", "geneve", "greater", "host", "icmp", "icmp6", "igmp", "igrp", "iih",
    "inbound", "ip", "ip6", "ipx", "isis", "iso", "l1", "l2", "lat", "len", "length", "less", "link", "llc",
    "lsp", "mask", "moprc", "mopdl", "mpls", "multicast", "net", "netbeui", "not", "or", "outbound", "pim",
    "port", "portrange", "ppp", "pppoed", "pppoes", "proto", "protochain", "psnp", "radio", "rarp", "sctp",
    "slip", "snp", "src", "stp", "tcp", "tr", "type", "subtype", "udp", "vlan", "vrrp", "vxlan", "wlan",
    "addr1", "addr2", "addr3", "addr4", "ra", "ta", "dir", "direction",
    /* offsets and values */
    "icmptype", "icmpcode", "icmp6type", "icmp6code", "tcpflags", "tcp-fin", "tcp-syn", "tcp-rst", "tcp-push",
    "tcp-ack", "tcp-urg", "tcp-ece", "tcp-cwr", "icmp-echoreply", "icmp-unreach", "icmp-sourcequench",
    "icmp-redirect", "icmp-echo", "icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed",
    "icmp-paramprob", "icmp-tstamp", "icmp-tstampreply", "icmp-ireq", "icmp-ireqreply", "icmp-maskreq",
    "icmp-maskreply", "icmp6-destinationunreach", "icmp6-packettoobig", "icmp6-timeexceeded",
    "icmp6-parameterproblem", "icmp6-echo", "icmp6-echoreply", "icmp6-multicastlistenerquery",
    "icmp6-multicastlistenerreportv1", "icmp6-multicastlistenerdone", "icmp6-routersolicit",
    "icmp6-routeradvert", "icmp6-neighborsolicit", "icmp6-neighboradvert", "icmp6-redirect",
    "icmp6-routerrenum", "icmp6-nodeinformationquery", "icmp6-nodeinformationresponse",
    "icmp6-ineighbordiscoverysolicit", "icmp6-ineighbordiscoveryadvert", "icmp6-multicastlistenerreportv2",
    "icmp6-homeagentdiscoveryrequest", "icmp6-homeagentdiscoveryreply", "icmp6-mobileprefixsolicit",
    "icmp6-mobileprefixadvert", "icmp6-certpathsolicit", "icmp6-certpathadvert",
    "icmp6-multicastrouteradvert", "icmp6-multicastroutersolicit", "icmp6-multicastrouterterm",
};

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define LETTERS HEX "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ"
#define NAME LETTERS "-._"

enum { GROUPS_IPV4 = 4, GROUPS_ETHERNET = 6, PART_ETHERNET = 2 };

struct word {
    const char *at;
    size_t n;
};

static bool is(const struct word *w, const char *text)
{
    return strlen(text) == w->n && memcmp(text, w->at, w->n) == 0;
}

static bool is_known(const struct word *w)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (is(w, words[i]))
            return true;
    return false;
}

/* Whether it is groups of at most `most` characters of a set, with one separator between each. Returns their
 * number, 0 where not. */
static size_t groups(const struct word *w, const char *set, size_t most, char separator)
{
    size_t at = 0, n = 0;
    for (;;) {
        size_t group = 0;
        while (at + group < w->n && strchr(set, w->at[at + group]))
            group++;
        if (group == 0 || group > most)
            return 0;
        n++;
        at += group;
        if (at == w->n)
            return n;
        if (w->at[at++] != separator)
            return 0;
    }
}

/* 2001:db8::1, 02:00:00:00:00:01 */
static bool is_long_address(const struct word *w)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (w->n >= sizeof text || !memchr(w->at, ':', w->n))
        return false;
    memcpy(text, w->at, w->n);
    text[w->n] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1 || groups(w, HEX, PART_ETHERNET, ':') == GROUPS_ETHERNET;
}

/* 23, 0x17, 192.0.2, and 20-25 where it is no host's name. */
static bool is_number(const struct word *w, const struct word *before)
{
    size_t n = groups(w, DIGITS, w->n, '.');
    if (n > 0 && n <= GROUPS_IPV4)
        return true;
    if (w->n > 2 && w->at[0] == '0' && (w->at[1] == 'x' || w->at[1] == 'X'))
        return groups(&(struct word){ w->at + 2, w->n - 2 }, HEX, w->n, '.') == 1;
    return is(before, "portrange") && groups(w, DIGITS, w->n, '-') == 2;
}

/* An address with its colons; else they part what stands between them, as in tcp[0:2]. */
static struct word next_word(const char *at)
{
    struct word w = { at, strspn(at, NAME ":") };
    if (!is_long_address(&w))
        w.n = strspn(at, NAME);
    return w;
}

bool filter_words_known(const char *expression, const char **ret, size_t *ret_n)
{
    struct word w = { expression, 0 }, before;
    for (;;) {
        before = w;
        w.at += w.n;
        /* A colon begins an address at most; a backslash makes a name of the compiler's own word. */
        w.at += strcspn(w.at, LETTERS ":\\");
        if (!*w.at)
            return true;
        if (*w.at == '\\') {
            w.n = 1 + strspn(w.at + 1, NAME);
            break;
        }
        w = next_word(w.at);
        if (w.n == 0)
            w.n = 1; /* a colon alone */
        else if (!is_long_address(&w) && !is_known(&w) && !is_number(&w, &before))
            break;
    }
    *ret = w.at;
    *ret_n = w.n;
    return false;
}
