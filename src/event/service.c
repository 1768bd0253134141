#include "event/service.h"

#include <stdlib.h>
#include <string.h>

static const char *const proto_names[PROTOS] = {
    [PROTO_TCP] = "tcp",     [PROTO_UDP] = "udp",     [PROTO_ICMP] = "icmp",
    [PROTO_ICMP6] = "icmp6", [PROTO_OTHER] = "other",
};

static const char *const kind_names[KINDS] = {
    [KIND_ACCESS] = "access",       [KIND_BACKSCATTER] = "backscatter",
    [KIND_SOLICITED] = "solicited", [KIND_OTHER] = "other",
    [KIND_MALFORMED] = "malformed", [KIND_OURS] = "ours",
    [KIND_FOREIGN] = "foreign",
};

static const char *const malformed_names[MALFORMEDS] = {
    [MALFORMED_NONE] = "none",
    [MALFORMED_LINK] = "link",
    [MALFORMED_NOT_IP] = "not-ip",
    [MALFORMED_VERSION] = "version",
    [MALFORMED_IP_SHORT] = "ip-short",
    [MALFORMED_IP_HEADER] = "ip-header",
    [MALFORMED_IP_LENGTH] = "ip-length",
    [MALFORMED_EXTENSION] = "extension",
    [MALFORMED_TCP_SHORT] = "tcp-short",
    [MALFORMED_UDP_SHORT] = "udp-short",
    [MALFORMED_ICMP_SHORT] = "icmp-short",
};

const char *proto_name(enum proto proto)
{
    return (unsigned)proto < PROTOS ? proto_names[proto] : "?";
}

const char *kind_name(enum kind kind)
{
    return (unsigned)kind < KINDS ? kind_names[kind] : "?";
}

const char *malformed_name(unsigned reason)
{
    return reason < MALFORMEDS ? malformed_names[reason] : "?";
}

const char *tool_name(unsigned bit)
{
    switch (bit) {
    case MARK_MIRAI:
        return "mirai";
    case MARK_ZMAP:
        return "zmap";
    case MARK_MASSCAN:
        return "masscan";
    default:
        return "?";
    }
}

static int find(const char *word, const char *const *names, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (strcmp(word, names[i]) == 0)
            return (int)i;
    return -1;
}

int proto_parse(const char *word, enum proto *ret)
{
    int i = find(word, proto_names, PROTOS);
    if (i < 0)
        return 1;
    *ret = (enum proto)i;
    return 0;
}

int kind_parse(const char *word, enum kind *ret)
{
    int i = find(word, kind_names, KINDS);
    if (i < 0)
        return 1;
    *ret = (enum kind)i;
    return 0;
}

/* A decimal number up to max; moves *at past it. */
static int parse_number(const char **at, unsigned long max, unsigned *ret)
{
    if (**at < '0' || **at > '9')
        return 1;
    char *end;
    errno = 0;
    unsigned long v = strtoul(*at, &end, 10);
    if (errno || v > max)
        return 1;
    *at = end;
    *ret = (unsigned)v;
    return 0;
}

int service_parse(const char *text, enum proto *ret_proto, uint16_t *ret_port)
{
    enum proto proto = PROTO_TCP;
    unsigned port, code;
    const char *at = text;
    if (parse_number(&at, UINT16_MAX, &port))
        return 1;
    if (*at == '/' && at[1] >= '0' && at[1] <= '9') {
        at++;
        if (port > 255 || parse_number(&at, 255, &code) || *at != '/' ||
            proto_parse(at + 1, &proto) || (proto != PROTO_ICMP && proto != PROTO_ICMP6))
            return 1;
        port = port * 256 + code;
    } else if (*at == '/') {
        if (proto_parse(at + 1, &proto))
            return 1;
    } else if (*at) {
        return 1;
    }
    *ret_proto = proto;
    *ret_port = (uint16_t)port;
    return 0;
}
