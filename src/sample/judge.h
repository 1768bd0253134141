#pragma once
/*
 * Whether an address may be connected to: global unicast only, by the registries of RFC 6890 and its successors (IANA's
 * special-purpose address registries of IPv4 and IPv6). An address that holds another one (mapped, translated, 6to4, Teredo,
 * ISATAP) is judged by that one, too.
 */
#include "base/addr.h"

enum judge {
    JUDGE_GLOBAL, /* may be dialled */
    JUDGE_THIS_NETWORK,
    JUDGE_PRIVATE,
    JUDGE_SHARED,
    JUDGE_LOOPBACK,
    JUDGE_LINK_LOCAL,
    JUDGE_PROTOCOL,      /* IETF protocol assignments */
    JUDGE_DOCUMENTATION,
    JUDGE_RELAY,         /* of 6to4, AS112, AMT */
    JUDGE_BENCHMARK,
    JUDGE_MULTICAST,
    JUDGE_RESERVED,
    JUDGE_BROADCAST,
    JUDGE_UNSPECIFIED,
    JUDGE_UNIQUE_LOCAL,
    JUDGE_DISCARD,
    JUDGE_SITE_LOCAL,
    JUDGE_NOT_GLOBAL,    /* of IPv6: outside of 2000::/3 */
    JUDGE_TRANSLATED,    /* holds an IPv4 address that may not be dialled, or holds one in a way that nobody routes */
    JUDGE_DENIED,        /* the operator says so */
    JUDGE_WAYS,
};
const char *judge_name(enum judge j); /* "private" */

/* deny may be NULL. */
enum judge judge_address(const struct addr *a, const struct prefix_list *deny);
/* The same, of what the operator denies too, but for addresses of a list: where a test's own servers are. */
enum judge judge_address_but(const struct addr *a, const struct prefix_list *deny, const struct prefix_list *allowed);
